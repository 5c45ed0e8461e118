"""Real monthly demand, and a maker's trade drawn around it from a fixed seed.

The demand says which part was asked for in which month, and how many pieces. Everything else is
made up and repeats: costs and prices, dealers with a warehouse each and some days a month on which
they order, and purchases early enough and large enough for every order. What is written are the
files of an ERP, as docs/import.md describes them.
"""

import csv
import gzip
import re
from calendar import monthrange
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from random import Random
from typing import IO, Final, NamedTuple

from examples.files import Files, decimal, opened

COLUMNS: Final = ("part_no", "month", "quantity")
LAST_MONTH: Final = 2025 * 12 + 11  # December 2025, in months since year 0.
SEED: Final = 2025
WAREHOUSES: Final = ("W01", "W02", "W03")
DEALERS: Final = tuple(f"D{number:02}" for number in range(1, 25))

_SUPPLIERS: Final = 12
_ORDER_DAYS: Final = 8  # Of a dealer in a month, from the 3rd on: purchases come before.
_CHUNK: Final = 3  # Pieces of one part that one dealer orders at a time.
_LINES: Final = 20  # Of one purchase.
_MONTH: Final = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
_QUANTITY: Final = re.compile(r"[1-9]\d{0,5}")


class BadDemand(Exception):  # noqa: N818 - Named after what is wrong.
    """The file is not one of monthly demand; says where."""


class Demand(NamedTuple):
    """Pieces of a part that were asked for in a month, counted from year 0."""

    part: str
    month: int
    quantity: int


class Trade(NamedTuple):
    """What was written, by part: against this the ledger is checked."""

    received: Counter[str]
    sold: Counter[str]
    months: int


def read_demand(path: Path) -> list[Demand]:
    """Reads `part_no,month,quantity`, plain or gzipped; nothing in it is guessed."""
    try:
        with (
            gzip.open(path, "rt", encoding="utf-8")
            if path.suffix == ".gz"
            else path.open(encoding="utf-8") as file
        ):
            return _rows(path.name, file)
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise BadDemand(f"{path} cannot be read: {error}") from None


def latest(demand: Sequence[Demand], months: int | None = None) -> list[Demand]:
    """The last so many months, or all, moved so that the last one is December 2025."""
    last = max(row.month for row in demand)
    moved = [row._replace(month=row.month + LAST_MONTH - last) for row in demand]
    return [row for row in moved if months is None or row.month > LAST_MONTH - months]


def write(demand: Sequence[Demand], folder: Path, seed: int = SEED) -> Trade:
    """Writes the files of a trade that serves this demand, and says what it comes to."""
    random = Random(seed)
    months = range(min(row.month for row in demand), LAST_MONTH + 1)
    parts = sorted({row.part for row in demand})
    costs = {part: random.randint(300, 60_000) for part in parts}
    orders = _orders(demand, random)
    with opened(folder) as files:
        _write_base_data(files, costs, months[0])
        _write_sales(files, orders)
        received = _write_purchases(files, orders, costs, random)
    sold: Counter[str] = Counter()
    for row in demand:
        sold[row.part] += row.quantity
    return Trade(received, sold, len(months))


class _Order(NamedTuple):
    """What a dealer orders on one day: one sale."""

    month: int
    day: int
    dealer: str


def _rows(name: str, file: IO[str]) -> list[Demand]:
    reader = csv.reader(file)
    if tuple(next(reader, ())) != COLUMNS:
        raise BadDemand(f"{name}, line 1: the header must be {','.join(COLUMNS)}")
    rows = [_row(f"{name}, line {reader.line_num}", cells) for cells in reader]
    if not rows:
        raise BadDemand(f"{name} has no rows")
    return rows


def _row(where: str, cells: list[str]) -> Demand:
    if len(cells) != len(COLUMNS):
        raise BadDemand(f"{where}: must have {len(COLUMNS)} cells, and has {len(cells)}")
    part, month, quantity = cells
    found = _MONTH.fullmatch(month)
    if found is None:
        raise BadDemand(f"{where}: {month!r} must be a month as 1998-01")
    if not _QUANTITY.fullmatch(quantity):
        raise BadDemand(f"{where}: {quantity!r} must be a whole number of pieces")
    return Demand(part, int(found[1]) * 12 + int(found[2]) - 1, int(quantity))


def _orders(demand: Sequence[Demand], random: Random) -> dict[_Order, Counter[str]]:
    """Deals each month's pieces out to dealers, on the days on which these order."""
    days: dict[tuple[int, str], list[int]] = {}
    orders: defaultdict[_Order, Counter[str]] = defaultdict(Counter)
    for row in sorted(demand):
        left = row.quantity
        while left:
            chunk, dealer = min(left, _CHUNK), random.choice(DEALERS)
            left -= chunk
            month = (row.month, dealer)
            if month not in days:
                last = monthrange(*_year_and_month(row.month))[1]
                days[month] = random.sample(range(3, last + 1), _ORDER_DAYS)
            orders[_Order(row.month, random.choice(days[month]), dealer)][row.part] += chunk
    return orders


def _write_base_data(files: Files, costs: dict[str, int], first: int) -> None:
    for place in WAREHOUSES:
        files.write("places.csv", place=place, description=place, kind="warehouse")
    files.write("price_lists.csv", price_list="settlement", currency="CNY", vat_rate="0.13")
    for dealer in DEALERS:
        files.write("dealers.csv", dealer=dealer, title=f"经销商 {dealer}", currency="CNY",
                    payment_days=30)  # fmt: skip
    for part, cost in costs.items():
        files.write(
            "parts.csv", part=part, description=f"part {part}", part_class="standard",
            serviceable="true", restricted="false",
        )  # fmt: skip
        files.write(
            "prices.csv", price_list="settlement", currency="CNY", part=part,
            effective_from=_day(first, 1), unit_price=decimal(cost * 135 // 100),
        )  # fmt: skip


def _write_sales(files: Files, orders: dict[_Order, Counter[str]]) -> None:
    for number, (order, lines) in enumerate(sorted(orders.items()), 1):
        for part, quantity in lines.items():
            files.write(
                "sales.csv", sale=f"SO-{number:06}", sold_on=_day(order.month, order.day),
                sold_by="parts.sales", document=f"INV-{number:06}", dealer=order.dealer,
                from_place=_warehouse(order.dealer), part=part, quantity=quantity,
            )  # fmt: skip


def _write_purchases(
    files: Files, orders: dict[_Order, Counter[str]], costs: dict[str, int], random: Random
) -> Counter[str]:
    """Buys what will be ordered, in time; returns the pieces of each part."""
    lots = _lots(orders, random)
    received: Counter[str] = Counter()
    number = 0
    for (month, place, supplier), lines in sorted(lots.items()):
        for first in range(0, len(lines), _LINES):
            number += 1
            on = _day(month, random.randint(1, 2))
            for part, quantity in lines[first : first + _LINES]:
                cost = costs[part] * random.randint(97, 103) // 100
                files.write(
                    "purchases.csv", purchase=f"PR-{number:06}", received_on=on,
                    received_by="keeper", document=f"DN-{number:06}", supplier=supplier,
                    to_place=place, part=part, quantity=quantity, unit_cost=decimal(cost),
                    currency="CNY",
                )  # fmt: skip
                received[part] += quantity
    return received


def _lots(
    orders: dict[_Order, Counter[str]], random: Random
) -> dict[tuple[int, str, str], list[tuple[str, int]]]:
    """By month, warehouse and supplier, what is bought of each part.

    A part that runs short in a month is bought for one to six months, with up to two to spare: so
    stock grows old where demand is rare.
    """
    needs: defaultdict[tuple[str, str], Counter[int]] = defaultdict(Counter)
    for order, lines in orders.items():
        for part, quantity in lines.items():
            needs[part, _warehouse(order.dealer)][order.month] += quantity
    lots: defaultdict[tuple[int, str, str], list[tuple[str, int]]] = defaultdict(list)
    for (part, place), need in sorted(needs.items()):
        supplier = f"S{random.randint(1, _SUPPLIERS):02}"
        stock = 0
        for month in sorted(need):
            if stock < need[month]:
                ahead = sum(need[month + later] for later in range(random.randint(1, 6)))
                bought = ahead - stock + random.randint(0, 2)
                lots[month, place, supplier].append((part, bought))
                stock += bought
            stock -= need[month]
    return lots


def _warehouse(dealer: str) -> str:
    return WAREHOUSES[DEALERS.index(dealer) % len(WAREHOUSES)]


def _day(month: int, day: int) -> date:
    return date(*_year_and_month(month), day)


def _year_and_month(month: int) -> tuple[int, int]:
    return month // 12, month % 12 + 1
