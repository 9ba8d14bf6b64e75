"""Findings as JUnit's XML, which every CI system shows as test results."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

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
    suites = Element("testsuites", name="openclaw-config")
    for report in reports:
        name = _legal(printable(name_from(report.name, None, root)))
        suite = SubElement(suites, "testsuite", name=name)
        for found, file in with_files([report], root):
            _case(suite, found, _legal(printable(file)), found.severity in failing)
        if not report.diagnostics:
            SubElement(suite, "testcase", classname=name, name="check", file=name)
        _count(suite)
    _count(suites)
    indent(suites)
    body = tostring(suites, encoding="us-ascii", xml_declaration=False).decode("ascii")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _count(group: Element) -> None:
    tags = {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}
    for name, tag in tags.items():
        group.set(name, str(sum(1 for _ in group.iter(tag))))


def _case(suite: Element, found: Diagnostic, file: str, failed: bool) -> None:
    where = printable(masked(key_path_text(found.key_path)))
    case = SubElement(suite, "testcase", classname=file, name=found.rule, file=file)
    if found.location is not None:
        line, column = found.location.position
        where = f"{where} at {line}:{column}" if where else f"at {line}:{column}"
        case.set("line", str(line))
    case.set("name", _legal(f"{found.rule} {where}".rstrip()))
    result = SubElement(case, "failure" if failed else "skipped")
    result.set("message", _legal(printable(found.message)))
    if failed:
        result.set("type", found.rule)
    result.text = _legal("\n".join(text.render([found], _STYLE)))


def _legal(value: str) -> str:
    """Text without what XML cannot write: most control characters, half of a surrogate pair."""
    return _ILLEGAL.sub(lambda match: f"\\u{ord(match.group()):04X}", value)
