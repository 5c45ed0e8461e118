"""The arithmetic behind each line, and the marks between which the page is replaced."""

import pytest

from benchmarks.pairs import AT_LEAST, AT_MOST, Goal, Line, Pair, paired, percentile
from benchmarks.table import replaced

PAGE = "Before\n<!-- results: generated -->\nold\n<!-- results: end -->\nAfter\n"


TWICE = Goal(AT_LEAST, 2)


def line(*pairs: tuple[float, float], goal: Goal = TWICE) -> Line:
    return Line("P1", "ours", "theirs", "commands/s", tuple(Pair(*pair) for pair in pairs), goal)


def test_a_lines_ratio_is_the_median_of_the_pairs_ratios() -> None:
    found = line((1, 3), (10, 20), (100, 100))

    assert found.ratio == 2
    assert found.spread == (1, 3)
    assert found.ours / found.baseline == 2  # The medians of both sides, 20 and 10 …
    assert line((1, 9), (10, 20), (30, 15)).ratio == 2
    assert line((1, 9), (10, 20), (30, 15)).ours / 10 == 1.5  # … which may say something else.


def test_a_rate_has_to_reach_its_goal_and_a_time_has_to_stay_below_it() -> None:
    assert line((10, 20)).met
    assert not line((10, 19)).met
    assert line((10, 20), goal=Goal(AT_MOST, 2)).met
    assert not line((10, 21), goal=Goal(AT_MOST, 2)).met


def test_a_line_that_nobody_measured_is_refused() -> None:
    with pytest.raises(ValueError, match="P1 was not measured"):
        line()


def test_paired_runs_take_turns() -> None:
    order: list[str] = []

    def side(name: str, measured: float) -> float:
        order.append(name)
        return measured

    pairs = paired(3, lambda: side("baseline", 2), lambda: side("ours", 8))

    assert order == ["baseline", "ours"] * 3
    assert pairs == (Pair(2, 8),) * 3
    assert pairs[0].ratio == 4


def test_a_percentile_is_the_value_that_so_many_do_not_exceed() -> None:
    assert percentile(range(1, 101), 99) == 99
    assert percentile(range(1, 101), 100) == 100
    assert percentile([7], 99) == 7
    assert percentile([3, 1, 2], 50) == 2
    with pytest.raises(ValueError, match="no value"):
        percentile([], 50)


def test_only_what_is_between_the_marks_of_a_page_is_replaced() -> None:
    page = replaced(PAGE, "results", "new")

    assert page == ("Before\n<!-- results: generated -->\n\nnew\n\n<!-- results: end -->\nAfter\n")
    assert replaced(page, "results", "new") == page
    with pytest.raises(ValueError, match="no part 'others'"):
        replaced(PAGE, "others", "new")
