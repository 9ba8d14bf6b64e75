"""``env``: the variables that a config needs."""

from __future__ import annotations

import json

import click

from openclaw_config.cli.configs import read_config
from openclaw_config.cli.inputs import Command, environment_options, format_option
from openclaw_config.cli.output import FINDINGS, FINE, write
from openclaw_config.diagnostics.display import printable


@click.command(
    "env",
    cls=Command,
    short_help="List the environment variables that a config needs.",
    examples={
        "env openclaw.json": "what it needs",
        "env openclaw.json --env-file prod.env": "what of it a file provides",
    },
)
@click.argument("file", required=False, metavar="[FILE]")
@format_option("text", "json")
@environment_options
def env_command(file: str | None, form: str, env: str, env_file: str | None) -> int:
    """List the environment variables that a config needs, and what for.

    Those that its text names as ${NAME}, and those where OpenClaw would look for a key. Values
    are never shown. By default it cannot be known which of them are set where the config runs;
    '--env process' and '--env-file' decide it.
    """
    report, config = read_config(file, env, env_file)
    if config is None:
        return FINDINGS
    variables = config.plan.environment
    if form == "json":
        value = {"version": 1, "variables": [variable._asdict() for variable in variables]}
        write(json.dumps(value, indent=2) + "\n")
    else:
        for variable in variables:
            line = f"{variable.name:<32} {variable.state:<8} {', '.join(variable.uses)}"
            write(printable(line.rstrip()) + "\n")
    return FINDINGS if report.errors else FINE
