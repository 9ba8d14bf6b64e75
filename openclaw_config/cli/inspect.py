"""What a config needs and what is known: keys, env, capabilities, schema and targets."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import Any

import click

from openclaw_config.cli import command, parameters
from openclaw_config.cli.compile import read_plans
from openclaw_config.cli.parameters import option
from openclaw_config.diagnostics.display import printable
from openclaw_config.diagnostics.model import Report
from openclaw_config.lint.linter import Linter
from openclaw_config.lint.options import Options, Target
from openclaw_config.targets import DEFAULT, choose, nearest, releases


@parameters.command("keys", "Say which API key each request will use, and why.")
@parameters.file_argument
@parameters.format_option("text", "json")
@parameters.plan_options
def keys_command(form: str, **given: Any) -> int:
    """Say which API key each request will use, and why.

    For each model that OpenClaw would try, lists the places where it looks for the key, in its
    order: the first that yields one wins. No key is ever shown.

    For example:
      keys openclaw.json  # the places and their order
      keys --env process  # which of them wins in this shell
      keys --all-agents openclaw.json  # for each agent, which may have models of its own
    """
    report, plans = read_plans(**given)
    from openclaw_config.plan import text

    command.write_answer(form, text.keys_as_data(plans), text.render_keys(plans))
    return command.code_of(report)


@parameters.command("env", "List the environment variables that a config needs.")
@parameters.file_argument
@parameters.format_option("text", "json")
@option(
    "--require",
    "Exit code 1 when something is missing; decides with the variables of this process where"
    " no other are named.",
)
@parameters.plan_options
def env_command(form: str, require: bool, **given: Any) -> int:
    """List the environment variables that a config needs, and what for.

    Those that its text names as ${NAME}, and those where OpenClaw would look for a key. Of several
    in one line any one suffices. Values are never shown. By default it cannot be known which of
    them are set where the config runs; '--env process' and '--env-file' decide it.

    For example:
      env openclaw.json  # what it needs
      env openclaw.json --env-file prod.env  # what of it a file provides
      env openclaw.json --require  # before a start: exit code 1 when something is missing
    """
    if require and not parameters.was_given("env"):
        click.get_current_context().meta[f"{parameters.KEPT}env"] = "process"
    report, plans = read_plans(**given)
    from openclaw_config.needs import MISSING, needs

    found = needs(plans)
    variables = {variable.name: variable for plan in plans for variable in plan.environment}
    value = {
        "version": 1,
        "variables": [variables[name]._asdict() for name in sorted(variables)],
        "needs": [{"anyOf": need.any_of, "state": need.state, "uses": need.uses} for need in found],
    }
    lines = (
        f"{' or '.join(need.any_of):<32} {need.state:<8} {', '.join(need.uses)}" for need in found
    )
    command.write_answer(form, value, "".join(f"{printable(line.rstrip())}\n" for line in lines))
    missing = [" or ".join(need.any_of) for need in found if need.state == MISSING]
    if require and missing:
        command.say(f"missing: {', '.join(missing)}")
        return command.FINDINGS
    return command.code_of(report)


@parameters.command("capabilities", "Say what a model can do, from the built-in tables.")
@click.argument("model", required=False, metavar="[MODEL]")
@parameters.format_option("text", "json")
@parameters.capabilities_option
@option(
    "--refresh FILE|URL",
    "Compare the tables with a list of models that OpenRouter answered"
    " (/api/v1/models, /api/v1/videos/models); only an https URL is fetched.",
)
@option("--output TABLE", "Write what --refresh found as a table.", dest="path")
def capabilities_command(model: str | None, form: str, **given: Any) -> int:
    """Say what a model can do: durations, sizes, inputs, context.

    MODEL is a reference as a config has it, or a provider's name. Without it, lists the providers.
    The exit code is 1 for a model or a provider that no table lists.

    For example:
      capabilities openrouter/google/veo-3.1-fast  # one model
      capabilities openrouter  # the models of a provider
      capabilities --refresh models.json --output new.yaml  # a table of OpenRouter's list
    """
    from openclaw_config.capabilities import describe, lookup
    from openclaw_config.diagnostics.masking import masked

    release = nearest(parameters.asked_target() or DEFAULT).requests
    tables = lookup.built_in(release)
    if given["capabilities"] is not None:
        from openclaw_config.capabilities.user_tables import with_user_table

        tables, diagnostics = with_user_table(given["capabilities"], release)
        command.say_findings([Report(given["capabilities"], diagnostics, False)])
        if diagnostics:
            return command.FINDINGS
    if given["refresh"] is not None:
        return _refreshed(given["refresh"], given["path"], tables, release)
    if given["path"] is not None:
        raise click.UsageError("'--output' goes with '--refresh'.")
    if model is not None:
        model = masked(model)  # Somebody may paste a key; no ref looks like one.
    answer = describe.capabilities(model, tables, release)
    command.write_answer(form, answer, describe.as_text(answer))
    return command.FINE if describe.found(answer) else command.FINDINGS


def _refreshed(source: str, path: str | None, tables: Any, release: str) -> int:
    """Show what a list of models changes, and write it as a table."""
    from openclaw_config.capabilities import refresh

    try:
        table = refresh.table_of(refresh.read_list(source), tables, release)
    except (OSError, ValueError, RecursionError) as error:
        why = getattr(error, "strerror", None) or "it is no list of models"
        command.say(f"{source}: {why}")
        return command.FINDINGS
    if path is not None:
        # JSON is YAML too.
        text = json.dumps(table, indent=1, ensure_ascii=False) + "\n"
        command.write_file(path, text.encode())
    lines = refresh.diff(table, tables).splitlines() or ["the tables have all of it"]
    command.write("".join(f"{printable(line)}\n" for line in lines))
    return command.FINE


SCHEMAS = ("openclaw", "plan", "report", "answers", "capabilities")


@parameters.command("schema", "Print a JSON Schema, for editors and programs.")
@click.argument("name", type=click.Choice(SCHEMAS), metavar="NAME")
@parameters.target_option
def schema_command(name: str, target: str) -> int:
    """Print a JSON Schema (2020-12), for editors and programs.

    NAME is one of: 'openclaw' for an openclaw.json, 'plan' for what 'compile --format json'
    prints, 'report' for what 'check --format json' prints, 'answers' for what other commands print
    as JSON, 'capabilities' for a table of what a provider's models can do.

    For example:
      schema openclaw > openclaw.schema.json  # for an editor
    """
    from openclaw_config.descriptions import schema_of
    from openclaw_config.facts import read_text

    if name != "openclaw":
        command.write(read_text(f"{name}.schema.json"))
        return command.FINE
    release = choose(target).target.release
    command.write(json.dumps(schema_of(release), ensure_ascii=False, indent=1) + "\n")
    return command.FINE


@parameters.command("targets", "List the releases of OpenClaw that a config can be checked for.")
@parameters.format_option("text", "json")
def targets_command(form: str) -> int:
    """List the releases of OpenClaw that a config can be checked for, the oldest first.

    '--target VERSION' takes any version: one that is not listed is checked as the nearest release
    below it in its line. 'check --target all' says what each release makes of a config.

    For example:
      targets --format json  # for a program
    """
    rows = [{"release": name, "default": name == DEFAULT} for name in releases()]
    notes = {DEFAULT: "  taken where nothing says another"}
    text = "".join(f"{name}{notes.get(name, '')}\n" for name in releases())
    command.write_answer(form, {"version": 1, "targets": rows}, text)
    return command.FINE


_LIMIT = 100
# How many findings of a release are listed: more would take long, and nobody reads them.
_PLACES = 3
# How many places of a rule the table names.


def write_verdicts(options: Options, checked: Sequence[Target], form: str) -> int:
    """Write what each release says of each config; 1 when the newest refuses one of them."""
    every = [options._replace(target=release, limit=_LIMIT) for release in releases()]
    files: list[dict[str, Any]] = [
        {
            "file": one.name or one.path or "openclaw.json",
            "releases": [_verdict(each, one) for each in every],
        }
        for one in checked
    ]
    text = "\n".join(_table(file["file"], file["releases"]) for file in files)
    command.write_answer(form, {"version": 1, "files": files}, text)
    loads = all(file["releases"][-1]["loads"] for file in files)
    return command.FINE if loads else command.FINDINGS


def _verdict(options: Options, checked: Target) -> dict[str, Any]:
    """Whether a release loads a config, and the findings for which it does not."""
    report = Linter(options).check(checked).report
    reasons: list[dict[str, str]] = []
    for one in report.diagnostics:
        reason = {"rule": one.rule, "message": one.message, "place": str(one.location or "")}
        if one.blocks and reason not in reasons:
            reasons.append(reason)
    return {"release": options.target, "loads": report.loads, "reasons": reasons}


def _table(name: str, verdicts: list[dict[str, Any]]) -> str:
    """A config's verdicts: a line for each run of releases that agree, then what is new in it."""
    lines = [printable(name)]
    known: list[dict[str, str]] = []
    for _, group in groupby(verdicts, lambda one: (one["loads"], one["reasons"])):
        run = list(group)
        first, last = run[0]["release"], run[-1]["release"]
        span = first if first == last else f"{first} to {last}"
        reasons = run[0]["reasons"]
        rules = Counter(one["rule"] for one in reasons)
        more = " and more" * bool(rules.pop("more-findings", 0))
        why = ", ".join(f"{count} {rule}" for rule, count in rules.items()) + more
        lines.append(f"  {span:<24} {'loads' if run[0]['loads'] else f'refused: {why}'}")
        for rule in rules:
            new = [one for one in reasons if one["rule"] == rule and one not in known]
            lines += [
                f"    {printable(one['place'])}  {printable(one['message'])} [{rule}]"
                for one in new[:_PLACES]
            ]
            if len(new) > _PLACES:
                lines.append(f"    and {len(new) - _PLACES} more [{rule}]")
        known = reasons
    return "\n".join(lines) + "\n"
