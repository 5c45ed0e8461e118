"""A spare part 配件, as the maker's catalogue knows it."""

from enum import StrEnum
from typing import Self

from domain.facts import Aggregate, Command, Fact, FirstFact


class PartClass(StrEnum):
    MODULE = "module"
    STANDARD = "standard"
    WEAR = "wear"


class Part(Aggregate):
    """One part number. A restricted (core) part never leaves the maker's own places."""

    TOPIC = "partsledger:Part"
    KIND = "parts"

    class Registered(FirstFact):
        TOPIC = "partsledger:Part.Registered"
        description: str
        part_class: PartClass
        serviceable: bool
        restricted: bool

    class Revised(Fact):
        TOPIC = "partsledger:Part.Revised"
        description: str
        part_class: PartClass
        serviceable: bool
        restricted: bool

        def apply(self, aggregate: "Part") -> None:
            aggregate._describe(
                self.description, self.part_class, self.serviceable, self.restricted
            )

    def __init__(
        self, description: str, part_class: PartClass, serviceable: bool, restricted: bool
    ) -> None:
        self._describe(description, part_class, serviceable, restricted)

    @classmethod
    def register(
        cls,
        command: Command,
        number: str,
        description: str,
        part_class: PartClass,
        serviceable: bool,
        restricted: bool,
    ) -> Self:
        return cls._first(
            cls.Registered, number, command,
            description=description, part_class=part_class,
            serviceable=serviceable, restricted=restricted,
        )  # fmt: skip

    def revise(
        self,
        command: Command,
        description: str,
        part_class: PartClass,
        serviceable: bool,
        restricted: bool,
    ) -> None:
        """Records a new version of the catalogue entry; what was decided before stays."""
        self._record(
            self.Revised, command,
            description=description, part_class=part_class,
            serviceable=serviceable, restricted=restricted,
        )  # fmt: skip

    def _describe(
        self, description: str, part_class: PartClass, serviceable: bool, restricted: bool
    ) -> None:
        self.description = description
        self.part_class = part_class
        self.serviceable = serviceable
        self.restricted = restricted
