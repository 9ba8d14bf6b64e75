"""The supported value that OpenClaw takes for one that is not supported."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import NamedTuple

_RATIO = re.compile(
    r"\s*([0-9]{1,15})(?:\.([0-9]{1,15}))?\s*:\s*([0-9]{1,15})(?:\.([0-9]{1,15}))?\s*"
)
_SIZE = re.compile(r"\s*([0-9]{1,15})\s*[xX]\s*([0-9]{1,15})\s*")
_LADDER = ("1K", "2K", "4K")


def rounded_duration(requested: float) -> int | None:
    """A duration as OpenClaw reports it: whole seconds, half upwards, at least 1 (VID-30).

    None when it is not a finite number: the duration is then left out.
    """
    if not math.isfinite(requested):
        return None
    whole = math.floor(requested)
    return max(1, whole + (requested - whole >= 0.5))


def nearest_duration(requested: float, values: Sequence[int]) -> int | None:
    """The supported duration, in seconds, nearest to the rounded request (VID-30).

    Of two that are equally near, the longer. Without supported values, the rounded request. None
    when the request is not a finite number.
    """
    wanted = rounded_duration(requested)
    if wanted is None or not values:
        return wanted
    return min(values, key=lambda value: (abs(value - wanted), -value))


def nearest_ratio(requested: str, values: Sequence[str]) -> str | None:
    """The supported aspect ratio that is nearest to a request (VID-31).

    A supported one is kept. Else the nearest on a logarithmic scale, then the smaller difference
    of the cross products, then the first in the order of the text. None when the request is no
    ratio (``adaptive``) or there is nothing to choose from.
    """
    if requested in values:
        return requested
    wanted = _parsed(requested)
    if wanted is None:
        return None
    candidates = [
        _distance(value, ratio, wanted) for value in values if (ratio := _parsed(value)) is not None
    ]
    if not candidates:
        return None
    best = candidates[0]
    for candidate in candidates[1:]:
        if candidate.before(best):
            best = candidate
    return best.value


class _Ratio(NamedTuple):
    """A ratio in whole numbers: what is written, times ``scale``."""

    width: int
    height: int
    scale: int


class _Distance(NamedTuple):
    """How far a candidate is from a request, in whole numbers.

    In floating point 4:3 and 3:4 are not equally far from 1:1; as fractions they are.
    |ln(candidate/request)| grows with ``larger/smaller``; the cross products differ by
    ``cross/scale``.
    """

    larger: int
    smaller: int
    cross: int
    scale: int
    value: str

    def before(self, other: _Distance) -> bool:
        """Whether this candidate is the better one."""
        mine, theirs = self.larger * other.smaller, other.larger * self.smaller
        if mine != theirs:
            return mine < theirs
        mine, theirs = self.cross * other.scale, other.cross * self.scale
        if mine != theirs:
            return mine < theirs
        return self.value < other.value


def _distance(value: str, ratio: _Ratio, wanted: _Ratio) -> _Distance:
    one, other = ratio.width * wanted.height, wanted.width * ratio.height
    return _Distance(max(one, other), min(one, other), abs(one - other), ratio.scale, value)


def _parsed(text: str) -> _Ratio | None:
    match = _RATIO.fullmatch(text)
    if match is None:
        return None
    digits = max(len(match[2] or ""), len(match[4] or ""))
    width = int(match[1] + (match[2] or "").ljust(digits, "0"))
    height = int(match[3] + (match[4] or "").ljust(digits, "0"))
    return _Ratio(width, height, 10**digits) if width and height else None


def nearest_ratio_of_size(size: str, values: Sequence[str]) -> str | None:
    """The supported aspect ratio nearest to a size such as ``1920x1080`` (IMG-12).

    None when the size cannot be read.
    """
    match = _SIZE.fullmatch(size)
    if match is None:
        return None
    width, height = int(match[1]), int(match[2])
    if not width or not height:
        return None
    divisor = math.gcd(width, height)
    return nearest_ratio(f"{width // divisor}:{height // divisor}", values)


def nearest_resolution(requested: str, values: Sequence[str]) -> str | None:
    """The supported resolution that OpenClaw takes for a request (VID-33).

    A supported one is kept. Otherwise only 1K, 2K and 4K have neighbours, the lower one first;
    anything else (480P, 768P, ``720p``) is dropped: None.
    """
    if requested in values:
        return requested
    if requested not in _LADDER:
        return None
    at = _LADDER.index(requested)
    steps = [_LADDER.index(value) for value in values if value in _LADDER]
    if not steps:
        return None
    return _LADDER[min(steps, key=lambda step: (abs(step - at), step))]
