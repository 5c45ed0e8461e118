"""Every field that can be wrong is refused by its own name, and nothing is recorded."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from domain.errors import InvalidValue
from domain.ledger import Ledger
from server.api.resources import RESOURCES

CNY_1 = {"currency_code": "CNY", "units": "1"}
DAY = {"year": 2025, "month": 7, "day": 1}
W01, P1, D01 = "books/main/places/W01", "books/main/parts/P-1", "books/main/dealers/D01"

# A request that is in order, and for each field that is then spoilt its path and a bad value.
GOOD: dict[str, dict[str, Any]] = {
    "create_part": {"parent": "books/main", "part_id": "P-2", "part": {
        "description": "pump", "part_class": "PART_CLASS_WEAR"}},
    "create_place": {"parent": "books/main", "place_id": "W9", "place": {
        "description": "x", "kind": "PLACE_KIND_WAREHOUSE"}},
    "create_price_list": {"parent": "books/main", "price_list": {
        "kind": "PRICE_LIST_KIND_GUIDE", "currency": "CNY", "vat_rate": {"value": "0.13"}}},
    "change_vat_rate": {"name": "books/main/priceLists/settlement-CNY", "version": {
        "effective_from": DAY, "vat_rate": {"value": "0.09"}}},
    "set_price": {"name": "books/main/priceLists/settlement-CNY/prices/P-1", "version": {
        "effective_from": DAY, "unit_price": CNY_1}},
    "create_dealer": {"parent": "books/main", "dealer_id": "D9", "dealer": {
        "title": "T", "currency": "CNY", "payment_days": 30}},
    "create_machine": {"parent": "books/main", "machine_id": "S-9", "machine": {
        "model": "ZY16", "dealer": D01, "sold_on": DAY}},
    "set_policy": {"name": "books/main/policies/ZY35", "version": {
        "effective_from": DAY, "term_months": 24, "submission_days": 30, "currency": "CNY"}},
    "set_exchange_rate": {"name": "books/main/exchangeRates/USD-CNY", "version": {
        "effective_from": DAY, "rate": {"value": "7.1586"}, "source": "PBOC"}},
    "create_purchase": {"parent": "books/main", "purchase_id": "B-9",
        "occurrence": {"occurred_on": DAY}, "purchase": {
            "supplier": "S01", "to_place": W01,
            "lines": [{"part": P1, "quantity": "1", "unit_cost": CNY_1}]}},
    "create_sale": {"parent": "books/main", "sale_id": "S-9", "occurrence": {"occurred_on": DAY},
        "sale": {"dealer": D01, "from_place": W01, "lines": [{"part": P1, "quantity": "1"}]}},
    "create_transfer": {"parent": "books/main", "transfer_id": "T-9",
        "occurrence": {"occurred_on": DAY}, "transfer": {
            "from_place": W01, "to_place": "books/main/places/W02",
            "lines": [{"part": P1, "quantity": "1"}]}},
    "create_claim": {"parent": "books/main", "claim_id": "C-9", "occurrence": {"occurred_on": DAY},
        "claim": {"dealer": D01, "machine": "books/main/machines/S-1", "user": "U-1",
            "failed_on": DAY, "causal_part": P1, "fault_code": "F-1", "pre_inspection": "PI",
            "work_order": "WO", "settlement_sheet": "SS", "items": [
                {"kind": "CLAIM_ITEM_KIND_LABOUR", "inspected": CNY_1, "ordered": CNY_1,
                 "claimed": CNY_1}]}},
    "revise_dealer": {"dealer": {"name": D01, "title": "大连", "currency": "CNY"},
        "effective_from": DAY, "because": "agreed"},
    "revise_machine": {"machine": {"name": "books/main/machines/S-1", "model": "ZY16",
        "dealer": D01, "sold_on": DAY}, "effective_from": DAY, "because": "agreed"},
    "revise_place": {"place": {"name": "books/main/places/W01", "description": "库",
        "kind": "PLACE_KIND_WAREHOUSE"}, "effective_from": DAY, "because": "agreed"},
    "revise_supplier": {"supplier": {"name": "books/main/suppliers/S01", "title": "长沙",
        "currency": "CNY"}, "effective_from": DAY, "because": "agreed"},
    "create_payout": {"parent": "books/main", "payout_id": "O-9",
        "occurrence": {"occurred_on": DAY}, "payout": {"dealer": D01, "amount": CNY_1},
        "allocations": [{"item": "payments/M-1", "amount": CNY_1}]},
    "create_payment": {"parent": "books/main", "payment_id": "M-9",
        "occurrence": {"occurred_on": DAY}, "payment": {"dealer": D01, "amount": CNY_1},
        "allocations": [{"item": "sales/S-1", "amount": CNY_1}] * 10_000},
}  # fmt: skip

BAD: list[tuple[str, str, Any]] = [
    ("create_part", "parent", ""),
    ("create_part", "parent", "books/main/parts"),
    ("create_part", "part_id", ""),
    ("create_part", "part_id", "P  2"),
    ("create_part", "part_id", "P" * 64),
    ("create_part", "part.description", ""),
    ("create_part", "part.description", "a\u0000b"),
    ("create_part", "part.description", "泵" * 501),
    ("create_part", "part.part_class", 0),
    ("create_part", "part.part_class", 99),
    ("create_place", "place_id", "@in-transit"),
    ("create_place", "place.kind", 0),
    ("create_price_list", "price_list.kind", 0),
    ("create_price_list", "price_list.currency", "cny"),
    ("create_price_list", "price_list.vat_rate", {"value": "13 %"}),
    ("create_price_list", "price_list.effective_from", {"year": 1989, "month": 12, "day": 31}),
    ("change_vat_rate", "name", "books/main/priceLists"),
    ("change_vat_rate", "version.effective_from", {}),
    ("change_vat_rate", "version.vat_rate", {"value": "1.5"}),
    ("set_price", "name", "books/main/prices/P-1"),
    ("set_price", "version.unit_price", {"currency_code": "CNY"}),
    ("set_price", "version.unit_price.nanos", 1_000_000),
    ("set_price", "version.effective_from", {"year": 2025}),
    ("set_exchange_rate", "name", "books/main/exchangeRates/USD"),
    ("set_exchange_rate", "name", "books/main/exchangeRates/XAU-CNY"),
    ("set_exchange_rate", "version.rate", {"value": "7.12345678901"}),
    ("set_exchange_rate", "version.rate", {"value": "0"}),
    ("set_exchange_rate", "version.rate", {"value": "-7.1"}),
    ("set_exchange_rate", "version.rate", {"value": "7,1"}),
    ("set_exchange_rate", "version.rate", {"value": "2000000000"}),
    ("set_exchange_rate", "version.source", ""),
    ("set_exchange_rate", "version.effective_from", {"year": 2025, "month": 2, "day": 30}),
    ("set_policy", "version.currency", "RMB"),
    ("create_dealer", "dealer.title", " "),
    ("create_dealer", "dealer.currency", "XXX"),
    ("create_dealer", "dealer.payment_days", -1),
    ("create_dealer", "dealer.payment_days", 366),
    ("create_dealer", "dealer.parent_dealer", "D01"),
    ("create_dealer", "dealer.claims_vat_rate", {"value": "3 %"}),
    ("create_machine", "machine.model", ""),
    ("create_machine", "machine.dealer", ""),
    ("create_machine", "machine.sold_on", {"year": 2025, "month": 2, "day": 30}),
    ("set_policy", "version.term_months", 0),
    ("set_policy", "version.term_months", 241),
    ("set_policy", "version.submission_days", 0),
    ("set_policy", "version.return_days", -1),
    ("set_policy", "version.tolerance_minor", "-1"),
    ("set_policy", "version.handling_rate", {"value": "1.5"}),
    ("create_purchase", "occurrence.occurred_on", {}),
    ("create_purchase", "purchase.supplier", ""),
    ("create_purchase", "purchase.to_place", "books/other/places/W01"),
    ("create_purchase", "purchase.lines", []),
    ("create_purchase", "purchase.lines", [{"part": P1, "quantity": "1"}] * 201),
    ("create_purchase", "purchase.lines[0].quantity", "0"),
    ("create_purchase", "purchase.lines[0].quantity", "-3"),
    ("create_purchase", "purchase.lines[0].quantity", "1000001"),
    ("create_purchase", "purchase.lines[0].part", "P-1"),
    ("create_purchase", "purchase.lines[0].unit_cost", {"currency_code": "CNY", "units": "-1"}),
    ("create_purchase", "purchase.lines[0].unit_cost.nanos", 1_000_000_000),
    ("create_purchase", "purchase.lines[0].unit_cost", {"currency_code": "CNY", "nanos": -1}),
    (
        "create_purchase",
        "purchase.lines[0].unit_cost",
        {"currency_code": "CNY", "units": "100000001"},
    ),
    ("create_purchase", "purchase.lines[0].amount", {"currency_code": "CNY", "units": "-1"}),
    ("create_purchase", "purchase.lines[0].amount", {"currency_code": "CNY", "units": "2"}),
    ("create_purchase", "purchase.lines[0].amount", {"currency_code": "USD", "units": "1"}),
    (
        "create_purchase",
        "purchase.lines[0].amount",
        {"currency_code": "CNY", "units": "1", "nanos": 5_000_000},
    ),
    ("create_purchase", "purchase.lines", [{"part": P1, "quantity": "1"}]),
    ("create_purchase", "purchase.lines[0].serial", "S\n1"),
    (
        "create_purchase",
        "purchase.lines",
        [{"part": P1, "quantity": "2", "unit_cost": CNY_1, "serial": "S1"}],
    ),
    ("create_sale", "sale.dealer", "books/main/dealers/"),
    ("create_sale", "sale.lines", []),
    ("create_sale", "sale.lines[0].quantity", "9223372036854775807"),
    ("create_transfer", "transfer.to_place", ""),
    ("create_transfer", "transfer.lines[0].quantity", "0"),
    ("create_claim", "claim.items", []),
    ("create_claim", "claim.machine", ""),
    ("create_claim", "claim.failed_on", {}),
    ("create_claim", "claim.fault_code", ""),
    ("create_claim", "claim.work_order", ""),
    ("create_claim", "claim.items[0].kind", 0),
    ("create_claim", "claim.items[0].part", P1),
    ("create_claim", "claim.items[0].quantity", "1"),
    ("create_claim", "claim.items[0].claimed", {"currency_code": "CNY"}),
    ("create_claim", "claim.items[0].ordered", {"currency_code": "CNY", "units": "-1"}),
    ("create_payment", "payment.amount", {"currency_code": "CNY"}),
    ("create_payment", "allocations", [{"item": "sales/S-1", "amount": CNY_1}] * 10_001),
    ("create_payment", "allocations[0].item", ""),
    ("revise_dealer", "dealer.name", "D01"),
    ("revise_dealer", "dealer.title", ""),
    ("revise_dealer", "dealer.payment_days", 366),
    ("revise_dealer", "effective_from", {"year": 2025, "month": 2, "day": 30}),
    ("revise_dealer", "because", "x" * 501),
    ("revise_machine", "machine.name", "S-1"),
    ("revise_machine", "machine.model", ""),
    ("revise_place", "place.kind", "PLACE_KIND_UNSPECIFIED"),
    ("revise_supplier", "supplier.title", ""),
    ("revise_supplier", "supplier.currency", "XXX"),
    ("create_payout", "payout_id", "O 9"),
    ("create_payout", "payout.amount", {"currency_code": "CNY"}),
    ("create_payout", "allocations", [{"item": "payments/M-1", "amount": CNY_1}] * 2),
    ("create_payout", "allocations[0].item", ""),
    ("create_payment", "allocations[0].amount", {"currency_code": "CNY"}),
]


@pytest.mark.parametrize("command", GOOD)
def test_the_request_beside_the_bad_ones_is_in_order(
    command: str, request_of: Callable[..., Any]
) -> None:
    request = request_of(command, **GOOD[command])

    assert RESOURCES.mutations[type(request)].decode(request).book == "main"


@pytest.mark.parametrize(
    ("command", "path", "value"), BAD, ids=[f"{c}-{p}-{str(v)[:20]}" for c, p, v in BAD]
)
def test_a_bad_value_is_refused_by_its_field(
    command: str, path: str, value: Any, request_of: Callable[..., Any]
) -> None:
    request = request_of(command, **_with(GOOD[command], path, value))
    with pytest.raises(InvalidValue) as refusal:
        RESOURCES.mutations[type(request)].decode(request)

    assert refusal.value.facts["field"].startswith(path)
    assert refusal.value.facts["rule"]


def test_what_is_refused_leaves_no_trace(run: Callable[..., Any], empty_ledger: Ledger) -> None:
    def recorded() -> int:
        return empty_ledger.recorder.max_notification_id() or 0

    before = recorded()
    for command, path, value in BAD:
        with pytest.raises(InvalidValue):
            run(command, **_with(GOOD[command], path, value))
    assert recorded() == before

    run("create_part", **GOOD["create_part"])
    assert recorded() == before + 1  # The control: what is taken does leave one.


def _with(good: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy of a request with the field at a path, as `a.b[0].c`, set to another value."""
    changed = deepcopy(good)
    *way, last = path.replace("[0]", ".0").split(".")
    place: Any = changed
    for step in way:
        place = place[0] if step == "0" else place.setdefault(step, {})
    place[last] = value
    return changed
