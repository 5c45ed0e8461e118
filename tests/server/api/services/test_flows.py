"""The four flows through the API's own requests: what goes in comes out, as the ledger has it."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from google.type.date_pb2 import Date

from domain.errors import DomainError, InvalidValue, NotFound, WrongCurrency
from domain.facts import Fact
from domain.ledger import Ledger
from domain.warranty_claim import WarrantyClaim
from partsledger.v1 import (
    claim_service_pb2,
    part_service_pb2,
    return_service_pb2,
    settlement_service_pb2,
    transfer_service_pb2,
)
from server.api.conversions import money
from server.api.conversions.book import ShownBook
from server.api.conversions.claims import claim_message
from tests import on_the_wire
from tests.on_the_wire import cny, day, usd
from tests.server.api import documents

Run = Callable[..., Any]

P1, W01, W02, R01, D01 = (
    f"books/main/{name}"
    for name in ("parts/P-1", "places/W01", "places/W02", "places/R01", "dealers/D01")
)
TRANSFER, CLAIM, RETURN = (
    f"books/main/{k}" for k in ("transfers/T-1", "claims/C-1", "returns/R-1")
)
JULY = f"{D01}/settlements/2025-07"
FORM = documents.claim("books/main")


def on(day: int, month: int = 7) -> dict[str, Any]:
    return on_the_wire.on(date(2025, month, day))


def sell(run: Run, quantity: int = 3) -> Any:
    sold = documents.sale("books/main", "S-1", "2025-07-10", "P-1", quantity)
    return run("create_sale", parent="books/main", **sold).sale


def request_transfer(run: Run, quantity: int = 6) -> Any:
    asked = documents.transfer("books/main", "T-1", "2025-07-02", "P-1", quantity)
    return run("create_transfer", parent="books/main", **asked).transfer


def test_a_part_says_what_it_was_given_and_when_it_was_changed(run: Run) -> None:
    revised = {"name": P1, "description": "pump", "part_class": "PART_CLASS_WEAR"}
    part = run("revise_part", part=revised, etag="1", effective_from=day("2025-01-01")).part

    assert (part.name, part.etag, part.description) == (P1, "2", "pump")
    assert part.part_class == part_service_pb2.PART_CLASS_WEAR
    assert not part.serviceable
    assert part.create_time.ToDatetime() < part.update_time.ToDatetime()


def test_a_dealer_shows_its_last_version_on_top_and_every_one_below(run: Run) -> None:
    agreed = {"title": "大连", "currency": "CNY", "payment_days": 45}
    revised = run(
        "revise_dealer", dealer={"name": D01, **agreed}, effective_from=day("2025-03-01")
    ).dealer

    assert (revised.name, revised.etag, revised.payment_days) == (D01, "2", 45)
    assert [
        (v.effective_from.year, v.effective_from.month, v.number, v.dealer.payment_days)
        for v in revised.versions
    ] == [(1990, 1, 1, 30), (2025, 3, 2, 45)]
    assert revised.effective_from == revised.versions[-1].effective_from
    assert not revised.versions[-1].dealer.name


def test_a_stale_etag_is_refused(run: Run) -> None:
    with pytest.raises(DomainError) as refusal:
        run("revise_part", etag="7",
            part={"name": P1, "description": "pump", "part_class": "PART_CLASS_WEAR"})  # fmt: skip

    assert refusal.value.reason == "ETAG_MISMATCH"


def test_a_price_keeps_its_versions_in_order(run: Run) -> None:
    name = "books/main/priceLists/settlement-CNY/prices/P-1"
    version = {"effective_from": day("2024-01-01"), "unit_price": cny(18)}
    price = run("set_price", name=name, version=version).price

    assert (price.name, price.part) == (name, P1)
    assert [v.effective_from.year for v in price.versions] == [2024, 2025]
    assert [money.amount(v.unit_price, "").minor for v in price.versions] == [1_800, 1_999]


def test_a_sale_is_invoiced_at_the_price_of_the_day(run: Run) -> None:
    sale = sell(run)

    assert (sale.name, sale.dealer, sale.from_place) == ("books/main/sales/S-1", D01, W01)
    assert sale.sold_on == Date(year=2025, month=7, day=10)
    assert sale.due_on == Date(year=2025, month=8, day=9)
    assert money.amount(sale.net, "") == (5_997, "CNY")
    assert money.amount(sale.tax, "") == (780, "CNY")
    assert sale.lines[0].quantity == 3


def test_a_payment_is_taken_in_the_dealers_currency_only(run: Run) -> None:
    sell(run)
    allocation = {"item": "sales/S-1", "amount": cny(10)}
    paid: dict[str, Any] = {
        "parent": "books/main", "payment_id": "M-1", "occurrence": on(20),
        "payment": {"dealer": D01, "amount": cny(10)}, "allocations": [allocation],
    }  # fmt: skip
    for change in (
        {"payment": {"dealer": D01, "amount": usd(10)}, "allocations": []},
        {"allocations": [{"item": "sales/S-1", "amount": usd(1)}]},
    ):
        with pytest.raises(WrongCurrency):
            run("create_payment", **{**paid, **change})

    payment = run("create_payment", **paid).payment
    assert money.amount(payment.amount, "") == (1_000, "CNY")


def test_a_transfer_tells_where_each_piece_is(run: Run) -> None:
    assert request_transfer(run).state == transfer_service_pb2.TRANSFER_STATE_REQUESTED
    run("approve_transfer", actor="bob", name=TRANSFER, occurrence=on(2))
    run("dispatch_transfer", name=TRANSFER, occurrence=on(3))
    run("receive_transfer", name=TRANSFER, occurrence=on(5),
        lines=[{"part": P1, "quantity": "3"}])  # fmt: skip
    run("record_discrepancy", name=TRANSFER, occurrence=on(6),
        cause="DISCREPANCY_CAUSE_SHORT", line={"part": P1, "quantity": "2"})  # fmt: skip
    transfer = run(
        "resolve_discrepancy", name=TRANSFER, occurrence=on(7), resolution="RESOLUTION_CARRIER",
        carrier="S99", line={"part": P1, "quantity": "1"},
    ).transfer  # fmt: skip

    [line] = transfer.lines
    assert transfer.state == transfer_service_pb2.TRANSFER_STATE_PARTLY_RECEIVED
    assert (line.quantity, line.dispatched_quantity, line.in_transit_quantity) == (6, 6, 1)
    assert (line.received_quantity, line.discrepant_quantity, line.resolved_quantity) == (3, 1, 1)


def test_a_carrier_that_pays_has_to_be_named(run: Run) -> None:
    with pytest.raises(InvalidValue) as refusal:
        run("resolve_discrepancy", name=TRANSFER, occurrence=on(7),
            resolution="RESOLUTION_CARRIER", line={"part": P1, "quantity": "1"})  # fmt: skip

    assert refusal.value.facts["field"] == "carrier"


def test_a_claim_is_credited_when_its_part_has_come_back(run: Run) -> None:
    submitted = run("create_claim", parent="books/main", claim_id="C-1", occurrence=on(12),
                    claim=FORM).claim  # fmt: skip
    assert submitted.state == claim_service_pb2.CLAIM_STATE_SUBMITTED
    assert money.amount(submitted.claimed, "").minor == 2_500
    assert not submitted.HasField("approved")
    assert (submitted.policy, submitted.policy_version) == ("books/main/policies/ZY16", 1)
    pump, labour = submitted.items
    assert (pump.item, labour.item, labour.cause_item) == (1, 2, 1)
    assert (money.amount(pump.unit_price, "").minor, pump.price_version) == (1_999, 1)
    assert money.amount(pump.payable, "").minor == 2_099

    decided = run(
        "adjudicate_claim", actor="bob", name=CLAIM, occurrence=on(13),
        decisions=[{"item": 2, "approved": cny(3), "because": "flat rate"},
                   {"item": 1, "approved": cny(20)}],
    ).claim  # fmt: skip
    assert decided.state == claim_service_pb2.CLAIM_STATE_AWAITING_PARTS
    assert money.amount(decided.approved, "").minor == 2_300
    assert [item.because for item in decided.items] == ["", "flat rate"]
    assert decided.return_due_on == Date(year=2025, month=8, day=12)

    parcel = {"claim": CLAIM, "part": P1, "quantity": "1", "to_place": R01}
    created = run("create_return", parent="books/main", return_id="R-1", occurrence=on(14),
                  parts_return=parcel).parts_return  # fmt: skip
    assert (created.claim, created.sale, created.dealer) == (CLAIM, "", D01)
    assert created.claim_item == 1
    run("ship_return", name=RETURN, occurrence=on(14), waybill="WB-1")
    run("receive_return", name=RETURN, occurrence=on(16))
    run("inspect_return", name=RETURN, occurrence=on(16), finding="FINDING_CONFIRMED")
    gone = run("dispose_return", name=RETURN, occurrence=on(17), disposal="DISPOSAL_SCRAP")
    assert gone.parts_return.state == return_service_pb2.RETURN_STATE_DISPOSED
    assert gone.parts_return.finding == return_service_pb2.FINDING_CONFIRMED

    back = run("charge_back_claim", name=CLAIM, occurrence=on(20), because="audit").claim
    assert back.state == claim_service_pb2.CLAIM_STATE_CHARGED_BACK
    assert back.credited_on == Date(year=2025, month=7, day=16)


def test_what_is_approved_of_a_claim_is_in_the_end_what_is_credited(
    run: Run, empty_ledger: Ledger
) -> None:
    """One of two pieces is refused, and comes again."""
    claim = documents.claim("books/main", quantity=2)
    run("create_claim", parent="books/main", claim_id="C-1", occurrence=on(12), claim=claim)
    run(
        "adjudicate_claim",
        actor="bob",
        name=CLAIM,
        occurrence=on(13),
        decisions=[{"item": n, "approved": cny(units)} for n, units in ((1, 20), (2, 5))],
    )
    for number, finding in (("R-1", "CONFIRMED"), ("R-2", "WRONG_PART"), ("R-3", "CONFIRMED")):
        parcel = {"claim": CLAIM, "claim_item": 1, "part": P1, "quantity": "1", "to_place": R01}
        name = f"books/main/returns/{number}"
        run("create_return", parent="books/main", return_id=number, occurrence=on(16),
            parts_return=parcel)  # fmt: skip
        run("ship_return", name=name, occurrence=on(16))
        run("receive_return", name=name, occurrence=on(16))
        run("inspect_return", name=name, occurrence=on(16), finding=f"FINDING_{finding}")
        shown = claim_message(empty_ledger.get(WarrantyClaim, "C-1"), ShownBook("main", "CNY"))
        if number == "R-2":
            assert shown.state == claim_service_pb2.CLAIM_STATE_CREDITED
            assert money.amount(shown.approved, "").minor == 1_500
            assert [money.amount(item.approved, "").minor for item in shown.items] == [1_000, 500]
            assert money.amount(shown.credited, "").minor == 1_500
    shown = claim_message(empty_ledger.get(WarrantyClaim, "C-1"), ShownBook("main", "CNY"))
    assert money.amount(shown.credited, "").minor == 2_500


def test_the_parts_of_a_claim_are_marked_overdue_over_the_api(run: Run) -> None:
    run("create_claim", parent="books/main", claim_id="C-1", occurrence=on(12), claim=FORM)
    run(
        "adjudicate_claim",
        actor="bob",
        name=CLAIM,
        occurrence=on(13),
        decisions=[{"item": n, "approved": cny(units)} for n, units in ((1, 20), (2, 5))],
    )

    assert run("mark_claim_overdue", name=CLAIM, occurrence=on(13, month=8)).claim.overdue


def test_a_decision_in_another_currency_is_refused(run: Run) -> None:
    run("create_claim", parent="books/main", claim_id="C-1", occurrence=on(12), claim=FORM)
    with pytest.raises(WrongCurrency):
        run("adjudicate_claim", actor="bob", name=CLAIM, occurrence=on(13),
            decisions=[{"item": 1, "approved": usd(20)},
                       {"item": 2, "approved": usd(5)}])  # fmt: skip


def test_a_claim_in_two_currencies_is_refused(run: Run) -> None:
    material, labour = FORM["items"]
    items = [material, {**labour, "claimed": usd(5)}]
    with pytest.raises(WrongCurrency):
        run("create_claim", parent="books/main", claim_id="C-1", occurrence=on(12),
            claim={**FORM, "items": items})  # fmt: skip


def test_a_purchase_in_a_foreign_currency_is_refused(run: Run) -> None:
    purchase = {
        "supplier": "S01", "to_place": W01,
        "lines": [{"part": P1, "quantity": "1", "unit_cost": usd(1)}],
    }  # fmt: skip
    with pytest.raises(WrongCurrency):
        run("create_purchase", parent="books/main", purchase_id="B-2", occurrence=on(1),
            purchase=purchase)  # fmt: skip


def test_an_unknown_claim_is_not_found_whatever_the_currency(run: Run) -> None:
    with pytest.raises(NotFound):
        run(
            "adjudicate_claim",
            name=CLAIM,
            occurrence=on(13),
            decisions=[{"item": 1, "approved": usd(1)}],
        )


def test_a_good_part_comes_back_to_the_shelf(run: Run) -> None:
    sell(run)
    parcel = {"sale": "books/main/sales/S-1", "part": P1, "quantity": "1", "to_place": R01,
              "due_on": day("2025-07-13")}  # fmt: skip
    run("create_return", parent="books/main", return_id="R-1", occurrence=on(12),
        parts_return=parcel)  # fmt: skip
    late = run("mark_return_overdue", name=RETURN, occurrence=on(14)).parts_return
    assert late.overdue
    assert late.state == return_service_pb2.RETURN_STATE_REQUESTED
    run("ship_return", name=RETURN, occurrence=on(14))
    received = run("receive_return", name=RETURN, occurrence=on(15)).parts_return
    assert received.received_on == Date(year=2025, month=7, day=15)
    run("inspect_return", name=RETURN, occurrence=on(15), finding="FINDING_NO_FAULT_FOUND")
    back = run("dispose_return", name=RETURN, occurrence=on(15), disposal="DISPOSAL_RESTOCK",
               to_place=W01).parts_return  # fmt: skip
    assert back.disposal == return_service_pb2.DISPOSAL_RESTOCK


def test_a_good_part_goes_to_the_supplier_it_came_from(run: Run) -> None:
    sell(run)
    parcel = {"sale": "books/main/sales/S-1", "part": P1, "quantity": "1", "to_place": R01}
    run("create_return", parent="books/main", return_id="R-1", occurrence=on(12),
        parts_return=parcel)  # fmt: skip
    for step in ("ship_return", "receive_return"):
        run(step, name=RETURN, occurrence=on(14))
    run("inspect_return", name=RETURN, occurrence=on(15), finding="FINDING_NO_FAULT_FOUND")
    disposal = {"name": RETURN, "occurrence": on(15), "disposal": "DISPOSAL_TO_SUPPLIER"}
    with pytest.raises(InvalidValue, match="whom it is from: S01"):
        run("dispose_return", **disposal, supplier="S02")

    gone = run("dispose_return", **disposal).parts_return

    assert gone.supplier == "S01"


def test_a_month_is_settled_by_the_hash_it_was_issued_under(run: Run) -> None:
    sell(run)
    first = on(1, month=8)
    issued = run("issue_statement", parent=D01, month="2025-07", occurrence=first).settlement
    assert (issued.name, issued.dealer, issued.month) == (JULY, D01, "2025-07")
    assert money.amount(issued.closing, "").minor == 6_777
    run("review_statement", actor="bob", name=JULY, occurrence=first)
    disputed = run(
        "dispute_line", name=JULY, occurrence=first, line_version=issued.first_version,
        because="price",
    )  # fmt: skip
    assert disputed.settlement.disputes[0].because == "price"
    memo = {"name": JULY, "occurrence": first, "line_version": issued.first_version,
            "because": "agreed"}  # fmt: skip
    with pytest.raises(WrongCurrency):
        run("resolve_dispute", actor="bob", memo=usd(-1), **memo)
    assert not run("resolve_dispute", actor="bob", memo=cny(-1), **memo).settlement.disputes
    with pytest.raises(DomainError, match="was issued as"):
        run("confirm_statement", name=JULY, occurrence=first, content_hash="0" * 64)
    run("confirm_statement", name=JULY, occurrence=first, content_hash=issued.content_hash)
    run("invoice_settlement", name=JULY, occurrence=on(2, month=8), sales_invoice="I-1")
    closed = run("close_settlement", name=JULY, occurrence=on(3, month=8)).settlement
    assert closed.state == settlement_service_pb2.SETTLEMENT_STATE_CLOSED


def test_a_disputed_line_that_stands_needs_no_memo(run: Run) -> None:
    sell(run)
    first = on(1, month=8)
    issued = run("issue_statement", parent=D01, month="2025-07", occurrence=first).settlement
    version = issued.first_version
    run("review_statement", actor="bob", name=JULY, occurrence=first)
    run("dispute_line", name=JULY, occurrence=first, line_version=version, because="price")
    facts: list[Fact] = run(
        "resolve_dispute", facts_only=True, actor="bob", name=JULY, occurrence=on(1, month=8),
        line_version=version, because="it stands",
    )  # fmt: skip

    assert [type(fact).__name__ for fact in facts] == ["DisputeResolved"]


def test_a_month_is_closed_and_one_document_let_in(run: Run) -> None:
    period = "books/main/period"

    def done(step: str, month: str, **fields: Any) -> Any:
        return run(step, name=period, month=month, occurrence=on(1, month=9), **fields).period

    assert done("soft_close_month", "2025-07").name == period
    gross = on_the_wire.money(6_777)  # Three at 19.99, and 13 % of it.
    approved = {"document": "INV-S-1", "kind": "sales", "party": "dealers/D01"}
    let_in = done("approve_entry", "2025-07", actor="bob", amount=gross, **approved).approvals
    assert [(each.kind, each.party, each.document) for each in let_in] == [
        ("sales", "dealers/D01", "INV-S-1")
    ]
    assert let_in[0].amount == money.message(6_777, "CNY")
    assert let_in[0].approved_by == "bob"
    sell(run)
    asked = done("request_reopening", "2025-07")
    assert asked.reopening_requested == "2025-07"
    assert not asked.approvals, "used up"
    done("reopen_month", "2025-07", actor="bob")
    done("soft_close_month", "2025-08")
    assert done("request_hard_close", "2025-08").hard_close_requested == "2025-08"
    closed = done("hard_close_month", "2025-08", actor="bob")
    assert not closed.hard_close_requested
    assert (closed.soft_closed_through, closed.hard_closed_through) == ("2025-08", "2025-08")
