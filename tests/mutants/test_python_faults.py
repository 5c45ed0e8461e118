"""Each fault in Python is made where it should be, and nowhere else."""

import pytest

from tests.mutants.small import changed, changed_expression


@pytest.mark.parametrize(
    ("expression", "faults"),
    [
        ("a < b", {"x = a <= b", "x = a >= b"}),
        ("a >= b", {"x = a > b", "x = a < b"}),
        ("a == b", {"x = a != b"}),
        ("a is not b", {"x = a is b"}),
        ("a not in b", {"x = a in b"}),
        ("a < b <= c", {"x = a <= b <= c", "x = a >= b <= c", "x = a < b < c", "x = a < b > c"}),
        ("a - b", {"x = a + b"}),
        ("a // b", {"x = a * b"}),
        ("a | b", {"x = a", "x = b"}),
        ("a and b", {"x = a or b", "x = a", "x = b"}),
        ("a or not b", {"x = a and not b", "x = a", "x = not b", "x = a or b"}),
        ("-a", {"x = a"}),
        ("a if b else c", {"x = a", "x = c", "x = a if not (b) else c"}),
        ("min(a, b)", {"x = max(a, b)"}),
        ("sorted(a)", {"x = sorted(a, reverse=True)"}),
        ("any(a)", {"x = all(a)"}),
        ("[y for y in a if y]", {"x = [y for y in a if True]"}),
        ("f(a.from_place, a.to_place)", {"x = f(a.to_place, a.from_place)"}),
        ("f(due_on=a.due_on, on=b.paid_on)", {"x = f(due_on=b.paid_on, on=a.due_on)"}),
        ("f(a.due_on, a.amount_minor)", set()),
        ("{a, b}", {"x = {b}", "x = {a}"}),
        ("7", {"x = 8", "x = 6"}),
        ("True", {"x = False"}),
        ("''", {"x = 'x'"}),
        ("'open'", {"x = 'open_'"}),
    ],
)
def test_an_expression_has_these_faults(expression: str, faults: set[str]) -> None:
    assert changed_expression(expression) == faults


@pytest.mark.parametrize(
    ("statement", "faults"),
    [
        ("require(a)", ["pass"]),
        ("del a[b]", ["pass"]),
        ("a.state = b", ["pass"]),
        ("a += b", ["pass", "a -= b"]),
        ("return a", ["return None"]),
        ("for y in a: break", ["for y in a: continue"]),
        ("if a: raise b", ["if False: raise b", "if not (a): raise b"]),
        ("if a: g = b", ["if not (a): g = b"]),
    ],
)
def test_a_statement_has_these_faults(statement: str, faults: list[str]) -> None:
    assert sorted(changed(f"def f(a, b):\n    {statement}\n")) == sorted(faults)


def test_arguments_of_one_annotation_are_swapped() -> None:
    source = """
        def f(debit: Account, credit: Account, day: date):
            x = post(debit, credit, day)
    """

    assert changed(source) == ["x = post(credit, debit, day)"]


def test_a_constant_of_many_loses_each_of_them() -> None:
    found = changed("LIMITS: Final = (low, high)\nNAMES = [one, two]\n")

    assert found == [
        "LIMITS: Final = (high,)", "LIMITS: Final = (low,)", "NAMES = [one]", "NAMES = [two]",
    ]  # fmt: skip


def test_what_is_only_read_is_left_alone() -> None:
    source = '''
        """A module of 12 words."""
        import logging
        from typing import TypeVar
        Layers = tuple[int, ...]
        T = TypeVar("T", bound=int)
        _log = logging.getLogger(__name__)

        @dataclass(frozen=True)
        class Item(Base):
            """An item with 2 sides."""
            name: str
            due_on: date | None

            def take(self, count: Literal[3]) -> int | None:
                """Takes 1."""
                assert count > 0, "none"
                _log.info("took %s", count + 1)
    '''

    assert changed(source) == []


def test_the_message_of_a_refusal_is_left_alone_and_its_facts_are_not() -> None:
    source = """
        def f(a, b):
            raise Over(f"{a + 1}" + (", of all" if b else ""), "too much of it", open=a + b)
    """

    assert changed(source) == [
        'raise Over(f"{a + 1}" + (", of all" if b else ""), "too much of it", open=a - b)'
    ]


def test_a_fault_behind_letters_of_many_bytes_is_put_where_it_belongs() -> None:
    assert changed_expression("'库龄' if a < b else c") >= {"x = '库龄' if a <= b else c"}


def test_a_fault_over_several_lines_is_one_change() -> None:
    source = """
        def f(a, b):
            require(
                a,
                b,
            )
    """

    assert changed(source) == ["pass"]
