"""Reading typed values out of a tree, as OpenClaw's own helpers read them."""

from __future__ import annotations

from openclaw_config.syntax.nodes import (
    ArrayNode,
    BooleanNode,
    Node,
    NumberNode,
    ObjectNode,
    StringNode,
    text_of,
)
from openclaw_config.syntax.scanner import trim


def text(node: Node | None) -> str:
    """A string, trimmed as JavaScript trims; "" when the node is no string."""
    return trim(node.value) if isinstance(node, StringNode) else ""


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


SOURCES = ("env", "file", "exec")


def is_secret_ref(node: Node | None) -> bool:
    """Whether an object has the three fields of a SecretRef, or the older two without provider."""
    if not isinstance(node, ObjectNode) or text_of(node.get("source")) not in SOURCES:
        return False
    keys = set(node.index)
    if keys not in ({"source", "provider", "id"}, {"source", "id"}):
        return False
    return all(trim(text_of(node.get(key)) or "") for key in keys)


def members(node: Node | None) -> list[tuple[str, Node]]:
    """The keys and values of an object; none when the node is not one."""
    entries = node.index.items() if isinstance(node, ObjectNode) else ()
    return [(key, member.value) for key, member in entries]
