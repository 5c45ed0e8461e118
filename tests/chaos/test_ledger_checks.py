"""The checks of a log after a fault find what they look for: controls of all that find nothing."""

from collections.abc import Callable
from typing import Any

import grpc
import pytest

from partsledger.v1.types_pb2 import Receipt
from tests.chaos.ledger_checks import Acknowledged, entries_of, faults, note
from tests.chaos.told import Told
from tests.server.api.import_desk import commands, imported, many_parts
from tests.server.conftest import serving

BOOK = "checked"

Log = list[Any]
Acknowledgements = dict[str, Acknowledged]


@pytest.fixture(scope="module")
def recorded(database_url: str) -> tuple[Log, Acknowledgements]:
    """A log of three commands, and what was told of them."""
    sent = commands(many_parts(BOOK, 3))
    acknowledged: Acknowledgements = {}
    with (
        serving(database_url, BOOK) as app,
        grpc.insecure_channel(app.address) as channel,
    ):
        note(acknowledged, sent, imported(channel, sent))
        return entries_of(channel, BOOK), acknowledged


@pytest.fixture
def log(recorded: tuple[Log, Acknowledgements]) -> Log:
    """A copy, to be spoilt."""
    entries, _ = recorded
    return [type(entry).FromString(entry.SerializeToString()) for entry in entries]


def renumbered(log: Log) -> None:
    for position, entry in enumerate(log, 1):
        entry.position = position


def lose_the_last(log: Log) -> None:
    log.pop()


def lose_one_and_close_the_gap(log: Log) -> None:
    del log[2]
    renumbered(log)


def double_an_entry(log: Log) -> None:
    log.append(log[-1])


def record_a_request_again(log: Log) -> None:
    again = type(log[2]).FromString(log[2].SerializeToString())
    again.stream = "parts/P-99"
    log.append(again)
    renumbered(log)


def record_under_another_request(log: Log) -> None:
    record_a_request_again(log)
    log[-1].request_id = "another"


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lose_the_last, "is at []"),
        (lose_one_and_close_the_gap, "is at []"),
        (double_an_entry, "positions are not"),
        (record_a_request_again, "is at [3, 5]"),
        (record_under_another_request, "nobody was told of another"),
        (lambda log: log.reverse(), "positions are not"),
        (lambda log: setattr(log[2], "leaf_hash", b"?"), "not what was acknowledged"),
        (lambda log: setattr(log[2], "stream", log[1].stream), "version 1 twice"),
    ],
    ids=[
        "lost", "lost without a gap", "doubled", "recorded twice", "recorded by another name",
        "out of order", "altered", "version twice",
    ],
)  # fmt: skip
def test_each_fault_of_a_log_is_named(
    recorded: tuple[Log, Acknowledgements], log: Log, spoil: Callable[[Log], None], fault: str
) -> None:
    _, acknowledged = recorded
    assert faults(log, acknowledged) == []

    spoil(log)

    assert any(fault in wrong for wrong in faults(log, acknowledged)), faults(log, acknowledged)


@pytest.mark.parametrize(
    "change",
    [{"first_position": 9}, {"last_position": 9}, {"leaf_hash": b"?"}],
    ids=lambda change: next(iter(change)),
)
def test_a_receipt_that_is_not_the_first_one_is_noticed(
    recorded: tuple[Log, Acknowledgements], log: Log, change: dict[str, Any]
) -> None:
    """By the log, and by the caller when the request is repeated."""
    _, acknowledged = recorded
    request_id, told = next(iter(acknowledged.items()))
    changed = told._replace(**change)
    assert faults(log, acknowledged | {request_id: changed}) != []

    heard = Told()
    heard.receipt(request_id, Receipt(**told._asdict()))
    with pytest.raises(AssertionError):
        heard.receipt(request_id, Receipt(**changed._asdict()))
