"""What one call has while it runs: its plan, its listener, and what failed so far."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from openclaw_config.plan.model import SurfacePlan
from openclaw_config.runtime.errors import ExecutionError, FailedAttempt, FailureKind
from openclaw_config.runtime.events import Delta, Event, Observer, Sending, Trying
from openclaw_config.runtime.results import Job
from openclaw_config.runtime.saving import Target
from openclaw_config.runtime.secrets import Resolver
from openclaw_config.runtime.transport import Clock, Transport

if TYPE_CHECKING:
    from openclaw_config.runtime.bind import Bound


@dataclass(kw_only=True, slots=True)
class Session:
    """One call being carried out, or one saved ``job`` being picked up.

    ``bound`` is None for a job, whose remaining steps have no bodies. ``looked_up`` keeps what
    model look-ups answered, by URL, for later calls. ``limit_ms`` bounds all tries together, 0
    without a limit. ``prepare`` makes the transport ready. ``listener`` gets the events.
    """

    plan: SurfacePlan
    secrets: Resolver
    transport: Transport
    prepare: Callable[[], Awaitable[None]]
    clock: Clock
    listener: Callable[[Event], Any]
    looked_up: dict[str, Any]
    target: Target | None = None
    bound: Bound | None = None
    job: Job | None = None
    limit_ms: int = 0
    failed: list[FailedAttempt] = field(default_factory=list)
    observer: Observer = field(default_factory=Observer)
    # What runs just now: the candidate, its step, and whether some of its answer was shown.
    ref: str = ""
    step: str = ""
    shown: bool = False

    def tell(self, event: Event) -> None:
        """Pass an event on, with its time. Raises TypeError when the listener is no plain one."""
        if isinstance(event, Trying):
            self.ref, self.step, self.shown = event.ref, "", False
        elif isinstance(event, Sending):
            self.step = event.step
        elif isinstance(event, Delta):
            self.shown = True
        event = event._replace(at=self.clock.today())
        self.observer(event)
        answer = self.listener(event)
        if hasattr(answer, "__await__"):
            getattr(answer, "close", lambda: None)()
            raise TypeError("progress must be a plain function: nothing awaits an async one")

    def ended(self, message: str, kind: FailureKind) -> ExecutionError:
        """The failure of a call that something ended while it ran."""
        where = f", while {self.ref} was at {self.step}" if self.step else ""
        before = f"; before: {self.failed[-1].message}" if self.failed else ""
        failed = tuple(self.failed)
        return ExecutionError(f"{message}{where}{before}", failed, kind=kind, step=self.step)
