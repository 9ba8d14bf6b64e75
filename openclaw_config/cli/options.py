"""The arguments and options of the commands, and what they ask for."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from openclaw_config.cli.output import QUIET, cannot, did_you_mean
from openclaw_config.files import shown
from openclaw_config.lint.options import Options, Target

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from openclaw_config.loading.environment import Environment


Function = TypeVar("Function", bound=Callable[..., Any])

STDIN = "-"
TARGET = "openclaw_config.target"
"""Where the context of a command has the version that ``--target`` asks for."""

ALL_TARGETS = "all"
_HERE = "openclaw.json"


class FileName(click.types.StringParamType):
    """The name of a file; a shell that completes it offers files."""

    name = "file"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Lets the shell offer files itself."""
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
        if any(param.name == "env_file" for param in self.params):
            text = "Check for this version of OpenClaw, whatever the config or the settings say."
            self.params.append(
                click.Option(
                    ["--target"],
                    metavar="VERSION",
                    expose_value=False,
                    callback=_target,
                    help=text,
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


def _target(ctx: click.Context, _: click.Parameter, value: str | None) -> None:
    from openclaw_config.targets import is_version

    if value and value != ALL_TARGETS and not is_version(value):
        raise click.BadParameter(f"'{value}' is no version of OpenClaw, such as 2026.9.6")
    ctx.meta[TARGET] = value or ""


def asked_target(all_allowed: bool = False) -> str:
    """The version that ``--target`` asks for, "" where it was not given.

    Raises click.UsageError for all versions at once, unless that is allowed.
    """
    found: str = click.get_current_context().meta.get(TARGET, "")
    if found == ALL_TARGETS and not all_allowed:
        raise click.UsageError("--target all goes with 'check' alone")
    return found


def write_examples(examples: dict[str, str], formatter: click.HelpFormatter) -> None:
    """The last section of a help text."""
    with formatter.section("Examples"):
        rows = [(f"openclaw-config {line}", what) for line, what in examples.items()]
        formatter.write_dl(rows, col_max=50)


def read_input(file: str | None) -> Target:
    """What a FILE argument stands for.

    Without one it is the ``openclaw.json`` of the working folder, unless OPENCLAW_CONFIG_PATH
    names another, and without that the config that OpenClaw would load here. Raises
    click.UsageError when there is no such file.
    """
    if file is None:
        here = os.path.isfile(_HERE) and not os.environ.get("OPENCLAW_CONFIG_PATH", "").strip()
        return Target(_HERE, None, _HERE) if here else Target()
    if file == STDIN:
        return Target(text=sys.stdin.buffer.read(), name="<stdin>")
    if not os.path.lexists(file):
        from openclaw_config.cli.main import COMMANDS
        from openclaw_config.validation.suggest import nearest

        meant = did_you_mean(nearest(file, COMMANDS), "the command ")
        raise click.UsageError(f"there is no file '{file}'{meant}")
    if os.path.isdir(file):
        raise click.UsageError(f"'{file}' is a folder; name the config in it")
    # Findings name a file as it is seen from here, however it was named.
    return Target(file, None, shown(file))


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


def together(*options: Callable[[Any], Any]) -> Callable[[Function], Function]:
    """Several options as one, in the order of the help text."""

    def decorate(function: Function) -> Function:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


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


file_argument = click.argument("file", required=False, metavar="[FILE]")

empty_option = click.option(
    "--allow-empty", is_flag=True, help="A folder without any config is no error."
)
agent_option = click.option("--agent", default="", metavar="ID", help="The id of an agent.")

agent_options = together(
    agent_option,
    click.option("--all-agents", is_flag=True, help="Every agent, one after another."),
)
capabilities_option = click.option(
    "--capabilities", metavar="FILE", help="Add a capability table of your own (YAML)."
)
environment_options = together(
    click.option(
        "--env",
        type=click.Choice(["assume", "process"]),
        default="assume",
        show_default=True,
        help="'assume' takes every variable that the config names to be set, as fits a hook or a"
        " CI job, which have no secrets; 'process' decides with the variables of this process and"
        " OpenClaw's .env files.",
    ),
    click.option(
        "--env-file",
        metavar="FILE",
        help="Decide with exactly the variables of this .env file.",
    ),
)


def environment(env: str, env_file: str | None) -> Environment:
    """The environment that the options ask for.

    Raises click.UsageError when the file cannot be read.
    """
    from openclaw_config.loading.environment import Environment

    if env_file is not None:
        try:
            return Environment.of_file(env_file)
        except (OSError, ValueError) as error:
            raise cannot("read", env_file, error) from error
    return Environment.process() if env == "process" else Environment.assumed()


# --- check ----------------------------------------------------------------------------------------


control_options = together(
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
fix_options = together(
    click.option("--fix", is_flag=True, help="Make the safe fixes, and report what is left."),
    click.option(
        "--unsafe-fixes",
        is_flag=True,
        help="With --fix or --diff: make the fixes as well that may not be what you mean.",
    ),
    click.option("--diff", is_flag=True, help="Show what --fix would change; write nothing."),
)


def lint_options(given: Mapping[str, Any]) -> Options:
    """What the options of ``check`` ask for.

    Raises click.UsageError when they make no sense, or name a rule that does not exist.
    """
    context = click.get_current_context()
    asked = any(
        context.get_parameter_source(name) == ParameterSource.COMMANDLINE
        for name in ("env", "env_file")
    )
    fix, diff, settings = given["fix"], given["diff"], given["settings"]
    if given["unsafe_fixes"] and not (fix or diff):
        raise click.UsageError("--unsafe-fixes goes with --fix or with --diff")
    if settings and given["no_settings"]:
        raise click.UsageError("--settings and --no-settings exclude each other")
    if settings is not None and not os.path.isfile(settings):
        raise click.UsageError(f"there is no settings file '{settings}'")
    select, ignore = _rules(given["select"]), _rules(given["ignore"])
    severity = tuple(map(_level, given["severity"]))
    if select or ignore or severity:
        from openclaw_config.lint.selection import unknown

        for name, close in unknown([*select, *ignore, *dict(severity)]).items():
            raise click.UsageError(f"there is no rule '{name}'{did_you_mean(close)}")
    return Options(
        env=given["env"],
        env_file=given["env_file"],
        env_given=asked,
        settings="" if given["no_settings"] else settings and os.path.abspath(settings),
        select=select if given["select"] else None,
        ignore=ignore,
        severity=severity,
        baseline="" if given["write_baseline"] else given["baseline"],
        capabilities=given["capabilities"],
        fix=fix or diff,
        unsafe=given["unsafe_fixes"],
        write=fix and not diff,
        target=asked_target(all_allowed=True),
    )


def _rules(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for text in texts for name in text.replace(",", " ").split())


def _level(text: str) -> tuple[str, str]:
    from openclaw_config.lint.settings import LEVELS

    rule, equals, level = text.partition("=")
    if not equals or level not in LEVELS:
        raise click.UsageError(f"'{text}' is not RULE=LEVEL; levels: {', '.join(LEVELS)}")
    return rule, level
