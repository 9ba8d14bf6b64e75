"""The report of an internal error."""

from __future__ import annotations

import os

from openclaw_config.diagnostics.display import printable
from openclaw_config.version import __version__


def report(error: BaseException, command: str, debug: bool = False) -> str:
    """A short report of an unexpected exception, for stderr.

    It tells the exception's type and where in our code it arose. It never tells the exception's
    text, a local variable or an argument, since any of them may hold a value of the config;
    ``debug`` adds the call stack, again without values.
    """
    from traceback import walk_tb

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
