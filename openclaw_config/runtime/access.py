"""What a call has while it runs, and how its candidates are reached.

A plan names keys, base URLs, proxies and certificates by reference (docs/plan.md, "Keys" and
"URLs"); here they are found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from openclaw_config.plan.model import BASE_URL, Candidate, Header, Link, Route, Step, SurfacePlan
from openclaw_config.plan.urls import origin_of
from openclaw_config.runtime.errors import (
    ExecutionError,
    FailedAttempt,
    FailureError,
    FailureKind,
    SecretError,
)
from openclaw_config.runtime.events import Delta, Event, Listener, Sending, Trying, observe
from openclaw_config.runtime.mask import Mask, Secret
from openclaw_config.runtime.results import Job, Target
from openclaw_config.runtime.secrets import Resolver
from openclaw_config.runtime.transport import Clock, Connections, Headers, Policy

if TYPE_CHECKING:
    from openclaw_config.runtime.bind import Bound

_MARKS = re.compile(r"[/\\?#&=@:]+")


@dataclass(kw_only=True, slots=True)
class Session:
    """One call being carried out, or one saved ``job`` being picked up.

    ``bound`` is None for a job, whose remaining steps have no bodies. ``looked_up`` keeps what
    model look-ups answered, by URL, for later calls. ``limit_ms`` bounds all tries together, 0
    without a limit. ``listener`` gets the events.
    """

    plan: SurfacePlan
    secrets: Resolver
    transport: Connections
    clock: Clock
    listener: Callable[[Event], Any]
    looked_up: dict[str, Any]
    target: Target | None = None
    bound: Bound | None = None
    job: Job | None = None
    limit_ms: int = 0
    failed: list[FailedAttempt] = field(default_factory=list)
    observer: Listener = observe
    # The secrets that had to resolve before anything was sent, by reference.
    found: dict[str, Secret] = field(default_factory=dict)
    # What runs just now: the candidate, its step, and whether some of its answer was shown.
    ref: str = ""
    step: str = ""
    shown: bool = False

    def tell(self, event: Event) -> None:
        """Pass an event on, with its time. Raises TypeError when the listener is no plain one."""
        if isinstance(event, Trying):
            self.ref, self.step, self.shown = event.ref, "", False
        elif isinstance(event, Sending):
            self.step = event.step
        elif isinstance(event, Delta):
            self.shown = True
        event = event._replace(at=self.clock.today())
        self.observer(event)
        answer = self.listener(event)
        if hasattr(answer, "__await__"):
            getattr(answer, "close", lambda: None)()
            raise TypeError("progress must be a plain function: nothing awaits an async one")

    def ended(self, message: str, kind: FailureKind) -> ExecutionError:
        """The failure of a call that something ended while it ran."""
        where = f", while {self.ref} was at {self.step}" if self.step else ""
        before = f"; before: {self.failed[-1].message}" if self.failed else ""
        failed = tuple(self.failed)
        return ExecutionError(f"{message}{where}{before}", failed, kind=kind, step=self.step)

    async def resolve(self, ref: str) -> Secret | None:
        """The secret of a reference, None when it is not set. Raises SecretError."""
        return self.found.get(ref) or await self.secrets.resolve(ref)

    async def preflight(self) -> None:
        """Find what has to resolve before anything is sent (AUTH-22, SL-32).

        Nothing found is asked for again. Raises ExecutionError.
        """
        chains = [one.credential.chain for one in self.plan.candidates if one.credential]
        links = [link for chain in chains for link in chain]
        stores = {link.profiles.path: link.profiles for link in links if link.profiles is not None}
        needed = [(one.ref, one.problem) for one in self.plan.preflight]
        for store in stores.values():
            needed += [(ref, "") for ref in await self.secrets.profile_refs(store)]
        for ref, problem in needed:
            try:
                secret = None if problem else await self.secrets.resolve(ref)
                if secret is None or not secret.trimmed():
                    raise SecretError(ref, problem or "it is missing or empty")
            except SecretError as error:
                raise ExecutionError(f"{ref}: {error.message}", stage="secrets") from error
            self.found[ref] = secret


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
    candidate: Candidate, session: Session, rotation: int = 0
) -> tuple[Candidate, Access]:
    """A candidate with its real base URL, and what its requests need. Raises FailureError.

    ``rotation`` is how many auth profiles are passed over.
    """
    route = candidate.route
    if route is not None and route.problem:
        raise FailureError("unusable", route.problem)
    key = await key_of(candidate, session, rotation)
    refs = {header.ref for step in candidate.steps for header in step.headers if header.ref}
    named = {ref: await _found(ref, session) for ref in sorted(refs)}
    policy = Policy() if route is None else await _policy(route, session)
    hidden = [*policy.secrets, *(one for one in (key, *named.values()) if one is not None)]
    if route is not None and route.base_url_ref:
        base = await _base_url(route.base_url_ref, session)
        steps = tuple(_with_base_url(step, base) for step in candidate.steps)
        candidate = candidate._replace(steps=steps)
        secret = {base, *_MARKS.split(base)} - {"", *_MARKS.split(route.base_url_shown)}
        hidden += map(Secret, secret)
    return candidate, Access(policy, key, named, Mask(hidden))


async def _found(ref: str, session: Session) -> Secret | None:
    try:
        return await session.resolve(ref)
    except SecretError as problem:
        raise FailureError("credential", f"{ref}: {problem.message}") from problem


async def _policy(route: Route, session: Session) -> Policy:
    """How a route is reached, with its secrets. Raises FailureError."""
    settings = route.transport or {}
    proxy, tls = settings.get("proxy") or {}, settings.get("tls") or {}
    url = await _found(proxy["url"], session) if proxy.get("url") else None
    names = [name for name in ("ca", "cert", "key", "passphrase") if name in tls]
    secrets = [(name, await _found(tls[name], session)) for name in names]
    certificates = tuple((name, secret) for name, secret in secrets if secret is not None)
    server = tls.get("serverName", "")
    return Policy(route.private, proxy.get("mode", ""), url, certificates, server)


# --- keys -------------------------------------------------------------------------------------

_NO_KEYS = frozenset({"marker", "unusable"})
"""States in which a link holds no key whatever stands there."""


async def key_of(candidate: Candidate, session: Session, rotation: int = 0) -> Secret | None:
    """The candidate's key, None when it needs none. Raises FailureError.

    ``rotation`` is how many keys are passed over: auth profiles, where it is they that give the key
    (SL-31), or those of a chain with ``more`` keys (STT-21). There is none when no other is left.
    """
    credential = candidate.credential
    if credential is None:
        return None
    if rotation and credential.more:
        keys = [await key_of(candidate, session), *await _listed(credential.more, session)]
        each = {key.reveal(): key for key in keys if key}
        return next(iter([*each.values()][rotation:]), None)
    reasons = []
    for link in credential.chain:
        if link.state in _NO_KEYS:
            continue
        try:
            key = await _of_link(link, session, rotation)
        except SecretError as problem:
            if link.verbatim or (link.kind == "config" and link.profiles is not None):
                raise FailureError("credential", f"{link.label}: {problem.message}") from problem
            reasons.append(problem.message)
            continue
        if rotation and (key is None) == (link.kind == "profiles"):
            break  # The profiles are used up, or it is not they that give the key.
        if key:
            return key
    raise FailureError("credential", "; ".join((credential.missing, *reasons)))


async def _listed(refs: tuple[str, ...], session: Session) -> list[Secret]:
    """The keys of some variables, each a list."""
    found = [(ref, await session.resolve(ref)) for ref in refs]
    texts = ((ref, re.split("[,;]", secret.reveal())) for ref, secret in found if secret)
    return [Secret(text, ref).cleaned() for ref, keys in texts for text in keys]


async def _of_link(link: Link, session: Session, rotation: int) -> Secret | None:
    store, found = link.profiles, None
    if link.kind != "profiles":
        found, rotation = await session.resolve(link.ref), 0
    if store is not None and found is not None:  # What stands there is a profile's id (AUTH-24).
        store = store._replace(only=found.cleaned().reveal())
    if store is not None and (store.only or link.kind == "profiles"):
        found = await session.secrets.profile(store, session.clock.today(), rotation)
    if found is not None:
        return found.trimmed() if link.verbatim else found.cleaned()
    if link.verbatim and link.kind == "config" and not link.ref.startswith("config:"):
        # Speech does not pass over a reference that leads nowhere (AUTH-60).
        raise SecretError(link.ref, "the reference leads to no secret")
    return None


# --- base URLs --------------------------------------------------------------------------------


async def _base_url(ref: str, session: Session) -> str:
    found = await _found(ref, session)
    base = found.reveal().strip().rstrip("/") if found is not None else ""
    if not base:
        raise FailureError("credential", f"{ref}: there is no base URL")
    return base


def _with_base_url(step: Step, base: str) -> Step:
    named = step.url_from
    if named is not None:
        # Braces of the URL itself are no places to fill.
        template = _put(named.template, base.replace("{", "%7B").replace("}", "%7D"))
        named = named._replace(against=_put(named.against, base), template=template)
    origin = step.origin or origin_of(base)
    return step._replace(url=_put(step.url, base), url_from=named, origin=origin)


def _put(text: str, base: str) -> str:
    return base + text[len(BASE_URL) :] if text.startswith(BASE_URL) else text
