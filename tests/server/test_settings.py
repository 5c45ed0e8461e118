"""Settings: where they come from, which wins, and what is refused."""

import re
from datetime import date
from pathlib import Path
from typing import NoReturn

import pytest

from server.settings import BadSettings, Settings


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests may have settings of their own."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"PARTSLEDGER_{name.upper()}", raising=False)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)


def test_without_settings_it_is_embedded_local_and_in_shanghai() -> None:
    settings = Settings.read()

    assert settings.database_url is None
    assert settings.data_dir == Path.home() / ".local/share/partsledger"
    assert settings.listen == "127.0.0.1:50151"
    assert settings.book == "main"
    assert settings.time_zone.key == "Asia/Shanghai"
    assert settings.max_message_bytes == 4_194_304


def test_data_goes_where_xdg_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/srv/data")
    assert Settings.read().data_dir == Path("/srv/data/partsledger")


def test_a_relative_xdg_directory_is_ignored_as_the_specification_asks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "data")
    assert Settings.read().data_dir == Path.home() / ".local/share/partsledger"


@pytest.mark.parametrize(
    ("variable", "text", "name", "value"),
    [
        ("PARTSLEDGER_DATA_DIR", "~/ledger", "data_dir", Path.home() / "ledger"),
        ("PARTSLEDGER_DATABASE_URL", "postgresql://db/x", "database_url", "postgresql://db/x"),
        ("PARTSLEDGER_LISTEN", "[::1]:6000", "listen", "[::1]:6000"),
        ("PARTSLEDGER_BOOK", "east_china_2", "book", "east_china_2"),
        ("PARTSLEDGER_MAX_QUEUED_COMMANDS", "10", "max_queued_commands", 10),
        ("PARTSLEDGER_CACHED_AGGREGATES", "2000", "cached_aggregates", 2_000),
        ("PARTSLEDGER_LOG_FORMAT", "json", "log_format", "json"),
        ("PARTSLEDGER_MAX_CLOCK_JUMP_DAYS", "90", "max_clock_jump_days", 90),
        ("PARTSLEDGER_MAX_CLOCK_LEAD_HOURS", "1", "max_clock_lead_hours", 1),
        ("PARTSLEDGER_ACCEPT_CLOCK", "2026-11-27", "accept_clock", date(2026, 11, 27)),
    ],
)
def test_the_environment_sets_it(
    monkeypatch: pytest.MonkeyPatch, variable: str, text: str, name: str, value: object
) -> None:
    assert getattr(Settings.read(), name) != value
    monkeypatch.setenv(variable, text)
    assert getattr(Settings.read(), name) == value


def test_an_option_wins_over_the_environment_and_a_missing_one_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PARTSLEDGER_BOOK", "north")
    assert Settings.read(book="south").book == "south"
    assert Settings.read(book=None).book == "north"


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARTSLEDGER_DATABASE_URL", "")
    assert Settings.read().database_url is None


@pytest.mark.parametrize("listen", ["127.0.0.1:0", "127.8.8.8:50151", "localhost:1", "[::1]:9"])
def test_loopback_needs_no_permission(listen: str) -> None:
    assert Settings.read(listen=listen).listen == listen


@pytest.mark.parametrize("listen", ["0.0.0.0:50151", "[::]:50151", "192.168.1.5:9", "erp.local:9"])
def test_an_address_others_can_reach_needs_tokens_and_tls(listen: str) -> None:
    tokens = {"token_keys": "keys.jwks", "token_issuer": "https://login.example.com"}
    tls = {"tls_certificate": "server.pem", "tls_key": "server.key"}
    with pytest.raises(BadSettings, match="ask callers for tokens, with --token-keys"):
        Settings.read(listen=listen, **tls)
    with pytest.raises(BadSettings, match="ask callers for tokens"):
        Settings.read(listen=listen, insecure_listen=True)
    with pytest.raises(BadSettings, match="name a certificate with --tls-certificate"):
        Settings.read(listen=listen, **tokens)

    assert Settings.read(listen=listen, **tokens, **tls).listen == listen
    assert Settings.read(listen=listen, **tokens, insecure_listen=True).listen == listen


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ({"tls_key": "k"}, "--tls-certificate and --tls-key go together"),
        ({"tls_certificate": "c"}, "--tls-certificate and --tls-key go together"),
        ({"tls_client_ca": "c"}, "--tls-client-ca needs --tls-certificate"),
        ({"token_keys": "k"}, "--token-keys and --token-issuer go together"),
        ({"token_issuer": "i"}, "--token-keys and --token-issuer go together"),
        ({"token_algorithm": "HS256"}, "--token-algorithm"),
        ({"token_algorithm": "none"}, "--token-algorithm"),
    ],
)
def test_protection_is_said_completely_or_not_at_all(said: dict[str, str], rule: str) -> None:
    with pytest.raises(BadSettings, match=rule):
        Settings.read(**said)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("listen", "50151"),
        ("listen", "127.0.0.1:65536"),
        ("listen", "127.0.0.1:http"),
        ("listen", "127.0.0.1:1\n"),
        ("book", "Main"),
        ("book", "9lives"),
        ("book", "main\n"),
        ("book", "b" * 41),
        ("book", 'x"; DROP SCHEMA y'),
        ("time_zone", "Asia/Atlantis"),
        ("database_url", "mysql://db/x"),
        ("max_message_bytes", 0),
        ("max_queued_commands", 0),
        ("cached_aggregates", 999),
        ("log_format", "xml"),
        ("max_clock_jump_days", 0),
        ("max_clock_lead_hours", 0),
        ("accept_clock", "tomorrow"),
    ],
)
def test_a_bad_value_is_refused_by_option_and_variable(name: str, value: object) -> None:
    with pytest.raises(BadSettings) as refusal:
        Settings.read(**{name: value})

    assert f"--{name.replace('_', '-')} (PARTSLEDGER_{name.upper()}): " in str(refusal.value)


def test_every_bad_value_is_reported_at_once() -> None:
    with pytest.raises(BadSettings) as refusal:
        Settings.read(book="", log_format="xml")

    assert len(str(refusal.value).splitlines()) == 2


def test_no_password_is_shown() -> None:
    settings = Settings.read(database_url="postgresql://me:hunter2@db/x")
    with pytest.raises(BadSettings) as refusal:
        Settings.read(database_url="pg://me:hunter2@db/x")

    assert "hunter2" in str(settings.database_url)
    assert "hunter2" not in repr(settings)
    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2"])
def test_a_url_of_any_scheme_for_postgresql_is_one_for_libpq(scheme: str) -> None:
    url = Settings.read(database_url=f"{scheme}://me@db:6432/x").database_url
    assert url == "postgresql://me@db:6432/x"


def test_every_setting_explains_itself() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def _homeless(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user of a container: no HOME, and a number that no account has."""
    monkeypatch.delenv("HOME", raising=False)

    def nobody(uid: int) -> NoReturn:
        raise KeyError(uid)

    monkeypatch.setattr("pwd.getpwuid", nobody)


def test_a_user_without_a_home_says_where_the_data_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    _homeless(monkeypatch)
    with pytest.raises(BadSettings) as refused:
        Settings.read()
    assert "name a directory with --data-dir, or a PostgreSQL with --database-url" in str(
        refused.value
    )
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"), [("data_dir", "/srv/ledger"), ("database_url", "postgresql://db/x")]
)
def test_and_needs_no_home_once_it_is_said(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """The control."""
    _homeless(monkeypatch)
    assert str(getattr(Settings.read(**{name: value}), name)) == value


def test_the_home_of_somebody_unknown_is_refused_by_name() -> None:
    with pytest.raises(BadSettings, match=r"--data-dir .*home directory that ~ stands for"):
        Settings.read(data_dir="~nobody-of-this-name/ledger")


def test_an_option_wins_over_the_environment_over_the_file_over_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('book = "of_the_file"\nlog_format = "json"\nmax_queued_commands = 7\n')
    assert Settings.read(config=file).book == "of_the_file"
    assert Settings.read().book == "main"

    monkeypatch.setenv("PARTSLEDGER_BOOK", "of_the_environment")
    assert Settings.read(config=file).book == "of_the_environment"
    found = Settings.read(config=file, book="of_the_option")
    assert (found.book, found.log_format, found.max_queued_commands) == ("of_the_option", "json", 7)

    monkeypatch.setenv("PARTSLEDGER_CONFIG", str(file))
    assert Settings.read().log_format == "json"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "settings.toml: No such file"),
        ("book = ", "settings.toml: is no TOML"),
        ("\xff", "settings.toml: is no TOML"),
        ('bok = "main"', "settings.toml: there is no setting 'bok'"),
        ('book = "Main"', r"--book \(PARTSLEDGER_BOOK\)"),
        ("max_queued_commands = 0", "--max-queued-commands"),
    ],
)
def test_a_file_of_settings_that_makes_no_sense_is_refused(
    tmp_path: Path, content: str | None, why: str
) -> None:
    file = tmp_path / "settings.toml"
    if content is not None:
        file.write_text(content, encoding="latin-1")

    with pytest.raises(BadSettings, match=why):
        Settings.read(config=file)


def test_the_file_in_the_documentation_is_one(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
    [block] = re.findall(r"^```toml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    file = tmp_path / "settings.toml"
    file.write_text(block)

    assert Settings.read(config=file).listen == "0.0.0.0:50151"
