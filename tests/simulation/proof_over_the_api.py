"""What a book has to prove as a whole, at the end of a history."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

from tests.on_the_wire import day, last, minor
from tests.simulation.shown_over_the_api import Look

INVENTORY = ("1405", "1406", "1407", "1408", "1901")
DAYS = [date(2025, month, number) for month in range(1, 9) for number in (1, 17)]
DAYS += [on - timedelta(days=1) for on in DAYS if on.day == 1]  # Ends of months.
EVERY = 100  # Positions between two trial balances that are remembered.


class Proof:
    def __init__(self, look: Look) -> None:
        self._look = look
        self._remembered: dict[int, dict[tuple[str, str, str], int]] = {}

    def remember(self) -> None:
        """The trial balance as it is shown today, to be asked for again as of this position."""
        position = self._look.position
        if position >= max(self._remembered, default=0) + EVERY:
            self._remembered[position] = dict(self._look.shown().trial_balance)

    def of_the_whole_book(self) -> None:
        self._look.nothing_was_recorded()
        shown = self._look.shown()
        assert self._look.read_all() == shown, "read from the first entry on, it is the same"
        for position, balance in self._remembered.items():
            assert self._look.trial_balance(position) == balance, f"as of {position}, as it was"
        self._ageing_is_the_inventory()
        self.every_day_has_its_inventory()
        self.every_day_has_its_open_items()
        assert self.rebuilt_is_live(), "what is rebuilt from the log is what was live"
        assert self._look.read_all() == shown, "the views that took over show the same"

    def rebuilt_is_live(self, *, accept_difference: bool = False) -> bool:
        """Rebuilds the views from the log; the server compares fingerprints, and so do we."""
        desk = self._look.desk
        status = desk.call("View.GetViewStatus", with_fingerprints=True)
        assert (status.position, status.lag) == (self._look.position, 0)
        live = {view.view: view.fingerprint for view in status.views}
        *_, end = desk.stream("View.RebuildViews", accept_difference=accept_difference)
        assert end.result.position == self._look.position
        assert live == {view.view: view.live_fingerprint for view in end.result.views}
        same = {view.view: view.live_fingerprint == view.rebuilt_fingerprint
                for view in end.result.views}  # fmt: skip
        assert same == {view.view: view.same for view in end.result.views}
        assert bool(end.result.same) == all(same.values())
        return all(same.values())

    def _ageing_is_the_inventory(self) -> None:
        """Quantity and value by place: of the layers, in the buckets, and on the accounts.

        What is on its way or in dispute is the maker's too, and has its own rows.
        """
        position = self._look.position
        ageing = self._look.desk.call("Ageing.GetInventoryAgeing", min_position=position)
        pieces: Counter[str] = Counter()
        value: Counter[str] = Counter()
        for (place, _), layers in self._look.log.lying().items():
            if place in ("@in-transit", "@discrepancy") or not place.startswith("@"):
                pieces[place] += sum(layer.pieces for layer in layers)
                value[place] += sum(layer.value for layer in layers)
        rows = {last(row.place): row for row in ageing.rows}
        assert pieces == {place: row.quantity for place, row in rows.items()}
        assert value == {place: minor(row.value) for place, row in rows.items()}
        for row in (*ageing.rows, ageing.total):
            _buckets_add_up(row)
        on_account: Counter[str] = Counter()
        for (account, *_), amount in self._look.trial_balance().items():
            on_account[account] += amount
        assert value["@in-transit"] == on_account["1408"]
        assert value["@discrepancy"] == on_account["1901"]
        assert minor(ageing.total.value) == sum(on_account[each] for each in INVENTORY)

    def every_day_has_its_inventory(self) -> None:
        """In months that are closed or open: by place and by part, it is the day's balance."""
        for on in DAYS:
            asked: dict[str, Any] = {"as_of_date": day(on), "min_position": self._look.position}
            ageing = self._look.desk.call("Ageing.GetInventoryAgeing", **asked)
            by_part = self._look.desk.call("Ageing.GetInventoryAgeing", **asked, by_part=True)
            assert by_part.total == ageing.total, on
            for row in by_part.rows:
                value = minor(row.value)
                assert value >= 0, (on, row)
                assert row.quantity > 0 or (row.quantity, value) == (0, 0), (on, row)
            accounts = self._look.desk.call("Statement.GetTrialBalance", **asked).accounts
            booked = sum(minor(line.balance) for line in accounts if line.account in INVENTORY)
            assert minor(ageing.total.value) == booked, on

    def every_day_has_its_open_items(self) -> None:
        """In months that were stated or not: what each item has changed by, up to the day."""
        desk = self._look.desk
        for on in DAYS:
            by_hand: Counter[tuple[str, str]] = Counter()
            for (dealer, item, when), amount in self._look.log.item_days.items():
                if when <= on:
                    by_hand[dealer, item] += amount
            pages = desk.pages(
                "Statement.ListOpenItems", parent=desk.name("dealers/-"), page_size=1000,
                as_of_date=day(on), min_position=self._look.position,
            )  # fmt: skip
            shown = {
                (last(item.dealer), item.item): minor(item.amount)
                for page in pages
                for item in page.open_items
            }
            assert shown == {item: amount for item, amount in by_hand.items() if amount}, on


def _buckets_add_up(row: Any) -> None:
    for buckets in (row.age, row.dwell):
        assert sum(bucket.quantity for bucket in buckets) == row.quantity
        assert sum(minor(bucket.value) for bucket in buckets) == minor(row.value)
