"""A provider's own list of models, which may know more of a candidate than its plan (VID-61)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from openclaw_config.plan.model import Candidate, Json, Mode, Normalize
from openclaw_config.plan.urls import UrlError, parse
from openclaw_config.plan.values import first_at, is_number
from openclaw_config.runtime.errors import FailureError
from openclaw_config.runtime.exchange import Access, Exchange, Session


async def with_list(session: Session, candidate: Candidate, access: Access) -> Candidate:
    """The candidate as the list of models has it; as it is when the list cannot be had."""
    live = candidate.live
    step = next(one for one in candidate.steps if one.name == live["step"])
    exchange = Exchange(session, access)
    url = step.url
    if step.url_from is not None:
        try:
            url = parse(step.url_from.template, parse(step.url_from.against)).text
        except UrlError:
            return candidate
    asked = f"{url}\n{hash(tuple(access.headers(step)))}"
    at, response = session.looked_up.get(asked, (-math.inf, None))
    if session.clock.now() - at >= live["keepMs"] / 1000:
        try:
            response = await exchange.json(step, url, None, step.timeout_ms)
        except FailureError:
            return candidate
        if isinstance(first_at(response, live["items"]), list):
            session.looked_up[asked] = session.clock.now(), response
    return known_by(candidate, response)


def known_by(candidate: Candidate, response: Any) -> Candidate:
    """The candidate with what a response's row for its model says put over its modes."""
    live = candidate.live
    items = first_at(response, live["items"])
    for item in items if isinstance(items, list) else ():
        name = first_at(item, live["id"])
        if isinstance(name, str) and name.strip() == live["model"]:
            modes = tuple(_over(mode, live, item) for mode in candidate.modes)
            return candidate._replace(modes=modes)
    return candidate


def _over(mode: Mode, live: Json, item: Any) -> Mode:
    if not mode.enabled:
        return mode
    rules = list(mode.normalize)
    for parameter, form in live["values"].items():
        values = _READ[form["as"]](first_at(item, form["at"]))
        rules = _with_values(rules, parameter, values) if values else rules
    for parameter, at in live["flags"].items():
        flag = first_at(item, at)
        if isinstance(flag, bool):
            rules = [rule for rule in rules if rule.parameter != parameter]
            rules += [] if flag else [Normalize(parameter, "drop")]
    limit = live["limits"].get(mode.name)
    if limit is None:
        return mode._replace(normalize=tuple(rules))
    named = first_at(item, limit["at"])
    most = sum(word in named for word in limit["words"]) if isinstance(named, list) else 0
    parameter = f"input{limit['inputs'].title()}"
    rules = _with_values(rules, parameter, (most,))
    limits = {**dict(mode.limits), limit["inputs"]: most}
    return mode._replace(enabled=most > 0, limits=tuple(limits.items()), normalize=tuple(rules))


def _with_values(rules: list[Normalize], name: str, values: tuple[Json, ...]) -> list[Normalize]:
    return [one._replace(values=values) if one.parameter == name else one for one in rules]


def _numbers(found: Any) -> tuple[Json, ...]:
    numbers = [one for one in found if is_number(one)] if isinstance(found, list) else []
    return tuple(sorted({math.floor(one + 0.5) for one in numbers if one > 0}))


def _texts(found: Any) -> tuple[Json, ...]:
    texts = found if isinstance(found, list) else []
    return tuple(one.strip() for one in texts if isinstance(one, str) and one.strip())


_READ: dict[str, Callable[[Any], tuple[Json, ...]]] = {
    "numbers": _numbers,
    "texts": _texts,
    "upper": lambda found: tuple(map(str.upper, _texts(found))),
}
