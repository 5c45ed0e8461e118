"""Lists of documents: found in the views, and read from the log.

The views give the keys of a page as of one position; the documents are then loaded together, each
at the version it had at that position. So all pages of a list, and all fields, are of one moment.

The views know the last fact of each document, which does not always tell its state. So they find
some that are in another state, and these are left out after loading. Therefore a page may be
shorter than asked for, and so it may where documents are long; the last page is the one without a
`next_page_token`.
"""

from enum import StrEnum
from typing import Any, NamedTuple

import grpc
from google.protobuf.message import Message

from domain import values
from domain.document import Document
from domain.facts import Aggregate
from projections.books.documents import list_documents
from server.api.conversions import names
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
    """Which documents of a kind a request asks for. None and empty fields do not filter."""

    book: str
    collection: str  # Those whose keys begin with it and a slash, as the prices of a list.
    dealer: str | None
    states: frozenset[StrEnum]
    month: str  # Those whose keys end in a slash and it, as the settlements of a month.


def listed(
    resource: Resource[Any], reads: Reads, context: grpc.ServicerContext, request: Any
) -> Page:
    """The page that a List request asks for, in the order of the keys."""
    asked = _asked(resource, request)
    reads.require_book(asked.book)
    size = page_size(request)
    begin = f"{asked.collection}/" if asked.collection else ""
    mark = bookmark_of(request) or Bookmark(request.as_of_position, reads.today(), begin)
    with reads.views(context, request.min_position, mark.position) as now:
        found = list_documents(
            now,
            resource.kind.KIND,
            dealer=asked.dealer,
            states=_last_facts(resource.kind, asked.states),
            after_key=mark.after,
            before_key=f"{asked.collection}0" if asked.collection else None,
            key_end=f"/{asked.month}" if asked.month else "",
            limit=size + 1,
        )
    documents = found.documents[:size]
    loaded, left_out = reads.aggregates(resource.kind, {d.key: d.version for d in documents})
    wanted = [
        aggregate for aggregate in loaded if not asked.states or aggregate.state in asked.states
    ]
    messages = fitting(resource.message(aggregate, reads.book) for aggregate in wanted)
    last = documents[-1].key if documents else ""
    if cut := len(messages) < len(wanted):
        last = wanted[len(messages) - 1].key
    token = ""
    if cut or len(found.documents) > size:
        token = page_token(request, Bookmark(found.as_of_position, mark.today, last))
    shown = documents if not cut else [d for d in documents if d.key <= last]
    unreachable = [resource.name.format(asked.book, d.key) for d in shown if d.key in left_out]
    return Page(messages, token, found.as_of_position, unreachable)


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
    return _Asked(book, collection, dealer or None, states, month)


def _states(resource: Resource[Any], request: Any) -> frozenset[StrEnum]:
    assert resource.states is not None
    return frozenset(
        resource.states.value(number, f"states[{index}]")
        for index, number in enumerate(request.states)
    )


def _last_facts(kind: type[Aggregate], states: frozenset[StrEnum]) -> list[str]:
    """The facts that can leave a document in one of the states; empty for all states."""
    return kind.facts_leaving(states) if states and issubclass(kind, Document) else []
