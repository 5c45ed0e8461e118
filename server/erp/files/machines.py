"""Machines sold 产品档案: their cards."""

from collections.abc import Iterator

from partsledger.v1 import machine_service_pb2 as pb
from server.api.conversions.times import day_message
from server.erp.cells import Code, Day, Text
from server.erp.documents import Document
from server.erp.lines import Line, column, holds_from, optional
from server.erp.steps import Step, register
from server.erp.wire import Names


class MachineLine(Line):
    FILE = "machines.csv"
    NUMBER = ("serial",)
    MAY_LACK = frozenset({"effective_from", "because"})
    NEEDS = {"because": "effective_from"}

    serial: Code = column("Serial number of the machine.", example="ZY210-240117")
    model: Code = column("Model; its policy decides the warranty.", example="ZY210")
    dealer: Code = column("The dealer who sold and services it.", example="D01")
    sold_on: Day = column("Day of sale; the policy in force then counts.", example="2024-05-20")
    user: Code | None = optional(
        "Number of the user 用户, not a name: personal data stays out of the log.",
        example="U000117",
    )
    effective_from: Day | None = holds_from()
    because: Text | None = optional(
        "Why it is corrected; a user that comes later needs no reason.", "发票日期更正"
    )


def machine_steps(names: Names, document: Document[MachineLine]) -> Iterator[Step]:
    row = document.head
    card = pb.Machine(
        model=row.model,
        dealer=names.dealer(row.dealer),
        sold_on=day_message(row.sold_on),
        user=row.user or "",
    )
    if row.effective_from is None:
        create = pb.CreateMachineRequest(parent=names.book, machine_id=row.serial, machine=card)
        yield register(create)
        return
    card.name = names.of("machines", row.serial)
    revise = pb.ReviseMachineRequest(
        machine=card, effective_from=day_message(row.effective_from),
        because=row.because or "", allow_missing=True,
    )  # fmt: skip
    yield register(revise, row.effective_from)
