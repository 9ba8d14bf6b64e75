"""Executing a bound call: candidates in order, each with its key, until one gives a result.

An interpreter of plans. It knows no provider; what differs between them is in the plan.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from openclaw_config.plan.model import (
    Candidate,
    Header,
    Preflight,
    ProfileStore,
    Route,
    Step,
    SurfacePlan,
)
from openclaw_config.runtime import failover
from openclaw_config.runtime.arguments import is_number
from openclaw_config.runtime.attempt import Attempt
from openclaw_config.runtime.base_url import with_base_url
from openclaw_config.runtime.clock import Clock, RealClock
from openclaw_config.runtime.errors import (
    ARGUMENT,
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
from openclaw_config.runtime.events import Failed, Listener, Trying, Waiting, silent
from openclaw_config.runtime.exchange import Exchange
from openclaw_config.runtime.jobs import Job
from openclaw_config.runtime.keys import key_of
from openclaw_config.runtime.results import Result
from openclaw_config.runtime.saving import check_target
from openclaw_config.runtime.secret import Secret
from openclaw_config.runtime.secrets import Resolver
from openclaw_config.runtime.steps import Steps
from openclaw_config.runtime.transport import Policy, Transport

if TYPE_CHECKING:
    from openclaw_config.runtime.bind import Bound


class Executor:
    """Executes calls over shared connections; use one for many calls, on one event loop.

    ``secrets`` finds the keys that plans name. ``transport`` and ``clock`` are the real ones
    unless they are given. What model look-ups answer is kept for later calls.
    """

    __slots__ = ("_clock", "_looked_up", "_own", "_secrets", "_transport")

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

    async def __aenter__(self) -> Executor:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections, unless the transport is the caller's."""
        if self._own and self._transport is not None:
            transport, self._transport = self._transport, None
            await transport.close()

    async def run(
        self, bound: Bound, *, to: str | None = None, progress: Listener = silent
    ) -> Result:
        """Execute a bound call.

        ``to`` is the file, or the folder, that the result is written to; without it the bytes are
        in the result. ``progress`` hears what happens. Raises ExecutionError, and
        MissingExtraError when httpx is needed and not there.
        """
        target = self._target(to)
        secrets = await self._preflight(bound.plan.preflight)

        def attempt(index: int) -> Attempt:
            return bound.attempt(index)

        run = _Run(self, secrets, bound.plan, bound.candidates, attempt, target, progress)
        run.limit(bound.arguments.values.get(bound.plan.failover.limit_parameter))
        return await run.within_limit()

    async def resume(
        self,
        plan: SurfacePlan,
        job: Job,
        *,
        to: str | None = None,
        progress: Listener = silent,
    ) -> Result:
        """Pick up a job that was submitted before: only what comes after it is sent.

        Raises ExecutionError, also when the plan does not have the job's candidate.
        """
        candidate = next((one for one in plan.candidates if one.ref == job.ref), None)
        if candidate is None or job.surface != plan.surface:
            raise ExecutionError("the plan does not have the model of the saved job", kind=UNUSABLE)
        target = self._target(to)
        secrets = await self._preflight(plan.preflight)
        run = _Run(self, secrets, plan, (candidate,), None, target, progress, dict(job.responses))
        return await run.within_limit()

    def _target(self, to: str | None) -> str:
        if to is None:
            return ""
        try:
            check_target(to)
        except FailureError as failure:
            raise ExecutionError(failure.message, kind=failure.kind) from failure
        return to

    async def _preflight(self, refs: tuple[Preflight, ...]) -> Resolver:
        """Resolve what has to resolve before anything is sent (AUTH-22).

        Gives a resolver that does not ask for the same again. Raises ExecutionError.
        """
        found: dict[str, Secret] = {}
        for item in refs:
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

    def transport(self) -> Transport:
        """The transport, made when it is first needed."""
        if self._transport is None:
            from openclaw_config.runtime.http import HttpxTransport

            self._transport = HttpxTransport()
        return self._transport

    async def steps(
        self,
        secrets: Resolver,
        surface: str,
        candidate: Candidate,
        attempt: Attempt | None,
        target: str,
        tell: Listener,
        responses: dict[str, Any] | None,
        run_ms: int,
    ) -> Steps:
        """A candidate with its key in hand, ready to go. Raises FailureError."""
        route = candidate.route
        if route is not None and route.problem:
            raise FailureError(UNUSABLE, route.problem)
        key = await key_of(candidate, secrets, self._clock)
        named = await _named(candidate, secrets)
        policy = await _policy(route, secrets)
        candidate, in_url = await with_base_url(candidate, secrets)
        masked = tuple(secret for secret in (key, *named.values(), *in_url) if secret is not None)
        headers = _header_maker(key, named)
        exchange = Exchange(self.transport(), self._clock, policy, headers, masked, tell)
        return Steps(
            surface,
            candidate,
            attempt,
            exchange,
            self._clock,
            tell,
            target=target,
            responses=responses,
            looked_up=self._looked_up,
            run_ms=run_ms,
        )

    @property
    def clock(self) -> Clock:
        """The clock."""
        return self._clock


class _Known:
    """A resolver with some secrets already at hand."""

    __slots__ = ("_found", "_secrets")

    def __init__(self, secrets: Resolver, found: dict[str, Secret]) -> None:
        self._secrets = secrets
        self._found = found

    async def resolve(self, ref: str) -> Secret | None:
        return self._found.get(ref) or await self._secrets.resolve(ref)

    async def profile(self, store: ProfileStore, today: float) -> Secret | None:
        return await self._secrets.profile(store, today)


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


def _header_maker(
    key: Secret | None, named: dict[str, Secret | None]
) -> Callable[[Step], tuple[tuple[str, str], ...]]:
    def made(header: Header) -> tuple[str, str] | None:
        if not header.credential and not header.ref:
            return header.name, header.value
        secret = key if header.credential else named.get(header.ref)
        if secret is not None and not header.credential:
            secret = secret.trimmed()  # No header keeps white space at its ends (HTTP-05).
        # A reference that leads nowhere takes its header along (AUTH-23).
        return (header.name, f"{header.prefix}{secret.reveal()}") if secret is not None else None

    def headers(step: Step) -> tuple[tuple[str, str], ...]:
        return tuple(pair for header in step.headers if (pair := made(header)) is not None)

    return headers


class _Run:
    """One call going through its candidates."""

    __slots__ = (
        "_attempt", "_candidates", "_executor", "_failed", "_limit_ms", "_plan", "_responses",
        "_secrets", "_target", "_tell",
    )  # fmt: skip

    def __init__(
        self,
        executor: Executor,
        secrets: Resolver,
        plan: SurfacePlan,
        candidates: tuple[Candidate, ...],
        attempt: Callable[[int], Attempt] | None,
        target: str,
        tell: Listener,
        responses: dict[str, Any] | None = None,
    ) -> None:
        self._executor = executor
        self._secrets = secrets
        self._plan = plan
        self._candidates = candidates
        self._attempt = attempt
        self._target = target
        self._tell = tell
        self._responses = responses
        self._failed: list[FailedAttempt] = []
        self._limit_ms = plan.failover.limit_ms

    def limit(self, seconds: Any) -> None:
        """Let the call's own limit, in seconds, replace the plan's."""
        if is_number(seconds) and seconds > 0:
            self._limit_ms = max(1, int(seconds * 1000))

    async def within_limit(self) -> Result:
        """The result, within the limit of all tries together. Raises ExecutionError."""
        try:
            async with self._executor.clock.limit(self._limit_ms / 1000 or None):
                return await self.result()
        except TimeoutError as late:
            message = f"no result within {self._limit_ms} ms in all"
            raise ExecutionError(message, tuple(self._failed), kind=TIMEOUT) from late

    async def result(self) -> Result:
        """The first candidate's result that comes. Raises ExecutionError."""
        for index, candidate in enumerate(self._candidates):
            again = list(self._plan.failover.rerun_delays_ms)
            times = 0
            while True:
                self._tell(Trying(candidate.ref, times))
                try:
                    return await self._try(index, candidate)
                except FailureError as failure:
                    self._record(candidate, failure)
                    if not failover.moves_on(self._plan.failover.policy, failure):
                        raise self._all_failed() from failure
                    if self._is_over(index, again, failure):
                        raise self._all_failed() from failure
                    await self._settle()
                    if not again or not failover.may_pass(failure):
                        break
                    await self._wait(again.pop(0))
                    times += 1
        raise self._all_failed()

    def _is_over(self, index: int, again: list[int], failure: FailureError) -> bool:
        last = index == len(self._candidates) - 1
        return last and not (again and failover.may_pass(failure))

    async def _try(self, index: int, candidate: Candidate) -> Result:
        attempt = None
        try:
            if self._attempt is not None:
                attempt = self._attempt(index)
        except CallError as problem:
            raise FailureError(ARGUMENT, problem.message) from problem
        except UnusableError as problem:
            raise FailureError(UNUSABLE, problem.message) from problem
        steps = await self._executor.steps(
            self._secrets,
            self._plan.surface,
            candidate,
            attempt,
            self._target,
            self._tell,
            self._responses,
            self._limit_ms,
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
            )
        )
        self._tell(Failed(candidate.ref, failure.kind, failure.step, failure.message))

    async def _settle(self) -> None:
        if self._plan.failover.settle_ms:
            await self._executor.clock.sleep(self._plan.failover.settle_ms / 1000)

    async def _wait(self, delay_ms: int) -> None:
        self._tell(Waiting("", delay_ms / 1000, "trying the same model again"))
        await self._executor.clock.sleep(delay_ms / 1000)

    def _all_failed(self) -> ExecutionError:
        failed = tuple(self._failed)
        last = {attempt.ref: attempt.message for attempt in failed}
        if len(last) == 1:
            return ExecutionError(failed[-1].message, failed)
        told = " | ".join(f"{ref}: {message}" for ref, message in last.items())
        return ExecutionError(f"{self._plan.failover.all_failed} ({len(last)}): {told}", failed)


async def execute(
    bound: Bound,
    secrets: Resolver,
    *,
    to: str | None = None,
    transport: Transport | None = None,
    clock: Clock | None = None,
    progress: Listener = silent,
) -> Result:
    """Execute one bound call. See ``Executor.run``; for many calls use one ``Executor``."""
    async with Executor(secrets, transport=transport, clock=clock) as executor:
        return await executor.run(bound, to=to, progress=progress)


def execute_sync(
    bound: Bound,
    secrets: Resolver,
    *,
    to: str | None = None,
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
        execute(bound, secrets, to=to, transport=transport, clock=clock, progress=progress)
    )
