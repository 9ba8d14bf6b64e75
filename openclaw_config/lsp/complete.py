"""Completion: the keys, values and names that may be written at a cursor."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import count, islice, pairwise
from typing import NamedTuple

from openclaw_config import registry
from openclaw_config.capabilities import lookup
from openclaw_config.descriptions import describe
from openclaw_config.diagnostics.masking import masked
from openclaw_config.diagnostics.model import Edit, all_rules
from openclaw_config.explain import SET_BY
from openclaw_config.files import is_inside
from openclaw_config.lint.suppressions import breaks_off_in_names
from openclaw_config.loading.environment import PROCESS
from openclaw_config.loading.includes import INCLUDE
from openclaw_config.loading.load import Document
from openclaw_config.lsp import places
from openclaw_config.lsp.cursor import KEY, TEXT, VALUE, Cursor, cursor, spot
from openclaw_config.lsp.workspace import Opened
from openclaw_config.syntax.edits import key_text
from openclaw_config.syntax.nodes import Member, ObjectNode, child
from openclaw_config.syntax.text import KeyPath, Span, skip_to_token
from openclaw_config.targets import DEFAULT
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
    """What may be written: ``text`` in the place of ``span``, and ``edits`` elsewhere.

    ``kind`` is key, value, file, rule, alias, or one of ``places``. Of a ``snippet``, ``text`` has
    places to fill in (``$1``, ``${1:default}``, ``${1|a,b|}``); ``plain`` is the text without them.
    """

    label: str
    kind: str
    text: str
    span: Span
    detail: str = ""
    description: str = ""
    snippet: bool = False
    edits: tuple[Edit, ...] = ()

    @property
    def plain(self) -> str:
        """The text for an editor that knows no snippets."""
        return _unmarked(self.text) if self.snippet else self.text


class _Name(NamedTuple):
    """A name that there is, of a kind, with a few words about it."""

    name: str
    kind: str
    detail: str = ""


def complete(opened: Opened, offset: int) -> list[Item]:
    """What may be written at an offset of an open file, the likeliest first; at most ``MOST``."""
    at = cursor(opened.source.text, offset, opened.mount)
    word = at.typed
    found: Iterable[Item] = ()
    if at.wants == KEY:
        found = _keys(opened, at)
    elif at.wants in (TEXT, VALUE):
        word, found = (_in_comment if at.wants == TEXT else _values)(opened, at)
    # Like editors, by letters in their order: they would leave out the others.
    fits = re.compile(".*?".join(map(re.escape, word)), re.IGNORECASE).search
    return sorted((one for one in found if fits(one.label)), key=partial(_rank, word))[:MOST]


def _rank(word: str, item: Item) -> int:
    """How far from what was typed an item is."""
    label, word = item.label.lower(), word.lower()
    return 0 if label.startswith(word) else 1 if word in label else 2


# --- comments -------------------------------------------------------------------------------------

_DIRECTIVES = ("openclaw-config: ignore", "openclaw-config: ignore-file")


def _in_comment(opened: Opened, at: Cursor) -> tuple[str, Iterable[Item]]:
    end = at.span.end
    if not breaks_off_in_names(at.typed):
        word = at.typed.lstrip("/* \t")
        span = Span(end - len(word), end)
        known = (one for one in _DIRECTIVES if one.startswith(word))
        return word, (Item(one, "rule", f"{one}[$1] $2", span, snippet=True) for one in known)
    word = re.split(r"[\s\[,]", at.typed)[-1]
    span = Span(end - len(word), end)
    here = {one.rule for one in opened.report.diagnostics}
    rules = sorted(all_rules().items(), key=lambda one: one[0] not in here)
    return word, (
        Item(name, "rule", name, span, rule.severity, rule.summary) for name, rule in rules
    )


# --- keys -----------------------------------------------------------------------------------------


def _keys(opened: Opened, at: Cursor) -> Iterator[Item]:
    release, shapes = _release(opened), _shapes(opened, at.path)
    around = spot(opened.tree, at.opener)
    owner = around.node if around and isinstance(around.node, ObjectNode) else None
    start = at.span.start - len(at.quote)
    there = [one for one in (owner.members if owner else ()) if one.key_start != start]
    taken = {one.key for one in there}
    sample = next((one for one in (*there, *_members(opened.tree.root))), None)
    put = _key_writer(opened, at, sample)
    known: dict[str, list[Shape]] = {}
    for part in shapes:
        for key in part.keys:
            known.setdefault(key, []).extend(filter(None, (part.of_key(key),)))
    required = {key for part in shapes for key in part.required}
    for key, found in sorted(known.items(), key=lambda one: one[0] not in required):
        if found and not found[0].old and key not in taken:
            said = describe((*at.path, key), release)
            about = said.text if said is not None else ""
            yield put(Item(key, "key", "", at.span, expected(found[0]), about), *found)
    value = [part.additional for part in shapes if part.additional is not None][:1]
    for name in _names(opened, places.kind_at(at.path, "keys"), at.path):
        if name.name not in taken | known.keys():
            yield put(Item(name.name, name.kind, "", at.span, name.detail), *value)
    if INCLUDE not in taken:
        about = "The contents of another file, or of several in a list, in this object's place."
        yield put(Item(INCLUDE, "key", "", at.span, "a path or a list of paths", about))


def _key_writer(opened: Opened, at: Cursor, sample: Member | None) -> Callable[..., Item]:
    """What gives an item its text: the key as others are written, with what is missing around."""
    end = at.span.end + at.closed
    source = opened.source.text
    mark = source[skip_to_token(source, end) :][:1]
    edits = _comma_before(at)

    def written(item: Item, *shapes: Shape) -> Item:
        key = f"{item.label}{at.quote}" if at.quote else key_text(sample, item.label)
        value = ""
        if mark != ":":
            first = '"./$1"' if item.label == INCLUDE else _starter(shapes, sample, count(1))
            value = f": {first}{_comma_after(mark)}"
        span = Span(at.span.start, end)
        return item._replace(text=_escaped(key) + value, span=span, snippet=True, edits=edits)

    return written


def _comma_before(at: Cursor) -> tuple[Edit, ...]:
    return (Edit(Span(at.after, at.after), ","),) if at.after >= 0 else ()


def _comma_after(mark: str) -> str:
    return "" if mark in (",", "}", "]", "") else ","


def _starter(
    shapes: Sequence[Shape], sample: Member | None, stops: Iterator[int], depth: int = 1
) -> str:
    """The beginning of a value of any of some shapes: what it needs, and places to fill in."""
    if shapes and all(one.has_values for one in shapes):
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


def _values(opened: Opened, at: Cursor) -> tuple[str, Iterable[Item]]:
    if INCLUDE in at.path[-2:]:
        return at.typed, _texts(opened, at, _paths(opened, at.typed))
    _, begun, name = at.typed.rpartition("${")
    if not begun or "}" in name:
        return at.typed, _plain_values(opened, at)
    start = at.span.start + len(at.typed) - len(name)
    rest = re.compile(r"\w*\}?").match(opened.source.text, start)
    span = Span(start, rest.end() if rest else start)
    return name, (
        Item(one.name, one.kind, f"{one.name}}}", span, one.detail)
        for one in _names(opened, places.VARIABLE, at.path)
    )


def _plain_values(opened: Opened, at: Cursor) -> Iterator[Item]:
    shapes = _shapes(opened, at.path)
    kinds = {kind for one in shapes for kind in one.kinds or ()}
    values = [value for one in shapes for value in present(one, one.values)]
    values += [True, False] if "boolean" in kinds and not at.quote else []
    kind = places.kind_at(at.path)
    if places.is_reference(at.path, _shapes(opened, at.path[:-1])):
        kind = places.SECRET_PROVIDER
    if any(one.secret for one in shapes):
        names = [
            one._replace(name=f"${{{one.name}}}")
            for one in _names(opened, places.VARIABLE, at.path)
        ]
    else:
        names = [*_names(opened, kind, at.path)] if "string" in kinds else []
    words = [_Name(one, "value") for one in dict.fromkeys(values) if isinstance(one, str)]
    yield from _texts(opened, at, [*words, *names])
    if at.quote:
        return
    put = _value_writer(opened, at)
    for value in dict.fromkeys(json.dumps(one) for one in values if not isinstance(one, str)):
        yield put(Item(value, "value", value, at.span))
    sample = next(iter(_members(opened.tree.root)), None)
    for shape in shapes if not at.typed else ():
        if shape.secret or (shape.kinds or frozenset()) & {"object", "array"} or shape.keys:
            item = Item("", "value", "", at.span, expected(shape), snippet=True)
            item = item._replace(text=_starter([shape], sample, count(1)))
            yield put(item._replace(label=item.plain))


def _value_writer(opened: Opened, at: Cursor) -> Callable[[Item], Item]:
    source, end = opened.source.text, at.span.end + at.closed
    tail, edits = _comma_after(source[skip_to_token(source, end) :][:1]), _comma_before(at)
    tail = "" if at.closed else tail
    return lambda item: item._replace(text=item.text + tail, edits=edits)


def _texts(opened: Opened, at: Cursor, names: Iterable[_Name]) -> Iterator[Item]:
    """Strings as they are written at a cursor: in the quotes that are there, or in new ones."""
    source = opened.source.text
    mark = at.quote or ("'" if "'" in source and '"' not in source else '"')
    put = _value_writer(opened, at)
    for one in names:
        whole = f"{mark}{one.name}{mark}"
        text = whole[len(at.quote) : len(whole) - at.closed]
        yield put(Item(one.name, one.kind, text, at.span, one.detail))


def _paths(opened: Opened, typed: str) -> Iterator[_Name]:
    """The files and folders that an ``$include`` may go on with, beside the file itself."""
    path, document = opened.source.path, opened.report.document
    head = typed.rpartition("/")[0]
    if path is None or document is None:
        return
    folder = os.path.normpath(os.path.join(os.path.dirname(path), head))
    if not is_inside(document.config_dir, folder):
        return
    try:
        with os.scandir(folder) as entries:
            found = sorted(islice(entries, _MOST_FILES), key=lambda entry: entry.name)
    except (OSError, ValueError):
        return
    for entry in found:
        is_folder = entry.is_dir(follow_symlinks=False)
        ours = is_folder or entry.name.endswith(_FILES)
        if ours and entry.path != path and not entry.name.startswith("."):
            yield _Name(f"{head or '.'}/{entry.name}{'/' * is_folder}", "file")


# --- names ----------------------------------------------------------------------------------------


_ODD = frozenset("\"'\\$")
"""What no name has that can be written without care; a variable is no name."""


def _names(opened: Opened, kind: str, path: KeyPath) -> Iterator[_Name]:
    """The names of a kind: those of the config first, then those that the release has."""
    document, release = opened.report.document, _release(opened)
    seen = set()
    own = _of_config(document, kind, path) if document is not None and kind else ()
    own = (one for one in own if masked(one.name) == one.name and masked(one.detail) == one.detail)
    for one in (*own, *_of_release(document, release, kind, path)):
        if one.name and one.name not in seen and not _ODD & set(one.name):
            seen.add(one.name)
            yield one


def _of_config(document: Document, kind: str, path: KeyPath) -> Iterator[_Name]:
    root = document.root
    if kind == places.CHAT:
        for alias, ref in names_of(document).aliases.items():
            yield _Name(alias, "alias", ref)
        for key, _ in members(child(root, "agents", "defaults", "models")):
            yield _Name(key, kind)
        for provider, block in members(child(root, "models", "providers")):
            for item in items(child(block, "models")):
                model = text(child(item, "id"))
                yield _Name(ModelRef(provider, model).key if model else "", kind, "of this config")
    elif kind == places.AGENT:
        for agent in all_agents(document):
            yield _Name(agent.id, kind, text(child(agent.entry, "name")))
    elif kind in places.DECLARED:
        reserved = registry.reserved_channel_keys(document.release)
        for name in values_of(child(root, *places.DECLARED[kind])):
            if name not in reserved:
                yield _Name(name, kind, "of this config")
    elif kind == places.VARIABLE:
        variable = document.environment.variable
        used = [use.name for use in document.uses if use.key_path != path]
        for name in (*used, *document.environment.names()):
            found = variable(name)
            if name in used or found is None or found.kind != PROCESS:
                yield _Name(name, kind, SET_BY[found.kind if found else "missing"])


_KNOWN: dict[str, Callable[[str], Iterable[str]]] = {
    places.CHANNEL: registry.channel_ids,
    places.TARGET: lambda release: (
        *registry.heartbeat_targets(release),
        *registry.channel_ids(release),
    ),
    places.PLUGIN: registry.plugin_ids,
    places.TOOL: lambda release: (*registry.tool_groups(release), *registry.tool_names(release)),
    places.PROVIDER: registry.provider_ids,
    places.SPEECH: lambda release: _with_surface(release, places.SPEECH),
    places.SEARCH: registry.web_search,
    places.SECRET_PROVIDER: lambda _: ("default",),
}
"""The names that a release has itself."""


def _of_release(
    document: Document | None, release: str, kind: str, path: KeyPath
) -> Iterator[_Name]:
    if kind in (places.CHAT, *places.MEDIA):
        yield from _models(document, release, kind)
    elif kind == places.VARIABLE:
        named = [str(after) for step, after in pairwise(path) if step == "providers"]
        declared = values_of(child(document.root, "models", "providers")) if document else ()
        for name in named or declared:
            found = registry.provider(release, registry.canonical_provider(release, name))
            for variable in found.keys if found else ():
                yield _Name(variable, kind, f"a key of {name}")
    elif kind in _KNOWN:
        yield from (_Name(name, kind) for name in _KNOWN[kind](release))


def _with_surface(release: str, surface: str) -> Iterator[str]:
    for name in registry.provider_ids(release):
        found = registry.provider(release, name)
        if found is not None and surface in found.surfaces:
            yield name


def _models(document: Document | None, release: str, surface: str) -> Iterator[_Name]:
    """The refs that the tables know, and the providers of any model."""
    tables = document.tables if document is not None else None
    if tables is None and document is not None:
        tables = lookup.built_in(document.target.requests)
    for provider in lookup.providers_with(surface, tables):
        rows = lookup.section(provider, surface, tables).get("models", {})
        for model in lookup.models(provider, surface, tables):
            size = rows[model].get("contextWindow") if isinstance(rows, dict) else None
            detail = f"{size:,} tokens of context" if size else ""
            yield _Name(ModelRef(provider, model).key, surface, detail)
    for name in _with_surface(release, surface):
        yield _Name(f"{name}/", places.PROVIDER, f"a {surface} model of {name}")


# --- what all have in common ----------------------------------------------------------------------


def _release(opened: Opened) -> str:
    document = opened.report.document
    return document.release if document is not None else opened.source.release or DEFAULT


def _shapes(opened: Opened, path: KeyPath) -> list[Shape]:
    return places.shapes_at(_release(opened), path, opened.tree.root, opened.mount)


def _members(root: object) -> list[Member]:
    return root.members if isinstance(root, ObjectNode) else []
