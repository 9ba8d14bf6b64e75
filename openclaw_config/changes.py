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
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, Unpack

from openclaw_config import api, files
from openclaw_config.diagnostics.display import PLAIN, Style
from openclaw_config.diagnostics.masking import literal_secrets, masked, shown
from openclaw_config.diagnostics.model import Diagnostic, Edit, Report, in_order, key_path_text
from openclaw_config.errors import OpenClawConfigError
from openclaw_config.explain import read_key_path
from openclaw_config.loading.environment import Environment
from openclaw_config.loading.includes import INCLUDE
from openclaw_config.loading.interpolation import references
from openclaw_config.loading.load import load
from openclaw_config.syntax import nodes
from openclaw_config.syntax.edits import line_edits
from openclaw_config.syntax.parser import parse
from openclaw_config.syntax.rewrite import Mount, rewritten
from openclaw_config.syntax.text import KeyPath, Source
from openclaw_config.targets import choose
from openclaw_config.validation.migrations.engine import with_items, with_values
from openclaw_config.validation.schema import Shape, openclaw_shape, walk
from openclaw_config.view.settings import items

if TYPE_CHECKING:
    from openclaw_config.api import Given
    from openclaw_config.loading.load import Document
    from openclaw_config.plan.diff import Change as PlanChange
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
    def files(self) -> list[tuple[Source, str]]:
        """The files that change, each as it was read and with its new text."""
        sources = (tree.source for tree in self.trees)
        return [(it, self.texts[it.path or ""]) for it in sources if (it.path or "") in self.texts]

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
        return {old.path or "": line_edits(old.text, text) for old, text in self.files}

    def diff(self, style: Style = PLAIN) -> str:
        """What changes in the text of each file, line by line and without secrets, to be read."""
        from openclaw_config.diagnostics.text import render_change

        return "".join(render_change(*file, style, self.new_version) for file in self.files)

    @cached_property
    def before(self) -> Report:
        """The check of the old text for the old release."""
        return self.checked or self._checked({}, self.old_version)

    @cached_property
    def after(self) -> Report:
        """The check of the new text for the new release."""
        if not self.texts and self.old_version == self.new_version:
            return self.before
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
    def standing(self) -> tuple[Diagnostic, ...]:
        """What keeps the new texts from loading, and the old ones too."""
        new = {id(item) for item in self.found}
        return tuple(it for it in self.after.diagnostics if it.blocks and id(it) not in new)

    @property
    def hash(self) -> str:
        """The SHA-256, in hexadecimal, of the old files, one after another as they are read."""
        return self._hash({})

    @property
    def new_hash(self) -> str:
        """The same of the new ones."""
        return self._hash(self.texts)

    def _hash(self, texts: Mapping[str, str]) -> str:
        sources = (tree.source for tree in self.trees)
        whole = "".join(texts.get(it.path or "", it.text) for it in sources)
        return sha256(whole.encode()).hexdigest()

    def requests(self) -> list[str] | None:
        """How the requests differ that the config leads to, line by line.

        None where one of the two does not load.
        """
        plans = self.plans()
        if plans is None:
            return None
        from openclaw_config.plan.diff import diff, render

        return render(tuple(self._counting(diff(*plans), plans))).splitlines()

    def _counting(
        self, changes: Iterable[PlanChange], plans: tuple[Sequence[Plan], ...]
    ) -> Iterator[PlanChange]:
        """Those of the changes of its plans that are changes of requests."""
        return (it for it in changes if it.changes_requests)

    def get(self, key: Key) -> Found | None:
        """The new value of a key, as it is written. None when it is not set.

        Raises KeyPathError for a text that is no key path.
        """
        document = self.before.document
        if document is None or document.root is None:
            return None
        config = _Edited(with_texts(document, self.texts) if self.texts else document)
        path = config.path(key)
        node = nodes.child(config.root, *path)
        return None if node is None else Found(path, node)

    def secrets_in(self, operation: Set | Append | Merge) -> list[str]:
        """The keys that an operation gives a secret itself, in the clear."""
        document = self.before.document
        if document is None or document.root is None or isinstance(operation.value, Ref):
            return []
        config = _Edited(document)
        path = config.path(operation.path)
        at = (*path, 0) if isinstance(operation, Append) else path
        root = config.node(path, operation.value)
        return [key_path_text(it) for it in literal_secrets(root, at)]

    def plans(self) -> tuple[tuple[Plan, ...], tuple[Plan, ...]] | None:
        """The plans of every agent before and after; None where one of the two does not load."""
        if not (self.before.loads and self.after.loads):
            return None
        from openclaw_config.compiler.compile import agents_of

        configs = [api.Config(report) for report in (self.before, self.after)]
        before, after = (
            tuple(config.compile(agent=agent) for agent in agents_of(config.document))
            for config in configs
        )
        return before, after

    def write(self) -> str:
        """Write the files that change, all of them or none.

        Gives "" when all is well, or else a sentence that says what went wrong.
        """
        from openclaw_config.lint.fixes import save
        from openclaw_config.lint.options import Change

        changes = [
            Change(old.path or "", old.name, old.text.encode(), text.encode(), ())
            for old, text in self.files
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
        for key in ("path", _NEEDS[op]):
            if key not in row or (key != "value" and not isinstance(row[key], str)):
                raise ChangeError(f"[{number}] of the patch has no `{key}`")
        source = _pointed(row.get("from", ""))
        found.append(Patch(op, _pointed(row["path"]), row.get("value"), source))
    return found


_NEEDS = {"add": "value", "replace": "value", "test": "value"}
_NEEDS |= {"copy": "from", "move": "from", "remove": "path"}
"""What each operation of a JSON Patch has to have besides its path."""


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
    if_unchanged: str = "",
    **given: Unpack[Given],
) -> Changed:
    """What a config becomes by some changes, made one after another. Writes nothing.

    They may depend on what was read. The other arguments are as in ``check``. The result is
    checked for the release that the config is for; a config that cannot be read has ``errors``.
    ``if_unchanged`` is the ``hash`` that the config must have. Raises ChangeError, and KeyPathError
    for a path that is none.
    """
    before, target = api.check(path, **given), given.get("target", "")
    path = None if path is None else os.fspath(path)
    document, found = before.document, before.diagnostics
    trees = () if document is None else document.trees
    variables = given.get("environment")
    start = Changed(before.name, path, trees, {}, target, target, found, variables, before)
    if document is None or not before.readable:
        return start
    if if_unchanged not in ("", start.hash):
        raise ChangeError(f"{before.name} is not the one with this hash any more: it was changed")
    config = _Edited(document)
    with deep(), nodes.gc_paused():
        for operation in operations(document) if callable(operations) else operations:
            config.apply(operation)
        texts, at = new_texts(document, config.root)
    if at is not None:
        where = nodes.child(with_texts(document, texts).written, *at)
        place = f": {where.location} brings it in" if where is not None else ""
        raise ChangeError(
            f"{_named(at)} stands in several files, or in one that is included more than once,"
            f" so it takes a change by hand{place}"
        )
    said = choose(target, config.root)  # the changes may name another release
    old = document.release
    new = said.target.release if said.by == "config" else old
    return replace(start, texts=texts, old_version=old, new_version=new, errors=())


class _Edited:
    """A config that is changed: ``root`` is what becomes of it."""

    def __init__(self, document: Document) -> None:
        assert document.written is not None
        self.document = document
        self.shape = openclaw_shape(document.release)
        self.root = document.written

    def path(self, key: Key) -> KeyPath:
        """The path that a key means here: a number is an item of a list, or else a key."""
        steps = key
        if isinstance(key, str):
            steps = read_key_path(key, any_item=False, release=self.document.release)
        found: list[str | int] = []
        for step in steps:
            owner = nodes.child(self.root, *found)
            if isinstance(owner, nodes.ArrayNode):
                number = str(len(owner.items)) if step == "-" else str(step)
                found.append(int(number) if number.isdecimal() else step)
            else:
                found.append(str(step) if isinstance(owner, nodes.ObjectNode) else step)
        return tuple(found)

    def there(self, path: KeyPath) -> nodes.Node:
        """The value at a path. Raises ChangeError where there is none."""
        node = nodes.child(self.root, *path)
        if node is None:
            raise ChangeError(f"{_named(path)} is not set")
        return node

    def apply(self, operation: Operation) -> None:
        """Make a change. Raises ChangeError for one that cannot be made."""
        path = self.path(operation.path)
        old = nodes.child(self.root, *path)
        match operation:
            case Unset() | Patch("remove"):
                self.there(path)
                self.put(path, None)
            case Patch("test", _, value):
                if _text(self.there(path)) != _text(self.node(path, value)):
                    raise ChangeError(f"{_named(path)} is not what the patch tests for")
            case Patch("copy" | "move", _, _, source):
                value = nodes.to_value(self.there(self.path(source)))
                if operation.op == "move":
                    self.apply(Unset(source))
                self.apply(Patch("add", operation.path, value))
            case Append(_, value):
                if old is not None and not isinstance(old, nodes.ArrayNode):
                    raise ChangeError(f"{_named(path)} is {nodes.IN_WORDS[old.kind]}, not a list")
                path = (*path, len(items(old)))
                self.put(path, self.node(path, value), insert=True)
            case Patch("add", _, value) if path and isinstance(path[-1], int):
                self.put(path, self.node(path, value), insert=True)
            case Set(_, value) | Merge(_, value) | Patch(_, _, value):
                if isinstance(operation, Patch) and operation.op == "replace":
                    self.there(path)
                merging = isinstance(operation, Merge)
                self.put(path, self.changed(old, path, self.node(path, value), merging))

    def node(self, path: KeyPath, value: Any) -> nodes.Node:
        """A value for a path, read from its JSON. Raises ChangeError for one that has none."""
        if isinstance(value, Ref):
            value = self.reference(path, value)
        try:
            source = Source(json.dumps(value, ensure_ascii=False))
            source.text.encode()
        except (TypeError, ValueError):
            raise ChangeError(f"the value for {_named(path)} is no JSON") from None
        source.release = self.document.release
        return parse(source).root or nodes.NullNode(source, 0, 0, None)

    def reference(self, path: KeyPath, ref: Ref) -> Any:
        """A reference to a secret in the form that the key takes. Raises ChangeError."""
        if ref.source == "env" and next(references(f"${{{ref.id}}}"), "") != ref.id:
            raise ChangeError("the name of a variable is made of A to Z, 0 to 9 and _")
        if all(walk(self.shape, (*path, key)) is not None for key in ("source", "provider", "id")):
            default = nodes.text_of(nodes.child(self.root, "secrets", "defaults", ref.source))
            provider = ref.provider or default or "default"
            return {"source": ref.source, "provider": provider, "id": ref.id}
        if ref.source != "env":
            raise ChangeError(f"{_named(path)} takes no SecretRef")
        return f"${{{ref.id}}}"

    def put(self, path: KeyPath, new: nodes.Node | None, insert: bool = False) -> None:
        """Put a value at a path, or before the item there; None takes away what is there.

        What is missing on the way is made. Raises ChangeError for a way that cannot be.
        """
        for end in reversed(range(len(path))):
            at, step = path[:end], path[end]
            owner = nodes.child(self.root, *at)
            if owner is None:
                kind = nodes.ObjectNode if isinstance(step, str) else nodes.ArrayNode
                owner = kind(Source(""), 0, 0, [])
            if isinstance(owner, nodes.ObjectNode) and isinstance(step, str):
                new = self.with_key(owner, at, step, new)
            elif (
                isinstance(owner, nodes.ArrayNode)
                and isinstance(step, int)
                and step <= len(owner.items)
            ):
                behind = owner.items[step if insert else step + 1 :]
                new = with_items(owner, [*owner.items[:step], new, *behind])
                insert = False
            else:
                what = f"{nodes.IN_WORDS[owner.kind]} ({owner.location})"
                raise ChangeError(f"{_named(at)} is {what}; there is no {_named((step,))} in it")
        if not isinstance(new, nodes.ObjectNode):
            raise ChangeError("the config is an object; change its keys")
        self.root = new

    def with_key(
        self, owner: nodes.ObjectNode, path: KeyPath, key: str, value: nodes.Node | None
    ) -> nodes.ObjectNode:
        """An object with another value of a key, a new one in its place, or without it."""
        found = with_values(owner, {key: value})
        if key not in owner.values and value is not None:
            *members, member = found.members
            members.insert(_natural_place(members, key, walk(self.shape, path)), member)
            return nodes.ObjectNode(found.source, found.start, found.end, members)
        return found

    def changed(
        self, old: nodes.Node | None, path: KeyPath, new: nodes.Node, merging: bool = False
    ) -> nodes.Node:
        """The new value, in which what is the same as in the old one is the old one.

        With ``merging``, what a merge patch makes of the old one (RFC 7396).
        """
        if merging and isinstance(new, nodes.ObjectNode) and not isinstance(old, nodes.ObjectNode):
            old = nodes.ObjectNode(new.source, 0, 0, [])
        if isinstance(old, nodes.ObjectNode) and isinstance(new, nodes.ObjectNode):
            found = old
            for key in () if merging else old.values.keys() - new.values.keys():
                found = self.with_key(found, path, key, None)
            for key, value in new.values.items():
                gone = merging and isinstance(value, nodes.NullNode)
                inner = self.changed(old.get(key), (*path, key), value, merging)
                found = self.with_key(found, path, key, None if gone else inner)
            return found
        if isinstance(old, nodes.ArrayNode) and isinstance(new, nodes.ArrayNode):
            kept: list[nodes.Node] = []
            olds, news = ([_text(_identity(it)) for it in node.items] for node in (old, new))
            blocks = SequenceMatcher(None, olds, news, autojunk=False).get_opcodes()
            for _, at, end, first, last in blocks:
                pairs = zip_longest(old.items[at:end], new.items[first:last])
                kept += [self.changed(one, (*path, 0), two) for one, two in pairs if two]
            return with_items(old, kept)
        if old is not None and _text(old) == _text(new):
            return old
        if isinstance(old, nodes.StringNode) and isinstance(new, nodes.StringNode):
            # A text is quoted as the one in whose place it stands.
            return nodes.StringNode(old.source, old.start, old.end, new.value)
        return new


def _named(path: KeyPath) -> str:
    return masked(key_path_text(path)) or "the config"


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


def _identity(item: nodes.Node) -> nodes.Node:
    """What tells an item of a list from others: its id, or else its whole value."""
    own = nodes.child(item, "id")
    return item if own is None or not getattr(own, "value", "") else own


def _text(node: nodes.Node) -> str:
    return _json(nodes.to_value(node))


# --- the files of a config ------------------------------------------------------------------------


def with_texts(document: Document, texts: Mapping[str, str]) -> Document:
    """A config that is read again, some of its files with other texts.

    These count in place of those on disk, as do those that were read before.
    """
    source = document.trees[0].source
    contents = {tree.source.path or "": tree.source.text for tree in document.trees} | dict(texts)
    return load(
        source.path,
        text=contents[source.path or ""],
        name=source.name,
        environment=document.environment,
        home=document.home,
        cwd=document.config_dir,
        read=files.in_place_of({path: text.encode() for path, text in contents.items()}),
        target=document.release,
    )


def new_texts(document: Document, root: nodes.Node) -> tuple[dict[str, str], KeyPath | None]:
    """The new texts of the files of a config that has another tree, of those that change.

    Also gives where they do not merge into that tree, None where they do (MIG-57).
    """
    mounts = [Mount(node, INCLUDE, [root for _, root in parts]) for node, parts in document.mounts]
    texts = rewritten(root, document.trees, mounts)
    sources = {tree.source.path or "": tree.source.text for tree in document.trees}
    texts = {path: text for path, text in texts.items() if text != sources[path]}
    found = with_texts(document, texts).written
    assert found is not None  # as it was read
    return texts, _first_difference(nodes.to_value(found), nodes.to_value(root))


def _first_difference(left: Any, right: Any, path: KeyPath = ()) -> KeyPath | None:
    """Where two JSON values are not the same; None where they are."""
    if isinstance(left, dict) and isinstance(right, dict):
        inner = (
            _first_difference(left.get(key, ...), right.get(key, ...), (*path, key))
            for key in left | right
        )
        return next((found for found in inner if found is not None), None)
    return None if _json(left) == _json(right) else path


def _json(value: Any) -> str:
    """What tells values apart as JSON does (to Python, true and 1 are equal), and from ``...``."""
    return json.dumps(value, sort_keys=True, default=str)


@contextmanager
def deep() -> Iterator[None]:
    """Room on the stack for a config as deep as the parser takes it."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, 20 * nodes.MAX_DEPTH))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
