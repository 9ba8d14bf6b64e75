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
from typing import Any, NamedTuple, TypeAlias

from openclaw_config.plan.model import Json, Mode, Normalize, Parameter
from openclaw_config.plan.values import either, escaped, in_case, is_number, stringify, units
from openclaw_config.runtime import inputs
from openclaw_config.runtime.errors import CallError
from openclaw_config.runtime.inputs import Input, Reader

INPUT_KINDS = ("images", "videos", "audios")

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_WHOLE = re.compile(r"0(?:[xX][0-9a-fA-F]+|[oO][0-7]+|[bB][01]+)")
_DIGITS = re.compile(r"\+?[0-9]{1,16}")


def read(
    parameters: tuple[Parameter, ...], call: Mapping[str, Any], tool: bool, reader: Reader
) -> Arguments:
    """The arguments of a call. ``tool`` applies the parameters' checks. Raises CallError."""
    names = tuple(one.name for one in parameters)
    known = {*names, *(alias for one in parameters for alias in one.aliases)}
    for name in (one for one in call if one not in known):
        shown = escaped(str(name), 60)
        raise CallError(shown, f"there is no argument {shown}, only {', '.join(names)}", names)
    arguments = Arguments()
    # Roles come last: they go to inputs.
    for parameter in sorted(parameters, key=lambda one: one.type == "roles"):
        name = parameter.name
        # The parameter's own name goes before its aliases, but of inputs the one with the
        # singular name comes first (VID-16).
        is_input = parameter.type in INPUT_KINDS
        names = (*parameter.aliases, name) if is_input else (name, *parameter.aliases)
        values = [call[one] for one in names if call.get(one) is not None]
        only = next((check for check in parameter.checks if check["check"] == "direct"), None)
        if only is not None and not tool:
            values = values or [only["value"]]
        if only is not None and tool and values:
            _ignore(arguments, parameter, values[0], "an agent's call does not take it")
        elif values:
            _read_value(arguments, parameter, values if is_input else values[0], tool)
        if parameter.required and name not in {*arguments.values, *arguments.inputs}:
            raise CallError(name, f"{name} required")
    # Where a call gives URLs, the bytes of these are fetched (SL-55).
    checks = checks_of(parameters, "fetch")
    fetched = {kind: check for kind, check in checks if tool or check.get("direct", True)}
    for kind, items in arguments.inputs.items():
        fetch = fetched.get(kind)
        arguments.inputs[kind] = tuple(inputs.load(kind, item, reader, fetch) for item in items)
    return arguments


def checks_of(parameters: tuple[Parameter, ...], kind: str) -> list[tuple[str, Json]]:
    """The checks of a kind, each with the name of its parameter."""
    checks = [(one.name, check) for one in parameters for check in one.checks]
    return [(name, check) for name, check in checks if check["check"] == kind]


def _read_value(arguments: Arguments, parameter: Parameter, value: Any, tool: bool) -> None:
    """Put a value that is given among the arguments, in its type and checked. Raises CallError."""
    checks = [one for one in parameter.checks if tool or one["check"] == "maxLength"]
    found = _TYPES.get(parameter.type, _items)(arguments, parameter, value, tool)
    for check in checks if found is not None else ():
        kind = check["check"]
        if kind in _REFUSED and _REFUSED[kind](found, check):
            raise _refusal(parameter, check, found)
        made = _MADE[kind](found, check) if kind in _MADE else found
        if kind == "truncate" and made != found:
            change = Change(parameter.name, found, made, "fractions are cut off")
            arguments.changes += (change,)
        found = made
    if parameter.type in INPUT_KINDS and found:
        arguments.inputs[parameter.name] = tuple(found)
    elif found is not None and parameter.type not in INPUT_KINDS:
        arguments.values[parameter.name] = found


# --- types: a value as its parameter takes it, None where it counts as not given --------------


def _text(arguments: Arguments, parameter: Parameter, value: Any, tool: bool) -> Any:
    if isinstance(value, str):
        return None if tool and (not value or value.isspace()) else value
    if tool and not parameter.required:
        return _ignore(arguments, parameter, value, "no text")
    raise CallError(parameter.name, f"{parameter.name} must be a text")


def _number(arguments: Arguments, parameter: Parameter, value: Any, tool: bool) -> Any:
    kinds = {check["check"] for check in parameter.checks if tool}
    if "whole" in kinds:
        return int(value) if isinstance(value, str) and _DIGITS.fullmatch(value.strip()) else value
    said, leading = kinds and isinstance(value, str), "leadingNumber" in kinds
    number = _of_text(value.strip(), leading=leading) if said else value
    return number if is_number(number) else _ignore(arguments, parameter, value, "not a number")


def _of_text(text: str, *, leading: bool) -> float | None:
    """The number that a text is, as JavaScript's Number reads it; or that it begins with."""
    if not leading and _WHOLE.fullmatch(text):
        whole = int(text, 0)
        return float(whole) if whole <= sys.float_info.max else math.inf
    match = _NUMBER.match(text) if leading else _NUMBER.fullmatch(text)
    return None if match is None else float(match[0])


def _flag(arguments: Arguments, parameter: Parameter, value: Any, tool: bool) -> Any:
    words = {"true": True, "false": False}
    flag = words.get(value.strip().lower()) if tool and isinstance(value, str) else value
    if isinstance(flag, bool):
        return flag
    return _ignore(arguments, parameter, value, "neither true nor false")


def _ignore(arguments: Arguments, parameter: Parameter, value: Any, why: str) -> Any:
    """What is of another type counts as not given; OpenClaw does not say so."""
    arguments.dropped += (Change(parameter.name, value, None, why, silent=True),)
    return None


def _object(_: Arguments, parameter: Parameter, value: Any, tool: bool) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        message = next((one["message"] for one in parameter.checks if "message" in one), "")
        raise CallError(parameter.name, message or f"{parameter.name} must be an object")
    members = [one for check in parameter.checks if tool for one in check.get("fields", ())]
    for member in members:
        names = (member["name"], *member.get("aliases", ()))
        given = [name for name in names if value.get(name) is not None]
        for name in given[:1]:
            one = Parameter(f"{parameter.name}.{name}", member["type"], checks=member["checks"])
            # The fields are only checked: the object stays as it is.
            _read_value(Arguments(), one, value[name], tool)
    return dict(value)


def _items(_: Arguments, parameter: Parameter, value: Any, tool: bool) -> Any:
    if isinstance(value, list | tuple) and all(isinstance(item, Mapping) for item in value):
        return list(value) or None
    raise CallError(parameter.name, f"{parameter.name} must be a list of objects")


def _inputs(_: Arguments, parameter: Parameter, values: Any, tool: bool) -> list[Input]:
    each: list[Any] = []
    for value in values:
        several = isinstance(value, list | tuple) and not isinstance(value, Input)
        each += value if several else [value]
    given = [one for one in each if not isinstance(one, str) or one.strip()]
    return [inputs.given(parameter.name, one) for one in given]


def _roles(arguments: Arguments, parameter: Parameter, value: Any, tool: bool) -> None:
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


_TYPES: dict[str, Callable[[Arguments, Parameter, Any, bool], Any]] = {
    "text": _text,
    "number": _number,
    "flag": _flag,
    "object": _object,
    "roles": _roles,
    **dict.fromkeys(INPUT_KINDS, _inputs),
}
"""What reads a value, by the parameter's type; the others are lists of objects."""


# --- checks (docs/plan.md): what they refuse, and what they make of a value -------------------


def _refusal(parameter: Parameter, check: Json, value: Any) -> CallError:
    name, allowed = parameter.name, tuple(check.get("values", ()))
    message = check.get("message") or f"{name} must be one of {either(allowed)}"
    count = str(_length(value)) if hasattr(value, "__len__") else ""
    return CallError(name, message.replace("{count}", count), allowed)


def _length(value: Any) -> int:
    """How many items or characters (TTS-24)."""
    return units(value) if isinstance(value, str) else len(value)


def _is_whole(value: Any, check: Json) -> bool:
    """Whether it is a whole number within the check's limits (VID-13')."""
    whole = is_number(value) and value == int(value)
    return whole and check["least"] <= value <= check.get("most", 2**53 - 1)


def _in_case(value: str, check: Json) -> str:
    letters = check.get("afterDigits")
    fits = letters is None or (value[:-1].isdigit() and value[-1].lower() in letters)
    return in_case(value, check["to"]) if fits else value


def _without_prefix(items: list[Input], check: Json) -> list[Input]:
    urls = (one.url.strip().removeprefix(check["text"]).strip() for one in items)
    return [one._replace(url=url) for one, url in zip(items, urls, strict=True)]


def _once_each(items: list[Input], _: Json) -> list[Input]:
    kept: dict[Any, Input] = {}
    for one in items:
        # What has neither is kept as it is; making it ready will refuse it.
        kept.setdefault(one.url or one.data or object(), one)
    return list(kept.values())


_REFUSED: dict[str, Callable[[Any, Json], bool]] = {
    "oneOf": lambda value, check: value not in check["values"],
    "maxLength": lambda value, check: _length(value) > check["value"],
    "most": lambda value, check: _length(value) > check["value"],
    "above": lambda value, check: value <= check["value"],
    "between": lambda value, check: not check["values"][0] <= value <= check["values"][1],
    "whole": lambda value, check: not _is_whole(value, check),
    "isMedia": lambda value, check: not all(inputs.is_media(one, check["type"]) for one in value),
}

_MADE: dict[str, Callable[[Any, Json], Any]] = {
    "trim": lambda value, _: value.strip(),
    "case": _in_case,
    "words": lambda value, check: check["table"].get(value, value),
    "truncate": lambda value, _: math.trunc(value),
    "roundUp": lambda value, check: math.ceil(value / check["to"]) * check["to"],
    "whole": lambda value, _: int(value),
    "stripPrefix": _without_prefix,
    "unique": _once_each,
}


# --- what follows from other arguments --------------------------------------------------------


def inferred(arguments: Arguments, parameters: tuple[Parameter, ...]) -> Arguments:
    """The arguments with the values that follow from the sizes of the input images."""
    images = arguments.inputs.get("images", ())
    sizes = [inputs.dimensions(one.data) for one in images if one.data]
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
    """A value that is sent as another one, or, where ``applied`` is None, not at all.

    ``derived_from`` names the parameter that it was made of. ``silent`` is true where OpenClaw does
    not tell its user.
    """

    parameter: str
    requested: Any
    applied: Any
    why: str
    supported: tuple[Any, ...] = ()
    derived_from: str = ""
    silent: bool = False


@dataclass(repr=False)
class Arguments:
    """The arguments of one call. ``values`` and ``inputs`` go by the parameter's name.

    ``changes`` and ``dropped`` tell what reading and fitting them already did to them.
    """

    values: dict[str, Any] = field(default_factory=dict)
    inputs: dict[str, tuple[Input, ...]] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    dropped: tuple[Change, ...] = ()


class Normalization(NamedTuple):
    """The report for one candidate: its ``ref``, the ``mode``, and what changed or was dropped.

    ``mode`` is "" when no mode fits the inputs, and then nothing is normalised.
    """

    ref: str
    mode: str
    changes: tuple[Change, ...] = ()
    dropped: tuple[Change, ...] = ()

    def lines(self) -> list[str]:
        """The report as sentences, one for each value."""
        lines = []
        for one in (*self.changes, *self.dropped):
            said = f"{_shown(one.requested)} is not sent"
            if one.applied is not None:
                asked = "" if one.requested is None else f"{_shown(one.requested)} -> "
                said = f"{asked}{_shown(one.applied)}"
            why = f"{one.why}; OpenClaw does not say so" if one.silent else one.why
            lines.append(f"{one.parameter}: {said} ({why})")
        return lines


def _shown(value: Any) -> str:
    if isinstance(value, bool) or is_number(value):
        return stringify(value)
    text = value if isinstance(value, str) else "the value"
    return text if len(text) <= 40 and text.isprintable() else escaped(text, 40) + "…"


Pair: TypeAlias = tuple[float, float] | None

_RATIO = re.compile(r"\s*(\d+(?:\.\d+)?)\s*:\s*(\d+(?:\.\d+)?)\s*")
_SIZE = re.compile(r"\s*(\d+)\s*[xX]\s*(\d+)\s*")


def fit(mode: Mode | None, arguments: Arguments) -> Arguments:
    """The arguments with the values that a mode's rules make of them; the same without a mode.

    Raises CallError where a rule refuses the combination.
    """
    values, brought = dict(arguments.values), _brought(arguments.inputs)
    changes, dropped = list(arguments.changes), list(arguments.dropped)
    for rule in mode.normalize if mode is not None else ():
        given = {**values, **brought}
        value = given.get(rule.parameter)
        if not all(_fits(given.get(name), wanted) for name, wanted in rule.when):
            continue
        if rule.to == "set":
            values[rule.parameter] = rule.values[0]
        elif value is not None:
            found = _fitted(rule, value, values.get(rule.instead))
            if found.applied is None or found.parameter != rule.parameter:
                values.pop(rule.parameter, None)
            if found.applied is None:
                dropped.append(found)
            elif found.applied is not value:
                values[found.parameter] = found.applied
                if found.applied != found.requested:
                    changes.append(found)
    return replace(arguments, values=values, changes=tuple(changes), dropped=tuple(dropped))


def _brought(inputs: Mapping[str, tuple[Input, ...]]) -> dict[str, Any]:
    """What rules may ask about the inputs that a call brings."""
    every = [item for items in inputs.values() for item in items]
    sizes = [len(item.data) for item in every if item.data is not None]
    return {
        **{f"input{kind.title()}": len(items) for kind, items in inputs.items() if items},
        "inputs": len(every),
        "inputUrls": len(every) - len(sizes),
        "inputFiles": len(sizes),
        **({"inputBytes": max(sizes)} if sizes else {}),
        "imageRole": [item.role or "unset" for item in inputs.get("images", ())],
    }


def _fits(value: Any, wanted: tuple[Any, ...]) -> bool:
    values = value if isinstance(value, list) else [] if value is None else [value]
    if "given" in wanted:
        return bool(values)
    # True and 1 are equal in Python and different here.
    return any(item == one and type(item) is type(one) for item in values for one in wanted)


_LISTING = frozenset({"listed", "ratio", "nearest-resolution", "nearest-number", "nearest-size"})
"""Rules that keep a value which is listed, and all but the first any where none is."""


def _fitted(rule: Normalize, value: Any, other: Any) -> Change:
    """What a rule makes of a value; ``other`` is that of the parameter ``instead``."""
    applied, supported = _applied(rule, value, other), tuple(rule.values)
    between = rule.to in ("ratio-of-size", "size-of-ratio")
    takes = f"it takes {either(supported)}"
    if between or not supported:
        takes = "this model does not take it"
    elif rule.to == "clamp":
        takes = "it takes {} to {}".format(*supported)
    if applied is None:
        # What is asked for explicitly wins; the size then goes without a word.
        decided = rule.to == "ratio-of-size" and other in supported
        why = f"{rule.instead} is given and decides" if decided else takes
        return Change(rule.parameter, value, None, why, supported, silent=rule.silent or decided)
    unread = rule.to == "ratio" and applied != value and _pair(value, _RATIO) is None
    made_of = rule.parameter if between else rule.instead if unread else ""
    name, asked = (rule.instead, None) if between else (rule.parameter, value)
    why = f"made of {made_of}" if made_of else takes
    return Change(name, asked, applied, why, supported, made_of)


# --- the rules ----------------------------------------------------------------------------------


def _applied(rule: Normalize, value: Any, other: Any) -> Any:
    """What becomes of a value, None where it is dropped; ``other`` is that of ``instead``.

    Raises CallError for one that the rule refuses.
    """
    values: Any = rule.values
    if rule.to in _LISTING and (value in values or not (values or rule.to == "listed")):
        return value
    match rule.to:
        case "refuse" | "at-most" | "at-least":
            most = values[0] if values else ""
            if rule.to == "refuse" or (value > most if rule.to == "at-most" else value < most):
                raise CallError(rule.parameter, rule.why.replace("{most}", str(most)))
            return value
        case "nearest" if is_number(value):
            wanted = max(1, math.floor(value + 0.5))
            return min(values or (wanted,), key=lambda one: (abs(one - wanted), -one))
        case "clamp":
            low, high = values
            return min(max(math.trunc(value), low), high) if is_number(value) else low
        case "ratio":
            return _closest(_pair(value, _RATIO) or _pair(other, _SIZE), values)
        case "ratio-of-size" if values and other not in values:
            return _closest(_pair(other, _RATIO) or _pair(value, _SIZE), values)
        case "size-of-ratio" if other is None:  # a size that is given wins (IMGP-04)
            return _closest(_pair(value, _RATIO), values, _SIZE)
        case "nearest-size":
            size = _pair(value, _SIZE)
            area = size[0] * size[1] if size else 0.0
            return _closest(size or _pair(other, _RATIO), values, _SIZE, area)
        case "nearest-resolution" | "nearest-number":
            return _nearest_word(values, value, of_any=rule.to == "nearest-number")
    return None


_WORD = re.compile(r"(\d+(?:\.\d+)?)([A-Z]?)")


def _nearest_word(values: Any, value: Any, *, of_any: bool) -> Any:
    """By the distance of numbers, ties upward; of the same letter, unless any is meant."""
    own = _WORD.fullmatch(value.strip().upper()) if isinstance(value, str) else None
    if own is None:
        return None
    words = [(one, found) for one in values if (found := _WORD.fullmatch(one.upper()))]
    meant = [(one, float(found[1])) for one, found in words if of_any or found[2] == own[2]]
    wanted = float(own[1])
    best = min(meant, key=lambda word: (abs(word[1] - wanted), -word[1]), default=(None, 0.0))
    return best[0]


def _pair(value: Any, form: re.Pattern[str]) -> Pair:
    match = form.fullmatch(value) if isinstance(value, str) else None
    pair = (float(match[1]), float(match[2])) if match else (0.0, 0.0)
    return pair if min(pair) > 0 else None


def _closest(wanted: Pair, values: Any, form: re.Pattern[str] = _RATIO, area: float = 0.0) -> Any:
    """By the distance of logarithms, then of cross products or areas, then by text (VID-31)."""
    if wanted is None:
        return None

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
