"""Bound requests as a person reads them, as JSON, and as commands for curl.

Secrets are named, never shown.
"""

from __future__ import annotations

import json
import re
import shlex
from typing import Any

from openclaw_config.plan.json_form import record_as_json
from openclaw_config.plan.values import changed
from openclaw_config.runtime.arguments import Normalization
from openclaw_config.runtime.bind import Bound, BoundHeader, Request
from openclaw_config.runtime.errors import CallError, UnusableError

_WIDEST = 76
"""Columns of a body's line before a value in it is shortened."""

_VARIABLE = re.compile("env:[A-Z_][A-Z0-9_]*")


def as_text(bound: Bound) -> str:
    """The requests of the first usable model, to read."""
    mode, chosen, skipped = bound.normalization.mode, bound.first.candidate, _skipped(bound)
    lines = [f"{bound.surface}  {chosen.ref}{f'  ({mode})' if mode else ''}"]
    lines += [f"  skipped: {ref}: {why}" for ref, why in skipped.items()]
    for one in bound.requests:
        lines += ["", f"{one.step}  {one.method} {one.url or one.url_from}{_limits(one)}"]
        lines += [f"  {header}" for header in one.headers]
        if one.body is not None:
            body = json.dumps(changed(one.body, _shortened), indent=2)
            lines += [f"  {line}" for line in body.splitlines()]
    usable = [one for one in bound.candidates if not one.problem and one.ref not in skipped]
    others = [one.ref for one in usable if one != chosen]
    if others:
        lines += ["", f"if it fails: {', '.join(others[:5])}{'…' if len(others) > 5 else ''}"]
    return "\n".join(map(_plain, lines)) + "\n"


def _skipped(bound: Bound) -> dict[str, str]:
    """Why each model that cannot do this call is passed over; none that nobody asked for."""
    found = {}
    for index, candidate in enumerate(bound.candidates):
        if candidate.automatic and candidate.problem:
            continue
        try:
            bound.ready(index)
        except (CallError, UnusableError) as problem:
            found[candidate.ref] = problem.message
    return found


def _plain(text: str) -> str:
    """A line without what could steer a terminal or begin another line of a script."""
    return "".join(char if char.isprintable() else "\N{MIDDLE DOT}" for char in text)


def _limits(request: Request) -> str:
    limits = (("within", request.timeout_ms), ("silent for at most", request.idle_timeout_ms))
    said = ", ".join(f"{words} {limit / 1000:g} s" for words, limit in limits if limit)
    return f"  [{said}]" if said else ""


def _shortened(text: str) -> str:
    """A long text of a body, such as an image, cut: for reading only."""
    return text if len(text) <= _WIDEST else f"{text[:40]}… ({len(text)} characters)"


def as_json(bound: Bound) -> dict[str, Any]:
    """The requests of the first usable model as data; docs/runtime.md explains the form."""
    return {
        "version": 1,
        "surface": bound.surface,
        "model": bound.first.candidate.ref,
        "candidates": [candidate.ref for candidate in bound.candidates],
        "skipped": [{"ref": ref, "why": why} for ref, why in _skipped(bound).items()],
        "requests": [_request(request) for request in bound.requests],
        "normalization": normalization(bound.normalization),
    }


def _request(request: Request) -> dict[str, Any]:
    fields = {"baseUrlRef": request.base_url[1], **record_as_json(request, whole=True)}
    hidden = ("origin", "baseUrl")
    return {
        name: value
        for name, value in fields.items()
        if name not in hidden and value not in ("", 0, None)
    }


def normalization(report: Normalization) -> dict[str, Any]:
    """A normalisation report as data."""
    return {
        "mode": report.mode,
        "changed": [
            record_as_json(change) | {"supported": [*change.supported]} for change in report.changes
        ],
        "dropped": [record_as_json(drop, whole=True) for drop in report.dropped],
    }


# --- curl -------------------------------------------------------------------------------------


def as_curl(bound: Bound) -> str:
    """The requests of the first usable model as commands for a POSIX shell.

    A secret is a shell variable: the key of the variable NAME is ``$NAME``, and what else is
    secret has a number, explained at the top. So has a URL that an earlier answer names; the
    headers go along only when it is of the right origin.
    """
    skipped = (f"# skipped: {_plain(f'{ref}: {why}')}\n" for ref, why in _skipped(bound).items())
    names: dict[str, str] = {}
    notes = []
    for request in bound.requests:
        for ref in (request.base_url[1], *(header.secret for header in request.headers)):
            if _VARIABLE.fullmatch(ref):
                names[ref] = ref.removeprefix("env:")
            elif ref and ref not in names:
                names[ref] = f"secret_{len(names) + 1}"
                notes.append(f"# {names[ref]} is {_plain(ref)}\n")
        if not request.url:
            names.setdefault(request.url_from, f"url_{len(names) + 1}")
    return "".join((*skipped, *notes)) + "\n".join(_curl(one, names) for one in bound.requests)


def _curl(request: Request, names: dict[str, str]) -> str:
    words = ["curl -sS --fail-with-body"]
    if request.timeout_ms:
        words.append(f"--max-time {max(1, request.timeout_ms // 1000)}")
    if isinstance(request.body, dict) and request.body.get("stream") is True:
        words.append("--no-buffer")
    words.append(f"-X {request.method}")
    headers = [f"-H {_quoted(header, names)}" for header in request.headers]
    shown, ref = request.base_url
    if not request.url:  # An earlier answer names it.
        variable = names[request.url_from]
        origin = f'"${{{names[ref]}%%[?#]*}}"' if ref else shlex.quote(request.origin)
        with_headers = " \\\n    ".join(["set --", *headers])
        return (
            f"# {request.step}: {variable} is {_plain(request.url_from)}, of an earlier answer\n"
            f'case "${variable}" in\n'
            f"  {origin}/*) {with_headers} ;;\n"
            f"  *) set -- ;;\n"
            f'esac\n{" ".join(words)} "${variable}" "$@"\n'
        )
    url = shlex.quote(request.url)
    if ref:
        url = f'"${names[ref]}"{shlex.quote(request.url.removeprefix(shown))}'
    lines = [" ".join([*words, url]), *headers]
    if request.body is not None:
        # ASCII only, and no line of JSON can be the word that ends it.
        body = json.dumps(request.body, indent=2)
        lines.append(f"--data-binary @- <<'JSON'\n{body}\nJSON")
    return f"# {request.step}\n" + " \\\n  ".join(lines) + "\n"


def _quoted(header: BoundHeader, names: dict[str, str]) -> str:
    text = shlex.quote(f"{header.name}: {header.value}")
    return f'{text}"${names[header.secret]}"' if header.secret else text
