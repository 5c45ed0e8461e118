"""A file as somebody saved it, made what the import reads: UTF-8, cells between commas.

Spreadsheets save the same cells in several ways. A file that says itself how it was saved is taken:
by the mark that UTF-16 begins with, and by a header whose cells stand between semicolons or tabs.
Other encodings look alike, so that they have to be named: nothing is guessed. Each line stays the
line it is.
"""

import csv
import io
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

_UTF_8: Final = b"\xef\xbb\xbf"
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
_SEPARATORS: Final = (";", "\t")
_AT_ONCE: Final = 1 << 20  # Bytes.


class NotAsNamed(ValueError):  # noqa: N818 - Named after what is the matter.
    """The file is not encoded as it was said to be."""

    def __init__(self, encoding: str, error: UnicodeError) -> None:
        super().__init__(f"must be {encoding}, as it was said or begins: {error}")


@contextmanager
def opened(path: Path, columns: Sequence[str], encoding: str = "") -> Iterator[BinaryIO]:
    """The file to be read as UTF-8 with commas; `encoding` is what it is in unless it says so
    itself. Raises NotAsNamed where it is not."""
    with path.open("rb") as stream:
        named = _encoding(stream, encoding)
        separator = _separator(stream, named, columns)
        if named == "utf-8" and separator == ",":
            yield stream
            return
        with tempfile.TemporaryFile() as made:
            _rewrite(stream, named, separator, made)
            made.seek(0)
            yield made


def _encoding(stream: BinaryIO, said: str) -> str:
    begin = stream.read(len(_UTF_8))
    stream.seek(0)
    if begin.startswith(_UTF_16):
        return "utf-16"
    return "utf-8" if begin == _UTF_8 or not said else said


def _separator(stream: BinaryIO, encoding: str, columns: Sequence[str]) -> str:
    """What stands between the cells of the header: a comma, unless it is clearly another."""
    head = stream.read(_AT_ONCE).decode(encoding, errors="replace").lstrip("\ufeff")
    stream.seek(0)
    header = head.partition("\n")[0].strip("\r")
    for separator in _SEPARATORS:
        cells = [cell.strip().strip('"') for cell in header.split(separator)]
        if len(cells) > 1 and set(cells) & set(columns) and "," not in header:
            return separator
    return ","


def _rewrite(stream: BinaryIO, encoding: str, separator: str, made: BinaryIO) -> None:
    # Lines end in LF alone, whatever else a decoder may take for an end.
    strict = "strict" if encoding != "utf-8" else "surrogateescape"
    text = io.TextIOWrapper(stream, encoding, errors=strict, newline="\n")
    try:
        for number, line in enumerate(text):
            line = line if number else line.removeprefix("\ufeff")
            made.write(_with_commas(line, separator).encode("utf-8", strict))
    except UnicodeError as error:
        raise NotAsNamed(encoding, error) from None
    finally:
        text.detach()


def _with_commas(line: str, separator: str) -> str:
    """The same cells between commas. A line that is not quoted as it should be is refused where it
    is read."""
    if separator == ",":
        return line
    body = line.rstrip("\r\n")
    ending = line[len(body) :]
    try:
        rows = list(csv.reader([body], delimiter=separator, strict=True))
    except csv.Error:
        return line.replace(separator, ",")
    written = io.StringIO()
    csv.writer(written, lineterminator="").writerows(rows)
    return written.getvalue() + ending
