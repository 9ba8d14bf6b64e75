"""The formatter changes how a text looks, and nothing that it says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from openclaw_config.diagnostics.model import ERROR
from openclaw_config.syntax.formatter import WIDTH, format_tree
from openclaw_config.syntax.nodes import ArrayNode, Node, ObjectNode, Tree
from openclaw_config.syntax.parser import parse
from openclaw_config.syntax.text import Source
from tests.syntax.documents import documents

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
CASES = sorted((FIXTURES / "formatting").glob("*.before.json5"))
CONFIGS = sorted(FIXTURES.glob("*/*/openclaw.json*")) + sorted(
    FIXTURES.glob("loading/cases/**/*.json*")
)


def tree_of(text: str) -> Tree:
    return parse(Source(text))


def formatted(text: str) -> str:
    return format_tree(tree_of(text))


def read(path: Path) -> str:
    return path.read_bytes().decode("utf-8")


def written(tree: Tree) -> Any:
    """All that a text says: its values as they are written, every member in its place."""

    def of(node: Node | None) -> Any:
        if isinstance(node, ObjectNode):
            return [
                (tree.source.text[m.key_start : m.key_end], m.key, of(m.value))
                for m in node.members
            ]
        if isinstance(node, ArrayNode):
            return [of(item) for item in node.items]
        assert node is not None
        return node.kind, tree.source.text[node.start : node.end]

    return tree.root.kind if tree.root else None, of(tree.root)


def comments(tree: Tree) -> list[list[str]]:
    """The comments in order; the white space at the ends of their lines is layout."""
    return [
        [line.strip(" \t") for line in re.split("\r\n|[\r\n]", tree.source.text[start:end])]
        for start, end in tree.comments
    ]


def holds(text: str) -> None:
    """Every law at once, for a text that parses."""
    before = tree_of(text)
    result = format_tree(before)
    after = tree_of(result)
    assert not any(found.severity == ERROR for found in after.errors)
    assert written(after) == written(before)
    assert comments(after) == comments(before)
    assert format_tree(after) == result


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name.partition(".")[0])
def test_cases(path: Path) -> None:
    expected = read(path.with_name(path.name.replace(".before.", ".after.")))
    assert formatted(read(path)) == expected
    holds(read(path))


@settings(max_examples=4 * settings().max_examples, suppress_health_check=[HealthCheck.too_slow])
@given(documents)
@example("/* a */ // b\n{}")
@example("{a: 1 // x\n , /* y */\nb: 2}")
@example("/* a\n b */ {\n   x: 1 }")
@example("[1, /* x */ 2 /* y */, // z\n]")
@example('{"a": [1,]}')
@example("'\\\n c'\r\r")
def test_the_value_and_every_comment_stay_and_a_second_run_changes_nothing(text: str) -> None:
    holds(text)


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_same_for_real_configs(path: Path) -> None:
    try:
        text = read(path)
        formatted(text)
    except ValueError:
        return  # a case for what does not parse
    holds(text)


@given(st.text(st.sampled_from("{}[]:,'\"/*\n \t#ab01.-\\\u2028\ufeff"), max_size=40))
def test_any_text_is_formatted_or_refused(text: str) -> None:
    tree = tree_of(text)
    if any(found.severity == ERROR for found in tree.errors):
        with pytest.raises(ValueError, match="does not parse"):
            format_tree(tree)
    else:
        holds(text)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(json_values, st.sampled_from([None, 0, 1, 3]))
def test_plain_json_stays_plain_json(value: Any, indent: int | None) -> None:
    result = formatted(json.dumps(value, indent=indent))
    assert json.loads(result) == value
    holds(result)


LINE_ENDS = [
    ("{a: 1,\nb: 2}", "{\n  a: 1,\n  b: 2,\n}\n"),
    ("{a: 1,\r\nb: 2}", "{\r\n  a: 1,\r\n  b: 2,\r\n}\r\n"),
    ("{a: 1,\rb: 2}", "{\r  a: 1,\r  b: 2,\r}\r"),
    ("{a: 1, // x\r/* y\r*/ b: 2}", "{\r  a: 1, // x\r  /* y\r   */ b: 2,\r}\r"),
    ("{a: 1,\r\nb: 2,\r\nc: 3,\nd: 4}", "{\r\n  a: 1,\r\n  b: 2,\r\n  c: 3,\r\n  d: 4,\r\n}\r\n"),
    ("/* x\n*/ {a: 1,\r\n\r\nb: 2}", "/* x\r\n */ {\r\n  a: 1,\r\n\r\n  b: 2,\r\n}\r\n"),
    ("{}", "{}\n"),
    ("{}\n\n\n", "{}\n"),
    ("\ufeff\n{}", "\ufeff{}\n"),
]


@pytest.mark.parametrize("text, expected", LINE_ENDS)
def test_line_ends_are_those_of_most_lines(text: str, expected: str) -> None:
    assert formatted(text) == expected
    holds(text)


INDENTS = [
    ("{\n   a: {\n      b: 1 } }", "   "),
    ("{\n\ta: 1,\n\tb: [\n\t  1] }", "\t"),
    ("{a: {\n  b: 1 },\n c: {\n      d: 1 }, e: {\n  f: 1} }", "  "),
    ("{\n                a: 1 }", "  "),
    ("{a: 1,\nb: 2}", "  "),
]


@pytest.mark.parametrize("text, indent", INDENTS)
def test_the_indent_is_the_file_s_most_frequent_one(text: str, indent: str) -> None:
    result = formatted(text)
    assert result.startswith(f"{{\n{indent}a:")
    holds(text)


@pytest.mark.parametrize("length", range(70, 110))
def test_a_container_stays_on_its_line_as_long_as_it_fits(length: int) -> None:
    text = "{\n  key: { a: '" + "x" * length + "' } }"
    lines = formatted(text).splitlines()
    whole = "  key: { a: '" + "x" * length + "' },"
    assert (lines[1] == whole) == (len(whole) <= WIDTH)
    holds(text)


def test_what_stood_on_several_lines_is_not_pulled_together() -> None:
    assert formatted("[\n1]") == "[\n  1\n]\n"
    assert formatted("[1]") == "[1]\n"


def test_deep_nesting_is_no_trouble() -> None:
    holds("[\n" * 400 + "]" * 400)
    holds("[" * 400 + "]" * 400)


def test_many_comments_in_one_place_are_no_trouble() -> None:
    holds("[" + "/**/" * 20_000 + "]")
