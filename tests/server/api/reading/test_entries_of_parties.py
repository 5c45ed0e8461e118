"""Entries are found by whom they concern: a dealer, a supplier, a carrier; and by nobody else."""

import json
from collections import Counter, defaultdict
from collections.abc import Generator
from contextlib import closing
from typing import Any

import pytest

from projections.dealers.entries_of_party import entries_of_party, parties_of_entries
from server.api.services import entries as service
from server.app import App
from tests.on_the_wire import money, on
from tests.server.api.reading.front_desk import FrontDesk, Refused


@pytest.fixture
def shop(desk: FrontDesk) -> FrontDesk:
    desk.open_for_business()
    desk.trade()
    return desk


def everything(desk: FrontDesk, **wanted: Any) -> list[Any]:
    pages = desk.pages("Entry.ListEntries", filter=wanted, page_size=3)
    return [entry for page in pages for entry in page.entries]


def concerned(entries: list[Any]) -> dict[str, list[int]]:
    """Who each entry concerns, worked out from the entries alone, by party."""
    dealers: dict[str, str] = {}
    found: dict[str, list[int]] = defaultdict(list)
    for entry in entries:
        state, (kind, _, key) = json.loads(entry.state), entry.stream.partition("/")
        parties = {line.get("party", "") for line in state.get("postings", ())}
        if kind in ("dealers", "accounts"):
            parties.add(f"dealers/{key}")
        elif kind != "stock":
            if entry.version == 1 and "dealer" in state:
                dealers[entry.stream] = state["dealer"]
            parties |= {f"dealers/{dealers[entry.stream]}"} if entry.stream in dealers else set()
            parties |= {f"suppliers/{state['supplier']}"} if "supplier" in state else set()
        for party in parties:
            if party and not party.startswith("places/"):
                found[party].append(entry.position)
    return found


def test_a_partys_entries_are_all_that_concern_it(shop: FrontDesk) -> None:
    expected = concerned(everything(shop))

    assert {"dealers/D01", "dealers/D02", "suppliers/S01"} <= expected.keys()
    for party, positions in expected.items():
        assert [e.position for e in everything(shop, party=party)] == positions, party
    assert not set(expected["dealers/D01"]) & set(expected["dealers/D02"])
    assert everything(shop, party="dealers/D99") == []


def test_a_document_of_the_same_number_is_another_partys(shop: FrontDesk) -> None:
    """Numbers are of their kind: a sale may have that of a payment."""
    shop.sell("X-1", "2025-07-20", "P-1", 1, "D01")
    shop.sell("X-2", "2025-07-20", "P-1", 1, "D02")
    payment = {"dealer": shop.name("dealers/D02"), "amount": money(100)}
    paid = on("2025-07-21")
    shop.call("Payment.CreatePayment", payment_id="X-1", payment=payment, occurrence=paid)
    expected = concerned(everything(shop))

    for party in ("dealers/D01", "dealers/D02"):
        assert [e.position for e in everything(shop, party=party)] == expected[party]
    of_first = {e.stream for e in everything(shop, party="dealers/D01")}
    assert "sales/X-1" in of_first
    assert "payments/X-1" not in of_first


def test_both_ways_of_asking_agree_on_every_stretch_of_the_log(app: App, shop: FrontDesk) -> None:
    """Which entries concern a party, and which parties an entry concerns."""
    expected = concerned(everything(shop))
    end = app.follower.wait_for(app.reads.log.head().size, 20)
    pairs = {(position, party) for party, positions in expected.items() for position in positions}
    with app.reads.views_at(end) as now:
        for after in range(end):
            through = min(end, after + 7)
            for party, positions in expected.items():
                found = entries_of_party(now, party, after, through, 100)
                assert list(found) == [p for p in positions if after < p <= through], party
            assert set(parties_of_entries(now, after, through)) == {
                (position, party) for position, party in pairs if after < position <= through
            }


def test_a_party_and_a_topic_let_through_what_both_do(shop: FrontDesk) -> None:
    [invoiced] = everything(
        shop, party="dealers/D02", topics=["partsledger:DealerAccount.SaleInvoiced"]
    )
    [opened] = everything(shop, party="dealers/D02", stream_prefix="dealers/")

    assert (invoiced.stream, opened.stream) == ("accounts/D02", "dealers/D02")


def test_a_dealers_entries_are_followed_as_they_come(shop: FrontDesk) -> None:
    end = shop.call("View.GetViewStatus").head_position
    following = shop.stream(
        "Entry.SubscribeEntries", from_position=end + 1, filter={"party": "dealers/D02"}
    )
    with closing(_entries(following)) as entries:
        shop.sell("S-8", "2025-07-20", "P-1", 1, "D01")
        sold = shop.sell("S-9", "2025-07-21", "P-1", 1, "D02")
        found = [next(entries) for _ in range(2)]
        following.cancel()

    assert {entry.stream for entry in found} == {"sales/S-9", "accounts/D02"}
    assert all(entry.position >= sold.receipt.first_position for entry in found)


def test_views_that_stand_still_hold_up_only_who_follows_a_party(app: App, shop: FrontDesk) -> None:
    end = app.follower.wait_for(app.reads.log.head().size, 20)
    everyone, of_party = (
        shop.stream("Entry.SubscribeEntries", from_position=end + 1, filter=wanted)
        for wanted in ({"stream_prefix": "sales/"}, {"party": "dealers/D02"})
    )
    for following in (everyone, of_party):
        assert next(following).heartbeat.passed_position == end
    app.follower.stop()
    asked = Counter[str]()
    read = app.reads.log.entries.read

    def counted(*asked_for: Any, **more: Any) -> Any:
        asked["times"] += 1
        return read(*asked_for, **more)

    app.reads.log.entries.read = counted  # type: ignore[method-assign]
    shop.sell("S-9", "2025-07-21", "P-1", 1, "D02")
    with closing(_entries(everyone)) as entries:
        assert next(entries).stream == "sales/S-9"
    assert next(of_party).heartbeat.passed_position == end
    assert asked["times"] < 30, "it looks now and then, and not all the time"
    for following in (everyone, of_party):
        following.cancel()


def test_a_party_with_more_entries_than_are_read_at_once_is_listed_without_a_gap(
    shop: FrontDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = [entry.position for entry in everything(shop, party="dealers/D01")]
    monkeypatch.setattr(service, "_BATCH", 2)

    assert len(whole) >= 4
    assert [entry.position for entry in everything(shop, party="dealers/D01")] == whole


def test_without_its_rows_in_the_views_an_entry_is_not_found(app: App, shop: FrontDesk) -> None:
    """The control: it is they that find them."""
    *rest, sale, line = [entry.position for entry in everything(shop, party="dealers/D01")]
    with app.reads.connect() as connection, connection.cursor() as c:
        for table in ("journal_lines", "document_steps"):
            lost = f"DELETE FROM views_of_{app.reads.schema}.{table} WHERE position IN (%s, %s)"
            c.execute(lost, (sale, line))

    assert [entry.position for entry in everything(shop, party="dealers/D01")] == rest


@pytest.mark.parametrize("party", ["D01", "places/W01", "dealers/", "dealers/\u200bD01"])
def test_what_is_no_party_is_refused(desk: FrontDesk, party: str) -> None:
    with pytest.raises(Refused) as refused:
        everything(desk, party=party)

    assert refused.value.reason == "INVALID_VALUE"
    assert refused.value.facts["field"] == "filter.party"


def _entries(following: Any) -> Generator[Any, None, None]:
    return (event.entry for event in following if event.HasField("entry"))
