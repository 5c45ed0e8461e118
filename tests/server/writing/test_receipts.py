"""A receipt of several facts names the first and the last of them, and the hash of the last."""

from datetime import date

import pytest

from domain.facts import Aggregate, Command
from domain.ledger import Ledger
from domain.place import PlaceKind
from domain.purchase_receipt import PurchaseLine
from domain.use_cases import base_data, purchasing
from domain.use_cases.booking import Occurrence
from server.writing.submission import Batch, Outcome, UseCase
from tests.server.writing.office import PATIENCE, Office, again, asked, opened, part

FACTS_OF_A_FIRST_PURCHASE = 3  # The receipt itself, the stock opened, the pieces received.


def warehouse(ledger: Ledger, command: Command, /) -> Aggregate:
    return base_data.open_place(
        ledger, command, code="W01", description="Hall", kind=PlaceKind.WAREHOUSE
    )


def bought(number: str, of: str) -> UseCase:
    def buy(ledger: Ledger, command: Command, /) -> Aggregate:
        return purchasing.receive_purchase(
            ledger, command, number=number, occurrence=Occurrence(date(2025, 7, 1)),
            supplier="S01", to_place="W01",
            lines=(PurchaseLine(part=of, quantity=1, value_minor=100),),
        )  # fmt: skip

    return buy


@pytest.fixture
def stocked(office: Office) -> Office:
    for use_case in (warehouse, part("P-1"), part("P-2")):
        office.do(use_case)
    return office


def positions(outcome: object) -> tuple[int, int]:
    assert isinstance(outcome, Outcome)
    assert outcome.receipt is not None
    return outcome.receipt.first_position, outcome.receipt.last_position


def requires_its_hashes(office: Office, outcome: object) -> None:
    first, last = positions(outcome)
    entries = office.log.entries.read(after=first - 1, limit=1_000, through=last)
    assert isinstance(outcome, Outcome)
    assert outcome.receipt is not None
    assert outcome.receipt.leaf_hashes == tuple(entry.leaf_hash for entry in entries)
    assert outcome.receipt.recorded_at == entries[-1].recorded_at


def test_each_command_of_a_group_has_the_range_of_its_own_facts(stocked: Office) -> None:
    ends = stocked.group(
        asked(bought("B-1", "P-1")), asked(part("P-3")), asked(bought("B-2", "P-2"))
    )
    first, _ = positions(ends[0])
    wide = FACTS_OF_A_FIRST_PURCHASE

    assert [positions(end) for end in ends] == [
        (first, first + wide - 1), (first + wide, first + wide),
        (first + wide + 1, first + 2 * wide),
    ]  # fmt: skip
    for end in ends:
        requires_its_hashes(stocked, end)


def test_so_has_each_command_of_a_batch(stocked: Office) -> None:
    batch = Batch([asked(part("P-3")), asked(bought("B-1", "P-1")), asked(bought("B-2", "P-2"))])
    ends = stocked.writer.submit_batch(batch).result(PATIENCE)
    first, _ = positions(ends[0])

    assert [positions(end) for end in ends] == [
        (first, first), (first + 1, first + 3), (first + 4, first + 6),
    ]  # fmt: skip
    for end in ends:
        requires_its_hashes(stocked, end)


def test_a_repeat_has_the_same_range_in_its_group_later_and_after_a_restart(
    stocked: Office, database_url: str, schema: str
) -> None:
    request = asked(bought("B-1", "P-1"), payload=b"B-1")
    first, at_once = stocked.group(request, again(request))
    later = stocked.writer.submit(again(request)).result(PATIENCE)
    with opened(database_url, schema) as restarted:
        after_all = restarted.writer.submit(again(request)).result(PATIENCE)

    assert isinstance(first, Outcome)
    low, high = positions(first)
    assert high - low + 1 == FACTS_OF_A_FIRST_PURCHASE
    assert at_once == later == after_all == first._replace(repeated=True)
