"""JSON values: read, found by pointers, taken by slots, written as JavaScript does (SL-03)."""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, TypeGuard

from openclaw_config.plan.model import Json
from openclaw_config.syntax.nodes import key_order
from openclaw_config.syntax.text import KeyPath, encodable


def pointer(path: KeyPath) -> str:
    """A key path as a JSON pointer."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


@lru_cache(maxsize=1024)
def keys(pointer: str) -> tuple[str, ...]:
    """The keys of a pointer, indexes of lists as their digits; none for ""."""
    parts = pointer.split("/")[1:]
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in parts)


def path_of(pointer: str) -> KeyPath:
    """A pointer as a key path, in which digits alone are the index of an item."""
    return tuple(int(key) if key.isdecimal() else key for key in keys(pointer))


def every_at(value: Any, pointer: str) -> list[Any]:
    """All values at a pointer, in order; none when the way breaks off. "" is the value itself."""
    found = [value]
    for key in keys(pointer):
        if key == "*":
            found = [item for one in found if isinstance(one, list) for item in one]
        else:
            found = [item for one in found for item in member(one, key)]
    return found


def member(value: Any, key: str) -> list[Any]:
    """What a key of a pointer names in an object or a list: one value, or none."""
    if isinstance(value, dict):
        return [value[key]] if key in value else []
    index = int(key) if key.isascii() and key.isdigit() and len(key) < 10 else sys.maxsize
    return value[index : index + 1] if isinstance(value, list) else []


def first_at(value: Any, pointer: str) -> Any:
    """The first value at a pointer, None without one."""
    if "*" in pointer:
        return next(iter(every_at(value, pointer)), None)
    # Without lists on the way: each event of a stream asks for ten and more.
    for key in keys(pointer):
        found = member(value, key)
        if not found:
            return None
        value = found[0]
    return value


def text_at(value: Any, pointer: str) -> str:
    """The first text at a pointer that is not blank, trimmed; "" without one."""
    texts = (one.strip() for one in every_at(value, pointer) if isinstance(one, str))
    return next(filter(None, texts), "")


_LONE_SURROGATE = re.compile(
    "[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]"
)


def stringify(value: Any) -> str:
    """A JSON value as ``JSON.stringify`` writes it. Raises RecursionError."""
    if isinstance(value, Mapping):
        named = {str(key): item for key, item in value.items()}
        members = [f"{stringify(key)}:{stringify(named[key])}" for key in key_order(list(named))]
        return f"{{{','.join(members)}}}"
    if isinstance(value, list | tuple):
        return f"[{','.join(map(stringify, value))}]"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number_text(value)
    if isinstance(value, str):
        text = json.dumps(value, ensure_ascii=False)
        return _LONE_SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    return json.dumps(value)


def without_lone_surrogates(text: str) -> str:
    """A text without halves of characters, which no provider takes."""
    return _LONE_SURROGATE.sub("", text)


def units(text: str) -> int:
    """The length of a text as JavaScript counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _number_text(value: int | float) -> str:
    from decimal import Decimal  # compiling a plan needs none of it

    try:
        number = float(value)
    except OverflowError:
        return "null"
    if not math.isfinite(number):
        return "null"
    if number == 0 or 1e-6 <= abs(number) < 1e21:
        plain = f"{Decimal(repr(number or 0)):f}"
        return plain.removesuffix(".0")
    mantissa, _, exponent = repr(number).partition("e")
    return f"{mantissa}e{int(exponent):+d}"


def json_of(text: str) -> Any:
    """The value of a JSON text, well-formed; None when it is none, and then nothing keeps it."""
    try:
        value = parsed(text)
        return well_formed(value) if _ESCAPED_HALF.search(text) else value
    except (ValueError, RecursionError):
        return None


def parsed(text: str) -> Any:
    """The value of a JSON text as it stands. Raises ValueError and RecursionError."""
    return json.loads(text, parse_constant=_no_constant)


_ESCAPED_HALF = re.compile(r"\\u[dD][89a-fA-F]")


def _no_constant(name: str) -> None:
    raise ValueError(name)


def well_formed(value: Any) -> Any:
    """A JSON value with halves of a pair joined, and U+FFFD for each that stands alone.

    A JSON text can hold half of a surrogate pair, which nothing can send or write.
    """
    return changed(value, encodable)


_DEEPEST = 200
"""Levels of nesting: no server needs more, and what is deeper is left out."""


def texts_in(value: Any) -> Iterator[str]:
    """Every text in a JSON value or a record, names too, however deep it is."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            waiting += [*one, *one.values()]
        elif isinstance(one, list | tuple):
            waiting += one


def objects_in(value: Any, at: KeyPath = ()) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    """Every object in a JSON value, with its path, outer ones before inner ones."""
    if isinstance(value, dict):
        yield at, value
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in inner:
        if isinstance(item, dict | list):
            yield from objects_in(item, (*at, key))


def changed(value: Any, change: Callable[[str], str], depth: int = 0) -> Any:
    """A JSON value, or a record, with every text in it, names too, changed."""
    if isinstance(value, str):
        return change(value)
    if depth > _DEEPEST:
        return None
    if isinstance(value, dict):
        return {change(name): changed(item, change, depth + 1) for name, item in value.items()}
    if not isinstance(value, list | tuple):
        return value
    items = [changed(item, change, depth + 1) for item in value]
    made = getattr(type(value), "_make", type(value))
    return made(items)


def escaped(text: str, most: int) -> str:
    """The first ``most`` characters of a text from outside, in ASCII, to be shown."""
    return text[:most].encode("unicode_escape").decode("ascii")


def plain(value: Any) -> str:
    """A single value as a person reads it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def price(cost: Json) -> str:
    """What a million tokens cost."""
    return f"${cost['input']:.6g} in, ${cost['output']:.6g} out per million tokens"


def in_case(value: str, case: str) -> str:
    """A text in ``upper`` or ``lower`` case."""
    return value.upper() if case == "upper" else value.lower()


def either(values: tuple[Any, ...]) -> str:
    """Values as a person lists them: a or b; a, b, or c."""
    texts = [str(value) for value in values]
    if len(texts) < 3:
        return " or ".join(texts)
    return f"{', '.join(texts[:-1])}, or {texts[-1]}"


def is_number(value: Any) -> TypeGuard[int | float]:
    """Whether a value is a finite number; booleans are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) <= sys.float_info.max  # A whole number may be too large for isfinite().


def listed(found: Any, how: str) -> tuple[Json, ...]:
    """What a list has of numbers above 0, rounded half up and sorted, or of texts."""
    items = found if isinstance(found, list) else []
    if how == "numbers":
        numbers = {math.floor(one + 0.5) for one in items if is_number(one) and one > 0}
        return tuple(sorted(numbers))
    texts = [one.strip() for one in items if isinstance(one, str) and one.strip()]
    return tuple(map(str.upper, texts) if how == "upper" else texts)


def cleaned(key: str) -> str:
    """A key as OpenClaw uses it: line ends and characters above U+00FF go, then it is trimmed.

    Rule AUTH-01.
    """
    return "".join(c for c in key if c not in "\r\n\u2028\u2029" and c <= "\u00ff").strip()


SHAPES: dict[str, Callable[[Any], bool]] = {
    "number": is_number,
    "flag": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, Mapping),
    "list": lambda value: isinstance(value, list),
    "structure": lambda value: isinstance(value, Mapping | list),
    "text": lambda value: isinstance(value, str),
    "texts": lambda value: (
        isinstance(value, list) and all(isinstance(one, str) and one.strip() for one in value)
    ),
}
"""What a plan may require of a value: of one in a response, or of one that a slot takes."""
SHAPES |= {"string": SHAPES["text"], "boolean": SHAPES["flag"]}  # as tables name them


def fitting(value: Any, slot: Json) -> Json:
    """A value as a slot of its type takes it, None where it does not (CHAT-31, CHAT-31')."""
    kind = slot.get("type")
    if kind == "texts":
        texts = value if isinstance(value, list | tuple) else [value]
        return [one for one in texts if isinstance(one, str) and one.strip()] or None
    if kind is not None and not SHAPES[kind](value):
        return None
    if any(value.get(key) not in allowed for key, allowed in slot.get("members", {}).items()):
        return None
    return value
