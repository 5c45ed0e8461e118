"""A dry run decides as the writer would, one command on top of the other, and records nothing."""

from collections.abc import Iterator
from datetime import date

import pytest

from domain.errors import AlreadyExists, NotFound, RequestIdReused
from domain.facts import Aggregate, Command
from domain.ledger import Ledger
from domain.use_cases import closing
from domain.use_cases.booking import Occurrence
from server.eventlog.factory import Factory
from server.writing.dry_run import DryRun
from server.writing.promise import Promise
from server.writing.submission import Outcome
from tests.server.writing.office import PATIENCE, Office, again, asked, part, revised

R_7 = "00000000-0000-4000-8000-000000000007"
TODAY = date(2025, 7, 1)


@pytest.fixture
def dry_run(office: Office, database_url: str, schema: str) -> Iterator[DryRun]:
    """On a ledger of its own, beside an office that has recorded P-1."""
    office.do(part("P-1"))
    env = {
        "PERSISTENCE_MODULE": "server.eventlog",
        Factory.DATABASE_URL: database_url,
        Factory.SCHEMA: schema,
    }
    with Ledger(env) as ledger:
        yield DryRun(ledger, office.log, lambda: TODAY)


def ended(outcome: Promise[Outcome]) -> Outcome:
    return outcome.result(0)


def test_a_command_is_decided_on_top_of_those_before_it_and_nothing_is_recorded(
    office: Office, dry_run: DryRun
) -> None:
    first = ended(dry_run.decide(asked(part("P-2"))))
    second = ended(dry_run.decide(asked(revised("P-2", "阀"))))

    assert first == Outcome("parts/P-2 at 1", "parts/P-2", None, False)
    assert second == Outcome("parts/P-2 at 2", "parts/P-2", None, False)
    assert office.streams() == ["parts/P-1"]


def test_a_refusal_is_told_and_leaves_nothing_behind(dry_run: DryRun) -> None:
    taken = dry_run.decide(asked(part("P-1")))
    unknown = dry_run.decide(asked(revised("P-9", "阀")))

    assert isinstance(taken.exception(0), AlreadyExists)
    assert isinstance(unknown.exception(0), NotFound)
    assert ended(dry_run.decide(asked(revised("P-1", "阀")))).response == "parts/P-1 at 2"


def test_a_request_that_comes_twice_is_decided_once(dry_run: DryRun) -> None:
    request = asked(part("P-2"), payload=b"P-2")
    first = ended(dry_run.decide(request))
    repeated = ended(dry_run.decide(again(request)))
    changed = asked(part("P-2"), payload=b"other", request_id=request.request_id)

    assert repeated == first._replace(repeated=True)
    assert isinstance(dry_run.decide(changed).exception(0), RequestIdReused)


def test_a_request_that_was_recorded_is_answered_as_it_was(office: Office, dry_run: DryRun) -> None:
    request = asked(part("P-2"), payload=b"P-2")
    recorded = office.writer.submit(request).result(PATIENCE)
    changed = asked(part("P-2"), payload=b"other", request_id=request.request_id)

    assert ended(dry_run.decide(again(request))) == recorded._replace(repeated=True)
    assert isinstance(dry_run.decide(changed).exception(0), RequestIdReused)


def test_a_request_id_is_one_of_the_whole_book(dry_run: DryRun) -> None:
    request = asked(part("P-2"))
    first = ended(dry_run.decide(request))
    repeated = asked(part("P-2"), actor="bob", request_id=request.request_id)
    other = asked(part("P-3"), payload=b"P-3", actor="bob", request_id=request.request_id)

    assert ended(dry_run.decide(repeated)) == first._replace(repeated=True)
    assert isinstance(dry_run.decide(other).exception(0), RequestIdReused)


R_7 = "5f0c1a52-8f0e-4d0b-9a59-0c1f7a3c0007"


def test_the_day_is_the_one_it_was_given(dry_run: DryRun) -> None:
    seen: list[tuple[date, str, str]] = []

    def look(ledger: Ledger, command: Command, /) -> Aggregate:
        seen.append((command.today, command.actor, command.request_id))
        return part("P-2")(ledger, command)

    ended(dry_run.decide(asked(look, actor="bob", request_id=R_7)))

    assert seen == [(TODAY, "bob", R_7)]


def test_the_figures_of_a_month_are_taken_as_given(dry_run: DryRun) -> None:
    """They are of the calendar as the dry run has left it."""

    def close(ledger: Ledger, command: Command, /) -> Aggregate:
        over = Occurrence(date(2025, 7, 1))
        return closing.soft_close(ledger, command, occurrence=over, month="2025-06")

    before = dry_run.figures("2025-06")
    closed = ended(dry_run.decide(asked(close)))
    after = dry_run.figures("2025-06")

    assert (before.calendar_version, before.compared, before.not_stated) == (0, (), ())
    assert after.calendar_version > 0
    assert closed.response == f"periods/calendar at {after.calendar_version}"
    assert after == before._replace(calendar_version=after.calendar_version)
