"""What ``check --fix`` and ``check --diff`` show."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from openclaw_config.cli.formats import write_reports
from openclaw_config.cli.output import say, style_of, tell, write

if TYPE_CHECKING:
    from openclaw_config.lint.options import Change
    from openclaw_config.lint.parallel import Session
    from openclaw_config.report import Report


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

    found = [item for report in reports for item in report.diagnostics]
    if not found:
        return
    for block in text.render(found, style_of(sys.stderr)):
        tell(block + "\n\n")
    say(text.summary(found, [report.name for report in reports if report.diagnostics]))
