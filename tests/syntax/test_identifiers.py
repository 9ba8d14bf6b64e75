"""The table of letters against Python's own, which is newer than Unicode 10."""

from __future__ import annotations

import sys
import unicodedata

from openclaw_config.syntax.text import name_end

STARTS = {"Lu", "Ll", "Lt", "Lm", "Lo", "Nl"}
CONTINUES = STARTS | {"Mn", "Mc", "Nd", "Pc"}
NEWER = [*range(0x32400), *range(0x32400, 0xE0000, 0x100), *range(0xE0000, 0xE0200)]
"""All but planes where nothing is assigned, and private use, of which it is a sample."""
OLD = unicodedata.ucd_3_2_0
"""Unicode 3.2, older than 10."""


def may_start_name(character: str) -> bool:
    return character != "\\" and name_end(character, 0) == 1


def may_continue_name(character: str) -> bool:
    return character != "\\" and name_end(f"a{character}", 0) == 2


def test_whatever_the_table_has_is_of_a_category_that_names_are_made_of() -> None:
    for code in NEWER:
        character = chr(code)
        category = unicodedata.category(character)
        if may_start_name(character):
            assert category in STARTS or character in "$_"
        if may_continue_name(character):
            assert category in CONTINUES or character in "$_\u200c\u200d"
        assert may_continue_name(character) or not may_start_name(character)


def test_the_table_lacks_nothing_that_was_there_before_it() -> None:
    for code in NEWER:
        character = chr(code)
        # A few characters changed their category since.
        if OLD.category(character) == unicodedata.category(character):
            if OLD.category(character) in STARTS:
                assert may_start_name(character), hex(code)
            if OLD.category(character) in CONTINUES:
                assert may_continue_name(character), hex(code)


def test_the_table_ends_with_unicode_10() -> None:
    assert may_start_name("\u0860")  # Unicode 10: Syriac letter Malayalam Nga
    assert not may_start_name("\u0560")  # Unicode 11: Armenian small letter turned Ayb
    assert all(
        unicodedata.category(chr(code)) in {"Cn", "Co"}
        for code in range(0x32400, sys.maxunicode + 1)
        if not 0xE0000 <= code < 0xE0200
    )
