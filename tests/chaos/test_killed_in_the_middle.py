"""A server or its PostgreSQL killed in the middle of everything, again and again.

The same trade is sent in three ways: singly, in batches, on the import stream. However often
somebody is killed, and wherever, the end is that of a run nobody disturbed: everything that was
acknowledged is there once, with the receipt that was told, and the views read the same.

PARTSLEDGER_KILLS says how often each victim dies in each way:
PARTSLEDGER_KILLS=50 pytest -s tests/chaos/test_killed_in_the_middle.py
"""

import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

import grpc
import pytest

from partsledger.v1.import_service_pb2 import ImportCommand
from server.cli.channel import Connection, connected
from server.erp.folder import Ordered
from server.postgres.data_directory import DataDirectoryInUse
from server.postgres.embedded import EmbeddedPostgres
from tests.chaos.disturbed import Run, disturbed
from tests.chaos.ending import Ending, ending
from tests.chaos.ledger_checks import faults, views_are_as_rebuilt
from tests.chaos.mixed_trade import trade_of
from tests.chaos.processes import MortalServer, Victim
from tests.chaos.readings import differences
from tests.chaos.told import Told
from tests.chaos.ways import WAYS, Way, on_the_stream

KILLS: Final = int(os.environ.get("PARTSLEDGER_KILLS", "1"))
KILLS_A_RUN: Final = 10


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    # Not tmp_path: as root PostgreSQL is another user, who may not go there.
    with tempfile.TemporaryDirectory(prefix="partsledger-tests-") as directory:
        yield Path(directory)
        with suppress(DataDirectoryInUse), EmbeddedPostgres(Path(directory)):
            pass  # Whatever a killed server left behind is stopped here.


class Undisturbed(NamedTuple):
    """A run without kills: how it ended, and how it stood one command before."""

    ending: Ending
    before: Ending


@pytest.fixture(scope="module")
def undisturbed(data_dir: Path) -> Undisturbed:
    commands, told = trade_of("undisturbed").all, Told()
    with (
        MortalServer(data_dir, "undisturbed") as server,
        connected(server.address, "undisturbed") as connection,
    ):
        on_the_stream(connection, commands[:-1], told)
        before = ending(connection, commands, told)
        on_the_stream(connection, commands[-1:], told)
        undisturbed = Undisturbed(ending(connection, commands, told), before)
    slow_down_commits(data_dir)
    return undisturbed


def slow_down_commits(data_dir: Path) -> None:
    """To what they take on a slow disk, from the next start on: so kills meet more of them."""
    with (data_dir / "postgres/postgresql.conf").open("a") as settings:
        settings.write("commit_delay = 8000  # Microseconds.\ncommit_siblings = 0\n")


@pytest.mark.timeout(600 + 60 * KILLS)
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_whoever_is_killed_in_the_middle_it_ends_as_if_nobody_had_been(
    data_dir: Path, undisturbed: Undisturbed, way: Way
) -> None:
    random = Random(way.__name__)
    runs: list[Run] = []
    while victims := still_to_die(runs):
        random.shuffle(victims)
        book = f"{way.__name__}_{len(runs)}"
        with MortalServer(data_dir, book) as server:
            run = disturbed(server, book, way, random, victims[:KILLS_A_RUN])
            runs.append(run)
            assert run.killed, "it was over before anybody was killed"
            with connected(server.address, book) as connection:
                require_nothing_lost_doubled_or_changed(connection, run)
                require_the_same_ending(connection, run, undisturbed.ending, way)
        killed = sum(len(run.killed) for run in runs)
        in_the_middle = sum(len(run.interrupted()) for run in runs)
        assert killed <= 2 * in_the_middle + 2  # The control: most kills are in the middle.
    print(f"\n{way.__name__}: {summary(runs)}")


def still_to_die(runs: Sequence[Run]) -> list[Victim]:
    """Each victim as often as it is left; a kill that interrupted nothing does not count."""
    died = Counter(interrupted.victim for run in runs for interrupted in run.interrupted())
    return list((Counter(dict.fromkeys(Victim, KILLS)) - died).elements())


def require_nothing_lost_doubled_or_changed(connection: Connection, run: Run) -> None:
    """What a repeated request is told neither, whoever repeats it."""
    assert run.heard_by_a_reader == {grpc.StatusCode.UNAVAILABLE}
    assert faults(run.entries, run.told.acknowledged) == []
    for commands in (run.acknowledged, [by_another(each) for each in run.acknowledged]):
        again = Told()
        on_the_stream(connection, commands, again)
        assert again.acknowledged == run.told.acknowledged


def by_another(ordered: Ordered) -> Ordered:
    """The same request, sent by somebody who has nothing to do with it."""
    command = ImportCommand()
    command.CopyFrom(ordered.command)
    command.actor = "somebody.else"
    return ordered._replace(command=command)


def require_the_same_ending(connection: Connection, run: Run, expected: Ending, way: Way) -> None:
    found = ending(connection, run.commands, run.told)
    assert found.refused == expected.refused
    assert sorted(found.history) == sorted(expected.history)
    assert differences(found.readings, expected.readings) == []
    if way is on_the_stream:  # Its order is always the same.
        assert found.history == expected.history
        assert found.fingerprints == expected.fingerprints
    book = connection.book.removeprefix("books/")
    assert views_are_as_rebuilt(connection.channel, book)


def test_a_single_command_more_is_seen_in_everything_that_is_compared(
    undisturbed: Undisturbed,
) -> None:
    """Control: the comparisons above can fail."""
    ending, before = undisturbed

    assert len(ending.history) > 3_000
    assert len(ending.refused) > 5
    assert sorted(ending.history) != sorted(before.history)
    assert ending.fingerprints != before.fingerprints
    assert differences(ending.readings, before.readings) != []


def summary(runs: Sequence[Run]) -> str:
    """What happened, for people."""
    kills = Counter(kill.victim for run in runs for kill in run.killed)
    interrupted = [found for run in runs for found in run.interrupted()]
    parts = [
        f"{victim} killed {kills[victim]} times,"
        f" {sum(found.victim is victim for found in interrupted)} times in the middle of"
        f" {sum(len(found.commands) for found in interrupted if found.victim is victim)} commands"
        for victim in Victim
    ]
    again = sum(run.told.sent_again for run in runs)
    recorded = sum(run.recorded_unheard for run in runs)
    parts.append(f"{again} commands sent again, {recorded} had been recorded before the kill")
    return f"{'; '.join(parts)}; {len(runs)} runs"
