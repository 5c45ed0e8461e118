"""Every reason of the API is given once, by servers that are brought to it."""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from tests.conftest import new_database
from tests.server.api.bad_input import open_the_business
from tests.server.api.refusals.calling import of_callers
from tests.server.api.refusals.operating import of_a_server, serve
from tests.server.api.refusals.recording import Refusal
from tests.server.api.refusals.trading import (
    of_bad_input,
    of_claims,
    of_documents,
    of_money,
    of_months,
    open_the_trade,
)


def provoked(database_url: str) -> Iterator[Refusal]:
    """All of them, each book in a database of its own, so that all are called `main`."""
    with new_database(database_url) as url, serve(url) as (_, desk, _):
        open_the_business(desk)
        yield from of_bad_input(desk)
    with new_database(database_url) as url, serve(url) as (_, desk, _):
        open_the_trade(desk)
        yield from chain(of_documents(desk), of_money(desk), of_claims(desk), of_months(desk))
    with new_database(database_url) as url:
        yield from of_a_server(url)
    with new_database(database_url) as url:
        yield from of_callers(url)


def recorded(refusals: Iterable[Refusal]) -> dict[str, Any]:
    """By their reasons, as docs/api/examples.json holds them. No reason is recorded twice."""
    found: dict[str, Any] = {}
    for refusal in refusals:
        assert refusal.reason not in found, f"{refusal.reason} is provoked twice"
        found[refusal.reason] = refusal._asdict()
    return dict(sorted(found.items()))
