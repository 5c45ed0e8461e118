"""Registers all services of the API on a server, each method with who may call it."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any, Final

import grpc
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message_factory import GetMessageClass

from server.api.commands import Commands
from server.api.permissions import Permission
from server.api.reads import Reads
from server.api.resource import Resources, Unserved
from server.api.resources import RESOURCES, SERVED
from server.api.servicer import Servicer


def _generated(servicer: type[Servicer]) -> type:
    """The generated base class: `ClaimServiceServicer` of `claim_service_pb2_grpc`."""
    [base] = (base for base in servicer.__bases__ if base.__module__.endswith("_pb2_grpc"))
    return base


def _schema(servicer: type[Servicer]) -> ServiceDescriptor:
    generated = _generated(servicer)
    file: Any = import_module(generated.__module__.removesuffix("_grpc"))
    service: ServiceDescriptor = file.DESCRIPTOR.services_by_name[
        generated.__name__.removesuffix("Servicer")
    ]
    return service


# Their names in reflection and health checks.
SERVICES: Final = tuple(sorted(_schema(servicer).full_name for servicer in SERVED))


def register(server: grpc.aio.Server, commands: Commands, reads: Reads) -> None:
    """Adds every service to a server."""
    for servicer in SERVED:
        generated = _generated(servicer)
        add = getattr(import_module(generated.__module__), f"add_{generated.__name__}_to_server")
        add(servicer(commands, reads, RESOURCES), server)


def permissions() -> dict[str, Permission]:
    """Who may call which method, by its path. Raises Unserved where nothing says it."""
    return {
        f"/{method.containing_service.full_name}/{method.name}": permission
        for servicer in SERVED
        for method, permission in permissions_of(servicer, RESOURCES)
    }


def permissions_of(
    servicer: type[Servicer], resources: Resources
) -> Iterator[tuple[MethodDescriptor, Permission]]:
    """Each method of a service, with who may call it."""
    for method in _schema(servicer).methods:
        permission = servicer.OWN.get(method.name) or _of_resource(method, resources)
        if not permission.is_whole:
            raise Unserved(f"{method.full_name}: how are dealers kept to their own?")
        yield method, permission


def _of_resource(method: MethodDescriptor, resources: Resources) -> Permission:
    """What the row of the resource says, or of each request in a batch."""
    request = GetMessageClass(method.input_type)
    if (mutation := resources.mutations.get(request)) is not None:
        return mutation.act.permission
    if (mutation := resources.batches.get(request)) is not None:
        return mutation.act.permission.of_batch
    answer = method.output_type.fields_by_number[1].message_type
    row = resources.shown.get(GetMessageClass(answer)) if answer else None
    if row is None or not method.name.startswith(("Get", "List")):
        raise Unserved(f"{method.full_name}: who may call it?")
    if method.name.startswith("Get"):
        return row.to_get
    return row.to_list(method.input_type.fields_by_name)
