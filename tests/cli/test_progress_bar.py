"""The line that tells how far a long check has come."""

from __future__ import annotations

import io

import pytest

from openclaw_config.cli import progress
from openclaw_config.cli.progress import ProgressBar


class Clock:
    """Time that passes when it is told to."""

    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(progress, "time", clock)
    return clock


def test_what_is_done_within_a_second_shows_nothing(clock: Clock) -> None:
    stream = io.StringIO()
    with ProgressBar(2, stream) as bar:
        clock.now += 0.9
        bar.show(1)
        bar.show(2)
    assert stream.getvalue() == ""


def test_a_long_check_shows_how_far_it_is_and_leaves_nothing_behind(clock: Clock) -> None:
    stream = io.StringIO()
    with ProgressBar(2000, stream) as bar:
        clock.now += 1.5
        bar.show(1000)
        assert stream.getvalue() == "\r[############............] 1,000 of 2,000 files"
        bar.show(1001)
        assert "1,001" not in stream.getvalue()  # not so soon again
        clock.now += 0.2
        bar.show(1500)
        assert stream.getvalue().endswith("\r[##################......] 1,500 of 2,000 files")
    *_, wiped, end = stream.getvalue().split("\r")
    assert (wiped.strip(), end) == ("", "")
    assert len(wiped) == len("[##################......] 1,500 of 2,000 files")


def test_an_interruption_leaves_nothing_behind_either(clock: Clock) -> None:
    stream = io.StringIO()
    with pytest.raises(KeyboardInterrupt), ProgressBar(10, stream) as bar:
        clock.now += 2
        bar.show(1)
        raise KeyboardInterrupt
    assert stream.getvalue().endswith(" \r")
