"""What comes after two steps comes after the later of them, by each of the two days by itself."""

from domain.days import Days, Done
from tests.domain.desk import d


def test_both_together_have_the_later_of_each_day_and_are_named_after_the_second() -> None:
    first = Done("approved", Days(d(7, 10), d(8, 1)))
    second = Done("credited", Days(d(7, 20), d(7, 25)))

    assert first.later(second) == Done("credited", Days(d(7, 20), d(8, 1)))
    assert second.later(first) == Done("approved", Days(d(7, 20), d(8, 1)))
    assert first.later(first) == first
