"""A clock that does not wait, and a transport that answers from a script."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

from openclaw_config.runtime.errors import TransportError
from openclaw_config.runtime.transport import Clock, Incoming, Outgoing


class VirtualClock(Clock):
    """Time that passes only when somebody sleeps, or when a server does not answer.

    ``slept_ms`` is what was slept in all.
    """

    def __init__(self) -> None:
        self.slept_ms = 0
        self.hung_ms = 0

    def now(self) -> float:
        return (self.slept_ms + self.hung_ms) / 1000

    def today(self) -> float:
        return 1_790_000_000.0 + self.now()

    def chance(self) -> float:
        return 0.4

    async def sleep(self, seconds: float) -> None:
        self.slept_ms += round(seconds * 1000)

    def limit(self, seconds: float | None) -> AbstractAsyncContextManager[Any]:
        return nullcontext()


def incoming_of(status: int, headers: Mapping[str, str], pieces: Iterable[bytes]) -> Incoming:
    """An answer whose body comes in these pieces."""

    async def chunks() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    async def close() -> None: ...

    return Incoming(status, headers, chunks(), close)


def pieces_of(body: bytes, size: int = 7000) -> list[bytes]:
    """A body in pieces."""
    return [body[at : at + size] for at in range(0, len(body), size)]


class Sent:
    """A request that went out, and the time slept before it."""

    def __init__(self, request: Outgoing, waited_ms: int) -> None:
        self.request = request
        self.waited_ms = waited_ms

    @property
    def headers(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.request.headers}

    @property
    def body(self) -> Any:
        kind = self.headers.get("content-type", "")
        if self.request.body is None or not kind.startswith("multipart/"):
            return None if self.request.body is None else json.loads(self.request.body)
        head = f"Content-Type: {kind}\r\n\r\n".encode()
        parts = BytesParser(policy=HTTP).parsebytes(head + self.request.body).iter_parts()
        return {"$form": [_part(part) for part in parts]}


def _part(part: Any) -> dict[str, Any]:
    """A part of a form: its text, or its file."""
    name = part.get_param("name", header="content-disposition")
    data = part.get_payload(decode=True)
    file = part.get_filename()
    if file is None:
        return {"name": name, "value": data.decode()}
    text = base64.b64encode(data).decode()
    return {"name": name, "filename": file, "type": part.get_content_type(), "base64": text}


class ScriptedTransport:
    """Answers each request from the script's list for its step.

    The last entry of a list repeats, and ``{}`` or an absent list means ``usual``'s answer.
    Entries are ``{status, headers, body | text | base64}``, ``{hang}`` and ``{networkError}``.
    Requests of the steps in ``apart`` are kept in ``unlisted``, all others in ``sent``.
    """

    def __init__(
        self,
        clock: VirtualClock,
        script: Mapping[str, list[dict[str, Any]]],
        usual: Callable[[Outgoing], dict[str, Any]],
        apart: frozenset[str] = frozenset(),
    ) -> None:
        self._clock = clock
        self._script = {step: list(entries) for step, entries in script.items()}
        self._usual = usual
        self._apart = apart
        self._told_ms = 0
        self.sent: list[Sent] = []
        self.unlisted: list[Sent] = []
        self.closed = False

    async def send(self, request: Outgoing) -> Incoming:
        if request.step in self._apart:
            self.unlisted.append(Sent(request, 0))
        else:
            waited = self._clock.slept_ms - self._told_ms
            self._told_ms = self._clock.slept_ms
            self.sent.append(Sent(request, waited))
        entry = self._next(request.step) or self._usual(request)
        if entry.get("hang"):
            limits = [ms for ms in (request.timeout_ms, request.idle_timeout_ms) if ms]
            self._clock.hung_ms += min(limits)
            raise TransportError("timeout", "the server takes too long")
        if "networkError" in entry:
            raise TransportError("network", "the connection broke")
        headers = {name.lower(): value for name, value in entry.get("headers", {}).items()}
        return incoming_of(entry.get("status", 200), headers, pieces_of(_body(entry)))

    def _next(self, step: str) -> dict[str, Any]:
        entries = self._script.get(step, [])
        return entries.pop(0) if len(entries) > 1 else entries[0] if entries else {}

    async def close(self) -> None:
        self.closed = True


def _body(entry: dict[str, Any]) -> bytes:
    if "base64" in entry:
        return base64.b64decode(entry["base64"])
    if "text" in entry:
        return bytes(entry["text"], "utf-8")
    return json.dumps(entry["body"]).encode() if "body" in entry else b""
