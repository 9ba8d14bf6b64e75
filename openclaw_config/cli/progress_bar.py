"""A line that tells how far a long check has come."""

from __future__ import annotations

import time
from typing import Self, TextIO

_PATIENCE = 1.0
"""Seconds before the line appears: what is done by then needs none."""
_PAUSE = 0.1
"""Seconds between two looks of it."""
_CELLS = 24


class ProgressBar:
    """Draws the line on a terminal, and takes it away at the end."""

    def __init__(self, total: int, stream: TextIO) -> None:
        self.total = total
        self.stream = stream
        self._next = time.monotonic() + _PATIENCE
        self._drawn = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._drawn:
            self.stream.write(f"\r{' ' * self._drawn}\r")
            self.stream.flush()

    def show(self, done: int) -> None:
        """Tell that so many are done."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + _PAUSE
        full = _CELLS * done // max(self.total, 1)
        line = f"[{'#' * full}{'.' * (_CELLS - full)}] {done:,} of {self.total:,} files"
        self.stream.write(f"\r{line}")
        self.stream.flush()
        self._drawn = len(line)
