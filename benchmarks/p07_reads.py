"""P7: what finance reads, on a long log, against `SELECT 1` behind the same kind of service.

The baseline is an echo on the product's gRPC set-up that asks the database `SELECT 1` first, on a
pooled connection as our reads do. Lines are 99th percentiles; the last one is the ageing of all
places, in seconds, set against one second.
"""

import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple, Self

import grpc

from benchmarks.course import Course
from benchmarks.pairs import AT_MOST, Goal, Line, Pair, percentile
from benchmarks.seeded import await_views, copied, facts_in
from benchmarks.serving import listening, served
from domain.months import month_of
from examples.sizes import last_day
from partsledger.v1.ageing_service_pb2 import GetInventoryAgeingRequest
from partsledger.v1.ageing_service_pb2_grpc import AgeingServiceStub
from partsledger.v1.dealer_service_pb2 import ListDealersRequest
from partsledger.v1.dealer_service_pb2_grpc import DealerServiceStub
from partsledger.v1.statement_service_pb2 import GetStatementRequest, GetTrialBalanceRequest
from partsledger.v1.statement_service_pb2_grpc import StatementServiceStub

NUMBERS = ("P7s", "P7a", "P7t", "P7b")
_CALLS: Final = 100
_LARGEST: Final = [("grpc.max_receive_message_length", 64 * 1024 * 1024)]

Read = Callable[[grpc.Channel], Any]


class _Asked(NamedTuple):
    """Whose statement is asked for, and of which month: the last but one, as finance does."""

    dealer: str
    month: str

    @classmethod
    def of(cls, course: Course, channel: grpc.Channel) -> Self:
        listed = DealerServiceStub(channel).ListDealers(
            ListDealersRequest(parent="books/main", page_size=1)
        )
        size = course.scale.imported or course.scale.size
        return cls(listed.dealers[0].name, month_of(last_day(size.months - 1)))

    def statement(self, channel: grpc.Channel) -> Any:
        request = GetStatementRequest(name=f"{self.dealer}/statements/{self.month}")
        return StatementServiceStub(channel).GetStatement(request)


def _ageing(channel: grpc.Channel) -> Any:
    request = GetInventoryAgeingRequest(parent="books/main", places=["books/main/places/W01"])
    return AgeingServiceStub(channel).GetInventoryAgeing(request)


def _trial_balance(channel: grpc.Channel) -> Any:
    return StatementServiceStub(channel).GetTrialBalance(
        GetTrialBalanceRequest(parent="books/main")
    )


def _whole_ageing(channel: grpc.Channel) -> Any:
    return AgeingServiceStub(channel).GetInventoryAgeing(
        GetInventoryAgeingRequest(parent="books/main")
    )


def measure(course: Course) -> Iterator[Line]:
    whole = []
    with copied(course, course.scale.facts) as url:
        program = [sys.executable, "-m", "benchmarks.baselines.echo", url]
        with (
            served(url, course.log_file) as server,
            listening(program, course.log_file) as echo,
            grpc.insecure_channel(server.address, options=_LARGEST) as ours,
            grpc.insecure_channel(echo.address) as nothing,
        ):
            await_views(server.address)
            asked, facts = _Asked.of(course, ours), facts_in(url)
            reads = {
                "P7s": ("statement of one dealer-month", asked.statement),
                "P7a": ("ageing of one place", _ageing),
                "P7t": ("trial balance", _trial_balance),
            }
            pairs: dict[str, list[Pair]] = {number: [] for number in reads}
            stated = asked.statement(ours).statement
            for turn in range(1, course.scale.pairs + 1):
                course.told(f"P7, pair {turn} of {course.scale.pairs}")
                for number, (_, read) in reads.items():
                    allowed = 1_000 * _p99(_trial_balance, nothing)
                    pairs[number].append(Pair(allowed, 1_000 * _p99(read, ours)))
                started = time.perf_counter()
                _whole_ageing(ours)
                whole.append(Pair(1, time.perf_counter() - started))
    on_it = (
        f": {len(stated.lines)} lines, {len(stated.open_items)} open items and"
        f" {len(stated.pending_claims)} pending claims"
    )
    long = course.scale.imported is not None
    for number, (name, _) in reads.items():
        yield Line(number, f"{name}, p99", "SELECT 1 through a service", "ms",
                   tuple(pairs[number]), Goal(AT_MOST, 8 if long and number == "P7s" else 5),
                   f"{facts:,} facts, {_CALLS} calls a run"
                   + (on_it if number == "P7s" else ""))  # fmt: skip
    yield Line("P7b", "ageing of the whole book", "one second", "s", tuple(whole),
               Goal(AT_MOST, 1))  # fmt: skip


def _p99(read: Read, channel: grpc.Channel) -> float:
    taken = []
    for _ in range(_CALLS):
        before = time.perf_counter()
        read(channel)
        taken.append(time.perf_counter() - before)
    return percentile(taken, 99)
