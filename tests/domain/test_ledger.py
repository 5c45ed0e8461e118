"""The unit of work: all facts of a command or none, whatever stops it and wherever."""

from collections.abc import Callable
from datetime import date

import pytest

from domain.dealer_account import DealerAccount
from domain.errors import (
    InsufficientStock,
    NotFound,
    PartNotServiceable,
    RestrictedPart,
    Stale,
)
from domain.facts import Aggregate, Command
from domain.layers import quantity_of
from domain.ledger import Ledger
from domain.part import CatalogueEntry, Part, PartClass
from domain.stock_item import StockItem
from domain.storing import AggregateSnapshot
from domain.use_cases import base_data, revising
from tests.domain.desk import ReadsTogether, command, on
from tests.domain.givens import CORE, FRAME, MAIN, PUMP, bought, maker, sold, stocked_maker


def part(number: str) -> Callable[[Ledger, Command], Aggregate]:
    return lambda ledger, cmd: base_data.register_part(
        ledger, cmd, number=number, description="", part_class=PartClass.WEAR,
        serviceable=True, restricted=False,
    )  # fmt: skip


def revised_pump(description: str) -> Callable[[Ledger, Command], Aggregate]:
    entry = CatalogueEntry(description, PartClass.WEAR, serviceable=True, restricted=False)
    day = date(2025, 1, len(description))
    return lambda ledger, cmd: revising.revise_part(
        ledger, cmd, number=PUMP, entry=entry, effective_from=day
    )


def test_a_decided_command_is_seen_by_the_next_before_it_is_committed() -> None:
    ledger = Ledger()
    ledger.decide(command(), part("A"))

    assert ledger.find(Part, "A") is not None
    assert ledger.recorder.max_notification_id() is None


def test_what_is_not_committed_can_be_forgotten() -> None:
    ledger = Ledger()
    ledger.decide(command(), part("A"))

    ledger.forget()

    assert ledger.find(Part, "A") is None


def test_uncommitted_facts_survive_the_cache() -> None:
    """With room for one aggregate, decided facts are read back from those that wait."""
    ledger = Ledger(cache_size=1)
    for number in ("A", "B", "C"):
        ledger.decide(command(), part(number))

    assert "parts/A" not in ledger._cache, "the control: it has left"
    assert [ledger.find(Part, number) is None for number in ("A", "B")] == [False, False]


def test_the_least_recently_used_aggregate_leaves_memory() -> None:
    ledger = Ledger(cache_size=2)
    for number in ("A", "B", "C"):
        ledger.execute(command(), part(number))
    kept = ledger.find(Part, "B")
    assert ledger.find(Part, "C") is not None
    assert ledger.find(Part, "B") is kept  # Used again, so it is C's turn to leave.

    ledger.execute(command(), part("D"))
    ledger.execute(command(), part("E"))

    assert list(ledger._cache) == ["parts/B", "parts/D", "parts/E"], "one more until the next one"
    assert ledger.find(Part, "B") is kept


def test_an_etag_of_another_version_is_refused() -> None:
    ledger = maker().ledger
    ledger.execute(command(), revised_pump("seen by nobody yet"))

    ledger.require_version(Part, PUMP, "2")
    with pytest.raises(Stale) as stale:
        ledger.require_version(Part, PUMP, "1")
    with pytest.raises(NotFound):
        ledger.require_version(Part, "NONE", "1")

    assert stale.value.facts == {"key": PUMP, "etag": "1", "current": "2"}


def test_what_a_command_is_about_to_need_is_read_together_and_once() -> None:
    ledger = Ledger()
    for number in ("A", "B"):
        ledger.execute(command(), part(number))
    ledger.forget()
    log = ReadsTogether(ledger)

    ledger.have(Part, ["A", "B", "NONE", "A"])
    ledger.have(Part, ["B"])

    assert ledger.get(Part, "A").version == 1
    assert ledger.find(Part, "NONE") is None
    assert log.asked == [["parts/A", "parts/B", "parts/NONE"]]
    ledger.find(Part, "C")  # The control: what was not said beforehand is one more question.
    assert log.asked[1:] == [["parts/C"]]


@pytest.mark.parametrize("in_the_log", [False, True])
def test_facts_on_their_way_into_the_log_are_seen_once_whether_they_are_there_or_not(
    in_the_log: bool,
) -> None:
    """With room for one aggregate, it is loaded while nobody knows how far its facts have got."""
    ledger = Ledger(cache_size=1)
    asked = command()
    ledger.decide(asked, part("A"))
    ledger.hand_over()
    for number in ("B", "C"):
        ledger.decide(command(), part(number))
    assert "parts/A" not in ledger._cache, "the control: it has left"
    if in_the_log:
        ledger.events.put(asked.facts)

    found = ledger.find(Part, "A")

    assert found is not None
    assert found.version == 1


def test_read_and_applied_again_they_do_not_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Control: why those that were read are left out."""
    monkeypatch.setattr(Ledger, "_newer", lambda self, of, _: self._under_way.get(of, ()))
    with pytest.raises(AssertionError):
        test_facts_on_their_way_into_the_log_are_seen_once_whether_they_are_there_or_not(True)


def test_a_failed_commit_forgets_what_was_decided(monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = Ledger()

    def lost(*_: object, **__: object) -> None:
        raise ConnectionError("the log is gone")

    with monkeypatch.context() as patched:
        patched.setattr(ledger.recorder, "insert_events", lost)
        with pytest.raises(ConnectionError):
            ledger.execute(command(), part("A"))

    assert ledger.find(Part, "A") is None
    ledger.execute(command(), part("A"))


def test_a_refusal_takes_back_only_its_own_facts() -> None:
    desk = stocked_maker()
    waiting = command()
    desk.ledger.decide(waiting, part("NEW-1"))

    with pytest.raises(InsufficientStock):
        sold(desk, 16)

    assert desk.ledger.find(Part, "NEW-1") is not None
    assert len(waiting.facts) == 1


def test_any_error_takes_back_what_was_recorded_before_it() -> None:
    desk = stocked_maker()
    interrupted = command()

    def half_done(ledger: Ledger, cmd: Command) -> Aggregate:
        part("HALF-1")(ledger, cmd)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        desk.ledger.decide(interrupted, half_done)

    assert interrupted.facts == []
    assert desk.ledger.find(Part, "HALF-1") is None


def test_the_desk_notices_a_command_that_leaves_a_trace() -> None:
    """The control of every test here that says `refused`: a change without a fact is seen."""
    desk = stocked_maker()

    def careless(ledger: Ledger, _: Command) -> Aggregate:
        ledger.get(StockItem, f"{MAIN}/{PUMP}").layers = ()
        raise InsufficientStock("too late")

    with pytest.raises(AssertionError, match=r"stock/W01/PUMP-7 is not what its facts say"):
        desk.refused(InsufficientStock, careless)


def test_the_desk_notices_a_command_that_is_not_refused() -> None:
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        maker().refused(
            InsufficientStock, base_data.register_part, number="A", description="",
            part_class=PartClass.WEAR, serviceable=True, restricted=False,
        )  # fmt: skip


def test_a_snapshot_is_due_at_each_round_version_and_loads_like_the_facts() -> None:
    desk = maker()
    due = []
    for number in range(25):
        facts = bought(desk, 1, 1000, on(7, 1), number=f"PR-{number}")
        due += desk.ledger.snapshots_due(facts)

    [snapshot] = due
    assert (snapshot.originator_id, snapshot.originator_version) == (
        f"stock/{MAIN}/{PUMP}", 25,
    )  # fmt: skip
    assert desk.ledger.snapshots is not None
    desk.ledger.snapshots.put([snapshot])
    held = desk.the(StockItem, f"{MAIN}/{PUMP}")
    desk.ledger.forget()

    loaded = desk.the(StockItem, f"{MAIN}/{PUMP}")
    assert (loaded.version, loaded.layers) == (held.version, held.layers)
    assert quantity_of(loaded.layers) == 25
    assert DealerAccount.SNAPSHOT_EVERY == 500, "an account has more in a snapshot, and fewer facts"


def test_the_history_read_back_is_the_history_recorded() -> None:
    desk = stocked_maker()
    recorded = sold(desk, 1)

    assert [fact for fact in desk.facts() if fact.request_id == recorded[0].request_id] == sorted(
        recorded, key=lambda fact: fact.originator_id
    )


def test_commands_that_belong_together_are_taken_back_together() -> None:
    desk = stocked_maker()
    kept, first, second = command(), command(), command()
    desk.ledger.decide(kept, revised_pump("kept"))
    desk.ledger.decide(first, revised_pump("first"))
    desk.ledger.decide(second, part("NEW-1"))

    desk.ledger.take_back(second)
    desk.ledger.take_back(first)

    assert (first.facts, second.facts, len(kept.facts)) == ([], [], 1)
    assert desk.ledger.find(Part, "NEW-1") is None
    assert desk.the(Part, PUMP).versions.newest.description == "kept"


def test_only_the_command_decided_last_can_be_taken_back() -> None:
    desk = stocked_maker()
    first, second = command(), command()
    desk.ledger.decide(first, revised_pump("first"))
    desk.ledger.decide(second, revised_pump("second"))

    with pytest.raises(AssertionError, match="another command was decided after it"):
        desk.ledger.take_back(first)


def test_an_earlier_version_is_read_from_the_log_and_the_present_one_is_at_hand() -> None:
    desk = stocked_maker()
    desk.ledger.execute(command(), revised_pump("revised"))
    held = desk.the(Part, PUMP)

    earlier = desk.ledger.at_version(held.id, held.version - 1)

    assert desk.ledger.at_version(held.id, held.version) is held
    assert earlier.version == held.version - 1
    assert vars(earlier)["versions"].newest != held.versions.newest
    assert held.versions.newest.description == "revised"


def test_the_present_version_is_read_from_the_log_where_it_is_not_at_hand() -> None:
    desk = stocked_maker()
    held = desk.the(Part, PUMP)
    desk.ledger.forget()

    found = desk.ledger.at_version(held.id, held.version)

    assert found is not held
    assert vars(found)["versions"] == held.versions


def test_a_ledger_takes_the_settings_it_is_given_and_has_room_for_a_hundred_thousand() -> None:
    assert Ledger({"LEDGER_SOMETHING": "1"}).env["LEDGER_SOMETHING"] == "1"
    assert Ledger()._cache._room == 100_000
    assert Ledger(cache_size=7)._cache._room == 7


@pytest.mark.parametrize("stage", ["decided", "on its way", "on its way and there", "in the log"])
def test_a_fact_is_found_by_its_version_however_far_it_has_got(stage: str) -> None:
    ledger = Ledger()
    ledger.execute(command(1), part(PUMP))
    asked = command(2)
    ledger.decide(asked, revised_pump("first"))
    if stage != "decided":
        ledger.hand_over()
    if stage in ("on its way and there", "in the log"):
        ledger.events.put(asked.facts)
    if stage == "in the log":
        ledger.committed()
    ledger.decide(command(3), revised_pump("second"))

    stream = ledger.get(Part, PUMP).id
    found = [ledger.fact(Part.Revised, stream, version).description for version in (2, 3)]

    assert found == ["first", "second"]


def test_without_being_told_otherwise_it_is_a_ledger_in_yuan() -> None:
    assert (Ledger().currency, Ledger(currency="EUR").currency) == ("CNY", "EUR")
    assert Ledger().construct_env(Ledger.name).name == "ledger", "said of a missing setting"


def test_what_is_in_the_log_is_not_kept_for_it_any_more() -> None:
    ledger = Ledger()
    ledger.execute(command(), part("A"))
    assert (dict(ledger._uncommitted), ledger._under_way) == ({}, {})
    waiting = command()
    ledger.decide(waiting, part("B"))
    assert dict(ledger._uncommitted) == {"parts/B": waiting.facts}  # The control.


def test_of_a_command_that_is_taken_back_the_last_fact_goes_first() -> None:
    desk = stocked_maker()
    twice = command()

    def revised_twice(ledger: Ledger, cmd: Command) -> Aggregate:
        revised_pump("first")(ledger, cmd)
        return revised_pump("second")(ledger, cmd)

    desk.ledger.decide(twice, revised_twice)
    assert len(twice.facts) == 2
    desk.ledger.take_back(twice)

    assert twice.facts == []
    assert desk.the(Part, PUMP).version == 1


def test_a_snapshot_is_taken_of_what_has_one_and_is_in_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A part has none; a stock item whose facts come after it in the command has one."""
    desk = stocked_maker()
    for kind in (Part, StockItem):
        monkeypatch.setattr(kind, "SNAPSHOT_EVERY", 1)
    asked = command()
    desk.ledger.decide(asked, part("A"))
    facts = [*asked.facts, *desk.stream(f"stock/{MAIN}/{PUMP}")]

    due = desk.ledger.snapshots_due(facts)

    assert [each.originator_id for each in due] == [f"stock/{MAIN}/{PUMP}"]
    desk.ledger.forget()
    assert desk.ledger.snapshots_due(facts) == []


def test_a_fact_is_found_among_others_of_its_kind_in_the_log() -> None:
    ledger = Ledger()
    ledger.execute(command(1), part(PUMP))
    for number, description in enumerate(("first", "second", "the third"), 2):
        ledger.execute(command(number), revised_pump(description))

    found = [ledger.fact(Part.Revised, f"parts/{PUMP}", version) for version in (2, 3, 4)]

    assert [fact.description for fact in found] == ["first", "second", "the third"]


def test_what_may_not_be_sold_is_said_to_be_never_sold() -> None:
    ledger = maker().ledger
    with pytest.raises(RestrictedPart) as refused:
        ledger.require_serviceable(CORE, date(2025, 7, 1))
    assert refused.value.facts == {"part": CORE, "action": "sold"}
    with pytest.raises(PartNotServiceable):
        ledger.require_serviceable(FRAME, date(2025, 7, 1))
    ledger.require_serviceable(PUMP, date(2025, 7, 1))  # The control.


def test_a_snapshot_says_when_the_first_and_the_last_fact_were_recorded() -> None:
    desk = maker()
    for day in (1, 3):
        desk.today = date(2025, 12, day)
        bought(desk, 1, 1000, on(7, day))
    held = desk.the(StockItem, f"{MAIN}/{PUMP}")

    loaded = AggregateSnapshot.take(held).mutate(None)

    assert (held.created_on.day, held.modified_on.day) == (1, 3)
    assert (loaded.created_on, loaded.modified_on) == (held.created_on, held.modified_on)
    assert vars(loaded) == vars(held)
