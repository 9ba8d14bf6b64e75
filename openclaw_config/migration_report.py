"""What a migration does and asks, written for a person or for a program."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from openclaw_config.diagnostics import display
from openclaw_config.diagnostics.display import printable
from openclaw_config.diagnostics.masking import masked
from openclaw_config.diagnostics.model import key_path_text

if TYPE_CHECKING:
    from openclaw_config.migration import Migration
    from openclaw_config.validation.migrations.engine import Change


_TEXT = ("{}: from OpenClaw {} to {}", "{}:", "  {}", "      {}: {}", "{}")
_MARKDOWN = ("### {}: OpenClaw {} → {}", "**{}**\n", "- {}", "  - {}: {}", "{}\n")
"""How the head of a report, a title, an item, an answer and the verdict are written."""
_TITLES = {
    "decide": "To decide",
    "note": "To know",
    "removed": "Removed",
    "value": "Rewritten",
    "moved": "Moved",
}


def report_text(migration: Migration, differences: list[str] | None, markdown: bool = False) -> str:
    """The report for a person, or for a pull request or a job's summary.

    ``differences`` are those of the requests, None where they were not compared.
    """
    head, heading, item, answer, verdict = _MARKDOWN if markdown else _TEXT
    text, code = (display.escaped, display.code) if markdown else (printable, printable)
    lines = [head.format(text(migration.name), migration.old_version, migration.new_version)]
    for kind, title in _TITLES.items():
        changes = [change for change in migration.changes if change.kind == kind]
        lines += ["", heading.format(title)] if changes else []
        for change in changes:
            lines.append(item.format(text(_line_of(change))))
            for name, effect in change.choices.items():
                choice = "--answer " + shlex.quote(f"{change.key}={name}")
                lines.append(answer.format(code(choice), text(effect)))
    if not migration.changes and not migration.texts:
        return "\n".join([*lines, "", "Nothing to migrate.", ""])
    lines += ["", verdict.format(_verdict(migration, differences))]
    lines += [item.format(text(line)) for line in differences or ()]
    return "\n".join(lines) + "\n"


def _line_of(change: Change) -> str:
    where = f" ({change.location})" if change.location is not None else ""
    since = f"; refused since {change.since}" if change.since else ""
    return f"{change.key}: {change.message}{since}{where}"


def _verdict(migration: Migration, differences: list[str] | None) -> str:
    """What the check of the result, and of its requests, came to."""
    release = f"OpenClaw {migration.new_version}"
    if not migration.after.loads:
        count = migration.after.error_count
        left = f"{display.count_of(count, 'error')} {'is' if count == 1 else 'are'} left"
        return f"The result does not load in {release} yet: {left}"
    end = "."
    if differences is not None:
        end = ", and the requests differ:" if differences else ", and the requests are the same."
    return f"The result loads in {release}{end}"


def report_of(migration: Migration, differences: list[str] | None) -> dict[str, Any]:
    """The report as data."""
    return {
        "name": migration.name,
        "from": migration.old_version,
        "to": migration.new_version,
        "files": [path or migration.name for path in migration.texts],
        "changes": list(map(_entry, migration.changes)),
        "loads": migration.after.loads,
        "requests": differences,
    }


def _entry(change: Change) -> dict[str, Any]:
    location = change.location
    return {
        "kind": change.kind,
        "severity": change.severity,
        "key": change.key,
        "message": change.message,
        "to": masked(key_path_text(change.to)) if change.to else None,
        "file": location.source.name if location else None,
        "line": location.position.line if location else None,
        "since": change.since or None,
        "choices": dict(change.choices),
    }
