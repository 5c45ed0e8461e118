"""The roles that callers have, and which of them belong together.

What each may do is said in the rows of the API (server/api/resources.py); a page lists it all:
docs/security.md.
"""

from enum import StrEnum
from typing import Final


class Role(StrEnum):
    FINANCE = "finance"  # Posts sales and payments, states and settles dealers, closes months.
    CONTROLLER = (
        "controller"  # Sets prices, rates and policies; approves, reopens, closes for good.
    )
    AUDITOR = "auditor"  # Reads everything, and records nothing.
    STOREKEEPER = "storekeeper"  # Moves parts: sends, receives, records what is missing.
    STORE_BOOKKEEPER = "store_bookkeeper"  # Books them: approves, resolves, writes off.
    CLAIMS_CLERK = "claims_clerk"  # Submits claims, and asks parts back.
    ADJUDICATOR = "adjudicator"  # Decides claims, inspects what came back, charges back.
    ERP = "erp"  # A system that posts for people.
    DEALER = "dealer"  # One dealer: reads and moves what is its own.
    OPERATOR = "operator"  # Keeps the server running, and reads no business.


Roles = frozenset[Role]

STORE: Final[Roles] = frozenset({Role.STOREKEEPER, Role.STORE_BOOKKEEPER})
CLAIMS_DESK: Final[Roles] = frozenset({Role.CLAIMS_CLERK, Role.ADJUDICATOR})
BOOKS: Final[Roles] = frozenset({Role.FINANCE, Role.CONTROLLER, Role.AUDITOR, Role.ERP})
MAKER: Final[Roles] = BOOKS | STORE | CLAIMS_DESK
STOCKED: Final[Roles] = BOOKS | STORE
PRICED: Final[Roles] = BOOKS | CLAIMS_DESK


def roles(*named: Role) -> Roles:
    return frozenset(named)
