"""``env``: the variables that a config needs."""

from __future__ import annotations

import json

import click
from click.core import ParameterSource

from openclaw_config.cli.configs import plans_of, read_config
from openclaw_config.cli.inputs import Command, agent_options, environment_options, format_option
from openclaw_config.cli.output import FINDINGS, FINE, say, write, write_json
from openclaw_config.diagnostics.display import printable


@click.command(
    "env",
    cls=Command,
    short_help="List the environment variables that a config needs.",
    examples={
        "env openclaw.json": "what it needs",
        "env openclaw.json --env-file prod.env": "what of it a file provides",
        "env openclaw.json --require": "before a start: exit code 1 when something is missing",
    },
)
@click.argument("file", required=False, metavar="[FILE]")
@format_option("text", "json")
@click.option(
    "--require",
    is_flag=True,
    help="Exit code 1 when something is missing; decides with the variables of this process where"
    " no other are named.",
)
@agent_options
@environment_options
def env_command(
    file: str | None,
    form: str,
    require: bool,
    agent: str,
    all_agents: bool,
    env: str,
    env_file: str | None,
) -> int:
    """List the environment variables that a config needs, and what for.

    Those that its text names as ${NAME}, and those where OpenClaw would look for a key. Of several
    in one line any one suffices. Values are never shown. By default it cannot be known which of
    them are set where the config runs; '--env process' and '--env-file' decide it.
    """
    source = click.get_current_context().get_parameter_source("env")
    if require and source == ParameterSource.DEFAULT:
        env = "process"
    report, config = read_config(file, env, env_file)
    if config is None:
        return FINDINGS
    from openclaw_config.needs import MISSING, needs

    plans = plans_of(config, agent, all_agents)
    found = needs(plans)
    if form == "json":
        variables = {variable.name: variable for plan in plans for variable in plan.environment}
        value = {
            "version": 1,
            "variables": [variables[name]._asdict() for name in sorted(variables)],
            "needs": [
                {"anyOf": need.any_of, "state": need.state, "uses": need.uses} for need in found
            ],
        }
        write_json(json.dumps(value, indent=2) + "\n")
    else:
        for need in found:
            line = f"{' or '.join(need.any_of):<32} {need.state:<8} {', '.join(need.uses)}"
            write(printable(line.rstrip()) + "\n")
    missing = [" or ".join(need.any_of) for need in found if need.state == MISSING]
    if require and missing:
        say(f"missing: {', '.join(missing)}")
        return FINDINGS
    return FINDINGS if report.error_count else FINE
