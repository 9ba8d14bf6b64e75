"""``check``: whether OpenClaw loads a config, and whether it is wise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from openclaw_config import api
from openclaw_config.cli.formats import FORMATS, write_reports
from openclaw_config.cli.inputs import (
    Command,
    environment,
    environment_options,
    format_option,
    read_input,
)
from openclaw_config.cli.output import FINDINGS, FINE, say
from openclaw_config.diagnostics.model import ERROR

if TYPE_CHECKING:
    from openclaw_config.report import Report


@click.command(
    "check",
    cls=Command,
    short_help="Say what is wrong with a config, where, and what to write.",
    examples={
        "check openclaw.json": "one file",
        "check --env process": "OpenClaw's own file, with the variables of this shell",
        "check --format json - < file": "standard input, for a program",
        "check --format sarif --output found.sarif openclaw.json": "for code scanning",
    },
)
@click.argument("files", nargs=-1, metavar="[FILE]...")
@format_option(*FORMATS)
@click.option(
    "-o", "--output", metavar="FILE", help="Write the result to this file instead of stdout."
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
def check_command(
    files: tuple[str, ...],
    form: str,
    output: str | None,
    env: str,
    env_file: str | None,
    fail_on: str,
    exit_zero: bool,
    quiet: bool,
) -> int:
    """Say what is wrong with a config, where, and what to write instead.

    Each FILE is an openclaw.json; '-' reads standard input. Without a FILE, checks the config that
    OpenClaw would load here. Prints nothing when all is well.

    An error means that OpenClaw refuses to start with the file, or that a request is bound to
    fail; a warning, that it will not do what it seems to say. 'openclaw-config explain RULE' tells
    more about any finding, by the name in its brackets.
    """
    inputs = [read_input(file) for file in files or [None]]
    variables = environment(env, env_file)
    reports = [
        api.check(item.path, text=item.text, name=item.name, environment=variables)
        for item in inputs
    ]
    failing = sum(report.errors + report.warnings * (fail_on == "warning") for report in reports)
    if quiet:
        reports = [_only_errors(report) for report in reports]
    write_reports(reports, form, fail_on, output)
    if not files and not reports[0].diagnostics:
        say(f"{reports[0].name}: nothing to mend")
    return FINDINGS if failing and not exit_zero else FINE


def _only_errors(report: Report) -> Report:
    found = (item for item in report.diagnostics if item.severity == ERROR)
    return report._replace(diagnostics=tuple(found))
