"""What is in the way of a backup or of a restore, each in one line for the person who asked."""

from collections.abc import Sequence
from pathlib import Path

from server.eventlog.inspection import Fault


class BackupRefused(Exception):  # noqa: N818 - Named after what happens.
    """Nothing was written, and what was there is as it was."""


class NoBackup(BackupRefused):
    """The file is not one, or not all of it is there."""

    def __init__(self, file: Path, why: str) -> None:
        super().__init__(f"{file} {why}: nothing was restored")


class LogAltered(BackupRefused):
    """The log in a backup is not what was written."""

    def __init__(self, file: Path, faults: Sequence[Fault]) -> None:
        first = faults[0]
        others = f", and {len(faults) - 1:,} more faults were found" if len(faults) > 1 else ""
        super().__init__(
            f"the log in {file} was altered, at entry {first.position}: {first.what}{others}; "
            f"nothing was restored: take another backup"
        )
