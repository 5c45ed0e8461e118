"""A server and its database are killed; the book goes on elsewhere, from its backup."""

import signal
import threading
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import grpc
import psutil

from partsledger.v1 import part_service_pb2
from partsledger.v1.part_service_pb2_grpc import PartServiceStub
from tests.server.api.reading.front_desk import FrontDesk
from tests.server.cli.terminal import partsledger
from tests.server.cli.test_serve import serving


class Acknowledged(NamedTuple):
    request_id: str
    number: str
    position: int
    leaf_hash: bytes


class Poster:
    """Registers part after part until it is told to stop, or nobody answers."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._parts = PartServiceStub(channel)
        self._stopped = threading.Event()
        self.done: list[Acknowledged] = []
        self.some = threading.Event()
        self._thread = threading.Thread(target=self._post)
        self._thread.start()

    def _post(self) -> None:
        while not self._stopped.is_set():
            number, request_id = f"P-{len(self.done)}", str(uuid4())
            part = part_service_pb2.Part(
                description=number, part_class=part_service_pb2.PART_CLASS_STANDARD,
                serviceable=True,
            )  # fmt: skip
            request = part_service_pb2.CreatePartRequest(
                parent="books/main", part_id=number, request_id=request_id, part=part
            )
            try:
                receipt = self._parts.CreatePart(request, timeout=20).receipt
            except grpc.RpcError:  # Nobody answers any more.
                return
            self.done.append(
                Acknowledged(request_id, number, receipt.last_position, receipt.leaf_hash)
            )
            if len(self.done) % 100 == 0:
                self.some.set()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()


def kill_all(server: int) -> None:
    """As when the machine is lost: the server, then each process of its database."""
    postgres = psutil.Process(server).children(recursive=True)
    assert len(postgres) > 3, "the control: they are there"
    for process in (psutil.Process(server), *postgres):
        process.send_signal(signal.SIGKILL)


def entry(desk: FrontDesk, position: int) -> Any:
    return desk.call("Entry.GetEntry", name=desk.name(f"entries/{position}")).entry


def test_a_killed_book_goes_on_elsewhere_from_its_backup(tmp_path: Path) -> None:
    lost, elsewhere = tmp_path / "lost", tmp_path / "elsewhere"
    file = tmp_path / "main.backup"
    with (
        serving("--data-dir", str(lost)) as (server, address),
        grpc.insecure_channel(address) as channel,
    ):
        poster = Poster(channel)
        assert poster.some.wait(60)
        before = list(poster.done)
        taken = partsledger("backup", str(file), "--data-dir", str(lost), "--json")
        assert taken.code == 0, taken.err
        poster.some.clear()
        assert poster.some.wait(60), "postings went on while it was taken, and after it"
        kill_all(server.pid)
        poster.stop()
    end = taken.json["position"]
    assert before[-1].position <= end < poster.done[-1].position

    restored = partsledger("restore", str(file), "--data-dir", str(elsewhere), "--json")
    assert restored.code == 0, restored.err
    for name in ("position", "root_hash", "last_leaf_hash"):
        assert restored.json[name] == taken.json[name]
    with (
        serving("--data-dir", str(elsewhere)) as (_, address),
        grpc.insecure_channel(address) as channel,
    ):
        desk = FrontDesk(channel, "main")
        there = [each for each in poster.done if each.position <= end]
        assert len(there) >= len(before)
        for each in there[:: max(1, len(there) // 50)]:
            assert entry(desk, each.position).leaf_hash == each.leaf_hash
        rebuilt = partsledger("rebuild", "--server", address, "--json")
        assert (rebuilt.code, rebuilt.json["same"]) == (0, True)
        assert partsledger("verify", "--server", address).code == 0
        # What was acknowledged before is known still: it is answered as it was, and not repeated.
        last = there[-1]
        again = desk.add_part(last.number, request_id=last.request_id)
        assert again.receipt.last_position == last.position
        assert again.receipt.leaf_hash == last.leaf_hash
        # What was acknowledged after the backup is gone, and recorded when its caller repeats it.
        gone = next(each for each in poster.done if each.position > end)
        recorded = desk.add_part(gone.number, request_id=gone.request_id)
        assert recorded.receipt.last_position == end + 1
