"""A pause for Python's garbage collector while something big and free of cycles is built."""

from __future__ import annotations

import gc


class Pause:
    """``with Pause():`` keeps the collector from running.

    It looks for cycles, and while a tree grows it walks over all of it again and again: at 1 MB
    of config that takes nearly half of the time, at 10 MB two thirds. Trees and plain values hold
    no cycles. Pauses may stand inside one another.
    """

    __slots__ = ("_was_on",)

    def __enter__(self) -> None:
        self._was_on = gc.isenabled()
        gc.disable()

    def __exit__(self, *_: object) -> None:
        if self._was_on:
            gc.enable()
