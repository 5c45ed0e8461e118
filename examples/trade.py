"""Buying and selling: purchases into the warehouses, sales out of them, and dealers' payments."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from math import ceil
from typing import Final, NamedTuple

from examples.catalogue import CUSTODY, SUPPLIERS, VAT_PERCENT, Dealer
from examples.chance import Coin, Quota, Weighted, days_after
from examples.files import decimal
from examples.history import HARD_CLOSE_DAY, SOFT_CLOSE_DAY, History

OPENING_DAYS: Final = 35  # Of demand, in the opening stock;
REORDER_DAYS: Final = 15  # below so many, more is bought
TARGET_DAYS: Final = 40  # up to so many.
REFUND_DAY: Final = 10  # Of each month: so many dealers pay too much, and get it back.
REFUNDS: Final = 2
TOO_MUCH: Final = 10_000  # Minor units.
_LINES: Final = 20  # Of one purchase.
_PIECES: Final = 2.2  # Of one sale's line, on average.


class Sold(NamedTuple):
    """A line of a sale that flows may come back to."""

    sale: str
    paper: str
    dealer: Dealer
    part: int
    quantity: int
    place: str


class Trade:
    def __init__(self, history: History) -> None:
        self._history = history
        self._random = history.random("trade")
        size, catalogue = history.size, history.catalogue
        self._parts = Weighted(self._random, catalogue.weights)
        self._quota = Quota(size.sale_lines)
        self._returns = Coin(self._random, 4)
        self._owed: Counter[str] = Counter()  # By dealer, in its minor units: about what it owes,
        self._owed_before: Counter[str] = Counter()  # and owed at the end of the month before.
        self.low: defaultdict[str, list[int]] = defaultdict(list)
        self.latest: dict[str, Sold] = {}  # By dealer: the last line sold this month.
        self._refunded: set[str] = set()  # Dealers that paid too much this month.
        self._best = catalogue.active[: len(catalogue.active) * 35 // 100]
        daily = size.sale_lines / 26 * _PIECES / sum(catalogue.weights)
        share = 1 / len(catalogue.warehouses)
        self._demand = {
            part: daily * weight * share
            for part, weight in zip(catalogue.active, catalogue.weights, strict=True)
        }

    def carried(self, place: str) -> list[int]:
        """The parts kept at a warehouse: all at the first, what sells best at the others."""
        catalogue = self._history.catalogue
        return catalogue.active if place == catalogue.warehouses[0] else self._best

    def wanted(self, place: str, part: int, days: int) -> int:
        """Pieces for so many days; the first warehouse also feeds the others."""
        feeds = 2 if place == self._history.catalogue.warehouses[0] else 1
        return max(2, ceil(self._demand.get(part, 0) * days * feeds))

    def open_stock(self) -> None:
        """The stock that the history begins with, core parts and non-service parts included."""
        catalogue = self._history.catalogue
        for place in catalogue.warehouses:
            lines = [(part, self.wanted(place, part, OPENING_DAYS)) for part in self.carried(place)]
            self._purchase(place, lines, self._history.today)
        kept = [*catalogue.restricted, *catalogue.unserviceable]
        lines = [(part, self._random.randint(4, 12)) for part in kept]
        self._purchase(catalogue.warehouses[0], lines, self._history.today)

    def replenish(self) -> None:
        """Buys what has run low, each warehouse for itself."""
        history = self._history
        for place in history.catalogue.warehouses:
            low = self.low.pop(place, [])
            there = history.stock.available
            lines = [
                (part, self.wanted(place, part, TARGET_DAYS) - there(place, part))
                for part in dict.fromkeys(low)
            ]
            if lines:
                self._purchase(place, [line for line in lines if line[1] > 0], history.happened())

    def sell(self) -> None:
        left = self._quota.today()
        while left > 0:
            count = min(left, self._random.randint(1, 5))
            left -= count
            dealer = self._history.dealer()
            self._sell(dealer, count, self._history.happened())

    def sell_late(self, dealer: Dealer, happened: date, approve: bool) -> None:
        """Sells for a month that is closed: with an approval, or counting in an open month."""
        history = self._history
        paper, gross = self._sell(dealer, 1, happened, late=not approve)
        if paper and approve:
            history.files.write(
                "periods.csv", month=f"{happened:%Y-%m}", step="approve_entry",
                done_on=history.today - timedelta(days=1), done_by="finance.head", document=paper,
                kind="sales", party=f"dealers/{dealer.code}", amount=decimal(gross),
                currency=dealer.currency,
            )  # fmt: skip

    def buy_late(self, happened: date) -> None:
        """A delivery of a month that is closed: it counts in an open one."""
        home = self._history.catalogue.warehouses[0]
        parts = {self._history.catalogue.active[self._parts.draw()] for _ in range(3)}
        lines = [(part, self._random.randint(2, 12)) for part in sorted(parts)]
        self._purchase(home, lines, happened, late=True)

    def collect(self) -> None:
        """Each dealer pays most of what it owed at the end of the month before."""
        history = self._history
        if history.today.day == 1:
            self._refunded.clear()
            self._owed_before = Counter(self._owed)
        if history.today.day != HARD_CLOSE_DAY + 2:
            return
        for dealer in history.catalogue.dealers:
            owed = min(self._owed_before[dealer.code], self._owed[dealer.code])
            paid = max(0, owed) * self._random.randint(75, 100) // 10_000 * 100
            if paid:
                self.pay(dealer, paid, history.happened())

    def credit(self, dealer: Dealer, minor: int) -> None:
        """Takes a claim's credit and its tax off what a dealer owes."""
        self._owed[dealer.code] -= minor * (100 + VAT_PERCENT) // 100

    def pay(self, dealer: Dealer, amount: int, happened: date, late: bool = False,
            item: str | None = None, too_much: int = 0) -> str:  # fmt: skip
        """A payment against the item named or the oldest; what is too much is left over."""
        history = self._history
        self._owed[dealer.code] -= amount
        number = history.number("PM")
        history.files.write(
            "payments.csv", payment=number, received_on=happened,
            received_by="finance.cash", entered_on=history.entered(happened),
            late="true" if late else None, document=history.paper("BK"), dealer=dealer.code,
            amount=decimal(amount + too_much), currency=dealer.currency, open_item=item,
            allocated=decimal(amount) if item else None,
        )  # fmt: skip
        return number

    def _purchase(
        self, place: str, lines: list[tuple[int, int]], happened: date, late: bool = False
    ) -> None:
        history = self._history
        for first in range(0, len(lines), _LINES):
            number, paper = history.number("PR"), history.paper("DN")
            supplier = f"S{self._random.randint(1, SUPPLIERS):02}"
            for part, quantity in lines[first : first + _LINES]:
                drift = self._random.randint(97, 103)
                history.files.write(
                    "purchases.csv", purchase=number, received_on=happened,
                    received_by=f"{place.lower()}.keeper", entered_on=history.entered(happened),
                    late="true" if late else None, document=paper, supplier=supplier,
                    to_place=place,
                    part=history.catalogue.part(part), quantity=quantity,
                    unit_cost=decimal(history.catalogue.costs[part] * drift // 100),
                    currency="CNY", lot=f"L{happened:%y%m}",
                )  # fmt: skip
                history.stock.put(place, part, quantity, happened)

    def _sell(
        self, dealer: Dealer, count: int, happened: date, late: bool = False
    ) -> tuple[str, int]:
        """Sells so many lines as there is stock for; the paper's number, or nothing, and what the
        dealer owes for it."""
        history = self._history
        place = self._place(dealer)
        lines = self._lines(place, count, happened)
        if not lines:
            return "", 0
        number, paper = history.number("SO"), history.paper("INV")
        gross = 0
        for part, quantity in lines.items():
            history.files.write(
                "sales.csv", sale=number, sold_on=happened, sold_by="parts.sales",
                entered_on=history.entered(happened), late="true" if late else None,
                document=paper, dealer=dealer.code, from_place=place,
                part=history.catalogue.part(part), quantity=quantity,
            )  # fmt: skip
            gross += history.gross(part, quantity, dealer.currency, happened)
        part, quantity = next(iter(lines.items()))
        self._after(Sold(number, paper, dealer, part, quantity, place), gross, happened, late)
        return paper, gross

    def _after(self, sold: Sold, gross: int, happened: date, late: bool) -> None:
        history = self._history
        if late:
            return
        self._owed[sold.dealer.code] += gross
        owes = self._owed[sold.dealer.code] > 0
        if sold.dealer.pays_each_order and owes and happened == history.today:
            self.pay(sold.dealer, gross, happened, item=f"sales/{sold.sale}")
        elif history.today.day == REFUND_DAY and len(self._refunded) < REFUNDS:
            self._refund(sold, gross, happened)
        if happened == history.today:
            self.latest[sold.dealer.code] = sold
        if self._returns.throw():
            self._return_unsold(sold)

    def _refund(self, sold: Sold, gross: int, happened: date) -> None:
        """Dealers pay too much for what they bought today, and get it back."""
        history = self._history
        if happened != history.today or sold.dealer.code in self._refunded:
            return
        self._refunded.add(sold.dealer.code)
        item = f"sales/{sold.sale}"
        payment = self.pay(sold.dealer, gross, happened, item=item, too_much=TOO_MUCH)
        history.files.write(
            "payouts.csv", payout=history.number("PO"), paid_on=happened, paid_by="finance.cash",
            document=history.paper("BP"), dealer=sold.dealer.code, amount=decimal(TOO_MUCH),
            currency=sold.dealer.currency, open_item=f"payments/{payment}",
            allocated=decimal(TOO_MUCH),
        )  # fmt: skip

    def _lines(self, place: str, count: int, happened: date) -> dict[int, int]:
        history = self._history
        on = None if happened == history.today else happened
        lines: dict[int, int] = {}
        for _ in range(count * 4):
            part = history.catalogue.active[self._parts.draw()]
            there = history.stock.available(place, part, on)
            if part in lines or not there:
                continue
            most = 4 if history.catalogue.classes[part] == "wear" else 2
            lines[part] = min(there, self._random.randint(1, most))
            history.stock.take(place, part, lines[part])
            self._note_low(place, part)
            if len(lines) == count:
                break
        return lines

    def _note_low(self, place: str, part: int) -> None:
        if self._history.stock.available(place, part) < self.wanted(place, part, REORDER_DAYS):
            self.low[place].append(part)

    def _place(self, dealer: Dealer) -> str:
        """The dealer's own warehouse mostly, its consignment stock if it has one, or the first."""
        chance = self._random.random()
        if dealer.consigned and chance < 0.3:
            return f"consignment.{dealer.code}"
        return dealer.warehouse if chance < 0.8 else self._history.catalogue.warehouses[0]

    def _return_unsold(self, sold: Sold) -> None:
        """One piece comes back unsold; in one case of ten it is found misused, and goes back."""
        history, random = self._history, self._random
        requested = days_after(random, history.today, 3, 9)
        if requested > history.last:
            return
        shipped = days_after(random, requested, 1, 4)
        received = days_after(random, shipped, 2, 5)
        inspected = days_after(random, received, 1, 3)
        disposed = days_after(random, inspected, 1, 3)
        good = random.random() < 0.9
        home = history.catalogue.warehouses[0]
        days = history.reached([shipped, received, inspected, disposed])
        history.files.write(
            "returns.csv", parts_return=history.number("RT"), kind="good", sale=sold.sale,
            part=history.catalogue.part(sold.part), quantity=1, to_place=CUSTODY,
            due_on=requested + timedelta(days=21),
            requested_on=requested, requested_by="parts.sales",
            shipped_on=days[0], shipped_by=days[0] and f"{sold.dealer.code.lower()}.parts",
            received_on=days[1], received_by=days[1] and "r01.keeper",
            inspected_on=days[2], inspected_by=days[2] and "quality.lab",
            finding=days[2] and ("no_fault_found" if good else "misuse"),
            disposed_on=days[3], disposed_by=days[3] and "r01.keeper",
            disposal=days[3] and ("restock" if good else "back_to_dealer"),
            restock_place=home if days[3] and good else None,
        )  # fmt: skip
        if days[3] and good:
            history.stock.expect(home, sold.part, 1, disposed)


def late_day(today: date) -> date | None:
    """The last day but two of the month before, on the days when late entries are made."""
    if today.day in (SOFT_CLOSE_DAY + 4, HARD_CLOSE_DAY + 4):
        return today.replace(day=1) - timedelta(days=3)
    return None
