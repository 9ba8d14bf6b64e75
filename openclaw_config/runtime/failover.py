"""After a failure: whether the next candidate is tried, and whether the same one again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from openclaw_config.plan.model import Failover, Retry
from openclaw_config.runtime.errors import HTTP, NETWORK, RESPONSE, TIMEOUT, FailureError
from openclaw_config.runtime.failure_class import OVERFLOW, failure_class, is_overflow

_PASSING = re.compile(
    r"overloaded|provider.?returned.?error|rate.?limit|too many requests|429|500|502|503|504"
    r"|service.?unavailable|server.?error|internal.?error|network.?error|connection.?error"
    r"|connection.?refused|connection.?lost|other side closed|fetch failed|upstream.?connect"
    r"|reset before headers|socket hang up|ended without|http2 request did not get a response"
    r"|timed? out|timeout|terminated|retry delay",
    re.IGNORECASE,
)
"""Words of failures that may pass, as OpenClaw's embedded runtime looks for them."""

END = "end"
"""Nothing else is tried."""
MOVE = "move"
"""The next candidate is tried."""
AGAIN = "again"
"""The same candidate is tried again, after ``wait_ms``."""
ROTATE = "rotate"
"""The same candidate is tried with the next auth profile, if there is one; else as ``MOVE``."""


class Next(NamedTuple):
    """What follows a failure. ``instruction`` is what the conversation gets added."""

    action: str
    wait_ms: int = 0
    instruction: str = ""


class Course:
    """The tries of one candidate. ``rotation`` is how many auth profiles were passed over."""

    __slots__ = ("_delays", "_failover", "_nudged", "_resent", "_rotated", "rotation")

    def __init__(self, failover: Failover) -> None:
        self._failover = failover
        self._delays = list(failover.rerun_delays_ms)
        self._nudged: dict[str, int] = {}
        self._rotated: dict[str, int] = {}
        self._resent = False
        self.rotation = 0

    def after(self, failure: FailureError, others: bool) -> Next:
        """What follows a failure (MODEL-21, MODEL-32, SL-20, SL-24, SL-31).

        ``others`` is whether there are more candidates.
        """
        if failure.final:
            return Next(END)
        if self._failover.policy != "chat":
            return Next(MOVE)
        if failure.empty:
            return self._nudge(failure)
        if failure.kind not in {HTTP, RESPONSE, NETWORK, TIMEOUT}:
            return Next(MOVE)
        kind = class_of(failure)
        if kind == OVERFLOW:
            # OpenClaw shortens the conversation and asks once more; here that is up to the caller.
            again, self._resent = not self._resent, True
            return Next(AGAIN) if again else Next(END)
        if self._delays and may_pass(failure):
            return Next(AGAIN, self._delays.pop(0))
        if not kind:
            return Next(END)
        self._rotated[kind] = self._rotated.get(kind, 0) + 1
        most = dict(self._failover.rotations).get(kind, self._rotated[kind])
        return Next(MOVE if others and self._rotated[kind] > most else ROTATE)

    def rotate(self) -> None:
        """Go on with the next auth profile: its tries are counted anew."""
        self.rotation += 1
        self._delays = list(self._failover.rerun_delays_ms)

    def _nudge(self, failure: FailureError) -> Next:
        for nudge in self._failover.nudges:
            given = self._nudged.get(nudge.after, 0)
            if nudge.after == failure.empty and given < nudge.times:
                self._nudged[nudge.after] = given + 1
                return Next(AGAIN, 0, nudge.text)
        return Next(MOVE)


def class_of(failure: FailureError) -> str:
    """The class of a chat's failure; "" for one that OpenClaw cannot tell and so ends with."""
    if failure.kind in {NETWORK, TIMEOUT}:
        return "timeout"
    return failure_class(failure.client_text)


def may_pass(failure: FailureError) -> bool:
    """Whether the same request may work a little later (FAIL-11)."""
    if failure.kind in {NETWORK, TIMEOUT}:
        return True
    text = failure.client_text
    return bool(_PASSING.search(text)) and not is_overflow(text)


def is_retried(failure: FailureError, retry: Retry) -> bool:
    """Whether one request is repeated (CHAT-56). The server's own word goes first."""
    if failure.again:
        return failure.again == "yes"
    if failure.status:
        return failure.status in retry.statuses or failure.status >= retry.from_status
    return failure.kind == NETWORK


def advice(headers: Mapping[str, str], today: float) -> tuple[str, int | None]:
    """What a failed response says about asking again, as ``FailureError`` has it (SL-21).

    ``today`` is the time in seconds since 1970, which HTTP dates are compared with.
    """
    again = {"true": "yes", "false": "no"}.get(headers.get("x-should-retry", ""), "")
    wait = _number(headers.get("retry-after-ms", ""))
    later = headers.get("retry-after", "")
    if later and not wait:
        seconds = _number(later)
        wait = _until(later, today) if seconds is None else seconds * 1000
    return again, None if wait is None else max(0, int(wait))


def _number(text: str) -> float | None:
    """The number that a text starts with, None without one."""
    match = re.match(r"\s*(-?\d{1,12}(?:\.\d{1,6})?)", text)
    return float(match[1]) if match is not None else None


def _until(date: str, today: float) -> float:
    """How long it is to an HTTP date, in ms; 0 for a text that is none."""
    try:
        return (parsedate_to_datetime(date).timestamp() - today) * 1000
    except (ValueError, TypeError, OverflowError):
        return 0
