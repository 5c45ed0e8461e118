"""Uses the example of docs/adding.md over gRPC and from a file: python … DATABASE_URL BOOK."""

import json
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import grpc

from projections.engine.errors import RebuildUnderWay, ViewNotBuilt
from projections.engine.reading import reading
from projections.engine.rebuild import rebuild
from projections.views import VIEWS
from server.api.callers import Caller, is_called_by
from server.api.resources import RESOURCES
from server.cli.main import run
from tests.on_the_wire import on
from tests.server.api.reading.front_desk import FrontDesk, Refused
from tests.server.conftest import serving, size

ROWS = """reminder,dealer,text,sent_on,sent_by,answered_on,answered_by,answer
RM-2,D02,请付款,2025-08-02,,,,
"""


def used(database_url: str, book: str) -> dict[str, Any]:
    with serving(database_url, book) as app, grpc.insecure_channel(app.address) as channel:
        desk = FrontDesk(channel, book)
        reminder = {"dealer": desk.name("dealers/D01"), "text": "请付款"}
        desk.call(
            "Reminder.CreateReminder",
            reminder_id="RM-1", reminder=reminder, occurrence=on("2025-08-01"),
        )  # fmt: skip
        answer: dict[str, Any] = {"name": desk.name("reminders/RM-1"), "answer": "ok", "etag": "1"}
        desk.call("Reminder.AnswerReminder", **answer, occurrence=on("2025-08-03"))
        refused = ""
        try:
            again = {**answer, "etag": ""}
            desk.call("Reminder.AnswerReminder", **again, occurrence=on("2025-08-03"))
        except Refused as refusal:
            refused = refusal.reason
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "reminders.csv").write_text(ROWS)
            assert run(["import", folder, "--server", app.address, "--book", book]) == 0
        last = size(app)
        listed = desk.call("Reminder.ListReminders", min_position=last).reminders
        found = desk.call("Reminder.GetReminder", name=desk.name("reminders/RM-1")).reminder
        return {
            "listed": [each.name.rpartition("/")[2] for each in listed],
            "answered": type(found).DESCRIPTOR.fields_by_name["state"]
            .enum_type.values_by_number[found.state].name,
            "refused": refused,
            "by_dealer": by_dealer(app, last),
        }  # fmt: skip


def by_dealer(app: Any, last: int) -> list[Any]:
    reminders = import_module("projections.dealers.reminders").reminders
    for _ in range(400):
        try:
            with reading(app.reads.connect, app.reads.schema, VIEWS, at_least=last) as now:
                return [list(row) for row in reminders(now)]
        except ViewNotBuilt:
            time.sleep(0.05)
    raise AssertionError("the view was not built")


def used_when_changed(database_url: str, book: str) -> dict[str, Any]:
    """Each reminder: whether its bytes say the channel, and the channel it is read with."""
    with serving(database_url, book) as app, grpc.insecure_channel(app.address) as channel:
        desk = FrontDesk(channel, book)
        reminder = {"dealer": desk.name("dealers/D01"), "text": "请付款"}
        desk.call(
            "Reminder.CreateReminder",
            reminder_id="RM-3", reminder=reminder, occurrence=on("2025-08-05"),
        )  # fmt: skip
        is_called_by(Caller("li"))
        stored = {}
        for number in ("RM-1", "RM-2", "RM-3"):
            [entry, *_] = app.reads.log.entries.read(0, 10, stream_prefix=f"reminders/{number}")
            read = app.reads.aggregate(RESOURCES.collections["reminders"], number)
            stored[number] = [entry.topic.endswith(".2"), read.channel]
        found = by_dealer(app, size(app))
        return {"stored": stored, "by_dealer": found, "same": same_when_rebuilt(app)}


def same_when_rebuilt(app: Any) -> bool:
    """Once the views that the change has outdated are built."""
    for _ in range(400):
        try:
            return rebuild(app.reads.connect, app.reads.schema, VIEWS).same
        except RebuildUnderWay:
            time.sleep(0.05)
    raise AssertionError("the views are still being built")


if __name__ == "__main__":
    use = used_when_changed if sys.argv[3:] == ["changed"] else used
    print(json.dumps(use(sys.argv[1], sys.argv[2])))
