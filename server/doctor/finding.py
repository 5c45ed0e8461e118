"""What an examination finds."""

from enum import StrEnum
from typing import NamedTuple


class Verdict(StrEnum):
    WELL = "well"
    LOOK = "look"  # Something to look after, while everything works.
    WRONG = "wrong"


class Finding(NamedTuple):
    """`advice` says what to do about what is not well."""

    check: str
    verdict: Verdict
    found: str
    advice: str = ""
