"""The tree of a good text: what is read, and where everything stands (LOAD-10)."""

from __future__ import annotations

import gc

import pytest

from openclaw_config.syntax.nodes import (
    MAX_DEPTH,
    ArrayNode,
    Node,
    NumberNode,
    ObjectNode,
    StringNode,
    child,
    containers,
    to_value,
)
from openclaw_config.syntax.parser import parse
from openclaw_config.syntax.text import Position, Source
from tests.syntax.safe_fixes import print_tree


def read(text: str) -> Node:
    tree = parse(Source(text))
    assert tree.errors == ()
    assert tree.root is not None
    return tree.root


def test_every_value_and_key_knows_its_span() -> None:
    text = "{\n  a: 1, // one\n  'b c': [true, null],\n}"
    root = read(text)
    assert isinstance(root, ObjectNode)
    assert root.span == (0, len(text))
    first, second = root.members
    assert (first.key, text[first.key_start : first.key_end]) == ("a", "a")
    assert (second.key, text[second.key_start : second.key_end]) == ("b c", "'b c'")
    assert second.key_location.position == Position(3, 3)
    assert isinstance(second.value, ArrayNode)
    spans = [first.value.span, second.value.span, *(item.span for item in second.value.items)]
    assert [text[start:end] for start, end in spans] == ["1", "[true, null]", "true", "null"]


def test_comments_are_kept_in_order() -> None:
    text = "// a\n{ /* b */ c: 1 /* d\n */ } // e"
    tree = parse(Source(text))
    found = [text[start:end] for start, end in tree.comments]
    assert found == ["// a", "/* b */", "/* d\n */", "// e"]


def test_a_comment_with_a_hash_is_a_comment() -> None:
    text = "# a\n{ c: 1 } # b"
    tree = parse(Source(text))
    assert [text[start:end] for start, end in tree.comments] == ["# a", "# b"]


def test_repeated_keys_are_all_kept_and_the_last_one_counts() -> None:  # LOAD-11
    root = read("{ a: 1, b: 2, 'a': 3, \\u0061: 4 }")
    assert isinstance(root, ObjectNode)
    assert [member.key for member in root.members] == ["a", "b", "a", "a"]
    assert to_value(root) == {"a": 4, "b": 2}
    assert list(to_value(root)) == ["a", "b"]


def test_proto_is_a_key_like_any_other() -> None:
    assert to_value(read("{ __proto__: { a: 1 } }")) == {"__proto__": {"a": 1}}


@pytest.mark.parametrize("space", ["\ufeff", "\u00a0", "\u2028", "\u2029", "\v", "\f", "\u3000"])
def test_the_white_space_of_javascript_may_stand_between_any_tokens(space: str) -> None:
    text = space.join(["", "{", "a", ":", "[", "NaN", ",", "true", "]", ",", "}", ""])
    assert list(to_value(read(text))) == ["a"]
    assert print_tree(parse(Source(text))) == text


@pytest.mark.parametrize("space", ["\u0085", "\u200b", "\u2060", "\u001c", "\u180e"])
def test_other_white_space_may_not(space: str) -> None:
    (error,) = parse(Source(f"{{{space} }}")).errors
    assert error.rule == "invisible-character"


@pytest.mark.parametrize("line_end", ["\n", "\r", "\r\n", "\u2028", "\u2029"])
def test_a_line_comment_ends_with_its_line(line_end: str) -> None:
    assert to_value(read(f"[1, // 2{line_end} 3]")) == [1, 3]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("'it\\'s'", "it's"),
        ('"\\b\\f\\n\\r\\t\\v\\0"', "\b\f\n\r\t\v\0"),
        ('"\\A\\/\\q"', "A/q"),
        ('"\\x41\\u0042"', "AB"),
        ('"a\\\nb\\\r\nc\\\rd\\\u2028e"', "abcde"),
        ('"\\ud83e\\udd9e"', "\U0001f99e"),
        ('"\\ud83e"', "\ud83e"),
        ('"\ud83e\\udd9e"', "\U0001f99e"),
        ('"tab\tnul\0del\x7f"', "tab\tnul\0del\x7f"),
        ('"/* none */ // none"', "/* none */ // none"),
    ],
)
def test_strings(text: str, value: str) -> None:
    root = read(text)
    assert isinstance(root, StringNode)
    assert root.value == value


@pytest.mark.parametrize(
    "name", ["a", "_", "$", "a1", "ключ", "ǉ", "ªa", "Ⅰ", "a\u0301", "a‿", "a\u200cb", "\U00010400"]
)
def test_names_that_need_no_quotes(name: str) -> None:
    assert to_value(read(f"{{{name}: 1}}")) == {name: 1}


@pytest.mark.parametrize("name", ["a-b", "1a", "a.b", "@a", "²", "\u0301a", "‿a", "\u0560", "a·"])
def test_names_that_need_quotes(name: str) -> None:
    """U+0560 is a letter since Unicode 11; json5 2.2.3 knows Unicode 10."""
    (error,) = parse(Source(f"{{{name}: 1}}")).errors
    assert error.rule == "unquoted-key"
    assert to_value(read(f"{{'{name}': 1}}")) == {name: 1}


def test_a_name_may_be_written_with_escapes() -> None:
    assert to_value(read("{ \\u0061\\u0062: 1, c\\u0301: 2 }")) == {"ab": 1, "c\u0301": 2}
    (error,) = parse(Source("{ a\\u002d: 1 }")).errors
    assert error.rule == "unquoted-key"


def test_any_value_may_be_the_root() -> None:  # LOAD-12
    assert [to_value(read(text)) for text in ("1", "'a'", "null", "[]", " true // a")] == [
        1,
        "a",
        None,
        [],
        True,
    ]


def test_depth_is_bounded() -> None:
    fits = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    root = read(fits)
    assert len(list(containers(root))) == MAX_DEPTH
    to_value(root)
    (error,) = parse(Source(f"[{fits}]")).errors
    assert error.rule == "nesting-too-deep"
    assert error.location is not None
    assert error.location.span.start == MAX_DEPTH


@pytest.mark.parametrize("nested", ["[" * 100_000, '{"a":' * 100_000, "[{a:" * 50_000])
def test_a_hundred_thousand_brackets_are_one_error(nested: str) -> None:
    (error,) = parse(Source(nested)).errors
    assert error.rule == "nesting-too-deep"


def test_a_text_full_of_slips_stops_after_some_of_them() -> None:
    errors = parse(Source("{ " + "a = 1, " * 1000 + "}")).errors
    assert len(errors) == 50
    assert "there may be more" in errors[-1].notes[0]


def test_a_file_of_slips_keeps_what_is_good_in_it() -> None:
    tree = parse(Source("{ a: 1 b: True, c: , d: [1_0, nul], e-f: 'x\" }"))
    assert len(tree.errors) == 7
    assert tree.root is not None
    assert to_value(tree.root) == {"a": 1, "b": True, "d": [10, None], "e-f": "x"}


def test_a_secret_without_quotes_is_in_no_message() -> None:
    for text in ("{ apiKey: sk-canary }", "{ apiKey: 'sk-canary }", "{ apiKey: “sk-canary” }",
                 "{ apiKey: 0sk-canary }", '{ apiKey: "sk"canary" }'):  # fmt: skip
        tree = parse(Source(text))
        assert tree.errors
        assert "canary" not in repr(tree)
        for error in tree.errors:
            fix = [edit.text for edit in error.fix.edits] if error.fix else []
            shown = [error.message, error.label, *error.helps, *error.notes, *fix]
            assert "canary" not in " ".join(shown)


def test_child_goes_down_the_tree() -> None:
    root = read("{ a: [{ b: 1 }] }")
    found = child(root, "a", 0, "b")
    assert isinstance(found, NumberNode)
    assert found.value == 1
    assert child(root, "a", 1) is None


@pytest.mark.parametrize("was_on", [True, False])
def test_the_garbage_collector_is_left_as_it_was(was_on: bool) -> None:
    before = gc.isenabled()
    try:
        (gc.enable if was_on else gc.disable)()
        to_value(read("{ a: [1] }"))
        parse(Source("{ a: [1"))
        assert gc.isenabled() == was_on
    finally:
        (gc.enable if before else gc.disable)()
