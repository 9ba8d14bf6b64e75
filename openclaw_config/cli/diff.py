"""``diff``: what changes in the requests between two configs."""

from __future__ import annotations

import click

from openclaw_config import api
from openclaw_config.cli.configs import tell_errors
from openclaw_config.cli.options import (
    FILE,
    Command,
    Input,
    environment,
    environment_options,
    format_option,
    read_input,
)
from openclaw_config.cli.output import FINDINGS, FINE, remark
from openclaw_config.files import Reader
from openclaw_config.loading.environment import Environment
from openclaw_config.loading.load import MAX_BYTES
from openclaw_config.plan.model import SURFACES, Plan


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
@click.option(
    "--surface",
    "surfaces",
    type=click.Choice(SURFACES),
    multiple=True,
    help="Only this surface; may be given more than once.",
)
@click.option("--agent", default="", metavar="ID", help="An agent of agents.list.")
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
    read from the same revision.

    The exit code is 0 when the requests are the same and 1 when they are not, or when one of the
    configs does not load. A change of needed variables alone is shown, and does not count.
    """
    variables = environment(env, env_file)
    plans = [_plan(name, variables, agent, surfaces) for name in (old, new)]
    before, after = plans
    if before is None or after is None:
        return FINDINGS
    from openclaw_config.cli.configs import write_changes

    code, _ = write_changes([before], [after], form)
    if code == FINE and form == "text":
        remark("the requests are the same")
    return code


def _plan(name: str, variables: Environment, agent: str, surfaces: tuple[str, ...]) -> Plan | None:
    item, read = _input(name)
    report = api.check(item.path, text=item.text, name=item.name, environment=variables, read=read)
    tell_errors(report)
    if not report.loads or report.document is None:
        return None
    from openclaw_config.compiler.compile import UnknownAgentError

    try:
        return api.Config(report, report.document).compile(agent=agent, surfaces=surfaces or None)
    except UnknownAgentError as error:
        raise click.UsageError(f"there is no agent '{agent}' in {name}") from error


def _input(name: str) -> tuple[Input, Reader | None]:
    """What a name stands for, and what reads its includes."""
    from openclaw_config.git import GitError, is_revision, read_revision

    if not is_revision(name):
        return read_input(name), None
    try:
        found = read_revision(name, MAX_BYTES)
    except GitError as error:
        raise click.UsageError(f"cannot read '{name}': {error}") from error
    return Input(found.path, found.text, name), found.read_below
