"""Keeps a copy of the log in a file of SQLite, and goes on after a crash where it was.

    python -m examples.consumer entries.sqlite --server 127.0.0.1:50151
    python -m examples.consumer d01.sqlite --tls-ca keys/ca.pem --token-file keys/d01.jwt

This is how a downstream system follows the ledger. Each entry arrives at least once and in order;
how far it has got is written down together with what it has taken in, in one transaction. So
nothing is missing and nothing is there twice, whenever it is killed. With a dealer's token it gets
that dealer's entries.
"""

import argparse
import sqlite3
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

import grpc

from partsledger.v1 import entry_service_pb2 as pb
from partsledger.v1.entry_service_pb2_grpc import EntryServiceStub

TABLES: Final = """
    CREATE TABLE IF NOT EXISTS entries (
        position INTEGER PRIMARY KEY, stream TEXT, version INTEGER, topic TEXT, recorded_at TEXT,
        state BLOB
    );
    CREATE TABLE IF NOT EXISTS passed (one INTEGER PRIMARY KEY CHECK (one = 1), position INTEGER);
    INSERT OR IGNORE INTO passed VALUES (1, 0);
"""
MOST_AT_A_TIME: Final = 500
LONGEST_PAUSE: Final = 8.0  # Seconds, before it tries again to reach a server that is gone.


class Copy:
    """The file, and how far the log was read into it."""

    def __init__(self, file: Path) -> None:
        self.database = sqlite3.connect(file)
        self.database.executescript(TABLES)

    @property
    def passed(self) -> int:
        [(position,)] = self.database.execute("SELECT position FROM passed")
        return int(position)

    def take(self, entries: Sequence[pb.Entry], passed: int) -> None:
        """Writes entries, and the position they reach to, in one transaction."""
        rows = [
            (e.position, e.stream, e.version, e.topic, e.record_time.ToJsonString(), e.state)
            for e in entries
        ]
        with self.database:
            self.database.executemany("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?)", rows)
            self.database.execute("UPDATE passed SET position = ?", (passed,))


def follow(copy: Copy, stub: EntryServiceStub, book: str, token: str) -> Iterator[int]:
    """Takes in what comes, and yields the position it has reached. Ends as the call ends."""
    request = pb.SubscribeEntriesRequest(parent=book, from_position=copy.passed + 1)
    metadata = (("authorization", f"Bearer {token}"),) if token else ()
    entries: list[pb.Entry] = []
    for event in stub.SubscribeEntries(request, metadata=metadata):
        if event.HasField("entry"):
            entries.append(event.entry)
            if len(entries) < MOST_AT_A_TIME:
                continue
            passed = event.entry.position
        else:
            passed = event.heartbeat.passed_position
        copy.take(entries, passed)
        entries.clear()
        yield passed


def keep_following(copy: Copy, channel: grpc.Channel, book: str, token: str) -> None:
    """Comes back whenever the server is gone; whatever else goes wrong ends it."""
    pause = 0.2
    while True:
        try:
            for passed in follow(copy, EntryServiceStub(channel), book, token):
                pause = 0.2
                print(f"passed {passed}", flush=True)
        except grpc.RpcError as error:
            if told(error).code() is not grpc.StatusCode.UNAVAILABLE:
                raise
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


def told(error: grpc.RpcError) -> grpc.Call:
    """The call that has failed, which says why."""
    assert isinstance(error, grpc.Call)
    return error


def main() -> int:
    asked = _asked_for()
    token = asked.token_file.read_text().strip() if asked.token_file else ""
    if asked.tls_ca:
        credentials = grpc.ssl_channel_credentials(asked.tls_ca.read_bytes())
        channel = grpc.secure_channel(asked.server, credentials)
    else:
        channel = grpc.insecure_channel(asked.server)
    copy = Copy(asked.file)
    try:
        with channel, closing(copy.database):
            keep_following(copy, channel, f"books/{asked.book}", token)
    except grpc.RpcError as error:
        print(f"error: {told(error).details()} ({told(error).code().name})", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def _asked_for() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m examples.consumer", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("file", type=Path, help="where the copy is kept; it goes on with one there")
    parser.add_argument("--server", default="127.0.0.1:50151", metavar="HOST:PORT")
    parser.add_argument("--book", default="main")
    parser.add_argument("--tls-ca", type=Path, metavar="PEM")
    parser.add_argument("--token-file", type=Path, metavar="FILE")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
