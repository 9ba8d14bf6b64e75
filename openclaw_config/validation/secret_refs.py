"""What OpenClaw takes for a SecretRef before it validates anything (AUTH-21)."""

from __future__ import annotations

from openclaw_config.syntax.nodes import Node, ObjectNode, text_of
from openclaw_config.syntax.scanner import trim

SOURCES = ("env", "file", "exec")


def is_secret_ref(node: Node | None) -> bool:
    """Whether an object has the three fields of a SecretRef, or the older two without provider."""
    if not isinstance(node, ObjectNode) or text_of(node.get("source")) not in SOURCES:
        return False
    keys = set(node.index)
    if keys not in ({"source", "provider", "id"}, {"source", "id"}):
        return False
    return all(trim(text_of(node.get(key)) or "") for key in keys)
