"""Small questions about a tree that several modules ask."""

from __future__ import annotations

from collections.abc import Iterator

from openclaw_config.syntax.nodes import ArrayNode, Member, Node, ObjectNode, child
from openclaw_config.syntax.spans import KeyPath


def holder(root: Node, path: KeyPath) -> Member | None:
    """The member that holds the value at a path; None for the root and for items of arrays."""
    if not path or not isinstance(path[-1], str):
        return None
    parent = child(root, *path[:-1])
    return parent.member(path[-1]) if isinstance(parent, ObjectNode) else None


def select(root: Node | None, *pattern: str) -> Iterator[tuple[KeyPath, Node]]:
    """The values that a pattern reaches, with their paths, in the order of the text.

    A step is a key, ``*`` for every key of an object, or ``[]`` for every item of an array.
    """
    if root is None:
        return
    if not pattern:
        yield (), root
        return
    step, *rest = pattern
    if step == "[]":
        if isinstance(root, ArrayNode):
            for at, item in enumerate(root.items):
                for path, node in select(item, *rest):
                    yield (at, *path), node
    elif isinstance(root, ObjectNode):
        members = root.index.values() if step == "*" else filter(None, (root.member(step),))
        for member in members:
            for path, node in select(member.value, *rest):
                yield (member.key, *path), node
