"""The rules of syntax: what may be wrong in a text before it is a config at all."""

from __future__ import annotations

from openclaw_config.diagnostics.model import ERROR
from openclaw_config.diagnostics.rules import Rule

UNEXPECTED_TEXT = Rule(
    name="unexpected-text",
    severity=ERROR,
    summary="something stands where it does not belong",
    why="JSON5 has no use for it in this place, and OpenClaw stops reading there.",
    bad="{ a: 1 @ }",
    good="{ a: 1 }",
    blocks=True,
    source="LOAD-10",
)
