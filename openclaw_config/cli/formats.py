"""Writes what ``check`` found, in formats for people, programs and CI services, and its fixes."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from openclaw_config.cli.output import (
    say,
    say_findings,
    style_of,
    write,
    write_exact,
    write_file,
    write_json,
)

if TYPE_CHECKING:
    from openclaw_config.lint.parallel import Session
    from openclaw_config.report import Report


FORMATS = ("text", "concise", "json", "github", "gitlab", "sarif", "junit")
"""The names of ``diagnostics.formats``, and the form for people."""

_WRITERS = {
    "github": write_exact,  # these are commands, and no others
    "json": write_json,
    "gitlab": write_json,
    "sarif": write_json,
}
_CI_ROOTS = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")
# Where GitHub and GitLab say that the repository is; their paths count from there.


def write_reports(reports: list[Report], form: str, fail_on: str, output: str | None) -> None:
    """Write what was found in a format: to stdout, or to the file ``output``.

    Raises click.UsageError when the file cannot be written.
    """
    if output is None or output == "-":
        put = _WRITERS.get(form, write)
        for part in _parts(reports, form, fail_on):
            put(part)
        return
    text = "".join(_parts(reports, form, fail_on, to_file=True))
    write_file(output, text.encode("utf-8", "backslashreplace"))
    from openclaw_config.diagnostics.text import summary

    if found := summary(reports):
        say(f"{found}; see {output}")


def _parts(reports: list[Report], form: str, fail_on: str, to_file: bool = False) -> Iterator[str]:
    if form == "text":
        yield from _text(reports, to_file)
    else:
        from openclaw_config.diagnostics.formats import render

        yield render(form, reports, _root(), fail_on)


def _text(reports: list[Report], to_file: bool) -> Iterator[str]:
    found = [item for report in reports for item in report.diagnostics]
    if not found:
        return
    from openclaw_config.diagnostics import display, text

    style = display.PLAIN if to_file else style_of(sys.stdout)
    for block in text.render(found, style):
        yield block + "\n\n"
    yield text.summary(reports) + "\n"
    fixes = Counter(item.fix.safe for item in found if item.fix is not None)
    parts = [f"{fixes[True]:,} fixable with --fix"] if fixes[True] else []
    if fixes[False]:
        how = "more" if parts else "fixable"
        parts.append(f"{fixes[False]:,} {how} with --fix --unsafe-fixes")
    if parts:
        yield ", ".join(parts) + "\n"


def _root() -> str | None:
    for name in _CI_ROOTS:
        if os.environ.get(name):
            return os.environ[name]
    try:
        return os.getcwd()
    except OSError:  # the working folder is gone
        return None


# --- fixes ----------------------------------------------------------------------------------------


def write_fixes(
    session: Session,
    reports: list[Report],
    form: str,
    fail_on: str,
    output: str | None,
    diff: bool,
) -> int:
    """Write what was fixed, or would be, and what is left; the count of failures besides findings.

    Raises click.UsageError when the file ``output`` cannot be written.
    """
    # What two configs include is named once.
    changes = {
        (change.path or change.name, change.after): change
        for outcome in session.outcomes
        for change in outcome.changes
    }.values()
    for change in changes:
        if diff:
            from openclaw_config.diagnostics import edit_diff

            before, after = change.before.decode(), change.after.decode()
            write(edit_diff.render(change.name, before, after, style_of(sys.stdout), change.place))
    for change in changes:
        counts = sorted(Counter(change.rules).items())
        rules = ", ".join(f"{count} {rule}" for rule, count in counts)
        say(f"{change.name}: {'would fix' if diff else 'fixed'} {rules}")
    problems = [outcome.problem for outcome in session.outcomes if outcome.problem]
    for problem in problems:
        say(problem)
    texts = [outcome.text for outcome in session.outcomes if outcome.text is not None]
    if not diff:
        for text in texts:
            sys.stdout.flush()
            sys.stdout.buffer.write(text)
    if output is None and (diff or texts):
        # Stdout has something else to hold.
        say_findings(reports)
    else:
        write_reports(reports, form, fail_on, output)
    return len(problems) + (len(changes) if diff else 0)
