"""Old keys: what OpenClaw rewrites in memory each time it reads a config, and what it refuses."""

from __future__ import annotations

from collections.abc import Iterator

from openclaw_config.diagnostics.model import WARNING, Diagnostic, Edit, Fix, key_path_text, rule
from openclaw_config.syntax.nodes import Node, ObjectNode, child
from openclaw_config.syntax.text import KeyPath
from openclaw_config.targets import Target
from openclaw_config.validation.context import key_location, select
from openclaw_config.validation.migrations.engine import NOTE, REMOVED, Change, Changes, apply
from openclaw_config.validation.migrations.rows import Row, every_row


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


def migrate(root: ObjectNode, target: Target) -> tuple[ObjectNode, list[Diagnostic]]:
    """Read old keys as a target does. Gives the very root when there are none.

    The findings are warnings about the keys that were read, and errors about those that stayed:
    when there is one, OpenClaw reports nothing else.
    """
    changes = Changes(root)
    tree = apply(root, target.reads, changes)
    stayed = refused(tree, target)
    errors = (_refused(tree, (*path, *row.key), (*path, *row.to)) for row, path in stayed)
    return tree, [*legacy(changes), *errors]


def refused(tree: ObjectNode, target: Target) -> Iterator[tuple[Row, KeyPath]]:
    """The rows of the old keys that stayed, each with the path of the object that has it."""
    for row in every_row(target.reads):
        for pattern in row.at if row.refused else ():
            for path, owner in select(tree, *pattern):
                if child(owner, *row.key) is not None:
                    yield row, path


def legacy(changes: Changes) -> tuple[Diagnostic, ...]:
    """A warning for each old key that was read, with a fix where an edit can bring it about."""
    made: set[tuple[int, str | int]] = set()
    return tuple(
        _diagnostic(changes.root, change, made) for change in changes.all if change.kind != NOTE
    )


def _diagnostic(root: ObjectNode, change: Change, made: set[tuple[int, str | int]]) -> Diagnostic:
    from openclaw_config.syntax import edits

    status, notes = "an old spelling that OpenClaw still reads", (change.note,)
    if change.kind == REMOVED:
        status, what = "an old key that OpenClaw takes away", "remove it"
        edit = edits.removal(root, change.path)
    elif change.to:
        what = f"write {key_path_text(change.to)} instead"
        edit = _move(root, change, made)
    elif change.value is not None and (node := child(root, *change.path)) is not None:
        what = f"write {change.value} instead"
        variable = getattr(node, "variables", ())
        edit = None if variable else (edits.replace(node, change.value),)
    else:
        what, edit, notes = change.note, None, ("",)
    # What other changes leave of a value is not what its text says.
    alone = change.old is child(root, *change.path)
    return legacy_key.at(
        key_location(root, change.path),
        f"{key_path_text(change.path)} is {status}",
        change.path,
        label=what,
        notes=tuple(filter(None, notes)),
        fix=Fix(what, edit, change.safe) if edit is not None and alone else None,
    )


def _move(root: Node, change: Change, made: set[tuple[int, str | int]]) -> tuple[Edit, ...] | None:
    """The move of a value.

    Of several keys that go to a new object only the first gets one: the others would make the
    object once more. ``made`` are the objects and the new keys in them.
    """
    from openclaw_config.syntax import edits

    target = change.written or change.to
    place, missing = edits.insertion_point(root, target)
    if missing:
        if (id(place), missing[0]) in made:
            return None
        made.add((id(place), missing[0]))
    return edits.move(root, change.path, target, change.value, prune=change.prune)


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
