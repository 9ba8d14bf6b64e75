"""Bound requests as a person reads them, as JSON, and as commands for curl.

Secrets are named, never shown.
"""

from __future__ import annotations

import json
import re
import shlex
from typing import Any

from openclaw_config.runtime.attempt import BoundHeader, Request
from openclaw_config.runtime.bind import Bound
from openclaw_config.runtime.report import Normalization

_WIDEST = 76
"""Columns of a body's line before a value in it is shortened."""

_NAME = re.compile(r"[^A-Za-z0-9]+")


def as_text(bound: Bound) -> str:
    """The requests of the first usable model, to read."""
    mode = bound.normalization.mode
    lines = [f"{bound.surface}  {bound.first.candidate.ref}{f'  ({mode})' if mode else ''}"]
    for request in bound.requests:
        lines.append("")
        lines.append(f"{request.step}  {request.method} {_target(request)}{_limits(request)}")
        lines += [f"  {header}" for header in request.headers]
        if request.body is not None:
            lines += [f"  {line}" for line in _body_lines(request.body)]
    others = [candidate.ref for candidate in bound.candidates if candidate != bound.first.candidate]
    if others:
        lines += ["", f"if it fails: {', '.join(others[:5])}{'…' if len(others) > 5 else ''}"]
    return "\n".join(map(_plain, lines)) + "\n"


def _plain(text: str) -> str:
    """A line without what could steer a terminal or begin another line of a script."""
    return "".join(char if char.isprintable() else "\N{MIDDLE DOT}" for char in text)


def _target(request: Request) -> str:
    return request.url or request.url_from


def _limits(request: Request) -> str:
    limits = []
    if request.timeout_ms:
        limits.append(f"within {request.timeout_ms / 1000:g} s")
    if request.idle_timeout_ms:
        limits.append(f"silent for at most {request.idle_timeout_ms / 1000:g} s")
    return f"  [{', '.join(limits)}]" if limits else ""


def _body_lines(body: Any) -> list[str]:
    return json.dumps(_shortened(body), indent=2, ensure_ascii=True).splitlines()


def _shortened(value: Any) -> Any:
    """A body whose long texts, such as images, are cut: for reading only."""
    if isinstance(value, dict):
        return {key: _shortened(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_shortened(item) for item in value]
    if isinstance(value, str) and len(value) > _WIDEST:
        return f"{value[:40]}… ({len(value)} characters)"
    return value


def as_json(bound: Bound) -> dict[str, Any]:
    """The requests of the first usable model as data; docs/runtime.md explains the form."""
    return {
        "version": 1,
        "surface": bound.surface,
        "model": bound.first.candidate.ref,
        "candidates": [candidate.ref for candidate in bound.candidates],
        "requests": [_request(request) for request in bound.requests],
        "normalization": normalization(bound.normalization),
    }


def _request(request: Request) -> dict[str, Any]:
    found: dict[str, Any] = {"step": request.step, "method": request.method}
    if request.url:
        found["url"] = request.url
    if request.url_from:
        found["urlFrom"] = request.url_from
    found["headers"] = [_header(header) for header in request.headers]
    if request.body is not None:
        found["body"] = request.body
    if request.timeout_ms:
        found["timeoutMs"] = request.timeout_ms
    if request.idle_timeout_ms:
        found["idleTimeoutMs"] = request.idle_timeout_ms
    return found


def _header(header: BoundHeader) -> dict[str, str]:
    found = {"name": header.name, "value": header.value}
    return {**found, "secret": header.secret} if header.secret else found


def normalization(report: Normalization) -> dict[str, Any]:
    """A normalisation report as data."""
    return {
        "mode": report.mode,
        "changed": [
            {
                "parameter": change.parameter,
                "requested": change.requested,
                "applied": change.applied,
                "why": change.why,
                "supported": list(change.supported),
                **({"derivedFrom": change.derived_from} if change.derived_from else {}),
            }
            for change in report.changes
        ],
        "dropped": [
            {
                "parameter": drop.parameter,
                "value": drop.value,
                "why": drop.why,
                "supported": list(drop.supported),
                "silent": drop.silent,
            }
            for drop in report.dropped
        ],
    }


# --- curl -------------------------------------------------------------------------------------


def as_curl(bound: Bound) -> str:
    """The requests of the first usable model as commands for a POSIX shell.

    A secret is a shell variable: the key of the variable NAME is ``$NAME``. So is a URL that an
    earlier answer names; the headers go along only when it is of the right origin.
    """
    return "\n".join(_curl(request) for request in bound.requests)


def _curl(request: Request) -> str:
    words = ["curl -sS --fail-with-body"]
    if request.timeout_ms:
        words.append(f"--max-time {max(1, request.timeout_ms // 1000)}")
    if request.body is not None and request.body.get("stream") is True:
        words.append("--no-buffer")
    headers = [f"-H {_quoted(header)}" for header in request.headers]
    if not request.url:
        return _curl_of_named(request, words, headers)
    lines = [" ".join([*words, f"-X {request.method} {shlex.quote(request.url)}"]), *headers]
    text = f"# {request.step}\n" + " \\\n  ".join(lines)
    if request.body is None:
        return f"{text}\n"
    # ASCII only, and no line of JSON can be the word that ends it.
    body = json.dumps(request.body, indent=2, ensure_ascii=True)
    return f"{text} \\\n  --data-binary @- <<'JSON'\n{body}\nJSON\n"


def _curl_of_named(request: Request, words: list[str], headers: list[str]) -> str:
    """A request to a URL that an earlier answer names."""
    place = request.url_from.partition(">")[0].rpartition("/")
    variable = _variable(place[2] if place[2] != "*" else place[0].rpartition("/")[2])
    command = " ".join([*words, f'-X {request.method} "${variable}" "$@"'])
    with_headers = " \\\n    ".join(["set --", *headers])
    return (
        f"# {request.step}: {variable} is {_plain(request.url_from)}, of an earlier answer\n"
        f'case "${variable}" in\n'
        f"  {shlex.quote(request.origin)}/*) {with_headers} ;;\n"
        f"  *) set -- ;;\n"
        f"esac\n{command}\n"
    )


def _quoted(header: BoundHeader) -> str:
    text = shlex.quote(f"{header.name}: {header.value}")
    if not header.secret:
        return text
    kind, _, name = header.secret.partition(":")
    variable = name if kind == "env" else "API_KEY"
    return f'{text}"${_variable(variable)}"'


def _variable(text: str) -> str:
    return _NAME.sub("_", text).strip("_").upper() or "VALUE"
