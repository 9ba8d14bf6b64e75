"""JSON5 laid out evenly. White space and trailing commas change; nothing else does.

A container that stood on one line stays on one where it fits, any other gets a line for each of
its parts. Comments stay where they were: on a line of their own, at the end of one, or before a
part. One blank line between parts stays. Strings, keys and numbers stay as they are written.

The formatter goes over the tokens once and keeps its own stack, so neither size nor nesting is a
matter to it.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections import Counter
from typing import NamedTuple

from openclaw_config.diagnostics.model import ERROR
from openclaw_config.syntax import text as tokens
from openclaw_config.syntax.nodes import Tree, line_start

WIDTH = 100
"""The columns that a container may reach on one line; a tab counts as four."""

_DEFAULT_INDENT = "  "
_WIDEST_INDENT = 8
_MARK = "\ufeff"
_TAB = " " * 4

_LINE_END = re.compile("\r\n|[\n\r\u2028\u2029]")
_PLAIN_LINE_END = re.compile("\r\n|[\n\r]")

_SAME_LINE, _NEXT_LINE, _BLANK_LINE = range(3)


class _Piece(NamedTuple):
    """A token that is no white space.

    ``gap`` is what parts it from the piece before it, commas not counted.
    """

    kind: int
    text: str
    start: int
    gap: int


def format_tree(tree: Tree) -> str:
    """The text of a tree, laid out evenly.

    The value and every comment are the same, and the result formatted again is the same. Indent
    and line ends are those that the file has, two spaces where it shows none. A container of more
    than one line gets a trailing comma, unless the text is plain JSON, which it then stays.

    Raises ValueError for a tree with errors.
    """
    if tree.root is None or any(found.severity == ERROR for found in tree.errors):
        raise ValueError("a text that does not parse cannot be formatted")
    return _Printer(tree).run()


class _Printer:
    """One run over the pieces of one text."""

    def __init__(self, tree: Tree) -> None:
        text = tree.source.text
        self.pieces = _pieces(tree)
        self.indent = _indent(text, self.pieces)
        self.line_end = _line_end(text, self.pieces)
        self.breaks = [match.start() for match in _LINE_END.finditer(text)]
        self.solid, self.leading, self.closing = _relations(self.pieces)
        self.commas = not _is_json(text)
        self.out: list[str] = [_MARK] if text.startswith(_MARK) else []
        self.begun = False
        self.column = 0
        self.level = 0
        self.stack: list[tuple[int, int]] = []  # the levels of a closing mark, and outside
        self.first = True  # nothing is written yet in this container
        self.led = False  # a comment stands before the next part, on its line
        self.after_key = False
        self.deeper = False  # a line comment parts a key from its value

    def run(self) -> str:
        at = 0
        while at < len(self.pieces):
            kind = self.pieces[at].kind
            if kind == tokens.COMMENT:
                self.comment(at)
            elif kind in tokens.CLOSING:
                self.close(at)
            elif self.kind_after(at) == tokens.COLON:
                self.begin_part(at)
                self.write(f"{self.pieces[at].text}:")
                self.after_key, self.deeper = True, False
            elif kind not in (tokens.COMMA, tokens.COLON):
                at = self.value(at)
            at += 1
        self.out.append(self.line_end)
        return "".join(self.out)

    # --- parts --------------------------------------------------------------------------------

    def begin_part(self, at: int) -> None:
        """Go to where a member or an item begins."""
        if self.led:
            self.write(" ")
        else:
            self.new_line(self.pieces[at].gap)
        self.led = self.first = False

    def value(self, at: int) -> int:
        """Write a value, or its opening mark; gives the index of the last piece written."""
        base = self.level
        if not self.after_key:
            self.begin_part(at)
        elif self.deeper:
            base += 1
            self.go_to(base)
        else:
            self.write(" ")
        self.after_key = False
        if self.pieces[at].kind not in tokens.OPENING:
            self.write(self.pieces[at].text)
            self.comma(at)
            return at
        line = self.on_one_line(at)
        if line is not None:
            self.write(line)
            self.comma(self.closing[at])
            return self.closing[at]
        self.write(self.pieces[at].text)
        self.stack.append((base, self.level))
        self.level = base + 1
        self.first = True
        return at

    def close(self, at: int) -> None:
        """Write a closing mark on a line of its own."""
        base, self.level = self.stack.pop()
        self.go_to(base)
        self.write(self.pieces[at].text)
        self.first = False
        self.comma(at)

    def comma(self, at: int) -> None:
        """Write the comma after the value that ends at a piece, where one belongs."""
        if self.stack and (self.commas or not self.is_last(at)):
            self.write(",")

    def is_last(self, at: int) -> bool:
        """Whether the value that ends at a piece is the last of its container."""
        after = self.solid[at]
        if self.pieces[after].kind == tokens.COMMA:
            after = self.solid[after]
        return self.pieces[after].kind in tokens.CLOSING

    def kind_after(self, at: int) -> int:
        """The kind of the next piece that is no comment; 0 at the end."""
        after = self.solid[at]
        return self.pieces[after].kind if after < len(self.pieces) else 0

    # --- comments -----------------------------------------------------------------------------

    def comment(self, at: int) -> None:
        """Write a comment where it belongs."""
        piece = self.pieces[at]
        if self.after_key:
            if self.deeper:
                self.go_to(self.level + 1)
            else:
                self.write(" ")
            self.write(self.comment_text(piece.text))
            self.deeper = self.deeper or piece.text.startswith("//")
        elif self.led or (piece.gap == _SAME_LINE and self.begun and at not in self.leading):
            self.write(" ")
            self.write(self.comment_text(piece.text))
        else:
            self.new_line(piece.gap)
            self.write(self.comment_text(piece.text, self.indent * self.level))
            self.led = at in self.leading
            self.first = False

    def comment_text(self, text: str, indent: str | None = None) -> str:
        """A comment with the file's line ends.

        At the start of a line, the ``*`` before each of its lines stand below one another.
        """
        if text.startswith("//"):
            return text.rstrip(" \t")
        first, *others = _PLAIN_LINE_END.split(text)
        bare = [line.lstrip(" \t") for line in others]
        if indent is not None and all(line.startswith("*") for line in bare):
            others = [f"{indent} {line}" for line in bare]
        return self.line_end.join([first, *others])

    # --- lines --------------------------------------------------------------------------------

    def on_one_line(self, at: int) -> str | None:
        """A whole container on one line; None where it takes more."""
        pieces, end = self.pieces, self.closing[at]
        if end > at + 1:
            start = bisect_left(self.breaks, pieces[at].start)
            if start < len(self.breaks) and self.breaks[start] < pieces[end].start:
                return None
        room = WIDTH - self.column - bool(self.stack)
        written: list[str] = []
        before = 0
        for index in range(at, end + 1):
            kind, text = pieces[index].kind, pieces[index].text
            if kind == tokens.COLON or (
                kind == tokens.COMMA and self.kind_after(index) in tokens.CLOSING
            ):
                continue
            if written and _is_spaced(before, kind):
                text = f" {text}"
            if kind in (tokens.STRING, tokens.WORD) and self.kind_after(index) == tokens.COLON:
                text += ":"
            written.append(text)
            before = kind
            room -= len(text)
            if room < 0 and end > at + 1:
                return None
        return "".join(written)

    def new_line(self, gap: int) -> None:
        """Begin the line of a part or of a comment, below a blank one where there was one."""
        if gap == _BLANK_LINE and not self.first:
            self.out.append(self.line_end)
        self.go_to(self.level)

    def go_to(self, level: int) -> None:
        """Begin a line at a level; the text's first line has begun already."""
        if self.begun:
            self.out.append(self.line_end)
            self.column = 0
            self.write(self.indent * level)

    def write(self, text: str) -> None:
        self.begun = True
        self.out.append(text)
        tail = _LINE_END.split(text)[-1] if "\n" in text or "\r" in text else text
        self.column = len(tail.replace("\t", _TAB)) + (self.column if tail is text else 0)


def _is_spaced(before: int, kind: int) -> bool:
    """Whether a space stands between two pieces on one line."""
    if kind in (tokens.COMMA, tokens.CLOSE_ARRAY):
        return False
    if kind == tokens.CLOSE_OBJECT:
        return before not in tokens.OPENING
    return before not in tokens.OPENING or before == tokens.OPEN_OBJECT


def _pieces(tree: Tree) -> list[_Piece]:
    text, (kinds, starts) = tree.source.text, tree.tokens
    pieces: list[_Piece] = []
    gap = run = 0
    for kind, start, end in zip(kinds, starts, starts[1:], strict=False):
        space = start
        if kind != tokens.SPACE:
            # A mark has the white space behind it in its token.
            space = start + 1 if kind in _MARKS else end
            pieces.append(_Piece(kind, text[start:space], start, gap))
            run = 0
            if kind != tokens.COMMA:
                gap = _SAME_LINE
        if end - space > 1 or (space < end and text[space] != " "):
            run += sum(1 for _ in _LINE_END.finditer(text, space, end))
            gap = max(gap, min(run, _BLANK_LINE))
    return pieces


_NO_PART = tokens.CLOSING | {tokens.COMMA, tokens.COLON, tokens.COMMENT}
_MARKS = tokens.OPENING | tokens.CLOSING | {tokens.COMMA, tokens.COLON}


def _relations(pieces: list[_Piece]) -> tuple[list[int], set[int], dict[int, int]]:
    """How the pieces of a text belong together, by their indexes.

    For each the next one that is no comment, or the number of pieces; the comments that stand
    before a part, on its line; the closing mark of each opening one.
    """
    solids, leading, closing = [0] * len(pieces), set[int](), dict[int, int]()
    waiting: list[int] = []
    solid = len(pieces)
    for index in range(len(pieces) - 1, -1, -1):
        piece = pieces[index]
        solids[index] = solid
        if piece.kind != tokens.COMMENT:
            solid = index
        elif piece.text.startswith("/*") and index + 1 < len(pieces):
            after = pieces[index + 1]
            part = after.kind not in _NO_PART or index + 1 in leading
            if part and after.gap == _SAME_LINE:
                leading.add(index)
        if piece.kind in tokens.CLOSING:
            waiting.append(index)
        elif piece.kind in tokens.OPENING:
            closing[index] = waiting.pop()
    return solids, leading, closing


def _is_json(text: str) -> bool:
    """Whether a text that parses is plain JSON too."""
    try:
        json.loads(text.removeprefix(_MARK), parse_constant=_refuse)
    except (ValueError, RecursionError):
        return False
    return True


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is a number of JSON5 only")


def _line_end(text: str, pieces: list[_Piece]) -> str:
    """The line end that is the more frequent one outside of strings, whose own ones stay."""
    counts = Counter(_PLAIN_LINE_END.findall(text))
    for piece in pieces:
        if piece.kind == tokens.STRING:
            counts.subtract(_PLAIN_LINE_END.findall(piece.text))
    return max(("\n", "\r\n", "\r"), key=lambda line_end: counts[line_end])


def _indent(text: str, pieces: list[_Piece]) -> str:
    """What the parts of a container are indented by, in most of the containers that show it."""
    found: Counter[str] = Counter()
    outer: str | None = ""
    opened = False
    for piece in pieces:
        if piece.gap != _SAME_LINE:
            inner = _indent_before(text, piece.start)
            if opened and inner and outer is not None and piece.kind not in tokens.CLOSING:
                step = inner.removeprefix(outer)
                if step and len(step) <= _WIDEST_INDENT and inner == outer + step:
                    found[step] += 1
            outer = inner
            opened = False
        # A comment may stand between the opening mark and the line's end.
        opened = piece.kind in tokens.OPENING or (opened and piece.kind == tokens.COMMENT)
    return max(found, key=lambda step: found[step]) if found else _DEFAULT_INDENT


def _indent_before(text: str, start: int) -> str | None:
    """The white space before a piece that begins a line; None where it is of another kind."""
    before = text[line_start(text, start) : start]
    return None if before.strip(" \t") else before
