"""Page tokens: the key after which a page begins, the position of the log, and the request.

The first page fixes the position, so facts recorded meanwhile neither repeat nor hide anything on
the pages that follow. A token is no secret and grants nothing: whoever made one up could as well
ask with `as_of_position`. Its check only tells an honest mistake, a token cut short or sent with
another request, from the next page of this one.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Sequence
from datetime import date
from hashlib import sha256
from struct import Struct
from typing import Any, ClassVar, Final, NamedTuple, TypeVar

from google.protobuf.message import Message

from domain.errors import InvalidValue

M = TypeVar("M", bound=Message)

DEFAULT_SIZE: Final = 50
LARGEST_SIZE: Final = 1_000
PAGE_BYTES: Final = 3 * 1024 * 1024  # Clients refuse answers of 4 MiB unless they are told not to.
_LONGEST_TOKEN: Final = 1_000

_CHECK_BYTES: Final = 12
_FIXED: Final = Struct(">qI")  # Position, and the day as an ordinal number.


class PageTokenInvalid(InvalidValue):
    """Not a page token, or that of another request."""

    reason: ClassVar[str] = "PAGE_TOKEN_INVALID"

    def __init__(self, token: str) -> None:
        rule = "must be the next_page_token of the page before, with all else unchanged"
        super().__init__("page_token", token[:80], rule)


class Bookmark(NamedTuple):
    """Where the next page of a list begins."""

    position: int  # Of the log. All pages stand at it.
    today: date  # The business day of the first page; others may be read after midnight.
    after: str  # The next page begins after this key.


def page_size(request: Any) -> int:
    """How many a page may hold: 50 by default, at most 1,000."""
    asked: int = request.page_size
    if asked < 0:
        raise InvalidValue("page_size", asked, "must not be negative")
    return min(asked or DEFAULT_SIZE, LARGEST_SIZE)


def fitting(messages: Iterable[M]) -> list[M]:
    """The first of these messages that fit on a page: one at least."""
    found: list[M] = []
    size = 0
    for message in messages:
        size += message.ByteSize()
        if found and size > PAGE_BYTES:
            break
        found.append(message)
    return found


def cut_to_page(request: Any, response: M, holder: Any, fields: Sequence[str], mark: Bookmark) -> M:
    """The response with the rows of the page that is asked for, and where the next one begins.

    The rows are those in these fields of the `holder`, one field after another; the response itself
    or a message in it. `mark.after` is how many rows the pages before had.
    """
    size, skip = request.page_size, int(mark.after)
    if size < 0:
        raise InvalidValue("page_size", size, "must not be negative")
    if not (size or skip) and response.ByteSize() <= PAGE_BYTES:
        return response
    rows = [(field, row) for field in fields for row in getattr(holder, field)][skip:]
    count = len(fitting(row for _, row in (rows[:size] if size else rows)))
    shown = [(field, type(row).FromString(row.SerializeToString())) for field, row in rows[:count]]
    for field in fields:
        holder.ClearField(field)
    for field, row in shown:
        getattr(holder, field).append(row)
    if count < len(rows):
        after = mark._replace(after=str(skip + count))
        told: Any = response
        told.next_page_token = page_token(request, after)
    return response


def page_token(request: Any, bookmark: Bookmark) -> str:
    """The token for the page of this request that begins at the bookmark."""
    fixed = _FIXED.pack(bookmark.position, bookmark.today.toordinal())
    content = fixed + bookmark.after.encode()
    return urlsafe_b64encode(_check(request, content) + content).decode()


def bookmark_of(request: Any) -> Bookmark | None:
    """The bookmark in the request's page token; None for the first page."""
    token: str = request.page_token
    if not token:
        return None
    try:
        decoded = urlsafe_b64decode(token.encode("ascii")) if len(token) <= _LONGEST_TOKEN else b""
    except ValueError:
        raise PageTokenInvalid(token) from None
    check, content = decoded[:_CHECK_BYTES], decoded[_CHECK_BYTES:]
    if len(content) < _FIXED.size or check != _check(request, content):
        raise PageTokenInvalid(token)
    position, day = _FIXED.unpack_from(content)
    return Bookmark(position, date.fromordinal(day), content[_FIXED.size :].decode())


def _check(request: Any, content: bytes) -> bytes:
    """A hash of the token's content, the kind of request, and all arguments but those of paging."""
    asked = type(request)()
    asked.CopyFrom(request)
    asked.ClearField("page_token")
    asked.ClearField("page_size")
    kind = request.DESCRIPTOR.full_name.encode()
    bound = sha256(kind + b"\0" + asked.SerializeToString(deterministic=True)).digest()
    return sha256(bound + content).digest()[:_CHECK_BYTES]
