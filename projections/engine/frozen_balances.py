"""Frozen balances: the balance of each key at the end of each closed month.

Nothing enters a closed month any more. So its balances are written once, when it is closed, and
never change. They are computed from those of the closed month before and the lines since. Where
each amount of a balance is zero, it is not written.
"""

from typing import NamedTuple


class FrozenBalances(NamedTuple):
    """The queries of which a fold is made. Those of a month, `m`, select key and amounts."""

    name: str
    group: str  # Is closed apart from others; empty where all is closed together.
    key: str
    amounts: tuple[str, ...]
    months: str  # Closed by a step: position, group, month and the `previous` month.
    left: str  # The balances at the end of the previous month.
    lines: str  # The sums of the lines since then.
    written: str  # Selects from `balances`: position, group, month, key and amounts.

    @property
    def fold(self) -> str:
        """Where nothing moved in a month, the balance is that of the last month with lines."""
        group = f"{self.group}, " if self.group else ""
        joined = f"JOIN sums AS s USING ({self.group})" if group else "CROSS JOIN sums AS s"
        sums = ", ".join(f"sum({amount}) OVER months AS {amount}" for amount in self.amounts)
        whole = ", ".join(self.amounts)  # Sums of any size: no cast to a number of 64 bits.
        there = " OR ".join(f"{amount} <> 0" for amount in self.amounts)
        return f"""
        WITH months AS MATERIALIZED ({self.months}), moved AS (
            SELECT {group}m.previous AS month, l.*
            FROM (SELECT {group}min(previous) AS previous FROM months GROUP BY ({self.group})) AS m
            CROSS JOIN LATERAL ({self.left}) AS l
            UNION ALL
            SELECT {group}m.month, l.* FROM months AS m CROSS JOIN LATERAL ({self.lines}) AS l
        ), sums AS (
            SELECT {group}{self.key}, month, lead(month) OVER months AS next_moved,
                   {sums}
            FROM moved
            WINDOW months AS (PARTITION BY {group}{self.key} ORDER BY month)
        ), balances AS (
            SELECT position, {group}{self.key}, m.month, {whole}
            FROM months AS m {joined}
            WHERE ({there}) AND s.month <= m.month
              AND (s.next_moved IS NULL OR s.next_moved > m.month)
        )
        INSERT INTO {{views}}.{self.name} {self.written}
        """
