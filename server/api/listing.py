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
from typing import Any, Final, NamedTuple

import grpc
from google.protobuf.message import Message

from domain import values
from domain.document import Document as DomainDocument
from domain.errors import InvalidValue
from domain.facts import Aggregate
from projections.books.documents import Document, Order, list_documents
from server.api.conversions import names, times
from server.api.conversions.entries import LONGEST_NUMBER
from server.api.paging import Bookmark, bookmark_of, fitting, page_size, page_token
from server.api.reads import Reads
from server.api.resource import Resource

_ALL_DAYS: Final = (None, None)


class Page(NamedTuple):
    """The messages of one page, the position they stand at, and the token for the next page."""

    messages: list[Message]
    next_page_token: str
    as_of_position: int
    unreachable: list[str]  # Names of those that cannot be read.


class _Asked(NamedTuple):
    """Which documents of a kind a request asks for. None and empty fields do not filter."""

    book: str
    collection: str  # Those whose keys begin with it and a slash, as the prices of a list.
    dealer: str | None
    states: frozenset[StrEnum]
    month: str  # Those whose keys end in a slash and it, as the settlements of a month.
    days: tuple[date | None, date | None]  # Those that happened from the first to the last.
    paper: str  # Those with this number, or on a paper with it.
    order: Order


def listed(
    resource: Resource[Any], reads: Reads, context: grpc.ServicerContext, request: Any
) -> Page:
    """The page that a List request asks for."""
    asked = _asked(resource, request)
    reads.require_book(asked.book)
    size = page_size(request)
    mark = bookmark_of(request) or Bookmark(request.as_of_position, reads.today(), "")
    with reads.views(context, request.min_position, mark.position) as now:
        found = list_documents(
            now,
            resource.kind.KIND,
            dealer=asked.dealer,
            states=_last_facts(resource.kind, asked.states),
            days=asked.days,
            paper=asked.paper,
            begin=f"{asked.collection}/" if asked.collection else "",
            end=f"{asked.collection}0" if asked.collection else None,
            key_end=f"/{asked.month}" if asked.month else "",
            order=asked.order,
            after=_place(mark.after) if mark.after else None,
            limit=size + 1,
        )
    documents = found.documents[:size]
    loaded, left_out = reads.aggregates(resource.kind, {d.key: d.version for d in documents})
    wanted = [
        aggregate for aggregate in loaded if not asked.states or aggregate.state in asked.states
    ]
    messages = fitting(resource.message(aggregate, reads.book) for aggregate in wanted)
    shown = documents
    if cut := len(messages) < len(wanted):
        keys = [document.key for document in documents]
        shown = documents[: keys.index(wanted[len(messages) - 1].key) + 1]
    token = ""
    if cut or len(found.documents) > size:
        after = Bookmark(found.as_of_position, mark.today, _bookmarked(shown[-1]))
        token = page_token(request, after)
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
    if "order_by" not in has:
        return _Asked(book, collection, dealer or None, states, month, _ALL_DAYS, "", Order.BY_KEY)
    days = (
        times.optional_day(request.from_date, "from_date"),
        times.optional_day(request.to_date, "to_date"),
    )
    paper = values.text(request.document, "document", most=LONGEST_NUMBER)
    return _Asked(book, collection, dealer or None, states, month, days, paper, _order(request))


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
