"""Whatever locale, directory and user a command finds itself with, it answers or says why not."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.cli.encoding import survive_any_locale
from tests.server.cli.terminal import PARTSLEDGER, Served, export

BARE = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
WITHOUT_UTF8 = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
LOCALES = [
    {"PYTHONIOENCODING": "ascii"},
    {"PYTHONIOENCODING": "cp1252"},
    {"LC_ALL": "POSIX"},
    WITHOUT_UTF8,
    {**WITHOUT_UTF8, "LC_ALL": "en_US.ISO-8859-1"},
]


def ended(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """A command in a process of its own, with nothing in its environment but this."""
    return subprocess.run(
        [*PARTSLEDGER, *arguments], capture_output=True, timeout=120, env={**BARE, **environment}
    )


def test_a_locale_without_chinese_letters_ends_nothing(served: Served, tmp_path: Path) -> None:
    part = {"part": "P-1", "description": "液压泵", "part_class": "wear", "serviceable": "true"}
    folder = export(tmp_path / "files", parts=[{**part, "restricted": "false"}])
    assert served.ask("import", str(folder), "--as", "王芳").code == 0
    asked = ("entries", "--server", served.address, "--book", served.book)
    for locale in LOCALES:
        told = ended(*asked, **locale)
        assert (told.returncode, told.stderr) == (0, b""), locale
        assert b"P-1" in told.stdout
    for programs in ("--json", "--csv"):  # They read the letters themselves in any locale.
        told = ended(*asked, programs, **LOCALES[-1])
        assert (told.returncode, told.stderr) == (0, b"")
        assert "液压泵" in told.stdout.decode()


def test_the_control_that_prints_as_python_does_ends_in_a_traceback() -> None:
    script = r"print('\u6db2\u538b\u6cf5')"
    plain, ours = (
        subprocess.run(
            [sys.executable, "-c", each], capture_output=True, env={**BARE, **WITHOUT_UTF8}
        )
        for each in (
            script,
            f"import {survive_any_locale.__module__} as e; e.survive_any_locale(); {script}",
        )
    )
    assert (plain.returncode, ours.returncode) == (1, 0)
    assert b"UnicodeEncodeError" in plain.stderr
    assert ours.stdout == b"\\u6db2\\u538b\\u6cf5\n"


@pytest.fixture
def parent() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="partsledger-tests-") as directory:
        Path(directory).chmod(0o755)
        yield Path(directory)


@pytest.mark.parametrize("name", ["备件 账", "caf\udce9"], ids=["Chinese", "no letter at all"])
def test_a_directory_with_a_name_that_no_locale_can_print_is_served(
    parent: Path, name: str
) -> None:
    for environment in ({}, WITHOUT_UTF8):  # The second start finds what the first one made.
        process = subprocess.Popen(
            [*PARTSLEDGER, "serve", "--listen", "127.0.0.1:0", "--data-dir", parent / name],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**BARE, **environment},
        )  # fmt: skip
        assert process.stdout is not None
        lines = process.stdout.readline(), process.stdout.readline()
        process.terminate()
        _, complaint = process.communicate(timeout=60)
        assert b"Traceback" not in complaint
        assert process.returncode == 0, complaint
        assert lines[0].startswith(b"listening on ")
        assert lines[1].startswith(b"book main is kept in ")


def test_a_directory_that_is_relative_to_one_that_is_gone_is_refused(parent: Path) -> None:
    gone = parent / "gone"
    gone.mkdir()
    told = subprocess.run(
        [*PARTSLEDGER, "serve", "--data-dir", "ledger"],
        capture_output=True, text=True, timeout=60, env=BARE, cwd=gone,
        preexec_fn=gone.rmdir,
    )  # fmt: skip
    assert told.returncode == 2
    assert told.stderr.startswith("error: cannot keep a database in ledger: ")
    assert len(told.stderr.splitlines()) == 1
