"""Where a JSON value does not have the form of one of our own schemas, before anything reads it.

This knows the part of JSON Schema that ``schema/plan.schema.json`` and
``schema/capabilities.schema.json`` use, nothing else. It is stricter in one point: 1.0 is no
integer. It knows two words more: ``expected`` is what to say of a value that does not fit, and
``ordered`` names two members of which the first must not be above the second.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeAlias

from openclaw_config import facts
from openclaw_config.diagnostics.model import key_path_text
from openclaw_config.plan.values import is_number
from openclaw_config.syntax.text import KeyPath

Json: TypeAlias = Any
DEEPEST = 300
"""The deepest nesting of a plan that is read."""


class Problem(NamedTuple):
    """What is wrong: the steps to the place, and what should be there.

    With ``at_key`` it is about the last key of the path and not about its value. ``known`` are the
    keys that there are where one is not known, else None.
    """

    path: KeyPath
    message: str
    at_key: bool = False
    known: tuple[str, ...] | None = None

    def __str__(self) -> str:
        short = tuple(step if isinstance(step, int) else step[:60] for step in self.path)
        return f"{key_path_text(short)}: {self.message}" if short else self.message


_Part = tuple[Json, Json, KeyPath]
"""A value, the schema that it must keep, and the path to it."""


def problem(plan: Json) -> Problem | None:
    """The first thing in which a value is not a plan, None when it is one."""
    schema = facts.read_json("plan.schema.json")
    return too_deep(plan) or next(problems(plan, schema, schema["$defs"]), None)


def too_deep(value: Json) -> Problem | None:
    """A problem when a value is nested deeper than is read."""
    level = [value]
    for _ in range(DEEPEST):
        level = [
            item
            for one in level
            if isinstance(one, dict | list)
            for item in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return None
    return Problem((), f"it is nested deeper than {DEEPEST} levels")


def problems(value: Json, schema: Json, defs: Json, path: KeyPath = ()) -> Iterator[Problem]:
    """All problems of a value, in its own order; none within a part of a wrong type."""
    # A list of what is left to do and no recursion: a template may be nested deeply.
    left: list[_Part] = [(value, schema, path)]
    while left:
        value, schema, path = left.pop()
        schema = _resolved(schema, defs)
        message = _own(value, schema)
        choices = schema.get("anyOf")
        if not message and choices and not any(_fits(value, one, defs) for one in choices):
            message = "it has none of the forms that it may have"
        if message:
            yield Problem(path, schema.get("expected", message))
            continue
        parts: list[_Part] = [(value, part, path) for part in schema.get("allOf", ())]
        if "if" in schema and _fits(value, schema["if"], defs):
            parts.append((value, schema["then"], path))
        if _in_disorder(value, schema.get("ordered", ())):
            yield Problem(path, "its lowest value is above its highest")
        if isinstance(value, list):
            if schema.get("uniqueItems") and len({*map(repr, value)}) < len(value):
                yield Problem(path, "a value stands here twice")
            parts += _of_list(value, schema, path)
        elif isinstance(value, dict):
            yield from _wrong_keys(value, schema, defs, path)
            parts += _of_object(value, schema, path)
        left += reversed(parts)


def _resolved(schema: Json, defs: Json) -> Json:
    while "$ref" in schema:
        schema = defs[schema["$ref"].rpartition("/")[2]]
    return schema


def _fits(value: Json, schema: Json, defs: Json) -> bool:
    return next(problems(value, schema, defs), None) is None


_TYPES: dict[str, tuple[str, Callable[[Json], bool]]] = {
    "null": ("null", lambda value: value is None),
    "boolean": ("true or false", lambda value: isinstance(value, bool)),
    "integer": ("a whole number", lambda value: type(value) is int),
    "number": ("a number", is_number),
    "string": ("a text", lambda value: isinstance(value, str)),
    "array": ("a list", lambda value: isinstance(value, list)),
    "object": ("an object", lambda value: isinstance(value, dict)),
}


def _own(value: Json, schema: Json) -> str:
    """What is wrong with a value itself, "" when nothing is."""
    kind = schema.get("type")
    if kind is not None:
        word, fits = _TYPES[kind]
        if not fits(value):
            return f"it must be {word}"
    if "const" in schema and not _same(value, schema["const"]):
        return f"it must be {schema['const']}"
    if "enum" in schema and not any(_same(value, one) for one in schema["enum"]):
        return f"it must be one of {', '.join(map(str, schema['enum']))}"
    if type(value) in {int, float}:
        if value < schema.get("minimum", value):
            return f"it must be at least {schema['minimum']}"
        if value > schema.get("maximum", value):
            return f"it must be at most {schema['maximum']}"
    if isinstance(value, str):
        if not value and schema.get("minLength"):
            return "it must not be empty"
        if "pattern" in schema and not re.search(schema["pattern"], value):
            return "it does not have the form that it must have"
    if isinstance(value, list | dict):
        least = schema.get("minItems" if isinstance(value, list) else "minProperties", 0)
        if len(value) < least:
            return f"it must have at least {least} item{'s' * (least > 1)}"
        if len(value) > schema.get("maxItems", len(value)):
            return f"it must have at most {schema['maxItems']} items"
    return ""


def _in_disorder(value: Json, keys: list[Json]) -> bool:
    pair = [value[key] for key in keys if isinstance(value, list) or key in value]
    return all(type(one) in {int, float} for one in pair) and pair != sorted(pair)


def _same(value: Json, other: Json) -> bool:
    return type(value) is type(other) and bool(value == other)


def _of_list(value: list[Json], schema: Json, path: KeyPath) -> Iterator[_Part]:
    first, rest = schema.get("prefixItems", ()), schema.get("items")
    for index, item in enumerate(value):
        part = first[index] if index < len(first) else rest
        if part:
            yield item, part, (*path, index)


def _wrong_keys(
    value: dict[str, Json], schema: Json, defs: Json, path: KeyPath
) -> Iterator[Problem]:
    known = schema.get("properties", {})
    for key in schema.get("required", ()):
        if key not in value:
            yield Problem(path, f"the key {key} is missing", at_key=True)
    names = schema.get("propertyNames")
    closed = schema.get("additionalProperties") is False
    for key in value:
        if (closed and key not in known) or (names is not None and not _fits(key, names, defs)):
            there = known or _resolved(names or {}, defs).get("enum", ())
            yield Problem((*path, key), "there is no such key", at_key=True, known=tuple(there))


def _of_object(value: dict[str, Json], schema: Json, path: KeyPath) -> Iterator[_Part]:
    known, rest = schema.get("properties", {}), schema.get("additionalProperties")
    for key, item in value.items():
        part = known.get(key, rest)
        if part:
            yield item, part, (*path, key)
    for key, part in schema.get("dependentSchemas", {}).items():
        if key in value:
            yield value, part, path
