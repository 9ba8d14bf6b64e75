"""What all recoveries have in common.

A recovery looks at the token that the parser did not expect. It returns the offset to go on from,
or None when the error is not of its kind. All keep one law: the parser goes on as if the fix had
been made. So one mistake is one error, and a safe fix takes its own error away and uncovers no
other. (Where several mistakes meet, guesses may interfere; ``lint.fixes`` therefore checks again.)
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from openclaw_config.diagnostics.model import Diagnostic, Edit, Fix, Related
from openclaw_config.syntax import nodes
from openclaw_config.syntax import text as tokens
from openclaw_config.syntax.nodes import AFTER_VALUE, END, ITEM, KEY, VALUE
from openclaw_config.syntax.text import Location, Source, Span

if TYPE_CHECKING:
    from openclaw_config.diagnostics.model import Rule

DOUBLE_QUOTES = "“”„‟«»"
SINGLE_QUOTES = "‘’‚‛`´"
"""What people and their programs put for a quote."""
QUOTES = frozenset(DOUBLE_QUOTES + SINGLE_QUOTES + "\"'")

_TRAILING_COMMA = re.compile(r",(?=(?:\s|//[^\n\r]*+)*+[}\]])")
_LINE_END = re.compile(r"[\n\r]|\Z")
_ODD_KEY_AHEAD = re.compile(
    r"""(?:[“”`][^“”`\n\r]*[“”`]|["'][^"'\n\r:=]*+|[^\s,:{}\[\]"'=#]++)[ \t]*+[:=]"""
)
_STRING_BODY = {
    quote: re.compile(rf"[^{quote}\\\n\r]*+(?:\\(?:\r\n|[\s\S])[^{quote}\\\n\r]*+)*+")
    for quote in "\"'"
}


_DEEPEST = 200
"""Characters of indentation beyond which nobody can have meant something by it."""


class Cursor:
    """The token that the parser did not expect, and what the recoveries of a run tell one another.

    The token reaches from ``start`` up to ``end``, and ``kinds`` and ``starts`` are those of all
    tokens, with it as the last. ``stack`` and ``roots`` are the parser's own: the containers left
    open, and what stands outside all of them. ``state`` is what the parser expects, and ``key``
    the key read last, with the offsets of its start and its end.
    """

    def __init__(
        self, source: Source, stack: list[nodes.Container], roots: list[nodes.Node], end: int
    ) -> None:
        self.source = source
        self.text = source.text
        self.stack = stack
        self.roots = roots
        self.kinds, self.starts = tokens.Tokens.of(source.text, end)
        self.errors: list[Diagnostic] = []
        self.kind = self.start = self.end = 0
        self.state = VALUE
        self.key = ("", 0, 0)
        self.balance = self.bracket_balance()
        """Opening brackets less closing ones: which kind the author has too many of."""
        self.conflict = False
        """Whether the marks of a merge conflict were seen."""
        self.cut_short = False
        """Whether the last error already says why the text ends too early."""
        self.open_root = False
        """Whether the root may go on to the end of the text, its closing brace being no matter."""
        self.stopped = False
        """Whether reading was given up, so that nobody knows what else is wrong."""
        self.nameless: list[nodes.ObjectNode] = []
        """The objects that hold a value without a key, to be taken out at the end."""

    # --- where it stands --------------------------------------------------------------------------

    @property
    def character(self) -> str:
        """The token's first character."""
        return self.text[self.start]

    @property
    def root(self) -> nodes.Node | None:
        """The root, as far as it was read."""
        return self.roots[0] if self.roots else None

    @property
    def in_object(self) -> bool:
        """Whether the innermost open container is an object."""
        return bool(self.stack) and isinstance(self.stack[-1], nodes.ObjectNode)

    @property
    def first_in_line(self) -> bool:
        """Whether nothing but white space stands before the token on its line."""
        return not self.text[nodes.line_start(self.text, self.start) : self.start].strip()

    def last_part(self) -> nodes.Member | nodes.Node | None:
        """The member or item that ends right before the token, if that is what stands there."""
        _, into = nodes.innermost(self.stack, self.roots)
        if not into or into[-1].end != self.end_before(1):
            return None
        if not self.in_object:
            return into[-1]  # type: ignore[no-any-return]
        source, key, before, length, value = into[-5:]
        start = value.start - before
        return nodes.Member(source, key, start, start + length, value)

    def drop_last(self) -> None:
        """Take the last member or item of the innermost open container out."""
        _, into = nodes.innermost(self.stack, self.roots)
        del into[-5 if self.in_object else -1 :]

    @property
    def next_part(self) -> int:
        """What the parser expects behind a comma."""
        return KEY if self.in_object else ITEM

    def end_before(self, count: int) -> int:
        """Where what stands before the last ``count`` tokens ends, space and comments left out."""
        starts, kinds, text = self.starts, self.kinds, self.text
        index = len(starts) - 1 - count
        while index >= 0 and kinds[index] in (tokens.SPACE, tokens.COMMENT):
            index -= 1
        if index < 0:
            return 0
        end = starts[index + 1] if index + 1 < len(starts) else len(text)
        while end > starts[index] and text[end - 1] in tokens.WHITE_SPACE:
            end -= 1
        return end

    # --- looking ahead ----------------------------------------------------------------------------

    def peek(self, at: int) -> tuple[int, int]:
        """The kind and the start of the next token that counts; 0 and the text's end for none."""
        at = tokens.skip_to_token(self.text, at)
        if at == len(self.text):
            return 0, at
        return tokens.next_token(self.text, at).lastindex or 0, at

    def key_ahead(self, at: int) -> bool:
        """Whether a key and its colon, or what is meant as such, start at an offset."""
        if at < len(self.text):
            match = tokens.next_token(self.text, at)
            if match.lastindex in (tokens.STRING, tokens.WORD):
                _, mark = self.peek(match.end())
                if self.text[mark : mark + 1] in (":", "="):
                    return True
        return _ODD_KEY_AHEAD.match(self.text, at) is not None

    def ends_surely(self, at: int) -> bool:
        """Whether a text that lacks its closing quote ends at an offset, and no later.

        A comma before a closing bracket may be the text's own, unless the file has such commas; so
        may a space, unless the innermost bracket has one too, and what looks like a comment.
        """
        text = self.text
        if text[at : at + 1] == ",":
            return self.peek(at + 1)[0] not in tokens.CLOSING or self.has_trailing_comma(at)
        kind, mark = self.peek(at)
        inner = self.stack[-1].start + 1 if self.stack else 0
        spaced = mark == at + 1 and kind in tokens.CLOSING and text[inner : inner + 1] == " "
        return mark == at or spaced or (self.line_end(at) == at and kind != tokens.COMMA)

    def has_trailing_comma(self, but: int) -> bool:
        """Whether a comma stands before a closing bracket, other than the one at an offset."""
        return any(match.start() != but for match in _TRAILING_COMMA.finditer(self.text))

    def line_end(self, at: int) -> int:
        """Where the line of an offset ends."""
        return _LINE_END.search(self.text, at).start()  # type: ignore[union-attr]

    def string_stop(self, at: int, quote: str) -> int:
        """Where a string whose text starts at an offset is closed.

        Or, when it is not, where it breaks off: at the end of a line or of the whole text.
        """
        text = self.text
        end = _STRING_BODY[quote].match(text, at).end()  # type: ignore[union-attr]
        return len(text) if text[end : end + 1] == "\\" else end

    def bracket_balance(self) -> int:
        """Opening brackets less closing ones, outside strings and comments.

        A comment that is not closed counts as ended with its line, and a string where it breaks
        off, as the parser mostly takes them. So the time stays linear whatever the text.
        """
        text, count, at = self.text, 0, 0
        last_comment_end = text.rfind("*/")
        while at < len(text):
            if at > last_comment_end and text.startswith("/*", at):
                at = self.line_end(at)
                continue
            match = tokens.next_token(text, at)
            kind = match.lastindex
            if kind in tokens.OPENING:
                count += 1
            elif kind in tokens.CLOSING:
                count -= 1
            unclosed = kind == tokens.OTHER and text[at] in "\"'"
            at = self.string_stop(at + 1, text[at]) if unclosed else match.end()
        return count

    def suspect(self) -> nodes.Node | None:
        """The container that lacks its closing bracket, as far as the indentation gives it away.

        A closing bracket that starts its line belongs to the line that is indented like it. The
        first one that the parser gave to another container shows which one was left open before.
        """
        text = self.text
        open_at: list[int] = []
        by_start = {node.start: node for root in self.roots for node in nodes.containers(root)}
        lines = self.source.line_starts
        for kind, start in zip(self.kinds, self.starts, strict=True):
            if kind in tokens.OPENING:
                open_at.append(start)
            elif kind in tokens.CLOSING and open_at:
                opener = open_at.pop()
                first = lines[bisect_right(lines, start) - 1]
                if opener > first or start - first > _DEEPEST or text[first:start].strip():
                    continue
                if text[first:start] != nodes.indentation(text, opener):
                    return by_start.get(opener)
        return None

    # --- reporting --------------------------------------------------------------------------------

    def report(
        self,
        rule: Rule,
        *edits: Edit,
        write: str | None = None,
        message: str = "",
        label: str = "",
        title: str = "",
        at: tuple[int, int] | None = None,
        safe: bool = True,
        related: tuple[tuple[int, int, str], ...] = (),
        helps: tuple[str, ...] = (),
    ) -> None:
        """Record an error at the token's first character, or at another span.

        The words are the rule's own where they are not given. ``edits`` make up the fix, in the
        text's order, ``title`` being its title; ``write`` is one that puts a text in the place of
        the span. ``related`` are other spans, each with what to say there.
        """
        source = self.source
        span = at or (self.start, self.start + 1)
        if write is not None:
            change = f"write {write}" if write else f"delete the {self.character}"
            edits, title = (edit(*span, write),), title or rule.fix or change
        finding = rule.at(
            Location(source, Span(*span)),
            message or rule.message,
            label=label or rule.label,
            fix=Fix(title or rule.fix, edits, safe) if edits else None,
            related=[
                Related(Location(source, Span(first, last)), text) for first, last, text in related
            ],
            helps=helps,
        )
        self.errors.append(finding)

    # --- the way on -------------------------------------------------------------------------------

    def replay(self, state: int) -> int:
        """Let the parser meet the same token again, expecting something else."""
        self.state = state
        del self.starts[-1], self.kinds[-1]
        return self.start

    def skip(self, end: int, state: int | None = None) -> int:
        """Go on after ``end``; what was expected is still expected, or else what ``state`` says."""
        self.kinds[-1] = tokens.OTHER
        if state is not None:
            self.state = state
        return end

    def end_value(self) -> None:
        """Go on after a value."""
        self.state = AFTER_VALUE if self.stack else END

    def attach(self, node: nodes.Node) -> None:
        """Put a value where the parser expects one, and go on after it."""
        _, into = nodes.innermost(self.stack, self.roots)
        if self.in_object:
            key, start, end = self.key
            into += (self.source, key, node.start - start, end - start, node)
        else:
            into.append(node)
        self.end_value()

    def close(self, end: int) -> None:
        """End the innermost container at an offset."""
        self.stack.pop().close(end)
        self.end_value()

    def stop(self) -> int:
        """Read no further: everything open ends here, and the rest of the text is one token."""
        while self.stack:
            self.close(len(self.text))
        self.stopped = True
        return self.skip(len(self.text), END)

    def rewind(self, offset: int) -> None:
        """Take back what was read from an offset on, and what was found wrong with it."""
        index = bisect_left(self.starts, offset)
        del self.starts[index:], self.kinds[index:]
        while self.errors and start_of(self.errors[-1]) >= offset:
            self.errors.pop()


def start_of(finding: Diagnostic) -> int:
    """Where an error starts."""
    return finding.location.span.start if finding.location else 0


def edit(start: int, end: int, text: str = "") -> Edit:
    """Put a text, or nothing, in the place of what stands from ``start`` to ``end``."""
    return Edit(Span(start, end), text)


def closer_of(container: nodes.Node) -> str:
    """The bracket that closes a container."""
    return "}" if isinstance(container, nodes.ObjectNode) else "]"
