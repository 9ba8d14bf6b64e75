"""The outline of a file: its keys as symbols, and what can be folded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from openclaw_config.diagnostics.masking import may_show
from openclaw_config.lsp.cursor import Spot, parts_of
from openclaw_config.lsp.workspace import Opened
from openclaw_config.syntax.nodes import CONTAINERS, Node, child, containers, line_start
from openclaw_config.syntax.text import KeyPath, Span
from openclaw_config.validation.wording import quoted

_DEEPEST = 30
"""How many levels an outline has; no config has so many."""
_NAMING = ("id", "name", "agentId", "alias")
"""The keys that name an item of a list."""


class Symbol(NamedTuple):
    """A key or an item: ``span`` is all of it, ``name_span`` its key. ``kind`` is its value's."""

    name: str
    kind: str
    detail: str
    span: Span
    name_span: Span
    children: tuple[Symbol, ...]


def symbols(opened: Opened) -> tuple[Symbol, ...]:
    """The keys of an open file, those of objects below them; a value where it is no secret."""
    root = opened.tree.root
    return () if root is None else _inside(Spot(opened.mount, root), _DEEPEST)


def _inside(holder: Spot, levels: int) -> tuple[Symbol, ...]:
    return tuple(_symbol(one, levels - 1) for one in parts_of(holder) if levels)


def _symbol(one: Spot, levels: int) -> Symbol:
    path, node, member, _ = one
    span = node.span if member is None else Span(member.key_start, max(member.key_end, node.end))
    own = span if member is None else member.key_location.span
    name = f"[{path[-1]}]" if member is None else member.key or '""'
    detail = _shown(node, path)
    if member is None and not detail:
        named = ((child(node, key), (*path, key)) for key in _NAMING)
        detail = next((_shown(*found) for found in named if found[0] is not None), "")
    return Symbol(name, node.kind, detail, span, own, _inside(one, levels))


def _shown(node: Node | None, path: KeyPath) -> str:
    if node is None or isinstance(node, CONTAINERS) or not may_show(node, path):
        return ""
    return quoted(getattr(node, "value", None))


class Fold(NamedTuple):
    """A stretch whose first line stays when it is folded."""

    span: Span
    comment: bool = False


def folds(opened: Opened) -> Iterator[Fold]:
    """What can be folded: objects and lists of several lines, and comments that stand together."""
    source, text = opened.source, opened.source.text
    found: dict[int, Fold] = {}
    for node in containers(opened.tree.root):
        # The line of the closing bracket stays.
        end = line_start(text, max(node.end - 1, 0)) - 1
        line = source.position(node.start).line
        if end > node.start and source.position(end).line > line:
            found.setdefault(line, Fold(Span(node.start, end)))
    first, end = 0, -1
    for comment in opened.tree.comments:
        between = text[end : comment.start]
        if end < 0 or between.strip() or between.count("\n") != 1:
            first = comment.start
        end = comment.end
        if "\n" in text[first:end]:
            found[source.position(first).line] = Fold(Span(first, end), True)
    return iter(found.values())
