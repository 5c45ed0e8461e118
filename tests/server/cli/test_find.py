"""A number leads to steps, postings, movements and people, wherever it stands."""

import json
from decimal import Decimal
from typing import Any

import pytest

from tests.server.cli.terminal import Served


def found(served: Served, number: str) -> dict[str, Any]:
    ended = served.ask("find", number, "--json")
    assert ended.code == 0
    answer: dict[str, Any] = ended.json
    return answer


@pytest.mark.parametrize("number", ["SO-250701-0001", "INV-000001"])
def test_a_sale_is_found_by_its_number_and_by_that_of_its_invoice(
    examples: Served, number: str
) -> None:
    answer = found(examples, number)

    assert [(step["stream"], step["step"]) for step in answer["steps"]] == [
        ("stock/W02/P-10149", "Issued"), ("sales/SO-250701-0001", "Sold"),
        ("accounts/D02", "SaleInvoiced"),
    ]  # fmt: skip
    assert {step["actor"] for step in answer["steps"]} == {"parts.sales"}
    assert {step["document"] for step in answer["steps"]} == {"INV-000001"}


def test_postings_and_movements_are_those_of_the_entries(examples: Served) -> None:
    answer = found(examples, "SO-250701-0001")

    asked = ("entries", "--json", "--document", "SO-250701-0001")
    states = [json.loads(line)["state"] for line in examples.ask(*asked).out.splitlines()]
    posted = [line for state in states for line in state.get("postings", ())]
    assert [line["account"] for line in answer["postings"]] == [line["account"] for line in posted]
    amounts = [Decimal(line["amount"]) for line in answer["postings"]]
    assert [int(each * 100) for each in amounts] == [line["amount_minor"] for line in posted]
    assert sum(amounts) == 0
    [moved] = answer["movements"]
    assert (moved["part"], moved["from_place"], moved["to_place"]) == ("P-10149", "W02", "@sold")


def test_a_claim_leads_to_its_return_its_credit_and_its_netting(examples: Served) -> None:
    answer = found(examples, "CL-250722-0001")

    steps = [(step["stream"].partition("/")[0], step["step"]) for step in answer["steps"]]
    assert {("claims", "Submitted"), ("returns", "Requested"), ("accounts", "ClaimCredited"),
            ("settlements", "Closed")} <= set(steps)  # fmt: skip
    shown = examples.ask("find", "CL-250722-0001").out
    assert "Postings" in shown
    assert "quality.lab" in shown
    assert "Movements" not in shown  # It moved nothing.


def test_what_nothing_has_as_its_number_is_told(examples: Served) -> None:
    for number in ("NONE", " "):
        ended = examples.ask("find", number)
        assert ended.code == 1
        assert ended.out == ""
        assert ended.err.startswith(f"error: no document has the number {number!r}")


def test_a_number_may_be_looked_up_as_of_an_earlier_position(examples: Served) -> None:
    [first, *_] = found(examples, "TR-250805-0001")["steps"]
    position = str(first["position"])

    then = examples.ask("find", "TR-250805-0001", "--at-position", position, "--csv").csv

    assert [row["step"] for row in then] == ["Requested"]


def test_entries_of_a_request_are_those_recorded_with_it(examples: Served) -> None:
    [request] = {step["request_id"] for step in found(examples, "SO-250701-0001")["steps"]}

    lines = examples.ask("entries", "--request", request).out.splitlines()

    assert [line.split()[0] for line in lines] == ["2226", "2227", "2228"]
