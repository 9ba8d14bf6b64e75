"""How an HTTP failure is told: the label, the status, and what the server says (HTTP-08)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

MOST_BYTES = 16 * 1024
"""How much of an error's body is read, in bytes."""
MOST_CHARACTERS = 220
"""How much of its text is told."""


def message(label: str, status: int, body: bytes, headers: Mapping[str, str]) -> tuple[str, str]:
    """The message of a failed request, and the request id that the server gave it or ""."""
    detail = _detail(body.decode("utf-8", "replace"))
    request_id = one_line(headers.get("x-request-id") or headers.get("request-id") or "")[:100]
    told = f"{label} (HTTP {status})"
    if detail:
        told += f": {detail}"
    if request_id:
        told += f" [request_id={request_id}]"
    return told, request_id


def _detail(text: str) -> str:
    try:
        payload = json.loads(text)
    except (ValueError, RecursionError):
        payload = None
    detail = _of_payload(payload) if isinstance(payload, dict) else ""
    return _shortened(one_line(detail or text))


def _of_payload(payload: Mapping[str, Any]) -> str:
    inner = payload.get("error")
    error = inner if isinstance(inner, Mapping) else payload
    said = (
        _text(error.get("message"))
        or _text(inner)
        or _text(payload.get("message"))
        or _text(error.get("detail"))
        or _text(payload.get("detail"))
    )
    marks = [
        f"{name}={_text(error.get(name))}" for name in ("type", "code") if _text(error.get(name))
    ]
    if marks:
        said = f"{said} [{', '.join(marks)}]".strip()
    return said


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def one_line(text: str) -> str:
    """One line without control characters: a server's text must not steer a terminal."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _shortened(text: str) -> str:
    return text if len(text) <= MOST_CHARACTERS else f"{text[: MOST_CHARACTERS - 1]}…"
