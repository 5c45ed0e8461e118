"""Every method of the API, as the schema has it: what it is called, takes, and is for.

What a method is for is said in the .proto files, which are installed beside what is made of them:
compiled descriptors hold no comments.
"""

import re
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from importlib.resources import files
from pkgutil import iter_modules
from typing import Any, Final, cast

from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message_factory import GetMessageClass

import partsledger.v1
from server.cli.channel import Connection
from server.cli.failure import Failure

_PACKAGE: Final = "partsledger.v1"
_COMMENTED: Final = re.compile(r"((?:^ *//.*\n)+) *rpc (\w+)", re.MULTILINE)
_FIRST_SENTENCE: Final = re.compile(r".+?\.(?=\s|$)", re.DOTALL)
_MOST_ALIKE: Final = 5


@cache
def methods() -> dict[str, MethodDescriptor]:
    """By the service's noun and the verb, as `Part.GetPart`."""
    modules = (module.name for module in iter_modules(partsledger.v1.__path__))
    return {
        f"{service.name.removesuffix('Service')}.{method.name}": method
        for name in sorted(modules)
        if name.endswith("_service_pb2")
        for service in import_module(f"{_PACKAGE}.{name}").DESCRIPTOR.services_by_name.values()
        for method in service.methods
    }


def method_named(asked: str) -> MethodDescriptor:
    """The method called `Part.GetPart`, `PartService.GetPart`, or by its full path."""
    plain = asked.removeprefix("/").replace("/", ".").removeprefix(f"{_PACKAGE}.")
    service, _, verb = plain.rpartition(".")
    name = f"{service.removesuffix('Service')}.{verb}"
    known = methods()
    if name in known:
        return known[name]
    alike = _alike(name, verb)
    hint = f"did you mean {' or '.join(alike)}? " if alike else ""
    raise Failure(
        f"METHOD {asked!r} must be a method of the API, as Part.GetPart",
        f"{hint}`partsledger call --list` lists all",
    )


def path(method: MethodDescriptor) -> str:
    """How gRPC addresses it."""
    return f"/{method.containing_service.full_name}/{method.name}"


def request_of(method: MethodDescriptor) -> Any:
    """An empty request; Any, because each method has its own type."""
    return cast(Any, GetMessageClass(method.input_type))()


def caller(connection: Connection, method: MethodDescriptor) -> Any:
    """What calls it, as the generated stub has it."""
    kinds = {
        (False, False): connection.channel.unary_unary,
        (False, True): connection.channel.unary_stream,
        (True, False): connection.channel.stream_unary,
        (True, True): connection.channel.stream_stream,
    }
    kind: Any = kinds[method.client_streaming, method.server_streaming]
    request: Any = GetMessageClass(method.input_type)
    answer: Any = GetMessageClass(method.output_type)
    return kind(path(method), request.SerializeToString, answer.FromString)


@cache
def summaries() -> dict[str, str]:
    """The first sentence of what the schema says of each method, by its verb.

    No two services have a method of the same name.
    """
    texts = (
        file.read_text(encoding="utf-8")
        for file in files(_PACKAGE).iterdir()
        if file.name.endswith("_service.proto")
    )
    found = (commented for text in texts for commented in _COMMENTED.findall(text))
    return {verb: _first_sentence(comment) for comment, verb in found}


def _first_sentence(comment: str) -> str:
    text = " ".join(line.strip().removeprefix("//").strip() for line in comment.splitlines())
    found = _FIRST_SENTENCE.match(text)
    return found[0] if found else text


def _alike(name: str, verb: str) -> list[str]:
    """The methods whose names look most like it, by the verb alone if that tells more."""
    by_verb = {method.name.lower(): whole for whole, method in methods().items()}
    if verb.lower() in by_verb:
        return [by_verb[verb.lower()]]
    whole = get_close_matches(name, methods(), n=3)
    verbs = (by_verb[close] for close in get_close_matches(verb.lower(), by_verb, n=3))
    return list(dict.fromkeys([*whole, *verbs]))[:_MOST_ALIKE]
