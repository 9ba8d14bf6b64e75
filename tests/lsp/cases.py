"""Cases of ``fixtures/lsp``: a config with marks in it, opened as the server opens it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lsprotocol import types
from ruamel.yaml import YAML

from openclaw_config import api
from openclaw_config.lsp.workspace import Opened
from openclaw_config.syntax.text import Source, Span

MARK = "‸"
_FOLDER = Path(__file__).parents[2] / "fixtures" / "lsp"


def cases(feature: str) -> list[dict[str, Any]]:
    """The cases of a feature, each with what it shows under ``it``."""
    found: list[dict[str, Any]] = YAML(typ="safe").load(_FOLDER / f"{feature}.yaml")
    return found


def opened(text: str, target: str = "", path: str | None = None) -> Opened:
    """A text as an editor has it open."""
    report = api.check(path, text=text, name="openclaw.json", target=target)
    document = report.document
    assert document is not None
    tree = document.trees[0]
    return Opened(tree.source, tree, report, ())


def marked(case: dict[str, Any]) -> tuple[Opened, int]:
    """A case's text, opened without its mark, and the mark's offset."""
    before, _, after = case["text"].partition(MARK)
    return opened(before + after, str(case.get("target", ""))), len(before)


def offset_of(source: Source, place: types.Position) -> int:
    """The offset of a position."""
    return source.offset_of_units(place.line, place.character)


def span_of(source: Source, place: types.Range) -> Span:
    """The span of a range."""
    return Span(offset_of(source, place.start), offset_of(source, place.end))
