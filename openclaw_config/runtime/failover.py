"""After a failure: whether the next candidate is tried, and whether the same one again.

A chat's failure has a class, by its text as OpenClaw's client has it (SL-20).
The text starts with the status where there is one (``402 Insufficient credits``). Which phrases
speak for what is data, in ``schema/failure-phrases.json`` and ``schema/failure-classes.json``; what
speaks first wins, and then the status. What neither tells ends the run.

A phrase occurs in the text whatever the case and the white space. In it `` ... `` is any text in
between, `` + `` joins phrases that occur in any order, ``|`` is the edge of a word, ``#`` a
number, and ``^`` and ``$`` at its ends are those of the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Literal, NamedTuple

from openclaw_config.facts import read_json
from openclaw_config.plan.model import Failover, Retry
from openclaw_config.runtime.errors import FailureError

_CLASSES = "failure-classes.json"
_LONGEST_BILLING = 512
"""Characters up to which words about money in a text count."""
_SIGNS = {" ... ": ".*", "|": r"\b", "#": r"\d[\d,]*"}
_SIGN = re.compile("|".join(map(re.escape, _SIGNS)))


class Next(NamedTuple):
    """What follows a failure. ``instruction`` is what the conversation gets added."""

    action: Literal[
        "end",  # Nothing else is tried.
        "move",  # The next candidate is tried.
        "again",  # The same candidate is tried again, after ``wait_ms``.
        "rotate",  # So it is with the next key or profile, if there is one; else as "move".
    ]
    wait_ms: int = 0
    instruction: str = ""


class Course:
    """The tries of one candidate. ``rotation`` is how many auth profiles were passed over.

    ``chance`` gives random numbers from 0 to 1.
    """

    def __init__(self, failover: Failover, chance: Callable[[], float]) -> None:
        self._failover = failover
        self._chance = chance
        self._waits: list[int] = []
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
            return Next("end")
        if self._failover.policy != "chat":
            known = failure.kind == "http" and failure_class(failure.client_text)
            return Next("rotate" if known in self._failover.rotates_on else "move")
        if failure.empty:
            return self._nudge(failure)
        if failure.kind not in {"http", "response", "network", "timeout"}:
            return Next("move")
        unanswered = failure.kind in {"network", "timeout"}
        kind = "timeout" if unanswered else failure_class(failure.client_text)
        if kind == "context_overflow":
            # OpenClaw shortens the conversation and asks once more; here that is up to the caller.
            again, self._resent = not self._resent, True
            return Next("again") if again else Next("end")
        if self._delays and may_pass(failure):
            return Next("again", self._delays.pop(0))
        wait = self._backed_off(failure, kind)
        if wait is not None:
            self._waits.append(wait)
            return Next("again", wait)
        if not kind:
            return Next("end")
        self._rotated[kind] = self._rotated.get(kind, 0) + 1
        most = dict(self._failover.rotations).get(kind, self._rotated[kind])
        return Next("move" if others and self._rotated[kind] > most else "rotate")

    def rotate(self) -> None:
        """Go on with the next auth profile: its tries are counted anew."""
        self.rotation += 1
        self._delays = list(self._failover.rerun_delays_ms)
        self._waits = []

    def _backed_off(self, failure: FailureError, kind: str) -> int | None:
        """How long to wait before the next try, in ms, None when there is none (CHAT-56')."""
        backoff = self._failover.backoff
        if backoff is None or kind not in backoff.classes:
            return None
        low, high = backoff.low_percent, backoff.high_percent
        percent = low + (high - low) * self._chance()
        wait = min(backoff.most_ms, backoff.first_ms * 2 ** len(self._waits))
        wait = max(int(wait * percent / 100), failure.wait_ms or 0)
        if kind in backoff.unbounded:
            return wait if len(self._waits) < backoff.times_unbounded else None
        within = sum(self._waits) + wait <= backoff.within_ms
        return wait if within and len(self._waits) < backoff.times else None

    def _nudge(self, failure: FailureError) -> Next:
        for nudge in self._failover.nudges:
            given = self._nudged.get(nudge.after, 0)
            if nudge.after == failure.empty and given < nudge.times:
                self._nudged[nudge.after] = given + 1
                return Next("again", 0, nudge.text)
        return Next("move")


def may_pass(failure: FailureError) -> bool:
    """Whether the same request may work a little later (FAIL-11)."""
    if failure.kind in {"network", "timeout"}:
        return True
    text = failure.client_text
    return _says(_plain(text), "passing") and not is_overflow(text)


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
    if _is_likely_overflow(text):
        return "context_overflow"
    status, rest = _status_of(text)
    if (status in {408, 499} or status >= 500) and _is_page(rest):
        return "timeout"
    return _by_status(status, text, rest, _by_words(text, status))


def is_overflow(text: str) -> bool:
    """Whether a text says that the conversation is too long for the model."""
    text = _plain(text)
    return not _says(text, "not-overflow") and _says(text, "overflow")


def _plain(text: str) -> str:
    return " ".join(text.lower().split())


def _says(text: str, *groups: str) -> bool:
    return any(_phrases(group).search(text) is not None for group in groups)


@lru_cache(maxsize=64)
def _phrases(group: str) -> re.Pattern[str]:
    return re.compile("|".join(map(_pattern, read_json("failure-phrases.json")[group])))


def _pattern(phrase: str) -> str:
    """A phrase as a regular expression over a plain text."""
    start, end = phrase.startswith("^"), phrase.endswith("$")
    parts = [
        _SIGN.sub(lambda sign: f"\0{sign[0]}\0", part).split("\0")
        for part in phrase.removeprefix("^").removesuffix("$").split(" + ")
    ]
    found = ["".join(_SIGNS.get(piece) or re.escape(piece) for piece in part) for part in parts]
    if len(found) > 1:
        return r"\A" + "".join(f"(?=.*{part})" for part in found)
    return r"\A" * start + found[0] + r"\Z" * end


def _status_of(text: str) -> tuple[int, str]:
    """The status with which a text begins, 0 without one, and what stands behind it."""
    plain = text.removeprefix("error:").strip()
    match = re.match(r"(?:http ?)?(\d{3})(?: ?: ?| |$)", plain)
    return (int(match[1]), plain[match.end() :]) if match is not None else (0, plain)


def _is_page(text: str) -> bool:
    return text.startswith(("<!doctype html", "<html")) and text.endswith("</html>")


def _by_words(text: str, status: int) -> str:
    """The class that the words speak for, "" where they speak for none."""
    if _says(text, "image-too-large"):
        return ""
    before, after = (_first(rows, text, status) for rows in ("before402", "after402"))
    return before or _by_402(text) or after


def _first(rows: str, text: str, status: int) -> str:
    """The class of the first row all of whose conditions hold, "" without one."""
    for row in read_json(_CLASSES)[rows]:
        if (
            ("says" not in row or _says(text, row["says"]))
            and ("unless" not in row or not _says(text, row["unless"]))
            and ("billing" not in row or _is_billing(text))
            and ("statuses" not in row or status in row["statuses"])
        ):
            return str(row["class"])
    return ""


def _is_likely_overflow(text: str) -> bool:
    if _says(text, "not-overflow", "rate-limit", "unlikely-overflow") or _is_billing(text):
        return False
    return _says(text, "overflow", "likely-overflow")


def _is_billing(text: str) -> bool:
    if len(text) > _LONGEST_BILLING:
        return _says(text, "says-402")
    if _says(text, "says-402", "billing"):
        return True
    return _says(text, "billing-head") and _says(text, "billing-words")


def _by_402(text: str) -> str:
    """What a text with the status 402 means; "" where OpenClaw does not know its words."""
    status, rest = _status_of(text)
    rest = rest.removeprefix("payment required").strip(" :-")
    known = _says(rest, "402-quota", "402-billing", "rate-limit", "402-passes")
    if not _says(text, "says-402", "402-marked") and not (status == 402 and known):
        return ""
    passes = _says(rest, "rate-limit", "402-passes") and not _says(rest, "402-billing")
    return "rate_limit" if passes or _says(rest, "402-quota") else "billing"


def _by_status(status: int, text: str, rest: str, by_words: str) -> str:
    """The class of a failure with a status, whose words speak for the class ``by_words``."""
    if status == 402:
        return _by_402(text) or by_words
    if status in {400, 422}:
        return by_words or ("" if _says(rest, "no-body") else "format")
    row = read_json(_CLASSES)["statuses"].get(str(status))
    return by_words if row is None or by_words in row["keeps"] else str(row["class"])
