"""A base URL that may hold a secret: a plan only names its place (docs/plan.md, "URLs")."""

from __future__ import annotations

import re

from openclaw_config.plan.model import BASE_URL, Candidate, Step
from openclaw_config.plan.urls import origin_of
from openclaw_config.runtime.errors import CREDENTIAL, FailureError, SecretError
from openclaw_config.runtime.secret import Secret
from openclaw_config.runtime.secrets import Resolver

_MARKS = re.compile(r"[/\\?#&=@:]+")


async def with_base_url(
    candidate: Candidate, secrets: Resolver
) -> tuple[Candidate, tuple[Secret, ...]]:
    """A candidate with its real base URL, and what of it is secret. Raises FailureError."""
    route = candidate.route
    if route is None or not route.base_url_ref:
        return candidate, ()
    ref = route.base_url_ref
    try:
        found = await secrets.resolve(ref)
    except SecretError as problem:
        raise FailureError(CREDENTIAL, f"{ref}: {problem.message}") from problem
    base = found.reveal().strip().rstrip("/") if found is not None else ""
    if not base:
        raise FailureError(CREDENTIAL, f"{ref}: there is no base URL")
    public = set(_MARKS.split(route.base_url_shown))
    hidden = [base, *(part for part in _MARKS.split(base) if part not in public)]
    steps = tuple(_filled(step, base) for step in candidate.steps)
    return candidate._replace(steps=steps), tuple(Secret(part, ref) for part in hidden if part)


def _filled(step: Step, base: str) -> Step:
    named = step.url_from
    if named is not None:
        against, template = _put(named.against, base), named.template
        if template.startswith(BASE_URL):
            # Braces of the URL itself are no places to fill.
            template = base.replace("{", "%7B").replace("}", "%7D") + template[len(BASE_URL) :]
        named = named._replace(against=against, template=template)
    origin = step.origin or origin_of(base)
    return step._replace(url=_put(step.url, base), url_from=named, origin=origin)


def _put(text: str, base: str) -> str:
    return base + text[len(BASE_URL) :] if text.startswith(BASE_URL) else text
