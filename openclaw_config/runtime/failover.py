"""After a failure: whether the next candidate is tried, and whether the same one again."""

from __future__ import annotations

import re
from collections.abc import Mapping

from openclaw_config.plan.model import Retry
from openclaw_config.runtime.errors import (
    HTTP,
    NETWORK,
    RESPONSE,
    TIMEOUT,
    FailureError,
)

_OVERFLOW = re.compile(
    r"context.{0,20}(length|window|size).{0,40}(exceed|limit|too)|context_length_exceeded"
    r"|maximum context length|prompt is too long|input is too long|too many tokens"
    r"|request_too_large|exceeds? the (model'?s )?(maximum )?context|\b413\b.*too large",
    re.IGNORECASE | re.DOTALL,
)
_PASSING_STATUSES = frozenset({429, 500, 502, 503, 504})
_PASSING = re.compile(
    r"overloaded|provider.?returned.?error|rate.?limit|too many requests|service.?unavailable"
    r"|(server|internal|network).?error|connection.?(error|refused|lost)|timed? ?out|terminated"
    r"|fetch failed|socket hang up|other side closed|upstream.?connect|retry delay",
    re.IGNORECASE,
)
MOST_WAIT_MS = 60_000
"""A server that wants to be left alone for longer is asked again after the usual delay."""


def moves_on(policy: str, failure: FailureError) -> bool:
    """Whether a failure leads to the next candidate (MODEL-21, MODEL-32)."""
    if failure.final:
        return False
    return policy != "chat" or not is_overflow(failure)


def is_overflow(failure: FailureError) -> bool:
    """Whether the conversation is too long for the model, which no other one would mend."""
    return failure.kind in {HTTP, RESPONSE} and _OVERFLOW.search(failure.message) is not None


def may_pass(failure: FailureError) -> bool:
    """Whether the same request may work a little later.

    It may after no answer at all, too many requests and the usual faults of servers. Of other
    failures what the server says decides: a router passes a model's faults on under any status
    (MODEL-21).
    """
    if failure.kind in {NETWORK, TIMEOUT} or failure.status in _PASSING_STATUSES:
        return True
    return failure.kind in {HTTP, RESPONSE} and _PASSING.search(failure.message) is not None


def is_retried(failure: FailureError, retry: Retry) -> bool:
    """Whether one request is repeated (CHAT-56). The server's own word goes first."""
    if failure.again:
        return failure.again == "yes"
    if failure.status:
        return failure.status in retry.statuses or failure.status >= retry.from_status
    return failure.kind == NETWORK


def advice(headers: Mapping[str, str]) -> tuple[str, int]:
    """What a failed response says about asking again, as ``FailureError`` has it (CHAT-56)."""
    again = {"true": "yes", "false": "no"}.get(headers.get("x-should-retry", ""), "")
    wait = _number(headers.get("retry-after-ms", ""))
    if not wait:
        wait = _number(headers.get("retry-after", "")) * 1000
    return again, int(wait) if 0 < wait < MOST_WAIT_MS else 0


def _number(text: str) -> float:
    """The number that a text starts with, 0 without one."""
    match = re.match(r"\s*(\d{1,12}(?:\.\d{1,6})?)", text)
    return float(match[1]) if match is not None else 0.0
