"""Old keys: what OpenClaw rewrites in memory each time it reads a config, and what it refuses.

And where a key belongs in this version that is a key of a newer or an older OpenClaw.
"""

from __future__ import annotations

from typing import NamedTuple

from openclaw_config.diagnostics.model import (
    WARNING,
    Diagnostic,
    Edit,
    Fix,
    key_path_text,
    rule,
    version,
)
from openclaw_config.syntax.nodes import Node, ObjectNode, StringNode, child
from openclaw_config.syntax.text import KeyPath
from openclaw_config.targets import Target, releases, target
from openclaw_config.validation.context import holder, key_location, select
from openclaw_config.validation.migrations.engine import Row, apply, every_row
from openclaw_config.validation.migrations.tree import (
    MOVED,
    REMOVED,
    VALUE,
    Change,
    Changes,
    Path,
    steps,
)
from openclaw_config.validation.schema import Shape, openclaw_shape, walk


@rule(severity=WARNING)
def legacy_key() -> None:
    """An old key or value that OpenClaw still reads.

    OpenClaw rewrites some old spellings in memory each time it reads the file, so the config works
    today. Newer versions stop doing so, and then the file no longer loads.

    bad: { messages: { tts: { openai: { voice: "alloy" } } } }
    good: { messages: { tts: { providers: { openai: { voice: "alloy" } } } } }
    source: legacy-gate, LOAD-35
    """


@rule()
def refused_legacy_key() -> None:
    """An old key with a value that OpenClaw cannot carry over.

    OpenClaw knows where the old key went, but it only moves a value of the type that the key once
    had. With any other value it stops at this key and does not look at the rest.

    bad: { memorySearch: "yes" }
    good: { agents: { defaults: { memorySearch: { enabled: true } } } }
    source: legacy-gate
    """


class Refused(NamedTuple):
    """An old key that stayed, and the place where OpenClaw reports it.

    ``unknown`` ones are found by the schemas of channels and plugins.
    """

    diagnostic: Diagnostic
    place: KeyPath
    unknown: bool


class Migrated(NamedTuple):
    """A config after its old keys were read as OpenClaw reads them.

    ``legacy`` are warnings. ``refused`` are errors about keys that stayed: when there is one,
    OpenClaw reports nothing else.
    """

    root: ObjectNode
    legacy: tuple[Diagnostic, ...]
    refused: tuple[Refused, ...]


_FREE = frozenset(("meta", "env", "auth", "logging", "$schema", "wizard"))
"""Sections that never had an old key."""


def migrate(root: ObjectNode, target: Target) -> Migrated:
    """Read old keys as a target does. Gives the very root when there are none."""
    if root.index.keys() <= _FREE:
        return Migrated(root, (), ())
    changes = Changes(root)
    tree = apply(root, target.reads, changes)
    return Migrated(tree, legacy(changes), tuple(_left_over(tree, target.reads)))


def legacy(changes: Changes) -> tuple[Diagnostic, ...]:
    """A warning for each old key that was read, with a fix where an edit can bring it about."""
    made: set[tuple[int, str]] = set()
    return tuple(
        _diagnostic(changes.root, change, made)
        for change in changes.all
        if change.kind in (MOVED, VALUE, REMOVED)
    )


def _diagnostic(root: ObjectNode, change: Change, made: set[tuple[int, str]]) -> Diagnostic:
    status, notes = "an old spelling that OpenClaw still reads", (change.note,)
    if change.kind == REMOVED:
        status, what = "an old key that OpenClaw takes away", "remove it"
        edit = _edit(root, change)
    elif change.kind == VALUE:
        what, edit = f"write {change.value} instead", _edit(root, change)
    elif change.to:
        what = f"write {key_path_text(change.to)} instead"
        edit = _move(root, change, made)
    else:
        what, edit, notes = change.note, None, ("",)
    return legacy_key.at(
        key_location(root, change.path),
        f"{key_path_text(change.path)} is {status}",
        change.path,
        label=what,
        notes=tuple(filter(None, notes)),
        fix=Fix(what, edit, change.safe) if edit is not None and change.single else None,
    )


def _move(root: Node, change: Change, made: set[tuple[int, str]]) -> tuple[Edit, ...] | None:
    """The move of a value.

    Of several keys that go to a new object only the first gets one: the others would make the
    object once more. ``made`` are the objects and the new keys in them.
    """
    from openclaw_config.syntax import edits

    path, target = change.path, change.written or change.to
    pairs = zip(path[:-1], target[:-1], strict=False)
    shared = next(
        (at for at, (mine, other) in enumerate(pairs) if mine != other),
        min(len(path), len(target)) - 1,
    )
    owner = child(root, *path[:shared])
    there = tuple(step for step in target[shared:] if isinstance(step, str))
    if not isinstance(owner, ObjectNode) or len(there) < len(target) - shared:
        return None
    place, missing = edits.insertion_point(owner, there)
    if missing and (id(place), missing[0]) not in made:
        made.add((id(place), missing[0]))
        return edits.move(owner, path[shared:], there, change.value)
    if not missing and change.value is None:
        return edits.merge(owner, path[shared:], there)
    return None


def _edit(root: Node, change: Change) -> tuple[Edit, ...] | None:
    """The removal of a key, or its new value."""
    from openclaw_config.syntax import edits

    owner, member = child(root, *change.path[:-1]), holder(root, change.path)
    if not isinstance(owner, ObjectNode) or member is None:
        return None
    if change.kind == REMOVED:
        return edits.remove(owner, member)
    variable = isinstance(member.value, StringNode) and member.value.variables
    return None if variable else (edits.replace(member.value, change.value or ""),)


def _left_over(root: ObjectNode, reads: str) -> list[Refused]:
    """The old keys that no row took and that OpenClaw refuses."""
    found: list[Refused] = []
    for row in every_row(reads):
        for pattern in row.at if row.refused else ():
            for path, owner in select(root, *pattern):
                if child(owner, *row.key) is not None:
                    diagnostic = _refused(root, (*path, *row.key), (*path, *row.to))
                    place = _place(row, pattern, path)
                    found.append(Refused(diagnostic, place, row.refused == "entry"))
    return found


def _place(row: Row, pattern: Path, path: KeyPath) -> KeyPath:
    """Where OpenClaw reports an old key that stayed."""
    if row.refused == "key":
        return (*path, *row.key)
    if row.refused == "entry":
        return path
    if row.refused != "owner":
        return steps(row.refused)
    open_steps = [at for at, step in enumerate(pattern) if step in ("*", "[]")]
    return path[: open_steps[0]] if open_steps else path


def _refused(root: Node, path: KeyPath, new: KeyPath) -> Diagnostic:
    """A legacy key that stayed because its value cannot be moved to its ``new`` place."""
    taken = new != path and child(root, *new) is not None
    where = key_path_text(new)
    return refused_legacy_key.at(
        key_location(root, path),
        f"{key_path_text(path)} is an old key, and OpenClaw cannot carry this value over",
        path,
        label=f"remove it: {where} is set already" if taken else f"write {where} instead",
    )


# --- keys of other versions ------------------------------------------------------------------

NEWEST = "2026.9.6"


def hint(path: KeyPath, target: str) -> str:
    """What a version has in place of an unknown key, in words; "" when the rows do not say."""
    # Only a config with a finding pays for the words.
    from openclaw_config.validation.wording import listing

    rows = every_row(NEWEST)
    if since := _since(path, target):
        olds = _olds(rows, path)
        has = f"; {target} has {listing(olds, limit=4)}" if olds else ""
        return f"`{key_path_text(path[-1:])}` is a key since OpenClaw {since}{has}"
    for row in rows:
        if row.since and version(row.since) <= version(target):
            for at in row.at:
                key = row.key[:-1] if row.key[-1:] == ("[]",) else row.key
                if len(path) == len(at) + len(key) and _fits((*at, *key), path):
                    return _gone(row, path[: len(at)], path[-1:])
    return ""


def may_be_old(found: Diagnostic) -> bool:
    """Whether an error may come of a config's age: the oldest release may take its key.

    Of anything but an unknown key only a check for that release can tell.
    """
    oldest, path = target(releases()[0]), found.key_path
    if found.rule != "unknown-key" or not _refuses(openclaw_shape(oldest.release), path):
        return True
    # A function without a key may take any of its object; those of the newest take what has rows.
    rows = (*every_row(oldest.reads), *(row for row in every_row(NEWEST) if row.key))
    return any(_meet((*at, *row.key), path) for row in rows for at in row.at)


def _refuses(shape: Shape, path: KeyPath) -> bool:
    """Whether a shape surely has no place for a key path: an object on its way is closed."""
    around = shape
    for end in range(1, len(path) + 1):
        inner = walk(shape, path[:end])
        if inner is None:
            return _is_closed(around)
        around = inner
    return False


def _is_closed(shape: Shape) -> bool:
    branches = [one for one in shape.any_of if one.kinds is None or "object" in one.kinds]
    return (
        shape.closed
        or any(map(_is_closed, shape.all_of))
        or (bool(branches) and all(map(_is_closed, branches)))
    )


def _since(path: KeyPath, target: str) -> str:
    """The first release after a version that names an unknown key, or ""."""
    if walk(openclaw_shape(target), path) is not None:
        return ""  # it is unknown to one branch of a union, or to a plugin
    for release in releases()[releases().index(target) + 1 :]:
        shape = openclaw_shape(release)
        found = walk(shape, path)
        # An object that takes any key names none.
        if found is not None and not found.old and found is not walk(shape, (*path[:-1], "")):
            return release
    return ""


def _gone(row: Row, owner: KeyPath, key: KeyPath) -> str:
    note = f" ({row.note})" if row.note else ""
    if not row.to:
        return f"OpenClaw {row.since} took it away{note}"
    to = (*row.to[:-1], *map(str, key)) if row.to[-1] == row.key[-1] == "*" else row.to
    return f"moved in OpenClaw {row.since}: write {_text(owner, to)}{note}"


def _olds(rows: tuple[Row, ...], path: KeyPath) -> list[str]:
    """The old keys whose new place is a path, or else those whose new place lies below it."""
    exact: dict[str, None] = {}
    below: dict[str, None] = {}
    for row in rows:
        if not row.to or row.key[-1] == "*":
            continue
        for at in row.at:
            new = (*at, *row.to)
            if _fits(new, path):
                owner, old = path[: len(at)], (*at, *row.key)
                if len(new) > len(path) and (old[0] != path[0] or _fits(old, path)):
                    continue
                places = exact if len(new) == len(path) or new[-1] == "*" else below
                places[_text(owner, old[len(owner) :])] = None
    return list(exact or below)


def _fits(pattern: Path, path: KeyPath) -> bool:
    """Whether a path leads to a place of a pattern, or to something around it."""
    return len(path) <= len(pattern) and _meet(pattern, path)


def _meet(pattern: Path, path: KeyPath) -> bool:
    """Whether a path leads to a place of a pattern, to something around it or in it."""
    return all(
        isinstance(step, int) if mine == "[]" else mine in ("*", step)
        for mine, step in zip(pattern, path, strict=False)
    )


def _text(owner: KeyPath, rest: Path) -> str:
    """A place as people write it; ``[]`` is any item."""
    text = key_path_text(owner) + "".join("[]" if step == "[]" else f".{step}" for step in rest)
    return text.removeprefix(".").removesuffix("[]")
