"""Registers all services of the API on a server."""

from importlib import import_module
from typing import Final

import grpc

from server.api.commands import Commands
from server.api.reads import Reads
from server.api.resources import RESOURCES, SERVED
from server.api.servicer import Servicer


def _generated(servicer: type[Servicer]) -> type:
    """The generated base class: `ClaimServiceServicer` of `claim_service_pb2_grpc`."""
    [base] = (base for base in servicer.__bases__ if base.__module__.endswith("_pb2_grpc"))
    return base


# Their names in reflection and health checks.
SERVICES: Final = tuple(
    sorted(
        f"partsledger.v1.{_generated(servicer).__name__.removesuffix('Servicer')}"
        for servicer in SERVED
    )
)


def register(server: grpc.aio.Server, commands: Commands, reads: Reads) -> None:
    """Adds every service to a server."""
    for servicer in SERVED:
        generated = _generated(servicer)
        add = getattr(import_module(generated.__module__), f"add_{generated.__name__}_to_server")
        add(servicer(commands, reads, RESOURCES), server)
