"""Progress on stderr: one line that changes on a terminal, else nothing."""

from __future__ import annotations

import sys
import time
from typing import Self, TextIO

from openclaw_config.cli.output import in_ci, only_shown, say
from openclaw_config.diagnostics.display import printable
from openclaw_config.runtime.events import (
    Delta,
    Discarded,
    Event,
    Failed,
    Polled,
    Received,
    Sending,
    Submitted,
    Trying,
    Waiting,
)

_EVERY = 0.1
"""Seconds between two drawings of the line."""
_WIDEST = 78


class Progress:
    """Hears the events of a call."""

    def __init__(self, stream: TextIO | None = None, *, shown: bool | None = None) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._shown = self._stream.isatty() if shown is None else shown
        self._started = time.monotonic()
        self._drawn = 0.0
        self._on_line = False

    def __call__(self, event: Event) -> None:
        """Hear an event."""
        if isinstance(event, Failed):
            self.clear()
            say(f"{event.ref} failed: {event.message}")
        elif self._shown:
            text = _told(event)
            if text:
                self._draw(text, now=not isinstance(event, Received))

    def _draw(self, text: str, *, now: bool) -> None:
        time_now = time.monotonic()
        if not now and time_now - self._drawn < _EVERY:
            return
        self._drawn = time_now
        seconds = time_now - self._started
        line = printable(f"{seconds:4.0f} s  {text}")[:_WIDEST]
        self._stream.write(f"\r\x1b[K{line}")
        self._stream.flush()
        self._on_line = True

    def clear(self) -> None:
        """Take the line away, so that something else can be written."""
        if self._on_line:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._on_line = False


def _told(event: Event) -> str:
    if isinstance(event, Trying):
        return f"asking {event.ref}{' again' if event.again else ''}"
    if isinstance(event, Sending):
        return f"{event.step}: waiting for the answer" if event.number == 1 else ""
    if isinstance(event, Submitted):
        return "submitted"
    if isinstance(event, Polled):
        return f"{event.status or 'no status'}, for {event.elapsed:.0f} s"
    if isinstance(event, Received):
        return f"received {_size(event.size)}{_of(event)}"
    if isinstance(event, Waiting):
        return f"{event.why or 'waiting'}, next look in {event.seconds:.0f} s"
    return ""


def _of(event: Received) -> str:
    if not event.total:
        return ""
    return f" of {_size(event.total)} ({100 * event.size // event.total} %)"


def _size(count: int) -> str:
    return f"{count / 1_000_000:.1f} MB" if count >= 1_000_000 else f"{count / 1000:.0f} kB"


class Speaker:
    """Writes a streamed answer as it comes, with the line of progress out of its way."""

    def __init__(self, progress: Progress, stream: TextIO | None = None) -> None:
        self._progress = progress
        self._stream = sys.stdout if stream is None else stream
        self._terminal = self._stream.isatty()
        self._ci = in_ci()
        self._held = ""  # in CI, the line that is not complete: only a whole one can be disarmed
        self._at_start = True

    def __call__(self, event: Event) -> None:
        """Hear an event."""
        if isinstance(event, Delta):
            if event.kind == "text":
                self._progress.clear()
                self._write(event.text)
                self._at_start = event.text.endswith("\n")
            return
        if isinstance(event, Failed):
            self.finish()
        if isinstance(event, Discarded):
            say("the answer broke off; it begins anew")
        self._progress(event)

    def _write(self, text: str) -> None:
        """Write a piece of the answer: as it is into a pipe, harmless on a terminal and in CI."""
        if self._terminal or self._ci:
            text = _harmless(text)
        if self._ci:
            complete, end, self._held = (self._held + text).rpartition("\n")
            text = only_shown(complete + end)
        self._stream.write(text)
        self._stream.flush()

    def finish(self) -> None:
        """End the line that the answer is on."""
        self._progress.clear()
        if not self._at_start:
            self._write("\n")
            self._at_start = True


def _harmless(text: str) -> str:
    """A model's words without what would steer the terminal."""
    return "".join(char for char in text if char.isprintable() or char in "\n\t")


# --- a long check ---------------------------------------------------------------------------------

_BAR_PATIENCE = 1.0
"""Seconds before the line appears: what is done by then needs none."""
_BAR_PAUSE = 0.1
"""Seconds between two looks of it."""
_BAR_CELLS = 24


class ProgressBar:
    """Draws the line on a terminal, and takes it away at the end."""

    def __init__(self, total: int, stream: TextIO) -> None:
        self.total = total
        self.stream = stream
        self._next = time.monotonic() + _BAR_PATIENCE
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
        self._next = now + _BAR_PAUSE
        full = _BAR_CELLS * done // max(self.total, 1)
        line = f"[{'#' * full}{'.' * (_BAR_CELLS - full)}] {done:,} of {self.total:,} files"
        self.stream.write(f"\r{line}")
        self.stream.flush()
        self._drawn = len(line)
