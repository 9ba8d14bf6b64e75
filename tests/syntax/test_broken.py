"""Whatever breaks a text: safe fixes give back its value, or its error stays. Never another value.

``broken.py`` has the ways to break a text.
"""

from __future__ import annotations

import json
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openclaw_config.diagnostics.model import ERROR
from openclaw_config.syntax.edits import apply
from openclaw_config.syntax.nodes import to_value
from openclaw_config.syntax.parser import parse
from openclaw_config.syntax.text import Source
from tests.syntax.broken import TEXTS, broken
from tests.syntax.safe_fixes import apply_safe_fixes

EXACT = {
    *["comma missing", "comma twice", "semicolon for comma", "colon twice", "equals for colon"],
    *["arrow for colon", "digits parted", "python's null", "capitalised", "hash for slashes"],
    *["assignment", "fence", "zero_width_space"],
}
"""What is nearly always put right, by safe fixes alone."""


def value_of(text: str) -> str | None:
    """The value as JSON, which tells true from 1; None for a text with an error."""
    tree = parse(Source(text))
    if any(found.severity == ERROR for found in tree.errors):
        return None
    assert tree.root is not None
    return json.dumps(to_value(tree.root))


@cache
def outcomes(text: str) -> list[tuple[str, str, str | None]]:
    """Each way to break a text, with what it makes of it and the value after the safe fixes."""
    return [
        (name, result, value_of(apply_safe_fixes(Source(result))))
        for name, result in broken(text)
        if value_of(result) is None
    ]


@pytest.mark.parametrize("text", TEXTS)
def test_safe_fixes_restore_the_value_or_leave_an_error(text: str) -> None:
    wanted = value_of(text)
    wrong = [
        (name, result) for name, result, value in outcomes(text) if value not in (None, wanted)
    ]
    assert wrong == []


@pytest.mark.slow
@given(st.data())
def test_two_errors_do_not_make_another_value_either(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(TEXTS))
    _, once = data.draw(st.sampled_from([one for one in broken(text) if value_of(one[1]) is None]))
    name, result = data.draw(st.sampled_from(twice(text, once) or [("", once)]))
    assert value_of(apply_safe_fixes(Source(result))) in (None, value_of(text)), name


def twice(text: str, once: str) -> list[tuple[str, str]]:
    """Each way to break a text again, at a place that the first has left as it was."""
    start = next((at for at, (a, b) in enumerate(zip(text, once, strict=False)) if a != b), 0)
    moved = len(once) - len(text)
    found = []
    for name, result in broken(text):
        at = next((at for at, (a, b) in enumerate(zip(text, result, strict=False)) if a != b), 0)
        if value_of(result) is None and at > start + 12 and once[at + moved :] == text[at:]:
            found.append((name, once[: at + moved] + result[at:]))
    return found


def test_most_common_errors_are_put_right() -> None:
    tried = [
        (name, value == value_of(text))
        for text in TEXTS
        for name, _, value in outcomes(text)
        if name in EXACT
    ]
    failed = [name for name, right in tried if not right]
    assert len(failed) <= len(tried) // 20, sorted(set(failed))


@pytest.mark.parametrize("text", TEXTS)
def test_the_parser_goes_on_as_if_the_safe_fixes_had_been_made(text: str) -> None:
    for name, result in broken(text):
        tree = parse(Source(result))
        if tree.root and tree.errors and all(one.fix and one.fix.safe for one in tree.errors):
            edits = [edit for found in tree.errors if found.fix for edit in found.fix.edits]
            assert value_of(apply(result, edits)) == json.dumps(to_value(tree.root)), name
