"""Executing bound calls: an interpreter of plans.

It knows no provider; what differs between them is in the plan.
"""

from __future__ import annotations

import asyncio
import os
from importlib import import_module
from typing import Any

from openclaw_config.plan.model import Candidate, SurfacePlan
from openclaw_config.runtime.access import preflight
from openclaw_config.runtime.bind import Bound
from openclaw_config.runtime.candidates import first_result
from openclaw_config.runtime.errors import ExecutionError, FailureError, TransportError
from openclaw_config.runtime.events import Listener, observed, silent
from openclaw_config.runtime.fetch import with_fetched
from openclaw_config.runtime.results import Job, Result
from openclaw_config.runtime.saving import Target
from openclaw_config.runtime.secrets import Resolver
from openclaw_config.runtime.session import Session
from openclaw_config.runtime.transport import Clock, Incoming, Outgoing, RealClock, Transport
from openclaw_config.runtime.values import is_number


class _Connections:
    """The transport: the caller's, or the real one, which is made when it is first needed."""

    def __init__(self, given: Transport | None) -> None:
        self._own = given is None
        self._transport = given
        self._closed = False

    async def prepare(self) -> None:
        """Make the transport: importing it takes long, and others share the event loop."""
        if self._transport is None and not self._closed:
            http = await asyncio.to_thread(import_module, "openclaw_config.runtime.http")
            if self._transport is None and not self._closed:
                self._transport = http.HttpxTransport()

    async def send(self, request: Outgoing) -> Incoming:
        await self.prepare()
        if self._closed or self._transport is None:
            raise TransportError("closed", "the executor is closed")
        return await self._transport.send(request)

    async def close(self) -> None:
        """Send nothing more. The caller's transport stays open."""
        self._closed = True
        if self._own and self._transport is not None:
            await self._transport.close()


class Executor:
    """Executes calls over shared connections; use one for many calls, on one event loop.

    ``secrets`` finds the keys that plans name. ``transport`` and ``clock`` are the real ones
    unless they are given. What model look-ups answer is kept for later calls.
    """

    def __init__(
        self,
        secrets: Resolver,
        *,
        transport: Transport | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._secrets = secrets
        self._connections = _Connections(transport)
        self._clock: Clock = RealClock() if clock is None else clock
        self._looked_up: dict[str, Any] = {}
        self._calls: set[asyncio.Task[Result]] = set()
        self._closed = False

    async def __aenter__(self) -> Executor:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """End the calls that run, which raise ExecutionError, and refuse later ones.

        The connections are closed too, unless the transport is the caller's.
        """
        self._closed = True
        calls = tuple(self._calls)
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        await self._connections.close()

    async def run(
        self,
        bound: Bound,
        *,
        to: str | os.PathLike[str] | None = None,
        replace: bool = True,
        progress: Listener = silent,
    ) -> Result:
        """Execute a bound call.

        ``to`` is the file, or the folder, that the result is written to; without it the bytes are
        in the result. The file that ``to`` names is replaced, unless ``replace`` is False; every
        other result gets a name that is free. ``progress`` is a plain function that gets the
        events. Raises ExecutionError, and MissingExtraError when httpx is needed and not there.
        """
        session = self._session(bound.plan, to, replace, progress)
        session.bound = bound
        seconds = bound.arguments.values.get(bound.plan.failover.limit_parameter)
        if is_number(seconds) and seconds >= 0:
            # 0 is no limit at all (SL-13).
            session.limit_ms = max(1, int(seconds * 1000)) if seconds else 0
        return await self._call(session, bound.candidates)

    async def resume(
        self,
        plan: SurfacePlan,
        job: Job,
        *,
        to: str | os.PathLike[str] | None = None,
        replace: bool = True,
        progress: Listener = silent,
    ) -> Result:
        """Pick up a job that was submitted before: only what comes after it is sent.

        The plan must have the job's model: ``Config.plan_of`` gives one that does. Raises
        ExecutionError, also when it does not.
        """
        candidate = next((one for one in plan.candidates if one.ref == job.ref), None)
        if candidate is None or job.surface != plan.surface:
            raise ExecutionError(
                "the plan does not have the model of the saved job", kind="unusable"
            )
        if not candidate.steps:
            problem = candidate.problem or "the plan has no requests for it"
            raise ExecutionError(f"{job.ref}: {problem}", kind="unusable")
        for step in candidate.steps:
            if step.body is not None and step.name not in job.responses:
                message = f"{job.ref}: the saved job lacks the response of {step.name}"
                raise ExecutionError(message, kind="unusable")
        session = self._session(plan, to, replace, progress)
        session.job = job
        return await self._call(session, (candidate,))

    def _session(
        self,
        plan: SurfacePlan,
        to: str | os.PathLike[str] | None,
        replace: bool,
        progress: Listener,
    ) -> Session:
        """A call's session. Raises ExecutionError when its result cannot be written."""
        try:
            target = None if to is None else Target.of(to, replace=replace)
        except FailureError as failure:
            raise ExecutionError(failure.message, kind=failure.kind) from failure
        return Session(
            plan=plan,
            secrets=self._secrets,
            transport=self._connections,
            prepare=self._connections.prepare,
            clock=self._clock,
            listener=progress,
            looked_up=self._looked_up,
            target=target,
            limit_ms=plan.failover.limit_ms,
        )

    async def _call(self, session: Session, candidates: tuple[Candidate, ...]) -> Result:
        """Carry out a call as a task of its own, so that ``close`` ends it and nothing else."""
        if self._closed:
            raise ExecutionError("the executor is closed", kind="closed")
        task = asyncio.ensure_future(_within_limit(session, candidates))
        self._calls.add(task)
        try:
            return await task
        except asyncio.CancelledError:
            caller = asyncio.current_task()
            if self._closed and not (caller is not None and caller.cancelling()):
                raise session.ended("the executor was closed", "closed") from None
            raise
        finally:
            self._calls.discard(task)


async def _within_limit(session: Session, candidates: tuple[Candidate, ...]) -> Result:
    """The result, within the limit of all tries together. Raises ExecutionError."""
    session.secrets = await preflight(session.plan, session.secrets)
    with observed(session.plan.surface) as session.observer:
        try:
            async with session.clock.limit(session.limit_ms / 1000 or None):
                if session.bound is not None:
                    session.bound = await with_fetched(session, session.bound)
                return await first_result(session, candidates)
        except TimeoutError as late:
            message = f"no result within {session.limit_ms} ms in all"
            raise session.ended(message, "timeout") from late


async def execute(
    bound: Bound,
    secrets: Resolver,
    *,
    to: str | os.PathLike[str] | None = None,
    replace: bool = True,
    transport: Transport | None = None,
    clock: Clock | None = None,
    progress: Listener = silent,
) -> Result:
    """Execute one bound call. See ``Executor.run``; for many calls use one ``Executor``."""
    async with Executor(secrets, transport=transport, clock=clock) as executor:
        return await executor.run(bound, to=to, replace=replace, progress=progress)


def execute_sync(
    bound: Bound,
    secrets: Resolver,
    *,
    to: str | os.PathLike[str] | None = None,
    replace: bool = True,
    transport: Transport | None = None,
    clock: Clock | None = None,
    progress: Listener = silent,
) -> Result:
    """Execute one bound call outside of any event loop. Raises as ``execute`` does.

    Raises RuntimeError inside a running event loop, where ``await execute(…)`` is the way.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        pass
    else:
        raise RuntimeError("an event loop is running here: use  await execute(...)")
    call = execute(
        bound,
        secrets,
        to=to,
        replace=replace,
        transport=transport,
        clock=clock,
        progress=progress,
    )
    return asyncio.run(call)
