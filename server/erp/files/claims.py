"""Warranty claims 索赔, with their items out of a file of their own."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from domain.claim_lines import ItemKind
from partsledger.v1 import claim_service_pb2 as pb
from server.api.conversions.times import day_message
from server.erp.cells import (
    Amount,
    Code,
    Count,
    Currency,
    Day,
    Flag,
    PartNumber,
    Person,
    Quantity,
    Text,
)
from server.erp.documents import Document, Reading, read_documents
from server.erp.lines import Line, column, optional
from server.erp.rows import Problem
from server.erp.steps import Rank, Step
from server.erp.wire import Names, money, occurrence_of


class ClaimLine(Line):
    """Warranty claims 索赔; their items stand in claim_items.csv, best in the same order."""

    FILE = "claims.csv"
    NUMBER = ("claim",)
    NEEDS = {"charged_back_on": "adjudicated_on", "overdue_on": "adjudicated_on"}
    MAY_LACK = frozenset({"overdue_on", "overdue_by"})
    TOGETHER = {"because": "charged_back_on"}

    claim: Code = column("Number of the claim.", example="CL-250712-001")
    dealer: Code = column("Who claims.", example="D01")
    machine: Code = column("Serial number of the machine.", example="ZY210-240117")
    user: Code | None = optional("Number of its user; has to be the registered one.", "U000117")
    failed_on: Day = column("Day of the failure.", example="2025-07-09")
    causal_part: PartNumber = column("The part that caused it 主因件.", example="P-10012")
    fault_code: Code = column("What failed.", example="F03")
    pre_inspection: Text = column("Number of the pre-inspection 预检单.", default="")
    work_order: Text = column("Number of the work order 派工单.", default="", example="WO-77120")
    settlement_sheet: Text = column("Number of the settlement sheet 结算单.", default="")
    currency: Currency = column("The dealer's currency.", example="CNY")
    submitted_on: Day = column("Day it was submitted.", example="2025-07-12")
    submitted_by: Person | None = optional("Who submitted it.", "d01.service")
    entered_on: Day | None = optional("Day it was booked, where that was later.", "2025-08-02")
    late: Flag = column("As in purchases.csv, for each step.", default=False)
    document: Text = column("The paper, if not the claim itself.", default="")
    adjudicated_on: Day | None = optional("Day it was decided.", "2025-07-18")
    adjudicated_by: Person | None = optional("Not who submitted it.", "claims.desk")
    overdue_on: Day | None = optional(
        "Day its parts were found to be overdue, before all of them were announced.", "2025-08-18"
    )
    overdue_by: Person | None = optional("Who found it.", "claims.desk")
    charged_back_on: Day | None = optional("Day the credit was taken back.", "2025-10-20")
    charged_back_by: Person | None = optional("Who took it back.", "claims.audit")
    because: Text | None = optional("Why it was taken back.", "工单与实物不符")


class ClaimItemLine(Line):
    """The items of claims, numbered 1, 2, 3 … in their order, and what is approved of each.

    The three documents 三单对比 have an amount each; the settlement sheet's is what is claimed.
    """

    FILE = "claim_items.csv"
    NUMBER = ("claim",)
    PER_LINE = frozenset({
        "kind", "part", "quantity", "cause_item", "currency", "inspected", "ordered", "claimed",
        "approved", "because",
    })  # fmt: skip
    AMOUNTS = ("inspected", "ordered", "claimed", "approved")
    MAY_LACK = frozenset({"cause_item"})
    NEEDS = {"because": "approved", "quantity": "part", "part": "quantity"}

    claim: Code = column("Number of the claim.", example="CL-250712-001")
    kind: ItemKind = column("What is claimed.", example="material")
    part: PartNumber | None = optional("The part replaced; of material only.", "P-10012")
    quantity: Quantity | None = optional("Pieces replaced.", "1")
    cause_item: Count | None = optional(
        "Number of the material item that another one follows; empty: that of the causal part.", "1"
    )
    currency: Currency = column("The dealer's currency.", example="CNY")
    inspected: Amount = column("By the pre-inspection.", example="1953.00")
    ordered: Amount = column("By the work order.", example="1953.00")
    claimed: Amount = column("By the settlement sheet.", example="1953.00")
    approved: Amount | None = optional("Needed once the claim is decided.", "1953.00")
    because: Text = column("Why less than claimed is approved.", default="", example="工时超标准")


@dataclass(frozen=True)
class Claim(Document[ClaimLine]):
    """A claim with its items."""

    items: Document[ClaimItemLine]

    @property
    def counted(self) -> tuple[tuple[str, int], ...]:
        return (*super().counted, *self.items.counted)


def claim_steps(names: Names, claim: Claim) -> Iterator[Step]:
    """Submitted, decided; perhaps overdue, and where an audit failed, charged back."""
    head = claim.head
    name = names.of("claims", claim.number)
    submit = pb.CreateClaimRequest(
        parent=names.book, claim_id=claim.number, claim=_claim(names, claim),
        occurrence=occurrence_of(claim, head.submitted_on),
    )  # fmt: skip
    on = head.entered_on or head.submitted_on
    yield Step(on, Rank.CLAIM, "submit", head.submitted_by, submit)
    if head.adjudicated_on:
        decide = pb.AdjudicateClaimRequest(
            name=name, occurrence=occurrence_of(claim, head.adjudicated_on),
            decisions=[_decision(n, row) for n, row in enumerate(claim.items.rows, start=1)],
        )  # fmt: skip
        yield Step(head.adjudicated_on, Rank.CLAIM, "adjudicate", head.adjudicated_by, decide)
    yield from sorted(_after_the_decision(name, claim), key=lambda step: step.on)


def _after_the_decision(name: str, claim: Claim) -> Iterator[Step]:
    head = claim.head
    if head.overdue_on:
        overdue = occurrence_of(claim, head.overdue_on)
        mark = pb.MarkClaimOverdueRequest(name=name, occurrence=overdue)
        yield Step(head.overdue_on, Rank.CLAIM, "overdue", head.overdue_by, mark)
    if head.charged_back_on:
        back = pb.ChargeBackClaimRequest(
            name=name, occurrence=occurrence_of(claim, head.charged_back_on),
            because=head.because or "",
        )  # fmt: skip
        yield Step(head.charged_back_on, Rank.CLAIM, "charge_back", head.charged_back_by, back)


def _claim(names: Names, claim: Claim) -> pb.Claim:
    head = claim.head
    return pb.Claim(
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


def _item(names: Names, row: ClaimItemLine) -> pb.ClaimItem:
    return pb.ClaimItem(
        kind=pb.ClaimItemKind.Value(f"CLAIM_ITEM_KIND_{row.kind.upper()}"),
        part=names.part(row.part),
        quantity=row.quantity or 0,
        cause_item=row.cause_item or 0,
        inspected=money(row.inspected, row.currency),
        ordered=money(row.ordered, row.currency),
        claimed=money(row.claimed, row.currency),
    )


def _decision(number: int, row: ClaimItemLine) -> pb.ItemDecision:
    approved = money(row.approved or Decimal(0), row.currency)
    return pb.ItemDecision(item=number, approved=approved, because=row.because)


def read_claims(path: Path, kind: type[ClaimLine], reading: Reading) -> Iterator[Claim]:
    """Claims with their items; a claim without items, or items without a claim, is a problem.

    Either file may be missing.
    """
    items_of = _Items(path.with_name(ClaimItemLine.FILE), reading)
    for claim in read_documents(path, kind, reading) if path.is_file() else ():
        found = items_of.take(claim.number)
        if found is None:
            reading.refuse(_alone(claim, items_of.missing(claim.number)), claim)
        elif problem := _undecided(claim, found):
            reading.refuse(problem, claim, found)
        else:
            yield Claim(claim.file, claim.number, claim.lines, claim.rows, found)
    for left in items_of.left():
        rule = f"must be a claim of {kind.FILE} that can be read"
        reading.refuse(_alone(left, rule), left)


class _Items:
    """Finds each claim's items, reading ahead no further than the files' orders differ."""

    def __init__(self, path: Path, reading: Reading) -> None:
        self._documents: Iterator[Document[ClaimItemLine]] | None = None
        if path.is_file():
            self._documents = read_documents(path, ClaimItemLine, reading)
        self._ahead: dict[str, Document[ClaimItemLine]] = {}
        self._taken: set[str] = set()

    def take(self, claim: str) -> Document[ClaimItemLine] | None:
        """The items of a claim; None where the file has none, or none that can be read."""
        if claim in self._taken:
            return None
        while claim not in self._ahead and self._documents is not None:
            document = next(self._documents, None)
            if document is None:
                self._documents = None
            else:
                self._ahead[document.number] = document
        found = self._ahead.pop(claim, None)
        if found:
            self._taken.add(claim)
        return found

    def missing(self, claim: str) -> str:
        """The rule that a claim without items breaks."""
        if claim in self._taken:
            return "must stand on one row: its items went to a row above"
        return f"must have items in {ClaimItemLine.FILE} that can be read"

    def left(self) -> Iterator[Document[ClaimItemLine]]:
        """Items that no claim has taken."""
        yield from self._ahead.values()
        yield from self._documents or ()


def _alone(document: Document[Any], rule: str) -> Problem:
    number = document.number
    return Problem(document.file, document.line, "claim", number, rule, number)


def _undecided(claim: Document[ClaimLine], items: Document[ClaimItemLine]) -> Problem | None:
    """A decided claim needs what is approved of each of its items."""
    if claim.head.adjudicated_on is None:
        return None
    for line, item in items.by_line():
        if item.approved is None:
            rule = f"is required for each item: {claim.number} was decided"
            return Problem(items.file, line, "approved", "", rule, claim.number)
    return None
