"""How a candidate is reached: its key, its real base URL, its proxy and certificates.

A plan names each of them by reference (docs/plan.md, "Keys" and "URLs"); here they are found.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from openclaw_config.plan.model import (
    BASE_URL,
    Candidate,
    Header,
    Link,
    Origin,
    Preflight,
    ProfileStore,
    Route,
    Step,
    SurfacePlan,
)
from openclaw_config.plan.urls import origin_of
from openclaw_config.runtime.errors import ExecutionError, FailureError, SecretError
from openclaw_config.runtime.mask import Mask, Secret
from openclaw_config.runtime.secrets import Resolver
from openclaw_config.runtime.transport import Clock, Headers, Policy

_MARKS = re.compile(r"[/\\?#&=@:]+")


class Access(NamedTuple):
    """How requests go out: the policy of their route, and the secrets of their headers.

    ``named`` are the secrets that headers name besides the ``key``; one that leads nowhere is
    None. ``mask`` hides all of them.
    """

    policy: Policy = Policy()
    key: Secret | None = None
    named: Mapping[str, Secret | None] = {}
    mask: Mask = Mask()

    def headers(self, step: Step) -> Headers:
        """The headers of a step's request, secrets included."""
        return Headers(pair for header in step.headers if (pair := self._header(header)))

    def _header(self, header: Header) -> tuple[str, str] | None:
        if not header.credential and not header.ref:
            return header.name, header.value
        secret = self.key if header.credential else self.named.get(header.ref)
        if secret is not None and not header.credential:
            secret = secret.trimmed()  # No header keeps white space at its ends (HTTP-05).
        # A reference that leads nowhere takes its header along (AUTH-23).
        return (header.name, f"{header.prefix}{secret.reveal()}") if secret is not None else None


async def access_to(
    candidate: Candidate, secrets: Resolver, clock: Clock, rotation: int = 0
) -> tuple[Candidate, Access]:
    """A candidate with its real base URL, and what its requests need. Raises FailureError.

    ``rotation`` is how many auth profiles are passed over.
    """
    route = candidate.route
    if route is not None and route.problem:
        raise FailureError("unusable", route.problem)
    key = await key_of(candidate, secrets, clock, rotation)
    refs = {header.ref for step in candidate.steps for header in step.headers if header.ref}
    named = {ref: await _found(ref, secrets) for ref in sorted(refs)}
    policy = await _policy(route, secrets)
    candidate, in_url = await _with_base_url(candidate, secrets)
    hidden = (key, *named.values(), *policy.secrets, *in_url)
    mask = Mask(secret for secret in hidden if secret is not None)
    return candidate, Access(policy, key, named, mask)


async def _found(ref: str, secrets: Resolver) -> Secret | None:
    try:
        return await secrets.resolve(ref)
    except SecretError as problem:
        raise FailureError("credential", f"{ref}: {problem.message}") from problem


async def _policy(route: Route | None, secrets: Resolver) -> Policy:
    """How a route is reached, with its secrets. Raises FailureError."""
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
    name = tls.get("serverName", "")
    return Policy(route.private, proxy.get("mode", ""), url, tuple(certificates), name)


# --- keys -------------------------------------------------------------------------------------

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
                raise FailureError("credential", f"{link.label}: {problem.message}") from problem
            reasons.append(problem.message)
            continue
        if rotation and (key is None) == (link.kind == "profiles"):
            break  # The profiles are used up, or it is not they that give the key.
        if key is not None and key:
            return key
    raise FailureError("credential", "; ".join((credential.missing, *reasons)))


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


# --- base URLs --------------------------------------------------------------------------------


async def _with_base_url(
    candidate: Candidate, secrets: Resolver
) -> tuple[Candidate, tuple[Secret, ...]]:
    """A candidate with its real base URL, and what of it is secret. Raises FailureError."""
    route = candidate.route
    if route is None or not route.base_url_ref:
        return candidate, ()
    ref = route.base_url_ref
    found = await _found(ref, secrets)
    base = found.reveal().strip().rstrip("/") if found is not None else ""
    if not base:
        raise FailureError("credential", f"{ref}: there is no base URL")
    public = set(_MARKS.split(route.base_url_shown))
    hidden = [base, *(part for part in _MARKS.split(base) if part not in public)]
    steps = tuple(_filled(step, base) for step in candidate.steps)
    return candidate._replace(steps=steps), tuple(Secret(part, ref) for part in hidden if part)


def _filled(step: Step, base: str) -> Step:
    named = step.url_from
    if named is not None:
        against, template = _put(named.against, base), named.template
        if template.startswith(BASE_URL):
            # Braces of the URL itself are no places to fill.
            template = base.replace("{", "%7B").replace("}", "%7D") + template[len(BASE_URL) :]
        named = named._replace(against=against, template=template)
    origin = step.origin or origin_of(base)
    return step._replace(url=_put(step.url, base), url_from=named, origin=origin)


def _put(text: str, base: str) -> str:
    return base + text[len(BASE_URL) :] if text.startswith(BASE_URL) else text


# --- what has to resolve first ----------------------------------------------------------------


class _Known:
    """A resolver with some secrets already found."""

    def __init__(self, secrets: Resolver, found: dict[str, Secret]) -> None:
        self._secrets = secrets
        self._found = found

    async def resolve(self, ref: str) -> Secret | None:
        return self._found.get(ref) or await self._secrets.resolve(ref)

    async def profile(self, store: ProfileStore, today: float, skip: int = 0) -> Secret | None:
        return await self._secrets.profile(store, today, skip)

    async def profile_refs(self, store: ProfileStore) -> list[str]:
        return await self._secrets.profile_refs(store)


async def preflight(plan: SurfacePlan, secrets: Resolver) -> Resolver:
    """Resolve what has to resolve before anything is sent (AUTH-22, SL-32).

    Gives a resolver that does not ask for the same again. Raises ExecutionError.
    """
    found: dict[str, Secret] = {}
    for item in [*plan.preflight, *await _profile_refs(plan, secrets)]:
        problem, cause = item.problem, None
        try:
            secret = None if problem else await secrets.resolve(item.ref)
        except SecretError as error:
            secret, problem, cause = None, error.message, error
        if secret is None or not secret.trimmed():
            problem = problem or "it is missing or empty"
            raise ExecutionError(f"{item.ref}: {problem}", stage="secrets") from cause
        found[item.ref] = secret
    return _Known(secrets, found) if found else secrets


async def _profile_refs(plan: SurfacePlan, secrets: Resolver) -> list[Preflight]:
    chains = [one.credential.chain for one in plan.candidates if one.credential is not None]
    links = [link for chain in chains for link in chain]
    stores = {link.profiles.path: link.profiles for link in links if link.profiles is not None}
    return [
        Preflight(ref, Origin("default", rule="SL-32"))
        for store in stores.values()
        for ref in await secrets.profile_refs(store)
    ]
