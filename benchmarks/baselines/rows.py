"""The same rows without a ledger: COPY of a thousand a commit, and INSERT of one a commit.

The table is the product's, with its constraints and indexes; only the triggers are left out, which
an insert does not fire.
"""

import io
import time
from collections.abc import Sequence
from contextlib import closing
from typing import Final

import psycopg2

ROWS_PER_COMMIT: Final = 1_000
COLUMNS: Final = (
    "position, recorded_at, version, topic, request_id, stream, actor, principal, previous_hash, "
    "salt, leaf_hash, state"
)

TABLE: Final = """
    CREATE TABLE entries (
        position      bigint      PRIMARY KEY CHECK (position > 0),
        recorded_at   timestamptz NOT NULL,
        version       integer     NOT NULL,
        topic         smallint    NOT NULL,
        request_id    uuid        NOT NULL,
        stream        text        COLLATE "C" NOT NULL,
        actor         text        NOT NULL,
        principal     text        NOT NULL,
        previous_hash bytea       NOT NULL CHECK (octet_length(previous_hash) IN (0, 32)),
        salt          bytea       NOT NULL CHECK (octet_length(salt) = 16),
        leaf_hash     bytea       NOT NULL CHECK (octet_length(leaf_hash) = 32),
        state         text        NOT NULL,
        UNIQUE (stream, version)
    )
"""
_INSERT: Final = f"INSERT INTO entries ({COLUMNS}) VALUES (%s" + ", %s" * 11 + ")"


def copied_out(url: str, after: int = 0) -> list[bytes]:
    """The lines of the product's log, as COPY writes them."""
    text = io.BytesIO()
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as c:
        c.copy_expert(
            f"COPY (SELECT {COLUMNS} FROM book_main.entries WHERE position > {int(after)}"
            " ORDER BY position) TO STDOUT",
            text,
        )
    return text.getvalue().splitlines(keepends=True)


def copy_rate(url: str, lines: Sequence[bytes]) -> float:
    """Rows a second by COPY, so many a commit."""
    texts = [
        b"".join(lines[at : at + ROWS_PER_COMMIT]) for at in range(0, len(lines), ROWS_PER_COMMIT)
    ]
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as c:
        c.execute(TABLE)
        connection.commit()
        started = time.perf_counter()
        for text in texts:
            c.copy_expert(f"COPY entries ({COLUMNS}) FROM STDIN", io.BytesIO(text))
            connection.commit()
        return len(lines) / (time.perf_counter() - started)


def commit_latencies(url: str, lines: Sequence[bytes]) -> list[float]:
    """Seconds for each row by itself, its commit included."""
    rows = [_values(line) for line in lines]
    latencies = []
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as c:
        c.execute(TABLE)
        connection.commit()
        for row in rows:
            before = time.perf_counter()
            c.execute(_INSERT, row)
            connection.commit()
            latencies.append(time.perf_counter() - before)
    return latencies


def _values(line: bytes) -> list[str | None]:
    """The columns of a line of COPY's text; its escapes are those of JSON and bytea only."""
    columns = line.decode().rstrip("\n").split("\t")
    return [None if column == r"\N" else column.replace("\\\\", "\\") for column in columns]
