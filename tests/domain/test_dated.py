"""Of dated versions the one in force is the last that has begun, and no day has two of them."""

from datetime import date

import pytest

from domain.changes import VersionExists
from domain.dated import Dated, Version
from tests.domain.desk import d

FEBRUARY, MAY = Version(d(2, 1), "A", 1), Version(d(5, 1), "B", 3)


def versions() -> Dated[str]:
    """May's was added first."""
    found: Dated[str] = Dated()
    for version in (MAY, FEBRUARY):
        found.add(version)
    return found


@pytest.mark.parametrize(
    ("day", "in_force"),
    [
        (d(1, 31), None), (d(2, 1), FEBRUARY), (d(4, 30), FEBRUARY), (d(5, 1), MAY),
        (d(12, 31), MAY),
    ],
)  # fmt: skip
def test_a_version_is_in_force_from_its_day_to_the_next_ones(
    day: date, in_force: Version[str] | None
) -> None:
    assert versions().on(day) == in_force


def test_the_first_one_also_holds_for_what_is_known_of_the_days_before_it() -> None:
    assert versions().known_on(d(1, 31)) == FEBRUARY
    assert versions().known_on(d(4, 30)) == FEBRUARY
    assert versions().known_on(d(5, 1)) == MAY


def test_they_are_in_the_order_of_their_days_and_the_newest_is_that_of_the_last_day() -> None:
    assert list(versions()) == [FEBRUARY, MAY]
    assert (len(versions()), versions().newest) == (2, "B")
    assert (len(Dated[str]()), Dated[str]().on(d(5, 1))) == (0, None)


def test_the_first_version_of_a_day_stays() -> None:
    found = versions()
    found.add(Version(d(5, 1), "C", 9))

    assert list(found) == [FEBRUARY, MAY]


def test_a_day_with_a_version_takes_no_other_value() -> None:
    found = versions()
    for day, value in ((d(5, 1), "B"), (d(2, 1), "A"), (d(5, 2), "C"), (d(1, 1), "C")):
        found.require_free("price", day, value)

    with pytest.raises(VersionExists) as refusal:
        found.require_free("price", d(2, 1), "B")
    assert refusal.value.facts["known"] == "value A"
    assert refusal.value.facts["given"] == "value B"
