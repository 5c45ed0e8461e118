"""Writes docs/api/: an index, a page for each service, the shared messages, the reasons.

python -m server.api.published.pages docs/api
"""

import sys
from pathlib import Path
from typing import Final

from google.protobuf.descriptor_pool import Default

from server.api.published.comments import Comments, comments
from server.api.published.index import index_page
from server.api.published.links import GENERATED
from server.api.published.refusals import reasons_page
from server.api.published.services import sections, service_page
from server.api.registry import SERVICES

EXAMPLES: Final = "examples.json"  # Recorded, and not written here.
_TYPES: Final = "partsledger/v1/types.proto"
_GOOGLES: Final = """## Google's types

| type | what it is here |
| --- | --- |
| `google.type.Money` | An amount: ISO 4217, whole units, and billionths with their sign. |
| `google.type.Date` | A day, with year, month and day. |
| `google.type.Decimal` | A rate in plain decimals, as `0.13`: no sign and no exponent. |
| `google.protobuf.Timestamp` | A moment, in UTC. |
| `google.rpc.Status` | A refusal: code, message, and details, of which one is an `ErrorInfo`. |"""


def pages(folder: Path) -> dict[str, str]:
    """Every generated file below docs/api, by its name."""
    said = comments()
    errors = (folder.parent / "errors.md").read_text(encoding="utf-8")
    services = [Default().FindServiceByName(name) for name in SERVICES]
    return {
        "README.md": index_page(services, said, errors),
        "types.md": _types(said),
        "reasons.md": reasons_page(services, said, errors, folder / EXAMPLES),
        **{f"{service.name}.md": service_page(service, said) for service in services},
    }


def _types(said: Comments) -> str:
    shared = Default().FindFileByName(_TYPES)
    parts = [
        f"{GENERATED}\n\n# Shared messages",
        said[_TYPES],
        "[All services](README.md) · [Reasons](reasons.md)",
        *sections(shared, said, leaving_out=set()),
        _GOOGLES,
    ]
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    root = Path(sys.argv[1])
    made = pages(root)
    for old in root.glob("*.md"):
        if old.name not in made:
            old.unlink()
    for name, text in made.items():
        root.joinpath(name).write_text(text, encoding="utf-8")
