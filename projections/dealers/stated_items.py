"""What was open at the end of each month that was stated to a dealer, item by item.

It is written when the month's statement is issued, and never changes: later lines stand on later
statements. What was open on a day of that month is found from it (open_items.py).
"""

from typing import Final

from projections.books.journal import JOURNAL_LINES, OF_DEALERS
from projections.dealers.account_rows import ISSUED_STATEMENTS
from projections.engine.frozen_balances import FrozenBalances
from projections.engine.row_security import OF_PARTY
from projections.engine.view import View

_KEY: Final = "item, account, currency"

STATED_ITEMS: Final = View(
    name="stated_items",
    table="""
    CREATE TABLE {views}.stated_items (
        position     bigint  NOT NULL,                -- Of the statement.
        amount_minor numeric NOT NULL,
        functional_minor numeric NOT NULL,            -- In the book's currency, if that is another.
        party        text    COLLATE "C" NOT NULL,    -- dealers/D01
        month        text    COLLATE "C" NOT NULL,    -- 2025-07, and all before it.
        account      text    COLLATE "C" NOT NULL,
        item         text    COLLATE "C" NOT NULL,
        currency     text    COLLATE "C" NOT NULL,
        PRIMARY KEY (party, month, item, account, currency)
    )
    """,
    fold=FrozenBalances(
        name="stated_items",
        group="party",
        key=_KEY,
        amounts=("amount_minor", "functional_minor"),
        months="""
            SELECT position, 'dealers/' || dealer AS party, month, coalesce((
                SELECT max(before.month) FROM {views}.issued_statements AS before
                WHERE before.dealer = issued.dealer AND before.position < issued.position
            ), '') AS previous
            FROM {views}.issued_statements AS issued
            WHERE position > %(after)s AND position <= %(through)s
        """,
        left=f"""
            SELECT {_KEY}, amount_minor, functional_minor FROM {{views}}.stated_items
            WHERE party = m.party AND month = m.previous
        """,
        lines=f"""
            SELECT {_KEY}, sum(amount_minor) AS amount_minor,
                   coalesce(sum(functional_minor), 0) AS functional_minor
            FROM {{views}}.journal_lines
            WHERE party = m.party AND statement_month > m.previous AND statement_month <= m.month
              AND {OF_DEALERS} AND position <= m.position
            GROUP BY {_KEY}
        """,
        written=f"""
            SELECT position, amount_minor, functional_minor, party, month, account, item, currency
            FROM balances
            ORDER BY party, month, {_KEY}
        """,
    ).fold,
    indexes="",
    row_order=f"party, month, {_KEY}",
    sources=(ISSUED_STATEMENTS, JOURNAL_LINES),
    own=OF_PARTY,
)
