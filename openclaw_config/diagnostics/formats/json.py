"""Findings as JSON for programs; ``schema/report.schema.json`` describes and fixes the shape."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from openclaw_config.diagnostics.display import encodable
from openclaw_config.diagnostics.masking import masked
from openclaw_config.diagnostics.model import ERROR, Diagnostic, Fix, key_path_text
from openclaw_config.diagnostics.secret_spans import without_secrets
from openclaw_config.syntax.text import Location, Source, Span

if TYPE_CHECKING:
    from openclaw_config.diagnostics.model import Report

VERSION = 1
"""The version of the shape. It grows by new keys only; anything else makes a new version."""


def render(reports: Sequence[Report], root: str | None = None, fail_on: str = ERROR) -> str:
    """The findings as one JSON text in ASCII, with a line end; files have the names of reports."""
    found = [item for report in reports for item in report.diagnostics]
    value = {
        "version": VERSION,
        "loads": bool(reports) and all(report.loads for report in reports),
        "errors": sum(report.error_count for report in reports),
        "warnings": sum(report.warning_count for report in reports),
        "files": [
            {
                "file": encodable(report.name),
                "loads": report.loads,
                "errors": report.error_count,
                "warnings": report.warning_count,
                "target": _target(report),
            }
            for report in reports
        ],
        "diagnostics": rows(found),
    }
    return json.dumps(value, indent=2) + "\n"


def rows(found: Iterable[Diagnostic]) -> list[dict[str, Any]]:
    """Findings as JSON values."""
    return [_diagnostic(item) for item in without_secrets(found)]


def _target(report: Report) -> dict[str, str] | None:
    document = report.document
    if document is None:
        return None
    by = document.target_by
    return {"release": document.target.release, "by": "asked" if by == "option" else by}


def _diagnostic(item: Diagnostic) -> dict[str, Any]:
    return {
        "rule": item.rule,
        "severity": item.severity,
        "message": encodable(item.message),
        **_place(item.location),
        "keyPath": [
            encodable(masked(step)) if isinstance(step, str) else step for step in item.key_path
        ],
        "keyPathText": encodable(masked(key_path_text(item.key_path))),
        "label": encodable(item.label),
        "notes": [encodable(note) for note in item.notes],
        "helps": [encodable(text) for text in item.helps],
        "related": [
            {**_place(related.location), "message": encodable(related.message)}
            for related in item.related
        ],
        "fix": _fix(item.fix, item.location),
        "blocks": item.blocks,
    }


def _fix(fix: Fix | None, location: Location | None) -> dict[str, Any] | None:
    if fix is None or location is None:
        return None
    edits = [
        {"range": _range(location.source, edit.span), "text": encodable(edit.text)}
        for edit in fix.edits
    ]
    return {"title": encodable(fix.title), "safe": fix.safe, "edits": edits or None}


def _place(location: Location | None) -> dict[str, Any]:
    if location is None:
        return {"file": None, "range": None}
    return {
        "file": encodable(location.source.name),
        "range": _range(location.source, location.span),
    }


def _range(source: Source, span: Span) -> dict[str, Any]:
    return {"start": _position(source, span.start), "end": _position(source, span.end)}


def _position(source: Source, offset: int) -> dict[str, int]:
    line, column = source.position(offset)
    return {
        "line": line,
        "column": column,
        "offset": offset,
        "utf16Column": source.units(offset) + 1,
    }
