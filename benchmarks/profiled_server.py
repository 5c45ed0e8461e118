"""A server that writes down where its time went: `python -m benchmarks.profiled_server URL OUT`.

It begins when it gets SIGUSR1, so that what is sent before is in memory and not in the profile.
With `--writer` the writer's thread runs under cProfile, and OUT gets the time of each function by
itself; without, nothing slows it down, and OUT gets the processor time of each thread.
"""

import argparse
import cProfile
import json
import pstats
import signal
import threading
from pathlib import Path
from typing import Any, Final

import psutil

from server.app import running
from server.cli.serve import collect_seldom
from server.settings import Settings
from server.writing.writer import Writer

BEGINS: Final = signal.SIGUSR1
_ENDS: Final = (signal.SIGTERM, signal.SIGINT)
_ENDED: Final = "threads that ended (readers of streams) or took too little each to count (callers)"


def main() -> None:
    arguments = _arguments()
    signal.pthread_sigmask(signal.SIG_BLOCK, (BEGINS, *_ENDS))  # In every thread: one waits.
    collect_seldom()
    profile, begun = cProfile.Profile(), threading.Event()
    if arguments.writer:
        _profile_writer(profile, begun)
    settings = Settings.read(database_url=arguments.url, listen="127.0.0.1:0", book="main")
    with running(settings) as app:
        print(f"listening on {app.address}", flush=True)
        signal.sigwait([BEGINS])
        started = _threads()
        begun.set()
        signal.sigwait(_ENDS)
        threads = {name: s - started.get(name, 0) for name, s in _threads().items()}
    found: dict[str, Any] = {"threads": threads}
    if arguments.writer:
        found = {"functions": _functions(profile)}
    arguments.out.write_text(json.dumps(found))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("out", type=Path)
    parser.add_argument("--writer", action="store_true")
    return parser.parse_args()


def _profile_writer(profile: cProfile.Profile, begun: threading.Event) -> None:
    """A profile is of one thread, so it has to begin and end in it."""
    write, run = Writer._write, Writer._run

    def write_profiled(writer: Writer, submissions: Any) -> None:
        if begun.is_set():
            profile.enable()
        write(writer, submissions)

    def run_profiled(writer: Writer) -> None:
        try:
            run(writer)
        finally:
            profile.disable()

    Writer._write = write_profiled  # type: ignore[assignment, method-assign]
    Writer._run = run_profiled  # type: ignore[assignment, method-assign]


def _threads() -> dict[str, float]:
    """Processor seconds by the names of threads; those of grpc itself have no name here."""
    names = {thread.native_id: thread.name for thread in threading.enumerate()}
    seconds: dict[str, float] = {}
    process = psutil.Process()
    for thread in process.threads():
        name = names.get(thread.id, "grpc").partition("_")[0].partition(" ")[0]
        seconds[name] = seconds.get(name, 0) + thread.user_time + thread.system_time
    whole = process.cpu_times()
    seconds[_ENDED] = whole.user + whole.system - sum(seconds.values())
    return seconds


def _functions(profile: cProfile.Profile) -> list[tuple[str, str, float]]:
    """File, function, and the seconds spent in it by itself."""
    stats: Any = pstats.Stats(profile)
    return [(file, name, row[2]) for (file, _, name), row in stats.stats.items()]


if __name__ == "__main__":
    main()
