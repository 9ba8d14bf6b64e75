"""What carries requests, and the clock: the interfaces to the network and to time.

The interpreter of plans decides where to go and with which headers; a transport sends one request
and never follows a redirect. Tests bring transports and clocks of their own.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, NamedTuple, Protocol

from openclaw_config.runtime.secrets import Secret


class Policy(NamedTuple):
    """How a route is reached.

    ``private`` is ``refuse`` or ``allow`` (HTTP-06). ``proxy_mode`` is "" for none, ``env-proxy``
    or ``explicit-proxy``, with the ``proxy``'s URL. ``tls`` has texts in PEM form by name (ca,
    cert, key, passphrase), ``server_name`` the name that the certificate must have (HTTP-05).
    """

    private: str = "refuse"
    proxy_mode: str = ""
    proxy: Secret | None = None
    tls: tuple[tuple[str, Secret], ...] = ()
    server_name: str = ""


class Headers(tuple[tuple[str, str], ...]):
    """Headers to be sent; ``repr`` shows none, since one of them holds the key."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{len(self)} headers>"


class Outgoing(NamedTuple):
    """A request on its way. Times are in milliseconds, 0 without a limit.

    ``repr`` shows no header: one of them holds the key.
    """

    step: str
    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None
    timeout_ms: int
    idle_timeout_ms: int
    policy: Policy

    def __repr__(self) -> str:
        return f"<{self.step}: {self.method} {self.url.partition('?')[0]}>"


class Incoming(NamedTuple):
    """An answer whose body is still to be read. Names of headers are in lower case.

    ``chunks`` is the body in pieces, which raises TransportError when it breaks off; ``close`` lets
    the connection go, read to the end or not.
    """

    status: int
    headers: Mapping[str, str]
    chunks: AsyncIterator[bytes]
    close: Callable[[], Awaitable[None]]


class Transport(Protocol):
    """Sends requests, each by itself."""

    async def send(self, request: Outgoing) -> Incoming:
        """The answer to a request, as soon as its headers are there. Raises TransportError."""

    async def close(self) -> None:
        """Close all connections."""


class Clock:
    """The machine's clock, on the running event loop; another one overrides its methods."""

    def now(self) -> float:
        """A time in seconds that only grows; its zero means nothing."""
        return time.monotonic()

    def today(self) -> float:
        """Seconds since 1970 (UTC)."""
        return time.time()

    def chance(self) -> float:
        """A random number from 0 to 1, for waits that are to differ."""
        return random.random()  # noqa: S311 - nothing secret depends on it

    async def sleep(self, seconds: float) -> None:
        """Wait, leaving the event loop to others."""
        await asyncio.sleep(seconds)

    def limit(self, seconds: float | None) -> AbstractAsyncContextManager[Any]:
        """A context that ends with TimeoutError after so many seconds; None is no limit."""
        return asyncio.timeout(seconds)
