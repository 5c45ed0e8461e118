"""Page tokens: bound to their request, and of no use to any other."""

import string
from base64 import urlsafe_b64decode
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.errors import InvalidValue
from partsledger.v1 import dealer_service_pb2, part_service_pb2
from server.api.paging import (
    Bookmark,
    PageTokenInvalid,
    bookmark_of,
    page_size,
    page_token,
)

REQUEST = part_service_pb2.ListPartsRequest(parent="books/main", as_of_position=7, page_size=2)
MARK = Bookmark(7, date(2025, 7, 1), "P-100")


def with_token(token: str, **changed: object) -> part_service_pb2.ListPartsRequest:
    request = part_service_pb2.ListPartsRequest()
    request.CopyFrom(REQUEST)
    request.MergeFrom(part_service_pb2.ListPartsRequest(page_token=token, **changed))  # type: ignore[arg-type]
    return request


@given(
    st.builds(
        Bookmark,
        st.integers(0, 2**63 - 1),
        st.dates(),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=100),
    )
)
@example(Bookmark(0, date.min, ""))
@example(Bookmark(2**63 - 1, date.max, "泵\0/\n"))
def test_a_bookmark_comes_back_as_it_was(bookmark: Bookmark) -> None:
    assert bookmark_of(with_token(page_token(REQUEST, bookmark))) == bookmark


def test_the_first_page_has_no_bookmark() -> None:
    assert bookmark_of(REQUEST) is None


def test_the_size_of_a_page_may_change_from_page_to_page() -> None:
    assert bookmark_of(with_token(page_token(REQUEST, MARK), page_size=900)) == MARK


@pytest.mark.parametrize(
    "changed", [{"parent": "books/north"}, {"as_of_position": 8}, {"min_position": 1}]
)
def test_a_token_is_refused_with_other_arguments(changed: dict[str, object]) -> None:
    with pytest.raises(PageTokenInvalid) as refusal:
        bookmark_of(with_token(page_token(REQUEST, MARK), **changed))

    assert refusal.value.reason == "PAGE_TOKEN_INVALID"
    assert refusal.value.facts["field"] == "page_token"


def test_a_token_of_another_method_is_refused() -> None:
    """Both requests have the same bytes; only their kinds differ."""
    other = dealer_service_pb2.ListDealersRequest(parent="books/main", as_of_position=7)
    token = page_token(other, MARK)
    assert (
        other.SerializeToString()
        == part_service_pb2.ListPartsRequest(
            parent="books/main", as_of_position=7
        ).SerializeToString()
    )

    with pytest.raises(PageTokenInvalid):
        bookmark_of(with_token(token))


def test_a_token_with_one_character_changed_is_refused_or_is_another_spelling_of_it() -> None:
    """Wherever it is changed, and to whatever: of the last character not every bit is read."""
    token = page_token(REQUEST, MARK)
    spellings = []
    for at, there in enumerate(token):
        for other in {*string.printable, "é", "泵"} - {there}:
            changed = token[:at] + other + token[at + 1 :]
            try:
                assert bookmark_of(with_token(changed)) == MARK
            except PageTokenInvalid:
                continue
            spellings.append(urlsafe_b64decode(changed))

    assert set(spellings) <= {urlsafe_b64decode(token)}
    assert len(spellings) < 10


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
@example("A" * 40)
@example("=")
@example("x" * 2_000)
def test_what_was_never_a_token_is_refused(token: str) -> None:
    with pytest.raises(PageTokenInvalid):
        bookmark_of(with_token(token))


@pytest.mark.parametrize(("asked", "given"), [(0, 50), (1, 1), (1_000, 1_000), (99_999, 1_000)])
def test_a_page_has_50_lines_unless_asked_and_never_over_1000(asked: int, given: int) -> None:
    assert page_size(part_service_pb2.ListPartsRequest(page_size=asked)) == given


def test_a_negative_page_is_refused() -> None:
    with pytest.raises(InvalidValue) as refusal:
        page_size(part_service_pb2.ListPartsRequest(page_size=-1))

    assert refusal.value.facts["field"] == "page_size"
