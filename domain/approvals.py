"""Leave for one entry into a soft-closed month, and what an entry is compared by.

An entry is everything that one command records of one document in the month. How it changes the
accounts of a party is a sum over the postings of its facts, so it is the same for all documents.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from domain import accounts, places
from domain.errors import NotAsApproved
from domain.facts import Aggregate, BookedFact, Fact
from domain.lines import Posting
from domain.months import month_of
from domain.values import money_text

# What a document calls those whose accounts it changes.
_NAMED: Final = {
    "dealer": "dealers", "supplier": "suppliers", "from_place": "places", "to_place": "places",
}  # fmt: skip


class ApprovedEntry(NamedTuple):
    """The one entry that may be made: a document of this kind and number, with this party.

    `kind` is the collection of the document: `sales`, `transfers`. `amount_minor` is by how much
    the entry changes the accounts of the party, debit positive: above nought what a dealer owes, or
    the stock of a place, becomes more. It is nought for a step that posts nothing to the party.
    """

    month: str
    document: str
    kind: str
    party: str
    amount_minor: int
    currency: str

    def __str__(self) -> str:
        return f"{self.kind} of {self.party}, {money_text(self.amount_minor, self.currency)}"


class Approval(NamedTuple):
    entry: ApprovedEntry
    approver: str


class Entered(NamedTuple):
    """What a command has recorded in a month: of which document, and on whose accounts."""

    stream: str
    kind: str
    parties: tuple[str, ...]
    changes: Counter[tuple[str, str]]  # By party and currency, in minor units, debit positive.

    def is_as(self, approved: ApprovedEntry) -> bool:
        """Whether it is just the approved entry, in whichever currency."""
        party = approved.party
        changed = {
            currency: amount
            for (whose, currency), amount in self.changes.items()
            if whose == party and amount
        }
        amount = {approved.currency: approved.amount_minor} if approved.amount_minor else {}
        return self.kind == approved.kind and party in self.parties and changed == amount

    def __str__(self) -> str:
        changed = [
            f"{party} {money_text(self.changes[party, currency], currency)}"
            for party, currency in sorted(self.changes)
            if party in self.parties
        ]
        return f"{self.kind} of {', '.join(changed or self.parties)}"


def parties(document: Aggregate) -> tuple[str, ...]:
    """Those whose accounts an entry of the document can change: its dealer, its supplier, and the
    places that parts leave and come to, as far as it names them."""
    return tuple(
        f"{kind}/{getattr(document, name)}"
        for name, kind in _NAMED.items()
        if getattr(document, name, "")
    )


def entered(document: Aggregate, facts: Iterable[Fact], month: str) -> Entered:
    """What facts of one command, which was about this document, are in the books of the month."""
    changes: Counter[tuple[str, str]] = Counter()
    for fact in facts:
        if isinstance(fact, BookedFact) and month_of(fact.effective_on) == month:
            for posting in fact.postings:
                changes[_whose(posting), posting.currency] += posting.amount_minor
    return Entered(document.id, document.KIND, parties(document), changes)


def _whose(posting: Posting) -> str:
    """The party of a posting; what is in consignment at a dealer is a place and no debt of it."""
    if posting.account == accounts.CONSIGNMENT:
        return f"places/{places.consignment(posting.party.removeprefix('dealers/'))}"
    return posting.party


def matching(approvals: Mapping[int, Approval], entry: Entered) -> int:
    """The version of the approval that the entry uses up. Refuses an entry of anything else."""
    approved: list[ApprovedEntry] = []
    for version, (leave, _) in approvals.items():
        if entry.is_as(leave):
            return version
        approved.append(leave)
    month, document = approved[0].month, approved[0].document
    said = "; ".join(map(str, approved))
    raise NotAsApproved(
        f"{document} was approved for {month} as {said}, and not as {entry}",
        month=month, document=document, approved=said, entered=entry,
    )  # fmt: skip
