"""A JSON Schema as the evaluator wants it: each sub-schema taken apart once, when first needed.

The keywords of ``KEYWORDS`` are known, those that the schemas of all releases use. Any other is
refused when a schema is prepared (``scripts/prepare_schema.py``), so that none is half understood;
a check passes over it. The schemas have no reference cycles (a test says so), which bounds how deep
the evaluator goes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property, lru_cache, partial
from typing import Any

from openclaw_config.facts import schema_part, section

_VOCABULARY = """
    oneOf if then else uniqueItems patternProperties x-trimMaxLength
    $ref $defs type properties additionalProperties required propertyNames
    minProperties maxProperties items prefixItems minItems maxItems anyOf allOf not enum const
    pattern format minLength maxLength minimum maximum exclusiveMinimum exclusiveMaximum
    default description title deprecated
    x-secret x-legacy x-legacyValues x-rule x-open x-expects x-tag
    patternErrorMessage
"""
KEYWORDS = frozenset(_VOCABULARY.split())
"""The keywords that a schema may use. Of ``format`` only ``uri`` is looked at: beside any other the
prepared schemas have a pattern."""

_LIMITS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_RARE = frozenset(("if", "uniqueItems", "patternProperties"))


class Shape:
    """One sub-schema, with its references followed. An absent keyword is None, False or empty.

    ``keys`` are those that the schema names, in its order.
    """

    def __init__(
        self,
        schema: dict[str, Any],
        follow: Callable[[str], dict[str, Any]],
        known: dict[int, Shape],
    ) -> None:
        self.schema = schema
        self._follow = follow
        self._known = known
        get = schema.get
        names = get("type")
        names = [names] if isinstance(names, str) else names
        self.kinds: frozenset[str] | None = (
            None
            if names is None
            else frozenset("number" if name == "integer" else name for name in names)
        )
        self.integer = names is not None and "integer" in names
        self.closed = get("additionalProperties") is False
        self.required: tuple[str, ...] = tuple(get("required", ()))
        self.rule: str = get("x-rule", "")
        self.secret = bool(get("x-secret"))
        self.old = "x-legacy" in schema
        self.expects: str = get("x-expects", "")
        self.tag: str = get("x-tag", "")
        self.has_values = "enum" in schema or "const" in schema
        self.values: tuple[Any, ...] = tuple(
            get("enum", ()) if "enum" in schema else (schema["const"],) if self.has_values else ()
        )
        self.uri = get("format") == "uri"
        self.min_length: int = get("minLength", 0)
        self.max_length: int | None = get("maxLength")
        self.trimmed_max_length: int | None = get("x-trimMaxLength")
        self.unique = get("uniqueItems") is True
        self.exclusive = "oneOf" in schema
        self.rare = not schema.keys().isdisjoint(_RARE)
        # At least, at most, more than, less than.
        self.limits = tuple(map(get, _LIMITS))
        self.bounded = any(limit is not None for limit in self.limits)
        self.min_items: int = get("minItems", 0)
        self.max_items: int | None = get("maxItems")
        self.min_properties: int = get("minProperties", 0)
        self.max_properties: int | None = get("maxProperties")
        self._properties: dict[str, Any] = get("properties") or {}
        self.keys: tuple[str, ...] = tuple(self._properties)
        self._shapes: dict[str, Shape] = {}

    def _sub(self, schema: Any) -> Shape | None:
        if not isinstance(schema, dict):
            return None
        beside: dict[str, Any] = {}
        origin = schema
        while "$ref" in schema:
            if len(schema) > 1:
                beside = {**schema, **beside}
            schema = self._follow(schema["$ref"])
        if beside:
            # What stands beside a reference, a description say, holds for this place only.
            del beside["$ref"]
            schema = {**schema, **beside}
        else:
            origin = schema
        found = self._known.get(id(origin))
        if found is None:
            found = self._known[id(origin)] = Shape(schema, self._follow, self._known)
        return found

    def _subs(self, keyword: str) -> tuple[Shape, ...]:
        shapes = (self._sub(item) for item in self.schema.get(keyword, ()))
        return tuple(shape for shape in shapes if shape is not None)

    def of_key(self, key: str) -> Shape | None:
        """The shape that the schema gives to a key by name, or None."""
        found = self._shapes.get(key)
        if found is None and key in self._properties:
            found = self._sub(self._properties[key])
            if found is not None:
                self._shapes[key] = found
        return found

    def refuses(self, key: str) -> bool:
        """Whether the schema names a key to forbid it."""
        return self._properties.get(key) is False

    @cached_property
    def additional(self) -> Shape | None:
        """The shape of the values at keys that the schema does not name, where it gives one."""
        return self._sub(self.schema.get("additionalProperties"))

    @cached_property
    def property_names(self) -> Shape | None:
        """The shape of the keys themselves."""
        return self._sub(self.schema.get("propertyNames"))

    @cached_property
    def items(self) -> Shape | None:
        """The shape of an array's items, after those of ``prefix_items``."""
        return self._sub(self.schema.get("items"))

    @cached_property
    def prefix_items(self) -> tuple[Shape, ...]:
        """The shapes of an array's first items."""
        return self._subs("prefixItems")

    @cached_property
    def any_of(self) -> tuple[Shape, ...]:
        """The branches of a union; exactly one must fit where it is ``exclusive``."""
        return self._subs("oneOf" if self.exclusive else "anyOf")

    @cached_property
    def all_of(self) -> tuple[Shape, ...]:
        """Shapes that hold as well."""
        return self._subs("allOf")

    @cached_property
    def condition(self) -> tuple[Shape | None, Shape | None, Shape | None]:
        """``if``, and what must hold as well where it holds and where it does not."""
        get = self.schema.get
        return self._sub(get("if")), self._sub(get("then")), self._sub(get("else"))

    def of_pattern(self, key: str) -> tuple[Shape, ...]:
        """The shapes that the schema gives to a key by patterns."""
        return tuple(shape for pattern, shape in self._patterns if pattern.search(key))

    @cached_property
    def _patterns(self) -> tuple[tuple[re.Pattern[str], Shape], ...]:
        named = self.schema.get("patternProperties", {}).items()
        shapes = ((re.compile(pattern), self._sub(part)) for pattern, part in named)
        return tuple((pattern, shape) for pattern, shape in shapes if shape is not None)

    @cached_property
    def not_(self) -> Shape | None:
        """The shape that must not hold."""
        return self._sub(self.schema.get("not"))

    @cached_property
    def pattern(self) -> re.Pattern[str] | None:
        """The pattern that a string must have."""
        text = self.schema.get("pattern")
        return None if text is None else re.compile(text)


def shape_of(schema: dict[str, Any]) -> Shape:
    """The root shape of a whole schema, whose ``$ref`` all lead into its own ``$defs``."""
    return Shape(schema, lambda reference: schema["$defs"][reference.rpartition("/")[2]], {})


@lru_cache(maxsize=4)
def openclaw_shape(target: str) -> Shape:
    """The shape of a whole config of an OpenClaw release; a section is read when it is needed.

    Raises FileNotFoundError when there is no schema for that release.
    """
    return Shape(section("openclaw", target, "root"), partial(schema_part, target), {})


def walk(shape: Shape, path: tuple[str | int, ...]) -> Shape | None:
    """The shape at a key path, through unions by the first branch that knows the key; or None."""
    current: Shape | None = shape
    for step in path:
        if current is None:
            return None
        current = _step(current, step)
    return current


def _step(shape: Shape, step: str | int) -> Shape | None:
    if isinstance(step, int):
        found = shape.prefix_items[step] if step < len(shape.prefix_items) else shape.items
    else:
        found = shape.of_key(step) or next(iter(shape.of_pattern(step)), shape.additional)
    if found is None:
        for branch in (*shape.any_of, *shape.all_of):
            found = _step(branch, step)
            if found is not None:
                break
    return found
