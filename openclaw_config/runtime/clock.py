"""Time as the runtime sees it, so that tests can bring their own."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol


class Clock(Protocol):
    """A clock. Times are seconds."""

    def now(self) -> float:
        """A time that only grows; its zero means nothing."""

    def today(self) -> float:
        """The time of day, in seconds since 1970 (UTC)."""

    async def sleep(self, seconds: float) -> None:
        """Wait."""

    def limit(self, seconds: float | None) -> AbstractAsyncContextManager[Any]:
        """A context that raises TimeoutError when it takes longer; None is no limit."""


class RealClock:
    """The machine's clock, on the running event loop."""

    __slots__ = ()

    def now(self) -> float:
        """A time that only grows, in seconds."""
        import time

        return time.monotonic()

    def today(self) -> float:
        """Seconds since 1970 (UTC)."""
        import time

        return time.time()

    async def sleep(self, seconds: float) -> None:
        """Wait, leaving the event loop to others."""
        import asyncio

        await asyncio.sleep(seconds)

    def limit(self, seconds: float | None) -> AbstractAsyncContextManager[Any]:
        """A context that ends with TimeoutError after so many seconds."""
        import asyncio

        return asyncio.timeout(seconds)
