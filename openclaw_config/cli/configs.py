"""Reading the one config that a command is about, its findings told on stderr."""

from __future__ import annotations

import sys

from openclaw_config import api
from openclaw_config.cli.inputs import environment, read_input
from openclaw_config.cli.output import style_of, tell
from openclaw_config.diagnostics import text
from openclaw_config.report import Report


def read_config(
    file: str | None, env: str, env_file: str | None
) -> tuple[Report, api.Config | None]:
    """The report about a FILE argument, and the config when it loads.

    Raises click.UsageError when there is no such file.
    """
    item = read_input(file)
    variables = environment(env, env_file)
    report = api.check(item.path, text=item.text, name=item.name, environment=variables)
    tell_findings(report)
    if not report.loads or report.document is None:
        return report, None
    return report, api.Config(report, report.document)


def tell_findings(report: Report) -> None:
    """Say on stderr what was found in a config."""
    for block in text.render(report.diagnostics, style_of(sys.stderr)):
        tell(block + "\n\n")
    if report.diagnostics:
        tell(text.summary(report.diagnostics, [report.name]) + "\n")
