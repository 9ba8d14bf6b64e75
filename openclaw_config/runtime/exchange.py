"""Sending the requests of one candidate: trust by origin, redirects, time limits, failures.

Headers of ours, the key among them, go to the step's own origin and nowhere else. Once a request
has been redirected to another origin it stays without them, even when it comes back.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from openclaw_config.plan.hosts import is_local
from openclaw_config.plan.model import Json, Step
from openclaw_config.plan.urls import Url, UrlError, origin_of, sendable
from openclaw_config.runtime import failover
from openclaw_config.runtime.access import Access
from openclaw_config.runtime.errors import (
    ARGUMENT,
    BLOCKED,
    CLOSED,
    HTTP,
    RESPONSE,
    TIMEOUT,
    TOO_LARGE,
    URL,
    FailureError,
)
from openclaw_config.runtime.events import Answered, Sending, masked
from openclaw_config.runtime.mask import Mask
from openclaw_config.runtime.session import Session
from openclaw_config.runtime.transport import (
    Headers,
    Incoming,
    Outgoing,
    TransportError,
)
from openclaw_config.runtime.values import json_of, stringify

MOST_REDIRECTS = 3
MOST_JSON = 16 * 1024 * 1024
"""The largest JSON answer that is read, in bytes."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})

T = TypeVar("T")


class Exchange:
    """Sends a candidate's requests. What servers say passes the ``mask``, in events too."""

    def __init__(self, session: Session, access: Access) -> None:
        self._transport = session.transport
        self.clock = session.clock
        self._access = access
        self._policy = access.policy
        self.mask = access.mask
        self.tell = masked(session.tell, access.mask)
        self._counts: dict[str, int] = {}

    async def fetch(
        self,
        step: Step,
        url: str,
        body: Json,
        limit_ms: int,
        read: Callable[[Incoming], Awaitable[T]],
    ) -> T:
        """Send a step's request and read its answer within a time limit. Raises FailureError."""
        try:
            async with self.clock.limit(limit_ms / 1000 or None):
                incoming = await self._open(step, url, body, limit_ms, 0)
                try:
                    return await read(incoming)
                finally:
                    await incoming.close()
        except TimeoutError as late:
            raise self._late(step, limit_ms) from late
        except TransportError as error:
            raise self._broken(step, error) from error

    async def open(
        self, step: Step, url: str, body: Json, limit_ms: int, idle_ms: int, patience_ms: int
    ) -> Incoming:
        """Send a step's request and give its answer as soon as the headers are there.

        ``limit_ms`` is the request's own limit, ``idle_ms`` that of each silence in the answer;
        ``patience_ms`` is what is waited for the headers, at most ``limit_ms``. The caller closes
        the answer. Raises FailureError.
        """
        patience_ms = min(patience_ms, limit_ms) if limit_ms else patience_ms
        try:
            async with self.clock.limit(patience_ms / 1000 or None):
                return await self._open(step, url, body, limit_ms, idle_ms)
        except TimeoutError as late:
            raise self._late(step, patience_ms) from late
        except TransportError as error:
            raise self._broken(step, error) from error

    async def read_json(self, step: Step, incoming: Incoming, most: int = MOST_JSON) -> Any:
        """An answer's JSON, an object or a list. Raises FailureError."""
        data = await self.read(step, incoming, most)
        value = json_of(data.decode("utf-8-sig", "replace"))
        if not isinstance(value, dict | list):
            raise FailureError(
                RESPONSE, f"{_what(step)}: the answer is not a JSON object", step=step.name
            )
        return value

    async def read(self, step: Step, incoming: Incoming, most: int) -> bytes:
        """An answer's body, refused when it is longer than ``most`` bytes. Raises FailureError."""
        self.check_length(step, incoming, most)
        pieces = []
        size = 0
        async for piece in incoming.chunks():
            size += len(piece)
            if size > most:
                raise too_large(step, most)
            pieces.append(piece)
        return b"".join(pieces)

    def check_length(
        self, step: Step, incoming: Incoming, most: int, *, final: bool = False
    ) -> int:
        """The length that an answer announces, 0 for none; refused beyond ``most``.

        ``final`` is for results. Raises FailureError.
        """
        text = incoming.headers.get("content-length", "")
        length = int(text[:20]) if text.isascii() and text.isdigit() else 0
        if length > most:
            raise too_large(step, most, final=final)
        return length

    # --- one request and its redirects --------------------------------------------------------

    async def _open(
        self, step: Step, url: str, body: Json, limit_ms: int, idle_ms: int
    ) -> Incoming:
        started = self.clock.now()
        method, content = step.method, _encoded(step, body)
        there = self._allowed(step, url)
        headers = (
            self._access.headers(step) if there.origin == origin_of(step.origin) else Headers()
        )
        text = there.text
        seen = {there.text}
        for _ in range(MOST_REDIRECTS + 1):
            spent = int((self.clock.now() - started) * 1000)
            incoming = await self._send(
                step, method, text, headers, content, max(1, limit_ms - spent), idle_ms
            )
            if incoming.status not in _REDIRECTS or "location" not in incoming.headers:
                await self._check_status(step, incoming)
                return incoming
            location = incoming.headers["location"]
            status = incoming.status
            await incoming.close()
            target = self._allowed(step, location, there)
            if target.text in seen:
                raise FailureError(
                    HTTP, f"{_what(step)}: the redirects go round in a circle", step=step.name
                )
            seen.add(target.text)
            if status == 303 or (status in {301, 302} and method == "POST"):
                method, content = "GET", None
                headers = _without_content(headers)
            if target.origin != there.origin:
                headers = Headers()
                if method != "GET":
                    content = None
            there, text = target, target.text
        raise FailureError(
            HTTP, f"{_what(step)}: more than {MOST_REDIRECTS} redirects", step=step.name
        )

    async def _send(
        self,
        step: Step,
        method: str,
        url: str,
        headers: Headers,
        content: bytes | None,
        limit_ms: int,
        idle_ms: int,
    ) -> Incoming:
        self._counts[step.name] = self._counts.get(step.name, 0) + 1
        self.tell(Sending(step.name, method, self._counts[step.name]))
        started = self.clock.now()
        incoming = await self._transport.send(
            Outgoing(step.name, method, url, headers, content, limit_ms, idle_ms, self._policy)
        )
        seconds = self.clock.now() - started
        identifier = request_id(incoming.headers, self.mask)
        self.tell(Answered(step.name, incoming.status, seconds, identifier))
        return incoming

    def _allowed(self, step: Step, url: str, base: Url | None = None) -> Url:
        try:
            there = sendable(url, base)
        except UrlError as error:
            what = "URL cannot be used" if base is None else "redirect cannot be followed"
            raise FailureError(
                URL, f"{_what(step)}: the {what}: {error}", step=step.name
            ) from error
        if self._policy.private != "allow" and is_local(there.host):
            raise FailureError(
                BLOCKED,
                f"{_what(step)}: Blocked hostname or private/internal/special-use IP address",
                step=step.name,
            )
        return there

    async def _check_status(self, step: Step, incoming: Incoming) -> None:
        if 200 <= incoming.status < 300:
            return
        try:
            body = await _at_most(incoming, MOST_ERROR)
        except TransportError:
            body = b""
        finally:
            await incoming.close()
        message = failure_message(_what(step), incoming.status, body, incoming.headers, self.mask)
        again, wait_ms = failover.advice(incoming.headers, self.clock.today())
        raise FailureError(
            HTTP,
            message,
            step=step.name,
            status=incoming.status,
            request_id=request_id(incoming.headers, self.mask),
            client_text=self.mask.text(client_text_of(incoming.status, body)),
            again=again,
            wait_ms=wait_ms,
        )

    def _late(self, step: Step, limit_ms: int) -> FailureError:
        return FailureError(
            TIMEOUT, f"{_what(step)}: no answer within {limit_ms} ms", step=step.name
        )

    def _broken(self, step: Step, error: TransportError) -> FailureError:
        message = f"{_what(step)}: {error.message}"
        return FailureError(error.kind, message, step=step.name, final=error.kind == CLOSED)


def _what(step: Step) -> str:
    return step.label or step.name


def too_large(step: Step, most: int, *, final: bool = False) -> FailureError:
    """The failure of an answer beyond its size limit; ``final`` when it is the result."""
    limit = f"{most / (1024 * 1024):g} MiB"
    message = f"{_what(step)}: the answer is larger than {limit}"
    return FailureError(TOO_LARGE, message, step=step.name, final=final)


def _encoded(step: Step, body: Json) -> bytes | None:
    if body is None:
        return None
    try:
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        try:
            return text.encode("utf-8")
        except UnicodeEncodeError:
            # Half a surrogate pair: JSON can only hold it escaped.
            return json.dumps(body, separators=(",", ":"), allow_nan=False).encode("ascii")
    except (ValueError, TypeError, RecursionError) as error:
        raise FailureError(
            ARGUMENT, f"{_what(step)}: the body cannot be written as JSON", step=step.name
        ) from error


def _without_content(headers: Headers) -> Headers:
    return Headers(pair for pair in headers if not pair[0].lower().startswith("content-"))


async def _at_most(incoming: Incoming, most: int) -> bytes:
    data = b""
    async for piece in incoming.chunks():
        data += piece
        if len(data) >= most:
            break
    return data[:most]


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
    shown = f"{label} (HTTP {status})"
    detail = _detail(body.decode("utf-8", "replace"), len(body) >= MOST_ERROR, mask)
    if detail:
        shown += f": {detail}"
    identifier = request_id(headers, mask)
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
    error = payload.get("error") if isinstance(payload, Mapping) else None
    message = error.get("message") if isinstance(error, Mapping) else None
    if message or error:
        found = message if isinstance(message, str) and message else stringify(message or error)
    else:
        found = "" if payload else text
    metadata = error.get("metadata") if isinstance(error, Mapping) else None
    raw = metadata.get("raw") if isinstance(metadata, Mapping) else None
    more = f"\n{raw}" if isinstance(raw, str) and raw else ""
    if not status:
        return (found or "(no status code or body)") + more
    return f"{status} {found or 'status code (no body)'}{more}"


def _detail(text: str, cut: bool, mask: Mask) -> str:
    payload = json_of(text)
    detail = said(payload) if isinstance(payload, dict) else ""
    return mask.line(detail or text, MOST_CHARACTERS, cut=cut and not detail)


def said(payload: Mapping[str, Any]) -> str:
    """What a server's JSON says about an error, "" when it says nothing."""
    inner = payload.get("error")
    error = inner if isinstance(inner, Mapping) else payload
    found = (
        _trimmed(error.get("message"))
        or _trimmed(inner)
        or _trimmed(payload.get("message"))
        or _trimmed(error.get("detail"))
        or _trimmed(payload.get("detail"))
    )
    marks = [
        f"{name}={_trimmed(error.get(name))}"
        for name in ("type", "code")
        if _trimmed(error.get(name))
    ]
    return f"{found} [{', '.join(marks)}]".strip() if marks else found


def _trimmed(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
