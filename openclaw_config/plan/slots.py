"""Which values a slot of a body takes: the same for the config's and for a call's."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from openclaw_config.plan.model import Json

_TYPES: dict[str, Callable[[Any], bool]] = {
    "number": lambda value: type(value) in {int, float} and math.isfinite(value),
    "flag": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, Mapping),
    "structure": lambda value: isinstance(value, Mapping | list),
    "text": lambda value: isinstance(value, str),
}


def fitting(value: Any, slot: Json) -> Json:
    """A value as a slot of its type takes it, None where it does not (CHAT-31, CHAT-31')."""
    kind = slot.get("type")
    if kind == "texts":
        texts = value if isinstance(value, list | tuple) else [value]
        return [one for one in texts if isinstance(one, str) and one.strip()] or None
    if kind is not None and not _TYPES[kind](value):
        return None
    if any(value.get(key) not in allowed for key, allowed in slot.get("members", {}).items()):
        return None
    return value
