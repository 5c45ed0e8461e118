"""Lists of documents: which there are comes from the views, what each says comes from the log.

The views find a page of numbers as of one position; the documents are then loaded together, each
at the version it had there. So every page of a list, and every field on it, is of one moment.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, NamedTuple, TypeVar

import grpc

from domain.document import Document
from domain.facts import Aggregate
from projections.books.documents import list_documents
from server.api.conversions.choices import Choice
from server.api.conversions.names import DEALER
from server.api.paging import Bookmark, bookmark_of, page_size, page_token
from server.api.reads import Reads

A = TypeVar("A", bound=Aggregate)
M = TypeVar("M")


class Page(NamedTuple, Generic[M]):
    """Some messages, and where the list stands and goes on."""

    messages: list[M]
    next_page_token: str
    as_of_position: int


@dataclass(frozen=True)
class Within:
    """Which documents of a kind a request is about; None and empty let all through."""

    dealer: str | None = None
    states: frozenset[StrEnum] = frozenset()
    collection: str = ""  # Keys that begin with it and a slash: the prices of a list.
    last_part: str = ""  # Keys whose part after the slash it is: the settlements of a month.


@dataclass(frozen=True)
class Listing(Generic[A, M]):
    """How documents of a kind are listed.

    The views know only the last fact of each, which may leave it in one of several states. So they
    find a few too many, which are left out once loaded: a page may be shorter than asked for, and
    is the last one only without a `next_page_token`.
    """

    kind: type[A]
    message: Callable[[A, str], M]

    def page(
        self,
        reads: Reads,
        context: grpc.ServicerContext,
        request: Any,
        book: str,
        within: Within = Within(),
    ) -> Page[M]:
        """The page that a List request asks for, by key."""
        reads.require_book(book)
        size = page_size(request)
        begin = f"{within.collection}/" if within.collection else ""
        mark = bookmark_of(request) or Bookmark(request.as_of_position, reads.today(), begin)
        with reads.views(context, request.min_position, mark.position) as now:
            found = list_documents(
                now,
                self.kind.KIND,
                dealer=within.dealer,
                states=_last_facts(self.kind, within.states),
                after_key=mark.after,
                before_key=f"{within.collection}0" if within.collection else None,
                key_end=f"/{within.last_part}" if within.last_part else "",
                limit=size + 1,
            )
        documents, more = found.documents[:size], len(found.documents) > size
        loaded = reads.aggregates(self.kind, {d.key: d.version for d in documents})
        messages = [
            self.message(aggregate, book)
            for aggregate in loaded
            if not within.states or getattr(aggregate, "state", None) in within.states
        ]
        token = ""
        if more:
            after = Bookmark(found.as_of_position, mark.today, documents[-1].key)
            token = page_token(request, after)
        return Page(messages, token, found.as_of_position)


def states_asked(request: Any, choice: Choice[Any]) -> frozenset[StrEnum]:
    """The states a List request names."""
    return frozenset(
        choice.value(number, f"states[{index}]") for index, number in enumerate(request.states)
    )


def dealer_asked(request: Any, book: str) -> str | None:
    """The dealer a List request names, or None."""
    return DEALER.optional_key(request.dealer, "dealer", book) or None


def _last_facts(kind: type[Aggregate], states: frozenset[StrEnum]) -> list[str]:
    """The last facts after which a document can be in one of the states; none for all."""
    return kind.facts_leaving(states) if states and issubclass(kind, Document) else []
