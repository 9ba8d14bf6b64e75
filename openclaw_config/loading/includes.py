"""``$include``: one tree out of several files (LOAD-20 to LOAD-25).

Everything that OpenClaw refuses is an error at the ``$include`` that asks for it, and reading goes
on, so that one run finds all of them. Nothing outside the config's folder is opened.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import takewhile
from typing import Any, TypeAlias

from openclaw_config import files
from openclaw_config.diagnostics.model import ERROR, Diagnostic, Related, Rule
from openclaw_config.loading import rules
from openclaw_config.loading.environment import absolute
from openclaw_config.syntax import nodes
from openclaw_config.syntax.nodes import ArrayNode, Member, Node, ObjectNode, StringNode, Tree
from openclaw_config.syntax.parser import decode, parse
from openclaw_config.syntax.text import KeyPath

INCLUDE = "$include"
MAX_LEVELS = 10
"""How deep includes may be nested (LOAD-24)."""
MAX_FILE_BYTES = 2 * 1024 * 1024
"""The largest file that may be included (LOAD-23)."""
MAX_INCLUDES = 1000
"""How many includes are followed in all, a file counting as often as it is asked for. Our bound."""
MAX_TOTAL = 16 * 1024 * 1024
"""How many characters all includes may bring, counted in the same way. Our bound."""


_Chain: TypeAlias = "dict[str, str]"
"""The paths of the files from the config to an include, and where each is included from."""


class _FailedInclude(Exception):  # noqa: N818
    """Why an include brings nothing: a rule, a message, and other ``details`` of the finding.

    ``blocks`` is False for bounds of our own.
    """

    def __init__(self, rule: Rule, message: str, **details: Any) -> None:
        self.finding = rule, message, details


class Assembly:
    """A config's tree with its includes in place, the files that went into it, what was found.

    ``complete`` is False when an include failed; ``root`` then lacks what it would have brought.
    Keys that OpenClaw drops are reported too. ``mounts`` are the objects with an ``$include``, by
    their identities, and the names and roots of the files that each brings in, as they are written.

    ``path`` is the config's own absolute path; its folder, or one of ``roots``, has all includes
    (LOAD-22). ``tree`` must have a root. ``read`` reads the included files, by default from the
    disk.
    """

    def __init__(
        self, tree: Tree, path: str, read: files.Reader | None, roots: tuple[str, ...]
    ) -> None:
        path = os.path.normpath(path)
        self.read_below = read or files.read_below
        self.folder = os.path.dirname(path)
        self.folders = (self.folder, *roots)
        self.real_folders = tuple(map(os.path.realpath, self.folders))
        self.shown_folder = os.path.dirname(tree.source.name)
        # The trees of the files that were read, by path, and how deep they are.
        self.read: dict[str, tuple[Tree, int]] = {}
        self.trees = [tree]
        self.mounts: dict[int, tuple[ObjectNode, list[tuple[Node, Node]]]] = {}
        self.diagnostics: list[Diagnostic] = []
        self.complete = True
        self.includes = self.characters = 0
        self.stopped = False
        self.root = self.tree(tree, {path: ""}, ())

    # --- one file -----------------------------------------------------------------------------

    def tree(self, tree: Tree, chain: _Chain, base: KeyPath) -> Node:
        """A file's value with its includes in place; ``base`` is where that is in the document."""
        root = tree.root
        assert root is not None
        # The value of an `$include` is a path or a mistake, never a part of the config.
        places = nodes.places_of(root, INCLUDE)
        brought: dict[int, Node | None] = {}
        for number, (node, _, _) in enumerate(places):
            if isinstance(node, ObjectNode) and (value := node.get(INCLUDE)) is not None:
                at = (*base, *nodes.path_of(places, number))
                brought[number] = self.include(node, value, chain, at)

        def revise(number: int, node: Node) -> Node:
            if not isinstance(node, ObjectNode) or node.values.keys().isdisjoint(_OURS):
                return node
            at = (*base, *nodes.path_of(places, number))
            if _PROTO in node.values:
                self.diagnostics.append(_report_dropped(node.index[_PROTO], (*at, _PROTO)))
                node = _without(node, _PROTO)
            return self.with_siblings(node, brought[number], at) if number in brought else node

        return nodes.with_changes(root, places, {}, revise)

    def with_siblings(self, node: ObjectNode, brought: Node | None, at: KeyPath) -> Node:
        """What an include brought, with the keys beside the ``$include`` merged over it."""
        siblings = _without(node, INCLUDE)
        if brought is None:
            return siblings
        if not siblings.members:
            return brought
        if not isinstance(brought, ObjectNode):
            kind = nodes.IN_WORDS[brought.kind]
            message = f"keys beside `$include` need an object to be merged over, not {kind}"
            related = (Related(brought.location, f"the file holds {kind}"),)
            helps = ("remove the other keys, or include a file that holds an object",)
            failure = _FailedInclude(rules.invalid_include, message, related=related, helps=helps)
            self.report(failure, node.index[INCLUDE].value, at)
            return siblings
        return merge([brought, siblings], at, self.diagnostics)

    # --- one $include -------------------------------------------------------------------------

    def include(self, node: ObjectNode, value: Node, chain: _Chain, at: KeyPath) -> Node | None:
        """What an ``$include`` brings, or None when it brings nothing because of an error."""
        parts: list[Node] = []
        roots: list[tuple[Node, Node]] = []
        self.mounts[id(node)] = node, roots
        for item in value.items if isinstance(value, ArrayNode) else [value]:
            try:
                tree, within = self.load(item, chain, at)
            except _FailedInclude as failure:
                if not self.stopped:
                    self.report(failure, item, at, *_notes(chain))
                self.stopped = self.includes > MAX_INCLUDES or self.characters > MAX_TOTAL
                continue
            if tree.root is not None:
                roots.append((item, tree.root))
                parts.append(self.tree(tree, within, at))
        if not isinstance(value, ArrayNode):
            return parts[0] if parts else None
        nothing = ObjectNode(node.source, node.start, node.end, [])
        return merge([nothing, *parts], at, self.diagnostics)

    def load(self, node: Node, chain: _Chain, at: KeyPath) -> tuple[Tree, _Chain]:
        """What one included file holds, and the way to it. Raises _FailedInclude."""
        self.includes += 1
        if self.includes > MAX_INCLUDES or self.characters > MAX_TOTAL:
            size = f"{MAX_TOTAL >> 20} Mi characters"
            message = f"there are more than {MAX_INCLUDES:,} includes, or {size} in them"
            raise _FailedInclude(rules.include_chain, message, blocks=False)
        if not isinstance(node, StringNode):
            kind = nodes.IN_WORDS[node.kind]
            message = f"`$include` takes a path or a list of paths, not {kind}"
            raise _FailedInclude(rules.invalid_include, message)
        path = absolute(node.value, os.path.dirname(next(reversed(chain))))
        if not any(files.is_inside(folder, path) for folder in self.folders):
            message = "an include must stay in the folder of the config"
            raise _FailedInclude(rules.include_outside, message, helps=_path_helps(node.value))
        if path in chain:
            names = [self.name(one) for one in chain][[*chain].index(path) :]
            message = f"includes run in a circle: {' → '.join([*names, names[0]])}"
            raise _FailedInclude(rules.include_chain, message)
        if len(chain) > MAX_LEVELS:
            message = f"includes are nested more than {MAX_LEVELS} deep"
            raise _FailedInclude(rules.include_chain, message)
        if path not in self.read:
            self.parse(path, node, at, _notes(chain))
        tree, depth = self.read[path]
        self.characters += len(tree.source.text)
        if len(at) + depth > nodes.MAX_DEPTH:
            message = f"with this file, values are nested more than {nodes.MAX_DEPTH} deep"
            raise _FailedInclude(rules.include_chain, message, blocks=False)
        return tree, {**chain, path: f"included from {node.location}"}

    def parse(self, path: str, node: StringNode, at: KeyPath, notes: tuple[str, ...]) -> None:
        """Read and parse a file, and report what is wrong with its text, once for all includes.

        Raises _FailedInclude.
        """
        # Node keeps a slash at the end of an absolute path, and no file is found there.
        ends_in_slash = os.path.isabs(node.value) and node.value.endswith("/")
        try:
            if ends_in_slash:
                raise files.RefusedError(files.NOT_FOUND)
            real = os.path.realpath(path)
            inside = (folder for folder in self.real_folders if files.is_inside(folder, real))
            data = self.read_below(next(inside, self.real_folders[0]), path, MAX_FILE_BYTES)
        except ValueError as refused:  # no RefusedError where the path has a NUL
            reason = getattr(refused, "reason", files.NOT_FOUND)
            message, helps = _REASONS.get(reason, ""), _path_helps(node.value)
            if reason == files.NOT_FOUND:
                # A URL may hold a secret.
                what = "such file" if "://" in node.value else f"file `{self.name(path)}`"
                message = f"there is no {what}"
                if not helps and len(self.diagnostics) < rules.SUGGESTIONS:
                    helps = _near_helps(path)
            outside = reason == files.OUTSIDE
            rule = rules.include_outside if outside else rules.unreadable_include
            raise _FailedInclude(rule, message, helps=helps) from refused
        source, errors = decode(data, self.name(path), path)
        source.place = at
        tree = parse(source)
        self.trees.append(tree)
        included = Related(node.location, "included here")
        for error in (*errors, *tree.errors):
            related, said = (*error.related, included), (*error.notes, *notes)
            self.diagnostics.append(error._replace(related=related, notes=said))
            self.complete = self.complete and error.severity != ERROR
        places = nodes.places_of(tree.root)
        # The last place is among the deepest.
        depth = len(nodes.path_of(places, len(places) - 1)) + 1 if places else 0
        self.read[path] = tree, depth

    # --- what went wrong ----------------------------------------------------------------------

    def report(self, failure: _FailedInclude, node: Node, at: KeyPath, *notes: str) -> None:
        """Report an error at an include's value."""
        rule, message, details = failure.finding
        self.complete = False
        self.diagnostics.append(rule.at(node.location, message, at, notes=notes, **details))

    def name(self, path: str) -> str:
        """A file's name as people see it: beside the config's."""
        return os.path.join(self.shown_folder, os.path.relpath(path, self.folder))


_REASONS = {
    files.OUTSIDE: "the include leads out of the config's folder by a symbolic link: copy the file",
    files.NOT_REGULAR: "an include must be a regular file, not a folder or a pipe",
    files.HARD_LINK: "OpenClaw refuses a file that has more than one hard link: make a copy of it",
    files.TOO_LARGE: f"an included file may have at most 2 MiB ({MAX_FILE_BYTES:,} bytes)",
    files.UNREADABLE: "the file cannot be read: check its permissions",
}


def _notes(chain: _Chain) -> tuple[str, ...]:
    """How a file came to be read, the last step first."""
    return tuple(filter(None, reversed(chain.values())))


def _path_helps(written: str) -> tuple[str, ...]:
    if "${" in written or "://" in written or written.startswith(("~", "file:")):
        return ("write a plain path: variables, `~` and URLs mean nothing in an include",)
    return ()


def _near_helps(path: str) -> tuple[str, ...]:
    folder, name = os.path.split(path)
    try:
        names = sorted(os.listdir(folder))[:1000]
    except (OSError, ValueError):
        return ()
    from difflib import get_close_matches

    # Ends say nothing: most files have one of the same two.
    stems = {os.path.splitext(one)[0]: one for one in reversed(names)}
    near = get_close_matches(os.path.splitext(name)[0], stems, 1, 0.7)
    return (f"did you mean `{stems[near[0]]}`?",) if near else ()


# --- merging (LOAD-21) ----------------------------------------------------------------------------

_PROTO = "__proto__"
_OURS = frozenset({INCLUDE, _PROTO})
"""The keys that are not merely data."""
DROPPED = frozenset({_PROTO, "prototype", "constructor"})
_Waiting: TypeAlias = "list[tuple[ObjectNode, list[Node], KeyPath]]"


def merge(
    values: Sequence[Node], path: KeyPath = (), dropped: list[Diagnostic] | None = None
) -> Node:
    """One value out of one or more, each merged over those before it.

    Objects merge key by key, arrays are joined end to end, and anything else replaces what was
    there. An object that is merged over another loses the keys ``__proto__``, ``prototype`` and
    ``constructor``; ``dropped`` collects a warning for each, ``path`` being where the value stands.

    All values are merged at once, so the work is linear in what there is to merge, however many
    files it comes from. A merged container has the last value's place; what is in it keeps its own.
    """
    waiting: _Waiting = []
    merged = _begin(values, path, waiting)
    while waiting:
        node, operands, at = waiting.pop()
        by_key: dict[str, list[Member]] = {}
        for number, operand in enumerate(operands):
            for key, member in operand.index.items() if isinstance(operand, ObjectNode) else ():
                if number == 0 or key not in DROPPED:
                    by_key.setdefault(key, []).append(member)
                elif dropped is not None:
                    dropped.append(_report_dropped(member, (*at, key)))
        merged_members: list[Member] = []
        for key, members in by_key.items():
            value = _begin([member.value for member in members], (*at, key), waiting)
            merged_members.append(members[-1]._replace(value=value))
        node.fill(merged_members)
    return merged


def _begin(values: Sequence[Node], path: KeyPath, waiting: _Waiting) -> Node:
    """The merged value; of an object only the shell, whose members are still ``waiting``."""
    last = values[-1]
    operands = [*takewhile(lambda value: type(value) is type(last), reversed(values))][::-1]
    if len(operands) == 1 or not isinstance(last, nodes.CONTAINERS):
        return last
    if isinstance(last, ArrayNode):
        items = [item for node in operands for _, item in nodes.children(node)]
        return ArrayNode(last.source, last.start, last.end, items)
    shell = ObjectNode(last.source, last.start, last.end, [])
    waiting.append((shell, operands, path))
    return shell


def _without(node: ObjectNode, key: str) -> ObjectNode:
    """The object without the members of a key."""
    kept = [member for member in node.members if member.key != key]
    return ObjectNode(node.source, node.start, node.end, kept)


def _report_dropped(member: Member, path: KeyPath) -> Diagnostic:
    """The warning that OpenClaw drops a key and all that is in it."""
    message = f"OpenClaw drops `{member.key}` and everything in it"
    return rules.dropped_key.at(member.key_location, message, path)
