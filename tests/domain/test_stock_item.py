"""Stock in layers: oldest first, never negative on any day, its value always on the account."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.errors import BeforeArrival, DomainError, InsufficientStock
from domain.facts import BookedFact, Command
from domain.layers import Layer, quantity_of, value_of
from domain.ledger import Ledger
from domain.stock_item import StockItem
from domain.storing import AggregateSnapshot
from tests.domain.desk import CAUSE, command, counted, d, layer, movements, postings

DAY = timedelta(days=1)
SUPPLIER = ("2202", "suppliers/SUP1")
SALES = ("6401", "")


@dataclass
class Shelf:
    """One stock item, driven directly; every accepted fact lands in `command.facts`."""

    command: Command
    item: StockItem

    def receive(self, day: date, *layers: Layer) -> None:
        self.item.receive(self.command, counted(day), "@supplier", layers, SUPPLIER)

    def issue(self, day: date, quantity: int) -> tuple[Layer, ...]:
        return self.item.issue(self.command, counted(day), "@sold", quantity, SALES)

    def on_hand(self, day: date) -> int:
        """Pieces here at the end of a day, from the movements alone."""
        return self.stock(day)[0]

    def stock(self, day: date) -> tuple[int, int]:
        """The same, and their value."""
        quantity = value = 0
        for fact in self.command.facts:
            if isinstance(fact, BookedFact) and fact.effective_on <= day:
                [movement] = fact.movements
                sign = 1 if movement.to_place == "W01" else -1
                quantity += sign * quantity_of(movement.layers)
                value += sign * value_of(movement.layers)
        return quantity, value


def shelf(custody: bool = False) -> Shelf:
    asked = command()
    return Shelf(asked, StockItem.open(asked, CAUSE, "W01", "PUMP-7", custody, "CNY"))


def stocked() -> Shelf:
    """Five pieces moved in on 8 March with origin 1 January; five bought on 1 March."""
    filled = shelf()
    filled.receive(d(3, 1), layer(5, 1200, d(3, 1)))
    filled.receive(d(3, 8), layer(5, 1000, origin=d(1, 1), arrived=d(3, 6)))
    return filled


def test_the_oldest_origin_leaves_first_wherever_it_has_been() -> None:
    here = stocked()

    taken = here.issue(d(3, 9), 7)

    assert taken == (layer(5, 1000, d(1, 1), d(3, 8)), layer(2, 1200, d(3, 1)))
    assert here.item.layers == (layer(3, 1200, d(3, 1)),)
    issued = here.command.facts[-1]
    assert movements(issued) == [("PUMP-7", "W01", "@sold", taken)]
    assert postings(issued) == [("6401", "", 7400), ("1405", "places/W01", -7400)]


def test_a_back_dated_issue_takes_only_what_had_arrived() -> None:
    here = stocked()

    assert here.issue(d(3, 7), 2) == (layer(2, 1200, d(3, 1)),)


def test_more_than_had_arrived_by_the_day_is_refused() -> None:
    here = stocked()
    facts_before, layers_before = list(here.command.facts), here.item.layers

    with pytest.raises(InsufficientStock) as refusal:
        here.issue(d(3, 7), 6)

    assert refusal.value.facts == {
        "part": "PUMP-7", "place": "W01", "on": "2025-03-07", "available": "5", "requested": "6",
    }  # fmt: skip
    assert (here.command.facts, here.item.layers) == (facts_before, layers_before)


def test_pieces_that_do_not_divide_their_value_leave_nothing_of_it_behind() -> None:
    """Three for 10.00: 3.33, then half of 6.67 rounded up, then what is left."""
    here = shelf()
    here.receive(d(3, 1), replace(layer(3, 0, d(3, 1)), value_minor=1000))

    assert [value_of(here.issue(d(3, 2), 1)) for _ in range(3)] == [333, 334, 333]
    assert here.item.layers == ()


def test_equal_layers_that_meet_are_one_with_the_value_of_both() -> None:
    """Two of the three pieces came by another way, on the same day."""
    whole = replace(layer(3, 0, d(3, 1)), value_minor=1000)
    here = shelf()
    here.receive(d(3, 1), replace(whole, quantity=1, value_minor=333))
    here.receive(d(3, 1), replace(whole, quantity=2, value_minor=667))

    assert here.item.layers == (whole,)


def test_the_last_piece_can_leave_and_no_more() -> None:
    here = stocked()
    here.issue(d(3, 8), 10)

    assert here.item.layers == ()
    with pytest.raises(InsufficientStock):
        here.issue(d(12, 31), 1)


def test_custody_releases_the_very_layers_of_a_parcel() -> None:
    here = shelf(custody=True)
    good, defective = layer(1, 1000, d(1, 1), d(7, 1)), layer(1, 0, d(7, 9), d(7, 9))
    here.receive(d(7, 1), good)
    here.receive(d(7, 9), defective)

    here.item.release(here.command, counted(d(7, 9)), "@scrap", (defective,), ("6701", ""))

    assert here.item.layers == (good,), "the older good part stays"
    assert postings(here.command.facts[-1]) == [], "a defective part is worth nothing"


def test_custody_does_not_release_a_parcel_before_it_came() -> None:
    here = shelf(custody=True)
    here.receive(d(7, 9), layer(1, 0, d(7, 9)))
    facts_before = list(here.command.facts)

    with pytest.raises(BeforeArrival):
        here.item.release(here.command, counted(d(7, 8)), "@scrap", (layer(1, 0, d(7, 9)),), SALES)

    assert here.command.facts == facts_before


# A random life of a stock item: (day, quantity, cost); cost None is an issue.
offsets = st.integers(0, 20)
steps = st.lists(
    st.tuples(offsets, st.integers(1, 9), st.none() | st.integers(0, 3), offsets), max_size=25
)
FIRST = date(2025, 1, 1)
Step = tuple[int, int, int | None, int]
# What chance may miss: older pieces that arrived later, a layer that comes twice, a back-dated
# issue, layers used up exactly and in part, one piece too many, free pieces.
TELLING: list[Step] = [
    (5, 4, 2, 0), (8, 3, 1, 8), (6, 2, None, 0), (5, 1, 2, 0), (8, 4, None, 0), (9, 3, None, 0),
    (9, 2, None, 0), (9, 1, None, 0), (9, 2, 0, 3), (10, 2, 0, 1), (10, 1, 3, 9), (10, 4, None, 0),
    (7, 1, None, 0),
]  # fmt: skip


def lived(history: list[Step], check: Callable[[Shelf], None] = lambda _: None) -> Shelf:
    """Plays receipts and issues on any days, in any order; refused ones are nothing."""
    here = shelf()
    for offset, quantity, cost, age in history:
        day = FIRST + offset * DAY
        with suppress(InsufficientStock):
            if cost is None:
                here.issue(day, quantity)
            else:
                here.receive(day, layer(quantity, cost, origin=day - age * DAY, arrived=day))
        check(here)
    return here


@given(history=steps)
@example(history=TELLING)
def test_stock_is_never_negative_on_any_day(history: list[Step]) -> None:
    here = lived(history)

    for offset in range(21):
        quantity, value = here.stock(FIRST + offset * DAY)
        assert quantity >= 0
        assert value >= 0
        assert quantity or value == 0, "where nothing lies, nothing is worth anything"


def test_without_looking_at_arrival_the_stock_of_a_day_goes_negative() -> None:
    """The control: consuming what is here now, whenever it came, breaks the sum of a day."""
    here = stocked()
    here.item.layers = tuple(replace(item, arrived_on=FIRST) for item in here.item.layers)

    here.issue(d(3, 7), 7)

    assert here.on_hand(d(3, 7)) < 0


@given(history=steps)
@example(history=TELLING)
def test_the_account_is_the_value_of_the_layers_after_every_step(history: list[Step]) -> None:
    def check(here: Shelf) -> None:
        account = sum(
            amount
            for fact in here.command.facts
            if isinstance(fact, BookedFact)
            for name, _, amount in postings(fact)
            if name == "1405"
        )
        assert account == value_of(here.item.layers)
        assert (quantity_of(here.item.layers), account) == here.stock(d(12, 31))

    lived(history, check)


@given(history=steps)
@example(history=TELLING)
def test_pieces_leave_oldest_first_among_those_that_had_arrived(history: list[Step]) -> None:
    here = shelf()
    for offset, quantity, cost, age in history:
        day = FIRST + offset * DAY
        if cost is not None:
            here.receive(day, layer(quantity, cost, origin=day - age * DAY, arrived=day))
            continue
        eligible = sorted(
            (item.origin_on, item.arrived_on, item.receipt)
            for item in here.item.layers
            if item.arrived_on <= day
            for _ in range(item.quantity)
        )
        if quantity > len(eligible):
            with pytest.raises(DomainError):
                here.issue(day, quantity)
            continue
        taken = [
            (item.origin_on, item.arrived_on, item.receipt)
            for item in here.issue(day, quantity)
            for _ in range(item.quantity)
        ]
        assert taken == eligible[:quantity]


@given(history=steps)
@example(history=TELLING)
def test_a_snapshot_at_any_point_is_the_item_replayed_to_it(history: list[Step]) -> None:
    mapper = Ledger().mapper
    positions = count(1)

    def check(here: Shelf) -> None:
        if next(positions) % 5:
            return  # Every fifth step is enough to hit each shape of state.
        stored = mapper.to_stored_event(AggregateSnapshot.take(here.item))
        snapshot = mapper.to_domain_event(stored)
        assert isinstance(snapshot, AggregateSnapshot)
        restored = snapshot.mutate(None)
        assert isinstance(restored, StockItem)
        assert restored.layers == here.item.layers
        assert (restored.id, restored.version) == (here.item.id, here.item.version)
        assert (restored.place, restored.part, restored.custody, restored.currency) == (
            "W01", "PUMP-7", False, "CNY",
        )  # fmt: skip
        # It goes on like the original: the same issue, the same layers, the same version.
        again = Shelf(command(), restored)
        if restored.layers:
            again.issue(d(12, 31), 1)
            assert restored.version == here.item.version + 1

    lived(history, check)
