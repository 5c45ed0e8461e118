"""Every service and method of the API, as the schema has them."""

from importlib import import_module
from pathlib import Path
from typing import Final

from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor

from partsledger.v1.import_service_pb2 import ImportCommand

PROTOS: Final = Path(__file__).parents[3] / "proto" / "partsledger" / "v1"
SERVICES: Final[list[ServiceDescriptor]] = [
    service
    for file in sorted(PROTOS.glob("*_service.proto"))
    for service in import_module(
        f"partsledger.v1.{file.stem}_pb2"
    ).DESCRIPTOR.services_by_name.values()
]
# By what tests call it: the service's noun and the verb, as in `Part.CreatePart`.
METHODS: Final[dict[str, MethodDescriptor]] = {
    f"{service.name.removesuffix('Service')}.{method.name}": method
    for service in SERVICES
    for method in service.methods
}
# By the name of a command on the import stream: `create_part` is `Part.CreatePart`.
METHOD_OF_COMMAND: Final = {
    command.name: name
    for command in ImportCommand.DESCRIPTOR.oneofs_by_name["command"].fields
    for name, method in METHODS.items()
    if method.input_type is command.message_type
}


def path(method: MethodDescriptor) -> str:
    """How gRPC addresses it."""
    return f"/{method.containing_service.full_name}/{method.name}"
