"""Sharing input images out over the places that a model has for them (VID-05)."""

from __future__ import annotations

from typing import NamedTuple

from openclaw_config.plan.model import Placing
from openclaw_config.runtime.inputs import Input


class Placed(NamedTuple):
    """An input and the place it was given, "" where a model has no places."""

    item: Input
    place: str = ""


def share_out(items: tuple[Input, ...], placing: Placing | None) -> tuple[Placed, ...]:
    """The inputs in their order, each with its place."""
    if placing is None:
        return tuple(Placed(item) for item in items)
    holds = {place.name: place.holds for place in placing.places}
    roles = dict(placing.roles)
    taken: dict[str, int] = {}
    placed = []
    for item in items:
        place = roles.get(item.role.strip(), "")
        wanted = (place,) if place else placing.unnamed
        chosen = placing.overflow
        for name in wanted:
            if not holds.get(name) or taken.get(name, 0) < holds[name]:
                chosen = name
                break
        taken[chosen] = taken.get(chosen, 0) + 1
        placed.append(Placed(item, chosen))
    return tuple(placed)
