"""What a rule sees of a config, and how a rule is declared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from openclaw_config.diagnostics.model import Diagnostic
from openclaw_config.loading.document import Document
from openclaw_config.syntax.nodes import Node, ObjectNode, StringNode, child
from openclaw_config.syntax.spans import KeyPath, Location
from openclaw_config.validation.evaluator import Secret
from openclaw_config.validation.lookup import holder, select

if TYPE_CHECKING:
    from openclaw_config.validation.plugins import External


def prefixes(paths: Iterable[KeyPath]) -> set[KeyPath]:
    """The ways to all that some values lie in, and to themselves."""
    return {path[:size] for path in paths for size in range(len(path) + 1)}


class Config:
    """A config whose old keys are read already, and what is known about its structure.

    ``root`` is the tree, ``written`` the one before old keys were read. ``broken`` are the paths
    of problems that keep OpenClaw from applying the cross-field rules of the objects around them.
    ``secrets`` are the values at keys that hold secrets, each once.
    """

    __slots__ = (
        "_external",
        "_unsound",
        "broken",
        "document",
        "root",
        "secrets",
        "target",
        "written",
    )

    def __init__(
        self,
        root: ObjectNode,
        document: Document,
        target: str,
        broken: tuple[KeyPath, ...] = (),
        secrets: tuple[Secret, ...] = (),
        written: ObjectNode | None = None,
    ) -> None:
        self.root = root
        self.written = written or root
        self.document = document
        self.target = target
        self.broken = broken
        self.secrets = secrets
        self._unsound: set[KeyPath] | None = None
        self._external: External | None = None

    def get(self, *path: str | int) -> Node | None:
        """The value at a path, or None."""
        return child(self.root, *path)

    def object(self, *path: str | int) -> ObjectNode | None:
        """The object at a path, or None when there is none or it is something else."""
        node = child(self.root, *path)
        return node if isinstance(node, ObjectNode) else None

    def text(self, *path: str | int) -> str | None:
        """The string at a path, or None when there is none or its text is not known yet."""
        node = child(self.root, *path)
        return node.value if isinstance(node, StringNode) and not node.assumed else None

    def each(self, *pattern: str) -> Iterator[tuple[KeyPath, Node]]:
        """The values that a pattern of keys, ``*`` and ``[]`` reaches, with their paths."""
        return select(self.root, *pattern)

    def external(self) -> External:
        """The plugins that are not bundled; looked for once."""
        if self._external is None:
            from openclaw_config.validation.plugins import external

            self._external = external(self.root, self.document)
        return self._external

    def sound(self, path: KeyPath) -> bool:
        """Whether nothing at or below a path is so wrong that its rules are skipped."""
        if self._unsound is None:
            self._unsound = prefixes(self.broken)
        return path not in self._unsound

    def key(self, path: KeyPath) -> Location | None:
        """The place of the key that holds the value at a path; the value's own without a key."""
        member = holder(self.root, path)
        if member is not None:
            return member.key_location
        node = child(self.root, *path)
        return None if node is None else node.location


Run: TypeAlias = Callable[[Config], Iterator[Diagnostic]]


class Check(NamedTuple):
    """A rule's code: ``run`` is called when the config has one of the ``sections``."""

    stage: int
    sections: tuple[str, ...]
    run: Run


def check(stage: int, *sections: str) -> Callable[[Run], Check]:
    """Declare a function as a rule's code. ``stage`` is one of ``issues``' constants."""

    def declare(run: Run) -> Check:
        return Check(stage, sections, run)

    return declare
