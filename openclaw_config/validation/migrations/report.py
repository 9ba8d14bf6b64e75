"""The two rules about old keys, and how a migration reports what it moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openclaw_config.diagnostics.model import WARNING, Diagnostic, Edit, Fix, key_path_text
from openclaw_config.diagnostics.rules import rule
from openclaw_config.syntax.nodes import Node, ObjectNode, StringNode, child
from openclaw_config.syntax.spans import KeyPath, Location

if TYPE_CHECKING:
    from openclaw_config.validation.migrations.engine import Row


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


class Findings:
    """What the migrations of one config found. ``root`` is the tree before any of them."""

    __slots__ = ("_made", "found", "root")

    def __init__(self, root: ObjectNode) -> None:
        self.root = root
        self.found: list[Diagnostic] = []
        self._made: set[tuple[int, str]] = set()

    def start(self, tree: ObjectNode, row: Row) -> None:
        """Called before each row with the tree that it works on."""

    def decide(self, path: KeyPath, message: str, **choices: str) -> str:
        """Ask a person what becomes of a key; gives the choice, or "" while there is none."""
        return ""

    def warned(self, path: KeyPath, message: str) -> None:
        """Something that a person should know, about a key that may stay."""

    def moved(
        self,
        path: KeyPath,
        target: tuple[str | int, ...],
        value: str | None = None,
        note: str = "",
        shown: tuple[str | int, ...] = (),
    ) -> None:
        """A key whose value goes to another place; ``value`` is the text written there.

        ``shown`` is the place to name where it is not the one that is written to. Of several keys
        that go to a new object only the first gets a fix: the others would make it once more.
        """
        from openclaw_config.syntax import edits

        shared = _shared(path, target)
        owner = child(self.root, *path[:shared])
        change = None
        if isinstance(owner, ObjectNode) and all(isinstance(step, str) for step in target[shared:]):
            there = tuple(map(str, target[shared:]))
            place, missing = edits.insertion_point(owner, there)
            if missing and (id(place), missing[0]) not in self._made:
                change = edits.move(owner, path[shared:], there, value)
                self._made.add((id(place), missing[0]))
            elif not missing and value is None:
                change = edits.merge(owner, path[shared:], there)
        self._report(path, f"write {key_path_text(shown or target)} instead", change, note)

    def revalued(
        self, path: KeyPath, value: str, note: str = "", alone: bool = True, safe: bool = True
    ) -> None:
        """A key whose old value stands for another one; ``value`` is its text.

        It is not ``alone`` when something else has to change with it, and not ``safe`` when
        OpenClaw does more for the new text than for the old one.
        """
        node = child(self.root, *path)
        change = None
        from openclaw_config.syntax import edits

        made = isinstance(node, StringNode) and node.variables
        if alone and node is not None and not made and _owner(self.root, path) is not None:
            change = (edits.replace(node, value),)
        self._report(path, f"write {value} instead", change, note, safe=safe)

    def replaced(self, path: KeyPath, advice: str) -> None:
        """A key whose value is read in a way that no plain change of the text can bring about."""
        self._report(path, advice, None, "")

    def removed(self, path: KeyPath, note: str = "") -> None:
        """A key that has no effect any more."""
        from openclaw_config.syntax import edits

        owner = _owner(self.root, path)
        member = None if owner is None else owner.member(str(path[-1]))
        change = None if owner is None or member is None else edits.remove(owner, member)
        self._report(path, "remove it", change, note, "an old key that OpenClaw takes away")

    def _report(
        self,
        path: KeyPath,
        what: str,
        change: tuple[Edit, ...] | None,
        note: str,
        status: str = "an old spelling that OpenClaw still reads",
        safe: bool = True,
    ) -> None:
        self.found.append(
            legacy_key.at(
                _location(self.root, path),
                f"{key_path_text(path)} is {status}",
                path,
                label=what,
                notes=(note,) if note else (),
                fix=None if change is None else Fix(what, change, safe),
            )
        )


def refused(root: Node, path: KeyPath, new: KeyPath) -> Diagnostic:
    """A legacy key that stayed because its value cannot be moved to its ``new`` place."""
    return refused_legacy_key.at(
        _location(root, path),
        f"{key_path_text(path)} is an old key, and OpenClaw cannot carry this value over",
        path,
        label=f"remove it: {key_path_text(new)} is set already"
        if new != path and child(root, *new) is not None
        else f"write {key_path_text(new)} instead",
    )


def _shared(path: KeyPath, target: KeyPath) -> int:
    """How many steps two paths have in common, the last of each apart."""
    count = 0
    for mine, other in zip(path[:-1], target[:-1], strict=False):
        if mine != other:
            break
        count += 1
    return count


def _owner(root: Node, path: KeyPath) -> ObjectNode | None:
    owner = child(root, *path[:-1])
    return owner if isinstance(owner, ObjectNode) and isinstance(path[-1], str) else None


def _location(root: Node, path: KeyPath) -> Location | None:
    owner, node = _owner(root, path), child(root, *path)
    member = None if owner is None else owner.member(str(path[-1]))
    return member.key_location if member else node.location if node else None
