"""Reads the one config that a command is about, and reports on it to stderr."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import click

from openclaw_config import api
from openclaw_config.cli.options import asked_target, environment, read_input
from openclaw_config.cli.output import FINDINGS, FINE, remark, say_findings, write, write_value
from openclaw_config.diagnostics.model import ERROR
from openclaw_config.lint.linter import find_settings, path_of
from openclaw_config.lint.options import Target
from openclaw_config.plan.model import SURFACES, Plan
from openclaw_config.report import Report

surface_option = click.option(
    "--surface",
    "surfaces",
    type=click.Choice(SURFACES),
    multiple=True,
    help="Only this surface; may be given more than once.",
)


def read_config(
    file: str | None, env: str, env_file: str | None, capabilities: str | None = None
) -> api.Config:
    """The config that a FILE argument names; what is wrong with it goes to stderr.

    Raises click.UsageError when there is no such file, and Exit when it does not load.
    """
    target = read_input(file)
    variables = environment(env, env_file)
    version = asked_target()
    settings = find_settings(os.path.dirname(path_of(target)))
    if settings is not None and not (capabilities and version):
        from openclaw_config.lint.settings import read_settings

        found = read_settings(settings)
        capabilities, version = capabilities or found.capabilities, version or found.target
    config = loaded(target, environment=variables, capabilities=capabilities, version=version)
    if config is None:
        raise click.exceptions.Exit(FINDINGS)
    return config


def loaded(target: Target, version: str | None = None, **options: Any) -> api.Config | None:
    """A config, or None when it does not load; what is wrong with it goes to stderr.

    Of warnings only their number is shown. The options are those of ``api.check``;
    ``version`` is its ``target``, None for that of ``--target``.
    """
    version = asked_target() if version is None else version
    report = api.check(target.path, text=target.text, name=target.name, target=version, **options)
    errors = tuple(found for found in report.diagnostics if found.severity == ERROR)
    others = len(report.diagnostics) - len(errors)
    say_findings([report._replace(diagnostics=errors)])
    if others:
        shown = "1 warning" if others == 1 else f"{others} warnings"
        remark(f"{report.name}: {shown} ('openclaw-config check' shows more)")
    return api.Config(report) if report.loads else None


def read_plans(
    file: str | None,
    agent: str,
    all_agents: bool,
    env: str,
    env_file: str | None,
    capabilities: str | None = None,
    surfaces: tuple[str, ...] = (),
) -> tuple[Report, list[Plan]]:
    """The report on a config and its plans: of an agent, by default the default one, or of all.

    The arguments are what the options of the same names give. Raises as ``read_config`` does, and
    click.UsageError when there is no such agent.
    """
    config = read_config(file, env, env_file, capabilities)
    from openclaw_config.compiler.compile import UnknownAgentError, agents_of

    if all_agents and agent:
        raise click.UsageError("'--agent' and '--all-agents' exclude each other")
    known = agents_of(config.document)
    names = known if all_agents and known else (agent,)
    try:
        plans = [config.compile(agent=name, surfaces=surfaces or None) for name in names]
    except UnknownAgentError as error:
        others = f"; there is {', '.join(known)}" if known else ""
        raise click.UsageError(f"there is no agent '{agent}'{others}") from error
    return config.report, plans


def code_of(report: Report) -> int:
    """The exit code of a command that shows something of a config which loads."""
    return FINDINGS if report.error_count else FINE


def write_changes(before: Sequence[Plan], after: Sequence[Plan], form: str) -> tuple[int, int]:
    """Write what changes, as text or as JSON.

    Gives the exit code, which counts changes of the requests only, and the number of all changes.
    """
    from openclaw_config.plan import diff

    changes = diff.diff_all(before, after)
    changed = any(change.changes_requests for change in changes)
    if form == "json":
        rows = diff.to_rows(changes)
        write_value({"version": 1, "requestsChange": changed, "changes": rows})
    else:
        write(diff.render(changes))
    return FINDINGS if changed else FINE, len(changes)
