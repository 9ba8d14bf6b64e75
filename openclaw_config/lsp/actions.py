"""What an editor can offer to do about a file: fixes, suppressions, a migration, formatting."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from lsprotocol import types

from openclaw_config.diagnostics.masking import masked
from openclaw_config.diagnostics.model import Diagnostic, Edit, key_path_text
from openclaw_config.files import in_place_of
from openclaw_config.lint.linter import Linter
from openclaw_config.lint.options import Options
from openclaw_config.lsp.workspace import Opened, Workspace
from openclaw_config.migration import FROM, TO, migrate
from openclaw_config.syntax.edits import line_edits
from openclaw_config.syntax.formatter import format_tree
from openclaw_config.syntax.nodes import Tree, indentation, line_break, line_start
from openclaw_config.syntax.text import COMMENT, STRING, KeyPath, Span

Edits: TypeAlias = Mapping[str, tuple[Edit, ...]]
"""Edits of files by their absolute paths."""

_OF_OLD_KEYS = ("legacy-key", "older-release", "unknown-key")
QUICK_FIX, FIX_ALL, MIGRATE = "quickfix", "source.fixAll", "source.migrate"


Offer: TypeAlias = tuple[types.CodeAction, Edits | None, Diagnostic | None]
"""Something that an editor can do for its user, its edits, and what it is about.

The edits are None for what is worked out only when it is chosen (``edits_of``).
"""


def actions(opened: Opened, findings: Iterable[Diagnostic], span: Span) -> Iterator[Offer]:
    """What can be done about the findings of a file that touch a span, and about the whole file."""
    path = opened.source.path or ""
    placed = [(item, item.location) for item in findings if item.location]
    own = [(item, place.span) for item, place in placed if place.source is opened.source]
    touched = [(item, at.start) for item, at in own if _touch(at, span)]
    for item, _ in touched:
        if item.fix is not None:
            unsafe = "" if item.fix.safe else " (unsafe: it may change the meaning)"
            title = item.fix.title + unsafe
            action = types.CodeAction(title, QUICK_FIX, is_preferred=item.fix.safe or None)
            yield action, {path: item.fix.edits}, item
        elif item.rule in _OF_OLD_KEYS and (edits := _migrated(opened, item.key_path)):
            title = masked(f"migrate {key_path_text(item.key_path)} to OpenClaw {TO}")
            yield types.CodeAction(title, QUICK_FIX), edits, item
    for item, at in touched:
        edit = _suppression(opened.tree, item.rule, at)
        if opened.report.readable and edit is not None:
            yield types.CodeAction(f"ignore {item.rule} here", QUICK_FIX), {path: (edit,)}, item
    if any(item.fix is not None and item.fix.safe for item, _ in own):
        yield types.CodeAction("make all safe fixes of this file", FIX_ALL), None, None
    document = opened.report.document
    if document is not None and document.release == FROM and document.readable:
        yield types.CodeAction(f"migrate this config to OpenClaw {TO}", MIGRATE), None, None


def edits_of(kind: str, workspace: Workspace, path: str) -> Edits:
    """The edits of an action of the kind FIX_ALL or MIGRATE for an open file."""
    if kind == MIGRATE:
        return _migrated(workspace.opened(path))
    root = next(iter(workspace.roots_of(path)), path)
    changes = Linter(Options(fix=True)).check(workspace.target(root)).changes
    own = (one for one in changes if one.path == path)
    return {one.path: line_edits(one.before.decode(), one.after.decode()) for one in own}


def _migrated(opened: Opened, only: KeyPath = ()) -> Edits:
    """The edits that migrate a config, or one key of it. None where an item of a list is meant."""
    document = opened.report.document
    if document is None or not document.readable or not all(isinstance(step, str) for step in only):
        return {}
    main, *others = document.sources
    return migrate(
        main.path,
        text=main.text,
        old=FROM if document.release == FROM else TO,
        read=in_place_of({one.path or "": one.text.encode() for one in others}),
        only=only,
    ).edits


def formatting(opened: Opened, span: Span | None = None) -> tuple[Edit, ...]:
    """The edits that lay a file out evenly, only those that touch ``span`` where it is given.

    There are none for a text that does not parse.
    """
    try:
        formatted = format_tree(opened.tree)
    except ValueError:
        return ()
    edits = line_edits(opened.source.text, formatted)
    return tuple(one for one in edits if span is None or _touch(one.span, span))


def _touch(one: Span, other: Span) -> bool:
    return one.start <= other.end and other.start <= one.end


def _suppression(tree: Tree, rule: str, offset: int) -> Edit | None:
    """A comment on a line of its own that silences a rule on the line of ``offset``.

    None where that line begins within a token, as in a comment of several lines.
    """
    text = tree.source.text
    start = line_start(text, offset)
    kinds, starts = tree.tokens
    at = tree.tokens.from_offset(start + 1) - 1
    if kinds[at] in (COMMENT, STRING) and starts[at] != start:
        return None
    comment = f"// openclaw-config: ignore[{rule}] say why"
    return Edit(Span(start, start), f"{indentation(text, offset)}{comment}{line_break(text)}")
