"""Arguments of ``check`` that are no plain file."""

from __future__ import annotations

from openclaw_config.cli.inputs import read_input
from openclaw_config.cli.output import say
from openclaw_config.lint.discover import NothingError, discover


def found_in(argument: str) -> tuple[str, ...]:
    """The configs that a folder or a pattern stands for.

    Raises click.UsageError when it is neither, or when the pattern matches nothing.
    """
    try:
        found = discover([argument])
    except NothingError:
        read_input(argument)  # says best what is the matter with the name
        raise
    for folder in found.empty:
        say(f"{folder}: no config is in this folder")
    return found.paths
