"""Calls to the server, every answer held against the log.

What a caller may rely on is checked at each call. An acceptance records exactly the entries its
receipt names, under its actor and request, and right after those of the one before: so whatever a
refusal had recorded would be found by the next acceptance. Now and then an answer is lost on the
way, so that the caller asks again and has to be given the same one.
"""

from typing import Any
from uuid import UUID

import pytest

from tests.on_the_wire import in_name, money, on
from tests.server.api.reading.front_desk import FrontDesk, Refused
from tests.simulation.shown_over_the_api import Look
from tests.simulation.trade import DONE, Reasons, Wanted, When

LOST_ANSWERS = 10  # Every so many accepted commands, the answer is asked for again.


class Calls:
    """A caller of one book, which has its base data already.

    `commands` is how many an earlier caller of the book has sent: request ids are numbered on.
    """

    def __init__(self, desk: FrontDesk, commands: int = 0) -> None:
        self.desk = desk
        self.look = Look(desk)
        self.commands = commands
        self.accepted = 0

    def _do(self, method: str, actor: str, when: When, **fields: Any) -> Reasons:
        self.commands += 1
        fields["request_id"] = str(UUID(int=self.commands))
        fields["occurrence"] = on(*when)
        try:
            answer = self.desk.call(method, actor=actor, **fields)
        except Refused as refusal:
            return frozenset({refusal.reason})
        self.look.was_recorded(answer.receipt, actor, fields["request_id"])
        self.accepted += 1
        if self.accepted % LOST_ANSWERS == 0:
            self._ask_again(method, actor, fields, answer)
        return DONE

    def _ask_again(self, method: str, actor: str, fields: dict[str, Any], answer: Any) -> None:
        """The same request is answered the same; another under its id is not taken for it."""
        assert self.desk.call(method, actor=actor, **fields) == answer, method
        other: dict[str, Any] = {
            "name": self._period, "month": "2025-01", "document": "another", "kind": "sales",
            "party": "dealers/D01", "amount": money(1), "occurrence": fields["occurrence"],
        }  # fmt: skip
        with pytest.raises(Refused) as refused:
            self.desk.call("Period.ApproveEntry", actor, request_id=fields["request_id"], **other)
        assert refused.value.reason == "REQUEST_ID_REUSED"
        self.look.nothing_was_recorded()

    def _part(self, part: str) -> str:
        return self.desk.name(f"parts/{in_name(part)}")

    def _place(self, place: str) -> str:
        return self.desk.name(f"places/{place}")

    def _dealer(self, dealer: str) -> str:
        return self.desk.name(f"dealers/{dealer}")

    def _transfer(self, number: str) -> str:
        return self.desk.name(f"transfers/{number}")

    def _claim(self, number: str) -> str:
        return self.desk.name(f"claims/{number}")

    def _return(self, number: str) -> str:
        return self.desk.name(f"returns/{number}")

    def _settlement(self, dealer: str, month: str) -> str:
        return self.desk.name(f"dealers/{dealer}/settlements/{month}")

    @property
    def _period(self) -> str:
        return self.desk.name("period")

    def _lines(self, wanted: Wanted) -> list[dict[str, Any]]:
        return [{"part": self._part(part), "quantity": n} for part, n in wanted.items()]
