"""The commands as click knows them: every option, the help, and what a shell may complete."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING

import click

from openclaw_config import __version__
from openclaw_config.cli.command import COMMANDS, COMPLETION, FINE, INTERRUPTED, USAGE, say
from openclaw_config.cli.parameters import FILE, write_examples

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

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
        from openclaw_config.diagnostics.masking import without_keys

        message = problem.format_message().replace("\n\t", " ").replace("\n", " ")
        say(f"openclaw-config: {without_keys(message)}")
        if isinstance(problem, click.UsageError) and problem.ctx is not None:
            say(f"Try '{problem.ctx.command_path} --help'.")
        return USAGE
    return code if isinstance(code, int) else FINE
