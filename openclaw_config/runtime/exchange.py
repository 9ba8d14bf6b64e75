"""Sending the requests of one candidate: trust by origin, redirects, time limits, failures.

Headers of ours, the key among them, go to the step's own origin and nowhere else. Once a request
has been redirected to another origin it stays without them, even when it comes back.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from openclaw_config.plan.model import Json, Step
from openclaw_config.plan.urls import Url, UrlError, is_local, origin_of, sendable
from openclaw_config.plan.values import first_at, json_of, stringify, text_at
from openclaw_config.runtime import events, failover
from openclaw_config.runtime.access import Access, Session
from openclaw_config.runtime.errors import PRIVATE, FailureError, TransportError, failed
from openclaw_config.runtime.mask import Mask
from openclaw_config.runtime.transport import Headers, Incoming, Outgoing

MOST_REDIRECTS = 3
MOST_JSON = 16 * 1024 * 1024
"""The largest JSON answer that is read, in bytes."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})


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
        self, step: Step, url: str, body: Json, limit_ms: int, most: int = MOST_JSON
    ) -> Any:
        """What a request answers: a JSON object or a list. Raises FailureError."""
        async with self.answer(step, url, body, limit_ms) as incoming:
            data = await self.read(step, incoming, most)
        value = json_of(data.decode("utf-8-sig", "replace"))
        if not isinstance(value, dict | list):
            raise failed(step, "response", "the answer is not a JSON object")
        return value

    @asynccontextmanager
    async def answer(
        self, step: Step, url: str, body: Json, limit_ms: int
    ) -> AsyncIterator[Incoming]:
        """The answer to a step's request, to be read within a time limit. Raises FailureError."""
        async with self.within(step, limit_ms):
            incoming = await self.open(step, url, body, limit_ms)
            try:
                yield incoming
            finally:
                await incoming.close()

    @asynccontextmanager
    async def within(self, step: Step, limit_ms: int = 0) -> AsyncIterator[None]:
        """A time limit, 0 for none; what breaks is a failure of the step."""
        try:
            async with self._clock.limit(limit_ms / 1000 or None):
                yield
        except TimeoutError as late:
            raise failed(step, "timeout", f"no answer within {limit_ms} ms") from late
        except TransportError as error:
            final = error.kind == "closed"
            raise failed(step, error.kind, error.message, final=final) from error

    async def read(self, step: Step, incoming: Incoming, most: int) -> bytes:
        """An answer's body, refused when it is longer than ``most`` bytes. Raises FailureError."""
        return b"".join([piece async for piece in self.pieces(step, incoming, most)])

    async def pieces(
        self, step: Step, incoming: Incoming, most: int, *, idle_ms: int = 0, final: bool = False
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
                raise failed(step, "timeout", f"silence for {idle_ms} ms") from late
            if piece is None:
                return
            size += len(piece)
            if size <= most:
                yield piece
        message = f"the answer is larger than {most / (1024 * 1024):g} MiB"
        raise failed(step, "too-large", message, final=final)

    # --- one request and its redirects --------------------------------------------------------

    async def open(
        self, step: Step, url: str, body: Json, limit_ms: int, idle_ms: int = 0
    ) -> Incoming:
        """Send a step's request and give its answer as soon as the headers are there.

        ``limit_ms`` is the request's own limit, ``idle_ms`` that of each silence in the answer.
        The caller closes the answer. Raises FailureError and TransportError.
        """
        started = self._clock.now()
        content = _encoded(step, body)
        there = self._allowed(step, url)
        own = there.origin == origin_of(step.origin)
        request = Outgoing(
            step.name,
            step.method,
            there.text,
            self._access.headers(step) if own else Headers(),
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
                raise failed(step, "http", "the redirects go round in a circle")
            seen.add(target.text)
            request = _redirected(request, incoming.status, target, there)
            there = target
        raise failed(step, "http", f"more than {MOST_REDIRECTS} redirects")

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

    def _allowed(self, step: Step, url: str, base: Url | None = None) -> Url:
        try:
            there = sendable(url, base)
        except UrlError as error:
            what = "URL cannot be used" if base is None else "redirect cannot be followed"
            raise failed(step, "url", f"the {what}: {error}") from error
        if self._access.policy.private != "allow" and is_local(there.host):
            raise failed(step, "blocked", PRIVATE)
        return there

    async def _check_status(self, step: Step, incoming: Incoming) -> None:
        if 200 <= incoming.status < 300:
            return
        body = b""
        try:
            async for piece in incoming.chunks():
                body += piece
                if len(body) >= MOST_ERROR:
                    break
        except TransportError:
            body = b""
        finally:
            await incoming.close()
        body = body[:MOST_ERROR]
        label, status, headers = step.label or step.name, incoming.status, incoming.headers
        again, wait_ms = failover.advice(headers, self._clock.today())
        raise FailureError(
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


def _encoded(step: Step, body: Json) -> bytes | None:
    if body is None:
        return None
    try:
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        # JSON can only hold half of a surrogate pair escaped.
        return text.encode("utf-8", "backslashreplace")
    except (ValueError, TypeError, RecursionError) as error:
        raise failed(step, "argument", "the body cannot be written as JSON") from error


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
    """The failure_message of a failed request."""
    text = body.decode("utf-8", "replace")
    payload = json_of(text)
    detail = said(payload) if isinstance(payload, dict) else ""
    cut = len(body) >= MOST_ERROR and not detail
    detail = mask.line(detail or text, MOST_CHARACTERS, cut=cut)
    identifier = request_id(headers, mask)
    shown = f"{label} (HTTP {status}){': ' if detail else ''}{detail}"
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


def said(payload: Json) -> str:
    """What a server's JSON object says about an error, "" when it says nothing."""
    found = next(filter(None, (text_at(payload, at) for at in _SAID)), "")
    owner = "/error" if isinstance(first_at(payload, "/error"), dict) else ""
    known = {name: text_at(payload, f"{owner}/{name}") for name in ("type", "code")}
    marks = ", ".join(f"{name}={value}" for name, value in known.items() if value)
    return f"{found} [{marks}]".strip() if marks else found
