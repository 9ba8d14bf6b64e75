"""The entry point: finds the command, runs it, and turns whatever happens into an exit code.

Commands are imported when they are called, so that ``check`` in a hook pays for nothing else.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper
from typing import TYPE_CHECKING

import click

from openclaw_config import __version__
from openclaw_config.cli.command import (
    FAULT,
    FILE,
    FINE,
    INTERRUPTED,
    PIPE_CLOSED,
    USAGE,
    say,
    write_examples,
)

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

COMMANDS = {
    "check": "check",
    "compile": "compile",
    "diff": "compile",
    "keys": "inspect",
    "env": "inspect",
    "capabilities": "inspect",
    "explain": "explain",
    "fmt": "fmt",
    "init": "init",
    "lsp": "lsp",
    "migrate": "migrate",
    "get": "change",
    "set": "change",
    "unset": "change",
    "models": "change",
    "auth": "change",
    "run": "run",
    "schema": "inspect",
    "targets": "inspect",
}
"""Every command in the order of the help text, and the module of this package that has it."""

COMPLETION = "_OPENCLAW_CONFIG_COMPLETE"
"""The variable by which a shell asks for what may come next on the command line."""

_NO_ROOM = frozenset((errno.ENOSPC, errno.EFBIG, errno.EIO, errno.EBADF, errno.ENXIO))
# Why standard output may refuse what is written; every other file's name stands in its error.

_FRAMES = 15_000
# What writes a plan takes up to a dozen frames for each of the ``parser.MAX_DEPTH`` nested values.

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


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; gives the exit code and never raises."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    sys.setrecursionlimit(max(sys.getrecursionlimit(), _FRAMES))
    _open_what_is_closed()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A name that the terminal's encoding lacks is shown escaped; it ends no check.
            stream.reconfigure(errors="backslashreplace")
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        _let_go_of_stdout()
        return PIPE_CLOSED
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        reason = _outside_reason(error)
        if reason:
            say(f"openclaw-config: {reason}")
            return USAGE
        command = next((name for name in arguments if name in COMMANDS), "check")
        debug = bool(os.environ.get("OPENCLAW_CONFIG_DEBUG"))
        sys.stderr.write(internal_error(error, command, debug))
        return FAULT
    return code


def _run(arguments: list[str]) -> int:
    if COMPLETION in os.environ:
        from click.shell_completion import shell_complete

        return shell_complete(commands, {}, "openclaw-config", COMPLETION, os.environ[COMPLETION])
    try:
        with commands.make_context("openclaw-config", arguments) as context:
            code = commands.invoke(context)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.Abort:
        return INTERRUPTED
    except click.ClickException as problem:
        message = problem.format_message().replace("\n\t", " ").replace("\n", " ")
        say(f"openclaw-config: {message}")
        if isinstance(problem, click.UsageError) and problem.ctx is not None:
            say(f"Try '{problem.ctx.command_path} --help'.")
        return USAGE
    return code if isinstance(code, int) else FINE


def _open_what_is_closed() -> None:
    """Put the null device in place of standard streams that the caller has closed."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115


def _outside_reason(error: Exception) -> str:
    """Why a command cannot end well through no fault of ours, or ""."""
    if not isinstance(error, OSError) or error.filename is not None:
        return ""
    if isinstance(error, FileNotFoundError):
        try:
            os.getcwd()
        except OSError:
            return "the working folder does not exist any more"
        return ""
    if error.errno in _NO_ROOM:
        _let_go_of_stdout()
        return f"cannot write the result: {error.strerror}"
    return ""


def _let_go_of_stdout() -> None:
    # The reader has gone. Python would complain when it flushes stdout at exit.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def internal_error(error: BaseException, command: str, debug: bool) -> str:
    """A short report of an unexpected exception, for stderr.

    It tells the exception's type and where in our code it arose. It never tells the exception's
    text, a local variable or an argument, since any of them may hold a value of the config;
    ``debug`` adds the call stack, again without values.
    """
    from traceback import walk_tb

    from openclaw_config.diagnostics.display import printable

    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    places = [
        f"{frame.f_code.co_filename}:{line} in {frame.f_code.co_name}"
        for frame, line in walk_tb(error.__traceback__)
    ]
    ours = [place for place in places if place.startswith(package)]
    root = os.path.dirname(package) + os.sep
    last = (ours or places or ["an unknown place"])[-1].removeprefix(root)
    lines = [
        f"openclaw-config {__version__}: a fault of this program, not of your config.",
        f"  {_chain(error)} at {last}, in the command '{printable(command, 80)}'",
    ]
    if debug:
        lines += [f"    {place.removeprefix(root)}" for place in places]
    lines.append("  Please report it with these lines; they hold nothing of your config.")
    if not debug:
        lines.append("  OPENCLAW_CONFIG_DEBUG=1 adds the call stack, without values.")
    return "\n".join(lines) + "\n"


def _chain(error: BaseException) -> str:
    # The types of the exception and of what it was raised from.
    names: list[str] = []
    link: BaseException | None = error
    while link is not None and len(names) < 5:
        names.append(type(link).__name__)
        link = link.__cause__
    return " from ".join(names)
