"""``keys``, ``env``, ``capabilities``, ``schema``: what a config needs, and what is known."""

from __future__ import annotations

from typing import Any

import click
from click.core import ParameterSource

from openclaw_config.cli.configs import code_of, read_plans
from openclaw_config.cli.options import (
    Command,
    agent_options,
    capabilities_option,
    environment_options,
    file_argument,
    format_option,
)
from openclaw_config.cli.output import FINDINGS, FINE, say, say_findings, write, write_value
from openclaw_config.diagnostics.display import printable
from openclaw_config.report import Report


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
@file_argument
@format_option("text", "json")
@agent_options
@environment_options
def keys_command(form: str, **given: Any) -> int:
    """Say which API key each request will use, and why.

    For each model that OpenClaw would try, lists the places where it looks for the key, in its
    order: the first that yields one wins. No key is ever shown.
    """
    report, plans = read_plans(**given)
    from openclaw_config.plan import keys

    if form == "json":
        write_value(keys.as_data(plans))
    else:
        write(keys.render(plans))
    return code_of(report)


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
@file_argument
@format_option("text", "json")
@click.option(
    "--require",
    is_flag=True,
    help="Exit code 1 when something is missing; decides with the variables of this process where"
    " no other are named.",
)
@agent_options
@environment_options
def env_command(form: str, require: bool, **given: Any) -> int:
    """List the environment variables that a config needs, and what for.

    Those that its text names as ${NAME}, and those where OpenClaw would look for a key. Of several
    in one line any one suffices. Values are never shown. By default it cannot be known which of
    them are set where the config runs; '--env process' and '--env-file' decide it.
    """
    source = click.get_current_context().get_parameter_source("env")
    if require and source == ParameterSource.DEFAULT:
        given["env"] = "process"
    report, plans = read_plans(**given)
    from openclaw_config.needs import MISSING, needs

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
        write_value(value)
    else:
        for need in found:
            line = f"{' or '.join(need.any_of):<32} {need.state:<8} {', '.join(need.uses)}"
            write(printable(line.rstrip()) + "\n")
    missing = [" or ".join(need.any_of) for need in found if need.state == MISSING]
    if require and missing:
        say(f"missing: {', '.join(missing)}")
        return FINDINGS
    return code_of(report)


@click.command(
    "capabilities",
    cls=Command,
    short_help="Say what a model can do, from the built-in tables.",
    examples={
        "capabilities openrouter/google/veo-3.1-fast": "one model",
        "capabilities openrouter": "the models of a provider",
        "capabilities --refresh models.json --output new.yaml": "a table of OpenRouter's list",
    },
)
@click.argument("model", required=False, metavar="[MODEL]")
@format_option("text", "json")
@capabilities_option
@click.option(
    "--refresh",
    metavar="FILE|URL",
    help="Compare the tables with a list of models that OpenRouter answered"
    " (/api/v1/models, /api/v1/videos/models); only an https URL is fetched.",
)
@click.option("--output", metavar="TABLE", help="Write what --refresh found as a table.")
def capabilities_command(
    model: str | None,
    form: str,
    capabilities: str | None,
    refresh: str | None,
    output: str | None,
) -> int:
    """Say what a model can do: durations, sizes, inputs, context.

    MODEL is a reference as a config has it, or a provider's name. Without it, lists the providers.
    The exit code is 1 for a model or a provider that no table lists.
    """
    from openclaw_config.capabilities import describe, lookup

    tables = lookup.built_in()
    if capabilities is not None:
        from openclaw_config.capabilities.user_tables import with_user_table

        tables, diagnostics = with_user_table(capabilities)
        say_findings([Report(capabilities, diagnostics, False)])
        if diagnostics:
            return FINDINGS
    if refresh is not None:
        return _refreshed(refresh, output, tables)
    if output is not None:
        raise click.UsageError("'--output' goes with '--refresh'.")
    answer = describe.capabilities(model, tables)
    write(describe.as_json(answer) if form == "json" else describe.as_text(answer))
    return FINE if describe.found(answer) else FINDINGS


def _refreshed(source: str, output: str | None, tables: Any) -> int:
    """Show what a list of models changes, and write it as a table."""
    import json

    from openclaw_config.capabilities import refresh
    from openclaw_config.targets import DEFAULT

    try:
        table = refresh.table_of(refresh.read_list(source), tables, DEFAULT)
        if output is not None:
            # JSON is YAML too.
            with open(output, "w", encoding="utf-8") as file:
                file.write(json.dumps(table, indent=1, ensure_ascii=False) + "\n")
    except (OSError, ValueError, RecursionError) as error:
        why = getattr(error, "strerror", None) or "it is no list of models"
        say(f"{source}: {why}")
        return FINDINGS
    lines = refresh.diff(table, tables).splitlines() or ["the tables have all of it"]
    write("".join(f"{printable(line)}\n" for line in lines))
    return FINE


SCHEMAS = {
    "openclaw": ("", "for an openclaw.json"),
    "plan": ("plan.schema.json", "for what 'compile --format json' prints"),
    "report": ("report.schema.json", "for what 'check --format json' prints"),
    "answers": ("answers.schema.json", "for what other commands print as JSON"),
    "capabilities": ("capabilities.schema.json", "for a table of what a provider's models can do"),
}
_NAMES = ", ".join(f"'{name}' {what}" for name, (_, what) in SCHEMAS.items())


@click.command(
    "schema",
    cls=Command,
    short_help="Print a JSON Schema, for editors and programs.",
    help=f"Print a JSON Schema (2020-12), for editors and programs. NAME is one of: {_NAMES}.",
    examples={"schema openclaw > openclaw.schema.json": "for an editor"},
)
@click.argument("name", type=click.Choice(list(SCHEMAS)), metavar="NAME")
@click.option("--target", metavar="VERSION", default="", help="For this version of OpenClaw.")
def schema_command(name: str, target: str) -> int:
    """Print one of the files of ``schema/``; the help text is given above."""
    from openclaw_config.facts import read_text, schema_of

    file = SCHEMAS[name][0]
    if file:
        write(read_text(file))
    else:
        import json

        from openclaw_config.targets import UnknownVersionError, choose

        try:
            release = choose(target).target.release
        except UnknownVersionError as error:
            raise click.UsageError(f"'{target}' is no version of OpenClaw") from error
        write(json.dumps(schema_of(release), ensure_ascii=False, indent=1) + "\n")
    return 0
