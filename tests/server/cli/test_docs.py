"""docs/cli.md shows what the commands really print.

UPDATE_DOCS=1 pytest tests/server/cli/test_docs.py writes it anew.
"""

import os
import re
import shlex
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from server.cli.main import app
from tests.server.cli.terminal import Served, partsledger

DOCS = Path(__file__).parents[3] / "docs" / "cli.md"
BLOCK = re.compile(r"(```console\n\$ partsledger ([^\n]*)\n)(.*?)(```)", re.DOTALL)

# What is another with every run: moments, hashes, and the address.
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")
HASH = re.compile(r"\b[0-9a-f]{16,64}\b")


def without_chance(text: str) -> str:
    text = HASH.sub("#", MOMENT.sub("@", text))
    return "\n".join(line.rstrip() for line in text.splitlines())


def printed(examples: Served, command: str) -> str:
    """What a command prints, as the docs have it."""
    name, *arguments = shlex.split(command)
    if name == "import":
        return examples.imported
    if name in ("serve", "demo") or "|" in arguments or ">" in arguments:
        return ""
    ended = examples.ask(name, *arguments)
    shown = (ended.out + ended.err).replace(examples.address, "127.0.0.1:50151")
    return "\n".join(line.rstrip() for line in shown.replace(examples.book, "main").splitlines())


def test_the_docs_show_what_is_printed(examples: Served) -> None:
    docs = DOCS.read_text(encoding="utf-8")
    compared = 0

    def again(block: re.Match[str]) -> str:
        nonlocal compared
        found = printed(examples, block[2])
        compared += bool(found)
        text = "\n".join(line.rstrip() for line in found.splitlines()) + "\n"
        return f"{block[1]}{text}{block[4]}" if found else block[0]

    renewed = BLOCK.sub(again, docs)
    if os.environ.get("UPDATE_DOCS"):
        docs = renewed
        DOCS.write_text(docs, encoding="utf-8")
    assert without_chance(renewed) == without_chance(docs)
    assert compared > 6


def test_what_the_docs_show_is_the_same_tomorrow(examples: Served) -> None:
    """Commands that take a day, and take today without one, are shown with one."""
    days = {str(datetime.now(zone).date()) for zone in (UTC, ZoneInfo("Asia/Shanghai"))}
    assert days & words(printed(examples, "stock-card P-10005"))  # Control.
    for block in BLOCK.finditer(DOCS.read_text(encoding="utf-8")):
        assert not days & words(printed(examples, block[2])), block[2]


def words(text: str) -> set[str]:
    return set(without_chance(text).split())


def test_another_number_in_the_docs_would_be_noticed() -> None:
    shown = "Issued 2026-01-01T08:00:00.123456Z\n W01  104,809.77\n"
    assert without_chance(shown) == without_chance(shown.replace("08:00", "09:00"))
    assert without_chance(shown) != without_chance(shown.replace("104,809.77", "104,809.78"))


def commands() -> list[tuple[str, ...]]:
    """What is typed for each command: one word, or two for one of a group."""
    alone = [(str(command.name),) for command in app.registered_commands]
    grouped = [
        (str(group.name), str(command.name))
        for group in app.registered_groups if group.typer_instance
        for command in group.typer_instance.registered_commands
    ]  # fmt: skip
    return [*alone, *grouped]


def test_the_docs_have_every_command_and_exit_code() -> None:
    docs = DOCS.read_text(encoding="utf-8")
    for first, *second in commands():
        assert f"## {first}" in docs
        assert (
            not second
            or f"`{first} {second[0]}" in docs
            or f"$ partsledger {first} {second[0]}" in docs
        )
    for code in ("`0`", "`1`", "`2`", "`130`"):
        assert code in docs


def test_the_docs_name_every_option() -> None:
    docs = DOCS.read_text(encoding="utf-8")
    for command in commands():
        shown = partsledger(*command, "--help").out
        for option in set(re.findall(r"--[a-z][a-z-]+", shown)) - {"--help"}:
            assert option in docs, (command, option)
    assert ("explain", "stock") in commands()
