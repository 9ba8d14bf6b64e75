"""What still holds of a mode once some parameters are known: its rules between parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from openclaw_config.capabilities.lookup import Choice, Constraint, ImageMode, VideoMode

AnyMode = TypeVar("AnyMode", VideoMode, ImageMode)


def holding(mode: VideoMode | ImageMode, given: Mapping[str, object]) -> tuple[Constraint, ...]:
    """The constraints of a mode whose conditions all hold.

    ``given`` maps parameters (``audio``, ``resolution``, ``imageRole`` …) to what the call gives
    for them. A list or tuple stands for several values, of which one that fits is enough. A
    parameter that is absent or None is not given.
    """
    return tuple(
        rule
        for rule in mode.constraints
        if all(_fits(given.get(name), values) for name, values in rule.when)
    )


def narrowed(mode: AnyMode, given: Mapping[str, object]) -> AnyMode | None:
    """The mode with every holding constraint applied; never wider than before.

    None when a constraint refuses the combination, or leaves no duration.
    """
    for rule in holding(mode, given):
        if rule.refused:
            return None
        mode = mode._replace(
            aspect_ratios=_common(mode.aspect_ratios, rule.aspect_ratios),
            resolutions=_common(mode.resolutions, rule.resolutions),
            sizes=_common(mode.sizes, rule.sizes),
            max_images=_tighter(min, mode.max_images, rule.max_images) or 0,
        )
        if isinstance(mode, VideoMode):
            shorter = _with_durations(mode, rule)
            if shorter is None:
                return None
            mode = shorter
    return mode


def _fits(value: object, wanted: tuple[str | bool, ...]) -> bool:
    values = value if isinstance(value, list | tuple) else [value]
    values = [item for item in values if item is not None]
    if "given" in wanted:
        return bool(values)
    # True and 1 are equal in Python and different here.
    return any(item == one and type(item) is type(one) for item in values for one in wanted)


def _common(supported: Choice, allowed: tuple[str, ...] | None) -> Choice:
    if allowed is None or supported is None:
        return supported
    if not supported:
        return allowed
    # An empty tuple would mean "any value"; nothing in common means "not supported".
    return tuple(value for value in supported if value in allowed) or None


def _tighter(pick: Callable[[int, int], int], one: int | None, other: int | None) -> int | None:
    if one is None or other is None:
        return one if other is None else other
    return pick(one, other)


def _with_durations(mode: VideoMode, rule: Constraint) -> VideoMode | None:
    low = _tighter(max, mode.min_duration, rule.min_duration)
    high = _tighter(min, mode.max_duration, rule.max_duration)
    if low is not None and high is not None and low > high:
        return None
    listed = mode.durations or rule.durations or ()
    left = tuple(
        value
        for value in listed
        if (rule.durations is None or value in rule.durations)
        and (low is None or value >= low)
        and (high is None or value <= high)
    )
    if listed and not left:
        return None
    return mode._replace(durations=left, min_duration=low, max_duration=high)
