"""Findings as annotations of a GitHub pull request, by workflow commands on stdout."""

from __future__ import annotations

from collections.abc import Sequence

from openclaw_config.diagnostics.display import escape_ci_commands, printable
from openclaw_config.diagnostics.fingerprints import with_files
from openclaw_config.diagnostics.formats.concise import line_of, lines_of
from openclaw_config.diagnostics.model import ERROR, INFO, SEVERITIES, WARNING, Diagnostic, Report

COMMANDS = {ERROR: "error", WARNING: "warning", INFO: "notice"}
MOST = 10
"""How many annotations of one kind GitHub takes from a step; it drops the others in silence."""

_IN_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTY = _IN_DATA | str.maketrans({":": "%3A", ",": "%2C"})


def render(reports: Sequence[Report], root: str | None = None, fail_on: str = ERROR) -> str:
    """The findings as workflow commands, the most severe first; "" when there are none.

    Of each severity the first ten become annotations. The others follow as plain lines, after one
    that says how many they are.
    """
    lines: list[str] = []
    left_out: list[str] = []
    beyond: list[str] = []
    found = with_files(reports, root)
    for severity in SEVERITIES:
        these = [one for one in found if one[0].severity == severity]
        lines += [_command(*one) for one in these[:MOST]]
        left_out += [line_of(*one) for one in these[MOST:]]
        if len(these) > MOST:
            more = len(these) - MOST
            beyond.append(f"{more:,} {COMMANDS[severity]}{'' if more == 1 else 's'}")
    if left_out:
        verb = "has" if len(left_out) == 1 else "have"
        why = f"no annotation, since GitHub takes {MOST} of a kind"
        lines.append(f"{' and '.join(beyond)} more {verb} {why}:")
    return "".join(f"{line}\n" for line in lines + left_out)


def _command(found: Diagnostic, file: str) -> str:
    properties = {"file": printable(file)}
    if found.location is not None:
        source, span = found.location
        (line, column), end = source.position(span.start), source.position(span.end)
        properties |= {"line": str(line), "col": str(column)}
        # Over several lines, GitHub refuses columns and would point to the last line.
        if end.line == line and end.column > column:
            properties |= {"endLine": str(line), "endColumn": str(end.column)}
    properties["title"] = printable(found.rule)
    shown = ",".join(f"{key}={text.translate(_IN_PROPERTY)}" for key, text in properties.items())
    message = "\n".join(lines_of(found)).translate(_IN_DATA)
    # The runner looks for its older kind of command in the middle of a line, too.
    return "::" + escape_ci_commands(f"{COMMANDS[found.severity]} {shown}::{message}")
