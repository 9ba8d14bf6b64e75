"""The two rules about old keys, and how a migration reports what it moved."""

from __future__ import annotations

from openclaw_config.diagnostics.model import ERROR, WARNING, Diagnostic, Edit, Fix, key_path_text
from openclaw_config.diagnostics.rules import Rule
from openclaw_config.syntax.nodes import Member, Node, ObjectNode, child
from openclaw_config.syntax.spans import KeyPath
from openclaw_config.validation import edits

LEGACY_KEY = Rule(
    name="legacy-key",
    severity=WARNING,
    summary="An old key or value that OpenClaw still reads.",
    why=(
        "OpenClaw rewrites some old spellings in memory each time it reads the file, so the config"
        " works today. Newer versions stop doing so, and then the file no longer loads."
    ),
    bad='{ messages: { tts: { openai: { voice: "alloy" } } } }',
    good='{ messages: { tts: { providers: { openai: { voice: "alloy" } } } } }',
    source="legacy-gate, LOAD-35",
)

REFUSED_LEGACY_KEY = Rule(
    name="refused-legacy-key",
    severity=ERROR,
    summary="An old key with a value that OpenClaw cannot carry over.",
    why=(
        "OpenClaw knows where the old key went, but it only moves a value of the type that the key"
        " once had. With any other value it stops at this key and does not look at the rest."
    ),
    bad='{ memorySearch: "yes" }',
    good="{ agents: { defaults: { memorySearch: { enabled: true } } } }",
    blocks=True,
    source="legacy-gate",
)


class Findings:
    """What the migrations of one config found. ``root`` is the tree before any of them."""

    __slots__ = ("found", "root")

    def __init__(self, root: ObjectNode) -> None:
        self.root = root
        self.found: list[Diagnostic] = []

    def moved(
        self,
        path: KeyPath,
        target: tuple[str | int, ...],
        value: str | None = None,
        note: str = "",
        shown: tuple[str | int, ...] = (),
    ) -> None:
        """A key whose value goes to another place; ``value`` is the text written there.

        ``shown`` is the place to name where it is not the one that is written to.
        """
        change = None
        if all(isinstance(step, str) for step in target):
            change = edits.move(self.root, path, tuple(map(str, target)), value)
        elif target[:-1] == path[:-1]:
            change = self._renamed(path, str(target[-1]), value)
        self._report(path, f"write {key_path_text(shown or target)} instead", change, note)

    def revalued(self, path: KeyPath, value: str, note: str = "") -> None:
        """A key whose old value stands for another one; ``value`` is its text."""
        node = child(self.root, *path)
        change = (
            None
            if node is None or _owner(self.root, path) is None
            else (edits.replace(node, value),)
        )
        self._report(path, f"write {value} instead", change, note)

    def removed(self, path: KeyPath, note: str = "") -> None:
        """A key that has no effect any more."""
        owner = _owner(self.root, path)
        member = None if owner is None else owner.member(str(path[-1]))
        change = None if owner is None or member is None else edits.remove(owner, member)
        self._report(path, "remove it", change, note, "an old key that OpenClaw takes away")

    def _renamed(self, path: KeyPath, key: str, value: str | None) -> tuple[Edit, ...] | None:
        owner = _owner(self.root, path)
        member = None if owner is None else owner.member(str(path[-1]))
        if (
            owner is None
            or member is None
            or key in owner.index
            or not edits.is_plain(owner, member)
        ):
            return None
        renamed = edits.rename(member, key)
        return (renamed,) if value is None else (renamed, edits.replace(member.value, value))

    def _report(
        self,
        path: KeyPath,
        what: str,
        change: tuple[Edit, ...] | None,
        note: str,
        status: str = "an old spelling that OpenClaw still reads",
    ) -> None:
        member = _member(self.root, path)
        node = child(self.root, *path)
        location = member.key_location if member else node.location if node else None
        self.found.append(
            LEGACY_KEY.at(
                location,
                f"{key_path_text(path)} is {status}",
                path,
                label=what,
                notes=(note,) if note else (),
                fix=None if change is None else Fix(what, change),
            )
        )


def refused(root: Node, path: KeyPath, new: str) -> Diagnostic:
    """A legacy key that stayed because its value cannot be moved."""
    member = _member(root, path)
    node = child(root, *path)
    location = member.key_location if member else node.location if node else None
    return REFUSED_LEGACY_KEY.at(
        location,
        f"{key_path_text(path)} is an old key, and OpenClaw cannot carry this value over",
        path,
        label=f"write {new} instead",
    )


def _owner(root: Node, path: KeyPath) -> ObjectNode | None:
    owner = child(root, *path[:-1])
    return owner if isinstance(owner, ObjectNode) and isinstance(path[-1], str) else None


def _member(root: Node, path: KeyPath) -> Member | None:
    owner = _owner(root, path)
    return None if owner is None else owner.member(str(path[-1]))
