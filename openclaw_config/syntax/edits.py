"""Changes of a text that keep every byte they do not concern, comments included.

Each builder takes a tree that was read without errors and returns edits of its text; ``apply``
makes them. To change several things, apply and parse again in between.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from openclaw_config.diagnostics.model import Diagnostic, Edit
from openclaw_config.syntax.nodes import ArrayNode, Member, Node, ObjectNode
from openclaw_config.syntax.parser import parse
from openclaw_config.syntax.recovery.slip import MAX_ERRORS
from openclaw_config.syntax.scanner import COMMENT, SPACE
from openclaw_config.syntax.spans import Source, Span
from openclaw_config.syntax.tree import Tree, indentation, parts_of
from openclaw_config.syntax.writer import style_of, write, write_key

_ROUNDS = 100
"""How often fixes may bring new ones to light before we let it be."""


def apply(text: str, edits: Iterable[Edit]) -> str:
    """The text with edits made. Insertions at one place keep their order.

    Raises ValueError when edits overlap or lie outside the text.
    """
    out: list[str] = []
    at = 0
    for (start, end), replacement in sorted(edits, key=lambda edit: edit.span):
        if not at <= start <= end <= len(text):
            raise ValueError(f"the edit at {start} overlaps another or lies outside the text")
        out += (text[at:start], replacement)
        at = end
    out.append(text[at:])
    return "".join(out)


def safe_edits(findings: Iterable[Diagnostic]) -> list[Edit]:
    """The edits of all safe fixes; of two that clash, those of the first finding only."""
    taken: list[_Reaching] = []  # by their spans, and without overlap
    for finding in findings:
        fix = finding.fix
        if fix is None or not fix.safe:
            continue
        reach = Span(fix.edits[0].span.start, fix.edits[-1].span.end)
        edits = [_Reaching(edit, reach) for edit in fix.edits]
        if not any(_clash(one, other) for one in edits for other in _near(taken, one)):
            for one in edits:
                insort(taken, one, key=_span)
    return [edit for edit, _ in sorted(taken, key=_nesting)]


def _span(one: _Reaching) -> Span:
    return one.edit.span


def _near(taken: list[_Reaching], one: _Reaching) -> Iterator[_Reaching]:
    """Those of the edits taken so far that may clash with another: its neighbours."""
    start, end = one.edit.span
    at = bisect_left(taken, Span(start, start), key=_span)
    # Only the last of those that begin before it can reach into it.
    for index in range(max(0, at - 1), len(taken)):
        if taken[index].edit.span.start > end:
            break
        yield taken[index]


class _Reaching(NamedTuple):
    """An edit, and the span that all edits of its fix take up."""

    edit: Edit
    reach: Span


_ENDS, _ALONE, _BEGINS = range(3)


def _nesting(one: _Reaching) -> tuple[int, int, int]:
    """The order of insertions at one place, which is that of brackets.

    First those that end something, what began last first; then those that stand alone; then those
    that begin something, what ends last first.
    """
    (span, _), reach = one
    if reach.start < span.start:
        return span.start, _ENDS, -reach.start
    if reach.end > span.end:
        return span.start, _BEGINS, -reach.end
    return span.start, _ALONE, 0


def _clash(one: _Reaching, other: _Reaching) -> bool:
    mine, theirs = one.edit.span, other.edit.span
    if mine == theirs:
        # What stands alone where something begins may belong before it or inside it.
        return mine.start < mine.end or {_nesting(one)[1], _nesting(other)[1]} == {_ALONE, _BEGINS}
    if mine.start == mine.end or theirs.start == theirs.end:
        return mine.start < theirs.end and theirs.start < mine.end
    return max(mine.start, theirs.start) < min(mine.end, theirs.end)


def mended(source: Source) -> str:
    """The text after all safe fixes of its syntax were made, as often as new ones turn up.

    Every round is checked: edits that leave more to complain about than before are not made.
    Mending the outcome again changes nothing.
    """
    tree = parse(source)
    for _ in range(_ROUNDS):
        together = safe_edits(tree.errors)
        alone = [safe_edits([finding]) for finding in tree.errors]
        tried = (_after(tree, edits) for edits in (together, *alone))
        better = next((after for after in tried if after is not None), None)
        if better is None:
            break
        tree = better
    return tree.source.text


def _after(tree: Tree, edits: list[Edit]) -> Tree | None:
    """The tree after edits, if it is the better for them."""
    source = tree.source
    if not edits:
        return None
    after = parse(Source(apply(source.text, edits), source.name, source.path, source.place))
    # Where reading had stopped at the limit, as many new errors may come into sight as went.
    capped = len(tree.errors) >= MAX_ERRORS
    return after if len(after.errors) < len(tree.errors) + capped else None


def replace_value(tree: Tree, node: Node, value: Any) -> list[Edit]:
    """Put another value in a node's place."""
    text = tree.source.text
    was_one_line = isinstance(node, (ObjectNode, ArrayNode)) and not _has_line_end(
        text[node.start : node.end]
    )
    one_line = was_one_line or not _has_line_end(text)
    written = write(value, style_of(tree), indentation(text, node.start), one_line)
    return [Edit(node.span, written)]


def rename_key(tree: Tree, member: Member, key: str) -> list[Edit]:
    """Give a member another key, in quotes if the old one has them or the new one needs them."""
    style = style_of(tree)
    quote = tree.source.text[member.key_start]
    style = style._replace(bare_keys=quote not in "\"'")
    if not style.bare_keys:
        style = style._replace(quote=quote)
    return [Edit(Span(member.key_start, member.key_end), write_key(key, style))]


def insert_member(tree: Tree, container: ObjectNode, key: str, value: Any) -> list[Edit]:
    """Put a member behind the last one. Says nothing about a key that is already there."""
    return _append(tree, container, f"{write_key(key, style_of(tree))}: ", value)


def append_item(tree: Tree, container: ArrayNode, value: Any) -> list[Edit]:
    """Put an item behind the last one."""
    return _append(tree, container, "", value)


def remove_member(tree: Tree, container: ObjectNode, member: Member) -> list[Edit]:
    """Take a member out, with its comma, its line, and the comment behind it on that line."""
    return _remove(tree, container, container.members.index(member))


def remove_item(tree: Tree, container: ArrayNode, index: int) -> list[Edit]:
    """Take an item out, with its comma, its line, and the comment behind it on that line.

    Raises IndexError when there is no such item.
    """
    return _remove(tree, container, range(len(container.items))[index])


def _append(tree: Tree, container: ObjectNode | ArrayNode, lead: str, value: Any) -> list[Edit]:
    text, style = tree.source.text, style_of(tree)
    parts = parts_of(container)
    if not parts:
        return _fill(tree, container, lead, value)
    last = parts[-1]
    comma = tree.comma_after(last.end)
    if not _starts_line(text, container, last):
        written = lead + write(value, style, one_line=True)
        if comma is not None:
            return [Edit(Span(comma.end, comma.end), f" {written},")]
        return [Edit(Span(last.end, last.end), f", {written}")]
    inner = indentation(text, last.start)
    written = style.line_end + inner + lead + write(value, style, inner)
    if comma is not None:
        at = _behind_comments(tree, comma.end)
        return [Edit(Span(at, at), written + ",")]
    at = _behind_comments(tree, last.end)
    return [Edit(Span(last.end, last.end), ","), Edit(Span(at, at), written)]


def _fill(tree: Tree, container: ObjectNode | ArrayNode, lead: str, value: Any) -> list[Edit]:
    """Put the first part into a container, behind the comments that it may hold."""
    text, style = tree.source.text, style_of(tree)
    first, last = container.start + 1, container.end - 1
    comments = _comments_within(tree, first, last)
    if not comments and not _has_line_end(text):
        space = " " if isinstance(container, ObjectNode) else ""
        written = lead + write(value, style, one_line=True)
        return [Edit(Span(first, last), f"{space}{written}{space}")]
    outer = indentation(text, container.start)
    inner = outer + style.indent
    written = style.line_end + inner + lead + write(value, style, inner)
    if style.trailing_commas:
        written += ","
    if comments:
        first = comments[-1].end
        if _has_line_end(text[first:last]):
            return [Edit(Span(first, first), written)]
    return [Edit(Span(first, last), written + style.line_end + outer)]


def _remove(tree: Tree, container: ObjectNode | ArrayNode, index: int) -> list[Edit]:
    text = tree.source.text
    parts = parts_of(container)
    part = parts[index]
    first, last = container.start + 1, container.end - 1
    comments = _comments_within(tree, first, last)
    if len(parts) == 1 and all(part.start <= comment.start < part.end for comment in comments):
        return [Edit(Span(first, last), "")]
    comma = tree.comma_after(part.end)
    before = tree.comma_after(parts[index - 1].end) if index and comma is None else None
    edits = [Edit(before, "")] if before else []
    end = comma.end if comma else part.end
    if comma and _comments_within(tree, part.end, comma.start):
        return [Edit(part, ""), Edit(comma, "")]
    if _starts_line(text, container, part):
        tail = _behind_comments(tree, end)
        next_line = _next_line(text, tail)
        if next_line > tail:
            start = part.start - len(indentation(text, part.start))
            return [*edits, Edit(Span(start, next_line), "")]
    if before and not text[before.end : part.start].strip():
        return [Edit(Span(before.start, part.end), "")]
    start = part.start
    while comma and end < len(text) and text[end] in " \t":
        end += 1
    while text[end] in "\r\n" and text[start - 1] in " \t":
        start -= 1
    return [*edits, Edit(Span(start, end), "")]


def _comments_within(tree: Tree, start: int, end: int) -> list[Span]:
    return [comment for comment in tree.comments if start <= comment.start < end]


def _behind_comments(tree: Tree, offset: int) -> int:
    """The end of the last comment that follows an offset on its line; the offset if none does."""
    kinds, starts = tree.tokens
    text = tree.source.text
    index = tree.tokens.from_offset(offset)
    end = offset
    while index < len(kinds) and not _has_line_end(text[end : starts[index]]):
        if kinds[index] == COMMENT:
            end = starts[index + 1]
        elif kinds[index] != SPACE:
            break
        index += 1
    return end


def _starts_line(text: str, container: Node, part: Span) -> bool:
    """Whether a part of a container is the first thing on its line."""
    line = part.start - len(indentation(text, part.start))
    return line > container.start + 1 and text[line - 1] in "\r\n"


def _next_line(text: str, offset: int) -> int:
    """Where the next line starts when nothing but blanks lie before it; else the offset."""
    at = offset
    while at < len(text) and text[at] in " \t":
        at += 1
    if text.startswith("\r\n", at):
        return at + 2
    return at + 1 if text[at : at + 1] in ("\r", "\n") else offset


def _has_line_end(text: str) -> bool:
    return "\n" in text or "\r" in text
