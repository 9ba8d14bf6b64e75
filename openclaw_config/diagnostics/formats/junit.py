"""Findings as JUnit's XML, which every CI system shows as test results."""

from __future__ import annotations

import re
from collections.abc import Sequence

from openclaw_config.diagnostics import text
from openclaw_config.diagnostics.display import Style, printable
from openclaw_config.diagnostics.fingerprints import name_from, with_files
from openclaw_config.diagnostics.masking import masked
from openclaw_config.diagnostics.model import ERROR, SEVERITIES, Diagnostic, Report, key_path_text

_ILLEGAL = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_STYLE = Style(unicode=False)


def render(reports: Sequence[Report], root: str | None = None, fail_on: str = ERROR) -> str:
    """The findings as one XML document in ASCII, with a line end.

    A config is a suite. A finding of severity ``fail_on`` or above is a test that failed, a
    milder one a test that was skipped; a config without findings has one test, which passed.
    """
    failing = SEVERITIES[: SEVERITIES.index(fail_on) + 1]
    suites: list[str] = []
    counts = [(0, 0, 0)]
    for report in reports:
        failed = [found.severity in failing for found in report.diagnostics]
        counts.append((max(len(failed), 1), sum(failed), len(failed) - sum(failed)))
        name = printable(name_from(report.name, None, root))
        suites.append(_open("  ", "testsuite", name=name, **_counted(*counts[-1])))
        suites += map(_case, with_files([report], root), failed)
        if not report.diagnostics:
            suites.append(_open("    ", "testcase", "/", classname=name, name="check", file=name))
        suites.append("  </testsuite>\n")
    total = _counted(*map(sum, zip(*counts, strict=True)))
    head = _open("", "testsuites", name="openclaw-config", **total)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{head}{"".join(suites)}</testsuites>\n'


def _counted(tests: int, failures: int, skipped: int) -> dict[str, str]:
    counts = {"tests": tests, "failures": failures, "errors": 0, "skipped": skipped}
    return {name: str(count) for name, count in counts.items()}


def _case(item: tuple[Diagnostic, str], failed: bool) -> str:
    found, file = item[0], printable(item[1])
    where = printable(masked(key_path_text(found.key_path)))
    attributes = {"classname": file, "name": found.rule, "file": file}
    if found.location is not None:
        line, column = found.location.position
        where = f"{where} at {line}:{column}" if where else f"at {line}:{column}"
        attributes["line"] = str(line)
    if where:
        attributes["name"] += f" {where}"
    head = _open("    ", "testcase", **attributes)
    tag = "failure" if failed else "skipped"
    message = {"message": printable(found.message)}
    if failed:
        message["type"] = found.rule
    inner = _open("      ", tag, "", **message).rstrip("\n")
    body = _escaped("\n".join(text.render([found], _STYLE)))
    return f"{head}{inner}{body}</{tag}>\n    </testcase>\n"


def _open(indent: str, tag: str, end: str = "", **attributes: str) -> str:
    shown = "".join(f' {name}="{_escaped(value)}"' for name, value in attributes.items())
    return f"{indent}<{tag}{shown}{end}>\n"


def _escaped(value: str) -> str:
    """Text as it may stand in an element or an attribute, in ASCII.

    XML has no way to write most control characters, nor half of a surrogate pair.
    """
    legal = _ILLEGAL.sub(lambda match: f"\\u{ord(match.group()):04X}", value)
    for sign, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        legal = legal.replace(sign, entity)
    return legal.encode("ascii", "xmlcharrefreplace").decode("ascii")
