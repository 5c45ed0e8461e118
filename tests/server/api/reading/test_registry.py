"""Every service of the schema is served, every method of it by us, and reflection says so."""

from importlib import import_module
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor import ServiceDescriptor
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

from server.api.registry import SERVICES
from server.api.resources import SERVED as SERVICERS
from server.app import App
from tests.server.api.methods import SERVICES as SERVED


def test_every_service_of_the_schema_is_named() -> None:
    assert sorted(SERVICES) == sorted(service.full_name for service in SERVED)


@pytest.mark.parametrize("service", SERVED, ids=lambda service: service.name)
def test_every_method_is_ours_and_not_the_generated_refusal(service: ServiceDescriptor) -> None:
    generated = import_module(f"{service.file.name[:-6].replace('/', '.')}_pb2_grpc")
    base = getattr(generated, f"{service.name}Servicer")
    [servicer] = (servicer for servicer in SERVICERS if issubclass(servicer, base))

    same = [m.name for m in service.methods if getattr(servicer, m.name) is getattr(base, m.name)]
    assert same == []
    assert len(service.methods) > 0


def test_reflection_and_health_know_them(app: App) -> None:
    with grpc.insecure_channel(app.address) as channel:
        known = ProtoReflectionDescriptorDatabase(channel).get_services()
        health: Any = health_pb2_grpc.HealthStub(channel)
        requests = [health_pb2.HealthCheckRequest(service=name) for name in SERVICES]
        states = {health.Check(request).status for request in requests}

    assert set(SERVICES) <= set(known)
    assert states == {health_pb2.HealthCheckResponse.SERVING}
