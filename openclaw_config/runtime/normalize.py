"""Fitting a call's values to what a model takes, as the plan's modes say, and the report of it.

OpenClaw changes some values without asking and drops others without a word. The report has all of
it: what was asked, what is sent, and why.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
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


@dataclass
class Fitted:
    """The values of one candidate, and the record of how they came about."""

    values: dict[str, Any]
    changes: list[Change] = field(default_factory=list)
    dropped: list[Drop] = field(default_factory=list)

    def change(
        self, rule: Normalize, requested: Any, applied: Any, derived: str = "", why: str = ""
    ) -> None:
        """Put a value in, and record it when it is not what was asked."""
        name = rule.instead if derived and rule.to == "ratio-of-size" else rule.parameter
        self.values[name] = applied
        if applied != requested or derived:
            why = f"made of {derived}" if derived else why or f"it takes {either(rule.values)}"
            self.changes.append(Change(name, requested, applied, why, tuple(rule.values), derived))

    def drop(self, rule: Normalize, why: str, *, silent: bool | None = None) -> None:
        """Take a value out, and record it."""
        value = self.values.pop(rule.parameter)
        quiet = rule.silent if silent is None else silent
        self.dropped.append(Drop(rule.parameter, value, why, tuple(rule.values), quiet))


def fit(
    mode: Mode | None, values: dict[str, Any], inputs: Mapping[str, tuple[Input, ...]]
) -> Fitted:
    """The values that a mode's rules make of a call's; without a mode they stay as they are.

    Raises CallError where a rule refuses the combination.
    """
    fitted = Fitted(dict(values))
    brought = {f"input{kind.title()}": len(items) for kind, items in inputs.items() if items}
    every = [item for items in inputs.values() for item in items]
    urls = sum(item.data is None for item in every)
    brought |= {"inputs": len(every), "inputUrls": urls, "inputFiles": len(every) - urls}
    roles = [item.role or "unset" for item in inputs.get("images", ())]
    for rule in mode.normalize if mode is not None else ():
        given = {**fitted.values, **brought, **({"imageRole": roles} if roles else {})}
        if not all(_fits(given.get(name), wanted) for name, wanted in rule.when):
            continue
        if rule.to == "set":
            fitted.values[rule.parameter] = rule.values[0]
        if rule.parameter not in given:
            continue
        if rule.to in {"refuse", "at-most"}:
            if rule.to == "refuse" or given[rule.parameter] > rule.values[0]:
                most = str(rule.values[0]) if rule.values else ""
                raise CallError(rule.parameter, rule.why.replace("{most}", most))
        else:
            _RULES[rule.to](fitted, rule)
    return fitted


def _fits(value: Any, wanted: tuple[Any, ...]) -> bool:
    values = value if isinstance(value, list) else [] if value is None else [value]
    if "given" in wanted:
        return bool(values)
    # True and 1 are equal in Python and different here.
    return any(item == one and type(item) is type(one) for item in values for one in wanted)


def _nearest(fitted: Fitted, rule: Normalize) -> None:
    value = fitted.values[rule.parameter]
    if not is_number(value):
        fitted.drop(rule, "not a number")
        return
    wanted = max(1, math.floor(value + 0.5))
    if rule.values:
        wanted = min(rule.values, key=lambda one: (abs(one - wanted), -one))
    fitted.change(rule, value, wanted)


def _listed(fitted: Fitted, rule: Normalize) -> None:
    if fitted.values[rule.parameter] not in rule.values:
        fitted.drop(rule, f"it takes {either(rule.values)}")


def _clamp(fitted: Fitted, rule: Normalize) -> None:
    low, high = rule.values
    value = fitted.values[rule.parameter]
    applied = min(max(math.trunc(value), low), high) if is_number(value) else low
    fitted.change(rule, value, applied, why=f"it takes {low} to {high}")


def _drop(fitted: Fitted, rule: Normalize) -> None:
    fitted.drop(rule, "this model does not take it")


def _ratio(fitted: Fitted, rule: Normalize) -> None:
    value = fitted.values[rule.parameter]
    if value in rule.values or not rule.values:
        return
    wanted = _ratio_of(value, _RATIO)
    if wanted is not None:
        fitted.change(rule, value, _closest(wanted, rule.values))
        return
    size = _ratio_of(fitted.values.get(rule.instead), _SIZE) if rule.instead else None
    if size is None:
        fitted.drop(rule, "it is not a ratio that the model takes")
    else:
        fitted.change(rule, value, _closest(size, rule.values), rule.instead)


def _ratio_of_size(fitted: Fitted, rule: Normalize) -> None:
    size = fitted.values[rule.parameter]
    given = fitted.values.get(rule.instead)
    if given in rule.values:
        # What is asked for explicitly wins; the size then goes without a word.
        fitted.drop(rule, f"{rule.instead} is given and decides", silent=True)
        return
    wanted = _ratio_of(given, _RATIO) or _ratio_of(size, _SIZE)
    if wanted is None or not rule.values:
        fitted.drop(rule, "this model takes no size")
        return
    del fitted.values[rule.parameter]
    fitted.change(rule, None, _closest(wanted, rule.values), rule.parameter)


_WORD = re.compile(r"(\d+(?:\.\d+)?)([A-Z]?)")


def _nearest_word(fitted: Fitted, rule: Normalize) -> None:
    """By the distance of numbers, ties upward; of the same letter, unless any is meant."""
    value = fitted.values[rule.parameter]
    if value in rule.values or not rule.values:
        return
    own = _WORD.fullmatch(value.strip().upper()) if isinstance(value, str) else None
    words = [(one, found) for one in rule.values if (found := _WORD.fullmatch(one.upper()))]
    if own is not None and rule.to == "nearest-resolution":
        words = [(one, found) for one, found in words if found[2] == own[2]]
    if own is None or not words:
        fitted.drop(rule, f"it takes {either(rule.values)}")
        return
    wanted = float(own[1])
    best = min(words, key=lambda word: (abs(float(word[1][1]) - wanted), -float(word[1][1])))
    fitted.change(rule, value, best[0])


def _nearest_size(fitted: Fitted, rule: Normalize) -> None:
    value = fitted.values[rule.parameter]
    if value in rule.values or not rule.values:
        return
    size = _ratio_of(value, _SIZE)
    ratio = size or _ratio_of(fitted.values.get(rule.instead), _RATIO)
    if ratio is None:
        fitted.drop(rule, f"it takes {either(rule.values)}")
        return

    def distance(text: str) -> tuple[float, float, str]:
        width, height = _ratio_of(text, _SIZE) or (1.0, 1.0)
        spread = abs(math.log((width / height) / (ratio[0] / ratio[1])))
        area = abs(math.log(width * height / (size[0] * size[1]))) if size else 0.0
        return (round(spread, 12), round(area, 12), text)

    fitted.change(rule, value, min(rule.values, key=distance))


def _ratio_of(value: Any, form: re.Pattern[str]) -> tuple[float, float] | None:
    match = form.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    width, height = float(match[1]), float(match[2])
    return (width, height) if width > 0 and height > 0 else None


def _closest(wanted: tuple[float, float], values: tuple[Any, ...]) -> Any:
    """By the distance of logarithms, then of cross products, then by text (VID-31)."""
    width, height = wanted

    def distance(text: str) -> tuple[float, float, str]:
        own = _ratio_of(text, _RATIO) or (1.0, 1.0)
        spread = abs(math.log((own[0] / own[1]) / (width / height)))
        # Both sides of an exact tie must come out the same, so what only rounding parts is cut.
        return (round(spread, 12), round(abs(own[0] * height - width * own[1]), 9), text)

    return min(values, key=distance)


_RULES: dict[str, Callable[[Fitted, Normalize], None]] = {
    "nearest": _nearest,
    "ratio": _ratio,
    "ratio-of-size": _ratio_of_size,
    "listed": _listed,
    "nearest-resolution": _nearest_word,
    "nearest-number": _nearest_word,
    "nearest-size": _nearest_size,
    "clamp": _clamp,
    "drop": _drop,
}
