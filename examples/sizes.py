"""How big the maker is (docs/domain.md, "Sizes"), and what its mix is."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final


@dataclass(frozen=True)
class Size:
    """Counts of base data, and of what happens a month."""

    dealers: int
    warehouses: int
    parts: int
    active_parts: int  # Those that sell; the others only stand in the catalogue.
    machines: int
    months: int
    claims: int
    sale_lines: int
    transfer_lines: int
    late: int = 0  # More documents of each kind that come after their month was closed.


SIZES: Final = {
    "small": Size(12, 3, 400, 120, 300, 6, claims=42, sale_lines=220, transfer_lines=50),
    "mid": Size(120, 6, 25_000, 8_000, 40_000, 6, claims=3_000, sale_lines=25_000,
                transfer_lines=6_000),
    "large": Size(1_200, 40, 300_000, 60_000, 600_000, 1, claims=60_000, sale_lines=900_000,
                  transfer_lines=150_000),
}  # fmt: skip

FIRST_DAY: Final = date(2025, 7, 1)

# Of a hundred, as decks deal them out.
CLAIM_OUTCOMES: Final = {"approved": 85, "partly": 8, "rejected": 7}
LATE_RETURNS: Final = 10
CHARGED_BACK: Final = 5  # Of the claims credited early enough; 4 of all.
DISPUTED_STATEMENTS: Final = 6
BACK_DATED: Final = 4  # Of documents; with their later steps on time, 3 of all facts.
FOREIGN: Final = 0.05  # Of all trade.
RESTRICTED: Final = 0.01  # Of parts.


def last_day(months: int) -> date:
    """The last day of a history of so many months."""
    month = FIRST_DAY.month - 1 + months
    return date(FIRST_DAY.year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
