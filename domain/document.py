"""A document: an aggregate that goes through states, from its first step to its last.

Two tables say all of it: what may be done in which state, and which state each fact leaves the
document in. Lists by state go by the second, so it is checked with every fact that is recorded.
"""

from collections.abc import Iterable, Mapping, Set
from enum import StrEnum
from typing import Any, ClassVar

from domain.errors import NotAllowedInState
from domain.facts import Aggregate, Fact

States = Mapping[str, Set[StrEnum]]  # By action, or by the name of a fact.


class Document(Aggregate):
    """An action that `ALLOWED` does not name in a state is refused in it."""

    NOUN: ClassVar[str]  # What refusals call it: "transfer".
    ALLOWED: ClassVar[States]
    LEAVES: ClassVar[States]

    state: Any  # Of the document's own enumeration.

    def require(self, action: str) -> None:
        """Refuses an action that the state does not allow."""
        if self.state not in self.ALLOWED[action]:
            raise NotAllowedInState(self.NOUN, self.key, self.state, action)

    @classmethod
    def facts_leaving(cls, states: Iterable[StrEnum]) -> list[str]:
        """The names of the facts that can leave the document in one of these states."""
        wanted = frozenset(states)
        return [fact for fact, left in cls.LEAVES.items() if left & wanted]

    def _recorded(self, fact: type[Fact]) -> None:
        """What fails here is a defect in a table: the command ends, and records nothing."""
        left = self.LEAVES[fact.__name__]
        assert self.state in left, f"{fact.TOPIC} left {self._id} in the state {self.state}"
