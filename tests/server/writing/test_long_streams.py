"""Long streams load from their snapshots, many at once, and always to the same state."""

from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Any

import pytest

from domain.place import PlaceKind
from domain.purchase_receipt import PurchaseLine
from domain.stock_item import StockItem
from domain.use_cases import base_data, purchasing
from domain.use_cases.booking import Occurrence
from server.writing.submission import UseCase
from tests.server.writing.office import Office, asked, facts, opened, part

STOCK = "stock/W01/P-1"
RECEIPTS = StockItem.SNAPSHOT_EVERY + 10
LENGTH = 1 + RECEIPTS  # The stream begins with a fact of its own.
WAREHOUSE = partial(base_data.open_place, code="W01", description="Hall", kind=PlaceKind.WAREHOUSE)


def bought(number: int) -> UseCase:
    return partial(
        purchasing.receive_purchase,
        number=f"B-{number}", occurrence=Occurrence(date(2025, 7, 1)), supplier="S01",
        to_place="W01",
        lines=(PurchaseLine(part="P-1", quantity=1, value_minor=100 + number),),
    )  # fmt: skip


@pytest.fixture
def office(database_url: str, schema: str) -> Iterator[Office]:
    """A stock of one part with more receipts than go between two snapshots."""
    with opened(database_url, schema) as office:
        office.do(part("P-1"))
        office.do(WAREHOUSE)
        office.group(*(asked(bought(number)) for number in range(RECEIPTS)))
        yield office


def snapshots(office: Office) -> list[Any]:
    office.owner.execute("SELECT stream, version FROM snapshots ORDER BY stream, version")
    return office.owner.fetchall()


def test_a_long_stream_has_its_snapshot_and_is_loaded_from_it(office: Office) -> None:
    assert snapshots(office) == [(STOCK, StockItem.SNAPSHOT_EVERY)]
    loaded = office.log.load_streams([STOCK])[STOCK]
    assert len(loaded) == 1 + LENGTH - StockItem.SNAPSHOT_EVERY

    held = office.ledger.get(StockItem, "W01/P-1")
    assert office.reread(STOCK) == vars(held)


def test_without_snapshots_the_state_is_the_same(office: Office) -> None:
    """Control: it is loaded from all its facts then, to the same state."""
    with_snapshot = office.reread(STOCK)
    office.owner.execute("ALTER TABLE snapshots DISABLE TRIGGER only_grows; DELETE FROM snapshots")

    assert len(office.log.load_streams([STOCK])[STOCK]) == LENGTH
    without = office.reread(STOCK)
    assert without == with_snapshot
    assert len(without["layers"]) == RECEIPTS


def test_a_snapshot_that_is_wrong_would_be_believed(office: Office) -> None:
    """Control: loading does read it, or the comparison above compares nothing."""
    office.owner.execute(
        "ALTER TABLE snapshots DISABLE TRIGGER only_grows;"
        "UPDATE snapshots SET state"
        """ = replace(state, '"value_minor":100', '"value_minor":7')"""
    )
    held = office.ledger.get(StockItem, "W01/P-1")

    assert office.reread(STOCK) != vars(held)


def test_a_refused_commit_leaves_no_snapshot_behind(database_url: str, schema: str) -> None:
    with opened(database_url, schema) as office:
        office.do(part("P-1"))
        office.do(WAREHOUSE)
        office.log.before = _fail
        with pytest.raises(Exception, match="cut"):
            office.do(bought(0))
        assert snapshots(office) == []


def _fail() -> None:
    raise OSError("cut")


def test_streams_loaded_together_are_as_loaded_one_by_one(
    office: Office, database_url: str, schema: str
) -> None:
    names = [STOCK, "parts/P-1", "places/W01", "purchases/B-0", "parts/NONE", STOCK]
    with opened(database_url, schema) as other:
        other.ledger.prefetch(names, other.log.load_streams)
        together = {name: other.ledger._cache.get(name) for name in other.ledger._cache}

    assert set(together) == set(names)
    assert together["parts/NONE"] is None
    for name in set(names) - {"parts/NONE"}:
        aggregate = together[name]
        assert aggregate is not None
        assert vars(aggregate) == office.reread(name)


def test_a_stream_that_passes_the_round_version_within_a_command_has_its_snapshot(
    office: Office,
) -> None:
    """Two facts in one command: the round version is not where the command stops."""
    held = office.ledger.get(StockItem, "W01/P-1")
    last_ones = facts(office, STOCK, after=StockItem.SNAPSHOT_EVERY - 1)

    [snapshot] = office.ledger.snapshots_due(last_ones)
    assert snapshot.originator_version == held.version == LENGTH
