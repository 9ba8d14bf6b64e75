"""Findings a line each, in the form that compilers have and editors know."""

from __future__ import annotations

import re
from collections.abc import Sequence

from openclaw_config.diagnostics.display import printable
from openclaw_config.diagnostics.file_names import file_of
from openclaw_config.diagnostics.model import ERROR, INFO, WARNING, Diagnostic
from openclaw_config.report import Report

_WORDS = {ERROR: "error", WARNING: "warning", INFO: "note"}
_COMMAND = re.compile(r"##(?=\w*\[)")


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
    return disarmed(printable(text, 4000))


def disarmed(line: str) -> str:
    """A line, or several, that a CI system only shows.

    GitHub and Azure obey ``##[…]`` and ``##vso[…]`` anywhere in a line, and GitHub ``::…::`` at
    the start of one.
    """
    line = _COMMAND.sub("# #", line)
    return re.sub(r"^(\s*)::", r"\1: :", line, flags=re.MULTILINE)
