"""``compile``: the requests that a config leads to."""

from __future__ import annotations

import click

from openclaw_config.cli.configs import read_config
from openclaw_config.cli.inputs import Command, environment_options, format_option
from openclaw_config.cli.output import FINDINGS, FINE, write
from openclaw_config.plan.model import SURFACES, Plan


@click.command(
    "compile",
    cls=Command,
    short_help="Show the requests that a config leads to.",
    examples={
        "compile openclaw.json": "everything, to read",
        "compile openclaw.json --surface video --format json": "one surface, for a program",
    },
)
@click.argument("file", required=False, metavar="[FILE]")
@format_option("text", "json", "yaml")
@click.option(
    "--surface",
    "surfaces",
    type=click.Choice(SURFACES),
    multiple=True,
    help="Only this surface; may be given more than once.",
)
@click.option("--agent", default="", metavar="ID", help="An agent of agents.list.")
@environment_options
def compile_command(
    file: str | None,
    form: str,
    surfaces: tuple[str, ...],
    agent: str,
    env: str,
    env_file: str | None,
) -> int:
    """Show the requests that a config leads to: where they go, with which key, and what they hold.

    For each surface (chat, image, video, speech) the plan has the models in the order in which
    OpenClaw tries them, the chain of places where the key may come from, every request with its
    limits, and what the model accepts. Nothing is sent, and the plan holds no secret: a key is
    named by its place. What 'check' would say goes to stderr.
    """
    report, config = read_config(file, env, env_file)
    if config is None:
        return FINDINGS
    from openclaw_config.compiler.compile import UnknownAgentError, agents_of

    try:
        plan = config.compile(agent=agent, surfaces=surfaces or None)
    except UnknownAgentError as error:
        known = ", ".join(agents_of(config.document))
        raise click.UsageError(f"there is no agent '{agent}'; there is {known}") from error
    write(_rendered(plan, form))
    return FINDINGS if report.errors else FINE


def _rendered(plan: Plan, form: str) -> str:
    if form == "text":
        from openclaw_config.plan import text

        return text.render(plan)
    from openclaw_config.plan import json_form

    if form == "json":
        return json_form.dumps(plan)
    from io import StringIO

    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.allow_unicode = False
    stream = StringIO()
    yaml.dump(json_form.to_json(plan), stream)
    return stream.getvalue()
