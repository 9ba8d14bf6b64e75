"""What an execution reports while it runs: to a listener, to the log, to OpenTelemetry.

``at`` is when it happened, in seconds since 1970 (UTC). No text of an event holds a secret.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

from openclaw_config.runtime.errors import FailureKind


class Trying(NamedTuple):
    """A candidate is tried; ``again`` counts the repetitions of the same one."""

    ref: str
    again: int = 0
    at: float = 0.0


class Sending(NamedTuple):
    """A request goes out. ``number`` counts the requests of a step from 1."""

    step: str
    method: str
    number: int
    at: float = 0.0


class Answered(NamedTuple):
    """The headers of an answer are there, ``seconds`` after the request went out.

    ``request_id`` is what the server calls the request, "" when it does not say.
    """

    step: str
    status: int
    seconds: float
    request_id: str
    at: float = 0.0


class Waiting(NamedTuple):
    """Nothing is sent for so many seconds."""

    step: str
    seconds: float
    why: str
    at: float = 0.0


class Submitted(NamedTuple):
    """A job runs at the provider. ``job`` picks it up again after a crash (``jobs.Job``)."""

    job: Any
    at: float = 0.0


class Polled(NamedTuple):
    """A job's status, and the seconds since polling began."""

    step: str
    status: str
    elapsed: float
    at: float = 0.0


class Received(NamedTuple):
    """Bytes of a result: so far, and in all where the server said so (else 0)."""

    step: str
    size: int
    total: int
    at: float = 0.0


class Delta(NamedTuple):
    """A piece of a streamed answer; ``kind`` is ``text`` or ``reasoning``.

    ``repr`` does not show the text: it is the answer, as the model wrote it.
    """

    kind: str
    text: str
    at: float = 0.0

    def __repr__(self) -> str:
        return f"<delta: {self.kind}, {len(self.text)} characters>"


class Discarded(NamedTuple):
    """An answer broke off: the deltas so far are void, and what comes begins anew."""

    ref: str
    at: float = 0.0


class Failed(NamedTuple):
    """A candidate was tried and failed: an event, and an attempt of the call.

    ``status`` is the HTTP status, 0 without an answer; ``request_id`` is what the server calls the
    request, "" when it does not say.
    """

    ref: str
    provider: str
    model: str
    kind: FailureKind
    step: str
    message: str
    status: int = 0
    request_id: str = ""
    at: float = 0.0


Event: TypeAlias = (
    Trying | Sending | Answered | Waiting | Submitted | Polled | Received | Delta | Discarded
    | Failed
)  # fmt: skip
Listener: TypeAlias = Callable[[Event], None]
