"""The entry point: finds the command, runs it, and turns whatever happens into an exit code.

Commands are imported when they are called, so that ``check`` in a hook pays for nothing else.
"""

from __future__ import annotations

import errno
import gc
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import NoReturn

from openclaw_config import __version__

_NO_ROOM = frozenset((errno.ENOSPC, errno.EFBIG, errno.EIO, errno.EBADF, errno.ENXIO))
# Why standard output may refuse what is written; every other file's name stands in its error.

_FRAMES = 15_000
# What writes a plan takes up to a dozen frames for each of the ``parser.MAX_DEPTH`` nested values.


def program() -> NoReturn:
    """What the installed script does: runs the command line, and ends the process."""
    gc.set_threshold(50_000)  # modules and trees stay: little is garbage
    code = main()
    # At its end Python looks three times for cycles in all that there is, as long as a bare start.
    gc.freeze()
    sys.exit(code)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; gives the exit code and never raises."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    from openclaw_config.cli import command

    sys.setrecursionlimit(max(sys.getrecursionlimit(), _FRAMES))
    _open_what_is_closed()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A name that the terminal's encoding lacks is shown escaped; it ends no check.
            stream.reconfigure(errors="backslashreplace")
    try:
        code = None if command.COMPLETION in os.environ else command.run_plainly(arguments)
        if code is None:
            from openclaw_config.cli.parameters import run

            code = run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        _let_go_of_stdout()
        return command.PIPE_CLOSED
    except KeyboardInterrupt:
        return command.INTERRUPTED
    except Exception as error:
        if reason := _outside_reason(error):
            command.say(f"openclaw-config: {reason}")
            return command.USAGE
        doing = next((name for name in arguments if name in command.COMMANDS), "check")
        sys.stderr.write(internal_error(error, doing))
        return command.FAULT
    return code


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
    if error.errno in _NO_ROOM:
        _let_go_of_stdout()
        return f"cannot write the result: {error.strerror}"
    return ""


def _let_go_of_stdout() -> None:
    # The reader has gone. Python would complain when it flushes stdout at exit.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def internal_error(error: BaseException, doing: str) -> str:
    """A short report of an unexpected exception, for stderr.

    It tells the exception's type and the calls that led to it. It never tells the exception's
    text, a local variable or an argument, since any of them may hold a value of the config.
    """
    from traceback import extract_tb

    from openclaw_config.diagnostics.display import printable

    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))) + os.sep
    stack = extract_tb(error.__traceback__, limit=-30)  # the last calls
    lines = [
        f"openclaw-config {__version__}: a fault of this program, not of your config.",
        f"  {type(error).__name__} in the command '{printable(doing, 80)}', at",
        *(f"    {it.filename.removeprefix(root)}:{it.lineno} in {it.name}" for it in stack),
        "  Please report it with these lines; they hold nothing of your config.",
    ]
    return "\n".join(lines) + "\n"
