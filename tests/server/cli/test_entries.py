"""The log on the command line: exact bytes, filters, and following."""

import json
import signal
import subprocess
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from tests.server.cli.terminal import PARTS, PARTSLEDGER, PLACES, Served, export


def test_fifty_entries_are_listed_unless_more_are_asked_for(examples: Served) -> None:
    assert len(examples.ask("entries").out.splitlines()) == 50
    assert len(examples.ask("entries", "--limit", "1234").out.splitlines()) == 1234
    first = examples.ask("entries", "--from", "1001", "--limit", "1").out
    assert first.split()[0] == "1001"


def test_entries_can_be_of_some_streams_and_topics_only(examples: Served) -> None:
    asked = ("entries", "--json", "--stream", "transfers/", "--topic", "PartsTransfer.Received")
    found = [json.loads(line) for line in examples.ask(*asked).out.splitlines()]
    assert len(found) == 50
    assert {entry["topic"] for entry in found} == {"partsledger:PartsTransfer.Received"}
    assert all(entry["stream"].startswith("transfers/") for entry in found)


def test_json_carries_the_very_bytes_that_were_hashed(examples: Served) -> None:
    """The leaf hash, computed from what was printed alone: docs/log-format.md says how."""
    lines = examples.ask("entries", "--json", "--from", "5000", "--limit", "20").out.splitlines()
    for line in lines:
        entry = json.loads(line)
        state = line.split(', "state": ', 1)[1][:-1].encode()
        assert sha256(b"\0" + _bytes_of(entry, state)).hexdigest() == entry["leaf_hash"]
        written_anew = json.dumps(entry["state"], indent=1).encode()  # The same, in other bytes.
        other = sha256(b"\0" + _bytes_of(entry, written_anew)).hexdigest()
        assert other != entry["leaf_hash"] or state == b"{}"


def _bytes_of(entry: dict[str, object], state: bytes) -> bytes:
    recorded = datetime.fromisoformat(str(entry["record_time"]))
    since = recorded - datetime(1970, 1, 1, tzinfo=UTC)
    fields = [
        str(entry["book"]).encode(),
        int(str(entry["position"])).to_bytes(8),
        (since // timedelta(microseconds=1)).to_bytes(8, signed=True),
        str(entry["actor"]).encode(),
        str(entry["principal"]).encode(),
        UUID(str(entry["request_id"])).bytes,
        str(entry["stream"]).encode(),
        int(str(entry["version"])).to_bytes(8, signed=True),
        bytes.fromhex(str(entry["previous_hash"])),
        bytes.fromhex(str(entry["salt"])),
        str(entry["topic"]).encode(),
        state,
    ]
    return b"\1" + b"".join(len(field).to_bytes(4) + field for field in fields)


def test_csv_has_a_header_and_a_row_for_each(examples: Served) -> None:
    rows = examples.ask("entries", "--csv", "--limit", "3").csv
    assert [row["position"] for row in rows] == ["1", "2", "3"]
    assert json.loads(rows[0]["state"])["currency"] == "CNY"


def test_following_goes_on_as_entries_are_recorded(served: Served, tmp_path: Path) -> None:
    following = subprocess.Popen(
        [*PARTSLEDGER, "entries", "--follow", "--limit", "5", "--server", served.address, "--book",
         served.book],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert following.stdout is not None
    assert "Book.Opened" in following.stdout.readline()
    assert following.poll() is None  # All that there is was told, and it waits for more.
    served.ask("import", str(export(tmp_path, places=PLACES, parts=PARTS)))
    out, _ = following.communicate(timeout=30)
    assert [line.split()[0] for line in out.splitlines()] == ["2", "3", "4", "5"]
    assert following.returncode == 0


def test_ctrl_c_ends_with_130_and_no_traceback(examples: Served) -> None:
    following = subprocess.Popen(
        [*PARTSLEDGER, "entries", "--follow", "--server", examples.address, "--book",
         examples.book],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert following.stdout is not None
    following.stdout.readline()
    following.send_signal(signal.SIGINT)
    _, err = following.communicate(timeout=30)
    assert following.returncode == 130
    assert err == ""


def test_a_reader_that_leaves_early_is_no_error_worth_telling(examples: Served) -> None:
    reading = subprocess.Popen(
        [*PARTSLEDGER, "entries", "--limit", "9000", "--server", examples.address, "--book",
         examples.book],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert reading.stdout is not None
    assert reading.stderr is not None
    reading.stdout.readline()
    reading.stdout.close()
    assert reading.stderr.read() == ""
    reading.stderr.close()
    assert reading.wait(30) != 0


def test_a_partys_entries_are_those_that_concern_it(examples: Served) -> None:
    lines = examples.ask("entries", "--json", "--party", "dealers/D01", "--limit", "200").out
    entries = [json.loads(line) for line in lines.splitlines()]
    assert len(entries) == 200
    for entry in entries:
        parties = {posting.get("party") for posting in entry["state"].get("postings", ())}
        own = entry["stream"] in ("accounts/D01", "dealers/D01")
        document = entry["stream"].partition("/")[0] not in ("stock", "accounts", "dealers")
        assert own or document or "dealers/D01" in parties, entry


def test_entries_can_be_of_just_one_stream_and_of_one_person(examples: Served) -> None:
    def asked(*arguments: str) -> list[dict[str, object]]:
        lines = examples.ask("entries", "--json", "--limit", "20000", *arguments).out
        return [json.loads(line) for line in lines.splitlines()]

    everything = asked()
    of_one = asked("--stream", "accounts/D01")
    of_her = asked("--actor", "claims.desk")

    assert of_one == [entry for entry in everything if entry["stream"] == "accounts/D01"]
    assert of_her == [entry for entry in everything if entry["actor"] == "claims.desk"]
    assert of_one
    assert of_her
