"""What the user sees when the fault is ours."""

from __future__ import annotations

import os

from openclaw_config.diagnostics.display import printable
from openclaw_config.version import __version__

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def report(error: BaseException, command: str, debug: bool = False) -> str:
    """A short report of an unexpected exception, for stderr.

    It tells the exception's type and where in our code it arose. It never tells the exception's
    text, a local variable or an argument, since any of them may hold a value of the config;
    ``debug`` adds the call stack, again without values.
    """
    places = _places(error)
    ours = (
        [place for place in places if place.startswith(_PACKAGE)] or places or ["an unknown place"]
    )
    lines = [
        f"openclaw-config {__version__}: a fault of this program, not of your config.",
        f"  {_chain(error)} at {_short(ours[-1])}, in the command '{printable(command, 80)}'",
    ]
    if debug:
        lines += [f"    {_short(place)}" for place in places]
    lines.append("  Please report it with these lines; they hold nothing of your config.")
    if not debug:
        lines.append("  OPENCLAW_CONFIG_DEBUG=1 adds the call stack, without values.")
    return "\n".join(lines) + "\n"


def _places(error: BaseException) -> list[str]:
    places = []
    step = error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        places.append(f"{code.co_filename}:{step.tb_lineno} in {code.co_name}")
        step = step.tb_next
    return places


def _chain(error: BaseException) -> str:
    # The types of the exception and of what it was raised from.
    names: list[str] = []
    link: BaseException | None = error
    while link is not None and len(names) < 5:
        names.append(type(link).__name__)
        link = link.__cause__
    return " from ".join(names)


def _short(place: str) -> str:
    root = os.path.dirname(_PACKAGE) + os.sep
    return place.removeprefix(root)
