"""Whether a JSON value has the form of ``schema/plan.schema.json``, before anything reads it.

This knows the part of JSON Schema that our own schema uses, nothing else. It is stricter in one
point: 1.0 is no integer.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from openclaw_config import facts
from openclaw_config.diagnostics.model import key_path_text
from openclaw_config.plan.model import Json
from openclaw_config.syntax.spans import KeyPath

DEEPEST = 300
"""The deepest nesting of a plan that is read."""


class Problem(NamedTuple):
    """What is wrong first: the steps to the place, and what should be there."""

    path: KeyPath
    message: str

    def __str__(self) -> str:
        short = tuple(step if isinstance(step, int) else step[:60] for step in self.path)
        return f"{key_path_text(short)}: {self.message}" if short else self.message


_Part = tuple[Json, Json, KeyPath]
"""A value, the schema that it must keep, and the path to it."""


def problem(plan: Json) -> Problem | None:
    """The first thing in which a value is not a plan, None when it is one."""
    schema = facts.read_json("plan.schema.json")
    return too_deep(plan) or _problem(plan, schema, schema["$defs"])


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


def _problem(value: Json, schema: Json, defs: Json, path: KeyPath = ()) -> Problem | None:
    # A list of what is left to do and no recursion: a template may be nested deeply.
    left: list[_Part] = [(value, schema, path)]
    while left:
        value, schema, path = left.pop()
        while "$ref" in schema:
            schema = defs[schema["$ref"].rpartition("/")[2]]
        message = _own(value, schema)
        if message:
            return Problem(path, message)
        parts: list[_Part] = [(value, part, path) for part in schema.get("allOf", ())]
        choices = schema.get("anyOf")
        if choices and all(_problem(value, choice, defs) for choice in choices):
            return Problem(path, "it has none of the forms that it may have")
        if "if" in schema and _problem(value, schema["if"], defs) is None:
            parts.append((value, schema["then"], path))
        if isinstance(value, list):
            parts += _of_list(value, schema, path)
        elif isinstance(value, dict):
            wrong = _wrong_key(value, schema, defs)
            if wrong is not None:
                return Problem((*path, wrong), "there is no such key")
            parts += _of_object(value, schema, path)
        left += reversed(parts)
    return None


_TYPES: dict[str, tuple[str, Callable[[Json], bool]]] = {
    "null": ("null", lambda value: value is None),
    "boolean": ("true or false", lambda value: isinstance(value, bool)),
    "integer": ("a whole number", lambda value: type(value) is int),
    "number": (
        "a number",
        lambda value: type(value) is int or (type(value) is float and math.isfinite(value)),
    ),
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
    if isinstance(value, str) and "pattern" in schema and not re.search(schema["pattern"], value):
        return "it does not have the form that it must have"
    if isinstance(value, list):
        if len(value) < schema.get("minItems", 0):
            return f"it must have at least {schema['minItems']} items"
        if len(value) > schema.get("maxItems", len(value)):
            return f"it must have at most {schema['maxItems']} items"
    if isinstance(value, dict):
        missing = next((key for key in schema.get("required", ()) if key not in value), None)
        if missing is not None:
            return f"the key {missing} is missing"
    return ""


def _same(value: Json, other: Json) -> bool:
    return type(value) is type(other) and bool(value == other)


def _of_list(value: list[Json], schema: Json, path: KeyPath) -> Iterator[_Part]:
    first = schema.get("prefixItems", ())
    for index, (item, part) in enumerate(zip(value, first, strict=False)):
        yield item, part, (*path, index)
    rest = schema.get("items")
    if rest:
        for index in range(len(first), len(value)):
            yield value[index], rest, (*path, index)


def _wrong_key(value: dict[str, Json], schema: Json, defs: Json) -> str | None:
    names = schema.get("propertyNames")
    known = schema.get("properties", {})
    for key in value:
        if schema.get("additionalProperties") is False and key not in known:
            return key
        if names is not None and _problem(key, names, defs) is not None:
            return key
    return None


def _of_object(value: dict[str, Json], schema: Json, path: KeyPath) -> Iterator[_Part]:
    known, rest = schema.get("properties", {}), schema.get("additionalProperties")
    for key, item in value.items():
        part = known.get(key, rest)
        if part:
            yield item, part, (*path, key)
    for key, part in schema.get("dependentSchemas", {}).items():
        if key in value:
            yield value, part, path
