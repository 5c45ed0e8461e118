"""Transfers: from the first warehouse to where stock runs low, and into consignment."""

from datetime import date, timedelta
from typing import Any

from examples.chance import Coin, Deck, Quota, days_after, one_of
from examples.history import History
from examples.trade import TARGET_DAYS, Trade

_LINES = 4  # Of one transfer, at most.


class Moves:
    def __init__(self, history: History, trade: Trade) -> None:
        self._history = history
        self._trade = trade
        self._random = history.random("moves")
        self._quota = Quota(history.size.transfer_lines)
        self._consignees = [dealer for dealer in history.catalogue.dealers if dealer.consigned]
        self._fates = Deck(self._random, {"moved": 88, "missed": 7, "rejected": 3, "cancelled": 2})
        self._consigned = Coin(self._random, 20)
        self._core = Coin(self._random, 4)
        self._causes = Deck(self._random, {"short": 3, "damaged": 2, "wrong_part": 1})
        self._resolutions = Deck(self._random, {"carrier": 2, "found": 2, "write_off": 1})

    def move(self) -> None:
        """Sends today's quota of lines to where they are wanted."""
        left = self._quota.today()
        while left > 0:
            left -= max(1, self._move(min(left, _LINES)))

    def _move(self, most: int) -> int:
        """One transfer; how many lines it has. Nothing where there is nothing to send."""
        catalogue, trade = self._history.catalogue, self._trade
        home, *others = catalogue.warehouses
        if self._core.throw():
            return self._send(home, one_of(self._random, others),
                              [one_of(self._random, catalogue.restricted)])  # fmt: skip
        if self._consignees and self._consigned.throw():
            place = f"consignment.{one_of(self._random, self._consignees).code}"
            best = trade.carried(others[0])
            return self._send(home, place, [one_of(self._random, best) for _ in range(most)])
        place = max(others, key=lambda other: len(trade.low[other]))
        low, trade.low[place] = trade.low[place][:most], trade.low[place][most:]
        wanted = low or [one_of(self._random, trade.carried(place)) for _ in range(most)]
        return self._send(home, place, wanted)

    def _send(self, origin: str, place: str, parts: list[int]) -> int:
        stock, trade = self._history.stock, self._trade
        lines = {}
        for part in parts:
            there = stock.available(origin, part)
            quantity = min(there // 2, trade.wanted(place, part, TARGET_DAYS))
            if quantity and part not in lines:
                lines[part] = quantity
        if lines:
            fate = self._fates.deal()
            if fate in ("moved", "missed"):
                self._carry_out(origin, place, lines, missed=fate == "missed")
            else:
                self._call_off(origin, place, lines, fate)
        return len(lines)

    def _carry_out(self, origin: str, place: str, lines: dict[int, int], missed: bool) -> None:
        """Taken off the stock at once, so that nothing else takes it before it is dispatched."""
        history, random = self._history, self._random
        today = history.today
        dispatched = days_after(random, today, 0, 1)
        received = days_after(random, dispatched, 2, 6)
        resolved = days_after(random, received, 4, 9)
        closed = days_after(random, resolved if missed else received, 1, 2)
        days = history.reached([dispatched, received, resolved, closed])
        head = self._head(origin, place)
        if days[0]:
            head |= {
                "approved_on": today,
                "approved_by": f"{origin.lower()}.books",
                "dispatched_on": days[0],
                "dispatched_by": f"{origin.lower()}.keeper",
            }
        if days[3]:
            head |= {"closed_on": days[3], "closed_by": f"{_keeper(place)}.books"}
        short = next((part for part, quantity in lines.items() if quantity > 1), None)
        for part, quantity in lines.items():
            lost = 1 if missed and part == short else 0
            cells = dict(head, part=history.catalogue.part(part), quantity=quantity)
            if days[0]:
                history.stock.take(origin, part, quantity)
            if days[1]:
                cells |= {"received_on": days[1], "received_by": f"{_keeper(place)}.keeper",
                          "received_quantity": quantity - lost}  # fmt: skip
                history.stock.expect(place, part, quantity - lost, received)
            if days[1] and lost:
                cells |= self._missed(place, part, received, days[2])
            history.files.write("transfers.csv", **cells)

    def _missed(
        self, place: str, part: int, received: date, resolved: date | None
    ) -> dict[str, Any]:
        """One piece that did not come as sent, and what became of it."""
        cells: dict[str, Any] = {
            "discrepancy_on": received, "discrepancy_by": f"{_keeper(place)}.keeper",
            "cause": self._causes.deal(), "discrepancy_quantity": 1,
        }  # fmt: skip
        resolution = self._resolutions.deal()
        if resolved:
            cells |= {"resolved_on": resolved, "resolved_by": f"{_keeper(place)}.books",
                      "resolution": resolution,
                      "carrier": "S90" if resolution == "carrier" else None}  # fmt: skip
            if resolution == "found":
                self._history.stock.expect(place, part, 1, resolved)
        return cells

    def _call_off(self, origin: str, place: str, lines: dict[int, int], fate: str) -> None:
        head = self._head(origin, place)
        on = min(self._history.today + timedelta(days=1), self._history.last)
        if fate == "rejected":
            head |= {
                "rejected_on": on,
                "rejected_by": f"{origin.lower()}.books",
                "because": "库存留作他用 kept for other orders",
            }
        else:
            head |= {
                "cancelled_on": on,
                "cancelled_by": f"{_keeper(place)}.keeper",
                "because": "重复申请 requested twice",
            }
        for part, quantity in lines.items():
            self._history.files.write(
                "transfers.csv", **head, part=self._history.catalogue.part(part), quantity=quantity
            )

    def _head(self, origin: str, place: str) -> dict[str, Any]:
        history = self._history
        return {
            "transfer": history.number("TR"), "document": history.paper("TO"),
            "from_place": origin, "to_place": place, "requested_on": history.today,
            "requested_by": f"{_keeper(place)}.keeper",
        }  # fmt: skip


def _keeper(place: str) -> str:
    """Who keeps a place: `w02` or, of a consignment stock, `d02`."""
    return place.rpartition(".")[2].lower()
