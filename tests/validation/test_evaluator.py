"""The evaluator beside jsonschema, and what its problems say."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker, ValidationError, validators

from openclaw_config.descriptions import schema_of
from openclaw_config.syntax.nodes import FilledString, Node, StringNode
from openclaw_config.syntax.parser import parse
from openclaw_config.syntax.text import Source, trim
from openclaw_config.validation import schema as evaluator
from openclaw_config.validation.schema import Problem, evaluate, openclaw_shape, shape_of
from openclaw_config.validation.structure import diagnose
from tests.support import OLDEST
from tests.validation.instances import anything, mutated, of_shape

checker = FormatChecker(())


@checker.checks("uri")
def _is_uri(value: object) -> bool:
    return (
        not isinstance(value, str) or re.match("[A-Za-z][A-Za-z0-9+.-]*:", trim(value)) is not None
    )


def _trimmed_length(_: Any, limit: int, value: Any, __: Any) -> Iterator[ValidationError]:
    if isinstance(value, str) and len(trim(value)) > limit:
        yield ValidationError("too long without the white space around it")


Validator = validators.extend(  # type: ignore[no-untyped-call]
    Draft202012Validator, {"x-trimMaxLength": _trimmed_length}
)
RELEASES = (OLDEST, "2026.9.6")
JUDGES = {
    release: Validator(schema_of(release, described=False), format_checker=checker)
    for release in RELEASES
}


def tree(value: Any) -> Node:
    """A value as a tree."""
    root = parse(Source(json.dumps(value))).root
    assert root is not None
    return root


def problems(value: Any, schema: dict[str, Any]) -> list[Problem]:
    return evaluate(tree(value), shape_of(schema))


def kinds(value: Any, schema: dict[str, Any]) -> list[str]:
    return sorted(problem.kind for problem in problems(value, schema))


def has_list(config: Any) -> bool:
    """Whether a config has a list of agents, which counts as unknown where it is left (LOAD-51)."""
    agents = config.get("agents") if isinstance(config, dict) else None
    return isinstance(agents, dict) and "list" in agents


# --- the same verdict as jsonschema -----------------------------------------------------------


@pytest.mark.parametrize("release", RELEASES)
@settings(max_examples=3 * settings().max_examples)
@given(data=st.data())
def test_same_verdict_on_values_drawn_from_the_schema(release: str, data: st.DataObject) -> None:
    shape = openclaw_shape(release)
    value = data.draw(of_shape(shape))
    assume(release == OLDEST or not has_list(value))
    assert (not evaluate(tree(value), shape)) == JUDGES[release].is_valid(value)


@pytest.mark.parametrize("release", RELEASES)
@settings(max_examples=3 * settings().max_examples)
@given(value=mutated())
def test_same_verdict_on_changed_configs(release: str, value: Any) -> None:
    assume(release == OLDEST or not has_list(value))
    found = evaluate(tree(value), openclaw_shape(release))
    assert (not found) == JUDGES[release].is_valid(value)


SMALL: list[dict[str, Any]] = [
    {"type": "object", "properties": {"a": {"type": "integer"}}, "additionalProperties": False},
    {"type": "object", "additionalProperties": {"type": "string", "minLength": 2}},
    {"type": "object", "required": ["a", "b"], "properties": {"a": {}}},
    {"type": "object", "propertyNames": {"pattern": "^[a-z]*$"}},
    {"type": "object", "minProperties": 1, "maxProperties": 2},
    {"type": "array", "items": {"type": "number", "minimum": 0, "maximum": 5}},
    {"type": "array", "prefixItems": [{"type": "string"}], "items": {"type": "number"}},
    {"type": "array", "minItems": 1, "maxItems": 2},
    {"type": ["string", "null"], "maxLength": 6},
    {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 3},
    {"type": "string", "pattern": "^a"},
    {"enum": ["a", 1, True, None]},
    {"const": 1},
    {"const": True},
    {"anyOf": [{"type": "string"}, {"type": "object", "required": ["a"]}, {"const": 5}]},
    {"allOf": [{"type": "object"}, {"required": ["a"]}]},
    {"not": {"required": ["a", "b"]}},
    {"oneOf": [{"type": "number"}, {"type": "string"}, {"required": ["a"], "type": "object"}]},
    {"if": {"required": ["a"]}, "then": {"required": ["b"]}, "else": {"minProperties": 1}},
    {"allOf": [{"if": {"type": "string"}, "then": {"minLength": 2}}]},
    {"type": "array", "uniqueItems": True},
    {
        "type": "object",
        "properties": {"a": {"type": "string"}},
        "patternProperties": {"^[ab]": {"minLength": 2}, "b": {"type": "string"}},
        "additionalProperties": {"type": "number"},
    },
    {"type": "object", "patternProperties": {"^a": {}}, "additionalProperties": False},
    {"type": "object", "propertyNames": {"maxLength": 2, "enum": ["a", "ab", "b"]}},
    {
        "type": "object",
        "properties": {"a": {"$ref": "#/$defs/b"}},
        "$defs": {"b": {"type": "null"}},
    },
    {},
]


@cache
def judge(schema: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads(schema))


@pytest.mark.parametrize("schema", SMALL, ids=json.dumps)
@given(value=anything | st.dictionaries(st.sampled_from("abc"), anything))
def test_same_verdict_on_every_keyword(schema: dict[str, Any], value: Any) -> None:
    assert (not problems(value, schema)) == judge(json.dumps(schema)).is_valid(value)


def test_a_length_without_the_white_space_around_the_text() -> None:
    schema = {"type": "string", "x-trimMaxLength": 2}
    assert kinds(" ab\u00a0", schema) == []
    assert kinds("abc", schema) == [evaluator.WRONG_LENGTH]


def test_a_repeated_item_is_pointed_at() -> None:
    schema = {"type": "array", "uniqueItems": True}
    (problem,) = problems([1, {"a": [1.0]}, True, {"a": [1]}], schema)
    assert (problem.kind, problem.path) == (evaluator.REPEATED_ITEM, (3,))
    assert diagnose(problem, OLDEST).message == "[3] repeats another item"


def test_an_unknown_keyword_is_passed_over() -> None:
    """One is found when a schema is prepared; a check of a config never fails for it."""
    assert kinds([1, 1], {"type": "array", "contains": {"const": 2}}) == []


# --- what JavaScript and Python count differently ---------------------------------------------


@pytest.mark.parametrize(
    ("text", "schema", "expected"),
    [
        ("1.0", {"type": "integer"}, []),
        ("1e3", {"type": "integer"}, []),
        ("0x10", {"type": "integer"}, []),
        ("1.5", {"type": "integer"}, [evaluator.WRONG_TYPE]),
        ("Infinity", {"type": "number"}, [evaluator.NOT_FINITE]),
        ("NaN", {"type": "number"}, [evaluator.NOT_FINITE]),
        ("1e999", {"type": "number"}, [evaluator.NOT_FINITE]),
        ("9007199254740991", {"type": "integer"}, []),
        ("9007199254740993", {"type": "integer"}, [evaluator.WRONG_TYPE]),  # not kept exactly
        ("true", {"enum": [1]}, [evaluator.BAD_VALUE]),
        ("1", {"enum": [True]}, [evaluator.BAD_VALUE]),
    ],
)
def test_numbers_are_those_of_javascript(
    text: str, schema: dict[str, Any], expected: list[str]
) -> None:
    root = parse(Source(text)).root
    assert root is not None
    assert [problem.kind for problem in evaluate(root, shape_of(schema))] == expected


def test_lengths_count_code_points() -> None:
    """OpenClaw counts a sign beyond the first plane once."""
    assert kinds("ab\U00010000", {"type": "string", "maxLength": 3}) == []
    assert kinds("abc\U00010000", {"type": "string", "maxLength": 3}) == [evaluator.WRONG_LENGTH]


def test_texts_that_are_not_known_yet_are_not_judged() -> None:
    """A string with a variable that is only assumed to be set: any text may stand there."""
    schema = {"type": "string", "pattern": "^x$", "enum": ["x"], "minLength": 9}
    read = tree("${NAME}")
    assert isinstance(read, StringNode)
    root = FilledString(read, read.value, ("NAME",), assumed=True)
    assert evaluate(root, shape_of(schema)) == []
    assert evaluate(root, shape_of({"type": "number"})) != []


# --- unions ------------------------------------------------------------------------------------

MODEL = {
    "anyOf": [
        {"type": "string"},
        {
            "type": "object",
            "properties": {"primary": {"type": "string"}, "fallbacks": {"type": "array"}},
            "additionalProperties": False,
        },
    ]
}
TAGGED = {
    "anyOf": [
        {
            "type": "object",
            "properties": {"kind": {"const": kind}, key: {"type": "number"}},
            "required": ["kind", key],
            "additionalProperties": False,
        }
        for kind, key in (("a", "apples"), ("b", "berries"))
    ]
}


@pytest.mark.parametrize(
    ("value", "schema", "expected"),
    [
        # Of another type than every branch: the union itself is wrong.
        (5, MODEL, [(evaluator.NO_BRANCH, (), "")]),
        # An object can only be meant as the branch for objects.
        ({"primry": "x"}, MODEL, [(evaluator.UNKNOWN_KEY, (), "primry")]),
        ({"primary": 5}, MODEL, [(evaluator.WRONG_TYPE, ("primary",), "")]),
        # The tag says which branch is meant, however little of it is there.
        ({"kind": "b", "apples": 1}, TAGGED, [
            (evaluator.MISSING_KEY, (), "berries"), (evaluator.UNKNOWN_KEY, (), "apples"),
        ]),
        ({"kind": "b"}, TAGGED, [(evaluator.MISSING_KEY, (), "berries")]),
        ({"kind": "c", "berries": 1}, TAGGED, [(evaluator.BAD_VALUE, ("kind",), "")]),
        # Without a tag, the branch that has most of the keys.
        ({"berries": 1}, TAGGED, [(evaluator.MISSING_KEY, (), "kind")]),
    ],
)  # fmt: skip
def test_the_branch_that_was_meant(
    value: Any, schema: dict[str, Any], expected: list[tuple[str, tuple[str, ...], str]]
) -> None:
    found = [(item.kind, item.path, item.key) for item in problems(value, schema)]
    assert sorted(found) == expected


def test_all_values_of_a_tag_are_allowed_ones() -> None:
    (problem,) = problems({"kind": "c", "berries": 1}, TAGGED)
    assert problem.values == ("a", "b")


# --- places ------------------------------------------------------------------------------------


def test_every_problem_points_at_its_node() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "array", "items": {"type": "string"}}},
        "additionalProperties": False,
    }
    text = '{"a": ["x", 5], "b": 1}'
    root = parse(Source(text)).root
    assert root is not None
    found = {
        problem.kind: (
            text[problem.node.start : problem.node.end],
            problem.path,
            problem.key,
        )
        for problem in evaluate(root, shape_of(schema))
    }
    assert found == {
        evaluator.WRONG_TYPE: ("5", ("a", 1), ""),
        evaluator.UNKNOWN_KEY: (text, (), "b"),
    }


def test_a_secret_is_collected_with_its_path() -> None:
    secrets: evaluator.Values = []
    value = {"gateway": {"auth": {"token": "x"}}, "logging": {"level": "info"}}
    assert evaluate(tree(value), openclaw_shape(OLDEST), secrets) == []
    assert [path for path, _ in secrets] == [("gateway", "auth", "token")]
