"""A place of the maker's own where parts lie: a warehouse, or a custody room for returns."""

from datetime import date
from enum import StrEnum
from typing import NamedTuple, Self

from domain.dated import Dated, Version
from domain.facts import Command, Fact, FirstFact
from domain.records import Record, require_revision


class PlaceKind(StrEnum):
    WAREHOUSE = "warehouse"
    CUSTODY = "custody"


class PlaceEntry(NamedTuple):
    """What people call it, and what it is."""

    description: str
    kind: PlaceKind


class Place(Record):
    """Custody rooms hold defective parts under claim; nothing is sold or sent out of them. So the
    kind of a place never changes."""

    TOPIC = "partsledger:Place"
    KIND = "places"

    class Opened(FirstFact):
        TOPIC = "partsledger:Place.Opened"
        effective_from: date
        description: str
        kind: PlaceKind

    class Revised(Fact):
        TOPIC = "partsledger:Place.Revised"
        effective_from: date
        because: str = ""
        description: str

        def apply(self, aggregate: "Place") -> None:
            entry = PlaceEntry(self.description, aggregate.kind)
            aggregate.versions.add(Version(self.effective_from, entry, self.originator_version))

    def __init__(self, effective_from: date, description: str, kind: PlaceKind) -> None:
        self.kind = kind
        self.versions: Dated[PlaceEntry] = Dated(
            [Version(effective_from, PlaceEntry(description, kind), 1)]
        )

    @classmethod
    def open(cls, command: Command, code: str, effective_from: date, entry: PlaceEntry) -> Self:
        return cls._first(
            cls.Opened, code, command, effective_from=effective_from, **entry._asdict()
        )

    def revise(
        self, command: Command, effective_from: date, entry: PlaceEntry, because: str
    ) -> None:
        """Adds a version."""
        require_revision(f"place {self.key}", self.versions, effective_from, entry, never={"kind"})
        self._record(
            self.Revised, command,
            effective_from=effective_from, because=because, description=entry.description,
        )  # fmt: skip
