"""A small maker is told in two languages, which have to say the same."""

from collections.abc import Callable
from typing import Any

from domain.ledger import Ledger
from tests.domain.desk import Desk
from tests.server.api.services.conftest import MAKER

Run = Callable[..., Any]


def logged(ledger: Ledger) -> list[tuple[str, str, bytes]]:
    entries = ledger.recorder.select_notifications(start=1, limit=1_000)
    return [(str(entry.originator_id), entry.topic, entry.state) for entry in entries]


def test_opened_by_use_cases_or_by_requests_it_is_the_same_business(
    run: Run, empty_ledger: Ledger
) -> None:
    desk = Desk()
    for use_case, fields in MAKER.use_cases():
        desk.do(use_case, **fields)

    by_use_cases, by_requests = logged(desk.ledger), logged(empty_ledger)

    assert by_requests[: len(by_use_cases)] == by_use_cases
    assert {stream for stream, _, _ in by_requests[len(by_use_cases) :]} == {
        "purchases/B-1", "stock/W01/P-1",
    }  # fmt: skip
