"""Lists of models, as providers give them: what they know better of a candidate than its plan.

Of its modes (VID-61), and of a chat model's facts (CHAT-22, CHAT-51).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from openclaw_config.plan.model import Candidate, Facts, Json, Mode, Normalize, fields_of
from openclaw_config.plan.urls import UrlError, parse
from openclaw_config.plan.values import every_at, first_at, is_number, listed, text_at
from openclaw_config.runtime.bind import facts_of
from openclaw_config.runtime.errors import FailureError
from openclaw_config.runtime.exchange import Exchange


async def known(exchange: Exchange, candidate: Candidate) -> Candidate:
    """The candidate as the list of models has it that its plan names; as it is without a list.

    A list serves later calls, too, for as long as the plan says. Raises FailureError where it must
    be had and cannot, or says that the model is too small.
    """
    live, facts = candidate.live, candidate.facts
    form: Json = live if live is not None or facts is None else facts.lookup
    if form is None:
        return candidate
    step, response = next(one for one in candidate.steps if one.name == form["step"]), None
    try:
        if step.url_from is not None:
            url = parse(step.url_from.template, parse(step.url_from.against))
            step = step._replace(url=url.text)
        looked_up, clock = exchange.session.looked_up, exchange.session.clock
        asked = step.url, hash(tuple(exchange.headers(step)))
        at, response = looked_up.get(asked, (-math.inf, None))
        if clock.now() - at >= form.get("keepMs", math.inf) / 1000:
            response = await exchange.json(step)
            if isinstance(first_at(response, form["items"]), list):
                looked_up[asked] = clock.now(), response
    except (UrlError, FailureError):
        if live is None and not step.optional:
            raise
    if live is not None or facts is None:
        return known_by(candidate, response)
    steps = tuple(one for one in candidate.steps if one.name != step.name)
    candidate = candidate._replace(facts=better(facts, response), steps=steps)
    said = facts_of(candidate)
    for name, one in _forms(form).items():
        if said[name] < one.get("least", said[name]):
            why = f"does not take {name}" if name == "images" else f"its {name} is too small"
            raise FailureError("unusable", f"{candidate.ref}: {why}")
    return candidate


def known_by(candidate: Candidate, response: Any) -> Candidate:
    """The candidate with what a response's row for its model says put over its modes."""
    live = candidate.live
    for item in every_at(response, f"{live['items']}/*"):
        if text_at(item, live["id"]) == live["model"]:
            modes = tuple(_over(mode, live, item) for mode in candidate.modes)
            return candidate._replace(modes=modes)
    return candidate


def _over(mode: Mode, live: Json, item: Any) -> Mode:
    if not mode.enabled:
        return mode
    rules = list(mode.normalize)
    for parameter, form in live["values"].items():
        values = listed(first_at(item, form["at"]), form["as"])
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


# --- facts of chat models ---------------------------------------------------------------------


def better(facts: Facts, response: Any) -> Facts:
    """The facts with those of a response that knows the model put over them."""
    lookup = facts.lookup
    for item in every_at(response, f"{lookup['items']}/*"):
        if all(first_at(item, at) == value for at, value in lookup["where"].items()):
            found = {name: _fact(form, item) for name, form in _forms(lookup).items()}
            facts = facts._replace(**fields_of(Facts, found))
            break
    return facts._replace(lookup=None)


_EFFORTS = ("minimal", "low", "medium", "high", "xhigh", "max")


def _contract(form: Json, item: Any) -> tuple[str, list[str]]:
    """How a model of a list is asked to think, and the levels it offers (CHAT-20', CHAT-51')."""
    contract = first_at(item, form["contract"])
    if not isinstance(contract, Mapping) or not isinstance(contract.get("mandatory"), bool):
        reasons = form["holds"] in listed(first_at(item, form["at"]), "texts")
        return ("usual", list(form.get("usual", ()))) if reasons else ("none", ["off"])
    off = [] if contract["mandatory"] else ["off"]
    efforts = contract.get("supported_efforts", [])
    offered = listed(efforts, "texts")
    known = _EFFORTS if efforts is None else [one for one in _EFFORTS if one in offered]
    return ("efforts", [*off, *known]) if known else ("switch", [*off, "low"])


def _forms(lookup: Json) -> dict[str, Json]:
    return {name: form for name, form in lookup.items() if name not in {"step", "items", "where"}}


def _fact(form: Json, item: Any) -> Any:
    if "contract" in form:
        thinking, levels = _contract(form, item)
        return levels if "usual" in form else thinking
    at = form["at"]
    values = [first_at(item, one) for one in ([at] if isinstance(at, str) else at)]
    if "holds" in form:
        value = next((one for one in values if isinstance(one, str | list)), None)
        if value is None:
            return form.get("unsaid", False)
        if isinstance(value, str):
            return form["holds"] in value.partition(form.get("before") or "\0")[0]
        return form["holds"] in value
    found = next((int(one) for one in values if is_number(one) and one > 0), form["default"])
    return min(found, form.get("most", found))
