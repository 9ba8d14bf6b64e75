"""After a failure: whether the next candidate is tried, and whether the same one again."""

from __future__ import annotations

import re

from openclaw_config.plan.model import Retry
from openclaw_config.runtime.errors import (
    FINAL,
    HTTP,
    NETWORK,
    RESPONSE,
    TIMEOUT,
    FailureError,
)

_OVERFLOW = re.compile(
    r"context.{0,20}(length|window|size).{0,40}(exceed|limit|too)|context_length_exceeded"
    r"|maximum context length|prompt is too long|input is too long|too many tokens"
    r"|request_too_large|exceeds? the (model'?s )?(maximum )?context",
    re.IGNORECASE,
)


def moves_on(policy: str, failure: FailureError) -> bool:
    """Whether a failure leads to the next candidate (MODEL-21, MODEL-32)."""
    if failure.kind in FINAL:
        return False
    return policy != "chat" or not is_overflow(failure)


def is_overflow(failure: FailureError) -> bool:
    """Whether the conversation is too long for the model, which no other one would mend."""
    return failure.kind in {HTTP, RESPONSE} and _OVERFLOW.search(failure.message) is not None


def may_pass(failure: FailureError) -> bool:
    """Whether the same request may work a little later.

    It may after no answer at all, a fault of the server, and too many requests.
    """
    return failure.kind in {NETWORK, TIMEOUT} or failure.status == 429 or failure.status >= 500


def is_retried(failure: FailureError, retry: Retry) -> bool:
    """Whether one request is repeated (CHAT-56)."""
    if failure.status:
        return failure.status in retry.statuses or failure.status >= retry.from_status
    return failure.kind == NETWORK
