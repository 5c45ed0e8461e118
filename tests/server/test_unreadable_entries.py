"""An entry that cannot be read is named with its position, and hides nothing else."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import grpc
import pytest

from projections.engine.errors import EntryStops
from tests.server.api.batch_desk import part
from tests.server.api.reading.front_desk import FrontDesk, Refused
from tests.server.cli.terminal import partsledger
from tests.server.conftest import serving
from tests.server.forging import Forger, forging

POSITION = 3  # Of P-2: the book itself is the first entry.


def no_json(forger: Forger) -> None:
    forger.state(POSITION, "no json")


def without_its_fields(forger: Forger) -> None:
    forger.state(POSITION, "{}")


def of_an_unknown_kind(forger: Forger) -> None:
    forger.c.execute("INSERT INTO topics VALUES (999, 'partsledger:Part.Painted')")
    forger.run("UPDATE entries SET topic = 999 WHERE position = %s", POSITION)


@contextmanager
def desk_at(database_url: str, book: str) -> Iterator[tuple[FrontDesk, str]]:
    with serving(database_url, book) as app, grpc.insecure_channel(app.address) as channel:
        desk = FrontDesk(channel, book)
        yield desk, app.address


def unread(database_url: str, book: str, forge: Callable[[Forger], None]) -> None:
    """Three parts, of which the second is no longer what it was; its hash is right."""
    with serving(database_url, book) as app, grpc.insecure_channel(app.address) as channel:
        parts = [part(number) for number in ("P-1", "P-2", "P-3")]
        FrontDesk(channel, book).call("Part.BatchCreateParts", requests=parts)
        app.follower.wait_for(4, 20)
    with forging(database_url, f"book_{book}") as forger:
        forge(forger)
        forger.hash_again(POSITION)


FORGERIES = [no_json, without_its_fields, of_an_unknown_kind]


def named(refused: Refused) -> bool:
    return (
        refused.code is grpc.StatusCode.DATA_LOSS
        and refused.reason == "ENTRY_UNREADABLE"
        and refused.facts["position"] == str(POSITION)
        and f"entry {POSITION} cannot be read" in str(refused)
    )


@pytest.mark.parametrize("forge", FORGERIES)
def test_it_is_named_to_whoever_needs_it_and_hides_nothing_else(
    database_url: str, book: str, forge: Callable[[Forger], None], caplog: pytest.LogCaptureFixture
) -> None:
    unread(database_url, book, forge)
    with desk_at(database_url, book) as (desk, address):
        for method, fields in (
            ("Part.GetPart", {"name": desk.name("parts/P-2")}),
            ("Part.CreatePart", {"part_id": "P-2", "part": part("P-2")["part"]}),
            ("Part.BatchCreateParts", {"requests": [part("P-4"), part("P-2")]}),
        ):
            with pytest.raises(Refused) as refused:
                desk.call(method, **fields)
            assert named(refused.value)
        # The control: what does not need it goes on.
        assert desk.call("Part.GetPart", name=desk.name("parts/P-1")).part.etag == "1"
        listed = desk.call("Part.ListParts", parent=desk.parent)
        assert [each.name.rpartition("/")[2] for each in listed.parts] == ["P-1", "P-3"]
        assert list(listed.unreachable) == [desk.name("parts/P-2")]
        first = desk.call("Part.ListParts", parent=desk.parent, page_size=1)
        assert (len(first.parts), list(first.unreachable)) == (1, [])
        told = partsledger("list", "parts", "--csv", "--server", address, "--book", book)
        assert (told.code, len(told.csv)) == (1, 2)
        assert f"left out because an entry of theirs cannot be read: {desk.name('parts/P-2')}" in (
            told.err
        )
        assert any(f"entry {POSITION} cannot be read" in message for message in caplog.messages)
        desk.call("Part.BatchCreateParts", requests=[part("P-5")])
        told = partsledger("rebuild", "--server", address, "--book", book)
        assert told.code == 2
        assert f"entry {POSITION} cannot be read" in told.err


@pytest.mark.parametrize("forge", [no_json, of_an_unknown_kind])
def test_views_that_have_not_read_it_stop_before_it_and_say_so(
    database_url: str, book: str, forge: Callable[[Forger], None]
) -> None:
    unread(database_url, book, forge)
    with forging(database_url, f"book_{book}") as forger:  # As after a restore of the log alone.
        forger.c.execute(f"DROP SCHEMA views_of_book_{book} CASCADE")
    with serving(database_url, book) as app, grpc.insecure_channel(app.address) as channel:
        desk = FrontDesk(channel, book)
        app.follower.wait_for(POSITION - 1, 20)
        with pytest.raises(EntryStops, match=f"end at {POSITION - 1}: entry {POSITION} cannot"):
            app.follower.wait_for(POSITION, 3)
        listed = desk.call("Part.ListParts", parent=desk.parent)
        assert listed.as_of_position == POSITION - 1
        with pytest.raises(Refused) as refused:
            desk.call("Part.ListParts", parent=desk.parent, min_position=POSITION)
        assert named(refused.value)
        told = partsledger("status", "--server", app.address, "--book", book)
        assert told.code == 1
        why = (
            f"The views do not go on: views end at {POSITION - 1}: entry {POSITION} cannot be read"
        )
        assert why in told.out.replace("\n", " ")


def test_views_of_a_log_that_can_be_read_do_not_stop(database_url: str, book: str) -> None:
    """The control."""
    unread(database_url, book, lambda _: None)
    with desk_at(database_url, book) as (desk, address):
        listed = desk.call("Part.ListParts", parent=desk.parent, min_position=4)
        assert (len(listed.parts), list(listed.unreachable)) == (3, [])
        for command in ("status", "list parts"):
            told = partsledger(*command.split(), "--server", address, "--book", book)
            assert (told.code, told.err) == (0, "")
            assert "do not go on" not in told.out
        *_, result = desk.stream("View.RebuildViews")
        assert result.result.same
