"""Every method of the API, as its descriptors have it."""

from importlib import import_module
from typing import Any

from google.protobuf.descriptor import MethodDescriptor

from server.api.registry import SERVICES


def methods() -> list[MethodDescriptor]:
    found: list[MethodDescriptor] = []
    for service in SERVICES:
        noun = service.rpartition(".")[2]
        file = noun.removesuffix("Service").lower()
        module: Any = import_module(f"partsledger.v1.{file}_service_pb2")
        found += module.DESCRIPTOR.services_by_name[noun].methods
    return found


def path(method: MethodDescriptor) -> str:
    """How gRPC addresses it."""
    return f"/{method.containing_service.full_name}/{method.name}"
