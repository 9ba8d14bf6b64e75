"""Findings as annotations of a GitHub pull request, by workflow commands on stdout."""

from __future__ import annotations

from collections.abc import Sequence

from openclaw_config.diagnostics.display import escape_ci_commands, printable
from openclaw_config.diagnostics.fingerprints import file_of
from openclaw_config.diagnostics.formats.concise import line_of, lines_of
from openclaw_config.diagnostics.model import ERROR, INFO, SEVERITIES, WARNING, Diagnostic
from openclaw_config.report import Report

COMMANDS = {ERROR: "error", WARNING: "warning", INFO: "notice"}
MOST = 10
"""How many annotations of one kind GitHub takes from a step; it drops the others in silence."""

_IN_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTY = _IN_DATA | str.maketrans({":": "%3A", ",": "%2C"})


def render(reports: Sequence[Report], root: str | None = None) -> str:
    """The findings as workflow commands, the most severe first; "" when there are none.

    Of each severity the first ten become annotations. The others follow as plain lines, after one
    that says how many they are. Paths are relative to the folder ``root``, the repository's.
    """
    found = [
        (item, file_of(item, report, root)) for report in reports for item in report.diagnostics
    ]
    found.sort(key=lambda pair: SEVERITIES.index(pair[0].severity))
    lines: list[str] = []
    left_out: list[tuple[Diagnostic, str]] = []
    count: dict[str, int] = dict.fromkeys(SEVERITIES, 0)
    for item, file in found:
        count[item.severity] += 1
        if count[item.severity] > MOST:
            left_out.append((item, file))
        else:
            lines.append(_command(item, file))
    if left_out:
        lines.append(_remark(count))
        lines += [line_of(item, file) for item, file in left_out]
    return "".join(f"{line}\n" for line in lines)


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


def _remark(count: dict[str, int]) -> str:
    beyond = {severity: number - MOST for severity, number in count.items() if number > MOST}
    parts = [
        f"{number:,} {COMMANDS[severity]}{'' if number == 1 else 's'}"
        for severity, number in beyond.items()
    ]
    verb = "has" if sum(beyond.values()) == 1 else "have"
    return f"{' and '.join(parts)} more {verb} no annotation, since GitHub takes {MOST} of a kind:"
