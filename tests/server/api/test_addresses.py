"""`--listen localhost:P` is every address that the name has, or is refused."""

import socket
from collections.abc import Callable
from pathlib import Path

import grpc
import pytest

from server.api import addresses
from server.api.addresses import CannotListen, addresses_of, bind_all
from server.app import running
from server.postgres.data_directory import CannotStart
from server.settings import Settings
from tests.server.api.access.protected import Signer

TWO = ["127.0.0.1", "127.0.0.2"]  # Both are this machine, with IPv6 or without it.


@pytest.fixture
def named_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """`localhost` stands for two addresses."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in TWO]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)


def settings(database_url: str, book: str, port: int) -> Settings:
    return Settings.read(database_url=database_url, book=book, listen=f"localhost:{port}")


@pytest.mark.usefixtures("named_two")
def test_a_server_answers_at_each_address_on_one_port(database_url: str, book: str) -> None:
    with running(settings(database_url, book, 0)) as app:
        host, _, port = app.address.rpartition(":")
        assert host == "localhost"
        for address in TWO:
            with grpc.insecure_channel(f"{address}:{port}") as channel:
                grpc.channel_ready_future(channel).result(timeout=10)


@pytest.mark.usefixtures("named_two")
@pytest.mark.parametrize("taken", TWO)
def test_it_is_refused_where_another_program_has_one_of_them(
    database_url: str, book: str, taken: str
) -> None:
    with socket.create_server((taken, 0)) as other:
        port = other.getsockname()[1]
        with (
            pytest.raises(CannotStart, match=f"cannot listen on localhost:{port}: {taken}:{port}"),
            running(settings(database_url, book, port)),
        ):
            pass
    with running(settings(database_url, book, port)):  # The control: then it has both.
        pass


@pytest.mark.usefixtures("named_two")
def test_the_control_that_binds_what_it_can_would_leave_one_to_another() -> None:
    def careless(listen: str, bind: Callable[[str], int]) -> list[str]:
        bound = []
        for address in TWO:
            try:
                bind(f"{address}:{listen.rpartition(':')[2]}")
            except RuntimeError:
                continue
            bound.append(address)
        return bound

    def bind(address: str) -> int:
        if address.startswith(TWO[1]):
            raise RuntimeError("taken")
        return 1

    assert careless("localhost:1", bind) == TWO[:1]
    with pytest.raises(CannotListen, match="taken"):
        bind_all("localhost:0", bind)


def test_a_name_without_an_address_is_refused_by_name(
    database_url: str, book: str, tmp_path: Path
) -> None:
    unknown = Settings.read(
        database_url=database_url, book=book, listen="nobody.invalid:1", insecure_listen=True,
        token_keys=Signer(tmp_path).file, token_issuer="x",
    )  # fmt: skip
    with pytest.raises(CannotStart, match=r"'nobody\.invalid' has no address"), running(unknown):
        pass


def test_localhost_that_others_can_reach_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 0))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(CannotListen, match=r"localhost stands for 192\.0\.2\.1"):
        addresses_of("localhost")


def test_an_address_of_ipv6_is_left_out_where_there_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = [
        (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", 0, 0, 0)),
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0)),
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    monkeypatch.setattr(addresses, "_is_absent", lambda address: ":" in address)
    assert addresses_of("localhost") == ["127.0.0.1"]
    monkeypatch.setattr(addresses, "_is_absent", lambda address: False)
    assert addresses_of("localhost") == ["::1", "127.0.0.1"]
