"""A file that is there as a whole, or not at all, whenever the program or the machine is killed."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final, cast

from server.backup.errors import BackupRefused
from server.postgres.data_directory import sync_directory

UNFINISHED: Final = ".unfinished"  # How the name ends of a file that is being written.


@contextmanager
def new_file(path: Path, replace: bool) -> Iterator[BinaryIO]:
    """What is written within the block becomes `path` at its end, and only this user may read it.

    Until then it has another name beside it. If the block is left by an exception, nothing is left
    of it. Raises BackupRefused where the file cannot be written, or is there and not to be
    replaced.
    """
    _require_free(path, replace)
    try:
        handle, name = tempfile.mkstemp(UNFINISHED, f".{path.name}.", path.parent)
    except OSError as error:
        raise BackupRefused(f"cannot write to {path.parent}: {error.strerror}") from error
    written = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield cast(BinaryIO, file)
            file.flush()
            os.fsync(file.fileno())
        _move(written, path, replace)
        sync_directory(path.parent)
    except OSError as error:
        raise BackupRefused(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        written.unlink(missing_ok=True)


def _move(written: Path, path: Path, replace: bool) -> None:
    if not replace:
        with suppress(OSError):  # Some file systems have no links.
            os.link(written, path)  # Never replaces, not even what somebody has just written.
            return
        _require_free(path, replace)
    written.replace(path)


def _require_free(path: Path, replace: bool) -> None:
    if path.exists() and not replace:
        raise BackupRefused(f"{path} is there already: name another file, or say --force")
