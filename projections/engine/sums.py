"""Sums of lines, kept beside them by the fold, so that no answer has to scan history.

A sum is of one key (an account, a party, …), one month and one *generation*: the lines at positions
1 to 1,000,000 of the log are the first, and so on. The fold adds each step's lines to it.

- As of a position: the sums of all generations up to its own, less that generation's lines that
  come after the position. At the end of the log there are none, and nothing is taken off.
- As of a day: the sums of all months up to its own, less the lines of that month that come after
  the day. At the end of a month, or today, there are none.

Both are exact: a sum less some of its lines is the sum of the others.
"""

from typing import Final, NamedTuple

from projections.engine.reading import Reading
from projections.engine.view import GENERATION_POSITIONS, View

MONTH: Final = "date_trunc('month', effective_on::timestamp)::date"
_GENERATION: Final = f"(position - 1) / {GENERATION_POSITIONS}"


class Column(NamedTuple):
    """A column of sums, and what it is of a line."""

    name: str
    type: str
    of: str


class Sums(NamedTuple):
    """Sums over a view of lines. `lines`, how many were added, tells zeros from nothing."""

    name: str
    source: View
    keys: tuple[Column, ...]  # The generation comes behind them.
    sums: tuple[Column, ...]

    @property
    def view(self) -> View:
        keys = [key.name for key in self.keys]
        return View(
            name=self.name,
            table=_table(self),
            fold=_fold(self),
            indexes="",
            rows=_rows(self),
            row_order=", ".join(["generation", *keys]),
            sources=(self.source,),
        )

    def at(self, now: Reading) -> str:
        """A table expression: rows whose totals by key are those at the reading's position.

        A row may be of lines to take off: its sums and its `lines` are negative then.
        """
        columns = ", ".join([c.name for c in (*self.keys, *self.sums)] + ["lines"])
        if now.present:
            return f"(SELECT {columns} FROM {{views}}.{self.name})"
        return f"""(
            SELECT {columns} FROM {{views}}.{self.name} WHERE generation <= %(generation)s
            UNION ALL
            SELECT {_negated(self)} FROM {{views}}.{self.source.name}
            WHERE position > %(position)s AND position <= %(generation_end)s
        )"""


def _table(sums: Sums) -> str:
    keys = "".join(f"{key.name} {key.type} NOT NULL, " for key in sums.keys)
    totals = "".join(f"{total.name} {total.type} NOT NULL, " for total in sums.sums)
    names = ", ".join([key.name for key in sums.keys] + ["generation"])
    # Room in each page lets a sum grow where it lies, without touching the index.
    return f"""
    CREATE TABLE {{views}}.{sums.name} (
        {keys}generation bigint NOT NULL, {totals}lines bigint NOT NULL,
        PRIMARY KEY ({names})
    ) WITH (fillfactor = 80)
    """


def _fold(sums: Sums) -> str:
    names = [key.name for key in sums.keys]
    totals = [total.name for total in sums.sums]
    added = ", ".join(f"{name} = s.{name} + excluded.{name}" for name in (*totals, "lines"))
    return f"""
    INSERT INTO {{views}}.{sums.name} AS s ({", ".join([*names, "generation", *totals, "lines"])})
    SELECT {", ".join(key.of for key in sums.keys)}, {_GENERATION},
           {", ".join(f"sum({total.of})" for total in sums.sums)}, count(*)
    FROM {{views}}.{sums.source.name}
    WHERE position > %(after)s AND position <= %(through)s
    GROUP BY {", ".join(str(number + 1) for number in range(len(names) + 1))}
    ON CONFLICT ({", ".join([*names, "generation"])}) DO UPDATE SET {added}
    """


def _rows(sums: Sums) -> str:
    """For the fingerprint: the sums as they were at a position, wherever they are now."""
    names = ", ".join(["generation"] + [key.name for key in sums.keys])
    totals = [total.name for total in sums.sums] + ["lines"]
    return f"""
    SELECT {names}, {", ".join(f"sum({name})" for name in totals)}
    FROM (
        SELECT {names}, {", ".join(totals)} FROM {{views}}.{sums.name}
        WHERE generation <= %(generation)s
        UNION ALL
        SELECT {_GENERATION}, {_negated(sums)} FROM {{views}}.{sums.source.name}
        WHERE position > %(through)s AND position <= %(generation_end)s
    ) AS s
    GROUP BY {names} HAVING sum(lines) <> 0
    """


def _negated(sums: Sums) -> str:
    totals = [f"-({total.of})" for total in sums.sums]
    return ", ".join([key.of for key in sums.keys] + totals + ["-1"])
