"""Who may not call: refused by a server that asks who calls."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from server.access.errors import CalledTooOften
from server.access.rates import Rates
from server.access.roles import Role
from server.access.signing import signed
from server.api.errors import to_status
from server.postgres.errors import TookTooLong
from tests.server.access.conftest import ISSUER
from tests.server.api.access.protected import KeyedDesk, Signer, protected
from tests.server.api.reading.front_desk import FrontDesk
from tests.server.api.refusals.operating import BOOK
from tests.server.api.refusals.recording import Refusal, refusal, shown
from tests.server.api.test_deadlines import Waiting, asked

_CALLS_A_SECOND = 10_000  # As the server's settings have it.


def of_callers(database_url: str) -> Iterator[Refusal]:
    with (
        tempfile.TemporaryDirectory() as directory,
        protected(database_url, BOOK, signer := Signer(Path(directory))) as app,
        grpc.insecure_channel(app.address) as channel,
    ):
        name = f"books/{BOOK}/claims/CL-1"
        yield refusal(FrontDesk(channel, BOOK), "Claim.GetClaim", name=name,
                      situation="without a token, at a server that asks for one")  # fmt: skip
        elsewhere = signed(signer.key, "li", ISSUER, "another", 60, {"roles": ["auditor"]})
        yield refusal(KeyedDesk(channel, BOOK, elsewhere), "Claim.GetClaim", "", name=name,
                      situation="with a token that is for another server")  # fmt: skip
        keeper = KeyedDesk(channel, BOOK, signer.token("li", Role.STOREKEEPER))
        yield refusal(keeper, "Claim.GetClaim", "", name=name,
                      situation="with the token of a storekeeper")  # fmt: skip
        clerk = KeyedDesk(channel, BOOK, signer.token("li", Role.CLAIMS_CLERK))
        yield refusal(clerk, "Claim.GetClaim", "zhao", name=name,
                      situation="with the token of li, who may not speak for zhao")  # fmt: skip
        with pytest.raises(TookTooLong) as slow:
            asked(app, Waiting(0.01), 30)
    for situation, error in (
        ("of a caller that makes too many", _too_often()),
        ("that takes longer than its caller waits", slow.value),
    ):
        yield Refusal("A call", "", {}, situation, shown(to_status(error)))


def _too_often() -> CalledTooOften:
    """At a moment that stands still."""
    rates = Rates(_CALLS_A_SECOND, lambda: 0.0)
    for _ in range(_CALLS_A_SECOND):
        rates.take("erp-east")
    with pytest.raises(CalledTooOften) as refused:
        rates.take("erp-east")
    return refused.value
