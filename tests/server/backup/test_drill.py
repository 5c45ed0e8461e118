"""The drill: a backup in the middle of the trade, the machine lost, everything restored elsewhere.

Server and PostgreSQL run in processes of their own, and are killed while postings go on. What was
acknowledged up to the backup's position is there afterwards, and the trade goes on from there.
"""

import json
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from server.cli.channel import Connection, connected
from server.cli.failure import Failure
from server.erp.folder import Ordered
from server.eventlog.tree import Tree
from tests.chaos.ledger_checks import entries_of, views_are_as_rebuilt
from tests.chaos.mixed_trade import id_of, trade_of
from tests.chaos.processes import MortalServer, Victim
from tests.chaos.told import Told
from tests.chaos.ways import on_the_stream
from tests.server.cli.terminal import PARTSLEDGER

BOOK: Final = "drill"
ANSWERED_BEFORE: Final = 300  # Commands, when the backup begins.
PIECE: Final = 20  # Commands sent before looking whether the machine is lost.
_PAUSE_SECONDS: Final = 0.15  # After each: so the trade goes on for as long as a backup takes.


def run(*arguments: str) -> Any:
    """A command in a process of its own, which knows nothing of ours."""
    ended = subprocess.run(
        [*PARTSLEDGER, *arguments, "--json"], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


class Poster(threading.Thread):
    """Sends a trade until it is told to stop, or nobody answers."""

    def __init__(self, connection: Connection, commands: Sequence[Ordered], told: Told) -> None:
        super().__init__(name="poster")
        self.stopped = threading.Event()
        self.died: Exception | None = None
        self._work = connection, commands, told

    def run(self) -> None:
        connection, commands, told = self._work
        try:
            for first in range(0, len(commands), PIECE):
                on_the_stream(connection, commands[first : first + PIECE], told)
                if told.answered > ANSWERED_BEFORE and self.stopped.wait(_PAUSE_SECONDS):
                    return
        except Failure as error:
            self.died = error


def root_of(entries: Sequence[Any]) -> str:
    tree = Tree()
    for entry in entries:
        tree.add(entry.leaf_hash)
    return tree.root().hex()


@pytest.mark.timeout(600)
def test_a_machine_that_is_lost_is_restored_from_its_backup_up_to_its_position(
    directory: Path,
) -> None:
    lost, there, file = directory / "lost", directory / "there", str(directory / "drill.backup")
    commands, told = trade_of(BOOK).valid, Told()
    server = MortalServer(lost, BOOK)
    with server, connected(server.address, BOOK) as connection:
        poster = Poster(connection, commands, told)
        poster.start()
        assert told.wait_for(ANSWERED_BEFORE, 60)
        taken = run("backup", file, "--data-dir", str(lost), "--book", BOOK)
        until_then = told.answered
        assert told.wait_for(until_then + PIECE, 60)  # The control: it went on meanwhile.
        poster.stopped.set()
        poster.join(60)
        server.kill(Victim.SERVER)
        server.kill(Victim.POSTGRES)
    position = taken["position"]
    assert poster.died is None
    assert max(each.last_position for each in told.acknowledged.values()) > position

    restored = run("restore", file, "--data-dir", str(there))

    assert (restored["position"], restored["sound"]) == (position, True)
    assert restored["root_hash"] == taken["root_hash"]
    with MortalServer(there, BOOK) as again, connected(again.address, BOOK) as connection:
        found = entries_of(connection.channel, BOOK)
        assert root_of(found) == taken["root_hash"]
        require_acknowledged(found, told, position)
        require_repeats_are_answered_as_before(connection, commands, told, position)
        assert len(entries_of(connection.channel, BOOK)) == position  # Nothing was posted twice.
        on_the_stream(connection, commands, Told())  # The trade goes on, to its end.
        assert len(entries_of(connection.channel, BOOK)) > position
        assert views_are_as_rebuilt(connection.channel, BOOK)
        after = entries_of(connection.channel, BOOK)
    with MortalServer(lost, BOOK) as old, connected(old.address, BOOK) as connection:
        before = entries_of(connection.channel, BOOK)
        assert root_of(before[:position]) == root_of(after[:position]) == taken["root_hash"]
        assert before[:position] == after[:position]
        assert root_of(before[: position + 1]) != root_of(after[: position + 1])  # The control.


def require_acknowledged(entries: Sequence[Any], told: Told, position: int) -> None:
    """Everything that callers were told of is there, where and as they were told."""
    up_to_it = [each for each in told.acknowledged.values() if each.last_position <= position]
    assert len(up_to_it) >= ANSWERED_BEFORE
    for each in up_to_it:
        assert entries[each.last_position - 1].leaf_hash == each.leaf_hash


def require_repeats_are_answered_as_before(
    connection: Connection, commands: Sequence[Ordered], told: Told, position: int
) -> None:
    known = [
        command
        for command in commands
        if id_of(command) in told.acknowledged
        and told.acknowledged[id_of(command)].last_position <= position
    ]
    again = Told()
    on_the_stream(connection, known, again)
    assert again.refused == {}
    assert again.acknowledged == {
        id_of(command): told.acknowledged[id_of(command)] for command in known
    }
