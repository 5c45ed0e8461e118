"""A whole sample: one PostgreSQL, a copy of the tree for each job, then mutant after mutant."""

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Final

import psycopg2

from server.postgres.embedded import EmbeddedPostgres
from tests.mutants.equivalents import LIST, equivalents
from tests.mutants.mutant import Change, Mutant
from tests.mutants.rooms import ROOMS, files
from tests.mutants.summary import EQUIVALENT, Result, as_line
from tests.mutants.trial import Copy, copy_tree, stages

ROOT: Final = Path(__file__).parent.parent.parent
Tell = Callable[[str], None]


def tried(chosen: Sequence[tuple[str, Mutant]], jobs: int, tell: Tell) -> list[Result]:
    """Tries each mutant, those on the list of equivalents excepted; results in the same order.

    Raises `FailsAsItIs` if the tests fail without any fault.
    """
    known = equivalents(LIST.read_text())
    to_try = [number for number, (_, mutant) in enumerate(chosen) if mutant.change not in known]
    results = {
        number: Result(room, mutant, EQUIVALENT, "", known[mutant.change], 0)
        for number, (room, mutant) in enumerate(chosen)
        if mutant.change in known
    }
    rooms = {chosen[number][0] for number in to_try}
    began = time.monotonic()
    with copies(min(jobs, len(to_try)), tell) as ready, ThreadPoolExecutor(jobs) as pool:
        checked(ready, [room for room in ROOMS if room in rooms], tell)
        free: SimpleQueue[Copy] = SimpleQueue()
        for copy in ready:
            free.put(copy)
        trials = {pool.submit(_trial, *chosen[number], free): number for number in to_try}
        try:
            for done, trial in enumerate(as_completed(trials), 1):
                result = results[trials[trial]] = trial.result()
                tell(f"{_elapsed(began)} {done}/{len(to_try)} {as_line(result)}")
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for copy in ready:
                copy.stop()
            raise
    return [results[number] for number in range(len(chosen))]


def checked(ready: Sequence[Copy], rooms: Sequence[str], tell: Tell) -> None:
    """Runs all tests of the rooms once as they are, and sees that a gross fault is noticed."""
    for room in rooms:
        first, *_ = every = stages(room, ready[0].root)
        source = files(ROOMS[room], ready[0].root)[0]
        ready[0].check_faults_count(first, str(source.relative_to(ready[0].root)))
        for stage in every:
            if stage not in ready[0].seconds:
                seconds = ready[0].check(stage)
                tell(f"{' '.join(stage)}: passes as it is, in {seconds:.0f} s")
                for copy in ready:
                    copy.seconds[stage] = seconds


@contextmanager
def copies(count: int, tell: Tell) -> Iterator[list[Copy]]:
    """Copies of the tree beside a running PostgreSQL; all of it is gone afterwards."""
    if not count:
        yield []
        return
    with ExitStack() as exits:
        directory = Path(
            exits.enter_context(tempfile.TemporaryDirectory(prefix="partsledger-mutants-"))
        )
        tell("starting PostgreSQL")
        postgres = exits.enter_context(EmbeddedPostgres(directory / "data"))
        ends_what_nobody_waits_for(postgres.url)
        found = [Copy(directory / f"copy-{number}", postgres.url) for number in range(count)]
        for copy in found:
            copy_tree(ROOT, copy.root)
        yield found


def ends_what_nobody_waits_for(url: str) -> None:
    """Has PostgreSQL end a statement within a second when its client is gone.

    A mutant may make a query endless. Its tests are killed in the end; the query would go on, and
    take the processor from all mutants after it.
    """
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as c:
            c.execute("ALTER SYSTEM SET client_connection_check_interval = '1s'")
            c.execute("SELECT pg_reload_conf()")


def possible_changes() -> set[Change]:
    """Every change that any mutant of the tree makes."""
    from tests.mutants.sampling import mutants_in

    return {mutant.change for room in ROOMS.values() for mutant in mutants_in(room, ROOT)}


def _trial(room: str, mutant: Mutant, free: "SimpleQueue[Copy]") -> Result:
    copy = free.get()
    began = time.monotonic()
    try:
        ran = copy.outcome(room, mutant)
    finally:
        free.put(copy)
    return Result(room, mutant, ran.end, ran.test, "", time.monotonic() - began)


def _elapsed(began: float) -> str:
    minutes, seconds = divmod(int(time.monotonic() - began), 60)
    return f"{minutes:02}:{seconds:02}"
