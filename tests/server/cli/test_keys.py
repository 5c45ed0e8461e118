"""Keys, tokens and a protected server from the command line, as somebody tries it out."""

import json
import re
import shlex
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.app import App, running
from server.cli.keys import ISSUER
from server.settings import Settings
from tests.conftest import new_book
from tests.server.cli.terminal import Ended, partsledger

PART = '{"part_id": "P-1", "part": {"description": "x", "part_class": "PART_CLASS_WEAR"}}'


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory: Path = tmp_path_factory.mktemp("with keys") / "keys"
    made = partsledger(
        "keys", "--dir", str(directory), "--host", "localhost", "--host", "127.0.0.1"
    )
    assert made.code == 0, made.err
    return directory


@pytest.fixture(scope="module")
def protected(database_url: str, keys: Path) -> Iterator[App]:
    with new_book(database_url) as book:
        settings = Settings.read(
            database_url=database_url, listen="127.0.0.1:0", book=book,
            tls_certificate=keys / "server.pem", tls_key=keys / "server.key",
            token_keys=keys / "tokens.jwks", token_issuer=ISSUER,
        )  # fmt: skip
        with running(settings) as app:
            yield app


def token_file(keys: Path, name: str, *options: str) -> str:
    signed = partsledger("token", "--dir", str(keys), "--name", name, *options)
    assert signed.code == 0, signed.err
    file = keys / f"{name}.jwt"
    file.write_text(signed.out)
    return str(file)


def ask(app: App, keys: Path, *command: str, token: str = "", ca: str = "ca.pem") -> Ended:
    said = ["--tls-ca", str(keys / ca)] if ca else []
    said += ["--token-file", token] if token else []
    return partsledger(*said, *command, "--server", app.address, "--book", app.reads.book.name)


def test_a_caller_with_a_token_is_answered_and_recorded_by_name(protected: App, keys: Path) -> None:
    finance = token_file(keys, "ann", "--role", "finance")
    assert ask(protected, keys, "call", "Part.CreatePart", PART, token=finance).code == 0

    entries = ask(protected, keys, "entries", "--stream", "parts/P-1", "--json", token=finance)

    assert json.loads(entries.out.splitlines()[0])["actor"] == "ann"


@pytest.mark.parametrize(
    ("options", "ca", "said", "hint"),
    [
        (None, "ca.pem", "a token is needed", "--token-file or PARTSLEDGER_TOKEN_FILE"),
        (["--role", "storekeeper"], "ca.pem", "is for auditor, controller, erp, finance", ""),
        (["--role", "finance", "--audience", "other"], "ca.pem", "another audience", "a new token"),
        (["--role", "finance", "--issuer", "other"], "ca.pem", "another issuer", "a new token"),
        (["--role", "finance"], "", "no server answers", "--tls-ca"),
    ],
)
def test_whoever_is_not_let_in_is_told_in_a_line(
    protected: App, keys: Path, options: list[str] | None, ca: str, said: str, hint: str
) -> None:
    token = token_file(keys, "bob", *options) if options is not None else ""
    ended = ask(protected, keys, "trial-balance", token=token, ca=ca)

    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("error: ")
    assert said in ended.err
    assert hint in ended.err


def test_an_actor_is_named_only_by_who_may(protected: App, keys: Path) -> None:
    free = token_file(keys, "erp", "--role", "erp", "--speaks-for-anyone")
    bound = token_file(keys, "erp2", "--role", "erp", "--speaks-for", "zhao")
    part = PART.replace("P-1", "P-{}")

    def create(number: str, token: str, actor: str) -> Ended:
        command = ("call", "Part.CreatePart", part.replace("{}", number), "--as", actor)
        return ask(protected, keys, *command, token=token)

    assert create("2", free, "zhao").code == create("3", bound, "zhao").code == 0
    refused = create("4", bound, "li")
    assert refused.code == 2
    assert "erp2 calls, who may not speak for li" in refused.err


def test_the_environment_says_it_as_well(
    protected: App, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARTSLEDGER_TLS_CA", str(keys / "ca.pem"))
    monkeypatch.setenv("PARTSLEDGER_TOKEN_FILE", token_file(keys, "eve", "--role", "auditor"))
    at = ["--server", protected.address, "--book", protected.reads.book.name]

    assert partsledger("trial-balance", *at).code == 0


def test_a_new_signing_key_counts_and_the_old_one_goes_on(
    protected: App, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.access.key_set.LOOK_SECONDS", 0.0)
    old = token_file(keys, "old", "--role", "auditor")
    assert partsledger("keys", "--dir", str(keys), "--add-signing-key").code == 0
    new = token_file(keys, "new", "--role", "auditor")

    kids = [each["kid"] for each in json.loads((keys / "tokens.jwks").read_text())["keys"]]
    assert len(set(kids)) == 2
    for token in (old, new):
        assert ask(protected, keys, "trial-balance", token=token).code == 0


def test_keys_are_their_owners_only_and_never_written_over(keys: Path) -> None:
    assert stat.S_IMODE(keys.stat().st_mode) == 0o700
    names = {"ca.pem", "server.pem", "server.key", "client.pem", "client.key", "signing.key",
             "tokens.jwks"}  # fmt: skip
    assert names <= {file.name for file in keys.iterdir()}
    assert {stat.S_IMODE((keys / name).stat().st_mode) for name in names} == {0o600}
    before = {name: (keys / name).read_bytes() for name in names}

    again = partsledger("keys", "--dir", str(keys))

    assert again.code == 2
    assert "is there already: name another --dir" in again.err
    assert {name: (keys / name).read_bytes() for name in names} == before


def test_what_keys_prints_are_commands_that_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As far as the token: the rest of them is what all tests here do."""
    monkeypatch.chdir(tmp_path)
    printed = partsledger("keys").out
    [line] = re.findall(r"^  (partsledger token .*) > (\S+)$", printed, re.MULTILINE)

    made = partsledger(*shlex.split(line[0])[1:])

    assert made.code == 0
    assert made.out.count(".") == 2
    assert "--tls-certificate keys/server.pem --tls-key keys/server.key" in printed


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["token", "--name", "ann"], "--role"),
        (["token", "--name", "ann", "--role", "boss"], "boss"),
        (["token", "--name", "", "--role", "finance"], "--name"),
        (["token", "--name", "d", "--role", "dealer"], "--role dealer and --dealer go together"),
        (["token", "--name", "d", "--role", "finance", "--dealer", "D01"], "go together"),
        (["token", "--name", "d", "--role", "dealer", "--dealer", "D/1"], "--dealer"),
        (["token", "--name", "a", "--role", "erp", "--dir", "/none"], "/none/signing.key: No such"),
        (
            ["token", "--name", "a", "--role", "erp", "--certificate", "/none"],
            "--certificate /none",
        ),
        (["token", "--name", "a", "--role", "erp", "--hours", "0"], "--hours"),
        (["keys", "--dir", "/proc/none"], "/proc/none"),
        (["keys", "--dir", "/proc", "--add-signing-key"], "/proc/tokens.jwks is no set of keys"),
        (["--token-file", "/none", "status"], "/none: No such file"),
        (["--token-file", "/proc/self/status", "status"], "must hold a token and nothing else"),
        (["--tls-ca", "/none", "status"], "/none: No such file"),
        (["--tls-client-key", "/none", "status"], "go together"),
        (
            ["--tls-client-key", "k", "--tls-client-certificate", "c", "status"],
            "needs --tls-ca",
        ),
    ],
)
def test_wrong_usage_ends_with_2_and_a_line(arguments: list[str], said: str) -> None:
    ended = partsledger(*arguments)

    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
    assert "Traceback" not in ended.err
