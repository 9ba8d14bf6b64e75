"""Making a changed tree out of an unchanged one, with a record of each change.

What no change touches is shared between the two trees.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

from openclaw_config.diagnostics.model import ERROR, INFO, WARNING, key_path_text
from openclaw_config.syntax.nodes import (
    ArrayNode,
    BooleanNode,
    Member,
    Node,
    NumberNode,
    ObjectNode,
    StringNode,
    child,
    children,
    text_of,
    to_value,
)
from openclaw_config.syntax.text import KeyPath, Location
from openclaw_config.validation.migrations.rows import Key, Path, Row, steps
from openclaw_config.view.settings import items, values_of

NodeChange: TypeAlias = Callable[[Node, KeyPath], Node | None]
"""Gives a value's successor, the very node when it has nothing to change, None to remove it."""

BLOCKED_KEYS = frozenset(("__proto__", "prototype", "constructor"))
"""Keys that OpenClaw never copies from one object into another (LOAD-21)."""


# --- what is made anew ------------------------------------------------------------------------


def rewrite(node: Node, pattern: Path, change: NodeChange, path: KeyPath = ()) -> Node | None:
    """The tree with ``change`` applied to every value that a pattern reaches.

    A step is a key, ``*`` for every key of an object, or ``[]`` for every item of an array.
    """
    if not pattern:
        return change(node, path)
    step, rest = pattern[0], pattern[1:]
    if step == ("[]" if isinstance(node, ArrayNode) else "*"):
        return _rebuilt(node, path, lambda inner, where: rewrite(inner, rest, change, where))
    inner = node.get(step) if isinstance(node, ObjectNode) else None
    if inner is None or not isinstance(node, ObjectNode):
        return node
    return with_values(node, {step: rewrite(inner, rest, change, (*path, step))})


def everywhere(node: Node, change: NodeChange, path: KeyPath = ()) -> Node | None:
    """The tree with ``change`` applied to every value, to inner ones first."""
    node = _rebuilt(node, path, lambda inner, where: everywhere(inner, change, where))
    return change(node, path)


def _rebuilt(node: Node, path: KeyPath, change: NodeChange) -> Node:
    """An object or an array with ``change`` applied to each value that it holds."""
    new = {step: change(inner, (*path, step)) for step, inner in children(node)}
    if isinstance(node, ObjectNode):
        return with_values(node, {str(key): inner for key, inner in new.items()})
    return with_items(node, new.values()) if isinstance(node, ArrayNode) else node


def with_items(node: ArrayNode, items: Iterable[Node | None]) -> ArrayNode:
    """An array with other items, without None; the very array when they are the ones it has."""
    new = [item for item in items if item is not None]
    same = len(new) == len(node.items) and all(map(lambda a, b: a is b, new, node.items))
    return node if same else ArrayNode(node.source, node.start, node.end, new)


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
        if value is member.value:
            members.append(member)
        elif value is not None:
            members.append(Member(member.source, key, member.key_start, member.key_end, value))
    for key, value in values.items():
        if key not in index and value is not None:
            place = origin or value
            members.append(Member(place.source, key, place.start, place.start, value))
    return ObjectNode(node.source, node.start, node.end, members)


def without(node: ObjectNode, *keys: str) -> ObjectNode:
    """An object without some keys."""
    return with_values(node, dict.fromkeys(keys))


def put(root: ObjectNode, path: Path, value: Node | None, origin: Node) -> ObjectNode:
    """The tree with a value at a path of keys; objects on the way are made where none stands.

    What is no object and stands in the way is replaced, as OpenClaw does.
    """
    key, rest = path[0], path[1:]
    if rest:
        inner = root.get(key)
        owner = inner if isinstance(inner, ObjectNode) else empty_object(origin)
        value = put(owner, rest, value, origin)
    return with_values(root, {key: value}, origin)


def take(root: ObjectNode, path: Path, prune: bool = False) -> ObjectNode:
    """The tree without the member at a path of keys; ``prune``: nor the objects it leaves empty."""
    key, rest = path[0], path[1:]
    if not rest:
        return without(root, key)
    inner = root.get(key)
    if not isinstance(inner, ObjectNode):
        return root
    left = take(inner, rest, prune)
    return with_values(root, {key: None if prune and not left.index else left})


def filled(target: Node | None, source: ObjectNode) -> ObjectNode:
    """``target`` with what only ``source`` has, at every depth; the target's own values stay.

    A target that is no object counts for nothing.
    """
    if not isinstance(target, ObjectNode):
        return without(source, *BLOCKED_KEYS)
    values: dict[str, Node | None] = {}
    added: list[Member] = []
    for key, member in source.index.items():
        mine = target.get(key)
        if mine is None and key not in BLOCKED_KEYS:
            added.append(member)
        elif isinstance(mine, ObjectNode) and isinstance(member.value, ObjectNode):
            values[key] = filled(mine, member.value)
    target = with_values(target, values)
    members = [*target.index.values(), *added]
    return ObjectNode(target.source, target.start, target.end, members) if added else target


def empty_object(origin: Node) -> ObjectNode:
    """An object without members and without a span, at the value that it is made for."""
    return ObjectNode(origin.source, origin.start, origin.start, [])


def made(value: Any, origin: Node) -> Node:
    """A node for a JSON value, at the place of another; nodes in it stay what they are.

    What is None in an object is left out. A container has no span: its text is written anew.
    """
    source, start, end = origin.source, origin.start, origin.end
    if isinstance(value, Node):
        return value
    if isinstance(value, dict):
        inner = {key: made(item, origin) for key, item in value.items() if item is not None}
        return with_values(empty_object(origin), inner, origin)
    if isinstance(value, list | tuple):
        return ArrayNode(source, start, start, [made(item, origin) for item in value])
    if isinstance(value, bool):
        return BooleanNode(source, start, end, value)
    if isinstance(value, int | float):
        return NumberNode(source, start, end, value)
    return StringNode(source, start, end, value)


# --- questions --------------------------------------------------------------------------------


def literal(value: Any) -> str:
    """The JSON5 text of a JSON value, on one line."""
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    if not isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    parts = [f"{key}: {literal(item)}" for key, item in value.items()]
    return f"{{ {', '.join(parts)} }}" if parts else "{}"


def shown(node: Node, path: KeyPath, value: Node | None = None) -> str:
    """A scalar, or another ``value`` in its place, as output may show it there."""
    from openclaw_config.diagnostics.masking import quote

    plain = to_value(node if value is None else value)
    return quote(node, path, plain if isinstance(plain, str) else literal(plain))


# --- the record -------------------------------------------------------------------------------

MOVED, VALUE, REMOVED, DECIDE, NOTE = "moved", "value", "removed", "decide", "note"

ANY = "ID"
"""A choice that stands for any answer."""


class Change(NamedTuple):
    """What becomes of one old key.

    ``kind`` is moved, value, removed, decide or note; ``path`` the old place, ``to`` the new one
    (the value is written to ``written`` where that differs). ``value`` is the text of a new value,
    ``note`` a remark, or all there is to say. ``single`` is false when something else has to change
    with it, ``safe`` when OpenClaw does more for the new text than for the old one, and ``loses``
    is true when it had an effect. ``old`` is the value before. ``since`` is the release that
    refuses the old form first. ``choices`` are the answers to what a person must decide, with what
    each does.
    """

    kind: str
    path: KeyPath
    note: str = ""
    to: KeyPath = ()
    value: str | None = None
    written: KeyPath = ()
    single: bool = True
    safe: bool = True
    loses: bool = False
    old: Node | None = None
    since: str = ""
    choices: Mapping[str, str] = MappingProxyType({})

    @property
    def open(self) -> bool:
        """Whether a person must decide before this is settled."""
        return self.kind == DECIDE

    @property
    def key(self) -> str:
        """The old place as output may show it: a key may have been pasted where a name belongs."""
        from openclaw_config.diagnostics.masking import masked

        return masked(key_path_text(self.path))

    @property
    def location(self) -> Location | None:
        """The old value's place."""
        return None if self.old is None else self.old.location

    @property
    def severity(self) -> str:
        """How much a person has to look at it."""
        if self.open:
            return ERROR
        return WARNING if self.loses or self.kind == NOTE else INFO

    @property
    def message(self) -> str:
        """What was done."""
        from openclaw_config.diagnostics.masking import masked

        note, text = self.note, ""
        if self.kind == REMOVED:
            text = "removed"
            if self.loses and self.old is not None and not isinstance(self.old, ObjectNode):
                note = f"it was {shown(self.old, self.path)}{'; ' + note if note else ''}"
            elif not self.loses:
                note = note or "it has no effect any more"
        elif self.to:
            value = self.value or ""
            end = f" as `{value}`" if value and value[:1] not in "{[" else ""
            text = f"moved to {key_path_text(self.to)}{end}"
        elif self.value is not None:
            text = f"is now {self.value}"
        # masked: a key that was pasted where an id or a word belongs
        return masked(f"{text} ({note})" if text and note else text or note)


def answer_to(path: KeyPath, answers: Mapping[str, str]) -> tuple[str, str]:
    """The key of an answer about a path, which may be masked as output shows it, and the answer."""
    from openclaw_config.diagnostics.masking import masked

    where = key_path_text(path)
    shown = where if where in answers else masked(where)
    return shown, answers.get(shown, "")


class Changes:
    """The record of all changes of a tree. ``root`` is the tree before any of them.

    ``answers`` are a person's choices by key path, ``answered`` the paths of those that were asked
    for. ``row`` is the present row, ``tree`` the tree before it.
    """

    def __init__(self, root: ObjectNode, answers: Mapping[str, str] | None = None) -> None:
        self.root = self.tree = root
        self.answers = answers or {}
        self.answered: set[str] = set()
        self.all: list[Change] = []
        self.row = Row((), "stay")


class Draft:
    """An object that is being changed. Every path starts at it; ``path`` is its own.

    ``node`` is the object as it is by now. The methods that name an old key say what was done with
    it in the record; the others change the object alone.
    """

    __slots__ = ("changes", "node", "path")

    def __init__(self, changes: Changes, node: ObjectNode, path: KeyPath) -> None:
        self.changes = changes
        self.node = node
        self.path = path

    def get(self, key: Key) -> Node | None:
        """The value at a path."""
        return child(self.node, *steps(key))

    def has(self, key: Key) -> bool:
        """Whether something stands at a path."""
        return self.get(key) is not None

    def text(self, key: Key) -> str | None:
        """The string at a path."""
        return text_of(self.get(key))

    def items(self, key: Key) -> list[Node]:
        """The items of the list at a path."""
        return items(self.get(key))

    def values(self, key: Key = "") -> dict[str, Node]:
        """The values of the object at a path."""
        return values_of(self.get(key))

    def put(self, key: Key, value: Any, origin: Node | None = None) -> None:
        """Write a value, made of JSON and nodes; None removes what is there.

        It takes the place and the comments of ``origin``, or is new without one.
        """
        origin = origin or empty_object(self.node)
        new = None if value is None else made(value, origin)
        self.node = put(self.node, steps(key), new, origin)

    def fill(self, key: Key, value: Any, origin: Node | None = None) -> None:
        """Write a value where nothing stands."""
        if not self.has(key):
            self.put(key, value, origin)

    def merge(self, key: Key, value: Node) -> None:
        """Write a value where nothing stands, or what of it an object there does not have."""
        mine = self.get(key)
        if isinstance(value, ObjectNode) and isinstance(mine, ObjectNode | None):
            self.put(key, filled(mine, value), value)
        else:
            self.fill(key, value, value)

    def take(self, key: Key, prune: bool = False) -> None:
        """Remove a key; ``prune``: and the objects that it leaves empty."""
        self.node = take(self.node, steps(key), prune)

    def put_items(self, key: Key, items: Iterable[Node], origin: Node | None = None) -> None:
        """Write a list's items, in the place of the old list where there is one."""
        old = self.get(key)
        self.put(key, with_items(old, items) if isinstance(old, ArrayNode) else [*items], origin)

    def rewrite(self, pattern: Key, change: NodeChange) -> None:
        """Change every value that a pattern reaches; its path starts at this object."""
        node = rewrite(self.node, steps(pattern), change)
        assert isinstance(node, ObjectNode)
        self.node = node

    def inside(self, pattern: Key, change: Callable[[Draft], None]) -> None:
        """Change every object that a pattern reaches."""

        def changed(node: Node, path: KeyPath) -> Node:
            if not isinstance(node, ObjectNode):
                return node
            draft = Draft(self.changes, node, (*self.path, *path))
            change(draft)
            return draft.node

        self.rewrite(pattern, changed)

    def reword(self, pattern: Key, new: Callable[[str], str | None]) -> None:
        """Write other texts where a pattern leads to one; None leaves it as it is."""

        def changed(node: Node, path: KeyPath) -> Node:
            text = new(node.value) if isinstance(node, StringNode) else None
            return node if text is None else made(text, node)

        self.rewrite(pattern, changed)

    def report(self, kind: str, key: Key, note: str = "", **fields: Any) -> None:
        """Record what becomes of an old key; ``fields`` are those of a ``Change``."""
        path = (*self.path, *steps(key))
        changes = self.changes
        change = Change(kind, path, note, old=child(changes.tree, *path), since=changes.row.since)
        changes.all.append(change._replace(**fields))

    def moved(self, key: Key, to: Key, value: str | None = None, note: str = "") -> None:
        """Record that a value went to another place; ``value`` is the text written there."""
        self.report(MOVED, key, note, to=(*self.path, *steps(to)), value=value)

    def move(self, key: Key, to: Key, value: Any = None, text: str | None = None) -> None:
        """Move a value, or put another one at the new place; ``text`` is that one's."""
        old = self.get(key)
        self.moved(key, to, text)
        self.take(key)
        self.put(to, old if value is None else value, old)

    def revalued(self, key: Key, value: str, note: str = "", **fields: Any) -> None:
        """Record that the value is another one; ``value`` is its text."""
        self.report(VALUE, key, note, value=value, **fields)

    def removed(self, key: Key, note: str = "") -> None:
        """Record that a key is gone."""
        self.report(REMOVED, key, note, loses=self.changes.row.loses or "wins" in note)

    def remove(self, key: Key, note: str = "", prune: bool = False) -> None:
        """Remove a key that has no effect any more."""
        self.removed(key, note)
        self.take(key, prune)

    def advise(self, key: Key, advice: str) -> None:
        """Say what became of a value that no plain change of the text brings about."""
        self.report(MOVED, key, advice)

    def warn(self, key: Key, note: str) -> None:
        """Something that a person should know, about a key that may stay."""
        self.report(NOTE, key, note)

    def decide(self, key: Key, note: str, choices: Mapping[str, str], kind: str = DECIDE) -> str:
        """Ask a person what becomes of a key; gives the choice, or "" while there is none.

        With ``kind`` NOTE it is an offer: nothing is left to do without an answer.
        """
        from openclaw_config.diagnostics.masking import masked

        choices = {name: masked(effect) for name, effect in choices.items()}
        where, answer = answer_to((*self.path, *steps(key)), self.changes.answers)
        if answer in choices or (answer and ANY in choices):
            self.changes.answered.add(where)
            self.report(VALUE, key, choices.get(answer, f"it is {answer} now"), loses=True)
            return answer
        self.report(kind, key, note, choices=choices)
        return ""
