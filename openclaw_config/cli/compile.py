"""``compile``, ``diff``, ``keys``, ``env``: the requests that configs lead to, and what they need.

Also reads configs for other commands.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import click

from openclaw_config import api, page
from openclaw_config.cli import command, parameters
from openclaw_config.cli.parameters import option
from openclaw_config.compiler.compile import agents_of, surfaces_of
from openclaw_config.diagnostics.display import Line, escaped
from openclaw_config.diagnostics.model import Report
from openclaw_config.files import RefusedError, read_regular
from openclaw_config.git import is_revision, read_revision
from openclaw_config.lint.options import Target
from openclaw_config.loading.load import MAX_BYTES
from openclaw_config.plan import diff, json_form
from openclaw_config.plan.json_form import PlanError, loads_all
from openclaw_config.plan.model import SURFACES, Plan

surface_option = option(
    "--surface",
    "Only this surface; may be given more than once.",
    dest="surfaces",
    type=click.Choice(SURFACES),
    multiple=True,
)


@parameters.command("compile", "Show the requests that a config leads to.")
@parameters.file_argument
@parameters.format_option("text", "json", "yaml", "mermaid", "html")
@surface_option
@parameters.agent_options
@option("--lock FILE", "Write the plan to this file as JSON, to be committed.")
@option(
    "--check FILE",
    "Show what changed since '--lock FILE'; exit code 1 if anything did.",
    dest="locked",
)
@parameters.capabilities_option
@parameters.secret_options
def compile_command(form: str, lock: str | None, locked: str | None, **given: Any) -> int:
    """Show the requests that a config leads to: where they go, with which key, and what they hold.

    For each surface (chat, image, video, music, speech, transcription, vision) the plan has the
    models in the order in which OpenClaw tries them, the chain of places where the key may come
    from, every request with its limits, and what the model accepts. Nothing is sent, and the plan
    holds no secret: a key is named by its place. What 'check' would say goes to stderr.

    For example:
      compile openclaw.json  # everything, to read
      compile openclaw.json --surface video --format json  # one surface, for a program
      compile openclaw.json --format html > plan.html  # a page to look at
      compile openclaw.json --format mermaid  # which model is tried when, as a flow chart
      compile openclaw.json --lock plan.lock.json  # write the plan, to be committed
      compile openclaw.json --all-agents  # the plans of all agents
      compile openclaw.json --check plan.lock.json  # for CI: is it still the same?
    """
    if lock is not None and locked is not None:
        raise click.UsageError("'--lock' writes what '--check' compares with; give one of them")
    report, plans = read_plans(**given)
    if locked is not None:
        return max(_compare(plans, locked, form), command.code_of(report))

    if lock is not None:
        command.write_file(lock, json_form.dumps(*plans).encode())
    elif form == "json":
        command.write_value(json_form.to_json(*plans))
    elif form == "yaml":
        from ruamel.yaml import YAML

        yaml = YAML()
        yaml.allow_unicode = False
        yaml.dump(json_form.to_json(*plans), sys.stdout, transform=command.only_shown)
    elif form == "html":
        command.write(page.render(page.Side(report.name, report, plans)))
    elif form == "mermaid":
        from openclaw_config.plan.text import render_chart

        command.write(render_chart(plans))
    else:
        command.write_text(plans)
    return command.code_of(report)


def _compare(plans: list[Plan], path: str, form: str) -> int:
    try:
        before = loads_all(read_regular(path, MAX_BYTES).decode())
    except PlanError as error:
        command.say(f"{path}: {error}; 'compile --lock' writes it anew")
        return command.FINDINGS
    except (OSError, ValueError) as error:
        raise command.cannot("read", path, error) from error
    if not _write_changes(before, plans, form):
        return command.FINE
    command.say(f"{path} is out of date; 'compile --lock' writes it anew")
    return command.FINDINGS


@parameters.command("diff", "Show what changes in the requests between two configs.")
@click.argument("old", type=parameters.FILE)
@click.argument("new", type=parameters.FILE)
@parameters.format_option("text", "json", "markdown", "html")
@surface_option
@parameters.agent_option
@parameters.secret_options
def diff_command(old: str, new: str, form: str, surfaces: tuple[str, ...], agent: str) -> int:
    """Show what changes in the requests between two configs: in what is sent, not in their text.

    OLD and NEW are files, '-' for standard input, or REVISION:PATH as git names a file's past; its
    path counts from the repository's root, or from here if it begins with './'. Its includes are
    read from the same revision. Every agent is compared; with --agent that one only.

    The exit code is 0 when the requests are the same and 1 when they are not, or when one of the
    configs does not load. A change of needed variables alone is shown, and does not count.

    For example:
      diff old.json new.json  # two files
      diff HEAD~1:openclaw.json openclaw.json  # since the last commit
      diff HEAD:openclaw.json :openclaw.json  # what is staged
      diff --format markdown old.json new.json  # for the summary of a pull request
      diff --format html old.json new.json > changes.html  # a page to look at
    """
    sides = []
    for name, config in [(name, read_config(name)) for name in (old, new)]:
        plans = _plans(config, (agent,) if agent else agents_of(config.document), surfaces)
        sides.append(page.Side(name, config.report, plans))
    before, after = sides
    if form == "html":
        command.write(page.render(after, before))
    changes = _write_changes(before.plans, after.plans, form, f"{old} → {new}")
    if any(change.changes_requests for change in changes):
        return command.FINDINGS
    if form == "text":
        parameters.remark("the requests are the same")
    return command.FINE


def _write_changes(
    before: Sequence[Plan], after: Sequence[Plan], form: str, title: str = ""
) -> tuple[diff.Change, ...]:
    """Write what changes, as text, as JSON or, under a title, as Markdown; of a page nothing more.

    Gives all changes, also those that leave the requests as they are.
    """
    changes = diff.diff(before, after)
    changed = any(change.changes_requests for change in changes)
    rows = [*map(json_form.record_as_json, changes)]
    value = {"version": 1, "requestsChange": changed, "changes": rows}
    if form == "markdown":
        verdict = "the requests change" if changed else "the requests are the same"
        command.write(f"### {escaped(title)}: {verdict}\n")
        command.write(diff.render(changes, as_markdown=True))
    elif form != "html":
        command.write_answer(form, value, diff.render(changes))
    return changes


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
        click.get_current_context().params["env"] = "process"
    report, plans = read_plans(**given)
    from openclaw_config.needs import MISSING, needs

    found = needs(plans)
    variables = {variable.name: variable for plan in plans for variable in plan.environment}
    value = {
        "version": 1,
        "variables": [variables[name]._asdict() for name in sorted(variables)],
        "needs": [{"anyOf": need.any_of, "state": need.state, "uses": need.uses} for need in found],
    }
    lines = []
    for need in found:
        lead = f"{' or '.join(need.any_of):<32} {need.state:<8} "
        lines.append(Line(lead + ", ".join(need.uses), hang=len(lead)))
    command.write_lines(form, value, lines)
    missing = [" or ".join(need.any_of) for need in found if need.state == MISSING]
    if require and missing:
        command.say(f"missing: {', '.join(missing)}")
        return command.FINDINGS
    return command.code_of(report)


# --- reading the config that a command is about ---------------------------------------------------


def read_config(name: str | None, capabilities: str | None = None) -> api.Config:
    """The config that a FILE argument names, a file or a revision's; stderr has what is wrong.

    Raises UsageError when there is no such file, and Exit when it does not load.
    """
    options: dict[str, Any] = {
        "environment": parameters.environment(),
        "capabilities": capabilities,
    }
    if name is not None and is_revision(name):
        try:
            found = read_revision(name, MAX_BYTES)
        except RefusedError as error:
            raise command.cannot("read", name, error) from error
        item, options["read"] = Target(found.path, found.text, name), found.read_below
    else:
        item = command.read_input(name)
    options["target"] = parameters.asked_target()
    config = command.config_of(item, parameters.remark, **options)
    if config is None:
        raise click.exceptions.Exit(command.FINDINGS)
    return config


def read_plans(
    file: str | None, agent: str, all_agents: bool, **given: Any
) -> tuple[Report, list[Plan]]:
    """The report on a config and its plans: of an agent, by default the default one, or of all.

    The arguments are what the options of the same names give. Raises as ``read_config`` does, and
    UnknownAgentError when there is no such agent.
    """
    config = read_config(file, given.get("capabilities"))

    if all_agents and agent:
        raise click.UsageError("'--agent' and '--all-agents' exclude each other")
    agents = (all_agents and agents_of(config.document)) or (agent,)
    return config.report, _plans(config, agents, given.get("surfaces", ()))


def _plans(config: api.Config, agents: Sequence[str], surfaces: tuple[str, ...]) -> list[Plan]:
    """The plans of some agents. Raises UnknownAgentError."""
    target = config.document.target
    for surface in sorted({*surfaces}.difference(surfaces_of(target))):
        parameters.remark(f"no {surface} calls are known of OpenClaw {target.release}")
    return [config.compile(agent=name, surfaces=surfaces or None) for name in agents]
