"""Each fault in SQL is made where it should be, and nowhere else."""

import pytest

from tests.mutants.small import changed, changed_sql


@pytest.mark.parametrize(
    ("sql", "some"),
    [
        ("SELECT a WHERE b < c", {"SELECT a WHERE b <= c", "SELECT a WHERE b >= c"}),
        ("SELECT a WHERE b <> c", {"SELECT a WHERE b = c", "SELECT a WHERE true"}),
        ("SELECT a WHERE b = ANY(c)", {"SELECT a WHERE b <> ALL(c)"}),
        ("SELECT a WHERE b IS NULL", {"SELECT a WHERE b IS NOT NULL"}),
        ("SELECT a WHERE b IN (c)", {"SELECT a WHERE b NOT IN (c)"}),
        ("SELECT a WHERE EXISTS (b)", {"SELECT a WHERE NOT EXISTS (b)"}),
        ("SELECT a + b, -c", {"SELECT a - b, -c", "SELECT a + b, c"}),
        ("SELECT min(a), sum(b)", {"SELECT max(a), sum(b)", "SELECT min(a), max(b)"}),
        ("SELECT coalesce(a, 0)", {"SELECT (a)", "SELECT coalesce(a, 1)"}),
        ("SELECT coalesce(a, '')", {"SELECT coalesce(a, 'x')"}),
        ("SELECT a LIMIT 1", {"SELECT a LIMIT 2"}),
        ("SELECT a LIMIT %(limit)s", {"SELECT a LIMIT NULL"}),
        ("SELECT a ORDER BY b DESC", {"SELECT a ORDER BY b ASC"}),
        ("SELECT a ORDER BY b, c", {"SELECT a ORDER BY b DESC, c", "SELECT a ORDER BY b"}),
        ("SELECT a FROM b LEFT JOIN c", {"SELECT a FROM b JOIN c"}),
        ("SELECT a FROM b JOIN c", {"SELECT a FROM b LEFT JOIN c"}),
        ("SELECT DISTINCT a", {"SELECT a"}),
        ("SELECT a UNION ALL SELECT b", {"SELECT a UNION SELECT b"}),
        ("SELECT a ON true", {"SELECT a ON false"}),
        ("SELECT a WHERE b = 'open'", {"SELECT a WHERE b = 'open_'"}),
        ("a + interval '1 month'", {"a + interval '2 month'"}),
        ("a > %(day)s", {"a >= %(day)s", "a <= %(day)s", "true"}),
        (
            "SELECT a WHERE b BETWEEN c AND d",
            {"SELECT a WHERE b > c AND b <= d", "SELECT a WHERE b >= c AND b < d"},
        ),
    ],
)
def test_sql_has_these_faults(sql: str, some: set[str]) -> None:
    assert changed_sql(sql) >= some


def test_each_condition_can_be_missing_and_each_and_an_or() -> None:
    found = changed_sql("SELECT a WHERE b > 0 AND (c OR d) AND e() GROUP BY a")

    assert found >= {
        "SELECT a WHERE true AND (c OR d) AND e() GROUP BY a",
        "SELECT a WHERE b > 0 AND (c OR d) AND true GROUP BY a",
        "SELECT a WHERE b > 0 OR (c OR d) AND e() GROUP BY a",
        "SELECT a WHERE b > 0 AND (c AND d) AND e() GROUP BY a",
    }


def test_the_and_of_between_and_of_a_case_joins_no_conditions() -> None:
    between = changed_sql("SELECT a WHERE b BETWEEN c AND d AND e < f")
    case = changed_sql("SELECT a WHERE CASE WHEN b > c AND d THEN e END AND f < g")

    assert "SELECT a WHERE true AND e < f" in between
    assert not any("c OR d" in line for line in between)
    assert "SELECT a WHERE true AND f < g" in case


def test_what_is_bound_put_in_quoted_or_commented_is_no_sql() -> None:
    assert changed_sql("SELECT %(a_1)s, {c < d}, {{views}}.e") == set()
    assert changed_sql("SELECT a  -- b < c") == set()
    assert {line.count("<") for line in changed_sql("SELECT 'a < b'")} == {1}


def test_an_assignment_an_index_and_room_in_pages_are_left_alone() -> None:
    assert changed_sql("UPDATE a SET b = c") == set()
    assert changed_sql("CREATE INDEX ON a (b) WHERE c > 0; ") == set()
    assert changed_sql("CREATE TABLE a (b) WITH (fillfactor = 80)") == set()
    assert "UPDATE a SET b = c WHERE d <> e" in changed_sql("UPDATE a SET b = c WHERE d = e")


def test_sql_in_an_f_string_is_found_around_its_parts() -> None:
    source = "def f(a):\n    x = f'SELECT b FROM {a} WHERE c > {{views}}.d'\n"

    assert "x = f'SELECT b FROM {a} WHERE c >= {{views}}.d'" in changed(source, sql=True)
    assert changed(source, sql=False) == []


def test_sql_of_several_pieces_is_found_in_each() -> None:
    source = 'Q = (\n    "SELECT a FROM b "\n    "WHERE c > d"\n)\n'

    assert '"WHERE c >= d"' in changed(source, sql=True)


def test_a_docstring_and_a_message_hold_no_sql() -> None:
    source = '''
        def f(a):
            """SELECT a WHERE b > c."""
            raise Bad(f"a > {a}: SELECT it")
    '''

    assert changed(source, sql=True) == []
