"""A desk to test the rules at: given facts, when a command comes in, then these facts come out.

The ledger is the real one, on the library's log in memory. After every command the desk checks
what holds for each: a fact's postings balance, a refused command leaves no trace.
"""

import inspect
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any, TypeVar
from uuid import UUID

import pytest
from eventsourcing.persistence import StoredEvent

from domain.accounting_period import CALENDAR, AccountingPeriod
from domain.aggregates import AGGREGATES
from domain.approvals import ApprovedEntry
from domain.days import Days
from domain.errors import DomainError
from domain.facts import Aggregate, BookedFact, Booking, Cause, Command, Fact
from domain.layers import Layer
from domain.ledger import Ledger
from domain.lines import Posting
from domain.months import first_day, next_month
from domain.proofs import Compared, Figures
from domain.use_cases import closing
from domain.use_cases.booking import Occurrence

A = TypeVar("A", bound=Aggregate)
F = TypeVar("F", bound=Fact)
UseCase = Callable[..., Aggregate]

TODAY = date(2025, 12, 31)
ANN, BOB = "ann", "bob"
SUPPLIER = "SUP1"
KINDS = {kind.KIND: kind for kind in AGGREGATES}


def on(month: int, day: int, document: str = "", late: bool = False) -> Occurrence:
    """A day of 2025, the year these tests play in."""
    return Occurrence(date(2025, month, day), document, late)


def d(month: int, day: int) -> date:
    return date(2025, month, day)


CAUSE = Cause("purchases/GR-1", 1)  # Of what a test does to stock and accounts by themselves.


def counted(day: date, document: str = "") -> Booking:
    """Booked on the day it happened, for stock and accounts."""
    return Booking(Days(day, day), document, CAUSE)


def command(number: int = 1, actor: str = ANN, today: date = TODAY) -> Command:
    """A command of that day; each number is another request."""
    moment, request = datetime.combine(today, time(8), UTC), str(UUID(int=number))
    return Command(moment, today, actor, request)


@dataclass
class Desk:
    """Gives commands to a ledger, by default as Ann, on the last day of 2025.

    Where a test does not say when a step happened, it was on the day of the step before. Statements
    are issued on the day after their month, and months are closed today.
    """

    ledger: Ledger = field(default_factory=Ledger)
    today: date = TODAY
    commands: int = 0
    day: date | None = None  # Of the last step.

    def do(self, use_case: UseCase, *, actor: str = ANN, **fields: Any) -> list[Fact]:
        """Carries a command out and returns its facts."""
        command = self._command(actor)
        fields = self._dated(use_case, fields)
        told = self.ledger.execute(command, lambda ledger, cmd: use_case(ledger, cmd, **fields))
        assert told.id in {fact.originator_id for fact in command.facts}, "what has changed"
        for fact in command.facts:
            assert not imbalance(getattr(fact, "postings", ())), fact
        if "occurrence" in fields and not _of_months(use_case):
            self.day = fields["occurrence"].on
        return command.facts

    def refused(
        self, refusal: type[DomainError], use_case: UseCase, *, actor: str = ANN, **fields: Any
    ) -> dict[str, str]:
        """Requires this refusal and that it leaves no trace; returns the facts it names."""
        command = self._command(actor)
        fields = self._dated(use_case, fields)
        log, before = self.log(), self.states()
        with pytest.raises(refusal) as raised:
            self.ledger.execute(command, lambda ledger, cmd: use_case(ledger, cmd, **fields))
        assert type(raised.value) is refusal, "the reason is that of exactly this refusal"
        assert command.facts == [], "a refused command records nothing"
        assert self.log() == log
        assert self.states() == before, "a refused command changes nothing"
        return raised.value.facts

    def close_for_good(self, month: str, occurrence: Occurrence | None = None) -> list[Fact]:
        """Hard-closes a soft-closed month, as Ann asks for and Bob does."""
        when: dict[str, Any] = {"occurrence": occurrence} if occurrence else {}
        self.do(closing.request_hard_close, month=month, **when)
        return self.do(closing.hard_close, actor=BOB, month=month, figures=self.figures(), **when)

    def approve(
        self,
        month: str,
        document: str,
        kind: str,
        party: str,
        amount_minor: int,
        *,
        actor: str = BOB,
        currency: str = "CNY",
        occurrence: Occurrence | None = None,
    ) -> list[Fact]:
        """Lets somebody else make this entry in a soft-closed month."""
        entry = ApprovedEntry(month, document, kind, party, amount_minor, currency)
        when: dict[str, Any] = {"occurrence": occurrence} if occurrence else {}
        return self.do(closing.approve_entry, actor=actor, entry=entry, **when)

    def figures(self, *compared: Compared, not_stated: tuple[str, ...] = ()) -> Figures:
        """Figures that views would give now; none is compared unless the test says so."""
        version = self.the(AccountingPeriod, CALENDAR).version
        return Figures(self.log() or 0, version, compared, len(not_stated), not_stated)

    def the(self, kind: type[A], key: str) -> A:
        """An aggregate as it stands."""
        return self.ledger.get(kind, key)

    def streams(self) -> list[str]:
        """The name of every stream in the log."""
        entries = self.ledger.recorder.select_notifications(start=1, limit=100_000)
        return sorted({str(entry.originator_id) for entry in entries})

    def facts(self) -> list[Fact]:
        """The whole history, read back from the log, stream by stream."""
        return [fact for name in self.streams() for fact in self.stream(name)]

    def stream(self, name: str) -> list[Fact]:
        """The facts of one stream, such as `claims/C1`."""
        return [fact for fact in self.ledger.events.get(name) if isinstance(fact, Fact)]

    def log(self) -> int | None:
        return self.ledger.recorder.max_notification_id()

    def states(self) -> dict[str, dict[str, object]]:
        """Every aggregate of the log as the ledger holds it, which replay must agree with."""
        held = {}
        for stream in self.streams():
            collection, _, key = stream.partition("/")
            aggregate = self.ledger.get(KINDS[collection], key)
            replayed: Aggregate = self.ledger.repository.get(stream)
            held[stream] = vars(replayed)
            assert vars(aggregate) == held[stream], f"{stream} is not what its facts say"
        return held

    def _command(self, actor: str) -> Command:
        self.commands += 1
        return command(self.commands, actor, self.today)

    def _dated(self, use_case: UseCase, fields: dict[str, Any]) -> dict[str, Any]:
        """The fields of a command, with a day if it needs one and the test does not say which."""
        takes_day = "occurrence" in inspect.signature(use_case).parameters
        if "occurrence" in fields or not takes_day:
            return fields
        day = self.today if _of_months(use_case) else self.day or self.today
        if use_case.__name__ == "issue_statement":
            day = first_day(next_month(fields["month"]))
        return {**fields, "occurrence": Occurrence(day)}


def _of_months(use_case: UseCase) -> bool:
    return use_case.__module__ == closing.__name__


def imbalance(postings: Iterable[Posting]) -> dict[str, int]:
    """Currencies in which debits and credits differ, and by how much; empty when balanced, also in
    what all of them are worth in the book's currency."""
    sums: defaultdict[str, int] = defaultdict(int)
    for posting in postings:
        sums[posting.currency] += posting.amount_minor
        worth = posting.functional_minor
        sums["functional"] += posting.amount_minor if worth is None else worth
    return {currency: total for currency, total in sums.items() if total}


def only(facts: list[Fact], kind: type[F]) -> F:
    """The one fact of this kind among a command's facts."""
    [found] = [fact for fact in facts if isinstance(fact, kind)]
    return found


def kinds(facts: list[Fact]) -> list[str]:
    """The stored names of facts, without the prefix, in order."""
    return [fact.TOPIC.partition(":")[2] for fact in facts]


def postings(fact: Fact) -> list[tuple[str, str, int]]:
    """(account, party, amount) of each posting, in order; debit is positive."""
    assert isinstance(fact, BookedFact)
    return [(p.account, p.party, p.amount_minor) for p in fact.postings]


def all_postings(facts: list[Fact]) -> list[tuple[str, str, int]]:
    """The postings of a whole command, sorted: what it does to the trial balance."""
    return sorted(line for fact in facts if isinstance(fact, BookedFact) for line in postings(fact))


def movements(fact: Fact) -> list[tuple[str, str, str, tuple[Layer, ...]]]:
    """(part, from, to, layers) of each movement, in order."""
    assert isinstance(fact, BookedFact)
    return [(m.part, m.from_place, m.to_place, m.layers) for m in fact.movements]


def layer(
    quantity: int,
    cost: int,
    origin: date,
    arrived: date | None = None,
    lot: str = "",
    receipt: str = "",
) -> Layer:
    """Pieces that cost so much each. Unless told otherwise, they arrived where they are on their
    origin date, and came by the receipt that `givens.bought` makes on that day."""
    return Layer(
        origin_on=origin, arrived_on=arrived or origin, quantity=quantity,
        value_minor=quantity * cost, receipt=f"purchases/{receipt or receipt_of(origin)}",
        supplier=SUPPLIER, lot=lot,
    )  # fmt: skip


def receipt_of(day: date) -> str:
    """`PR-0701`: the number of the receipt of a day, where a test does not name one."""
    return f"PR-{day:%m%d}"


class ReadsTogether:
    """A log that reads many streams at once, and remembers what it was asked for."""

    def __init__(self, ledger: Ledger) -> None:
        self.asked: list[list[str]] = []
        self._log = ledger.recorder
        ledger._many = self

    def load_streams(self, streams: Sequence[str]) -> dict[str, list[StoredEvent]]:
        self.asked.append(list(streams))
        return {stream: list(self._log.select_events(stream)) for stream in streams}
