"""Server reflection: what the server offers, for tools that have no `.proto` files.

`grpc.reflection.v1` is what tools ask for today, `v1alpha` what older ones do. The library has only
the second. Both are the same on the wire, so the library's servicer answers both; the schema of the
first is that of the second under another name.
"""

from collections.abc import Iterable
from typing import Any, Final

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.json_format import MessageToJson, Parse
from grpc_reflection.v1alpha import reflection, reflection_pb2

V1: Final = "grpc.reflection.v1"
V1_ALPHA: Final = "grpc.reflection.v1alpha"
SERVICE: Final = "ServerReflection"
_METHOD: Final = "ServerReflectionInfo"


def enable(server: grpc.aio.Server, services: Iterable[str]) -> None:
    """Has both versions tell of these services, and of each other."""
    pool = descriptor_pool.Default()
    _describe_v1(pool)
    names = (*services, f"{V1}.{SERVICE}", f"{V1_ALPHA}.{SERVICE}")
    servicer: Any = reflection.aio.ReflectionServicer(names, pool)
    handler = grpc.stream_stream_rpc_method_handler(
        servicer.ServerReflectionInfo,
        request_deserializer=reflection_pb2.ServerReflectionRequest.FromString,
        response_serializer=reflection_pb2.ServerReflectionResponse.SerializeToString,
    )
    server.add_generic_rpc_handlers(
        [
            grpc.method_handlers_generic_handler(f"{package}.{SERVICE}", {_METHOD: handler})
            for package in (V1, V1_ALPHA)
        ]
    )


def _describe_v1(pool: DescriptorPool) -> None:
    """Adds the schema of v1 to what is told of, unless it is there."""
    try:
        pool.FindFileContainingSymbol(f"{V1}.{SERVICE}")
    except KeyError:
        alpha = descriptor_pb2.FileDescriptorProto()
        reflection_pb2.DESCRIPTOR.CopyToProto(alpha)
        renamed = MessageToJson(alpha).replace("v1alpha", "v1")
        described = Parse(renamed, descriptor_pb2.FileDescriptorProto())
        described.name = "grpc/reflection/v1/reflection.proto"
        described.options.ClearField("deprecated")
        pool.Add(described)
