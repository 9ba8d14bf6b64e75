"""One line of a source, cut to fit, with the columns of its characters."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from openclaw_config.diagnostics.display import Cell, cells
from openclaw_config.diagnostics.masking import MASK, secret_spans
from openclaw_config.syntax.spans import Source, Span

CUT = "…"


class Excerpt(NamedTuple):
    """The visible part of a line.

    ``starts`` has the column (from 0) of each code point from offset ``first`` on, and at its end
    the column behind the last one. ``whole`` is False when the line was cut.
    """

    text: str
    first: int
    starts: list[int]
    whole: bool

    def columns(self, span: Span) -> tuple[int, int]:
        """The columns from and up to which a span is to be underlined: at least one."""
        last = len(self.starts) - 1
        start = self.starts[min(max(span.start - self.first, 0), last)]
        end = self.starts[min(max(span.end - self.first, 0), last)]
        return start, max(end, start + 1)


def excerpt(source: Source, at: int, room: int) -> Excerpt:
    """The line around offset ``at`` in at most ``room`` columns, its secrets masked.

    The text is escaped where a terminal would obey it.
    """
    low, high, whole = _bounds(source, at, room)
    shown = _masked(cells(source.text[low:high]), low, secret_spans(source))
    columns = sum(cell.columns for cell in shown)
    # A place behind the last character takes a column of its own, for its caret.
    if whole and columns + (at - low >= len(shown)) <= room:
        return _laid_out(shown, low, True, "", "")
    # A third of the room shows what stands before the place, the rest what follows.
    first = min(at - low, len(shown))
    before = 0
    while first > 0 and before + shown[first - 1].columns <= room // 3:
        first -= 1
        before += shown[first].columns
    lead = CUT if first > 0 or source.position(low).column > 1 else ""
    last, taken = first, len(lead)
    while last < len(shown) and taken + shown[last].columns < room:
        taken += shown[last].columns
        last += 1
    tail = CUT if last < len(shown) or not whole else ""
    return _laid_out(shown[first:last], low + first, False, lead, tail)


def _bounds(source: Source, at: int, room: int) -> tuple[int, int, bool]:
    # The offsets of the line, without its ending, and whether that is all of it. A minified file
    # is one line of megabytes: look no further from the place than can be seen.
    starts = source.line_starts
    number = bisect_right(starts, at)
    begin = starts[number - 1]
    end = starts[number] if number < len(starts) else len(source.text)
    low, high = max(begin, at - 4 * room), min(end, at + 8 * room)
    text = source.text
    while high == end and high > low and text[high - 1] in "\r\n":
        high, end = high - 1, end - 1
    return low, high, low == begin and high == end


def _masked(shown: list[Cell], low: int, secrets: Sequence[Span]) -> list[Cell]:
    high = low + len(shown)
    near = max(bisect_right(secrets, Span(low, low)) - 1, 0)
    for span in secrets[near:]:
        if span.start >= high:
            break
        if span.end > low:
            start, end = max(span.start, low) - low, min(span.end, high) - low
            # The mask is the last of the cells, so that a place within points at its start.
            shown[start:end] = [Cell("", 0)] * (end - start - 1) + [Cell(MASK, len(MASK))]
    return shown


def _laid_out(shown: list[Cell], first: int, whole: bool, lead: str, tail: str) -> Excerpt:
    column = len(lead)
    starts = [column]
    for cell in shown:
        column += cell.columns
        starts.append(column)
    return Excerpt(f"{lead}{''.join(cell.text for cell in shown)}{tail}", first, starts, whole)
