"""The options of ``check`` that say what counts, and what they ask for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from openclaw_config.lint.options import Options

Function = TypeVar("Function", bound=Callable[..., Any])


def control_options(function: Function) -> Function:
    """``--select`` to ``--write-baseline``."""
    options = (
        click.option(
            "--select",
            metavar="RULES",
            multiple=True,
            help="Only these rules: names or patterns, parted by commas. 'default' are those that"
            " are on by default, 'all' are all.",
        ),
        click.option("--ignore", metavar="RULES", multiple=True, help="Without these rules."),
        click.option(
            "--severity",
            metavar="RULE=LEVEL",
            multiple=True,
            help="The level of a rule: error, warning, info or off.",
        ),
        click.option(
            "--settings",
            metavar="FILE",
            help="Use the settings of this file, whatever others there are.",
        ),
        click.option("--no-settings", is_flag=True, help="Use no settings file."),
        click.option("--baseline", metavar="FILE", help="Leave out what this baseline knows."),
        click.option(
            "--write-baseline",
            metavar="FILE",
            help="Write a baseline that knows all that is found, and report none of it.",
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function


def fix_options(function: Function) -> Function:
    """``--fix``, ``--unsafe-fixes`` and ``--diff``."""
    options = (
        click.option("--fix", is_flag=True, help="Make the safe fixes, and report what is left."),
        click.option(
            "--unsafe-fixes",
            is_flag=True,
            help="With --fix or --diff: make the fixes as well that may not be what you mean.",
        ),
        click.option("--diff", is_flag=True, help="Show what --fix would change; write nothing."),
    )
    for option in reversed(options):
        function = option(function)
    return function


def lint_options(
    env: str, env_file: str | None, control: dict[str, Any], fixing: dict[str, bool]
) -> Options:
    """What the options ask for.

    Raises click.UsageError when they make no sense, or name a rule that does not exist.
    """
    context = click.get_current_context()
    asked = any(
        context.get_parameter_source(name) == ParameterSource.COMMANDLINE
        for name in ("env", "env_file")
    )
    if fixing["unsafe_fixes"] and not (fixing["fix"] or fixing["diff"]):
        raise click.UsageError("--unsafe-fixes goes with --fix or with --diff")
    if control["settings"] and control["no_settings"]:
        raise click.UsageError("--settings and --no-settings exclude each other")
    select = _rules(control["select"]) if control["select"] else None
    ignore = _rules(control["ignore"])
    severity = tuple(map(_level, control["severity"]))
    if select or ignore or severity:
        _look_up([*(select or ()), *ignore, *(rule for rule, _ in severity)])
    return Options(
        env=env,
        env_file=env_file,
        env_given=asked,
        settings="" if control["no_settings"] else _absolute(control["settings"]),
        select=select,
        ignore=ignore,
        severity=severity,
        baseline="" if control["write_baseline"] else control["baseline"],
        fix=fixing["fix"] or fixing["diff"],
        unsafe=fixing["unsafe_fixes"],
        write=fixing["fix"] and not fixing["diff"],
    )


def _rules(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for text in texts for name in text.replace(",", " ").split())


def _level(text: str) -> tuple[str, str]:
    from openclaw_config.lint.settings_file import LEVELS

    rule, equals, level = text.partition("=")
    if not equals or level not in LEVELS:
        raise click.UsageError(f"'{text}' is not RULE=LEVEL; levels: {', '.join(LEVELS)}")
    return rule, level


def _look_up(names: Sequence[str]) -> None:
    from openclaw_config.lint.selection import unknown

    for name, close in unknown(names).items():
        hint = f"; did you mean '{close}'?" if close else ""
        raise click.UsageError(f"there is no rule '{name}'{hint}")


def _absolute(path: str | None) -> str | None:
    import os

    if path is not None and not os.path.isfile(path):
        raise click.UsageError(f"there is no settings file '{path}'")
    return None if path is None else os.path.abspath(path)
