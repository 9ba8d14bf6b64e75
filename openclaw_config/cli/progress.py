"""Progress on stderr: one line that changes on a terminal, else nothing."""

from __future__ import annotations

import sys
import time
from typing import TextIO

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
_BAR_CELLS = 24


class StatusLine:
    """A line of a terminal that changes, and goes away. ``patience`` is seconds before the first.

    Elsewhere than on a terminal nothing is written.
    """

    def __init__(self, stream: TextIO | None = None, *, patience: float = 0.0) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._next = time.monotonic() + patience
        self._drawn = False

    def draw(self, text: str, *, now: bool = False) -> None:
        """Show a text in the line's place, unless that was just done; ``now`` in any case."""
        if self._stream.isatty() and (now or time.monotonic() >= self._next):
            self._next = time.monotonic() + _EVERY
            self._write(printable(text)[:_WIDEST])
            self._drawn = True

    def clear(self) -> None:
        """Take the line away, so that something else can be written."""
        if self._drawn:
            self._write("")
            self._drawn = False

    def _write(self, text: str) -> None:
        self._stream.write(f"\r\x1b[K{text}")
        self._stream.flush()


def bar(done: int, total: int) -> str:
    """How many of some files are done."""
    full = _BAR_CELLS * done // max(total, 1)
    return f"[{'#' * full}{'.' * (_BAR_CELLS - full)}] {done:,} of {total:,} files"


class StreamPrinter:
    """Prints a streamed answer as it comes, and the state of its call in a line of its own."""

    def __init__(self, stream: TextIO | None = None, line: StatusLine | None = None) -> None:
        self._stream = sys.stdout if stream is None else stream
        self._line = StatusLine() if line is None else line
        self._started = time.monotonic()
        self._terminal = self._stream.isatty()
        self._ci = in_ci()
        self._pending = ""  # in CI, the line that is not complete: only whole ones are escaped
        self._at_start = True

    def __call__(self, event: Event) -> None:
        """Print what an event brings."""
        if isinstance(event, Delta):
            if event.kind == "text":
                self._line.clear()
                self._write(event.text)
                self._at_start = event.text.endswith("\n")
        elif isinstance(event, Failed):
            self.finish()
            say(f"{event.ref} failed: {event.message}")
        elif isinstance(event, Discarded):
            say("the answer broke off; it begins anew")
        elif text := _state(event):
            seconds = time.monotonic() - self._started
            self._line.draw(f"{seconds:4.0f} s  {text}", now=not isinstance(event, Received))

    def _write(self, text: str) -> None:
        """Write a piece of the answer: as it is into a pipe, harmless on a terminal and in CI."""
        if self._terminal or self._ci:
            text = "".join(char for char in text if char.isprintable() or char in "\n\t")
        if self._ci:
            complete, end, self._pending = (self._pending + text).rpartition("\n")
            text = only_shown(complete + end)
        self._stream.write(text)
        self._stream.flush()

    def finish(self) -> None:
        """End the line that the answer is on."""
        self._line.clear()
        if not self._at_start:
            self._write("\n")
            self._at_start = True


def _state(event: Event) -> str:
    """The state of a call in a few words, or ""."""
    if isinstance(event, Trying):
        return f"asking {event.ref}{' again' if event.again else ''}"
    if isinstance(event, Sending):
        return f"{event.step}: waiting for the answer" if event.number == 1 else ""
    if isinstance(event, Submitted):
        return "submitted"
    if isinstance(event, Polled):
        return f"{event.status or 'no status'}, for {event.elapsed:.0f} s"
    if isinstance(event, Received):
        total = event.total
        of = f" of {_size(total)} ({100 * event.size // total} %)" if total else ""
        return f"received {_size(event.size)}{of}"
    if isinstance(event, Waiting):
        return f"{event.why or 'waiting'}, next look in {event.seconds:.0f} s"
    return ""


def _size(count: int) -> str:
    return f"{count / 1_000_000:.1f} MB" if count >= 1_000_000 else f"{count / 1000:.0f} kB"
