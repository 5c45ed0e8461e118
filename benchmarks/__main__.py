"""`make bench`: measures, prints one table, writes a JSON file and docs/performance.md.

python -m benchmarks [--quick | --long] [--only P1,P2] [--pairs 5] [--facts 500000]

With one of the last three, nothing is written: it is not what the page says it is.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import psycopg2
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks import (
    p01_mixed_commands,
    p01b_transfers,
    p03_many_callers,
    p04_one_caller,
    p05_catch_up,
    p06_rebuild,
    p07_reads,
    p08_long_stream,
    p09_view_lag,
    p10_memory,
    p10_space,
    p11_start,
    p12_protected,
    profiles,
)
from benchmarks.course import Course
from benchmarks.pairs import Line
from benchmarks.scales import FULL, LONG, QUICK, Scale
from benchmarks.table import Results, for_people, machine, results, written

_WIDTH: Final = 150  # Where nobody says how wide it is.

Measure = Callable[[Course], Iterator[Line]]

MEASUREMENTS: Final[dict[tuple[str, ...], Measure]] = {
    module.NUMBERS: module.measure
    for module in (
        p01_mixed_commands,
        p01b_transfers,
        p03_many_callers,
        p04_one_caller,
        p05_catch_up,
        p06_rebuild,
        p07_reads,
        p08_long_stream,
        p09_view_lag,
        p10_space,
        p10_memory,
        p11_start,
        p12_protected,
    )
}


def chosen(only: Sequence[str]) -> list[Measure]:
    """The measurements that give one of the lines; all, if none is named."""
    return [
        measure
        for numbers, measure in MEASUREMENTS.items()
        if not only or not set(only).isdisjoint(numbers)
    ]


def run(scale: Scale, only: Sequence[str], console: Console) -> Results:
    """Takes one measurement after the other, and shows how far it is."""
    began_at = datetime.now(UTC)
    measures = chosen(only or scale.only)
    columns = (TextColumn("{task.description:<42}"), BarColumn(), TimeElapsedColumn())
    lines: list[Line] = []
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("starting PostgreSQL", total=len(measures))

        def told(what: str) -> None:
            news = progress.tasks[task].description != what
            progress.update(task, description=what)
            if news and not console.is_terminal:  # There is no bar: a line for each thing begun.
                console.print(f"{datetime.now(UTC):%H:%M:%S}  {what}", highlight=False)

        with Course.opened(scale, told) as course:
            with psycopg2.connect(course.postgres.url) as owner:
                version = str(owner.server_version // 10_000)
            owner.close()
            where = machine(version, p03_many_callers.fsync_seconds(course))
            for measure in measures:
                lines += measure(course)
                progress.advance(task)
            profile = ""
            if scale.profiled and not only:
                told("profiles of P1 and P3")
                profile = profiles.as_markdown(course)
    return results(scale.name, where, began_at, lines, profile)


def main() -> None:
    arguments = asked_for()
    scale = QUICK if arguments.quick else LONG if arguments.long else FULL
    if arguments.facts:
        scale = replace(scale, facts=arguments.facts, few_facts=max(1, arguments.facts // 10))
    if arguments.pairs:
        scale = replace(scale, pairs=arguments.pairs)
    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDTH)
    found = run(scale, arguments.only, console)
    console.print(for_people(found))
    if arguments.only or arguments.facts or arguments.pairs:
        console.print(f"Not written: these are not the lines of the scale {scale.name}.")
    else:
        console.print(f"Written: {written(found)}, docs/performance.md")


def asked_for(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    scales = parser.add_mutually_exclusive_group()
    scales.add_argument("--quick", action="store_true", help="smaller, in less than three minutes")
    scales.add_argument(
        "--long",
        action="store_true",
        help="reading, folding, starting, memory, with ten million facts",
    )
    parser.add_argument("--only", type=_lines, default=[], help="such as P1,P2")
    parser.add_argument("--pairs", type=_count, help="paired runs of each line")
    parser.add_argument("--facts", type=_count, help="in the log, where reading is measured")
    found = parser.parse_args(arguments)
    if found.long and found.facts:
        parser.error("argument --facts: not allowed with argument --long, which imports a history")
    return found


def _lines(text: str) -> list[str]:
    known = [number for numbers in MEASUREMENTS for number in numbers]
    names = [name for name in text.split(",") if name]
    for name in names:
        if name not in known:
            raise argparse.ArgumentTypeError(f"there is no line {name!r}: {', '.join(known)}")
    return names


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} must be a whole number from 1")
    return int(text)


if __name__ == "__main__":
    main()
