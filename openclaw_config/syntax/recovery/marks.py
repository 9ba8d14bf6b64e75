"""Slips of commas and colons: missing, doubled, or another sign in their place."""

from __future__ import annotations

import re

from openclaw_config.syntax import errors
from openclaw_config.syntax.nodes import ArrayNode, Member, ObjectNode, text_of
from openclaw_config.syntax.parser import AFTER_VALUE, ITEM, KEY, VALUE
from openclaw_config.syntax.recovery.brackets import read_nameless
from openclaw_config.syntax.recovery.slip import (
    Slip,
    edit,
    end_before,
    fix_of,
    key_ahead,
    last_part,
    report,
)
from openclaw_config.syntax.scanner import (
    CLOSE_ARRAY,
    CLOSE_OBJECT,
    COLON,
    COMMA,
    NUMBER,
    OPEN_ARRAY,
    OPEN_OBJECT,
    STRING,
    WORD,
)

_STARTS_VALUE = (STRING, NUMBER, WORD, OPEN_OBJECT, OPEN_ARRAY)
_QUOTES = frozenset("\"'`“”„‟‘’‚‛«»")
_EQUALS = re.compile(r"=+>?|:=")


def semicolon(slip: Slip) -> int | None:
    """``;`` after a value."""
    if slip.character != ";":
        return None
    start = slip.start
    report(
        slip.parser,
        errors.SEMICOLON_FOR_COMMA,
        "expected a comma and not a semicolon",
        start,
        start + 1,
        fix=fix_of("write a comma", edit(start, start + 1, ",")),
    )
    slip.parser.state = KEY if slip.in_object else ITEM
    return slip.skip(slip.end)


def extra_comma(slip: Slip) -> int | None:
    """A comma where a key or an item belongs."""
    if slip.kind != COMMA:
        return None
    start = slip.start
    report(
        slip.parser,
        errors.EXTRA_COMMA,
        "there is a comma too many",
        start,
        start + 1,
        f"expected a {'key' if slip.in_object else 'value'}",
        fix=fix_of("delete the comma", edit(start, start + 1, "")),
    )
    return slip.skip(slip.end)


def missing_comma(slip: Slip) -> int | None:
    """Something that starts a member or an item, right after another one."""
    parser, start = slip.parser, slip.start
    if slip.in_object:
        if not key_ahead(slip.text, start):
            return None
        what, state = "members", KEY
    else:
        if slip.kind not in _STARTS_VALUE and slip.character not in _QUOTES:
            return None
        what, state = "items", ITEM
    place = end_before(parser)
    report(
        parser,
        errors.MISSING_COMMA,
        f"expected a comma between two {what}",
        start,
        start + 1,
        "a comma is missing before this",
        # Two strings that touch may be one with quotes that are too many.
        fix=fix_of(
            "put a comma between them",
            edit(place, place, ","),
            safe=place < start or slip.text[start] not in _QUOTES,
        ),
    )
    return slip.replay(state)


def equals_sign(slip: Slip) -> int | None:
    """``=`` between a key and its value."""
    sign = _EQUALS.match(slip.text, slip.start)
    if sign is None:
        return None
    start, end = sign.span()
    report(
        slip.parser,
        errors.EQUALS_FOR_COLON,
        "expected a colon and not an equals sign",
        start,
        end,
        fix=fix_of("write a colon", edit(start, end, ":")),
    )
    slip.parser.state = VALUE
    return slip.skip(end)


def missing_colon(slip: Slip) -> int | None:
    """A value right after its key."""
    parser, start = slip.parser, slip.start
    if slip.kind not in _STARTS_VALUE and slip.character not in _QUOTES:
        return None
    place = end_before(parser)
    if "\n" in slip.text[place:start] and key_ahead(slip.text, start):
        return _without_value(slip, KEY)
    report(
        parser,
        errors.MISSING_COLON,
        "expected a colon between a key and its value",
        start,
        start + 1,
        "a colon is missing before this",
        fix=fix_of("put a colon after the key", edit(place, place, ":")),
    )
    return slip.replay(VALUE)


def missing_value(slip: Slip) -> int | None:
    """The end of a member that has a key and nothing more."""
    if slip.kind not in (COMMA, CLOSE_OBJECT, CLOSE_ARRAY) or not slip.parser.stack:
        return None
    return _without_value(slip, AFTER_VALUE)


def next_key(slip: Slip) -> int | None:
    """The next member's key on the next line, where the value of the one before belongs."""
    parser, start = slip.parser, slip.start
    _, _, key_end = parser.key
    if not slip.in_object or parser.state != VALUE:
        return None
    if "\n" not in slip.text[key_end:start] or not key_ahead(slip.text, start):
        return None
    return _without_value(slip, KEY)


def _without_value(slip: Slip, state: int) -> int:
    parser, start = slip.parser, slip.start
    _, key_start, key_end = parser.key
    report(
        parser,
        errors.MISSING_VALUE,
        "a key has no value",
        start,
        start + 1,
        "expected a value before this",
        related=((key_start, key_end, "the value of this key is missing"),),
    )
    return slip.replay(state)


def extra_colon(slip: Slip) -> int | None:
    """A second colon, or an equals sign, after a key's colon."""
    if slip.kind != COLON and slip.character != "=":
        return None
    start = slip.start
    report(
        slip.parser,
        errors.EXTRA_COLON,
        "expected a value after the colon",
        start,
        start + 1,
        "this is one sign too many",
        fix=fix_of(f"delete the {slip.character}", edit(start, start + 1, "")),
    )
    return slip.skip(start + 1)


def colon_without_key(slip: Slip) -> int | None:
    """A colon where a key belongs."""
    if slip.kind != COLON:
        return None
    start = slip.start
    report(
        slip.parser,
        errors.NAMELESS_VALUE,
        "a value in an object needs a key",
        start,
        start + 1,
        "expected a key before this",
    )
    read_nameless(slip.parser, start)
    return slip.end


def colon_after_value(slip: Slip) -> int | None:
    """A colon after a value shows that the value was the key of another member."""
    parser, start = slip.parser, slip.start
    if slip.kind != COLON or not slip.in_object:
        return None
    first = last_part(parser)
    if not isinstance(first, Member) or isinstance(first.value, (ObjectNode, ArrayNode)):
        return extra_colon(slip)
    value = first.value
    report(
        parser,
        errors.MISSING_VALUE,
        "a key has no value",
        start,
        start + 1,
        "this makes the text before it a key",
        related=((first.key_start, first.key_end, "the value of this key is missing"),),
    )
    parser.innermost()[1].pop()
    parser.key = (text_of(value) or "", value.start, value.end)
    parser.state = VALUE
    return slip.end
