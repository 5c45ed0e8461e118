"""One database, and what happens to those who write to it: cut off, told to stop, taken over."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from typing import Any

import grpc
import psycopg2
import pytest

from server.app import running
from server.eventlog import short_append
from server.settings import Settings
from tests.chaos.ledger_checks import (
    Acknowledged,
    entries_of,
    faults,
    note,
    views_are_as_rebuilt,
)
from tests.chaos.processes import serving
from tests.server.api.import_desk import commands, imported, importing, many_parts, messages
from tests.server.api.reading.front_desk import FrontDesk, Refused

COUNT = 1_500
PATIENCE_SECONDS = 60  # On a busy machine.


@pytest.mark.parametrize("longest", [short_append.LONGEST, -1], ids=["short", "copied"])
def test_a_writer_whose_backend_is_ended_again_and_again_loses_and_doubles_nothing(
    database_url: str, book: str, longest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A short append that is cut off is sent again; of a copied one nobody knows how it ended."""
    monkeypatch.setattr(short_append, "LONGEST", longest)
    sent = commands(many_parts(book, COUNT))
    acknowledged: dict[str, Acknowledged] = {}
    settings = Settings.read(database_url=database_url, listen="127.0.0.1:0", book=book)
    with (
        running(settings) as app,
        grpc.insecure_channel(app.address) as channel,
        ending_writers(database_url, f"writer of book_{book}") as ended,
    ):
        undecided = 0
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(acknowledged) < COUNT:
            assert time.monotonic() < deadline, f"{len(acknowledged)} of {COUNT} have got through"
            rest = sent[len(acknowledged) :][:300]
            answers = imported(channel, rest, batch=30)
            decided = [answer for answer in answers if not answer.HasField("error")]
            assert decided == answers[: len(decided)]  # After an undecided one, none is decided.
            for answer in answers[len(decided) :]:
                assert answer.error.code == grpc.StatusCode.UNAVAILABLE.value[0]
            undecided += len(answers) - len(decided)
            note(acknowledged, rest, decided)
        assert len(ended) > 0
        if longest < 0:  # The control: some were in the middle of their commit.
            assert undecided > 0
        entries = entries_of(channel, book)
        assert faults(entries, acknowledged) == []
        assert len(entries) == COUNT + 1
        assert views_are_as_rebuilt(channel, book)


class ending_writers:  # noqa: N801 - Reads as what it does.
    """Ends the writer's backend when it is inside a transaction, ten times; the pids of those."""

    def __init__(self, database_url: str, name: str) -> None:
        self._url, self._name = database_url, name
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._ended: list[int] = []

    def __enter__(self) -> list[int]:
        self._thread.start()
        return self._ended

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        query = (
            "SELECT pid, pg_terminate_backend(pid) FROM (SELECT pid FROM pg_stat_activity"
            " WHERE application_name = %s AND xact_start IS NOT NULL OFFSET 0) AS busy"
        )
        with closing(psycopg2.connect(self._url)) as connection:
            connection.autocommit = True
            cursor = connection.cursor()
            while not self._stop.wait(0.005) and len(self._ended) < 10:
                cursor.execute(query, [self._name])
                if cursor.rowcount:
                    self._ended += [pid for pid, _ in cursor.fetchall()]
                    self._stop.wait(0.05)  # So that something gets through.


def test_a_server_told_to_stop_answers_what_it_has_and_ends_with_0(
    database_url: str, book: str
) -> None:
    sent = commands(many_parts(book, COUNT))
    acknowledged: dict[str, Acknowledged] = {}
    options = ("--database-url", database_url, "--book", book)
    with serving(*options) as (process, address):
        answered = 0
        with grpc.insecure_channel(address) as channel, suppress(grpc.RpcError):
            for response in importing(channel, paced(messages(sent, batch=50))):
                answered += note(acknowledged, sent, response.answers)
                if answered >= 500:
                    process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert 500 <= answered < COUNT  # The control: there was more to come.

    with serving(*options) as (_, address), grpc.insecure_channel(address) as channel:
        entries = entries_of(channel, book)
        assert faults(entries, acknowledged) == []
        assert len(entries) == answered + 1  # All that was recorded had been answered.
        assert note(acknowledged, sent, imported(channel, sent)) == COUNT
        assert faults(entries_of(channel, book), acknowledged) == []


def paced(requests: Iterator[Any]) -> Iterator[Any]:
    """A caller who is not in a hurry."""
    for request in requests:
        time.sleep(0.02)
        yield request


def test_of_two_servers_the_later_one_writes_and_the_earlier_one_refuses(
    database_url: str, book: str
) -> None:
    settings = Settings.read(database_url=database_url, listen="127.0.0.1:0", book=book)
    ends: dict[str, list[grpc.StatusCode]] = {"old": [], "new": []}
    with running(settings) as old, ExitStack() as calls:
        calls.enter_context(calling(old.address, book, "old", ends["old"]))
        until(lambda: ends["old"] != [])
        with running(settings) as new:
            calls.enter_context(calling(new.address, book, "new", ends["new"]))
            until(lambda: len(ends["new"]) >= 100 and grpc.StatusCode.UNAVAILABLE in ends["old"])
            calls.close()
            with grpc.insecure_channel(new.address) as channel:
                actors = [entry.actor for entry in entries_of(channel, book)][1:]
            with grpc.insecure_channel(old.address) as channel:
                desk = FrontDesk(channel, book)
                with pytest.raises(Refused) as refusal:
                    desk.add_part("TOO-LATE")
                assert desk.call("Part.GetPart", name=desk.name("parts/new-1"))  # It still reads.

    assert set(ends["new"]) == {grpc.StatusCode.OK}
    assert set(ends["old"]) == {grpc.StatusCode.OK, grpc.StatusCode.UNAVAILABLE}
    assert refusal.value.reason == "BOOK_TAKEN_OVER"
    assert turns(actors) == ["old", "new"]
    assert actors.count("old") >= ends["old"].count(grpc.StatusCode.OK)


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@contextmanager
def calling(address: str, book: str, actor: str, ends: list[grpc.StatusCode]) -> Iterator[None]:
    """Meanwhile somebody creates parts on a server, whatever it answers."""
    stop = threading.Event()

    def run() -> None:
        with grpc.insecure_channel(address) as channel:
            desk = FrontDesk(channel, book)
            part = {"description": "x", "part_class": "PART_CLASS_WEAR"}
            count = 0
            while not stop.is_set():
                count += 1
                try:
                    desk.call("Part.CreatePart", actor, part_id=f"{actor}-{count}", part=part)
                    ends.append(grpc.StatusCode.OK)
                except Refused as refusal:
                    ends.append(refusal.code)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(20)


def turns(actors: list[str]) -> list[str]:
    """Who wrote, one after another: a takeover is one turn each."""
    return [actor for i, actor in enumerate(actors) if i == 0 or actor != actors[i - 1]]


def test_writers_who_take_turns_are_noticed() -> None:
    """Control of the check above."""
    assert turns(["old", "old", "new", "old", "new"]) == ["old", "new", "old", "new"]
