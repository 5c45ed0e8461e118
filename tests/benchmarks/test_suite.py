"""The suite itself runs, at a size of seconds: every number in it is of no account."""

import json
import platform
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path

import pytest

from benchmarks import p01_mixed_commands, p10_memory, p10_space, p12_protected
from benchmarks.course import Course, asked
from benchmarks.imported import Look, NotImported, imported, whole_history
from benchmarks.p06_rebuild import rebuilding
from benchmarks.recorded import one_in, recorded, spread
from benchmarks.scales import QUICK
from benchmarks.seeded import copied, facts_in
from benchmarks.table import as_json, machine, results, written
from examples.sizes import Size

TINY = replace(
    QUICK,
    name="tiny",
    pairs=1,
    size=Size(12, 3, 200, 60, 100, 1, claims=20, sale_lines=80, transfer_lines=30),
    library_share=2,
)
FIELDS = {
    "number", "name", "against", "unit", "baseline", "ours", "ratio", "spread", "pairs", "goal",
    "met", "note",
}  # fmt: skip


_GAPS = """
    SELECT count(*) FROM (
        SELECT version - row_number() OVER (PARTITION BY stream ORDER BY version) AS missing
        FROM book_main.entries
    ) AS each WHERE missing <> 0
"""


@pytest.fixture(scope="module")
def course() -> Iterator[Course]:
    with Course.opened(TINY) as opened:
        yield opened


def test_p1_and_p2_measure_both_sides_and_are_written_down(course: Course, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- results of tiny: generated --><!-- results of tiny: end -->")
    lines = list(p01_mixed_commands.measure(course))

    where, began_at = machine("18", 0.001), datetime.now(UTC) - timedelta(minutes=2)
    measured = results(TINY.name, where, began_at, lines)
    path = written(measured, tmp_path, page)

    found = json.loads(path.read_text())
    assert [line["number"] for line in found["lines"]] == ["P1", "P1f", "P2"]
    for line in found["lines"]:
        assert set(line) == FIELDS
        assert len(line["pairs"]) == TINY.pairs
        assert line["baseline"] > 0
        assert line["ours"] > 0
        assert line["spread"] == [line["ratio"]] * 2  # Of a single pair.
    assert found["machine"]["cores"]
    assert found["machine"]["python"] == f"CPython {platform.python_version()}"
    assert found["machine"]["built"].startswith(platform.python_compiler())
    assert found == as_json(measured)
    assert f"after 2 min {measured.took_seconds - 120} s" in page.read_text()
    assert "| P2 | facts by the import stream" in page.read_text()


def test_a_baselines_share_has_whole_documents_and_loses_none(course: Course) -> None:
    known = course.once(recorded)
    halves = [one_in(share, known.mixed) for share in (1, 2)]
    lanes = spread(known.mixed, 8)

    assert halves[0] == known.mixed
    assert 0 < len(halves[1]) < len(known.mixed)
    assert sorted(map(id, chain.from_iterable(lanes))) == sorted(map(id, known.mixed))
    for lane in lanes:
        for stream in {fact.stream for command in lane for fact in command}:
            if stream.startswith(("stock/", "accounts/")):
                continue
            others = [each for each in lanes if each is not lane]
            assert not any(fact.stream == stream for o in others for c in o for fact in c)
    assert known.refused < len(course.workload.mixed) // 20


def test_a_database_of_a_run_is_gone_after_it(course: Course) -> None:
    counted = "SELECT count(*) FROM pg_database WHERE starts_with(datname, 'run_')"
    with asked(course.postgres.url) as ask:
        with course.database() as url:
            assert ask(counted) == [(1,)]
            assert "/run_" in url
        assert ask(counted) == [(0,)]


def test_a_seeded_log_is_a_log_and_its_views_are_rebuilt_the_same(course: Course) -> None:
    with copied(course, 3_000) as url, asked(url) as ask:
        size = facts_in(url)

        assert size >= 3_000
        assert ask("SELECT count(*), min(position), max(position) FROM book_main.entries") == [
            (size, 1, size)
        ]
        assert ask(_GAPS) == [(0,)]
        assert ask("SELECT count(*) > 0 FROM book_main.entries WHERE stream LIKE '%~1'") == [
            (True,)
        ]
        assert rebuilding(url) > 0  # Or it raises, where a view differed.
        ask("UPDATE views_of_book_main.journal_lines SET amount_minor = amount_minor + 1")
        with pytest.raises(AssertionError, match="a view differed"):
            rebuilding(url)


def test_memory_is_watched_while_a_history_is_imported(course: Course) -> None:
    written = course.once(whole_history)
    lines = list(p10_memory.measure(course))

    assert [line.number for line in lines] == list(p10_memory.NUMBERS)
    assert [look.facts for look in written.looks] == sorted(look.facts for look in written.looks)
    assert facts_in(written.url) == written.facts > 1_000
    for line in lines:
        assert f"at {written.facts:,} facts" in line.name
        assert line.baseline > 0
    assert lines[0].ours > lines[0].baseline  # What was decided is in memory.


def test_an_import_that_does_not_tell_what_it_did_is_no_measurement(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.imported.BOOK", "elsewhere")

    with pytest.raises(NotImported, match="elsewhere"):
        imported(course, TINY.size)


def test_a_long_log_is_a_history_of_its_own_where_the_scale_has_one(course: Course) -> None:
    long = replace(course, scale=replace(TINY, imported=TINY.size), templates={})

    with copied(long, TINY.facts) as url, asked(url) as ask:
        assert facts_in(url) == course.once(whole_history).facts
        assert ask("SELECT count(*) FROM book_main.entries WHERE stream LIKE '%~1'") == [(0,)]
    with copied(long, TINY.few_facts) as url:
        assert facts_in(url) > 1_000


def test_what_a_fact_takes_on_disk_is_weighed_once_its_views_are_there(course: Course) -> None:
    [short] = p10_space.measure(course)
    [long] = p10_space.measure(replace(course, scale=replace(TINY, imported=TINY.size)))

    assert short.pairs[0].baseline < short.pairs[0].ours
    assert long.name.endswith(f" a fact of {course.once(whole_history).facts:,}")
    assert long.ratio > 1


def test_only_looks_at_a_log_that_is_short_enough_count() -> None:
    looks = [Look(float(n), 10 * n, 1.0, 1.0) for n in range(10)]

    assert [look.facts for look in p10_memory.last_looks(looks, 35, 3)] == [10, 20, 30]
    with pytest.raises(ValueError, match="looked 2 times before there were 10 facts"):
        p10_memory.last_looks(looks, 10, 3)


def test_calls_with_tls_and_tokens_are_the_same_calls(course: Course) -> None:
    many, single = p12_protected.measure(course)

    assert (many.number, single.number) == p12_protected.NUMBERS
    assert all(pair.baseline > 0 < pair.ours for line in (many, single) for pair in line.pairs)
    assert ", 0 refused with them and not without" in many.note
