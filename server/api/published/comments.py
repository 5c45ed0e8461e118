"""What the .proto files say of each element, by its full name.

Compiled descriptors hold no comments, so protoc reads the files once more. They are installed
beside what is made of them; protoc itself is there for developers only.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

from partsledger.v1 import error_reason_pb2

PROTOS: Final = Path(error_reason_pb2.__file__).parents[2]
_SYNTAX: Final = [12]  # Where a file's own comment stands before, as descriptor.proto counts.


class Uncommented(LookupError):  # noqa: N818 - Named after what is the matter.
    """An element of which nobody has said what it is: that belongs into its .proto file."""


class Comments(dict[str, str]):
    """By full names, `partsledger.v1.Claim.machine`; paragraphs are set apart by an empty line."""

    def __missing__(self, name: str) -> str:
        raise Uncommented(name)


def comments(root: Path = PROTOS) -> Comments:
    """The comments of all files of ours below a folder, those of a file itself by its path."""
    files = map(str, sorted(root.glob("partsledger/v1/*.proto")))
    with TemporaryDirectory() as folder:
        described = Path(folder, "described")
        subprocess.run(
            [sys.executable, "-m", "grpc_tools.protoc", f"--proto_path={root}",
             "--include_source_info", f"--descriptor_set_out={described}", *files],
            check=True,
        )  # fmt: skip
        found = FileDescriptorSet.FromString(described.read_bytes())
    return Comments(said for file in found.file for said in _of_file(file))


def _of_file(file: FileDescriptorProto) -> Iterator[tuple[str, str]]:
    for location in file.source_code_info.location:
        if location.path == _SYNTAX and location.leading_detached_comments:
            yield file.name, _text(location.leading_detached_comments[0])
        elif location.leading_comments and len(location.path) % 2 == 0:
            yield _full_name(file, location.path), _text(location.leading_comments)


def _full_name(file: FileDescriptorProto, path: Any) -> str:
    """Of the element at a path of field numbers and indexes, which take turns."""
    element: Any = file
    names = [file.package]
    for number, index in zip(path[::2], path[1::2], strict=True):
        field = element.DESCRIPTOR.fields_by_number[number].name
        element = getattr(element, field)[index]
        names.append(element.name)
    return ".".join(names)


def _text(comment: str) -> str:
    paragraphs = re.split(r"\n\s*\n", comment)
    return "\n\n".join(" ".join(each.split()) for each in paragraphs).strip()
