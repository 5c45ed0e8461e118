"""Small sources, and what mutants make of them."""

from textwrap import dedent

from tests.mutants.mutant import Source
from tests.mutants.sampling import mutants_of


def changed(text: str, *, sql: bool = False) -> list[str]:
    """The changed lines of every mutant of a source, joined where there are several."""
    mutants = mutants_of(Source("domain/small.py", dedent(text)), sql=sql)
    return [" / ".join(mutant.change.added) for mutant in mutants]


def changed_expression(text: str) -> set[str]:
    """What becomes of an expression in a function."""
    return set(changed(f"def f(a, b, c):\n    x = {text}\n")) - {"x = x"}


def changed_sql(text: str) -> set[str]:
    """What becomes of the SQL in a string of one line."""
    quote = '"""' if "'" in text else '"'
    begin, end = f"Q = {quote}", quote
    found = changed(f"{begin}{text}{end}\n", sql=True)
    return {line.removeprefix(begin).removesuffix(end) for line in found}
