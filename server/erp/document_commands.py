"""Purchases, transfers, sales and payments as commands, each with the day it is decided."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from domain.transfer_lines import Resolution
from partsledger.v1 import (
    payment_service_pb2,
    purchase_service_pb2,
    sale_service_pb2,
    transfer_service_pb2,
    types_pb2,
)
from server.erp.document_files import PurchaseLine, SaleLine, TransferLine
from server.erp.documents import Document
from server.erp.flow_files import PaymentLine
from server.erp.steps import Rank, Step
from server.erp.wire import Names, money, occurrence_of


def purchase_steps(names: Names, document: Document[PurchaseLine]) -> Iterator[Step]:
    head = document.head
    purchase = purchase_service_pb2.Purchase(
        supplier=head.supplier,
        to_place=names.place(head.to_place),
        lines=[
            purchase_service_pb2.PurchaseLine(
                part=names.part(row.part),
                quantity=row.quantity,
                unit_cost=money(row.unit_cost, row.currency),
                lot=row.lot,
            )
            for row in document.rows
        ],
    )
    request = purchase_service_pb2.CreatePurchaseRequest(
        parent=names.book, purchase_id=document.number, purchase=purchase,
        occurrence=occurrence_of(document, head.received_on),
    )  # fmt: skip
    on = head.entered_on or head.received_on
    yield Step(on, Rank.PURCHASE, "receive", head.received_by, request)


def sale_steps(names: Names, document: Document[SaleLine]) -> Iterator[Step]:
    head = document.head
    sale = sale_service_pb2.Sale(
        dealer=names.dealer(head.dealer),
        from_place=names.place(head.from_place),
        lines=[
            sale_service_pb2.SaleLine(part=names.part(row.part), quantity=row.quantity)
            for row in document.rows
        ],
    )
    request = sale_service_pb2.CreateSaleRequest(
        parent=names.book, sale_id=document.number, sale=sale,
        occurrence=occurrence_of(document, head.sold_on),
    )  # fmt: skip
    yield Step(head.entered_on or head.sold_on, Rank.SALE, "sell", head.sold_by, request)


def payment_steps(names: Names, document: Document[PaymentLine]) -> Iterator[Step]:
    head = document.head
    request = payment_service_pb2.CreatePaymentRequest(
        parent=names.book, payment_id=document.number,
        payment=payment_service_pb2.Payment(
            dealer=names.dealer(head.dealer), amount=money(head.amount, head.currency)
        ),
        occurrence=occurrence_of(document, head.received_on),
        allocations=[
            payment_service_pb2.Allocation(
                item=row.open_item, amount=money(row.allocated, row.currency)
            )
            for row in document.rows
            if row.open_item and row.allocated is not None
        ],
    )  # fmt: skip
    on = head.entered_on or head.received_on
    yield Step(on, Rank.PAYMENT, "receive", head.received_by, request)


def transfer_steps(names: Names, document: Document[TransferLine]) -> Iterator[Step]:
    """Requested, decided, dispatched; then line by line received, missed and resolved; closed."""
    head = document.head
    name = names.of("transfers", document.number)
    transfer = transfer_service_pb2.Transfer(
        from_place=names.place(head.from_place),
        to_place=names.place(head.to_place),
        lines=[
            transfer_service_pb2.TransferLine(part=names.part(row.part), quantity=row.quantity)
            for row in document.rows
        ],
    )
    request = transfer_service_pb2.CreateTransferRequest(
        parent=names.book, transfer_id=document.number, transfer=transfer,
        occurrence=occurrence_of(document, head.requested_on),
    )  # fmt: skip
    yield Step(head.requested_on, Rank.TRANSFER, "request", head.requested_by, request)
    yield from _decisions(name, head)
    if head.dispatched_on:
        yield _dispatch(names, name, document, head.dispatched_on)
        arrivals = [*_receipts(names, name, document), *_discrepancies(names, name, document)]
        yield from sorted(arrivals, key=lambda step: step.on)
    if head.closed_on:
        close = transfer_service_pb2.CloseTransferRequest(name=name)
        yield Step(head.closed_on, Rank.ARRIVAL, "close", head.closed_by, close)


def _decisions(name: str, head: TransferLine) -> Iterator[Step]:
    if head.approved_on:
        approve = transfer_service_pb2.ApproveTransferRequest(name=name)
        yield Step(head.approved_on, Rank.TRANSFER, "approve", head.approved_by, approve)
    if head.rejected_on:
        reject = transfer_service_pb2.RejectTransferRequest(name=name, because=head.because)
        yield Step(head.rejected_on, Rank.TRANSFER, "reject", head.rejected_by, reject)
    if head.cancelled_on:
        cancel = transfer_service_pb2.CancelTransferRequest(name=name, because=head.because)
        yield Step(head.cancelled_on, Rank.TRANSFER, "cancel", head.cancelled_by, cancel)


def _dispatch(names: Names, name: str, document: Document[TransferLine], on: date) -> Step:
    lines = [
        _pieces(names, row.part, row.dispatched_quantity or row.quantity) for row in document.rows
    ]
    request = transfer_service_pb2.DispatchTransferRequest(
        name=name, occurrence=occurrence_of(document, on), lines=lines
    )
    return Step(on, Rank.TRANSFER, "dispatch", document.head.dispatched_by, request)


def _receipts(names: Names, name: str, document: Document[TransferLine]) -> Iterator[Step]:
    """One receipt a day and receiver, of the lines that came then."""
    together: defaultdict[tuple[date, str | None], list[types_pb2.PartQuantity]]
    together = defaultdict(list)
    for row in document.rows:
        if row.received_on and row.received_quantity:
            line = _pieces(names, row.part, row.received_quantity)
            together[row.received_on, row.received_by].append(line)
    for (on, by), lines in together.items():
        request = transfer_service_pb2.ReceiveTransferRequest(
            name=name, occurrence=occurrence_of(document, on), lines=lines
        )
        yield Step(on, Rank.ARRIVAL, f"receive/{on}/{by or ''}", by, request)


def _discrepancies(names: Names, name: str, document: Document[TransferLine]) -> Iterator[Step]:
    for line, row in document.by_line():
        if not (row.discrepancy_on and row.discrepancy_quantity and row.cause):
            continue
        missed = _pieces(names, row.part, row.discrepancy_quantity)
        cause = f"DISCREPANCY_CAUSE_{row.cause.upper()}"
        record = transfer_service_pb2.RecordDiscrepancyRequest(
            name=name, occurrence=occurrence_of(document, row.discrepancy_on), line=missed,
            cause=transfer_service_pb2.DiscrepancyCause.Value(cause),
        )  # fmt: skip
        yield Step(row.discrepancy_on, Rank.ARRIVAL, f"discrepancy/{row.part}",
                   row.discrepancy_by, record, line)  # fmt: skip
        if row.resolved_on and row.resolution:
            resolve = transfer_service_pb2.ResolveDiscrepancyRequest(
                name=name, occurrence=occurrence_of(document, row.resolved_on), line=missed,
                resolution=_resolution(row.resolution), carrier=row.carrier or "",
            )  # fmt: skip
            yield Step(row.resolved_on, Rank.ARRIVAL, f"resolve/{row.part}", row.resolved_by,
                       resolve, line)  # fmt: skip


def _resolution(resolution: Resolution) -> transfer_service_pb2.Resolution.ValueType:
    return transfer_service_pb2.Resolution.Value(f"RESOLUTION_{resolution.upper()}")


def _pieces(names: Names, part: str, quantity: int) -> types_pb2.PartQuantity:
    return types_pb2.PartQuantity(part=names.part(part), quantity=quantity)
