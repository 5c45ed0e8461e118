"""Reflection answers in both versions, also a client that knows nothing but the address."""

import base64
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor_pool import DescriptorPool
from google.rpc.error_details_pb2 import ErrorInfo
from grpc_reflection.v1alpha import reflection_pb2

from server.api.registry import SERVICES
from server.app import App
from tests.server.api.reading.front_desk import FrontDesk

BUF = Path(sys.executable).with_name("buf")
VERSIONS = ("v1", "v1alpha")
Ask = Callable[..., Any]


@pytest.fixture
def ask(channel: grpc.Channel) -> Callable[[str], Ask]:
    """Asks one question of the version that is named; the messages are those it describes."""

    def of(version: str) -> Ask:
        package = f"grpc.reflection.{version}"
        found = descriptor_pool.Default().FindServiceByName(f"{package}.ServerReflection")
        method = found.methods_by_name["ServerReflectionInfo"]
        request = message_factory.GetMessageClass(method.input_type)
        response = message_factory.GetMessageClass(method.output_type)
        assert request.DESCRIPTOR.full_name == f"{package}.ServerReflectionRequest"
        call: Any = channel.stream_stream(
            f"/{package}.ServerReflection/ServerReflectionInfo",
            request_serializer=request.SerializeToString,
            response_deserializer=response.FromString,
        )

        def asked(**question: str) -> Any:
            [answer] = call(iter([request(**question)]), timeout=10)
            return answer

        return asked

    return of


@pytest.mark.parametrize("version", VERSIONS)
def test_services_are_listed_and_both_versions_among_them(
    ask: Callable[[str], Ask], version: str
) -> None:
    listed = ask(version)(list_services="").list_services_response.service
    names = [service.name for service in listed]
    assert set(names) == {
        *SERVICES, "grpc.health.v1.Health",
        *(f"grpc.reflection.{each}.ServerReflection" for each in VERSIONS),
    }  # fmt: skip
    assert len(names) == len(set(names))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("symbol", "file"),
    [
        ("partsledger.v1.PartService", "partsledger/v1/part_service.proto"),
        ("partsledger.v1.CreatePartRequest", "partsledger/v1/part_service.proto"),
        ("google.rpc.ErrorInfo", "google/rpc/error_details.proto"),
        ("google.rpc.Status", "google/rpc/status.proto"),
        ("grpc.reflection.v1.ServerReflection", "grpc/reflection/v1/reflection.proto"),
        ("grpc.reflection.v1alpha.ServerReflection", "grpc_reflection/v1alpha/reflection.proto"),
    ],
)
def test_the_file_of_a_symbol_comes_with_all_that_it_imports(
    ask: Callable[[str], Ask], version: str, symbol: str, file: str
) -> None:
    """A pool that knows nothing else can be filled with them."""
    answer = ask(version)(file_containing_symbol=symbol).file_descriptor_response
    found = [
        descriptor_pb2.FileDescriptorProto.FromString(each) for each in answer.file_descriptor_proto
    ]
    assert file in {each.name for each in found}
    pool = DescriptorPool()
    for each in in_order(found):
        pool.Add(each)
    assert pool.FindFileContainingSymbol(symbol).name == file


def in_order(
    files: list[descriptor_pb2.FileDescriptorProto],
) -> Iterator[descriptor_pb2.FileDescriptorProto]:
    """Each after those that it imports."""
    waiting = {each.name: each for each in files}
    while waiting:
        ready = [each for each in waiting.values() if not waiting.keys() & set(each.dependency)]
        assert ready, "a file that is imported is missing"
        for each in ready:
            yield waiting.pop(each.name)


@pytest.mark.parametrize("version", VERSIONS)
def test_what_is_not_there_is_not_found(ask: Callable[[str], Ask], version: str) -> None:
    answer = ask(version)(file_containing_symbol="partsledger.v1.Nothing")
    assert answer.error_response.error_code == grpc.StatusCode.NOT_FOUND.value[0]


def test_the_schema_of_v1_is_that_of_v1alpha_under_its_name(app: App) -> None:
    """Field by field: what the one reads, the other has written."""
    pool = descriptor_pool.Default()
    messages = reflection_pb2.DESCRIPTOR.message_types_by_name
    for name, alpha in messages.items():
        found = pool.FindMessageTypeByName(f"grpc.reflection.v1.{name}")
        assert fields(found) == fields(alpha)
    assert len(messages) == 8


def fields(message: Any) -> list[tuple[str, int, int, bool]]:
    return [(each.name, each.number, each.type, each.is_repeated) for each in message.fields]


def buf(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """A client that has no schema, and asks for v1 or v1alpha as it is told."""
    return subprocess.run([BUF, "curl", *arguments], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("protocol", ["grpc-v1", "grpc-v1alpha"])
def test_a_client_without_any_schema_lists_the_methods_and_calls_one(
    app: App, desk: FrontDesk, protocol: str
) -> None:
    desk.open_for_business()
    reflected = ("--protocol", "grpc", "--reflect-protocol", protocol, "--http2-prior-knowledge")
    listed = buf(*reflected, "--list-methods", f"http://{app.address}")
    assert listed.returncode == 0, listed.stderr
    assert "partsledger.v1.PartService/GetPart" in listed.stdout
    url = f"http://{app.address}/partsledger.v1.PartService/GetPart"

    def asked(number: str) -> "subprocess.CompletedProcess[str]":
        return buf(*reflected, "--data", json.dumps({"name": desk.name(f"parts/{number}")}), url)

    assert json.loads(asked("P-1").stdout)["part"]["name"] == desk.name("parts/P-1")
    refused = asked("P-9")
    assert refused.returncode != 0
    [detail] = json.loads(refused.stderr)["details"]
    assert detail["type"] == "google.rpc.ErrorInfo"
    encoded = detail["value"] + "=" * (-len(detail["value"]) % 4)
    assert ErrorInfo.FromString(base64.b64decode(encoded)).reason == "NOT_FOUND"
