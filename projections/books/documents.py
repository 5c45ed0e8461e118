"""Documents: every stream that people look up by number, with each step it has taken.

Enough to list transfers, claims or dealers as of any position; what a document says in full is in
its facts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final, NamedTuple

from projections.engine.reading import Reading
from projections.engine.row_security import OF_DEALER, of_document, of_record
from projections.engine.view import View

# Stock and accounts have views of their own, and far more facts than all documents together.
_NO_DOCUMENTS: Final = ("stock", "accounts")

# The same for all dealers, and shown to each.
_SHARED: Final = ("parts", "price-lists", "listed-prices", "policies")
_OWN: Final = " OR ".join(
    (
        f"kind IN {_SHARED}",
        OF_DEALER,
        f"(kind = 'dealers' AND {of_record('key')})",
        of_document("kind", "key"),
    )
)

DOCUMENT_STEPS: Final = View(
    name="document_steps",
    table="""
    CREATE TABLE {views}.document_steps (
        position    bigint      NOT NULL,
        recorded_at timestamptz NOT NULL,
        version     integer     NOT NULL,
        kind        text        COLLATE "C" NOT NULL,  -- The collection: transfers, claims, …
        key         text        COLLATE "C" NOT NULL,  -- The number in it.
        state       text        COLLATE "C" NOT NULL,  -- The fact's name: Requested, …
        dealer      text        COLLATE "C",           -- If the first fact names one.
        supplier    text        COLLATE "C",           -- If this fact names one.
        paper       text        COLLATE "C",           -- If it is another than the own number.
        occurred_on date                               -- If the fact has a business date.
    )
    """,
    fold="""
    INSERT INTO {views}.document_steps
    SELECT f.position, f.recorded_at, f.version, split_part(f.stream, '/', 1),
           substr(f.stream, strpos(f.stream, '/') + 1), split_part(f.topic, '.', 2),
           CASE WHEN f.version = 1 THEN f.dealer END, f.supplier,
           nullif(nullif(f.document, ''), substr(f.stream, strpos(f.stream, '/') + 1)),
           f.occurred_on
    FROM {facts} AS f
    WHERE split_part(f.stream, '/', 1) <> ALL(%(no_documents)s)
    """,
    indexes="""
    ALTER TABLE {views}.document_steps ADD PRIMARY KEY (position);
    CREATE UNIQUE INDEX ON {views}.document_steps (kind, key, version);
    CREATE INDEX ON {views}.document_steps (kind, dealer, key)
        WHERE version = 1 AND dealer IS NOT NULL;
    CREATE INDEX ON {views}.document_steps (supplier, position) WHERE supplier IS NOT NULL;
    CREATE INDEX ON {views}.document_steps (key) WHERE version = 1;
    CREATE INDEX ON {views}.document_steps (paper) WHERE paper IS NOT NULL;
    CREATE INDEX ON {views}.document_steps (kind, occurred_on, key) WHERE version = 1;
    """,
    reads={"dealer": "text", "supplier": "text", "document": "text", "occurred_on": "date"},
    values={"no_documents": list(_NO_DOCUMENTS)},
    own=_OWN,
)

# The first fact of a document says when it happened.
_LIST: Final = """
    SELECT f.kind, f.key, f.dealer, f.position, f.recorded_at, l.position, l.version, l.state,
           f.occurred_on
    FROM {views}.document_steps AS f
    CROSS JOIN LATERAL (
        SELECT s.position, s.version, s.state FROM {views}.document_steps AS s
        WHERE s.kind = f.kind AND s.key = f.key AND s.position <= %(position)s
        ORDER BY s.version DESC LIMIT 1
    ) AS l
    WHERE f.kind = %(kind)s AND f.version = 1 AND f.position <= %(position)s
      AND {after}
      AND f.key > %(begin)s AND (%(end)s::text IS NULL OR f.key < %(end)s)
      AND right(f.key, length(%(key_end)s)) = %(key_end)s
      AND (%(dealer)s::text IS NULL OR f.dealer = %(dealer)s)
      AND (%(states)s::text[] IS NULL OR l.state = ANY(%(states)s::text[]))
      AND (%(first_day)s::date IS NULL OR f.occurred_on >= %(first_day)s)
      AND (%(last_day)s::date IS NULL OR f.occurred_on <= %(last_day)s)
      AND (%(paper)s = '' OR f.key = %(paper)s OR f.key = ANY(ARRAY(
          SELECT key FROM {views}.document_steps
          WHERE paper = %(paper)s AND kind = %(kind)s AND position <= %(position)s
      )))
    ORDER BY {order}
    LIMIT %(limit)s
"""


class Order(StrEnum):
    """In which order documents are listed, and how requests name it."""

    BY_KEY = ""
    BY_DAY = "occurred_on"
    LATEST_FIRST = "occurred_on desc"


_ORDERS: Final = {
    Order.BY_KEY: ("f.key", "f.key > %(after_key)s"),
    Order.BY_DAY: (
        "f.occurred_on, f.key", "(f.occurred_on, f.key) > (%(after_day)s::date, %(after_key)s)"
    ),
    Order.LATEST_FIRST: (
        "f.occurred_on DESC, f.key DESC",
        "(f.occurred_on, f.key) < (%(after_day)s::date, %(after_key)s)",
    ),
}  # fmt: skip

# Of documents of any kind with a number, and of others on a paper with it.
_STEPS: Final = """
    SELECT s.position
    FROM {views}.document_steps AS f
    CROSS JOIN LATERAL (
        SELECT position FROM {views}.document_steps
        WHERE kind = f.kind AND key = f.key AND position <= %(position)s
        OFFSET 0  -- Found by its key: a join may be planned to read all documents.
    ) AS s
    WHERE f.key = %(number)s AND f.version = 1
    UNION
    SELECT position FROM {views}.document_steps
    WHERE paper = %(number)s AND position <= %(position)s
    ORDER BY position
"""


class Document(NamedTuple):
    """A document as its last fact up to the reading's position left it."""

    kind: str
    key: str
    dealer: str | None
    first_position: int
    created_at: datetime
    last_position: int
    version: int
    state: str  # The last fact's name.
    occurred_on: date | None  # Of the first fact.


@dataclass(frozen=True, slots=True)
class DocumentPage:
    as_of_position: int
    documents: tuple[Document, ...]  # In the order asked for; the next page is after the last.


class Wanted(NamedTuple):
    """Which documents of a kind are listed, and in which order. What is left out selects nothing.

    With `begin` and `end` only those with keys between: after `D01/` and before `D010` is what
    begins with `D01/`, because the character 0 follows the slash. With `key_end` only keys that end
    so. `states` are the names of their last facts; the days are of their first.
    """

    dealer: str | None = None
    states: Sequence[str] = ()
    first_day: date | None = None
    last_day: date | None = None
    paper: str = ""  # With this number, or with a step on a paper that has it.
    begin: str = ""
    end: str | None = None
    key_end: str = ""
    order: Order = Order.BY_KEY


EVERYTHING: Final = Wanted()


def list_documents(
    now: Reading,
    kind: str,
    wanted: Wanted = EVERYTHING,
    *,
    after: tuple[date | None, str] | None = None,
    limit: int = 100,
) -> DocumentPage:
    """Up to `limit` documents of a kind; a page comes `after` the day and the key of a document."""
    by, behind = _ORDERS[wanted.order]
    after_day, after_key = after or (None, "")
    values = {
        **wanted._asdict(),
        "states": list(wanted.states) or None,
        "kind": kind,
        "after_day": after_day,
        "after_key": after_key,
        "limit": limit,
    }
    query = _LIST.replace("{after}", behind if after else "true").replace("{order}", by)
    return DocumentPage(now.position, tuple(Document(*row) for row in now.select(query, values)))


def steps_of_number(now: Reading, number: str) -> list[int]:
    """The positions of all steps of the documents with a number, and of steps on such a paper."""
    return [position for (position,) in now.select(_STEPS, {"number": number})]
