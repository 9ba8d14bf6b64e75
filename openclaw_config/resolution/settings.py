"""Settings: values of a document with the reason why they are what they are."""

from __future__ import annotations

from math import isfinite
from typing import Any, NamedTuple

from openclaw_config.plan.model import Origin
from openclaw_config.plan.pointers import pointer
from openclaw_config.syntax.nodes import BooleanNode, Node, NumberNode, StringNode, child, to_value
from openclaw_config.syntax.spans import KeyPath, Location


class Setting(NamedTuple):
    """A value and why it is that value."""

    value: Any
    origin: Origin


def from_config(node: Node | Location, path: KeyPath) -> Origin:
    """The origin of a value that stands in the configuration."""
    location = node if isinstance(node, Location) else node.location
    line, column = location.position
    return Origin("config", location.source.name, line, column, pointer(path))


def from_default(rule: str) -> Origin:
    """The origin of a value that OpenClaw fills in by itself, by a rule."""
    return Origin("default", rule=rule)


def json_value(node: Node) -> Any:
    """A value as it goes onto the wire: what JSON cannot write (NaN, Infinity) becomes null."""
    holder = [to_value(node)]
    waiting: list[Any] = [holder]
    while waiting:
        container = waiting.pop()
        pairs = container.items() if isinstance(container, dict) else enumerate(container)
        for key, value in list(pairs):
            if isinstance(value, dict | list):
                waiting.append(value)
            elif isinstance(value, float) and not isfinite(value):
                container[key] = None
    return holder[0]


def at(root: Node | None, path: KeyPath) -> Setting | None:
    """The scalar at a path with its origin, or None when nothing of a scalar type is there."""
    node = child(root, *path)
    if isinstance(node, StringNode | NumberNode | BooleanNode):
        return Setting(node.value, from_config(node, path))
    return None


def default(value: Any, rule: str) -> Setting:
    """A value that a rule gives."""
    return Setting(value, from_default(rule))
