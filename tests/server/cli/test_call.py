"""Any method from the command line: JSON in and out, one line for each message of a stream."""

import json
import signal
import subprocess
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from server.cli.methods import methods, path, summaries
from tests.server.api.methods import METHODS
from tests.server.cli.terminal import PARTSLEDGER, Ended, Served, partsledger

DESCRIPTION = {"description": "液压泵", "part_class": "PART_CLASS_WEAR", "serviceable": True}


def new_part(served: Served, number: str = "P-1", **fields: Any) -> Ended:
    request = {"part_id": number, "part": DESCRIPTION, **fields}
    return served.ask("call", "Part.CreatePart", json.dumps(request), "--as", "wang")


def started(served: Served, *arguments: str) -> "subprocess.Popen[str]":
    """The command in a process of its own, with pipes on all sides."""
    return subprocess.Popen(
        [*PARTSLEDGER, *arguments, "--server", served.address, "--book", served.book],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_the_methods_are_those_of_the_schema_each_with_what_it_is_for() -> None:
    listed = partsledger("call", "--list", "--json").json["methods"]

    assert {line["method"] for line in listed} == set(METHODS)
    assert all(line["summary"].endswith(".") for line in listed)
    assert len(summaries()) == len(methods()), "two methods have the same name"
    assert "Reads one part." in partsledger("call", "--list").out


@pytest.mark.parametrize(
    "name",
    ["Part.GetPart", "PartService.GetPart", "partsledger.v1.PartService.GetPart",
     path(METHODS["Part.GetPart"])],
)  # fmt: skip
def test_a_method_may_be_called_by_any_of_its_names(examples: Served, name: str) -> None:
    ended = examples.ask("call", name, '{"name": "parts/P-10001"}')

    assert ended.code == 0
    assert ended.json["part"]["name"] == f"books/{examples.book}/parts/P-10001"
    assert ended.json["part"]["restricted"] is False  # Also what is not so is said.


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("GetPart", "Part.GetPart"),
        ("Part.getpart", "Part.GetPart"),
        ("Parts.ListPart", "ListParts"),
    ],
)
def test_a_method_that_there_is_not_is_told_with_those_like_it(wrong: str, meant: str) -> None:
    ended = partsledger("call", wrong)

    assert ended.code == 2
    assert meant in ended.err.splitlines()[1]
    assert "call --list" in ended.err


def test_a_mutation_gets_a_request_id_that_repeats_it(served: Served) -> None:
    first = new_part(served)
    request_id = first.err.removeprefix("request_id: ").strip()
    assert str(UUID(request_id)) == request_id
    head = served.head()

    again = new_part(served, request_id=request_id)

    assert again.json["receipt"] == first.json["receipt"]
    assert again.err == ""
    assert served.head() == head
    other = new_part(served)  # Control: without it, it is another request, and refused.
    assert other.code == 2
    assert "P-1" in other.err


def test_each_request_of_a_batch_gets_its_own(served: Served) -> None:
    batch = {"requests": [{"part_id": f"P-{n}", "part": DESCRIPTION} for n in (1, 2)]}

    ended = served.ask("call", "Part.BatchCreateParts", json.dumps(batch))

    assert ended.code == 0
    assert len(ended.err.splitlines()) == 2
    assert [part["name"].rpartition("/")[2] for part in ended.json["parts"]] == ["P-1", "P-2"]


def test_who_does_it_is_said_as_everywhere(served: Served) -> None:
    new_part(served)

    found = served.ask("call", "Entry.GetEntry", '{"name": "entries/2"}').json

    assert found["entry"]["actor"] == "wang"


def test_a_refusal_says_reason_message_and_facts_and_ends_with_2(served: Served) -> None:
    ended = served.ask("call", "Part.GetPart", '{"name": "parts/P-9"}')

    assert ended.code == 2
    assert ended.out == ""
    assert ended.err.splitlines() == [
        "error: no Part P-9 (NOT_FOUND)",
        "facts: key = P-9, kind = Part",
    ]


@pytest.mark.parametrize("text", ['{"nmae": "parts/P-1"}', "{", '{"name": 7}', "[]"])
def test_what_is_no_request_is_told_with_the_fields_it_has(served: Served, text: str) -> None:
    ended = served.ask("call", "Part.GetPart", text)

    assert ended.code == 2
    assert ended.err.startswith("error: this is no GetPartRequest: ")
    assert ended.err.splitlines()[-1] == "hint: its fields are name, min_position"


def test_the_request_may_come_from_a_file(examples: Served, tmp_path: Path) -> None:
    (tmp_path / "request.json").write_text('{"page_size": 2}', encoding="utf-8")

    ended = examples.ask("call", "Part.ListParts", f"@{tmp_path / 'request.json'}")

    assert len(ended.json["parts"]) == 2


def test_the_request_may_come_from_standard_input(examples: Served) -> None:
    calling = started(examples, "call", "Part.ListParts", "-")

    out, err = calling.communicate('{"page_size": 3}', timeout=30)

    assert (calling.returncode, err) == (0, "")
    assert len(json.loads(out)["parts"]) == 3


def test_answers_of_a_stream_are_printed_as_they_come_until_ctrl_c(served: Served) -> None:
    calling = started(served, "call", "Entry.SubscribeEntries")
    assert calling.stdout is not None
    first = json.loads(calling.stdout.readline())
    assert first["entry"]["topic"] == "partsledger:Book.Opened"
    assert "heartbeat" in json.loads(calling.stdout.readline())

    new_part(served)

    assert json.loads(calling.stdout.readline())["entry"]["stream"] == "parts/P-1"
    calling.send_signal(signal.SIGINT)
    _, err = calling.communicate(timeout=30)
    assert (calling.returncode, err) == (130, "")


def command(number: str) -> str:
    created = {
        "parent": "books/BOOK", "part_id": number, "part": DESCRIPTION,
        "request_id": f"00000000-0000-4000-8000-{number.removeprefix('P-'):0>12}",
    }  # fmt: skip
    return json.dumps({"commands": [{"create_part": created}]})


def test_requests_of_a_stream_are_sent_line_by_line(served: Served) -> None:
    calling = started(served, "call", "Import.Import", "-", "--as", "erp")
    assert calling.stdin is not None
    assert calling.stdout is not None
    for number in ("P-1", "P-2"):  # The second is sent when the first is answered.
        calling.stdin.write(command(number).replace("BOOK", served.book) + "\n")
        calling.stdin.flush()
        [answer] = json.loads(calling.stdout.readline())["answers"]
        assert "error" not in answer, answer
    calling.send_signal(signal.SIGINT)
    _, err = calling.communicate(timeout=30)
    assert (calling.returncode, err) == (130, "")


def test_a_line_that_is_no_request_ends_a_stream_after_those_before_it(served: Served) -> None:
    lines = [command("P-1").replace("BOOK", served.book), '{"commands": 7}', command("P-2")]

    ended = served.ask("call", "Import.Import", "\n".join(lines))

    assert ended.code == 2
    assert len(ended.out.splitlines()) == 1
    assert ended.err.startswith("error: line 2: this is no ImportRequest: ")
    assert served.head() == 2
