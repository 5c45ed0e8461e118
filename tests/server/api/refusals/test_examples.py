"""docs/api/examples.json is what the server answers, for every reason of the published enum."""

import json
import re
from typing import Any

import pytest

from partsledger.v1.error_reason_pb2 import ErrorReason
from server.api.published.comments import Comments, comments
from server.api.published.pages import EXAMPLES
from server.api.published.refusals import listed
from tests.docs.adding import ROOT
from tests.server.api.error_page import ROWS
from tests.server.api.methods import METHODS
from tests.server.api.refusals.provoking import provoked, recorded

EXAMPLE: dict[str, Any] = json.loads((ROOT / "docs" / "api" / EXAMPLES).read_text())
REASONS = {name.removeprefix("ERROR_REASON_") for name, number in ErrorReason.items() if number}
STATUSES = {row.reason: row for row in ROWS}


@pytest.fixture(scope="session")
def answers(database_url: str) -> dict[str, Any]:
    """Every reason, given anew."""
    return recorded(provoked(database_url))


def test_every_reason_has_an_example_and_none_has_two() -> None:
    assert EXAMPLE.keys() == REASONS


@pytest.mark.parametrize("reason", sorted(REASONS))
def test_an_example_is_what_the_server_answers(answers: dict[str, Any], reason: str) -> None:
    """Otherwise: make api-examples."""
    assert answers[reason] == EXAMPLE[reason]


def test_an_answer_that_has_changed_is_found(answers: dict[str, Any]) -> None:
    """The control: of a message, and of what a request holds."""
    for path, value in (("status", {"code": 9}), ("request", {})):
        assert {**EXAMPLE["NO_PRICE"], path: value} != answers["NO_PRICE"]


@pytest.mark.parametrize("reason", sorted(REASONS))
def test_an_example_holds_what_the_page_of_errors_says(reason: str) -> None:
    details = EXAMPLE[reason]["status"]["details"]
    [info] = [each for each in details if each["@type"].endswith("google.rpc.ErrorInfo")]

    assert (info["domain"], info["reason"]) == ("partsledger", reason)
    assert info.get("metadata", {}).keys() <= STATUSES[reason].metadata


@pytest.fixture(scope="module")
def said() -> Comments:
    return comments()


def unlisted(said: Comments, example: dict[str, dict[str, Any]]) -> list[str]:
    """Reasons that neither the method that gave them lists, nor the list of those of any call."""
    of_any_call = set(re.findall(r"[A-Z_]{3,}", said["partsledger/v1/error_reason.proto"]))
    methods = {
        f"{method.containing_service.name}.{method.name}": method for method in METHODS.values()
    }
    return [
        reason
        for reason in example.keys() - of_any_call
        if reason not in listed(methods[example[reason]["method"]], said)
    ]


def test_the_method_that_refuses_lists_the_reason(said: Comments) -> None:
    assert unlisted(said, EXAMPLE) == []


def test_a_reason_that_the_method_does_not_list_is_found(said: Comments) -> None:
    """The control."""
    example = {"NO_PRICE": {"method": "PartService.CreatePart"}}
    assert unlisted(said, example) == ["NO_PRICE"]
