"""Making a changed tree out of an unchanged one: what no change touches is shared."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from openclaw_config.syntax.nodes import (
    ArrayNode,
    BooleanNode,
    Member,
    Node,
    NumberNode,
    ObjectNode,
    StringNode,
)
from openclaw_config.syntax.scanner import trim
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
    index, changed = node.index, {}
    for key in index if step == "*" else pattern[:1]:
        member = index.get(key)
        if member is not None and isinstance(member.value, ObjectNode | ArrayNode):
            new = rewrite(member.value, rest, change, (*path, key))
            if new is not member.value:
                changed[key] = new
    return with_values(node, changed) if changed else node


def matches(
    node: Node | None, pattern: tuple[str, ...], path: KeyPath = ()
) -> Iterator[tuple[KeyPath, ObjectNode]]:
    """Every object that a pattern reaches, with its path."""
    if not pattern:
        if isinstance(node, ObjectNode):
            yield path, node
    elif isinstance(node, ArrayNode) and pattern[0] == "[]":
        for at, item in enumerate(node.items):
            yield from matches(item, pattern[1:], (*path, at))
    elif isinstance(node, ObjectNode):
        for key in node.index if pattern[0] == "*" else pattern[:1]:
            yield from matches(node.get(key), pattern[1:], (*path, key))


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


def is_text(node: Node | None) -> bool:
    """Whether a node is a string that is not blank."""
    return isinstance(node, StringNode) and bool(trim(node.value))


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
    """An object without members and without a span, at the value that it is made for."""
    return ObjectNode(origin.source, origin.start, origin.start, [])


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


def take(root: ObjectNode, path: tuple[str, ...], prune: bool = False) -> ObjectNode:
    """The tree without the member at a path of keys; ``prune``: nor the objects it leaves empty."""
    key, rest = path[0], path[1:]
    if not rest:
        return without(root, key)
    inner = root.get(key)
    if not isinstance(inner, ObjectNode):
        return root
    left = take(inner, rest, prune)
    return with_values(root, {key: None if prune and not left.index else left})


def renamed(node: ObjectNode, names: Mapping[str, str], kind: str) -> tuple[ObjectNode, str | None]:
    """An object with other names for its keys, and its text.

    Keys without a new name, and values of another ``kind`` when that is given, are left out; there
    is no text then.
    """
    fits = {
        key: member
        for key, member in node.index.items()
        if key in names and (not kind or member.value.kind == kind)
    }
    new = with_values(
        empty_object(node), {names[key]: member.value for key, member in fits.items()}, node
    )
    if len(fits) < len(node.index) or any(it.source is not node.source for it in fits.values()):
        return new, None
    parts = [
        f"{names[key]}: {member.source.text[member.value.start : member.value.end]}"
        for key, member in fits.items()
    ]
    return new, f"{{ {', '.join(parts)} }}" if parts else "{}"


def made(value: Any, origin: Node) -> Node:
    """A node for a JSON value, at the place of another; nodes in it stay what they are."""
    if isinstance(value, Node):
        return value
    if isinstance(value, dict):
        inner = {key: made(item, origin) for key, item in value.items() if item is not None}
        return with_values(empty_object(origin), inner, origin)
    if isinstance(value, list | tuple):
        items = [made(item, origin) for item in value]
        return ArrayNode(origin.source, origin.start, origin.start, items)
    if isinstance(value, bool):
        return boolean(value, origin)
    if isinstance(value, int | float):
        return NumberNode(origin.source, origin.start, origin.end, value)
    return string(value, origin)


def literal(value: Any) -> str:
    """The JSON5 text of a JSON value, on one line."""
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    if not isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    parts = [f"{key}: {literal(item)}" for key, item in value.items()]
    return f"{{ {', '.join(parts)} }}" if parts else "{}"
