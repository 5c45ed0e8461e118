"""Each program in docs/integrating.md does what the page says, against a real server."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import grpc

from tests.server.api.access.conftest import MAKER
from tests.server.api.reading.front_desk import FrontDesk
from tests.server.conftest import serving

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = (ROOT / "docs" / "integrating.md").read_text()
PROGRAMS: Final = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def ran(
    address: str, book: str, programs: list[str], directory: Path
) -> "subprocess.CompletedProcess[str]":
    """All of them in one process, as a reader types them one after the other."""
    whole = "\n".join(programs)
    for written, here in (("127.0.0.1:50151", address), ("books/main", f"books/{book}")):
        assert written in whole
        whole = whole.replace(written, here)
    program = directory / "program.py"
    program.write_text(whole)
    return subprocess.run(
        [sys.executable, str(program)], env={"PYTHONPATH": f"{ROOT}:{ROOT / 'proto'}"},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def test_the_programs_of_the_page_work_one_after_the_other(
    database_url: str, book: str, tmp_path: Path
) -> None:
    with serving(database_url, book) as app, grpc.insecure_channel(app.address) as channel:
        desk = FrontDesk(channel, book)
        desk.open_for_business(MAKER)
        desk.buy("B-1", "2025-06-01", "P-1", 20, 6)

        done = ran(app.address, book, PROGRAMS, tmp_path)
        assert done.returncode == 0, done.stderr

        assert "SO-7001 30 3 " in done.stdout
        assert "INSUFFICIENT_STOCK" in done.stdout
        assert "CL-7001 15 1" in done.stdout
        # Nor are they empty words: another answer than the page expects is noticed.
        wrong = [program.replace("sales.CreateSale(request) ==", "None ==") for program in PROGRAMS]
        assert "AssertionError" in ran(app.address, book, wrong[:2], tmp_path).stderr


def test_the_page_has_a_program_for_each_task() -> None:
    tasks = re.findall(r"^## (.*)$", PAGE, re.MULTILINE)
    assert tasks[1:] == ["Connect", "Post a sale", "Submit a claim", "Reconcile a month",
                         "Follow the stream"]  # fmt: skip
    assert len(PROGRAMS) == 7
