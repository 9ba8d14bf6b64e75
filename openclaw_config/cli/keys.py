"""``keys``: where the key of each request comes from."""

from __future__ import annotations

import json

import click

from openclaw_config.cli.configs import read_config
from openclaw_config.cli.inputs import Command, environment_options, format_option
from openclaw_config.cli.output import FINDINGS, FINE, write


@click.command(
    "keys",
    cls=Command,
    short_help="Say which API key each request will use, and why.",
    examples={
        "keys openclaw.json": "the places and their order",
        "keys --env process": "which of them wins in this shell",
    },
)
@click.argument("file", required=False, metavar="[FILE]")
@format_option("text", "json")
@environment_options
def keys_command(file: str | None, form: str, env: str, env_file: str | None) -> int:
    """Say which API key each request will use, and why.

    For each model that OpenClaw would try, lists the places where it looks for the key, in its
    order: the first that yields one wins. No key is ever shown.
    """
    report, config = read_config(file, env, env_file)
    if config is None:
        return FINDINGS
    from openclaw_config.plan import keys

    plan = config.plan
    write(json.dumps(keys.as_data(plan), indent=2) + "\n" if form == "json" else keys.render(plan))
    return FINDINGS if report.errors else FINE
