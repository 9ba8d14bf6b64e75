"""From bytes to text, as Node reads a file, and from text to tree.

JSON5 is read exactly as npm's json5 2.2.3 does (LOAD-10), in one pass. The parser keeps its own
stack, so no nesting can exhaust Python's. What it did not expect goes to ``recovery``, which is
imported only then.
"""

from __future__ import annotations

from sys import intern
from typing import TYPE_CHECKING

from openclaw_config.diagnostics.model import Diagnostic
from openclaw_config.syntax import nodes
from openclaw_config.syntax import text as tokens
from openclaw_config.syntax.nodes import ArrayNode, NumberNode, ObjectNode, StringNode
from openclaw_config.syntax.text import Location, Source, Span

if TYPE_CHECKING:
    from openclaw_config.syntax.recovery.core import Cursor

_KEYS = frozenset((tokens.STRING, tokens.WORD))
_BLANK = frozenset((tokens.SPACE, tokens.COMMENT))


def parse(source: Source) -> nodes.Tree:
    """Read a text. Never raises: what is wrong with it stands in the tree's ``errors``."""
    with nodes.gc_paused():
        return _read(source)


def _read(source: Source) -> nodes.Tree:
    """Read the whole text.

    One function in spite of its length: a call for each token would cost a third of the time.
    """
    text, size, next_token = source.text, len(source.text), tokens.next_token
    roots: list[nodes.Node] = []
    stack: list[nodes.Container] = []
    faults: list[Span] = []
    cursor: Cursor | None = None
    after_value, before_key, before_item, before_value, after_key, at_end = nodes.STATES
    string, word, number = tokens.STRING, tokens.WORD, tokens.NUMBER
    comma, colon, space, other = tokens.COMMA, tokens.COLON, tokens.SPACE, tokens.OTHER
    open_object, close_object = tokens.OPEN_OBJECT, tokens.CLOSE_OBJECT
    closer, into = nodes.innermost(stack, roots)
    key, key_start, key_end = "", 0, 0
    state = before_value
    at = 0
    while at < size:
        match = next_token(text, at)
        kind: int = match.lastindex  # type: ignore[assignment]
        start, at = at, match.end()
        if cursor is not None:
            cursor.kinds.append(kind)
            cursor.starts.append(start)
        if kind >= space:
            if kind == other:
                kind, at = tokens.odd_token(text, start)
                if cursor is not None:
                    cursor.kinds[-1] = kind
            if kind in _BLANK:
                continue

        if kind == closer and state <= before_item:
            stack.pop().close(start + 1)
            closer, into = nodes.innermost(stack, roots)
            state = after_value if stack else at_end
            continue
        if state == after_value:
            if kind == comma:
                state = before_key if closer == close_object else before_item
                continue
        elif state == before_key:
            if kind in _KEYS:
                key_start, key_end = start, at
                first, last = (start + 1, at - 1) if kind == string else (start, at)
                key = text[first:last]
                if "\\" in key:
                    key = tokens.string_value(text, first, last, faults)
                # Keys repeat from object to object; one string serves them all.
                key = intern(key)
                state = after_key
                continue
        elif state == after_key:
            if kind == colon:
                state = before_value
                continue
        elif state != at_end:
            node: nodes.Node | None = None
            if kind == string:
                value = text[start + 1 : at - 1]
                if "\\" in value:
                    value = tokens.string_value(text, start + 1, at - 1, faults)
                node = StringNode(source, start, at, value)
            elif kind == number:
                node = NumberNode(source, start, at, tokens.number_value(text[start:at]))
            elif kind == word and text[start:at] in nodes.LITERALS:
                node = nodes.literal_node(source, start, at, text[start:at])
            elif kind in tokens.OPENING and len(stack) < nodes.MAX_DEPTH:
                container = ObjectNode if kind == open_object else ArrayNode
                node = container(source, start, start, [])
            if node is not None:
                if closer == close_object:
                    into += (source, key, start - key_start, key_end - key_start, node)
                else:
                    into.append(node)
                if kind in tokens.OPENING:
                    stack.append(node)  # type: ignore[arg-type]
                    closer, into = nodes.innermost(stack, roots)
                    state = before_key if kind == open_object else before_item
                else:
                    state = after_value if stack else at_end
                continue

        from openclaw_config.syntax import recovery

        cursor = cursor or recovery.Cursor(source, stack, roots, at)
        cursor.state, cursor.key = state, (key, key_start, key_end)
        at = recovery.recover(cursor, faults, kind, start, at)
        state, (key, key_start, key_end) = cursor.state, cursor.key
        closer, into = nodes.innermost(stack, roots)

    if state != at_end or cursor or faults or "\u2028" in text or "\u2029" in text:
        from openclaw_config.syntax import recovery

        cursor = cursor or recovery.Cursor(source, stack, roots, size)
        cursor.state, cursor.key = state, (key, key_start, key_end)
        return recovery.finish(cursor, faults)
    return nodes.Tree(source, roots[0])


def decode(
    data: bytes, name: str = "<text>", path: str | None = None
) -> tuple[Source, tuple[Diagnostic, ...]]:
    """The text of a file, and what is wrong with its encoding. Never raises.

    A byte order mark stays in the text, where it is white space; so columns are those that Node
    and editors count. Text in UTF-16 or UTF-32 is an error, but read for what it means, so that
    no other finding follows from it.
    """
    encoding = _encoding(data)
    if encoding != "utf-8":
        mark = "\ufeff" if encoding in ("utf-16", "utf-32") else ""  # which the codecs leave out
        source = Source(mark + data.decode(encoding, errors="replace"), name, path)
        return source, (_wrong_encoding(source, encoding),)
    try:
        return Source(data.decode(), name, path), ()
    except UnicodeDecodeError as error:
        source = Source(data.decode(errors="replace"), name, path)
        return source, (_not_utf8(source, data, error.start),)


def _encoding(data: bytes) -> str:
    """The encoding that a byte order mark, or zeros among the first bytes, give away."""
    if {0, 0xFE, 0xFF}.isdisjoint(data[:4]) or not any(data[:4]):
        return "utf-8"
    from json import detect_encoding

    return detect_encoding(data).removesuffix("-sig")


def _not_utf8(source: Source, data: bytes, first: int) -> Diagnostic:
    from openclaw_config.syntax.errors import invalid_utf8

    at = len(data[:first].decode())
    # A file may hold U+FFFD of its own; those that are new stand for bytes.
    replaced = source.text.count("\ufffd") - data.count("\ufffd".encode())
    places = f"{replaced:,} places in this file are" if replaced > 1 else "this place is"
    return invalid_utf8.at(
        Location(source, Span(at, at + 1)),
        "the file is not wholly UTF-8",
        label="these bytes are read as U+FFFD",
        notes=(f"{places} not what was typed",),
        helps=("save the file as UTF-8",),
    )


def _wrong_encoding(source: Source, encoding: str) -> Diagnostic:
    from openclaw_config.syntax.errors import wrong_encoding

    return wrong_encoding.at(
        Location(source, Span(0, 0)),
        f"the file is in {encoding[:6].upper()}, and OpenClaw reads UTF-8 only",
        helps=("save the file as UTF-8",),
    )
