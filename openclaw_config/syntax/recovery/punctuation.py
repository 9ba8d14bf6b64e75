"""Commas, colons and brackets: missing, doubled, or another sign in their place."""

from __future__ import annotations

import re
from bisect import bisect_right

from openclaw_config.syntax import errors
from openclaw_config.syntax.nodes import (
    ArrayNode,
    Member,
    Node,
    ObjectNode,
    containers,
    indentation,
    line_start,
    parts_of,
    text_of,
)
from openclaw_config.syntax.parser import (
    AFTER_KEY,
    AFTER_VALUE,
    END,
    ITEM,
    KEY,
    MAX_DEPTH,
    VALUE,
    Parser,
)
from openclaw_config.syntax.recovery.core import (
    UnexpectedToken,
    amend,
    close,
    edit,
    end_before,
    fix_of,
    key_ahead,
    last_part,
    line_end,
    peek,
    recovery_of,
    rewind,
    stop,
)
from openclaw_config.syntax.scanner import (
    CLOSE_ARRAY,
    CLOSE_OBJECT,
    CLOSING,
    COLON,
    COMMA,
    NUMBER,
    OPEN_ARRAY,
    OPEN_OBJECT,
    OPENING,
    STRING,
    WORD,
    next_token,
)

_STARTS_VALUE = (STRING, NUMBER, WORD, OPEN_OBJECT, OPEN_ARRAY)
_QUOTES = frozenset("\"'`“”„‟‘’‚‛«»")
_EQUALS = re.compile(r"=+>?|:=")


def semicolon(token: UnexpectedToken) -> int | None:
    """``;`` after a value."""
    if token.character != ";":
        return None
    start = token.start
    token.report(
        errors.semicolon_for_comma,
        "expected a comma and not a semicolon",
        fix=fix_of("write a comma", edit(start, start + 1, ",")),
    )
    token.parser.state = KEY if token.in_object else ITEM
    return token.skip(token.end)


def stray_sign(token: UnexpectedToken) -> int | None:
    """A semicolon, or the mark of an added or a quoted line, before what does belong here."""
    text, start, state = token.text, token.start, token.parser.state
    kind, after = peek(text, start + 1)
    if token.character == ";":
        if state == KEY:
            fits = kind in CLOSING or key_ahead(text, after)
        elif state == AFTER_KEY:
            fits = kind == COLON
        else:
            fits = kind in _STARTS_VALUE and not key_ahead(text, after)
    else:
        alone = not text[line_start(text, start) : start].strip()
        marks = token.character in "+>" and text[start + 1 : start + 2] in (" ", "\t")
        fits = state == KEY and alone and marks and key_ahead(text, after)
    if not fits:
        return None
    token.report(
        errors.unexpected_text,
        "this does not belong here",
        fix=fix_of(f"delete the {token.character}", edit(start, start + 1, "")),
    )
    return token.skip(start + 1)


def extra_comma(token: UnexpectedToken) -> int | None:
    """A comma where a key or an item belongs."""
    if token.kind != COMMA:
        return None
    start = token.start
    token.report(
        errors.extra_comma,
        "there is a comma too many",
        f"expected a {'key' if token.in_object else 'value'}",
        fix=fix_of("delete the comma", edit(start, start + 1, "")),
    )
    return token.skip(token.end)


def missing_comma(token: UnexpectedToken) -> int | None:
    """Something that starts a member or an item, right after another one."""
    parser, start = token.parser, token.start
    if token.in_object:
        if not key_ahead(token.text, start):
            return None
        what, state = "members", KEY
    else:
        if token.kind not in _STARTS_VALUE and token.character not in _QUOTES:
            return None
        what, state = "items", ITEM
    place = end_before(parser)
    token.report(
        errors.missing_comma,
        f"expected a comma between two {what}",
        "a comma is missing before this",
        # Two strings that touch may be one with quotes that are too many.
        fix=fix_of(
            "put a comma between them",
            edit(place, place, ","),
            safe=place < start or token.text[start] not in _QUOTES,
        ),
    )
    return token.replay(state)


def equals_sign(token: UnexpectedToken) -> int | None:
    """``=`` between a key and its value."""
    sign = _EQUALS.match(token.text, token.start)
    if sign is None:
        return None
    start, end = sign.span()
    token.report(
        errors.equals_for_colon,
        "expected a colon and not an equals sign",
        at=(start, end),
        fix=fix_of("write a colon", edit(start, end, ":")),
    )
    token.parser.state = VALUE
    return token.skip(end)


def missing_colon(token: UnexpectedToken) -> int | None:
    """A value right after its key."""
    parser, start = token.parser, token.start
    if token.kind not in _STARTS_VALUE and token.character not in _QUOTES:
        return None
    place = end_before(parser)
    if "\n" in token.text[place:start] and key_ahead(token.text, start):
        return _without_value(token, KEY)
    token.report(
        errors.missing_colon,
        "expected a colon between a key and its value",
        "a colon is missing before this",
        fix=fix_of("put a colon after the key", edit(place, place, ":")),
    )
    return token.replay(VALUE)


def missing_value(token: UnexpectedToken) -> int | None:
    """The end of a member that has a key and nothing more."""
    if token.kind not in (COMMA, CLOSE_OBJECT, CLOSE_ARRAY) or not token.parser.stack:
        return None
    return _without_value(token, AFTER_VALUE)


def next_key(token: UnexpectedToken) -> int | None:
    """The next member's key on the next line, where the value of the one before belongs."""
    parser, start = token.parser, token.start
    _, _, key_end = parser.key
    if not token.in_object or parser.state != VALUE:
        return None
    if "\n" not in token.text[key_end:start] or not key_ahead(token.text, start):
        return None
    return _without_value(token, KEY)


def _without_value(token: UnexpectedToken, state: int) -> int:
    _, key_start, key_end = token.parser.key
    token.report(
        errors.missing_value,
        "a key has no value",
        "expected a value before this",
        related=((key_start, key_end, "the value of this key is missing"),),
    )
    return token.replay(state)


def extra_colon(token: UnexpectedToken) -> int | None:
    """A second colon, or an equals sign, after a key's colon."""
    if token.kind != COLON and token.character != "=":
        return None
    start = token.start
    token.report(
        errors.extra_colon,
        "expected a value after the colon",
        "this is one sign too many",
        fix=fix_of(f"delete the {token.character}", edit(start, start + 1, "")),
    )
    return token.skip(start + 1)


def colon_without_key(token: UnexpectedToken) -> int | None:
    """A colon where a key belongs."""
    if token.kind != COLON:
        return None
    start = token.start
    token.report(
        errors.nameless_value, "a value in an object needs a key", "expected a key before this"
    )
    read_nameless(token.parser, start)
    return token.end


def colon_after_value(token: UnexpectedToken) -> int | None:
    """A colon after a value shows that the value was the key of another member."""
    parser = token.parser
    if token.kind != COLON or not token.in_object:
        return None
    first = last_part(parser)
    if not isinstance(first, Member) or isinstance(first.value, (ObjectNode, ArrayNode)):
        return extra_colon(token)
    value = first.value
    token.report(
        errors.missing_value,
        "a key has no value",
        "this makes the text before it a key",
        related=((first.key_start, first.key_end, "the value of this key is missing"),),
    )
    parser.innermost()[1].pop()
    parser.key = (text_of(value) or "", value.start, value.end)
    parser.state = VALUE
    return token.end


_DEEPEST = 200
"""Characters of indentation beyond which nobody can have meant something by it."""

_KEY = re.compile(r"[\w$-]+[ \t]*:")


def closer_of(container: Node) -> str:
    """The bracket that closes a container."""
    return "}" if isinstance(container, ObjectNode) else "]"


def name_of(container: Node) -> str:
    """What a message calls a container."""
    return "object" if isinstance(container, ObjectNode) else "array"


def too_deep(token: UnexpectedToken) -> int | None:
    """One level more than we read. Not only this one would be wrong, so reading stops."""
    parser = token.parser
    if token.kind not in OPENING or len(parser.stack) < MAX_DEPTH or parser.state == KEY:
        return None
    token.report(
        errors.nesting_too_deep,
        f"more than {MAX_DEPTH} objects and arrays are open here",
        "reading stopped here",
    )
    return stop(parser)


def extra_opener(token: UnexpectedToken) -> int | None:
    """An opening bracket where a key belongs: doubled by mistake, or a value without a key."""
    parser, start = token.parser, token.start
    if token.kind not in OPENING or parser.state != KEY:
        return None
    recovery = recovery_of(parser)
    if recovery.balance > 0:
        return _stray(token, "{[", recovery.balance)
    token.report(
        errors.nameless_value,
        "a value in an object needs a key",
        "expected a key and a colon before this",
    )
    read_nameless(parser, start)
    return token.replay(VALUE)


def read_nameless(parser: Parser, start: int) -> None:
    """Read a value that has no key, only to leave it out at the end."""
    container = parser.stack[-1]
    assert isinstance(container, ObjectNode)
    recovery_of(parser).nameless.append(container)
    parser.key = ("", start, start)
    parser.state = VALUE


def wrong_closer(token: UnexpectedToken) -> int | None:
    """A closing bracket that does not fit the innermost container."""
    parser, start, kind = token.parser, token.start, token.kind
    if kind not in CLOSING:
        return None
    recovery = recovery_of(parser)
    if not parser.stack:
        return stray_at_root(token)
    container = parser.stack[-1]
    needed, found = closer_of(container), token.character
    keyed = container.start in recovery.keyed_arrays
    if parser.state in (AFTER_KEY, VALUE) and (keyed or needed == found or recovery.balance >= 0):
        return None
    if keyed:
        return _close_keyed_array(token, container)
    opener = (container.start, container.start + 1, f"the {name_of(container)} opens here")
    outer = parser.stack[-2] if len(parser.stack) > 1 else None
    if recovery.balance < 0 and not _ends_as_meant(token, container, outer):
        return _stray(token, found, -recovery.balance)
    if recovery.balance > 0 and outer is not None and closer_of(outer) == found:
        recovery.balance -= 1
        place = end_before(parser)
        token.report(
            errors.unclosed_bracket,
            f"the {name_of(container)} is not closed",
            f"expected {needed} before this",
            related=(opener,),
            fix=fix_of(f"close it with {needed}", edit(place, place, needed), safe=False),
        )
        close(parser, place)
        return token.replay(AFTER_VALUE)
    token.report(
        errors.wrong_bracket,
        f"an {name_of(container)} is closed with {needed} and not with {found}",
        f"expected {needed}",
        related=(opener,),
        # Of an empty one nobody knows which of its brackets is wrong.
        fix=fix_of(
            f"write {needed}", edit(start, start + 1, needed), safe=bool(parts_of(container))
        ),
    )
    close(parser, start + 1)
    return token.skip(token.end)


def _ends_as_meant(token: UnexpectedToken, container: Node, outer: Node | None) -> bool:
    """Whether a member follows, so that an array in an object does end here."""
    if not isinstance(container, ArrayNode) or not isinstance(outer, ObjectNode):
        return False
    kind, at = peek(token.text, token.end)
    return kind == COMMA and key_ahead(token.text, peek(token.text, at + 1)[1])


def _stray(token: UnexpectedToken, brackets: str, most: int) -> int:
    """Pass over brackets too many; those that stand together, up to ``most``, are one token."""
    parser, text, start = token.parser, token.text, token.start
    count, at, end = 0, start, start
    while count < most and at < len(text) and (text[at] in brackets or text[at] in " \t\r\n"):
        at += 1
        if text[at - 1] in brackets:
            count, end = count + 1, at
    opening = token.kind in OPENING
    recovery_of(parser).balance += -count if opening else count
    verb = "open" if opening else "close"
    message = f"this {token.character} {verb}s nothing"
    token.report(
        errors.stray_bracket,
        message if count == 1 else f"these brackets {verb} nothing",
        "the config has already ended before this" if parser.state == END else "",
        at=(start, min(end, line_end(text, start))),
        fix=fix_of(
            "delete it" if count == 1 else "delete them",
            edit(start, end, ""),
            safe=count == 1 and _is_surely_stray(token, end),
        ),
    )
    return token.skip(end)


def _is_surely_stray(token: UnexpectedToken, end: int) -> bool:
    """Whether no other bracket can be the one too many, and none is missing instead."""
    parser, text = token.parser, token.text
    if parser.state == END:
        # Another may have closed the root too early, as far as the layout does not deny it.
        root = parser.roots[0] if parser.roots else None
        if root is None or peek(text, end)[0] != 0 or suspect(parser) is not None:
            return False
        if not set(text[: root.end].rstrip("}] \t\r\n")) & {"}", "]"}:
            # All closing brackets stand together.
            return token.character == closer_of(root)
        return not text[line_start(text, root.end - 1) : root.end - 1].strip()
    before = parser.kinds[-2] if len(parser.kinds) > 1 else 0
    if token.kind in OPENING:
        return before == OPEN_OBJECT
    return not token.in_object and before not in OPENING and before != COMMA


def stray_at_root(token: UnexpectedToken) -> int | None:
    """Closing brackets where nothing is open."""
    return _stray(token, "}]", len(token.text)) if token.kind in CLOSING else None


def array_with_keys(token: UnexpectedToken) -> int | None:
    """A key in an array, which is read as the object that it should be."""
    parser, start = token.parser, token.start
    if not parser.stack or token.in_object:
        return None
    array = parser.stack[-1]
    assert isinstance(array, ArrayNode)
    offset = start
    if parser.state == AFTER_VALUE:
        last = last_part(parser)
        if token.kind != COLON or last is None or isinstance(last, (Member, ObjectNode, ArrayNode)):
            return None
        array.items.pop()
        offset = last.start
    elif not _KEY.match(token.text, start):
        return None
    rewind(parser, offset)
    finding = token.report(
        errors.array_with_keys,
        "an array cannot hold keys",
        related=((array.start, array.start + 1, "the array opens here"),),
        helps=("write the members of an object between { and }",),
    )
    recovery_of(parser).keyed_arrays[array.start] = None if array.items else finding
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


def _close_keyed_array(token: UnexpectedToken, container: Node) -> int:
    """End an object written in square brackets. Now both brackets are known."""
    parser, start = token.parser, token.start
    finding = recovery_of(parser).keyed_arrays[container.start]
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
    return token.end


def closed_early(token: UnexpectedToken) -> int | None:
    """A member behind a closed object, indented as if it still belonged inside."""
    parser, text, start = token.parser, token.text, token.start
    if not token.in_object or recovery_of(parser).balance >= 0 or not key_ahead(text, start):
        return None
    last = last_part(parser)
    inner = last.value if isinstance(last, Member) else None
    if not isinstance(inner, ObjectNode):
        return None
    outside = indentation(text, inner.start)
    inside = indentation(text, start)
    if len(inside) <= len(outside) or text[line_start(text, start) : start] != inside:
        return None
    recovery_of(parser).balance += 1
    return reopen(token, inner, KEY)


def reopen(token: UnexpectedToken, container: ObjectNode, state: int) -> int:
    """Go on in an object that was closed too early."""
    end = container.end
    token.report(
        errors.stray_bracket,
        "the object has already ended before this",
        related=((end - 1, end, "this bracket closes it"),),
        helps=("delete the bracket that is too many; indentation tells which one it is",),
    )
    token.parser.stack.append(container)
    return token.replay(state)


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


_EXPECTED = {
    KEY: "expected a key or }",
    AFTER_KEY: "expected a colon",
    VALUE: "expected a value",
    ITEM: "expected a value or ]",
    END: "expected nothing more",
}
_RUN = re.compile(r"""(?:\\u\{[^}\s]*\}|[^\s,:{}\[\]"'])+""")
_OPERATORS = frozenset("+-*/%|&?<>!~^")


def unexpected(token: UnexpectedToken) -> int:
    """Report the token and go on behind it, and behind what hangs on it."""
    parser, text, start, kind = token.parser, token.text, token.start, token.kind
    run = _RUN.match(text, start)
    end = start + 1 if kind in (OPEN_OBJECT, OPEN_ARRAY, COMMA, COLON) else token.end
    if run is not None and kind not in (STRING, NUMBER):
        end = max(run.end(), end)
    state = parser.state
    expected = _EXPECTED.get(state) or f"expected a comma or {'}' if token.in_object else ']'}"
    message = "this does not belong here"
    if state == AFTER_VALUE and token.character in _OPERATORS:
        message = "a config holds values and no code"
    token.report(errors.unexpected_text, message, expected, at=(start, end))
    if state == AFTER_VALUE and kind in (OPEN_OBJECT, OPEN_ARRAY) and token.in_object:
        read_nameless(parser, start)
        return token.replay(VALUE)
    if state == AFTER_VALUE:
        end = _after_operands(text, end, token.character)
    elif state in (VALUE, ITEM):
        parser.state = AFTER_VALUE if parser.stack else END
    elif state == KEY and peek(text, end)[0] == COMMA:
        parser.state = AFTER_VALUE
    return token.skip(end)


def _after_operands(text: str, end: int, operator: str) -> int:
    """The end of ``+ "b" + "c"``, which is one mistake."""
    while operator in _OPERATORS:
        kind, at = peek(text, end)
        if kind not in (STRING, NUMBER, WORD):
            break
        end = next_token(text, at).end()
        _, at = peek(text, end)
        operator = text[at : at + 1] or " "
        if operator in _OPERATORS:
            end = at + 1
    return end
