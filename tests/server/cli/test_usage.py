"""What is typed wrong is told in one line and a hint, and never in a traceback."""

import socket

import pytest

from tests.server.cli.terminal import Served, partsledger

COMMANDS = (
    "serve", "import", "ageing", "statement", "trial-balance", "open-items", "receivables",
    "entries", "find", "show", "list",
    "call", "status", "rebuild", "verify", "demo",
)  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_examples(command: str) -> None:
    ended = partsledger(command, "--help")
    assert ended.code == 0
    assert "Examples:" in ended.out
    assert f"partsledger {command}" in ended.out


def test_help_says_what_the_exit_codes_mean() -> None:
    ended = partsledger("--help")
    assert ended.code == 0
    assert "Exit codes" in ended.out
    assert all(command in ended.out for command in COMMANDS)


def test_the_version_is_printed() -> None:
    assert partsledger("--version").out.startswith("partsledger 0.")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ageing", "--as-of", "2025-7-1"], "must be a date as 2025-07-31"),
        (["ageing", "--as-of", "2025-02-30"], "the calendar must have it"),
        (["ageing", "--as-of", "0001-01-01"], "must be between 1990-01-01"),
        (["ageing", "--at-position", "-1"], "--at-position"),
        (["ageing", "--place", "W 01"], "must be 1 to 63"),
        (["ageing", "--json", "--csv"], "exclude each other"),
        (["ageing", "--server", "nowhere"], "must be HOST:PORT"),
        (["ageing", "--book", "../main"], "must be 1 to 63"),
        (["ageing", "--bogus"], "No such option"),
        (["statement", "D01"], "MONTH"),
        (["statement", "D01", "2025-13"], "must be a month as 2025-07"),
        (["statement", "D/1", "2025-11"], "must be 1 to 63"),
        (["entries", "--limit", "0"], "--limit"),
        (["call"], "METHOD is missing"),
        (["call", "Part.GetPrat"], "did you mean Part.GetPart"),
        (["call", "Part.GetPart", "@/does/not/exist"], "cannot be read"),
        (["entries", "--follow", "--document", "SO-1"], "--follow excludes"),
        (["import", "/does/not/exist"], "is not a file"),
        (["import"], "DIR|FILES"),
        (["bogus"], "No such command"),
        (["serve", "--listen", "0.0.0.0:1"], "ask callers for tokens, with --token-keys"),
        (["serve", "--listen", "here"], "must be host:port"),
        (["serve", "--currency", "yuan"], "--currency"),
        (["serve", "--time-zone", "Mars/Base"], "--time-zone"),
        (["serve", "--database-url", "mysql://db/x"], "must begin with postgresql://"),
    ],
)
def test_wrong_usage_ends_with_2_and_one_line(arguments: list[str], said: str) -> None:
    ended = partsledger(*arguments)
    assert ended.code == 2
    assert ended.out == ""
    assert ended.err.startswith("error: ")
    assert said in ended.err
    assert "Traceback" not in ended.err


def test_right_usage_of_the_same_options_is_no_error(served: Served) -> None:
    arguments = ["--as-of", "2025-07-01", "--at-position", "1", "--place", "W01", "--json"]
    assert served.ask("ageing", *arguments).code == 0


def test_no_server_is_told_with_what_to_do() -> None:
    with socket.socket() as taken:  # Bound and deaf, so that nobody else gets the port.
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        ended = partsledger("ageing", "--server", address)
    assert ended.code == 2
    assert ended.err.splitlines() == [
        f"error: no server answers at {address}",
        "hint: start one with `partsledger serve`, or name it with --server HOST:PORT;"
        " if it has TLS, name its authority with --tls-ca",
    ]


def test_the_server_can_be_named_by_the_environment(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARTSLEDGER_SERVER", served.address)
    monkeypatch.setenv("PARTSLEDGER_BOOK", served.book)
    assert partsledger("status", "--json").code == 0


def test_another_book_is_told_with_what_to_do(served: Served) -> None:
    ended = partsledger("status", "--server", served.address, "--book", "other")
    assert ended.code == 2
    assert "BOOK_UNKNOWN" in ended.err
    assert "--book" in ended.err
