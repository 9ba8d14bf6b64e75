"""Findings for programs and services: a function for each format, by name in ``FORMATS``.

Each takes reports, the folder ``root`` and the severity ``fail_on``: files are named by their paths
relative to the root, the repository's, where they lie in it, and ``fail_on`` is the mildest
severity that counts as a failure.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from openclaw_config import __version__
from openclaw_config.diagnostics import display, model
from openclaw_config.diagnostics import text as for_people
from openclaw_config.diagnostics.display import printable
from openclaw_config.diagnostics.masking import hidden, masked, secret_spans, without_secrets
from openclaw_config.diagnostics.model import Diagnostic, Fix, Report, Rule, key_path_text
from openclaw_config.syntax.text import Location, Source, Span

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


# --- what formats have in common ------------------------------------------------------------------


def with_files(reports: Iterable[Report], root: str | None) -> list[tuple[Diagnostic, str]]:
    """All findings, each with the file that it is about, as ``name_from`` names it."""
    return [
        (found, name_from(report.name, root, found.location))
        for report in reports
        for found in report.diagnostics
    ]


def name_from(name: str, root: str | None, place: Location | None = None) -> str:
    """A file's path relative to the folder ``root``; as it was named where it is not below it.

    Of a ``place`` in a file, that file's. A name such as ``<stdin>`` stays what it is.
    """
    path = place.source.path if place else None
    name = place.source.name if place else name
    if name.startswith("<"):
        return name
    inside = _inside(path or name, root) if root else None
    return (inside or os.path.normpath(name)).replace(os.sep, "/")


def _inside(path: str, root: str) -> str | None:
    try:
        full, folder = os.path.abspath(path), os.path.join(os.path.abspath(root), "")
    except (OSError, ValueError):  # the working folder is gone, or no file can have this name
        return None
    return full.removeprefix(folder) if full.startswith(folder) else None


def line_of(found: Diagnostic, file: str) -> str:
    """One finding in a file, on one line that no terminal and no CI system takes for a command."""
    place = file if found.location is None else "{}:{}:{}".format(file, *found.location.position)
    text = f"{place}: {model.WORDS[found.severity]}: {found.message} [{found.rule}]"
    return display.escape_ci_commands(printable(text, 4000))


def lines_of(found: Diagnostic) -> list[str]:
    """The message and all that belongs to it, one line per part; at least one.

    Each is one line, with everything escaped that a terminal would obey or hide.
    """
    lines = [found.message, *([f"here: {found.label}"] if found.label else ())]
    lines += [f"{place}: {message}" for place, message in found.related]
    lines += [*found.notes, *(f"help: {text}" for text in found.advice)]
    return [printable(line) for line in lines]


# --- fingerprints ---------------------------------------------------------------------------------

_LONGEST = 1000
"""Characters of a line that count, from the finding's place on. A minified file is one line."""


def fingerprints(found: Iterable[tuple[Diagnostic, str]]) -> list[str]:
    """One fingerprint, in hexadecimal, for each finding, given with the name of its scope.

    It stays the same while the lines above a finding move: it is made of the rule, the key path and
    the text of the line without its white space. Secrets are left out before anything is hashed,
    since a short one could be guessed from its hash.

    Findings of one scope that are alike in everything that counts are distinguished by their order;
    a scope is a file's name where names are to count, and "" where they are not.
    """
    seen: dict[str, int] = {}
    made = []
    for item, scope in found:
        line = "" if item.location is None else _line(item.location)
        steps = [f"{type(step).__name__}:{step}" for step in item.key_path]
        parts = "\0".join([scope, item.rule, line, *steps])
        digest = sha256(parts.encode("utf-8", "surrogatepass")).hexdigest()
        seen[digest] = number = seen.get(digest, 0) + 1
        if number > 1:
            digest = sha256(f"{digest}:{number}".encode()).hexdigest()
        made.append(digest[:32])
    return made


def _line(location: Location) -> str:
    """The line where a place begins, its secrets masked and its white space gone."""
    source = location.source
    text, at = source.text, location.span.start
    number = source.position(at).line
    start = source.line_starts[number - 1]
    end = start + len(source.line(number))
    if end - start > _LONGEST:
        start, end = at, min(end, at + _LONGEST)
    secrets = [
        (max(span.start, start) - start, min(span.end, end) - start)
        for span in secret_spans(source)
        if span.end > start and span.start < end
    ]
    return "".join(hidden(text[start:end], secrets).split())


# --- for editors and people -----------------------------------------------------------------------


def concise(reports: Sequence[Report], root: str | None = None, fail_on: str = model.ERROR) -> str:
    """The findings as ``file:line:column: severity: message [rule]``; "" when there are none.

    An editor opens the files, so they have the names that they have here, whatever ``root`` is.
    """
    return "".join(f"{line_of(*found)}\n" for found in with_files(reports, None))


def markdown(reports: Sequence[Report], root: str | None = None, fail_on: str = model.ERROR) -> str:
    """The findings as lists, a heading for each config that has some; a line when none has.

    Of each config the most severe come first.
    """
    lines = [line for report in reports for line in _markdown_lines(report, root)]
    return "\n".join(lines or ["No problems found in the configuration."]) + "\n"


def _markdown_lines(report: Report, root: str | None) -> Iterator[str]:
    if not report.diagnostics:
        return
    name = name_from(report.name, root)
    # What ``summary`` says of one config ends with its name, which stands in the heading.
    counts = for_people.summary([report]).removesuffix(f" in {printable(report.name)}")
    yield f"### {display.escaped(name)}: {counts}\n"
    found = with_files([report], root)
    for item, file in sorted(found, key=lambda one: model.SEVERITIES.index(one[0].severity)):
        places = [] if file == name else [file]
        if item.location is not None:
            places.append("line {}, column {}".format(*item.location.position))
        place = f" ({display.escaped(', '.join(places))})" if places else ""
        first, *more = map(display.escaped, lines_of(item))
        yield f"- **{model.WORDS[item.severity]}** {first}{place} {display.code(item.rule)}"
        yield from (f"  - {line}" for line in more)
    yield ""


# --- GitHub: workflow commands on stdout, which annotate a pull request ---------------------------

COMMANDS = {model.ERROR: "error", model.WARNING: "warning", model.INFO: "notice"}
MOST = 10
"""How many annotations of one kind GitHub takes from a step; it drops the others in silence."""

_IN_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTY = _IN_DATA | str.maketrans({":": "%3A", ",": "%2C"})


def github(reports: Sequence[Report], root: str | None = None, fail_on: str = model.ERROR) -> str:
    """The findings as workflow commands, the most severe first; "" when there are none.

    Of each severity the first ten become annotations. The others follow as plain lines, after one
    that says how many they are.
    """
    lines, left_out = list[str](), list[str]()
    found = with_files(reports, root)
    for severity in model.SEVERITIES:
        these = [one for one in found if one[0].severity == severity]
        lines += [_command(*one) for one in these[:MOST]]
        left_out += [line_of(*one) for one in these[MOST:]]
    if left_out:
        lines.append(f"{len(left_out):,} more without an annotation: GitHub takes {MOST} of a kind")
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
    return "::" + display.escape_ci_commands(f"{COMMANDS[found.severity]} {shown}::{message}")


# --- GitLab: a code quality report, which a merge request shows beside the lines ------------------

_GITLAB_SEVERITIES = {model.ERROR: "critical", model.WARNING: "minor", model.INFO: "info"}


def gitlab(reports: Sequence[Report], root: str | None = None, fail_on: str = model.ERROR) -> str:
    """The findings as one JSON array in ASCII, with a line end.

    What keeps OpenClaw from loading the file is a ``blocker``. A finding without a place counts
    for the first line.
    """
    found = with_files(reports, root)
    rows = []
    for (item, file), mark in zip(found, fingerprints(found), strict=True):
        line = 1 if item.location is None else item.location.position.line
        row = {
            "description": " · ".join(lines_of(item)),
            "check_name": item.rule,
            "fingerprint": mark,
            "severity": "blocker" if item.blocks else _GITLAB_SEVERITIES[item.severity],
            "location": {"path": file, "lines": {"begin": line}},
        }
        rows.append(row)
    return display.json_text(rows)


# --- JUnit: XML that every CI system shows as test results ----------------------------------------

_COUNTED = {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}


def junit(reports: Sequence[Report], root: str | None = None, fail_on: str = model.ERROR) -> str:
    """The findings as one XML document in ASCII, with a line end.

    A config is a suite. A finding of severity ``fail_on`` or above is a test that failed, a
    milder one a test that was skipped; a config without findings has one test, which passed.
    """
    from xml.etree.ElementTree import Element, SubElement, indent, tostring

    failing = model.SEVERITIES[: model.SEVERITIES.index(fail_on) + 1]
    suites = Element("testsuites", name="openclaw-config")
    for report in reports:
        name = printable(name_from(report.name, root))
        suite = SubElement(suites, "testsuite", name=name)
        for found, file in with_files([report], root):
            about = {"classname": printable(file), "name": found.rule, "file": printable(file)}
            case = SubElement(suite, "testcase", about)
            _describe(case, found, found.severity in failing)
        if not report.diagnostics:
            SubElement(suite, "testcase", classname=name, name="check", file=name)
    for group in (suites, *suites):
        for counted, tag in _COUNTED.items():
            group.set(counted, str(sum(1 for _ in group.iter(tag))))
    indent(suites)
    body = tostring(suites, encoding="us-ascii", xml_declaration=False).decode("ascii")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _describe(case: Element, found: Diagnostic, failed: bool) -> None:
    """Have a test case say what a finding says."""
    from xml.etree.ElementTree import SubElement

    name = f"{found.rule} {printable(masked(key_path_text(found.key_path)))}".rstrip()
    if found.location is not None:
        line, column = found.location.position
        name += f" at {line}:{column}"
        case.set("line", str(line))
    case.set("name", name)
    result = SubElement(case, "failure" if failed else "skipped")
    result.set("message", printable(found.message))
    if failed:
        result.set("type", found.rule)
    result.text = "\n".join(for_people.render([found], display.Style(unicode=False)))


# --- our own JSON; ``schema/report.schema.json`` describes and fixes the shape --------------------

VERSION = 1
"""The version of the shape. It grows by new keys only; anything else makes a new version."""


def as_json(reports: Sequence[Report], root: str | None = None, fail_on: str = model.ERROR) -> str:
    """The findings as one JSON text in ASCII, with a line end; files have the names of reports."""
    return display.json_text(
        {
            "version": VERSION,
            "loads": bool(reports) and all(report.loads for report in reports),
            "errors": sum(report.error_count for report in reports),
            "warnings": sum(report.warning_count for report in reports),
            "files": [_json_file(report) for report in reports],
            "diagnostics": rows(item for report in reports for item in report.diagnostics),
        }
    )


def _json_file(report: Report) -> dict[str, Any]:
    document, target = report.document, None
    if document is not None:
        by = "asked" if document.target_by == "option" else document.target_by
        target = {"release": document.target.release, "by": by}
    return {
        "file": report.name,
        "loads": report.loads,
        "errors": report.error_count,
        "warnings": report.warning_count,
        "target": target,
    }


def rows(found: Iterable[Diagnostic]) -> list[dict[str, Any]]:
    """Findings as JSON values."""
    return [_json_row(item) for item in without_secrets(found)]


def _json_row(item: Diagnostic) -> dict[str, Any]:
    return {
        "rule": item.rule,
        "severity": item.severity,
        "message": item.message,
        **_json_place(item.location),
        "keyPath": [masked(it) if isinstance(it, str) else it for it in item.key_path],
        "keyPathText": masked(key_path_text(item.key_path)),
        "label": item.label,
        "notes": item.notes,
        "helps": item.helps,
        "related": [{**_json_place(place), "message": said} for place, said in item.related],
        "fix": _json_fix(item.fix, item.location),
        "blocks": item.blocks,
    }


def _json_fix(fix: Fix | None, location: Location | None) -> dict[str, Any] | None:
    if fix is None or location is None:
        return None
    source = location.source
    edits = [{"range": _json_range(source, edit.span), "text": edit.text} for edit in fix.edits]
    return {"title": fix.title, "safe": fix.safe, "edits": edits or None}


def _json_place(location: Location | None) -> dict[str, Any]:
    if location is None:
        return {"file": None, "range": None}
    return {"file": location.source.name, "range": _json_range(*location)}


def _json_range(source: Source, span: Span) -> dict[str, Any]:
    found = {}
    for name, offset in span._asdict().items():
        (line, column), units = source.position(offset), source.units(offset) + 1
        found[name] = {"line": line, "column": column, "offset": offset, "utf16Column": units}
    return found


# --- SARIF 2.1.0, which code scanning services and editors read -----------------------------------

FINGERPRINT = "openclawConfig/v1"
"""The name of our fingerprint among a result's."""

_ROOT = "%SRCROOT%"
"""What relative paths are relative to: the name that services know for a repository's root."""
_REGION = ("startLine", "startColumn", "endLine", "endColumn")


def sarif(reports: Sequence[Report], root: str | None = None, fail_on: str = model.ERROR) -> str:
    """The findings as one SARIF log in ASCII, with a line end. Columns count code points."""
    found = with_files(reports, root)
    names = sorted({item.rule for item, _ in found})
    known = model.all_rules() if names else {}
    marks = fingerprints((item, "") for item, _ in found)
    driver = {
        "name": "openclaw-config",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": [_sarif_rule(name, known.get(name)) for name in names],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "newlineSequences": ["\r\n", "\n", "\r"],
        "results": [
            _sarif_result(item, file, names.index(item.rule), mark, root)
            for (item, file), mark in zip(found, marks, strict=True)
        ],
    }
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    return display.json_text({"$schema": schema, "version": "2.1.0", "runs": [run]})


def _sarif_rule(name: str, rule: Rule | None) -> dict[str, Any]:
    if rule is None:
        return {"id": name}
    examples = (("Bad", rule.bad), ("Good", rule.good))
    shown = "\n".join(f"**{title}**\n\n```json5\n{it.strip()}\n```\n" for title, it in examples)
    return {
        "id": name,
        "shortDescription": {"text": f"{rule.summary[:1].upper()}{rule.summary[1:].rstrip('.')}."},
        "fullDescription": {"text": rule.why},
        "help": {"text": rule.why, "markdown": f"{rule.why}\n\n{shown}"},
        "defaultConfiguration": {"level": model.WORDS[rule.severity]},
        "properties": {"blocks": rule.blocks, **({"source": rule.source} if rule.source else {})},
    }


def _sarif_result(
    found: Diagnostic, file: str, index: int, mark: str, root: str | None
) -> dict[str, Any]:
    place = _sarif_place(found.location, file)
    if found.key_path:
        name = printable(masked(key_path_text(found.key_path)))
        place["logicalLocations"] = [{"fullyQualifiedName": name, "kind": "member"}]
    result: dict[str, Any] = {
        "ruleId": found.rule,
        "ruleIndex": index,
        "level": model.WORDS[found.severity],
        "message": _sarif_text("\n".join(lines_of(found))),
        "locations": [place],
        "partialFingerprints": {FINGERPRINT: mark},
        "properties": {"blocks": found.blocks},
    }
    if found.related:
        result["relatedLocations"] = [
            {
                "id": number,
                **_sarif_place(location, name_from("", root, location)),
                "message": _sarif_text(printable(message)),
            }
            for number, (location, message) in enumerate(found.related, 1)
        ]
    return result


def _sarif_place(location: Location | None, file: str) -> dict[str, Any]:
    uri = uri_of(file)
    artifact = {"uri": uri} if uri.startswith("file:") else {"uri": uri, "uriBaseId": _ROOT}
    physical: dict[str, Any] = {"artifactLocation": artifact}
    if location is not None:
        start, end = map(location.source.position, location.span)
        physical["region"] = dict(zip(_REGION, (*start, *end), strict=True))
    return {"physicalLocation": physical}


def uri_of(name: str) -> str:
    """A URI reference (RFC 3986) for a name as ``name_from`` gives it."""
    from urllib.parse import quote

    try:
        octets = os.fsencode(name)
    except UnicodeEncodeError:
        octets = name.encode("utf-8", "surrogatepass")
    quoted = quote(octets, safe="/")
    return f"file://{quoted}" if os.path.isabs(name) else quoted


def _sarif_text(text: str) -> dict[str, str]:
    # SARIF makes links of [text](target), and a key of a config may hold just that.
    return {"text": text.replace("](", "] (")}


FORMATS = {
    "concise": concise,
    "markdown": markdown,
    "github": github,
    "gitlab": gitlab,
    "junit": junit,
    "json": as_json,
    "sarif": sarif,
}
