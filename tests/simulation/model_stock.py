"""The model's stock: a row of batches, oldest first, each with its pieces and what they are worth.

Sums by key, and a share of a value as a fraction that is rounded. It shares no code with the
domain.
"""

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from typing import NamedTuple

Day = tuple[date, date]  # When it happened, when it counts.


class Batch(NamedTuple):
    origin: date
    arrived: date  # Where it is.
    counts: date
    receipt: str
    pieces: int
    value: int


Row = list[Batch]


def bought(day: Day, receipt: str, pieces: int, value: int) -> Row:
    return [Batch(day[0], *day, receipt, pieces, value)]


def count(row: Row) -> int:
    return sum(batch.pieces for batch in row)


def worth(row: Row) -> int:
    return sum(batch.value for batch in row)


def joined(batches: Iterable[Batch]) -> Row:
    """In order; what is the same but for pieces and value is one batch."""
    sums: dict[tuple[date, date, date, str], tuple[int, int]] = {}
    for *key, pieces, value in batches:
        before = sums.get(tuple(key), (0, 0))  # type: ignore[arg-type]
        sums[tuple(key)] = before[0] + pieces, before[1] + value  # type: ignore[index]
    return [Batch(*key, *sums[key]) for key in sorted(sums) if sums[key] != (0, 0)]


def cut(row: Row, pieces: int) -> tuple[Row, Row]:
    """The first pieces, and the rest: of the batch that is cut, by shares of its value."""
    first: Row = []
    for batch in row:
        here = min(batch.pieces, pieces - count(first))
        share = nearest(Fraction(batch.value * here, batch.pieces))
        first += [batch._replace(pieces=here, value=share)] if here else []
    return first, less(row, first)


def less(row: Row, gone: Row) -> Row:
    """What is left after these have gone."""
    return joined([*row, *(b._replace(pieces=-b.pieces, value=-b.value) for b in gone)])


def moved(row: Row, day: Day) -> Row:
    """The same pieces after they arrived somewhere on a day."""
    return joined(batch._replace(arrived=day[0], counts=day[1]) for batch in row)


def there(batch: Batch, day: Day) -> bool:
    return batch.arrived <= day[0] and batch.counts <= day[1]


def nearest(amount: Fraction) -> int:
    """Rounded half away from nought."""
    rounded = int(abs(amount) + Fraction(1, 2))
    return rounded if amount > 0 else -rounded
