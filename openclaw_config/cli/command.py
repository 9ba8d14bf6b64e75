"""What the commands share: how they write, their arguments and options, and what these ask for.

Results go to stdout, the rest to stderr; the exit code says how it went.
"""

from __future__ import annotations

import inspect
import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click

from openclaw_config.files import read_regular, shown
from openclaw_config.lint.options import Target

if TYPE_CHECKING:
    from openclaw_config.diagnostics.display import Style
    from openclaw_config.diagnostics.model import Report
    from openclaw_config.loading.environment import Environment

FINE, FINDINGS, USAGE, FAULT = 0, 1, 2, 3
"""Exit codes: no problems found, findings, usage error, internal error."""
INTERRUPTED, PIPE_CLOSED = 130, 141
"""Exit codes as shells give them to a program ended by SIGINT and SIGPIPE."""

PIPE_WIDTH = 100
"""Columns of a line where no terminal says how wide it is."""

_WIDEST = 120
# Longer lines are hard to read, however large the screen.


def write(text: str) -> None:
    """Write a result to stdout; in the log of a CI job none of its lines is a command there."""
    write_exact(only_shown(text))


def write_exact(text: str) -> None:
    """Write a result to stdout as it is, which has to be known to be harmless."""
    sys.stdout.write(text)


def write_json(text: str) -> None:
    """Write JSON to stdout; in the log of a CI job it is spelt so that nothing is a command."""
    # Only strings can hold these signs, and in a string the escape means the same.
    write_exact(text.replace("##", "#\\u0023") if in_ci() else text)


def write_value(value: Any) -> None:
    """Write a value to stdout as JSON."""
    import json

    write_json(json.dumps(value, indent=2) + "\n")


def write_answer(form: str, value: Any, text: str) -> None:
    """Write an answer in the form that ``--format`` asks for: its value as JSON, or its text."""
    if form == "json":
        write_value(value)
    else:
        write(text)


def write_file(path: str, data: bytes) -> None:
    """Write a result to a file that an option names. Raises click.UsageError when it cannot be."""
    from openclaw_config.files import write_out

    try:
        write_out(path, data)
    except (OSError, ValueError) as error:
        raise cannot("write", path, error) from error


def cannot(do: str, path: str, error: Exception) -> click.UsageError:
    """The error of a user who names a file that cannot be read or written."""
    return click.UsageError(f"cannot {do} '{path}': {reason_of(error)}")


def reason_of(error: Exception) -> str:
    """Why a file cannot be read or written."""
    return getattr(error, "strerror", None) or str(error)


def did_you_mean(close: str | None, what: str = "") -> str:
    """What to add to the error of a user who wrote a word that means nothing."""
    return f"; did you mean {what}'{close}'?" if close else ""


def say(text: str) -> None:
    """Write a remark of one line to stderr, escaped where a terminal would obey it."""
    from openclaw_config.diagnostics.display import printable

    tell(printable(text) + "\n")


def remark(text: str) -> None:
    """Say what is not wrong, unless ``--quiet`` asks for silence."""
    if not kept("quiet"):
        say(text)


def tell(text: str) -> None:
    """Write remarks to stderr; in the log of a CI job none of their lines is a command there."""
    sys.stderr.write(only_shown(text))


def say_findings(reports: Sequence[Report], more: str = "") -> None:
    """Show findings on stderr, and a last line that counts them, if there are any."""
    from openclaw_config.diagnostics import text

    found = [item for report in reports for item in report.diagnostics]
    for block in text.render(found, style_of(sys.stderr)):
        tell(block + "\n\n")
    if count := text.summary(reports):
        say(count + more)


def only_shown(text: str) -> str:
    """The text; in the log of a CI job such that none of its lines is a command there."""
    if not in_ci():
        return text
    from openclaw_config.diagnostics.display import escape_ci_commands

    return escape_ci_commands(text)


def in_ci() -> bool:
    """Whether what is printed goes to the log of a CI job that reads commands out of it."""
    # GitHub's runners and those of Azure read commands out of what a job prints.
    return bool(os.environ.get("GITHUB_ACTIONS") or os.environ.get("TF_BUILD"))


def style_of(stream: TextIO, environ: Mapping[str, str] = os.environ) -> Style:
    """How to write to a stream: its width, whether in colour, and whether it takes Unicode.

    Colour is for terminals; ``NO_COLOR`` forbids it and ``FORCE_COLOR`` demands it, the former
    being stronger. Both count when they are set and not empty.
    """
    from openclaw_config.diagnostics.display import Style

    terminal = stream.isatty()
    colour = terminal and environ.get("TERM") != "dumb"
    if environ.get("FORCE_COLOR"):
        colour = environ["FORCE_COLOR"] not in {"0", "false"}
    if environ.get("NO_COLOR"):
        colour = False
    encoding = (stream.encoding or "utf-8").lower().replace("-", "").replace("_", "")
    return Style(
        width=_columns(stream, environ) if terminal else PIPE_WIDTH,
        colour=colour,
        unicode=encoding.startswith(("utf", "cp65001")),
    )


def _columns(stream: TextIO, environ: Mapping[str, str]) -> int:
    given = environ.get("COLUMNS", "")
    if given.isascii() and given.isdigit() and int(given) > 0:
        return min(int(given), _WIDEST)
    try:
        return min(os.get_terminal_size(stream.fileno()).columns or PIPE_WIDTH, _WIDEST)
    except OSError:
        return PIPE_WIDTH


_EVERY = 0.1
"""Seconds between two drawings of a status line."""
_WIDEST_STATUS = 78


class StatusLine:
    """A line on stderr that changes, and goes away. ``patience`` is seconds before the first.

    Elsewhere than on a terminal nothing is written.
    """

    def __init__(self, stream: TextIO | None = None, *, patience: float = 0.0) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._next = time.monotonic() + patience
        self._drawn = False

    def draw(self, text: str, *, now: bool = False) -> None:
        """Show a text in the line's place, unless that was just done; ``now`` in any case."""
        if self._stream.isatty() and (now or time.monotonic() >= self._next):
            from openclaw_config.diagnostics.display import printable

            self._next = time.monotonic() + _EVERY
            self._drawn = bool(text)
            self._stream.write(f"\r\x1b[K{printable(text)[:_WIDEST_STATUS]}")
            self._stream.flush()

    def clear(self) -> None:
        """Take the line away, so that something else can be written."""
        if self._drawn:
            self.draw("", now=True)


# --- arguments and options ------------------------------------------------------------------------

Function = TypeVar("Function", bound=Callable[..., Any])

STDIN = "-"
KEPT = "openclaw_config."
"""Before the names of the options that a command's context keeps; ``kept`` reads them."""

ALL_TARGETS = "all"
_HERE = "openclaw.json"


FILE = click.Path(readable=False, allow_dash=True)
"""The name of a file, there or not; a shell that completes it offers files."""


class Command(click.Command):
    """A command whose help text ends with examples: command lines, each with a comment.

    Whatever its help text calls a FILE is completed as one. Each takes ``--quiet``, and what reads
    variables or capability tables, and the language server, takes ``--target``.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        text = inspect.cleandoc(self.help or "")
        self.help, _, examples = text.partition("\n\nFor example:\n")
        self.examples = dict(line.strip().split("  # ") for line in examples.splitlines())
        names = {param.name for param in self.params}
        self.params += [] if "quiet" in names else [_QUIET]
        self.params += (
            [_TARGET] if names & {"env_file", "capabilities", "stdio", "if_unchanged"} else []
        )
        for param in self.params:
            if param.type is click.STRING and "FILE" in (param.metavar or ""):
                param.type = FILE

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples."""
        write_examples(self.examples, formatter)


def write_examples(examples: dict[str, str], formatter: click.HelpFormatter) -> None:
    """The last section of a help text."""
    with formatter.section("Examples"):
        rows = [(f"openclaw-config {line}", what) for line, what in examples.items()]
        formatter.write_dl(rows, col_max=50)


def keep(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    """Have the context keep the value of an option, of which the command itself gets nothing."""
    ctx.meta[f"{KEPT}{param.name}"] = value


def kept(name: str, default: Any = None) -> Any:
    """The value of an option that the context keeps."""
    context = click.get_current_context(silent=True)
    return default if context is None else context.meta.get(f"{KEPT}{name}", default)


def _target(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    from openclaw_config.targets import is_version

    if value and value != ALL_TARGETS and not is_version(value):
        raise click.BadParameter(f"'{value}' is no version of OpenClaw, such as 2026.9.6")
    keep(ctx, param, value or "")


_QUIET = click.Option(
    ["-q", "--quiet"],
    is_flag=True,
    expose_value=False,
    callback=keep,
    help="Say on stderr only what is wrong.",
)
_TARGET = click.Option(
    ["--target"],
    metavar="VERSION",
    expose_value=False,
    callback=_target,
    help="Check for this version of OpenClaw, whatever the config or the settings say.",
)


def asked_target(all_allowed: bool = False) -> str:
    """The version that ``--target`` asks for, "" where it was not given.

    Raises click.UsageError for all versions at once, unless that is allowed.
    """
    found: str = kept("target", "")
    if found == ALL_TARGETS and not all_allowed:
        raise click.UsageError("--target all goes with 'check' alone")
    return found


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


def read_inputs(
    files: tuple[str, ...], allow_empty: bool, with_included: bool = False
) -> list[Target]:
    """What FILE arguments stand for, each file once; one may be a folder or a pattern.

    ``with_included`` adds what the configs of a folder include. Raises click.UsageError when an
    argument names no file, and for a folder without any config unless ``allow_empty``.
    """
    inputs: dict[str, Target] = {}
    for file in files:
        paths: tuple[str, ...] = (file,)
        if file != STDIN and (os.path.isdir(file) or not os.path.lexists(file)):
            from openclaw_config.lint.discover import NothingError, discover, included_by

            try:
                found = discover([file])
            except NothingError:
                read_input(file)  # says best what is the matter with the name
                raise
            if found.empty and not allow_empty:
                raise click.UsageError(
                    f"no config is in the folder '{file}': none is called openclaw.json,"
                    " openclaw.json5 or *.openclaw.json; --allow-empty lets that pass"
                )
            paths = found.paths
            if with_included and os.path.isdir(file):
                paths = tuple(
                    one for path in paths for one in (path, *map(shown, included_by(path)))
                )
        for path in paths:
            if path not in inputs:
                inputs[path] = read_input(path)
    return list(inputs.values())


def together(*options: Callable[[Any], Any]) -> Callable[[Function], Function]:
    """Several options as one, in the order of the help text."""

    def decorate(function: Function) -> Function:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


def option(
    declaration: str, text: str = "", *, dest: str = "", **details: Any
) -> Callable[[Function], Function]:
    """An option, declared as its help shows it: ``-o, --output FILE``.

    One without a value is a flag, unless ``details``, which are click's, have a ``type``.
    """
    *flags, last = declaration.split(", ")
    flag, _, metavar = last.partition(" ")
    names = [*flags, flag, *([dest] if dest else [])]
    if metavar:
        details["metavar"] = metavar
    elif "type" not in details:
        details.setdefault("is_flag", True)
    return click.option(*names, help=text or None, **details)


kept_option = partial(option, callback=keep, expose_value=False)
"""An option that the context keeps."""


def format_option(*formats: str) -> Callable[[Function], Function]:
    """``--format``; the first is the default."""
    return option(
        "--format",
        "How to print the result; json has a documented, stable shape.",
        dest="form",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
    )


file_argument = click.argument("file", required=False, metavar="[FILE]")
files_argument = click.argument("files", nargs=-1, metavar="[FILE]...")
empty_option = option("--allow-empty", "A folder without any config is no error.")
only_configs_option = option(
    "--only-configs",
    "For hooks: pass over a FILE that neither is called like a config nor is included by one.",
)
agent_option = option("--agent ID", "The id of an agent.", default="")
agent_options = together(
    agent_option,
    option("--all-agents", "Every agent, one after another."),
)


profiles_option = kept_option(
    "--profiles FILE",
    "The auth profiles, in the form of OpenClaw's auth-profiles.json. OpenClaw 2026.9.6 keeps them"
    " in a database, which is not read here.",
)
capabilities_option = option("--capabilities FILE", "Add a capability table of your own (YAML).")
environment_options = together(
    kept_option(
        "--env",
        "'assume' takes every variable that the config names to be set, as fits a hook or a"
        " CI job, which have no secrets; 'process' decides with the variables of this process and"
        " OpenClaw's .env files.",
        type=click.Choice(["assume", "process"]),
        default="assume",
        show_default=True,
    ),
    kept_option("--env-file FILE", "Decide with exactly the variables of this .env file."),
)

secret_options = together(profiles_option, environment_options)
"""What decides which keys and variables there are."""


def environment() -> Environment:
    """The environment that the options ask for; the process's where there is no ``--env``.

    Raises click.UsageError when a file cannot be read.
    """
    from openclaw_config.lint.linter import environment_of

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
