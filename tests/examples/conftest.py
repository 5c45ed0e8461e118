"""Plays an export against a ledger in memory: the same reading and decoding as over the wire."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from domain.dealer_account import DealerAccount
from domain.dealer_settlement import DealerSettlement
from domain.errors import DomainError
from domain.facts import Command, Fact
from domain.ledger import Ledger
from server.api.conversions import names
from server.api.resources import RESOURCES
from server.erp.files.settlements import complete, needs_statement
from server.erp.folder import ErpFolder
from server.erp.rows import Problem
from server.erp.steps import Disputed
from server.erp.wire import Source
from tests.figures import use_case_of

SMALL = Path(__file__).parents[2] / "examples" / "small"
TODAY = date(2026, 2, 1)


@dataclass
class Played:
    """What a ledger made of an export."""

    ledger: Ledger
    commands: int = 0
    facts: list[Fact] = field(default_factory=list)
    refused: list[tuple[Source, DomainError]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def content_hash(self, settlement: str) -> str:
        _, key = names.SETTLEMENT.parse(settlement, "name")
        return self.ledger.get(DealerSettlement, key).statement.content_hash

    def line_version(self, settlement: str, disputed: Disputed) -> int:
        _, key = names.SETTLEMENT.parse(settlement, "name")
        dealer = key.partition("/")[0]
        found = [
            fact.originator_version
            for fact in self.facts
            if fact.originator_id == f"{DealerAccount.KIND}/{dealer}"
            and getattr(fact, "document", "") == disputed.document
        ]
        return found[min(disputed.place, len(found)) - 1] if found else 0


def play(folder: Path) -> Played:
    played = Played(Ledger())
    with ErpFolder(folder, "main") as export:
        export.read()
        played.problems = export.problems
        for ordered in export:
            played.commands += 1
            if needs_statement(ordered.command):
                complete(ordered.command, ordered.disputed, played)
            request: Any = getattr(ordered.command, str(ordered.command.WhichOneof("command")))
            actor = ordered.command.actor or "erp"
            command = Command(datetime.now(UTC), TODAY, actor, request.request_id)
            try:
                decoded = RESOURCES.mutations[type(request)].decode(request)
                played.ledger.execute(command, use_case_of(decoded, played.ledger))
            except DomainError as refusal:
                played.refused.append((ordered.source, refusal))
            played.facts += command.facts
    return played


@pytest.fixture(scope="session")
def small() -> Played:
    """The committed example, played once."""
    return play(SMALL)


@pytest.fixture(scope="session")
def player() -> Callable[[Path], Played]:
    return play
