"""What an execution reports while it runs: to a listener, to the log, to OpenTelemetry.

``at`` is when it happened, in seconds since 1970 (UTC). Events have passed the mask: what is logged
holds neither a secret nor an answer's text.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple, TypeAlias

from openclaw_config.runtime.secrets import Mask


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
    """A candidate failed; the next one, if any, is tried. ``status`` is 0 without an answer."""

    ref: str
    kind: str
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


def silent(event: Event) -> None:
    """A listener that does nothing."""


def masked(listener: Listener, mask: Mask) -> Listener:
    """The listener behind the gate: no text of an event but an answer's own holds a secret."""

    def listen(event: Event) -> None:
        if not isinstance(event, Delta | Submitted):
            hidden = (mask.text(one) if isinstance(one, str) else one for one in event)
            kind: Any = type(event)
            event = kind._make(hidden)
        listener(event)

    return listen


_LOG = logging.getLogger("openclaw_config.runtime")
_MANY = (Delta, Received)
"""Events that come for every piece of an answer."""


def observe(event: Event, span: Any = None) -> None:
    """Write an event to the log, and to its call's span when there is one."""
    if isinstance(event, _MANY):
        return
    level = logging.INFO if isinstance(event, Failed) else logging.DEBUG
    if span is None and not _LOG.isEnabledFor(level):
        return
    name = type(event).__name__.lower()
    fields = {} if isinstance(event, Submitted) else event._asdict()
    fields.pop("at", None)
    if span is not None:
        span.add_event(name, fields)
    _LOG.log(level, "%s %s", name, " ".join(f"{key}={value}" for key, value in fields.items()))


@contextmanager
def observed(surface: str) -> Iterator[Listener]:
    """What observes a call, within a span where the program has OpenTelemetry imported."""
    trace = sys.modules.get("opentelemetry.trace")
    if trace is None:
        yield observe
        return
    with trace.get_tracer("openclaw_config").start_as_current_span(
        f"openclaw_config {surface}", attributes={"openclaw_config.surface": surface}
    ) as span:
        yield partial(observe, span=span)
