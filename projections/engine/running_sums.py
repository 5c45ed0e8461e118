"""Running sums: lines added up by key as they come, so that no report reads all of history.

There is one row for each key (a place and a part, an account and a month, …). A fold adds the lines
of its step to the rows. The sums as of a position are those of now, less the lines that came later.
This is exact, because a sum less some of its lines is the sum of the others. At the end of the log
there are no later lines, and nothing is taken off.

Sums that are read for any position are kept apart by *generation*: the lines at positions 1 to
1,000,000 of the log are the first one, and so on. As of a position they are the sums of all
generations up to its own, less the later lines of that generation, a million positions at most.

Where reports of the past need rows whose sums became zero, the rows stay. `LINES`, the number of
lines added, then tells whether a row was there. Without `LINES` such a row is deleted, and comes
back with the next line of its key.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from projections.engine.reading import Reading
from projections.engine.view import GENERATION_POSITIONS, View


class Column(NamedTuple):
    """A column of a key or a sum, and what it is `of` a line."""

    name: str
    type: str
    of: str


class First(NamedTuple):
    """A column for the number of the first line that has one. It is the smallest `of` all lines, so
    it has to grow with their positions; `position` is the SQL to get the line's position back."""

    name: str
    of: str
    position: str


GENERATION: Final = Column("generation", "bigint", f"(position - 1) / {GENERATION_POSITIONS}")
LINES: Final = Column("lines", "bigint", "1")


def text(name: str) -> Column:
    """A column that lines have, too."""
    return Column(name, 'text COLLATE "C"', name)


class RunningSums(NamedTuple):
    """Sums of the lines of the `source` for which `where` is true. `joined` is added to FROM."""

    name: str
    source: View
    keys: tuple[Column, ...]
    sums: tuple[Column, ...]
    firsts: tuple[First, ...] = ()
    where: str = "true"
    joined: str = ""
    indexes: str = ""
    own: str = ""

    @property
    def view(self) -> View:
        return View(
            name=self.name,
            table=_table(self),
            fold=_fold(self),
            indexes=self.indexes,
            rows=_rows(self),
            row_order=_names(self.keys),
            sources=(self.source,),
            own=self.own,
        )

    def at(self, now: Reading) -> str:
        """A table expression for rows that add up, by key, to the sums at the reading's position.

        Rows for lines to be taken off have negative sums, and negative `lines`.
        """
        rows = f"SELECT {_names(self.keys + self.sums)} FROM {{views}}.{self.name}"
        if now.present:
            return f"({rows})"
        return f"""(
            {rows} WHERE {_begun(self)}
            UNION ALL
            SELECT {_names(self.keys, "{0.of}")}, {_names(self.sums, "-({0.of})")}
            FROM {{views}}.{self.source.name} {self.joined}
            WHERE {_after("position", self)} AND {self.where}
        )"""


def _table(sums: RunningSums) -> str:
    values = _values(sums, "{0.name} {0.type} NOT NULL", "{0.name} bigint")
    # Free space in each page lets a row be updated within its page, without changing the index.
    return f"""
    CREATE TABLE {{views}}.{sums.name} (
        {values}, {_names(sums.keys, "{0.name} {0.type} NOT NULL")},
        PRIMARY KEY ({_names(sums.keys)})
    ) WITH (fillfactor = 80)
    """


def _fold(sums: RunningSums) -> str:
    """Rows are written in the order of their key, in which they are also compared. Lines are summed
    before anything is sorted."""
    key = _names(sums.keys)
    grown = _values(
        sums,
        "{0.name} = s.{0.name} + excluded.{0.name}",
        "{0.name} = least(s.{0.name}, excluded.{0.name})",
    )
    stay = "" if LINES in sums.sums else f"WHERE ({key}) NOT IN (SELECT * FROM deleted)"
    return f"""
    WITH added AS MATERIALIZED ({_lines("position > %(after)s AND position <= %(through)s", sums)})
    {"" if LINES in sums.sums else _deleted(sums)}
    INSERT INTO {{views}}.{sums.name} AS s SELECT * FROM added {stay} ORDER BY {key}
    ON CONFLICT ({key}) DO UPDATE SET {grown}
    """


def _deleted(sums: RunningSums) -> str:
    """The rows that become zero. Each is found through the key: MERGE, or another join, may be
    planned to read the whole table, because plans are made without the values of a step."""
    return f""", deleted AS (
        DELETE FROM {{views}}.{sums.name} WHERE ctid = ANY(ARRAY(
            SELECT s.ctid FROM added CROSS JOIN LATERAL (
                SELECT ctid FROM {{views}}.{sums.name}
                WHERE ({_names(sums.keys)}) = ({_names(sums.keys, "added.{0.name}")})
                  AND ({_names(sums.sums)}) = ({_names(sums.sums, "-added.{0.name}")})
                LIMIT 1
            ) AS s
        )) RETURNING {_names(sums.keys)}
    )"""


def _rows(sums: RunningSums) -> str:
    """For the fingerprint: the rows as they were at a position, in the order of their key.

    A row all of whose lines came later was not there yet. One that became zero later was. While a
    view is rebuilt, its source may have lines that it has not added yet.
    """
    key = _names(sums.keys)
    reached = f"SELECT position FROM {{views}}.positions WHERE view = '{sums.name}'"
    later = _lines(f"{_after('through', sums)} AND position <= ({reached})", sums)
    then = _values(
        sums,
        "coalesce(s.{0.name}, 0) - coalesce(later.{0.name}, 0) AS {0.name}",
        "CASE WHEN s.{0.position} <= %(through)s THEN s.{0.name} END AS {0.name}",
    )
    there = (LINES,) if LINES in sums.sums else sums.sums
    return f"""
    SELECT {key}, {then} FROM {{views}}.{sums.name} AS s
    {"LEFT" if LINES in sums.sums else "FULL"} JOIN ({later}) AS later USING ({key})
    WHERE {_begun(sums)}
      AND ({_names(there, "s.{0.name}")}) IS DISTINCT FROM ({_names(there, "later.{0.name}")})
    """


def _lines(condition: str, sums: RunningSums) -> str:
    """The sums of lines, by key, in the columns of the table."""
    values = _values(sums, "sum({0.of}) AS {0.name}", "min({0.of}) AS {0.name}")
    not_zero = f"HAVING ({_names(sums.sums, 'sum({0.of})')}) <> ({_names(sums.sums, '0')})"
    return f"""
    SELECT {values}, {_names(sums.keys, "{0.of} AS {0.name}")}
    FROM {{views}}.{sums.source.name} {sums.joined}
    WHERE {condition} AND {sums.where}
    GROUP BY {_names(sums.keys, "{0.of}")} {"" if LINES in sums.sums else not_zero}
    """


def _after(position: str, sums: RunningSums) -> str:
    """The condition that a line is later than a position, but not of a later generation."""
    end = " AND position <= %(generation_end)s" if GENERATION in sums.keys else ""
    return f"position > %({position})s{end}"


def _begun(sums: RunningSums) -> str:
    """The condition that the row's generation is not a later one."""
    return "generation <= %(generation)s" if GENERATION in sums.keys else "true"


def _values(sums: RunningSums, total: str, first: str) -> str:
    """All columns but the key, each in its form."""
    firsts = [first.format(column) for column in sums.firsts]
    return ", ".join([*firsts, *(total.format(column) for column in sums.sums)])


def _names(columns: Iterable[Column], form: str = "{0.name}") -> str:
    return ", ".join(form.format(column) for column in columns)
