"""The proofs of a month: figures that are found in two ways and have to be the same.

Views sum, and the domain judges: it is given the figures as they were read at one position of the
log, refuses a month in which any two differ, and keeps what it was closed on.
"""

import hashlib
from collections.abc import Iterable
from enum import StrEnum
from typing import Final, NamedTuple

from domain.errors import ProofFailed
from domain.stored import Stored
from domain.values import money_text


class ProofKind(StrEnum):
    STOCK = "stock"  # The layers at a place, and its inventory accounts.
    OPEN_ITEMS = "open_items"  # The open items of a dealer, and its two accounts.
    STATEMENTS = "statements"  # Dealers with lines, and those to whom they are stated.


class Compared(NamedTuple):
    """Two figures at the end of a month, in minor units of one currency.

    `of` is whose they are: a place, or an account of a dealer.
    """

    proof: ProofKind
    of: str
    currency: str
    figure_minor: int
    account_minor: int


class Figures(NamedTuple):
    """What the views say of a month, at a position of the log.

    `calendar_version` is that of the calendar before that position. Nothing enters a soft-closed
    month without a fact of the calendar, so the figures are still true if the calendar still has
    this version.
    """

    position: int
    calendar_version: int
    compared: tuple[Compared, ...]
    dealers_with_lines: int
    not_stated: tuple[str, ...]  # Dealers with lines that stand on no statement yet.


# Of a month that cannot be closed. No calendar has this version: nothing is closed on it.
NOTHING_READ: Final = Figures(0, 0, (), 0, ())


class Proof(Stored):
    """Of one kind and currency, the sums of both figures over all that was compared.

    `fingerprint` is the SHA-256 over the lines `of|figure_minor|account_minor`, each ended by a
    newline, in the order of `of`.
    """

    proof: ProofKind
    currency: str
    compared: int
    figure_minor: int
    account_minor: int
    fingerprint: str


def require_proved(month: str, figures: Figures) -> tuple[Proof, ...]:
    """The proofs of a month. Refuses figures that differ, and dealers that are not stated."""
    for each in figures.compared:
        if each.figure_minor != each.account_minor:
            difference = each.figure_minor - each.account_minor
            raise ProofFailed(
                f"{month} at position {figures.position}: {each.proof} of {each.of} is"
                f" {money_text(each.figure_minor, each.currency)}, its account"
                f" {money_text(each.account_minor, each.currency)}, a difference of"
                f" {money_text(difference, each.currency)}",
                month=month, proof=each.proof, of=each.of, currency=each.currency,
                figure_minor=each.figure_minor, account_minor=each.account_minor,
                difference_minor=difference, position=figures.position,
            )  # fmt: skip
    if figures.not_stated:
        dealers = ", ".join(figures.not_stated)
        raise ProofFailed(
            f"{month} at position {figures.position}: of {figures.dealers_with_lines} dealers with"
            f" lines, {len(figures.not_stated)} have no statement of them: {dealers}",
            month=month, proof=ProofKind.STATEMENTS, of=dealers, position=figures.position,
        )  # fmt: skip
    kinds = sorted({(each.proof, each.currency) for each in figures.compared})
    return tuple(
        _proof(
            kind, currency,
            (each for each in figures.compared if (each.proof, each.currency) == (kind, currency)),
        )
        for kind, currency in kinds
    )  # fmt: skip


def _proof(kind: ProofKind, currency: str, compared: Iterable[Compared]) -> Proof:
    lines = sorted(compared, key=lambda each: each.of)
    written = "".join(f"{each.of}|{each.figure_minor}|{each.account_minor}\n" for each in lines)
    return Proof(
        proof=kind,
        currency=currency,
        compared=len(lines),
        figure_minor=sum(each.figure_minor for each in lines),
        account_minor=sum(each.account_minor for each in lines),
        fingerprint=hashlib.sha256(written.encode()).hexdigest(),
    )
