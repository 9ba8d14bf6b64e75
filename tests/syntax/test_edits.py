"""Edits of texts: what they change, and that they change nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openclaw_config.diagnostics.model import Edit
from openclaw_config.syntax import edits
from openclaw_config.syntax.edits import apply
from openclaw_config.syntax.nodes import ObjectNode, StringNode, to_value
from openclaw_config.syntax.parser import parse
from openclaw_config.syntax.text import Source, Span
from tests.syntax.safe_fixes import safe_edits


def edit(start: int, end: int, text: str) -> Edit:
    return Edit(Span(start, end), text)


class TestApply:
    def test_edits_are_made_in_the_text_s_order(self) -> None:
        assert apply("abcd", [edit(3, 4, "D"), edit(0, 1, "A"), edit(2, 2, "-")]) == "Ab-cD"

    def test_insertions_at_one_place_keep_their_order(self) -> None:
        assert apply("ab", [edit(1, 1, "x"), edit(1, 1, "y"), edit(1, 2, "B")]) == "axyB"

    @pytest.mark.parametrize(
        "edits",
        [
            [edit(0, 2, ""), edit(1, 3, "")],
            [edit(0, 3, ""), edit(1, 1, "x")],
            [edit(0, 1, ""), edit(0, 1, "")],
            [edit(3, 5, "")],
            [edit(2, 1, "")],
        ],
    )
    def test_edits_that_overlap_or_lie_outside_are_refused(self, edits: list[Edit]) -> None:
        with pytest.raises(ValueError, match="overlaps"):
            apply("abcd", edits)

    @given(st.text(), st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.text())))
    def test_what_no_edit_covers_stays(
        self, text: str, changes: list[tuple[int, int, str]]
    ) -> None:
        edits = [edit(min(a, b), max(a, b), new) for a, b, new in changes]
        try:
            after = apply(text, edits)
        except ValueError:
            return
        removed = sum(span.end - span.start for span, _ in edits)
        assert len(after) == len(text) - removed + sum(len(new) for _, new in edits)

    def test_a_closing_quote_comes_before_a_comma_at_the_same_place(self) -> None:
        text = "{ a: red\n b-c: blue }"
        after = apply(text, safe_edits(parse(Source(text)).errors))
        assert after == '{ a: "red",\n "b-c": "blue" }'


def tree(text: str) -> ObjectNode:
    root = parse(Source(text)).root
    assert isinstance(root, ObjectNode)
    return root


def after(text: str, changes: Sequence[Edit] | None) -> str | None:
    return None if changes is None else apply(text, changes)


@pytest.mark.parametrize(
    ("text", "key", "expected"),
    [
        ("{ a: 1, b: 2 }", "a", "{ b: 2 }"),
        ("{ a: 1, b: 2 }", "b", "{ a: 1 }"),
        ("{ a: 1 }", "a", "{}"),
        ("{a:1,b:2}", "a", "{b:2}"),
        ("{a:1,b:2}", "b", "{a:1}"),
        ("{\n  a: 1,\n  b: 2,\n}", "a", "{\n  b: 2,\n}"),
        ("{\n  a: 1,\n  b: 2,\n}", "b", "{\n  a: 1,\n}"),
        ("{\r\n  a: 1,\r\n  b: 2\r\n}", "b", "{\r\n  a: 1\r\n}"),
        ("{\n  a: 1, // why\n  b: 2,\n}", "a", "{\n  // why\n  b: 2,\n}"),
        ("{ a: 1 /* x */, b: 2 }", "a", "{ /* x */ b: 2 }"),
        ("{ a: { c: [1, 2] }, b: 2 }", "a", "{ b: 2 }"),
        ("{ a: 1, a: 2 }", "a", None),  # which of the two?
    ],
)
def test_a_member_is_taken_out(text: str, key: str, expected: str | None) -> None:
    root = tree(text)
    assert after(text, edits.removal(root, (key,))) == expected


@pytest.mark.parametrize(
    ("text", "at", "expected"),
    [
        ("{ a: [1, 2, 3] }", 0, "{ a: [2, 3] }"),
        ("{ a: [1, 2, 3] }", 1, "{ a: [1, 3] }"),
        ("{ a: [1, 2, 3] }", 2, "{ a: [1, 2] }"),
        ("{ a: [1] }", 0, "{ a: [] }"),
        ("{ a: [\n  1,\n  2, // two\n] }", 1, "{ a: [\n  1,\n  // two\n] }"),
    ],
)
def test_an_item_is_taken_out(text: str, at: int, expected: str) -> None:
    assert after(text, edits.removal(tree(text), ("a", at))) == expected


@pytest.mark.parametrize(
    ("text", "path", "target", "expected"),
    [
        # Beside it: in its place.
        ("{ a: 1, b: 2 }", ("a",), ("c",), "{ c: 1, b: 2 }"),
        ("{ a: 1 }", ("a",), ("c", "d"), "{ c: { d: 1 } }"),
        ('{ "a": 1 }', ("a",), ("c", "d"), '{ "c": { "d": 1 } }'),
        # Into an object that is there: first in it.
        ("{ a: 1, b: {} }", ("a",), ("b", "c"), "{ b: { c: 1 } }"),
        ("{ a: 1, b: { d: 2 } }", ("a",), ("b", "c"), "{ b: { c: 1, d: 2 } }"),
        ("{\n  a: 1,\n  b: {\n    d: 2,\n  },\n}", ("a",), ("b", "c"),
         "{\n  b: {\n    c: 1,\n    d: 2,\n  },\n}"),
        ("{ b: { a: 1 } }", ("b", "a"), ("c",), "{ c: 1, b: {} }"),
        # A key that is no name needs quotes.
        ("{ a: 1 }", ("a",), ("x-y",), '{ "x-y": 1 }'),
        # Something is there, or in the way.
        ("{ a: 1, b: 2 }", ("a",), ("b",), None),
        ("{ a: 1, b: 2 }", ("a",), ("b", "c"), None),
        ("{ a: 1 }", ("z",), ("b",), None),
    ],
)  # fmt: skip
def test_a_member_is_moved(
    text: str, path: tuple[str, ...], target: tuple[str, ...], expected: str | None
) -> None:
    assert after(text, edits.move(tree(text), path, target)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{ a: { x: 1 }, b: { y: 2 } }", "{ b: { x: 1, y: 2 } }"),
        ("{ a: { x: 1 }, b: { x: 2 } }", "{ b: { x: 2 } }"),  # what is there stays
        ("{ a: { x: 1, z: 3 }, b: { x: 2 } }", "{ b: { z: 3, x: 2 } }"),
        ("{ a: { x: { p: 1 } }, b: { x: { q: 2 } } }", None),
        ("{ a: 1, b: {} }", None),
    ],
)
def test_an_object_is_merged_into_another(text: str, expected: str | None) -> None:
    assert after(text, edits.move(tree(text), ("a",), ("b",))) == expected


@pytest.mark.parametrize(
    ("text", "new", "expected"),
    [
        ("{ a: 'x' }", "y", "{ a: 'y' }"),
        ('{ a: "x" }', "it's", '{ a: "it\'s" }'),
        ("{ a: 'x' }", "it's", None),
        ('{ a: "x" }', "a\\b", None),
    ],
)
def test_a_string_is_reworded(text: str, new: str, expected: str | None) -> None:
    node = tree(text).get("a")
    assert isinstance(node, StringNode)
    assert after(text, edits.reword(node, new)) == expected


objects = st.dictionaries(
    st.sampled_from(("a", "b", "c", "d-e")),
    st.integers(0, 9) | st.dictionaries(st.sampled_from("xy"), st.integers(0, 9), max_size=2),
    min_size=1,
    max_size=4,
)


def written(value: dict[str, Any], layout: int) -> str:
    """An object in one of several layouts."""
    if not value:
        return "{}"
    # No comment inside a value, which may well go with it.
    rows = [
        f'"{key}": {written(inner, layout % 3) if isinstance(inner, dict) else inner}'
        for key, inner in value.items()
    ]
    return (
        "{" + ",".join(rows) + "}",
        "{ " + ", ".join(rows) + ", }",
        "{\n  " + ",\n  ".join(rows) + "\n}",
        "{ // head\n  " + ", // note\n  ".join(rows) + ", /* end */\n}",
    )[layout]


@given(objects, st.integers(0, 3), st.integers(0, 3))
def test_what_is_left_after_taking_a_member_out(
    value: dict[str, Any], which: int, layout: int
) -> None:
    key = list(value)[which % len(value)]
    text = written(value, layout)
    root = tree(text)
    changed = after(text, edits.removal(root, (key,)))
    assert changed is not None
    result = parse(Source(changed))
    assert result.errors == ()
    assert result.root is not None
    assert to_value(result.root) == {name: item for name, item in value.items() if name != key}
    assert changed.count("/") == text.count("/")  # no comment is lost


@given(objects, st.integers(0, 3), st.integers(0, 3))
def test_what_there_is_after_a_move(value: dict[str, Any], which: int, layout: int) -> None:
    key = list(value)[which % len(value)]
    text = written(value, layout)
    for target in (("new",), ("new", "deep"), *((name, "new") for name in value)):
        changed = after(text, edits.move(tree(text), (key,), target))
        if changed is None:
            continue
        result = parse(Source(changed))
        assert result.errors == ()
        moved = deepcopy({name: item for name, item in value.items() if name != key})
        place = moved
        for step in target[:-1]:
            place = place.setdefault(step, {})
        place[target[-1]] = value[key]
        assert result.root is not None
        assert to_value(result.root) == moved


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("// x", ""),
        ("{}\n// x", "{}\n"),
        ("{\n  // x\n  a: 1,\n}", "{\n  a: 1,\n}"),
        ("{\r\n  /* x */\r\n}", "{\r\n}"),
        ("{\n  a: 1, // x\n}", "{\n  a: 1,\n}"),
        ("{\n  /* x */ a: 1,\n}", "{\n  a: 1,\n}"),
        ("{ a: 1, /* x */ b: 2 }", "{ a: 1, b: 2 }"),
        ("{ a: 1/* x */}", "{ a: 1}"),
    ],
)
def test_a_comment_is_taken_out(text: str, expected: str) -> None:
    (comment,) = parse(Source(text)).comments
    assert apply(text, [edits.remove_comment(text, comment)]) == expected
