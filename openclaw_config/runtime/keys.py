"""Walking a credential chain until a link yields a key (docs/plan.md, "Keys")."""

from __future__ import annotations

from openclaw_config.plan.model import Candidate, Link
from openclaw_config.runtime.clock import Clock
from openclaw_config.runtime.errors import CREDENTIAL, FailureError, SecretError
from openclaw_config.runtime.secret import Secret
from openclaw_config.runtime.secrets import Resolver

_NO_KEYS = frozenset({"marker", "unusable"})
"""States in which a link holds no key whatever stands there."""


async def key_of(
    candidate: Candidate, secrets: Resolver, clock: Clock, rotation: int = 0
) -> Secret | None:
    """The candidate's key, None when it needs none. Raises FailureError.

    ``rotation`` is how many auth profiles are passed over, where it is they that give the key
    (SL-31); there is no key when no other profile is left.
    """
    credential = candidate.credential
    if credential is None:
        return None
    reasons = []
    for link in credential.chain:
        if link.state in _NO_KEYS:
            continue
        try:
            key = await _of_link(link, secrets, clock, rotation)
        except SecretError as problem:
            if link.verbatim:
                raise FailureError(CREDENTIAL, f"{link.label}: {problem.message}") from problem
            reasons.append(problem.message)
            continue
        if rotation and (key is None) == (link.kind == "profiles"):
            break  # The profiles are used up, or it is not they that give the key.
        if key is not None and key:
            return key
    raise FailureError(CREDENTIAL, "; ".join((credential.missing, *reasons)))


async def _of_link(link: Link, secrets: Resolver, clock: Clock, rotation: int) -> Secret | None:
    if link.kind == "profiles":
        if link.profiles is None:
            return None
        found = await secrets.profile(link.profiles, clock.today(), rotation)
    else:
        found = await secrets.resolve(link.ref)
    if found is None:
        if link.verbatim and link.kind == "config" and not link.ref.startswith("config:"):
            # Speech does not pass over a reference that leads nowhere (AUTH-60).
            raise SecretError(link.ref, "the reference leads to no secret")
        return None
    return found.trimmed() if link.verbatim else found.cleaned()
