"""Facts about a model that a look-up improves (docs/plan.md, "Facts that a look-up improves")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openclaw_config.plan.model import Json
from openclaw_config.runtime import pointers

_NOT_FACTS = frozenset({"step", "items", "where"})


def better(facts: Mapping[str, Any], lookup: Json, response: Any) -> dict[str, Any] | None:
    """The facts with those that a response knows put over them; None when it knows the model not.

    ``lookup`` is the plan's ``facts.lookup``.
    """
    items = pointers.first(response, lookup["items"])
    for item in items if isinstance(items, list) else ():
        if all(pointers.first(item, at) == value for at, value in lookup["where"].items()):
            found = {
                name: _fact(form, item) for name, form in lookup.items() if name not in _NOT_FACTS
            }
            return {**facts, **found}
    return None


def too_small(facts: Mapping[str, Any], lookup: Json) -> str:
    """The name of a fact below the least that its form asks for, or ""."""
    for name, form in lookup.items():
        if name not in _NOT_FACTS and facts[name] < form.get("least", facts[name]):
            return str(name)
    return ""


def _fact(form: Json, item: Any) -> Any:
    at = form["at"]
    values = [pointers.first(item, one) for one in ([at] if isinstance(at, str) else at)]
    if "holds" in form:
        value = next((one for one in values if isinstance(one, str | list)), None)
        if isinstance(value, str):
            return form["holds"] in value.partition(form.get("before") or "\0")[0]
        return value is not None and form["holds"] in value
    for value in values:
        if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
            return min(int(value), form.get("most", int(value)))
    return min(form["default"], form.get("most", form["default"]))
