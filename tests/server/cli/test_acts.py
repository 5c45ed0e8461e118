"""What people do by hand from the command line: each act recorded once, by whoever does it."""

import json
import shutil
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from tests.conftest import new_book
from tests.server.cli.terminal import EXAMPLES, Ended, Served
from tests.server.conftest import serving

TRANSFER, CLAIM, RETURN = "TR-251231-0001", "CL-251224-0002", "RT-251224-0001"
MONTH = "2025-12"


@pytest.fixture(scope="module")
def desk(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A book of its own with the examples in it, to go on with."""
    folder = tmp_path_factory.mktemp("desk") / "small"
    shutil.copytree(EXAMPLES, folder, ignore=shutil.ignore_patterns("receipts"))
    with new_book(database_url) as book, serving(database_url, book) as app:
        served = Served(app.address, book)
        assert served.ask("import", str(folder)).code == 1
        yield served


def done(desk: Served, *arguments: str, on: str = "2026-01-10", by: str = "li") -> dict[str, Any]:
    ended = desk.ask(*arguments, "--on", on, "--as", by, "--json")
    assert ended.code == 0, ended.err
    found: dict[str, Any] = ended.json
    return found


def stepped(desk: Served, method: str, on: str, **fields: Any) -> None:
    """A step that has no command of its own."""
    year, month, day = map(int, on.split("-"))
    occurrence = {"occurred_on": {"year": year, "month": month, "day": day}}
    request = {"occurrence": occurrence, **fields}
    ended = desk.ask("call", method, json.dumps(request), "--as", "clerk")
    assert ended.code == 0, ended.err


def last_step(desk: Served, name: str) -> dict[str, Any]:
    found: dict[str, Any] = desk.ask("show", name, "--json").json["steps"][-1]
    return found


def test_a_transfer_is_approved(desk: Served) -> None:
    found = done(desk, "approve", TRANSFER, "--document", "MEMO-1")
    step = last_step(desk, f"transfers/{TRANSFER}")
    assert (step["step"], step["actor"], step["document"]) == ("Approved", "li", "MEMO-1")
    assert (step["occurred_on"], step["position"]) == ("2026-01-10", found["last_position"])
    again = desk.ask("approve", TRANSFER, "--on", "2026-01-10", "--as", "li")
    assert again.code == 1
    assert "NOT_ALLOWED_IN_STATE" in again.err


def test_a_claim_is_decided_item_by_item(desk: Served) -> None:
    before = desk.ask("show", f"claims/{CLAIM}", "--json").json
    claimed = [item["claimed"] for item in before["items"]]
    found = done(desk, "decide", CLAIM, "--item", "1=80.00", "--because", "photos missing")
    approved = [item["approved"] for item in found["items"]]
    assert [each["amount"] for each in approved] == ["80.00", *(c["amount"] for c in claimed[1:])]
    assert [item["because"] for item in found["items"]] == ["photos missing", "", ""]
    assert found["state"] == "credited"


def test_a_repeated_decision_that_says_something_else_is_told_amount_by_amount(
    desk: Served,
) -> None:
    """The approval is credited at once, and is not the last fact of the claim."""
    said = ("decide", "CL-251225-0001", "--on", "2026-01-10")
    first = desk.ask(*said)
    request_id = first.err.strip().removeprefix("request_id: ")
    other = ("--item", "1=1.00", "--because", "less", "--request-id", request_id)
    ended = desk.ask(*said, *other)
    assert ended.code == 1
    assert "decisions[0].approved was" in ended.err
    assert "is now 1.00 CNY" in ended.err


def test_a_claim_is_approved_as_claimed_where_nothing_else_is_said(desk: Served) -> None:
    found = done(desk, "decide", "CL-250916-0003")
    assert all(item["approved"] == item["claimed"] for item in found["items"])


def test_a_part_that_came_back_is_inspected(desk: Served) -> None:
    stepped(desk, "Return.ShipReturn", "2026-01-04", name=f"returns/{RETURN}")
    stepped(desk, "Return.ReceiveReturn", "2026-01-06", name=f"returns/{RETURN}")
    done(desk, "inspect", RETURN, "confirmed", "--note", "seal worn")
    shown = desk.ask("show", f"returns/{RETURN}", "--json").json
    assert shown["finding"] == "confirmed"
    assert last_step(desk, f"returns/{RETURN}")["step"] == "Inspected"


def test_a_statement_is_reviewed_and_confirmed_by_its_hash(desk: Served) -> None:
    name = f"dealers/D01/settlements/{MONTH}"
    issuing = {"parent": f"books/{desk.book}/dealers/D01", "month": MONTH}
    stepped(desk, "Settlement.IssueStatement", "2026-01-03", **issuing)
    shown = desk.ask("statement", "D01", MONTH, "--json").json["content_hash"]
    wrong = ["confirm", "D01", MONTH, "0" * 64, "--on", "2026-01-10"]
    done(desk, "review", "D01", MONTH, on="2026-01-05")
    refused = desk.ask(*wrong)
    assert refused.code == 1
    assert "HASH" in refused.err
    found = done(desk, "confirm", "D01", MONTH, shown, by="d01.office")
    assert found["state"] == "confirmed"
    assert last_step(desk, name)["actor"] == "d01.office"


def test_a_payment_is_set_against_the_items_that_are_named(desk: Served) -> None:
    items = desk.ask("open-items", "D05", "--json").json["open_items"]
    owed = [item for item in items if item["account"] == "1122"][-1]
    done(
        desk, "pay", "D05", "12.34", "--number", "PM-HAND-1", "--item", f"{owed['item']}=12.34",
        "--document", "BK-900",
    )  # fmt: skip
    [posted] = [
        line for line in desk.ask("find", "PM-HAND-1", "--json").json["postings"]
        if line["account"] == "1122"
    ]  # fmt: skip
    assert (posted["item"], posted["amount"]) == (owed["item"], "-12.34")


def test_an_act_whose_answer_was_lost_is_repeated_under_its_request_id(desk: Served) -> None:
    first = desk.ask("pay", "D06", "1", "--number", "PM-HAND-2", "--on", "2026-01-10")
    request_id = first.err.strip().removeprefix("request_id: ")
    said = ("pay", "D06", "1", "--number", "PM-HAND-2", "--on", "2026-01-10")
    head = desk.head()
    again = desk.ask(*said, "--request-id", request_id)
    assert (again.code, again.err) == (0, "")
    assert desk.head() == head
    assert desk.ask(*said, "--request-id", str(uuid4())).code == 1  # The number is taken.


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["approve", TRANSFER], "Missing option '--on'"),
        (["approve", TRANSFER, "--on", "today"], "must be a date as 2025-07-31"),
        (["approve", "a b c/", "--on", "2026-01-10"], "a b c/"),
        (["approve", TRANSFER, "--on", "2026-01-10", "--request-id", "7"], "must be a UUID"),
        (["decide", CLAIM, "--on", "2026-01-10", "--item", "9=1"], "must be an item of the claim"),
        (["decide", CLAIM, "--on", "2026-01-10", "--item", "1"], "must be as ITEM=AMOUNT"),
        (["decide", CLAIM, "--on", "2026-01-10", "--item", "1=1", "--item", "1=2"], "named twice"),
        (["inspect", RETURN, "broken", "--on", "2026-01-10"], "must be one of confirmed"),
        (["pay", "D01", "1,000.00", "--number", "X", "--on", "2026-01-10"], "no separators"),
        (["pay", "D01", "1.005", "--number", "X", "--on", "2026-01-10"], "at most 2 decimals"),
        (["pay", "D01", "9" * 40, "--number", "X", "--on", "2026-01-10"], "is too large"),
        (["pay", "D01", "-5", "--number", "X", "--on", "2026-01-10"], "-5"),
        (["review", "D01", "December", "--on", "2026-01-10"], "must be a month as 2025-07"),
    ],
)
def test_what_is_typed_wrongly_is_told_and_records_nothing(
    desk: Served, arguments: list[str], complaint: str
) -> None:
    head = desk.head()
    ended: Ended = desk.ask(*arguments)
    assert ended.code == 2
    assert complaint in ended.err
    assert ended.out == ""
    assert desk.head() == head
