"""The first page: what the API is, how resources are named, and what holds for every call."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from google.protobuf.descriptor import Descriptor, ServiceDescriptor

from server.api.batches import MAX_REQUESTS
from server.api.callers import ACTOR_METADATA, PRINCIPAL_METADATA
from server.api.commands import LONGEST_CALL_SECONDS
from server.api.conversions import names
from server.api.conversions.names import NamePattern
from server.api.paging import DEFAULT_SIZE, LARGEST_SIZE, PAGE_BYTES
from server.api.published.comments import Comments
from server.api.published.links import (
    GENERATED,
    element_link,
    in_a_cell,
    linked,
    service_link,
)
from server.api.published.refusals import advice
from server.api.reads import LONGEST_WAIT_SECONDS

_MOST: Final = f"{PAGE_BYTES // (1024 * 1024)} MiB"
_REASONS_FILE: Final = "partsledger/v1/error_reason.proto"
_TYPES_FILE: Final = "partsledger/v1/types.proto"

_HEAD: Final = f"""{GENERATED}

# The API

What an ERP posts to partsledger, and asks of it: gRPC, package `partsledger.v1`. Each service has
a page here with its methods, fields and enums; [types.md](types.md) has what services share, and
[reasons.md](reasons.md) each reason for a refusal, with an answer of the server as an example. The
schema itself lies in [proto/partsledger/v1](../../proto/partsledger/v1);
[proto/README.md](../../proto/README.md) says how to generate a client from it. A running server
tells it by reflection, and `partsledger call` ([cli.md](../cli.md#call)) calls any method with
JSON. What a command does in the books is said in [domain.md](../domain.md), what the log promises
in [promises.md](../promises.md), and what the entries hold in [facts](../facts/README.md).
"""

_NAMES: Final = """## Names

Resources are named by paths, each in its book; a server keeps one book, `main` unless it was told
otherwise. A name is used whole, wherever a resource is referred to."""

_CALLS: Final = f"""## Who calls

A server that asks who calls takes a token from the metadata `authorization`, as `Bearer …`: it says
who calls, in which roles, and for whom it may speak ([security.md](../security.md)). Who is
responsible, if that is another, is said in `{ACTOR_METADATA}`; a name that is not ASCII goes into
`{ACTOR_METADATA}-bin`, in UTF-8. Without tokens both are what the caller says, the sender in
`{PRINCIPAL_METADATA}`. Two people means two actors: the one who asks for something is not the one
who approves it.

## Calls that change the book

- **`request_id`** is required: a UUID, new for each request, and the same when it is repeated. A
  repeat is answered with the first answer, and records nothing. The same id with another content
  is refused with REQUEST_ID_REUSED. Ids are kept for ever, and are one of the whole book, whoever
  sends them.
- **The receipt** says at which positions of the log it was recorded, and holds the hash of each
  entry.
- **`etag`** is optional: with the one that was read, a step is refused with ETAG_MISMATCH if the
  resource has changed since.
- **`occurrence`** says on which day it happened and on which paper. In a month that is closed for
  good it is refused with PERIOD_CLOSED, unless `allow_late` lets it count on the first open day.
- **Deadline**: an answer takes {LONGEST_CALL_SECONDS} seconds at most, or as long as the caller's
  own deadline. What is not answered by then ends in DEADLINE_EXCEEDED: it may have been recorded
  or not. Repeat it.
- **Batches** (`BatchCreate…`, `BatchSetPrices`) hold 1 to {MAX_REQUESTS:,} requests, of which all
  are recorded or none; their answers together have at most {_MOST}, receipts not
  counted. [Import](ImportService.md#import) takes any number of commands on a stream, each with an
  answer of its own.

## Calls that read

- **`as_of_position`** in an answer is the position of the log that it stands at; in a request it
  asks how things stood then. `as_of_date`, where there is one, asks for the end of a day.
- **`min_position`**: answers include the log up to here, or wait for it, at most
  {LONGEST_WAIT_SECONDS:.0f} seconds; then they are refused with VIEWS_BEHIND. The receipt's
  `last_position` in it reads one's own write.
- **Pages**: `page_size` is {DEFAULT_SIZE} if it is 0, and {LARGEST_SIZE:,} at most, where the
  field does not say otherwise. A page may be shorter than asked for, and ends at {_MOST}; the last
  one is the one without `next_page_token`. All pages stand at one position. A token goes with an
  unchanged request.
- **Following**: [SubscribeEntries](EntryService.md#subscribeentries) sends what is recorded, from
  any position on, at least once and in order.

## Fields

*required*: left out, the request is refused with INVALID_VALUE. *output only*: the server fills it
in, and what a request says there is not looked at. Where the column is empty, the field may be
left out, or its meaning says when it may not. A field that is left out has the value that protobuf
gives it: 0, `false`, an empty text or list, the first value of an enum. Amounts are
`google.type.Money` with no more decimals than the currency has, and are never rounded; days are
`google.type.Date` with year, month and day; rates are `google.type.Decimal`.
No field is a float."""

_ERRORS: Final = """| status | may it be sent again? |
| --- | --- |"""


def index_page(services: Iterable[ServiceDescriptor], said: Comments, errors: str) -> str:
    """`errors` is docs/errors.md."""
    ordered = list(services)
    parts = [
        _HEAD.rstrip(),
        "\n".join(
            ["## Services\n\n| service | what it is for |\n| --- | --- |", *_rows(ordered, said)]
        ),
        _NAMES,
        said[_TYPES_FILE].partition("\n\n")[2],
        "\n".join(
            ["| name | what it names | service |\n| --- | --- | --- |", *_named(ordered, said)]
        ),
        linked(_CALLS),
        "## Errors",
        linked(said[_REASONS_FILE].partition("\n\n")[2]),
        "\n".join(
            [_ERRORS, *(f"| `{status}` | {says} |" for status, says in advice(errors).items())]
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _rows(services: Iterable[ServiceDescriptor], said: Comments) -> Iterator[str]:
    for service in services:
        yield f"| {service_link(service)} | {in_a_cell(said[service.full_name])} |"


def _named(services: Iterable[ServiceDescriptor], said: Comments) -> Iterator[str]:
    """A row for each kind of name that a resource has, in the order of the table of names."""
    found = {
        shape(
            pattern
        ): f"| `{pattern}` | {element_link(message)}: {in_a_cell(said[message.full_name])} |"
        f" {service_link(service)} |"
        for service in services
        for message in service.file.message_types_by_name.values()
        for pattern in _patterns(message, said)
    }
    for each in vars(names).values():
        if isinstance(each, NamePattern) and shape(each.template) in found:
            yield found[shape(each.template)]


def _patterns(message: Descriptor, said: Comments) -> list[str]:
    """The pattern of a resource's name, as the comment of that field has it; of others none."""
    if "name" not in message.fields_by_name or message.full_name not in said:
        return []
    says = said[message.fields_by_name["name"].full_name]
    return re.findall(r"`(books/\{book\}/[^`]*)`", says)[:1]


def shape(pattern: str) -> str:
    """A pattern of names whatever its variables are called: `{kind}-{currency}` is one part."""
    return re.sub(r"\{[^/]*\}", "{}", pattern)
