"""The candidates of a call, in order, each with its key, until one gives a result."""

from __future__ import annotations

from openclaw_config.plan.model import Candidate
from openclaw_config.runtime import failover
from openclaw_config.runtime.access import access_to, key_of
from openclaw_config.runtime.errors import (
    CallError,
    ExecutionError,
    FailedAttempt,
    FailureError,
    UnusableError,
)
from openclaw_config.runtime.events import Discarded, Failed, Trying, Waiting
from openclaw_config.runtime.failover import Course
from openclaw_config.runtime.results import Result
from openclaw_config.runtime.session import Session
from openclaw_config.runtime.steps import StepRunner


async def first_result(session: Session, candidates: tuple[Candidate, ...]) -> Result:
    """The result of the first candidate that gives one. Raises ExecutionError."""
    numbered = list(enumerate(candidates))
    # OpenClaw adds providers that nobody asked for; those that a plan cannot use say nothing.
    numbered = [(i, one) for i, one in numbered if not (one.automatic and one.problem)] or numbered
    for index, candidate in numbered:
        result = await _tried(session, index, candidate, last=index == numbered[-1][0])
        if result is not None:
            return result
    raise _all_failed(session)


async def _tried(
    session: Session, index: int, candidate: Candidate, *, last: bool
) -> Result | None:
    """A candidate's result, None when another one is to be tried. Raises ExecutionError."""
    course = Course(session.plan.failover)
    instruction = ""
    times = 0
    while True:
        session.tell(Trying(candidate.ref, times))
        try:
            return await _once(session, index, candidate, course.rotation, instruction)
        except FailureError as failure:
            _record(session, candidate, failure)
            following = course.after(failure, others=not last)
            moves = following.action == failover.MOVE
            if following.action == failover.ROTATE:
                moves = not await _rotates(session, candidate, course)
            if following.action == failover.END or (moves and last):
                raise _all_failed(session) from failure
            if session.shown:
                session.tell(Discarded(candidate.ref))
            if session.plan.failover.settle_ms and failure.step:
                await session.clock.sleep(session.plan.failover.settle_ms / 1000)
        if moves:
            return None
        if following.wait_ms:
            seconds = following.wait_ms / 1000
            session.tell(Waiting("", seconds, "trying the same model again"))
            await session.clock.sleep(seconds)
        instruction = following.instruction
        times += 1


async def _once(
    session: Session, index: int, candidate: Candidate, rotation: int, instruction: str
) -> Result:
    ready = None
    try:
        if session.bound is not None:
            ready = session.bound.ready(index)
            ready = ready.instructed(instruction) if instruction else ready
    except CallError as problem:
        raise FailureError("argument", problem.message) from problem
    except UnusableError as problem:
        raise FailureError("unusable", problem.message) from problem
    reached, access = await access_to(candidate, session.secrets, session.clock, rotation)
    # No time limit of the candidate counts what making the first connection possible takes.
    await session.prepare()
    result = await StepRunner(session, reached, access, ready).run()
    return result._replace(
        attempts=tuple(session.failed),
        normalization=ready.normalization if ready is not None else None,
    )


async def _rotates(session: Session, candidate: Candidate, course: Course) -> bool:
    """Go on with the next auth profile; False when there is none."""
    try:
        key = await key_of(candidate, session.secrets, session.clock, course.rotation + 1)
    except FailureError:
        return False
    if key is not None:
        course.rotate()
    return key is not None


def _record(session: Session, candidate: Candidate, failure: FailureError) -> None:
    what = (failure.kind, failure.step, failure.message, failure.status, failure.request_id)
    ref, provider, model = candidate.ref, candidate.provider, candidate.model
    session.failed.append(FailedAttempt(ref, provider, model, *what))
    session.tell(Failed(ref, *what))


def _all_failed(session: Session) -> ExecutionError:
    failed = tuple(session.failed)
    last = {attempt.ref: attempt.message for attempt in failed}
    if len(last) == 1:
        return ExecutionError(failed[-1].message, failed)
    message = " | ".join(f"{ref}: {message}" for ref, message in last.items())
    return ExecutionError(f"{session.plan.failover.all_failed} ({len(last)}): {message}", failed)
