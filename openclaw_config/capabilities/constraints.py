"""What a rule between parameters leaves of a mode."""

from __future__ import annotations

from collections.abc import Callable

from openclaw_config.capabilities.lookup import Choice, Constraint, Mode


def applied(mode: Mode, rule: Constraint) -> Mode | None:
    """The mode with a constraint applied; never wider than before.

    None when the constraint refuses the combination, or leaves no duration.
    """
    if rule.refused:
        return None
    mode = mode._replace(
        aspect_ratios=_common(mode.aspect_ratios, rule.aspect_ratios),
        resolutions=_common(mode.resolutions, rule.resolutions),
        sizes=_common(mode.sizes, rule.sizes),
        max_images=_tighter(min, mode.max_images, rule.max_images) or 0,
    )
    return _with_durations(mode, rule)


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


def _with_durations(mode: Mode, rule: Constraint) -> Mode | None:
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
