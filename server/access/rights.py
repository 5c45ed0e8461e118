"""What a caller may do, whom it may speak for, and which dealer it is kept to."""

from dataclasses import dataclass
from typing import Final

from domain import people
from server.access.roles import Role, Roles


@dataclass(frozen=True)
class Rights:
    """`dealer` is the one whose business the caller sees; empty for the whole book.

    `speaks_for` are the persons it may name as responsible, besides itself; None stands for anyone,
    as an ERP needs it.
    """

    roles: Roles
    dealer: str = ""
    speaks_for: tuple[str, ...] | None = ()

    def may_speak_for(self, person: str) -> bool:
        return self.speaks_for is None or any(people.is_same(person, n) for n in self.speaks_for)


# Where nobody is asked who they are: on the machine itself.
UNLIMITED: Final = Rights(frozenset(Role), speaks_for=None)
