"""The commands as click knows them: their options, the help, and what a shell may complete.

Beside the group of all commands stand the arguments and options that they share.
"""

from __future__ import annotations

import inspect
import json
import os
from collections.abc import Callable
from functools import partial, reduce
from importlib import import_module
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem, shell_complete

from openclaw_config import __version__
from openclaw_config.cli.command import COMMANDS, COMPLETION, FINE, INTERRUPTED, USAGE, cannot, say
from openclaw_config.errors import OpenClawConfigError
from openclaw_config.files import read_regular
from openclaw_config.lint.linter import environment_of
from openclaw_config.lint.options import Target
from openclaw_config.loading.environment import Environment


def remark(text: str) -> None:
    """Say what is not wrong, unless ``--quiet`` asks for silence."""
    if not kept("quiet"):
        say(text)


Function = TypeVar("Function", bound=Callable[..., Any])

_KEPT = frozenset(("quiet", "target", "env", "env_file", "profiles"))
# The options of which commands get no argument; ``kept`` reads them.

ALL_TARGETS = "all"


FILE = click.Path(readable=False, allow_dash=True)
"""The name of a file, there or not; a shell that completes it offers files."""


class Command(click.Command):
    """A command whose help text ends with examples: command lines, each with a comment.

    Each takes ``--quiet``, and what goes by the data of a release takes ``--target``.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        text = inspect.cleandoc(self.help or "")
        self.help, _, examples = text.partition("\n\nFor example:\n")
        self.examples = dict(line.strip().split("  # ") for line in examples.splitlines())
        names = {param.name for param in self.params}
        for_release = {"env_file", "capabilities", "stdio", "if_unchanged", "name", "from_env"}
        self.params += [_QUIET] * ("quiet" not in names) + [_TARGET] * bool(names & for_release)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what the library refuses is a click.UsageError of this command."""
        assert self.callback is not None
        own = {name: value for name, value in ctx.params.items() if name not in _KEPT}
        try:
            return ctx.invoke(self.callback, **own)
        except OpenClawConfigError as error:
            raise click.UsageError(str(error), ctx) from error

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples."""
        write_examples(self.examples, formatter)


def command(name: str, summary: str) -> Callable[[Callable[..., Any]], Command]:
    """A command with its line in the list of all commands."""
    return click.command(name, cls=Command, short_help=summary)


def write_examples(examples: dict[str, str], formatter: click.HelpFormatter) -> None:
    """The last section of a help text."""
    with formatter.section("Examples"):
        rows = [(f"openclaw-config {line}", what) for line, what in examples.items()]
        formatter.write_dl(rows, col_max=50)


def kept(name: str, default: Any = None) -> Any:
    """The value of an option that several commands share."""
    return click.get_current_context().params.get(name, default)


def was_given(name: str) -> bool:
    """Whether an option of the command stands on its command line."""
    source = click.get_current_context().get_parameter_source(name)
    return source == click.core.ParameterSource.COMMANDLINE


def _version(ctx: click.Context, param: click.Parameter, value: str) -> str:
    """A version of OpenClaw, or all of them."""
    from openclaw_config.targets import is_version

    if value and not is_version(value) and value != ALL_TARGETS:
        raise click.BadParameter(f"'{value}' is no version of OpenClaw, such as 2026.9.6")
    return value


_QUIET = click.Option(["-q", "--quiet"], is_flag=True, help="Say on stderr only what is wrong.")
_TARGET = click.Option(
    ["--target"],
    metavar="VERSION",
    default="",
    help="For this version of OpenClaw, whatever the config or the settings say.",
    callback=_version,
)


def asked_target(all_allowed: bool = False) -> str:
    """The version that ``--target`` asks for, "" where it was not given.

    Raises click.UsageError for all versions at once, unless that is allowed.
    """
    found: str = kept("target", "")
    if found == ALL_TARGETS and not all_allowed:
        raise click.UsageError("--target all goes with 'check' alone")
    return found


def pair(text: str, form: str) -> tuple[str, str]:
    """The two parts of an option's value of such a form as ``KEY=CHOICE``."""
    name, equals, value = text.rpartition("=")
    if not equals:
        raise click.BadParameter(f"'{text}' is not {form}")
    return name, value


def together(*options: Callable[[Any], Any]) -> Callable[[Function], Function]:
    """Several options as one, in the order of the help text."""
    return lambda function: reduce(lambda made, option: option(made), reversed(options), function)


def option(
    declaration: str, text: str = "", *, dest: str = "", **details: Any
) -> Callable[[Function], Function]:
    """An option, declared as its help shows it: ``-o, --output FILE``.

    One without a value is a flag, unless ``details``, which are click's, have a ``type``; a FILE is
    completed as one.
    """
    *flags, last = declaration.split(", ")
    flag, _, metavar = last.partition(" ")
    names = [*flags, flag, *([dest] if dest else [])]
    if metavar:
        details = {"type": FILE if "FILE" in metavar else None, "metavar": metavar, **details}
    elif "type" not in details:
        details.setdefault("is_flag", True)
    return click.option(*names, help=text or None, **details)


def choice_option(
    declaration: str, text: str, *choices: str, **details: Any
) -> Callable[[Function], Function]:
    """An option that takes one of some words; the first is the default."""
    details |= {"type": click.Choice(choices), "default": choices[0], "show_default": True}
    return option(declaration, text, **details)


format_option = partial(
    choice_option,
    "--format",
    "How to print the result; json has a documented, stable shape.",
    dest="form",
)
"""``--format``, of the names of formats."""

file_argument = click.argument("file", required=False, metavar="[FILE]", type=FILE)
files_argument = click.argument("files", nargs=-1, metavar="[FILE]...", type=FILE)
empty_option = option("--allow-empty", "A folder without any config is no error.")
only_configs_option = option(
    "--only-configs",
    "For hooks: pass over a FILE that neither is called like a config nor is included by one.",
)
agent_option = option("--agent ID", "The id of an agent.", default="")
agent_options = together(agent_option, option("--all-agents", "Every agent, one after another."))
profiles_option = option(
    "--profiles FILE",
    "The auth profiles, in the form of OpenClaw's auth-profiles.json. OpenClaw 2026.9.6 keeps them"
    " in a database, which is not read here.",
)
capabilities_option = option("--capabilities FILE", "Add a capability table of your own (YAML).")
environment_options = together(
    choice_option(
        "--env",
        "'assume' takes every variable that the config names to be set, as fits a hook or a"
        " CI job, which have no secrets; 'process' decides with the variables of this process and"
        " OpenClaw's .env files.",
        *("assume", "process"),
    ),
    option("--env-file FILE", "Decide with exactly the variables of this .env file."),
)

secret_options = together(profiles_option, environment_options)
"""What decides which keys and variables there are."""
plan_options = together(agent_options, secret_options)
"""Which plans of a config a command is about, and with which keys and variables."""


def environment() -> Environment:
    """The environment that the options ask for; the process's where there is no ``--env``.

    Raises click.UsageError when a file cannot be read.
    """
    path = kept("env_file")
    try:
        found = environment_of(kept("env", "process"), path)
        path = kept("profiles")
        if path is None:
            return found
        from openclaw_config.plan.model import PROFILE_BYTES

        return found.with_profiles(json.loads(read_regular(path, PROFILE_BYTES)))
    except (OSError, ValueError, RecursionError) as error:
        raise cannot("read", path or "", error) from error


def arguments(item: Target) -> dict[str, Any]:
    """A config that a command is about, with what its options say, as the library takes it.

    Raises UsageError when a file cannot be read.
    """
    return {
        "path": item.path,
        "text": item.text,
        "name": item.name,
        "environment": environment(),
        "target": asked_target(),
    }


# --- all commands ---------------------------------------------------------------------------------

_EXAMPLES = {
    "openclaw.json": "check a file ('check' may be left out)",
    "compile openclaw.json": "the requests it leads to",
    "explain unknown-key": "what a finding means, and what to do",
}


class Commands(click.Group):
    """The commands, imported on demand; what is no command's name is a file to check."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands, in the order of the help text."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name, or None."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(
            import_module(f"openclaw_config.cli.{COMMANDS[cmd_name]}"), f"{cmd_name}_command"
        )
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Commands and options; a file where none begins so, since 'check' may be left out."""
        return super().shell_complete(ctx, incomplete) or FILE.shell_complete(
            ctx, self.params[0], incomplete
        )

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """``openclaw-config FILE`` is ``openclaw-config check FILE``; without anything, help."""
        own = {*COMMANDS, *ctx.help_option_names, "--version"}
        if not args:
            args = ["--help"]
        elif args[0] not in own:
            args = ["check", *args]
        return super().parse_args(ctx, args)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write examples and the exit codes."""
        write_examples(_EXAMPLES, formatter)
        with formatter.section("Exit codes"):
            formatter.write_text("0 no problems found, 1 findings, 2 usage error, 3 internal error")


@click.command(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="openclaw-config", message="%(prog)s %(version)s")
def commands() -> None:
    """Check an OpenClaw configuration before the gateway does, and see the requests it will cause.

    Nothing but 'run' sends anything anywhere, and no secret is ever shown.
    """


def run(arguments: list[str]) -> int:
    """Run a command line as click reads it, or give a shell what may come next in it."""
    if COMPLETION in os.environ:
        return shell_complete(commands, {}, "openclaw-config", COMPLETION, os.environ[COMPLETION])
    try:
        with commands.make_context("openclaw-config", arguments) as context:
            code = commands.invoke(context)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.Abort:
        return INTERRUPTED
    except click.ClickException as problem:
        from openclaw_config.diagnostics.masking import without_keys

        message = problem.format_message().replace("\n\t", " ").replace("\n", " ")
        say(f"openclaw-config: {without_keys(message)}")
        if isinstance(problem, click.UsageError) and problem.ctx is not None:
            say(f"Try '{problem.ctx.command_path} --help'.")
        return USAGE
    return code if isinstance(code, int) else FINE
