"""The list of equivalents: every entry has a reason, and is of a mutant that can still be made."""

import pytest

from tests.mutants.equivalents import LIST, BadEntry, equivalents, stale
from tests.mutants.mutant import Change
from tests.mutants.run import possible_changes

ENTRY = "domain/layers.py LIMIT\n- a = 1\n+ a = 2\nwhy: nobody asks"
CHANGE = Change("domain/layers.py", "LIMIT", ("a = 1",), ("a = 2",))


def test_every_entry_is_of_a_mutant_that_can_still_be_made() -> None:
    assert stale(equivalents(LIST.read_text()), possible_changes()) == []


def test_an_entry_is_read_back_as_it_is_written() -> None:
    text = f"# A title.\n\n{ENTRY}\n  again\n"

    assert equivalents(text) == {CHANGE: "nobody asks again"}


@pytest.mark.parametrize(
    "text",
    [
        "domain/layers.py LIMIT\n- a = 1\n+ a = 2\n",
        "domain/layers.py\n- a = 1\n+ a = 2\nwhy: nobody asks\n",
        "domain/layers.py LIMIT\n- a = 1\n+ a = 2\nwhy:\n",
        "domain/layers.py LIMIT\n- a = 1\nwhy: nobody asks\n",
        f"{ENTRY}\n\n{ENTRY} again\n",
    ],
)
def test_an_entry_without_a_change_or_a_reason_or_a_second_one_is_refused(text: str) -> None:
    with pytest.raises(BadEntry):
        equivalents(text)


def test_an_entry_of_a_line_that_is_no_longer_there_is_stale() -> None:
    gone = CHANGE._replace(removed=("a = 3",))

    assert stale({CHANGE: "why", gone: "why"}, [CHANGE]) == [gone]
