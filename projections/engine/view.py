"""What a view is: one table, the fold that fills it, and what the fold reads.

Most views are folded from the log and only grow: every row comes from one fact and carries its
position. So such a view as it stood at a past position is the rows up to it, and two are the same
when their rows in order of position are. Others *derive* from the rows of other views. Those of
sums (running_sums.py) are added to in place; they too can be told as of a position.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Self

from domain.upcasting import UPCASTERS

# The log falls into generations: lines have a partition for each (partitions.py), and sums are
# kept apart for each (running_sums.py).
GENERATION_POSITIONS: Final = 1_000_000


def generation_of(position: int) -> int:
    """The generation a position lies in, from 0; -1 before the first."""
    return (position - 1) // GENERATION_POSITIONS


def generation_end(position: int) -> int:
    """The last position of the generation that a position lies in."""
    return (generation_of(position) + 1) * GENERATION_POSITIONS


# What folds read of the log between two positions, the first one not included.
_FACTS: Final = """
    SELECT e.position, e.stream, e.version, {topic} AS topic, e.recorded_at{columns}
    FROM {log}.entries AS e JOIN {log}.topics AS t ON t.number = e.topic {older} {parsed}
    WHERE e.position > %(after)s AND e.position <= %(through)s
"""
_PARSED: Final = "CROSS JOIN LATERAL json_to_record({state}::json) AS f ({fields})"
_STORED: Final = {"{topic}": "t.name", "{state}": "e.state", "{older}": ""}
# The same, where some of the facts are of an older form (older.py).
_READ: Final = {
    "{topic}": "coalesce(older.topic, t.name)",
    "{state}": "coalesce(older.state, e.state)",
    "{older}": """LEFT JOIN unnest(
        %(older_positions)s::bigint[], %(older_topics)s::text[], %(older_states)s::text[]
    ) AS older (position, topic, state) ON older.position = e.position""",
}


@dataclass(frozen=True, eq=False, kw_only=True)
class View:
    """In its SQL `{views}.name` stands for the table of a view, `{facts}` for what is folded.

    A fold that reads the log names the fields of a fact that it `reads`, with their SQL types;
    stream, version, topic, position and recorded_at are always there. A derived view names its
    `sources` instead, and its fold binds `after` and `through`: the positions it reads, `after` not
    included. `values` are bound, too. Indexes are apart, because a rebuild makes them last. `rows`
    are, for the fingerprint, the whole of a derived view as it stood at a position
    (fingerprint.py). What a dealer's `own` rows are is in row_security.py.
    """

    name: str
    table: str
    fold: str
    indexes: str
    reads: Mapping[str, str] = field(default_factory=dict)
    sources: tuple["View", ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    rows: str = ""  # None said: those up to the position.
    row_order: str = "position"  # Names a row.
    partitioned: bool = False  # By position: see partitions.py.
    own: str = ""  # Which rows a dealer may see, by SQL; none of them where it is not said.

    @property
    def derived(self) -> bool:
        return bool(self.sources)

    @cached_property
    def definition(self) -> str:
        """SHA-256 of what the view is: rows folded under another one have to be built again."""
        read = [source.name for source in self.sources] or facts_read_by([self])
        values = sorted(self.values.items())
        parts = [self.table, self.fold, self.indexes, repr(read), repr(values)]
        if not self.derived:
            parts += sorted(UPCASTERS)  # Rows that were folded before there was one may differ.
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def facts_read_by(views: Iterable[View], *, some_older: bool = False) -> str:
    """A query for facts with every field that one of the views reads: each fact is parsed once,
    however many views are folded. Where some of them are of an older form, it binds what these are
    read as (older.py). Raises ValueError where two views read one field as two types."""
    fields: dict[str, str] = {}
    for view in views:
        for name, kind in view.reads.items():
            if fields.setdefault(name, kind) != kind:
                raise ValueError(f"{view.name} reads {name} as {kind}, others as {fields[name]}")
    columns = ", ".join(f"{name} {kind}" for name, kind in sorted(fields.items()))
    parsed = _PARSED.replace("{fields}", columns) if fields else ""
    query = _FACTS.replace("{columns}", ", f.*" if fields else "").replace("{parsed}", parsed)
    for name, column in (_READ if some_older else _STORED).items():
        query = query.replace(name, column)
    return query


class Views(tuple[View, ...]):
    """All views of a book, each behind those it derives from."""

    def __new__(cls, views: Iterable[View]) -> Self:
        """Raises ValueError for a name that is taken, for a source that does not come first, and
        for a field that is read as two types."""
        made = super().__new__(cls, views)
        before: set[str] = set()
        for view in made:
            if view.name in before or not {source.name for source in view.sources} <= before:
                raise ValueError(f"{view.name} stands twice, or before a view it derives from")
            before.add(view.name)
        facts_read_by(made)
        return made

    @cached_property
    def definitions(self) -> Mapping[str, str]:
        """What each is, by its name."""
        return {view.name: view.definition for view in self}

    @cached_property
    def defined(self) -> str:
        """Their definitions as a list in SQL."""
        return ", ".join(f"'{definition}'" for definition in self.definitions.values())

    def with_derived(self, names: Collection[str]) -> tuple[View, ...]:
        """Some views by their names, and all that derive from them, in order."""
        found: dict[str, View] = {}
        for view in self:
            if view.name in names or any(source.name in found for source in view.sources):
                found[view.name] = view
        return tuple(found.values())
