"""What a service sees of a call besides its events: the log, and a span of OpenTelemetry.

Both are made of events, which have passed the gate: neither holds a secret or an answer's text.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from openclaw_config.runtime.events import Delta, Event, Failed, Received, Submitted

_LOG = logging.getLogger("openclaw_config.runtime")
_MANY = (Delta, Received)
"""Events that come for every piece of an answer."""


class Observer:
    """Writes the events of one call to the log, and to its span when there is one."""

    __slots__ = ("_span",)

    def __init__(self, span: Any = None) -> None:
        self._span = span

    def __call__(self, event: Event) -> None:
        """Take an event."""
        if isinstance(event, _MANY):
            return
        level = logging.INFO if isinstance(event, Failed) else logging.DEBUG
        if self._span is None and not _LOG.isEnabledFor(level):
            return
        name = type(event).__name__.lower()
        fields = {} if isinstance(event, Submitted) else event._asdict()
        fields.pop("at", None)
        if self._span is not None:
            self._span.add_event(name, fields)
        _LOG.log(level, "%s %s", name, " ".join(f"{key}={value}" for key, value in fields.items()))


@contextmanager
def observed(surface: str) -> Iterator[Observer]:
    """The observer of a call, within a span where the program has OpenTelemetry imported."""
    trace = sys.modules.get("opentelemetry.trace")
    if trace is None:
        yield Observer()
        return
    with trace.get_tracer("openclaw_config").start_as_current_span(
        f"openclaw_config {surface}", attributes={"openclaw_config.surface": surface}
    ) as span:
        yield Observer(span)
