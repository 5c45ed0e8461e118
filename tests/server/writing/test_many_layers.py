"""A sale, a transfer or a discrepancy of thousands of layers takes several facts, not a refusal."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from msgspec.structs import fields

from domain import accounts, places
from domain.facts import BookedFact, Command, Fact
from domain.layers import MOST_LAYERS, Layer, quantity_of, value_of
from domain.ledger import Ledger
from domain.parts_sale import PartsSale
from domain.parts_transfer import PartsTransfer
from domain.purchase_receipt import PurchaseLine
from domain.stock_item import StockItem
from domain.transfer_lines import DiscrepancyCause, Resolution, TransferLine
from domain.transfer_states import TransferState
from domain.use_cases import purchasing, selling, transferring
from domain.use_cases.booking import Occurrence
from domain.use_cases.selling import WantedLine
from server.writing.recordable import MAX_FACT_BYTES, require_recordable
from tests.domain.desk import CAUSE, command, counted, imbalance
from tests.domain.givens import MAIN, MAKER, NORTH, PUMP
from tests.server.writing.office import Office, facts

LAYERS = 2_000
FIRST = date(2020, 1, 1)
THEN = Occurrence(date(2025, 7, 15))
LAST = f"purchases/PR-{LAYERS - 1}"
STOCK = f"stock/{MAIN}/{PUMP}"


def received(first: int, ledger: Ledger, command: Command, /) -> StockItem:
    """A hundred purchases of two pieces, each on a day of its own and at its own cost."""
    for number in range(first, first + 100):
        purchasing.receive_purchase(
            ledger, command, number=f"PR-{number}", supplier="SUP1", to_place=MAIN,
            occurrence=Occurrence(FIRST + timedelta(days=number)),
            lines=(PurchaseLine(part=PUMP, quantity=2, value_minor=2_000 + 2 * number),),
        )  # fmt: skip
    return ledger.get(StockItem, f"{MAIN}/{PUMP}")


@pytest.fixture
def stocked(office: Office) -> Office:
    for use_case, said in MAKER.use_cases():
        office.do(partial(use_case, **said))
    for first in range(0, LAYERS, 100):
        office.do(partial(received, first))
    return office


def do(office: Office, use_case: Callable[..., Any], actor: str = "ann", **fields: Any) -> None:
    office.do(partial(use_case, occurrence=THEN, **fields), actor=actor)


def stored(office: Office, stream: str, after: int = 0) -> list[Fact]:
    """The facts of a stream, each of which balances and fits into an entry."""
    events = office.log.select_events(stream, gt=after)
    assert max(len(event.state) for event in events) <= MAX_FACT_BYTES
    found = list(facts(office, stream, after))
    for fact in found:
        assert not isinstance(fact, BookedFact) or not imbalance(fact.postings), fact
    return found


def test_a_sale_from_thousands_of_layers_is_recorded(stocked: Office) -> None:
    before = len(stocked.log.select_events(STOCK))
    do(stocked, selling.sell_parts, number="SA1", dealer="D01", from_place=MAIN,
       lines=(WantedLine(PUMP, 2 * LAYERS - 1),))  # fmt: skip

    issued = stored(stocked, STOCK, before)
    assert len(issued) == -(-LAYERS // MOST_LAYERS)
    sold = stored(stocked, "sales/SA1")
    assert [type(fact) for fact in sold] == [PartsSale.Sold] + [PartsSale.PiecesAdded] * (
        len(issued) - 1
    )
    assert sum(len(e.state) for e in stocked.log.select_events("sales/SA1")) > MAX_FACT_BYTES, (
        "the control: in one fact it would have been too long"
    )
    [line] = stocked.reread("sales/SA1")["lines"].values()
    assert (quantity_of(line.layers), len(line.layers)) == (2 * LAYERS - 1, LAYERS)
    [left] = stocked.reread(STOCK)["layers"]
    assert left == Layer(
        FIRST + timedelta(days=LAYERS - 1), left.arrived_on, 1, 2_999, LAST, "SUP1"
    )
    cost = sum(
        posting.amount_minor
        for fact in issued
        if isinstance(fact, BookedFact)
        for posting in fact.postings
        if posting.account == accounts.COST_OF_SALES
    )
    assert cost == value_of(line.layers)


def test_a_transfer_of_thousands_of_layers_arrives_or_is_found(stocked: Office) -> None:
    do(stocked, transferring.request_transfer, number="T1", from_place=MAIN, to_place=NORTH,
       lines=(TransferLine(part=PUMP, quantity=2 * LAYERS),))  # fmt: skip
    do(stocked, transferring.approve_transfer, "bob", number="T1")
    do(stocked, transferring.dispatch_transfer, number="T1")
    do(stocked, transferring.receive_transfer, number="T1",
       lines=(TransferLine(part=PUMP, quantity=LAYERS),))  # fmt: skip
    short: dict[str, Any] = {"number": "T1", "part": PUMP, "quantity": LAYERS}
    do(stocked, transferring.record_discrepancy, cause=DiscrepancyCause.SHORT, **short)
    assert stocked.ledger.get(PartsTransfer, "T1").state is TransferState.DISCREPANT
    do(stocked, transferring.resolve_discrepancy, resolution=Resolution.FOUND, **short)

    assert len(stored(stocked, "transfers/T1")) > 40
    assert stocked.reread("transfers/T1")["state"] is TransferState.RECEIVED
    arrived = stocked.reread(f"stock/{NORTH}/{PUMP}")["layers"]
    assert (len(arrived), quantity_of(arrived)) == (LAYERS, 2 * LAYERS)
    assert value_of(arrived) == sum(2 * (1_000 + number) for number in range(LAYERS))


def test_as_many_layers_of_the_longest_names_fit_into_a_fact() -> None:
    """Each text of a layer as long as it may be, in the script that takes most."""
    longest = "𠮷" * 63  # Four bytes each.
    texts = {field.name: longest for field in fields(Layer) if field.type is str}
    layer = Layer(FIRST, FIRST, 10**6, 10**15, counts_from=FIRST, **texts)
    item = StockItem.open(command(), CAUSE, MAIN, longest, False, "CNY")

    asked = command()
    item.receive(
        asked, counted(FIRST, "𠮷" * 100), places.SUPPLIER, (layer,) * MOST_LAYERS,
        (accounts.SUPPLIER_PAYABLE, f"suppliers/{longest}"),
    )  # fmt: skip

    [fact] = asked.facts
    require_recordable([Ledger().mapper.to_stored_event(fact)])
