"""A finding in plain words, for formats that are no snippet: its lines, safe to show anywhere."""

from __future__ import annotations

from openclaw_config.diagnostics.display import printable
from openclaw_config.diagnostics.model import Diagnostic


def lines_of(found: Diagnostic) -> list[str]:
    """The message and all that belongs to it, a thought a line; at least one line.

    Each is one line, with everything escaped that a terminal would obey or hide.
    """
    lines = [found.message]
    if found.label:
        lines.append(f"here: {found.label}")
    lines += [f"{place}: {message}" for place, message in found.related]
    lines += found.notes
    helps = list(found.helps)
    if found.fix is not None and found.fix.title not in {*helps, found.label}:
        helps.append(found.fix.title)
    lines += [f"help: {text}" for text in helps]
    return [printable(line) for line in lines]
