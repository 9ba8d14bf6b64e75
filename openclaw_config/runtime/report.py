"""What became of a call's wishes: the normalisation report.

OpenClaw changes some values without asking and drops others without a word. The report tells all
of it: what was asked, what is sent, and why.
"""

from __future__ import annotations

from typing import Any, NamedTuple


class Change(NamedTuple):
    """A value that is sent as another one. ``derived_from`` names the parameter it was made of."""

    parameter: str
    requested: Any
    applied: Any
    why: str
    supported: tuple[Any, ...] = ()
    derived_from: str = ""


class Drop(NamedTuple):
    """A value that is not sent. ``silent`` is true where OpenClaw does not tell its user."""

    parameter: str
    value: Any
    why: str
    supported: tuple[Any, ...] = ()
    silent: bool = False


class Normalization(NamedTuple):
    """The report for one candidate: its ``ref``, the ``mode``, and what changed or was dropped.

    ``mode`` is "" when no mode fits the inputs, and then nothing is normalised.
    """

    ref: str
    mode: str
    changes: tuple[Change, ...] = ()
    dropped: tuple[Drop, ...] = ()

    def lines(self) -> list[str]:
        """The report as sentences, one for each value."""
        told = []
        for change in self.changes:
            asked = "" if change.requested is None else f"{_shown(change.requested)} -> "
            told.append(f"{change.parameter}: {asked}{_shown(change.applied)} ({change.why})")
        for drop in self.dropped:
            quiet = "; OpenClaw does not say so" if drop.silent else ""
            told.append(f"{drop.parameter}: {_shown(drop.value)} is not sent ({drop.why}{quiet})")
        return told


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:g}" if abs(value) < 1e15 else "the number"
    text = value if isinstance(value, str) else "the value"
    return (
        text
        if len(text) <= 40 and text.isprintable()
        else text[:40].encode("unicode_escape").decode("ascii") + "…"
    )
