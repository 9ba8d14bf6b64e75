"""JSON as JavaScript writes it: its numbers, and the order of its keys (SL-03)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from math import isfinite
from typing import Any

_LAST_INDEX = 2**32 - 2
_LONE_SURROGATE = re.compile(
    "[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]"
)


def stringify(value: Any) -> str:
    """A JSON value as ``JSON.stringify`` writes it. Raises RecursionError."""
    if isinstance(value, Mapping):
        members = [f"{stringify(str(key))}:{stringify(value[key])}" for key in _ordered(value)]
        return f"{{{','.join(members)}}}"
    if isinstance(value, list | tuple):
        return f"[{','.join(map(stringify, value))}]"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number(value)
    if isinstance(value, str):
        text = json.dumps(value, ensure_ascii=False)
        return _LONE_SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    return json.dumps(value)


def without_lone_surrogates(text: str) -> str:
    """A text without halves of characters, which no provider takes."""
    return _LONE_SURROGATE.sub("", text)


def _ordered(value: Mapping[str, Any]) -> list[str]:
    """The keys in JavaScript's order: array indexes first, ascending."""
    indexes = [key for key in value if _is_index(key)]
    return [*sorted(indexes, key=int), *(key for key in value if key not in indexes)]


def _is_index(key: Any) -> bool:
    plain = isinstance(key, str) and key.isascii() and key.isdigit() and len(key) <= 10
    return plain and str(int(key)) == key and int(key) <= _LAST_INDEX


def _number(value: int | float) -> str:
    try:
        number = float(value)
    except OverflowError:
        return "null"
    if not isfinite(number):
        return "null"
    mantissa, _, exponent = repr(abs(number)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    # Where the point stands, counted from the first digit that is not 0.
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    if not digits:
        return "0"
    sign = "-" if number < 0 else ""
    if not -6 < point <= 21:
        rest = f".{digits[1:]}" if len(digits) > 1 else ""
        return f"{sign}{digits[0]}{rest}e{'+' if point > 0 else ''}{point - 1}"
    if point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    if len(digits) <= point:
        return sign + digits.ljust(point, "0")
    return f"{sign}{digits[:point]}.{digits[point:]}"
