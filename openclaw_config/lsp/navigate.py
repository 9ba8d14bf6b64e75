"""Ways through a file: its outline, and where names are defined and used.

Names are those of agents, aliases, providers, secret providers and files. All files of an include
graph are looked through as they are written, each below the place where it is included.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from lsprotocol import types
from pygls import uris

from openclaw_config.diagnostics.masking import may_show
from openclaw_config.diagnostics.model import Edit
from openclaw_config.errors import OpenClawConfigError
from openclaw_config.loading.environment import absolute
from openclaw_config.loading.includes import INCLUDE
from openclaw_config.lsp import places
from openclaw_config.lsp.places import Spot, parts_of
from openclaw_config.lsp.workspace import Opened
from openclaw_config.registry import canonical_provider
from openclaw_config.syntax import nodes
from openclaw_config.syntax.edits import key_text
from openclaw_config.syntax.text import KeyPath, Location, Span, trim
from openclaw_config.targets import DEFAULT, releases, target
from openclaw_config.validation.wording import quoted
from openclaw_config.view.refs import without_profile
from openclaw_config.view.settings import agent_id, is_secret_ref

ALIAS, FILE = "alias", "file"
"""Kinds of names beside those of ``places``."""
_RENAMED = (places.AGENT, ALIAS)
_ODD = frozenset("/@\"'\\:$*")
"""Signs that no alias has."""


class Name(NamedTuple):
    """A name where it is written: ``name`` as names of its kind are compared.

    ``member`` is the one whose key it is, None for a value. ``defines`` is true where that which it
    names is described.
    """

    kind: str
    name: str
    location: Location
    defines: bool = False
    member: nodes.Member | None = None


class RenameError(OpenClawConfigError, ValueError):
    """A name that cannot be given; the message says why."""


@lru_cache(maxsize=1)
def _rosters() -> frozenset[KeyPath]:
    """Where agents stand in any release: an older form may be there too."""
    return frozenset(target(release).keys.agents for release in releases())


def names(opened: Opened) -> list[Name]:
    """All names in the files of the config that an open file belongs to, in their order."""
    document = opened.report.document
    trees = document.trees if document else (opened.tree,)
    found = [one for tree in trees for one in _names_of(tree)]
    aliases = {one.name for one in found if one.kind == ALIAS and one.defines}
    chosen = (_chosen(one, aliases) if one.kind == places.CHAT else one for one in found)
    return [*filter(None, chosen)]


def _names_of(tree: nodes.Tree) -> Iterator[Name]:
    source = tree.source
    if tree.root is not None and source.path:
        start = tree.root.start
        yield Name(FILE, source.path, Location(source, Span(start, start + 1)), True)
    for path, node in nodes.paths_of(tree.root, source.place or ()):
        if isinstance(node, nodes.StringNode) and "${" not in node.value:
            kind, name = _value_kind(path), trim(node.value)
            if kind == FILE:
                name = absolute(name, os.path.dirname(source.path or ""))
            defines = kind == ALIAS or path[:-2] in _rosters()
            yield from _named(kind, name, _inside(node), defines)
        if not isinstance(node, nodes.ObjectNode):
            continue
        provider = node.get("provider")
        if is_secret_ref(node) and isinstance(provider, nodes.StringNode):
            yield from _named(places.SECRET_PROVIDER, provider.value, _inside(provider))
        kind, defines = _keys_kind(path)
        for member in node.members if kind else ():
            if member.key != INCLUDE:
                yield from _named(kind, member.key, member.key_location, defines, member)


def _value_kind(path: KeyPath) -> str:
    if INCLUDE in path[-2:]:
        return FILE
    if path[-1:] == ("alias",) and path[-3:-2] == ("models",):
        return ALIAS
    if path[:-2] in _rosters() and isinstance(path[-2], int) and path[-1] == "id":
        return places.AGENT
    return places.kind_at(path)


def _keys_kind(path: KeyPath) -> tuple[str, bool]:
    """The kind of names that the keys of an object are, and whether they define what they name."""
    if path in _rosters():
        return places.AGENT, True
    declared = next((kind for kind, way in places.DECLARED.items() if way == path), "")
    return declared or places.kind_at(path, "keys"), bool(declared)


def _named(
    kind: str, name: str, place: Location, defines: bool = False, member: nodes.Member | None = None
) -> Iterator[Name]:
    if kind in places.MEDIA:
        yield from _provider_of(name, place)
    elif kind and name:
        if kind == places.AGENT:
            name = agent_id(name)
        elif kind == places.TARGET:
            kind = places.CHANNEL
        elif kind in (ALIAS, places.SPEECH):
            name = name.lower()
        yield Name(kind, name, place, defines, member)


def _chosen(one: Name, aliases: set[str]) -> Name | None:
    """A chat ref as the name in it: an alias, or else the provider before its slash."""
    base = one.name if one.name.lower() in aliases else without_profile(one.name)[0]
    if base.lower() in aliases and one.member is None:
        start = one.location.span.start
        place = Location(one.location.source, Span(start, start + len(base)))
        return Name(ALIAS, base.lower(), place)
    return next(_provider_of(one.name, one.location), None)


def _provider_of(ref: str, place: Location) -> Iterator[Name]:
    written, slash, _ = ref.partition("/")
    source = place.source
    start = source.text.find(written, *place.span)
    if written and slash and start >= 0:
        name = canonical_provider(source.release or DEFAULT, written)
        yield Name(places.PROVIDER, name, Location(source, Span(start, start + len(written))))


def _inside(node: nodes.StringNode) -> Location:
    """The place of a string without its quotes."""
    quoted = node.source.text[node.start : node.start + 1] in "\"'"
    return Location(node.source, Span(node.start + quoted, node.end - quoted))


# --- what editors ask -----------------------------------------------------------------------------


def _at(opened: Opened, offset: int) -> tuple[Name | None, list[Name]]:
    """The name at an offset, and all names of the config."""
    every = names(opened)
    for one in every:
        source, (start, end) = one.location
        if source is opened.source and start <= offset <= end:
            return one, every
    return None, every


def _alike(here: Name | None, every: list[Name]) -> list[Name]:
    """The names that name the same."""
    return [one for one in every if here and one[:2] == here[:2]]


def definition(opened: Opened, offset: int) -> list[Location]:
    """Where that which is named at an offset is described; the root of an included file."""
    return [one.location for one in _alike(*_at(opened, offset)) if one.defines]


def references(opened: Opened, offset: int, declaration: bool = True) -> list[Location]:
    """Where that which is named at an offset is named, with ``declaration`` also where it is."""
    alike = _alike(*_at(opened, offset))
    return [one.location for one in alike if declaration or not one.defines]


def renamed(opened: Opened, offset: int) -> types.Range | None:
    """The place of the name at an offset, if it is one that can be given anew."""
    here, _ = _at(opened, offset)
    return opened.range(here.location.span) if here and here.kind in _RENAMED else None


def rename(opened: Opened, offset: int, new: str) -> dict[str, tuple[Edit, ...]]:
    """The edits, by files' paths, that give the agent or alias at an offset another name.

    Raises RenameError for what is neither, and for a name that is invalid or taken.
    """
    (here, every), new = _at(opened, offset), trim(new)
    if here is None or here.kind not in _RENAMED:
        raise RenameError("only agents and aliases of models can be renamed")
    name = agent_id(new) if here.kind == places.AGENT else new.lower()
    odd = here.kind == ALIAS and not (new.isprintable() and _ODD.isdisjoint(new))
    if not new or name != new.lower() or odd:
        raise RenameError(f"this cannot be the name of an {here.kind}")
    if name != here.name and any(one[:2] == (here.kind, name) for one in every):
        raise RenameError(f"there is an {here.kind} of this name already")
    alike = _alike(here, every)
    if not any(one.defines for one in alike):
        raise RenameError(f"this {here.kind} is not described in these files")
    edits: dict[str, tuple[Edit, ...]] = {}
    for one in alike:
        path = one.location.source.path or ""
        text = new if one.member is None else key_text(one.member, new)
        edits[path] = (*edits.get(path, ()), Edit(one.location.span, text))
    return edits


def links(opened: Opened) -> list[types.DocumentLink]:
    """The files that an open file includes, with the places where it says so."""
    document = opened.report.document
    known = {source.path for source in document.sources} if document else set()
    return [
        types.DocumentLink(opened.range(one.location.span), uris.from_fs_path(one.name))
        for one in names(opened)
        if one.kind == FILE and one.location.source is opened.source
        if not one.defines and one.name in known
    ]


# --- the outline ----------------------------------------------------------------------------------

_DEEPEST = 30
"""How many levels an outline has; no config has so many."""
_NAMING = ("id", "name", "agentId", "alias")
"""The keys that name an item of a list."""


def symbols(opened: Opened) -> list[types.DocumentSymbol]:
    """The keys of an open file, those of objects below them; a value where it is no secret."""
    root = opened.tree.root
    return [] if root is None else _symbols_in(opened, Spot(opened.mount, root), _DEEPEST)


def _symbols_in(opened: Opened, holder: Spot, levels: int) -> list[types.DocumentSymbol]:
    return [_symbol(opened, one, levels - 1) for one in parts_of(holder) if levels]


def _symbol(opened: Opened, one: Spot, levels: int) -> types.DocumentSymbol:
    path, node, member, _ = one
    span = node.span if member is None else Span(member.key_start, max(member.key_end, node.end))
    own = span if member is None else member.key_location.span
    name = f"[{path[-1]}]" if member is None else member.key or '""'
    detail = _shown(node, path)
    if member is None and not detail:
        named = ((nodes.child(node, key), (*path, key)) for key in _NAMING)
        detail = next((_shown(*found) for found in named if found[0] is not None), "")
    kind, inner = types.SymbolKind[node.kind.title()], _symbols_in(opened, one, levels)
    place, key = opened.range(span), opened.range(own)
    return types.DocumentSymbol(name, kind, place, key, detail or None, children=inner)


def _shown(node: nodes.Node | None, path: KeyPath) -> str:
    if node is None or isinstance(node, nodes.CONTAINERS) or not may_show(node, path):
        return ""
    return quoted(getattr(node, "value", None))


def folds(opened: Opened) -> list[types.FoldingRange]:
    """What can be folded: objects and lists of several lines, and comments that stand together."""
    text = opened.source.text
    found: dict[int, types.FoldingRange] = {}

    def line(offset: int) -> int:
        return opened.source.position(offset).line - 1

    for node in nodes.containers(opened.tree.root):
        # The line of the closing bracket stays.
        first, end = line(node.start), nodes.line_start(text, max(node.end - 1, 0)) - 1
        if end > node.start and line(end) > first:
            found.setdefault(first, types.FoldingRange(first, line(end)))
    start, end = 0, -1
    for comment in opened.tree.comments:
        between = text[end : comment.start]
        if end < 0 or between.strip() or between.count("\n") != 1:
            start = comment.start
        end = comment.end
        if "\n" in text[start:end]:
            kind = types.FoldingRangeKind.Comment
            found[line(start)] = types.FoldingRange(line(start), line(end), kind=kind)
    return [*found.values()]
