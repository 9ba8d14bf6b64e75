"""Bound requests as a person reads them, as JSON, and as commands for curl.

Secrets are named, never shown.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from typing import Any

from openclaw_config.plan.json_form import record_as_json
from openclaw_config.plan.model import BASE_URL, Header, Route, Step, UrlFromResponse
from openclaw_config.plan.values import changed
from openclaw_config.runtime.bind import Bound
from openclaw_config.runtime.errors import ProblemError

_WIDEST = 76
"""Columns of a body's line before a value in it is shortened."""

_VARIABLE = re.compile("env:[A-Z_][A-Z0-9_]*")


def as_text(bound: Bound) -> str:
    """The requests of the first usable model, to read."""
    mode, chosen, skipped = bound.normalization.mode, bound.first.candidate, _skipped(bound)
    lines = [f"{bound.plan.surface}  {chosen.ref}{f'  ({mode})' if mode else ''}"]
    lines += [f"  skipped: {ref}: {why}" for ref, why in skipped.items()]
    for one, url, later, _ in _requests(bound):
        lines += ["", f"{one.name}  {one.method} {url or later}{_limits(one)}"]
        secrets = (f"<{header.ref}>" if header.ref else "" for header in one.headers)
        lines += map("  {0.name}: {0.value}{1}".format, one.headers, secrets)
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
    return {
        candidate.ref: found.message
        for candidate, found in bound.tries()
        if isinstance(found, ProblemError) and not (candidate.automatic and candidate.problem)
    }


def _plain(text: str) -> str:
    """A line without what could steer a terminal or begin another line of a script."""
    return "".join(char if char.isprintable() else "\N{MIDDLE DOT}" for char in text)


def _requests(bound: Bound) -> Iterator[tuple[Step, str, str, str]]:
    """Each request, its URL or which answer names it, and the reference of its real base URL."""
    route = bound.first.candidate.route or Route("", "", False)
    for step in bound.requests:
        source = step.url_from or UrlFromResponse((), "", step.url)
        named = " or ".join(f"<{value.step}{value.pointer}>" for value in source.sources)
        later, url = "", source.against + source.template
        if source.sources or source.values:
            later, url = ", else ".join(filter(None, (named, route.shown(source.template)))), ""
        ref = "" if step.origin else route.base_url_ref
        yield step._replace(url=url), route.shown(url), later, ref


def _limits(step: Step) -> str:
    limits = (("within", step.timeout_ms), ("silent for at most", step.idle_timeout_ms))
    said = ", ".join(f"{words} {limit / 1000:g} s" for words, limit in limits if limit)
    return f"  [{said}]" if said else ""


def _shortened(text: str) -> str:
    """A long text of a body, such as an image, cut: for reading only."""
    return text if len(text) <= _WIDEST else f"{text[:40]}… ({len(text)} characters)"


def as_json(bound: Bound) -> dict[str, Any]:
    """The requests of the first usable model as data; docs/runtime.md explains the form."""
    return {
        "version": 1,
        "surface": bound.plan.surface,
        "model": bound.first.candidate.ref,
        "candidates": [candidate.ref for candidate in bound.candidates],
        "skipped": [{"ref": ref, "why": why} for ref, why in _skipped(bound).items()],
        "requests": [
            record_as_json(step._replace(url=url)) | ({"baseUrlRef": ref} if ref else {})
            for step, url, _, ref in _requests(bound)
        ],
        "normalization": record_as_json(bound.normalization, whole=True),
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
    for step, _, later, base_ref in _requests(bound):
        for ref in (base_ref, *(header.ref for header in step.headers)):
            if _VARIABLE.fullmatch(ref):
                names[ref] = ref.removeprefix("env:")
            elif ref and ref not in names:
                names[ref] = f"secret_{len(names) + 1}"
                notes.append(f"# {names[ref]} is {_plain(ref)}\n")
        if later:
            names.setdefault(later, f"url_{len(names) + 1}")
    commands = (_curl(names, *one) for one in _requests(bound))
    return "".join((*skipped, *notes)) + "\n".join(commands)


def _curl(names: dict[str, str], step: Step, url: str, later: str, base_ref: str) -> str:
    words = ["curl -sS --fail-with-body"]
    if step.timeout_ms:
        words.append(f"--max-time {max(1, step.timeout_ms // 1000)}")
    if isinstance(step.body, dict) and step.body.get("stream") is True:
        words.append("--no-buffer")
    words.append(f"-X {step.method}")
    headers = [f"-H {_quoted(header, names)}" for header in step.headers]
    if later:
        origin = f'"${{{names[base_ref]}%%[?#]*}}"' if base_ref else shlex.quote(step.origin)
        with_headers = " \\\n    ".join(["set --", *headers])
        return (
            f"# {step.name}: {names[later]} is {_plain(later)}, of an earlier answer\nset --\n"
            f'case "${names[later]}" in {origin}/*) {with_headers} ;; esac\n'
            f'{" ".join(words)} "${names[later]}" "$@"\n'
        )
    url = shlex.quote(url)
    if base_ref:
        url = f'"${names[base_ref]}"{shlex.quote(step.url.removeprefix(BASE_URL))}'
    lines = [" ".join([*words, url]), *headers]
    if step.body is not None:
        # ASCII only, and no line of JSON can be the word that ends it.
        body = json.dumps(step.body, indent=2)
        lines.append(f"--data-binary @- <<'JSON'\n{body}\nJSON")
    return f"# {step.name}\n" + " \\\n  ".join(lines) + "\n"


def _quoted(header: Header, names: dict[str, str]) -> str:
    text = shlex.quote(f"{header.name}: {header.value}")
    return f'{text}"${names[header.ref]}"' if header.ref else text
