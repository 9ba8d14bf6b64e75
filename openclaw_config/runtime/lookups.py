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


def _fact(form: Json, item: Any) -> Any:
    if "holds" in form:
        value = pointers.first(item, form["at"])
        if isinstance(value, str):
            return form["holds"] in value.partition(form.get("before") or "\0")[0]
        return isinstance(value, list) and form["holds"] in value
    for at in form["at"]:
        value = pointers.first(item, at)
        if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
            return int(value)
    return form["default"]
