"""The engine of migrations: rows (``rows.Row``) applied to a tree of nodes, with a record of it.

Rows run in their order, each over the whole tree, so the order of keys in a file means nothing.
What no change touches is shared between the old tree and the new one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

from openclaw_config.diagnostics.masking import masked, may_show, quote
from openclaw_config.diagnostics.model import ERROR, INFO, WARNING, key_path_text
from openclaw_config.loading.includes import DROPPED
from openclaw_config.syntax import nodes
from openclaw_config.syntax.nodes import ArrayNode, Node, ObjectNode, StringNode, child, to_value
from openclaw_config.syntax.text import KeyPath, Location, trim
from openclaw_config.validation.migrations.rows import Key, Path, Row, every_row, steps
from openclaw_config.view.settings import is_text, items, values_of

NodeChange: TypeAlias = Callable[[Node, KeyPath], Node | None]
"""Gives a value's successor, the very node when it has nothing to change, None to remove it."""

# --- what is made anew ------------------------------------------------------------------------


def rewrite(node: Node, pattern: Path, change: NodeChange, path: KeyPath = ()) -> Node | None:
    """The tree with ``change`` applied to every value that a pattern reaches.

    A step is a key, ``*`` for every key of an object, or ``[]`` for every item of an array.
    """
    if not pattern:
        return change(node, path)
    step, rest = pattern[0], pattern[1:]
    if step == ("[]" if isinstance(node, ArrayNode) else "*"):
        return rebuilt(node, path, lambda inner, where: rewrite(inner, rest, change, where))
    inner = node.get(step) if isinstance(node, ObjectNode) else None
    if inner is None or not isinstance(node, ObjectNode):
        return node
    return with_values(node, {step: rewrite(inner, rest, change, (*path, step))})


def rebuilt(node: Node, path: KeyPath, change: NodeChange) -> Node:
    """An object or an array with ``change`` applied to each value that it holds."""
    new = {step: change(inner, (*path, step)) for step, inner in nodes.children(node)}
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
    if all(node.values.get(key) is value for key, value in values.items()):
        return node
    members = dict(node.index)
    for key, value in values.items():
        if value is None:
            members.pop(key, None)
        elif key in members:
            members[key] = members[key]._replace(value=value)
        else:
            place = origin or value
            members[key] = nodes.Member(place.source, key, place.start, place.start, value)
    return ObjectNode(node.source, node.start, node.end, [*members.values()])


def without(node: ObjectNode, *keys: str) -> ObjectNode:
    """An object without some keys."""
    return with_values(node, dict.fromkeys(keys))


def put(
    root: ObjectNode, path: Path, value: Node | None, origin: Node, prune: bool = False
) -> ObjectNode:
    """The tree with a value at a path of keys, None for none; objects on the way are made.

    What is no object and stands in the way is replaced, as OpenClaw does. With ``prune`` the
    objects go that are left empty.
    """
    key, rest = path[0], path[1:]
    if rest:
        owner = root.get(key)
        if not isinstance(owner, ObjectNode):
            if value is None:
                return root
            owner = empty_object(origin)
        value = put(owner, rest, value, origin, prune)
        value = None if prune and not value.index else value
    return with_values(root, {key: value}, origin)


def filled(target: Node | None, source: ObjectNode) -> ObjectNode:
    """``target`` with what only ``source`` has, at every depth; the target's own values stay.

    A target that is no object counts for nothing.
    """
    if not isinstance(target, ObjectNode):
        return without(source, *DROPPED)
    values = {
        key: filled(mine, value)
        for key, value in source.values.items()
        if isinstance(mine := target.get(key), ObjectNode) and isinstance(value, ObjectNode)
    }
    target = with_values(target, values)
    known = DROPPED | target.values.keys()
    members = [*target.index.values(), *(it for it in source.index.values() if it.key not in known)]
    same = len(members) == len(target.values)
    return target if same else ObjectNode(target.source, target.start, target.end, members)


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
    kind = {bool: nodes.BooleanNode, str: StringNode}.get(type(value), nodes.NumberNode)
    return kind(source, start, end, value)


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
    ``note`` a remark, or all there is to say. ``safe`` is false when OpenClaw does more for the new
    text than for the old one, and ``loses`` is true when it had an effect. With ``prune`` the
    objects go that it leaves empty. ``old`` is the value before, None where an edit of this alone
    would be wrong. ``since`` is the release that refuses the old form first. ``choices`` are the
    answers to what a person must decide, with what each does.
    """

    kind: str
    path: KeyPath
    note: str = ""
    to: KeyPath = ()
    value: str | None = None
    written: KeyPath = ()
    safe: bool = True
    loses: bool = False
    prune: bool = False
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
        return nodes.text_of(self.get(key))

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
        self.put(key, _joined("fill", self.get(key), value), value)

    def take(self, key: Key, prune: bool = False) -> None:
        """Remove a key; ``prune``: and the objects that it leaves empty."""
        self.node = put(self.node, steps(key), None, self.node, prune)

    def put_items(self, key: Key, items: Iterable[Any], origin: Node | None = None) -> None:
        """Write a list's items, in the place of the old list where there is one."""
        old, new = self.get(key), [made(it, origin or empty_object(self.node)) for it in items]
        self.put(key, with_items(old, new) if isinstance(old, ArrayNode) else new, origin)

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

    def moved(self, key: Key, to: Key, value: str | None = None, **fields: Any) -> None:
        """Record that a value went to another place; ``value`` is the text written there."""
        self.report(MOVED, key, to=(*self.path, *steps(to)), value=value, **fields)

    def move(self, key: Key, to: Key, value: Any = None) -> None:
        """Move a value, or put another one, of JSON, at the new place."""
        old = self.get(key)
        self.moved(key, to, None if value is None else literal(value))
        self.take(key)
        self.put(to, old if value is None else value, old)

    def revalued(self, key: Key, value: str, note: str = "", **fields: Any) -> None:
        """Record that the value is another one; ``value`` is its text."""
        self.report(VALUE, key, note, value=value, **fields)

    def removed(self, key: Key, note: str = "", loses: bool = False) -> None:
        """Record that a key is gone; ``loses``: that had an effect."""
        loses = loses or self.changes.row.loses or "wins" in note
        self.report(REMOVED, key, note, loses=loses)

    def remove(self, key: Key, note: str = "", loses: bool = False) -> None:
        """Remove a key, and say so."""
        self.removed(key, note, loses)
        self.take(key)

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
        choices = {name: masked(effect) for name, effect in choices.items()}
        where, answer = answer_to((*self.path, *steps(key)), self.changes.answers)
        if answer in choices or (answer and ANY in choices):
            self.changes.answered.add(where)
            self.report(VALUE, key, choices.get(answer, f"it is {answer} now"), loses=True)
            return answer
        self.report(kind, key, note, choices=choices)
        return ""


# --- rows -------------------------------------------------------------------------------------


def apply(
    root: ObjectNode, version: str, changes: Changes, skip: frozenset[str] = frozenset()
) -> ObjectNode:
    """The tree with every old key in the form that a version has for it.

    ``skip`` are rows to leave out, by the function that they call or by their key.
    """
    draft = Draft(changes, root, ())
    for row in every_row(version):
        if (row.call or ".".join(row.key)) not in skip:
            apply_row(draft, row)
    return draft.node


def apply_row(root: Draft, row: Row, fits: Callable[[KeyPath], bool] = lambda path: True) -> None:
    """Apply one row to the objects whose path ``fits``."""
    root.changes.tree, root.changes.row = root.node, row

    def change(owner: Draft) -> None:
        if fits(owner.path) and (not row.beside or _says(owner.get(row.beside))):
            _OPERATIONS[row.op](row, owner)

    for pattern in row.at if row.op != "stay" else ():
        if not pattern or pattern[0] in root.node.values:
            root.inside(pattern, change)


def _says(node: Node | None) -> bool:
    """Whether something is said: by a text, a list of texts, a switch, a number or an object."""
    said = node is not None and node.kind in ("boolean", "number", "object")
    return said or is_text(node) or any(map(is_text, items(node)))


# --- the ops ------------------------------------------------------------------------------------


def _fits(row: Row, old: Node | None) -> bool:
    """Whether a row is about a value."""
    return (
        old is not None
        and (not row.of or old.kind == row.of)
        and (row.map is None or (not getattr(old, "assumed", False) and _word(row, old) in row.map))
        and (not row.like or re.match(row.like, _word(row, old)) is not None)
    )


def _word(row: Row, old: Node) -> str:
    """What a row compares with its map or its pattern: a text, or the JSON5 of another value."""
    if not isinstance(old, StringNode):
        return literal(to_value(old))
    word = old.value if row.fold == "exact" else trim(old.value)
    return word.lower() if row.fold == "lower" else word


def _new(row: Row, old: Node) -> Any:
    """The new value, of JSON, or None for none; the very node where it stays what it is."""
    if row.map is not None:
        return row.map[_word(row, old)]
    if row.scale and isinstance(old, nodes.NumberNode):
        value = old.value * row.scale
        return int(value) if value == int(value) else value
    return old if row.form is None else _formed(row.form, to_value(old))


def _formed(form: Any, old: Any) -> Any:
    if isinstance(form, dict):
        return {key: _formed(inner, old) for key, inner in form.items()}
    old = f"{old:g}" if isinstance(old, float) else str(old)
    return form.replace("{}", old) if isinstance(form, str) else form


def _value(row: Row, draft: Draft) -> None:
    before = draft.node

    def change(old: Node, path: KeyPath) -> Node | None:
        if not _fits(row, old):
            return old
        if row.op == "drop":
            draft.removed(path, row.note)
            return None
        new = _new(row, old)
        draft.revalued(path, literal(new), row.note, safe=new not in row.unsafe)
        return made(new, old)

    draft.rewrite(row.key, change)
    if draft.node is not before:
        _write_beside(row, draft)


def move(row: Row, draft: Draft) -> None:
    """Move a value, or remove it where it goes nowhere."""
    if row.key[-1:] != ("*",):
        _move_one(row, draft)
        return
    for name in draft.values(row.key[:-1]):
        if name not in row.but:
            to = (*row.to[:-1], name) if row.to else ()
            _move_one(row._replace(key=(*row.key[:-1], name), to=to), draft)


def _move_one(row: Row, draft: Draft) -> None:
    old = draft.get(row.key)
    if old is None or not _fits(row, old) or (row.open and _is_blocked(draft.node, row.to)):
        return
    new = _new(row, old)
    mine = draft.get(row.to) if row.to else None
    mine = None if mine is None or not _takes(row, mine) else mine
    conflict = row.conflict
    merges = conflict == "fill" and isinstance(old, ObjectNode) and isinstance(mine, ObjectNode)
    goes = not row.to or new is None
    if goes and row.advice and isinstance(old, ObjectNode) and old.index:
        draft.advise(row.key, row.advice)
    elif goes:
        draft.removed(row.key, row.note)
    elif mine is not None and (conflict == "stay" or (conflict == "same" and not _same(mine, old))):
        return
    elif mine is not None and conflict in ("keep", "same", "fill") and not merges:
        goes = True
        draft.removed(row.key, _loss(draft, row.key, row.to, made(new, old), mine))
    else:
        if mine is not None and merges:
            _report_losses(draft, row.key, row.to, old, mine)
        elif mine is not None and conflict == "over" and not isinstance(mine, ObjectNode):
            note = _loss(draft, row.to, row.key, mine, made(new, old))
            draft.report(REMOVED, row.to, note, loses="wins" in note)
        note = "" if row.map is not None else row.note
        draft.report(MOVED, row.key, note, prune=row.prune, **_written(row, draft, old, new))
    _write_beside(row, draft)
    draft.take(row.key, row.prune)
    if not goes:
        draft.put(row.to, _joined(conflict, mine, made(new, old)), old)


def _decide(row: Row, draft: Draft) -> None:
    def change(old: Node, path: KeyPath) -> Node | None:
        if not _fits(row, old):
            return old
        inner = values_of(old)
        specs = (nodes.text_of(child(it, "spec")) or name for name, it in inner.items())
        words = {
            "value": getattr(old, "value", ""),
            "names": ", ".join(inner),
            "installs": "; ".join(f"openclaw plugins install {name}" for name in specs),
        }
        choices = {name: effect.format(**words) for name, effect in row.choices.items()}
        answer = draft.decide(path, row.note.format(**words), choices)
        return None if answer == "remove" else made(answer, old) if answer else old

    draft.rewrite(row.key, change)


def _call(row: Row, draft: Draft) -> None:
    if row.key and not _fits(row, draft.get(row.key)):
        return
    module, _, name = row.call.partition(".")
    getattr(import_module(f"{__package__}.{module}"), name)(draft)


def _written(row: Row, draft: Draft, old: Node, new: Any) -> dict[str, Any]:
    """Where a value goes, and what is written there: with ``fills``, the object around them."""
    to, text = (*draft.path, *row.to), None if new is old else literal(new)
    owner = steps(next(iter(row.fills), ""))[:-1]
    if not owner or row.to[: len(owner)] != owner or isinstance(draft.get(owner), ObjectNode):
        return {"to": to, "value": text}
    text = text or old.source.text[old.start : old.end]
    first, *inner = row.to[len(owner) :]
    for key in reversed(inner):
        text = f"{{ {key}: {text} }}"
    parts = [f"{steps(key)[-1]}: {literal(value)}" for key, value in row.fills.items()]
    value = f"{{ {', '.join([*parts, f'{first}: {text}'])} }}"
    return {"to": to, "value": value, "written": (*draft.path, *owner)}


def _write(row: Row, draft: Draft) -> None:
    before = draft.node
    _write_beside(row, draft)
    if row.note and draft.node is not before:
        draft.warn(row.key, row.note)


def _write_beside(row: Row, draft: Draft) -> None:
    for key, value in row.sets.items():
        draft.put(key, value)
    for key, value in row.fills.items():
        draft.fill(key, value)


_OPERATIONS: dict[str, Callable[[Row, Draft], None]] = {
    "move": move,
    "remove": move,  # to nowhere
    "value": _value,
    "drop": _value,
    "write": _write,
    "decide": _decide,
    "call": _call,
}


def _is_blocked(owner: ObjectNode, path: Path) -> bool:
    """Whether something that is no object stands on the way to a path."""
    inner = [child(owner, *path[:end]) for end in range(1, len(path))]
    return not all(node is None or isinstance(node, ObjectNode) for node in inner)


def _takes(row: Row, mine: Node) -> bool:
    """Whether what stands at the new place counts."""
    return is_text(mine) if row.taken == "text" else row.taken in ("", mine.kind)


def _loss(draft: Draft, key: Key, to: Key, old: Node, wins: Node) -> str:
    """What is said of a key's value that no longer counts beside the one at ``to``."""
    name = steps(to)[-1]
    if to_value(old) == to_value(wins):
        return f"{name} says the same"
    path = (*draft.path, *steps(key))
    # The two are of one kind, so that the one may be shown where the other may.
    if isinstance(wins, ObjectNode | ArrayNode) or not may_show(old, path):
        return f"{name} is set already and wins"
    return f"{name} is {shown(old, path, wins)} and wins"


def _report_losses(draft: Draft, key: KeyPath, to: KeyPath, old: Node, mine: Node) -> None:
    """Report what of an object no longer counts where another one is filled with it (MIG-50)."""
    for name, value in values_of(old).items():
        other = child(mine, name)
        if isinstance(value, ObjectNode) and isinstance(other, ObjectNode):
            _report_losses(draft, (*key, name), (*to, name), value, other)
        elif other is not None and to_value(other) != to_value(value):
            note = _loss(draft, (*key, name), (*to, name), value, other)
            draft.report(REMOVED, (*key, name), note, loses=True)


def _joined(conflict: str, mine: Node | None, old: Node) -> Node:
    """What the new place gets, of its own value and the old key's."""
    if isinstance(old, ObjectNode) and isinstance(mine, ObjectNode | None):
        if conflict == "fill":
            return filled(mine, old)
        if conflict == "over":
            return filled(None, old) if mine is None else filled(old, mine)
    if mine is None or conflict == "over":
        return old
    if conflict in ("join", "before") and isinstance(mine, ArrayNode):
        first, others = (mine.items, items(old))[:: 1 if conflict == "join" else -1]
        return with_items(mine, joined(first, others))
    switches = [node for node in (old, mine) if isinstance(node, nodes.BooleanNode)]
    if conflict in ("either", "both") and switches:
        values = [node.value for node in switches]
        return made(any(values) if conflict == "either" else all(values), switches[0])
    return mine


def joined(mine: list[Node], others: list[Node]) -> list[Node]:
    """Items, and those of another list that are not among them yet."""
    known = [to_value(item) for item in mine]
    return [*mine, *(item for item in others if to_value(item) not in known)]


def _same(mine: Node, old: Node) -> bool:
    """Whether two texts, or two lists of ids, are the same; blank ids do not count."""

    def ids(node: Node) -> list[str]:
        return [text for item in items(node) if (text := trim(str(to_value(item))))]

    return mine.kind == old.kind and (
        ids(mine) == ids(old) if isinstance(mine, ArrayNode) else to_value(mine) == to_value(old)
    )
