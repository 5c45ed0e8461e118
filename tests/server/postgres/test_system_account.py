"""Whom PostgreSQL runs as: a user with a name, or one that owns its data already."""

import logging
import os
import pwd
import subprocess
import time
from pathlib import Path

import pytest

from server.postgres import system_account
from server.postgres.system_account import NoAccount, SystemAccount, account_for

NAMELESS = 3_141_592


def test_a_user_without_a_name_is_told_so_before_anything_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: NAMELESS)
    with pytest.raises(NoAccount, match=f"user {NAMELESS}, who has no name: .*/etc/passwd"):
        account_for(tmp_path / "postgres")

    named = next(each.pw_uid for each in pwd.getpwall() if each.pw_uid != 0)
    monkeypatch.setattr(os, "geteuid", lambda: named)  # The control.
    assert account_for(tmp_path / "postgres") == SystemAccount()


@pytest.mark.parametrize("warning", ["", "useradd: warning: the home directory does not exist"])
def test_an_account_that_is_made_is_said(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, warning: str
) -> None:
    """Nobody is made here: useradd only seems to have run."""
    asked = []

    def seems_made(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        asked.append(command)
        monkeypatch.setattr(pwd, "getpwnam", lambda _: pwd.getpwuid(os.getuid()))
        return subprocess.CompletedProcess(command, 0, "", warning)

    def missing(name: str) -> pwd.struct_passwd:
        raise KeyError(name)

    monkeypatch.setattr(pwd, "getpwnam", missing)
    monkeypatch.setattr(subprocess, "run", seems_made)
    with caplog.at_level(logging.WARNING):
        assert system_account._made("partsledger-of-tests").pw_uid == os.getuid()
        assert system_account._made("partsledger-of-tests").pw_uid == os.getuid()  # There by now.
    assert [command[0] for command in asked] == ["useradd"]
    assert [each for each in caplog.messages if "made the system user" in each] == [
        "made the system user partsledger-of-tests: PostgreSQL runs as it, as it never runs as root"
    ]


@pytest.mark.parametrize("said", ["useradd: cannot lock /etc/passwd", ""])
def test_an_account_that_cannot_be_made_is_told_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)
    failed = subprocess.CompletedProcess([], 10, "", said)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(NoAccount) as refusal:
        system_account._made("partsledger-of-tests")
    assert f"({said or 'useradd: exit 10'})" in str(refusal.value)
