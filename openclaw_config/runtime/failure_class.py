"""What kind of failure a chat's failure is, by its text as OpenClaw's client has it (SL-20).

The text starts with the status where there is one (``402 Insufficient credits``). Which phrases
speak for what is data, in ``schema/failure-phrases.json``; what speaks first wins, and then the
status. What neither tells ends the run.

A phrase occurs in the text whatever the case and the white space. In it `` ... `` is any text in
between, `` + `` joins phrases that occur in any order, ``|`` is the edge of a word, ``#`` a
number, and ``^`` and ``$`` at its ends are those of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from openclaw_config.facts import read_json

BILLING = "billing"
RATE_LIMIT = "rate_limit"
OVERLOADED = "overloaded"
TIMEOUT = "timeout"
AUTH = "auth"
FORMAT = "format"
NOT_FOUND = "model_not_found"
EXPIRED = "session_expired"
NO_DETAILS = "no_error_details"
OVERFLOW = "context_overflow"
"""Not a reason to try another model: the conversation is too long."""

_LONGEST_BILLING = 512
"""Characters up to which words about money in a text count."""
_TRANSIENT = frozenset({499, 500, 502, 503, 504, 521, 522, 523, 524, 529})
_SIGNS = {" ... ": ".*", "|": r"\b", "#": r"\d[\d,]*"}
_SIGN = re.compile("|".join(map(re.escape, _SIGNS)))


def failure_class(text: str) -> str:
    """The class of a failure, ``OVERFLOW``, or "" for one that OpenClaw cannot tell."""
    text = _plain(text)
    if _is_likely_overflow(text):
        return OVERFLOW
    status, rest = _status_of(text)
    if (status in {408, 499} or status >= 500) and _is_page(rest):
        return TIMEOUT
    by_text = next(_by_text(text, status), "")
    return _by_status(status, text, rest, by_text) or by_text


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


def _by_text(text: str, status: int) -> Iterator[str]:
    """The classes that the words speak for, the first of which counts."""
    if _says(text, "image-too-large"):
        yield ""
    if _says(text, "expired"):
        yield EXPIRED
    if _says(text, "no-model") or (
        _says(text, "invalid-model") and not _says(text, "invalid-reference")
    ):
        yield NOT_FOUND
    if is_overflow(text):
        yield OVERFLOW
    if by_402 := _by_402(text):
        yield by_402
    if _says(text, "key-limit"):
        yield BILLING
    if _says(text, "periodic-limit"):
        yield BILLING if _is_billing(text) else RATE_LIMIT
    if _says(text, "rate-limit"):
        yield RATE_LIMIT
    if _says(text, "overloaded") or status == 529:
        yield OVERLOADED
    if status in _TRANSIENT:
        yield TIMEOUT
    if _is_billing(text):
        yield BILLING
    for group, name in _REST.items():
        if _says(text, group):
            yield name


_REST = {
    "auth": AUTH,
    "server": TIMEOUT,
    "format": FORMAT,
    "no-details": NO_DETAILS,
    "timeout": TIMEOUT,
    "concurrency": RATE_LIMIT,
    "not-ready": OVERLOADED,
    "deactivated": NOT_FOUND,
}
"""What the last groups of phrases speak for, in the order in which they are looked for."""


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
    return RATE_LIMIT if passes or _says(rest, "402-quota") else BILLING


def _by_status(status: int, text: str, rest: str, by_text: str) -> str:
    """What the status says beside the words, "" where it says nothing."""
    if status == 402:
        return _by_402(text)
    if status in {400, 422}:
        return by_text or ("" if _says(rest, "no-body") else FORMAT)
    usual, kept = _STATUSES.get(status, ("", frozenset()))
    return by_text if by_text in kept else usual


_STATUSES: dict[int, tuple[str, frozenset[str]]] = {
    401: (AUTH, frozenset({BILLING})),
    403: (AUTH, frozenset({BILLING})),
    404: (NOT_FOUND, frozenset({OVERFLOW, EXPIRED, BILLING, AUTH})),
    408: (TIMEOUT, frozenset()),
    410: (TIMEOUT, frozenset({EXPIRED, BILLING, AUTH})),
    429: (RATE_LIMIT, frozenset()),
    499: (TIMEOUT, frozenset({OVERLOADED})),
    500: (TIMEOUT, frozenset()),
    502: (TIMEOUT, frozenset()),
    503: (TIMEOUT, frozenset({OVERLOADED})),
    504: (TIMEOUT, frozenset()),
    529: (OVERLOADED, frozenset()),
}
"""What a status means, and the classes of its text that count before that."""
