"""Numbers of parts as catalogues write them, and what is nearly one."""

import string

from hypothesis import strategies as st

_ENDS = string.ascii_letters + string.digits
_BETWEEN = _ENDS + "._-/+# "

# Some of each sign that a number may hold, and that could be taken for something else.
WRITTEN = (
    "6204-2RS/C3", "M8 x 25", "A+B", "#12", "R134A+", "1/2", "A/../B", "A//B", "2025/07/0001",
    "P-1/stock/P-1", "A / B", "a" * 63, "/".join("a" * 32),
)  # fmt: skip

PART_NUMBERS = st.builds(
    "{}{}{}".format,
    st.sampled_from(_ENDS + "#"),
    st.text(_BETWEEN, max_size=61).filter(lambda text: "  " not in text),
    st.sampled_from(_ENDS + "._-+#"),
) | st.sampled_from((*WRITTEN, "A", "#"))

# None of these is the number of a part, for the reason that a refusal gives.
_LENGTH, _SIGNS = "must have 1 to 63 characters", "must hold only letters A to Z, a to z, digits, "
_FIRST, _LAST = "must begin with a letter, digit or #", "must not end with /"
_ENDS_BLANK = "must not begin or end with a blank"
NO_NUMBERS = (
    ("", _LENGTH), ("a" * 64, _LENGTH), ("/".join("a" * 33), _LENGTH),
    ("A/", _LAST), ("/A", _FIRST), ("+A", _FIRST), ("-A", _FIRST), (".", _FIRST), ("..", _FIRST),
    ("=A", _SIGNS), ("@supplier", _SIGNS), ("A%2FB", _SIGNS), ("A%", _SIGNS), ("A:B", _SIGNS),
    ("A\\B", _SIGNS), ("泵", _SIGNS), ("A\u3000B", _SIGNS), ("A\u00a0B", _SIGNS), ("A&B", _SIGNS),
    ("A?", _SIGNS), ("A@1", _SIGNS), ("A  B", "must not hold two blanks in a row"),
    (" A", _ENDS_BLANK), ("A ", _ENDS_BLANK), ("A\u3000", _ENDS_BLANK),
    ("A\tB", "must not hold U"), ("A\n", "must not hold U"), ("A\u200bB", "must not hold U"),
    ("A\u202eB", "must not hold U"), ("A\0B", "must not hold U"),
)  # fmt: skip
