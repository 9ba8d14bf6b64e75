"""Slips of brackets: the wrong one, one too many, one too few, too many levels."""

from __future__ import annotations

import re
from bisect import bisect_right

from openclaw_config.syntax import errors
from openclaw_config.syntax.nodes import ArrayNode, Member, Node, ObjectNode
from openclaw_config.syntax.parser import AFTER_KEY, AFTER_VALUE, END, KEY, MAX_DEPTH, VALUE, Parser
from openclaw_config.syntax.recovery.slip import (
    Slip,
    amend,
    close,
    edit,
    end_before,
    fix_of,
    key_ahead,
    last_part,
    line_end,
    notes_of,
    peek,
    report,
    rewind,
    stop,
)
from openclaw_config.syntax.scanner import (
    CLOSING,
    COLON,
    COMMA,
    OPEN_OBJECT,
    OPENING,
)
from openclaw_config.syntax.tree import containers, indentation, line_start, parts_of

_DEEPEST = 200
"""Characters of indentation beyond which nobody can have meant something by it."""

_KEY = re.compile(r"[\w$-]+[ \t]*:")


def closer_of(container: Node) -> str:
    """The bracket that closes a container."""
    return "}" if isinstance(container, ObjectNode) else "]"


def name_of(container: Node) -> str:
    """What a message calls a container."""
    return "object" if isinstance(container, ObjectNode) else "array"


def too_deep(slip: Slip) -> int | None:
    """One level more than we read. Not only this one would be wrong, so reading stops."""
    parser = slip.parser
    if slip.kind not in OPENING or len(parser.stack) < MAX_DEPTH or parser.state == KEY:
        return None
    report(
        parser,
        errors.NESTING_TOO_DEEP,
        f"more than {MAX_DEPTH} objects and arrays are open here",
        slip.start,
        slip.start + 1,
        "reading stopped here",
    )
    return stop(parser)


def extra_opener(slip: Slip) -> int | None:
    """An opening bracket where a key belongs: doubled by mistake, or a value without a key."""
    parser, start = slip.parser, slip.start
    if slip.kind not in OPENING or parser.state != KEY:
        return None
    notes = notes_of(parser)
    if notes.balance > 0:
        return _stray(slip, "{[", notes.balance)
    report(
        parser,
        errors.NAMELESS_VALUE,
        "a value in an object needs a key",
        start,
        start + 1,
        "expected a key and a colon before this",
    )
    read_nameless(parser, start)
    return slip.replay(VALUE)


def read_nameless(parser: Parser, start: int) -> None:
    """Read a value that has no key, only to leave it out at the end."""
    container = parser.stack[-1]
    assert isinstance(container, ObjectNode)
    notes_of(parser).nameless.append(container)
    parser.key = ("", start, start)
    parser.state = VALUE


def wrong_closer(slip: Slip) -> int | None:
    """A closing bracket that does not fit the innermost container."""
    parser, start, kind = slip.parser, slip.start, slip.kind
    if kind not in CLOSING:
        return None
    notes = notes_of(parser)
    if not parser.stack:
        return stray_at_root(slip)
    container = parser.stack[-1]
    needed, found = closer_of(container), slip.character
    keyed = container.start in notes.keyed_arrays
    if parser.state in (AFTER_KEY, VALUE) and (keyed or needed == found or notes.balance >= 0):
        return None
    if keyed:
        return _close_keyed_array(slip, container)
    opener = (container.start, container.start + 1, f"the {name_of(container)} opens here")
    outer = parser.stack[-2] if len(parser.stack) > 1 else None
    if notes.balance < 0 and not _ends_as_meant(slip, container, outer):
        return _stray(slip, found, -notes.balance)
    if notes.balance > 0 and outer is not None and closer_of(outer) == found:
        notes.balance -= 1
        place = end_before(parser)
        report(
            parser,
            errors.UNCLOSED_BRACKET,
            f"the {name_of(container)} is not closed",
            start,
            start + 1,
            f"expected {needed} before this",
            related=(opener,),
            fix=fix_of(f"close it with {needed}", edit(place, place, needed), safe=False),
        )
        close(parser, place)
        return slip.replay(AFTER_VALUE)
    report(
        parser,
        errors.WRONG_BRACKET,
        f"an {name_of(container)} is closed with {needed} and not with {found}",
        start,
        start + 1,
        f"expected {needed}",
        related=(opener,),
        # Of an empty one nobody knows which of its brackets is wrong.
        fix=fix_of(
            f"write {needed}",
            edit(start, start + 1, needed),
            safe=bool(parts_of(container)),
        ),
    )
    close(parser, start + 1)
    return slip.skip(slip.end)


def _ends_as_meant(slip: Slip, container: Node, outer: Node | None) -> bool:
    """Whether a member follows, so that an array in an object does end here."""
    if not isinstance(container, ArrayNode) or not isinstance(outer, ObjectNode):
        return False
    kind, at = peek(slip.text, slip.end)
    return kind == COMMA and key_ahead(slip.text, peek(slip.text, at + 1)[1])


def _stray(slip: Slip, brackets: str, most: int) -> int:
    """Pass over brackets too many; those that stand together, up to ``most``, are one slip."""
    parser, text, start = slip.parser, slip.text, slip.start
    count, at, end = 0, start, start
    while count < most and at < len(text) and (text[at] in brackets or text[at] in " \t\r\n"):
        at += 1
        if text[at - 1] in brackets:
            count, end = count + 1, at
    opening = slip.kind in OPENING
    notes_of(parser).balance += -count if opening else count
    verb = "open" if opening else "close"
    message = f"this {slip.character} {verb}s nothing"
    report(
        parser,
        errors.STRAY_BRACKET,
        message if count == 1 else f"these brackets {verb} nothing",
        start,
        min(end, line_end(text, start)),
        "the config has already ended before this" if parser.state == END else "",
        fix=fix_of(
            "delete it" if count == 1 else "delete them",
            edit(start, end, ""),
            safe=count == 1 and _is_surely_stray(slip, end),
        ),
    )
    return slip.skip(end)


def _is_surely_stray(slip: Slip, end: int) -> bool:
    """Whether no other bracket can be the one too many, and none is missing instead."""
    parser, text = slip.parser, slip.text
    if parser.state == END:
        # Another may have closed the root too early, as far as the layout does not deny it.
        root = parser.roots[0] if parser.roots else None
        if root is None or peek(text, end)[0] != 0 or suspect(parser) is not None:
            return False
        if not set(text[: root.end].rstrip("}] \t\r\n")) & {"}", "]"}:
            # All closing brackets stand together.
            return slip.character == closer_of(root)
        return not text[line_start(text, root.end - 1) : root.end - 1].strip()
    before = parser.kinds[-2] if len(parser.kinds) > 1 else 0
    if slip.kind in OPENING:
        return before == OPEN_OBJECT
    return not slip.in_object and before not in OPENING and before != COMMA


def stray_at_root(slip: Slip) -> int | None:
    """Closing brackets where nothing is open."""
    return _stray(slip, "}]", len(slip.text)) if slip.kind in CLOSING else None


def array_with_keys(slip: Slip) -> int | None:
    """A key in an array, which is read as the object that it should be."""
    parser, start = slip.parser, slip.start
    if not parser.stack or slip.in_object:
        return None
    array = parser.stack[-1]
    assert isinstance(array, ArrayNode)
    offset = start
    if parser.state == AFTER_VALUE:
        last = last_part(parser)
        if slip.kind != COLON or last is None or isinstance(last, (Member, ObjectNode, ArrayNode)):
            return None
        array.items.pop()
        offset = last.start
    elif not _KEY.match(slip.text, start):
        return None
    rewind(parser, offset)
    finding = report(
        parser,
        errors.ARRAY_WITH_KEYS,
        "an array cannot hold keys",
        start,
        start + 1,
        related=((array.start, array.start + 1, "the array opens here"),),
        helps=("write the members of an object between { and }",),
    )
    notes_of(parser).keyed_arrays[array.start] = None if array.items else finding
    _make_object(parser, array)
    parser.state = KEY
    return offset


def _make_object(parser: Parser, array: ArrayNode) -> None:
    parser.stack.pop()
    _, into = parser.innermost()
    node = ObjectNode(parser.source, array.start, array.start, [])
    if isinstance(into[-1], Member):
        into[-1].value = node
    else:
        into[-1] = node
    parser.stack.append(node)


def _close_keyed_array(slip: Slip, container: Node) -> int:
    """End an object written in square brackets. Now both can be mended."""
    parser, start = slip.parser, slip.start
    finding = notes_of(parser).keyed_arrays[container.start]
    if finding is not None:
        opener = container.start
        edits = edit(opener, opener + 1, "{"), edit(start, start + 1, "}")
        # Between two strings in an array, the colon may stand for a comma.
        assert isinstance(container, ObjectNode)
        members = container.members
        sure = len(members) > 1 or not any(parser.text[part.key_start] in "\"'" for part in members)
        fix = fix_of("write { and }", *edits, safe=sure)
        amend(parser, finding, fix)
    close(parser, start + 1)
    return slip.end


def closed_early(slip: Slip) -> int | None:
    """A member behind a closed object, indented as if it still belonged inside."""
    parser, text, start = slip.parser, slip.text, slip.start
    if not slip.in_object or notes_of(parser).balance >= 0 or not key_ahead(text, start):
        return None
    last = last_part(parser)
    inner = last.value if isinstance(last, Member) else None
    if not isinstance(inner, ObjectNode):
        return None
    outside = indentation(text, inner.start)
    inside = indentation(text, start)
    if len(inside) <= len(outside) or text[line_start(text, start) : start] != inside:
        return None
    notes_of(parser).balance += 1
    return reopen(slip, inner, KEY)


def reopen(slip: Slip, container: ObjectNode, state: int) -> int:
    """Go on in an object that was closed too early."""
    start, end = slip.start, container.end
    report(
        slip.parser,
        errors.STRAY_BRACKET,
        "the object has already ended before this",
        start,
        start + 1,
        related=((end - 1, end, "this bracket closes it"),),
        helps=("delete the bracket that is too many; indentation tells which one it is",),
    )
    slip.parser.stack.append(container)
    return slip.replay(state)


def suspect(parser: Parser) -> Node | None:
    """The container that lacks its closing bracket, as far as the indentation gives it away.

    A closing bracket that starts its line belongs to the line that is indented like it. The first
    one that the parser gave to another container shows which one was left open before it.
    """
    text = parser.text
    open_at: list[int] = []
    nodes = {node.start: node for root in parser.roots for node in containers(root)}
    lines = parser.source.line_starts
    for kind, start in zip(parser.kinds, parser.starts, strict=True):
        if kind in OPENING:
            open_at.append(start)
        elif kind in CLOSING and open_at:
            opener = open_at.pop()
            first = lines[bisect_right(lines, start) - 1]
            if opener > first or start - first > _DEEPEST or text[first:start].strip():
                continue
            if text[first:start] != indentation(text, opener):
                return nodes.get(opener)
    return None
