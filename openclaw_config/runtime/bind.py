"""From a plan and a call to requests: arguments checked, values fitted, bodies filled.

Nothing here sends anything, reads a secret or knows a provider.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openclaw_config.plan.model import Candidate, Json, SurfacePlan
from openclaw_config.runtime import arguments as reading
from openclaw_config.runtime.arguments import Arguments
from openclaw_config.runtime.attempt import Attempt, Request, mode_of
from openclaw_config.runtime.errors import CallError, UnusableError
from openclaw_config.runtime.inputs import Reader, read_regular
from openclaw_config.runtime.report import Normalization

TOOL = "tool"
"""The call comes in as an agent's tool call: the parameters' checks apply."""
DIRECT = "direct"
"""The call goes straight to generation: no checks."""


class Bound:
    """A call bound to a plan: which candidates are tried, and what is sent to each.

    ``candidates`` are in the order in which they are tried. Attempts are made ready when they are
    asked for, so a fallback that is never reached costs nothing.
    """

    __slots__ = ("_attempts", "_first", "arguments", "candidates", "entry", "plan")

    def __init__(
        self,
        plan: SurfacePlan,
        arguments: Arguments,
        candidates: tuple[Candidate, ...],
        entry: str,
    ) -> None:
        self.plan = plan
        self.arguments = arguments
        self.candidates = candidates
        self.entry = entry
        self._attempts: dict[int, Attempt] = {}
        self._first = -1

    @property
    def surface(self) -> str:
        """``chat``, ``image``, ``video`` or ``speech``."""
        return self.plan.surface

    def attempt(self, index: int) -> Attempt:
        """A candidate made ready. Raises CallError or UnusableError when it cannot be used."""
        found = self._attempts.get(index)
        if found is None:
            found = Attempt(self.plan, self.candidates[index], self.arguments)
            self._attempts[index] = found
        return found

    @property
    def first(self) -> Attempt:
        """The first candidate that can be used; ``bind`` has seen that there is one."""
        return self._attempts[self._first]

    @property
    def requests(self) -> tuple[Request, ...]:
        """The requests of the first usable candidate, secrets as references."""
        return self.first.requests()

    @property
    def normalization(self) -> Normalization:
        """What the first usable candidate makes of the call's values."""
        return self.first.normalization

    def find_first(self) -> None:
        """Make the first usable candidate ready. Raises CallError or UnusableError."""
        problems: list[CallError | UnusableError] = []
        for index in range(len(self.candidates)):
            try:
                self.attempt(index)
            except (CallError, UnusableError) as problem:
                problems.append(problem)
            else:
                self._first = index
                return
        raise _together(self.candidates, problems)

    def __repr__(self) -> str:
        return f"<{self.surface} call bound to {self.first.candidate.ref}>"


def _together(
    candidates: tuple[Candidate, ...], problems: list[CallError | UnusableError]
) -> Exception:
    """The error of a call that no candidate can carry out."""
    if len(problems) == 1:
        return problems[0]
    told = "; ".join(
        f"{candidate.ref}: {problem.message}"
        for candidate, problem in zip(candidates, problems, strict=True)
    )
    for problem in problems:
        if isinstance(problem, CallError):
            # The call could have succeeded, had it asked for something else.
            return CallError(problem.argument, f"no model can do this: {told}", problem.allowed)
    return UnusableError(f"no model can be used: {told}")


def bind(
    plan: SurfacePlan,
    call: Mapping[str, Any],
    *,
    entry: str = TOOL,
    fallback: bool = True,
    reader: Reader = read_regular,
) -> Bound:
    """Bind a call to a surface's plan.

    ``entry`` is ``tool`` or ``direct``. Without ``fallback`` only the first candidate is tried
    (TTS-31). ``reader`` reads input files that are given as paths.

    Raises CallError, which names the argument, when the call cannot succeed, and UnusableError
    when the plan has nothing to carry it out with.
    """
    arguments = reading.read(plan.parameters, call, tool=entry == TOOL, reader=reader)
    if plan.problem:
        raise UnusableError(plan.problem)
    candidates = _chosen(plan, arguments)
    if not candidates:
        raise UnusableError(f"the plan has no model for {plan.surface}")
    if entry == TOOL and plan.checked_candidate >= 0:
        _check_first(plan, candidates, arguments)
    bound = Bound(plan, arguments, candidates if fallback else candidates[:1], entry)
    bound.find_first()
    return bound


def _chosen(plan: SurfacePlan, arguments: Arguments) -> tuple[Candidate, ...]:
    """The candidates that the call lets, in the order in which they are tried."""
    candidates = plan.candidates
    for parameter in plan.parameters:
        value = arguments.values.get(parameter.name)
        if value is None:
            continue
        for check in parameter.checks:
            if check["check"] == "selects":
                candidates = _selected(candidates, parameter.name, check, value.strip())
    return candidates


def _selected(
    candidates: tuple[Candidate, ...], name: str, check: Json, wanted: str
) -> tuple[Candidate, ...]:
    if check["field"] == "ref":
        before, _, after = wanted.partition("/")
        if check.get("otherwise") == "ignore" and not (before.strip() and after.strip()):
            return candidates
        found = tuple(one for one in candidates if one.ref == wanted)
        if not found:
            known = tuple(candidate.ref for candidate in candidates)
            raise CallError(
                name, f"the plan was not compiled for the model {_shown(wanted)}", known
            )
        return found
    provider = wanted.lower()
    first = tuple(one for one in candidates if one.provider == provider)
    if not first:
        known = tuple(dict.fromkeys(candidate.provider for candidate in candidates))
        raise CallError(name, f"the plan has no provider {_shown(wanted)}", known)
    return (*first, *(one for one in candidates if one.provider != provider))


def _shown(text: str) -> str:
    return text[:80].encode("unicode_escape").decode("ascii")


def _check_first(
    plan: SurfacePlan, candidates: tuple[Candidate, ...], arguments: Arguments
) -> None:
    """The limits that a tool call must keep before anything is tried (VID-19)."""
    checked = plan.candidates[plan.checked_candidate]
    candidate = checked if checked in candidates else candidates[0]
    mode = mode_of(candidate, arguments)
    if mode is None:
        return
    for kind in mode.inputs:
        if not mode.enabled:
            raise CallError(kind, f"{candidate.ref} does not take {' and '.join(mode.inputs)}")
        most = dict(mode.limits).get(kind)
        if most is not None and len(arguments.inputs[kind]) > most:
            raise CallError(kind, f"{candidate.provider} takes at most {most} input {kind}")
