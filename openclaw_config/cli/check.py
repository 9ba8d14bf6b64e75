"""``check``: whether OpenClaw loads a config, and whether it is wise."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from openclaw_config.cli.formats import FORMATS, write_reports
from openclaw_config.cli.options import (
    ALL_TARGETS,
    STDIN,
    Command,
    control_options,
    empty_option,
    environment_options,
    fix_options,
    format_option,
    found_in,
    lint_options,
    read_input,
)
from openclaw_config.cli.output import (
    FINDINGS,
    FINE,
    cannot,
    remark,
    say,
    style_of,
    write,
    write_file,
)
from openclaw_config.diagnostics.model import ERROR
from openclaw_config.files import shown
from openclaw_config.lint.linter import Linter, path_of
from openclaw_config.lint.options import Target
from openclaw_config.lint.parallel import Session, check_all
from openclaw_config.targets import DEFAULT


@click.command(
    "check",
    cls=Command,
    short_help="Say what is wrong with a config, where, and what to write.",
    examples={
        "check openclaw.json": "one file",
        "check --fix .": "all configs of a project, with safe fixes",
        "check --env process": "OpenClaw's own file, with the variables of this shell",
        "check --format json - < file": "standard input, for a program",
        "check --format sarif --output found.sarif openclaw.json": "for code scanning",
        "check --write-baseline known.json .": "take up the check in an old project",
    },
)
@click.argument("files", nargs=-1, metavar="[FILE]...")
@format_option(*FORMATS)
@click.option(
    "-o", "--output", metavar="FILE", help="Write the result to this file instead of stdout."
)
@fix_options
@control_options
@empty_option
@click.option(
    "--only-configs",
    is_flag=True,
    help="For hooks: pass over a FILE that neither is called like a config nor is included by one.",
)
@environment_options
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning"]),
    default="error",
    show_default=True,
    help="The mildest finding that makes the exit code 1.",
)
@click.option("--exit-zero", is_flag=True, help="End with exit code 0 whatever was found.")
@click.option("-q", "--quiet", is_flag=True, help="Show errors only.")
@click.option(
    "--stdin-filename",
    metavar="FILE",
    help="The file that '-' is the text of: it is shown, and includes are looked for beside it.",
)
@click.option("--list-rules", is_flag=True, help="List the rules with their levels, and end.")
@click.option(
    "--show-settings", is_flag=True, help="Show the effective settings and their origins, and end."
)
def check_command(
    files: tuple[str, ...],
    form: str,
    output: str | None,
    fail_on: str,
    exit_zero: bool,
    quiet: bool,
    stdin_filename: str | None,
    list_rules: bool,
    show_settings: bool,
    allow_empty: bool,
    only_configs: bool,
    **given: Any,
) -> int:
    """Say what is wrong with a config, where, and what to write instead.

    Each FILE is an openclaw.json; '-' reads standard input. A folder stands for all configs in it
    and below, a pattern such as 'deploy/**/*.json5' for the files that it matches. A file that
    configs include is checked as a part of these. Without a FILE, checks the openclaw.json of this
    folder, or else the config that OpenClaw would load here. Prints nothing when all is well.

    An error means that OpenClaw refuses to start with the file, or that a request is bound to
    fail; a warning, that it will not do what it seems to say. 'openclaw-config explain RULE' tells
    more about any finding, by the name in its brackets.
    """
    linter = _linter(given)
    if linter.options.target == ALL_TARGETS:
        from openclaw_config.cli.targets import write_verdicts

        if linter.options.fix:
            raise click.UsageError("--target all writes nothing: leave out --fix and --diff")
        return write_verdicts(linter.options, _targets(files, stdin_filename, allow_empty), form)
    if list_rules or show_settings:
        return _show(linter, files, form, list_rules)
    targets = _whole(linter, _targets(files, stdin_filename, allow_empty), only_configs)
    session = _run(linter, targets)
    if given["write_baseline"] is not None:
        _write_baseline(session, given["write_baseline"])
        reports = list(session.about_settings)
    else:
        reports = session.reports
    failing = sum(
        report.error_count + report.warning_count * (fail_on == "warning") for report in reports
    )
    if quiet:
        reports = [
            report._replace(
                diagnostics=tuple(item for item in report.diagnostics if item.severity == ERROR)
            )
            for report in reports
        ]
    if linter.options.fix:
        from openclaw_config.cli.formats import write_fixes

        failing += write_fixes(session, reports, form, fail_on, output, given["diff"])
    else:
        write_reports(reports, form, fail_on, output)
    for path, count in session.expired.items():
        gone = f"{_count(count, 'finding')} of it {'is' if count == 1 else 'are'} gone"
        say(f"{shown(path)}: {gone}; --write-baseline makes it anew")
    for outcome in session.outcomes:
        document = outcome.report.document
        if document is not None and outcome.report.diagnostics:
            by, release = _SAID_BY.get(document.target_by), document.target.release
            if by is not None and release != DEFAULT:
                remark(f"{outcome.report.name}: for OpenClaw {release}, as {by}")
        if not files and not outcome.report.diagnostics:
            say(f"{outcome.report.name}: no problems found")
    return FINDINGS if failing and not exit_zero else FINE


_SAID_BY = {"config": "meta.lastTouchedVersion says", "keys": "its keys show"}
"""How a target was chosen that nobody asked for."""


def _linter(given: dict[str, Any]) -> Linter:
    options = lint_options(given)
    try:
        return Linter(options)
    except (OSError, ValueError) as error:
        from openclaw_config.lint.baseline import BaselineError

        of_baseline = isinstance(error, BaselineError) or (
            isinstance(error, OSError) and error.filename == options.baseline
        )
        file = options.baseline if of_baseline else options.env_file
        raise cannot("read", file or "", error) from error


def _targets(files: tuple[str, ...], stdin_filename: str | None, allow_empty: bool) -> list[Target]:
    """What the arguments stand for, each file once."""
    if stdin_filename is not None and STDIN not in files:
        raise click.UsageError("--stdin-filename goes with '-'")
    if not files:
        return [read_input(None)]
    targets: dict[str, Target] = {}
    for file in files:
        if file == STDIN:
            text = read_input(file).text
            targets[file] = Target(stdin_filename, text, stdin_filename or "<stdin>")
        else:
            paths = (file,) if os.path.isfile(file) else found_in(file, allow_empty)
            targets.update((path, read_input(path)) for path in paths)
    return list(targets.values())


def _whole(linter: Linter, targets: list[Target], only_configs: bool) -> list[Target]:
    """The targets, those that configs include replaced by these, each once."""
    names = ("openclaw.json", "openclaw.json5")
    if all(one.path is None or os.path.basename(one.path) in names for one in targets):
        return targets
    from openclaw_config.lint.discover import NothingError, Roots

    roots = Roots(linter)
    whole: dict[str, Target] = {}
    for target in targets:
        # Fixes of a text go to stdout, so they are worked out of that text alone.
        alone = target.path is None or (target.text is not None and linter.options.fix)
        path = "" if alone else path_of(target)
        included = {} if target.text is None else {path: target.text}
        try:
            found = roots.of(path) if path else ()
            passed_over = only_configs and path and not (found or roots.is_named(path))
        except NothingError as error:
            raise click.UsageError(f"'{error}' is no file; the setting 'roots' names it") from error
        for root in found:
            whole.setdefault(root, Target(shown(root), None, shown(root), included))
        if not found and not passed_over:
            whole.setdefault(path, target)
    return list(whole.values())


def _run(linter: Linter, targets: list[Target]) -> Session:
    if len(targets) < 2 or not sys.stderr.isatty():
        return check_all(linter, targets)
    from openclaw_config.cli.progress import StatusLine, bar

    # What is done within a second needs no progress.
    line = StatusLine(patience=1.0)
    try:
        return check_all(linter, targets, lambda done: line.draw(bar(done, len(targets))))
    finally:
        line.clear()


def _show(linter: Linter, files: tuple[str, ...], form: str, list_rules: bool) -> int:
    from openclaw_config.lint import show

    path = os.path.abspath(files[0] if files else "openclaw.json")
    if list_rules:
        selection = linter.resolver.effective(path, linter.settings_for(path)).selection
        as_json = show.rules_as_json(selection)
        as_text = show.rules_as_text(selection, style_of(sys.stdout).width)
    else:
        name = files[0] if files else "openclaw.json"
        rows = show.settings_rows(linter, path)
        as_json, as_text = show.settings_as_json(name, rows), show.settings_as_text(name, rows)
    write(as_json if form == "json" else as_text)
    return FINE


def _write_baseline(session: Session, path: str) -> None:
    from openclaw_config.lint.baseline import baseline_text, new_baseline

    entries = new_baseline(session.outcomes, path)
    write_file(path, baseline_text(entries).encode())
    files = len({entry.file for entry in entries})
    say(f"{path}: knows {_count(len(entries), 'finding')} in {_count(files, 'file')}")


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
