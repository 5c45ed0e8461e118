"""Every view of a book, in an order in which each stands behind those it derives from."""

from typing import Final

from projections.books.balances import ACCOUNT_DAYS, ACCOUNT_MONTHS, PARTY_DAYS, PARTY_MONTHS
from projections.books.documents import DOCUMENT_STEPS
from projections.books.journal import JOURNAL_LINES
from projections.claims.pending_claims import CLAIM_MONTHS, CLAIM_SPANS, CLAIM_STEPS
from projections.dealers.account_rows import (
    DEALER_ACCOUNTS_OPENED,
    ISSUED_STATEMENTS,
    STATEMENT_MONTHS,
    STATEMENT_ROWS,
)
from projections.dealers.open_items import DEALER_ITEMS
from projections.dealers.stated_items import STATED_ITEMS
from projections.engine.view import Views
from projections.stock.balances import ITEM_BALANCES, PLACE_BALANCES
from projections.stock.closed_stock import CLOSED_MONTHS, CLOSED_STOCK
from projections.stock.lines import STOCK_LINES

VIEWS: Final = Views(
    (
        JOURNAL_LINES,
        STOCK_LINES,
        DEALER_ACCOUNTS_OPENED,
        STATEMENT_ROWS,
        ISSUED_STATEMENTS,
        CLAIM_STEPS,
        DOCUMENT_STEPS,
        CLOSED_MONTHS,
        ACCOUNT_MONTHS.view,
        ACCOUNT_DAYS.view,
        PARTY_MONTHS.view,
        PARTY_DAYS.view,
        STATEMENT_MONTHS.view,
        DEALER_ITEMS,
        STATED_ITEMS,
        CLAIM_SPANS,
        CLAIM_MONTHS,
        PLACE_BALANCES,
        ITEM_BALANCES,
        CLOSED_STOCK,
    )
)
