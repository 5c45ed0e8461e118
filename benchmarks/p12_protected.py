"""P12: single calls to a server with TLS and tokens, against one without.

Both are the product, on the same PostgreSQL, and take the same commands: those of P3 and P4.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from statistics import median
from typing import Final, NamedTuple

import grpc

from benchmarks.course import Course
from benchmarks.p03_many_callers import CALLERS
from benchmarks.pairs import AT_LEAST, AT_MOST, Goal, Line, Pair
from benchmarks.sending import Proof, at_once, one_by_one, stream
from benchmarks.serving import Served, served
from server.access.certificates import Authority
from server.access.signing import new_key, public_jwk, signed
from server.cli import channel
from server.cli.channel import Credentials
from server.cli.keys import ISSUER, jwks

NUMBERS = ("P12", "P12l")
_HOURS: Final = 4


class _Keys(NamedTuple):
    options: tuple[str, ...]  # Of `partsledger serve`.
    proof: Proof
    credentials: Credentials  # The same for the command line's connections.


def measure(course: Course) -> Iterator[Line]:
    rates, latencies, refused = [], [], 0
    with course.prepared() as (plain, _), _protected(course) as (guarded, proof):
        for number, commands in enumerate(course.slices(), 1):
            course.told(f"P12, pair {number} of {course.scale.pairs}")
            half = len(commands) // 2  # Of the same commands, the one half at once.
            many, single = commands[:half], commands[half:]
            without, with_both = (
                at_once(plain.address, many, CALLERS),
                at_once(guarded.address, many, CALLERS, proof),
            )
            rates.append(Pair(without.rate, with_both.rate))
            refused += with_both.refused - without.refused
            without = one_by_one(plain.address, single)
            with_both = one_by_one(guarded.address, single, proof)
            refused += with_both.refused - without.refused
            latencies.append(
                Pair(1_000 * median(without.latencies), 1_000 * median(with_both.latencies))
            )
    note = f"{sum(map(len, course.slices())):,} calls, {refused} refused with them and not without"
    many_callers = f"unary calls, {CALLERS} callers at once, with TLS and tokens"
    yield Line("P12", many_callers, "without", "calls/s", tuple(rates), Goal(AT_LEAST, 0.8), note)
    one_caller = "one caller, one command at a time, with TLS and tokens"
    yield Line("P12l", one_caller, "without", "ms", tuple(latencies), Goal(AT_MOST, 1.25), note)


@contextmanager
def _protected(course: Course) -> Iterator[tuple[Served, Proof]]:
    """A served book with all its base data, that asks who calls."""
    keys = _keys(course)
    with course.database() as url, served(url, course.log_file, *keys.options) as server:
        address = f"localhost:{server.address.rpartition(':')[2]}"
        channel.use(keys.credentials)
        try:
            stream(address, course.workload.before)
        finally:
            channel.use(Credentials())
        yield server, keys.proof


def _keys(course: Course) -> _Keys:
    authority, signing = Authority(days=1), new_key()
    issued = authority.server(["localhost"])
    files = {
        "server.pem": issued.certificate,
        "server.key": issued.key,
        "tokens.jwks": jwks([public_jwk(signing)]),
    }
    for name, content in files.items():
        (course.folder / name).write_bytes(content)
    said = {
        "--tls-certificate": "server.pem", "--tls-key": "server.key", "--token-keys": "tokens.jwks",
    }  # fmt: skip
    paths = [(option, str(course.folder / file)) for option, file in said.items()]
    options = (*chain.from_iterable(paths), "--token-issuer", ISSUER)
    claims = {"roles": ["erp"], "speaks_for": ["*"]}
    token = signed(signing, "bench", ISSUER, "partsledger", 3_600 * _HOURS, claims)
    proof = Proof(grpc.ssl_channel_credentials(authority.certificate), token)
    return _Keys(options, proof, Credentials(authority.certificate, token=token))
