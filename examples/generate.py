"""Makes example data: `python -m examples.generate --size small --seed 2025 --out examples/small`.

The same size and seed make the same bytes. What is made is the export of an ERP as docs/import.md
describes it: a history that passes through every flow, back-dated entries and late returns, with
a few rows that a ledger has to refuse.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from examples.files import Files, opened
from examples.history import HARD_CLOSE_DAY, History
from examples.months import Months
from examples.moves import Moves
from examples.refusals import Refusals
from examples.sizes import FIRST_DAY, SIZES, Size
from examples.trade import Trade, late_day
from examples.warranty import Warranty


def generate(size: Size, seed: int, files: Files) -> Iterator[date]:
    """Writes a history day by day, and yields each day that is done."""
    history = History(size, seed, files)
    trade = Trade(history)
    moves = Moves(history, trade)
    warranty = Warranty(history, trade)
    months = Months(history, trade)
    refusals = Refusals(history, warranty)
    history.catalogue.write(files)
    refusals.price_core_part()
    trade.open_stock()
    while history.today <= history.last:
        history.stock.arrive(history.today)
        months.turn()
        if history.today.weekday() != 6:
            trade.replenish()
            moves.move()
            trade.sell()
            warranty.claim()
        trade.collect()
        _enter_late(history, trade, warranty)
        refusals.turn()
        yield history.today
        history.today += timedelta(days=1)


def _enter_late(history: History, trade: Trade, warranty: Warranty) -> None:
    """Once between the two closings of a month, and once after: entries for the month before.

    A size may ask for more of them, of all kinds of documents that can be late.
    """
    happened = late_day(history.today)
    if happened is None or happened < FIRST_DAY:
        return
    closed = history.today.day > HARD_CLOSE_DAY
    dealers = history.catalogue.dealers
    trade.sell_late(dealers[2], happened, approve=not closed)
    if closed:
        trade.pay(dealers[2], 150_000, happened, late=True)
    for more in range(history.size.late):
        dealer, before = dealers[more % len(dealers)], happened - timedelta(days=more % 20)
        trade.sell_late(dealer, before, approve=not closed)
        if closed:
            trade.pay(dealer, 150_000, before, late=True)
            trade.buy_late(before)
            warranty.claim_late(before)


def main() -> None:
    arguments = _arguments()
    started = time.monotonic()
    with opened(arguments.out) as files:
        size = SIZES[arguments.size]
        days = (FIRST_DAY.replace(year=2027) - FIRST_DAY).days * size.months // 24
        for done, day in enumerate(generate(size, arguments.seed, files), 1):
            if time.monotonic() - started > 1:
                _show(min(done / days, 1), day, files.rows)
        print(f"{files.rows:,} rows in {arguments.out}, {time.monotonic() - started:.1f} s")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m examples.generate", description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="small")
    parser.add_argument("--seed", type=int, default=2025)
    parser.add_argument("--out", type=Path, required=True, help="a folder; files are replaced")
    return parser.parse_args()


def _show(share: float, day: date, rows: int) -> None:
    bar = "█" * round(share * 30)
    end = "\n" if share >= 1 else ""
    print(f"\r{bar:░<30} {day} {rows:>12,} rows", end=end, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
