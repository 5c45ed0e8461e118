"""VAT through the API's own requests: rates in versions, and what documents took of them.

The settlement list has 13 % from the beginning and 9 % from September on.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from google.type.date_pb2 import Date

from domain.changes import VersionExists
from domain.errors import InvalidValue, OverMemo
from server.api.conversions import money
from tests import on_the_wire
from tests.on_the_wire import cny, day
from tests.server.api import documents

Run = Callable[..., Any]

LIST = "books/main/priceLists/settlement-CNY"
JULY = "books/main/dealers/D01/settlements/2025-07"


def on(month: int, number: int) -> dict[str, Any]:
    return on_the_wire.on(date(2025, month, number))


AUGUST = on(8, 1)


def rates(price_list: Any) -> list[tuple[int, str, int]]:
    """The year and the rate of each version, and its number."""
    return [(v.effective_from.year, v.vat_rate.value, v.number) for v in price_list.vat_rates]


def changed(run: Run, first_day: str, rate: str) -> Any:
    version = {"effective_from": day(first_day), "vat_rate": {"value": rate}}
    return run("change_vat_rate", name=LIST, version=version).price_list


def test_a_list_shows_every_version_of_its_rate_and_the_last_one_by_itself(run: Run) -> None:
    price_list = changed(run, "2024-05-01", "0.16")

    assert price_list.name == LIST
    assert rates(price_list) == [(1990, "0.13", 1), (2024, "0.16", 3), (2025, "0.09", 2)]
    assert price_list.vat_rate.value == "0.09"
    assert price_list.effective_from == Date(year=2025, month=9, day=1)


def test_another_rate_for_the_same_day_is_refused_and_the_same_one_is_not(run: Run) -> None:
    with pytest.raises(VersionExists, match=r"vat_rate was 0\.09, is now 0\.1\."):
        changed(run, "2025-09-01", "0.1")

    assert len(rates(changed(run, "2025-09-01", "0.09"))) == 2


def test_a_list_may_say_from_when_its_first_rate_counts(run: Run) -> None:
    first = {"kind": "PRICE_LIST_KIND_SETTLEMENT", "currency": "USD", "vat_rate": {"value": "0"}}
    opened = {**first, "effective_from": day("2020-01-01")}
    price_list = run("create_price_list", parent="books/main", price_list=opened).price_list

    assert rates(price_list) == [(2020, "0", 1)]


def test_a_sale_line_names_what_decided_its_price_and_its_tax(run: Run) -> None:
    sold = documents.sale("books/main", "S-1", "2025-09-10", "P-1", 3)
    [line] = run("create_sale", parent="books/main", **sold).sale.lines
    price = run(
        "set_price",
        name=f"{LIST}/prices/P-1",
        version={"effective_from": day("2025-10-01"), "unit_price": cny(30)},
    ).price

    assert (line.price_list, line.price_version, line.price_list_version) == (LIST, 1, 2)
    assert (line.vat_rate.value, money.amount(line.tax, "").minor) == ("0.09", 540)
    numbered = {version.number: version.unit_price for version in price.versions}
    assert numbered[line.price_version] == line.unit_price


@pytest.mark.parametrize(("dealer", "rate"), [("D01", ""), ("D02", "0.03")])
def test_a_dealer_shows_the_rate_of_its_claims_where_it_has_one(
    run: Run, dealer: str, rate: str
) -> None:
    own = {"claims_vat_rate": {"value": rate}} if rate else {}
    shown = run(
        "create_dealer", parent="books/main", dealer_id=f"{dealer}-B",
        dealer={"title": "T", "currency": "CNY", "payment_days": 30, **own},
    ).dealer  # fmt: skip

    assert shown.HasField("claims_vat_rate") == bool(rate)
    assert shown.claims_vat_rate.value == rate


def test_a_claim_shows_the_rate_from_its_decision_and_the_tax_from_its_credit(run: Run) -> None:
    form = documents.claim("books/main")
    claim = run(
        "create_claim", parent="books/main", claim_id="C-1", occurrence=on(7, 12), claim=form
    ).claim
    assert not claim.HasField("vat_rate")
    decisions = [
        {"item": number, "approved": item["claimed"]}
        for number, item in enumerate(form["items"], start=1)
    ]
    claim = run(
        "adjudicate_claim", actor="bob", name=claim.name, occurrence=on(7, 13), decisions=decisions
    ).claim

    assert claim.vat_rate.value == "0.13"
    assert not claim.HasField("tax"), "the part has to come back first"


def test_a_settlement_shows_what_is_to_be_invoiced_and_asks_for_the_number(run: Run) -> None:
    sold = documents.sale("books/main", "S-1", "2025-07-10", "P-1", 3)
    run("create_sale", parent="books/main", **sold)
    issued = run(
        "issue_statement", parent="books/main/dealers/D01", month="2025-07", occurrence=AUGUST
    ).settlement
    assert [money.amount(amount, "").minor for amount in (
        issued.sales_tax, issued.claims, issued.claims_tax
    )] == [780, 0, 0]  # fmt: skip
    run("review_statement", actor="bob", name=JULY, occurrence=AUGUST)
    line = issued.first_version
    run("dispute_line", name=JULY, occurrence=AUGUST, line_version=line, because="price")
    memo = {"name": JULY, "occurrence": AUGUST, "line_version": line, "because": "agreed"}
    with pytest.raises(OverMemo):
        run("resolve_dispute", actor="bob", memo=cny(-68), **memo)
    run("resolve_dispute", actor="bob", memo=cny(-10), **memo)
    run("confirm_statement", name=JULY, occurrence=AUGUST, content_hash=issued.content_hash)

    with pytest.raises(InvalidValue) as refusal:
        run("invoice_settlement", name=JULY, occurrence=on(8, 2))
    assert refusal.value.facts["field"] == "sales_invoice"
    run("invoice_settlement", name=JULY, occurrence=on(8, 2), sales_invoice="I-1")
