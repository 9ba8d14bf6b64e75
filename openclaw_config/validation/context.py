"""What a rule sees of a config, and which rules a config needs."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from openclaw_config.diagnostics import model
from openclaw_config.diagnostics.model import Diagnostic, Rule
from openclaw_config.loading.environment import expand
from openclaw_config.loading.load import Document
from openclaw_config.syntax import nodes
from openclaw_config.syntax.nodes import ArrayNode, Member, Node, ObjectNode, StringNode
from openclaw_config.syntax.text import KeyPath, Location, Span, trim
from openclaw_config.validation import rules
from openclaw_config.validation.schema import Problem

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
    the target writes what moved between versions. ``rule`` is the rule that runs.
    """

    rule: Rule
    broken: tuple[KeyPath, ...] = ()
    flagged: tuple[Problem, ...] = ()
    secrets: tuple[tuple[KeyPath, Node], ...] = ()

    def __init__(self, root: ObjectNode, document: Document, written: ObjectNode) -> None:
        self.root = root
        self.written = written
        self.document = document
        self.keys = document.target.keys
        self.target = document.target.release

    # --- what the config has ---

    def get(self, *path: str | int) -> Node | None:
        """The value at a path, or None."""
        return nodes.child(self.root, *path)

    def object(self, *path: str | int) -> ObjectNode | None:
        """The object at a path, or None when there is none or it is something else."""
        node = nodes.child(self.root, *path)
        return node if isinstance(node, ObjectNode) else None

    def text(self, *path: str | int) -> str | None:
        """The string at a path, or None when there is none or its text is not known yet."""
        return known_text(nodes.child(self.root, *path))

    def names_at(self, *path: str) -> list[str]:
        """The keys of the object at a path; none when there is no object."""
        node = self.object(*path)
        return [] if node is None else list(node.values)

    def each(self, *pattern: str) -> Iterator[tuple[KeyPath, Node]]:
        """The values that a pattern of keys, ``*`` and ``[]`` reaches, with their paths."""
        return select(self.root, *pattern)

    def tree(self, *path: str) -> Iterator[tuple[KeyPath, Node]]:
        """The value at a path and every one below it, in the order of the text."""
        return nodes.paths_of(self.get(*path), path)

    def settings(self, *pattern: str) -> Iterator[tuple[KeyPath, Node]]:
        """The values of a pattern below ``agents.defaults``, and below each agent."""
        yield from self.each("agents", "defaults", *pattern)
        yield from self.each(*self.keys.agent, *pattern)

    @cached_property
    def external(self) -> External:
        """The plugins that are not bundled; looked for once."""
        from openclaw_config.validation.plugins import external

        return external(self.document)

    @cached_property
    def names(self) -> Names:
        """The aliases and models by which chat models can be named; read once."""
        from openclaw_config.view.refs import names_of

        return names_of(self.document)

    @cached_property
    def models(self) -> dict[str, dict[str, Node]]:
        """The models of each block of ``models.providers`` by their ids; the first of an id."""
        found: dict[str, dict[str, Node]] = {}
        for path, entry in self.each("models", "providers", "*", "models", "[]"):
            name = known_text(nodes.child(entry, "id"))
            if name is not None:
                found.setdefault(str(path[2]), {}).setdefault(name, entry)
        return found

    def proxy(self, provider: str) -> str:
        """The base URL that takes the place of a model provider's own, or ""."""
        from openclaw_config import registry
        from openclaw_config.plan.urls import host_of

        url = self.text("models", "providers", provider, "baseUrl") or ""
        return "" if provider in registry.owners(self.target, host_of(url)) else url.strip()

    def breaches(
        self, name: str, text: str, *inside: str, reported: KeyPath | None = None
    ) -> Iterator[Diagnostic]:
        """Findings about the objects that break what the schema itself states as an ``x-rule``.

        They stand at the key that ``inside`` leads to. OpenClaw reports the same, or the one that
        ``reported`` leads to.
        """
        for problem in self.flagged:
            if problem.key == name and self.is_sound(problem.path):
                where = (*problem.path, *(inside if reported is None else reported))
                yield self.at_key(problem.path, text, *inside, reported=where)

    @cached_property
    def _unsound(self) -> set[KeyPath]:
        return prefixes(self.broken)

    def since(self, release: str) -> bool:
        """Whether the target is a release or a later one."""
        return model.version(self.target) >= model.version(release)

    def is_sound(self, path: KeyPath) -> bool:
        """Whether nothing at or below a path is so wrong that its rules are skipped."""
        return path not in self._unsound

    # --- what a rule reports ---

    def key(self, path: KeyPath) -> Location | None:
        """The place of the key that leads to a path, as far as there is one."""
        while path and self.get(*path) is None:
            path = path[:-1]
        return key_location(self.root, path)

    def run(self, rule: Rule) -> Iterator[Diagnostic]:
        """The findings of a rule."""
        self.rule = rule
        assert rule.run is not None
        yield from rule.run(self)

    def at_key(
        self,
        path: KeyPath,
        text: str,
        *inside: str,
        near: str | None = None,
        reported: KeyPath = (),
        **details: Any,
    ) -> Diagnostic:
        """A finding at the key of a value; the message is its key path and then the text.

        With keys ``inside`` the value it stands at the key that they lead to. OpenClaw reports the
        same path, or the one ``reported``. ``near`` is the key that was probably meant.
        """
        where = (*path, *inside)
        owner, member = self.object(*path[:-1]), holder(self.root, path) if near else None
        if near and owner is not None and member is not None:
            from openclaw_config.validation.suggest import renaming

            details["label"] = f"did you mean {model.name_text(near)}?"
            details["fix"] = None if owner.get(near) else renaming(member, near)
        return self.rule.at(self.key(where), _sentence(path, text), reported or where, **details)

    def at_value(
        self, path: KeyPath, text: str, near: str | None = None, **details: Any
    ) -> Diagnostic:
        """The same at the value itself; ``near`` is the text that was probably meant.

        The label, of the finding or of the rule, is for one that is no misspelling.
        """
        node = nodes.child(self.root, *path)
        if near and isinstance(node, StringNode):
            from openclaw_config.validation.suggest import rewording

            details["label"] = f'did you mean "{near}"?'
            details.setdefault("fix", rewording(node, near))
        place = None if node is None else node.location
        return self.rule.at(place, _sentence(path, text), path, **details)

    def misnamed(
        self, path: KeyPath, text: str, names: Iterable[str], known: str = "", **more: Any
    ) -> Diagnostic:
        """A finding about a text that names none of those that there are; ``known`` lists them."""
        from openclaw_config.validation.suggest import nearest

        if known:
            more["helps"] = (f"{known}: {listed([*names])}",)
        return self.at_value(path, text, nearest(self.text(*path) or "", names), **more)


def _sentence(path: KeyPath, text: str) -> str:
    return f"{model.key_path_text(path)}{'' if text.startswith(':') else ' '}{text}"


def holder(root: Node, path: KeyPath) -> Member | None:
    """The member that holds the value at a path; None for the root and for items of arrays."""
    if not path or not isinstance(path[-1], str):
        return None
    parent = nodes.child(root, *path[:-1])
    return parent.member(path[-1]) if isinstance(parent, ObjectNode) else None


def key_location(root: Node, path: KeyPath) -> Location | None:
    """The place of the key that holds the value at a path; the value's own without a key."""
    member, node = holder(root, path), nodes.child(root, *path)
    if member is not None:
        return member.key_location
    return None if node is None else node.location


def start_of(root: Node, path: KeyPath) -> Location:
    """A scalar's place; of an object or a list, that of its key or its opening bracket."""
    node, member = nodes.child(root, *path) or root, holder(root, path)
    if node.kind not in ("object", "array"):
        return node.location
    opening = Location(node.source, Span(node.start, min(node.start + 1, node.end)))
    return member.key_location if member is not None else opening


def known_text(node: Node | None) -> str | None:
    """The text of a string, or None for something else and for a text that is not known yet."""
    return node.value if isinstance(node, StringNode) and not node.assumed else None


def texts(found: Iterable[tuple[KeyPath, Node]]) -> Iterator[tuple[KeyPath, StringNode]]:
    """Those of some values that are strings whose text is known."""
    for path, node in found:
        if isinstance(node, StringNode) and not node.assumed:
            yield path, node


def listed(names: Sequence[str], most: int = 100) -> str:
    """Names as a help lists them; past ``most`` it says how many more there are."""
    more = (f"{len(names) - most:,} more",) if len(names) > most else ()
    return ", ".join((*names[:most], *more))


def user_path(document: Document, text: str) -> str:
    """A path that a config gives (LOAD-45): ``~`` is the home, relative ones are the process's."""
    return expand(trim(text), document.home, os.getcwd())


def shared_workspace(document: Document) -> str:
    """The default agent's workspace, where nothing else is said."""
    written = trim(known_text(nodes.child(document.root, "agents", "defaults", "workspace")) or "")
    folder = os.path.join(document.state_dir, "workspace")
    return user_path(document, written) if written else folder


def select(root: Node | None, *pattern: str) -> Iterator[tuple[KeyPath, Node]]:
    """The values that a pattern reaches, with their paths, in the order of the text.

    A step is a key, ``*`` for every key of an object, or ``[]`` for every item of an array; steps
    may be joined by dots.
    """
    found: list[tuple[KeyPath, Node]] = [] if root is None else [((), root)]
    for step in ".".join(pattern).split(".") if pattern else ():
        if step in ("*", "[]"):
            kind = ObjectNode if step == "*" else ArrayNode
            found = [
                ((*path, key), value)
                for path, node in found
                if isinstance(node, kind)
                for key, value in nodes.children(node)
            ]
        else:
            found = [
                ((*path, step), value)
                for path, node in found
                if isinstance(node, ObjectNode) and (value := node.get(step))
            ]
    return iter(found)


def rules_for(sections: Iterable[str], release: str, optional: bool = False) -> Iterator[Rule]:
    """The rules of a release that look at one of these sections, in the order of the modules.

    A module of rules is imported when the index says that one of its rules looks at one of them.
    """
    present = {*sections, "*"}
    for name, needed in {**rules.MODULES, **(rules.OPTIONAL if optional else {})}.items():
        if present.isdisjoint(needed.split()):
            continue
        for rule in model.rules_of(f"{rules.PACKAGE}.{name}"):
            if (rule.default or optional) and not present.isdisjoint(rule.sections):
                known = rule.of_release(release)
                if known is not None:
                    yield known
