"""``migrate``: make a config ready for another release of OpenClaw."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from openclaw_config.cli.options import Command, empty_option
from openclaw_config.cli.output import (
    FINDINGS,
    FINE,
    only_shown,
    remark,
    say,
    say_findings,
    style_of,
    write,
    write_exact,
    write_json,
)

if TYPE_CHECKING:
    from openclaw_config.lint.options import Target
    from openclaw_config.migration import Migration
    from openclaw_config.report import Report
    from openclaw_config.validation.migrations.tree import Change


@click.command(
    "migrate",
    cls=Command,
    short_help="Make a config ready for OpenClaw 2026.9.6.",
    examples={
        "migrate openclaw.json": "show what would change, and why",
        "migrate --write openclaw.json": "change the file, and what it includes",
        "migrate --check .": "for a hook or a CI job: is there anything to migrate?",
        "migrate --format markdown openclaw.json": "a report for a pull request",
        "migrate --write --answer bindings[0].agentId=remove openclaw.json": "decide something",
    },
)
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option("--from", "old", metavar="VERSION", help="The release that it is written for.")
@click.option("--to", "new", metavar="VERSION", help="The release to make it ready for.")
@click.option("--write", "writing", is_flag=True, help="Change the files; by default none is.")
@click.option("--check", is_flag=True, help="Only say if there is anything to do: exit code 1.")
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "json", "markdown")),
    default="text",
    help="How the report is written.",
)
@click.option(
    "--answer",
    "answers",
    multiple=True,
    metavar="KEY=CHOICE",
    help="What becomes of a key that the report asks about; may be given more than once.",
)
@click.option(
    "--require-same-requests",
    "same",
    is_flag=True,
    help="Write nothing if other requests would be sent than before.",
)
@empty_option
def migrate_command(
    files: tuple[str, ...],
    old: str | None,
    new: str | None,
    writing: bool,
    check: bool,
    form: str,
    answers: tuple[str, ...],
    same: bool,
    allow_empty: bool,
) -> int:
    """Make a config ready for another release of OpenClaw, as edits of its text.

    Shows the changes and says why each is made; with --write, makes them. Comments, order and
    layout stay. What only a person can decide is left as it is and named, with the answers that
    --answer takes. Included files are changed too: all files of a config, or none.

    Each FILE is a config; a folder stands for all configs in it and below, '-' for standard input.
    Without a FILE it is the openclaw.json of this folder, or else the config that OpenClaw would
    load here. Before anything is written, the result is checked for the new release, and its
    requests are compared with those of before.

    The exit code is 0 when all is done or nothing is to do, and 1 when something is left to decide
    or does not load, when --check finds something to migrate, or when nothing was written because
    the requests differ.
    """
    from openclaw_config.cli.fmt import inputs_of
    from openclaw_config.migration import FROM, TO, migrate

    versions: dict[str, Any] = {"old": old or FROM, "new": new or TO}
    if versions["old"] not in (FROM, TO) or versions["new"] != TO:
        raise click.UsageError(f"the only way is from {FROM}, or a release between, to {TO}")
    chosen = dict(_answer(one) for one in answers)
    code = FINE
    reports: list[dict[str, Any]] = []
    for item in inputs_of(files, allow_empty, includes=False):
        given = {**versions, "text": item.text, "name": item.name}
        found = migrate(item.path, answers=chosen, **given)
        if writing and found.open and sys.stdin.isatty() and sys.stderr.isatty():
            found = migrate(item.path, answers=chosen | _asked(found.open), **given)
        code = max(code, _one(found, item, writing, check, form, same, reports))
    if form == "json":
        write_json(json.dumps(reports, ensure_ascii=False, indent=2))
    return code


def _one(
    migration: Migration,
    item: Target,
    writing: bool,
    check: bool,
    form: str,
    same: bool,
    reports: list[dict[str, Any]],
) -> int:
    from openclaw_config.migration import requests_differ

    if migration.errors or not migration.trees:
        say_findings([_errors(migration.before)])
        say(f"{migration.name}: is left as it is")
        return FINDINGS
    differences = requests_differ(migration)
    if form == "json":
        reports.append(report_of(migration, differences))
    elif form == "markdown":
        write(only_shown(markdown(migration, differences)))
    elif item.path is not None or not writing:
        _show(migration, differences, diff=not writing and not check)
    if check:
        return FINDINGS if migration.texts or migration.open else FINE
    if same and differences:
        say(f"{migration.name}: the requests would differ; nothing is written")
        return FINDINGS
    code = FINE if migration.after.loads and not migration.open else FINDINGS
    if code and form == "text":
        say_findings([_errors(migration.after)])
    if not writing:
        return code
    if item.path is None and item.text is not None:
        write_exact(migration.text)
        return code
    return max(code, _write(migration))


def _errors(report: Report) -> Report:
    errors = (found for found in report.diagnostics if found.severity == "error")
    return report._replace(diagnostics=tuple(errors))


def _write(migration: Migration) -> int:
    from openclaw_config.lint.linter import save
    from openclaw_config.lint.options import Change

    olds = migration.olds
    names = {tree.source.path: tree.source.name for tree in migration.trees}
    changes = [
        Change(path, names[path], olds[path].encode(), text.encode(), ())
        for path, text in migration.texts.items()
    ]
    wrong = save(changes, migration.trees[0].source.path or "")
    if wrong:
        say(f"openclaw-config: {wrong}; nothing is written")
        return FINDINGS
    for change in changes:
        remark(f"{change.name}: migrated to OpenClaw {migration.new_version}")
    return FINE


def _answer(text: str) -> tuple[str, str]:
    key, equals, choice = text.rpartition("=")
    if not equals:
        raise click.UsageError(f"'--answer {text}' is not KEY=CHOICE")
    return key, choice


def _asked(changes: tuple[Change, ...]) -> dict[str, str]:
    from openclaw_config.diagnostics.model import key_path_text

    answers = {}
    for change in changes:
        if change.choices:
            say(f"{key_path_text(change.path)}: {change.message}")
            for name, effect in change.choices.items():
                say(f"  {name}: {effect}")
            choices = click.Choice([*change.choices, "leave"])
            answer = click.prompt("  which", type=choices, default="leave", err=True)
            answers[key_path_text(change.path)] = answer
    return answers


# --- showing --------------------------------------------------------------------------------------


def line_of(change: Change) -> str:
    """One line of the report."""
    from openclaw_config.diagnostics.display import printable
    from openclaw_config.diagnostics.model import key_path_text

    where = f" ({change.location})" if change.location is not None else ""
    since = f"; refused since {change.since}" if change.since else ""
    return printable(f"{key_path_text(change.path)}: {change.message}{since}{where}")


def _show(migration: Migration, differences: list[str] | None, diff: bool) -> None:
    from openclaw_config.diagnostics import edit_diff

    style = style_of(sys.stdout)
    if diff:
        olds = migration.olds
        for path, text in migration.texts.items():
            name = os.path.relpath(path) if path else migration.name
            write(edit_diff.render(name, olds[path], text, style, release=migration.new_version))
    if not migration.changes and not migration.texts:
        remark(f"{migration.name}: nothing to migrate")
        return
    lines = [f"{migration.name}: from OpenClaw {migration.old_version} to {migration.new_version}"]
    for title, changes in _sections(migration.changes):
        lines += ["", f"{title}:"]
        for change in changes:
            lines.append(f"  {line_of(change)}")
            lines += [
                f"      --answer {_quoted(change, name)}: {effect}"
                for name, effect in change.choices.items()
                if change.open
            ]
    lines += ["", verdict(migration, differences)]
    lines += [f"  {line}" for line in differences or ()]
    write(only_shown("\n".join(lines) + "\n"))


def _quoted(change: Change, choice: str) -> str:
    import shlex

    from openclaw_config.diagnostics.model import key_path_text

    return shlex.quote(f"{key_path_text(change.path)}={choice}")


_TITLES = (
    ("decide", "To decide"),
    ("note", "To know"),
    ("removed", "Removed"),
    ("value", "Rewritten"),
    ("moved", "Moved"),
)


def _sections(changes: tuple[Change, ...]) -> list[tuple[str, list[Change]]]:
    found = [(title, [it for it in changes if it.kind == kind]) for kind, title in _TITLES]
    return [(title, some) for title, some in found if some]


def verdict(migration: Migration, differences: list[str] | None) -> str:
    """What the check of the result, and of its requests, came to."""
    if not migration.after.loads:
        count = migration.after.error_count
        return (
            f"The result does not load in OpenClaw {migration.new_version} yet:"
            f" {count} {'error is' if count == 1 else 'errors are'} left"
        )
    loads = f"The result loads in OpenClaw {migration.new_version}"
    if differences is None:
        return f"{loads}; the old config does not load, so there are no requests to compare."
    if differences:
        return f"{loads}, and the requests differ:"
    return f"{loads}, and the requests are the same."


def report_of(migration: Migration, differences: list[str] | None) -> dict[str, Any]:
    """The report as data."""
    from openclaw_config.diagnostics.model import key_path_text

    def entry(change: Change) -> Mapping[str, Any]:
        location = change.location
        return {
            "kind": change.kind,
            "severity": change.severity,
            "key": key_path_text(change.path),
            "message": change.message,
            "to": key_path_text(change.to) if change.to else None,
            "file": location.source.name if location else None,
            "line": location.position.line if location else None,
            "since": change.since or None,
            "choices": dict(change.choices),
        }

    return {
        "name": migration.name,
        "from": migration.old_version,
        "to": migration.new_version,
        "files": [path or migration.name for path in migration.texts],
        "changes": [entry(change) for change in migration.changes],
        "loads": migration.after.loads,
        "requests": None if differences is None else differences,
    }


def markdown(migration: Migration, differences: list[str] | None) -> str:
    """The report for a pull request or a job's summary."""
    head = f"### {migration.name}: OpenClaw {migration.old_version} → {migration.new_version}"
    lines = [head, ""]
    if not migration.changes and not migration.texts:
        return "\n".join([*lines, "Nothing to migrate.", ""])
    for title, changes in _sections(migration.changes):
        lines += [f"**{title}**", ""]
        for change in changes:
            lines.append(f"- {_escaped(line_of(change))}")
            lines += [
                f"  - `--answer {_quoted(change, name)}`: {effect}"
                for name, effect in change.choices.items()
                if change.open
            ]
        lines.append("")
    lines += [verdict(migration, differences), ""]
    lines += [f"- {_escaped(line)}" for line in differences or ()]
    return "\n".join(lines) + "\n"


def _escaped(line: str) -> str:
    return "".join(f"\\{sign}" if sign in "\\`*_<>|#[]" else sign for sign in line)
