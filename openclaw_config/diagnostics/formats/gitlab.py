"""Findings as GitLab's code quality report, which a merge request shows beside the lines."""

from __future__ import annotations

import json
from collections.abc import Sequence

from openclaw_config.diagnostics.display import encodable
from openclaw_config.diagnostics.fingerprints import fingerprints, with_files
from openclaw_config.diagnostics.formats.concise import lines_of
from openclaw_config.diagnostics.model import ERROR, INFO, WARNING, Diagnostic, Report

_SEVERITIES = {ERROR: "critical", WARNING: "minor", INFO: "info"}


def render(reports: Sequence[Report], root: str | None = None, fail_on: str = ERROR) -> str:
    """The findings as one JSON array in ASCII, with a line end.

    What keeps OpenClaw from loading the file is a ``blocker``. A finding without a place counts
    for the first line.
    """
    found = with_files(reports, root)
    rows = [
        {
            "description": " · ".join(lines_of(item)),
            "check_name": item.rule,
            "fingerprint": mark,
            "severity": "blocker" if item.blocks else _SEVERITIES[item.severity],
            "location": {"path": encodable(file), "lines": {"begin": _line(item)}},
        }
        for (item, file), mark in zip(found, fingerprints(found), strict=True)
    ]
    return json.dumps(rows, indent=2) + "\n"


def _line(found: Diagnostic) -> int:
    return 1 if found.location is None else found.location.position.line
