"""From bytes to text, as Node reads a file, and from text to tree.

JSON5 is read exactly as npm's json5 2.2.3 does (LOAD-10), in one pass. The parser keeps its own
stack, so no nesting can exhaust Python's. What it did not expect goes to ``recovery``, which is
imported only then.
"""

from __future__ import annotations

import re
from sys import intern

from openclaw_config.diagnostics.model import Diagnostic
from openclaw_config.syntax import nodes
from openclaw_config.syntax import text as tokens
from openclaw_config.syntax.nodes import ArrayNode, NumberNode, ObjectNode, ParserState, StringNode
from openclaw_config.syntax.text import Location, Source, Span, Tokens

_KEYS = frozenset((tokens.STRING, tokens.WORD))
_BLANK = frozenset((tokens.SPACE, tokens.COMMENT))


def parse(source: Source) -> nodes.Tree:
    """Read a text. Never raises: what is wrong with it stands in the tree's ``errors``."""
    parser = ParserState(source)
    with nodes.gc_paused():
        _read(parser)
    root = parser.roots[0] if parser.roots else None
    recorded = Tokens(parser.kinds, parser.starts) if parser.kinds else None
    return nodes.Tree(source, root, tuple(parser.errors), recorded)


def _read(parser: ParserState) -> None:
    """Read the whole text.

    One function in spite of its length: a call for each token would cost a third of the time.
    """
    source, text, size = parser.source, parser.text, len(parser.text)
    kinds, starts, stack = parser.kinds, parser.starts, parser.stack
    recording, next_token = False, tokens.next_token
    after_value, before_key, before_item, before_value, after_key, at_end = nodes.STATES
    string, word, number = tokens.STRING, tokens.WORD, tokens.NUMBER
    comma, colon, space, other = tokens.COMMA, tokens.COLON, tokens.SPACE, tokens.OTHER
    open_object, close_object = tokens.OPEN_OBJECT, tokens.CLOSE_OBJECT
    closer, into = parser.innermost()
    key, key_start, key_end = parser.key
    state = parser.state
    at = 0
    while at < size:
        match = next_token(text, at)
        kind: int = match.lastindex  # type: ignore[assignment]
        start, at = at, match.end()
        if recording:
            kinds.append(kind)
            starts.append(start)
        if kind >= space:
            if kind == other:
                kind, at = tokens.odd_token(text, start)
                if recording:
                    kinds[-1] = kind
            if kind in _BLANK:
                continue

        if kind == closer and state <= before_item:
            stack.pop().close(start + 1)
            closer, into = parser.innermost()
            state = after_value if stack else at_end
            continue
        if state == after_value:
            if kind == comma:
                state = before_key if closer == close_object else before_item
                continue
        elif state == before_key:
            if kind in _KEYS:
                key_start, key_end = start, at
                key = text[start + 1 : at - 1] if kind == string else text[start:at]
                if "\\" in key:
                    key = tokens.name_value(key) if kind == word else _unescaped(parser, start, at)
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
                    value = _unescaped(parser, start, at)
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
                    closer, into = parser.innermost()
                    state = before_key if kind == open_object else before_item
                else:
                    state = after_value if stack else at_end
                continue

        from openclaw_config.syntax.recovery import recover

        recording = True
        parser.state, parser.key = state, (key, key_start, key_end)
        at = recover(parser, kind, start, at)
        closer, into = parser.innermost()
        state, (key, key_start, key_end) = parser.state, parser.key

    if state != at_end or parser.errors or "\u2028" in text or "\u2029" in text:
        from openclaw_config.syntax.recovery import finish

        parser.state, parser.key = state, (key, key_start, key_end)
        finish(parser)


def _unescaped(parser: ParserState, start: int, end: int) -> str:
    """The value of the string token from ``start`` to ``end``, whose escapes are checked."""
    value, faults = tokens.string_value(parser.text, start + 1, end - 1)
    if faults:
        from openclaw_config.syntax.recovery import report_escapes

        report_escapes(parser, faults)
    return value


# Byte order marks, or the zeros beside characters of ASCII, with which a config begins.
_OTHER_ENCODINGS = {
    "utf-32-le": rb"\xff\xfe\0\0|[^\0]\0\0\0",
    "utf-32-be": rb"\0\0\xfe\xff|\0\0\0[^\0]",
    "utf-16-le": rb"\xff\xfe|[^\0]\0([^\0]\0|\Z)",
    "utf-16-be": rb"\xfe\xff|\0[^\0](\0[^\0]|\Z)",
}


def decode(
    data: bytes, name: str = "<text>", path: str | None = None
) -> tuple[Source, tuple[Diagnostic, ...]]:
    """The text of a file, and what is wrong with its encoding. Never raises.

    A byte order mark stays in the text, where it is white space; so columns are those that Node
    and editors count. Text in UTF-16 or UTF-32 is an error, but read for what it means, so that
    no other finding follows from it.
    """
    encoding = _other_encoding(data)
    if encoding:
        source = Source(data.decode(encoding, errors="replace"), name, path)
        return source, (_wrong_encoding(source, encoding),)
    try:
        return Source(data.decode(), name, path), ()
    except UnicodeDecodeError as error:
        source = Source(data.decode(errors="replace"), name, path)
        return source, (_not_utf8(source, data, error.start),)


def _other_encoding(data: bytes) -> str:
    """The encoding that a byte order mark, or zeros among the first bytes, give away."""
    for name, first in _OTHER_ENCODINGS.items() if {0, 0xFE, 0xFF} & set(data[:4]) else ():
        if re.match(first, data, re.DOTALL):
            return name
    return ""


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
