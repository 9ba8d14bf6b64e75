"""What a rule sees of a config, and which rules a config needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from openclaw_config.diagnostics.rules import Rule, rules_of
from openclaw_config.loading.document import Document
from openclaw_config.syntax.nodes import ArrayNode, Member, Node, ObjectNode, StringNode, child
from openclaw_config.syntax.spans import KeyPath, Location
from openclaw_config.validation.evaluator import Problem, Secret
from openclaw_config.validation.rules import index

if TYPE_CHECKING:
    from openclaw_config.validation.plugins import External
    from openclaw_config.view.refs import Names


def prefixes(paths: Iterable[KeyPath]) -> set[KeyPath]:
    """The ways to all that some values lie in, and to themselves."""
    return {path[:size] for path in paths for size in range(len(path) + 1)}


class RuleContext:
    """A config whose old keys are read already, and what is known about its structure.

    ``root`` is the tree, ``written`` the one before old keys were read. ``broken`` are the paths
    of problems that keep OpenClaw from applying the cross-field rules of the objects around them.
    ``flagged`` are the problems of kind ``rule``.
    ``secrets`` are the values at keys that hold secrets, each once. ``keys`` say where
    the target writes what moved between versions.
    """

    __slots__ = (
        "_external",
        "_names",
        "_unsound",
        "broken",
        "document",
        "flagged",
        "keys",
        "root",
        "secrets",
        "target",
        "written",
    )

    def __init__(
        self,
        root: ObjectNode,
        document: Document,
        broken: tuple[KeyPath, ...] = (),
        secrets: tuple[Secret, ...] = (),
        written: ObjectNode | None = None,
    ) -> None:
        self.root = root
        self.written = written or root
        self.document = document
        self.keys = document.target.keys
        self.target = document.target.release
        self.broken = broken
        self.flagged: tuple[Problem, ...] = ()
        self.secrets = secrets
        self._unsound: set[KeyPath] | None = None
        self._external: External | None = None
        self._names: Names | None = None

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

    @property
    def names(self) -> Names:
        """The aliases and models by which chat models can be named; read once."""
        if self._names is None:
            from openclaw_config.view.refs import names_of

            self._names = names_of(self.document)
        return self._names

    def breaches(self, name: str) -> Iterator[tuple[KeyPath, Node]]:
        """The objects that break a rule that the schema itself states, by its ``x-rule``."""
        for problem in self.flagged:
            if problem.key == name and self.is_sound(problem.path):
                yield problem.path, problem.node

    def is_sound(self, path: KeyPath) -> bool:
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


def holder(root: Node, path: KeyPath) -> Member | None:
    """The member that holds the value at a path; None for the root and for items of arrays."""
    if not path or not isinstance(path[-1], str):
        return None
    parent = child(root, *path[:-1])
    return parent.member(path[-1]) if isinstance(parent, ObjectNode) else None


def select(root: Node | None, *pattern: str) -> Iterator[tuple[KeyPath, Node]]:
    """The values that a pattern reaches, with their paths, in the order of the text.

    A step is a key, ``*`` for every key of an object, or ``[]`` for every item of an array.
    """
    if root is None:
        return
    if not pattern:
        yield (), root
        return
    step, *rest = pattern
    if step == "[]":
        if isinstance(root, ArrayNode):
            for at, item in enumerate(root.items):
                for path, node in select(item, *rest):
                    yield (at, *path), node
    elif isinstance(root, ObjectNode):
        members = root.index.values() if step == "*" else filter(None, (root.member(step),))
        for member in members:
            for path, node in select(member.value, *rest):
                yield (member.key, *path), node


def rules_for(sections: Iterable[str], release: str, optional: bool = False) -> Iterator[Rule]:
    """The rules of a release that look at one of these sections, in the order of the modules.

    A module of rules is imported when the index says that one of its rules looks at one of them.
    """
    present = {*sections, "*"}
    for name, needed in {**index.MODULES, **(index.OPTIONAL if optional else {})}.items():
        if present.isdisjoint(needed):
            continue
        for rule in rules_of(f"{index.PACKAGE}.{name}"):
            if (rule.default or optional) and not present.isdisjoint(rule.sections):
                known = rule.of_release(release)
                if known is not None:
                    yield known
