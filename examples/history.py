"""What all flows of a history share: the day it is, the stock, the numbers given out."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

from examples.catalogue import VAT_PERCENT, Catalogue, Dealer
from examples.chance import Coin, Weighted
from examples.files import Files, until
from examples.sizes import BACK_DATED, FIRST_DAY, Size, last_day
from examples.stock import Stock

SOFT_CLOSE_DAY = 8  # Of the month after: what comes later needs an approval,
HARD_CLOSE_DAY = 20  # and later still, counts in an open month.


class History:
    """A history under way. Each flow draws from its own random numbers, so one can change alone."""

    def __init__(self, size: Size, seed: int, files: Files) -> None:
        self.size = size
        self.files = files
        self.seed = seed
        self.catalogue = Catalogue(size, self.random("catalogue"))
        self.stock = Stock()
        self.today = FIRST_DAY
        self.last = last_day(size.months)
        self._numbers: Counter[str] = Counter()
        self._dealers = Weighted(self.random("dealers"), self.catalogue.dealer_weights)
        random = self.random("back-dated")
        self._late_entries = Coin(random, BACK_DATED)
        self._days_late = random

    def random(self, topic: str) -> Random:
        return Random(f"{self.seed}/{topic}")

    def number(self, prefix: str) -> str:
        """The next number of a kind of document, as `SO-250701-0001`."""
        series = f"{prefix}-{self.today:%y%m%d}"
        self._numbers[series] += 1
        return f"{series}-{self._numbers[series]:04}"

    def paper(self, prefix: str) -> str:
        """The next number of a series of papers, as `INV-000001`."""
        self._numbers[prefix] += 1
        return f"{prefix}-{self._numbers[prefix]:06}"

    def dealer(self) -> Dealer:
        return self.catalogue.dealers[self._dealers.draw()]

    def happened(self) -> date:
        """Today, or for a back-dated entry up to six days ago: still in an open month."""
        if not self._late_entries.throw():
            return self.today
        return max(FIRST_DAY, self.today - timedelta(days=self._days_late.randint(1, 6)))

    def entered(self, happened: date) -> date | None:
        """Today where that is not the day it happened."""
        return self.today if happened != self.today else None

    def reached(self, days: Sequence[date | None]) -> list[date | None]:
        """The days of a document's steps, as far as the history goes."""
        return [until(day, self.last) for day in days]

    def gross(self, part: int, quantity: int, currency: str, on: date) -> int:
        """What is invoiced for a sale's line, in minor units: tax is rounded half up."""
        net = self.catalogue.price(part, currency, on) * quantity
        return net + (net * VAT_PERCENT + 50) // 100


def month_before(day: date) -> str:
    return f"{day.replace(day=1) - timedelta(days=1):%Y-%m}"
