"""The page of reasons: when each is given, what to do, and what the server really answered once.

When and what to do stand in docs/errors.md, which is written by hand; the answers are recorded in
docs/api/examples.json, by tests that provoke each refusal on a server.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.rpc.code_pb2 import Code

from server.api.published.comments import Comments
from server.api.published.links import (
    GENERATED,
    PREFIX,
    REASONS,
    element_link,
    linked,
)
from server.api.published.services import described

_OF_ALL: Final = "no method; it is one of those that [any call](README.md#errors) may have."
_WIDEST: Final = 96
_HEAD: Final = f"""{GENERATED}

# Reasons for a refusal

Every reason there is, by name: its status, when it is given, what to do, and an answer of the
server to a request that was refused for it. A call that fails has this answer as a
`google.rpc.Status` in the trailing metadata `grpc-status-details-bin`;
[../../proto/README.md](../../proto/README.md) says how each language reads it. Reasons and keys of
metadata are stable, messages are not. The enum `ErrorReason` holds the same names with the prefix
`{PREFIX}`.

The answers were recorded from a server, and tests compare them with what it answers now. All of
them, with the requests, are in [examples.json](examples.json), for tests of your own. The same
table in short is [../errors.md](../errors.md). [All services](README.md)
"""


class Row(NamedTuple):
    """What docs/errors.md says of a reason."""

    status: str
    when: str
    metadata: str
    what_to_do: str


class Example(NamedTuple):
    """An answer of the server; what was asked by whom, and what had happened to the server."""

    method: str
    actor: str
    request: Mapping[str, Any]
    situation: str
    status: Mapping[str, Any]


def rows(page: str) -> dict[str, Row]:
    """The rows of docs/errors.md by their reasons."""
    cells = ([cell.strip() for cell in line.strip("|").split(" | ")] for line in page.splitlines())
    return {
        found[0].strip("`"): Row(found[1].strip("`"), *found[2:])
        for found in cells
        if len(found) == 5 and found[0].strip("`") in REASONS
    }


def advice(page: str) -> dict[str, str]:
    """Whether a call may be sent again, by its status."""
    found = re.findall(r"^\| ((?:`[A-Z_]+` ?)+)\| ([^|]+) \|$", page, re.MULTILINE)
    return {status: says for names, says in found for status in re.findall(r"[A-Z_]+", names)}


def examples(recorded: Path) -> dict[str, Example]:
    """The recorded answers by their reasons."""
    return {reason: Example(**said) for reason, said in json.loads(recorded.read_text()).items()}


def reasons_page(
    services: Iterable[ServiceDescriptor], said: Comments, errors: str, recorded: Path
) -> str:
    """A section for each reason."""
    given, known, again = _given_by(services, said), rows(errors), advice(errors)
    answered = examples(recorded)
    parts = [_HEAD.rstrip(), "\n".join(_by_status(known, again))]
    for reason in sorted(REASONS):
        row = known[reason]
        parts += [
            f"## {reason}\n\n`{row.status}` ({Code.Value(row.status)}). {linked(row.when)}",
            f"**What to do:** {linked(row.what_to_do)}",
            f"**May it be sent again?** {again[row.status]}",
            f"**Metadata:** {row.metadata if row.metadata != '–' else 'none.'}",
            f"**Listed by:** {', '.join(given[reason]) or _OF_ALL}",
            *_shown(answered[reason]),
        ]
    return "\n\n".join(parts) + "\n"


def _by_status(known: Mapping[str, Row], again: Mapping[str, str]) -> Iterator[str]:
    yield "| status | may it be sent again? | reasons |\n| --- | --- | --- |"
    for status, says in again.items():
        reasons = [linked(reason) for reason in sorted(known) if known[reason].status == status]
        yield f"| `{status}` | {says} | {' '.join(reasons)} |"


def _given_by(services: Iterable[ServiceDescriptor], said: Comments) -> dict[str, list[str]]:
    """The methods that list a reason, as links."""
    given: dict[str, list[str]] = {reason: [] for reason in REASONS}
    for method in (method for service in services for method in service.methods):
        for reason in listed(method, said):
            given[reason].append(element_link(method))
    return given


def listed(method: MethodDescriptor, said: Comments) -> list[str]:
    """The reasons that the comment of a method names."""
    _, reasons = described(method, said)
    return [name for name in re.findall(r"[A-Z][A-Z_]+", reasons) if name in REASONS]


def _shown(example: Example) -> Iterator[str]:
    by = f" by `{example.actor}`" if example.actor else ""
    when = f" {example.situation}" if example.situation else ""
    asked = f"`{example.method}`{by}{when}" if example.method else f"A command{when}"
    if example.request:
        yield f"{asked}, with\n\n```json\n{laid_out(example.request)}\n```\n\nis answered:"
    else:
        yield f"{asked} is answered:"
    yield f"```json\n{laid_out(example.status)}\n```"


def laid_out(value: Any, indent: int = 0) -> str:
    """JSON in which what fits on a line stands on one."""
    text = json.dumps(value, ensure_ascii=False)
    if indent + len(text) <= _WIDEST or not isinstance(value, (dict, list)):
        return text
    inner = " " * (indent + 1)
    if isinstance(value, dict):
        inside = [
            f"{inner}{json.dumps(name)}: {laid_out(each, indent + 1)}"
            for name, each in value.items()
        ]
        return "{\n" + ",\n".join(inside) + "\n" + " " * indent + "}"
    inside = [inner + laid_out(each, indent + 1) for each in value]
    return "[\n" + ",\n".join(inside) + "\n" + " " * indent + "]"
