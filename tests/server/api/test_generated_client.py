"""Whoever does what proto/README.md says has a client, and reads what our errors say.

Nothing but the files of the repository is used: they are copied to where nobody looks for ours.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from server.app import App
from tests.server.api.reading.front_desk import FrontDesk

ROOT = Path(__file__).parents[3]
BLOCK = re.compile(r"^```sh\n(.*?)```", re.MULTILINE | re.DOTALL)
ERROR_DETAILS: Final = "google/rpc/error_details.proto"

# A client that has what was generated, gRPC and protobuf, and of Google's messages no others.
CLIENT: Final = """
import json, sys
import grpc
from google.protobuf.json_format import MessageToDict
from google.rpc import error_details_pb2, status_pb2
from partsledger.v1 import part_service_pb2, part_service_pb2_grpc

address, name, where = sys.argv[1:]
assert all(m.__file__.startswith(where) for m in (error_details_pb2, status_pb2, part_service_pb2))
with grpc.insecure_channel(address) as channel:
    try:
        part_service_pb2_grpc.PartServiceStub(channel).GetPart(
            part_service_pb2.GetPartRequest(name=name), timeout=10
        )
    except grpc.RpcError as error:
        trailing = dict(error.trailing_metadata())
        status = status_pb2.Status.FromString(trailing["grpc-status-details-bin"])
        print(json.dumps([MessageToDict(detail) for detail in status.details]))
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What is in the repository of `proto/`, and the Makefile."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "proto", "Makefile"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in listed.stdout.rstrip("\0").split("\0"):
        if name.endswith((".proto", "Makefile", ".md")):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def told(clone: Path) -> list[str]:
    """The commands of the page, in their order."""
    return BLOCK.findall((clone / "proto/README.md").read_text())


def generate(clone: Path) -> Path:
    """Runs the command for another language than the page has, with the protoc that is here."""
    command = told(clone)[0]
    assert command.startswith("protoc --proto_path=proto --java_out=client ")
    protoc = f"{shlex.quote(sys.executable)} -m grpc_tools.protoc"
    generated = command.replace("protoc", protoc, 1).replace(
        "--java_out=client", "--python_out=client --grpc_python_out=client"
    )
    (clone / "client").mkdir()
    subprocess.run(generated, shell=True, cwd=clone, check=True)
    return clone / "client"


def put_error_details(clone: Path) -> None:
    """Runs the command of the page, where everything is installed already."""
    arguments = ["--old-file=.venv/installed", f"BIN={Path(sys.executable).parent}"]
    words = shlex.split(told(clone)[1])
    assert words[0] == "make"
    subprocess.run([*words, *arguments], cwd=clone, check=True)


def asked(client: Path, address: str, name: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", CLIENT, address, name, str(client)],
        cwd=client, env={**os.environ, "PYTHONPATH": str(client)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_client_that_was_generated_from_proto_alone_reads_the_details_of_an_error(
    app: App, desk: FrontDesk, clone: Path
) -> None:
    put_error_details(clone)
    client = generate(clone)

    def details(name: str) -> list[dict[str, object]]:
        ended = asked(client, app.address, name)
        assert ended.returncode == 0, ended.stderr
        found: list[dict[str, object]] = json.loads(ended.stdout)
        return found

    [info] = details(desk.name("parts/P-9"))
    assert info == {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "NOT_FOUND",
        "domain": "partsledger",
        "metadata": {"kind": "Part", "key": "P-9"},
    }
    _, bad_request = details("no name")
    assert bad_request["@type"] == "type.googleapis.com/google.rpc.BadRequest"


def test_without_the_file_of_the_errors_it_does_not(app: App, desk: FrontDesk, clone: Path) -> None:
    """The control: proto/ as it is in the repository compiles, and lacks that one file."""
    assert not (clone / "proto" / ERROR_DETAILS).exists()
    client = generate(clone)
    ended = asked(client, app.address, desk.name("parts/P-9"))
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "error_details_pb2" in ended.stderr or "AssertionError" in ended.stderr


def test_the_files_of_google_are_those_of_the_package(clone: Path) -> None:
    """None was changed here."""
    from google.rpc import status_pb2

    package = Path(status_pb2.__file__).parents[2]
    put_error_details(clone)
    files = sorted((clone / "proto" / "google").rglob("*.proto"))
    assert len(files) == 5
    for file in files:
        assert file.read_bytes() == (package / file.relative_to(clone / "proto")).read_bytes()
