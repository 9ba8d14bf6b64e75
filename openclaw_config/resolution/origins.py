"""Origins of values: from a node of the document to the Origin that a plan carries."""

from __future__ import annotations

from openclaw_config.plan.model import Origin
from openclaw_config.syntax.nodes import Node
from openclaw_config.syntax.spans import KeyPath, Location


def pointer(path: KeyPath) -> str:
    """A key path as a JSON pointer (RFC 6901)."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path)


def from_config(node: Node | Location, path: KeyPath) -> Origin:
    """The origin of a value that stands in the configuration."""
    location = node if isinstance(node, Location) else node.location
    line, column = location.position
    return Origin("config", location.source.name, line, column, pointer(path))


def from_default(rule: str) -> Origin:
    """The origin of a value that OpenClaw fills in by itself, by a rule."""
    return Origin("default", rule=rule)
