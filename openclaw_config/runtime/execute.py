"""Executing a bound call: candidates in order, each with its key, until one gives a result.

An interpreter of plans. It knows no provider; what differs between them is in the plan.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from openclaw_config.plan.model import (
    Candidate,
    Header,
    Origin,
    Preflight,
    ProfileStore,
    Route,
    Step,
    SurfacePlan,
)
from openclaw_config.runtime import failover
from openclaw_config.runtime.bind import Attempt
from openclaw_config.runtime.errors import (
    ARGUMENT,
    CLOSED,
    CREDENTIAL,
    TIMEOUT,
    UNUSABLE,
    CallError,
    ExecutionError,
    FailedAttempt,
    FailureError,
    SecretError,
    UnusableError,
)
from openclaw_config.runtime.events import (
    Delta,
    Discarded,
    Event,
    Failed,
    Listener,
    Observer,
    Sending,
    Trying,
    Waiting,
    masked,
    observed,
    silent,
)
from openclaw_config.runtime.exchange import Exchange, Headers
from openclaw_config.runtime.failover import Course
from openclaw_config.runtime.mask import Mask, Secret
from openclaw_config.runtime.results import Job, Result
from openclaw_config.runtime.saving import Target
from openclaw_config.runtime.secrets import Resolver, key_of, with_base_url
from openclaw_config.runtime.steps import Steps
from openclaw_config.runtime.transport import Clock, Policy, RealClock, Transport
from openclaw_config.runtime.values import is_number

if TYPE_CHECKING:
    import asyncio

    from openclaw_config.runtime.bind import Bound


class Executor:
    """Executes calls over shared connections; use one for many calls, on one event loop.

    ``secrets`` finds the keys that plans name. ``transport`` and ``clock`` are the real ones
    unless they are given. What model look-ups answer is kept for later calls.
    """

    __slots__ = ("_calls", "_clock", "_closed", "_looked_up", "_own", "_secrets", "_transport")

    def __init__(
        self,
        secrets: Resolver,
        *,
        transport: Transport | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._secrets = secrets
        self._transport = transport
        self._own = transport is None
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
        import asyncio

        self._closed = True
        calls = tuple(self._calls)
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        if self._own and self._transport is not None:
            transport, self._transport = self._transport, None
            await transport.close()

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
        target = _target(to, replace)
        run = _Run(self, bound.plan, bound.candidates, bound.attempt, None, target, progress)
        run.limit(bound.arguments.values.get(bound.plan.failover.limit_parameter))
        return await self._call(run)

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

        Raises ExecutionError, also when the plan does not have the job's candidate.
        """
        candidate = next((one for one in plan.candidates if one.ref == job.ref), None)
        if candidate is None or job.surface != plan.surface:
            raise ExecutionError("the plan does not have the model of the saved job", kind=UNUSABLE)
        if not candidate.steps:
            problem = candidate.problem or "the plan has no requests for it"
            raise ExecutionError(f"{job.ref}: {problem}", kind=UNUSABLE)
        for step in candidate.steps:
            if step.body is not None and step.name not in job.responses:
                message = f"{job.ref}: the saved job lacks the response of {step.name}"
                raise ExecutionError(message, kind=UNUSABLE)
        target = _target(to, replace)
        return await self._call(_Run(self, plan, (candidate,), None, job, target, progress))

    async def _call(self, run: _Run) -> Result:
        """Carry out a call as a task of its own, so that ``close`` ends it and nothing else."""
        import asyncio

        if self._closed:
            raise ExecutionError("the executor is closed", kind=CLOSED)
        task = asyncio.ensure_future(run.within_limit())
        self._calls.add(task)
        try:
            return await task
        except asyncio.CancelledError:
            caller = asyncio.current_task()
            if self._closed and not (caller is not None and caller.cancelling()):
                raise run.failure("the executor was closed", CLOSED) from None
            raise
        finally:
            self._calls.discard(task)

    async def preflight(self, plan: SurfacePlan) -> Resolver:
        """Resolve what has to resolve before anything is sent (AUTH-22, SL-32).

        Gives a resolver that does not ask for the same again. Raises ExecutionError.
        """
        found: dict[str, Secret] = {}
        for item in [*plan.preflight, *await self._profile_refs(plan)]:
            if item.problem:
                raise ExecutionError(f"{item.ref}: {item.problem}", stage="secrets")
            try:
                secret = await self._secrets.resolve(item.ref)
            except SecretError as problem:
                raise ExecutionError(f"{item.ref}: {problem.message}", stage="secrets") from problem
            if secret is None or not secret.trimmed():
                raise ExecutionError(f"{item.ref}: it is missing or empty", stage="secrets")
            found[item.ref] = secret
        return _Known(self._secrets, found) if found else self._secrets

    async def _profile_refs(self, plan: SurfacePlan) -> list[Preflight]:
        chains = [one.credential.chain for one in plan.candidates if one.credential is not None]
        links = [link for chain in chains for link in chain]
        stores = {link.profiles.path: link.profiles for link in links if link.profiles is not None}
        return [
            Preflight(ref, Origin("default", rule="SL-32"))
            for store in stores.values()
            for ref in await self._secrets.profile_refs(store)
        ]

    async def transport(self) -> Transport:
        """The transport, made when it is first needed. Raises FailureError once it is closed."""
        if self._transport is None and not self._closed:
            import asyncio

            # Importing takes long, and others share the event loop.
            http = await asyncio.to_thread(import_module, "openclaw_config.runtime.http")
            if self._transport is None and not self._closed:
                self._transport = http.HttpxTransport()
        if self._closed or self._transport is None:
            raise FailureError(CLOSED, "the executor is closed", final=True)
        return self._transport

    async def steps(
        self,
        secrets: Resolver,
        surface: str,
        candidate: Candidate,
        attempt: Attempt | None,
        target: Target | None,
        tell: Listener,
        job: Job | None,
        run_ms: int,
        rotation: int = 0,
    ) -> Steps:
        """A candidate with its key in hand, ready to go. Raises FailureError.

        ``rotation`` is how many auth profiles are passed over.
        """
        route = candidate.route
        if route is not None and route.problem:
            raise FailureError(UNUSABLE, route.problem)
        key = await key_of(candidate, secrets, self._clock, rotation)
        named = await _named(candidate, secrets)
        policy = await _policy(route, secrets)
        candidate, in_url = await with_base_url(candidate, secrets)
        hidden = (key, *named.values(), *policy.secrets, *in_url)
        mask = Mask(secret for secret in hidden if secret is not None)
        tell = masked(tell, mask)
        transport = await self.transport()
        exchange = Exchange(transport, self._clock, policy, _header_maker(key, named), mask, tell)
        return Steps(
            surface,
            candidate,
            attempt,
            exchange,
            self._clock,
            tell,
            target=target,
            job=job,
            looked_up=self._looked_up,
            run_ms=run_ms,
        )

    @property
    def clock(self) -> Clock:
        """The clock."""
        return self._clock


def _target(to: str | os.PathLike[str] | None, replace: bool) -> Target | None:
    """Where a result is to go. Raises ExecutionError when it cannot be written there."""
    if to is None:
        return None
    try:
        return Target.of(to, replace=replace)
    except FailureError as failure:
        raise ExecutionError(failure.message, kind=failure.kind) from failure


class _Known:
    """A resolver with some secrets already at hand."""

    __slots__ = ("_found", "_secrets")

    def __init__(self, secrets: Resolver, found: dict[str, Secret]) -> None:
        self._secrets = secrets
        self._found = found

    async def resolve(self, ref: str) -> Secret | None:
        return self._found.get(ref) or await self._secrets.resolve(ref)

    async def profile(self, store: ProfileStore, today: float, skip: int = 0) -> Secret | None:
        return await self._secrets.profile(store, today, skip)

    async def profile_refs(self, store: ProfileStore) -> list[str]:
        return await self._secrets.profile_refs(store)


async def _named(candidate: Candidate, secrets: Resolver) -> dict[str, Secret | None]:
    """The secrets that headers name besides the key. Raises FailureError."""
    refs = {header.ref for step in candidate.steps for header in step.headers if header.ref}
    return {ref: await _found(ref, secrets) for ref in sorted(refs)}


async def _found(ref: str, secrets: Resolver) -> Secret | None:
    try:
        return await secrets.resolve(ref)
    except SecretError as problem:
        raise FailureError(CREDENTIAL, f"{ref}: {problem.message}") from problem


async def _policy(route: Route | None, secrets: Resolver) -> Policy:
    """How a route is reached, its secrets in hand. Raises FailureError."""
    if route is None:
        return Policy()
    settings = route.transport or {}
    proxy, tls = settings.get("proxy") or {}, settings.get("tls") or {}
    url = await _found(proxy["url"], secrets) if proxy.get("url") else None
    certificates = []
    for name in ("ca", "cert", "key", "passphrase"):
        secret = await _found(tls[name], secrets) if name in tls else None
        if secret is not None:
            certificates.append((name, secret))
    return Policy(
        route.private, proxy.get("mode", ""), url, tuple(certificates), tls.get("serverName", "")
    )


def _header_maker(key: Secret | None, named: dict[str, Secret | None]) -> Callable[[Step], Headers]:
    def made(header: Header) -> tuple[str, str] | None:
        if not header.credential and not header.ref:
            return header.name, header.value
        secret = key if header.credential else named.get(header.ref)
        if secret is not None and not header.credential:
            secret = secret.trimmed()  # No header keeps white space at its ends (HTTP-05).
        # A reference that leads nowhere takes its header along (AUTH-23).
        return (header.name, f"{header.prefix}{secret.reveal()}") if secret is not None else None

    def headers(step: Step) -> Headers:
        return Headers(pair for header in step.headers if (pair := made(header)) is not None)

    return headers


class _Run:
    """One call going through its candidates, or one ``job`` being picked up."""

    __slots__ = (
        "_attempt", "_candidates", "_executor", "_failed", "_job", "_limit_ms", "_listener",
        "_observer", "_plan", "_ref", "_shown", "_step", "_target",
    )  # fmt: skip

    def __init__(
        self,
        executor: Executor,
        plan: SurfacePlan,
        candidates: tuple[Candidate, ...],
        attempt: Callable[[int], Attempt] | None,
        job: Job | None,
        target: Target | None,
        listener: Listener,
    ) -> None:
        self._executor = executor
        self._plan = plan
        self._candidates = candidates
        self._attempt = attempt
        self._job = job
        self._target = target
        self._listener: Callable[[Event], Any] = listener
        self._failed: list[FailedAttempt] = []
        self._limit_ms = plan.failover.limit_ms
        # What runs just now: the candidate, its step, and whether some of its answer was shown.
        self._ref = self._step = ""
        self._shown = False
        self._observer = Observer()

    def limit(self, seconds: Any) -> None:
        """Let the call's own limit, in seconds, replace the plan's."""
        if is_number(seconds) and seconds >= 0:
            # 0 is no limit at all (SL-13).
            self._limit_ms = max(1, int(seconds * 1000)) if seconds else 0

    def failure(self, message: str, kind: str) -> ExecutionError:
        """The failure of a call that ended while something ran."""
        where = f", while {self._ref} was at {self._step}" if self._step else ""
        before = f"; before: {self._failed[-1].message}" if self._failed else ""
        return ExecutionError(
            f"{message}{where}{before}", tuple(self._failed), kind=kind, step=self._step
        )

    async def within_limit(self) -> Result:
        """The result, within the limit of all tries together. Raises ExecutionError."""
        secrets = await self._executor.preflight(self._plan)
        with observed(self._plan.surface) as self._observer:
            try:
                async with self._executor.clock.limit(self._limit_ms / 1000 or None):
                    return await self._result(secrets)
            except TimeoutError as late:
                message = f"no result within {self._limit_ms} ms in all"
                raise self.failure(message, TIMEOUT) from late

    def _tell(self, event: Event) -> None:
        """Pass an event on, with its time. Raises TypeError when the listener is no plain one."""
        if isinstance(event, Trying):
            self._ref, self._step, self._shown = event.ref, "", False
        elif isinstance(event, Sending):
            self._step = event.step
        elif isinstance(event, Delta):
            self._shown = True
        event = event._replace(at=self._executor.clock.today())
        self._observer(event)
        answer = self._listener(event)
        if hasattr(answer, "__await__"):
            getattr(answer, "close", lambda: None)()
            raise TypeError("progress must be a plain function: nothing awaits an async one")

    async def _result(self, secrets: Resolver) -> Result:
        """The first candidate's result that comes. Raises ExecutionError."""
        candidates = list(enumerate(self._candidates))
        # OpenClaw adds providers that nobody asked for; those that a plan cannot use say nothing.
        asked = [(i, one) for i, one in candidates if not (one.automatic and one.problem)]
        candidates = asked or candidates
        for index, candidate in candidates:
            last = index == candidates[-1][0]
            course = Course(self._plan.failover)
            instruction = ""
            times = 0
            while True:
                self._tell(Trying(candidate.ref, times))
                try:
                    return await self._try(secrets, index, candidate, course.rotation, instruction)
                except FailureError as failure:
                    self._record(candidate, failure)
                    following = course.after(failure, others=not last)
                    moves = following.action == failover.MOVE
                    if following.action == failover.ROTATE:
                        moves = not await self._rotates(secrets, candidate, course)
                    if following.action == failover.END or (moves and last):
                        raise self._all_failed() from failure
                    if self._shown:
                        self._tell(Discarded(candidate.ref))
                    await self._settle(failure)
                    if moves:
                        break
                    await self._wait(following.wait_ms)
                    instruction = following.instruction
                    times += 1
        raise self._all_failed()

    async def _rotates(self, secrets: Resolver, candidate: Candidate, course: Course) -> bool:
        """Go on with the next auth profile; False when there is none."""
        clock = self._executor.clock
        try:
            key = await key_of(candidate, secrets, clock, course.rotation + 1)
        except FailureError:
            return False
        if key is not None:
            course.rotate()
        return key is not None

    async def _try(
        self,
        secrets: Resolver,
        index: int,
        candidate: Candidate,
        rotation: int,
        instruction: str,
    ) -> Result:
        attempt = None
        try:
            if self._attempt is not None:
                attempt = self._attempt(index)
                attempt = attempt.instructed(instruction) if instruction else attempt
        except CallError as problem:
            raise FailureError(ARGUMENT, problem.message) from problem
        except UnusableError as problem:
            raise FailureError(UNUSABLE, problem.message) from problem
        steps = await self._executor.steps(
            secrets,
            self._plan.surface,
            candidate,
            attempt,
            self._target,
            self._tell,
            self._job,
            self._limit_ms,
            rotation,
        )
        result = await steps.run()
        return result._replace(
            attempts=tuple(self._failed),
            normalization=attempt.normalization if attempt is not None else None,
        )

    def _record(self, candidate: Candidate, failure: FailureError) -> None:
        self._failed.append(
            FailedAttempt(
                candidate.ref,
                candidate.provider,
                candidate.model,
                failure.kind,
                failure.step,
                failure.message,
                failure.status,
                failure.request_id,
            )
        )
        self._tell(
            Failed(
                candidate.ref,
                failure.kind,
                failure.step,
                failure.message,
                failure.status,
                failure.request_id,
            )
        )

    async def _settle(self, failure: FailureError) -> None:
        if self._plan.failover.settle_ms and failure.step:
            await self._executor.clock.sleep(self._plan.failover.settle_ms / 1000)

    async def _wait(self, delay_ms: int) -> None:
        if not delay_ms:
            return
        self._tell(Waiting("", delay_ms / 1000, "trying the same model again"))
        await self._executor.clock.sleep(delay_ms / 1000)

    def _all_failed(self) -> ExecutionError:
        failed = tuple(self._failed)
        last = {attempt.ref: attempt.message for attempt in failed}
        if len(last) == 1:
            return ExecutionError(failed[-1].message, failed)
        message = " | ".join(f"{ref}: {message}" for ref, message in last.items())
        return ExecutionError(f"{self._plan.failover.all_failed} ({len(last)}): {message}", failed)


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
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        pass
    else:
        raise RuntimeError("an event loop is running here: use  await execute(...)")
    return asyncio.run(
        execute(
            bound,
            secrets,
            to=to,
            replace=replace,
            transport=transport,
            clock=clock,
            progress=progress,
        )
    )
