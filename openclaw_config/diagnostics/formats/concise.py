"""Findings a line each, in the form that compilers have and editors know."""

from __future__ import annotations

from collections.abc import Sequence

from openclaw_config.diagnostics.display import escape_ci_commands, printable
from openclaw_config.diagnostics.fingerprints import file_of
from openclaw_config.diagnostics.model import ERROR, INFO, WARNING, Diagnostic
from openclaw_config.report import Report

_WORDS = {ERROR: "error", WARNING: "warning", INFO: "note"}


def render(reports: Sequence[Report], root: str | None = None) -> str:
    """The findings as ``file:line:column: severity: message [rule]``; "" when there are none.

    Paths are relative to the folder ``root`` where they lie in it.
    """
    lines = [
        line_of(found, file_of(found, one, root)) for one in reports for found in one.diagnostics
    ]
    return "".join(f"{line}\n" for line in lines)


def line_of(found: Diagnostic, file: str) -> str:
    """One finding in a file, on one line that no terminal and no CI system takes for a command."""
    place = file
    if found.location is not None:
        line, column = found.location.position
        place = f"{file}:{line}:{column}"
    text = f"{place}: {_WORDS[found.severity]}: {found.message} [{found.rule}]"
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
    helps = list(found.helps)
    if found.fix is not None and found.fix.title not in {*helps, found.label}:
        helps.append(found.fix.title)
    lines += [f"help: {text}" for text in helps]
    return [printable(line) for line in lines]
