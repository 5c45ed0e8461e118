"""A book in memory that takes the API's own requests: decoded, decided, answered."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from google.protobuf import json_format
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from domain.facts import Command
from domain.ledger import Ledger
from server.api.conversions.book import ShownBook
from server.api.resources import RESOURCES
from tests.figures import use_case_of
from tests.server.api.documents import purchase
from tests.server.api.methods import METHOD_OF_COMMAND, METHODS
from tests.small_maker import CataloguePart, SmallMaker, SoldMachine, policy, terms

TODAY = date(2025, 12, 31)
BOOK = ShownBook("main", "CNY")
MAKER = SmallMaker(
    custody_rooms=("R01",),
    parts={"P-1": CataloguePart(1999), "CORE": CataloguePart(restricted=True)},
    later_vat_rates={date(2025, 9, 1): Decimal("0.09")},
    priced_from=date(2025, 1, 1),
    dealers={"D01": terms(), "D02": terms(claims_vat_rate=Decimal("0.03"))},
    policies={"ZY16": policy(return_days=30)},
    machines={"S-1": SoldMachine("ZY16", "D01", date(2025, 1, 1), "U-1")},
)

# A mutation by its name in the import stream, with its fields as JSON has them.
Request = Callable[..., Any]
Run = Callable[..., Any]


@pytest.fixture
def request_of() -> Request:
    """Makes a request: `request_of("approve_transfer", name="books/main/transfers/T-1")`."""

    def make(command: str, **fields: Any) -> Message:
        kind = GetMessageClass(METHODS[METHOD_OF_COMMAND[command]].input_type)
        return json_format.ParseDict({"request_id": str(uuid4()), **fields}, kind())

    return make


@pytest.fixture
def empty_ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def run(empty_ledger: Ledger, request_of: Request) -> Run:
    """Runs a mutation on a small book and returns its response; a refusal is raised.

    With `facts_only` it returns the facts it recorded instead.
    """

    def run(what: str, actor: str = "ann", facts_only: bool = False, **fields: Any) -> Any:
        request = request_of(what, **fields)
        mutation = RESOURCES.mutations[type(request)]
        decoded = mutation.decode(request)
        command = Command(datetime.now(UTC), TODAY, actor, str(uuid4()))
        aggregate = empty_ledger.execute(command, use_case_of(decoded, empty_ledger))
        assert aggregate.id == mutation.stream(decoded)
        return command.facts if facts_only else mutation.answer(BOOK, aggregate)

    for command, fields in MAKER.requests("books/main"):
        run(command, **fields)
    run("create_purchase", parent="books/main",
        **purchase("books/main", "B-1", "2025-07-01", "P-1", 10, 10))  # fmt: skip
    return run
