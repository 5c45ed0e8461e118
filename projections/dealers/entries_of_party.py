"""Whom an entry concerns: the positions of all entries of one dealer, supplier or carrier.

They are those whose postings name it; the steps of documents whose first fact names the dealer, or
that name the supplier themselves; and the dealer's base data and account. A place is no party.
"""

from typing import Final

from projections.books.journal import OF_PARTIES
from projections.engine.reading import Reading

# The collections whose documents name a dealer in their first fact.
OF_DEALERS: Final = (
    "claims", "machines", "payments", "payouts", "returns", "sales", "settlements",
)  # fmt: skip

# Each part is found through an index, and what is asked for is a stretch of the log.
_POSITIONS: Final = f"""
    SELECT position FROM (
        SELECT position FROM {{views}}.journal_lines
        WHERE party = %(party)s AND {OF_PARTIES}
          AND position > %(after)s AND position <= %(through)s
        UNION
        SELECT s.position
        FROM {{views}}.document_steps AS f
        CROSS JOIN LATERAL (
            SELECT position FROM {{views}}.document_steps
            WHERE kind = f.kind AND key = f.key
              AND position > %(after)s AND position <= %(through)s
            OFFSET 0  -- Found by its key: a join may be planned to read all documents.
        ) AS s
        WHERE f.kind = ANY(%(kinds)s) AND f.dealer = %(dealer)s AND f.version = 1
        UNION
        SELECT position FROM {{views}}.document_steps
        WHERE kind = 'dealers' AND key = %(dealer)s
          AND position > %(after)s AND position <= %(through)s
        UNION
        SELECT position FROM {{views}}.document_steps
        WHERE supplier = %(supplier)s AND position > %(after)s AND position <= %(through)s
        UNION
        SELECT position FROM {{views}}.dealer_accounts
        WHERE dealer = %(dealer)s AND position > %(after)s AND position <= %(through)s
        UNION
        SELECT position FROM {{views}}.issued_statements
        WHERE dealer = %(dealer)s AND position > %(after)s AND position <= %(through)s
    ) AS found
    ORDER BY position LIMIT %(limit)s
"""


# The same, asked the other way round: whom each entry of a stretch of the log concerns.
_CONCERNED: Final = f"""
    SELECT position, party FROM {{views}}.journal_lines
    WHERE {OF_PARTIES} AND position > %(after)s AND position <= %(through)s
    UNION
    SELECT s.position, 'dealers/' || f.dealer
    FROM {{views}}.document_steps AS s
    JOIN {{views}}.document_steps AS f ON f.kind = s.kind AND f.key = s.key AND f.version = 1
    WHERE s.position > %(after)s AND s.position <= %(through)s AND f.kind = ANY(%(kinds)s)
    UNION
    SELECT position, 'dealers/' || key FROM {{views}}.document_steps
    WHERE kind = 'dealers' AND position > %(after)s AND position <= %(through)s
    UNION
    SELECT position, 'suppliers/' || supplier FROM {{views}}.document_steps
    WHERE supplier <> '' AND position > %(after)s AND position <= %(through)s
    UNION
    SELECT position, 'dealers/' || dealer FROM {{views}}.dealer_accounts
    WHERE position > %(after)s AND position <= %(through)s
    UNION
    SELECT position, 'dealers/' || dealer FROM {{views}}.issued_statements
    WHERE position > %(after)s AND position <= %(through)s
"""


def entries_of_party(
    now: Reading, party: str, after: int, through: int, limit: int
) -> tuple[int, ...]:
    """The first positions after one, up to another, of entries that concern a party, which is
    named as postings name it: `dealers/D01`, `suppliers/S01`."""
    kind, _, key = party.partition("/")
    values = {
        "party": party,
        "dealer": key if kind == "dealers" else None,
        "supplier": key if kind == "suppliers" else None,
        "kinds": list(OF_DEALERS),
        "after": after,
        "through": through,
        "limit": limit,
    }
    return tuple(position for (position,) in now.select(_POSITIONS, values))


def parties_of_entries(now: Reading, after: int, through: int) -> list[tuple[int, str]]:
    """Each party that an entry after one position, up to another, concerns, with the position."""
    values = {"kinds": list(OF_DEALERS), "after": after, "through": through}
    return [(position, party) for position, party in now.select(_CONCERNED, values)]
