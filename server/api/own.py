"""How a caller that is kept to one dealer gets at that dealer's business and no other's.

A rule looks at a request before anything else does: it lets it pass, narrows it to the dealer, or
refuses it as if what it names did not exist. Where a request names a document by its number, only
the document says whose it is: that is looked at where it is read (server/api/reads.py) or decided
(server/api/resource.py).
"""

from collections.abc import Callable
from typing import Any

from domain.errors import NotFound
from server.api.conversions import names
from server.api.conversions.names import NamePattern

Own = Callable[[Any, str], None]  # Given the request and the dealer.


def everything(request: Any, dealer: str) -> None:
    """The same for all dealers, as a price list is."""


def where_found(request: Any, dealer: str) -> None:
    """What is named says itself whose it is."""


def in_field(path: str) -> Own:
    """The dealer is named in a field, as in `claim.dealer`. An empty one is refused later."""

    def require(request: Any, dealer: str) -> None:
        *outer, last = path.split(".")
        for field in outer:
            request = getattr(request, field)
        if named := getattr(request, last):
            _require(names.DEALER.parse(named, path)[1], dealer)

    return require


def in_name(pattern: NamePattern) -> Own:
    """The dealer is part of the name, as in `books/main/dealers/D01/settlements/2026-09`."""

    def require(request: Any, dealer: str) -> None:
        _, key = pattern.parse(request.name, "name")
        _require(key.partition("/")[0], dealer)

    return require


def in_parent(request: Any, dealer: str) -> None:
    """The dealer is the parent; all dealers are those the caller sees."""
    book, named = names.DEALER.parse_or_all(request.parent, "parent")
    if named:
        _require(named, dealer)
    else:
        request.parent = names.DEALER.format(book, dealer)


def in_filter(request: Any, dealer: str) -> None:
    """The dealer is a filter; without one, all are those the caller sees."""
    if request.dealer:
        _require(names.DEALER.parse(request.dealer, "dealer")[1], dealer)
    else:
        request.dealer = names.DEALER.format(names.book(request.parent), dealer)


def as_party(request: Any, dealer: str) -> None:
    """The party is the dealer, as postings name it."""
    request.party = _own_party(request.party, dealer)


def as_party_of_entries(request: Any, dealer: str) -> None:
    """The entries that concern the dealer, and no other way to choose them."""
    request.filter.party = _own_party(request.filter.party, dealer)


def in_figure(request: Any, dealer: str) -> None:
    """A figure of the dealer's: of its statements, its open items, its share of an account."""
    kind = request.WhichOneof("figure")
    if kind == "statement_line":
        _, key = names.STATEMENT.parse(request.statement_line.statement, "statement_line.statement")
        _require(key.partition("/")[0], dealer)
    elif kind == "open_item":
        _require(names.DEALER.parse(request.open_item.dealer, "open_item.dealer")[1], dealer)
    elif kind == "balance":
        request.balance.party = _own_party(request.balance.party, dealer)
    elif kind is not None:
        raise NotFound("Figure", kind)


def _own_party(party: str, dealer: str) -> str:
    own = f"dealers/{dealer}"
    if party not in ("", own):
        kind, _, key = party.partition("/")
        raise NotFound("Dealer" if kind == "dealers" else "Party", key or party)
    return own


def _require(named: str, dealer: str) -> None:
    if named != dealer:
        raise NotFound("Dealer", named)
