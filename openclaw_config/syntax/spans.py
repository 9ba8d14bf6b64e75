"""Places in a text: offsets, spans, and lines and columns worked out on demand.

Everything that points into a file does so by offset, counted in code points from 0.
A line and a column are made from an offset only when somebody wants to read them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Any, NamedTuple, TypeAlias

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

    def utf16_column(self, offset: int) -> int:
        """The column, from 0, in UTF-16 code units, as the editor protocol counts."""
        position = self.position(offset)
        before = self.text[offset - position.column + 1 : offset]
        return len(before.encode("utf-16-le", "surrogatepass")) // 2


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
