"""A file that is not what a backup wrote is refused in one line, before anything is touched; a log
that somebody has altered in it, with the position, and the database is as it was."""

import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from domain.storing import FORM
from tests.server.api.reading.front_desk import FrontDesk
from tests.server.backup.handling import back_up, packed, parts_of, refusal, restore, schemas_in
from tests.server.cli.terminal import partsledger
from tests.server.conftest import serving
from tests.server.forging import Forger, forging


@pytest.fixture
def backup(desk: FrontDesk, database_url: str, book: str, tmp_path: Path) -> Path:
    """Of a book with some trade."""
    desk.open_for_business()
    desk.trade()
    back_up(database_url, book, tmp_path / "a.backup")
    return tmp_path / "a.backup"


def require_refused(file: Path, url: str, why: str) -> None:
    assert why in refusal(restore(file, url))
    assert schemas_in(url) == set()


def test_a_backup_that_was_cut_off_anywhere_is_refused(backup: Path, elsewhere: str) -> None:
    whole = backup.read_bytes()
    cut = backup.with_name("cut")
    for length in (5, 100, len(whole) // 2, len(whole) - 100, len(whole) - 1):
        cut.write_bytes(whole[:length])
        require_refused(cut, elsewhere, "was cut off, or its end is damaged: nothing was restored")
    cut.write_bytes(whole)
    assert restore(cut, elsewhere).code == 0  # The control.


def test_a_byte_that_changed_on_the_disk_is_noticed(backup: Path, elsewhere: str) -> None:
    content = bytearray(backup.read_bytes())
    for place in (len(content) // 3, len(content) // 2):
        content[place] ^= 1
        backup.write_bytes(content)
        require_refused(backup, elsewhere, "is damaged")
        content[place] ^= 1
    backup.write_bytes(content)
    assert restore(backup, elsewhere).code == 0  # The control.


def test_a_file_that_is_no_backup_is_refused(elsewhere: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    require_refused(file, elsewhere, "cannot be read (No such file or directory)")
    require_refused(tmp_path, elsewhere, "cannot be read (Is a directory)")
    for content in (b"", b"-- a dump in SQL\n"):
        file.write_bytes(content)
        require_refused(file, elsewhere, "is no backup: nothing was restored")
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("letter.txt", "Dear Sir or Madam")
    require_refused(file, elsewhere, "is an archive, and no backup of partsledger")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"format": 2}, "was made by a later version of partsledger"),
        ({"kind": "of photographs"}, "does not say what it holds"),
        ({"log": None}, "does not say what it holds"),
        ({"dump_sha256": "0" * 64}, "its dump is not the one that it describes"),
        ({"form": FORM + 1}, "restore it with that version, or a newer one"),
        ({"tables": "9999"}, "restore it with that version, or a newer one"),
        ({"rows": "many"}, "does not say what it holds"),
    ],
)
def test_a_backup_that_this_version_does_not_understand_is_refused(
    backup: Path, elsewhere: str, change: dict[str, Any], why: str
) -> None:
    manifest, dump = parts_of(backup)
    before = {**manifest, "log": dict(manifest["log"])}
    for name, value in change.items():
        (manifest["log"] if name in manifest["log"] else manifest)[name] = value
    require_refused(packed(backup, manifest, dump), elsewhere, why)
    assert restore(packed(backup, before, dump), elsewhere).code == 0  # The control.


def test_a_dump_that_pg_restore_does_not_read_is_refused(backup: Path, elsewhere: str) -> None:
    manifest, dump = parts_of(backup)
    within_a_table = dump.index(b"partsledger:Book.Opened")
    for short, why in (
        (dump[:within_a_table], "it ends within the table topics"),
        (b"no dump", "pg_restore gave up: "),
        (dump[:50], "pg_restore gave up: "),
    ):
        manifest |= {"dump_bytes": len(short), "dump_sha256": sha256(short).hexdigest()}
        require_refused(packed(backup, manifest, short), elsewhere, why)


def _amount(forger: Forger) -> int:
    return forger.amount("StockItem.Received", '"quantity":10', '"quantity":90')


def _amount_with_hash(forger: Forger) -> int:
    """The hash fits, and the entry stands in no account: the root hash alone shows it."""
    forger.amount("StockItem.Received", '"quantity":10', '"quantity":90', hashed=True)
    return forger.size()


def _gone(forger: Forger) -> int:
    forger.delete(5)
    return 5


def _swapped(forger: Forger) -> int:
    forger.swap(3, 4)
    return 3


def _cut(forger: Forger) -> int:
    forger.cut(forger.size() - 2, head=True, traces=True)
    return forger.size() + 1


def _cut_without_head(forger: Forger) -> int:
    forger.cut(forger.size() - 2, traces=True)
    return forger.size() - 1


def _head(forger: Forger) -> int:
    forger.head(forger.size() + 1)
    return forger.size()


def _untouched(forger: Forger) -> int:
    return 0


@pytest.mark.parametrize(
    "forge",
    [_amount, _amount_with_hash, _gone, _swapped, _cut, _cut_without_head, _head, _untouched],
)
def test_a_log_that_was_altered_in_a_backup_is_named_with_the_position(
    backup: Path, database_url: str, book: str, elsewhere: str, forge: Callable[[Forger], int]
) -> None:
    """Packed as whoever knows the file would: with the manifest of the sound log."""
    honest, _ = parts_of(backup)
    with forging(database_url, f"book_{book}") as forger:
        position = forge(forger)
    forged_file = backup.with_name("forged")
    where = ("--database-url", database_url, "--book", book)
    partsledger("backup", str(forged_file), *where)
    forged, dump = parts_of(forged_file)
    packed(forged_file, {**forged, "log": {**honest["log"], "rows": forged["log"]["rows"]}}, dump)

    if forge is _untouched:  # The control.
        assert restore(forged_file, elsewhere).code == 0
        return
    told = refusal(restore(forged_file, elsewhere))
    assert f"the log in {forged_file} was altered, at entry {position}: " in told
    assert schemas_in(elsewhere) == set()


def test_a_log_that_was_altered_is_backed_up_and_said_to_be(
    desk: FrontDesk, database_url: str, book: str, elsewhere: str, tmp_path: Path
) -> None:
    """As evidence: it takes the place of no earlier backup, and is not restored."""
    desk.open_for_business()
    desk.trade()
    where = ("--database-url", database_url, "--book", book)
    back_up(database_url, book, tmp_path / "sound")
    sound = (tmp_path / "sound").read_bytes()
    with forging(database_url, f"book_{book}") as forger:
        position = _amount(forger)

    ended = partsledger("backup", str(tmp_path / "evidence"), *where, "--json")

    assert (ended.code, ended.json["sound"]) == (1, False)
    assert ended.json["faults"][0]["position"] == position
    told = refusal(partsledger("backup", str(tmp_path / "sound"), *where, "--force"))
    assert f"the log was altered, at entry {position}: " in told
    assert (tmp_path / "sound").read_bytes() == sound
    require_refused(tmp_path / "evidence", elsewhere, f"was altered, at entry {position}: ")
    assert restore(tmp_path / "sound", elsewhere).code == 0  # The control.
    with serving(elsewhere, book):
        pass
