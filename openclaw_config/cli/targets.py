"""``targets``: the releases that a config can be checked for, and what each says of one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import click

from openclaw_config.cli.options import Command, format_option
from openclaw_config.cli.output import FINDINGS, FINE, write, write_value
from openclaw_config.diagnostics.display import printable
from openclaw_config.lint.linter import Linter
from openclaw_config.lint.options import Options
from openclaw_config.lint.options import Target as Checked
from openclaw_config.targets import DEFAULT, releases


@click.command(
    "targets",
    cls=Command,
    short_help="List the releases of OpenClaw that a config can be checked for.",
    examples={"targets --format json": "for a program"},
)
@format_option("text", "json")
def targets_command(form: str) -> int:
    """List the releases of OpenClaw that a config can be checked for, the oldest first.

    '--target VERSION' takes any version: one that is not listed is checked as the nearest release
    below it in its line. 'check --target all' says what each release makes of a config.
    """
    if form == "json":
        rows = [{"release": name, "default": name == DEFAULT} for name in releases()]
        write_value({"version": 1, "targets": rows})
    else:
        notes = {DEFAULT: "  taken where nothing says another"}
        write("".join(f"{name}{notes.get(name, '')}\n" for name in releases()))
    return FINE


class Verdict(NamedTuple):
    """What one release says of a config: the findings for which it refuses it, if it does."""

    release: str
    loads: bool
    reasons: tuple[tuple[str, str, str], ...]
    """Rule, message and place of each."""


def write_verdicts(options: Options, checked: Sequence[Checked], form: str) -> int:
    """Write what each release says of each config; 1 when the newest refuses one of them."""
    found = [(one, list(_verdicts(options, one))) for one in checked]
    if form == "json":
        files = [
            {
                "file": _name(one),
                "releases": [
                    {
                        "release": verdict.release,
                        "loads": verdict.loads,
                        "reasons": [
                            {"rule": rule, "message": message, "place": place}
                            for rule, message, place in verdict.reasons
                        ],
                    }
                    for verdict in verdicts
                ],
            }
            for one, verdicts in found
        ]
        write_value({"version": 1, "files": files})
    else:
        write("\n".join(_table(_name(one), verdicts) for one, verdicts in found))
    return FINE if all(verdicts[-1].loads for _, verdicts in found) else FINDINGS


def _verdicts(options: Options, checked: Checked) -> Iterator[Verdict]:
    for release in releases():
        report = Linter(options._replace(target=release)).check(checked).report
        reasons = (
            (one.rule, one.message, str(one.location or ""))
            for one in report.diagnostics
            if one.blocks
        )
        yield Verdict(release, report.loads, tuple(dict.fromkeys(reasons)))


def _table(name: str, verdicts: list[Verdict]) -> str:
    """A config's verdicts: a line for each run of releases that agree, then what is new in it."""
    lines = [printable(name)]
    known: set[tuple[str, str, str]] = set()

    def said(verdict: Verdict) -> Any:
        return verdict.loads, frozenset(verdict.reasons)

    for _, group in groupby(verdicts, said):
        run = list(group)
        span = run[0].release if len(run) == 1 else f"{run[0].release} to {run[-1].release}"
        count = len(run[0].reasons)
        verdict = "loads" if run[0].loads else f"refused: {count} error{'s' * (count != 1)}"
        lines.append(f"  {span:<24} {verdict}")
        for rule, message, place in run[0].reasons:
            if (rule, message, place) not in known:
                lines.append(f"    {printable(place)}  {printable(message)} [{rule}]")
        known = set(run[0].reasons)
    return "\n".join(lines) + "\n"


def _name(checked: Checked) -> str:
    return checked.name or checked.path or "openclaw.json"
