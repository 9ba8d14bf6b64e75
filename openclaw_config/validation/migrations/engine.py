"""The engine of migrations: rows of ``schema/migrations`` applied to a tree of nodes.

A row says of one old key what becomes of it. Its fields, in JSON:

    at        patterns of the object that the paths are relative to; a step is a key, ``*`` for
              every key, ``[]`` for every item; "" is the root
    key       the old key, a path of keys below it
    op        "move" (to ``to``), "value" (the value is rewritten in place), "remove", "call" (the
              function ``call`` does it all, where ``key`` is there), "stay" (nothing is done: see
              ``refused``)
    to        the new place, a path of keys below the same object
    of        only values of this kind are taken (``object``, ``boolean`` …)
    map       old values and the new ones; any other value stays; null: the key is removed
    fold      how a string is compared with ``map``: "lower" (trimmed, the default), "trim", "exact"
    unsafe    new values of ``map`` that say more than the old ones
    names     the keys inside the value and their new names; the others are dropped
    inner     only inner values of this kind are taken over with ``names``
    conflict  what to do where the new place is taken: "keep" the new value (the default), "merge"
              the old into it, "fill" (merge two objects, else keep), "over" (merge, and the old
              value wins), "either" (true when one is), "same" (removed when both are equal, else
              the old key stays), "stay"
    taken     the kind of value that takes the new place, any by default; "text" is no blank string
    open      the row does nothing where something that is no object stands on the way to ``to``
    prune     objects that become empty go
    wins      the remark of a removal where the new place is taken
    note, advice   a remark; what to do where no edit can bring the change about
    since     the first release that refuses the old key
    loses     the removed key had an effect that nothing replaces
    refused   where OpenClaw reports a key that stays: "owner", "key", "entry" or a key path

Rows run in their order, each over the whole tree, so the order of keys in a file means nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from openclaw_config.diagnostics.model import key_path_text
from openclaw_config.facts import read_json
from openclaw_config.syntax.nodes import (
    ArrayNode,
    BooleanNode,
    Node,
    NumberNode,
    ObjectNode,
    StringNode,
    child,
    to_value,
)
from openclaw_config.syntax.scanner import trim
from openclaw_config.syntax.spans import KeyPath
from openclaw_config.validation.migrations.tree import (
    Change,
    boolean,
    filled,
    is_text,
    literal,
    made,
    matches,
    put,
    renamed,
    rewrite,
    take,
)

if TYPE_CHECKING:
    from openclaw_config.validation.migrations.report import Findings

Path = tuple[str, ...]


class Row(NamedTuple):
    """One row; the module says what its fields mean."""

    at: tuple[Path, ...]
    op: str
    key: Path = ()
    to: Path = ()
    of: str = ""
    map: dict[str, Any] | None = None
    fold: str = "lower"
    unsafe: tuple[str, ...] = ()
    names: dict[str, str] | None = None
    inner: str = ""
    conflict: str = "keep"
    taken: str = ""
    open: bool = False
    prune: bool = False
    wins: str | None = None
    note: str = ""
    advice: str = ""
    refused: str = ""
    call: str = ""
    since: str = ""
    loses: bool = False


def steps(text: str) -> Path:
    """The steps of a path of a row: ``agents.list[].tools`` has four."""
    return tuple(text.replace("[]", ".[]").split(".")) if text else ()


def _row(written: dict[str, Any]) -> Row:
    at = written["at"]
    return Row(
        **{
            **written,
            "at": tuple(map(steps, [at] if isinstance(at, str) else at)),
            "op": written.get("op") or ("call" if "call" in written else "move"),
            "key": steps(written.get("key", "")),
            "to": steps(written.get("to", "")),
            "unsafe": tuple(written.get("unsafe", ())),
        }
    )


@lru_cache(maxsize=256)
def _group(version: str, number: int) -> tuple[Row, ...]:
    return tuple(map(_row, read_json(_file(version))["groups"][number]["rows"]))


def _file(version: str) -> str:
    return f"migrations/{version}.json"


def rows(version: str, root: ObjectNode) -> Iterator[Row]:
    """The rows that lead to a version, those of the sections that a config has, in their order."""
    for number, group in enumerate(read_json(_file(version))["groups"]):
        if not root.index.keys().isdisjoint(group["sections"]):
            yield from _group(version, number)


def every_row(version: str) -> tuple[Row, ...]:
    """All rows that lead to a version."""
    count = len(read_json(_file(version))["groups"])
    return tuple(row for number in range(count) for row in _group(version, number))


def apply(
    root: ObjectNode, version: str, findings: Findings, skip: frozenset[str] = frozenset()
) -> ObjectNode:
    """The tree with every old key in the form that a version has for it.

    ``skip`` are rows to leave out, by the function that they call or by their key.
    """
    tree = root
    for number, group in enumerate(read_json(_file(version))["groups"]):
        if not tree.index.keys().isdisjoint(group["sections"]):
            for row in _group(version, number):
                if not skip or (row.call or ".".join(row.key)) not in skip:
                    tree = _applied(tree, row, findings)
    return tree


def _applied(root: ObjectNode, row: Row, findings: Findings) -> ObjectNode:
    patterns = [at for at in row.at if not at or at[0] in root.index]
    if not patterns or row.op == "stay":
        return root
    findings.start(root, row)
    change: Change = partial(_CHANGES[row.op], findings, row)
    tree: Node = root
    for pattern in patterns:
        tree = rewrite(tree, pattern, change)
    assert isinstance(tree, ObjectNode)
    return tree


class Left(NamedTuple):
    """An old key that no row took; ``place`` is where OpenClaw reports it."""

    path: KeyPath
    new: KeyPath
    place: KeyPath
    unknown: bool
    """Whether it is an unknown key to OpenClaw, and not one of its old ones."""


def left_over(root: ObjectNode, version: str) -> Iterator[Left]:
    """The old keys that stayed and that OpenClaw refuses."""
    for row in rows(version, root):
        if not row.refused:
            continue
        for pattern in row.at:
            for path, owner in matches(root, pattern):
                if child(owner, *row.key) is not None:
                    key = (*path, *row.key)
                    place = _place(row, pattern, path)
                    yield Left(key, (*path, *row.to), place, row.refused == "entry")


def _place(row: Row, pattern: Path, path: KeyPath) -> KeyPath:
    if row.refused == "key":
        return (*path, *row.key)
    if row.refused == "entry":
        return path
    if row.refused != "owner":
        return steps(row.refused)
    open_steps = [at for at, step in enumerate(pattern) if step in ("*", "[]")]
    return path[: open_steps[0]] if open_steps else path


# --- the ops ------------------------------------------------------------------------------------


def _old(row: Row, owner: ObjectNode) -> Node | None:
    """The value that a row is about, where the object has one of the right kind."""
    old = child(owner, *row.key)
    return None if old is None or (row.of and old.kind != row.of) else old


def _mapped(row: Row, old: Node) -> tuple[bool, Any]:
    """Whether a row's map has a value, and what the map has for it."""
    assert row.map is not None
    if isinstance(old, StringNode):
        word = old.value if row.fold == "exact" else trim(old.value)
        word = word.lower() if row.fold == "lower" else word
        return not old.assumed and word in row.map, row.map.get(word)
    word = json.dumps(old.value) if isinstance(old, BooleanNode | NumberNode) else ""
    return word in row.map, row.map.get(word)


def _remove(findings: Findings, row: Row, owner: ObjectNode, path: KeyPath) -> ObjectNode:
    old = _old(row, owner)
    if old is None or (row.map is not None and not _mapped(row, old)[0]):
        return owner
    if row.advice and isinstance(old, ObjectNode) and old.index:
        findings.replaced((*path, *row.key), row.advice)
    else:
        findings.removed((*path, *row.key), row.note)
    return take(owner, row.key, row.prune)


def _value(findings: Findings, row: Row, owner: ObjectNode, path: KeyPath) -> ObjectNode:
    old = _old(row, owner)
    known, new = _mapped(row, old) if old is not None else (False, None)
    if old is None or not known:
        return owner
    safe = new not in row.unsafe
    findings.revalued((*path, *row.key), literal(new), row.note, safe=safe)
    return put(owner, row.key, made(new, old), old)


def _move(findings: Findings, row: Row, owner: ObjectNode, path: KeyPath) -> ObjectNode:
    old = _old(row, owner)
    if old is None or (row.open and _is_blocked(owner, row.to)):
        return owner
    where, new, text, note = (*path, *row.key), old, None, row.note
    if row.map is not None:
        known, value = _mapped(row, old)
        if not known:
            return owner
        if value is None:
            return _gone(findings, row, owner, where, row.note)
        new, text, note = made(value, old), literal(value), ""
    elif row.names is not None and isinstance(old, ObjectNode):
        new, text = renamed(old, row.names, row.inner)
    mine = child(owner, *row.to)
    if mine is not None and not _takes(row, mine):
        mine = None
    conflict = row.conflict
    if conflict == "fill":
        conflict = (
            "merge" if isinstance(mine or old, ObjectNode) and old.kind == "object" else "keep"
        )
    if mine is not None:
        if conflict == "stay" or (conflict == "same" and not _same(mine, old)):
            return owner
        if conflict in ("keep", "same"):
            said = f"{row.to[-1]} is set already and wins"
            if conflict == "same":
                said = f"{row.to[-1]} says the same"
            return _gone(findings, row, owner, where, said if row.wins is None else row.wins)
    new = _joined(conflict, mine, new)
    if row.advice and text is None:
        findings.replaced(where, row.advice.replace("{to}", key_path_text((*path, *row.to))))
    else:
        findings.moved(where, (*path, *row.to), text, note)
    owner = take(owner, row.key, row.prune)
    nothing = row.prune and row.names is not None and isinstance(new, ObjectNode) and not new.index
    return owner if nothing else put(owner, row.to, new, old)


def _call(findings: Findings, row: Row, owner: ObjectNode, path: KeyPath) -> ObjectNode:
    if row.key and child(owner, *row.key) is None:
        return owner
    module, _, name = row.call.partition(".")
    function = getattr(import_module(f"{__package__}.{module}"), name)
    changed: ObjectNode = function(findings, owner, path)
    return changed


_CHANGES: dict[str, Callable[[Findings, Row, ObjectNode, KeyPath], ObjectNode]] = {
    "move": _move,
    "value": _value,
    "remove": _remove,
    "call": _call,
}


def _gone(findings: Findings, row: Row, owner: ObjectNode, where: KeyPath, note: str) -> ObjectNode:
    findings.removed(where, note)
    return take(owner, row.key, row.prune)


def _is_blocked(owner: ObjectNode, path: Path) -> bool:
    """Whether something that is no object stands on the way to a path."""
    for end in range(1, len(path)):
        node = child(owner, *path[:end])
        if node is not None and not isinstance(node, ObjectNode):
            return True
    return False


def _takes(row: Row, mine: Node) -> bool:
    """Whether what stands at the new place counts."""
    taken = row.taken or ("object" if row.of == "object" and row.conflict == "merge" else "")
    return is_text(mine) if taken == "text" else not taken or mine.kind == taken


def _joined(conflict: str, mine: Node | None, old: Node) -> Node:
    """What the new place gets, of its own value and the old key's."""
    objects = isinstance(old, ObjectNode) and (mine is None or isinstance(mine, ObjectNode))
    if conflict in ("merge", "over") and objects:
        assert isinstance(old, ObjectNode)
        own = mine if isinstance(mine, ObjectNode) else None
        return filled(old, own) if conflict == "over" and own is not None else filled(own, old)
    if mine is None:
        return old
    switches = [node for node in (old, mine) if isinstance(node, BooleanNode)]
    if conflict == "either" and switches:
        return boolean(any(node.value for node in switches), switches[0])
    return mine


def _same(left: Node, right: Node) -> bool:
    """Whether two texts, or two lists of ids, are the same."""
    if isinstance(left, ArrayNode) and isinstance(right, ArrayNode):
        return _ids(left) == _ids(right)
    both = isinstance(left, StringNode) and isinstance(right, StringNode)
    return both and to_value(left) == to_value(right)


def _ids(node: ArrayNode) -> list[str]:
    """The ids of a list as texts; blank ones do not count."""
    return [text for item in node.items if (text := trim(str(to_value(item))))]
