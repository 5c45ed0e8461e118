"""An import records every good line once, tells of every bad one, and survives a cut wire."""

import csv
import json
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import pytest

from server.cli.channel import connected
from server.cli.failure import Failure
from server.cli.import_files import run
from server.cli.tally import Tally
from server.erp.documents import Reading
from tests.server.cli.terminal import (
    EXAMPLES,
    PARTS,
    PLACES,
    PURCHASE,
    TRANSFER,
    Served,
    export,
)
from tests.server.cli.wire import wire_to
from tests.server.conftest import serving
from tests.server.erp.damaged import damage, write_good


def good(folder: Path) -> Path:
    return export(folder, places=PLACES, parts=PARTS, purchases=[PURCHASE], transfers=[TRANSFER])


def test_good_files_are_recorded_and_end_with_0(served: Served, tmp_path: Path) -> None:
    ended = served.ask("import", str(good(tmp_path)), "--json")
    assert ended.code == 0
    assert ended.json["recorded"] == 2 + 2 + 1 + 5
    assert ended.json["refusals"] == []
    assert served.head() == ended.json["position"] > 10
    assert ended.err == ""


def test_what_is_read_after_an_import_includes_it(served: Served, tmp_path: Path) -> None:
    position = served.ask("import", str(good(tmp_path)), "--json").json["position"]
    ageing = served.ask("ageing", "--json").json
    assert ageing["as_of_position"] == position
    assert ageing["value"] == "61.70"


def test_a_repeated_import_records_nothing_twice(served: Served, tmp_path: Path) -> None:
    first = served.ask("import", str(good(tmp_path)), "--json").json
    head = served.head()
    again = served.ask("import", str(good(tmp_path)), "--json")
    assert again.code == 0
    assert (again.json["recorded"], again.json["repeated"]) == (0, first["recorded"])
    assert served.head() == head


def test_other_content_under_a_recorded_number_is_refused(served: Served, tmp_path: Path) -> None:
    served.ask("import", str(good(tmp_path)))
    head = served.head()
    export(tmp_path, purchases=[PURCHASE | {"quantity": "6"}])
    ended = served.ask("import", str(tmp_path / "purchases.csv"), "--csv")
    assert ended.code == 1
    assert [(row["line"], row["reason"]) for row in ended.csv] == [("2", "REQUEST_ID_REUSED")]
    assert served.head() == head


def test_a_dry_run_decides_everything_and_records_nothing(served: Served, tmp_path: Path) -> None:
    head = served.head()
    bad = TRANSFER | {"transfer": "TR-2", "quantity": "9"}
    folder = export(good(tmp_path), transfers=[TRANSFER, bad])
    dry = served.ask("import", str(folder), "--dry-run", "--json")
    assert served.head() == head
    real = served.ask("import", str(folder), "--json")
    assert served.head() > head
    for key in ("recorded", "refused", "skipped"):
        assert dry.json[key] == real.json[key] > 0
    assert dry.json["refusals"] == real.json["refusals"]
    assert (dry.code, real.code) == (1, 1)


def test_the_steps_after_a_refused_one_are_skipped_and_not_told(
    served: Served, tmp_path: Path
) -> None:
    folder = export(good(tmp_path), transfers=[TRANSFER | {"quantity": "9"}])
    ended = served.ask("import", str(folder), "--json")
    assert ended.code == 1
    [refusal] = ended.json["refusals"]
    assert (refusal["file"], refusal["line"], refusal["step"], refusal["reason"]) == (
        "transfers.csv", 2, "dispatch", "INSUFFICIENT_STOCK",
    )  # fmt: skip
    assert (ended.json["refused"], ended.json["skipped"]) == (1, 2)  # Received, closed.


def test_a_bad_line_is_told_with_its_cell_and_the_rest_goes_on(
    served: Served, tmp_path: Path
) -> None:
    bad = [PURCHASE | {"purchase": "PR-2", "unit_cost": "1,860.00"}]
    folder = export(good(tmp_path), purchases=[PURCHASE, *bad])
    ended = served.ask("import", str(folder), "--csv")
    assert ended.code == 1
    [refusal] = ended.csv
    assert refusal["file"] == "purchases.csv"
    assert refusal["line"] == "3"
    assert refusal["column"] == "unit_cost"
    assert refusal["value"] == "1,860.00"
    assert refusal["message"].startswith("must be a plain decimal")
    assert served.ask("ageing", "--json").json["quantity"] == 5


def test_every_line_of_the_bad_examples_is_told(served: Served) -> None:
    folder = EXAMPLES.parent / "bad"
    with (folder / "expected_problems.csv").open(encoding="utf-8", newline="") as file:
        expected = {(row["file"], row["line"], row["column"]) for row in csv.DictReader(file)}
    told = served.ask("import", str(folder), "--csv").csv
    bad = {(row["file"], row["line"], row["column"]) for row in told if row["reason"] == "BAD_LINE"}
    assert bad == expected != set()


def test_people_get_counts_a_table_of_refusals_and_a_verdict(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    folder = export(good(tmp_path), transfers=[TRANSFER | {"quantity": "9"}])
    shown = served.ask("import", str(folder)).out
    assert "transfers.csv:2" in shown
    assert "INSUFFICIENT_STOCK" in shown
    assert "6 rows read: 5 recorded, 1 refused." in shown
    assert "7 commands recorded, 1 refused, 2 skipped: they follow those." in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_some_files_can_be_imported_alone(served: Served, tmp_path: Path) -> None:
    folder = good(tmp_path)
    files = [str(folder / name) for name in ("places.csv", "parts.csv")]
    assert served.ask("import", *files, "--json").json["recorded"] == 4


@pytest.mark.parametrize("name", ["stock.csv", "readme.txt"])
def test_a_file_of_no_known_kind_is_refused(served: Served, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("part\n", encoding="utf-8")
    ended = served.ask("import", str(tmp_path / name))
    assert ended.code == 2
    assert "no kind of file has this name" in ended.err
    assert served.ask("import", str(tmp_path)).code == 2


def test_who_imports_is_recorded_where_the_file_does_not_say(
    served: Served, tmp_path: Path
) -> None:
    served.ask("import", str(good(tmp_path)), "--as", "erp")
    entries = served.ask("entries", "--json").out.splitlines()
    actors = {line.split('"actor": "')[1].split('"')[0] for line in entries[1:]}
    assert {"erp", "keeper", "clerk", "books"} <= actors
    assert "anonymous" not in actors
    told = [json.loads(line) for line in entries[1:]]
    assert {entry["principal"] for entry in told if entry["actor"] == "erp"} == {""}
    assert {entry["principal"] for entry in told if entry["actor"] != "erp"} == {"erp"}


def test_who_does_not_say_who_it_is_is_recorded_as_nobodys_sender(
    served: Served, tmp_path: Path
) -> None:
    """The control: and an actor of any script is taken from the file as it is written."""
    parts = [row | {"received_by": "王小明"} for row in [PURCHASE]]
    served.ask("import", str(export(tmp_path, places=PLACES, parts=PARTS, purchases=parts)))
    told = [json.loads(line) for line in served.ask("entries", "--json").out.splitlines()]
    assert {entry["principal"] for entry in told} == {""}
    assert "王小明" in {entry["actor"] for entry in told}


def test_an_actor_that_makes_no_sense_is_refused(served: Served, tmp_path: Path) -> None:
    ended = served.ask("import", str(good(tmp_path)), "--as", "a  b")
    assert ended.code == 2
    assert "--as" in ended.err


TOPIC = ("--topic", "PurchaseReceipt.Received")


def many(folder: Path) -> Path:
    """Enough for several messages in both directions."""
    purchases = [PURCHASE | {"purchase": f"PR-{n}", "document": f"DN-{n}"} for n in range(3_000)]
    return export(folder, places=PLACES, parts=PARTS, purchases=purchases)


def test_a_cut_wire_is_mended_and_nothing_is_lost_or_recorded_twice(
    served: Served, tmp_path: Path
) -> None:
    folder = many(tmp_path)
    with (
        wire_to(served.address, limits=[50_000, 80_000]) as wire,
        connected(wire.address, served.book, pauses=[0.3] * 10) as connection,
    ):
        facts = run(connection, folder).facts()
    assert wire.connections > 2  # It was cut.
    assert (facts["recorded"], facts["repeated"], facts["refused"]) == (3_004, 0, 0)
    received = served.ask("entries", "--csv", "--limit", "9999", *TOPIC).csv
    assert len(received) == len({row["stream"] for row in received}) == 3_000
    assert served.ask("ageing", "--json").json["quantity"] == 5 * 3_000


def test_a_wire_that_stays_cut_ends_the_import_with_what_to_do(
    served: Served, tmp_path: Path
) -> None:
    folder = many(tmp_path)
    with (
        wire_to(served.address, limits=chain([20_000], repeat(1))) as wire,
        connected(wire.address, served.book, pauses=[0.1] * 3) as connection,
        pytest.raises(Failure) as failure,
    ):
        run(connection, folder)
    assert "gave up after 3 tries" in str(failure.value)
    assert "import the same files again" in failure.value.hint
    assert failure.value.exit_code == 2
    again = served.ask("import", str(folder), "--json").json
    assert again["repeated"] > 0
    assert again["recorded"] + again["repeated"] == 3_004
    assert served.ask("ageing", "--json").json["quantity"] == 5 * 3_000


def test_an_import_ends_at_once_where_the_servers_clock_is_not_believed(
    database_url: str, book: str, tmp_path: Path
) -> None:
    """Every line would be refused for the same reason, and none for its own."""
    folder = str(export(tmp_path, parts=PARTS))
    opened_at = datetime(2025, 3, 10, 12, tzinfo=UTC)
    with serving(database_url, book, lambda: opened_at):
        pass
    with serving(database_url, book, lambda: opened_at + timedelta(days=60)) as app:
        there = Served(app.address, book)
        ended = there.ask("import", folder)
        assert ended.code == 2
        assert "(CLOCK_NOT_TRUSTED)" in ended.err
        assert "--accept-clock and today's date" in " ".join(ended.err.split())
        assert there.head() == 1
    with serving(database_url, book, lambda: opened_at + timedelta(days=1)) as app:
        assert Served(app.address, book).ask("import", folder).code == 0  # The control.


def test_one_row_is_told_as_one(served: Served, tmp_path: Path) -> None:
    shown = served.ask("import", str(export(tmp_path, parts=PARTS[:1]))).out

    assert "1 row read: 1 recorded.\n1 command recorded." in shown


def test_a_file_that_is_not_ours_is_named_and_a_csv_is_not_done(
    served: Served, tmp_path: Path
) -> None:
    folder = good(tmp_path / "export")
    (folder / "notes.txt").write_text("hello\n", encoding="utf-8")
    noted = served.ask("import", str(folder), "--json")
    assert (noted.code, noted.json["not_read"]) == (0, ["notes.txt"])
    (folder / "purchase.csv").write_text("purchase\nPR-9\n", encoding="utf-8")
    shown = served.ask("import", str(folder))
    assert shown.code == 1
    assert "no file of an import has this name: notes.txt, purchase.csv" in shown.out
    assert "purchase.csv" in served.ask("import", str(folder), "--csv").err


def adds_up(counts: dict[str, Any]) -> bool:
    rows = counts["rows_recorded"] + counts["rows_repeated"] + counts["rows_refused"]
    return bool(counts["rows"] == rows)


@pytest.mark.parametrize("seed", range(4))
def test_rows_and_commands_of_damaged_files_add_up(
    served: Served, tmp_path: Path, seed: int
) -> None:
    write_good(tmp_path, documents=6)
    served.ask("import", str(tmp_path))
    write_good(tmp_path, documents=12)
    damage(tmp_path, random.Random(seed), 5)
    lines = sum(
        len([line for line in path.read_bytes().split(b"\n")[1:] if line.strip(b", ")])
        for path in tmp_path.glob("*.csv")
    )

    told = served.ask("import", str(tmp_path), "--json").json

    assert told["rows"] == lines
    assert adds_up(told)
    assert all(adds_up(file) for file in told["files"])
    for key in ("rows", "rows_recorded", "rows_repeated", "rows_refused", "recorded", "refused"):
        assert told[key] == sum(file[key] for file in told["files"])
    assert min(told["rows_recorded"], told["rows_repeated"], told["rows_refused"]) > 0
    again = served.ask("import", str(tmp_path), "--json").json
    assert (again["rows"], again["rows_recorded"]) == (lines, 0)
    assert again["rows_repeated"] == told["rows_recorded"] + told["rows_repeated"]


def test_a_row_that_is_not_counted_would_show() -> None:
    """The control of the test above."""
    tally = Tally(0, dry_run=False)
    reading = Reading(rows=Counter({"parts.csv": 2}), refused=Counter({"parts.csv": 2}))
    tally.read(reading, [])
    assert adds_up(tally.facts())
    reading.rows["parts.csv"] += 1
    assert not adds_up(tally.facts())


def test_rows_that_stand_apart_are_recorded_as_one_document(served: Served, tmp_path: Path) -> None:
    first, second = PURCHASE, PURCHASE | {"purchase": "PR-2"}
    rows = [first, second, first | {"part": "P-2"}]
    folder = export(good(tmp_path), purchases=rows, transfers=[])
    assert served.ask("import", str(folder), "--json").json["rows_recorded"] == 7
    assert served.ask("ageing", "--json").json["quantity"] == 15
    export(folder, purchases=sorted(rows, key=lambda row: row["purchase"]))  # Put right.
    again = served.ask("import", str(folder), "--json")
    assert (again.code, again.json["rows_repeated"]) == (0, 7)


def disputing(folder: Path, *papers: str) -> Path:
    """Two sales on one paper, and a statement with a dispute of each of these papers."""
    sold = {"sold_on": "2025-07-10", "document": "INV-1", "dealer": "D01", "from_place": "W01",
            "part": "P-1", "quantity": "1"}  # fmt: skip
    stated = {"dealer": "D01", "month": "2025-07", "issued_on": "2025-08-05", "issued_by": "a",
              "reviewed_on": "2025-08-06", "reviewed_by": "b", "disputed_on": "2025-08-07",
              "disputed_by": "d"}  # fmt: skip
    disputes = [
        stated | {"disputed_document": paper, "dispute_reason": f"reason {place}"}
        for place, paper in enumerate(papers)
    ]
    return export(
        folder, places=PLACES, parts=PARTS, purchases=[PURCHASE], settlements=disputes,
        price_lists=[{"price_list": "settlement", "currency": "CNY", "vat_rate": "0"}],
        prices=[{"price_list": "settlement", "currency": "CNY", "part": "P-1",
                 "effective_from": "2025-01-01", "unit_price": "20.00"}],
        dealers=[{"dealer": "D01", "title": "湘江", "currency": "CNY", "payment_days": "30"}],
        sales=[sold | {"sale": "SO-1"}, sold | {"sale": "SO-2"}],
    )  # fmt: skip


DISPUTED = ("--topic", "DealerSettlement.Disputed")


def test_two_disputes_of_one_paper_are_about_two_lines_of_the_statement(
    served: Served, tmp_path: Path
) -> None:
    folder = disputing(tmp_path, "INV-1", "INV-1")
    ended = served.ask("import", str(folder), "--json")
    assert (ended.code, ended.json["refusals"]) == (0, [])
    lines = served.ask("entries", "--json", *DISPUTED).out.splitlines()
    disputed = [json.loads(line)["state"] for line in lines]
    assert len({state["line_version"] for state in disputed}) == len(disputed) == 2


def test_a_dispute_of_a_paper_that_is_not_on_the_statement_is_named_and_the_others_stand(
    served: Served, tmp_path: Path
) -> None:
    folder = disputing(tmp_path, "INV-9", "INV-1 ")
    ended = served.ask("import", str(folder), "--json")
    [refusal] = ended.json["refusals"]
    assert (refusal["line"], refusal["column"], refusal["value"]) == (
        2, "disputed_document", "INV-9",
    )  # fmt: skip
    assert refusal["message"] == "must be the document of a line of the statement D01/2025-07"
    assert len(served.ask("entries", "--json", *DISPUTED).out.splitlines()) == 1
    assert adds_up(ended.json)


def test_no_cell_of_the_log_acts_as_a_formula(served: Served, tmp_path: Path) -> None:
    acting = PURCHASE | {"document": '=HYPERLINK("http://x")'}
    served.ask("import", str(export(good(tmp_path), purchases=[acting], transfers=[])))
    shown = served.ask("entries", "--csv", *TOPIC).csv
    assert [row["document"] for row in shown] == ['\'=HYPERLINK("http://x")']
