"""``keys``: where the key of each request comes from."""

from __future__ import annotations

import json

import click

from openclaw_config.cli.configs import plans_of, read_config
from openclaw_config.cli.inputs import Command, agent_options, environment_options, format_option
from openclaw_config.cli.output import FINDINGS, FINE, write, write_json


@click.command(
    "keys",
    cls=Command,
    short_help="Say which API key each request will use, and why.",
    examples={
        "keys openclaw.json": "the places and their order",
        "keys --env process": "which of them wins in this shell",
        "keys --all-agents openclaw.json": "for each agent, which may have models of its own",
    },
)
@click.argument("file", required=False, metavar="[FILE]")
@format_option("text", "json")
@agent_options
@environment_options
def keys_command(
    file: str | None, form: str, agent: str, all_agents: bool, env: str, env_file: str | None
) -> int:
    """Say which API key each request will use, and why.

    For each model that OpenClaw would try, lists the places where it looks for the key, in its
    order: the first that yields one wins. No key is ever shown.
    """
    report, config = read_config(file, env, env_file)
    if config is None:
        return FINDINGS
    from openclaw_config.plan import keys

    plans = plans_of(config, agent, all_agents)
    if form == "json":
        write_json(json.dumps(keys.as_data(plans), indent=2) + "\n")
    else:
        write(keys.render(plans))
    return FINDINGS if report.error_count else FINE
