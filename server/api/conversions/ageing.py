"""Inventory ageing as the API shows it: age and dwell of the same pieces, side by side."""

from itertools import pairwise
from typing import Final

from domain.errors import InvalidValue
from partsledger.v1 import ageing_service_pb2 as pb
from projections.stock.inventory_ageing import (
    BUCKET_LABELS,
    BUCKET_LIMITS,
    AgeingRow,
    Bucket,
    InventoryAgeing,
)
from projections.stock.lines import STILL_OURS
from server.api.conversions import money, names, times
from server.api.conversions.book import ShownBook

# First and last day of each range; the last one has no end.
_DAYS: Final = (
    (0, BUCKET_LIMITS[0]),
    *((before + 1, limit) for before, limit in pairwise(BUCKET_LIMITS)),
    (BUCKET_LIMITS[-1] + 1, 0),
)
_NOTHING: Final = AgeingRow("", "", (Bucket(),) * len(BUCKET_LABELS))


def place_key(name: str, field: str, book: str) -> str:
    """The key of a place. Stock in transit and in dispute has a place, too."""
    for virtual in STILL_OURS:
        if name == names.PLACE.format(book, virtual):
            return virtual
    try:
        return names.PLACE.key(name, field, book)
    except InvalidValue as refusal:
        rule = f"{refusal.facts['rule']}, or a place such as {STILL_OURS[0]}"
        raise InvalidValue(field, name, rule) from None


def ageing_message(
    age: InventoryAgeing, dwell: InventoryAgeing, book: ShownBook
) -> pb.GetInventoryAgeingResponse:
    """Age and dwell must be of the same day and position."""
    dwells = {(row.place, row.part): row for row in dwell.rows}
    return pb.GetInventoryAgeingResponse(
        rows=[_row(row, dwells.get((row.place, row.part), _NOTHING), book) for row in age.rows],
        total=_row(age.total, dwell.total, book),
        as_of_position=age.as_of_position,
        as_of_date=times.day_message(age.as_of),
        target_basis_points=age.target_basis_points,
        target_met=age.target_met,
    )


def _row(age: AgeingRow, dwell: AgeingRow, book: ShownBook) -> pb.AgeingRow:
    return pb.AgeingRow(
        place=names.PLACE.format(book.name, age.place) if age.place else "",
        part=names.PART.format(book.name, age.part) if age.part else "",
        age=_buckets(age, book.currency),
        dwell=_buckets(dwell, book.currency),
        quantity=age.quantity,
        value=money.sum_message(age.value_minor, book.currency),
        share_under_three_months_basis_points=age.young_share_basis_points or 0,
    )


def _buckets(row: AgeingRow, currency: str) -> list[pb.AgeingBucket]:
    return [
        pb.AgeingBucket(
            from_days=first,
            to_days=last,
            quantity=bucket.quantity,
            value=money.sum_message(bucket.value_minor, currency),
        )
        for (first, last), bucket in zip(_DAYS, row.buckets, strict=True)
    ]
