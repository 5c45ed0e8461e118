"""What was open at the end of each month that was stated to a dealer, item by item.

It is written when the month's statement is issued, and never changes: later lines stand on later
statements. What was open on a day of that month is found from it (open_items.py).
"""

from typing import Final

from projections.books.journal import JOURNAL_LINES, OF_DEALERS
from projections.dealers.account_rows import ISSUED_STATEMENTS
from projections.engine.view import View

# Each dealer's lines since the last month that was stated before; an item has the same balance
# from one month with lines to the next.
STATED_ITEMS: Final = View(
    name="stated_items",
    table="""
    CREATE TABLE {views}.stated_items (
        position     bigint  NOT NULL,                -- Of the statement.
        amount_minor bigint  NOT NULL,
        party        text    COLLATE "C" NOT NULL,    -- dealers/D01
        month        text    COLLATE "C" NOT NULL,    -- 2025-07, and all before it.
        account      text    COLLATE "C" NOT NULL,
        item         text    COLLATE "C" NOT NULL,
        currency     text    COLLATE "C" NOT NULL,
        PRIMARY KEY (party, month, item, account, currency)
    )
    """,
    fold=f"""
    WITH issued AS MATERIALIZED (
        SELECT position, dealer, 'dealers/' || dealer AS party, month
        FROM {{views}}.issued_statements
        WHERE position > %(after)s AND position <= %(through)s
    ), stated AS MATERIALIZED (
        SELECT party, max(month) AS last, coalesce((
            SELECT max(before.month) FROM {{views}}.issued_statements AS before
            WHERE before.dealer = issued.dealer AND before.position <= %(after)s
        ), '') AS before
        FROM issued GROUP BY dealer, party
    ), moved AS (
        SELECT s.party, l.*
        FROM stated AS s CROSS JOIN LATERAL (
            SELECT month, account, item, currency, amount_minor FROM {{views}}.stated_items
            WHERE party = s.party AND month = s.before
            UNION ALL
            SELECT statement_month, account, item, currency, sum(amount_minor)
            FROM {{views}}.journal_lines
            WHERE party = s.party AND statement_month > s.before AND statement_month <= s.last
              AND {OF_DEALERS} AND position <= %(through)s
            GROUP BY statement_month, account, item, currency
        ) AS l
    ), balances AS (
        SELECT party, month, account, item, currency, lead(month) OVER months AS next_month,
               sum(amount_minor) OVER months AS amount_minor
        FROM moved
        WINDOW months AS (PARTITION BY party, item, account, currency ORDER BY month)
    )
    INSERT INTO {{views}}.stated_items
    SELECT i.position, b.amount_minor, party, i.month, b.account, b.item, b.currency
    FROM issued AS i JOIN balances AS b USING (party)
    WHERE b.amount_minor <> 0 AND b.month <= i.month
      AND (b.next_month IS NULL OR b.next_month > i.month)
    """,
    indexes="",
    row_order="position, item, account, currency",
    sources=(ISSUED_STATEMENTS, JOURNAL_LINES),
)
