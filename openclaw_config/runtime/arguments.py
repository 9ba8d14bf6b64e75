"""The arguments of a call, read and checked by the surface's own rules (docs/plan.md, step 1)."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from openclaw_config.plan.model import Json, Parameter
from openclaw_config.runtime import inputs
from openclaw_config.runtime.errors import CallError
from openclaw_config.runtime.inputs import Input, Reader, dimensions
from openclaw_config.runtime.normalize import Change, Drop
from openclaw_config.runtime.values import either, in_case, is_number

INPUT_KINDS = ("images", "videos", "audios")

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_WHOLE = re.compile(r"0(?:[xX][0-9a-fA-F]+|[oO][0-7]+|[bB][01]+)")
_DIGITS = re.compile(r"\+?[0-9]{1,16}")
_LONGEST = 1000
"""The longest hexadecimal number that is read, in characters."""
_MISSING: Any = object()


@dataclass(repr=False)
class Arguments:
    """The arguments of one call, checked. ``values`` and ``inputs`` go by the parameter's name.

    ``changes`` and ``ignored`` tell what reading them already did to them.
    """

    values: dict[str, Any] = dataclasses.field(default_factory=dict)
    inputs: dict[str, tuple[Input, ...]] = dataclasses.field(default_factory=dict)
    changes: list[Change] = dataclasses.field(default_factory=list)
    ignored: list[Drop] = dataclasses.field(default_factory=list)

    def __repr__(self) -> str:
        return f"<arguments {', '.join((*self.values, *self.inputs))}>"


def read(
    parameters: tuple[Parameter, ...],
    call: Mapping[str, Any],
    *,
    tool: bool = True,
    reader: Reader = inputs.read_file,
) -> Arguments:
    """The arguments of a call. ``tool`` applies the parameters' checks. Raises CallError."""
    known: dict[str, Parameter] = {}
    for parameter in parameters:
        known[parameter.name] = parameter
        for alias in parameter.aliases:
            known[alias] = parameter
    given: dict[str, list[tuple[bool, Any]]] = {}
    for name, value in call.items():
        found = known.get(name)
        if found is None:
            raise _unknown(name, parameters)
        if value is not None:
            given.setdefault(found.name, []).append((name != found.name, value))
    arguments = Arguments()
    roles: list[tuple[Parameter, Any]] = []
    for parameter in parameters:
        values = given.get(parameter.name)
        if values is None:
            if parameter.required:
                raise CallError(parameter.name, f"{parameter.name} required")
            continue
        if parameter.type in INPUT_KINDS:
            _read_inputs(arguments, parameter, values, tool)
        elif parameter.type == "roles":
            roles.append((parameter, _preferred(values)))
        else:
            value = _read_value(arguments, parameter, _preferred(values), tool)
            if value is not _MISSING:
                arguments.values[parameter.name] = value
            elif parameter.required:
                raise CallError(parameter.name, f"{parameter.name} required")
    for parameter, value in roles:
        _give_roles(arguments, parameter, value)
    for kind, items in arguments.inputs.items():
        arguments.inputs[kind] = tuple(inputs.load(kind, item, reader) for item in items)
    for kind, _ in fetched_kinds(parameters):
        if kind in arguments.inputs:
            arguments.inputs[kind] = tuple(
                item._replace(fetch=item.data is None and bool(item.url))
                for item in arguments.inputs[kind]
            )
    if tool:
        _infer(arguments, parameters)
    return arguments


def fetched_kinds(parameters: tuple[Parameter, ...]) -> Iterator[tuple[str, Json]]:
    """The kinds of inputs whose bytes are fetched where a call gives URLs, and how (SL-55)."""
    for parameter in parameters:
        for check in parameter.checks:
            if check["check"] == "fetch":
                yield parameter.name, check


def refilled(
    arguments: Arguments,
    parameters: tuple[Parameter, ...],
    found: Mapping[str, tuple[Input, ...]],
    *,
    tool: bool,
) -> Arguments:
    """The arguments with other inputs; what was worked out of the former is worked out anew."""
    inferred = {change.parameter for change in arguments.changes if change.requested is None}
    again = Arguments(
        {name: one for name, one in arguments.values.items() if name not in inferred},
        dict(found),
        [one for one in arguments.changes if one.parameter not in inferred],
        list(arguments.ignored),
    )
    if tool:
        _infer(again, parameters)
    return again


def _preferred(values: list[tuple[bool, Any]]) -> Any:
    """The value under the parameter's own name, else under an alias."""
    return min(values, key=lambda pair: pair[0])[1]


def _unknown(name: str, parameters: tuple[Parameter, ...]) -> CallError:
    names = tuple(parameter.name for parameter in parameters)
    shown = str(name)[:60].encode("unicode_escape").decode("ascii")
    near = get_close_matches(shown, names, 1, 0.6)
    hint = f"; did you mean {near[0]}?" if near else ""
    return CallError(shown, f"there is no argument {shown}{hint}", names)


# --- single values ----------------------------------------------------------------------------


def _read_value(arguments: Arguments, parameter: Parameter, value: Any, tool: bool) -> Any:
    kind = parameter.type
    if kind == "text":
        return _text(arguments, parameter, value, tool)
    if kind == "number":
        return _number(arguments, parameter, value, tool)
    if kind == "flag":
        return _flag(arguments, parameter, value, tool)
    if kind == "object":
        return _object(arguments, parameter, value, tool)
    return _items(parameter, value)


def _text(arguments: Arguments, parameter: Parameter, value: Any, tool: bool) -> Any:
    if not isinstance(value, str):
        if tool and not parameter.required:
            return _ignore(arguments, parameter, value, "no text")
        raise CallError(parameter.name, f"{parameter.name} must be a text")
    if tool and (not value or value.isspace()):
        return _MISSING
    for check in parameter.checks:
        form = _TEXT_CHECKS.get(check["check"])
        if form is not None and (tool or form is _max_length):
            value = form(parameter, check, value)
    return value


def _one_of(parameter: Parameter, check: Json, value: str) -> str:
    if value not in check["values"]:
        allowed = tuple(check["values"])
        raise CallError(
            parameter.name, f"{parameter.name} must be one of {either(allowed)}", allowed
        )
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
                arguments.changes.append(
                    Change(parameter.name, number, whole, "fractions are cut off")
                )
            number = whole
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
        return float(int(text, 0))
    match = _NUMBER.match(text) if leading else _NUMBER.fullmatch(text)
    return None if match is None else float(match[0])


def _flag(arguments: Arguments, parameter: Parameter, value: Any, tool: bool) -> Any:
    if isinstance(value, bool):
        return value
    if tool and isinstance(value, str) and value.strip().lower() in {"true", "false"}:
        return value.strip().lower() == "true"
    return _ignore(arguments, parameter, value, "neither true nor false")


def _ignore(arguments: Arguments, parameter: Parameter, value: Any, why: str) -> Any:
    """What is of another type counts as not given; OpenClaw does not say so."""
    arguments.ignored.append(Drop(parameter.name, value, why, silent=True))
    return _MISSING


def _object(arguments: Arguments, parameter: Parameter, value: Any, tool: bool) -> Any:
    if isinstance(value, Mapping):
        for check in parameter.checks if tool else ():
            _check_fields(arguments, parameter, check.get("fields", ()), value)
        return dict(value)
    message = next((check["message"] for check in parameter.checks if "message" in check), "")
    raise CallError(parameter.name, message or f"{parameter.name} must be an object")


def _check_fields(
    arguments: Arguments, parameter: Parameter, fields: Json, value: Mapping[str, Any]
) -> None:
    for field in fields:
        for name in (field["name"], *field.get("aliases", ())):
            if value.get(name) is not None:
                one = Parameter(f"{parameter.name}.{name}", field["type"], checks=field["checks"])
                _read_value(arguments, one, value[name], True)
                break


def _items(parameter: Parameter, value: Any) -> Any:
    if isinstance(value, list | tuple) and all(isinstance(item, Mapping) for item in value):
        if not value:
            return _MISSING
        return list(value)
    raise CallError(parameter.name, f"{parameter.name} must be a list of objects")


# --- inputs -----------------------------------------------------------------------------------


def _read_inputs(
    arguments: Arguments, parameter: Parameter, values: list[tuple[bool, Any]], tool: bool
) -> None:
    found: list[Any] = []
    # What the singular alias holds comes first (VID-16).
    for _, value in sorted(values, key=lambda pair: not pair[0]):
        several = (
            value if isinstance(value, list | tuple) and not hasattr(value, "_fields") else [value]
        )
        for item in several:
            one = inputs.given(parameter.name, item)
            if not isinstance(one, str) or one.strip():
                found.append(one)
    for check in parameter.checks if tool else ():
        kind = check["check"]
        if kind == "stripPrefix":
            found = [_without_prefix(item, check["text"]) for item in found]
        elif kind == "unique":
            found = _unique(found)
        elif kind == "most" and len(found) > check["value"]:
            message = check["message"].replace("{count}", str(len(found)))
            raise CallError(parameter.name, message)
    if found:
        arguments.inputs[parameter.name] = tuple(found)


def _without_prefix(item: Any, prefix: str) -> Any:
    if isinstance(item, str):
        return item.strip().removeprefix(prefix).strip()
    if item.url:
        return item._replace(url=item.url.strip().removeprefix(prefix).strip())
    return item


def _unique(items: list[Any]) -> list[Any]:
    kept: dict[Any, Any] = {}
    for item in items:
        same: Any = item
        if isinstance(item, Input):
            # What has neither is kept as it is; making it ready will refuse it.
            same = item.url or item.data or object()
        kept.setdefault(same, item)
    return list(kept.values())


def _give_roles(arguments: Arguments, parameter: Parameter, value: Any) -> None:
    """Roles go to the inputs of the same kind by position: imageRoles to images (VID-17)."""
    kind = f"{parameter.name.removesuffix('Roles')}s"
    if not isinstance(value, list | tuple):
        raise CallError(parameter.name, f"{parameter.name} must be a list of texts")
    items = arguments.inputs.get(kind, ())
    if len(value) > len(items):
        raise CallError(
            parameter.name,
            f"{parameter.name} has {len(value)} roles for {len(items)} {kind}",
        )
    named = list(items)
    for index, role in enumerate(value):
        if isinstance(role, str) and role:
            item = named[index]
            given = item if isinstance(item, Input) else Input(url=item)
            named[index] = given._replace(role=role)
    arguments.inputs[kind] = tuple(named)


# --- what follows from other arguments --------------------------------------------------------


def _infer(arguments: Arguments, parameters: tuple[Parameter, ...]) -> None:
    if not arguments.inputs.get("images"):
        return
    for parameter in parameters:
        for check in parameter.checks:
            if check["check"] != "inferFromImages" or parameter.name in arguments.values:
                continue
            if any(name in arguments.values for name in check["unless"]):
                continue
            largest = _largest(arguments.inputs["images"])
            for least, value in check["steps"]:
                if largest >= least:
                    arguments.values[parameter.name] = value
                    arguments.changes.append(
                        Change(parameter.name, None, value, "taken from the input images")
                    )
                    break


def _largest(images: tuple[Input, ...]) -> int:
    sizes = [dimensions(item.data) for item in images if item.data is not None]
    return max((max(size) for size in sizes if size is not None), default=0)
