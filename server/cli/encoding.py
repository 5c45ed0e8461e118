"""What is printed, wherever it goes: no locale ends a command in the middle of its answer."""

import io
import sys


def survive_any_locale() -> None:
    """A letter that the encoding of the terminal lacks, as a Chinese one in cp1252, is printed as
    its number; so is a byte of a file's name that is no letter at all."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def write_utf8() -> None:
    """What programs read is UTF-8 in every locale: a letter must not become a number in their
    data."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
