"""A backup is one file: a ZIP archive that holds a dump of a book's log, and what it has to be.

    log.dump         pg_dump's custom format. Without partsledger:
                     `unzip -p FILE log.dump | pg_restore --no-owner --dbname=…`
    manifest.json    which book, up to which position, with which root hash

The manifest is written last, and a ZIP archive ends with its table of contents. So a file that was
cut off is never taken for a whole one.
"""

import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final, cast

import msgspec

from server.backup.errors import NoBackup

FORMAT: Final = 1
_KIND: Final = "partsledger backup"
_DUMP: Final = "log.dump"
_MANIFEST: Final = "manifest.json"
_LEVEL: Final = 3  # Of 9. Twice as fast as 6, for a file that is a tenth larger.
_CHUNK: Final = 1024 * 1024

Told = Callable[[int, int], None]  # How much is done, of how much.


class Contents(msgspec.Struct, frozen=True, kw_only=True):
    """What is in the log that was backed up."""

    book: str
    position: int  # Of the last entry.
    last_leaf_hash: str  # Its leaf hash, in hexadecimal digits.
    root_hash: str  # Of the tree of all entries (server/eventlog/tree.py).
    form: int  # The highest form its facts may have.
    tables: str  # The migration that made its tables.
    rows: int  # In all its tables.


class Manifest(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag=_KIND):
    """What a backup says of itself."""

    format: int = FORMAT
    taken_at: datetime
    partsledger: str  # Its version.
    postgres: str  # The server's version.
    log: Contents
    dump_bytes: int
    dump_sha256: str


def write(
    file: BinaryIO, dump: Iterator[bytes], described: Callable[[int, str], Manifest]
) -> Manifest:
    """Writes a dump, then the manifest that is made of its length and its hash."""
    hashed, length = sha256(), 0
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        with archive.open(_DUMP, "w", force_zip64=True) as member:
            for chunk in dump:
                member.write(chunk)
                hashed.update(chunk)
                length += len(chunk)
        manifest = described(length, hashed.hexdigest())
        archive.writestr(_MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))
    return manifest


class Archive:
    """A backup that is read."""

    def __init__(self, file: Path, archive: zipfile.ZipFile, manifest: Manifest) -> None:
        self._file, self._archive, self.manifest = file, archive, manifest

    def require_whole(self, told: Told) -> None:
        """Reads all of it. Raises NoBackup if it is not what was written."""
        hashed, length = sha256(), 0
        try:
            with self.dump() as dump:
                while chunk := dump.read(_CHUNK):
                    hashed.update(chunk)
                    length += len(chunk)
                    told(length, self.manifest.dump_bytes)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
            raise NoBackup(self._file, f"is damaged ({error})") from error
        if (length, hashed.hexdigest()) != (self.manifest.dump_bytes, self.manifest.dump_sha256):
            raise NoBackup(self._file, "is damaged: its dump is not the one that it describes")

    @contextmanager
    def dump(self) -> Iterator[BinaryIO]:
        with self._archive.open(_DUMP) as dump:
            yield cast(BinaryIO, dump)


@contextmanager
def opened(file: Path) -> Iterator[Archive]:
    """A backup of this version or an older one. Raises NoBackup."""
    begins_as_one = False
    try:
        with file.open("rb") as stream:
            begins_as_one = stream.read(4) == b"PK\x03\x04"
        archive = zipfile.ZipFile(file)
    except OSError as error:
        raise NoBackup(file, f"cannot be read ({error.strerror})") from error
    except zipfile.BadZipFile as error:
        why = "was cut off, or its end is damaged" if begins_as_one else "is no backup"
        raise NoBackup(file, why) from error
    with archive:
        yield Archive(file, archive, _manifest(file, archive))


def _manifest(file: Path, archive: zipfile.ZipFile) -> Manifest:
    try:
        text = archive.read(_MANIFEST)
        archive.getinfo(_DUMP)
    except KeyError as error:
        raise NoBackup(file, "is an archive, and no backup of partsledger") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise NoBackup(file, f"is damaged ({error})") from error
    try:
        later = msgspec.json.decode(text, type=_Any).format > FORMAT
        if not later:
            return msgspec.json.decode(text, type=Manifest)
    except msgspec.MsgspecError as error:
        raise NoBackup(file, f"does not say what it holds ({error})") from error
    raise NoBackup(
        file, "was made by a later version of partsledger: restore it with that, or a newer one"
    )


class _Any(msgspec.Struct):
    """A manifest of any format."""

    format: int
