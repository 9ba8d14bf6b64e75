"""Commas, colons and brackets: missing, doubled, or another sign in their place."""

from __future__ import annotations

import re
from bisect import bisect_right

from openclaw_config.diagnostics.model import Fix
from openclaw_config.diagnostics.rules import Rule
from openclaw_config.syntax import errors
from openclaw_config.syntax import scanner as tokens
from openclaw_config.syntax import state as expecting
from openclaw_config.syntax.nodes import (
    ArrayNode,
    Member,
    Node,
    ObjectNode,
    containers,
    indentation,
    line_start,
    text_of,
    values_of,
)
from openclaw_config.syntax.recovery.core import Cursor, edit, key_ahead, line_end, peek

_QUOTES = frozenset("\"'`“”„‟‘’‚‛«»")
_EQUALS = re.compile(r"=+>?|:=")
NO_VALUE = "the value of this key is missing"


def _starts_value(kind: int) -> bool:
    return kind in tokens.OPENING or kind in (tokens.STRING, tokens.NUMBER, tokens.WORD)


def _is_value(here: Cursor) -> bool:
    """Whether a value, or a string in odd quotes, starts here."""
    return _starts_value(here.kind) or here.character in _QUOTES


def _delete(here: Cursor, rule: Rule) -> int:
    """Report a sign too many, and pass over it."""
    deletion = edit(here.start, here.start + 1)
    here.report(rule, deletion, title=f"delete the {here.character}")
    return here.skip(here.start + 1)


def semicolon(here: Cursor) -> int | None:
    """``;`` after a value."""
    if here.character != ";":
        return None
    here.report(errors.semicolon_for_comma, edit(here.start, here.start + 1, ","))
    return here.skip(here.end, expecting.KEY if here.in_object else expecting.ITEM)


def stray_sign(here: Cursor) -> int | None:
    """A semicolon, or the mark of an added or a quoted line, before what does belong here."""
    text, start, state = here.text, here.start, here.parser.state
    kind, after = peek(text, start + 1)
    if here.character == ";":
        if state == expecting.KEY:
            fits = kind in tokens.CLOSING or key_ahead(text, after)
        elif state == expecting.AFTER_KEY:
            fits = kind == tokens.COLON
        else:
            fits = _starts_value(kind) and not key_ahead(text, after)
    else:
        alone = not text[line_start(text, start) : start].strip()
        marks = here.character in "+>" and text[start + 1 : start + 2] in (" ", "\t")
        fits = state == expecting.KEY and alone and marks and key_ahead(text, after)
    return _delete(here, errors.unexpected_text) if fits else None


def extra_comma(here: Cursor) -> int | None:
    """A comma where a key or an item belongs."""
    if here.kind != tokens.COMMA:
        return None
    label = f"expected a {'key' if here.in_object else 'value'}"
    here.report(errors.extra_comma, edit(here.start, here.start + 1), label=label)
    return here.skip(here.end)


def missing_comma(here: Cursor) -> int | None:
    """Something that starts a member or an item, right after another one."""
    if not (key_ahead(here.text, here.start) if here.in_object else _is_value(here)):
        return None
    place = here.end_before(1)
    here.report(
        errors.missing_comma,
        edit(place, place, ","),
        message=f"expected a comma between two {'members' if here.in_object else 'items'}",
        # Two strings that touch may be one with quotes that are too many.
        safe=place < here.start or here.character not in _QUOTES,
    )
    return here.replay(expecting.KEY if here.in_object else expecting.ITEM)


def equals_sign(here: Cursor) -> int | None:
    """``=`` between a key and its value."""
    sign = _EQUALS.match(here.text, here.start)
    if sign is None:
        return None
    here.report(errors.equals_for_colon, edit(*sign.span(), ":"), at=sign.span())
    return here.skip(sign.end(), expecting.VALUE)


def missing_colon(here: Cursor) -> int | None:
    """A value right after its key."""
    if not _is_value(here):
        return None
    place = here.end_before(1)
    if "\n" in here.text[place : here.start] and key_ahead(here.text, here.start):
        return _without_value(here, expecting.KEY)
    here.report(errors.missing_colon, edit(place, place, ":"))
    return here.replay(expecting.VALUE)


def missing_value(here: Cursor) -> int | None:
    """The end of a member that has a key and nothing more."""
    if not here.stack or here.kind not in (*tokens.CLOSING, tokens.COMMA):
        return None
    return _without_value(here, expecting.AFTER_VALUE)


def next_key(here: Cursor) -> int | None:
    """The next member's key on the next line, where the value of the one before belongs."""
    between = here.text[here.parser.key[2] : here.start]
    if not here.in_object or "\n" not in between or not key_ahead(here.text, here.start):
        return None
    return _without_value(here, expecting.KEY)


def _without_value(here: Cursor, state: int) -> int:
    _, start, end = here.parser.key
    here.report(
        errors.missing_value,
        label="expected a value before this",
        related=[(start, end, NO_VALUE)],
    )
    return here.replay(state)


def extra_colon(here: Cursor) -> int | None:
    """A second colon, or an equals sign, after a key's colon."""
    if here.kind != tokens.COLON and here.character != "=":
        return None
    return _delete(here, errors.extra_colon)


def colon_without_key(here: Cursor) -> int | None:
    """A colon where a key belongs."""
    if here.kind != tokens.COLON:
        return None
    here.report(errors.nameless_value, label="expected a key before this")
    _read_nameless(here)
    return here.end


def colon_after_value(here: Cursor) -> int | None:
    """A colon after a value shows that the value was the key of another member."""
    if here.kind != tokens.COLON or not here.in_object:
        return None
    first = here.last_part()
    if not isinstance(first, Member) or isinstance(first.value, (ObjectNode, ArrayNode)):
        return extra_colon(here)
    here.report(
        errors.missing_value,
        label="this makes the text before it a key",
        related=[(first.key_start, first.key_end, NO_VALUE)],
    )
    here.parser.innermost()[1].pop()
    here.parser.key = (text_of(first.value) or "", first.value.start, first.value.end)
    here.parser.state = expecting.VALUE
    return here.end


_DEEPEST = 200
"""Characters of indentation beyond which nobody can have meant something by it."""

_KEY = re.compile(r"[\w$-]+[ \t]*:")


def closer_of(container: Node) -> str:
    """The bracket that closes a container."""
    return "}" if isinstance(container, ObjectNode) else "]"


def name_of(container: Node) -> str:
    """What a message calls a container."""
    return "object" if isinstance(container, ObjectNode) else "array"


def too_deep(here: Cursor) -> int | None:
    """One level more than we read. Not only this one would be wrong, so reading stops."""
    if here.kind not in tokens.OPENING or len(here.stack) < expecting.MAX_DEPTH:
        return None
    message = f"more than {expecting.MAX_DEPTH} objects and arrays are open here"
    here.report(errors.nesting_too_deep, message=message)
    return here.stop()


def extra_opener(here: Cursor) -> int | None:
    """An opening bracket where a key belongs: doubled by mistake, or a value without a key."""
    if here.kind not in tokens.OPENING:
        return None
    if here.balance > 0:
        return _stray(here, "{[", here.balance)
    here.report(errors.nameless_value, label="expected a key and a colon before this")
    _read_nameless(here)
    return here.replay(expecting.VALUE)


def _read_nameless(here: Cursor) -> None:
    """Read a value that has no key, only to leave it out at the end."""
    container = here.stack[-1]
    assert isinstance(container, ObjectNode)
    here.nameless.append(container)
    here.parser.key = ("", here.start, here.start)
    here.parser.state = expecting.VALUE


def wrong_closer(here: Cursor) -> int | None:
    """A closing bracket that does not fit the innermost container."""
    if here.kind not in tokens.CLOSING:
        return None
    if not here.stack:
        return stray_at_root(here)
    container = here.stack[-1]
    needed, found = closer_of(container), here.character
    keyed = container.start in here.keyed_arrays
    value_missing = here.parser.state in (expecting.AFTER_KEY, expecting.VALUE)
    if value_missing and (keyed or needed == found or here.balance >= 0):
        return None
    if keyed:
        return _close_keyed_array(here, container)
    opener = (container.start, container.start + 1, f"the {name_of(container)} opens here")
    outer = here.stack[-2] if len(here.stack) > 1 else None
    if here.balance < 0 and not _ends_as_meant(here, container, outer):
        return _stray(here, found, -here.balance)
    if here.balance > 0 and outer is not None and closer_of(outer) == found:
        here.balance -= 1
        place = here.end_before(1)
        here.report(
            errors.unclosed_bracket,
            edit(place, place, needed),
            message=f"the {name_of(container)} is not closed",
            label=f"expected {needed} before this",
            title=f"close it with {needed}",
            safe=False,
            related=[opener],
        )
        here.close(place)
        return here.replay(expecting.AFTER_VALUE)
    here.report(
        errors.wrong_bracket,
        edit(here.start, here.start + 1, needed),
        message=f"an {name_of(container)} is closed with {needed} and not with {found}",
        label=f"expected {needed}",
        title=f"write {needed}",
        # Of an empty one nobody knows which of its brackets is wrong.
        safe=bool(values_of(container)),
        related=[opener],
    )
    here.close(here.start + 1)
    return here.skip(here.end)


def _ends_as_meant(here: Cursor, container: Node, outer: Node | None) -> bool:
    """Whether a member follows, so that an array in an object does end here."""
    if not isinstance(container, ArrayNode) or not isinstance(outer, ObjectNode):
        return False
    kind, at = peek(here.text, here.end)
    return kind == tokens.COMMA and key_ahead(here.text, peek(here.text, at + 1)[1])


def _stray(here: Cursor, brackets: str, most: int) -> int:
    """Pass over brackets too many; those that stand together, up to ``most``, are one token."""
    text, start = here.text, here.start
    count, at, end = 0, start, start
    while count < most and at < len(text) and (text[at] in brackets or text[at] in " \t\r\n"):
        at += 1
        if text[at - 1] in brackets:
            count, end = count + 1, at
    opening = here.kind in tokens.OPENING
    here.balance += -count if opening else count
    what = f"this {here.character}" if count == 1 else "these brackets"
    verb = f"{'open' if opening else 'close'}{'s' if count == 1 else ''}"
    here.report(
        errors.stray_bracket,
        edit(start, end),
        message=f"{what} {verb} nothing",
        label=_ENDED if here.parser.state == expecting.END else "",
        title="delete it" if count == 1 else "delete them",
        at=(start, min(end, line_end(text, start))),
        safe=count == 1 and _is_surely_stray(here, end),
    )
    return here.skip(end)


_ENDED = "the config has already ended before this"


def _is_surely_stray(here: Cursor, end: int) -> bool:
    """Whether no other bracket can be the one too many, and none is missing instead."""
    text, kinds = here.text, here.parser.kinds
    if here.parser.state == expecting.END:
        # Another may have closed the root too early, as far as the layout does not deny it.
        root = here.root
        if root is None or peek(text, end)[0] != 0 or suspect(here) is not None:
            return False
        if not set(text[: root.end].rstrip("}] \t\r\n")) & {"}", "]"}:
            # All closing brackets stand together.
            return here.character == closer_of(root)
        return not text[line_start(text, root.end - 1) : root.end - 1].strip()
    before = kinds[-2] if len(kinds) > 1 else 0
    if here.kind in tokens.OPENING:
        return before == tokens.OPEN_OBJECT
    return not here.in_object and before not in (*tokens.OPENING, tokens.COMMA)


def stray_at_root(here: Cursor) -> int | None:
    """Closing brackets where nothing is open."""
    return _stray(here, "}]", len(here.text)) if here.kind in tokens.CLOSING else None


def array_with_keys(here: Cursor) -> int | None:
    """A key in an array, which is read as the object that it should be."""
    if not here.stack or here.in_object:
        return None
    array = here.stack[-1]
    assert isinstance(array, ArrayNode)
    offset = here.start
    if here.parser.state == expecting.AFTER_VALUE:
        last = here.last_part()
        if (
            here.kind != tokens.COLON
            or last is None
            or isinstance(last, (Member, ObjectNode, ArrayNode))
        ):
            return None
        array.items.pop()
        offset = last.start
    elif not _KEY.match(here.text, offset):
        return None
    here.rewind(offset)
    finding = here.report(
        errors.array_with_keys,
        related=[(array.start, array.start + 1, "the array opens here")],
        helps=("write the members of an object between { and }",),
    )
    here.keyed_arrays[array.start] = None if array.items else finding
    _make_object(here, array)
    return offset


def _make_object(here: Cursor, array: ArrayNode) -> None:
    """Go on in an object that stands in the place of an array."""
    here.stack.pop()
    _, into = here.parser.innermost()
    node = ObjectNode(array.source, array.start, array.start, [])
    if isinstance(into[-1], Member):
        into[-1].value = node
    else:
        into[-1] = node
    here.stack.append(node)
    here.parser.state = expecting.KEY


def _close_keyed_array(here: Cursor, container: Node) -> int:
    """End an object written in square brackets. Now both brackets are known."""
    opener, start = container.start, here.start
    finding = here.keyed_arrays[opener]
    if finding is not None:
        edits = edit(opener, opener + 1, "{"), edit(start, start + 1, "}")
        # Between two strings in an array, the colon may stand for a comma.
        assert isinstance(container, ObjectNode)
        members = container.members
        sure = len(members) > 1 or not any(here.text[part.key_start] in "\"'" for part in members)
        here.amend(finding, Fix(errors.array_with_keys.fix, edits, sure))
    here.close(start + 1)
    return here.end


def closed_early(here: Cursor) -> int | None:
    """A member behind a closed object, indented as if it still belonged inside."""
    text, start = here.text, here.start
    if not here.in_object or here.balance >= 0 or not key_ahead(text, start):
        return None
    last = here.last_part()
    inner = last.value if isinstance(last, Member) else None
    if not isinstance(inner, ObjectNode):
        return None
    inside = indentation(text, start)
    if len(inside) <= len(indentation(text, inner.start)):
        return None
    if text[line_start(text, start) : start] != inside:
        return None
    here.balance += 1
    return reopen(here, inner, expecting.KEY)


def reopen(here: Cursor, container: ObjectNode, state: int) -> int:
    """Go on in an object that was closed too early."""
    end = container.end
    here.report(
        errors.stray_bracket,
        message="the object has already ended before this",
        related=[(end - 1, end, "this bracket closes it")],
        helps=("delete the bracket that is too many; indentation tells which one it is",),
    )
    here.stack.append(container)
    return here.replay(state)


def suspect(here: Cursor) -> Node | None:
    """The container that lacks its closing bracket, as far as the indentation gives it away.

    A closing bracket that starts its line belongs to the line that is indented like it. The first
    one that the parser gave to another container shows which one was left open before it.
    """
    text, parser = here.text, here.parser
    open_at: list[int] = []
    nodes = {node.start: node for root in parser.roots for node in containers(root)}
    lines = parser.source.line_starts
    for kind, start in zip(parser.kinds, parser.starts, strict=True):
        if kind in tokens.OPENING:
            open_at.append(start)
        elif kind in tokens.CLOSING and open_at:
            opener = open_at.pop()
            first = lines[bisect_right(lines, start) - 1]
            if opener > first or start - first > _DEEPEST or text[first:start].strip():
                continue
            if text[first:start] != indentation(text, opener):
                return nodes.get(opener)
    return None


_EXPECTED = {
    expecting.KEY: "expected a key or }",
    expecting.AFTER_KEY: "expected a colon",
    expecting.VALUE: "expected a value",
    expecting.ITEM: "expected a value or ]",
    expecting.END: "expected nothing more",
}
_RUN = re.compile(r"""(?:\\u\{[^}\s]*\}|[^\s,:{}\[\]"'])+""")
_OPERATORS = frozenset("+-*/%|&?<>!~^")
NO_CODE = "a config holds values and no code"


def unexpected(here: Cursor) -> int:
    """Report the token and go on behind it, and behind what hangs on it."""
    text, start, kind, state = here.text, here.start, here.kind, here.parser.state
    run = _RUN.match(text, start)
    opening = kind in tokens.OPENING
    end = start + 1 if opening or kind in (tokens.COMMA, tokens.COLON) else here.end
    if run is not None and kind not in (tokens.STRING, tokens.NUMBER):
        end = max(run.end(), end)
    after_value = state == expecting.AFTER_VALUE
    here.report(
        errors.unexpected_text,
        message=NO_CODE if after_value and here.character in _OPERATORS else "",
        label=_EXPECTED.get(state) or f"expected a comma or {'}' if here.in_object else ']'}",
        at=(start, end),
    )
    if after_value and opening and here.in_object:
        _read_nameless(here)
        return here.replay(expecting.VALUE)
    if after_value:
        end = _after_operands(text, end, here.character)
    elif state in (expecting.VALUE, expecting.ITEM):
        here.end_value()
    elif state == expecting.KEY and peek(text, end)[0] == tokens.COMMA:
        here.parser.state = expecting.AFTER_VALUE
    return here.skip(end)


def _after_operands(text: str, end: int, operator: str) -> int:
    """The end of ``+ "b" + "c"``, which is one mistake."""
    while operator in _OPERATORS:
        kind, at = peek(text, end)
        if kind not in (tokens.STRING, tokens.NUMBER, tokens.WORD):
            break
        end = tokens.next_token(text, at).end()
        _, at = peek(text, end)
        operator = text[at : at + 1] or " "
        if operator in _OPERATORS:
            end = at + 1
    return end
