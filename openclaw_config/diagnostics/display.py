"""Text that is safe wherever it is shown, and measurable on a terminal.

A config, a path or a message may hold anything: a tab, a wide character, an escape sequence that
would clear the screen, a mark that turns the reading direction around. Here each code point gets
its visible form and the number of columns that this form takes, so that a caret stands under the
character it means and nothing from a file reaches the terminal raw.
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

from openclaw_config.syntax.text import encodable

WIDTH = 100
"""Columns of a line where nobody says how wide it may be."""
_PLACE = 65
"""The column of places, of a hundred."""

TAB_STOP = 4
"""Columns from one tab stop to the next."""

_MOST_MARKS = 4
# A character may carry a few combining marks; more are escaped: towers of them hide the text.

_PLAIN = re.compile(r"[ -~]*\Z")
_CI_COMMAND = r"##(?=\w*\[)"

_HIDDEN = (
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b\u200e\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufeff\ufff0-\ufffb\ufffe\uffff\ud800-\udfff"
    "\U000e0000-\U000e0fff]"
)
# Controls, direction marks, invisible fillers, what is no character, lone surrogates and tags. The
# joiners U+200C and U+200D stay: Persian, Hindi and emoji need them.


class Style(NamedTuple):
    """How the reader's terminal wants its text; ``width`` is in columns."""

    width: int = WIDTH
    colour: bool = False
    unicode: bool = True


PLAIN = Style()


class Cell(NamedTuple):
    """The visible form of one code point and the columns that it takes."""

    text: str
    columns: int


def cells(text: str) -> list[Cell]:
    """One cell for each code point of ``text``, which stands at the start of a line."""
    if _PLAIN.match(text):
        return [Cell(character, 1) for character in text]
    made: list[Cell] = []
    column = marks = 0
    for character in text:
        columns = _columns(character)
        marks = marks + 1 if columns == 0 else 0
        if character == "\t":
            columns = TAB_STOP - column % TAB_STOP
            cell = Cell(" " * columns, columns)
        elif marks > _MOST_MARKS or re.match(_HIDDEN, character):
            escape = _escape(character)
            cell = Cell(escape, len(escape))
        else:
            cell = Cell(character, columns)
        made.append(cell)
        column += cell.columns
    return made


def width(text: str) -> int:
    """The columns that ``text``, already printable, takes."""
    return len(text) if _PLAIN.match(text) else sum(cell.columns for cell in cells(text))


def printable(text: str, longest: int = 2000) -> str:
    """``text`` on one line with everything escaped that a terminal would obey or hide.

    Longer than ``longest`` code points, it loses its middle.
    """
    if len(text) > longest:
        half = longest // 2
        text = f"{text[:half]}…{text[-half:]}"
    if _PLAIN.match(text):
        return text
    return "".join(" " if cell.text.isspace() else cell.text for cell in cells(text))


def escape_ci_commands(text: str) -> str:
    """Text of which a CI system takes no line for a command.

    GitHub and Azure obey ``##[…]`` and ``##vso[…]`` anywhere in a line, and GitHub ``::…::`` at
    the start of one.
    """
    text = re.sub(_CI_COMMAND, "# #", text)
    return re.sub(r"^(\s*)::", r"\1: :", text, flags=re.MULTILINE)


_SIGNS = str.maketrans(
    {sign: f"\\{sign}" for sign in "\\`*_<>|#[]~"} | {"&": "&amp;", "@": "@&#8203;"}
)
"""What Markdown would take for its own, with an address that GitHub would take for a person."""


def escaped(line: str) -> str:
    """A line of text in which nothing is a sign of Markdown's or of HTML's, or calls a person."""
    return printable(line).translate(_SIGNS)


def code(text: str) -> str:
    """Text as a piece of code in Markdown, whatever back ticks are in it."""
    text = printable(text)
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    pad = " " * (len(fence) > 1)
    return f"{fence}{pad}{text}{pad}{fence}"


def json_text(value: Any, indent: int | None = 2) -> str:
    """A value as JSON for other programs: in ASCII, ``encodable``, with a line end."""
    text = json.dumps(value, ensure_ascii=False)
    if text != (whole := encodable(text)):
        value = json.loads(whole)
    return json.dumps(value, indent=indent, separators=None if indent else (",", ":")) + "\n"


def count_of(number: int, word: str) -> str:
    """A number of things, in words."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def wrapped(text: str, room: int) -> list[str]:
    """``text``, already printable, broken at spaces into lines of at most ``room`` columns.

    At least one line; a word that fits on no line is broken too.
    """
    size = room if text.isascii() else room // 2
    return _folded(re.sub(f"[^ ]{{{size}}}(?=[^ ])", r"\g<0> ", text), room)


def _folded(text: str, columns: int, indent: str = "") -> list[str]:
    """A line as lines of at most that many columns, where its words allow it."""
    lines = [""]
    for word in re.split(r"(?<=[^ ])(?= )", text):
        if lines[-1].strip() and width(lines[-1] + word) > columns:
            lines.append(indent + word.lstrip(" "))
        else:
            lines[-1] += word
    return lines


class Line(NamedTuple):
    """A line: what it says, and where that comes from.

    ``hang`` is the column at which it goes on when it is folded; 0: a little further in.
    """

    text: str
    place: str = ""
    hang: int = 0


def aligned(lines: list[Line], columns: int = WIDTH) -> str:
    """The lines as text, folded where they are too long, their places in one column."""
    # Places stand far to the right, but never where they would not fit.
    widest = max((width(printable(line.place)) for line in lines), default=0)
    column = min(columns * _PLACE // WIDTH, max(columns - widest - 2, columns // 2))
    return "\n".join(part for line in lines for part in _placed(line, column, columns))


def _placed(line: Line, column: int, columns: int) -> list[str]:
    # A model's name or a URL may hold anything, an escape sequence among it.
    text, place = printable(line.text).rstrip(), printable(line.place)
    hang = line.hang or len(text) - len(text.lstrip(" ")) + 2
    indent = " " * min(hang, columns // 2)
    lines = _folded(text, columns, indent)
    start = max(column, width(lines[-1])) + 2
    if place and start + width(place) <= columns:
        lines[-1] += " " * (start - width(lines[-1])) + place
    elif place:
        lines += _folded(f"{indent}{place}", columns, indent)
    return lines


def _escape(character: str) -> str:
    # As a JSON5 author would write it, where one can.
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02X}"
    return f"\\u{code:04X}" if code < 0x10000 else f"\\u{{{code:X}}}"


def _columns(character: str) -> int:
    # The data of Unicode, loaded only when a text is not plain ASCII.
    from unicodedata import category, east_asian_width

    if category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if east_asian_width(character) in "WF" else 1
