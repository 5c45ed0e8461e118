"""Every mutant that can be made of a tree, and a random sample of them that a seed repeats."""

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

from tests.mutants.mutant import Mutant, Source
from tests.mutants.python_faults import python_faults
from tests.mutants.rooms import ROOMS, Room, files
from tests.mutants.sites import sites
from tests.mutants.sql_faults import sql_faults
from tests.mutants.sql_text import sql_in


def mutants_of(source: Source, *, sql: bool) -> list[Mutant]:
    """All of one file, by place; the same change is made once, however it comes about."""
    found: dict[tuple[int, int, str], Mutant] = {}
    for site in sites(source.tree):
        edits = list(python_faults(source, site))
        if sql and isinstance(site.node, ast.Constant | ast.JoinedStr):
            statement = sql_in(source, site.node)
            edits += sql_faults(statement) if statement else []
        for edit in edits:
            if source.text[edit.start : edit.end] != edit.replacement:
                mutant = Mutant(source, edit, site.scope)
                found.setdefault((edit.start, edit.end, edit.replacement), mutant)
    return [found[key] for key in sorted(found)]


def mutants_in(room: Room, root: Path) -> Iterator[Mutant]:
    for path in files(room, root):
        source = Source(str(path.relative_to(root)), path.read_text())
        yield from mutants_of(source, sql=room.sql)


def sample(root: Path, names: Sequence[str], size: int, seed: int) -> list[tuple[str, Mutant]]:
    """About as many of each room, by room; all of a room that has no more than that.

    The same seed gives the same mutants of the same files, whichever other rooms are asked for.
    """
    chosen: list[tuple[str, Mutant]] = []
    for number, name in enumerate(names):
        share = size // len(names) + (number < size % len(names))
        pool = list(mutants_in(ROOMS[name], root))
        Random(f"{seed} {name}").shuffle(pool)
        drawn = (mutant for mutant in pool if mutant.compiles)
        chosen += [(name, mutant) for mutant, _ in zip(drawn, range(share), strict=False)]
    return chosen
