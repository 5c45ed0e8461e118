"""Provokes every refusal on servers of its own, and writes down what they answered.

python -m tests.server.api.refusals docs/api/examples.json
"""

import json
import sys
import tempfile
from pathlib import Path

from server.postgres.embedded import EmbeddedPostgres
from tests.server.api.refusals.provoking import provoked, recorded

if __name__ == "__main__":
    with (
        tempfile.TemporaryDirectory(prefix="partsledger-refusals-") as directory,
        EmbeddedPostgres(Path(directory)) as postgres,
    ):
        found = recorded(provoked(postgres.url))
    written = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
    Path(sys.argv[1]).write_text(written, encoding="utf-8")
