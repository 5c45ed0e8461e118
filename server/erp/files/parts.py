"""The parts catalogue 配件目录."""

from collections.abc import Iterator

from domain.part import PartClass
from partsledger.v1 import part_service_pb2 as pb
from server.api.conversions.times import day_message
from server.erp.cells import Day, Flag, PartNumber, Text
from server.erp.documents import Document
from server.erp.lines import Line, column, holds_from
from server.erp.steps import Step, register
from server.erp.wire import Names


class PartLine(Line):
    FILE = "parts.csv"
    NUMBER = ("part",)
    MAY_LACK = frozenset({"effective_from"})

    part: PartNumber = column("Number of the part.", example="P-10012")
    description: Text = column("Description, in any script.", example="液压泵 hydraulic pump")
    part_class: PartClass = column("Class of the part.", example="module")
    serviceable: Flag = column("Whether it may be sold as a service part.", example="true")
    restricted: Flag = column(
        "Core part 核心零配件: never priced, sold or sent outside the maker's own places.",
        example="false",
    )
    effective_from: Day | None = holds_from()


def part_steps(names: Names, document: Document[PartLine]) -> Iterator[Step]:
    row = document.head
    part = pb.Part(
        description=row.description,
        part_class=pb.PartClass.Value(f"PART_CLASS_{row.part_class.upper()}"),
        serviceable=row.serviceable,
        restricted=row.restricted,
    )
    if row.effective_from is None:
        yield register(pb.CreatePartRequest(parent=names.book, part_id=row.part, part=part))
        return
    part.name = names.part(row.part)
    first_day = day_message(row.effective_from)
    revise = pb.RevisePartRequest(part=part, effective_from=first_day, allow_missing=True)
    yield register(revise, row.effective_from)
