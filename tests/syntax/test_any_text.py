"""What holds for every text, be it JSON5 or not."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import json5
from hypothesis import example, given, settings
from hypothesis import strategies as st

from openclaw_config.syntax.edits import apply
from openclaw_config.syntax.nodes import MAX_ERRORS, Node, ObjectNode, Tree, containers, to_value
from openclaw_config.syntax.parser import decode, parse
from openclaw_config.syntax.text import (
    CLOSE_ARRAY,
    CLOSE_OBJECT,
    COLON,
    COMMA,
    COMMENT,
    OPEN_ARRAY,
    OPEN_OBJECT,
    SPACE,
    STRING,
    WHITE_SPACE,
    Source,
)
from tests.syntax.json5_texts import Spelt, anything, documents
from tests.syntax.safe_fixes import apply_safe_fixes, print_tree, safe_edits

MARKS = {
    COMMA: ",",
    COLON: ":",
    OPEN_OBJECT: "{",
    CLOSE_OBJECT: "}",
    OPEN_ARRAY: "[",
    CLOSE_ARRAY: "]",
}


def tree_of(text: str) -> Tree:
    return parse(Source(text))


def comparable(value: Any, signed_zero: bool = True) -> Any:
    """A value in which all numbers are doubles and NaN equals itself.

    Halves of one character are put together, which the json5 package leaves to its caller.
    """
    if isinstance(value, dict):
        return {comparable(key): comparable(item, signed_zero) for key, item in value.items()}
    if isinstance(value, list):
        return [comparable(item, signed_zero) for item in value]
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        number = float(value)
        return "NaN" if math.isnan(number) else (number, signed_zero and math.copysign(1, number))
    return value


@given(documents)
@settings(max_examples=3 * settings().max_examples)
def test_a_document_is_read_as_the_value_that_it_spells(spelt: Spelt) -> None:
    text, value = spelt
    tree = tree_of(text)
    assert [error for error in tree.errors if error.blocks] == []
    assert tree.root is not None
    assert comparable(to_value(tree.root)) == comparable(value)


@given(documents)
def test_the_json5_package_reads_the_same(spelt: Spelt) -> None:
    text, _ = spelt
    root = tree_of(text).root
    assert root is not None
    # The package has no -0.
    theirs = comparable(json5.loads(text), signed_zero=False)
    assert comparable(to_value(root), signed_zero=False) == theirs


@given(anything)
@example("")
@example("\ud800")
def test_printing_the_tree_gives_back_every_byte(text: str) -> None:
    assert print_tree(tree_of(text)) == text


@given(anything)
def test_tokens_tile_the_text(text: str) -> None:
    kinds, starts = tree_of(text).tokens
    assert (starts[0], starts[-1]) == (0, len(text))
    assert all(one < next_one for one, next_one in pairwise(starts))
    for kind, (start, end) in zip(kinds, pairwise(starts), strict=True):
        token = text[start:end]
        if kind in MARKS:
            assert token[0] == MARKS[kind] and not token[1:].strip(" \t\r\n")
        elif kind == SPACE:
            assert set(token) <= set(WHITE_SPACE)
        elif kind == STRING:
            assert token[0] in "\"'" and token[0] == token[-1]


@given(documents)
def test_every_mark_string_and_comment_of_a_document_knows_its_place(spelt: Spelt) -> None:
    text, _ = spelt
    tree = tree_of(text)
    kinds, starts = tree.tokens
    spans = dict(zip(starts, pairwise(starts), strict=False))
    nested = list(containers(tree.root))
    for container in nested:
        opener, closer = ("{", "}") if isinstance(container, ObjectNode) else ("[", "]")
        assert (text[container.start], text[container.end - 1]) == (opener, closer)
    for node in leaves(tree):
        assert spans[node.start] == node.span
    for container in nested:
        if isinstance(container, ObjectNode):
            for member in container.members:
                assert spans[member.key_start] == (member.key_start, member.key_end)
    assert kinds.count(COLON) == sum(
        len(node.members) for node in nested if isinstance(node, ObjectNode)
    )
    assert len(tree.comments) == kinds.count(COMMENT)
    assert all(text[start : start + 2] in ("//", "/*") for start, _ in tree.comments)


def leaves(tree: Tree) -> list[Node]:
    nested = list(containers(tree.root))
    if not nested:
        return [tree.root] if tree.root else []
    inner = [
        value
        for node in nested
        for value in (
            [member.value for member in node.members]
            if isinstance(node, ObjectNode)
            else node.items
        )
    ]
    return [node for node in inner if node.kind not in ("object", "array")]


@given(anything)
@settings(max_examples=3 * settings().max_examples)
def test_every_error_lies_within_the_text_and_is_one_line(text: str) -> None:
    errors = tree_of(text).errors
    for error in errors:
        assert error.location is not None
        places = [error.location.span, *(related.location.span for related in error.related)]
        places += [edit.span for edit in error.fix.edits] if error.fix else []
        assert all(0 <= start <= end <= len(text) for start, end in places)
        assert "\n" not in error.message and not error.message.endswith(".")
        assert error.blocks == (error.severity == "error")
    starts = [error.location.span.start for error in errors if error.location]
    assert starts == sorted(starts)
    assert len(errors) <= MAX_ERRORS + 1


@given(anything)
def test_a_text_with_errors_still_gives_a_tree_that_can_be_walked(text: str) -> None:
    tree = tree_of(text)
    if tree.root is not None:
        to_value(tree.root)
        for container in containers(tree.root):
            assert 0 <= container.start < container.end <= len(text)
    else:
        assert tree.errors


@given(anything)
def test_the_fix_of_one_error_can_always_be_made(text: str) -> None:
    for error in tree_of(text).errors:
        if error.fix is not None:
            assert apply(text, error.fix.edits) != text


@given(anything)
@settings(max_examples=3 * settings().max_examples)
def test_mending_leaves_fewer_errors_and_is_done_once(text: str) -> None:
    before = tree_of(text)
    after = apply_safe_fixes(Source(text))
    assert len(tree_of(after).errors) <= len(before.errors)
    assert (after == text) or bool(safe_edits(before.errors))
    assert apply_safe_fixes(Source(after)) == after


@given(documents)
def test_mending_leaves_a_good_document_alone(spelt: Spelt) -> None:
    text, value = spelt
    after = tree_of(apply_safe_fixes(Source(text)))
    if not tree_of(text).errors:
        assert after.source.text == text
    assert after.root is not None
    assert comparable(to_value(after.root)) == comparable(value)


@given(st.binary(max_size=40))
def test_any_bytes_can_be_read(data: bytes) -> None:
    source, findings = decode(data)
    tree = parse(source)
    assert print_tree(tree) == source.text
    for finding in findings:
        assert finding.location is not None
        start, end = finding.location.span
        assert 0 <= start <= end <= len(source.text)
