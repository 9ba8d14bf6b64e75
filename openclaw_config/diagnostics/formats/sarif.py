"""Findings as SARIF 2.1.0, which code scanning services and editors read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from openclaw_config import __version__
from openclaw_config.diagnostics.display import printable
from openclaw_config.diagnostics.fingerprints import fingerprints, name_from, uri_of, with_files
from openclaw_config.diagnostics.formats.concise import lines_of
from openclaw_config.diagnostics.masking import masked
from openclaw_config.diagnostics.model import (
    ERROR,
    WORDS,
    Diagnostic,
    Report,
    Rule,
    all_rules,
    key_path_text,
)
from openclaw_config.syntax.text import Location

FINGERPRINT = "openclawConfig/v1"
"""The name of our fingerprint among a result's."""

_ROOT = "%SRCROOT%"
"""What relative paths are relative to: the name that services know for a repository's root."""


def render(reports: Sequence[Report], root: str | None = None, fail_on: str = ERROR) -> str:
    """The findings as one SARIF log in ASCII, with a line end. Columns count code points."""
    found = with_files(reports, root)
    names = sorted({item.rule for item, _ in found})
    known = all_rules() if names else {}
    marks = fingerprints((item, "") for item, _ in found)
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "openclaw-config",
                        "version": __version__,
                        "semanticVersion": __version__,
                        "rules": [_rule(name, known.get(name)) for name in names],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "newlineSequences": ["\r\n", "\n", "\r"],
                "results": [
                    _result(item, file, names.index(item.rule), mark, root)
                    for (item, file), mark in zip(found, marks, strict=True)
                ],
            }
        ],
    }
    return json.dumps(log, indent=2) + "\n"


def _rule(name: str, rule: Rule | None) -> dict[str, Any]:
    if rule is None:
        return {"id": name}
    summary = f"{rule.summary[:1].upper()}{rule.summary[1:].rstrip('.')}."
    help_text = f"{rule.why}\n\nBad:\n\n{rule.bad.strip()}\n\nGood:\n\n{rule.good.strip()}\n"
    markdown = (
        f"{rule.why}\n\n**Bad**\n\n```json5\n{rule.bad.strip()}\n```\n\n"
        f"**Good**\n\n```json5\n{rule.good.strip()}\n```\n"
    )
    return {
        "id": name,
        "shortDescription": {"text": summary},
        "fullDescription": {"text": rule.why},
        "help": {"text": help_text, "markdown": markdown},
        "defaultConfiguration": {"level": WORDS[rule.severity]},
        "properties": {"blocks": rule.blocks, **({"source": rule.source} if rule.source else {})},
    }


def _result(
    found: Diagnostic, file: str, index: int, mark: str, root: str | None
) -> dict[str, Any]:
    place = _place(found.location, file)
    if found.key_path:
        name = printable(masked(key_path_text(found.key_path)))
        place["logicalLocations"] = [{"fullyQualifiedName": name, "kind": "member"}]
    result: dict[str, Any] = {
        "ruleId": found.rule,
        "ruleIndex": index,
        "level": WORDS[found.severity],
        "message": {"text": _unlinked("\n".join(lines_of(found)))},
        "locations": [place],
        "partialFingerprints": {FINGERPRINT: mark},
        "properties": {"blocks": found.blocks},
    }
    if found.related:
        result["relatedLocations"] = [
            {
                "id": number,
                **_place(location, name_from("", None, root, location)),
                "message": {"text": _unlinked(printable(message))},
            }
            for number, (location, message) in enumerate(found.related, 1)
        ]
    return result


def _place(location: Location | None, file: str) -> dict[str, Any]:
    uri = uri_of(file)
    artifact = {"uri": uri} if uri.startswith("file:") else {"uri": uri, "uriBaseId": _ROOT}
    physical: dict[str, Any] = {"artifactLocation": artifact}
    if location is not None:
        source, span = location
        start, end = source.position(span.start), source.position(span.end)
        physical["region"] = {
            "startLine": start.line,
            "startColumn": start.column,
            "endLine": end.line,
            "endColumn": end.column,
        }
    return {"physicalLocation": physical}


def _unlinked(text: str) -> str:
    # SARIF makes links of [text](target), and a key of a config may hold just that.
    return text.replace("](", "] (")
