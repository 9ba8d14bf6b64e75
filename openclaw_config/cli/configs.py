"""Reads the one config that a command is about, and reports on it to stderr."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence

import click

from openclaw_config import api
from openclaw_config.cli.options import environment, read_input
from openclaw_config.cli.output import FINDINGS, FINE, remark, style_of, tell, write, write_json
from openclaw_config.diagnostics import text
from openclaw_config.diagnostics.model import ERROR
from openclaw_config.lint.linter import path_of
from openclaw_config.lint.options import Target
from openclaw_config.lint.settings import find_settings
from openclaw_config.plan.model import Plan
from openclaw_config.report import Report


def read_config(
    file: str | None, env: str, env_file: str | None, capabilities: str | None = None
) -> tuple[Report, api.Config | None]:
    """The report about a FILE argument, and the config when it loads.

    Raises click.UsageError when there is no such file.
    """
    item = read_input(file)
    variables = environment(env, env_file)
    path = path_of(Target(item.path, item.text, item.name))
    settings = None if capabilities else find_settings(os.path.dirname(path))
    if settings is not None:
        from openclaw_config.lint.settings_file import read_settings

        capabilities = read_settings(settings).capabilities
    report = api.check(
        item.path,
        text=item.text,
        name=item.name,
        environment=variables,
        capabilities=capabilities,
    )
    tell_errors(report)
    if not report.loads or report.document is None:
        return report, None
    return report, api.Config(report, report.document)


def plans_of(
    config: api.Config, agent: str, all_agents: bool = False, surfaces: tuple[str, ...] = ()
) -> list[Plan]:
    """The plans of an agent, by default the default one, or of all; of some surfaces, or of all.

    Raises click.UsageError when there is no such agent.
    """
    from openclaw_config.compiler.compile import UnknownAgentError, agents_of

    if all_agents and agent:
        raise click.UsageError("'--agent' and '--all-agents' exclude each other")
    known = agents_of(config.document)
    names = known if all_agents and known else (agent,)
    try:
        return [config.compile(agent=name, surfaces=surfaces or None) for name in names]
    except UnknownAgentError as error:
        others = f"; there is {', '.join(known)}" if known else ""
        raise click.UsageError(f"there is no agent '{agent}'{others}") from error


def tell_errors(report: Report) -> None:
    """Say on stderr what is wrong with a config; of warnings only how many there are."""
    errors = tuple(found for found in report.diagnostics if found.severity == ERROR)
    others = len(report.diagnostics) - len(errors)
    tell_findings(report._replace(diagnostics=errors))
    if others:
        shown = "1 warning" if others == 1 else f"{others} warnings"
        remark(f"{report.name}: {shown} ('openclaw-config check' shows more)")


def tell_findings(report: Report) -> None:
    """Say on stderr what was found in a config."""
    for block in text.render(report.diagnostics, style_of(sys.stderr)):
        tell(block + "\n\n")
    if report.diagnostics:
        tell(text.summary([report]) + "\n")


def write_changes(before: Sequence[Plan], after: Sequence[Plan], form: str) -> tuple[int, int]:
    """Write what changes, as text or as JSON.

    Gives the exit code, which counts changes of the requests only, and the number of all changes.
    """
    from openclaw_config.plan import diff

    changes = diff.diff_all(before, after)
    changed = any(change.changes_requests for change in changes)
    if form == "json":
        value = {"version": 1, "requestsChange": changed, "changes": diff.to_rows(changes)}
        write_json(json.dumps(value, indent=2) + "\n")
    else:
        write(diff.render(changes))
    return FINDINGS if changed else FINE, len(changes)
