"""Sending the requests of one candidate: its key and route, redirects, time limits, failures.

A plan names keys, base URLs, proxies and certificates by reference (docs/plan.md, "Keys" and
"URLs"); here they are found. Headers of ours, the key among them, go to the step's own origin and
nowhere else. Once a request has been redirected to another origin it stays without them, even when
it comes back.
"""

from __future__ import annotations

import base64
import json
import logging
import os
import re
import sys
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from openclaw_config.plan import model
from openclaw_config.plan.urls import Url, UrlError, is_local, origin_of, parse, sendable
from openclaw_config.plan.values import changed, first_at, json_of, stringify, text_at
from openclaw_config.runtime import errors, events, failover
from openclaw_config.runtime.results import Job, Target
from openclaw_config.runtime.secrets import Mask, Resolver, Secret
from openclaw_config.runtime.transport import Clock, Headers, Incoming, Outgoing, Policy, Transport

if TYPE_CHECKING:
    from openclaw_config.runtime.bind import Bound

MOST_REDIRECTS = 3
MOST_JSON = 16 * 1024 * 1024
"""The largest JSON answer that is read, in bytes."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})

_TLS = ("ca", "cert", "key", "passphrase")
_NOWHERE = model.Route("", "", verified=False)
_MARKS = re.compile(r"[/\\?#&=@:]+")
_LOG = logging.getLogger("openclaw_config.runtime")


@dataclass(slots=True)
class Session:
    """One call being carried out, or one saved ``job`` being picked up.

    ``bound`` is None for a job, whose remaining steps have no bodies. ``looked_up`` keeps what
    lists of models answered, and when, for later calls. ``limit_ms`` bounds all tries together, 0
    without a limit. ``to``, ``replace`` and ``progress`` are as in ``Executor.run``. The events go
    to the log and to the call's ``span``, where there is one, too.
    """

    plan: model.SurfacePlan
    secrets: Resolver
    clock: Clock
    looked_up: dict[tuple[str, int], tuple[float, Any]]
    to: str | os.PathLike[str] | None = None
    replace: bool = True
    progress: Callable[[events.Event], Any] = lambda _: None
    bound: Bound | None = None
    job: Job | None = None
    limit_ms: int = 0
    target: Target | None = None
    transport: Transport = field(init=False)
    failed: list[events.Failed] = field(default_factory=list)
    span: Any = None
    # The secrets that had to resolve before anything was sent, by reference.
    found: dict[str, Secret] = field(default_factory=dict)
    # What runs just now: the candidate, its step, and whether some of its answer was shown.
    ref: str = ""
    step: str = ""
    shown: bool = False

    def tell(self, event: events.Event) -> None:
        """Pass an event on, with its time. Raises TypeError when the listener is no plain one."""
        event = event._replace(at=self.clock.today())
        if isinstance(event, events.Trying):
            self.ref, self.step, self.shown = event.ref, "", False
        elif isinstance(event, events.Sending):
            self.step = event.step
        elif isinstance(event, events.Delta):
            self.shown = True
        elif isinstance(event, events.Failed):
            self.failed.append(event)
        if not isinstance(event, events.Delta | events.Received):  # These come for every piece.
            name = type(event).__name__.lower()
            level = logging.INFO if isinstance(event, events.Failed) else logging.DEBUG
            fields = {} if isinstance(event, events.Submitted) else event._asdict()
            if self.span is not None:
                self.span.add_event(name, fields)
            _LOG.log(level, "%s %s", name, " ".join(f"{key}={one}" for key, one in fields.items()))
        answer = self.progress(event)
        if hasattr(answer, "__await__"):
            getattr(answer, "close", lambda: None)()
            raise TypeError("progress must be a plain function: nothing awaits an async one")

    def ended(self, message: str, kind: errors.FailureKind) -> errors.ExecutionError:
        """The failure of a call that something ended while it ran."""
        where = f", while {self.ref} was at {self.step}" if self.step else ""
        before = f"; before: {self.failed[-1].message}" if self.failed else ""
        message = f"{message}{where}{before}"
        return errors.ExecutionError(message, tuple(self.failed), kind=kind, step=self.step)

    async def resolve(self, ref: str) -> Secret | None:
        """The secret of a reference, None when it is not set. Raises SecretError."""
        return self.found.get(ref) or await self.secrets.resolve(ref)

    async def preflight(self) -> None:
        """Find what has to resolve before anything is sent (AUTH-22, SL-32).

        Nothing found is asked for again. Raises SecretError.
        """
        credentials = [one.credential for one in self.plan.candidates if one.credential]
        links = [link for one in credentials for link in one.chain]
        stores = {link.profiles.path: link.profiles for link in links if link.profiles is not None}
        needed = [(one.ref, one.problem) for one in self.plan.preflight]
        for store in stores.values():
            needed += [(ref, "") for ref in await self.secrets.profile_refs(store)]
        for ref, problem in needed:
            secret = None if problem else await self.secrets.resolve(ref)
            if secret is None or not secret.trimmed():
                raise errors.SecretError(ref, problem or "it is missing or empty")
            self.found[ref] = secret


def spanned(surface: str) -> Any:
    """A call's span, where the program has OpenTelemetry imported, else None."""
    trace = sys.modules.get("opentelemetry.trace")
    if trace is None:
        return nullcontext()
    tracer, about = trace.get_tracer("openclaw_config"), {"openclaw_config.surface": surface}
    return tracer.start_as_current_span(f"openclaw_config {surface}", attributes=about)


async def exchange_for(
    candidate: model.Candidate, session: Session, rotation: int = 0
) -> tuple[model.Candidate, Exchange]:
    """A candidate with its real base URL, and what sends its requests. Raises ProblemError.

    ``rotation`` is how many auth profiles are passed over.
    """
    route = candidate.route or _NOWHERE
    if route.problem:
        raise errors.FailureError("unusable", route.problem)
    key, settings = await key_of(candidate, session, rotation), route.transport or {}
    proxy, tls = settings.get("proxy") or {}, settings.get("tls") or {}
    refs = {header.ref for step in candidate.steps for header in step.headers}
    refs |= {proxy.get("url") or "", *(tls.get(name, "") for name in _TLS)}
    named = {ref: await session.resolve(ref) for ref in sorted(refs - {""})}
    hidden = [one for one in (key, *named.values()) if one is not None]
    found = ((name, named.get(tls.get(name, ""))) for name in _TLS)
    # An empty one is refused where it is used: without it other servers would be trusted.
    certificates = tuple((name, secret) for name, secret in found if secret is not None)
    proxy_url, server = named.get(proxy.get("url") or ""), tls.get("serverName", "")
    policy = Policy(route.private, proxy.get("mode", ""), proxy_url, certificates, server)
    if route.base_url_ref:
        real = await session.resolve(route.base_url_ref)
        base = real.reveal().strip().rstrip("/") if real is not None else ""
        if not base:
            raise errors.SecretError(route.base_url_ref, "there is no base URL")
        base = base.removesuffix(route.cut)
        # Braces of the URL itself are no places to fill.
        there = base.replace("{", "%7B").replace("}", "%7D")
        mark, origin = model.BASE_URL, origin_of(base)

        def put(text: str) -> str:
            return there + text[len(mark) :] if text.startswith(mark) else text

        steps: tuple[model.Step, ...] = changed(candidate.steps, put)
        steps = tuple(step._replace(origin=step.origin or origin) for step in steps)
        candidate = candidate._replace(steps=steps)
        secret = {base, *_MARKS.split(base)} - {"", *_MARKS.split(route.base_url_shown)}
        hidden += map(Secret, secret)
    return candidate, Exchange(session, policy, key, named, Mask(hidden))


# --- keys -------------------------------------------------------------------------------------


async def key_of(candidate: model.Candidate, session: Session, rotation: int = 0) -> Secret | None:
    """The candidate's key, None when it needs none. Raises FailureError.

    ``rotation`` is how many keys are passed over: auth profiles, where it is they that give the key
    (SL-31), or those of a chain with ``more`` keys (STT-21). There is none when no other is left.
    """
    credential = candidate.credential
    if credential is None:
        return None
    if rotation and credential.more:
        keys = [await key_of(candidate, session)]
        for ref in credential.more:
            listed = await session.resolve(ref) or Secret("")
            keys += [Secret(text, ref).cleaned() for text in re.split("[,;]", listed.reveal())]
        each = {key.reveal(): key for key in keys if key}
        return next(iter([*each.values()][rotation:]), None)
    reasons = [credential.missing]
    for link in credential.chain:
        if link.state in ("marker", "unusable"):
            continue  # It holds no key whatever stands there.
        try:
            key = await _of_link(link, session, rotation)
        except errors.SecretError as problem:
            if link.verbatim or (link.kind == "config" and link.profiles is not None):
                message = f"{link.label}: {problem.message}"
                raise errors.FailureError("credential", message) from problem
            reasons.append(problem.message)
            continue
        if rotation and (key is None) == (link.kind == "profiles"):
            break  # The profiles are used up, or it is not they that give the key.
        if key:
            return key
    if not any(reasons):
        return None  # A local server does without (COM-10).
    raise errors.FailureError("credential", "; ".join(filter(None, reasons)))


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


# --- requests ------------------------------------------------------------------------------------


@dataclass
class Exchange:
    """Sends a candidate's requests, by the ``policy`` of its route.

    Headers may hold the ``key``, and the secrets that they name: ``named``, where one that leads
    nowhere is None. ``mask`` hides all of them in what servers say, in events too. A step that is
    sent has its own ``url`` and ``body``, and the limits of this request.
    """

    session: Session
    policy: Policy = field(default_factory=Policy)
    key: Secret | None = None
    named: Mapping[str, Secret | None] = field(default_factory=dict)
    mask: Mask = field(default_factory=Mask)
    _counts: Counter[str] = field(default_factory=Counter)

    def headers(self, step: model.Step) -> Headers:
        """The headers of a step's request, secrets included."""
        found = ((header.name, self._value(header)) for header in step.headers)
        return Headers((name, value) for name, value in found if value is not None)

    def _value(self, header: model.Header) -> str | None:
        if not header.credential and not header.ref:
            return header.value
        secret = self.key if header.credential else self.named.get(header.ref)
        if secret is None:
            return None  # A reference that leads nowhere takes its header along (AUTH-23).
        text = secret.reveal()
        if header.member:
            member = first_at(json_of(text), f"/{header.member}")
            text = member if isinstance(member, str) else text
        # No header keeps white space at its ends (HTTP-05).
        return header.prefix + (text if header.credential else text.strip())

    def masked(self, failure: errors.FailureError) -> errors.FailureError:
        """A failure without what may show secrets: its texts, the exceptions and frames behind."""
        for name in ("message", "request_id", "client_text"):
            setattr(failure, name, self.mask.text(getattr(failure, name)))
        failure.args = (failure.message,)
        failure.__cause__ = failure.__context__ = None
        return failure.with_traceback(None)

    def tell(self, event: events.Event) -> None:
        """Pass an event on; no text of it but an answer's own holds a secret."""
        own = isinstance(event, events.Delta | events.Submitted)
        self.session.tell(event if own else self.mask.json(event))

    async def json(self, step: model.Step, most: int = MOST_JSON) -> Any:
        """What a request answers: a JSON object or a list. Raises FailureError."""
        data, _ = await self.whole(step, most)
        value = json_of(data.decode("utf-8-sig", "replace"))
        if not isinstance(value, dict | list):
            raise errors.failed(step, "response", "the answer is not a JSON object")
        return value

    async def whole(self, step: model.Step, most: int) -> tuple[bytes, str]:
        """An answer of at most ``most`` bytes, and its type. Raises FailureError."""
        async with self.answer(step) as incoming:
            data = b"".join([piece async for piece in self.pieces(step, incoming, most)])
            return data, incoming.headers.get("content-type", "")

    @asynccontextmanager
    async def answer(self, step: model.Step) -> AsyncIterator[Incoming]:
        """The answer to a step's request, to be read within its limit. Raises FailureError."""
        async with self.within(step, step.timeout_ms):
            incoming = await self.open(step)
            try:
                yield incoming
            finally:
                await incoming.close()

    @asynccontextmanager
    async def within(self, step: model.Step, limit_ms: int = 0) -> AsyncIterator[None]:
        """A time limit, 0 for none; what breaks is a failure of the step."""
        try:
            async with self.session.clock.limit(limit_ms / 1000 or None):
                yield
        except TimeoutError as late:
            raise errors.failed(step, "timeout", f"nothing came within {limit_ms} ms") from late
        except UrlError as error:
            raise errors.failed(step, "url", f"the URL cannot be used: {error}") from error
        except errors.TransportError as error:
            raise errors.failed(step, error.kind, error.message, final=error.final) from error

    async def pieces(
        self, step: model.Step, incoming: Incoming, most: int, *, final: bool = False
    ) -> AsyncIterator[bytes]:
        """An answer's body in pieces, refused when it is, or says that it is, beyond ``most``.

        The step bounds each silence; ``final`` is for results. Raises FailureError.
        """
        size, length = 0, announced(incoming)
        while max(size, length) <= most:
            async with self.within(step, step.idle_timeout_ms):
                piece = await anext(incoming.chunks, None)
            if piece is None:
                return
            size += len(piece)
            if size <= most:
                yield piece
        message = f"the answer is larger than {most / (1024 * 1024):g} MiB"
        raise errors.failed(step, "too-large", message, final=final)

    # --- one request and its redirects --------------------------------------------------------

    async def open(self, step: model.Step) -> Incoming:
        """Send a step's request and give its answer as soon as the headers are there.

        The caller closes the answer. Raises FailureError, TransportError and UrlError.
        """
        clock = self.session.clock
        base = step.url_from.against if step.url_from is not None else ""
        there = self._allowed(step, step.url, parse(base) if base else None)
        request = self._request(step, there)
        seen = {there.text}
        for _ in range(MOST_REDIRECTS + 1):
            self._counts[step.name] += 1
            self.tell(events.Sending(step.name, request.method, self._counts[step.name]))
            sent = clock.now()
            incoming = await self.session.transport.send(request)
            named = request_id(incoming.headers, self.mask)
            self.tell(events.Answered(step.name, incoming.status, clock.now() - sent, named))
            if incoming.status not in _REDIRECTS or "location" not in incoming.headers:
                await self._check_status(step, incoming)
                return incoming
            await incoming.close()
            target = self._allowed(step, incoming.headers["location"], there)
            if target.text in seen:
                break
            seen.add(target.text)
            request = _redirected(request, incoming.status, target, there)
            there = target
        message = f"redirects in a circle, or more than {MOST_REDIRECTS} redirects"
        raise errors.failed(step, "http", message)

    def _request(self, step: model.Step, there: Url) -> Outgoing:
        """A step's request, headers and key of ours only towards its own origin."""
        content, headers = _encoded(step)
        url, limits = there.text, (step.timeout_ms, step.idle_timeout_ms)
        if there.origin == origin_of(step.origin):
            headers = (*self.headers(step), *headers)
            if step.key_query and self.key is not None:
                key = quote(self.key.reveal(), safe="")
                url += f"{'&' if '?' in url else '?'}{step.key_query}={key}"
        policy, headers = self.policy, Headers(headers)
        return Outgoing(step.name, step.method, url, headers, content, *limits, policy)

    def _allowed(self, step: model.Step, url: str, base: Url | None) -> Url:
        there = sendable(url, base)
        if self.policy.private != "allow" and is_local(there.host):
            raise errors.failed(step, "blocked", errors.PRIVATE)
        return there

    async def _check_status(self, step: model.Step, incoming: Incoming) -> None:
        if 200 <= incoming.status < 300:
            return
        body = b""
        try:
            async for piece in incoming.chunks:
                body = (body + piece)[:MOST_ERROR]
                if len(body) == MOST_ERROR:
                    break
        except errors.TransportError:
            body = b""  # It may end in the midst of a secret.
        finally:
            await incoming.close()
        failure = self.failure(step, incoming.status, body, incoming.headers)
        today = self.session.clock.today()
        failure.again, failure.wait_ms = failover.advice(incoming.headers, today)
        raise failure

    def failure(
        self, step: model.Step, status: int, body: bytes, headers: Mapping[str, str]
    ) -> errors.FailureError:
        """The failure that an answer says, or an event of one; ``status`` is 0 without any."""
        identifier = request_id(headers, self.mask)
        detail = self.detail(body.decode("utf-8", "replace"), cut=len(body) >= MOST_ERROR)
        message = f"{step.label or step.name}{f' (HTTP {status})' if status else ''}"
        message += f"{': ' if detail else ''}{detail}"
        message += f" [request_id={identifier}]" if identifier else ""
        kind: errors.FailureKind = "http" if status else "response"
        text = client_text_of(status, body)
        return errors.FailureError(kind, message, step.name, status, identifier, text)

    def detail(self, text: str, *, cut: bool = False) -> str:
        """What an answer's text says of an error, to be shown; ``cut`` where its end is missing."""
        found = said(json_of(text))
        return self.mask.line(found or text, MOST_CHARACTERS, cut=cut and not found)


def announced(incoming: Incoming) -> int:
    """The length in bytes that an answer announces, 0 for none."""
    text = incoming.headers.get("content-length", "")
    return int(text[:20]) if text.isascii() and text.isdigit() else 0


def _encoded(step: model.Step) -> tuple[bytes | None, tuple[tuple[str, str], ...]]:
    """A step's body as it is sent, and the header of its type where the step has none."""
    if step.body is None:
        return None, ()
    if step.encoding == "multipart":
        boundary = f"form-{uuid.uuid4().hex}"
        kind = f"multipart/form-data; boundary={boundary}"
        return _multipart(step.body, boundary), (("Content-Type", kind),)
    try:
        text = json.dumps(step.body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        # JSON can only hold half of a surrogate pair escaped.
        return text.encode("utf-8", "backslashreplace"), ()
    except (ValueError, TypeError, RecursionError) as error:
        raise errors.failed(step, "argument", "the body cannot be written as JSON") from error


def _multipart(parts: list[model.Json], boundary: str) -> bytes:
    """A form of parts, each a text or a file."""
    out = []
    for part in (one for one in parts if "value" in one or "base64" in one):
        # No quote or line end of a text may end anything in the head of a part.
        signs = {'"': "%22", "\r": "%0D", "\n": "%0A"}
        heads = (part.get(key, "") for key in ("name", "filename", "type"))
        name, file, kind = (text.translate(str.maketrans(signs)) for text in heads)
        named = f'Content-Disposition: form-data; name="{name}"'
        named += f'; filename="{file}"\r\nContent-Type: {kind}' if file else ""
        data = base64.b64decode(part["base64"]) if file else str(part["value"]).encode()
        out.append(f"--{boundary}\r\n{named}\r\n\r\n".encode() + data + b"\r\n")
    return b"".join(out) + f"--{boundary}--\r\n".encode()


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
    places = ("/error", "/error/message", "/error/metadata/raw")
    error, message, raw = (first_at(payload, at) for at in places)
    found = message or error or ("" if payload else text)
    if error and (found is error or not isinstance(found, str)):
        found = stringify(found)
    more = f"\n{raw}" if isinstance(raw, str) and raw else ""
    if not status:
        return (found or "(no status code or body)") + more
    return f"{status} {found or 'status code (no body)'}{more}"


_SAID = ("/error/message", "/message", "/error", "/error/detail", "/detail")


def said(payload: model.Json) -> str:
    """What a server's JSON says about an error, "" when it says nothing."""
    found = next(filter(None, (text_at(payload, at) for at in _SAID)), "")
    owner = "/error" if isinstance(first_at(payload, "/error"), dict) else ""
    known = {name: text_at(payload, f"{owner}/{name}") for name in ("type", "code")}
    marks = ", ".join(f"{name}={value}" for name, value in known.items() if value)
    return f"{found} [{marks}]".strip() if marks else found
