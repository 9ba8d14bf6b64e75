"""The values of single tokens: words, names, numbers as JavaScript reads them, strings."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache

from openclaw_config.syntax.nodes import BooleanNode, Node, NullNode, NumberNode
from openclaw_config.syntax.spans import Source, Span

LITERALS: dict[str, bool | float | None] = {
    "true": True,
    "false": False,
    "null": None,
    "Infinity": float("inf"),
    "NaN": float("nan"),
}
"""The words that are values."""

_SIMPLE_ESCAPES = {
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "0": "\0",
    "\n": "",
    "\r\n": "",
    "\r": "",
    "\u2028": "",
    "\u2029": "",
}
_ESCAPE = re.compile(
    r"\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})"
    r"|([ux][0-9A-Fa-f]*|0(?=[0-9])|[1-9])|(\r\n|[\s\S]|\Z))"
)
_HALF = re.compile("[\ud800-\udfff]")
HEX_DIGITS = frozenset("0123456789abcdefABCDEF")
_SAFE = 2**53


def literal_node(source: Source, start: int, end: int, word: str) -> Node:
    """The node of one of the words that are values."""
    value = LITERALS[word]
    if value is None:
        return NullNode(source, start, end)
    if isinstance(value, bool):
        return BooleanNode(source, start, end, value)
    return NumberNode(source, start, end, value)


def name_end(text: str, start: int) -> int:
    """Where an ECMAScript 5 name that starts at ``start`` ends; ``start`` itself if none does.

    For names with letters beyond ASCII or with escapes; the scanner knows the others.
    """
    at, size = start, len(text)
    while at < size:
        character, end = text[at], at + 1
        if character == "\\":
            end = at + 6
            digits = text[at + 2 : end]
            if text[at + 1 : at + 2] != "u" or len(digits) < 4 or not HEX_DIGITS.issuperset(digits):
                return start
            character = chr(int(digits, 16))
        if not _is_name_part(character, at == start):
            return start if end > at + 1 else at
        at = end
    return at


def _is_name_part(character: str, first: bool) -> bool:
    """Whether a character may start a name, or stand in it behind its first.

    json5 2.2.3 froze ECMAScript 5's categories at Unicode 10, so a letter that came later needs
    quotes, whatever version Python's own tables have.
    """
    if character.isascii():
        return character.isalpha() or character in "$_" or (not first and character.isdigit())
    tables = ("letters",) if first else ("letters", "marks")
    return any(bisect_right(_bounds(table), ord(character)) % 2 == 1 for table in tables)


@lru_cache(maxsize=2)
def _bounds(table: str) -> list[int]:
    """The first code points of a table's ranges, at even places, and those behind their last."""
    from openclaw_config.facts import read_json

    bounds: list[int] = []
    for row in read_json("identifiers.json")[table]:
        first, _, last = row.partition("-")
        bounds += (int(first, 16), int(last or first, 16) + 1)
    return bounds


def name_value(text: str) -> str:
    """The name that a word stands for once its escapes are resolved."""
    first, *others = text.split("\\u")
    return first + "".join(chr(int(part[:4], 16)) + part[4:] for part in others)


def number_value(text: str) -> int | float:
    """The value of a well-formed JSON5 number, as the double that JavaScript makes of it.

    Whole numbers up to 2**53 either side of zero are ints, ``-0`` and all others floats.
    """
    if len(text) < 16 and text.isdigit():
        return int(text)
    negative = text[0] == "-"
    digits = text.lstrip("+-")
    if digits[:2] in ("0x", "0X"):
        try:
            value = float(int(digits, 16))
        except OverflowError:
            value = float("inf")
    else:
        value = float(digits)
    if -_SAFE <= value <= _SAFE and value == int(value) and not (negative and value == 0):
        value = int(value)
    return -value if negative else value


def string_value(text: str, start: int, end: int) -> tuple[str, tuple[Span, ...]]:
    """What the characters from ``start`` to ``end`` (without quotes) stand for.

    Also the escapes that are not valid, each from its backslash to the character that is wrong;
    the value holds them as they stand.
    """
    faults: list[Span] = []

    def character(escape: re.Match[str]) -> str:
        four, two, wrong, plain = escape.groups()
        if four or two:
            return chr(int(four or two, 16))
        if wrong:
            reach = escape.end() + (wrong[0] in "ux0")
            faults.append(Span(start + escape.start(), start + reach))
            return escape.group()
        return _SIMPLE_ESCAPES.get(plain, plain)

    value = _ESCAPE.sub(character, text[start:end])
    if _HALF.search(value):
        # JavaScript's strings are UTF-16: two halves side by side are one character.
        value = value.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    return value, tuple(faults)
