"""Writes fixes to their files: all that one config needs, or none."""

from __future__ import annotations

import os
from collections.abc import Sequence

from openclaw_config.files import ChangedMeanwhileError, is_inside, write_atomically
from openclaw_config.lint.options import Change


def save(changes: Sequence[Change], config: str) -> str:
    """Write the changes of one config, whose folder confines what it includes (LOAD-22).

    ``config`` is its absolute path. When a file is not what it was when it was read, none of them
    is changed. Gives "" when all is well, or else a sentence that says what was the matter.
    """
    written: list[Change] = []
    root = os.path.realpath(os.path.dirname(config))
    for change in changes:
        try:
            if change.path != config and not is_inside(root, os.path.realpath(change.path)):
                raise ChangedMeanwhileError("it has become a link that leads elsewhere")
            write_atomically(change.path, change.after, expected=change.before)
        except (OSError, ValueError) as error:
            _take_back(written)
            return f"{change.name}: {_reason(error)}, and is left as it is"
        written.append(change)
    return ""


def _take_back(written: Sequence[Change]) -> None:
    for change in reversed(written):
        try:
            write_atomically(change.path, change.before, expected=change.after)
        except OSError:
            # Somebody has gone on from there: theirs is the newest text.
            continue


def _reason(error: Exception) -> str:
    if isinstance(error, ChangedMeanwhileError):
        return "was changed meanwhile"
    return f"cannot be written ({getattr(error, 'strerror', None) or error})"
