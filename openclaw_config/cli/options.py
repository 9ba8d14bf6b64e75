"""The arguments and options of the commands, and what they ask for."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click
from click.core import ParameterSource

from openclaw_config.cli.output import QUIET
from openclaw_config.lint.options import Options

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from openclaw_config.loading.environment import Environment


Function = TypeVar("Function", bound=Callable[..., Any])

STDIN = "-"
_HERE = "openclaw.json"


class Input(NamedTuple):
    """A config to read: a file, or a text of a given name. Both None: OpenClaw's own places."""

    path: str | None = None
    text: bytes | None = None
    name: str | None = None


class FileName(click.types.StringParamType):
    """The name of a file; a shell that completes it offers files."""

    name = "file"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """What the shell is told: to offer files itself."""
        from click.shell_completion import CompletionItem

        return [CompletionItem(incomplete, type="file")]


FILE = FileName()


class Command(click.Command):
    """A command whose help text ends with examples: command lines and what they are for.

    Whatever its help text calls a FILE is completed as one. Each takes ``--quiet``.
    """

    def __init__(self, *args: Any, examples: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.examples = examples
        if all(param.name != "quiet" for param in self.params):
            text = "Say on stderr only what is wrong."
            self.params.append(
                click.Option(
                    ["-q", "--quiet"], is_flag=True, expose_value=False, callback=_quiet, help=text
                )
            )
        for param in self.params:
            if param.type is click.STRING and "FILE" in (param.metavar or ""):
                param.type = FILE

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples."""
        write_examples(self.examples, formatter)


def _quiet(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    ctx.meta[QUIET] = value


def write_examples(examples: dict[str, str], formatter: click.HelpFormatter) -> None:
    """The last section of a help text."""
    with formatter.section("Examples"):
        rows = [(f"openclaw-config {line}", what) for line, what in examples.items()]
        formatter.write_dl(rows, col_max=50)


def read_input(file: str | None) -> Input:
    """What a FILE argument stands for.

    Without one it is the ``openclaw.json`` of the working folder, unless OPENCLAW_CONFIG_PATH
    names another, and without that the config that OpenClaw would load here. Raises
    click.UsageError when there is no such file.
    """
    if file is None:
        here = os.path.isfile(_HERE) and not os.environ.get("OPENCLAW_CONFIG_PATH", "").strip()
        return Input(_HERE, None, _HERE) if here else Input()
    if file == STDIN:
        return Input(text=sys.stdin.buffer.read(), name="<stdin>")
    if not os.path.lexists(file):
        raise click.UsageError(f"there is no file '{file}'{_meant(file)}")
    if os.path.isdir(file):
        raise click.UsageError(f"'{file}' is a folder; name the config in it")
    return Input(path=file, name=_shown(file))


def _shown(path: str) -> str:
    # Findings name a file as it is seen from here, however it was named.
    if not os.path.isabs(path):
        return path
    try:
        here = os.path.join(os.getcwd(), "")
    except OSError:  # the working folder is gone
        return path
    return path.removeprefix(here)


def _meant(word: str) -> str:
    from openclaw_config.cli.main import COMMANDS
    from openclaw_config.validation.suggest import nearest

    close = nearest(word, COMMANDS)
    return f"; did you mean the command '{close}'?" if close else ""


def found_in(argument: str, allow_empty: bool) -> tuple[str, ...]:
    """The configs that a folder or a pattern stands for.

    Raises click.UsageError when it is neither, when the pattern matches nothing, and when the
    folder has no config unless that is allowed.
    """
    from openclaw_config.lint.discover import NothingError, discover

    try:
        found = discover([argument])
    except NothingError:
        read_input(argument)  # says best what is the matter with the name
        raise
    if found.empty and not allow_empty:
        raise click.UsageError(
            f"no config is in the folder '{argument}': none is called openclaw.json,"
            " openclaw.json5 or *.openclaw.json; --allow-empty lets that pass"
        )
    return found.paths


def format_option(*formats: str) -> Callable[[Function], Function]:
    """``--format``; the first is the default."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help="How to print the result; json has a documented, stable shape.",
    )


def empty_option(function: Function) -> Function:
    """``--allow-empty``."""
    return click.option(
        "--allow-empty", is_flag=True, help="A folder without any config is no error."
    )(function)


def agent_options(function: Function) -> Function:
    """``--agent`` and ``--all-agents``."""
    function = click.option(
        "--all-agents", is_flag=True, help="Every agent of agents.list, one after another."
    )(function)
    return click.option("--agent", default="", metavar="ID", help="An agent of agents.list.")(
        function
    )


def environment_options(function: Function) -> Function:
    """``--env`` and ``--env-file``: which variables the config finds."""
    function = click.option(
        "--env-file",
        metavar="FILE",
        help="Decide with exactly the variables of this .env file.",
    )(function)
    return click.option(
        "--env",
        type=click.Choice(["assume", "process"]),
        default="assume",
        show_default=True,
        help="'assume' takes every variable that the config names to be set, as fits a hook or a"
        " CI job, which have no secrets; 'process' decides with the variables of this process and"
        " OpenClaw's .env files.",
    )(function)


def capabilities_option(function: Function) -> Function:
    """``--capabilities``."""
    return click.option(
        "--capabilities", metavar="FILE", help="Add a capability table of your own (YAML)."
    )(function)


def environment(env: str, env_file: str | None) -> Environment:
    """The environment that the options ask for.

    Raises click.UsageError when the file cannot be read.
    """
    from openclaw_config.loading.environment import Environment

    if env_file is not None:
        try:
            return Environment.of_file(env_file)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "it is no .env file of a sensible size"
            raise click.UsageError(f"cannot read '{env_file}': {reason}") from error
    return Environment.process() if env == "process" else Environment.assumed()


# --- check ----------------------------------------------------------------------------------------


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
        capabilities_option,
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
        capabilities=control["capabilities"],
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
    if path is not None and not os.path.isfile(path):
        raise click.UsageError(f"there is no settings file '{path}'")
    return None if path is None else os.path.abspath(path)
