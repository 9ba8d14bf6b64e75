"""Findings as Markdown, for the summary of a job or of a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from openclaw_config.diagnostics.display import printable
from openclaw_config.diagnostics.fingerprints import name_from, with_files
from openclaw_config.diagnostics.formats.concise import lines_of
from openclaw_config.diagnostics.markdown import code, escaped
from openclaw_config.diagnostics.model import ERROR, SEVERITIES, WORDS, Report
from openclaw_config.diagnostics.text import summary


def render(reports: Sequence[Report], root: str | None = None, fail_on: str = ERROR) -> str:
    """The findings as lists, a heading for each config that has some; a line when none has.

    Of each config the most severe come first.
    """
    lines = [line for report in reports for line in _lines(report, root)]
    return "\n".join(lines or ["No problems found in the configuration."]) + "\n"


def _lines(report: Report, root: str | None) -> Iterator[str]:
    if not report.diagnostics:
        return
    name = name_from(report.name, None, root)
    # What ``summary`` says of one config ends with its name, which stands in the heading.
    counts = summary([report]).removesuffix(f" in {printable(report.name)}")
    yield f"### {escaped(name)}: {counts}\n"
    found = with_files([report], root)
    for item, file in sorted(found, key=lambda one: SEVERITIES.index(one[0].severity)):
        places = [] if file == name else [file]
        if item.location is not None:
            places.append("line {}, column {}".format(*item.location.position))
        place = f" ({escaped(', '.join(places))})" if places else ""
        first, *more = map(escaped, lines_of(item))
        yield f"- **{WORDS[item.severity]}** {first}{place} {code(item.rule)}"
        yield from (f"  - {line}" for line in more)
    yield ""
