"""The engine of migrations: rows (``rows.Row``) applied to a tree of nodes.

Rows run in their order, each over the whole tree, so the order of keys in a file means nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from openclaw_config.syntax.nodes import (
    ArrayNode,
    BooleanNode,
    Node,
    NumberNode,
    ObjectNode,
    StringNode,
    child,
    text_of,
    to_value,
)
from openclaw_config.syntax.text import KeyPath, trim
from openclaw_config.validation.migrations.rows import Key, Path, Row, every_row, steps
from openclaw_config.validation.migrations.tree import (
    MOVED,
    REMOVED,
    Changes,
    Draft,
    filled,
    literal,
    made,
    shown,
    with_items,
)
from openclaw_config.view.settings import is_text, items, values_of


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
        and (row.map is None or _mapped(row, old)[0])
    )


def _mapped(row: Row, old: Node) -> tuple[bool, Any]:
    """Whether a row's map has a value, and what the map has for it."""
    assert row.map is not None
    word = literal(to_value(old))
    if isinstance(old, StringNode):
        word = old.value if row.fold == "exact" else trim(old.value)
        word = word.lower() if row.fold == "lower" else word
    return not getattr(old, "assumed", False) and word in row.map, row.map.get(word)


def _new(row: Row, old: Node) -> tuple[Any, str | None]:
    """The new value of JSON and nodes, and its text; None where it is the old one's."""
    if row.map is not None:
        value = _mapped(row, old)[1]
    elif row.scale and isinstance(old, NumberNode):
        value = old.value * row.scale
        value = int(value) if value == int(value) else value
    elif row.form is not None:
        value = _formed(row.form, to_value(old))
    else:
        return old, None
    return value, literal(value)


def _formed(form: Any, old: Any) -> Any:
    if isinstance(form, dict):
        return {key: _formed(inner, old) for key, inner in form.items()}
    return form.replace("{}", f"{old:g}" if isinstance(old, float) else str(old))


def _value(row: Row, draft: Draft) -> None:
    reached: list[KeyPath] = []

    def change(old: Node, path: KeyPath) -> Node:
        if not _fits(row, old):
            return old
        new, text = _new(row, old)
        reached.append(path)
        draft.revalued(path, text or "", row.note, safe=new not in row.unsafe)
        return made(new, old)

    draft.rewrite(row.key, change)
    if reached:
        _write_beside(row, draft)


def move(row: Row, draft: Draft) -> None:
    """Move a value, or remove it where it goes nowhere."""
    if row.key[-1:] == ("*",):
        for name in draft.values(row.key[:-1]):
            move(row._replace(key=(*row.key[:-1], name), to=(*row.to[:-1], name)), draft)
        return
    old = draft.get(row.key)
    if old is None or not _fits(row, old) or (row.open and _is_blocked(draft.node, row.to)):
        return
    new, text = _new(row, old)
    if not row.to or new is None:
        if row.advice and isinstance(old, ObjectNode) and old.index:
            draft.advise(row.key, row.advice)
            draft.take(row.key, row.prune)
        else:
            draft.remove(row.key, row.note, row.prune)
        _write_beside(row, draft)
        return
    mine = draft.get(row.to)
    if mine is not None and not _takes(row, mine):
        mine = None
    conflict = row.conflict
    if conflict == "fill":
        objects = isinstance(old, ObjectNode) and isinstance(mine or old, ObjectNode)
        conflict = "merge" if objects else "keep"
    if mine is not None:
        if conflict == "stay" or (conflict == "same" and not _same(mine, old)):
            return
        if conflict in ("keep", "same"):
            note = f"{row.to[-1]} says the same" if conflict == "same" else row.wins
            if note is None:
                note = _loss(draft, row.key, row.to, made(new, old), mine)
            draft.remove(row.key, note, row.prune)
            _write_beside(row, draft)
            return
        if conflict == "merge":
            _report_losses(draft, row.key, row.to, old, mine)
        elif conflict == "over" and not isinstance(mine, ObjectNode):
            note = _loss(draft, row.to, row.key, mine, made(new, old))
            draft.report(REMOVED, row.to, note, loses="wins" in note)
    new = _joined(conflict, mine, made(new, old))
    note = "" if row.map is not None else row.note
    draft.report(MOVED, row.key, note, **_written(row, draft, old, text))
    _write_beside(row, draft)
    draft.take(row.key, row.prune)
    draft.put(row.to, new, old)


def _decide(row: Row, draft: Draft) -> None:
    old = draft.get(row.key)
    if old is None or (row.map is not None and (not is_text(old) or _mapped(row, old)[0])):
        return
    names = [*old.index] if isinstance(old, ObjectNode) else []
    if isinstance(old, ObjectNode) and not names:
        draft.remove(row.key, "it says nothing")
        return
    words = {
        "value": getattr(old, "value", ""),
        "names": ", ".join(names),
        "installs": "; ".join(
            f"openclaw plugins install {text_of(child(old, name, 'spec')) or name}"
            for name in names
        ),
    }
    choices = {name: effect.format(**words) for name, effect in row.choices.items()}
    answer = draft.decide(row.key, row.note.format(**words), choices)
    if answer:
        draft.put(row.key, None if answer == "remove" else answer, old)


def _call(row: Row, draft: Draft) -> None:
    if row.key and not _fits(row, draft.get(row.key)):
        return
    module, _, name = row.call.partition(".")
    getattr(import_module(f"{__package__}.{module}"), name)(draft)


_OPERATIONS: dict[str, Callable[[Row, Draft], None]] = {
    "move": move,
    "remove": move,  # to nowhere
    "value": _value,
    "decide": _decide,
    "call": _call,
}


def _written(row: Row, draft: Draft, old: Node, text: str | None) -> dict[str, Any]:
    """Where a value goes, and what is written there: with ``fills``, the object around them."""
    to = (*draft.path, *row.to)
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


def _write_beside(row: Row, draft: Draft) -> None:
    for key, value in row.sets.items():
        draft.put(key, value)
    for key, value in row.fills.items():
        draft.fill(key, value)


def _is_blocked(owner: ObjectNode, path: Path) -> bool:
    """Whether something that is no object stands on the way to a path."""
    inner = [child(owner, *path[:end]) for end in range(1, len(path))]
    return not all(node is None or isinstance(node, ObjectNode) for node in inner)


def _takes(row: Row, mine: Node) -> bool:
    """Whether what stands at the new place counts."""
    taken = row.taken or ("object" if row.of == "object" and row.conflict == "merge" else "")
    return is_text(mine) if taken == "text" else not taken or mine.kind == taken


def _loss(draft: Draft, key: Key, to: Key, old: Node, wins: Node) -> str:
    """What is said of a key's value that no longer counts beside the one at ``to``."""
    name = steps(to)[-1]
    if to_value(old) == to_value(wins):
        return f"{name} says the same"
    if isinstance(wins, ObjectNode | ArrayNode):
        return f"{name} is set already and wins"
    # The two are of one kind, so that the one may be shown where the other may.
    return f"{name} is {shown(old, (*draft.path, *steps(key)), wins)} and wins"


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
        if conflict == "merge":
            return filled(mine, old)
        if conflict == "over":
            return filled(None, old) if mine is None else filled(old, mine)
    if mine is None or conflict == "over":
        return old
    if conflict == "join" and isinstance(mine, ArrayNode):
        return with_items(mine, joined(mine.items, items(old)))
    switches = [node for node in (old, mine) if isinstance(node, BooleanNode)]
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
