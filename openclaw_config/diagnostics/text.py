"""What a person reads: findings, each with its line, a caret and what to do, and changes of a text.

Secrets are masked, and nothing of a file, a path or a message reaches the terminal unescaped.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate
from typing import NamedTuple

from openclaw_config.diagnostics import display
from openclaw_config.diagnostics.display import PLAIN, Cell, Style, cells, printable, width
from openclaw_config.diagnostics.masking import MASK, hidden, secret_spans, secret_spans_after
from openclaw_config.diagnostics.model import ERROR, INFO, WARNING, WORDS, Diagnostic, Report
from openclaw_config.syntax.text import Location, Source, Span

_COLOURS = {
    ERROR: "1;31",
    WARNING: "1;33",
    INFO: "1;36",
    "frame": "34",
    "related": "36",
    "strong": "1",
    "help": "32",
}
_ASCII = str.maketrans({"│": "|", "┌": "-", "─": "-", "·": ":", "…": "~", "•": "*"})
_LEAST_WIDTH = 40
_CUT = "…"


class _Mark(NamedTuple):
    """A span to underline; only its part on the line where it starts is shown."""

    location: Location
    label: str
    main: bool


def render(diagnostics: Iterable[Diagnostic], style: Style = PLAIN) -> Iterator[str]:
    """The text of each finding, of several lines, without a line ending at its end."""
    painter = _Painter(style)
    for diagnostic in diagnostics:
        yield "\n".join(painter.finding(diagnostic))


def summary(reports: Iterable[Report]) -> str:
    """``2 errors, 1 warning in openclaw.json``, or an empty text when nothing was found."""
    found = [(report.name, one.severity) for report in reports for one in report.diagnostics]
    places = {name for name, _ in found}
    count = Counter(severity for _, severity in found)
    parts = [display.count_of(count[level], word) for level, word in WORDS.items() if count[level]]
    where = printable(next(iter(places))) if len(places) == 1 else f"{len(places):,} files"
    return f"{', '.join(parts)} in {where}" if parts else ""


class _Painter:
    """Renders findings in one style."""

    def __init__(self, style: Style) -> None:
        self.style = style._replace(width=max(style.width, _LEAST_WIDTH))
        self.gutter = 0  # columns of the numbers of lines

    def finding(self, diagnostic: Diagnostic) -> Iterator[str]:
        severity = diagnostic.severity
        head = self.paint(severity, f"{severity}[{printable(diagnostic.rule)}]")
        message = self.paint("strong", f": {printable(diagnostic.message)}")
        yield head + message
        place = diagnostic.location
        marks = [] if place is None else [_Mark(place, diagnostic.label, True)]
        marks += [_Mark(place, message, False) for place, message in diagnostic.related]
        self.gutter = len(str(max((mark.location.position.line for mark in marks), default=0)))
        blocks = _grouped(marks, lambda mark: id(mark.location.source)).values()
        for index, block in enumerate(blocks):
            if index:
                yield self.frame("│")
            yield from self.snippet(block, severity)
        if marks and (diagnostic.notes or diagnostic.advice):
            yield self.frame("│")
        for note in diagnostic.notes:
            # "model: openrouter/auto" says by itself what it is about.
            yield from self.remark("strong", "" if _names_its_subject(note) else "note: ", note)
        for text in diagnostic.advice:
            yield from self.remark("help", "help: ", text)

    def remark(self, colour: str, lead: str, text: str) -> Iterator[str]:
        indent = self.gutter + 3 + len(lead)
        first, *more = display.wrapped(printable(text), self.style.width - indent)
        yield f"{self.frame('=')} {self.paint(colour, lead)}{self.plain(first)}"
        for line in more:
            yield " " * indent + self.plain(line)

    def snippet(self, marks: list[_Mark], severity: str) -> Iterator[str]:
        place = printable(str(marks[0].location))
        yield f"{self.frame('┌─')} {self.plain(place)}"
        yield self.frame("│")
        last = None
        lines = _grouped(marks, lambda mark: mark.location.position.line)
        for number, group in sorted(lines.items()):
            if last is not None and number > last + 1:
                yield self.frame("·")
            last = number
            yield from self.source_line(number, group, severity)

    def source_line(self, number: int, marks: list[_Mark], severity: str) -> Iterator[str]:
        shown = ""
        for mark in marks:
            source, span = mark.location
            line = excerpt(source, span.start, self.room())
            if line.text != shown:  # one line for all its marks, unless it had to be cut
                shown = line.text
                lead = self.paint("frame", f"{number:>{self.gutter}} │")
                yield f"{lead} {self.plain(shown)}"
            start, end = line.columns(span)
            colour, sign = (severity, "^") if mark.main else ("related", "-")
            yield from self.underline(start, sign * (end - start), mark.label, colour)

    def underline(self, column: int, carets: str, label: str, colour: str) -> Iterator[str]:
        frame = self.frame("│")
        label = printable(label)
        room = self.room()
        beside = width(label) <= room - column - len(carets) - 1
        text = f"{carets} {label}" if label and beside else carets
        yield f"{frame} {' ' * column}{self.paint(colour, text)}"
        if label and not beside:  # below, as far left as the text needs
            indent = max(0, min(column, room - width(label)))
            for part in display.wrapped(label, room - indent):
                yield f"{frame} {' ' * indent}{self.paint(colour, part)}"

    def room(self) -> int:
        return self.style.width - self.gutter - 3

    def frame(self, sign: str) -> str:
        return self.paint("frame", f"{' ' * self.gutter} {sign}")

    def paint(self, colour: str, text: str) -> str:
        text = self.plain(text)
        return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m" if self.style.colour and text else text

    def plain(self, text: str) -> str:
        return text if self.style.unicode else text.translate(_ASCII)


def _grouped(marks: list[_Mark], key: Callable[[_Mark], int]) -> dict[int, list[_Mark]]:
    groups: dict[int, list[_Mark]] = {}
    for mark in marks:
        groups.setdefault(key(mark), []).append(mark)
    return groups


def _names_its_subject(note: str) -> bool:
    subject, colon, _ = note.partition(": ")
    return bool(colon) and subject.isascii() and subject.isalpha() and len(subject) <= 12


class Excerpt(NamedTuple):
    """The visible part of a line.

    ``starts`` has the column (from 0) of each code point from offset ``first`` on, and at its end
    the column behind the last one.
    """

    text: str
    first: int
    starts: list[int]

    def columns(self, span: Span) -> tuple[int, int]:
        """The columns from and up to which a span is to be underlined: at least one."""
        last = len(self.starts) - 1
        start, end = (self.starts[min(max(at - self.first, 0), last)] for at in span)
        return start, max(end, start + 1)


def excerpt(source: Source, at: int, room: int) -> Excerpt:
    """The line around offset ``at`` in at most ``room`` columns, its secrets masked.

    The text is escaped where a terminal would obey it.
    """
    starts, number = source.line_starts, source.position(at).line
    begin = starts[number - 1]
    end = starts[number] if number < len(starts) else len(source.text)
    # A minified file is one line of megabytes: look no further from the place than can be seen.
    low, high = max(begin, at - 4 * room), min(end, at + 8 * room)
    text = source.text[low:high]
    shown = _masked(cells(text.rstrip("\r\n") if high == end else text), low, source)
    widths = [*accumulate((cell.columns for cell in shown), initial=0)]
    first, last, lead, tail, part = 0, len(shown), "", "", low > begin or high < end
    # A place behind the last character takes a column of its own, for its caret.
    if part or widths[-1] + (at - low >= last) > room:
        # A third of the room shows what stands before the place, the rest what follows.
        first = bisect_left(widths, widths[min(at - low, last)] - room // 3)
        lead = _CUT if first > 0 or low > begin else ""
        last = bisect_left(widths, widths[first] + room - len(lead)) - 1
        tail = _CUT if last < len(shown) or part else ""
    text = "".join(cell.text for cell in shown[first:last])
    starts = [len(lead) + before - widths[first] for before in widths[first : last + 1]]
    return Excerpt(lead + text + tail, low + first, starts)


def _masked(shown: list[Cell], low: int, source: Source) -> list[Cell]:
    """The cells of a text from an offset on, a mask for each of its secrets."""
    secrets = secret_spans(source)
    near = max(bisect_right(secrets, Span(low, low)) - 1, 0)
    for span in secrets[near:]:
        start, end = max(span.start - low, 0), min(span.end - low, len(shown))
        if start >= len(shown):
            break
        if start < end:
            # The mask is the last of the cells, so that a place within points at its start.
            shown[start:end] = [Cell("", 0)] * (end - start - 1) + [Cell(MASK, len(MASK))]
    return shown


# --- changes --------------------------------------------------------------------------------------

_SIGN_COLOURS = {"-": "31", "+": "32", "@": "36"}


def render_change(old: Source, after: str, style: Style = PLAIN, release: str = "") -> str:
    """A unified diff of a file and its new text; "" when they are the same.

    It is for reading, not for ``patch``. ``release`` is the one that the new text is for.
    """
    from difflib import unified_diff

    if old.text == after:
        return ""
    new = Source(after, place=old.place)
    new.release = release or old.release
    shown, secrets = printable(old.name), secret_spans(old)
    texts = _shown_lines(old.text, secrets), _shown_lines(after, secret_spans_after(new, old))
    lines = list(unified_diff(*texts, shown, shown, lineterm=""))
    if not lines:
        lines = [f"{shown}: only line ends differ, or what must not be shown"]
    return "".join(f"{_painted_change(line, style)}\n" for line in lines)


def _shown_lines(text: str, secrets: tuple[Span, ...]) -> list[str]:
    lines = hidden(text, secrets).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if lines[-1]:
        lines.append("\\ No line end at the end of the file")
    else:
        lines.pop()
    return ["".join(cell.text for cell in cells(line)) for line in lines]


def _painted_change(line: str, style: Style) -> str:
    if not style.unicode:
        line = line.replace("•", "*")
    colour = _SIGN_COLOURS.get(line[:1]) if not line.startswith(("---", "+++")) else "1"
    return f"\x1b[{colour}m{line}\x1b[0m" if style.colour and colour else line
