"""The arguments of a call, checked, and fitted to a model (docs/plan.md, "Normalisation")."""

from __future__ import annotations

import math
import re
from typing import Any

from tests.executor.templates import CannotSendError, Input, is_number

LISTING = ("ratio", "nearest-resolution", "nearest-number", "nearest-size")


def number_in(text: str, leading: bool) -> Any:
    match = (re.match if leading else re.fullmatch)(
        r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", text, re.I
    )
    return float(match[0]) if match is not None else None


def checked(parameter: Any, value: Any, tool: bool) -> Any:
    """A value as it counts, None where it does not. Raises CannotSendError."""
    kind, checks = parameter["type"], parameter.get("checks", ())
    if (kind == "text" and not isinstance(value, str)) or (kind == "flag" and value in ("", None)):
        return None
    if kind == "text" and tool and not value.strip():
        return None
    if kind == "flag" and tool and isinstance(value, str):
        value = {"true": True, "false": False}.get(value.strip().lower())
    if kind == "flag" and not isinstance(value, bool):
        return None
    for check in checks:
        word = check["check"]
        if not tool and word != "maxLength":
            continue
        if kind == "number" and isinstance(value, str) and word != "whole":
            leading = any(one["check"] == "leadingNumber" for one in checks)
            value = number_in(value.strip(), leading)
        if kind == "number" and word != "whole" and not is_number(value):
            return None
        refused = False
        if word == "trim":
            value = value.strip()
        elif word == "case":
            digits = re.fullmatch(f"\\d+[{check.get('afterDigits', '')}]", value, re.I | re.A) \
                if "afterDigits" in check else True  # fmt: skip
            value = getattr(value, check["to"])() if digits else value
        elif word == "words":
            value = check["table"].get(value, value)
        elif word == "truncate":
            value = math.trunc(value)
        elif word == "roundUp":
            value = math.ceil(value / check["to"]) * check["to"]
        elif word == "whole":
            value = number_in(value.strip(), False) if isinstance(value, str) else value
            whole = is_number(value) and value == int(value)
            refused = not whole or not check["least"] <= value <= check.get("most", 2**53 - 1)
            value = value if refused else int(value)
        elif word == "maxLength":
            refused = len(value.encode("utf-16-le", "surrogatepass")) // 2 > check["value"]
        elif word in ("oneOf", "above", "between"):
            low, high = (check.get("values") or (0, 0))[0], (check.get("values") or (0, 0))[-1]
            refused = (
                value not in check["values"] if word == "oneOf"
                else value <= check["value"] if word == "above" else not low <= value <= high
            )  # fmt: skip
        elif word == "object":
            refused = not isinstance(value, dict)
        for field in check.get("fields", ()) if isinstance(value, dict) else ():
            names = (field["name"], *field.get("aliases", ()))
            for given in [value[one] for one in names if value.get(one) is not None][:1]:
                checked(field, given, True)
        if refused:
            raise CannotSendError(check.get("message", parameter["name"]))
    return value if kind != "number" or is_number(value) else None


def read(parameters: Any, call: Any, inputs: dict[str, list[Input]], tool: bool) -> dict[str, Any]:
    """The values of a call. Raises CannotSendError."""
    values = {}
    for parameter in parameters:
        name = parameter["name"]
        for check in parameter.get("checks", ()) if tool else ():
            if check["check"] == "most" and len(inputs.get(name, ())) > check["value"]:
                raise CannotSendError(check["message"])
            for item in inputs.get(name, ()) if check["check"] == "isMedia" else ():
                said = (item.mime.lower(), item.named) if item.mime or item.name else (item.type,)
                if not any(one.startswith(check["type"]) for one in said):
                    raise CannotSendError(check["message"])
            if check["check"] == "stripPrefix" and name in inputs:
                cut = [x.url.strip().removeprefix(check["text"]).strip() for x in inputs[name]]
                inputs[name] = [
                    x._replace(url=url) for x, url in zip(inputs[name], cut, strict=True)
                ]
            if check["check"] == "unique" and name in inputs:
                inputs[name] = list(dict.fromkeys(inputs[name]))
        names = (name, *parameter.get("aliases", ()))
        value = next((call[one] for one in names if call.get(one) is not None), None)
        only = [one for one in parameter.get("checks", ()) if one["check"] == "direct"]
        if only:
            value = None if tool else only[0]["value"] if value is None else value
        value = None if value is None or name in inputs else checked(parameter, value, tool)
        if value is not None:
            values[name] = value
        elif parameter.get("required") and name not in inputs:
            raise CannotSendError(f"{name} required")
    return values


# --- what fits a model ------------------------------------------------------------------------


def pair(value: Any, mark: str) -> Any:
    found = re.fullmatch(rf"\s*(\d+(?:\.\d+)?)\s*[{mark}]\s*(\d+(?:\.\d+)?)\s*", str(value))
    sides = (float(found[1]), float(found[2])) if found is not None else (0, 0)
    return sides if min(sides) > 0 else None


def closest(wanted: Any, values: Any, mark: str, area: float = 0) -> Any:
    def distance(text: str) -> Any:
        width, height = pair(text, mark) or (1, 1)
        spread = abs(math.log((width / height) / (wanted[0] / wanted[1])))
        tie = abs(math.log(width * height / area)) if area else 0.0
        tie = abs(width * wanted[1] - wanted[0] * height) if mark == ":" else tie
        return round(spread, 12), round(tie, 9), text

    return min(values, key=distance)


def word_of(text: Any) -> Any:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([A-Z]?)", str(text).strip().upper())
    return (float(found[1]), found[2]) if found is not None else None


def fitted(rule: Any, value: Any, other: Any) -> tuple[str, Any]:
    """The parameter and its value as a rule has it, None where it is dropped."""
    to, name, values = rule["to"], rule["parameter"], rule.get("values", [])
    instead, ratio, size = rule.get("instead", ""), pair(value, ":"), pair(value, "xX")
    if (to in LISTING and not values) or (to in (*LISTING, "listed") and value in values):
        return name, value
    if to == "nearest" and is_number(value):
        wanted = max(1, math.floor(value + 0.5))
        return name, min(values or [wanted], key=lambda one: (abs(one - wanted), -one))
    if to == "clamp":
        return name, min(max(math.trunc(value), values[0]), values[1]) if is_number(
            value
        ) else values[0]
    if to == "ratio" and (wanted := ratio or pair(other, "xX")):
        return name, closest(wanted, values, ":")
    if to == "ratio-of-size" and other not in values and values:
        wanted = pair(other, ":") or size
        return (instead, closest(wanted, values, ":")) if wanted else (name, None)
    if to == "size-of-ratio" and ratio and other is None:
        return instead, closest(ratio, values, "xX")
    if to == "nearest-size" and (wanted := size or pair(other, ":")):
        return name, closest(wanted, values, "xX", size[0] * size[1] if size else 0)
    if to.startswith("nearest-") and (own := word_of(value)):
        known = [(one, word_of(one)) for one in values]
        known = [x for x in known if x[1] and (to == "nearest-number" or x[1][1] == own[1])]
        near = sorted(known, key=lambda x: (abs(x[1][0] - own[0]), -x[1][0]))
        return name, near[0][0] if near else None
    return (name, value) if to.startswith("at-") else (name, None)


def normalized(mode: Any, values: Any, inputs: dict[str, list[Input]]) -> dict[str, Any]:
    """The values as a mode takes them. Raises CannotSendError."""
    every = [one for items in inputs.values() for one in items]
    brought: dict[str, Any] = {f"input{kind.title()}": len(x) for kind, x in inputs.items() if x}
    files = [len(one.data) for one in every if one.data]
    brought |= {
        "inputs": len(every),
        "inputUrls": len(every) - len(files),
        "inputFiles": len(files),
    }
    brought |= {"inputBytes": max(files)} if files else {}
    brought["imageRole"] = [one.role or "unset" for one in inputs.get("images", ())]
    out = dict(values)
    for rule in mode.get("normalize", ()):
        given, name = {**out, **brought}, rule["parameter"]

        def holds(key: str, wanted: Any, given: Any = given) -> bool:
            has = given.get(key)
            found = has if isinstance(has, list) else [] if has is None else [has]
            same = (one == x and type(one) is type(x) for one in found for x in wanted)
            return bool(found) if "given" in wanted else any(same)

        if not all(holds(*condition) for condition in rule.get("when", {}).items()):
            continue
        if rule["to"] == "set":
            out[name] = rule["values"][0]
        elif name in given:
            most = rule.get("values", [0])[:1]
            beyond = {"at-most": lambda a, b: a > b, "at-least": lambda a, b: a < b}.get(rule["to"])
            if rule["to"] == "refuse" or (beyond is not None and beyond(given[name], most[0])):
                raise CannotSendError(rule["why"])
            changed, value = fitted(rule, given[name], out.get(rule.get("instead", "")))
            out.pop(name, None) if changed != name or value is None else None
            if (value is not None and name in out) or changed != name:
                out[changed] = value
            elif value is not None and name not in brought:
                out[name] = value
    return out
