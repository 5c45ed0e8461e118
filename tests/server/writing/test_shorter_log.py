"""After a failover to a replica that lacked the last entries, nothing is decided on them."""

import logging
from contextlib import closing

import grpc
import psycopg2
import pytest

from domain.errors import AlreadyExists, NotFound
from server.app import App
from server.eventlog import append, short_append
from server.writing.submission import LogUnavailable, Outcome
from tests.server.api.batch_desk import part as part_request
from tests.server.api.reading.front_desk import FrontDesk, Refused
from tests.server.eventlog.shortening import UNFENCED, cut_off
from tests.server.writing.office import Office, asked, came_of, opened, part, revised


@pytest.fixture(params=["short", "long"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each way an append can take."""
    if request.param == "long":
        monkeypatch.setattr(short_append, "LONGEST", -1)
    return str(request.param)


def test_a_command_on_a_part_that_is_gone_is_not_recorded_and_the_writer_forgets(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    office.do(part("P-1"))
    office.do(part("P-2"))
    cut_off(office.owner, 1)

    with caplog.at_level(logging.ERROR):
        unavailable = came_of(office.queue(revised("P-2", "阀")))
    refused = came_of(office.queue(revised("P-2", "阀")))

    assert isinstance(unavailable, LogUnavailable)
    assert "has 1 entries, not 2: its last entries are gone" in str(unavailable)
    assert any("all in memory is forgotten" in message for message in caplog.messages)
    assert isinstance(refused, NotFound)
    assert office.do(part("P-2")).response == "parts/P-2 at 1"
    assert office.streams() == ["parts/P-1", "parts/P-2"]


def test_nothing_is_refused_on_what_is_gone(office: Office) -> None:
    """The repeat of a lost command, above all: its answer is lost, and its fact is not."""
    request = asked(part("P-2"), payload=b"P-2")
    office.do(part("P-1"))
    came_of(office.writer.submit(request))
    cut_off(office.owner, 1)

    again = asked(part("P-2"), payload=b"P-2", request_id=request.request_id)
    once_more = asked(part("P-2"), payload=b"P-2", request_id=request.request_id)
    assert isinstance(came_of(office.writer.submit(again)), LogUnavailable)
    assert isinstance(came_of(office.writer.submit(once_more)), Outcome)
    assert isinstance(came_of(office.queue(part("P-2"))), AlreadyExists)  # Now it is there.


def test_a_group_decided_while_another_was_committed_falls_with_it(office: Office) -> None:
    office.do(part("P-1"))
    office.do(part("P-2"))
    with office.held():
        many = [office.writer.submit(asked(part(f"M-{number}"))) for number in range(200)]
        office.log.before = lambda: cut_off(office.owner, 1)
        later = [office.writer.submit(asked(revised("P-2", "阀"))) for _ in range(100)]

    # The first append, of what was held, finds it out. What was decided meanwhile may be of before.
    outcomes = [came_of(each) for each in (*many, *later)]
    assert all(isinstance(each, Outcome | LogUnavailable | NotFound) for each in outcomes)
    assert not any(isinstance(came_of(each), Outcome) for each in later)
    entries = office.log.entries.read(after=0, limit=1_000)
    assert [entry.position for entry in entries] == list(range(1, len(entries) + 1))
    assert all(entry.version == 1 for entry in entries)


def test_without_the_size_predicate_facts_of_a_part_that_never_was_are_recorded(
    database_url: str, schema: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: it is the fence that does it."""
    unfenced = {
        "server.eventlog.append._MOVE_HEAD": append._MOVE_HEAD,
        "server.eventlog.short_append.STATEMENT": short_append.STATEMENT,
    }
    for named, fence, without in UNFENCED:
        monkeypatch.setattr(named, unfenced[named].replace(fence, without))
    with opened(database_url, schema) as office:
        office.do(part("P-1"))
        office.do(part("P-2"))
        cut_off(office.owner, 1)
        assert isinstance(came_of(office.queue(revised("P-2", "阀"))), Outcome)
        (entry,) = office.log.entries.read(after=1, limit=9)
        assert (entry.stream, entry.version) == ("parts/P-2", 2)


def test_a_caller_is_told_to_repeat_it(app: App, desk: FrontDesk) -> None:
    for number in ("P-1", "P-2"):
        desk.call("Part.CreatePart", part_id=number, part=part_request(number)["part"])
    with closing(psycopg2.connect(app.database_url)) as opened_, opened_, opened_.cursor() as c:
        c.execute("SELECT set_config('search_path', %s, false)", (app.reads.schema,))
        cut_off(c, 2)  # The book itself is the first.

    with pytest.raises(Refused) as refused:
        desk.call("Part.CreatePart", part_id="P-2", part=part_request("P-2")["part"])
    assert refused.value.code is grpc.StatusCode.UNAVAILABLE
    assert refused.value.reason == "LOG_UNAVAILABLE"
    desk.call("Part.CreatePart", part_id="P-2", part=part_request("P-2")["part"])
