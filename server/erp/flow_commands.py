"""Claims and returns as commands, each with the day it is decided."""

from collections.abc import Iterator
from decimal import Decimal

from partsledger.v1 import claim_service_pb2, return_service_pb2
from server.api.conversions.times import day_message
from server.erp.documents import Claim, Document
from server.erp.flow_files import ClaimItemLine, ReturnLine
from server.erp.steps import Rank, Step
from server.erp.wire import Names, money, occurrence_of


def claim_steps(names: Names, claim: Claim) -> Iterator[Step]:
    """Submitted, decided, and where an audit failed, charged back."""
    head = claim.head
    number = claim.number
    name = names.of("claims", number)
    submit = claim_service_pb2.CreateClaimRequest(
        parent=names.book, claim_id=number, claim=_claim(names, claim),
        occurrence=occurrence_of(claim, head.submitted_on),
    )  # fmt: skip
    on = head.entered_on or head.submitted_on
    yield Step(on, Rank.CLAIM, "submit", head.submitted_by, submit)
    if head.adjudicated_on:
        decide = claim_service_pb2.AdjudicateClaimRequest(
            name=name,
            occurrence=occurrence_of(claim, head.adjudicated_on),
            decisions=[_decision(row) for row in claim.items.rows],
        )
        yield Step(head.adjudicated_on, Rank.CLAIM, "adjudicate", head.adjudicated_by, decide)
    if head.charged_back_on:
        back = claim_service_pb2.ChargeBackClaimRequest(
            name=name,
            occurrence=occurrence_of(claim, head.charged_back_on),
            because=head.because or "",
        )
        yield Step(head.charged_back_on, Rank.CLAIM, "charge_back", head.charged_back_by, back)


def return_steps(names: Names, document: Document[ReturnLine]) -> Iterator[Step]:
    """Requested, shipped, perhaps overdue on either side of that, received, inspected, gone."""
    head = document.head
    parcel = return_service_pb2.Return(
        part=names.part(head.part),
        quantity=head.quantity,
        to_place=names.place(head.to_place),
        due_on=day_message(head.due_on),
    )
    if head.claim:
        parcel.claim = names.of("claims", head.claim)
    else:
        parcel.sale = names.of("sales", head.sale)
    request = return_service_pb2.CreateReturnRequest(
        parent=names.book,
        return_id=document.number,
        parts_return=parcel,
        occurrence=occurrence_of(document, head.requested_on),
    )
    yield Step(head.requested_on, Rank.RETURN, "request", head.requested_by, request)
    way = [*_shipped(names, document), *_overdue(names, document)]
    yield from sorted(way, key=lambda step: step.on)
    yield from _in_custody(names, document)


def _shipped(names: Names, document: Document[ReturnLine]) -> Iterator[Step]:
    head = document.head
    if head.shipped_on:
        ship = return_service_pb2.ShipReturnRequest(
            name=names.of("returns", document.number), waybill=head.waybill,
            occurrence=occurrence_of(document, head.shipped_on),
        )  # fmt: skip
        yield Step(head.shipped_on, Rank.RETURN, "ship", head.shipped_by, ship)


def _overdue(names: Names, document: Document[ReturnLine]) -> Iterator[Step]:
    head = document.head
    if head.overdue_on:
        mark = return_service_pb2.MarkReturnOverdueRequest(
            name=names.of("returns", document.number),
            occurrence=occurrence_of(document, head.overdue_on),
        )
        yield Step(head.overdue_on, Rank.RETURN, "overdue", head.overdue_by, mark)


def _in_custody(names: Names, document: Document[ReturnLine]) -> Iterator[Step]:
    head = document.head
    name = names.of("returns", document.number)
    if head.received_on:
        receive = return_service_pb2.ReceiveReturnRequest(
            name=name, occurrence=occurrence_of(document, head.received_on)
        )
        yield Step(head.received_on, Rank.ARRIVAL, "receive", head.received_by, receive)
    if head.inspected_on and head.finding:
        inspect = return_service_pb2.InspectReturnRequest(
            name=name, occurrence=occurrence_of(document, head.inspected_on), note=head.note,
            finding=return_service_pb2.Finding.Value(f"FINDING_{head.finding.upper()}"),
        )  # fmt: skip
        yield Step(head.inspected_on, Rank.ARRIVAL, "inspect", head.inspected_by, inspect)
    if head.disposed_on and head.disposal:
        dispose = return_service_pb2.DisposeReturnRequest(
            name=name, occurrence=occurrence_of(document, head.disposed_on),
            disposal=return_service_pb2.Disposal.Value(f"DISPOSAL_{head.disposal.upper()}"),
            to_place=names.place(head.restock_place),
        )  # fmt: skip
        yield Step(head.disposed_on, Rank.ARRIVAL, "dispose", head.disposed_by, dispose)


def _claim(names: Names, claim: Claim) -> claim_service_pb2.Claim:
    head = claim.head
    return claim_service_pb2.Claim(
        dealer=names.dealer(head.dealer),
        machine=names.of("machines", head.machine),
        user=head.user or "",
        failed_on=day_message(head.failed_on),
        causal_part=names.part(head.causal_part),
        fault_code=head.fault_code,
        pre_inspection=head.pre_inspection,
        work_order=head.work_order,
        settlement_sheet=head.settlement_sheet,
        items=[_item(names, row) for row in claim.items.rows],
    )


def _item(names: Names, row: ClaimItemLine) -> claim_service_pb2.ClaimItem:
    return claim_service_pb2.ClaimItem(
        kind=claim_service_pb2.ClaimItemKind.Value(f"CLAIM_ITEM_KIND_{row.kind.upper()}"),
        part=names.part(row.part),
        quantity=row.quantity or 0,
        inspected=money(row.inspected, row.currency),
        ordered=money(row.ordered, row.currency),
        claimed=money(row.claimed, row.currency),
    )


def _decision(row: ClaimItemLine) -> claim_service_pb2.ItemDecision:
    approved = money(row.approved or Decimal(0), row.currency)
    return claim_service_pb2.ItemDecision(approved=approved, because=row.because)
