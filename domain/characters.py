"""Which characters a text may hold: what people can see, and nothing that turns its direction.

Two numbers that look the same have to be the same, and what is printed has to be what was written.
So no text holds control characters, invisible ones, or marks that turn the direction of reading.
"""

import unicodedata
from typing import Final

# All that Unicode calls a blank: category Zs.
BLANKS: Final = (
    " \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f"
    "\u3000"
)

# By Unicode's category, with what such a character is called where it has no name of its own.
_UNFIT: Final = {
    "Cc": "a control character", "Cf": "an invisible character", "Co": "a private character",
    "Cs": "half a character", "Zl": "a line separator", "Zp": "a paragraph separator",
}  # fmt: skip


def unfit(text: str) -> str:
    """Names the first character that no text may hold, as `U+200B (ZERO WIDTH SPACE)`; or ""."""
    if text.isprintable():  # Then it has none of them; the reverse is not true.
        return ""
    for character in text:
        called = _UNFIT.get(unicodedata.category(character))
        if called:
            return f"U+{ord(character):04X} ({unicodedata.name(character, called)})"
    return ""


def escaped(text: str) -> str:
    """The text with an escape in the place of each such character, as `\\u200b`."""
    if text.isprintable():
        return text
    return "".join(
        character.encode("unicode_escape").decode()
        if unicodedata.category(character) in _UNFIT
        else character
        for character in text
    )
