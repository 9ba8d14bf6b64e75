"""``migrate``: make a config ready for another release of OpenClaw."""

from __future__ import annotations

import json
import os
import shlex
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

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
from openclaw_config.diagnostics.model import key_path_text

if TYPE_CHECKING:
    from openclaw_config.diagnostics.model import Report
    from openclaw_config.lint.options import Target
    from openclaw_config.migration import Migration
    from openclaw_config.validation.migrations.tree import Change


@click.command(
    "migrate",
    cls=Command,
    short_help="Make a config ready for OpenClaw 2026.9.6.",
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

    For example:
      migrate openclaw.json  # show what would change, and why
      migrate --write openclaw.json  # change the file, and what it includes
      migrate --check .  # for a hook or a CI job: is there anything to migrate?
      migrate --format markdown openclaw.json  # a report for a pull request
      migrate --write --answer bindings[0].agentId=remove openclaw.json  # decide something
    """
    from openclaw_config.cli.fmt import inputs_of
    from openclaw_config.migration import FROM, TO, migrate, requests_differ

    versions: dict[str, Any] = {"old": old or FROM, "new": new or TO}
    if versions["old"] not in (FROM, TO) or versions["new"] != TO:
        raise click.UsageError(f"the only way is from {FROM}, or a release between, to {TO}")
    chosen = dict(map(_answer, answers))
    code = FINE
    reports: list[dict[str, Any]] = []
    for item in inputs_of(files, allow_empty, with_included=False):
        given = {**versions, "text": item.text, "name": item.name}
        found = migrate(item.path, answers=chosen, **given)
        if writing and found.open and sys.stdin.isatty() and sys.stderr.isatty():
            found = migrate(item.path, answers=chosen | _asked(found.open), **given)
        if found.errors or not found.trees:
            _say_errors(found.before)
            say(f"{found.name}: is left as it is")
            code = FINDINGS
            continue
        differences = requests_differ(found)
        if form == "json":
            reports.append(report_of(found, differences))
        elif form == "markdown":
            write(only_shown(report_text(found, differences, markdown=True)))
        elif item.path is not None or not writing:
            _show(found, differences, diff=not writing and not check)
        if check:
            settled = not (found.texts or found.open)
        elif same and differences:
            say(f"{found.name}: the requests would differ; nothing is written")
            settled = False
        else:
            settled = found.after.loads and not found.open
            if not settled and form == "text":
                _say_errors(found.after)
            settled = (not writing or _write(found, item)) and settled
        code = code if settled else FINDINGS
    if form == "json":
        write_json(json.dumps(reports, ensure_ascii=False, indent=2))
    return code


def _say_errors(report: Report) -> None:
    errors = (found for found in report.diagnostics if found.severity == "error")
    say_findings([report._replace(diagnostics=tuple(errors))])


def _write(migration: Migration, item: Target) -> bool:
    """Write the new texts; gives whether that was possible."""
    from openclaw_config.lint.linter import save
    from openclaw_config.lint.options import Change

    if item.path is None and item.text is not None:
        write_exact(migration.text)
        return True
    olds = migration.olds
    names = {tree.source.path: tree.source.name for tree in migration.trees}
    changes = [
        Change(path, names[path], olds[path].encode(), text.encode(), ())
        for path, text in migration.texts.items()
    ]
    wrong = save(changes, migration.trees[0].source.path or "")
    if wrong:
        say(f"openclaw-config: {wrong}; nothing is written")
        return False
    for change in changes:
        remark(f"{change.name}: migrated to OpenClaw {migration.new_version}")
    return True


def _answer(text: str) -> tuple[str, str]:
    key, equals, choice = text.rpartition("=")
    if not equals:
        raise click.UsageError(f"'--answer {text}' is not KEY=CHOICE")
    return key, choice


def _asked(changes: tuple[Change, ...]) -> dict[str, str]:
    answers = {}
    for change in changes:
        if change.choices:
            key = key_path_text(change.path)
            say(f"{key}: {change.message}")
            for name, effect in change.choices.items():
                say(f"  {name}: {effect}")
            choices = click.Choice([*change.choices, "leave"])
            answers[key] = click.prompt("  which", type=choices, default="leave", err=True)
    return answers


# --- showing --------------------------------------------------------------------------------------


def _show(migration: Migration, differences: list[str] | None, diff: bool) -> None:
    from openclaw_config.diagnostics import edit_diff

    style = style_of(sys.stdout)
    for path, text in migration.texts.items() if diff else ():
        name = os.path.relpath(path) if path else migration.name
        old = migration.olds[path]
        write(edit_diff.render(name, old, text, style, release=migration.new_version))
    if migration.changes or migration.texts:
        write(only_shown(report_text(migration, differences)))
    else:
        remark(f"{migration.name}: nothing to migrate")


class _Layout(NamedTuple):
    """How the parts of a report are written."""

    head: str
    title: str
    item: str
    answer: str
    verdict: str


_TEXT = _Layout("{}: from OpenClaw {} to {}", "{}:", "  {}", "      --answer {}: {}", "{}")
_MARKDOWN = _Layout("### {}: OpenClaw {} → {}", "**{}**\n", "- {}", "  - `--answer {}`: {}", "{}\n")
_TITLES = {
    "decide": "To decide",
    "note": "To know",
    "removed": "Removed",
    "value": "Rewritten",
    "moved": "Moved",
}


def report_text(migration: Migration, differences: list[str] | None, markdown: bool = False) -> str:
    """The report for a person, or for a pull request or a job's summary."""
    layout = _MARKDOWN if markdown else _TEXT
    text = _escaped if markdown else str
    lines = [layout.head.format(migration.name, migration.old_version, migration.new_version)]
    for kind, title in _TITLES.items():
        changes = [change for change in migration.changes if change.kind == kind]
        lines += ["", layout.title.format(title)] if changes else []
        for change in changes:
            lines.append(layout.item.format(text(_line_of(change))))
            for name, effect in change.choices.items():
                choice = shlex.quote(f"{key_path_text(change.path)}={name}")
                lines.append(layout.answer.format(choice, effect))
    if not migration.changes and not migration.texts:
        return "\n".join([*lines, "", "Nothing to migrate.", ""])
    lines += ["", layout.verdict.format(_verdict(migration, differences))]
    lines += [layout.item.format(text(line)) for line in differences or ()]
    return "\n".join(lines) + "\n"


def _line_of(change: Change) -> str:
    from openclaw_config.diagnostics.display import printable

    where = f" ({change.location})" if change.location is not None else ""
    since = f"; refused since {change.since}" if change.since else ""
    return printable(f"{key_path_text(change.path)}: {change.message}{since}{where}")


def _verdict(migration: Migration, differences: list[str] | None) -> str:
    """What the check of the result, and of its requests, came to."""
    release = f"OpenClaw {migration.new_version}"
    if not migration.after.loads:
        count = migration.after.error_count
        errors = "1 error is left" if count == 1 else f"{count} errors are left"
        return f"The result does not load in {release} yet: {errors}"
    if differences is None:
        end = "; the old config does not load, so there are no requests to compare."
    else:
        end = ", and the requests differ:" if differences else ", and the requests are the same."
    return f"The result loads in {release}{end}"


def report_of(migration: Migration, differences: list[str] | None) -> dict[str, Any]:
    """The report as data."""
    return {
        "name": migration.name,
        "from": migration.old_version,
        "to": migration.new_version,
        "files": [path or migration.name for path in migration.texts],
        "changes": list(map(_entry, migration.changes)),
        "loads": migration.after.loads,
        "requests": differences,
    }


def _entry(change: Change) -> dict[str, Any]:
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


def _escaped(line: str) -> str:
    return "".join(f"\\{sign}" if sign in "\\`*_<>|#[]" else sign for sign in line)
