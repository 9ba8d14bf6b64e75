"""The edits that fixes are made of, and making them: the one place where texts are changed.

They touch nothing but what they change: comments and the author's layout stay. Each builder
gives None where the text does not allow a plain edit, for instance where an object is put
together from several files.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left, insort
from collections.abc import Iterable
from itertools import accumulate
from operator import attrgetter
from typing import TypeGuard

from openclaw_config.diagnostics.model import Edit, Fix
from openclaw_config.syntax import nodes
from openclaw_config.syntax.nodes import ArrayNode, Member, Node, ObjectNode, StringNode, child
from openclaw_config.syntax.text import KeyPath, Span, skip_to_token

_LINE_END = re.compile(r"[ \t]*+(?:\r\n?|\n|\Z)")

# --- making edits ---------------------------------------------------------------------------------


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


def line_edits(old: str, new: str) -> tuple[Edit, ...]:
    """The edits that turn one text into another, line by line."""
    from difflib import SequenceMatcher

    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    starts = [0, *accumulate(map(len, before))]
    return tuple(
        Edit(Span(starts[a], starts[b]), "".join(after[c:d]))
        for tag, a, b, c, d in SequenceMatcher(None, before, after).get_opcodes()
        if tag != "equal"
    )


def joined(fixes: Iterable[Fix]) -> list[Edit]:
    """The edits of some fixes; of two that clash, those of the first one only.

    Insertions at one place are in the order of the fixes.
    """
    planned: list[Edit] = []  # in their order, and without overlap
    for fix in fixes:
        if not any(_clashes(edit.span, planned) for edit in fix.edits):
            for edit in fix.edits:
                insort(planned, edit, key=_span_of)
    return planned


_span_of = attrgetter("span")


def _clashes(span: Span, planned: list[Edit]) -> bool:
    """Whether a stretch has text in common with an edit, or the place of an insertion inside."""
    start, end = span
    # Only the last of those that begin before it can reach into it.
    for index in range(max(0, bisect_left(planned, (start,), key=_span_of) - 1), len(planned)):
        first, last = planned[index].span
        if first > end:
            break
        if (start < last and first < end) or (first, last) == (start, end) != (start, start):
            return True
    return False


# --- keys and values ------------------------------------------------------------------------------


def key_text(member: Member | None, key: str) -> str:
    """A key written as the author of ``member`` writes keys, or else in double quotes."""
    mark = member.source.text[member.key_start] if member is not None else '"'
    if mark == "'" and not {"'", "\\"} & set(key):
        return f"'{key}'"
    if mark not in "'\"" and key.isidentifier() and key.isascii():
        return key
    return json.dumps(key, ensure_ascii=False)


def rename(member: Member, key: str) -> Edit:
    """Another key for a member."""
    return Edit(Span(member.key_start, member.key_end), key_text(member, key))


def replace(node: Node, text: str) -> Edit:
    """Another text for a value."""
    return Edit(node.span, text)


def reword(node: StringNode, text: str) -> tuple[Edit, ...] | None:
    """Another text for a string that stands in the file as it is: no variable has made it."""
    mark = node.source.text[node.start : node.start + 1]
    if node.variables or mark not in ("'", '"') or mark in text or "\\" in text:
        return None
    return (replace(node, f"{mark}{text}{mark}"),)


# --- removing -------------------------------------------------------------------------------------


def is_plain(owner: ObjectNode, member: Member) -> bool:
    """Whether a member stands in its object's own text, and once only."""
    return (
        member.source is owner.source
        and owner.start < member.key_start < member.key_end
        and member.value.source is owner.source
        and member.key_end <= member.value.start
        and member.value.end <= owner.end
        and sum(1 for other in owner.members if other.key == member.key) == 1
    )


def removal(root: Node, path: KeyPath) -> tuple[Edit, ...] | None:
    """Take what stands at a path out of the object or the array that holds it.

    Its comma goes too, and its lines do where it has them to itself.
    """
    owner, step = child(root, *path[:-1]), path[-1] if path else ""
    if isinstance(owner, ArrayNode) and isinstance(step, int):
        item, around = owner.items[step], owner.items[max(0, step - 1) : step + 1]
        alike = all(node.source is owner.source for node in around)
        inside = owner.start < item.start <= item.end <= owner.end
        return remove_part(owner, item.span) if alike and inside else None
    if (found := _plain_member(root, path)) is None:
        return None
    owner, member = found
    return remove_part(owner, Span(member.key_start, member.value.end))


def _plain_member(root: Node, path: KeyPath) -> tuple[ObjectNode, Member] | None:
    """The member at a path and its object, where it is plain."""
    owner = child(root, *path[:-1]) if path else None
    member = owner.member(str(path[-1])) if isinstance(owner, ObjectNode) else None
    if not isinstance(owner, ObjectNode) or member is None or not is_plain(owner, member):
        return None
    return owner, member


def remove_part(owner: ObjectNode | ArrayNode, span: Span) -> tuple[Edit, ...]:
    """Take a member or an item out of the text of a container."""
    text = owner.source.text
    start, end = span
    comma = comma_after(text, end)
    edits: list[Edit] = []
    if comma is not None:
        if text[end:comma].strip():
            edits.append(Edit(Span(comma, comma + 1), ""))
        else:
            end = comma + 1
    else:
        # Then the comma before it goes.
        before = [node for node in nodes.values_of(owner) if node.end <= start]
        alike = bool(before) and before[-1].source is owner.source
        last = comma_after(text, before[-1].end) if alike else None
        if last is not None and not text[last + 1 : start].strip(" \t"):
            return (Edit(Span(last, end), ""),)
        if last is not None:
            edits.append(Edit(Span(last, last + 1), ""))
    return tuple(sorted([*edits, Edit(_with_blanks(text, start, end, owner.start), "")]))


def remove_comment(text: str, comment: Span) -> Edit:
    """Take a comment out, with its line where it has that to itself."""
    start, end = comment
    line = nodes.line_start(text, start)
    before = text[line:start].rstrip(" \t")
    if before:
        return Edit(Span(line + len(before), end), "")
    following = _line_end(text, end)
    span = Span(start, past_blanks(text, end)) if following is None else Span(line, following)
    return Edit(span, "")


def _with_blanks(text: str, start: int, end: int, opener: int) -> Span:
    """A stretch with its lines where it has them to itself, or with the blanks behind it."""
    line = nodes.line_start(text, start)
    following = _line_end(text, end)
    if not text[line:start].strip() and following is not None and line > opener:
        return Span(line, following)
    if text[start - 1] in " \t{[":
        end = past_blanks(text, end)
        before = text[line:start].rstrip(" \t")
        if text[end] in "}]" and before.endswith(("{", "[")):
            start = line + len(before)
    return Span(start, end)


# --- inserting, moving, merging -------------------------------------------------------------------


def insertion(owner: ObjectNode, text: str) -> Edit:
    """The text of a member put first into an object, laid out as the members it has."""
    source = owner.source.text
    at = owner.start + 1
    if not owner.members:
        blank = past_blanks(source, at)
        return Edit(Span(at, blank if source[blank] == "}" else at), f" {text} ")
    first = owner.members[0].key_start
    line = nodes.line_start(source, first)
    if line <= at or source[line:first].strip():
        return Edit(Span(at, at), f" {text}," if source[at] in " \t\r\n" else f" {text}, ")
    end = "\r\n" if source[line - 2 : line] == "\r\n" else source[line - 1]
    return Edit(Span(at, at), f"{end}{source[line:first]}{text},")


def insertion_point(root: Node, path: KeyPath) -> tuple[Node, KeyPath]:
    """The deepest value that exists on the way to a path, and the steps that are missing."""
    for at, step in enumerate(path):
        inner = child(root, step)
        if inner is None:
            return root, path[at:]
        root = inner
    return root, ()


def move(
    root: Node, path: KeyPath, target: KeyPath, text: str | None = None, *, prune: bool = False
) -> tuple[Edit, ...] | None:
    """Put the member at ``path`` to another path, objects on the way included.

    ``text`` is written in the value's place when it is given; with ``prune``, objects that have
    nothing else go too. An object that stands at the target already gets what it does not have of
    another; None where anything else stands there, or where both have an object at the same key.
    """
    moved = child(root, *path)
    while (
        prune
        and path[:-1] != target[:-1][: len(path) - 1]
        and isinstance(holder := child(root, *path[:-1]), ObjectNode)
        and len(holder.values) == 1
    ):
        path = path[:-1]
        if text is None and moved is not None:
            text = moved.source.text[moved.start : moved.end]
    found = _plain_member(root, path)
    place, missing = insertion_point(root, target)
    if found is None or not isinstance(place, ObjectNode):
        return None
    owner, member = found
    value, source = member.value, owner.source
    keys = [key_text(member, step) for step in missing if isinstance(step, str)]
    if len(keys) < len(missing):
        return None
    if keys:
        inner = source.text[value.start : value.end] if text is None else text
        written = f"{': { '.join(keys)}: {inner}{' }' * (len(keys) - 1)}"
        if place is owner:
            return (Edit(Span(member.key_start, value.end), written),)
    else:
        if text is not None or not _mergeable(value, place):
            return None
        new = [one for one in value.members if one.key not in place.values]
        written = ", ".join(source.text[one.key_start : one.value.end] for one in new)
    if place.source is not source or not place.length:
        return None
    removed = remove_part(owner, Span(member.key_start, value.end))
    put = insertion(place, written)
    if written and any(edit.span.start <= put.span.start <= edit.span.end for edit in removed):
        return None
    return tuple(sorted((*removed, put))) if written else removed


def _mergeable(value: Node, other: ObjectNode) -> TypeGuard[ObjectNode]:
    """Whether a value is an object in one text that has no object where another has one too."""
    return isinstance(value, ObjectNode) and all(
        is_plain(value, one)
        and not (isinstance(one.value, ObjectNode) and isinstance(other.get(one.key), ObjectNode))
        for one in value.members
    )


# --- looking at the text --------------------------------------------------------------------------


def comma_after(text: str, at: int) -> int | None:
    """The offset of the next comma, past white space and comments."""
    at = skip_to_token(text, at)
    return at if text[at : at + 1] == "," else None


def past_blanks(text: str, at: int) -> int:
    """The next offset where neither a space nor a tab stands."""
    while at < len(text) and text[at] in " \t":
        at += 1
    return at


def _line_end(text: str, at: int) -> int | None:
    """The offset behind the end of the line or the text; None when more than blanks comes first."""
    found = _LINE_END.match(text, at)
    return found.end() if found else None
