"""Arguments of ``check`` and ``fmt`` that are no plain file."""

from __future__ import annotations

import click

from openclaw_config.cli.inputs import read_input
from openclaw_config.lint.discover import NothingError, discover


def found_in(argument: str, allow_empty: bool) -> tuple[str, ...]:
    """The configs that a folder or a pattern stands for.

    Raises click.UsageError when it is neither, when the pattern matches nothing, and when the
    folder has no config unless that is allowed.
    """
    try:
        found = discover([argument])
    except NothingError:
        read_input(argument)  # says best what is the matter with the name
        raise
    if found.empty and not allow_empty:
        raise click.UsageError(
            f"no config is in the folder '{argument}': none is called openclaw.json,"
            " openclaw.json5 or *.openclaw.json; --allow-empty lets that pass"
        )
    return found.paths
