"""Lists of documents: found in the views, and read from the log.

The views give the keys of a page as of one position; the documents are then loaded together, each
at the version it had at that position. So all pages of a list, and all fields, are of one moment.

The views know the last fact of each document, which does not always tell its state. So they find
some that are in another state, and these are left out after loading. Therefore a page may be
shorter than asked for, and so it may where documents are long; the last page is the one without a
`next_page_token`.
"""

from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

import grpc
from google.protobuf.message import Message

from domain import values
from domain.document import Document as DomainDocument
from domain.errors import InvalidValue
from domain.facts import Aggregate
from projections.books.documents import Document, Order, Wanted, list_documents
from server.api.conversions import names, times
from server.api.conversions.entries import LONGEST_NUMBER
from server.api.paging import Bookmark, bookmark_of, fitting, page_size, page_token
from server.api.reads import Reads
from server.api.resource import Resource


class Page(NamedTuple):
    """The messages of one page, the position they stand at, and the token for the next page."""

    messages: list[Message]
    next_page_token: str
    as_of_position: int
    unreachable: list[str]  # Names of those that cannot be read.


class _Asked(NamedTuple):
    """Which documents of a kind a request asks for."""

    book: str
    states: frozenset[StrEnum]  # None do not filter.
    wanted: Wanted


def listed(
    resource: Resource[Any], reads: Reads, context: grpc.ServicerContext, request: Any
) -> Page:
    """The page that a List request asks for."""
    asked = _asked(resource, request)
    reads.require_book(asked.book)
    size = page_size(request)
    mark = bookmark_of(request) or Bookmark(request.as_of_position, reads.today(), "")
    with reads.views(context, request.min_position, mark.position) as now:
        after = _place(mark.after) if mark.after else None
        found = list_documents(now, resource.kind.KIND, asked.wanted, after=after, limit=size + 1)
    documents = found.documents[:size]
    loaded, left_out = reads.aggregates(resource, {d.key: d.version for d in documents})
    wanted = [
        aggregate for aggregate in loaded if not asked.states or aggregate.state in asked.states
    ]
    messages = fitting(resource.message(aggregate, reads.shown_book) for aggregate in wanted)
    shown = documents
    if cut := len(messages) < len(wanted):
        keys = [document.key for document in documents]
        shown = documents[: keys.index(wanted[len(messages) - 1].key) + 1]
    token = ""
    if cut or len(found.documents) > size:
        last = Bookmark(found.as_of_position, mark.today, _bookmarked(shown[-1]))
        token = page_token(request, last)
    unreachable = [resource.name.format(asked.book, d.key) for d in shown if d.key in left_out]
    return Page(messages, token, found.as_of_position, unreachable)


def _bookmarked(document: Document) -> str:
    """The day and the key of a document: where the next page begins, in whichever order."""
    day = document.occurred_on.isoformat() if document.occurred_on else ""
    return f"{day} {document.key}"


def _place(bookmarked: str) -> tuple[date | None, str]:
    day, _, key = bookmarked.partition(" ")
    return date.fromisoformat(day) if day else None, key


def _asked(resource: Resource[Any], request: Any) -> _Asked:
    """The filters of a List request. Not all kinds of requests have all of them."""
    has = request.DESCRIPTOR.fields_by_name
    if resource.parent is None:
        book, collection = names.book(request.parent), ""
    else:
        book, collection = resource.parent.parse_or_all(request.parent, "parent")
    dealer = names.DEALER.optional_key(request.dealer, "dealer", book) if "dealer" in has else ""
    states = _states(resource, request) if "states" in has else frozenset()
    month = values.month(request.month, "month") if "month" in has and request.month else ""
    wanted = Wanted(
        dealer=dealer or None,
        states=_last_facts(resource.kind, states),
        begin=f"{collection}/" if collection else "",
        end=f"{collection}0" if collection else None,
        key_end=f"/{month}" if month else "",
    )
    if "order_by" in has:
        wanted = wanted._replace(
            first_day=times.optional_day(request.from_date, "from_date"),
            last_day=times.optional_day(request.to_date, "to_date"),
            paper=values.text(request.document, "document", most=LONGEST_NUMBER),
            order=_order(request),
        )
    return _Asked(book, states, wanted)


def _order(request: Any) -> Order:
    try:
        return Order(" ".join(request.order_by.split()))
    except ValueError:
        rule = f"must be empty, or one of {', '.join(filter(None, Order))}"
        raise InvalidValue("order_by", request.order_by, rule) from None


def _states(resource: Resource[Any], request: Any) -> frozenset[StrEnum]:
    assert resource.states is not None
    return frozenset(
        resource.states.value(number, f"states[{index}]")
        for index, number in enumerate(request.states)
    )


def _last_facts(kind: type[Aggregate], states: frozenset[StrEnum]) -> list[str]:
    """The facts that can leave a document in one of the states; empty for all states."""
    return kind.facts_leaving(states) if states and issubclass(kind, DomainDocument) else []
