"""The addresses that the server listens on: all that the name of `--listen` has, or none.

A name may stand for several, as `localhost` does for 127.0.0.1 and ::1. With one of them left out,
a caller of that name might reach another program's port.
"""

import errno
import socket
from collections.abc import Callable
from ipaddress import ip_address
from typing import Final

_TRIES: Final = 20  # To find a port that is free at every address.
_ABSENT: Final = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT})


class CannotListen(Exception):  # noqa: N818 - Named after what is the matter.
    """Why the address is not to be had."""


def bind_all(listen: str, bind: Callable[[str], int]) -> int:
    """Binds host:port at each address of the host, and returns the port, the same for all.

    `bind` takes address:port, returns the port that it got, and raises RuntimeError. Raises
    CannotListen.
    """
    host, _, port = listen.rpartition(":")
    addresses = addresses_of(host.strip("[]"))
    if port == "0" and len(addresses) > 1:
        port = str(_free_port(addresses))
    for address in addresses:
        _require_free(address, int(port))
    for address in addresses:
        try:
            port = str(bind(_joined(address, port)))
        except RuntimeError as refused:
            raise CannotListen(str(refused)) from None
    return int(port)


def addresses_of(host: str) -> list[str]:
    """What a host's name stands for. ::1 is left out where this machine has no IPv6 at all, so that
    nobody can be reached there."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as unknown:
        why = unknown.strerror if isinstance(unknown, OSError) else unknown
        raise CannotListen(f"the name {host!r} has no address: {why}") from None
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    there = [each for each in addresses if not (_is_loopback(each) and _is_absent(each))]
    if host.lower() == "localhost" and not all(map(_is_loopback, addresses)):
        raise CannotListen(f"localhost stands for {', '.join(addresses)}, which others can reach")
    return there or addresses


def _is_loopback(address: str) -> bool:
    return ip_address(address.partition("%")[0]).is_loopback


def _is_absent(address: str) -> bool:
    try:
        _require_free(address, 0)
    except CannotListen as refused:
        cause = refused.__cause__
        return isinstance(cause, OSError) and cause.errno in _ABSENT
    return False


def _require_free(address: str, port: int) -> None:
    family = _family(address)
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family is socket.AF_INET6:
                probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            probe.bind((address, port))
    except OSError as refused:
        raise CannotListen(f"{_joined(address, port)}: {refused.strerror}") from refused


def _free_port(addresses: list[str]) -> int:
    for _ in range(_TRIES):
        with socket.create_server((addresses[0], 0), family=_family(addresses[0])) as found:
            port = int(found.getsockname()[1])
        try:
            for address in addresses:
                _require_free(address, port)
        except CannotListen:
            continue
        return port
    raise CannotListen(f"no port is free at all of {', '.join(addresses)}")


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def _joined(address: str, port: int | str) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
