"""Inventory ageing 库龄: how long the stock of each place has been lying, in pieces and in money.

Two ages: since the pieces came into the maker's books (`ORIGIN`; moving does not make them young)
and since they came to where they lie (`ARRIVAL`, the dwell). A date in the past gives the ageing
as it was then, at the value of then.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

from projections.engine.reading import Reading
from projections.stock.closed_stock import first_open_day, is_open, layers, since_close
from projections.stock.lines import OURS
from projections.stock.on_hand import our_places

# Days, the last one counts: 0–30, 31–60, 61–90, 91–180, 181–365, over 365.
BUCKET_LIMITS: Final = (30, 60, 90, 180, 365)
BUCKET_LABELS: Final = ("0–30", "31–60", "61–90", "91–180", "181–365", "over 365")

_UNDER_THREE_MONTHS: Final = 3  # The buckets up to 90 days.
_TARGET_BASIS_POINTS: Final = 8_000  # 80 % of the value: a policy value.

# Pieces leave with the dates they came with, so each bucket is a plain sum.
_BUCKETS: Final = """
    SELECT place, part, width_bucket(%(as_of)s::date - since, %(bucket_starts)s::int[]),
           sum(quantity), sum(value_minor)
    FROM ({sums}) AS sums
    GROUP BY 1, 2, 3
    HAVING sum(quantity) <> 0 OR sum(value_minor) <> 0
    ORDER BY 1, 2, 3
"""
# For a day since the last closed month: today's stock, less what came after the day.
_BY_NOW: Final = f"""
    SELECT place, '' AS part, since, quantity, value_minor
    FROM {{views}}.place_balances
    WHERE age = '{{age}}' AND place = ANY(%(places)s::text[])
    UNION ALL
    SELECT place, '', {{age}}, -quantity, -value_minor
    FROM {{views}}.stock_lines
    WHERE effective_on > %(as_of)s AND {OURS} AND place = ANY(%(places)s::text[])
"""
# For any other day, as of a past position, by part or for some parts: the stock at the end of the
# nearest closed month, and the lines since.
_BY_LAYER: Final = f"""
    SELECT place, {{part}} AS part, {{age}} AS since, quantity, value_minor
    FROM ({layers()}) AS layers
"""


class Age(StrEnum):
    """What the days are counted from; the value is the column it stands in."""

    ORIGIN = "origin_on"
    ARRIVAL = "arrived_on"


class Bucket(NamedTuple):
    """Pieces of one age, and their value in minor units of the book's currency."""

    quantity: int = 0
    value_minor: int = 0


@dataclass(frozen=True, slots=True)
class AgeingRow:
    """A place, or a part at a place; one bucket for each of `BUCKET_LABELS`."""

    place: str
    part: str  # Empty unless asked by part.
    buckets: tuple[Bucket, ...]

    @property
    def quantity(self) -> int:
        return sum(bucket.quantity for bucket in self.buckets)

    @property
    def value_minor(self) -> int:
        return sum(bucket.value_minor for bucket in self.buckets)

    @property
    def young_value_minor(self) -> int:
        """The value of what is at most 90 days old."""
        return sum(bucket.value_minor for bucket in self.buckets[:_UNDER_THREE_MONTHS])

    @property
    def young_share_basis_points(self) -> int | None:
        """Its share of the value, 10,000 being all of it, rounded half up; None if that is zero."""
        if self.value_minor == 0:
            return None
        return (2 * 10_000 * self.young_value_minor + self.value_minor) // (2 * self.value_minor)


@dataclass(frozen=True, slots=True)
class InventoryAgeing:
    as_of: date
    as_of_position: int
    age: Age
    rows: tuple[AgeingRow, ...]  # By place, then part.
    target_basis_points: int = _TARGET_BASIS_POINTS

    @property
    def total(self) -> AgeingRow:
        """All rows together."""
        columns = zip(*(row.buckets for row in self.rows), strict=True)
        sums = tuple(_sum(column) for column in columns)
        return AgeingRow("", "", sums or (Bucket(),) * len(BUCKET_LABELS))

    @property
    def target_met(self) -> bool | None:
        """Whether enough of the value is at most 90 days old, before any rounding; None where
        nothing is worth anything."""
        total = self.total
        if not total.value_minor:
            return None
        return total.young_value_minor * 10_000 >= total.value_minor * self.target_basis_points


def inventory_ageing(
    now: Reading,
    as_of: date,
    age: Age = Age.ORIGIN,
    *,
    by_part: bool = False,
    places: Sequence[str] = (),
    parts: Sequence[str] = (),
) -> InventoryAgeing:
    """The stock at the end of a day by age; transit and discrepancies have rows of their own.

    `places` and `parts` narrow it down; an empty one means all.
    """
    open_day = first_open_day(now)
    by_now = is_open(now, as_of, open_day) and not by_part and not parts
    sums = _BY_NOW if by_now else _BY_LAYER.replace("{part}", "part" if by_part else "''")
    rows = now.select(
        _BUCKETS.replace("{sums}", sums.replace("{age}", age.value)),
        {
            **since_close(as_of, open_day),
            "bucket_starts": [limit + 1 for limit in BUCKET_LIMITS],
            "places": list(places) or our_places(now),
            "parts": list(parts) or None,
        },
        often=by_now,
    )
    buckets: dict[tuple[str, str], list[Bucket]] = {}
    for place, part, bucket, quantity, value in rows:
        row = buckets.setdefault((place, part), [Bucket()] * len(BUCKET_LABELS))
        row[bucket] = Bucket(int(quantity), int(value))
    ageing = tuple(AgeingRow(*key, tuple(row)) for key, row in buckets.items())
    return InventoryAgeing(as_of, now.position, age, ageing)


def _sum(buckets: Iterable[Bucket]) -> Bucket:
    quantities, values = zip(*buckets, strict=True)
    return Bucket(sum(quantities), sum(values))
