"""Completion: the keys, values and names that may be written at a cursor."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from glob import iglob
from itertools import count, islice, pairwise
from typing import NamedTuple

from lsprotocol import types
from lsprotocol.types import CompletionItemKind as Kind

from openclaw_config import registry
from openclaw_config.capabilities import lookup
from openclaw_config.descriptions import describe
from openclaw_config.diagnostics.masking import masked
from openclaw_config.diagnostics.model import all_rules
from openclaw_config.explain import SET_BY
from openclaw_config.files import is_inside
from openclaw_config.lint.suppressions import breaks_off_in_names
from openclaw_config.loading.environment import PROCESS
from openclaw_config.loading.includes import INCLUDE
from openclaw_config.loading.load import Document
from openclaw_config.lsp import places
from openclaw_config.lsp.places import KEY, TEXT, VALUE, Cursor, cursor
from openclaw_config.lsp.workspace import Opened
from openclaw_config.syntax.edits import key_text
from openclaw_config.syntax.nodes import Member, ObjectNode, child
from openclaw_config.syntax.text import KeyPath, Span, skip_to_token
from openclaw_config.validation.schema import Shape
from openclaw_config.validation.wording import expected, present
from openclaw_config.view.refs import ModelRef, names_of
from openclaw_config.view.settings import all_agents, items, members, text, values_of

MOST = 400
"""How many items an answer has."""
_MOST_FILES = 1000
_FILES = (".json", ".json5", ".jsonc")
_DEEPEST = 3
"""How many objects in one another a snippet has."""


class Item(NamedTuple):
    """What may be written: ``text`` in the place of the word at the cursor.

    ``detail`` is a few words about it. Of a ``snippet``, ``text`` has places to fill in (``$1``,
    ``${1:default}``, ``${1|a,b|}``); ``plain`` is the text without them.
    """

    label: str
    detail: str = ""
    description: str = ""
    kind: Kind = Kind.Value
    text: str = ""
    snippet: bool = False

    @property
    def plain(self) -> str:
        """The text for an editor that knows no snippets."""
        return _unmarked(self.text) if self.snippet else self.text


def complete(opened: Opened, offset: int, snippets: bool = True) -> types.CompletionList:
    """What may be written at an offset of an open file, the likeliest first; at most ``MOST``.

    Without ``snippets`` for an editor that knows none.
    """
    at = cursor(opened.source.text, offset, opened.mount)
    found: Iterable[Item] = ()
    if at.wants == KEY:
        found = _keys(opened, at)
    elif at.wants in (TEXT, VALUE):
        at, found = (_in_comment if at.wants == TEXT else _values)(opened, at)
    # Like editors, by letters in their order: they would leave out the others.
    fits = re.compile(".*?".join(map(re.escape, at.typed)), re.IGNORECASE).search
    fitting = dict.fromkeys(one for one in found if fits(one.label))
    chosen = sorted(fitting, key=partial(_rank, at.typed))[:MOST]
    place = opened.range(Span(at.span.start, at.span.end + at.closed))
    after = opened.range(Span(max(at.after, 0), max(at.after, 0)))
    items = [
        types.CompletionItem(
            one.label,
            kind=one.kind,
            detail=one.detail or None,
            documentation=one.description or None,
            sort_text=f"{number:04}",
            insert_text_format=types.InsertTextFormat(1 + (one.snippet and snippets)),
            text_edit=types.TextEdit(place, one.text if snippets else one.plain),
            additional_text_edits=[types.TextEdit(after, ",")] * (at.after >= 0),
        )
        for number, one in enumerate(chosen)
    ]
    return types.CompletionList(len(items) >= MOST, items)


def _rank(word: str, item: Item) -> int:
    """How far from what was typed an item is."""
    label, word = item.label.lower(), word.lower()
    return 0 if label.startswith(word) else 1 if word in label else 2


# --- comments -------------------------------------------------------------------------------------


def _in_comment(opened: Opened, at: Cursor) -> tuple[Cursor, Iterable[Item]]:
    """The names of rules in a comment that silences some, those of findings first."""
    if not breaks_off_in_names(at.typed):
        return at, ()
    word = re.split(r"[\s\[,]", at.typed)[-1]
    here = {one.rule for one in opened.report.diagnostics}
    rules = sorted(all_rules().items(), key=lambda one: one[0] not in here)
    found = (Item(name, rule.severity, rule.summary, Kind.Keyword, name) for name, rule in rules)
    return at._replace(typed=word, span=Span(at.span.end - len(word), at.span.end)), found


# --- keys -----------------------------------------------------------------------------------------


def _keys(opened: Opened, at: Cursor) -> Iterator[Item]:
    release, shapes = opened.release, _shapes(opened, at.path)
    owner = child(opened.tree.root, *at.path[len(opened.mount) :])
    start = at.span.start - len(at.quote)
    there = [one for one in _members(owner) if one.key_start != start]
    taken = {one.key for one in there}
    sample = next((one for one in (*there, *_members(opened.tree.root))), None)
    mark = _after(opened, at)

    def put(item: Item, shapes: Sequence[Shape]) -> Item:
        """A key as others are written, with the beginning of its value and what lacks around."""
        text = _escaped(f"{item.label}{at.quote}" if at.quote else key_text(sample, item.label))
        if mark != ":":
            first = '"./$1"' if item.label == INCLUDE else _starter(shapes, sample, count(1))
            text = f"{text}: {first}{_comma(mark)}"
        return item._replace(text=text, snippet=True)

    keys = dict.fromkeys(key for part in shapes for key in part.keys)
    known = {key: [*filter(None, (part.of_key(key) for part in shapes))] for key in keys}
    required = {key for part in shapes for key in part.required}
    for key, found in sorted(known.items(), key=lambda one: one[0] not in required):
        if found and not found[0].old and key not in taken:
            said = describe((*at.path, key), release)
            about = said.text if said else ""
            yield put(Item(key, expected(found[0]), about, Kind.Property), found)
    value = [part.additional for part in shapes if part.additional is not None][:1]
    for item in _names(opened, places.kind_at(at.path, "keys"), at.path):
        if item.label not in taken | known.keys():
            yield put(item, value)
    if INCLUDE not in taken:
        about = "The contents of another file, or of several in a list, in this object's place."
        yield put(Item(INCLUDE, "a path or a list of paths", about, Kind.Property), ())


def _after(opened: Opened, at: Cursor) -> str:
    """The sign behind the word at a cursor, past white space and comments; "" at the end."""
    source = opened.source.text
    return source[skip_to_token(source, at.span.end + at.closed) :][:1]


def _comma(mark: str) -> str:
    return "" if mark in (",", "}", "]", "") else ","


def _starter(
    shapes: Sequence[Shape], sample: Member | None, stops: Iterator[int], depth: int = 1
) -> str:
    """The beginning of a value of any of some shapes: what it needs, and places to fill in."""
    if shapes and all(one.values for one in shapes):
        values = (value for one in shapes for value in present(one, one.values))
        return _choice([*dict.fromkeys(map(json.dumps, values))], stops)
    if not shapes:
        return f"${next(stops)}"
    shape = shapes[0]
    if shape.secret:
        return f'"\\${{${next(stops)}\\}}"'
    if shape.kinds is None and shape.any_of:
        return _starter(shape.any_of[:1], sample, stops, depth)
    parts = (shape, *shape.all_of)
    kinds = {kind for part in parts for kind in part.kinds or ()}
    default = shape.schema.get("default")
    if "boolean" in kinds:
        return _choice(["false", "true"] if default is True else ["true", "false"], stops)
    if "string" in kinds:
        return f'"${next(stops)}"'
    if "number" in kinds:
        return f"${next(stops)}" if default is None else f"${{{next(stops)}:{default}}}"
    if "array" in kinds:
        return f"[${next(stops)}]"
    if "object" not in kinds and not any(part.keys for part in parts):
        return f"${next(stops)}"
    needed = dict.fromkeys(key for part in parts for key in part.required if depth <= _DEEPEST)
    inner = ", ".join(
        f"{_escaped(key_text(sample, key))}: {_starter(found, sample, stops, depth + 1)}"
        for key in needed
        for found in [[*filter(None, (part.of_key(key) for part in parts))]]
    )
    return f"{{ {inner or f'${next(stops)}'} }}"


def _choice(values: list[str], stops: Iterator[int]) -> str:
    if len(values) < 2:
        return _escaped("".join(values))
    options = ",".join(re.sub(r"([,|\\$}])", r"\\\1", one) for one in values)
    return f"${{{next(stops)}|{options}|}}"


def _escaped(text: str) -> str:
    return re.sub(r"([\\$}])", r"\\\1", text)


_MARK = re.compile(r"\\(.)|\$\d+|\$\{\d+\|((?:\\.|[^,|])*)(?:\\.|[^|])*\|\}|\$\{\d+:([^}]*)\}")


def _unmarked(text: str) -> str:
    return _MARK.sub(
        lambda found: re.sub(r"\\(.)", r"\1", "".join(filter(None, found.groups()))), text
    )


# --- values ---------------------------------------------------------------------------------------


def _values(opened: Opened, at: Cursor) -> tuple[Cursor, Iterable[Item]]:
    if INCLUDE in at.path[-2:]:
        return at, _texts(opened, at, _paths(opened, at.typed))
    _, begun, name = at.typed.rpartition("${")
    if not begun or "}" in name:
        return at, _plain_values(opened, at)
    start = at.span.start + len(at.typed) - len(name)
    rest = re.compile(r"\w*\}?").match(opened.source.text, start)
    at = at._replace(typed=name, span=Span(start, rest.end() if rest else start), closed=False)
    names = _names(opened, places.VARIABLE, at.path)
    return at, (one._replace(text=f"{one.label}}}") for one in names)


def _plain_values(opened: Opened, at: Cursor) -> Iterator[Item]:
    shapes = _shapes(opened, at.path)
    kinds = {kind for one in shapes for kind in one.kinds or ()}
    values = [value for one in shapes for value in present(one, one.values)]
    values += [True, False] if "boolean" in kinds and not at.quote else []
    kind = places.kind_at(at.path)
    if places.is_reference(at.path, _shapes(opened, at.path[:-1])):
        kind = places.SECRET_PROVIDER
    if any(one.secret for one in shapes):
        variables = _names(opened, places.VARIABLE, at.path)
        names = [one._replace(label=f"${{{one.label}}}") for one in variables]
    else:
        names = [*_names(opened, kind, at.path)] if "string" in kinds else []
    words = [Item(one) for one in dict.fromkeys(values) if isinstance(one, str)]
    yield from _texts(opened, at, [*words, *names])
    if at.quote:
        return
    tail = _comma(_after(opened, at))
    for value in dict.fromkeys(json.dumps(one) for one in values if not isinstance(one, str)):
        yield Item(value, text=value + tail)
    sample = next(iter(_members(opened.tree.root)), None)
    for shape in shapes if not at.typed else ():
        if shape.secret or (shape.kinds or frozenset()) & {"object", "array"} or shape.keys:
            first = _starter([shape], sample, count(1))
            yield Item(_unmarked(first), expected(shape), text=first + tail, snippet=True)


def _texts(opened: Opened, at: Cursor, names: Iterable[Item]) -> Iterator[Item]:
    """Strings as they are written at a cursor: in the quotes that are there, or in new ones."""
    source = opened.source.text
    mark = at.quote or ("'" if "'" in source and '"' not in source else '"')
    tail = mark + ("" if at.closed else _comma(_after(opened, at)))
    for one in names:
        yield one._replace(text=f"{mark[len(at.quote) :]}{one.label}{tail}")


def _paths(opened: Opened, typed: str) -> Iterator[Item]:
    """The files and folders that an ``$include`` may go on with, beside the file itself."""
    path, document = opened.source.path, opened.report.document
    head = typed.rpartition("/")[0]
    if path is None or document is None:
        return
    folder = os.path.normpath(os.path.join(os.path.dirname(path), head))
    if "\0" in folder or not is_inside(document.config_dir, folder):
        return
    for name in sorted(islice(iglob("*", root_dir=folder), _MOST_FILES)):
        entry = os.path.join(folder, name)
        is_folder = os.path.isdir(entry) and not os.path.islink(entry)
        if entry != path and (is_folder or name.endswith(_FILES)):
            yield Item(f"{head or '.'}/{name}{'/' * is_folder}", kind=Kind.File)


# --- names ----------------------------------------------------------------------------------------


_ODD = frozenset("\"'\\$")
"""What no name has that can be written without care; a variable is no name."""


def _names(opened: Opened, kind: str, path: KeyPath) -> Iterator[Item]:
    """The names of a kind: those of the config first, then those that the release has."""
    document, seen = opened.report.document, set()
    own = _of_config(document, kind, path) if document is not None and kind else ()
    own = (one for one in own if all(masked(said) == said for said in (one.label, one.detail)))
    for one in (*own, *_of_release(opened, kind, path)):
        if one.label and one.label not in seen and not _ODD & set(one.label):
            seen.add(one.label)
            yield one


def _of_config(document: Document, kind: str, path: KeyPath) -> Iterator[Item]:
    root = document.root
    if kind == places.CHAT:
        for alias, ref in names_of(document).aliases.items():
            yield Item(alias, ref)
        for key, _ in members(child(root, "agents", "defaults", "models")):
            yield Item(key)
        for provider, block in members(child(root, "models", "providers")):
            for item in items(child(block, "models")):
                model = text(child(item, "id"))
                yield Item(ModelRef(provider, model).key if model else "", "of this config")
    elif kind == places.AGENT:
        for agent in all_agents(document):
            yield Item(agent.id, text(child(agent.entry, "name")))
    elif kind in places.DECLARED:
        reserved = registry.reserved_channel_keys(document.release)
        for name in values_of(child(root, *places.DECLARED[kind])):
            if name not in reserved:
                yield Item(name, "of this config")
    elif kind == places.VARIABLE:
        variable = document.environment.variable
        used = [use.name for use in document.uses if use.key_path != path]
        for name in (*used, *document.environment.names()):
            found = variable(name)
            if name in used or found is None or found.kind != PROCESS:
                yield Item(name, SET_BY[found.kind if found else "missing"])


_KNOWN: dict[str, Callable[[str], Iterable[str]]] = {
    places.CHANNEL: registry.channel_ids,
    places.TARGET: lambda it: (*registry.heartbeat_targets(it), *registry.channel_ids(it)),
    places.PLUGIN: registry.plugin_ids,
    places.TOOL: lambda it: (*registry.tool_groups(it), *registry.tool_names(it)),
    places.PROVIDER: registry.provider_ids,
    places.SPEECH: lambda it: _with_surface(it, places.SPEECH),
    places.SEARCH: registry.web_search,
    places.SECRET_PROVIDER: lambda _: ("default",),
}
"""The names that a release has itself."""


def _of_release(opened: Opened, kind: str, path: KeyPath) -> Iterator[Item]:
    document, release = opened.report.document, opened.release
    if kind in (places.CHAT, *places.MEDIA):
        yield from _models(document, release, kind)
    elif kind == places.VARIABLE:
        named = [str(after) for step, after in pairwise(path) if step == "providers"]
        declared = values_of(child(document.root, "models", "providers")) if document else ()
        for name in named or declared:
            found = registry.provider(release, registry.canonical_provider(release, name))
            for variable in found.keys if found else ():
                yield Item(variable, f"a key of {name}")
    elif kind in _KNOWN:
        yield from map(Item, _KNOWN[kind](release))


def _with_surface(release: str, surface: str) -> Iterator[str]:
    for name in registry.provider_ids(release):
        found = registry.provider(release, name)
        if found is not None and surface in found.surfaces:
            yield name


def _models(document: Document | None, release: str, surface: str) -> Iterator[Item]:
    """The refs that the tables know, and the providers of any model."""
    tables = document and (document.tables or lookup.built_in(document.target.requests))
    for provider in lookup.providers_with(surface, tables):
        rows = lookup.section(provider, surface, tables).get("models", {})
        for model in lookup.models(provider, surface, tables):
            size = rows[model].get("contextWindow") if isinstance(rows, dict) else None
            detail = f"{size:,} tokens of context" if size else ""
            yield Item(ModelRef(provider, model).key, detail)
    for name in _with_surface(release, surface):
        yield Item(f"{name}/", f"a {surface} model of {name}")


# --- what all have in common ----------------------------------------------------------------------


def _shapes(opened: Opened, path: KeyPath) -> list[Shape]:
    return places.shapes_at(opened.release, path, opened.tree.root, opened.mount)


def _members(root: object) -> list[Member]:
    return root.members if isinstance(root, ObjectNode) else []
