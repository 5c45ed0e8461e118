"""Month end: the book's months are closed, and each dealer's statement is settled."""

from typing import Any

from examples.chance import Coin
from examples.files import decimal
from examples.history import HARD_CLOSE_DAY, SOFT_CLOSE_DAY, History, month_before
from examples.sizes import DISPUTED_STATEMENTS, FIRST_DAY
from examples.trade import Sold, Trade

_ISSUED, _REVIEWED, _DISPUTED, _RESOLVED, _CONFIRMED, _INVOICED, _CLOSED = 9, 10, 11, 13, 15, 17, 19


class Months:
    def __init__(self, history: History, trade: Trade) -> None:
        self._history = history
        self._trade = trade
        random = history.random("months")
        self._random = random
        self._disputed = Coin(random, DISPUTED_STATEMENTS)
        self._sold: dict[str, Sold] = {}

    def turn(self) -> None:
        """Does what is due today. All steps of a settlement are written on its first day."""
        history = self._history
        month = month_before(history.today)
        if history.today.day == 1:
            self._sold = dict(self._trade.latest)
            self._trade.latest.clear()
        if month < f"{FIRST_DAY:%Y-%m}":
            return
        if history.today.day == SOFT_CLOSE_DAY:
            self._step(month, "soft_close", "finance.close")
        if history.today.day == HARD_CLOSE_DAY - 1:
            self._step(month, "request_hard_close", "finance.close")
        if history.today.day == HARD_CLOSE_DAY:
            self._step(month, "hard_close", "finance.head")
        if history.today.day == _ISSUED:
            for dealer in history.catalogue.dealers:
                self._settle(dealer.code, dealer.currency, month)

    def _step(self, month: str, step: str, by: str) -> None:
        self._history.files.write(
            "periods.csv", month=month, step=step, done_on=self._history.today, done_by=by
        )

    def _settle(self, dealer: str, currency: str, month: str) -> None:
        day = self._history.today.replace
        number = self._history.paper("VAT")
        cells: dict[str, Any] = {
            "dealer": dealer, "month": month,
            "issued_on": day(day=_ISSUED), "issued_by": "settlement.issue",
            "reviewed_on": day(day=_REVIEWED), "reviewed_by": "settlement.review",
            "confirmed_on": day(day=_CONFIRMED), "confirmed_by": f"{dealer.lower()}.office",
            "invoiced_on": day(day=_INVOICED), "invoiced_by": "finance.tax",
            "sales_invoice": number, "claims_invoice": f"FP-{number[-6:]}",
            "closed_on": day(day=_CLOSED), "closed_by": "settlement.issue",
        }  # fmt: skip
        sold = self._sold.get(dealer)
        if sold and self._disputed.throw():
            accepted = self._random.random() < 0.6
            memo = -self._history.gross(sold.part, 1, currency, self._history.today)
            cells |= {
                "disputed_on": day(day=_DISPUTED), "disputed_by": f"{dealer.lower()}.office",
                "disputed_document": sold.paper, "dispute_reason": "少发一件 one piece short",
                "resolved_on": day(day=_RESOLVED), "resolved_by": "settlement.review",
                "memo": decimal(memo if accepted else 0), "currency": currency,
                "resolution": "同意折让 allowance granted" if accepted else "签收单齐全 signed for",
            }  # fmt: skip
        self._history.files.write("settlements.csv", **cells)
