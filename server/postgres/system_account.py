"""The account that PostgreSQL runs as: it refuses root, so under root it gets another one.

Started by an ordinary user, it simply runs as that user. Started by root, it runs as the owner of
the cluster, or for a new one as the system user `partsledger`, which is made if it is missing.
"""

import logging
import os
import pwd
import stat
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ACCOUNT_NAME: Final = "partsledger"

_log = logging.getLogger(__name__)


class NoAccount(Exception):  # noqa: N818 - Named after what is missing.
    """There is no account PostgreSQL could run as. The message says what to do about it."""


@dataclass(frozen=True)
class SystemAccount:
    """The user a child process becomes; `None` stands for the user we are already."""

    uid: int | None = None
    gid: int | None = None

    @property
    def groups(self) -> list[int] | None:
        """No group of root's follows the child into its account."""
        return None if self.uid is None else []

    def own(self, path: Path) -> None:
        """Give `path` itself to the account, not what lies below it."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def reach(self, path: Path) -> None:
        """Let the account pass through the parents of `path`.

        A directory of mode 0700 on the way, such as /root, becomes 0701: it can be passed
        through and still not be listed. Nothing else about it changes, and the log says so.
        """
        if self.uid is None:
            return
        for parent in path.parents:
            status = parent.stat()
            if not self._may_search(status):
                mode = stat.S_IMODE(status.st_mode) | stat.S_IXOTH
                parent.chmod(mode)
                _log.warning("%s is now of mode %04o: PostgreSQL passes through it", parent, mode)

    def read(self, tree: Path) -> None:
        """Let the account read and run what lies in `tree`, as its owner may.

        Programs installed under a umask of 077 are closed to everybody else.
        """
        if self.uid is None or not tree.exists():
            return
        self.reach(tree)
        for path in (tree, *tree.rglob("*")):
            if path.is_symlink():
                continue  # Its target has a mode of its own.
            mode = stat.S_IMODE(path.stat().st_mode)
            wanted = mode | (mode >> 6 & 0o5)
            if mode != wanted:
                path.chmod(wanted)

    def _may_search(self, status: os.stat_result) -> bool:
        if status.st_uid == self.uid:
            return bool(status.st_mode & stat.S_IXUSR)
        if status.st_gid == self.gid:
            return bool(status.st_mode & stat.S_IXGRP)
        return bool(status.st_mode & stat.S_IXOTH)


def account_for(cluster: Path) -> SystemAccount:
    """The account that may serve `cluster`, which need not exist yet.

    Raises NoAccount if the cluster belongs to somebody else, or no account can be made.
    """
    owner = cluster.stat().st_uid if cluster.exists() else None
    if os.geteuid() != 0:
        if owner not in (None, os.geteuid()):
            raise NoAccount(f"{cluster} belongs to user {_name_of(owner)}: start as that user")
        if owner is None:
            _require_entry(os.geteuid())
        return SystemAccount()
    if owner == 0:
        raise NoAccount(
            f"{cluster} belongs to root, as whom PostgreSQL never runs: "
            f"chown -R {_made(ACCOUNT_NAME).pw_name} {cluster}"
        )
    if owner is not None:
        return SystemAccount(owner, cluster.stat().st_gid)
    entry = _made(ACCOUNT_NAME)
    return SystemAccount(entry.pw_uid, entry.pw_gid)


def _require_entry(uid: int) -> None:
    """A cluster is made by a program of PostgreSQL that asks for the user's name."""
    try:
        pwd.getpwuid(uid)
    except KeyError:
        raise NoAccount(
            f"PostgreSQL makes no database for user {uid}, who has no name: give that number a "
            "line in /etc/passwd, start as another user, or name a server with --database-url"
        ) from None


def _name_of(uid: int | None) -> str:
    try:
        return pwd.getpwuid(uid if uid is not None else -1).pw_name
    except KeyError:
        return str(uid)


def _made(name: str) -> pwd.struct_passwd:
    """The system user called `name`, made if missing; two processes may make it at once."""
    complaint = ""
    for pause in (0.0, 0.2, 0.5, 1.0):
        time.sleep(pause)  # useradd gives up at once while another holds its lock.
        try:
            return pwd.getpwnam(name)
        except KeyError:
            complaint = _useradd(name)
            if not complaint:
                _log.warning(
                    "made the system user %s: PostgreSQL runs as it, as it never runs as root", name
                )
    try:
        return pwd.getpwnam(name)
    except KeyError:
        raise NoAccount(
            f"PostgreSQL refuses to run as root, and no user {name!r} could be made ({complaint}). "
            "Start as an ordinary user, make that user, or name a server with --database-url."
        ) from None


def _useradd(name: str) -> str:
    """Make the user; what `useradd` had to say if it failed. A warning is no failure."""
    command = ["useradd", "--system", "--user-group", "--no-create-home"]
    command += ["--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", name]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        return f"useradd: {error.strerror}"
    return "" if ran.returncode == 0 else ran.stderr.strip() or f"useradd: exit {ran.returncode}"
