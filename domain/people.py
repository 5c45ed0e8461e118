"""People, as they are called: who is responsible for a step, and who sent it.

A name is written as its bearer writes it, in any script, or is a mail address. The same name can be
spelt in two ways that nobody can see; two steps that need two people must not both be taken by one
who knows this.
"""

import unicodedata
from typing import Final

from domain.characters import BLANKS
from domain.errors import InvalidValue
from domain.values import text

MAX_NAME: Final = 100


def named(value: str, field: str) -> str:
    """A name whose every character can be seen, with single ordinary blanks inside, in Unicode's
    composed form (NFC): what a keyboard sends as a letter and an accent becomes one character."""
    name = text(unicodedata.normalize("NFC", value), field, required=True, most=MAX_NAME)
    for character in name:
        if character in BLANKS and character != " ":
            rule = f"must not hold U+{ord(character):04X} ({unicodedata.name(character)}): write an"
            raise InvalidValue(field, value, f"{rule} ordinary blank")
    if "  " in name:
        raise InvalidValue(field, value, "must not hold two blanks in a row")
    return name


def is_same(one: str, other: str) -> bool:
    """Whether two names are one person's: capitals make no difference, in mail addresses either."""
    return one.casefold() == other.casefold()
