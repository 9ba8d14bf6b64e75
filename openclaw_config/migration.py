"""Migrates a config to another release of OpenClaw, as edits of its text (MIG-1).

Nothing is written here: a ``Migration`` has the new texts, what changed and why, and the plans
before and after.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from openclaw_config.changes import Changed, deep, new_texts
from openclaw_config.diagnostics.masking import masked
from openclaw_config.diagnostics.model import Edit, Report, key_path_text
from openclaw_config.files import working_folder
from openclaw_config.loading.environment import Environment
from openclaw_config.loading.includes import merge
from openclaw_config.loading.load import load
from openclaw_config.syntax import edits
from openclaw_config.syntax.nodes import Node, ObjectNode, child, children, containers, to_value
from openclaw_config.syntax.text import KeyPath
from openclaw_config.validation.migrations import engine
from openclaw_config.validation.migrations.engine import Change, Changes, with_values
from openclaw_config.validation.migrations.rows import meets, steps

if TYPE_CHECKING:
    from openclaw_config.files import Reader
    from openclaw_config.loading.load import Document
    from openclaw_config.plan.diff import Change as PlanChange
    from openclaw_config.plan.model import Plan

FROM, TO = "2026.4.29", "2026.9.6"


@dataclass(frozen=True, eq=False, repr=False)
class Migration(Changed):
    """What a config becomes in another release.

    ``done`` is what the migration did and asks, ``answered`` has the paths of what was answered.
    """

    done: tuple[Change, ...] = ()
    answered: frozenset[str] = frozenset()

    @property
    def changes(self) -> tuple[Change, ...]:
        """What was done, and what is left to decide."""
        return (*self.done, *(left.change for left in self.left))

    @cached_property
    def left(self) -> tuple[_Left, ...]:
        """What keeps the result from loading, and what could be made of it."""
        asked = {change.path: True for change in self.done if change.open}
        # What is wrong for want of an answer in words is no question of its own.
        waits = any(it.open and (not it.choices or engine.ANY in it.choices) for it in self.done)
        skip = self.errors or not self.trees or waits
        return () if skip else tuple(_left(self.after, asked))

    @property
    def open(self) -> tuple[Change, ...]:
        """What a person must decide."""
        return tuple(change for change in self.changes if change.open)

    def _counting(
        self, changes: Iterable[PlanChange], plans: tuple[Sequence[Plan], ...]
    ) -> Iterator[PlanChange]:
        """Those of models, order, addresses and keys."""
        sending = {
            (surface.surface, candidate.ref)
            for plan in (*plans[0], *plans[1])
            for surface in plan.surfaces
            for candidate in surface.candidates
            if candidate.steps and not candidate.automatic  # Those are the release's own.
        }
        return (
            change
            for change in changes
            if change.where in ("agent", "chat") or (change.where, change.candidate) in sending
            if _counts(change)
        )


class _Left(NamedTuple):
    """An error of the result, and the edits of its text by which a person may settle it."""

    change: Change
    edits: Mapping[str, tuple[Edit, ...]]


def _left(report: Report, asked: dict[KeyPath, bool]) -> Iterator[_Left]:
    """The errors of a report, one a place; none where the migration has ``asked`` already."""
    root = report.document.root if report.document is not None else None
    for found in report.diagnostics:
        path = found.key_path
        if not found.blocks or any(path[:end] in asked for end in range(len(path) + 1)):
            continue
        asked[path] = True
        fix, gone = found.fix, edits.removal(root, path) if root is not None else None
        ways = {} if fix is None else {"fix": (fix.title, fix.edits)}
        if gone:
            ways["remove"] = ("it is removed", gone)
        key = key_path_text(path)
        note = found.message.removeprefix(f"{key}: ").removeprefix(f"{key} " if path[1:] else "")
        choices = {name: masked(effect) for name, (effect, _) in ways.items()}
        change = Change(engine.DECIDE, path, note, old=child(root, *path), choices=choices)
        yield _Left(change, {name: made for name, (_, made) in ways.items()})


def _answer(found: Migration, answers: Mapping[str, str]) -> Migration:
    """A migration with what its answers make of what it left."""
    for change, ways in reversed(found.left):  # so that no index of an item changes
        key, answer = engine.answer_to(change.path, answers)
        made = ways.get(answer)
        if made is not None and key not in found.answered and change.old is not None:
            source = change.old.source
            note = change.choices[answer]
            done = change._replace(kind=engine.VALUE, note=note, choices={}, loses=True)
            more = replace(
                found,
                texts={**found.texts, source.path or "": edits.apply(source.text, made)},
                done=(*found.done, done),
                answered=found.answered | {key},
            )
            return _answer(more, answers)
    return found


def _counts(change: PlanChange) -> bool:
    """Whether a config asks another model, in another order, elsewhere or with another key.

    What else differs is the release's own doing, and the same for every config.
    """
    if change.kind != "changed" or not change.changes_requests:
        return change.changes_requests
    moved = all(str(value).startswith("config:") for value in (change.old, change.new))
    hosts = [str(value).split("/")[:3] for value in (change.old, change.new)]
    return (change.field.endswith((".url", ".origin")) and hosts[0] != hosts[1]) or (
        change.field.startswith("credential")
        and not change.field.endswith((".path", ".fallbackPath", ".missing"))
        and not moved
        and _keys(change.old) != _keys(change.new)
    )


def _keys(chain: object) -> object:
    """The places of a chain where a key is, without a key that may be a profile's id (AUTH-24)."""
    if not isinstance(chain, list):
        return chain
    return [
        (one["kind"], one["ref"])
        for one in chain
        if one["kind"] == "profiles" or "profiles" not in one
    ]


def migrate(
    path: str | os.PathLike[str] | None = None,
    *,
    text: str | bytes | None = None,
    name: str | None = None,
    old: str = FROM,
    new: str = TO,
    answers: Mapping[str, str] | None = None,
    read: Reader | None = None,
    only: KeyPath = (),
) -> Migration:
    """What a config of one release becomes in another. Never raises for bad input, writes nothing.

    ``path``, ``text`` and ``read`` are as in ``check``. ``answers`` say what becomes of what a
    person must decide: the key's path and one of the choices that a ``Change`` names. ``only`` is
    the path of a key, of keys alone, besides which nothing is migrated; () stands for everything.
    """
    from openclaw_config.syntax.nodes import gc_paused

    path = None if path is None else os.fspath(path)
    document = load(path, text=text, name=name, target=old, read=read)
    shown = document.source.name if document.source else name or path or "openclaw.json"
    if not document.readable or not isinstance(document.root, ObjectNode):
        return Migration(shown, path, document.trees, {}, old, new, document.diagnostics)
    with gc_paused(), deep():
        root, trees = document.written, document.trees
        assert isinstance(root, ObjectNode)
        part, rest = _parted(root, only) if only else (root, None)
        changes = Changes(part, answers)
        migrated: Node = migrate_tree(part, changes, old, new)
        changed: dict[str, str] = {}
        if migrated is not part:
            migrated = merge([rest, migrated]) if rest else migrated
            changed, where = new_texts(document, migrated)
            if where is not None:
                changed = {}
                changes.all.append(Change(engine.DECIDE, where, _SEVERAL_PLACES))
        changes.all += _notes(document, changed, old, new)
    answered = frozenset(changes.answered)
    done = Migration(
        shown, path, trees, changed, old, new, done=tuple(changes.all), answered=answered
    )
    return _answer(done, answers) if answers else done


def _parted(root: ObjectNode, path: KeyPath) -> tuple[ObjectNode, ObjectNode]:
    """A config with nothing but the key at a path, and without it."""
    key = str(path[0])
    inner = root.get(key)
    alone, rest = inner, None
    if path[1:] and isinstance(inner, ObjectNode):
        alone, rest = _parted(inner, path[1:])
    return with_values(root, {**dict.fromkeys(root.index), key: alone}), with_values(
        root, {key: rest}
    )


_SEVERAL_PLACES = (
    "a file that is included in several places needs another change in each:"
    " write the settings of this key into the files that include it"
)


def _notes(document: Document, texts: Mapping[str, str], old: str, new: str) -> Iterator[Change]:
    """What a person should know of the texts and of the folder (MIG-61, MIG-71)."""
    for found in document.diagnostics:
        if found.rule == "duplicate-key":
            yield Change(engine.NOTE, found.key_path, found.message)
    touched = child(document.root, "meta", "lastTouchedVersion")
    if texts and touched is not None:
        note = (
            f"still says {to_value(touched)}, and OpenClaw will write it anew:"
            f" until then, check the file with --target {new}"
        )
        yield Change(engine.NOTE, ("meta", "lastTouchedVersion"), note, old=touched)
    newer = Environment.process(cwd=working_folder())
    older = newer.of_release(old)
    for name in older.names():
        place, owner = newer.ignored.get(name), child(document.root, "env")
        known = child(owner, name) or child(owner, "vars", name) or newer.variable(name)
        if place is not None and name not in older.ignored and known is None:
            note = (
                f"{new} takes no such variable from {place.source.name} of the working folder:"
                " write it into the .env of the state folder"
            )
            yield Change(engine.NOTE, ("env", "vars", name), note)


def migrate_tree(root: ObjectNode, changes: Changes, old: str = FROM, new: str = TO) -> ObjectNode:
    """The tree of a release's config in another release."""
    if new == FROM:
        from openclaw_config.validation.migrations.latest import back

        return pruned(back(root, changes), root)
    tree = engine.apply(root, FROM, changes, _OF_READING) if old == FROM else root
    skip = frozenset(() if old == FROM else ("latest.allowlist",))
    return pruned(engine.apply(tree, TO, changes, skip), root)


_OF_READING = frozenset(
    ("earlier.audio", "earlier.origins", "earlier.runtime_refs", "driver", "installs")
)
"""What 2026.4.29 does on each read, and the rows to the new release do for themselves (MIG-3)."""

_RECORDS = (
    "agents.entries.*", "channels.*", "channels.*.accounts.*", "plugins.entries.*", "mcp.servers.*",
    "models.providers.*", "agents.defaults.models.*", "agents.entries.*.models.*",
)  # fmt: skip
"""Objects whose keys are names: what stands there says something without a key of its own."""


def pruned(root: ObjectNode, old: ObjectNode) -> ObjectNode:
    """The tree without the objects that the migration has emptied (MIG-8)."""
    full = {(id(node.source), node.start) for node in containers(old) if children(node)}
    records = [*map(steps, _RECORDS)]

    def kept(node: Node, path: KeyPath = ()) -> Node | None:
        node = engine.rebuilt(node, path, kept)
        if not isinstance(node, ObjectNode) or node.index or not path or isinstance(path[-1], int):
            return node
        named = any(len(it) == len(path) and meets(it, path) for it in records)
        emptied = (id(node.source), node.start) in full or node.end == node.start
        return None if emptied and not named else node

    found = kept(root)
    return found if isinstance(found, ObjectNode) else root
