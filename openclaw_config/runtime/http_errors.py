"""How an HTTP failure is reported: the label, the status, what the server says (HTTP-08)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openclaw_config.runtime.javascript import stringify
from openclaw_config.runtime.mask import Mask, json_of

MOST_BYTES = 16 * 1024
"""How much of an error's body is read, in bytes."""
MOST_CHARACTERS = 220
"""How much of its text is shown."""
MOST_ID = 100
"""How much of a request id is shown, in characters."""


def message(label: str, status: int, body: bytes, headers: Mapping[str, str], mask: Mask) -> str:
    """The message of a failed request."""
    shown = f"{label} (HTTP {status})"
    detail = _detail(body.decode("utf-8", "replace"), len(body) >= MOST_BYTES, mask)
    if detail:
        shown += f": {detail}"
    identifier = request_id(headers, mask)
    return f"{shown} [request_id={identifier}]" if identifier else shown


def request_id(headers: Mapping[str, str], mask: Mask) -> str:
    """The id that the server gave a request, or ""."""
    found = headers.get("x-request-id") or headers.get("request-id") or ""
    return mask.line(found)[:MOST_ID]


def client_text(status: int, body: bytes) -> str:
    """The failure as OpenAI's client tells it: ``402 Insufficient credits`` (SL-20).

    ``status`` is 0 where there is none: in the midst of a stream.
    """
    text = body.decode("utf-8", "replace")
    payload = json_of(text)
    error = payload.get("error") if isinstance(payload, Mapping) else None
    told = error.get("message") if isinstance(error, Mapping) else None
    if told or error:
        found = told if isinstance(told, str) and told else stringify(told or error)
    else:
        found = "" if payload else text
    metadata = error.get("metadata") if isinstance(error, Mapping) else None
    raw = metadata.get("raw") if isinstance(metadata, Mapping) else None
    more = f"\n{raw}" if isinstance(raw, str) and raw else ""
    if not status:
        return (found or "(no status code or body)") + more
    return f"{status} {found or 'status code (no body)'}{more}"


def _detail(text: str, cut: bool, mask: Mask) -> str:
    payload = json_of(text)
    detail = said(payload) if isinstance(payload, dict) else ""
    return mask.line(detail or text, MOST_CHARACTERS, cut=cut and not detail)


def said(payload: Mapping[str, Any]) -> str:
    """What a server's JSON says about an error, "" when it says nothing."""
    inner = payload.get("error")
    error = inner if isinstance(inner, Mapping) else payload
    found = (
        _text(error.get("message"))
        or _text(inner)
        or _text(payload.get("message"))
        or _text(error.get("detail"))
        or _text(payload.get("detail"))
    )
    marks = [
        f"{name}={_text(error.get(name))}" for name in ("type", "code") if _text(error.get(name))
    ]
    return f"{found} [{', '.join(marks)}]".strip() if marks else found


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
