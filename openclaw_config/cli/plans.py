"""What ``compile`` does with a config, whatever its options: reads it, and writes its plans."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

from openclaw_config import api
from openclaw_config.cli import command
from openclaw_config.diagnostics.model import Report
from openclaw_config.lint.linter import environment_of, find_settings, path_of
from openclaw_config.lint.options import Options, Target
from openclaw_config.loading.environment import Environment
from openclaw_config.plan.model import Plan


def compile_file(file: str) -> int:
    """``compile`` of a file without an option. Raises UsageError before anything is written."""
    variables = environment_of(Options().env, None)
    config = config_of(command.read_input(file), command.say, variables)
    if config is None:
        return command.FINDINGS
    write_text([config.plan])
    return code_of(config.report)


def config_of(
    item: Target,
    remark: Callable[[str], None],
    environment: Environment,
    version: str = "",
    capabilities: str | None = None,
) -> api.Config | None:
    """A config as its settings file has it read, or None when it does not load.

    The version and the table that were asked for count before those of the settings.
    """
    settings = find_settings(os.path.dirname(path_of(item)))
    if settings is not None:
        from openclaw_config.lint.settings import read_settings

        found = read_settings(settings)
        capabilities, version = capabilities or found.capabilities, version or found.target
    return loaded(item, remark, environment=environment, capabilities=capabilities, target=version)


def loaded(item: Target, remark: Callable[[str], None], **options: Any) -> api.Config | None:
    """A config, or None when it does not load; what is wrong with it goes to stderr.

    Of warnings only their number is shown. The options are those of ``api.check``.
    """
    report = api.check(item.path, text=item.text, name=item.name, **options)
    errors = report.only_errors()
    command.say_findings([errors])
    if others := len(report.diagnostics) - len(errors.diagnostics):
        shown = "1 warning" if others == 1 else f"{others} warnings"
        remark(f"{report.name}: {shown} ('openclaw-config check' shows more)")
    return api.Config(report) if report.loads else None


def write_text(plans: Sequence[Plan]) -> None:
    """Write plans for people to read."""
    from openclaw_config.plan import text

    columns = command.style_of(sys.stdout).width
    found = [text.render(plan, columns) for plan in plans]
    if len(plans) > 1:
        found = [f"agent {plan.agent}\n\n{one}" for plan, one in zip(plans, found, strict=True)]
    command.write("\n".join(found))


def code_of(report: Report) -> int:
    """The exit code of a command that shows something of a config which loads."""
    return command.FINDINGS if report.error_count else command.FINE
