"""Transfers 调拨 between the maker's places, or into a dealer's consignment stock.

A step that has not happened has an empty date. Each line is received by itself.
"""

from collections.abc import Iterator
from datetime import date

from domain.transfer_lines import DiscrepancyCause, Resolution
from partsledger.v1 import transfer_service_pb2 as pb
from partsledger.v1.types_pb2 import PartQuantity
from server.erp.cells import Code, Day, Flag, PartNumber, Person, Quantity, Text
from server.erp.documents import Document
from server.erp.lines import Line, column, optional
from server.erp.steps import Rank, Step
from server.erp.wire import Names, occurrence_of


class TransferLine(Line):
    FILE = "transfers.csv"
    NUMBER = ("transfer",)
    PER_LINE = frozenset({
        "part", "quantity", "dispatched_quantity", "received_on", "received_by",
        "received_quantity", "discrepancy_on", "discrepancy_by", "cause", "discrepancy_quantity",
        "resolved_on", "resolved_by", "resolution", "carrier",
    })  # fmt: skip
    NEEDS = {"carrier": "resolved_on", "dispatched_quantity": "dispatched_on",
             "received_on": "dispatched_on", "discrepancy_on": "dispatched_on",
             "resolved_on": "discrepancy_on", "dispatched_on": "approved_on"}  # fmt: skip
    TOGETHER = {"received_quantity": "received_on", "cause": "discrepancy_on",
                "discrepancy_quantity": "discrepancy_on", "resolution": "resolved_on"}  # fmt: skip

    transfer: Code = column("Number of the transfer.", example="TR-250704-001")
    document: Text = column("The paper: a transfer order.", default="", example="TO-5512")
    late: Flag = column("As in purchases.csv, for each step.", default=False)
    from_place: Code = column("Where the parts come from.", example="W01")
    to_place: Code = column(
        "Where they go; `consignment.D01` is the stock at dealer D01.", example="W02"
    )
    part: PartNumber = column("Each part once in a document.", example="P-10012")
    quantity: Quantity = column("Pieces requested.", example="12")
    requested_on: Day = column("Day of the request.", example="2025-07-04")
    requested_by: Person | None = optional("Who requested it.", "w02.keeper")
    approved_on: Day | None = optional("Day of the approval.", "2025-07-04")
    approved_by: Person | None = optional("Not who requested it.", "w01.books")
    rejected_on: Day | None = optional("Day of the rejection.", "2025-07-05")
    rejected_by: Person | None = optional("Not who requested it.", "w01.books")
    cancelled_on: Day | None = optional("Day it was called off.", "2025-07-05")
    cancelled_by: Person | None = optional("Who called it off.", "w02.keeper")
    because: Text = column("Why it was rejected or called off.", default="", example="重复申请")
    dispatched_on: Day | None = optional("Day the parts left.", "2025-07-05")
    dispatched_by: Person | None = optional("Who sent them.", "w01.keeper")
    dispatched_quantity: Quantity | None = optional(
        "Pieces sent of this line; empty: all that were requested.", "12"
    )
    received_on: Day | None = optional("Day the line came.", "2025-07-08")
    received_by: Person | None = optional("Who took it in.", "w02.keeper")
    received_quantity: Quantity | None = optional("Pieces that came.", "11")
    discrepancy_on: Day | None = optional("Day a discrepancy was recorded.", "2025-07-08")
    discrepancy_by: Person | None = optional("Who recorded it.", "w02.keeper")
    cause: DiscrepancyCause | None = optional("What was wrong.", "short")
    discrepancy_quantity: Quantity | None = optional("Pieces that did not come as sent.", "1")
    resolved_on: Day | None = optional("Day the discrepancy was resolved.", "2025-07-15")
    resolved_by: Person | None = optional("Who resolved it.", "w01.books")
    resolution: Resolution | None = optional("How all its pieces were resolved.", "carrier")
    carrier: Code | None = optional("Number of the carrier that pays.", "S90")
    closed_on: Day | None = optional("Day the transfer was closed.", "2025-07-15")
    closed_by: Person | None = optional("Not who took the parts in.", "w02.books")


def transfer_steps(names: Names, document: Document[TransferLine]) -> Iterator[Step]:
    """Requested, decided, dispatched; then line by line received, missed and resolved; closed."""
    head = document.head
    name = names.of("transfers", document.number)
    transfer = pb.Transfer(
        from_place=names.place(head.from_place),
        to_place=names.place(head.to_place),
        lines=[
            pb.TransferLine(part=names.part(row.part), quantity=row.quantity)
            for row in document.rows
        ],
    )
    request = pb.CreateTransferRequest(
        parent=names.book, transfer_id=document.number, transfer=transfer,
        occurrence=occurrence_of(document, head.requested_on),
    )  # fmt: skip
    yield Step(head.requested_on, Rank.TRANSFER, "request", head.requested_by, request)
    yield from _decisions(name, document)
    if head.dispatched_on:
        yield _dispatch(names, name, document, head.dispatched_on)
        arrivals = [*_receipts(names, name, document), *_discrepancies(names, name, document)]
        yield from sorted(arrivals, key=lambda step: step.on)
    if head.closed_on:
        closed = occurrence_of(document, head.closed_on)
        close = pb.CloseTransferRequest(name=name, occurrence=closed)
        yield Step(head.closed_on, Rank.ARRIVAL, "close", head.closed_by, close)


def _decisions(name: str, document: Document[TransferLine]) -> Iterator[Step]:
    head = document.head
    if head.approved_on:
        approved = occurrence_of(document, head.approved_on)
        approve = pb.ApproveTransferRequest(name=name, occurrence=approved)
        yield Step(head.approved_on, Rank.TRANSFER, "approve", head.approved_by, approve)
    if head.rejected_on:
        rejected = occurrence_of(document, head.rejected_on)
        reject = pb.RejectTransferRequest(name=name, occurrence=rejected, because=head.because)
        yield Step(head.rejected_on, Rank.TRANSFER, "reject", head.rejected_by, reject)
    if head.cancelled_on:
        cancelled = occurrence_of(document, head.cancelled_on)
        cancel = pb.CancelTransferRequest(name=name, occurrence=cancelled, because=head.because)
        yield Step(head.cancelled_on, Rank.TRANSFER, "cancel", head.cancelled_by, cancel)


def _dispatch(names: Names, name: str, document: Document[TransferLine], on: date) -> Step:
    lines = [
        _pieces(names, row.part, row.dispatched_quantity or row.quantity) for row in document.rows
    ]
    happened = occurrence_of(document, on)
    request = pb.DispatchTransferRequest(name=name, occurrence=happened, lines=lines)
    return Step(on, Rank.TRANSFER, "dispatch", document.head.dispatched_by, request)


def _receipts(names: Names, name: str, document: Document[TransferLine]) -> Iterator[Step]:
    """One receipt a row, told from the others by its part, which stands once in a document.

    Neither its day nor the rows that came with it are in its name: so a row that is corrected is
    compared with what was recorded of it, and is not received once more.
    """
    for line, row in document.by_line():
        if row.received_on and row.received_quantity:
            request = pb.ReceiveTransferRequest(
                name=name, occurrence=occurrence_of(document, row.received_on),
                lines=[_pieces(names, row.part, row.received_quantity)],
            )  # fmt: skip
            yield Step(row.received_on, Rank.ARRIVAL, f"receive/{row.part}", row.received_by,
                       request, line)  # fmt: skip


def _discrepancies(names: Names, name: str, document: Document[TransferLine]) -> Iterator[Step]:
    for line, row in document.by_line():
        if not (row.discrepancy_on and row.discrepancy_quantity and row.cause):
            continue
        missed = _pieces(names, row.part, row.discrepancy_quantity)
        record = pb.RecordDiscrepancyRequest(
            name=name, occurrence=occurrence_of(document, row.discrepancy_on), line=missed,
            cause=pb.DiscrepancyCause.Value(f"DISCREPANCY_CAUSE_{row.cause.upper()}"),
        )  # fmt: skip
        yield Step(row.discrepancy_on, Rank.ARRIVAL, f"discrepancy/{row.part}",
                   row.discrepancy_by, record, line)  # fmt: skip
        if row.resolved_on and row.resolution:
            resolve = pb.ResolveDiscrepancyRequest(
                name=name, occurrence=occurrence_of(document, row.resolved_on), line=missed,
                resolution=pb.Resolution.Value(f"RESOLUTION_{row.resolution.upper()}"),
                carrier=row.carrier or "",
            )  # fmt: skip
            yield Step(row.resolved_on, Rank.ARRIVAL, f"resolve/{row.part}", row.resolved_by,
                       resolve, line)  # fmt: skip


def _pieces(names: Names, part: str, quantity: int) -> PartQuantity:
    return PartQuantity(part=names.part(part), quantity=quantity)
