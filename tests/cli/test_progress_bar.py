"""The line that tells how far a long check has come."""

from __future__ import annotations

import io

import pytest

from openclaw_config.cli import command
from openclaw_config.cli.command import StatusLine, bar


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        return True


class Clock:
    """Time that passes when it is told to."""

    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(command, "time", clock)
    return clock


def test_what_is_done_within_a_second_shows_nothing(clock: Clock) -> None:
    stream = Terminal()
    line = StatusLine(stream, patience=1.0)
    clock.now += 0.9
    line.draw(bar(1, 2))
    line.draw(bar(2, 2))
    line.clear()
    assert stream.getvalue() == ""


def test_a_long_check_shows_how_far_it_is_and_leaves_nothing_behind(clock: Clock) -> None:
    stream = Terminal()
    line = StatusLine(stream, patience=1.0)
    clock.now += 1.5
    line.draw(bar(1000, 2000))
    assert stream.getvalue() == "\r\x1b[K[############............] 1,000 of 2,000 files"
    line.draw(bar(1001, 2000))
    assert "1,001" not in stream.getvalue()  # not so soon again
    clock.now += 0.2
    line.draw(bar(1500, 2000))
    assert stream.getvalue().endswith("\r\x1b[K[##################......] 1,500 of 2,000 files")
    line.clear()
    assert stream.getvalue().endswith("files\r\x1b[K")


def test_a_file_gets_no_line(clock: Clock) -> None:
    stream = io.StringIO()
    line = StatusLine(stream)
    clock.now += 2
    line.draw(bar(1, 10), now=True)
    line.clear()
    assert stream.getvalue() == ""
