"""Sending the requests of one candidate: its key and route, redirects, time limits, failures.

A plan names keys, base URLs, proxies and certificates by reference (docs/plan.md, "Keys" and
"URLs"); here they are found. Headers of ours, the key among them, go to the step's own origin and
nowhere else. Once a request has been redirected to another origin it stays without them, even when
it comes back.
"""

from __future__ import annotations

import base64
import json
import re
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from openclaw_config.plan import model
from openclaw_config.plan.urls import Url, UrlError, is_local, origin_of, sendable
from openclaw_config.plan.values import first_at, json_of, stringify, text_at
from openclaw_config.runtime import errors, events, failover
from openclaw_config.runtime.events import Delta, Event, Listener, Sending, Trying, observe
from openclaw_config.runtime.results import Job, Target
from openclaw_config.runtime.secrets import Mask, Resolver, Secret
from openclaw_config.runtime.transport import (
    Clock,
    Connections,
    Headers,
    Incoming,
    Outgoing,
    Policy,
)

if TYPE_CHECKING:
    from openclaw_config.runtime.bind import Bound

MOST_REDIRECTS = 3
MOST_JSON = 16 * 1024 * 1024
"""The largest JSON answer that is read, in bytes."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})

_MARKS = re.compile(r"[/\\?#&=@:]+")


@dataclass(kw_only=True, slots=True)
class Session:
    """One call being carried out, or one saved ``job`` being picked up.

    ``bound`` is None for a job, whose remaining steps have no bodies. ``looked_up`` keeps what
    model look-ups answered, by URL, for later calls. ``limit_ms`` bounds all tries together, 0
    without a limit. ``listener`` gets the events.
    """

    plan: model.SurfacePlan
    secrets: Resolver
    transport: Connections
    clock: Clock
    listener: Callable[[Event], Any]
    looked_up: dict[str, Any]
    target: Target | None = None
    bound: Bound | None = None
    job: Job | None = None
    limit_ms: int = 0
    failed: list[errors.FailedAttempt] = field(default_factory=list)
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

    def ended(self, message: str, kind: errors.FailureKind) -> errors.ExecutionError:
        """The failure of a call that something ended while it ran."""
        where = f", while {self.ref} was at {self.step}" if self.step else ""
        before = f"; before: {self.failed[-1].message}" if self.failed else ""
        return errors.ExecutionError(
            f"{message}{where}{before}", tuple(self.failed), kind=kind, step=self.step
        )

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
                    raise errors.SecretError(ref, problem or "it is missing or empty")
            except errors.SecretError as error:
                raise errors.ExecutionError(f"{ref}: {error.message}", stage="secrets") from error
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

    def headers(self, step: model.Step) -> Headers:
        """The headers of a step's request, secrets included."""
        return Headers(pair for header in step.headers if (pair := self._header(header)))

    def _header(self, header: model.Header) -> tuple[str, str] | None:
        if not header.credential and not header.ref:
            return header.name, header.value
        secret = self.key if header.credential else self.named.get(header.ref)
        if secret is not None and header.member:
            members = json_of(secret.reveal())
            token = members.get(header.member) if isinstance(members, dict) else None
            secret = Secret(token, secret.source) if isinstance(token, str) else secret
        if secret is not None and not header.credential:
            secret = secret.trimmed()  # No header keeps white space at its ends (HTTP-05).
        # A reference that leads nowhere takes its header along (AUTH-23).
        return (header.name, f"{header.prefix}{secret.reveal()}") if secret is not None else None


async def access_to(
    candidate: model.Candidate, session: Session, rotation: int = 0
) -> tuple[model.Candidate, Access]:
    """A candidate with its real base URL, and what its requests need. Raises FailureError.

    ``rotation`` is how many auth profiles are passed over.
    """
    route = candidate.route
    if route is not None and route.problem:
        raise errors.FailureError("unusable", route.problem)
    key = await key_of(candidate, session, rotation)
    refs = {header.ref for step in candidate.steps for header in step.headers if header.ref}
    named = {ref: await _found(ref, session) for ref in sorted(refs)}
    policy = Policy() if route is None else await _policy(route, session)
    hidden = [*policy.secrets, *(one for one in (key, *named.values()) if one is not None)]
    if route is not None and route.base_url_ref:
        base = (await _base_url(route.base_url_ref, session)).removesuffix(route.cut)
        steps = tuple(_with_base_url(step, base) for step in candidate.steps)
        candidate = candidate._replace(steps=steps)
        secret = {base, *_MARKS.split(base)} - {"", *_MARKS.split(route.base_url_shown)}
        hidden += map(Secret, secret)
    return candidate, Access(policy, key, named, Mask(hidden))


async def _found(ref: str, session: Session) -> Secret | None:
    try:
        return await session.resolve(ref)
    except errors.SecretError as problem:
        raise errors.FailureError("credential", f"{ref}: {problem.message}") from problem


async def _policy(route: model.Route, session: Session) -> Policy:
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


async def key_of(candidate: model.Candidate, session: Session, rotation: int = 0) -> Secret | None:
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
        except errors.SecretError as problem:
            if link.verbatim or (link.kind == "config" and link.profiles is not None):
                raise errors.FailureError(
                    "credential", f"{link.label}: {problem.message}"
                ) from problem
            reasons.append(problem.message)
            continue
        if rotation and (key is None) == (link.kind == "profiles"):
            break  # The profiles are used up, or it is not they that give the key.
        if key:
            return key
    if not credential.missing and not reasons:
        return None  # A local server does without (COM-10).
    raise errors.FailureError("credential", "; ".join((credential.missing, *reasons)))


async def _listed(refs: tuple[str, ...], session: Session) -> list[Secret]:
    """The keys of some variables, each a list."""
    found = [(ref, await session.resolve(ref)) for ref in refs]
    texts = ((ref, re.split("[,;]", secret.reveal())) for ref, secret in found if secret)
    return [Secret(text, ref).cleaned() for ref, keys in texts for text in keys]


async def _of_link(link: model.Link, session: Session, rotation: int) -> Secret | None:
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
        raise errors.SecretError(link.ref, "the reference leads to no secret")
    return None


# --- base URLs --------------------------------------------------------------------------------


async def _base_url(ref: str, session: Session) -> str:
    found = await _found(ref, session)
    base = found.reveal().strip().rstrip("/") if found is not None else ""
    if not base:
        raise errors.FailureError("credential", f"{ref}: there is no base URL")
    return base


def _with_base_url(step: model.Step, base: str) -> model.Step:
    named = step.url_from
    if named is not None:
        # Braces of the URL itself are no places to fill.
        template = _put(named.template, base.replace("{", "%7B").replace("}", "%7D"))
        named = named._replace(against=_put(named.against, base), template=template)
    origin = step.origin or origin_of(base)
    return step._replace(url=_put(step.url, base), url_from=named, origin=origin)


def _put(text: str, base: str) -> str:
    return base + text[len(model.BASE_URL) :] if text.startswith(model.BASE_URL) else text


# --- requests ------------------------------------------------------------------------------------


class Exchange:
    """Sends a candidate's requests. What servers say passes the ``mask``, in events too."""

    def __init__(self, session: Session, access: Access) -> None:
        self._transport = session.transport
        self._clock = session.clock
        self._access = access
        self.mask = access.mask
        self.tell = events.masked(session.tell, access.mask)
        self._counts: dict[str, int] = {}

    async def json(
        self, step: model.Step, url: str, body: model.Json, limit_ms: int, most: int = MOST_JSON
    ) -> Any:
        """What a request answers: a JSON object or a list. Raises FailureError."""
        async with self.answer(step, url, body, limit_ms) as incoming:
            data = await self.read(step, incoming, most)
        value = json_of(data.decode("utf-8-sig", "replace"))
        if not isinstance(value, dict | list):
            raise errors.failed(step, "response", "the answer is not a JSON object")
        return value

    @asynccontextmanager
    async def answer(
        self, step: model.Step, url: str, body: model.Json, limit_ms: int
    ) -> AsyncIterator[Incoming]:
        """The answer to a step's request, to be read within a time limit. Raises FailureError."""
        async with self.within(step, limit_ms):
            incoming = await self.open(step, url, body, limit_ms)
            try:
                yield incoming
            finally:
                await incoming.close()

    @asynccontextmanager
    async def within(self, step: model.Step, limit_ms: int = 0) -> AsyncIterator[None]:
        """A time limit, 0 for none; what breaks is a failure of the step."""
        try:
            async with self._clock.limit(limit_ms / 1000 or None):
                yield
        except TimeoutError as late:
            raise errors.failed(step, "timeout", f"no answer within {limit_ms} ms") from late
        except errors.TransportError as error:
            final = error.kind == "closed"
            raise errors.failed(step, error.kind, error.message, final=final) from error

    async def read(self, step: model.Step, incoming: Incoming, most: int) -> bytes:
        """An answer's body, refused when it is longer than ``most`` bytes. Raises FailureError."""
        return b"".join([piece async for piece in self.pieces(step, incoming, most)])

    async def pieces(
        self,
        step: model.Step,
        incoming: Incoming,
        most: int,
        *,
        idle_ms: int = 0,
        final: bool = False,
    ) -> AsyncIterator[bytes]:
        """An answer's body in pieces, refused when it is, or says that it is, beyond ``most``.

        ``idle_ms`` bounds each silence, 0 does not; ``final`` is for results. Raises FailureError.
        """
        size, length = 0, announced(incoming)
        chunks = incoming.chunks()
        while max(size, length) <= most:
            try:
                async with self._clock.limit(idle_ms / 1000 or None):
                    piece = await anext(chunks, None)
            except TimeoutError as late:
                raise errors.failed(step, "timeout", f"silence for {idle_ms} ms") from late
            if piece is None:
                return
            size += len(piece)
            if size <= most:
                yield piece
        message = f"the answer is larger than {most / (1024 * 1024):g} MiB"
        raise errors.failed(step, "too-large", message, final=final)

    # --- one request and its redirects --------------------------------------------------------

    def _with_key(self, step: model.Step, url: str) -> str:
        """A URL with the key in its query, where the step wants it there."""
        key = self._access.key
        if not step.key_query or key is None:
            return url
        return f"{url}{'&' if '?' in url else '?'}{step.key_query}={quote(key.reveal(), safe='')}"

    async def open(
        self, step: model.Step, url: str, body: model.Json, limit_ms: int, idle_ms: int = 0
    ) -> Incoming:
        """Send a step's request and give its answer as soon as the headers are there.

        ``limit_ms`` is the request's own limit, ``idle_ms`` that of each silence in the answer.
        The caller closes the answer. Raises FailureError and TransportError.
        """
        started = self._clock.now()
        content, kind = _encoded(step, body)
        there = self._allowed(step, url)
        own = there.origin == origin_of(step.origin)
        headers = self._access.headers(step) if own else Headers()
        if kind:
            headers = Headers((*headers, ("Content-Type", kind)))
        request = Outgoing(
            step.name,
            step.method,
            self._with_key(step, there.text) if own else there.text,
            headers,
            content,
            limit_ms,
            idle_ms,
            self._access.policy,
        )
        seen = {there.text}
        for _ in range(MOST_REDIRECTS + 1):
            left = limit_ms and max(1, limit_ms - int((self._clock.now() - started) * 1000))
            incoming = await self._send(request._replace(timeout_ms=left))
            if incoming.status not in _REDIRECTS or "location" not in incoming.headers:
                await self._check_status(step, incoming)
                return incoming
            await incoming.close()
            target = self._allowed(step, incoming.headers["location"], there)
            if target.text in seen:
                raise errors.failed(step, "http", "the redirects go round in a circle")
            seen.add(target.text)
            request = _redirected(request, incoming.status, target, there)
            there = target
        raise errors.failed(step, "http", f"more than {MOST_REDIRECTS} redirects")

    async def _send(self, request: Outgoing) -> Incoming:
        step = request.step
        self._counts[step] = self._counts.get(step, 0) + 1
        self.tell(events.Sending(step, request.method, self._counts[step]))
        started = self._clock.now()
        incoming = await self._transport.send(request)
        seconds = self._clock.now() - started
        identifier = request_id(incoming.headers, self.mask)
        self.tell(events.Answered(step, incoming.status, seconds, identifier))
        return incoming

    def _allowed(self, step: model.Step, url: str, base: Url | None = None) -> Url:
        try:
            there = sendable(url, base)
        except UrlError as error:
            what = "URL cannot be used" if base is None else "redirect cannot be followed"
            raise errors.failed(step, "url", f"the {what}: {error}") from error
        if self._access.policy.private != "allow" and is_local(there.host):
            raise errors.failed(step, "blocked", errors.PRIVATE)
        return there

    async def _check_status(self, step: model.Step, incoming: Incoming) -> None:
        if 200 <= incoming.status < 300:
            return
        body = b""
        try:
            async for piece in incoming.chunks():
                body += piece
                if len(body) >= MOST_ERROR:
                    break
        except errors.TransportError:
            body = b""
        finally:
            await incoming.close()
        body = body[:MOST_ERROR]
        label, status, headers = step.label or step.name, incoming.status, incoming.headers
        again, wait_ms = failover.advice(headers, self._clock.today())
        raise errors.FailureError(
            "http",
            failure_message(label, status, body, headers, self.mask),
            step.name,
            status,
            request_id(headers, self.mask),
            self.mask.text(client_text_of(status, body)),
            again=again,
            wait_ms=wait_ms,
        )


def announced(incoming: Incoming) -> int:
    """The length in bytes that an answer announces, 0 for none."""
    text = incoming.headers.get("content-length", "")
    return int(text[:20]) if text.isascii() and text.isdigit() else 0


def _encoded(step: model.Step, body: model.Json) -> tuple[bytes | None, str]:
    """A body as it is sent, and its type where the headers do not say it."""
    if body is None:
        return None, ""
    if step.encoding == "multipart":
        return _multipart(body)
    try:
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        # JSON can only hold half of a surrogate pair escaped.
        return text.encode("utf-8", "backslashreplace"), ""
    except (ValueError, TypeError, RecursionError) as error:
        raise errors.failed(step, "argument", "the body cannot be written as JSON") from error


def _multipart(parts: list[model.Json]) -> tuple[bytes, str]:
    """Parts of a form, each a text or a file, and the type that names their boundary."""
    boundary, out = f"form-{uuid.uuid4().hex}", []
    for part in (one for one in parts if "value" in one or "base64" in one):
        name, file, kind = (_in_head(part.get(key, "")) for key in ("name", "filename", "type"))
        named = f'Content-Disposition: form-data; name="{name}"'
        named += f'; filename="{file}"\r\nContent-Type: {kind}' if file else ""
        data = base64.b64decode(part["base64"]) if file else str(part["value"]).encode()
        out.append(f"--{boundary}\r\n{named}\r\n\r\n".encode() + data + b"\r\n")
    return b"".join(
        out
    ) + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def _in_head(text: str) -> str:
    """A text in the head of a form's part, where no quote or line end of it may end anything."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def _redirected(request: Outgoing, status: int, target: Url, before: Url) -> Outgoing:
    """The request that follows a redirect; to another origin goes neither header nor body."""
    request = request._replace(url=target.text)
    if status == 303 or (status in {301, 302} and request.method == "POST"):
        kept = (pair for pair in request.headers if not pair[0].lower().startswith("content-"))
        request = request._replace(method="GET", body=None, headers=Headers(kept))
    if target.origin != before.origin:
        request = request._replace(headers=Headers(), body=None)
    return request


MOST_ERROR = 16 * 1024
"""How much of an error's body is read, in bytes."""
MOST_CHARACTERS = 220
"""How much of its text is shown."""
MOST_ID = 100
"""How much of a request id is shown, in characters."""


def failure_message(
    label: str, status: int, body: bytes, headers: Mapping[str, str], mask: Mask
) -> str:
    """The message of a failed request; ``status`` is 0 in the midst of a stream."""
    text = body.decode("utf-8", "replace")
    payload = json_of(text)
    detail = said(payload) if isinstance(payload, dict) else ""
    cut = len(body) >= MOST_ERROR and not detail
    detail = mask.line(detail or text, MOST_CHARACTERS, cut=cut)
    identifier = request_id(headers, mask)
    shown = f"{label}{f' (HTTP {status})' if status else ''}{': ' if detail else ''}{detail}"
    return f"{shown} [request_id={identifier}]" if identifier else shown


def request_id(headers: Mapping[str, str], mask: Mask) -> str:
    """The id that the server gave a request, or ""."""
    found = headers.get("x-request-id") or headers.get("request-id") or ""
    return mask.line(found)[:MOST_ID]


def client_text_of(status: int, body: bytes) -> str:
    """The failure as OpenAI's client tells it: ``402 Insufficient credits`` (SL-20).

    ``status`` is 0 where there is none: in the midst of a stream.
    """
    text = body.decode("utf-8", "replace")
    payload = json_of(text)
    error, message, raw = (
        first_at(payload, f"/error{at}") for at in ("", "/message", "/metadata/raw")
    )
    if message or error:
        found = message if isinstance(message, str) and message else stringify(message or error)
    else:
        found = "" if payload else text
    more = f"\n{raw}" if isinstance(raw, str) and raw else ""
    if not status:
        return (found or "(no status code or body)") + more
    return f"{status} {found or 'status code (no body)'}{more}"


_SAID = ("/error/message", "/message", "/error", "/error/detail", "/detail")


def said(payload: model.Json) -> str:
    """What a server's JSON object says about an error, "" when it says nothing."""
    found = next(filter(None, (text_at(payload, at) for at in _SAID)), "")
    owner = "/error" if isinstance(first_at(payload, "/error"), dict) else ""
    known = {name: text_at(payload, f"{owner}/{name}") for name in ("type", "code")}
    marks = ", ".join(f"{name}={value}" for name, value in known.items() if value)
    return f"{found} [{marks}]".strip() if marks else found
