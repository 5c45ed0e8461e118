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
SIGNS = "must be 1 to 63 letters, digits, '.', '_', '-', '/', '+', '#' or single blanks"
NO_NUMBERS = (
    ("", SIGNS), ("a" * 64, SIGNS), ("/".join("a" * 33), SIGNS), ("A/", SIGNS), ("/A", SIGNS),
    ("+A", SIGNS), ("-A", SIGNS), (".", SIGNS), ("..", SIGNS), ("=A", SIGNS), ("@supplier", SIGNS),
    ("A%2FB", SIGNS), ("A%", SIGNS), ("A:B", SIGNS), ("A\\B", SIGNS), ("泵", SIGNS),
    ("A\u3000B", SIGNS), ("A\u00a0B", SIGNS), ("A&B", SIGNS), ("A?", SIGNS), ("A@1", SIGNS),
    ("A  B", "must not hold two blanks in a row"),
    (" A", "must not begin or end with a blank"), ("A ", "must not begin or end with a blank"),
    ("A\u3000", "must not begin or end with a blank"),
    ("A\tB", "must not hold"), ("A\n", "must not hold"), ("A\u200bB", "must not hold"),
    ("A\u202eB", "must not hold"), ("A\0B", "must not hold"),
)  # fmt: skip
