"""The commands' names, and what they share: how they write, and the files that they are given.

Results go to stdout, the rest to stderr; the exit code says how it went. A plain ``check FILE``
imports this and not click, which costs as much as two starts of Python.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from openclaw_config.errors import OpenClawConfigError
from openclaw_config.files import shown
from openclaw_config.lint.options import Target

if TYPE_CHECKING:
    from openclaw_config.diagnostics.display import Style
    from openclaw_config.diagnostics.model import Report

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
    "lsp": "fmt",
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

STDIN = "-"
_HERE = "openclaw.json"

FINE, FINDINGS, USAGE, FAULT = 0, 1, 2, 3
"""Exit codes: no problems found, findings, usage error, internal error."""
INTERRUPTED, PIPE_CLOSED = 130, 141
"""Exit codes as shells give them to a program ended by SIGINT and SIGPIPE."""

PIPE_WIDTH = 100
"""Columns of a line where no terminal says how wide it is."""

_WIDEST = 120
# Longer lines are hard to read, however large the screen.


class UsageError(OpenClawConfigError):
    """What a user asks for that cannot be; the message says why."""


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
    """Write a result to a file that an option names. Raises UsageError when it cannot be."""
    from openclaw_config.files import write_out

    try:
        write_out(path, data)
    except (OSError, ValueError) as error:
        raise cannot("write", path, error) from error


def cannot(do: str, path: str, error: Exception) -> UsageError:
    """The error of a user who names a file that cannot be read or written."""
    return UsageError(f"cannot {do} '{path}': {reason_of(error)}")


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


def tell(text: str) -> None:
    """Write remarks to stderr; in the log of a CI job none of their lines is a command there."""
    sys.stderr.write(only_shown(text))


def say_findings(reports: Sequence[Report], more: str = "") -> None:
    """Show findings on stderr, and a last line that counts them, if there are any."""
    found = [item for report in reports for item in report.diagnostics]
    if not found:
        return
    from openclaw_config.diagnostics import text

    for block in text.render(found, style_of(sys.stderr)):
        tell(block + "\n\n")
    say(text.summary(reports) + more)


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


# --- the files that arguments name ---------------------------------------------------------------


def read_input(file: str | None) -> Target:
    """What a FILE argument stands for.

    Without one it is the ``openclaw.json`` of the working folder, unless OPENCLAW_CONFIG_PATH
    names another, and without that the config that OpenClaw would load here. Raises
    UsageError when there is no such file.
    """
    if file is None:
        here = os.path.isfile(_HERE) and not os.environ.get("OPENCLAW_CONFIG_PATH", "").strip()
        return Target(_HERE, None, _HERE) if here else Target()
    if file == STDIN:
        return Target(text=sys.stdin.buffer.read(), name="<stdin>")
    if not os.path.lexists(file):
        from openclaw_config.validation.suggest import nearest

        meant = did_you_mean(nearest(file, COMMANDS), "the command ")
        raise UsageError(f"there is no file '{file}'{meant}")
    if os.path.isdir(file):
        raise UsageError(f"'{file}' is a folder; name the config in it")
    # Findings name a file as it is seen from here, however it was named.
    return Target(file, None, shown(file))


def read_inputs(
    files: tuple[str, ...], allow_empty: bool = False, with_included: bool = False
) -> list[Target]:
    """What FILE arguments stand for, each file once; one may be a folder or a pattern.

    ``with_included`` adds what the configs of a folder include. Raises UsageError when an
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
                raise UsageError(
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


def configs(
    files: tuple[str, ...], allow_empty: bool = False, with_included: bool = False
) -> list[Target]:
    """What FILE arguments stand for, as ``read_inputs``; without one, the config used here.

    Raises UsageError when there is none.
    """
    if files:
        return read_inputs(files, allow_empty, with_included)
    here = read_input(None)
    if here.path is None:
        from openclaw_config.loading.environment import find_config

        found = find_config()
        if not found.exists:
            raise UsageError(f"there is no config: looked for {found.path}, {found.how}")
        here = read_input(found.path)
    return [here]
