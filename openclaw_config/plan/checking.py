"""Where a JSON value does not have the form of one of our own schemas, before anything reads it.

The schemas are ``schema/plan.schema.json`` and ``schema/capabilities.schema.json``. They are read
more strictly in one point: 1.0 is no integer. And they have two words more: ``expected`` is what to
say of a value that does not fit, ``ordered`` names two members of which the first must not be
above the second.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend

from openclaw_config import facts
from openclaw_config.diagnostics.model import key_path_text
from openclaw_config.plan.values import is_number, member
from openclaw_config.syntax.nodes import IN_WORDS
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


def problem(plan: Json) -> Problem | None:
    """The first thing in which a value is not a plan, None when it is one."""
    level = [plan]
    for _ in range(DEEPEST):
        level = [item for one in level for item in _inside(one)]
    if level:
        return Problem((), f"it is nested deeper than {DEEPEST} levels")
    return next(problems(plan, "plan.schema.json"), None)


def _inside(value: Json) -> Iterable[Json]:
    """What an object or a list holds."""
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def problems(value: Json, schema: str) -> Iterator[Problem]:
    """All problems of a value by a schema's name; of what a value is in itself, one."""
    seen = set()
    for error in _validator(schema).iter_errors(value):
        about = (*error.absolute_path, error.validator in _SAYS or error.validator)
        if about not in seen:
            seen.add(about)
            yield from problems_of(error)


def _ordered(_: Any, keys: list[Json], value: Json, __: Json) -> Iterator[ValidationError]:
    pair = [one for key in keys for one in member(value, str(key))]
    if all(map(is_number, pair)) and pair != sorted(pair):
        yield ValidationError("")


@lru_cache(maxsize=2)
def _validator(name: str) -> Any:
    own = Draft202012Validator.TYPE_CHECKER.redefine("integer", lambda _, value: type(value) is int)
    own = own.redefine("number", lambda _, value: is_number(value))
    kind: Any = extend(Draft202012Validator, {"ordered": _ordered}, type_checker=own)  # type: ignore[no-untyped-call]
    return kind(facts.read_json(name))


_TYPES = {**IN_WORDS, "integer": "a whole number"}


def _kinds(names: list[Any]) -> str:
    return " or ".join(_TYPES.get(str(name), "another kind of value") for name in names)


_SAYS: dict[str, Callable[[Any], str]] = {
    "type": lambda kind: f"it must be {_kinds([kind] if isinstance(kind, str) else kind)}",
    "const": lambda value: f"it must be {value}",
    "enum": lambda values: f"it must be one of {', '.join(map(str, values))}",
    "minimum": lambda least: f"it must be at least {least}",
    "maximum": lambda most: f"it must be at most {most}",
    "minLength": lambda _: "it must not be empty",
    "pattern": lambda _: "it does not have the form that it must have",
    "minItems": lambda least: f"it must have at least {least} item{'s' * (least > 1)}",
    "minProperties": lambda least: f"it must have at least {least} item{'s' * (least > 1)}",
    "maxItems": lambda most: f"it must have at most {most} items",
    "anyOf": lambda _: "it has none of the forms that it may have",
    "ordered": lambda _: "its lowest value is above its highest",
    "uniqueItems": lambda _: "a value stands here twice",
}


def problems_of(error: Any) -> Iterator[Problem]:
    """What an error of jsonschema's comes to, one for each key that it is about."""
    path, schema, value = (*error.absolute_path,), error.schema, error.instance
    if "propertyNames" in error.absolute_schema_path and isinstance(value, str):
        known = tuple(schema.get("enum", ()))
        yield Problem((*path, value), "there is no such key", at_key=True, known=known)
    elif error.validator == "additionalProperties":
        known = tuple(schema.get("properties", ()))
        patterns = "|".join(schema.get("patternProperties", ()))
        others = [key for key in value if key not in known]
        for key in [key for key in others if not (patterns and re.search(patterns, key))]:
            yield Problem((*path, key), "there is no such key", at_key=True, known=known)
    elif error.validator == "required":
        for key in [key for key in error.validator_value if key not in value]:
            yield Problem(path, f"the key {key} is missing", at_key=True)
    else:
        says = _SAYS.get(error.validator, lambda _: f"it does not keep {error.validator}")
        yield Problem(path, schema.get("expected", says(error.validator_value)))
