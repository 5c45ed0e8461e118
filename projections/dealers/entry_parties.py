"""Whom each entry concerns: dealers, suppliers and carriers, to find its entries by.

Those that its postings name; the dealer that the first fact of its document names, and so each step
of the document after it; the supplier that it names itself. A place is no party.
"""

from typing import Final

from projections.books.documents import DOCUMENT_STEPS
from projections.books.journal import JOURNAL_LINES
from projections.dealers.account_rows import DEALER_ACCOUNTS_OPENED, ISSUED_STATEMENTS
from projections.engine.reading import Reading
from projections.engine.view import View

ENTRY_PARTIES: Final = View(
    name="entry_parties",
    table="""
    CREATE TABLE {views}.entry_parties (
        position bigint NOT NULL,
        party    text   COLLATE "C" NOT NULL  -- dealers/D01, suppliers/S01
    )
    """,
    fold="""
    INSERT INTO {views}.entry_parties
    SELECT position, party FROM (
        SELECT l.position, l.party FROM {views}.journal_lines AS l
        WHERE l.position > %(after)s AND l.position <= %(through)s
          AND l.party <> '' AND NOT starts_with(l.party, 'places/')
        UNION
        SELECT s.position,
               'dealers/' || CASE WHEN s.kind = 'dealers' THEN s.key ELSE first.dealer END
        FROM {views}.document_steps AS s
        CROSS JOIN LATERAL (
            SELECT dealer FROM {views}.document_steps
            WHERE kind = s.kind AND key = s.key AND version = 1
            LIMIT 1  -- Found by its key: a join may be planned to read all documents.
        ) AS first
        WHERE s.position > %(after)s AND s.position <= %(through)s
          AND (s.kind = 'dealers' OR first.dealer IS NOT NULL)
        UNION
        SELECT s.position, 'suppliers/' || s.supplier FROM {views}.document_steps AS s
        WHERE s.position > %(after)s AND s.position <= %(through)s AND s.supplier IS NOT NULL
        UNION
        SELECT a.position, 'dealers/' || a.dealer FROM (
            SELECT position, dealer FROM {views}.dealer_accounts
            UNION ALL
            SELECT position, dealer FROM {views}.issued_statements
        ) AS a
        WHERE a.position > %(after)s AND a.position <= %(through)s
    ) AS found
    ORDER BY party, position
    """,
    indexes="""
    ALTER TABLE {views}.entry_parties ADD PRIMARY KEY (party, position);
    """,
    rows="SELECT * FROM {views}.entry_parties WHERE position <= %(through)s",
    row_order="party, position",
    sources=(JOURNAL_LINES, DOCUMENT_STEPS, DEALER_ACCOUNTS_OPENED, ISSUED_STATEMENTS),
)

_POSITIONS: Final = """
    SELECT position FROM {views}.entry_parties
    WHERE party = %(party)s AND position > %(after)s AND position <= %(through)s
    ORDER BY position LIMIT %(limit)s
"""


def entries_of_party(
    now: Reading, party: str, after: int, through: int, limit: int
) -> tuple[int, ...]:
    """The first positions after one, up to another, of entries that concern a party."""
    values = {"party": party, "after": after, "through": through, "limit": limit}
    return tuple(position for (position,) in now.select(_POSITIONS, values, often=True))
