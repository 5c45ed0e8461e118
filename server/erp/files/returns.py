"""Parts on their way back: defective under a claim 旧件返厂, or good ones of a sale."""

from collections.abc import Iterator

from domain.parts_back import Finding
from domain.parts_return import Disposal, ReturnKind
from partsledger.v1 import return_service_pb2 as pb
from server.api.conversions.times import day_message
from server.erp.cells import Code, Count, Day, Flag, PartNumber, Person, Quantity, Text
from server.erp.documents import Document
from server.erp.lines import Line, column, optional
from server.erp.steps import Rank, Step
from server.erp.wire import Names, occurrence_of


class ReturnLine(Line):
    FILE = "returns.csv"
    NUMBER = ("parts_return",)
    NEEDS = {"waybill": "shipped_on", "note": "inspected_on", "restock_place": "disposed_on",
             "supplier": "disposed_on", "claim_item": "claim",
             "received_on": "shipped_on", "inspected_on": "received_on",
             "disposed_on": "inspected_on"}  # fmt: skip
    MAY_LACK = frozenset({"claim_item", "supplier"})
    TOGETHER = {"finding": "inspected_on", "disposal": "disposed_on"}

    parts_return: Code = column("Number of the return.", example="RT-250720-001")
    kind: ReturnKind = column("Needs `claim`, or `sale`.", example="defective")
    claim: Code | None = optional("The claim whose part comes back.", "CL-250712-001")
    claim_item: Count | None = optional(
        "Number of the claim's item; empty: the items of this part, in their order.", "1"
    )
    sale: Code | None = optional("The sale whose part comes back.", "SO-250710-003")
    part: PartNumber = column("The part.", example="P-10012")
    quantity: Quantity = column("Pieces.", example="1")
    to_place: Code = column("A custody room.", example="R01")
    due_on: Day | None = optional("Of a good part; a claim sets its own.", "2025-08-18")
    document: Text = column("The paper, if not the return itself.", default="")
    late: Flag = column("As in purchases.csv, for each step.", default=False)
    requested_on: Day = column("Day of the request.", example="2025-07-20")
    requested_by: Person | None = optional("Who requested it.", "claims.desk")
    shipped_on: Day | None = optional("Day the parcel left.", "2025-07-24")
    shipped_by: Person | None = optional("Who sent it.", "d01.service")
    waybill: Text = column("Number of the waybill.", default="", example="SF1029384756")
    overdue_on: Day | None = optional("Day it was found to be overdue.", "2025-08-19")
    overdue_by: Person | None = optional("Who found it.", "claims.desk")
    received_on: Day | None = optional("Day the parcel came.", "2025-07-28")
    received_by: Person | None = optional("Who took it in.", "r01.keeper")
    inspected_on: Day | None = optional("Day of the inspection.", "2025-07-30")
    inspected_by: Person | None = optional("Who inspected it.", "quality.lab")
    finding: Finding | None = optional("What was found.", "confirmed")
    note: Text = column("What else was seen.", default="", example="密封件老化")
    disposed_on: Day | None = optional("Day it left the custody room.", "2025-08-04")
    disposed_by: Person | None = optional("Who disposed of it.", "r01.keeper")
    disposal: Disposal | None = optional("Where it went.", "scrap")
    restock_place: Code | None = optional("The warehouse, if restocked.", "W01")
    supplier: Code | None = optional(
        "Where it was sent to a supplier; empty for whom a good part came from.", "S03"
    )

    def faults(self) -> list[tuple[str, str]]:
        origin = "claim" if self.kind is ReturnKind.DEFECTIVE else "sale"
        return [] if getattr(self, origin) else [(origin, f"is required of a {self.kind} return")]


def return_steps(names: Names, document: Document[ReturnLine]) -> Iterator[Step]:
    """Requested, shipped, perhaps overdue on either side of that, received, inspected, gone."""
    head = document.head
    name = names.of("returns", document.number)
    parcel = pb.Return(
        part=names.part(head.part), quantity=head.quantity, to_place=names.place(head.to_place),
        due_on=day_message(head.due_on),
    )  # fmt: skip
    if head.claim:
        parcel.claim = names.of("claims", head.claim)
        parcel.claim_item = head.claim_item or 0
    else:
        parcel.sale = names.of("sales", head.sale)
    request = pb.CreateReturnRequest(
        parent=names.book, return_id=document.number, parts_return=parcel,
        occurrence=occurrence_of(document, head.requested_on),
    )  # fmt: skip
    yield Step(head.requested_on, Rank.RETURN, "request", head.requested_by, request)
    yield from sorted(_on_the_way(name, document), key=lambda step: step.on)
    yield from _in_custody(names, name, document)


def _on_the_way(name: str, document: Document[ReturnLine]) -> Iterator[Step]:
    head = document.head
    if head.shipped_on:
        shipped = occurrence_of(document, head.shipped_on)
        ship = pb.ShipReturnRequest(name=name, waybill=head.waybill, occurrence=shipped)
        yield Step(head.shipped_on, Rank.RETURN, "ship", head.shipped_by, ship)
    if head.overdue_on:
        overdue = occurrence_of(document, head.overdue_on)
        mark = pb.MarkReturnOverdueRequest(name=name, occurrence=overdue)
        yield Step(head.overdue_on, Rank.RETURN, "overdue", head.overdue_by, mark)


def _in_custody(names: Names, name: str, document: Document[ReturnLine]) -> Iterator[Step]:
    head = document.head
    if head.received_on:
        received = occurrence_of(document, head.received_on)
        receive = pb.ReceiveReturnRequest(name=name, occurrence=received)
        yield Step(head.received_on, Rank.ARRIVAL, "receive", head.received_by, receive)
    if head.inspected_on and head.finding:
        inspect = pb.InspectReturnRequest(
            name=name, occurrence=occurrence_of(document, head.inspected_on), note=head.note,
            finding=pb.Finding.Value(f"FINDING_{head.finding.upper()}"),
        )  # fmt: skip
        yield Step(head.inspected_on, Rank.ARRIVAL, "inspect", head.inspected_by, inspect)
    if head.disposed_on and head.disposal:
        dispose = pb.DisposeReturnRequest(
            name=name, occurrence=occurrence_of(document, head.disposed_on),
            disposal=pb.Disposal.Value(f"DISPOSAL_{head.disposal.upper()}"),
            to_place=names.place(head.restock_place), supplier=head.supplier or "",
        )  # fmt: skip
        yield Step(head.disposed_on, Rank.ARRIVAL, "dispose", head.disposed_by, dispose)
