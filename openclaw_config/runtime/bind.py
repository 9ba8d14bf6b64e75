"""From a plan and a call to requests: arguments checked, values fitted, bodies filled.

Nothing here sends anything, reads a secret or knows a provider.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from urllib.parse import quote

from openclaw_config.facts import camel_case
from openclaw_config.plan.model import Candidate, Header, Mode, Step, SurfacePlan
from openclaw_config.plan.urls import origin_of
from openclaw_config.plan.values import SHAPES, escaped, is_number
from openclaw_config.runtime import arguments as reading
from openclaw_config.runtime.arguments import Arguments, Change, Normalization, fit
from openclaw_config.runtime.errors import CallError, UnusableError
from openclaw_config.runtime.inputs import Reader, read_file, share_out
from openclaw_config.runtime.template import Filler

NO_LIMIT_MS = 60_000
"""What a request may take whose call asks for a limit of 0 or less, in milliseconds."""


class BoundCandidate:
    """A candidate, ready for a call. Making one raises CallError or UnusableError.

    ``values`` and ``inputs`` are what the candidate's templates are filled from. ``plan`` is the
    surface that the candidate is one of.
    """

    def __init__(self, plan: SurfacePlan, candidate: Candidate, arguments: Arguments) -> None:
        if candidate.problem:
            raise UnusableError(candidate.problem, candidate.ref)
        self.candidate = candidate
        self.arguments = arguments
        self.plan = plan
        mode = mode_of(candidate, arguments)
        self.mode = mode.name if mode is not None else ""
        _check_inputs(candidate, mode, arguments)
        _check_options(candidate, arguments.values)
        self._fitted = fit(mode, arguments)
        self.values = self._fitted.values
        self.inputs = {
            kind: share_out(items, candidate.placing if kind == "images" else None)
            for kind, items in arguments.inputs.items()
        }
        _check_level(candidate, self.values)
        self._filler = Filler(self.values, self.inputs, facts_of(candidate))
        sent = [*filter(self.sends, candidate.steps)]
        if not sent:
            raise UnusableError("nothing is known of what this model takes", candidate.ref)
        self._bodies = {step.name: self._filler.body(step.body) for step in sent}

    def sends(self, step: Step) -> bool:
        """Whether a step is sent in the call's mode; several of one name are for several modes."""
        return not step.modes or self.mode in step.modes

    def instructed(self, text: str) -> BoundCandidate:
        """The same with a text added to its conversation (SL-24)."""
        from openclaw_config.runtime.conversations import with_instruction

        messages = with_instruction(self.values.get("messages", []), text)
        values = {**self.arguments.values, "messages": messages}
        return BoundCandidate(self.plan, self.candidate, replace(self.arguments, values=values))

    def _filled(self, step: Step, headers: tuple[Header, ...]) -> Step:
        """A step with its URL and these headers filled by the call; the absent ones left out."""
        url = step.url
        for name, template in (step.fill or {}).items():
            value = quote(str(self._filler.fill(template)), safe="!'()*~")
            url = url.replace(f"{{{name}}}", value)
        filled = ((one, self._filler.body(one.fill or one.value)) for one in headers)
        sent = (one._replace(value=str(value)) for one, value in filled if value is not None)
        return step._replace(url=url, headers=tuple(sent))

    def keyed(self, candidate: Candidate, key: str) -> Candidate:
        """The candidate as it is sent with a key, its steps filled by the call."""
        steps = []
        for step in filter(self.sends, candidate.steps):
            form = next((one for one in step.by_key if one.contains in key), None)
            body = self._bodies[step.name] if form is None else self._filler.body(form.body)
            filled = self._filled(step, step.headers if form is None else form.headers)
            steps.append(filled._replace(body=body, timeout_ms=timeout_ms(step, self.values)))
        return candidate._replace(steps=tuple(steps))

    @cached_property
    def normalization(self) -> Normalization:
        """What changed, what was dropped, and what no request takes."""
        dropped = (*self._fitted.dropped, *self._unsent())
        return Normalization(self.candidate.ref, self.mode, self._fitted.changes, dropped)

    def _unsent(self) -> tuple[Change, ...]:
        """Parameters that were given and that no request of this candidate holds."""
        used = {*self._filler.used, *_steering(self.plan), *limiting(self.candidate)}
        # What was worked out of other arguments was not asked for.
        used |= {one.parameter for one in self.arguments.changes if one.requested is None}
        given = {**self.values, **dict.fromkeys(self.inputs)}
        why = "no request to this model holds it"
        unsent = (name for name in given if name not in used)
        return tuple(Change(name, given[name], None, why, silent=True) for name in unsent)

    def requests(self) -> tuple[Step, ...]:
        """The candidate's requests, in order.

        The ``value`` of a header is what stands before its secret, which ``ref`` names.
        """
        key = key_reference(self.candidate)
        requests = []
        for step in self.keyed(self.candidate, "").steps:
            named = (
                Header(one.name, one.value or one.prefix, ref=key if one.credential else one.ref)
                for one in step.headers
            )
            requests.append(step._replace(headers=tuple(named), fill=None, by_key=()))
        return tuple(requests)


def timeout_ms(step: Step, values: Mapping[str, Any]) -> int:
    """The time limit of a step, in milliseconds: the call's own, else the plan's.

    A call's own limit of 0 or less, which only a direct call can have, is no limit that could be
    kept (SL-52, HTTP-07).
    """
    own = values.get(step.timeout_parameter) if step.timeout_parameter else None
    if not is_number(own):
        return step.timeout_ms
    return max(1, int(own)) if own > 0 else NO_LIMIT_MS


def deadline_ms(candidate: Candidate, values: Mapping[str, Any]) -> int:
    """What bounds all steps together, in milliseconds, 0 when nothing does (VID-41)."""
    value = values.get(candidate.deadline_parameter)
    return int(value) if is_number(value) and value > 0 else candidate.deadline_ms


def limiting(candidate: Candidate) -> set[str]:
    """The parameters that bound a candidate's steps."""
    return {candidate.deadline_parameter, *(step.timeout_parameter for step in candidate.steps)}


def _steering(plan: SurfacePlan) -> set[str]:
    """The parameters that steer a call and that no request is meant to hold.

    They select candidates, bound the call as a whole, or have only one value.
    """
    selecting = [name for name, _ in reading.checks_of(plan.parameters, "selects")]
    listing = reading.checks_of(plan.parameters, "oneOf")
    only = [name for name, check in listing if len(check["values"]) == 1]
    return {plan.failover.limit_parameter, *selecting, *only}


def key_reference(candidate: Candidate) -> str:
    """The reference of the key that will probably be used, "" when there is no chain."""
    chain = candidate.credential.chain if candidate.credential is not None else ()
    ranks = {"wins": 0, "unknown": 1}
    return next((link.ref for link in sorted(chain, key=lambda it: ranks.get(it.state, 2))), "")


def facts_of(candidate: Candidate) -> dict[str, Any]:
    """The facts that the plan has of a model, by the names that templates use."""
    facts = candidate.facts._asdict() if candidate.facts is not None else {}
    return {camel_case(name): value for name, value in facts.items()}


# --- what a candidate refuses -----------------------------------------------------------------


def mode_of(candidate: Candidate, arguments: Arguments) -> Mode | None:
    """The mode whose inputs are exactly the kinds that the call brings, or None (VID-02)."""
    kinds = tuple(sorted(kind for kind, items in arguments.inputs.items() if items))
    return next((mode for mode in candidate.modes if mode.inputs == kinds), None)


def _check_inputs(candidate: Candidate, mode: Mode | None, arguments: Arguments) -> None:
    if mode is not None and not mode.enabled:
        kind = mode.inputs[0] if mode.inputs else "images"
        raise CallError(kind, f"{candidate.ref} does not take {' and '.join(mode.inputs)}")
    enabled = [one for one in candidate.modes if one.enabled]
    taken = {
        kind for one in enabled for kind in (*one.inputs, *(k for k, n in one.limits if n > 0))
    }
    for kind, items in arguments.inputs.items():
        if mode is None and candidate.modes and items and kind not in taken:
            raise CallError(kind, f"{candidate.ref} does not take {kind}")


def _check_level(candidate: Candidate, values: Mapping[str, Any]) -> None:
    """A level that the model does not take is refused before anything is sent (COM-30)."""
    facts, level = candidate.facts, values.get("thinking")
    if facts is not None and facts.refused and level is not None and level not in facts.levels:
        message = facts.refused.replace("{value}", str(level))
        raise CallError("thinking", message, facts.levels)


def _check_options(candidate: Candidate, values: Mapping[str, Any]) -> None:
    """Provider options must be known and of their type (VID-21)."""
    options = values.get("providerOptions")
    if not options or not candidate.modes:
        return
    known = dict(candidate.options)
    for name, value in options.items():
        wrong = ""
        if name not in known:
            wrong = f"does not take the provider option {str(name)[:40]}"
        elif not SHAPES[known[name]](value):
            wrong = f"needs {name} in providerOptions to be a {known[name]}"
        if wrong:
            message = f"{candidate.ref} {wrong} (it takes {', '.join(known) or 'none'})"
            raise CallError("providerOptions", message, tuple(known))


TOOL = "tool"
"""The call comes in as an agent's tool call: the parameters' checks apply."""


@dataclass(eq=False, repr=False)
class Bound:
    """A call bound to a plan: which candidates are tried, and what is sent to each.

    ``candidates`` are in the order in which they are tried. Candidates are made ready when they are
    asked for, so a fallback that is never reached costs nothing.
    """

    plan: SurfacePlan
    arguments: Arguments
    candidates: tuple[Candidate, ...]
    entry: str
    _ready: dict[int, BoundCandidate] = field(default_factory=dict, init=False)

    def ready(self, index: int, listed: Candidate | None = None) -> BoundCandidate:
        """A candidate made ready, or that which a list of models made of it.

        Raises CallError or UnusableError when it cannot be used.
        """
        if listed is None and index in self._ready:
            return self._ready[index]
        arguments, parameters = self.arguments, self.plan.parameters
        if self.entry == TOOL:
            arguments = reading.inferred(arguments, parameters)
        made = BoundCandidate(self.plan, listed or self.candidates[index], arguments)
        if listed is None:
            self._ready[index] = made
        return made

    @cached_property
    def first(self) -> BoundCandidate:
        """The first candidate that can be used. Raises CallError or UnusableError without one."""
        problems: dict[str, CallError | UnusableError] = {}
        for candidate, found in self.tries():
            if isinstance(found, BoundCandidate):
                return found
            problems[candidate.ref] = found
        if len(problems) == 1:
            raise next(iter(problems.values()))
        reasons = "; ".join(f"{ref}: {one.message}" for ref, one in problems.items())
        # The call could have succeeded, had it asked for something else.
        for one in (one for one in problems.values() if isinstance(one, CallError)):
            raise CallError(one.argument, f"no model can do this: {reasons}", one.allowed)
        raise UnusableError(f"no model can be used: {reasons}")

    def tries(self) -> Iterator[tuple[Candidate, BoundCandidate | CallError | UnusableError]]:
        """Each candidate, ready for the call, or why it cannot do it."""
        for index, candidate in enumerate(self.candidates):
            try:
                yield candidate, self.ready(index)
            except (CallError, UnusableError) as problem:
                yield candidate, problem

    @property
    def requests(self) -> tuple[Step, ...]:
        """The requests of the first usable candidate, secrets as references.

        Before them go those that fetch the call's inputs.
        """
        return (*self.fetches, *self.first.requests())

    @property
    def fetches(self) -> tuple[Step, ...]:
        """The requests that fetch inputs before anything else (SL-55)."""
        every = [item for items in self.arguments.inputs.values() for item in items if item.fetch]
        return tuple(
            Step("fetch", "GET", it.url, origin_of(it.url), timeout_ms=it.fetch["timeoutMs"])
            for it in every
        )

    @property
    def normalization(self) -> Normalization:
        """What the first usable candidate makes of the call's values."""
        return self.first.normalization


def bind(
    plan: SurfacePlan,
    call: Mapping[str, Any],
    *,
    entry: str = TOOL,
    fallback: bool = True,
    reader: Reader = read_file,
) -> Bound:
    """Bind a call to a surface's plan.

    ``entry`` is ``tool`` or ``direct``. Without ``fallback`` only the first candidate is tried
    (TTS-31). ``reader`` reads input files that are given as paths.

    Raises CallError, which names the argument, when the call cannot succeed, and UnusableError
    when the plan has nothing to carry it out with.
    """
    arguments = reading.read(plan.parameters, call, entry == TOOL, reader)
    if plan.problem:
        raise UnusableError(plan.problem)
    candidates = tuple(one for one in _chosen(plan, arguments) if one.entry in ("", entry))
    if not candidates:
        raise UnusableError(f"the plan has no model for {plan.surface}")
    bound = Bound(plan, arguments, candidates if fallback else candidates[:1], entry)
    if entry == TOOL and plan.checked_candidate >= 0:
        checked = plan.candidates[plan.checked_candidate]
        _check_first(checked if checked in candidates else candidates[0], arguments)
    usable = [one for one in bound.candidates if not one.problem]
    if not usable or not (bound.fetches or any(one.live for one in usable)):
        # Raises when no candidate can be used, unless a list of models has to tell (VID-61), or
        # inputs are fetched before a model refuses them (IMG-10').
        _ = bound.first
    return bound


def _chosen(plan: SurfacePlan, arguments: Arguments) -> tuple[Candidate, ...]:
    """The candidates that the call lets, in the order in which they are tried."""
    candidates = plan.candidates
    for name, check in reading.checks_of(plan.parameters, "selects"):
        field, wanted = check["field"], arguments.values.get(name, "").strip()
        before, _, after = wanted.partition("/")
        vague = check.get("otherwise") == "ignore" and not (before.strip() and after.strip())
        if vague or name not in arguments.values:
            continue
        wanted = wanted.lower() if field == "provider" else wanted
        known = tuple(dict.fromkeys(getattr(one, field) for one in candidates))
        if wanted not in known:
            what = "has no provider" if field == "provider" else "was not compiled for the model"
            raise CallError(name, f"the plan {what} {escaped(wanted, 80)}", known)
        first = tuple(one for one in candidates if getattr(one, field) == wanted)
        others = [one for one in candidates if one not in first and field == "provider"]
        candidates = (*first, *others)
    return candidates


def _check_first(candidate: Candidate, arguments: Arguments) -> None:
    """The limits that a tool call must keep before anything is tried (VID-19)."""
    mode = mode_of(candidate, arguments)
    if mode is None or not mode.inputs:
        return
    _check_inputs(candidate, mode, arguments)
    for kind, most in mode.limits:
        if len(arguments.inputs.get(kind, ())) > most:
            raise CallError(kind, f"{candidate.provider} takes at most {most} input {kind}")
