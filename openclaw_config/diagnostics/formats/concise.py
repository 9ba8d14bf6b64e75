"""Findings a line each, in the form that compilers have and editors know."""

from __future__ import annotations

from collections.abc import Sequence

from openclaw_config.diagnostics.display import escape_ci_commands, printable
from openclaw_config.diagnostics.fingerprints import with_files
from openclaw_config.diagnostics.model import ERROR, WORDS, Diagnostic, Report


def render(reports: Sequence[Report], root: str | None = None, fail_on: str = ERROR) -> str:
    """The findings as ``file:line:column: severity: message [rule]``; "" when there are none.

    An editor opens the files, so they have the names that they have here, whatever ``root`` is.
    """
    return "".join(f"{line_of(*found)}\n" for found in with_files(reports, None))


def line_of(found: Diagnostic, file: str) -> str:
    """One finding in a file, on one line that no terminal and no CI system takes for a command."""
    place = file
    if found.location is not None:
        line, column = found.location.position
        place = f"{file}:{line}:{column}"
    text = f"{place}: {WORDS[found.severity]}: {found.message} [{found.rule}]"
    return escape_ci_commands(printable(text, 4000))


def lines_of(found: Diagnostic) -> list[str]:
    """The message and all that belongs to it, one line per part; at least one.

    Each is one line, with everything escaped that a terminal would obey or hide.
    """
    lines = [found.message]
    if found.label:
        lines.append(f"here: {found.label}")
    lines += [f"{place}: {message}" for place, message in found.related]
    lines += found.notes
    lines += [f"help: {text}" for text in found.advice]
    return [printable(line) for line in lines]
