"""Entries are found by their step, their stream, their cause, and the request that made them."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from domain.errors import EntryUnreadable
from domain.facts import Cause
from server.eventlog.answers import NewAnswer
from server.eventlog.entry_reader import EntryReader
from server.eventlog.recorders import ApplicationRecorder
from tests.server.eventlog.conftest import MakeFact
from tests.server.eventlog.requests import R_1, R_2, R_3

SALE = "sales/S-1"


def caused_by(stream: str, version: int) -> bytes:
    return json.dumps({"caused_by": stream, "caused_by_version": version}).encode()


@pytest.fixture
def entries(log: ApplicationRecorder, fact: MakeFact) -> EntryReader:
    """One request makes 1 and 2, a second 3 to 5, and 6 belongs to none that was answered."""
    answered = [NewAnswer(R_1, b"f", b"r", 0, 2), NewAnswer(R_2, b"f", b"r", 2, 3)]
    facts = [
        fact(SALE, 1, request_id=R_1),
        fact("stock/a", 1, caused_by(SALE, 1), request_id=R_1, actor="wang"),
        fact("sales/S-10", 1, request_id=R_2),
        fact(SALE, 2, request_id=R_2),
        fact("stock/a", 2, caused_by(SALE, 2), request_id=R_2),
        fact("stock/b", 1, caused_by("sales/S-10", 1), request_id=R_3),
    ]
    log.append(facts, answered)
    return log.entries


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, [1, 2, 3, 4, 5, 6]),
        ({"stream": SALE}, [1, 4]),
        ({"stream": "sales/S"}, []),
        ({"actor": "wang"}, [2]),
        ({"only": [5, 2, 9]}, [2, 5]),
        ({"only": []}, []),
        ({"only": [2, 5], "after": 2}, [5]),
        ({"cause": Cause(SALE, 1)}, [2]),
        ({"cause": Cause(SALE, 2)}, [5]),
        ({"cause": Cause(SALE, 0)}, [2, 5]),
        ({"cause": Cause("sales/S-9", 1)}, []),
    ],
)
def test_entries_are_those_that_meet_every_condition(
    entries: EntryReader, asked: dict[str, Any], found: list[int]
) -> None:
    read = entries.read(**({"after": 0, "limit": 10} | asked))

    assert [entry.position for entry in read] == found


def test_a_step_is_found_by_its_stream_and_its_version(entries: EntryReader) -> None:
    """Each with its own: not the version of one in the stream of another."""
    asked = [Cause(SALE, 2), Cause("stock/a", 1), Cause("sales/S-10", 2)]
    found = entries.steps(asked)

    assert {step: entry.position for step, entry in found.items()} == {asked[0]: 4, asked[1]: 2}
    assert entries.steps([]) == {}


@pytest.mark.parametrize(("through", "found"), [(6, [1, 3, 4]), (4, [1, 3, 4]), (3, [1, 3])])
def test_whole_streams_are_read_up_to_a_position(
    entries: EntryReader, through: int, found: list[int]
) -> None:
    read = entries.of_streams(["sales/S-10", SALE, "sales/none"], through)

    assert [entry.position for entry in read] == found


@pytest.mark.parametrize(("version", "found"), [(0, [1, 4]), (1, [1]), (2, [4]), (3, [])])
def test_version_0_is_any_step_of_a_document(
    entries: EntryReader, version: int, found: list[int]
) -> None:
    assert sorted(entries.positions_of(Cause(SALE, version))) == found


@pytest.mark.parametrize(
    ("positions", "request_ids", "found"),
    [
        ([1], [], [1, 2]),
        ([4], [], [3, 4, 5]),
        ([], [R_1], [1, 2]),
        ([2, 1], [R_1], [1, 2]),
        ([5], [R_1], [1, 2, 3, 4, 5]),
        ([6], [R_3], []),
        ([], [], []),
    ],
)
def test_what_a_request_recorded_is_found_by_any_of_it_or_by_its_id(
    entries: EntryReader, positions: Sequence[int], request_ids: Sequence[str], found: list[int]
) -> None:
    assert entries.recorded_together(positions, request_ids) == found


@pytest.mark.parametrize(("version", "position"), [(1, 1), (2, 4), (3, 0)])
def test_an_unreadable_entry_is_told_with_its_position_if_it_has_one(
    entries: EntryReader, version: int, position: int
) -> None:
    told = EntryUnreadable(SALE, version, "partsledger:Of.None", "no such kind")
    located = entries.located(told)

    assert int(located.facts["position"]) == position
    assert {**located.facts, "position": ""} == {**told.facts, "position": ""}
