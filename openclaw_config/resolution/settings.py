"""Reading typed values out of a document, as OpenClaw's own helpers read them."""

from __future__ import annotations

from math import isfinite
from typing import Any, NamedTuple

from openclaw_config.plan.model import Origin
from openclaw_config.resolution.origins import from_config, from_default
from openclaw_config.syntax.nodes import (
    ArrayNode,
    BooleanNode,
    Node,
    NumberNode,
    ObjectNode,
    StringNode,
    child,
)
from openclaw_config.syntax.spans import KeyPath
from openclaw_config.syntax.values import to_value


class Setting(NamedTuple):
    """A value and why it is that value."""

    value: Any
    origin: Origin


def text(node: Node | None) -> str:
    """A string, trimmed; "" when the node is no string."""
    return node.value.strip() if isinstance(node, StringNode) else ""


def number(node: Node | None) -> int | float | None:
    """A number, or None."""
    return node.value if isinstance(node, NumberNode) else None


def truth(node: Node | None) -> bool | None:
    """A boolean, or None."""
    return node.value if isinstance(node, BooleanNode) else None


def mapping(node: Node | None) -> ObjectNode | None:
    """An object, or None."""
    return node if isinstance(node, ObjectNode) else None


def items(node: Node | None) -> list[Node]:
    """The items of an array; none when the node is not one."""
    return node.items if isinstance(node, ArrayNode) else []


def json_value(node: Node) -> Any:
    """A value as it goes onto the wire: what JSON cannot write (NaN, Infinity) becomes null."""
    return _writable(to_value(node))


def _writable(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _writable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_writable(item) for item in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def at(root: Node | None, path: KeyPath) -> Setting | None:
    """The scalar at a path with its origin, or None when nothing of a scalar type is there."""
    node = child(root, *path)
    if isinstance(node, StringNode | NumberNode | BooleanNode):
        return Setting(node.value, from_config(node, path))
    return None


def default(value: Any, rule: str) -> Setting:
    """A value that a rule gives."""
    return Setting(value, from_default(rule))
