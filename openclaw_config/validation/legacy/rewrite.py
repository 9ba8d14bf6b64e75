"""Making a changed tree out of an unchanged one: what no change touches is shared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from openclaw_config.syntax.nodes import (
    ArrayNode,
    BooleanNode,
    Member,
    Node,
    ObjectNode,
    StringNode,
)
from openclaw_config.syntax.spans import KeyPath

Change: TypeAlias = Callable[[ObjectNode, KeyPath], ObjectNode]
"""Gives an object's successor, or the very object when it has nothing to change."""

BLOCKED_KEYS = frozenset(("__proto__", "prototype", "constructor"))
"""Keys that OpenClaw never copies from one object into another (LOAD-21)."""


def rewrite(node: Node, pattern: tuple[str, ...], change: Change, path: KeyPath = ()) -> Node:
    """The tree with ``change`` applied to every object that a pattern reaches.

    A step is a key, ``*`` for every key of an object, or ``[]`` for every item of an array.
    """
    if not pattern:
        return change(node, path) if isinstance(node, ObjectNode) else node
    step, rest = pattern[0], pattern[1:]
    if step == "[]":
        if not isinstance(node, ArrayNode):
            return node
        items = [rewrite(item, rest, change, (*path, at)) for at, item in enumerate(node.items)]
        same = all(new is old for new, old in zip(items, node.items, strict=True))
        return node if same else ArrayNode(node.source, node.start, node.end, items)
    if not isinstance(node, ObjectNode):
        return node
    if step == "*":
        return with_values(
            node,
            {
                key: rewrite(member.value, rest, change, (*path, key))
                for key, member in node.index.items()
            },
        )
    value = node.get(step)
    if value is None:
        return node
    return with_values(node, {step: rewrite(value, rest, change, (*path, step))})


def with_values(
    node: ObjectNode, values: Mapping[str, Node | None], origin: Node | None = None
) -> ObjectNode:
    """An object with other values at some keys: None removes a key, a new key comes last.

    ``origin`` is the value that new keys come from; their place is taken from it. Gives the very
    object when every value is the one that it has.
    """
    index = node.index
    if all(
        (index[key].value is value if key in index else value is None)
        for key, value in values.items()
    ):
        return node
    members: list[Member] = []
    for key, member in index.items():
        value = values.get(key, member.value)
        if value is None:
            continue
        members.append(
            member
            if value is member.value
            else Member(member.source, key, member.key_start, member.key_end, value)
        )
    for key, value in values.items():
        if key not in index and value is not None:
            place = origin or value
            members.append(Member(place.source, key, place.start, place.start, value))
    return ObjectNode(node.source, node.start, node.end, members)


def without(node: ObjectNode, *keys: str) -> ObjectNode:
    """An object without some keys."""
    return with_values(node, dict.fromkeys(keys))


def object_at(node: Node | None, *path: str) -> ObjectNode | None:
    """The object at a path of keys, or None when there is none or it is something else."""
    for key in path:
        node = node.get(key) if isinstance(node, ObjectNode) else None
    return node if isinstance(node, ObjectNode) else None


def put(root: ObjectNode, path: tuple[str, ...], value: Node | None, origin: Node) -> ObjectNode:
    """The tree with a value at a path of keys; objects on the way are made where none stands.

    What is no object and stands in the way is replaced, as OpenClaw does.
    """
    key, rest = path[0], path[1:]
    if not rest:
        return with_values(root, {key: value}, origin)
    inner = root.get(key)
    if not isinstance(inner, ObjectNode):
        inner = empty_object(origin)
    return with_values(root, {key: put(inner, rest, value, origin)}, origin)


def empty_object(origin: Node) -> ObjectNode:
    """An object without members, at the place of the value that it is made for."""
    return ObjectNode(origin.source, origin.start, origin.end, [])


def string(value: str, origin: Node) -> StringNode:
    """A string at the place of the value that it is made from."""
    return StringNode(origin.source, origin.start, origin.end, value)


def boolean(value: bool, origin: Node) -> BooleanNode:
    """A boolean at the place of the value that it is made from."""
    return BooleanNode(origin.source, origin.start, origin.end, value)


def filled(target: ObjectNode | None, source: ObjectNode) -> ObjectNode:
    """``target`` with what only ``source`` has, at every depth; the target's own values stay."""
    if target is None:
        return without(source, *(BLOCKED_KEYS & source.index.keys()))
    values: dict[str, Node | None] = {}
    added: list[Member] = []
    for key, member in source.index.items():
        mine = target.get(key)
        if mine is None and key not in BLOCKED_KEYS:
            added.append(member)
        elif isinstance(mine, ObjectNode) and isinstance(member.value, ObjectNode):
            values[key] = filled(mine, member.value)
    target = with_values(target, values)
    if not added:
        return target
    members = [*target.index.values(), *added]
    return ObjectNode(target.source, target.start, target.end, members)


def renamed_text(node: ObjectNode, names: dict[str, str]) -> str | None:
    """The text of an object with other names for its keys, or None when it has unknown ones."""
    parts = []
    for key, member in node.index.items():
        if key not in names or member.source is not node.source:
            return None
        parts.append(f"{names[key]}: {member.source.text[member.value.start : member.value.end]}")
    return f"{{ {', '.join(parts)} }}" if parts else "{}"
