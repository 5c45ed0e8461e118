"""A place of the maker's own where parts lie: a warehouse, or a custody room for returns."""

from enum import StrEnum
from typing import Self

from domain.facts import Aggregate, Command, FirstFact


class PlaceKind(StrEnum):
    WAREHOUSE = "warehouse"
    CUSTODY = "custody"


class Place(Aggregate):
    """Custody rooms hold defective parts under claim; nothing is sold or sent out of them."""

    TOPIC = "partsledger:Place"
    KIND = "places"

    class Opened(FirstFact):
        TOPIC = "partsledger:Place.Opened"
        description: str
        kind: PlaceKind

    def __init__(self, description: str, kind: PlaceKind) -> None:
        self.description = description
        self.kind = kind

    @classmethod
    def open(cls, command: Command, code: str, description: str, kind: PlaceKind) -> Self:
        return cls._first(cls.Opened, code, command, description=description, kind=kind)
