"""The arguments of a call: read and checked by the surface's rules, then fitted to its model.

Reading is step 1 of docs/plan.md. Fitting follows the plan's modes: OpenClaw changes some values
without asking and drops others without a word. The report has all of it: what was asked, what is
sent, and why.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any, NamedTuple

from openclaw_config.plan.model import Json, Mode, Normalize, Parameter
from openclaw_config.plan.values import either, escaped, in_case, is_number
from openclaw_config.runtime import inputs
from openclaw_config.runtime.errors import CallError
from openclaw_config.runtime.inputs import Input, Reader, dimensions

INPUT_KINDS = ("images", "videos", "audios")

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_WHOLE = re.compile(r"0(?:[xX][0-9a-fA-F]+|[oO][0-7]+|[bB][01]+)")
_DIGITS = re.compile(r"\+?[0-9]{1,16}")
_LONGEST = 1000
"""The longest hexadecimal number that is read, in characters."""


def read(
    parameters: tuple[Parameter, ...],
    call: Mapping[str, Any],
    *,
    tool: bool = True,
    reader: Reader = inputs.read_file,
) -> Arguments:
    """The arguments of a call. ``tool`` applies the parameters' checks. Raises CallError."""
    known = {name for parameter in parameters for name in (parameter.name, *parameter.aliases)}
    for name in call:
        if name not in known:
            raise _unknown(name, parameters)
    arguments = Arguments()
    # Roles come last: they go to inputs.
    for parameter in sorted(parameters, key=lambda one: one.type == "roles"):
        name, found = parameter.name, None
        # The parameter's own name goes before its aliases, but of inputs the one with the
        # singular name comes first (VID-16).
        is_input = parameter.type in INPUT_KINDS
        names = (*parameter.aliases, name) if is_input else (name, *parameter.aliases)
        values = [call[one] for one in names if call.get(one) is not None]
        if values and is_input:
            _read_inputs(arguments, parameter, values, tool)
        elif values:
            found = _READERS.get(parameter.type, _items)(arguments, parameter, values[0], tool)
        only = next((check for check in parameter.checks if check["check"] == "direct"), None)
        if only is not None and tool and values:
            found = _ignore(arguments, parameter, values[0], "an agent's call does not take it")
        elif only is not None and not tool and found is None:
            found = only["value"]
        if found is not None:
            arguments.values[name] = found
        elif parameter.required and name not in arguments.inputs:
            raise CallError(name, f"{name} required")
    # Where a call gives URLs, the bytes of these are fetched (SL-55).
    checks = dict(checks_of(parameters, "fetch"))
    fetched = {kind for kind, check in checks.items() if tool or check.get("direct", True)}
    for kind, items in arguments.inputs.items():
        loaded = (inputs.load(kind, item, reader, kind in fetched) for item in items)
        arguments.inputs[kind] = tuple(loaded)
    return arguments


def checks_of(parameters: tuple[Parameter, ...], kind: str) -> list[tuple[str, Json]]:
    """The checks of a kind, each with the name of its parameter."""
    checks = [(one.name, check) for one in parameters for check in one.checks]
    return [(name, check) for name, check in checks if check["check"] == kind]


def _unknown(name: str, parameters: tuple[Parameter, ...]) -> CallError:
    names = tuple(parameter.name for parameter in parameters)
    shown = escaped(str(name), 60)
    near = get_close_matches(shown, names, 1, 0.6)
    hint = f"; did you mean {near[0]}?" if near else ""
    return CallError(shown, f"there is no argument {shown}{hint}", names)


# --- single values ----------------------------------------------------------------------------


def _text(arguments: Arguments, parameter: Parameter, value: Any, tool: bool) -> Any:
    if not isinstance(value, str):
        if tool and not parameter.required:
            return _ignore(arguments, parameter, value, "no text")
        raise CallError(parameter.name, f"{parameter.name} must be a text")
    if tool and (not value or value.isspace()):
        return None
    for check in parameter.checks:
        form = _TEXT_CHECKS.get(check["check"])
        if form is not None and (tool or form is _max_length):
            value = form(parameter, check, value)
    return value


def _one_of(parameter: Parameter, check: Json, value: str) -> str:
    if value not in check["values"]:
        allowed = tuple(check["values"])
        message = f"{parameter.name} must be one of {either(allowed)}"
        raise CallError(parameter.name, message, allowed)
    return value


def _max_length(parameter: Parameter, check: Json, value: str) -> str:
    # Characters beyond U+FFFF count twice, as JavaScript counts them (TTS-24).
    length = len(value) + sum(1 for char in value if char > "\uffff")
    if length > check["value"]:
        raise CallError(parameter.name, check["message"].replace("{count}", str(length)))
    return value


def _in_case(value: str, check: Json) -> str:
    letters = check.get("afterDigits")
    fits = letters is None or (value[:-1].isdigit() and value[-1].lower() in letters)
    return in_case(value, check["to"]) if fits else value


_TEXT_CHECKS: dict[str, Callable[[Parameter, Json, str], str]] = {
    "trim": lambda _parameter, _check, value: value.strip(),
    "case": lambda _parameter, check, value: _in_case(value, check),
    "words": lambda _parameter, check, value: check["table"].get(value, value),
    "oneOf": _one_of,
    "maxLength": _max_length,
}


def _number(arguments: Arguments, parameter: Parameter, value: Any, tool: bool) -> Any:
    checks = parameter.checks if tool else ()
    for check in checks:
        if check["check"] == "whole":
            return _whole(parameter, check, value)
    leading = any(check["check"] == "leadingNumber" for check in checks)
    number = _of_text(value, leading=leading) if checks and isinstance(value, str) else value
    if not is_number(number):
        return _ignore(arguments, parameter, value, "not a number")
    for check in checks:
        kind = check["check"]
        if kind == "truncate":
            whole = math.trunc(number)
            if whole != number:
                change = Change(parameter.name, number, whole, "fractions are cut off")
                arguments.changes += (change,)
            number = whole
        elif kind == "roundUp":
            number = math.ceil(number / check["to"]) * check["to"]
        elif (kind == "above" and number <= check["value"]) or (
            kind == "between" and not check["values"][0] <= number <= check["values"][1]
        ):
            allowed = tuple(check["values"]) if kind == "between" else ()
            raise CallError(parameter.name, check["message"], allowed)
    return number


def _whole(parameter: Parameter, check: Json, value: Any) -> Any:
    """A whole number or its text within the check's limits, anything else is refused (VID-13')."""
    if isinstance(value, str) and _DIGITS.fullmatch(value.strip()):
        value = int(value)
    number = int(value) if is_number(value) and value == int(value) else check["least"] - 1
    if check["least"] <= number <= check.get("most", 2**53 - 1):
        return number
    raise CallError(parameter.name, check["message"])


def _of_text(text: str, *, leading: bool) -> float | None:
    """The number that a text is, as JavaScript's Number reads it; or that it begins with."""
    text = text.strip()
    if not leading and len(text) <= _LONGEST and _WHOLE.fullmatch(text):
        whole = int(text, 0)
        return float(whole) if whole <= sys.float_info.max else math.inf
    match = _NUMBER.match(text) if leading else _NUMBER.fullmatch(text)
    return None if match is None else float(match[0])


def _flag(arguments: Arguments, parameter: Parameter, value: Any, tool: bool) -> Any:
    flag = value
    if tool and isinstance(value, str):
        flag = {"true": True, "false": False}.get(value.strip().lower())
    if isinstance(flag, bool):
        return flag
    return _ignore(arguments, parameter, value, "neither true nor false")


def _ignore(arguments: Arguments, parameter: Parameter, value: Any, why: str) -> Any:
    """What is of another type counts as not given; OpenClaw does not say so."""
    arguments.dropped += (Drop(parameter.name, value, why, silent=True),)
    return None


def _object(arguments: Arguments, parameter: Parameter, value: Any, tool: bool) -> Any:
    if isinstance(value, Mapping):
        for check in parameter.checks if tool else ():
            for field in check.get("fields", ()):
                names = (field["name"], *field.get("aliases", ()))
                given = [name for name in names if value.get(name) is not None]
                if given:
                    name = f"{parameter.name}.{given[0]}"
                    one = Parameter(name, field["type"], checks=field["checks"])
                    _READERS.get(one.type, _items)(arguments, one, value[given[0]], True)
        return dict(value)
    message = next((check["message"] for check in parameter.checks if "message" in check), "")
    raise CallError(parameter.name, message or f"{parameter.name} must be an object")


def _items(arguments: Arguments, parameter: Parameter, value: Any, tool: bool) -> Any:
    if isinstance(value, list | tuple) and all(isinstance(item, Mapping) for item in value):
        return list(value) or None
    raise CallError(parameter.name, f"{parameter.name} must be a list of objects")


# --- inputs -----------------------------------------------------------------------------------


def _read_inputs(arguments: Arguments, parameter: Parameter, values: list[Any], tool: bool) -> None:
    found: list[Input] = []
    for value in values:
        several = isinstance(value, list | tuple) and not isinstance(value, Input)
        for one in value if several else [value]:
            if not isinstance(one, str) or one.strip():
                found.append(inputs.given(parameter.name, one))
    for check in parameter.checks if tool else ():
        kind = check["check"]
        if kind == "stripPrefix":
            urls = [one.url.strip().removeprefix(check["text"]).strip() for one in found]
            found = [one._replace(url=url) for one, url in zip(found, urls, strict=True)]
        elif kind == "unique":
            kept: dict[Any, Input] = {}
            for one in found:
                # What has neither is kept as it is; making it ready will refuse it.
                kept.setdefault(one.url or one.data or object(), one)
            found = list(kept.values())
        elif kind == "isMedia" and not all(
            inputs.is_said_to_be(one, check["type"]) for one in found
        ):
            raise CallError(parameter.name, check["message"])
        elif kind == "most" and len(found) > check["value"]:
            message = check["message"].replace("{count}", str(len(found)))
            raise CallError(parameter.name, message)
    if found:
        arguments.inputs[parameter.name] = tuple(found)


def _roles(arguments: Arguments, parameter: Parameter, value: Any, tool: bool) -> Any:
    """Roles go to the inputs of the same kind by position: imageRoles to images (VID-17)."""
    name, kind = parameter.name, f"{parameter.name.removesuffix('Roles')}s"
    if not isinstance(value, list | tuple):
        raise CallError(name, f"{name} must be a list of texts")
    items = list(arguments.inputs.get(kind, ()))
    if len(value) > len(items):
        raise CallError(name, f"{name} has {len(value)} roles for {len(items)} {kind}")
    for index, role in enumerate(value):
        if isinstance(role, str) and role:
            items[index] = items[index]._replace(role=role)
    arguments.inputs[kind] = tuple(items)
    return None


_READERS: dict[str, Callable[[Arguments, Parameter, Any, bool], Any]] = {
    "text": _text,
    "number": _number,
    "flag": _flag,
    "object": _object,
    "roles": _roles,
}
"""What reads an argument's value, by the parameter's type; the others are lists of objects."""


# --- what follows from other arguments --------------------------------------------------------


def inferred(arguments: Arguments, parameters: tuple[Parameter, ...]) -> Arguments:
    """The arguments with the values that follow from the sizes of the input images."""
    images = arguments.inputs.get("images", ())
    sizes = [dimensions(one.data) for one in images if one.data]
    largest = max((max(size) for size in sizes if size is not None), default=0)
    values = dict(arguments.values)
    changes = list(arguments.changes)
    for name, check in checks_of(parameters, "inferFromImages") if images else ():
        value = next((value for least, value in check["steps"] if largest >= least), None)
        if value is not None and values.keys().isdisjoint((name, *check["unless"])):
            values[name] = value
            changes.append(Change(name, None, value, "taken from the input images"))
    return replace(arguments, values=values, changes=tuple(changes))


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
        if rule.to in _LISTING and (value in rule.values or not rule.values):
            continue
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


def _ratio(rule: Normalize, value: Any, size: Any) -> Change | Drop:
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


def _nearest_word(rule: Normalize, value: Any, _: Any) -> Change | Drop:
    """By the distance of numbers, ties upward; of the same letter, unless any is meant."""
    own = _WORD.fullmatch(value.strip().upper()) if isinstance(value, str) else None
    words = [(one, found) for one in rule.values if (found := _WORD.fullmatch(one.upper()))]
    if own is not None and rule.to == "nearest-resolution":
        words = [(one, found) for one, found in words if found[2] == own[2]]
    if own is None or not words:
        return _drop(rule, value)
    wanted = float(own[1])
    best = min(words, key=lambda word: (abs(float(word[1][1]) - wanted), -float(word[1][1])))
    return _change(rule, value, best[0])


def _size_of_ratio(rule: Normalize, value: Any, size: Any) -> Change | Drop:
    """An aspect ratio becomes the nearest size, unless one is given (IMGP-04)."""
    wanted = _pair(value, _RATIO)
    if wanted is None or size is not None:
        return _drop(rule, value)
    change = _change(rule, None, _closest(wanted, rule.values, _SIZE), derived=rule.parameter)
    return change._replace(parameter=rule.instead)


def _nearest_size(rule: Normalize, value: Any, ratio: Any) -> Change | Drop:
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


_LISTING = frozenset({"ratio", "nearest-resolution", "nearest-number", "nearest-size"})
"""Rules that keep a value which is listed, or any where none is."""

_RULES: dict[str, Callable[[Normalize, Any, Any], Change | Drop | None]] = {
    "nearest": _nearest,
    "ratio": _ratio,
    "ratio-of-size": _ratio_of_size,
    "listed": lambda rule, value, _: None if value in rule.values else _drop(rule, value),
    "nearest-resolution": _nearest_word,
    "nearest-number": _nearest_word,
    "nearest-size": _nearest_size,
    "size-of-ratio": _size_of_ratio,
    "clamp": _clamp,
    "drop": lambda rule, value, _: _drop(rule, value, "this model does not take it"),
    "at-most": lambda *_: None,
    "at-least": lambda *_: None,
}
"""They take the rule, the value, and that of the parameter ``instead``."""
