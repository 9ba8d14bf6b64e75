"""What a shape asks for and what was found instead, in words that people use."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from openclaw_config.syntax.nodes import IN_WORDS, BooleanNode, Node, NumberNode, StringNode
from openclaw_config.syntax.text import KeyPath
from openclaw_config.validation.schema import Shape

_KINDS = dict(IN_WORDS, boolean="true or false")
_MANY = {
    "a string": "strings",
    "a number": "numbers",
    "a whole number": "whole numbers",
    "an object": "objects",
}

_LIMITS = {
    "exclusiveMinimum": "greater than", "minimum": "of at least",
    "exclusiveMaximum": "less than", "maximum": "of at most",
}  # fmt: skip
_WORD = re.compile(r"(?:[A-Za-z][A-Za-z0-9]*(?:[-_ .][A-Za-z0-9]+){0,4}|-?[0-9]{1,6})\Z")


def listing(words: Sequence[str], last: str = "or", limit: int = 12) -> str:
    """Words as a sentence lists them: ``a, b or c``; past ``limit`` it says how many more."""
    words = list(words)
    if len(words) > limit:
        words = [*words[: limit - 1], f"{len(words) - limit + 1} more"]
        last = "and"
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def quoted(value: Any) -> str:
    """An allowed value as it is written in the file."""
    return json.dumps(value, ensure_ascii=False)


def present(shape: Shape, values: Sequence[Any]) -> list[Any]:
    """The allowed values without those that are only read for old configs' sake."""
    old = shape.schema.get("x-legacyValues", ())
    return [value for value in values if value not in old]


def may_show(node: Node, path: KeyPath, shape: Shape | None = None) -> bool:
    """Whether a message may repeat a value: it is no secret, and it says what is wrong.

    A number, a boolean, or a short plain word.
    """
    if shape is not None and shape.schema.get("x-secret"):
        return False
    from openclaw_config.diagnostics import masking

    if not masking.may_show(node, path):
        return False
    if isinstance(node, StringNode):
        text = node.value
        return (
            len(text) <= 24
            and _WORD.match(text) is not None
            and sum(character.isdigit() for character in text) <= 6
        )
    return isinstance(node, NumberNode | BooleanNode)


def found(node: Node, path: KeyPath, shape: Shape | None = None) -> str:
    """What stands there, with the value where it may be shown."""
    if isinstance(node, StringNode):
        if not node.value:
            return "an empty string"
        return quoted(node.value) if may_show(node, path, shape) else "a string"
    if isinstance(node, BooleanNode | NumberNode) and may_show(node, path, shape):
        return node.source.text[node.start : node.end] or quoted(node.value)
    return IN_WORDS[node.kind]


def expected(shape: Shape) -> str:
    """What a shape asks for: ``a whole number from 1 to 65535``, ``"auto" or true or false``."""
    return listing(list(dict.fromkeys(_alternatives(shape))), limit=16)


def _alternatives(shape: Shape) -> list[str]:
    if shape.values:
        return [quoted(value) for value in present(shape, shape.values)]
    if shape.any_of and shape.kinds is None:
        words = [word for branch in shape.any_of for word in _alternatives(branch)]
        if any(word.startswith("a SecretRef") for word in words):
            words = [word for word in words if not word.startswith("an object")]
        objects = [word for word in words if word.startswith("an object")]
        if len(objects) > 1:
            words = [word for word in words if word not in objects]
            tags = [inner.values for branch in shape.any_of if (inner := branch.of_key(shape.tag))]
            tag = f" with {shape.tag} {listing([quoted(v) for row in tags for v in row])}"
            words.append(f"an object{tag if tags else ''}")
        return words
    if shape.kinds is None:
        other = "another kind of value" if shape.not_ is not None else "any value"
        return ["an object"] if shape.keys else [other]
    return [_of_kind(kind, shape) for kind in _KINDS if kind in shape.kinds]


def _of_kind(kind: str, shape: Shape) -> str:
    if kind == "number":
        return _number(shape)
    if kind == "string":
        if shape.expects:
            return shape.expects
        return "a non-empty string" if shape.sizes["string"][0] else "a string"
    if kind == "array" and shape.items is not None:
        inner = expected(shape.items)
        return f"a list of {_MANY[inner]}" if inner in _MANY else "a list"
    if kind == "object":
        if {"source", "provider", "id"} <= set(shape.keys):
            return "a SecretRef {source, provider, id}"
        if shape.keys and shape.closed and len(shape.keys) <= 4:
            return f"an object with {listing(shape.keys, 'and')}"
    return _KINDS[kind]


def _number(shape: Shape) -> str:
    noun = "a whole number" if shape.integer else "a number"
    limits = shape.limits
    if limits.keys() >= {"minimum", "maximum"}:
        return f"{noun} from {limits['minimum']} to {limits['maximum']}"
    said = [f"{word} {limits[name]}" for name, word in _LIMITS.items() if name in limits]
    return " ".join((noun, " and ".join(said))).rstrip()
