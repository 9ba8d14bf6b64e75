"""How values of several files become one (LOAD-21), as laws."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from openclaw_config.diagnostics.model import Diagnostic
from openclaw_config.loading.includes import merge
from openclaw_config.syntax.nodes import ArrayNode, Node, ObjectNode, to_value
from openclaw_config.syntax.parser import parse
from openclaw_config.syntax.text import Source

KEYS = st.sampled_from(["a", "b", "c", "1", "constructor", "prototype"])
SCALARS = st.none() | st.booleans() | st.integers(0, 3) | st.text("xy", max_size=1)


def values(keys: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    return st.recursive(
        SCALARS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
        max_leaves=12,
    )


VALUES = values(KEYS)
ORDINARY = values(st.sampled_from(["a", "b", "c", "1"]))


def node(value: Any) -> Node:
    root = parse(Source(json.dumps(value))).root
    assert root is not None
    return root


def merged(*operands: Any) -> Any:
    return to_value(merge([node(value) for value in operands]))


def by_the_rule(target: Any, source: Any) -> Any:
    """LOAD-21, two operands, as plainly as it can be said."""
    if isinstance(target, list) and isinstance(source, list):
        return [*target, *source]
    if isinstance(target, dict) and isinstance(source, dict):
        result = dict(target)
        for key, value in source.items():
            if key in {"__proto__", "prototype", "constructor"}:
                continue
            result[key] = by_the_rule(result[key], value) if key in result else value
        return result
    return source


def ordered(value: Any) -> str:
    return json.dumps(to_value(node(value)))


@given(st.lists(VALUES, min_size=1, max_size=4))
def test_merging_all_at_once_is_merging_one_after_the_other(operands: list[Any]) -> None:
    expected = operands[0]
    for operand in operands[1:]:
        expected = by_the_rule(expected, operand)
    assert json.dumps(merged(*operands)) == ordered(expected)  # the order of the keys included


# Values in which a key always holds the same kind, so that nothing is replaced by another kind.
ALIKE = st.fixed_dictionaries(
    {},
    optional={
        "number": st.integers(0, 3),
        "list": st.lists(st.integers(0, 3), max_size=2),
        "inner": st.fixed_dictionaries(
            {}, optional={"x": st.integers(0, 3), "y": st.lists(SCALARS, max_size=2)}
        ),
    },
)


@given(ALIKE, ALIKE, ALIKE)
def test_merging_is_associative_where_the_kinds_agree(one: Any, two: Any, three: Any) -> None:
    assert merged(merged(one, two), three) == merged(one, merged(two, three))


@given(ORDINARY.filter(lambda value: isinstance(value, dict)))
def test_an_empty_object_changes_nothing(value: Any) -> None:
    assert merged({}, value) == merged(value, {}) == value


@given(ORDINARY, ORDINARY)
def test_the_operands_stay_as_they_are(one: Any, two: Any) -> None:
    first, second = node(one), node(two)
    merge([first, second])
    assert to_value(first) == one
    assert to_value(second) == two


def test_every_value_keeps_its_own_source() -> None:
    one = parse(Source("{ a: [1], b: { x: 1 }, c: 1 }", "one")).root
    two = parse(Source("{ a: [2], b: { y: 2 }, d: 2 }", "two")).root
    assert one is not None
    assert two is not None
    root = merge([one, two])
    assert isinstance(root, ObjectNode)
    assert root.source.name == "two"
    joined = root.get("a")
    assert isinstance(joined, ArrayNode)
    assert [item.source.name for item in joined.items] == ["one", "two"]
    inner = root.get("b")
    assert isinstance(inner, ObjectNode)
    assert [member.source.name for member in inner.members] == ["one", "two"]
    assert isinstance(one, ObjectNode)
    assert isinstance(two, ObjectNode)
    assert root.get("c") is one.get("c")
    assert root.member("d") == two.member("d")
    assert root.index["b"].source.name == "two"


def test_dropped_keys_are_told() -> None:
    dropped: list[Diagnostic] = []
    operands = [node({"constructor": 1}), node({"constructor": 2, "o": {"prototype": 3}})]
    result = merge([*operands, node({"o": {"prototype": 4, "kept": 5}})], ("base",), dropped)
    assert to_value(result) == {"constructor": 1, "o": {"prototype": 3, "kept": 5}}
    assert [found.key_path for found in dropped] == [
        ("base", "constructor"),
        ("base", "o", "prototype"),
    ]


def test_of_a_repeated_key_the_last_counts() -> None:
    """LOAD-11: the operands are what JSON5 reads."""
    one = parse(Source("{ a: { lost: 1 }, a: { x: 1 } }")).root
    two = parse(Source("{ a: [0], a: { y: 2 } }")).root
    assert one is not None
    assert two is not None
    assert to_value(merge([one, two])) == {"a": {"x": 1, "y": 2}}


def test_deep_values_do_not_exhaust_the_stack() -> None:
    deep = '{"a":' * 499 + "{}" + "}" * 499
    one, two = parse(Source(deep)).root, parse(Source(deep)).root
    assert one is not None
    assert two is not None
    assert to_value(merge([one, two])) == to_value(one)
