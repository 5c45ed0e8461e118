"""P8: load of a stock item with a long history, against one with ten facts.

The items are written by the domain itself, in groups, as the writer would; then each is loaded
from the log by a ledger that has nothing in memory. The long history ends half-way between two
snapshots.
"""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from functools import partial
from statistics import median
from typing import Any, Final
from uuid import uuid4

from eventsourcing.persistence import StoredEvent

from benchmarks.course import Course
from benchmarks.pairs import AT_MOST, Goal, Line, Pair
from domain import accounts, places
from domain.days import Days
from domain.facts import Booking, Command
from domain.ledger import Ledger
from domain.part import PartClass
from domain.place import PlaceKind
from domain.purchase_receipt import PurchaseLine
from domain.stock_item import StockItem, stock_key
from domain.use_cases import base_data, purchasing
from domain.use_cases.booking import Occurrence
from domain.use_cases.stock_moves import issue_from
from server.eventlog.factory import Factory
from server.eventlog.recorders import ApplicationRecorder

NUMBERS = ("P8",)
_FEW: Final = 10
_GROUP: Final = 500
_LOADS: Final = 20
_DAY: Final = date(2025, 7, 1)


def measure(course: Course) -> Iterator[Line]:
    pairs = []
    facts = course.scale.long_stream + StockItem.SNAPSHOT_EVERY // 2
    with course.database() as url, _ledger(url) as ledger:
        course.told("P8, writing a long stream")
        _fill(ledger, {"SHORT": _FEW, "LONG": facts})
        for number in range(1, course.scale.pairs + 1):
            course.told(f"P8, pair {number} of {course.scale.pairs}")
            pairs.append(Pair(_load(ledger, "SHORT"), _load(ledger, "LONG")))
    yield Line("P8", f"load of an item with {facts:,} facts",
               f"the same with {_FEW}", "ms", tuple(pairs), Goal(AT_MOST, 3))  # fmt: skip


def _ledger(url: str) -> Ledger:
    return Ledger(
        {
            "PERSISTENCE_MODULE": "server.eventlog",
            Factory.DATABASE_URL: url,
            Factory.SCHEMA: "book_main",
        }
    )


def _fill(ledger: Ledger, counts: dict[str, int]) -> None:
    """Receives a piece of each part and uses it, in turn: so many facts of the item."""
    commands: list[Callable[..., Any]] = [
        partial(base_data.open_place, code="W01", description="", kind=PlaceKind.WAREHOUSE)
    ]
    for part, count in counts.items():
        commands.append(
            partial(base_data.register_part, number=part, description="", serviceable=True,
                    part_class=PartClass.WEAR, restricted=False)
        )  # fmt: skip
        commands += (
            partial(_receive_and_use, part=part, number=f"{part}-{nth}")
            for nth in range(count // 2)
        )
    assert isinstance(ledger.recorder, ApplicationRecorder)
    for at in range(0, len(commands), _GROUP):
        events: list[StoredEvent] = []
        snapshots: list[StoredEvent] = []
        for use_case in commands[at : at + _GROUP]:
            command = Command(datetime.now(UTC), datetime.now(UTC).date(), "bench", str(uuid4()))
            ledger.decide(command, use_case)
            events += map(ledger.mapper.to_stored_event, command.facts)
            snapshots += map(ledger.mapper.to_stored_event, ledger.snapshots_due(command.facts))
        ledger.hand_over()
        ledger.recorder.append(events, (), snapshots)
        ledger.committed()


def _receive_and_use(ledger: Ledger, command: Command, *, part: str, number: str) -> StockItem:
    """Takes the piece out again: a receipt each would leave as many layers."""
    line = PurchaseLine(part=part, quantity=1, value_minor=100)
    received = purchasing.receive_purchase(
        ledger, command, number=number, supplier="S", occurrence=Occurrence(_DAY), to_place="W01",
        lines=(line,),
    )  # fmt: skip
    used = Booking(Days(_DAY, _DAY), number, received.last_step)
    issue_from(
        ledger, command, used, place="W01", part=part, to_place=places.SCRAP, quantity=1,
        debit=(accounts.WRITE_DOWN, ""),
    )  # fmt: skip
    return ledger.get(StockItem, stock_key("W01", part))


def _load(ledger: Ledger, part: str) -> float:
    """Milliseconds: the median of some loads."""
    taken = []
    for _ in range(_LOADS):
        ledger.forget()
        before = time.perf_counter()
        ledger.get(StockItem, f"W01/{part}")
        taken.append(1_000 * (time.perf_counter() - before))
    return median(taken)
