"""Failures: what the text of one says, and whether the same request may work later.

A chat's failure has a class, by its text as OpenClaw's client has it (SL-20).
The text starts with the status where there is one (``402 Insufficient credits``). Which patterns
speak for what is data, in ``schema/failure-phrases.json`` and ``schema/failure-classes.json``; what
speaks first wins, and then the status. What neither tells ends the run.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from functools import lru_cache

from openclaw_config.facts import read_json
from openclaw_config.plan.model import Retry
from openclaw_config.runtime.errors import FailureError

_CLASSES = "failure-classes.json"


def may_pass(failure: FailureError) -> bool:
    """Whether the same request may work a little later (FAIL-11)."""
    if failure.kind in {"network", "timeout"}:
        return True
    text = _plain(failure.client_text)
    too_long = _says(text, "overflow") and not _says(text, "not-overflow")
    return _says(text, "passing") and not too_long


def is_retried(failure: FailureError, retry: Retry) -> bool:
    """Whether one request is repeated (CHAT-56). The server's own word goes first."""
    if failure.again:
        return failure.again == "yes"
    if failure.status:
        return failure.status in retry.statuses or failure.status >= retry.from_status
    return failure.kind == "network" or (retry.timeouts and failure.kind == "timeout")


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


# --- the class of a failure -------------------------------------------------------------------


def failure_class(text: str) -> str:
    """The class of a failure, ``context_overflow``, or "" for one that OpenClaw cannot tell."""
    text = _plain(text)
    other = _says(text, "not-overflow", "rate-limit", "unlikely-overflow", "billing")
    if not other and _says(text, "overflow", "likely-overflow"):
        return "context_overflow"
    status, rest = _status_of(text)
    page = rest.startswith(("<!doctype html", "<html")) and rest.endswith("</html>")
    if page and (status in {408, 499} or status >= 500):
        return "timeout"
    by_words = ""
    if not _says(text, "image-too-large"):
        before, after = (_first(rows, text, status) for rows in ("before402", "after402"))
        by_words = before or _by_402(text) or after
    if status == 402:
        return _by_402(text) or by_words
    if status in {400, 422}:
        return by_words or ("" if _says(rest, "no-body") else "format")
    row = read_json(_CLASSES)["statuses"].get(str(status))
    return by_words if row is None or by_words in row["keeps"] else str(row["class"])


def _plain(text: str) -> str:
    return " ".join(text.lower().split())


def _says(text: str, *groups: str) -> bool:
    return any(_phrases(group).search(text) is not None for group in groups)


@lru_cache(maxsize=64)
def _phrases(group: str) -> re.Pattern[str]:
    return re.compile("|".join(read_json("failure-phrases.json")[group]))


def _status_of(text: str) -> tuple[int, str]:
    """The status with which a text begins, 0 without one, and what stands behind it."""
    plain = text.removeprefix("error:").strip()
    match = re.match(r"(?:http ?)?(\d{3})(?: ?: ?| |$)", plain)
    return (int(match[1]), plain[match.end() :]) if match is not None else (0, plain)


def _first(rows: str, text: str, status: int) -> str:
    """The class of the first row all of whose conditions hold, "" without one."""
    for row in read_json(_CLASSES)[rows]:
        if (
            all(_says(text, group) for group in row.get("says", ()))
            and not _says(text, *row.get("unless", ()))
            and status in row.get("statuses", (status,))
        ):
            return str(row["class"])
    return ""


def _by_402(text: str) -> str:
    """What a text with the status 402 means; "" where OpenClaw does not know its words."""
    status, rest = _status_of(text)
    rest = rest.removeprefix("payment required").strip(" :-")
    known = _says(rest, "402-quota", "402-billing", "rate-limit", "402-passes")
    if not _says(text, "says-402", "402-marked") and not (status == 402 and known):
        return ""
    passes = _says(rest, "rate-limit", "402-passes") and not _says(rest, "402-billing")
    return "rate_limit" if passes or _says(rest, "402-quota") else "billing"
