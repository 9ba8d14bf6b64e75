"""A text: the places in it, its tokens, and what each of them stands for.

Everything that points into a file does so by offset, counted in code points from 0.
A line and a column are made from an offset only when somebody wants to read them.

Tokens tile the text: each begins where the one before it ends. So their starts say everything,
five bytes a token, and printing the tokens one after the other gives back every byte.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias, cast

_LINE_END = re.compile("\n|\r\n?")

KeyPath: TypeAlias = tuple[str | int, ...]
"""The way from the root to a value: keys of objects and indexes of arrays."""


class Position(NamedTuple):
    """A place as a person reads it: line and column, both from 1, in code points."""

    line: int
    column: int


class Span(NamedTuple):
    """A stretch of text: offsets of its first code point and of the one after its last."""

    start: int
    end: int


class Source:
    """One text and the name it is shown by.

    ``name`` is for people (a relative path, ``<stdin>``); ``path`` is absolute, or None when
    the text does not come from a file. ``place`` is where its value stands in a config, () being
    the root, or None when it is a file of another kind. ``hidden`` are the spans of its secrets,
    once they were looked for. ``release`` is the OpenClaw release that the text is read for, ""
    until that is known.
    """

    __slots__ = ("_starts", "hidden", "name", "path", "place", "release", "text")

    def __init__(
        self, text: str, name: str = "<text>", path: str | None = None, place: KeyPath | None = ()
    ) -> None:
        self.text = text
        self.name = name
        self.path = path
        self.place = place
        self.release = ""
        self.hidden: tuple[Span, ...] | None = None
        self._starts: list[int] | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        # What is written out holds no secret: of a text that nobody has looked at, nothing.
        text = list(self.text)
        for start, end in (Span(0, len(text)),) if self.hidden is None else self.hidden:
            text[start:end] = [sign if sign in "\r\n" else "•" for sign in text[start:end]]
        state = (None, {"hidden": self.hidden, "release": self.release})
        return Source, ("".join(text), self.name, self.path, self.place), state

    def __repr__(self) -> str:
        return f"Source({self.name!r}, {len(self.text)} characters)"

    @property
    def line_starts(self) -> list[int]:
        """Offset of the first character of each line; LF, CR LF and CR end a line."""
        if self._starts is None:
            self._starts = [0, *(match.end() for match in _LINE_END.finditer(self.text))]
        return self._starts

    def position(self, offset: int) -> Position:
        """The line and column of an offset."""
        starts = self.line_starts
        line = bisect_right(starts, offset)
        return Position(line, offset - starts[line - 1] + 1)

    def offset(self, position: Position) -> int:
        """The offset of a line and column, moved inside the text when they lie outside it."""
        starts = self.line_starts
        line = min(max(position.line, 1), len(starts))
        end = starts[line] - 1 if line < len(starts) else len(self.text)
        return min(starts[line - 1] + max(position.column, 1) - 1, max(end, starts[line - 1]))

    def line(self, number: int) -> str:
        """The text of one line (from 1), without its line ending."""
        starts = self.line_starts
        end = starts[number] if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r\n")

    def units(self, offset: int, encoding: str = "utf-16") -> int:
        """The column, from 0, in code units of an encoding, as the editor protocol counts."""
        return _units(self.text[offset - self.position(offset).column + 1 : offset], encoding)

    def offset_of_units(self, line: int, units: int, encoding: str = "utf-16") -> int:
        """The offset of a line and a column, both from 0, moved inside when they lie outside."""
        if line >= len(self.line_starts):
            return len(self.text)
        text = self.line(line + 1)
        at = bisect_right(
            range(1, len(text) + 1), units, key=lambda end: _units(text[:end], encoding)
        )
        return self.line_starts[line] + at


def _units(text: str, encoding: str) -> int:
    size = int(encoding.removeprefix("utf-")) // 8
    codec = encoding if size == 1 else f"{encoding}-le"
    return len(text.encode(codec, "surrogatepass")) // size


class Location(NamedTuple):
    """A span in a source: where a finding points, or where a value came from."""

    source: Source
    span: Span

    @property
    def position(self) -> Position:
        """Where the span starts, as line and column."""
        return self.source.position(self.span.start)

    def __str__(self) -> str:
        line, column = self.position
        return f"{self.source.name}:{line}:{column}"


# --- tokens ---------------------------------------------------------------------------------------

STRING, COMMA, COLON, OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY = range(1, 8)
WORD, NUMBER, SPACE, COMMENT, OTHER = range(8, 13)
"""The kinds of tokens, numbered as the groups of the pattern.

OTHER is what the pattern does not know: characters that are wrong where they stand, and a few
right but rare ones (white space and letters beyond ASCII) that the parser reads by hand.
"""

OPENING = frozenset((OPEN_OBJECT, OPEN_ARRAY))
CLOSING = frozenset((CLOSE_OBJECT, CLOSE_ARRAY))

# A mark takes the plain white space that follows it, which halves the number of tokens; the mark
# itself is always the token's first character. A word or number that runs into something that
# might belong to it is not matched but left to OTHER. The odd complement [^\x00-\x5b\x5d-\x7f]
# means "a backslash or beyond ASCII": written as a plain range it compiles thirty times slower.
_TOKEN = re.compile(
    r'("[^"\\\n\r]*+(?:\\(?:\r\n|[\s\S])[^"\\\n\r]*+)*+"'
    r"|'[^'\\\n\r]*+(?:\\(?:\r\n|[\s\S])[^'\\\n\r]*+)*+')"
    r"|(?:(,)|(:)|({)|(})|(\[)|(]))[ \t\n\r]*+"
    r"|([A-Za-z_$][A-Za-z0-9_$]*+(?![^\x00-\x5b\x5d-\x7f]))"
    r"|((?:[-+]?(?:0[xX][0-9A-Fa-f]++|(?:(?:0|[1-9][0-9]*+)(?:\.[0-9]*+)?|\.[0-9]++)"
    r"(?:[eE][-+]?[0-9]++)?)|[-+](?:Infinity|NaN))(?![\w.$+\-\\]))"
    r"|([ \t\n\r]++)"
    r"|(//[^\n\r\u2028\u2029]*+|/\*[\s\S]*?\*/)"
    r"|([\s\S])"
)
next_token = cast("Callable[[str, int], re.Match[str]]", _TOKEN.match)
"""The token at an offset before the text's end: its ``lastindex`` is the kind. Always matches."""
each_token = _TOKEN.finditer
"""All tokens of a text."""

WHITE_SPACE = (
    "\t\n\v\f\r \xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
"""What may stand between tokens, and what JavaScript's ``trim`` takes off: the white space of
ECMAScript 5, line ends and the byte order mark included. Python's ``str.strip`` takes others."""


def trim(text: str) -> str:
    """``text`` without the white space around it, as JavaScript trims."""
    return text.strip(WHITE_SPACE)


def skip_white_space(text: str, at: int) -> int:
    """The offset of the first character from ``at`` on that is not white space."""
    size = len(text)
    while at < size and text[at] in WHITE_SPACE:
        at += 1
    return at


def encodable(text: str) -> str:
    """Text with U+FFFD for each half of a surrogate pair, which has no place in JSON."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


_BETWEEN = re.compile(rf"(?:[{WHITE_SPACE}]|//[^\n\r\u2028\u2029]*+|/\*[\s\S]*?\*/)*+")


def skip_to_token(text: str, at: int) -> int:
    """The offset of the first token from ``at`` on that is neither white space nor a comment."""
    return _BETWEEN.match(text, at).end()  # type: ignore[union-attr]


class Tokens(NamedTuple):
    """The tokens of a text: their kinds, and their starts with the text's length appended."""

    kinds: bytearray
    starts: array[int]

    @classmethod
    def of(cls, text: str, end: int) -> Tokens:
        """The tokens of a text up to the end of one, without the text's length."""
        kinds, starts, at = bytearray(), array("I"), 0
        while at < end:
            match = next_token(text, at)
            kind: int = match.lastindex  # type: ignore[assignment]
            kinds.append(kind)
            starts.append(at)
            start, at = at, match.end()
            if kind == OTHER:
                kinds[-1], at = odd_token(text, start)
        return cls(kinds, starts)

    def from_offset(self, offset: int) -> int:
        """The index of the first token that starts at an offset or behind it."""
        return bisect_left(self.starts, offset)


_SIMPLE_ESCAPES = {
    **dict(zip("bfnrtv0", "\b\f\n\r\t\v\0", strict=True)),
    **dict.fromkeys(("\n", "\r\n", "\r", "\u2028", "\u2029"), ""),
}
_ESCAPE = (
    r"\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})"
    r"|([ux][0-9A-Fa-f]*|0(?=[0-9])|[1-9])|(\r\n|[\s\S]|\Z))"
)
_HALF = "[\ud800-\udfff]"
HEX_DIGITS = frozenset("0123456789abcdefABCDEF")
_SAFE = 2**53


def odd_token(text: str, start: int) -> tuple[int, int]:
    """The kind and the end of a token that the pattern does not know."""
    if text[start] in WHITE_SPACE:
        return SPACE, skip_white_space(text, start)
    end = name_end(text, start)
    return (WORD, end) if end > start else (OTHER, start + 1)


def name_end(text: str, start: int) -> int:
    """Where an ECMAScript 5 name that starts at ``start`` ends; ``start`` itself if none does.

    For names with letters beyond ASCII or with escapes; the pattern knows the others.
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


def string_value(text: str, start: int, end: int, faults: list[Span] | None = None) -> str:
    """What the characters from ``start`` to ``end`` (without quotes) stand for.

    ``faults`` gets the escapes that are not valid, each from its backslash to the character that is
    wrong; the value holds them as they stand.
    """

    def character(escape: re.Match[str]) -> str:
        four, two, wrong, plain = escape.groups()
        if four or two:
            return chr(int(four or two, 16))
        if wrong and faults is not None:
            reach = escape.end() + (wrong[0] in "ux0")
            faults.append(Span(start + escape.start(), start + reach))
        if wrong:
            return escape.group()
        return _SIMPLE_ESCAPES.get(plain, plain)

    value = re.sub(_ESCAPE, character, text[start:end])
    if re.search(_HALF, value):
        # JavaScript's strings are UTF-16: two halves side by side are one character.
        value = value.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    return value
