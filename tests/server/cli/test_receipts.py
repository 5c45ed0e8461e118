"""Receipts of an import: kept beside its files, never changed, and proof of what the log hides."""

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.server.cli.terminal import PARTS, PLACES, PURCHASE, TRANSFER, Served, export, partsledger
from tests.server.conftest import serving
from tests.server.forging import forging


def good(folder: Path) -> Path:
    return export(folder, places=PLACES, parts=PARTS, purchases=[PURCHASE], transfers=[TRANSFER])


def kept(folder: Path) -> Path:
    [file] = (folder / "receipts").iterdir()
    return file


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture
def serve(database_url: str, book: str) -> Callable[[], Any]:
    """Starts the server of the book; it may be stopped and started again."""

    @contextmanager
    def started() -> Iterator[Served]:
        with serving(database_url, book) as app:
            yield Served(app.address, book)

    return started


def test_each_entry_of_each_command_has_a_receipt_with_its_leaf_hash(
    served: Served, tmp_path: Path
) -> None:
    told = served.ask("import", str(good(tmp_path)), "--json").json
    file = kept(tmp_path)
    assert told["receipts"] == [str(file)]
    assert file.name.startswith(f"{served.book}-")

    entries = served.ask("entries", "--limit", "999", "--csv").csv[1:]  # The book is no command's.
    written = rows(file)
    assert [row["position"] for row in written] == [entry["position"] for entry in entries]
    for row, entry in zip(written, entries, strict=True):
        assert row["leaf_hash"] == entry["leaf_hash"]
        assert row["request_id"] == entry["request_id"]
        assert row["record_time"] == entry["record_time"]
    assert {row["file"] for row in written} == {
        "places.csv", "parts.csv", "purchases.csv", "transfers.csv",
    }  # fmt: skip
    last = written[-1]
    assert (last["line"], last["document"], last["step"]) == ("2", "TR-1", "close")


def test_a_repeated_import_changes_nothing_and_a_longer_one_adds(
    served: Served, tmp_path: Path
) -> None:
    folder = export(tmp_path, places=PLACES, parts=PARTS[:1])
    served.ask("import", str(folder))
    before = kept(folder).read_bytes()
    served.ask("import", str(folder))
    assert kept(folder).read_bytes() == before

    served.ask("import", str(good(folder)))
    after = kept(folder).read_bytes()
    assert after.startswith(before)
    positions = [row["position"] for row in rows(kept(folder))]
    assert len(positions) == len(set(positions)) > before.count(b"\n") - 1


def test_a_dry_run_keeps_none(served: Served, tmp_path: Path) -> None:
    assert "receipts" not in served.ask("import", str(good(tmp_path)), "--dry-run", "--json").json
    assert not (tmp_path / "receipts").exists()


def test_receipts_of_single_files_lie_beside_each(served: Served, tmp_path: Path) -> None:
    one = export(tmp_path / "one", places=PLACES)
    other = export(tmp_path / "other", parts=PARTS)
    served.ask("import", str(one / "places.csv"), str(other / "parts.csv"))
    assert {row["file"] for row in rows(kept(one))} == {"places.csv"}
    assert {row["file"] for row in rows(kept(other))} == {"parts.csv"}


def test_where_they_cannot_be_written_that_is_told_and_the_import_goes_on(
    served: Served, tmp_path: Path
) -> None:
    folder = good(tmp_path)
    (folder / "receipts").write_text("in the way")
    ended = served.ask("import", str(folder))
    assert ended.code == 0
    assert f"Receipts could not be kept. {folder / 'receipts'}: " in ended.out
    told = served.ask("import", str(folder), "--json").json
    assert (told["receipts"], len(told["receipts_not_written"])) == ([], 1)

    (folder / "receipts").unlink()  # The control: a repeat is told them again.
    assert served.ask("import", str(folder)).code == 0
    assert rows(kept(folder))


def test_half_a_line_of_a_process_that_was_killed_is_written_again(
    served: Served, tmp_path: Path
) -> None:
    folder = good(tmp_path)
    served.ask("import", str(folder))
    whole = kept(folder).read_bytes()
    kept(folder).write_bytes(whole[:-30])
    served.ask("import", str(folder))
    assert kept(folder).read_bytes() == whole


def test_receipts_that_cannot_be_read_are_left_alone(served: Served, tmp_path: Path) -> None:
    folder = good(tmp_path)
    served.ask("import", str(folder))
    kept(folder).write_text("position,leaf_hash\none,two\n")
    ended = served.ask("import", str(folder))
    assert "position 'one' must be a whole number" in " ".join(ended.out.split())
    assert kept(folder).read_text() == "position,leaf_hash\none,two\n"


def test_another_ledger_has_another_file(
    served: Served, database_url: str, book: str, tmp_path: Path
) -> None:
    """One that was made anew under the same name does not contradict the receipts of the old."""
    folder = good(tmp_path)
    served.ask("import", str(folder))
    with serving(database_url, book) as app:
        assert Served(app.address, book).ask("import", str(folder)).code == 0
    assert len(list((folder / "receipts").iterdir())) == 2


def test_an_amount_changed_with_its_leaf_hash_is_found_by_receipts_alone(
    serve: Callable[[], Any], database_url: str, book: str, tmp_path: Path
) -> None:
    folder = good(tmp_path)
    with serve() as served:
        served.ask("import", str(folder))
        receipts = ("--receipts", str(kept(folder)))
        sound = served.ask("verify", *receipts)
        count = len(rows(kept(folder)))
        assert sound.code == 0
        assert f"and {count} receipts compared. The log is sound" in sound.out
    with forging(database_url, f"book_{book}") as forger:
        position = forger.amount("StockItem.Received", "6170", "9170", hashed=True)
    with serve() as served:
        assert served.ask("status").code == 0
        assert served.ask("verify").code == 0

        told = served.ask("verify", *receipts, "--json")

        assert told.code == 1
        assert told.json["faults"] == [
            {"position": position, "fault": "its leaf hash is not that of its receipt",
             "shown_by": "receipt"}
        ]  # fmt: skip
        again = served.ask("import", str(folder))
        assert again.code == 1
        assert f"the first of them that of entry {position}: the log was altered" in again.out


def test_last_entries_that_were_cut_off_with_every_trace_are_found_by_receipts_alone(
    serve: Callable[[], Any], database_url: str, book: str, tmp_path: Path
) -> None:
    folder = good(tmp_path)
    with serve() as served:
        served.ask("import", str(folder))
    *_, last = receipts = rows(kept(folder))
    gone = [int(row["position"]) for row in receipts if row["request_id"] == last["request_id"]]
    with forging(database_url, f"book_{book}") as forger:
        forger.cut(gone[0] - 1, head=True, traces=True)
    with serve() as served:
        assert served.ask("status").code == 0
        assert served.ask("verify").code == 0

        told = served.ask("verify", "--receipts", str(kept(folder)), "--json")

        assert told.code == 1
        assert [fault["position"] for fault in told.json["faults"]] == gone
        assert "there is a receipt of it" in told.json["faults"][0]["fault"]
        # Imported again, the entries are others: they have salts of their own.
        again = served.ask("import", str(folder), "--json")
        assert again.code == 1
        assert again.json["contradicted"] == gone


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("position\n1\n", "leaf_hash '' of position 1 must be 64 digits"),
        ("position,leaf_hash\n0,ab\n", "position '0' must be a whole number from 1"),
        (f"position,leaf_hash\n1,{'g' * 64}\n", "non-hexadecimal"),
        (f"position,leaf_hash\n1,{'a' * 64}\n1,{'b' * 64}\n", "position 1 has two leaf hashes"),
    ],
)
def test_a_file_that_holds_no_receipts_cannot_be_checked(
    tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "receipts.csv"
    file.write_text(text)
    ended = partsledger("verify", "--receipts", str(file))
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err


def test_files_that_contradict_each_other_and_files_that_are_not_there(tmp_path: Path) -> None:
    one, other = tmp_path / "one.csv", tmp_path / "other.csv"
    one.write_text(f"position,leaf_hash\n1,{'a' * 64}\n")
    other.write_text(f"leaf_hash,position\n{'b' * 64},1\n")
    ended = partsledger("verify", "--receipts", str(one), "--receipts", str(other))
    assert ended.code == 2
    assert "position 1 has another leaf hash in another file" in ended.err
    assert partsledger("verify", "--receipts", str(tmp_path / "none.csv")).code == 2
