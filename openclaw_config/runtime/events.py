"""What an execution tells while it runs, for progress and for saving a job that was paid for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias


class Trying(NamedTuple):
    """A candidate is tried; ``again`` counts the repetitions of the same one."""

    ref: str
    again: int = 0


class Sending(NamedTuple):
    """A request goes out. ``number`` counts the requests of a step from 1."""

    step: str
    method: str
    number: int


class Waiting(NamedTuple):
    """Nothing is sent for so many seconds."""

    step: str
    seconds: float
    why: str


class Submitted(NamedTuple):
    """A job runs at the provider. ``job`` picks it up again after a crash (``jobs.Job``)."""

    job: Any


class Polled(NamedTuple):
    """A job's status, and the seconds since polling began."""

    step: str
    status: str
    elapsed: float


class Received(NamedTuple):
    """Bytes of a result: so far, and in all where the server said so (else 0)."""

    step: str
    size: int
    total: int


class Delta(NamedTuple):
    """A piece of a streamed answer; ``kind`` is ``text`` or ``reasoning``."""

    kind: str
    text: str


class Failed(NamedTuple):
    """A candidate failed; the next one, if any, is tried."""

    ref: str
    kind: str
    step: str
    message: str


Event: TypeAlias = Trying | Sending | Waiting | Submitted | Polled | Received | Delta | Failed
Listener: TypeAlias = Callable[[Event], None]


def silent(event: Event) -> None:
    """A listener for those who want to hear nothing."""
