"""A promise is kept once, and everyone who waits for it is told."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import sleep

import pytest

from server.writing.promise import Promise
from tests.server.writing.office import PATIENCE


def test_a_kept_promise_gives_its_result_again_and_again() -> None:
    promise: Promise[int] = Promise()
    assert not promise.done()
    promise.set_result(7)

    assert promise.done()
    assert [promise.result(0), promise.result()] == [7, 7]
    assert promise.exception() is None


def test_a_promise_that_failed_raises_why() -> None:
    promise: Promise[int] = Promise()
    promise.set_exception(KeyError("why"))

    assert promise.done()
    assert isinstance(promise.exception(0), KeyError)
    for _ in range(2):
        with pytest.raises(KeyError, match="why"):
            promise.result()


def test_whoever_waits_for_too_long_is_told_so() -> None:
    promise: Promise[int] = Promise()
    for wait in (promise.result, promise.exception):
        with pytest.raises(TimeoutError):
            wait(0.01)
        with pytest.raises(TimeoutError):
            wait(0)
    promise.set_result(7)  # The wait that ended has not used it up.
    assert promise.result(0) == 7


@pytest.mark.parametrize("failure", [None, KeyError("why")])
def test_all_who_wait_are_told(failure: KeyError | None) -> None:
    promise: Promise[int] = Promise()
    with ThreadPoolExecutor(8) as waiters:
        told = [waiters.submit(promise.exception, PATIENCE) for _ in range(8)]
        sleep(0.05)
        assert not any(each.done() for each in told), "the control: nobody is told too early"
        if failure is None:
            promise.set_result(7)
        else:
            promise.set_exception(failure)
        assert [each.result(PATIENCE) for each in told] == [failure] * 8


def test_a_promise_is_kept_once() -> None:
    promise: Promise[int] = Promise()
    promise.set_result(7)
    with pytest.raises(AssertionError, match="kept once"):
        promise.set_exception(KeyError())
    assert promise.result() == 7


def test_each_callback_is_called_once_whoever_comes_first() -> None:
    """Some ask before it is kept, some after, and some at that very moment."""
    for _ in range(200):
        promise: Promise[int] = Promise()
        called: list[int] = []
        promise.then(partial(called.append, 1))
        with ThreadPoolExecutor(2) as others:
            others.submit(promise.set_result, 7)
            others.submit(promise.then, partial(called.append, 2))
        promise.then(partial(called.append, 3))
        assert sorted(called) == [1, 2, 3]


def test_nobody_is_called_back_before_it_is_kept() -> None:
    """The control."""
    promise: Promise[int] = Promise()
    called: list[int] = []
    promise.then(lambda: called.append(1))
    assert called == []
    promise.set_exception(KeyError())
    assert called == [1]
