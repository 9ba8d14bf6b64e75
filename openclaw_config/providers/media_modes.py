"""A capability row as the rules that fit a call to it; every provider's media modes use this."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from openclaw_config.capabilities.constraints import applied
from openclaw_config.capabilities.lookup import Choice, Constraint, ImageMode, VideoMode
from openclaw_config.plan.model import Normalize


def fitting(row: VideoMode | ImageMode) -> tuple[Normalize, ...]:
    """The rules of a mode, in order: what it takes, then what holds between its parameters."""
    rules = list(_rules(row))
    for constraint in row.constraints:
        rules += _constrained(row, constraint)
    return tuple(rules)


def _rules(row: VideoMode | ImageMode) -> Iterator[Normalize]:
    if isinstance(row, VideoMode):
        yield from _duration(row)
    else:
        yield Normalize("count", "clamp", (1, row.outputs))
    if row.sizes is None and row.aspect_ratios is not None and isinstance(row, ImageMode):
        yield Normalize("size", "ratio-of-size", row.aspect_ratios, instead="aspectRatio")
    else:
        yield from _choice("size", "listed", row.sizes)
    is_image = isinstance(row, ImageMode)
    instead = "" if is_image else "size"
    yield from _choice("aspectRatio", "ratio", row.aspect_ratios, instead, silent=is_image)
    yield from _choice("resolution", "listed", row.resolutions, silent=True)
    if isinstance(row, VideoMode):
        for name, taken in (("audio", row.audio), ("watermark", row.watermark)):
            if not taken:
                yield Normalize(name, "drop")
        return
    for name, values in (
        ("quality", row.qualities),
        ("outputFormat", row.formats),
        ("background", row.backgrounds),
    ):
        yield from _choice(name, "listed", values or None)


def _duration(row: VideoMode) -> Iterator[Normalize]:
    if row.durations:
        yield Normalize("durationSeconds", "nearest", row.durations)
    elif row.min_duration is not None or row.max_duration is not None:
        low = row.min_duration or 1
        yield Normalize("durationSeconds", "clamp", (low, row.max_duration or 2**31))


def _choice(
    name: str,
    to: Literal["listed", "ratio"],
    values: Choice,
    instead: str = "",
    *,
    silent: bool = False,
) -> Iterator[Normalize]:
    """Nothing where any value goes, else the rule for what is listed, or that nothing is taken."""
    if values is None:
        yield Normalize(name, "drop", silent=silent)
    elif values:
        yield Normalize(name, to, values, instead, silent)


def _constrained(row: VideoMode | ImageMode, constraint: Constraint) -> Iterator[Normalize]:
    """What a constraint makes of the mode's rules, where its condition holds."""
    narrow = applied(row, constraint)
    if narrow is None:
        yield Normalize(constraint.when[0][0], "refuse", when=constraint.when, why=constraint.why)
        return
    plain = set(_rules(row))
    for rule in _rules(narrow):
        if rule not in plain:
            yield rule._replace(when=constraint.when, why=constraint.why)
    if narrow.max_images != row.max_images:
        most = (narrow.max_images,)
        yield Normalize("inputImages", "at-most", most, when=constraint.when, why=constraint.why)
