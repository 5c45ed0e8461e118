"""The maker's warehouses, and the custody rooms 旧件库 for parts on their way back."""

from collections.abc import Iterator

from domain.place import PlaceKind
from partsledger.v1 import place_service_pb2 as pb
from server.api.conversions.times import day_message
from server.erp.cells import Code, Day, Text
from server.erp.documents import Document
from server.erp.lines import Line, column, holds_from
from server.erp.steps import Step, register
from server.erp.wire import Names


class PlaceLine(Line):
    FILE = "places.csv"
    NUMBER = ("place",)
    MAY_LACK = frozenset({"effective_from"})

    place: Code = column("Number of the place.", example="W01")
    description: Text = column("What people call it.", default="", example="长沙中心库")
    kind: PlaceKind = column("Nothing is sold or sent out of a custody room.", example="warehouse")
    effective_from: Day | None = holds_from()


def place_steps(names: Names, document: Document[PlaceLine]) -> Iterator[Step]:
    row = document.head
    kind = pb.PlaceKind.Value(f"PLACE_KIND_{row.kind.upper()}")
    place = pb.Place(description=row.description, kind=kind)
    if row.effective_from is None:
        yield register(pb.CreatePlaceRequest(parent=names.book, place_id=row.place, place=place))
        return
    place.name = names.place(row.place)
    first_day = day_message(row.effective_from)
    revise = pb.RevisePlaceRequest(place=place, effective_from=first_day, allow_missing=True)
    yield register(revise, row.effective_from)
