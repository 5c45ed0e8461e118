"""`make mutants`: puts small faults into the sources, one at a time, and sees that a test fails.

Which parts of the product no test holds fast shows by what lives: each survivor is printed with
its diff. It is a script and not mutmut, because mutmut knows no SQL, which is half of what there is
to get wrong here, and takes no sample that a seed would repeat.
"""

import argparse
import sys
from collections.abc import Sequence

from tests.mutants.rooms import ROOMS
from tests.mutants.run import ROOT, tried
from tests.mutants.sampling import sample
from tests.mutants.summary import ENOUGH, as_json, as_text, summed
from tests.mutants.trial import FailsAsItIs

_ENDING = f"""
Ends with 0 if at least {ENOUGH} % of the mutants that are not equivalent were killed, with 1 if
fewer, and with 2 if it could not be tried. Equivalents are listed in tests/mutants/equivalents.txt.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    asked = asked_for(arguments)
    rooms = [asked.room] if asked.room else list(ROOMS)
    chosen = sample(ROOT, rooms, asked.sample, asked.seed)
    try:
        results = tried(chosen, asked.jobs, _tell)
    except FailsAsItIs as reason:
        _tell(f"nothing was tried: {reason}")
        return 2
    except KeyboardInterrupt:
        _tell("interrupted")
        return 130
    print(as_json(results, asked.seed) if asked.json else as_text(results))
    return 0 if summed(results).enough else 1


def asked_for(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.mutants", description=__doc__, epilog=_ENDING,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument(
        "--sample", type=_count, default=60, metavar="N",
        help="how many mutants, as many of each room (default: 60)",
    )  # fmt: skip
    parser.add_argument(
        "--seed", type=int, default=1, metavar="N",
        help="which ones: the same number gives the same mutants (default: 1)",
    )  # fmt: skip
    parser.add_argument(
        "--room", choices=list(ROOMS), help="only of domain/, of projections/, or of the writer"
    )
    parser.add_argument(
        "--jobs", type=_count, default=1, metavar="N",
        help="how many are tried at a time, each in its own copy of the tree (default: 1)",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="the result as JSON on standard output")
    return parser.parse_args(arguments)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} must be a whole number from 1")
    return int(text)


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
