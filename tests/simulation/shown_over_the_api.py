"""All that the server shows of a book, read three ways that have to agree.

The log is read on from where it was left and added up by hand, as an auditor would; the views are
asked for their sums; single documents are asked for themselves. Stock, dealers and documents that
no new entry names are not asked for again, except by `read_all`, which forgets what it knew.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any

from tests.on_the_wire import day_of, in_name, last, minor
from tests.server.api.reading.front_desk import FrontDesk, Refused
from tests.simulation.trade import DEALERS, TODAY, Lying, Shown, Stated, Whereabouts

Layers = list[Lying]
Where = tuple[str, str]  # Place and part.
LayerKey = tuple[date, date, str]  # Origin, arrival, receipt.
THIS_MONTH = TODAY.isoformat()[:7]
PAGE = 1000


class LogByHand:
    """The entries so far, added up: accounts from postings, layers from movements."""

    def __init__(self) -> None:
        self.position = 0
        self.accounts: Counter[tuple[str, str, str]] = Counter()
        self.item_days: Counter[tuple[str, str, date]] = Counter()
        self.worth: Counter[tuple[str, str]] = Counter()  # In the book's currency, by account.
        self.worth_of_items: Counter[tuple[str, str]] = Counter()
        self.pieces: defaultdict[Where, Counter[LayerKey]] = defaultdict(Counter)
        self.value: defaultdict[Where, Counter[LayerKey]] = defaultdict(Counter)

    def add(self, entry: Any) -> None:
        assert entry.position == self.position + 1, "positions have no gaps"
        self.position = entry.position
        sums: Counter[str] = Counter()
        for posting in entry.postings:
            sums[posting.amount.currency_code] += minor(posting.amount)
            foreign = posting.HasField("functional")
            worth = minor(posting.functional if foreign else posting.amount)
            sums["functional"] += worth
            self.worth[posting.account, posting.party] += worth
            if posting.item:
                self.worth_of_items[last(posting.party), posting.item] += worth
            key = (posting.account, posting.party, posting.amount.currency_code)
            self.accounts[key] += minor(posting.amount)
            if posting.item:
                item = (last(posting.party), posting.item, day_of(entry.effective_on))
                self.item_days[item] += minor(posting.amount)
        assert not any(sums.values()), f"entry {entry.position} is not balanced: {sums}"
        for movement in entry.movements:
            part = last(movement.part)
            for layer in movement.layers:
                origin, receipt = day_of(layer.origin_on), layer.receipt
                left = (origin, day_of(layer.arrived_on), receipt)
                came = (origin, day_of(entry.occurred_on), receipt)
                for place, key, sign in (
                    (movement.from_place, left, -1), (movement.to_place, came, 1)
                ):  # fmt: skip
                    self.pieces[last(place), part][key] += sign * layer.quantity
                    self.value[last(place), part][key] += sign * minor(layer.value)

    def lying(self) -> dict[Where, Layers]:
        """What lies anywhere, oldest first: at places, on the way, gone to a machine, owed."""
        found = {
            where: sorted(
                Lying(*key, pieces, self.value[where][key])
                for key, pieces in row.items()
                if pieces or self.value[where][key]
            )
            for where, row in self.pieces.items()
        }
        return {where: row for where, row in found.items() if row}

    def stock(self) -> dict[Where, Layers]:
        """What lies at real places, where nothing may be owed."""
        found = {where: row for where, row in self.lying().items() if where[0][0] != "@"}
        for where, row in found.items():
            assert all(each.pieces > 0 <= each.value for each in row), (where, row)
        return found


class Look:
    """One reader of a book, who remembers what cannot have changed since."""

    _shown: Shown | None

    def __init__(self, desk: FrontDesk) -> None:
        self.desk = desk
        self.read_all()

    def shown(self) -> Shown:
        """As of the last entry read: every command that was accepted reads on."""
        if self._shown is None:
            self._shown = self._shown_now()
        return self._shown

    def read_all(self) -> Shown:
        """Everything from the first entry on, nothing remembered."""
        self._forget()
        self._read_on()
        return self.shown()

    @property
    def position(self) -> int:
        return self.log.position

    def content_hash(self, dealer: str, month: str) -> str:
        """What the dealer reads off its statement; empty where there is none."""
        try:
            return str(self._statement(dealer, month).content_hash)
        except Refused as refusal:
            if refusal.reason != "NOT_FOUND":
                raise
            return ""

    # What a call left in the log.

    def nothing_was_recorded(self) -> None:
        assert self._read_on() == [], "a command refused or repeated records nothing"

    def was_recorded(self, receipt: Any, actor: str, request_id: str) -> None:
        """Exactly the entries that the receipt names."""
        first = self.position + 1
        entries = self._read_on()
        assert (receipt.first_position, receipt.last_position) == (first, self.position), (
            "a command refused or repeated records nothing, an accepted one what its receipt says"
        )
        assert {(entry.actor, entry.request_id) for entry in entries} == {(actor, request_id)}
        assert entries[-1].leaf_hash == receipt.leaf_hash

    def trial_balance(self, as_of_position: int = 0) -> dict[tuple[str, str, str], int]:
        """The view's own sums, now or as of a past position."""
        answer = self.desk.call(
            "Statement.GetTrialBalance",
            by_party=True, min_position=self.position, as_of_position=as_of_position,
        )  # fmt: skip
        assert answer.as_of_position == (as_of_position or self.position)
        assert not any(minor(each) for each in answer.differences)
        assert minor(answer.functional_difference) == 0
        if not as_of_position:
            worth: Counter[tuple[str, str]] = Counter()
            for line in answer.accounts:
                worth[line.account, line.party] += minor(line.functional_balance)
            worth.subtract(self.log.worth)
            assert not any(worth.values()), "the worth of accounts is what the entries add up to"
        return {
            (line.account, line.party, line.balance.currency_code): minor(line.balance)
            for line in answer.accounts
            if minor(line.balance)
        }

    def _forget(self) -> None:
        self.log = LogByHand()
        self._shown = None
        self._layers: dict[Where, Layers] = {}
        self._transfers: dict[str, dict[str, Whereabouts]] = {}
        self._statements: dict[tuple[str, str], Stated] = {}
        self._closing: dict[str, int] = {}
        self._open_items: dict[str, dict[str, int]] = {dealer: {} for dealer in DEALERS}
        self._lying: dict[Where, tuple[int, int]] = {}  # Pieces and value, as the view has them.

    def _read_on(self) -> list[Any]:
        """The entries since the last look, each also told to what is remembered."""
        entries = [
            entry
            for page in self._pages("Entry.ListEntries", from_position=self.position + 1)
            for entry in page.entries
        ]
        for entry in entries:
            self.log.add(entry)
        streams = {entry.stream for entry in entries}
        for stream in streams:
            self._look_at(stream)
        kinds = {stream.partition("/")[0] for stream in streams}
        if "stock" in kinds:
            self._lying = self._stock_view()
        if "accounts" in kinds:
            self._open_items = self._open_items_view()
        if entries:
            self._shown = None
        return entries

    def _look_at(self, stream: str) -> None:
        kind, _, key = stream.partition("/")
        if kind == "stock":
            place, _, part = key.partition("/")
            self._layers[place, part] = self._stock_item(place, part)
        elif kind == "transfers":
            self._transfers[key] = self._whereabouts(key)
        elif kind == "accounts":
            self._closing[key] = minor(self._statement(key, THIS_MONTH).closing)
        elif kind == "settlements":
            dealer, _, month = key.partition("/")
            self._statements[dealer, month] = self._stated(dealer, month)

    def _shown_now(self) -> Shown:
        balance, stock = self.trial_balance(), self.log.stock()
        by_hand = {key: amount for key, amount in self.log.accounts.items() if amount}
        assert balance == by_hand, "the trial balance is what the entries add up to"
        assert {where: each for where, each in self._layers.items() if each} == stock, (
            "stock items hold what the movements add up to"
        )
        valued = {
            where: (sum(each.pieces for each in row), sum(each.value for each in row))
            for where, row in stock.items()
        }
        assert self._lying == valued, "the stock view is quantity and value of the layers"
        for dealer, items in self._open_items.items():
            closing = self._closing.get(dealer, 0)
            assert closing == sum(items.values()), f"{dealer}: statement closing = open items"
        item_days = {key: amount for key, amount in self.log.item_days.items() if amount}
        return Shown(
            balance, stock, self._open_items, item_days, dict(self._statements),
            dict(self._transfers), {},
        )  # fmt: skip

    def _stock_item(self, place: str, part: str) -> Layers:
        name = self.desk.name(f"places/{place}/stock/{in_name(part)}")
        item = self.desk.call("Stock.GetStockItem", name=name).stock_item
        pieces: Counter[LayerKey] = Counter()
        value: Counter[LayerKey] = Counter()
        for layer in item.layers:  # Some may only count from another day.
            key = day_of(layer.origin_on), day_of(layer.arrived_on), layer.receipt
            pieces[key] += layer.quantity
            value[key] += minor(layer.value)
        assert item.quantity == sum(pieces.values())
        assert minor(item.value) == sum(value.values())
        return [Lying(*key, pieces[key], value[key]) for key in sorted(pieces)]

    def _stock_view(self) -> dict[Where, tuple[int, int]]:
        pages = self._pages("Stock.ListStockItems", parent=self.desk.name("places/-"))
        return {
            (last(item.place), last(item.part)): (item.quantity, minor(item.value))
            for page in pages
            for item in page.stock_items
        }

    def _open_items_view(self) -> dict[str, dict[str, int]]:
        found: dict[str, dict[str, int]] = {dealer: {} for dealer in DEALERS}
        worths: Counter[tuple[str, str]] = Counter()
        for page in self._pages("Statement.ListOpenItems", parent=self.desk.name("dealers/-")):
            for item in page.open_items:
                assert item.item not in found[last(item.dealer)], "an item stands on one account"
                found[last(item.dealer)][item.item] = minor(item.amount)
                worth = minor(item.functional if item.HasField("functional") else item.amount)
                by_hand = self.log.worth_of_items.pop((last(item.dealer), item.item))
                assert worth == by_hand, item
                worths[last(item.dealer), item.item] = worth
        gone = {key: minor for key, minor in self.log.worth_of_items.items() if minor}
        assert gone == {}, "what is not open any more is worth nothing"
        self.log.worth_of_items = worths
        return found

    def _statement(self, dealer: str, month: str) -> Any:
        name = self.desk.name(f"dealers/{dealer}/statements/{month}")
        answer = self.desk.call("Statement.GetStatement", name=name, min_position=self.position)
        return answer.statement

    def _stated(self, dealer: str, month: str) -> Stated:
        """An issued month, as the view and the settlement itself have it."""
        statement = self._statement(dealer, month)
        name = self.desk.name(f"dealers/{dealer}/settlements/{month}")
        settlement = self.desk.call("Settlement.GetSettlement", name=name).settlement
        viewed, issued = (
            Stated(minor(of.opening), minor(of.debit), minor(of.credit), minor(of.closing))
            for of in (statement, settlement)
        )
        assert viewed == issued, f"{dealer} {month}: the view and the issued statement part"
        assert statement.content_hash == settlement.content_hash
        assert viewed.closing == sum(minor(item.amount) for item in statement.open_items)
        return viewed

    def _whereabouts(self, number: str) -> dict[str, Whereabouts]:
        name = self.desk.name(f"transfers/{number}")
        transfer = self.desk.call("Transfer.GetTransfer", name=name).transfer
        return {
            last(line.part): Whereabouts(
                line.dispatched_quantity, line.in_transit_quantity, line.received_quantity,
                line.discrepant_quantity, line.resolved_quantity,
            )
            for line in transfer.lines
            if line.dispatched_quantity
        }  # fmt: skip

    def _pages(self, method: str, **fields: Any) -> Iterator[Any]:
        return self.desk.pages(method, page_size=PAGE, min_position=self.position, **fields)
