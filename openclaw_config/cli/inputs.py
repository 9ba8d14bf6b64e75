"""The arguments and options that several commands share."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from openclaw_config.cli.output import QUIET

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
