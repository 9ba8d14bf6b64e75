"""Executing bound calls: an interpreter of plans.

It knows no provider; what differs between them is in the plan.
"""

from __future__ import annotations

import asyncio
import itertools
import os
from collections import Counter
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from importlib import import_module
from typing import Any, TypedDict, Unpack

from openclaw_config.plan.model import Candidate, Step, SurfacePlan
from openclaw_config.plan.urls import shown
from openclaw_config.plan.values import is_number
from openclaw_config.runtime import errors, events
from openclaw_config.runtime.bind import Bound, BoundCandidate
from openclaw_config.runtime.exchange import Exchange, Session, exchange_for, key_of, spanned
from openclaw_config.runtime.failover import failure_class, may_pass
from openclaw_config.runtime.inputs import Input, mime_of
from openclaw_config.runtime.lists import known
from openclaw_config.runtime.results import Job, Result, Target
from openclaw_config.runtime.secrets import Resolver
from openclaw_config.runtime.steps import StepRunner
from openclaw_config.runtime.transport import Clock, Transport


class Output(TypedDict, total=False):
    """Where a call's result goes, and who hears of it (``Executor.run``)."""

    to: str | os.PathLike[str] | None
    replace: bool
    progress: events.Listener


class Options(Output, total=False):
    """What ``execute`` takes beside a call and its secrets."""

    transport: Transport | None
    clock: Clock | None


class Executor(AbstractAsyncContextManager["Executor"]):
    """Executes calls over shared connections; use one for many calls, on one event loop.

    ``secrets`` finds the keys that plans name. ``transport`` and ``clock`` are the real ones
    unless they are given. What model look-ups answer is kept for later calls.
    """

    def __init__(
        self, secrets: Resolver, *, transport: Transport | None = None, clock: Clock | None = None
    ) -> None:
        looked_up: dict[tuple[str, int], tuple[float, Any]] = {}
        self._shared = secrets, Clock() if clock is None else clock, looked_up
        self._transport = transport
        self._is_own = transport is None
        self._calls: set[asyncio.Task[Result]] = set()
        self._closed = False

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
        if self._is_own and self._transport is not None:
            await self._transport.close()

    async def run(self, bound: Bound, **output: Unpack[Output]) -> Result:
        """Execute a bound call.

        ``to`` is the file, or the folder, that the result is written to; without it the bytes are
        in the result. The file that ``to`` names is replaced, unless ``replace`` is False; every
        other result gets a name that is free. ``progress`` is a plain function that gets the
        events. Raises ExecutionError, and MissingExtraError when httpcore is needed and not there.
        """
        failover = bound.plan.failover
        limit_ms, seconds = failover.limit_ms, bound.arguments.values.get(failover.limit_parameter)
        if is_number(seconds) and seconds >= 0:
            # 0 is no limit at all (SL-13).
            limit_ms = max(1, int(seconds * 1000)) if seconds else 0
        session = Session(bound.plan, *self._shared, bound=bound, limit_ms=limit_ms, **output)
        return await self._call(session, bound.candidates)

    async def resume(self, plan: SurfacePlan, job: Job, **output: Unpack[Output]) -> Result:
        """Pick up a job that was submitted before: only what comes after it is sent.

        The plan must have the job's model: ``Config.plan_of`` gives one that does. Raises
        ExecutionError, also when it does not.
        """
        candidate = next((one for one in plan.candidates if one.ref == job.ref), None)
        if candidate is None or job.surface != plan.surface:
            message = "the plan does not have the model of the saved job"
            raise errors.ExecutionError(message, kind="unusable")
        problem = "" if candidate.steps else candidate.problem or "the plan has no requests for it"
        for step in candidate.steps:
            if step.body is not None and step.name not in job.responses:
                problem = f"the saved job lacks the response of {step.name}"
        if problem:
            raise errors.ExecutionError(f"{job.ref}: {problem}", kind="unusable")
        limit_ms = plan.failover.limit_ms
        session = Session(plan, *self._shared, job=job, limit_ms=limit_ms, **output)
        return await self._call(session, (candidate,))

    async def _call(self, session: Session, candidates: tuple[Candidate, ...]) -> Result:
        """Carry out a call as a task of its own, so that ``close`` ends it and nothing else."""
        if self._closed:
            raise errors.ExecutionError("the executor is closed", kind="closed")
        task = asyncio.ensure_future(self._within_limit(session, candidates))
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

    async def _within_limit(self, session: Session, candidates: tuple[Candidate, ...]) -> Result:
        """The result, within the limit of all tries together. Raises ExecutionError."""
        try:
            await session.preflight()
        except errors.SecretError as error:
            raise errors.ExecutionError(str(error), stage="secrets") from error
        if self._transport is None:
            # Importing it takes long: no time limit counts that, and others share the event loop.
            http = await asyncio.to_thread(import_module, "openclaw_config.runtime.http")
            self._transport = self._transport or http.HttpTransport()
        session.transport = self._transport
        with spanned(session.plan.surface) as session.span:
            try:
                async with session.clock.limit(session.limit_ms / 1000 or None):
                    if session.to is not None:
                        session.target = Target.of(session.to, replace=session.replace)
                    if session.bound is not None:
                        session.bound = await _with_fetched(session, session.bound)
                    return await _first_result(session, candidates)
            except errors.FailureError as failure:  # What no candidate could do without.
                kind, step = failure.kind, failure.step
                raise errors.ExecutionError(failure.message, kind=kind, step=step) from failure
            except TimeoutError as late:
                message = f"no result within {session.limit_ms} ms in all"
                raise session.ended(message, "timeout") from late


async def execute(
    bound: Bound,
    secrets: Resolver,
    *,
    transport: Transport | None = None,
    clock: Clock | None = None,
    **output: Unpack[Output],
) -> Result:
    """Execute one bound call. See ``Executor.run``; for many calls use one ``Executor``."""
    async with Executor(secrets, transport=transport, clock=clock) as executor:
        return await executor.run(bound, **output)


def execute_sync(bound: Bound, secrets: Resolver, **options: Unpack[Options]) -> Result:
    """Execute one bound call outside of any event loop. Raises as ``execute`` does.

    Raises RuntimeError inside a running event loop, where ``await execute(…)`` is the way.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(execute(bound, secrets, **options))
    raise RuntimeError("an event loop is running here: use  await execute(...)")


# --- inputs that are fetched first ------------------------------------------------------------


async def _with_fetched(session: Session, bound: Bound) -> Bound:
    """The call with the bytes of its inputs, before any candidate is tried.

    No header of ours goes along, and private addresses are refused. Raises FailureError.
    """
    if not bound.fetches:
        return bound
    exchange = Exchange(session)
    inputs = {
        kind: tuple([await _fetched(exchange, one) for one in items])
        for kind, items in bound.arguments.inputs.items()
    }
    return replace(bound, arguments=replace(bound.arguments, inputs=inputs))


async def _fetched(exchange: Exchange, item: Input) -> Input:
    check = item.fetch
    if check is None:
        return item
    label = check["message"].replace("{url}", shown(item.url))
    step = Step("fetch", "GET", item.url, "", label=label, timeout_ms=check["timeoutMs"])
    data, named = await exchange.whole(step, check["most"])
    named = exchange.mask.line(named, 60).partition(";")[0].strip().lower()
    mime = mime_of(data) or named
    if not mime.startswith(check["type"]):
        message = f"the answer is {mime or 'of no type'}, not {check['type']}"
        raise errors.failed(step, "response", message)
    return item._replace(data=data, mime=mime, fetch=None)


# --- the candidates, in order, until one gives a result ---------------------------------------


async def _first_result(session: Session, candidates: tuple[Candidate, ...]) -> Result:
    """The result of the first candidate that gives one. Raises ExecutionError."""
    numbered = list(enumerate(candidates))
    # OpenClaw adds providers that nobody asked for; those that a plan cannot use say nothing.
    numbered = [(i, one) for i, one in numbered if not (one.automatic and one.problem)] or numbered
    for index, candidate in numbered:
        result = await _Tries(session, index, candidate, last=index == numbered[-1][0]).result()
        if result is not None:
            return result
    raise _all_failed(session)


class _Tries:
    """The tries of one candidate, with one key after another (MODEL-21, MODEL-32, SL-20)."""

    def __init__(self, session: Session, index: int, candidate: Candidate, *, last: bool) -> None:
        self._session = session
        self._plan = session.plan.failover
        self._index = index
        self._candidate = candidate
        self._last = last
        # How many auth profiles were passed over, and what the conversation gets added.
        self._rotation = 0
        self._instruction = ""
        # What was done after failures so far, by their kind or class.
        self._waits: list[int] = []
        self._delays = list(self._plan.rerun_delays_ms)
        self._nudged: Counter[str] = Counter()
        self._rotated: Counter[str] = Counter()
        self._resent = False

    async def result(self) -> Result | None:
        """The result, None when the next candidate is to be tried. Raises ExecutionError."""
        session, candidate = self._session, self._candidate
        for times in itertools.count():
            session.tell(events.Trying(candidate.ref, times))
            try:
                return await self._once()
            except errors.ProblemError as problem:
                failure = errors.FailureError(problem.kind, str(problem))
                failure = problem if isinstance(problem, errors.FailureError) else failure
                about = (candidate.ref, candidate.provider, candidate.model, failure.kind)
                answered = (failure.step, failure.message, failure.status, failure.request_id)
                session.tell(events.Failed(*about, *answered))
                wait_ms = await self._wait_after(failure)
                if wait_ms is None and self._last:
                    raise _all_failed(session) from problem
            if session.shown:
                session.tell(events.Discarded(candidate.ref))
            if self._plan.settle_ms and failure.step:
                await session.clock.sleep(self._plan.settle_ms / 1000)
            if wait_ms is None:
                break
            if wait_ms:
                session.tell(events.Waiting("", wait_ms / 1000, "trying the same model again"))
                await session.clock.sleep(wait_ms / 1000)
        return None

    async def _once(self) -> Result:
        """The result of one try. Raises ProblemError."""
        session, candidate = self._session, self._candidate
        # What a list of models knows better may let a call through.
        ready = None if candidate.live is not None and not candidate.problem else self._ready()
        reached, exchange = await exchange_for(candidate, session, self._rotation)
        try:
            listed = reached if session.bound is None else await known(exchange, reached)
            if listed is not reached or ready is None:
                reached, ready = listed, self._ready(listed)
            if ready is not None:
                reached = ready.keyed(reached, exchange.key.reveal() if exchange.key else "")
            result = await StepRunner(exchange, reached, ready).run()
        except errors.FailureError as failure:
            raise exchange.masked(failure) from None
        normalization = ready.normalization if ready is not None else None
        return result._replace(attempts=tuple(session.failed), normalization=normalization)

    def _ready(self, listed: Candidate | None = None) -> BoundCandidate | None:
        """The candidate ready for the call, or that which a list of models made of it."""
        if self._session.bound is None:
            return None
        ready = self._session.bound.ready(self._index, listed)
        return ready.instructed(self._instruction) if self._instruction else ready

    async def _wait_after(self, failure: errors.FailureError) -> int | None:
        """How long to wait before the next try, in ms, None when the next candidate is tried.

        Raises ExecutionError when nothing else is.
        """
        self._instruction = ""
        if failure.final:
            raise _all_failed(self._session) from failure
        if self._plan.policy != "chat":
            known = failure.kind == "http" and failure_class(failure.client_text)
            return await self._rotate() if known in self._plan.rotates_on else None
        if failure.empty:
            return self._nudge(failure)
        if failure.kind not in {"http", "response", "network", "timeout"}:
            return None
        unanswered = failure.kind in {"network", "timeout"}
        kind = "timeout" if unanswered else failure_class(failure.client_text)
        if kind == "context_overflow":
            # OpenClaw shortens the conversation and asks once more (FAIL-13); the caller may do the
            # first, and where there is nothing to shorten the second request is the same.
            if self._resent:
                raise _all_failed(self._session) from failure
            self._resent = True
            return 0
        if self._delays and may_pass(failure):
            return self._delays.pop(0)
        wait = self._backed_off(failure, kind)
        if wait is not None:
            self._waits.append(wait)
            return wait
        if not kind:
            raise _all_failed(self._session) from failure
        self._rotated[kind] += 1
        most = dict(self._plan.rotations).get(kind, self._rotated[kind])
        return None if self._rotated[kind] > most and not self._last else await self._rotate()

    async def _rotate(self) -> int | None:
        """Go on with the next key, its tries counted anew; None when there is none (SL-31)."""
        try:
            key = await key_of(self._candidate, self._session, self._rotation + 1)
        except errors.ProblemError:
            key = None
        if key is None:
            return None
        self._rotation += 1
        self._delays, self._waits = list(self._plan.rerun_delays_ms), []
        return 0

    def _backed_off(self, failure: errors.FailureError, kind: str) -> int | None:
        """How long to wait before the next try, in ms, None when there is none (CHAT-56')."""
        backoff = self._plan.backoff
        if backoff is None or kind not in backoff.classes:
            return None
        low, high = backoff.low_percent, backoff.high_percent
        percent = low + (high - low) * self._session.clock.chance()
        wait = min(backoff.most_ms, backoff.first_ms * 2 ** len(self._waits))
        wait = max(int(wait * percent / 100), failure.wait_ms or 0)
        if kind in backoff.unbounded:
            return wait if len(self._waits) < backoff.times_unbounded else None
        within = sum(self._waits) + wait <= backoff.within_ms
        return wait if within and len(self._waits) < backoff.times else None

    def _nudge(self, failure: errors.FailureError) -> int | None:
        """Ask for words where an answer had none, as often as the plan says (SL-24)."""
        for nudge in self._plan.nudges:
            if nudge.after == failure.empty and self._nudged[nudge.after] < nudge.times:
                self._nudged[nudge.after] += 1
                self._instruction = nudge.text
                return 0
        return None


def _all_failed(session: Session) -> errors.ExecutionError:
    attempts = tuple(session.failed)
    last = {attempt.ref: attempt.message for attempt in attempts}
    if len(last) == 1:
        return errors.ExecutionError(attempts[-1].message, attempts)
    each = " | ".join(f"{ref}: {message}" for ref, message in last.items())
    message = f"{session.plan.failover.all_failed} ({len(last)}): {each}"
    return errors.ExecutionError(message, attempts)
