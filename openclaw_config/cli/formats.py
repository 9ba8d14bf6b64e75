"""Writes what ``check`` found, in formats for people, programs and CI services, and its fixes."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from openclaw_config.cli.output import say, style_of, tell, write, write_exact, write_json

if TYPE_CHECKING:
    from openclaw_config.diagnostics.model import Diagnostic
    from openclaw_config.lint.options import Change
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
    from openclaw_config.files import write_out

    text = "".join(_parts(reports, form, fail_on, to_file=True))
    try:
        write_out(output, text.encode("utf-8", "backslashreplace"))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise click.UsageError(f"cannot write '{output}': {reason}") from error
    from openclaw_config.diagnostics.text import summary

    found = summary(reports)
    if found:
        say(f"{found}; see {output}")


def _parts(reports: list[Report], form: str, fail_on: str, to_file: bool = False) -> Iterator[str]:
    if form == "text":
        yield from _text(reports, to_file)
    else:
        from openclaw_config.diagnostics.formats import render

        yield render(form, reports, _root(os.environ), fail_on)


def _text(reports: list[Report], to_file: bool) -> Iterator[str]:
    found = [item for report in reports for item in report.diagnostics]
    if not found:
        return
    from openclaw_config.diagnostics import display, text

    style = display.PLAIN if to_file else style_of(sys.stdout)
    for block in text.render(found, style):
        yield block + "\n\n"
    yield text.summary(reports) + "\n"
    fixable = _fixable(found)
    if fixable:
        yield fixable + "\n"


def _fixable(found: list[Diagnostic]) -> str:
    """How many findings a fix resolves, and by which option; "" when none."""
    safe = sum(1 for item in found if item.fix is not None and item.fix.safe)
    unsafe = sum(1 for item in found if item.fix is not None and not item.fix.safe)
    parts = [f"{safe:,} fixable with --fix"] if safe else []
    if unsafe:
        how = "more" if safe else "fixable"
        parts.append(f"{unsafe:,} {how} with --fix --unsafe-fixes")
    return ", ".join(parts)


def _root(environ: Mapping[str, str]) -> str | None:
    for name in _CI_ROOTS:
        if environ.get(name):
            return environ[name]
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
    changes = _changes(session)
    if diff:
        _write_diff(changes)
    for change in changes:
        say(f"{change.name}: {'would fix' if diff else 'fixed'} {_rules(change)}")
    problems = [outcome.problem for outcome in session.outcomes if outcome.problem]
    for problem in problems:
        say(problem)
    texts = [outcome.text for outcome in session.outcomes if outcome.text is not None]
    if not diff:
        for text in texts:
            sys.stdout.flush()
            sys.stdout.buffer.write(text)
    if output is None and (diff or texts):
        _tell(reports)
    else:
        write_reports(reports, form, fail_on, output)
    return len(problems) + (len(changes) if diff else 0)


def _changes(session: Session) -> list[Change]:
    """The changes of all configs; what two of them include is named once."""
    changes = {
        (change.path or change.name, change.after): change
        for outcome in session.outcomes
        for change in outcome.changes
    }
    return list(changes.values())


def _write_diff(changes: Sequence[Change]) -> None:
    from openclaw_config.diagnostics import edit_diff

    style = style_of(sys.stdout)
    for change in changes:
        before, after = change.before.decode(), change.after.decode()
        write(edit_diff.render(change.name, before, after, style, change.place))


def _rules(change: Change) -> str:
    return ", ".join(f"{count} {rule}" for rule, count in sorted(Counter(change.rules).items()))


def _tell(reports: Sequence[Report]) -> None:
    """Say on stderr what is left, where stdout has something else to hold."""
    from openclaw_config.diagnostics import text

    for report in reports:
        for block in text.render(report.diagnostics, style_of(sys.stderr)):
            tell(block + "\n\n")
    found = text.summary(reports)
    if found:
        say(found)
