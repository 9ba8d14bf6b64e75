r"""``.env`` files, read as the npm package ``dotenv`` reads them (LOAD-05).

``NAME=value`` or ``NAME: value``, with or without ``export``. A value in single quotes, double
quotes or backticks may run over several lines, and must be followed by nothing but a comment; any
other value ends at the first ``#`` or at the end of its line and is trimmed. ``\n`` and ``\r``
are unescaped in double quotes only. Nothing is expanded. A line that fits no rule is passed over,
and of a repeated name the last value counts.
"""

from __future__ import annotations

import re
from typing import NamedTuple, NoReturn, SupportsIndex

from openclaw_config.files import read_regular
from openclaw_config.syntax.scanner import WHITE_SPACE, trim
from openclaw_config.syntax.spans import Location, Source, Span

MAX_BYTES = 2 * 1024 * 1024
"""A larger file is not read. OpenClaw has no such bound; a ``.env`` file has a few lines."""

_SPACE = re.compile(f"[{WHITE_SPACE}]*")
_NAME = re.compile(
    f"(?:export[{WHITE_SPACE}]++)?([A-Za-z0-9_.-]+)(?:[{WHITE_SPACE}]*+=|:[{WHITE_SPACE}])"
)
_VALUE_MAY_END = re.compile(f"[{WHITE_SPACE.replace(chr(10), '')}]*(?:#|\n|\\Z)")
_PLAIN_VALUE = re.compile("[^#\n]*")
_TO_HIDE = re.compile(r"[^\s=]")


class DotenvEntry(NamedTuple):
    """A variable that a file sets. ``value`` is a secret; ``location`` is the name's place."""

    name: str
    value: str
    location: Location

    def __repr__(self) -> str:
        return f"<{self.name} at {self.location}>"

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        raise TypeError("a .env entry may hold a secret and is not written out")


def read_dotenv(path: str) -> tuple[DotenvEntry, ...]:
    """The variables that a file sets, in the order of the text.

    Raises OSError when it cannot be read, and ValueError (``files.RefusedError``) when it is not a
    regular file or is larger than MAX_BYTES.
    """
    text = read_regular(path, MAX_BYTES).decode("utf-8", "replace")
    return parse_dotenv(text, path, path)


def parse_dotenv(
    text: str, name: str = "<.env>", path: str | None = None
) -> tuple[DotenvEntry, ...]:
    """The variables that a text sets; ``name`` and ``path`` are for the entries' locations.

    The Source of the locations has the text's lines and columns, but of its content only the
    names: whatever is shown of it, no value can be in it.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    found: list[tuple[int, int, str]] = []
    at = _skip_space(text, 0)
    while at < len(text):
        match = _NAME.match(text, at)
        if match is None:
            rest = at
        else:
            value, rest = _value(text, match.end())
            found.append((*match.span(1), value))
        line_end = text.find("\n", rest)
        at = len(text) if line_end < 0 else _skip_space(text, line_end)
    source = Source(_names_only(text, found), name, path, None)
    return tuple(
        DotenvEntry(text[start:end], value, Location(source, Span(start, end)))
        for start, end, value in found
    )


def _skip_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _value(text: str, at: int) -> tuple[str, int]:
    """The value that starts at an offset, and an offset in the line that it ends in."""
    start = _skip_space(text, at)
    close = _closing_quote(text, start)
    if close is None:
        match = _PLAIN_VALUE.match(text, at)
        end = match.end() if match else at
        raw = trim(text[at:end])
    else:
        end = close + 1
        raw = text[start:end]
    value = raw
    if len(raw) > 1 and raw[0] in "'\"`" and raw[0] == raw[-1]:
        value = raw[1:-1]
    if raw.startswith('"'):
        value = value.replace("\\n", "\n").replace("\\r", "\r")
    return value, end


def _closing_quote(text: str, start: int) -> int | None:
    """The offset of the quote that ends a quoted value, or None when the value is not quoted.

    It is the first quote without a backslash before it. When more follows there than a comment,
    or when there is none, a quote with a backslash will do, the last one that fits.
    """
    quote = text[start : start + 1]
    if quote not in {"'", '"', "`"}:
        return None
    candidates = []
    at = text.find(quote, start + 1)
    while at >= 0:
        candidates.append(at)
        if text[at - 1] != "\\":
            break
        at = text.find(quote, at + 1)
    return next((at for at in reversed(candidates) if _VALUE_MAY_END.match(text, at + 1)), None)


def _names_only(text: str, found: list[tuple[int, int, str]]) -> str:
    pieces = []
    shown = 0
    for start, end, _ in found:
        pieces.append(_TO_HIDE.sub("*", text[shown:start]))
        pieces.append(text[start:end])
        shown = end
    pieces.append(_TO_HIDE.sub("*", text[shown:]))
    return "".join(pieces)
