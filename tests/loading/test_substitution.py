"""``${NAME}`` in string values (LOAD-30, LOAD-31), as laws and in its places."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openclaw_config.loading import interpolation
from openclaw_config.loading.environment import ASSUMED, EMPTY, FOUND, MISSING, Environment
from openclaw_config.loading.interpolation import Substitution, references
from openclaw_config.syntax.nodes import (
    ArrayNode,
    Node,
    ObjectNode,
    StringNode,
    places_of,
    to_value,
)
from openclaw_config.syntax.parser import parse
from openclaw_config.syntax.text import Source

PIECES = st.lists(
    st.sampled_from(["$", "$$", "{", "}", "${", "A", "B", "a", "1", "_", "-", " ", "${A}", "${B}"]),
    max_size=8,
).map("".join)
VARIABLES = {"A": "x", "B": "${A}$$"}


def root_of(text: str) -> Node:
    root = parse(Source(text, "c")).root
    assert root is not None
    return root


def put(text: str, variables: dict[str, str] | None = None) -> Substitution:
    environment = Environment.assumed() if variables is None else Environment.of(variables)
    root = root_of(text)
    done = Substitution(root, places_of(root), environment)
    if isinstance(root, StringNode):
        done.root = done._string(root, ())
    return done


def string(value: str, variables: dict[str, str]) -> Any:
    return to_value(put(json.dumps(value), variables).root)


def by_the_rule(text: str, variables: dict[str, str]) -> str:
    """LOAD-30 and LOAD-31, read from left to right as they are written."""
    out = ""
    while text:
        escaped = re.match(r"\$(\$\{[A-Z_][A-Z0-9_]*\})", text)
        reference = re.match(r"\$\{([A-Z_][A-Z0-9_]*)\}", text)
        if escaped:
            out, text = out + escaped[1], text[escaped.end() :]
        elif reference:
            out += variables.get(reference[1]) or reference[0]
            text = text[reference.end() :]
        else:
            out, text = out + text[0], text[1:]
    return out


@given(PIECES)
def test_reads_as_the_rule_says(text: str) -> None:
    assert string(text, VARIABLES) == by_the_rule(text, VARIABLES)
    assert string(text, {}) == by_the_rule(text, {})


@given(st.text().filter(lambda text: "${" not in text))
def test_leaves_text_without_a_reference_alone(text: str) -> None:
    assert string(text, VARIABLES) == text
    node = root_of(json.dumps([text]))
    assert Substitution(node, places_of(node), Environment.of(VARIABLES)).root is node


@given(PIECES, st.text())
def test_what_is_put_in_is_not_looked_at_again(text: str, value: str) -> None:
    assert string(f"${{X}}{text}", {"X": value}) == (value or "${X}") + by_the_rule(text, {})


@given(PIECES)
def test_references_are_the_uses(text: str) -> None:
    uses = put(json.dumps(text), {}).uses
    assert [use.name for use in uses] == list(references(text))


@given(
    st.recursive(
        PIECES | st.integers(-9, 9) | st.none(),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text("${A}", max_size=4), inner)
        ),
        max_leaves=10,
    )
)
def test_every_string_value_and_no_key(value: Any) -> None:
    def expected(value: Any) -> Any:
        if isinstance(value, str):
            return by_the_rule(value, VARIABLES)
        if isinstance(value, list):
            return [expected(item) for item in value]
        if isinstance(value, dict):
            return {key: expected(item) for key, item in value.items()}
        return value

    assert to_value(put(json.dumps(value), VARIABLES).root) == expected(value)


def test_states() -> None:
    """LOAD-31: undefined and empty are missing; white space is a value."""
    uses = put('["${A}", "${E}", "${S}", "${N}"]', {"A": "1", "E": "", "S": " "}).uses
    assert [use.state for use in uses] == [FOUND, EMPTY, FOUND, MISSING]
    assert [use.key_path for use in uses] == [(0,), (1,), (2,), (3,)]


def test_assumed_strings_are_marked() -> None:
    root = put('["x${A}$${B}", "plain", "$${C}"]').root
    assert isinstance(root, ArrayNode)
    first, second, third = root.items
    assert isinstance(first, StringNode)
    assert (first.value, first.assumed, first.variables) == ("x${A}${B}", True, ("A",))
    assert isinstance(second, StringNode)
    assert (second.assumed, second.variables) == (False, ())
    assert isinstance(third, StringNode)
    assert (third.value, third.assumed, third.variables) == ("${C}", False, ())


def test_a_string_knows_its_variables() -> None:
    node = put('"${B}${A}${B}${MISSING}"', VARIABLES).root
    assert isinstance(node, StringNode)
    assert node.variables == ("B", "A")
    assert not node.assumed


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ('"${A}"', ["2-6"]),
        ('"x ${A}${B} y"', ["4-8", "8-12"]),
        (r'"\"${A}\" ${B}"', ["4-8", "11-15"]),
        (r'"\${A}"', ["3-7"]),
        ('"$${B} ${A}"', ["8-12"]),
        ('"\\\n${A}"', ["1-5"]),
        # An escape hides the reference: then the whole string is the place.
        (r'"\x24{A} ${B}"', ["1-15", "1-15"]),
        (r'"${\x41}"', ["1-10"]),
    ],
)
def test_a_use_has_its_own_place(text: str, columns: list[str]) -> None:
    found = []
    for use in put(text, {}).uses:
        start, end = use.location.span
        column = use.location.position.column
        found.append(f"{column}-{column + end - start}")
    assert found == columns


def test_what_is_not_touched_is_shared() -> None:
    root = root_of('{ a: { b: "${A}" }, c: { d: [1] }, e: ["${A}", { f: 1 }], "${A}": "x" }')
    result = put_in(root)
    assert isinstance(root, ObjectNode)
    assert result.get("c") is root.get("c")
    assert result.member("${A}") == root.member("${A}")
    old, new = root.get("e"), result.get("e")
    assert isinstance(old, ArrayNode)
    assert isinstance(new, ArrayNode)
    assert new.items[1] is old.items[1]
    assert new.span == old.span
    assert result.index["a"].key_location == root.index["a"].key_location
    assert to_value(root)["a"] == {"b": "${A}"}


def put_in(root: Node) -> ObjectNode:
    result = Substitution(root, places_of(root), Environment.of(VARIABLES)).root
    assert isinstance(result, ObjectNode)
    return result


def test_of_a_repeated_key_only_the_last_is_looked_at() -> None:
    """LOAD-11: the earlier one is not there for OpenClaw."""
    result = put('{ a: "${A}", a: "${B}" }', VARIABLES)
    assert [use.name for use in result.uses] == ["B"]
    assert to_value(result.root) == {"a": "${A}$$"}


def test_deep_values_do_not_exhaust_the_stack() -> None:
    text = "[" * 500 + '"${A}"' + "]" * 500
    assert json.dumps(to_value(put(text, VARIABLES).root)).strip("[]") == '"x"'


def test_a_flood_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A config can set a long variable and use it a million times."""
    monkeypatch.setattr(interpolation, "MAX_CHARACTERS", 25)
    result = put('["${A}", "${A}${A}", "${A}", "${A}"]', {"A": "0123456789"})
    assert to_value(result.root) == ["0123456789", "0123456789${A}", "${A}", "${A}"]
    assert [use.state for use in result.uses] == [FOUND, FOUND, ASSUMED, ASSUMED, ASSUMED]
