"""``diff``: what changes in the requests between two configs."""

from __future__ import annotations

import click

from openclaw_config import api
from openclaw_config.cli.configs import loaded, surface_option, write_changes
from openclaw_config.cli.options import (
    FILE,
    Command,
    agent_option,
    environment,
    environment_options,
    format_option,
    read_input,
)
from openclaw_config.cli.output import FINDINGS, FINE, remark
from openclaw_config.lint.options import Target
from openclaw_config.loading.environment import Environment
from openclaw_config.loading.load import MAX_BYTES
from openclaw_config.plan.model import Plan


@click.command(
    "diff",
    cls=Command,
    short_help="Show what changes in the requests between two configs.",
    examples={
        "diff old.json new.json": "two files",
        "diff HEAD~1:openclaw.json openclaw.json": "since the last commit",
        "diff HEAD:openclaw.json :openclaw.json": "what is staged",
    },
)
@click.argument("old", type=FILE)
@click.argument("new", type=FILE)
@format_option("text", "json")
@surface_option
@agent_option
@environment_options
def diff_command(
    old: str,
    new: str,
    form: str,
    surfaces: tuple[str, ...],
    agent: str,
    env: str,
    env_file: str | None,
) -> int:
    """Show what changes in the requests between two configs: in what is sent, not in their text.

    OLD and NEW are files, '-' for standard input, or REVISION:PATH as git names a file's past; its
    path counts from the repository's root, or from here if it begins with './'. Its includes are
    read from the same revision. Every agent is compared; with --agent that one only.

    The exit code is 0 when the requests are the same and 1 when they are not, or when one of the
    configs does not load. A change of needed variables alone is shown, and does not count.
    """
    variables = environment(env, env_file)
    configs = [(name, _loaded(name, variables)) for name in (old, new)]
    plans = [_plans(name, config, agent, surfaces) for name, config in configs if config]
    if len(plans) < len(configs):
        return FINDINGS
    code, _ = write_changes(plans[0], plans[1], form)
    if code == FINE and form == "text":
        remark("the requests are the same")
    return code


def _loaded(name: str, variables: Environment) -> api.Config | None:
    """The config that a name stands for, None when it does not load."""
    from openclaw_config.git import GitError, is_revision, read_revision

    if not is_revision(name):
        return loaded(read_input(name), environment=variables)
    try:
        found = read_revision(name, MAX_BYTES)
    except GitError as error:
        raise click.UsageError(f"cannot read '{name}': {error}") from error
    target = Target(found.path, found.text, name)
    return loaded(target, environment=variables, read=found.read_below)


def _plans(
    name: str, config: api.Config, agent: str, surfaces: tuple[str, ...]
) -> tuple[Plan, ...]:
    """The plan of this agent, or without one those of every agent."""
    from openclaw_config.compiler.compile import UnknownAgentError, agents_of

    chosen = (agent,) if agent else agents_of(config.document)
    try:
        return tuple(config.compile(agent=one, surfaces=surfaces or None) for one in chosen)
    except UnknownAgentError as error:
        raise click.UsageError(f"there is no agent '{agent}' in {name}") from error
