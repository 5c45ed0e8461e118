"""A spare part 配件, as the maker's catalogue knows it."""

from datetime import date
from enum import StrEnum
from typing import NamedTuple, Self

from domain.dated import Dated, Version
from domain.facts import Command, Fact, FirstFact
from domain.records import Record, require_revision


class PartClass(StrEnum):
    MODULE = "module"
    STANDARD = "standard"
    WEAR = "wear"


class CatalogueEntry(NamedTuple):
    """What the catalogue says of a part."""

    description: str
    part_class: PartClass
    serviceable: bool
    restricted: bool


class Part(Record):
    """One part number. A restricted (core) part never leaves the maker's own places."""

    TOPIC = "partsledger:Part"
    KIND = "parts"

    class Registered(FirstFact):
        TOPIC = "partsledger:Part.Registered"
        effective_from: date
        description: str
        part_class: PartClass
        serviceable: bool
        restricted: bool

    class Revised(Fact):
        TOPIC = "partsledger:Part.Revised"
        effective_from: date
        because: str = ""
        description: str
        part_class: PartClass
        serviceable: bool
        restricted: bool

        def apply(self, aggregate: "Part") -> None:
            entry = CatalogueEntry(
                self.description, self.part_class, self.serviceable, self.restricted
            )
            aggregate.versions.add(Version(self.effective_from, entry, self.originator_version))

    def __init__(
        self,
        effective_from: date,
        description: str,
        part_class: PartClass,
        serviceable: bool,
        restricted: bool,
    ) -> None:
        entry = CatalogueEntry(description, part_class, serviceable, restricted)
        self.versions: Dated[CatalogueEntry] = Dated([Version(effective_from, entry, 1)])

    @classmethod
    def register(
        cls, command: Command, number: str, effective_from: date, entry: CatalogueEntry
    ) -> Self:
        return cls._first(
            cls.Registered, number, command, effective_from=effective_from, **entry._asdict()
        )

    def revise(
        self, command: Command, effective_from: date, entry: CatalogueEntry, because: str
    ) -> None:
        """Adds a version of the catalogue's entry; what was decided before stays."""
        require_revision(f"part {self.key}", self.versions, effective_from, entry)
        self._record(
            self.Revised, command,
            effective_from=effective_from, because=because, **entry._asdict(),
        )  # fmt: skip

    def on(self, day: date) -> CatalogueEntry:
        """The entry in force on a day."""
        return self.versions.known_on(day).value
