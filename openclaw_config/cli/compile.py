"""``compile``: the requests that a config leads to."""

from __future__ import annotations

import sys
from typing import Any

import click

from openclaw_config.cli.configs import code_of, read_plans, surface_option, write_changes
from openclaw_config.cli.options import (
    Command,
    agent_options,
    capabilities_option,
    environment_options,
    file_argument,
    format_option,
)
from openclaw_config.cli.output import (
    FINDINGS,
    FINE,
    cannot,
    say,
    style_of,
    write,
    write_file,
    write_json,
)
from openclaw_config.plan.model import Plan


@click.command(
    "compile",
    cls=Command,
    short_help="Show the requests that a config leads to.",
    examples={
        "compile openclaw.json": "everything, to read",
        "compile openclaw.json --surface video --format json": "one surface, for a program",
        "compile openclaw.json --lock plan.lock.json": "write the plan, to be committed",
        "compile openclaw.json --all-agents": "the plans of all agents",
        "compile openclaw.json --check plan.lock.json": "for CI: is it still the same?",
    },
)
@file_argument
@format_option("text", "json", "yaml")
@surface_option
@agent_options
@click.option(
    "--lock", metavar="FILE", help="Write the plan to this file as JSON, to be committed."
)
@click.option(
    "--check",
    "locked",
    metavar="FILE",
    help="Show what changed since '--lock FILE'; exit code 1 if anything did.",
)
@capabilities_option
@environment_options
def compile_command(form: str, lock: str | None, locked: str | None, **given: Any) -> int:
    """Show the requests that a config leads to: where they go, with which key, and what they hold.

    For each surface (chat, image, video, speech) the plan has the models in the order in which
    OpenClaw tries them, the chain of places where the key may come from, every request with its
    limits, and what the model accepts. Nothing is sent, and the plan holds no secret: a key is
    named by its place. What 'check' would say goes to stderr.
    """
    if lock is not None and locked is not None:
        raise click.UsageError("'--lock' writes what '--check' compares with; give one of them")
    report, plans = read_plans(**given)
    if locked is not None:
        return max(_compare(plans, locked, form), code_of(report))
    if lock is not None:
        from openclaw_config.plan import json_form

        write_file(lock, json_form.dumps_all(plans).encode())
    else:
        put = write_json if form == "json" else write
        put(_rendered(plans, form))
    return code_of(report)


def _compare(plans: list[Plan], path: str, form: str) -> int:
    from openclaw_config.files import read_regular
    from openclaw_config.loading.load import MAX_BYTES
    from openclaw_config.plan.json_form import PlanError, loads_all

    try:
        text = read_regular(path, MAX_BYTES).decode()
    except (OSError, ValueError) as error:
        raise cannot("read", path, error) from error
    try:
        before = loads_all(text)
    except PlanError as error:
        say(f"{path}: {error}; 'compile --lock' writes it anew")
        return FINDINGS
    _, changes = write_changes(before, plans, form)
    if not changes:
        return FINE
    say(f"{path} is out of date; 'compile --lock' writes it anew")
    return FINDINGS


def _rendered(plans: list[Plan], form: str) -> str:
    if form == "text":
        from openclaw_config.plan import text

        columns = style_of(sys.stdout).width
        found = [text.render(plan, columns) for plan in plans]
        if len(plans) > 1:
            found = [f"agent {plan.agent}\n\n{one}" for plan, one in zip(plans, found, strict=True)]
        return "\n".join(found)
    from openclaw_config.plan import json_form

    if form == "json":
        return json_form.dumps_all(plans)
    from io import StringIO

    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.allow_unicode = False
    stream = StringIO()
    yaml.dump(json_form.to_json_all(plans), stream)
    return stream.getvalue()
