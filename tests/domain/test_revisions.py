"""Base data is revised by a version from a day on; what happened before reads the one before."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.changes import KnownOtherwise, NeverChanges, VersionExists
from domain.dealer import Dealer
from domain.dealer_account import DealerAccount
from domain.errors import (
    AlreadyExists,
    FutureDate,
    InvalidValue,
    NotFound,
    OutOfWarranty,
    PartNotServiceable,
    UserMissing,
    WrongCurrency,
)
from domain.machine import Machine, MachineCard
from domain.part import CatalogueEntry, Part, PartClass
from domain.parts_sale import PartsSale
from domain.place import Place, PlaceEntry, PlaceKind
from domain.supplier import Supplier, SupplierTerms
from domain.use_cases import base_data, claiming, revising, selling
from domain.use_cases.selling import WantedLine
from domain.values import FIRST_DAY
from domain.warranty_claim import WarrantyClaim
from tests.domain.claim_steps import decision
from tests.domain.desk import BOB, TODAY, Desk, UseCase, d, kinds, on, only
from tests.domain.givens import MAIN, NORTH, PUMP, form, maker, sold, stocked_maker
from tests.small_maker import terms

PUMP_ENTRY = CatalogueEntry(PUMP, PartClass.STANDARD, serviceable=True, restricted=False)
SUPPLIER = SupplierTerms("长沙液压", "CNY", "", 60)
# Of each kind: what revises it, its number, what is said of it, and what changes.
KINDS: list[Any] = [
    (revising.revise_part, Part, {"number": PUMP}, "entry", PUMP_ENTRY, {"serviceable": False}),
    (revising.revise_place, Place, {"code": NORTH}, "entry",
     PlaceEntry(NORTH, PlaceKind.WAREHOUSE), {"description": "北库"}),
    (revising.revise_dealer, Dealer, {"code": "D02"}, "terms", terms(), {"payment_days": 45}),
    (revising.revise_machine, Machine, {"serial": "S1"}, "card",
     MachineCard("ZY16", "D01", d(1, 1), "U1"), {"user": "U7"}),
    (revising.revise_supplier, Supplier, {"code": "SUP1"}, "terms", SUPPLIER,
     {"payment_days": 30}),
]  # fmt: skip
EACH_KIND = pytest.mark.parametrize(
    ("use_case", "kind", "number", "field", "known", "change"), KINDS,
    ids=[kind.__name__ for _, kind, *_ in KINDS],
)  # fmt: skip


def opened() -> Desk:
    desk = maker()
    desk.do(base_data.register_supplier, code="SUP1", terms=SUPPLIER)
    return desk


@EACH_KIND
def test_a_version_holds_from_its_day_on_and_the_first_one_before_it(
    use_case: UseCase, kind: Any, number: dict[str, str], field: str, known: Any, change: Any
) -> None:
    desk = opened()
    given = known._replace(**change)

    facts = desk.do(
        use_case, **number, **{field: given}, effective_from=d(7, 5), because="as agreed"
    )

    assert kinds(facts) == [f"{kind.__name__}.Revised"]
    [key] = number.values()
    versions = desk.the(kind, key).versions
    assert [tuple(version) for version in versions] == [
        (FIRST_DAY, known, 1), (d(7, 5), given, 2),
    ]  # fmt: skip
    assert versions.newest == given
    assert [versions.known_on(day).value for day in (date(1980, 1, 1), d(7, 4), d(7, 5))] == [
        known, known, given,
    ]  # fmt: skip


@EACH_KIND
def test_a_day_has_one_version_and_what_differs_is_said_field_by_field(
    use_case: UseCase, kind: Any, number: dict[str, str], field: str, known: Any, change: Any
) -> None:
    desk = opened()
    given = known._replace(**change)
    fields = {**number, "because": "as agreed"}

    told = desk.refused(VersionExists, use_case, **fields, **{field: given},
                        effective_from=FIRST_DAY)  # fmt: skip
    desk.do(use_case, **fields, **{field: known}, effective_from=FIRST_DAY)  # The control.

    [changed] = change
    assert told["changed"] == changed
    assert told["known"].startswith(changed)
    assert told["given"].startswith(changed)
    assert told["known"] != told["given"]
    [key] = number.values()
    assert [version.number for version in desk.the(kind, key).versions] == [1]


@EACH_KIND
def test_what_is_not_known_is_registered_only_where_that_is_asked_for(
    use_case: UseCase, kind: Any, number: dict[str, str], field: str, known: Any, change: Any
) -> None:
    desk = opened()
    [name] = number
    new = {name: "NEW-1", field: known, "effective_from": d(7, 5)}

    desk.refused(NotFound, use_case, **new)
    desk.do(use_case, **new, allow_missing=True)

    assert [tuple(v) for v in desk.the(kind, "NEW-1").versions] == [(d(7, 5), known, 1)]


@EACH_KIND
def test_what_is_known_is_revised_whether_it_might_have_been_missing_or_not(
    use_case: UseCase, kind: Any, number: dict[str, str], field: str, known: Any, change: Any
) -> None:
    desk = opened()
    given = {field: known._replace(**change), "effective_from": d(7, 5)}

    facts = desk.do(use_case, **number, **given, because="as agreed", allow_missing=True)

    assert kinds(facts) == [f"{kind.__name__}.Revised"]


@EACH_KIND
def test_nothing_holds_from_a_day_that_has_not_come(
    use_case: UseCase, kind: Any, number: dict[str, str], field: str, known: Any, change: Any
) -> None:
    desk = opened()
    tomorrow = {**number, field: known, "effective_from": date(2026, 1, 1)}

    desk.refused(FutureDate, use_case, **tomorrow)
    desk.do(use_case, **tomorrow | {"effective_from": TODAY})  # The control.


@pytest.mark.parametrize(
    ("use_case", "fields", "what", "changed"),
    [
        (revising.revise_dealer, {"code": "D01", "terms": terms("USD")}, "dealer D01", "currency"),
        (revising.revise_place, {"code": MAIN, "entry": PlaceEntry("", PlaceKind.CUSTODY)},
         f"place {MAIN}", "kind"),
        (revising.revise_machine,
         {"serial": "S1", "card": MachineCard("ZY35", "D01", d(1, 1), "U1")},
         "machine S1", "model"),
        (revising.revise_supplier, {"code": "SUP1", "terms": SUPPLIER._replace(currency="EUR")},
         "supplier SUP1", "currency"),
    ],
)  # fmt: skip
def test_what_documents_rest_on_never_changes(
    use_case: UseCase, fields: dict[str, Any], what: str, changed: str
) -> None:
    told = opened().refused(NeverChanges, use_case, **fields, effective_from=d(7, 5))

    assert (told["what"], told["changed"]) == (what, changed)


def test_a_sale_is_due_by_the_terms_of_its_day_and_pins_their_version() -> None:
    desk = stocked_maker()
    desk.do(
        revising.revise_dealer, code="D01", terms=terms(payment_days=45), effective_from=d(7, 15)
    )

    found = {}
    for day in (14, 15):
        sale = only(sold(desk, 1, f"SA{day}", on(7, day)), PartsSale.Sold)
        found[day] = (sale.due_on, sale.dealer_version)

    assert found == {14: (d(8, 13), 1), 15: (d(8, 29), 2)}


def test_the_tax_of_a_claim_is_the_dealers_own_rate_on_the_day_of_the_decision() -> None:
    desk = maker()
    own = terms(claims_vat_rate=Decimal("0.03"))
    desk.do(revising.revise_dealer, code="D01", terms=own, effective_from=d(7, 14))
    taxes = []
    for number, failed, decided in (("C1", 10, 13), ("C2", 9, 14)):
        claim = form(failed_on=d(7, failed))
        desk.do(claiming.submit_claim, number=number, occurrence=on(7, 12), form=claim)
        desk.do(
            claiming.adjudicate_claim, actor=BOB, number=number, occurrence=on(7, decided),
            decisions=(decision(1, 2000), decision(2, 500)),
        )  # fmt: skip
        taxes.append(desk.the(DealerAccount, "D01").months["2025-07"].claims_tax_minor)

    assert taxes == [325, 325 + 75]  # 13 % of 25.00, and 3 %.


def test_a_part_is_sold_by_the_catalogue_of_the_day() -> None:
    desk = stocked_maker()
    withdrawn = PUMP_ENTRY._replace(serviceable=False)
    desk.do(revising.revise_part, number=PUMP, entry=withdrawn, effective_from=d(7, 15))

    desk.refused(
        PartNotServiceable, selling.sell_parts, number="SA1", occurrence=on(7, 15), dealer="D01",
        from_place=MAIN, lines=(WantedLine(PUMP, 1),),
    )  # fmt: skip
    sold(desk, 1, "SA1", on(7, 14))  # Entered later, of the day before.


CLAIM: dict[str, Any] = {"number": "C1", "form": form(machine="S3", user="U3")}


def revised_machine(desk: Desk, serial: str, card: MachineCard, **more: Any) -> None:
    desk.do(revising.revise_machine, serial=serial, card=card, **more)


def test_the_user_of_a_machine_may_come_later() -> None:
    desk = maker()
    desk.refused(UserMissing, claiming.submit_claim, **CLAIM, occurrence=on(7, 12))

    card = MachineCard("ZY16", "D01", d(1, 1), "U3")
    revised_machine(desk, "S3", card, effective_from=d(7, 12))

    desk.refused(UserMissing, claiming.submit_claim, **CLAIM, occurrence=on(7, 11))
    desk.do(claiming.submit_claim, **CLAIM, occurrence=on(7, 12))
    assert desk.the(WarrantyClaim, "C1").user == "U3"


def test_what_is_corrected_of_a_machine_needs_a_reason() -> None:
    desk = maker()
    wrong: dict[str, Any] = {"serial": "S1", "effective_from": d(7, 1)}
    card = MachineCard("ZY16", "D01", d(1, 1), "U1")
    changed = card
    corrections: list[dict[str, Any]] = [
        {"sold_on": d(2, 1)}, {"dealer": "D02"}, {"user": "U9"}, {"user": ""},
    ]  # fmt: skip
    for change in corrections:
        changed = card._replace(**change)
        told = desk.refused(InvalidValue, revising.revise_machine, **wrong, card=changed)
        assert told["field"] == "because"
        assert next(iter(change)) in told["rule"]

    revised_machine(desk, **wrong, card=changed, because="sold to nobody yet")  # The control.


def test_the_term_of_a_warranty_begins_with_the_day_of_sale_as_corrected() -> None:
    desk = maker()
    card = MachineCard("ZY16", "D01", date(2023, 7, 9), "U1")
    revised_machine(desk, "S1", card, effective_from=d(7, 13), because="invoice ZY-77")
    claim: dict[str, Any] = {"number": "C1", "form": form()}

    desk.refused(OutOfWarranty, claiming.submit_claim, **claim, occurrence=on(7, 13))
    desk.do(claiming.submit_claim, **claim, occurrence=on(7, 12))  # By the card of its day.


def test_a_machine_is_revised_to_a_dealer_and_a_day_that_exist() -> None:
    desk = maker()
    change: dict[str, Any] = {
        "serial": "S1", "effective_from": d(7, 1), "because": "moved",
    }  # fmt: skip
    card = MachineCard("ZY16", "D01", d(1, 1), "U1")

    desk.refused(NotFound, revising.revise_machine, **change, card=card._replace(dealer="D09"))
    late = card._replace(sold_on=date(2026, 1, 1))
    desk.refused(FutureDate, revising.revise_machine, **change, card=late)


def test_no_dealer_is_above_itself() -> None:
    desk = maker()
    told = desk.refused(
        InvalidValue, revising.revise_dealer, code="D01", terms=terms(parent="D01"),
        effective_from=d(7, 1),
    )  # fmt: skip
    assert told["field"] == "parent"
    desk.do(revising.revise_dealer, code="D01", terms=terms(parent="D02"), effective_from=d(7, 1))


def test_a_supplier_is_paid_in_the_currency_of_the_book() -> None:
    euros = SUPPLIER._replace(currency="EUR")
    desk = opened()

    desk.refused(WrongCurrency, base_data.register_supplier, code="SUP2", terms=euros)
    desk.do(base_data.register_supplier, code="SUP2", terms=SUPPLIER)


def test_a_number_that_is_taken_says_what_is_known_of_it_otherwise() -> None:
    desk = maker()
    changed = terms(payment_days=45)._replace(level="B")

    told = desk.refused(KnownOtherwise, base_data.register_dealer, code="D01", terms=changed)
    assert told == {
        "kind": "Dealer", "key": "D01", "changed": "level, payment_days",
        "known": "level A, payment_days 30", "given": "level B, payment_days 45",
    }  # fmt: skip
    told = desk.refused(AlreadyExists, base_data.register_dealer, code="D01", terms=terms())
    assert told == {"kind": "Dealer", "key": "D01"}


def test_a_rate_opens_a_list_only_under_a_number_that_says_what_it_is() -> None:
    desk = maker()
    rate: dict[str, Any] = {
        "effective_from": d(1, 1), "vat_rate": Decimal("0.09"), "allow_missing": True,
    }  # fmt: skip

    for number in ("summer-CNY", "guide-XXX", "guide"):
        told = desk.refused(InvalidValue, base_data.change_vat_rate, number=number, **rate)
        assert told["field"] == "name"
    desk.refused(NotFound, base_data.change_vat_rate, number="guide-CNY",
                 **rate | {"allow_missing": False})  # fmt: skip
    facts = desk.do(base_data.change_vat_rate, number="guide-CNY", **rate)

    assert kinds(facts) == ["PriceList.Opened"]
    facts = desk.do(
        base_data.change_vat_rate, number="guide-CNY", **rate | {"effective_from": d(2, 1)}
    )
    assert kinds(facts) == ["PriceList.VatRateChanged"]
