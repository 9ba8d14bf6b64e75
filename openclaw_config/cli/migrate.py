"""``migrate``: make a config ready for another release of OpenClaw."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import click

from openclaw_config.cli import command, parameters
from openclaw_config.cli.parameters import option
from openclaw_config.diagnostics.masking import masked
from openclaw_config.diagnostics.model import key_path_text
from openclaw_config.lint.linter import Linter
from openclaw_config.lint.options import Options, Target
from openclaw_config.migration import FROM, TO, Migration, migrate
from openclaw_config.migration_report import report_of, report_text
from openclaw_config.validation.migrations.engine import ANY


@parameters.command("migrate", "Make a config ready for OpenClaw 2026.9.6.")
@parameters.files_argument
@option("--from VERSION", "The release that it is written for.", dest="old")
@option("--to VERSION", "The release to make it ready for.", dest="new")
@option("--write", "Change the files; by default none is.", dest="writing")
@option("--check", "Only say if there is anything to do: exit code 1.")
@parameters.format_option("text", "json", "markdown")
@option(
    "--answer KEY=CHOICE",
    "What becomes of a key that the report asks about; may be given more than once.",
    dest="answers",
    multiple=True,
    callback=lambda _, __, texts: dict(parameters.pair(text, "KEY=CHOICE") for text in texts),
)
@option(
    "--require-same-requests",
    "Write nothing if other requests would be sent than before.",
    dest="same",
)
@parameters.empty_option
@parameters.only_configs_option
def migrate_command(files: tuple[str, ...], form: str, check: bool, **given: Any) -> int:
    """Make a config ready for another release of OpenClaw, as edits of its text.

    Shows the changes and says why each is made; with --write, makes them. Comments, order and
    layout stay. What only a person can decide is left as it is and named, with the answers that
    --answer takes. Included files are changed too: all files of a config, or none.

    Each FILE is a config, or a part that configs include, which stands for these; a folder stands
    for all configs in it and below, '-' for standard input.
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
      migrate --to 2026.4.29 openclaw.json  # what of it has an old place
      migrate --write --answer bindings[0].agentId=remove openclaw.json  # decide something
    """
    writing, same, after = given["writing"], given["same"], given["new"] or TO
    before = given["old"] or (TO if after == FROM else FROM)
    if not {before, after} <= {FROM, TO}:
        raise click.UsageError(f"the only ways are from {FROM} to {TO}, and back")
    inputs = command.configs(files, allow_empty=given["allow_empty"])
    inputs = command.whole(Linter(Options()), inputs, given["only_configs"])
    asking = writing and sys.stdin.isatty() and sys.stderr.isatty()
    # All are planned before any is written: configs may share an included file (MIG-55).
    migrations = [
        _migrated(item, given["answers"], asking, old=before, new=after) for item in inputs
    ]
    _refuse_unused(given["answers"], migrations)
    planned = [new for found in migrations for new in found.texts.items()]
    last = dict(planned)
    conflicts = {path for path, text in planned if path and text != last[path]}
    code = command.FINE
    written: set[str] = set()
    reports: list[dict[str, Any]] = []
    for found in migrations:
        if found.errors or not found.trees:
            command.say_findings([found.before.only_errors()])
            command.say(f"{found.name}: is left as it is")
            code = command.FINDINGS
            continue
        compared = same or form != "text" or not check
        differences = [] if not found.texts else found.requests() if compared else None
        if form == "json":
            reports.append(report_of(found, differences))
        elif form == "markdown":
            command.write(report_text(found, differences, markdown=True))
        elif found.path is not None or not writing:
            _show(found, differences, not writing and not check)
        settled = not found.open and (not found.texts if check else found.after.loads)
        refused = "" if check else _refusal(found, conflicts, differences, same)
        if refused:
            command.say(f"{found.name}: {refused}; nothing is written")
        elif writing and not check:
            settled = _write(found, written) and settled
        code = code if settled and not refused else command.FINDINGS
    if form == "json":
        command.write_value(reports)
    return code


def _migrated(item: Target, answers: dict[str, str], asking: bool, **ways: Any) -> Migration:
    """What becomes of one config; ``asking`` asks a person for answers until there is no more."""
    found = migrate(item.path, text=item.text, name=item.name, answers=answers, **ways)
    more = _asked(found, answers) if asking else {}
    return _migrated(item, answers | more, asking, **ways) if more else found


def _refusal(
    found: Migration, conflicts: set[str], differences: list[str] | None, same: bool
) -> str:
    """Why a migration is not written, "" where nothing keeps it from that.

    ``conflicts`` are the files of which configs need different texts.
    """
    if same and differences != []:
        return "the requests would differ" if differences else "no requests can be compared"
    for path in sorted(conflicts & found.texts.keys()):
        return f"another config needs other changes in {os.path.relpath(path)}"
    return "not everything has an old place" if found.new_version == FROM and found.open else ""


def _refuse_unused(chosen: dict[str, str], migrations: Sequence[Migration]) -> None:
    """Raises click.UsageError for an answer that nothing asks for, or that is no choice."""
    changes = [change for found in migrations for change in found.changes if change.choices]
    for key, choice in chosen.items():
        if not any(key in found.answered for found in migrations):
            asked = [it.choices for it in changes if key in (key_path_text(it.path), it.key)]
            choices = " or ".join(asked[-1]) if asked else ""
            why = f"the choices are {choices}" if asked else "nothing is asked about this key"
            raise click.UsageError(masked(f"'--answer {key}={choice}': ") + why)


def _write(migration: Migration, written: set[str]) -> bool:
    """Write the new texts but those that are ``written``; gives whether that was possible."""
    if migration.path is None:
        command.write_exact(migration.text)
        return True
    new = {path: text for path, text in migration.texts.items() if path not in written}
    left = replace(migration, texts=new)
    if wrong := left.write():
        command.say(f"openclaw-config: {wrong}; nothing is written")
        return False
    written.update(new)
    for source, _ in left.files:
        parameters.remark(f"{source.name}: migrated to OpenClaw {migration.new_version}")
    return True


def _asked(found: Migration, given: dict[str, str]) -> dict[str, str]:
    """A person's answers to what has none yet."""
    answers = {}
    for change in found.changes:
        key = key_path_text(change.path)
        if change.choices and key not in given:
            command.say(f"{change.key}: {change.message}")
            for name, effect in change.choices.items():
                command.say(f"  {name}: {effect}")
            kind = None if ANY in change.choices else click.Choice([*change.choices, "leave"])
            answers[key] = click.prompt("  which", type=kind, default="leave", err=True)
    return answers


# --- showing --------------------------------------------------------------------------------------


def _show(migration: Migration, differences: list[str] | None, diff: bool) -> None:
    if diff:
        command.write(migration.diff(command.style_of(sys.stdout)))
    if migration.changes if diff or migration.open else migration.texts:
        command.write(report_text(migration, differences))
    else:
        parameters.remark(f"{migration.name}: nothing to migrate")
