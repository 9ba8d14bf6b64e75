"""Why a value of a config is what it is: where it stands, what made it, and what it decides.

The answers behind ``explain FILE KEY``. A value is shown only where it cannot be a secret.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from typing import Any, NamedTuple

from openclaw_config.diagnostics.display import printable
from openclaw_config.diagnostics.model import key_path_text
from openclaw_config.explain import fact_lines
from openclaw_config.loading.document import Document
from openclaw_config.loading.environment import ASSUMED, BLOCK, DOTENV, PROCESS, SHELL
from openclaw_config.plan.json_form import to_json
from openclaw_config.plan.model import Json, Plan
from openclaw_config.plan.pointers import keys, pointer
from openclaw_config.syntax.nodes import ArrayNode, Node, ObjectNode, StringNode, Tree, child
from openclaw_config.syntax.spans import KeyPath, Location
from openclaw_config.validation.schema import openclaw_shape, walk
from openclaw_config.validation.wording import found as in_words
from openclaw_config.validation.wording import quoted

INCLUDE = "$include"
_MOST_LEVELS = 10


class Used(NamedTuple):
    """A variable that was put into the value, and where it is set.

    ``kind`` is one of ``loading.environment``'s, ``missing`` where it is not set at all.
    """

    name: str
    kind: str
    location: Location | None


class ValueOrigin(NamedTuple):
    """What is known of the value at a key path.

    ``words`` is the value, or what it is where it may be a secret; "" when it is not set.
    ``location`` is where it stands, ``includes`` the ``$include`` that lead there, the main file's
    first, and ``written`` the key path there, where it is an old one. ``overridden`` are the
    places where the same key is written and does not count. ``moved_to`` is where an old key's
    value goes. ``decides`` are the fields of the plan that it decides, as paths into its JSON.
    """

    path: KeyPath
    words: str
    location: Location | None = None
    includes: tuple[Location, ...] = ()
    written: KeyPath = ()
    overridden: tuple[Location, ...] = ()
    variables: tuple[Used, ...] = ()
    moved_to: KeyPath = ()
    decides: tuple[str, ...] = ()


def value_origin(document: Document, path: KeyPath, plan: Plan | None = None) -> ValueOrigin:
    """Why the value at a key path is what it is; ``plan`` is that of the same document."""
    places = list(_places(document.trees, path))
    node = child(document.root, *path)
    moved: KeyPath = ()
    if node is None and places:
        # An old key: the value is there under another name.
        node = child(document.trees[0].root, *path) if document.trees else None
        moved = _path_to(document.root, node) if node is not None else ()
    if node is None:
        return ValueOrigin(path, "")
    target = moved or path
    location = node.location
    return ValueOrigin(
        path=path,
        words=_words(node, target, plan),
        location=location,
        includes=_includes(document.trees, location, path),
        written=() if moved else _written(document.trees, node, target),
        overridden=tuple(place for place in places if place != location),
        variables=tuple(_variables(document, target)),
        moved_to=moved,
        decides=() if plan is None else tuple(_decided(to_json(plan), target)),
    )


def _words(node: Node, path: KeyPath, plan: Plan | None) -> str:
    if isinstance(node, ObjectNode):
        count = len(node.index)
        return f"an object with {count} key{'' if count == 1 else 's'}"
    if isinstance(node, ArrayNode):
        count = len(node.items)
        return f"a list of {count} item{'' if count == 1 else 's'}"
    if isinstance(node, StringNode) and plan is not None and not node.variables:
        refs = {candidate.ref for surface in plan.surfaces for candidate in surface.candidates}
        if node.value in refs:  # a model's name, which the plan shows too
            return quoted(node.value)
    return in_words(node, path, walk(openclaw_shape(node.source.release), path))


# --- where it stands ------------------------------------------------------------------------------


class _Within(NamedTuple):
    """A file on the way to the value: its tree, where it is put, and what of the path is left."""

    tree: Tree
    via: tuple[Location, ...]
    rest: KeyPath


def _files(trees: tuple[Tree, ...], path: KeyPath) -> Iterator[_Within]:
    """The files that may bring the value at a path: the main one, and what is included there.

    Each file comes once for what of the path is left in it.
    """
    by_path = {tree.source.path: tree for tree in trees[1:]}
    waiting = deque([_Within(trees[0], (), path)] if trees else [])
    seen = set()
    while waiting:
        within = waiting.popleft()
        if (place := (within.tree.source.path, len(within.rest))) in seen:
            continue
        seen.add(place)
        yield within
        if len(within.via) >= _MOST_LEVELS:
            continue
        folder = os.path.dirname(within.tree.source.path or "")
        for depth in range(len(within.rest) + 1):
            holder = child(within.tree.root, *within.rest[:depth])
            if not isinstance(holder, ObjectNode):
                continue
            for name in _names(holder.get(INCLUDE)):
                tree = by_path.get(os.path.normpath(os.path.join(folder, name.value)))
                if tree is not None:
                    via = (*within.via, name.location)
                    waiting.append(_Within(tree, via, within.rest[depth:]))


def _names(node: Node | None) -> list[StringNode]:
    items = node.items if isinstance(node, ArrayNode) else [node]
    return [item for item in items if isinstance(item, StringNode)]


def _places(trees: tuple[Tree, ...], path: KeyPath) -> Iterator[Location]:
    """Every place where the key is written, those that do not count included."""
    if any(isinstance(step, int) for step in path):
        # Lists of several files are joined: an index there is not one here.
        node = child(trees[0].root, *path) if trees else None
        if node is not None:
            yield node.location
        return
    for within in _files(trees, path):
        nodes = [within.tree.root]
        for step in within.rest:
            nodes = [
                member.value
                for node in nodes
                if isinstance(node, ObjectNode)
                for member in node.members
                if member.key == step
            ]
        yield from (node.location for node in nodes if node is not None)


def _includes(trees: tuple[Tree, ...], location: Location, path: KeyPath) -> tuple[Location, ...]:
    for within in _files(trees, path):
        if within.tree.source is location.source:
            return within.via
    return ()


def _written(trees: tuple[Tree, ...], node: Node, path: KeyPath) -> KeyPath:
    """The key path under which the main file has a value that is read at another one."""
    if not trees or node.source is not trees[0].source:
        return ()
    there = _path_to(trees[0].root, node)
    return there if _keys(there) != _keys(path) else ()


def _keys(path: KeyPath) -> list[str]:
    return [step for step in path if isinstance(step, str)]


def _path_to(root: Node | None, wanted: Node) -> KeyPath:
    """The way to the node of a tree that stands where another one does, or ()."""
    waiting: list[tuple[Node | None, KeyPath]] = [(root, ())]
    while waiting:
        node, path = waiting.pop()
        if node is None:
            continue
        if node.location == wanted.location and node.kind == wanted.kind:
            return path
        if isinstance(node, ObjectNode):
            waiting += [(member.value, (*path, key)) for key, member in node.index.items()]
        elif isinstance(node, ArrayNode):
            waiting += [(item, (*path, index)) for index, item in enumerate(node.items)]
    return ()


# --- what made it, and what it decides ------------------------------------------------------------


def _variables(document: Document, path: KeyPath) -> Iterator[Used]:
    seen: set[str] = set()
    for use in document.uses:
        if use.key_path == path and use.name not in seen:
            seen.add(use.name)
            variable = document.environment.variable(use.name)
            if variable is None:
                yield Used(use.name, "missing", None)
            else:
                yield Used(use.name, variable.kind, variable.location)


def _decided(plan: dict[str, Json], path: KeyPath) -> list[str]:
    """The fields of a plan whose origin is the value, or something in it."""
    place = pointer(path)
    variable = path[-1] if path and _in_env_block(path) else None

    def is_ours(origin: Json) -> bool:
        if not isinstance(origin, dict):
            return False
        if variable is not None and origin.get("kind") == "env":
            return bool(origin.get("name") == variable and origin.get("line"))
        there = str(origin.get("path", ""))
        return origin.get("kind") == "config" and (there == place or there.startswith(f"{place}/"))

    fields = [
        key_path_text(_steps(field))
        for field, origin in plan.get("provenance", {}).items()
        if is_ours(origin)
    ]
    waiting: list[tuple[KeyPath, Json]] = [((key,), plan[key]) for key in reversed(plan)]
    while waiting:
        at, value = waiting.pop()
        if isinstance(value, dict) and at[0] != "provenance":
            if is_ours(value.get("origin")):
                fields.append(key_path_text(at))
            waiting += [((*at, key), value[key]) for key in reversed(value)]
        elif isinstance(value, list):
            waiting += [((*at, index), value[index]) for index in reversed(range(len(value)))]
    return list(dict.fromkeys(fields))


def _in_env_block(path: KeyPath) -> bool:
    return path[0] == "env" and (len(path) == 2 or (len(path) == 3 and path[1] == "vars"))


def _steps(field: str) -> KeyPath:
    return tuple(int(key) if key.isdecimal() else key for key in keys(field))


# --- telling it -----------------------------------------------------------------------------------

_SET_BY = {
    PROCESS: "from the environment",
    DOTENV: "from a .env file",
    BLOCK: "from the env block",
    SHELL: "from the login shell",
    ASSUMED: "taken to be set; --env process or --env-file decides for real",
    "missing": "not set",
}


def as_json(found: ValueOrigin, file: str) -> dict[str, Any]:
    """What is known of a value, as a JSON value."""
    return {
        "kind": "value",
        "file": file,
        "path": key_path_text(found.path),
        "keyPath": list(found.path),
        "set": found.location is not None,
        "value": found.words,
        "place": _place(found.location),
        "includes": [_place(location) for location in found.includes],
        "writtenAs": key_path_text(found.written),
        "movedTo": key_path_text(found.moved_to),
        "overridden": [_place(location) for location in found.overridden],
        "variables": [
            {"name": one.name, "kind": one.kind, "place": _place(one.location)}
            for one in found.variables
        ],
        "decides": list(found.decides),
    }


def _place(location: Location | None) -> dict[str, Any] | None:
    if location is None:
        return None
    line, column = location.position
    return {"file": location.source.name, "line": line, "column": column}


def as_text(found: ValueOrigin, file: str, width: int) -> str:
    """What is known of a value, for a terminal of ``width`` columns."""
    lines = [printable(f"in {file}")]
    for title, text in _facts(found):
        lines += fact_lines(title, printable(text), width)
    return "\n".join([*lines, ""])


def _facts(found: ValueOrigin) -> Iterator[tuple[str, str]]:
    if found.location is None:
        yield "value", "not set"
        return
    yield "value", found.words
    yield "stands at", str(found.location)
    for location in reversed(found.includes):
        yield "", f"included at {location}"
    if found.written:
        yield "written as", f"{key_path_text(found.written)}, an old key"
    if found.moved_to:
        yield "read as", f"{key_path_text(found.moved_to)}: this is an old key"
    for one in found.variables:
        place = f", {one.location}" if one.location else ""
        yield "variable", f"{one.name}, {_SET_BY[one.kind]}{place}"
    for location in found.overridden:
        yield "no effect", f"what {location} says"
    title = "decides"
    for field in found.decides:
        yield title, field
        title = ""
