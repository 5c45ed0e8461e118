"""A log that a superuser altered is read as it is, not written to, and the position is named."""

import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from server.api.serving import READ_HEALTH, WRITE_HEALTH
from server.eventlog import inspection
from server.postgres.data_directory import CannotStart
from tests.server.api.batch_desk import part
from tests.server.api.reading.front_desk import FrontDesk, Refused
from tests.server.cli.terminal import Ended, export, partsledger
from tests.server.conftest import serving
from tests.server.forging import Forger, forging

RECEIVED = "StockItem.Received"
INVOICED = "DealerAccount.SaleInvoiced"
ALTERED = "its leaf hash is not that of what is stored"


@dataclass
class Shop:
    """A server on a book in which some trade is recorded."""

    address: str
    book: str
    desk: FrontDesk
    channel: grpc.Channel
    said: list[str]  # What the server logged as errors, at its start and since.

    def ask(self, *arguments: str) -> Ended:
        return partsledger(*arguments, "--server", self.address, "--book", self.book)

    def health(self, service: str) -> str:
        stub: Any = health_pb2_grpc.HealthStub(self.channel)
        answer = stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=10)
        return str(health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status))

    def refusal(self) -> Refused | None:
        """Why a part is not registered; None if it is."""
        try:
            self.desk.add_part(f"NEW-{len(self.ask('entries', '--limit', '999').out)}")
        except Refused as refused:
            return refused
        return None

    def faults(self, command: str, *options: str) -> dict[int, list[str]]:
        """What a command says of the log, by position; and that its exit code agrees."""
        ended = self.ask(command, "--json", *options)
        told: dict[int, list[str]] = {}
        for fault in ended.json["faults"]:
            told.setdefault(fault["position"], []).append(fault["fault"])
        assert ended.json["sound"] is not bool(told)
        assert ended.code == (1 if told else 0)
        return told


@pytest.fixture
def log(book: str) -> str:
    return f"book_{book}"


@pytest.fixture
def serve(database_url: str, book: str, caplog: pytest.LogCaptureFixture) -> Callable[[], Any]:
    """Starts the server of the book; it may be stopped and started again."""

    @contextmanager
    def started() -> Iterator[Shop]:
        caplog.clear()
        with (
            caplog.at_level(logging.ERROR),
            serving(database_url, book) as app,
            grpc.insecure_channel(app.address) as channel,
        ):
            desk = FrontDesk(channel, book)
            yield Shop(app.address, book, desk, channel, caplog.messages)

    return started


@pytest.fixture
def traded(serve: Callable[[], Any]) -> int:
    """A book with twenty-odd entries, which the views have read; how many."""
    with serve() as shop:
        shop.desk.open_for_business()
        shop.desk.trade()
        head = shop.desk.call("View.GetViewStatus").head_position
        shop.desk.call("Part.ListParts", min_position=head)
        return int(head)


@dataclass(frozen=True)
class Forgery:
    """What is done to a log of so many entries, which then is wrong at a position: how."""

    does: Callable[[Forger, int], int]
    fault: str


def _gone(forger: Forger, size: int) -> int:
    forger.cut(size - 2)
    return size - 1


def _gone_with_head(forger: Forger, size: int) -> int:
    forger.cut(size - 2, head=True)
    return size - 1


def _head_back(forger: Forger, size: int) -> int:
    forger.head(size - 3)
    return size - 2


def _head_forward(forger: Forger, size: int) -> int:
    forger.head(size + 3)
    return size + 1


def _taken_out(forger: Forger, size: int) -> int:
    forger.delete(7)
    return 7


def _swapped(forger: Forger, size: int) -> int:
    forger.swap(10, 20)  # The opening of an account, and its first invoice.
    return 10


def _views_ahead(forger: Forger, size: int) -> int:
    forger.views_ahead(4)
    return size + 1


FORGERIES = {
    "an amount": Forgery(lambda forger, _: forger.amount(RECEIVED, "6000", "9000"), ALTERED),
    "the last entries": Forgery(_gone, "it is missing"),
    "the last entries and the head": Forgery(_gone_with_head, "the log ends before it, and"),
    "the head moved back": Forgery(_head_back, "it is there, and the head says"),
    "the head moved forward": Forgery(_head_forward, "it is missing"),
    "an entry in the middle": Forgery(_taken_out, "it is missing"),
    "two entries": Forgery(_swapped, "the version before stands behind it"),
    "the views' position": Forgery(_views_ahead, "the log ends before it, and"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_is_said_at_the_start_and_by_status_and_by_verify_and_nothing_is_written(
    serve: Callable[[], Any], traded: int, database_url: str, log: str, name: str
) -> None:
    forgery = FORGERIES[name]
    with forging(database_url, log) as forger:
        position = forgery.does(forger, traded)

    with serve() as shop:
        assert any(f"entry {position}: " in line and forgery.fault in line for line in shop.said)
        refused = shop.refusal()
        assert refused is not None
        assert refused.code is grpc.StatusCode.FAILED_PRECONDITION
        assert (refused.reason, refused.facts["position"]) == ("LOG_DAMAGED", str(position))
        assert f"Entry {position}: " in str(refused)
        health = [shop.health(READ_HEALTH), shop.health(WRITE_HEALTH)]
        assert health == ["SERVING", "NOT_SERVING"]
        for command in ("status", "verify"):
            told = shop.faults(command)
            assert any(forgery.fault in fault for fault in told[position]), command
            assert min(told) == position
        # Reads go on.
        assert shop.desk.call("Part.GetPart", name=shop.desk.name("parts/P-1")).part.name
        assert shop.ask("ageing", "--as-of", "2025-12-31").code == 0
        assert shop.ask("entries", "--limit", "5").out


def test_a_log_that_nobody_touched_has_none_of_it(serve: Callable[[], Any], traded: int) -> None:
    """The control of all of them."""
    with serve() as shop:
        assert shop.said == []
        assert [shop.faults("status"), shop.faults("verify")] == [{}, {}]
        assert f"{traded:,} entries recomputed. The log is sound" in shop.ask("verify").out
        assert shop.refusal() is None
        assert [shop.health(READ_HEALTH), shop.health(WRITE_HEALTH)] == ["SERVING", "SERVING"]


def test_what_a_look_does_not_see_verify_does_and_has_the_server_refuse_writes(
    serve: Callable[[], Any],
    traded: int,
    database_url: str,
    log: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As in a log of millions, of which a start looks at the newest and at a sample."""
    monkeypatch.setattr(inspection, "NEWEST", 2)
    monkeypatch.setattr(inspection, "SAMPLED", 0)
    with forging(database_url, log) as forger:
        position = forger.amount(RECEIVED, "6000", "9000")
    with serve() as shop:
        assert (shop.said, shop.faults("status"), shop.refusal()) == ([], {}, None)

        assert shop.faults("verify") == {position: [ALTERED]}

        refused = shop.refusal()
        assert refused is not None
        assert refused.facts["position"] == str(position)
        assert shop.faults("status") == {position: [ALTERED]}
        deadline = time.monotonic() + 10  # It is reported once a second.
        while shop.health(WRITE_HEALTH) == "SERVING" and time.monotonic() < deadline:
            time.sleep(0.1)
        assert shop.health(WRITE_HEALTH) == "NOT_SERVING"

    with serve() as shop:  # Started again, it has not forgotten where to look.
        assert any(f"entry {position}: {ALTERED}" in line for line in shop.said)
    with forging(database_url, log) as forger:
        forger.amount(RECEIVED, "9000", "6000")
    with serve() as shop:  # The log was restored, and is sound although it was suspected.
        assert (shop.said, shop.faults("verify"), shop.refusal()) == ([], {}, None)


def test_what_a_client_only_claims_does_not_stop_the_writer(
    serve: Callable[[], Any], traded: int
) -> None:
    with serve() as shop:
        seen = shop.desk.call("Entry.InspectLog", positions=[1, 2, traded, traded + 9, -3])
        assert (seen.sound, seen.head_position, list(seen.faults)) == (True, traded, [])
        assert shop.refusal() is None
        with pytest.raises(Refused, match="must be at most 1000"):
            shop.desk.call("Entry.InspectLog", positions=[1] * 1_001)


def test_an_amount_in_an_account_with_its_hash_breaks_the_chain(
    serve: Callable[[], Any], traded: int, database_url: str, log: str
) -> None:
    """The hash is made again; the next entry of the account still names the old one."""
    with serve() as shop:
        shop.desk.sell("S-3", "2025-07-20", "P-1", 1, "D01")
    with forging(database_url, log) as forger:
        position = forger.amount(INVOICED, "3390", "9390", hashed=True)
    with serve() as shop:
        told = shop.faults("verify")
        assert list(told) == [traded + 3]
        assert told[traded + 3] == [
            "it is version 3 of accounts/D01, and does not name the entry before by its hash"
        ]
        assert position == 20
        assert shop.faults("status").keys() == told.keys()


def test_a_state_that_is_no_fact_any_more_is_still_shown_and_named(
    serve: Callable[[], Any], traded: int, database_url: str, log: str
) -> None:
    with forging(database_url, log) as forger:
        forger.state(15, "gone")
    with serve() as shop:
        assert shop.faults("verify") == {15: [ALTERED]}
        assert shop.desk.call("Entry.GetEntry", name=shop.desk.name("entries/15")).entry.state
        assert json.loads(shop.ask("entries", "--from", "16", "--limit", "1", "--json").out)


def test_an_import_into_an_altered_log_ends_at_once_and_a_repeat_is_answered(
    serve: Callable[[], Any], traded: int, database_url: str, log: str, tmp_path: Path
) -> None:
    folder = export(tmp_path, places=[{"place": "W07", "description": "库", "kind": "warehouse"}])
    again = str(uuid4())
    with serve() as shop:
        first = shop.desk.add_part("P-9", request_id=again)
    with forging(database_url, log) as forger:
        forger.state(15, "{}")
    with serve() as shop:
        ended = shop.ask("import", str(folder))
        assert (ended.code, ended.out) == (2, "")
        assert "Entry 15: its leaf hash is not that of what is stored (LOG_DAMAGED)" in ended.err
        assert "hint: `partsledger status` and `partsledger verify` say what is wrong" in ended.err
        assert not (folder / "receipts").exists()
        assert shop.desk.add_part("P-9", request_id=again) == first
        for requests in ([], [part("P-10")]):  # A batch is refused with its first command.
            with pytest.raises(Refused) as refused:
                shop.desk.call("Part.BatchCreateParts", requests=[part("P-11"), *requests])
            assert (refused.value.reason, refused.value.facts["index"]) == ("LOG_DAMAGED", "0")


def test_an_entry_that_is_gone_is_not_found_and_its_neighbour_not_taken_for_it(
    serve: Callable[[], Any], traded: int, database_url: str, log: str
) -> None:
    with forging(database_url, log) as forger:
        forger.delete(7)
    with serve() as shop:
        with pytest.raises(Refused, match="no Entry 7"):
            shop.desk.call("Entry.GetEntry", name=shop.desk.name("entries/7"))
        assert (
            shop.desk.call("Entry.GetEntry", name=shop.desk.name("entries/8")).entry.position == 8
        )


def test_a_book_that_lost_its_first_entry_is_not_opened_anew(
    serve: Callable[[], Any], traded: int, database_url: str, log: str
) -> None:
    with forging(database_url, log) as forger:
        forger.delete(1)
        forger.run("DELETE FROM snapshots")
    with pytest.raises(CannotStart, match="Entry 1: it is missing"), serve():
        pass
    with forging(database_url, log) as forger:
        assert forger.size() == traded


def test_answers_of_entries_that_are_gone_are_found_by_a_thorough_look(
    serve: Callable[[], Any], traded: int, database_url: str, log: str
) -> None:
    """Who cuts off the log and sets the views back, and forgets the answers."""
    with forging(database_url, log) as forger:
        forger.cut(traded - 3, head=True)
        forger.run(f"DROP SCHEMA views_of_{log} CASCADE")
    with serve() as shop:
        assert shop.faults("status") == {}
        [(position, (fault,))] = shop.faults("verify").items()
        assert position == traded
        assert "it is missing, and request" in fault


def test_a_rebuild_from_an_altered_log_says_so_and_leaves_the_views(
    serve: Callable[[], Any], traded: int, database_url: str, log: str
) -> None:
    with forging(database_url, log) as forger:
        position = forger.amount(RECEIVED, "6000", "9000", hashed=True)
    with serve() as shop:
        balance = shop.ask("trial-balance", "--as-of", "2025-12-31", "--json").json["accounts"]

        refused = shop.ask("rebuild")
        assert refused.code == 1
        assert "A view differs: nothing was replaced." in refused.out
        assert f'"position": {position}' in refused.out
        assert '"amount_minor": 9000' in refused.out
        told = shop.ask("rebuild", "--json").json
        assert (told["differs"], told["went_live"]) == (True, False)
        views = {difference["view"] for difference in told["differences"]}
        assert "journal_lines" in views
        after = shop.ask("trial-balance", "--as-of", "2025-12-31", "--json").json["accounts"]
        assert after == balance

        accepted = shop.ask("rebuild", "--accept-difference")
        assert accepted.code == 0
        assert "The rebuilt ones are live now, as was told." in accepted.out
        after = shop.ask("trial-balance", "--as-of", "2025-12-31", "--json").json["accounts"]
        assert after != balance
