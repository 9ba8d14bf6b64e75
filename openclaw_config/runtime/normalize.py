"""Fitting a call's values to what a model takes, as the plan's modes say, and the report of it.

OpenClaw changes some values without asking and drops others without a word. The report has all of
it: what was asked, what is sent, and why.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from openclaw_config.plan.model import Mode, Normalize
from openclaw_config.runtime.errors import CallError
from openclaw_config.runtime.inputs import Input
from openclaw_config.runtime.values import either, escaped, is_number


class Change(NamedTuple):
    """A value that is sent as another one. ``derived_from`` names the parameter it was made of."""

    parameter: str
    requested: Any
    applied: Any
    why: str
    supported: tuple[Any, ...] = ()
    derived_from: str = ""


class Drop(NamedTuple):
    """A value that is not sent. ``silent`` is true where OpenClaw does not tell its user."""

    parameter: str
    value: Any
    why: str
    supported: tuple[Any, ...] = ()
    silent: bool = False


@dataclass(repr=False)
class Arguments:
    """The arguments of one call. ``values`` and ``inputs`` go by the parameter's name.

    ``changes`` and ``dropped`` tell what reading and fitting them already did to them.
    """

    values: dict[str, Any] = field(default_factory=dict)
    inputs: dict[str, tuple[Input, ...]] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    dropped: tuple[Drop, ...] = ()

    def __repr__(self) -> str:
        return f"<arguments {', '.join((*self.values, *self.inputs))}>"


class Normalization(NamedTuple):
    """The report for one candidate: its ``ref``, the ``mode``, and what changed or was dropped.

    ``mode`` is "" when no mode fits the inputs, and then nothing is normalised.
    """

    ref: str
    mode: str
    changes: tuple[Change, ...] = ()
    dropped: tuple[Drop, ...] = ()

    def lines(self) -> list[str]:
        """The report as sentences, one for each value."""
        lines = []
        for change in self.changes:
            asked = "" if change.requested is None else f"{_shown(change.requested)} -> "
            lines.append(f"{change.parameter}: {asked}{_shown(change.applied)} ({change.why})")
        for drop in self.dropped:
            quiet = "; OpenClaw does not say so" if drop.silent else ""
            lines.append(f"{drop.parameter}: {_shown(drop.value)} is not sent ({drop.why}{quiet})")
        return lines


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:g}" if abs(value) < 1e15 else "the number"
    text = value if isinstance(value, str) else "the value"
    return text if len(text) <= 40 and text.isprintable() else escaped(text, 40) + "…"


_RATIO = re.compile(r"\s*(\d+(?:\.\d+)?)\s*:\s*(\d+(?:\.\d+)?)\s*")
_SIZE = re.compile(r"\s*(\d+)\s*[xX]\s*(\d+)\s*")


def fit(mode: Mode | None, arguments: Arguments) -> Arguments:
    """The arguments with the values that a mode's rules make of them; the same without a mode.

    Raises CallError where a rule refuses the combination.
    """
    values = dict(arguments.values)
    changes, dropped = list(arguments.changes), list(arguments.dropped)
    inputs = arguments.inputs
    every = [item for items in inputs.values() for item in items]
    urls = sum(item.data is None for item in every)
    given = {kind: items for kind, items in inputs.items() if items}
    brought: dict[str, Any] = {f"input{kind.title()}": len(given[kind]) for kind in given}
    brought |= {"inputs": len(every), "inputUrls": urls, "inputFiles": len(every) - urls}
    sizes = [len(item.data) for item in every if item.data is not None]
    brought |= {"inputBytes": max(sizes)} if sizes else {}
    brought["imageRole"] = [item.role or "unset" for item in inputs.get("images", ())]
    for rule in mode.normalize if mode is not None else ():
        given = {**values, **brought}
        if not all(_fits(given.get(name), wanted) for name, wanted in rule.when):
            continue
        if rule.to == "set":
            values[rule.parameter] = rule.values[0]
            continue
        if rule.parameter not in given:
            continue
        value = given[rule.parameter]
        if rule.to == "refuse" or _is_beyond(rule, value):
            most = str(rule.values[0]) if rule.values else ""
            raise CallError(rule.parameter, rule.why.replace("{most}", most))
        found = _RULES[rule.to](rule, value, values.get(rule.instead))
        if isinstance(found, Drop) or (found and found.parameter != rule.parameter):
            values.pop(rule.parameter, None)
        if isinstance(found, Drop):
            dropped.append(found)
        elif found is not None:
            values[found.parameter] = found.applied
            if found.applied != found.requested or found.derived_from:
                changes.append(found)
    return replace(arguments, values=values, changes=tuple(changes), dropped=tuple(dropped))


def _is_beyond(rule: Normalize, value: Any) -> bool:
    limit = rule.values[0] if rule.values else value
    return (rule.to == "at-most" and value > limit) or (rule.to == "at-least" and value < limit)


def _fits(value: Any, wanted: tuple[Any, ...]) -> bool:
    values = value if isinstance(value, list) else [] if value is None else [value]
    if "given" in wanted:
        return bool(values)
    # True and 1 are equal in Python and different here.
    return any(item == one and type(item) is type(one) for item in values for one in wanted)


# --- the rules: what becomes of a value, which is kept where a rule gives None -----------------


def _change(rule: Normalize, asked: Any, applied: Any, why: str = "", derived: str = "") -> Change:
    why = f"made of {derived}" if derived else why or f"it takes {either(rule.values)}"
    return Change(rule.parameter, asked, applied, why, tuple(rule.values), derived)


def _drop(rule: Normalize, value: Any, why: str = "") -> Drop:
    why = why or f"it takes {either(rule.values)}"
    return Drop(rule.parameter, value, why, tuple(rule.values), rule.silent)


def _nearest(rule: Normalize, value: Any, _: Any) -> Change | Drop:
    if not is_number(value):
        return _drop(rule, value, "not a number")
    wanted = max(1, math.floor(value + 0.5))
    nearest = min(rule.values or (wanted,), key=lambda one: (abs(one - wanted), -one))
    return _change(rule, value, nearest)


def _clamp(rule: Normalize, value: Any, _: Any) -> Change:
    low, high = rule.values
    applied = min(max(math.trunc(value), low), high) if is_number(value) else low
    return _change(rule, value, applied, f"it takes {low} to {high}")


def _ratio(rule: Normalize, value: Any, size: Any) -> Change | Drop | None:
    if value in rule.values or not rule.values:
        return None
    wanted = _pair(value, _RATIO)
    derived = "" if wanted else rule.instead
    wanted = wanted or _pair(size, _SIZE)
    if wanted is None:
        return _drop(rule, value, "it is not a ratio that the model takes")
    return _change(rule, value, _closest(wanted, rule.values), derived=derived)


def _ratio_of_size(rule: Normalize, value: Any, ratio: Any) -> Change | Drop:
    if ratio in rule.values:
        # What is asked for explicitly wins; the size then goes without a word.
        return _drop(rule, value, f"{rule.instead} is given and decides")._replace(silent=True)
    wanted = _pair(ratio, _RATIO) or _pair(value, _SIZE)
    if wanted is None or not rule.values:
        return _drop(rule, value, "this model takes no size")
    change = _change(rule, None, _closest(wanted, rule.values), derived=rule.parameter)
    return change._replace(parameter=rule.instead)


_WORD = re.compile(r"(\d+(?:\.\d+)?)([A-Z]?)")


def _nearest_word(rule: Normalize, value: Any, _: Any) -> Change | Drop | None:
    """By the distance of numbers, ties upward; of the same letter, unless any is meant."""
    if value in rule.values or not rule.values:
        return None
    own = _WORD.fullmatch(value.strip().upper()) if isinstance(value, str) else None
    words = [(one, found) for one in rule.values if (found := _WORD.fullmatch(one.upper()))]
    if own is not None and rule.to == "nearest-resolution":
        words = [(one, found) for one, found in words if found[2] == own[2]]
    if own is None or not words:
        return _drop(rule, value)
    wanted = float(own[1])
    best = min(words, key=lambda word: (abs(float(word[1][1]) - wanted), -float(word[1][1])))
    return _change(rule, value, best[0])


def _nearest_size(rule: Normalize, value: Any, ratio: Any) -> Change | Drop | None:
    if value in rule.values or not rule.values:
        return None
    size = _pair(value, _SIZE)
    wanted = size or _pair(ratio, _RATIO)
    if wanted is None:
        return _drop(rule, value)
    area = size[0] * size[1] if size else 0.0
    return _change(rule, value, _closest(wanted, rule.values, _SIZE, area))


def _pair(value: Any, form: re.Pattern[str]) -> tuple[float, float] | None:
    match = form.fullmatch(value) if isinstance(value, str) else None
    pair = (float(match[1]), float(match[2])) if match else (0.0, 0.0)
    return pair if min(pair) > 0 else None


def _closest(
    wanted: tuple[float, float], values: Any, form: re.Pattern[str] = _RATIO, area: float = 0.0
) -> Any:
    """By the distance of logarithms, then of cross products or areas, then by text (VID-31)."""

    def distance(text: str) -> tuple[float, float, str]:
        width, height = _pair(text, form) or (1.0, 1.0)
        spread = abs(math.log((width / height) / (wanted[0] / wanted[1])))
        if form is _RATIO:
            tie = abs(width * wanted[1] - wanted[0] * height)
        else:
            tie = abs(math.log(width * height / area)) if area else 0.0
        # Both sides of an exact tie must come out the same, so what only rounding parts is cut.
        return (round(spread, 12), round(tie, 9), text)

    return min(values, key=distance)


_RULES: dict[str, Callable[[Normalize, Any, Any], Change | Drop | None]] = {
    "nearest": _nearest,
    "ratio": _ratio,
    "ratio-of-size": _ratio_of_size,
    "listed": lambda rule, value, _: None if value in rule.values else _drop(rule, value),
    "nearest-resolution": _nearest_word,
    "nearest-number": _nearest_word,
    "nearest-size": _nearest_size,
    "clamp": _clamp,
    "drop": lambda rule, value, _: _drop(rule, value, "this model does not take it"),
    "at-most": lambda *_: None,
    "at-least": lambda *_: None,
}
"""They take the rule, the value, and that of the parameter ``instead``."""
