"""What a plan needs to be given: keys, and the variables that the config's text names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from openclaw_config import registry
from openclaw_config.plan.model import CHAT, Candidate, Plan, SurfacePlan

SET, MISSING, UNKNOWN = "set", "missing", "unknown"


class Need(NamedTuple):
    """Variables of which any one suffices.

    ``state`` is ``set``, ``missing``, or ``unknown`` where only the environment in which the config
    runs can tell. ``uses`` are key paths that name the variable, or whose key it is.
    """

    any_of: tuple[str, ...]
    state: str
    uses: tuple[str, ...]


def needs(plans: Iterable[Plan]) -> tuple[Need, ...]:
    """What plans need, sorted by name.

    What nobody asked for and cannot be used needs nothing, nor does a request whose key another
    place gives.
    """
    states: dict[tuple[str, ...], str] = {}
    uses: dict[tuple[str, ...], set[str]] = {}
    for plan in plans:
        known = {variable.name: variable.state for variable in plan.environment}
        for variable in plan.environment:
            named = {use for use in variable.uses if not use.startswith("key of ")}
            if named:
                states[variable.name,] = variable.state
                uses.setdefault((variable.name,), set()).update(named)
        for candidate in (one for surface in plan.surfaces for one in surface.candidates):
            names = _variables(candidate)
            if not names:
                continue
            found = {known.get(name, MISSING) for name in names}
            state = next((one for one in (SET, UNKNOWN) if one in found), MISSING)
            if state == MISSING and _may_have_key(plan, candidate):
                state = UNKNOWN
            states.setdefault(names, state)
            uses.setdefault(names, set()).add(f"key of {candidate.provider}")
    return tuple(Need(names, states[names], tuple(sorted(uses[names]))) for names in sorted(uses))


def without_key(plan: Plan) -> tuple[SurfacePlan, ...]:
    """The surfaces that somebody uses and that find no key at all: chat, and what is configured.

    A surface with a candidate that this version does not compile may do without one.
    """
    return tuple(
        surface
        for surface in plan.surfaces
        if surface.candidates
        and (surface.surface == CHAT or surface.origin.kind == "config")
        and not any(one.problem or _may_have_key(plan, one) for one in surface.candidates)
    )


def _variables(candidate: Candidate) -> tuple[str, ...]:
    """The variables that may give a candidate's key, where none but they do."""
    if candidate.credential is None or (candidate.problem and candidate.origin.kind == "default"):
        return ()
    chain = candidate.credential.chain
    winner = next((link for link in chain if link.state == "wins"), None)
    if winner is None and candidate.automatic:
        return ()  # OpenClaw tries it where there is a key.
    links = chain if winner is None else (winner,)
    return tuple(
        link.ref.removeprefix("env:")
        for link in links
        if link.ref.startswith("env:") and link.state != "shadowed"
    )


def _may_have_key(plan: Plan, candidate: Candidate) -> bool:
    provider = registry.provider(plan.target, candidate.provider)
    if candidate.credential is None or (provider is not None and provider.keyless):
        return True
    links = candidate.credential.chain
    stores = (link.profiles for link in links if link.profiles)
    return any(link.state in ("wins", UNKNOWN) for link in links) or any(
        store.order or store.modes or store.only for store in stores
    )
