"""What no text may hold is told by Unicode's own categories, and shown where it has to be."""

import sys
import unicodedata

from domain.characters import BLANKS, escaped, unfit

ALL = [chr(code) for code in range(sys.maxunicode + 1)]


def test_unfit_is_what_cannot_be_seen_by_its_category() -> None:
    found = {unicodedata.category(character) for character in ALL if unfit(character)}

    assert found == {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    assert not any(
        unicodedata.category(character) in found for character in ALL if not unfit(character)
    )


def test_blanks_are_all_that_unicode_calls_so() -> None:
    blanks = [character for character in ALL if unicodedata.category(character) == "Zs"]

    assert sorted(BLANKS) == blanks


def test_an_unfit_character_is_named_and_a_text_of_any_script_is_fit() -> None:
    assert unfit("a\u200bb") == "U+200B (ZERO WIDTH SPACE)"
    assert unfit("\x00") == "U+0000 (a control character)"
    for text in ("", "pump 泵 насос مضخة पंप", "a\u3000b", "“½ × 3”"):
        assert unfit(text) == ""
        assert escaped(text) == text


def test_what_is_escaped_can_be_seen() -> None:
    assert escaped("a\u202e\x1b\ud800泵\u3000") == "a\\u202e\\x1b\\ud800泵\u3000"
