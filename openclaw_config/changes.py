"""Reads and changes keys of a config, as edits of the text of the file in which each stands.

Nothing is written before ``Changed.write``: it has the new texts, and what they come to.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cached_property
from hashlib import sha256
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, Unpack

from openclaw_config import api, files
from openclaw_config.diagnostics.masking import literal_secrets, masked, shown
from openclaw_config.diagnostics.model import Diagnostic, Edit, Report, in_order, key_path_text
from openclaw_config.errors import OpenClawConfigError
from openclaw_config.explain import read_key_path
from openclaw_config.loading.environment import Environment, include_roots
from openclaw_config.loading.interpolation import references
from openclaw_config.syntax import nodes
from openclaw_config.syntax.edits import line_edits
from openclaw_config.syntax.parser import parse
from openclaw_config.syntax.text import KeyPath, Source
from openclaw_config.targets import choose, releases
from openclaw_config.validation.schema import Shape, openclaw_shape, walk
from openclaw_config.view.settings import items

if TYPE_CHECKING:
    from openclaw_config.api import Given
    from openclaw_config.loading.load import Document
    from openclaw_config.plan.model import Plan


@dataclass(frozen=True, eq=False, repr=False)
class Changed:
    """What became of a config's texts.

    ``trees`` are those of the config's own file and of what it includes; ``texts`` are the new
    texts by path, of the files that change ("" is a config that has none). ``errors`` say why the
    config was not read. ``environment`` has the variables for the checks; ``checked`` is the check
    of the old texts, where it was made already.
    """

    name: str
    path: str | None
    trees: Sequence[nodes.Tree]
    texts: Mapping[str, str]
    old_version: str
    new_version: str
    errors: tuple[Diagnostic, ...] = ()
    environment: Environment | None = None
    checked: Report | None = None

    @property
    def olds(self) -> dict[str, str]:
        """The old texts of the files that change."""
        texts = {tree.source.path or "": tree.source.text for tree in self.trees}
        return {path: text for path, text in texts.items() if path in self.texts}

    @property
    def text(self) -> str:
        """The new text of the config's own file."""
        if not self.trees:
            return ""
        source = self.trees[0].source
        return self.texts.get(source.path or "", source.text)

    @property
    def edits(self) -> dict[str, tuple[Edit, ...]]:
        """The edits of each file, line by line."""
        return {path: line_edits(old, self.texts[path]) for path, old in self.olds.items()}

    @cached_property
    def before(self) -> Report:
        """The check of the old text for the old release."""
        return self.checked or self._checked({}, self.old_version)

    @cached_property
    def after(self) -> Report:
        """The check of the new text for the new release."""
        return self._checked(self.texts, self.new_version)

    def _checked(self, texts: Mapping[str, str], version: str) -> Report:
        if not self.trees:  # no file that can be read: a folder, a pipe, a device, none at all
            return Report(self.name, in_order(self.errors, self.name), False, None)
        source = self.trees[0].source
        contents = {name: text.encode() for name, text in texts.items() if name}
        return api.check(
            source.path,
            text=texts.get(source.path or "", source.text),
            name=self.name,
            environment=self.environment,
            read=files.in_place_of(contents) if contents else None,
            target=version,
        )

    @cached_property
    def found(self) -> tuple[Diagnostic, ...]:
        """What the check of the new texts finds and that of the old ones did not."""
        known = Counter((item.rule, item.message) for item in self.before.diagnostics)
        new = []
        for item in self.after.diagnostics:
            known[item.rule, item.message] -= 1
            if known[item.rule, item.message] < 0:
                new.append(item)
        return tuple(new)

    @property
    def hash(self) -> str:
        """The SHA-256, in hexadecimal, of the old files, one after another as they are read."""
        return self._hash({})

    @property
    def new_hash(self) -> str:
        """The same of the new ones."""
        return self._hash(self.texts)

    def _hash(self, texts: Mapping[str, str]) -> str:
        found = sha256()
        for source in (tree.source for tree in self.trees):
            found.update(texts.get(source.path or "", source.text).encode())
        return found.hexdigest()

    def requests(self) -> list[str] | None:
        """How the requests differ that the config leads to, line by line.

        None where one of the two does not load.
        """
        plans = self.plans()
        if plans is None:
            return None
        from openclaw_config.plan.diff import diff_all, render

        changes = tuple(it for it in diff_all(*plans) if it.changes_requests)
        return render(changes).splitlines() if changes else []

    def get(self, key: Key) -> Found | None:
        """The new value of a key, as it is written. None when it is not set.

        Raises KeyPathError for a text that is no key path.
        """
        document = self.before.document
        if document is None or document.root is None:
            return None
        run = _Run(document, self.texts)
        path = run.path(key)
        node = nodes.child(run.root, *path)
        return None if node is None else Found(path, node)

    def secrets_in(self, operation: Set | Append | Merge) -> list[str]:
        """The keys that an operation gives a secret itself, in the clear."""
        document = self.before.document
        if document is None or document.root is None or isinstance(operation.value, Ref):
            return []
        source = Source(json.dumps(operation.value))
        source.release = document.release
        path = _Run(document).path(operation.path)
        at = (*path, 0) if isinstance(operation, Append) else path
        root = parse(source).root
        return [] if root is None else [key_path_text(it) for it in literal_secrets(root, at)]

    def plans(self) -> tuple[tuple[Plan, ...], tuple[Plan, ...]] | None:
        """The plans of every agent before and after; None where one of the two does not load."""
        before, after = _plans(self.before), _plans(self.after)
        return None if before is None or after is None else (before, after)

    def write(self) -> str:
        """Write the files that change, all of them or none.

        Gives "" when all is well, or else a sentence that says what went wrong.
        """
        from openclaw_config.lint.linter import save
        from openclaw_config.lint.options import Change

        names = {tree.source.path: tree.source.name for tree in self.trees}
        olds = self.olds
        changes = [
            Change(path, names[path], olds[path].encode(), text.encode(), ())
            for path, text in self.texts.items()
        ]
        return save(changes, self.trees[0].source.path or "") if changes else ""

    def __repr__(self) -> str:
        # Never the texts, which may hold a secret.
        return f"<{type(self).__name__} {self.name!r}: {len(self.texts)} files>"


class Found(NamedTuple):
    """A value of a config, as it is written: variables are not put in."""

    path: KeyPath
    node: nodes.Node

    @property
    def value(self) -> Any:
        """The value in dicts, lists, strings, numbers, booleans and None. It may hold a secret."""
        return nodes.to_value(self.node)

    @property
    def shown(self) -> Any:
        """The value with a mask for each part that may be a secret."""
        with deep():
            return shown(self.node, self.path)

    def __repr__(self) -> str:
        return f"<{masked(key_path_text(self.path))} at {self.node.location}>"


def get(path: str | os.PathLike[str] | None, key: Key, **given: Unpack[Given]) -> Found | None:
    """The value of a key, as it is written. None when it is not set. Arguments as in ``check``.

    Raises ConfigError when the config cannot be read, KeyPathError for a text that is no key path.
    """
    report = api.check(path, **given)
    if not report.readable:
        raise api.ConfigError(report)
    return Changed(report.name, None, (), {}, "", "", checked=report).get(key)


def _plans(report: Report) -> tuple[Plan, ...] | None:
    if not report.loads or report.document is None:
        return None
    from openclaw_config.compiler.compile import agents_of

    config = api.Config(report)
    return tuple(config.compile(agent=agent) for agent in agents_of(report.document))


# --- what to change -------------------------------------------------------------------------------

Key: TypeAlias = str | KeyPath
"""A key path, or its text as ``explain.read_key_path`` reads it; ``()`` is the whole config."""


class Ref(NamedTuple):
    """In a value's place: a reference to a secret, as the key takes it (AUTH-21, AUTH-22).

    That is a SecretRef where the key takes one, else ``${NAME}``. ``source`` is env, file or exec,
    ``provider`` "" for the default one.
    """

    source: str
    id: str
    provider: str = ""


class Set(NamedTuple):
    """The key holds the value; what of an object or a list is the same stays as it is written."""

    path: Key
    value: Any


class Append(NamedTuple):
    """The list has one item more, at its end; where there is no list, it is made."""

    path: Key
    value: Any


class Merge(NamedTuple):
    """The value is a merge patch of what is there (RFC 7396): None removes a key."""

    path: Key
    value: Any


class Unset(NamedTuple):
    """The key is removed."""

    path: Key


class Patch(NamedTuple):
    """An operation of a JSON Patch (RFC 6902): add, remove, replace, test, copy, or move.

    ``source`` is its ``from``.
    """

    op: str
    path: Key
    value: Any = None
    source: Key = ()


Operation: TypeAlias = Set | Append | Merge | Unset | Patch


def operations(patch: Any) -> list[Operation]:
    """What the JSON value of a patch asks for: an object is a merge patch, a list a JSON Patch.

    Raises ChangeError for any other value.
    """
    if isinstance(patch, dict):
        return [Merge((), patch)]
    if not isinstance(patch, list):
        raise ChangeError("a patch is an object (RFC 7396) or a list of operations (RFC 6902)")
    found: list[Operation] = []
    for number, row in enumerate(patch):
        op = row.get("op") if isinstance(row, dict) else None
        if not isinstance(op, str) or op not in _NEEDS:
            raise ChangeError(f"[{number}] of the patch has no `op`, such as {', '.join(_NEEDS)}")
        for key in ("path", *_NEEDS[op]):
            if key not in row or (key != "value" and not isinstance(row[key], str)):
                raise ChangeError(f"[{number}] of the patch has no `{key}`")
        source = _pointed(row.get("from", ""))
        found.append(Patch(op, _pointed(row["path"]), row.get("value"), source))
    return found


_NEEDS = {
    **dict.fromkeys(("add", "replace", "test"), ("value",)),
    **dict.fromkeys(("copy", "move"), ("from",)),
    "remove": (),
}
"""What an operation of a JSON Patch has to have besides its path."""


def _pointed(text: str) -> Key:
    """A JSON pointer as the path that it means; any other text is a key path."""
    from openclaw_config.plan.values import keys

    return tuple(keys(text)) if not text or text.startswith("/") else text


class ChangeError(OpenClawConfigError, ValueError):
    """A change that cannot be made: nothing was changed."""


def change(
    path: str | os.PathLike[str] | None = None,
    operations: Iterable[Operation] | Callable[[Document], Iterable[Operation]] = (),
    *,
    text: str | bytes | None = None,
    name: str | None = None,
    environment: Environment | None = None,
    target: str = "",
    if_unchanged: str = "",
) -> Changed:
    """What a config becomes by some changes, made one after another. Writes nothing.

    They may depend on what was read. The other arguments are those of ``check``. The result is
    checked for the release that the config is for; a config that cannot be read has ``errors``.
    ``if_unchanged`` is the ``hash`` that the config must have. Raises ChangeError, and KeyPathError
    for a path that is none.
    """
    before = api.check(path, text=text, name=name, environment=environment, target=target)
    path = None if path is None else os.fspath(path)
    document = before.document
    if document is None or not before.readable:
        trees = () if document is None else document.trees
        found = before.diagnostics
        return Changed(before.name, path, trees, {}, target, target, found, environment, before)
    release = document.release
    start = Changed(
        before.name, path, document.trees, {}, release, release, (), environment, before
    )
    if if_unchanged not in ("", start.hash):
        raise ChangeError(f"{before.name} is not the one with this hash any more: it was changed")
    run = _Run(document)
    with deep(), nodes.gc_paused():
        for operation in operations(document) if callable(operations) else operations:
            run.apply(operation)
    olds = {tree.source.path or "": tree.source.text for tree in document.trees}
    texts = {key: text for key, text in run.texts.items() if text != olds[key]}
    said = choose(target, root=run.root)  # the changes may name another release
    new = said.target.release if said.by == "config" else release
    return replace(start, texts=texts, new_version=new)


_PUT, _INSERT, _CUT = "put", "insert", "cut"
_Step: TypeAlias = tuple[str, KeyPath, Any]
"""A value that is put somewhere, an item before the one that is there, or what is taken away."""


class _Run:
    """Changes one after another: the texts that are other ones by now, and the tree that they give.

    ``root`` is the whole config, as it is written.
    """

    def __init__(self, document: Document, texts: Mapping[str, str] = MappingProxyType({})) -> None:
        self.document = document
        self.shape = openclaw_shape(document.release)
        self.texts = {**texts}
        self.root, self.trees = merged(document, texts)

    def apply(self, operation: Operation) -> None:
        """Make a change. What it leaves must be what it says, whatever files are included."""
        if isinstance(operation, Patch) and operation.op == "move":
            value = nodes.to_value(self.there(self.path(operation.source)))
            self.apply(Unset(operation.source))
            operation = Patch("add", operation.path, value)
        wanted = nodes.to_value(self.root)
        for step in [*self.steps(operation)]:
            self.edit(*step)
            wanted = _with(wanted, *step)
            self.root, self.trees = merged(self.document, self.texts)
        if _text(wanted) != _text(nodes.to_value(self.root)):
            where = nodes.child(self.root, *self.path(operation.path))
            place = f": {where.location} brings it in" if where is not None else ""
            raise ChangeError(
                f"{self.named(self.path(operation.path))} stands in several files, or in one that"
                f" is included more than once, so it takes a change by hand{place}"
            )

    def path(self, key: Key) -> KeyPath:
        """The path that a key means here: a number is an item of a list, or else a key."""
        steps = key
        if isinstance(key, str):
            steps = read_key_path(key, any_item=False, release=self.document.release)
        found: list[str | int] = []
        for step in steps:
            owner = nodes.child(self.root, *found)
            if isinstance(owner, nodes.ObjectNode):
                found.append(str(step))
            elif isinstance(owner, nodes.ArrayNode) and isinstance(step, str) and step.isdecimal():
                found.append(int(step))
            else:
                last = step == "-" and isinstance(owner, nodes.ArrayNode)
                found.append(len(items(owner)) if last else step)
        return tuple(found)

    def named(self, path: KeyPath) -> str:
        return masked(key_path_text(path)) or "the config"

    def there(self, path: KeyPath) -> nodes.Node:
        """The value at a path. Raises ChangeError where there is none."""
        node = nodes.child(self.root, *path)
        if node is None:
            raise ChangeError(f"{self.named(path)} is not set")
        return node

    # --- what an operation comes to -----------------------------------------------------------

    def steps(self, operation: Operation) -> Iterator[_Step]:
        """The steps that make a change."""
        path = self.path(operation.path)
        old = nodes.child(self.root, *path)
        match operation:
            case Unset() | Patch("remove"):
                self.there(path)
                yield _CUT, path, None
            case Merge(_, value):
                yield from _differences(old, path, self.value(path, value), merging=True)
            case Append(_, value):
                value = self.value((*path, 0), value)
                if isinstance(old, nodes.ArrayNode):
                    yield _INSERT, (*path, len(old.items)), value
                elif old is None:
                    yield _PUT, path, [value]
                else:
                    raise ChangeError(
                        f"{self.named(path)} is {nodes.IN_WORDS[old.kind]}, not a list"
                    )
            case Patch("test", _, value):
                if _text(nodes.to_value(self.there(path))) != _text(value):
                    raise ChangeError(f"{self.named(path)} is not what the patch tests for")
            case Patch("copy", _, _, source):
                value = nodes.to_value(self.there(self.path(source)))
                yield from self.steps(Patch("add", path, value))
            case Patch("add", _, value) if path and isinstance(path[-1], int):
                yield _INSERT, path, self.value(path, value)
            case Set(_, value) | Patch(_, _, value):
                if isinstance(operation, Patch) and operation.op == "replace":
                    self.there(path)
                yield from _differences(old, path, self.value(path, value))

    def value(self, path: KeyPath, value: Any) -> Any:
        """A value as JSON holds it at a path. Raises ChangeError for one that cannot be."""
        if not isinstance(value, Ref):
            try:
                text = json.dumps(value, ensure_ascii=False)
                text.encode()
            except (TypeError, ValueError):
                raise ChangeError(f"the value for {self.named(path)} is no JSON") from None
            # Numbers are those of JavaScript from here on.
            return nodes.to_value(parse(Source(text)).root or nodes.NullNode(Source(""), 0, 0))
        variable = f"${{{value.id}}}"
        if value.source == "env" and next(references(variable), "") != value.id:
            raise ChangeError("the name of a variable is made of A to Z, 0 to 9 and _")
        if all(walk(self.shape, (*path, key)) is not None for key in ("source", "provider", "id")):
            default = nodes.text_of(nodes.child(self.root, "secrets", "defaults", value.source))
            provider = value.provider or default or "default"
            return {"source": value.source, "provider": provider, "id": value.id}
        if value.source != "env":
            raise ChangeError(f"{self.named(path)} takes no SecretRef")
        return variable

    # --- making a step ------------------------------------------------------------------------

    def edit(self, kind: str, path: KeyPath, value: Any) -> None:
        """Make a step in the text of the file in which its value stands, or its nearest owner."""
        node = nodes.child(self.root, *path)
        end = len(path) - 1
        for tree in self.trees[1:]:
            root = tree.root if kind == _PUT else None
            if root is not None and node is not None and root.location == node.location:
                return self.write(tree, _made(value, root))
        while end > 0 and nodes.child(self.root, *path[:end]) is None:
            end -= 1
        owner = nodes.child(self.root, *path[:end]) if path else None
        for step in reversed(path[end + 1 :]):
            value = {step: value} if isinstance(step, str) else [value]
        if owner is None or not _fits(owner, path[end], kind):
            raise ChangeError(self.misfit(path, path[:end], owner))
        tree = next(tree for tree in self.trees if tree.source is owner.source)
        places = nodes.places_of(tree.root)
        number, place = next(
            (number, place)
            for number, place in enumerate(places)
            if place.node.location == owner.location
        )
        new: nodes.Node = self.edited(place.node, kind, path[: end + 1], value)
        if number:
            changes: dict[int, dict[str | int, nodes.Node]] = {place.parent: {place.step: new}}
            assert tree.root is not None
            new = nodes.with_changes(tree.root, places, changes)
        self.write(tree, new)
        return None

    def write(self, tree: nodes.Tree, root: nodes.Node) -> None:
        from openclaw_config.syntax.rewrite import rewritten

        self.texts |= rewritten(root, (tree,), ())

    def misfit(self, path: KeyPath, at: KeyPath, owner: nodes.Node | None) -> str:
        if owner is None:
            return "the config is an object; change its keys"
        if isinstance(owner, nodes.ArrayNode):
            step = masked(key_path_text((path[len(at)],)))
            size = f"has {len(owner.items)} items"
            return f"{self.named(at)} is a list and {size}; there is no {step} in it"
        what = nodes.IN_WORDS[owner.kind]
        return f"{self.named(at)} is {what} ({owner.location}); there is nothing in it to change"

    def edited(
        self, owner: nodes.ObjectNode | nodes.ArrayNode, kind: str, path: KeyPath, value: Any
    ) -> nodes.ObjectNode | nodes.ArrayNode:
        """A container with another value at a key or an index, or without it."""
        step, old = path[-1], nodes.child(owner, path[-1])
        node = _made(value, old if old is not None and kind == _PUT else owner)
        if isinstance(owner, nodes.ArrayNode) and isinstance(step, int):
            behind = step if kind == _INSERT else step + 1
            new = [] if kind == _CUT else [node]
            left = [*owner.items[:step], *new, *owner.items[behind:]]
            return nodes.ArrayNode(owner.source, owner.start, owner.end, left)
        assert isinstance(owner, nodes.ObjectNode)
        members = [member for member in owner.members if kind != _CUT or member.key != step]
        if kind != _CUT and old is None:
            member = nodes.Member(owner.source, str(step), owner.start, owner.start, node)
            at = _natural_place(members, member.key, walk(self.shape, path[:-1]))
            members.insert(at, member)
        elif kind != _CUT:
            counts = owner.member(str(step))
            members = [nodes.with_value(it, node) if it is counts else it for it in members]
        return nodes.ObjectNode(owner.source, owner.start, owner.end, members)


def _fits(owner: nodes.Node, step: str | int, kind: str) -> bool:
    """Whether a container can have a value at a step."""
    if isinstance(owner, nodes.ArrayNode) and isinstance(step, int):
        return step < len(owner.items) + (kind != _CUT)
    return isinstance(owner, nodes.ObjectNode) and isinstance(step, str)


def _natural_place(members: Sequence[nodes.Member], key: str, shape: Shape | None) -> int:
    """Where among members a new one goes: behind the one that the schema names before it.

    What the schema does not name goes to the end.
    """
    parts = () if shape is None else (shape, *shape.any_of, *shape.all_of)
    names = {name: at for at, name in enumerate(name for part in parts for name in part.keys)}
    known = [(names[it.key], at) for at, it in enumerate(members) if it.key in names]
    if key not in names or not known:
        return len(members)
    before = [pair for pair in known if pair[0] < names[key]]
    return max(before)[1] + 1 if before else min(known)[1]


def _differences(
    old: nodes.Node | None, path: KeyPath, value: Any, merging: bool = False
) -> Iterator[_Step]:
    """What makes a value of the one that is there; ``merging`` applies a merge patch (RFC 7396)."""
    if isinstance(old, nodes.ObjectNode) and isinstance(value, dict):
        for key in old.index:
            if not merging and key not in value:
                yield _CUT, (*path, key), None
        for key, item in value.items():
            inner = old.get(key)
            if not merging or item is not None:
                yield from _differences(inner, (*path, key), item, merging)
            elif inner is not None:
                yield _CUT, (*path, key), None
    elif isinstance(old, nodes.ArrayNode) and isinstance(value, list):
        olds, news = (
            [_identity(nodes.to_value(item)) for item in old.items],
            [*map(_identity, value)],
        )
        blocks = SequenceMatcher(None, olds, news, autojunk=False).get_opcodes()
        # From the end, so that no index changes before its turn.
        for _, at, end, first, last in reversed(blocks):
            both = min(end - at, last - first)
            for index in reversed(range(at + both, end)):
                yield _CUT, (*path, index), None
            for item in reversed(value[first + both : last]):
                yield _INSERT, (*path, at + both), item
            for number, item in enumerate(value[first : first + both], at):
                yield from _differences(old.items[number], (*path, number), item)
    elif old is None or _text(nodes.to_value(old)) != _text(value):
        yield _PUT, path, _without_nulls(value) if merging else value


def _identity(value: Any) -> str:
    """What tells an item of a list from others: its id, or else its whole value."""
    return _text(value.get("id") or value) if isinstance(value, dict) else _text(value)


def _without_nulls(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {key: _without_nulls(item) for key, item in value.items() if item is not None}


def _text(value: Any) -> str:
    """What tells values apart as JSON does: to Python, true and 1 are equal."""
    return json.dumps(value, sort_keys=True)


def _with(root: Any, kind: str, path: KeyPath, value: Any) -> Any:
    """A plain value after a step, which is known to fit."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if root is None:
        root = [] if isinstance(step, int) else {}
    if isinstance(step, int):
        inner = root[step : step + 1] if rest or kind != _INSERT else []
        left = [_with(item, kind, rest, value) for item in inner or [None]]
        gone = not rest and kind == _CUT
        return [*root[:step], *([] if gone else left), *root[step + len(inner) :]]
    if not rest and kind == _CUT:
        return {key: item for key, item in root.items() if key != step}
    return {**root, step: _with(root.get(step), kind, rest, value)}


def _made(value: Any, place: nodes.Node) -> nodes.Node:
    """A new node for a JSON value; a text is quoted as the one in whose place it stands."""
    source, start = place.source, place.start
    hollow = nodes.Node(source, start, start)
    if isinstance(value, dict):
        members = [
            nodes.Member(source, key, start, start, _made(item, hollow))
            for key, item in value.items()
        ]
        return nodes.ObjectNode(source, start, start, members)
    if isinstance(value, list):
        return nodes.ArrayNode(source, start, start, [_made(item, hollow) for item in value])
    if isinstance(value, str):
        return nodes.StringNode(
            source, start, place.end if isinstance(place, nodes.StringNode) else start, value
        )
    if isinstance(value, bool):
        return nodes.BooleanNode(source, start, start, value)
    if value is None:
        return nodes.NullNode(source, start, start)
    return nodes.NumberNode(source, start, start, value)


# --- the files of a config ------------------------------------------------------------------------


def merged(
    document: Document, texts: Mapping[str, str] = MappingProxyType({})
) -> tuple[nodes.Node, Sequence[nodes.Tree]]:
    """A config's files in one tree, variables as they are written, and the tree of each file.

    The document must have a root; ``texts`` count in place of those that were read, and these in
    place of those on disk.
    """
    from openclaw_config.loading.includes import assemble

    trees = document.trees
    tree = trees[0]
    source = tree.source
    if (source.path or "") in texts:
        tree = parse(Source(texts[source.path or ""], source.name, source.path))
    root = tree.root
    assert root is not None
    if len(trees) == 1:
        return root, (tree,)
    contents = {one.source.path or "": one.source.text for one in trees} | dict(texts)
    known = document.release != releases()[0]
    found = assemble(
        tree,
        source.path or os.path.join(document.config_dir, "openclaw.json"),
        files.in_place_of({path: text.encode() for path, text in contents.items()}),
        include_roots(document.environment, document.home) if known else (),
    )
    return found.root, found.trees


@contextmanager
def deep() -> Iterator[None]:
    """Room on the stack for a config as deep as the parser takes it."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, 20 * nodes.MAX_DEPTH))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
