"""Commas, colons and brackets: missing, doubled, or another sign in their place."""

from __future__ import annotations

import re

from openclaw_config.diagnostics.model import Fix, Rule
from openclaw_config.syntax import errors, nodes
from openclaw_config.syntax import text as tokens
from openclaw_config.syntax.nodes import AFTER_KEY, AFTER_VALUE, END, ITEM, KEY, VALUE
from openclaw_config.syntax.recovery.core import QUOTES, Cursor, closer_of, edit

_EQUALS = re.compile(r"=+>?")
NO_VALUE = "the value of this key is missing"
_VALUES = tokens.OPENING | {tokens.STRING, tokens.NUMBER, tokens.WORD}


def _is_value(here: Cursor) -> bool:
    """Whether a value, or a string in odd quotes, starts here."""
    return here.kind in _VALUES or here.character in QUOTES


def _delete(here: Cursor, rule: Rule) -> int:
    """Report a sign too many, and pass over it."""
    here.report(rule, write="", title=f"delete the {here.character}")
    return here.skip(here.start + 1)


def semicolon(here: Cursor) -> int:
    """``;`` after a value."""
    here.report(errors.semicolon_for_comma, write=",")
    return here.skip(here.end, here.next_part)


def stray_sign(here: Cursor) -> int | None:
    """A semicolon, or the mark of an added or a quoted line, before what does belong here."""
    text, start, state = here.text, here.start, here.state
    kind, after = here.peek(start + 1)
    if here.character != ";":
        marks = here.first_in_line and text[start + 1 : start + 2] in (" ", "\t")
        fits = state == KEY and marks and here.key_ahead(after)
    elif state == KEY:
        fits = kind in tokens.CLOSING or here.key_ahead(after)
    elif state == AFTER_KEY:
        fits = kind == tokens.COLON
    else:
        fits = kind in _VALUES and not here.key_ahead(after)
    return _delete(here, errors.unexpected_text) if fits else None


def extra_comma(here: Cursor) -> int:
    """A comma where a key or an item belongs."""
    label = f"expected a {'key' if here.in_object else 'value'}"
    here.report(errors.extra_comma, write="", label=label)
    return here.skip(here.end)


def missing_comma(here: Cursor) -> int | None:
    """Something that starts a member or an item, right after another one."""
    if not (here.key_ahead(here.start) if here.in_object else _is_value(here)):
        return None
    place = here.end_before(1)
    here.report(
        errors.missing_comma,
        edit(place, place, ","),
        message=f"expected a comma between two {'members' if here.in_object else 'items'}",
        # Two strings that touch may be one with quotes that are too many.
        safe=place < here.start or here.character not in QUOTES,
    )
    return here.replay(here.next_part)


def equals_sign(here: Cursor) -> int:
    """``=`` between a key and its value."""
    end = _EQUALS.match(here.text, here.start).end()  # type: ignore[union-attr]
    here.report(errors.equals_for_colon, write=":", at=(here.start, end))
    return here.skip(end, VALUE)


def missing_colon(here: Cursor) -> int | None:
    """A value right after its key."""
    if not _is_value(here):
        return None
    place = here.end_before(1)
    if "\n" in here.text[place : here.start] and here.key_ahead(here.start):
        return missing_value(here, KEY)
    here.report(errors.missing_colon, edit(place, place, ":"))
    return here.replay(VALUE)


def next_key(here: Cursor) -> int | None:
    """The next member's key on the next line, where the value of the one before belongs."""
    between = here.text[here.key[2] : here.start]
    if "\n" not in between or not here.key_ahead(here.start):
        return None
    return missing_value(here, KEY)


def missing_value(here: Cursor, state: int = AFTER_VALUE) -> int:
    """The end of a member that has a key and nothing more, or what ``state`` says."""
    here.report(
        errors.missing_value,
        label="expected a value before this",
        related=((*here.key[1:], NO_VALUE),),
    )
    return here.replay(state)


def extra_colon(here: Cursor) -> int:
    """A second colon, or an equals sign, after a key's colon."""
    return _delete(here, errors.extra_colon)


def colon_without_key(here: Cursor) -> int:
    """A colon where a key belongs."""
    here.report(errors.nameless_value, label="expected a key before this")
    _read_nameless(here)
    return here.end


def colon_after_value(here: Cursor) -> int | None:
    """A colon after a value shows that the value was the key of another member."""
    if not here.in_object:
        return None
    first = here.last_part()
    if not isinstance(first, nodes.Member) or isinstance(first.value, nodes.CONTAINERS):
        return _delete(here, errors.extra_colon)
    here.report(
        errors.missing_value,
        label="this makes the text before it a key",
        related=((first.key_start, first.key_end, NO_VALUE),),
    )
    here.drop_last()
    here.key = (nodes.text_of(first.value) or "", first.value.start, first.value.end)
    here.state = VALUE
    return here.end


_KEY = re.compile(r"[\w$-]+[ \t]*:")


def too_deep(here: Cursor) -> int:
    """One level more than we read. Not only this one would be wrong, so reading stops."""
    message = f"more than {nodes.MAX_DEPTH} objects and arrays are open here"
    here.report(errors.nesting_too_deep, message=message)
    return here.stop()


def extra_opener(here: Cursor) -> int:
    """An opening bracket where a key belongs: doubled by mistake, or a value without a key."""
    if here.balance > 0:
        return _stray(here, "{[", here.balance)
    here.report(errors.nameless_value, label="expected a key and a colon before this")
    _read_nameless(here)
    return here.replay(VALUE)


def _read_nameless(here: Cursor) -> None:
    """Read a value that has no key, only to leave it out at the end."""
    container = here.stack[-1]
    assert isinstance(container, nodes.ObjectNode)
    here.nameless.append(container)
    here.key = ("", here.start, here.start)
    here.state = VALUE


def wrong_closer(here: Cursor) -> int | None:
    """A closing bracket that does not fit the innermost container."""
    found = here.character
    if not here.stack:
        return _stray(here, "}]", len(here.text))
    container = here.stack[-1]
    needed = closer_of(container)
    keyed = container.start in here.keyed_arrays
    value_missing = here.state in (AFTER_KEY, VALUE)
    if value_missing and (keyed or needed == found or here.balance >= 0):
        return None
    if keyed:
        return _close_keyed_array(here, container)
    opener = (container.start, container.start + 1, f"the {container.kind} opens here")
    outer = here.stack[-2] if len(here.stack) > 1 else None
    if here.balance < 0 and not _ends_as_meant(here, container, outer):
        return _stray(here, found, -here.balance)
    if here.balance > 0 and outer is not None and closer_of(outer) == found:
        here.balance -= 1
        place = here.end_before(1)
        here.report(
            errors.unclosed_bracket,
            edit(place, place, needed),
            message=f"the {container.kind} is not closed",
            label=f"expected {needed} before this",
            title=f"close it with {needed}",
            safe=False,
            related=(opener,),
        )
        here.close(place)
        return here.replay(AFTER_VALUE)
    here.report(
        errors.wrong_bracket,
        write=needed,
        message=f"an {container.kind} is closed with {needed} and not with {found}",
        label=f"expected {needed}",
        # Of an empty one nobody knows which of its brackets is wrong.
        safe=bool(nodes.values_of(container)),
        related=(opener,),
    )
    here.close(here.start + 1)
    return here.skip(here.end)


def _ends_as_meant(here: Cursor, container: nodes.Node, outer: nodes.Node | None) -> bool:
    """Whether a member follows, so that an array in an object does end here."""
    if not isinstance(container, nodes.ArrayNode) or not isinstance(outer, nodes.ObjectNode):
        return False
    kind, at = here.peek(here.end)
    return kind == tokens.COMMA and here.key_ahead(here.peek(at + 1)[1])


def _stray(here: Cursor, brackets: str, most: int) -> int:
    """Pass over brackets too many; those that stand together, up to ``most``, are one token."""
    text, start = here.text, here.start
    run = re.compile(rf"(?:[{re.escape(brackets)}]\s*){{1,{most}}}")
    together = run.match(text, start).group().rstrip()  # type: ignore[union-attr]
    count, end = sum(map(together.count, brackets)), start + len(together)
    opening = here.kind in tokens.OPENING
    here.balance += -count if opening else count
    what = f"this {here.character}" if count == 1 else "these brackets"
    verb = f"{'open' if opening else 'close'}{'s' if count == 1 else ''}"
    here.report(
        errors.stray_bracket,
        edit(start, end),
        message=f"{what} {verb} nothing",
        label="the config has already ended before this" if here.state == END else "",
        title="delete it" if count == 1 else "delete them",
        at=(start, min(end, here.line_end(start))),
        safe=count == 1 and _is_surely_stray(here, end),
    )
    return here.skip(end)


def _is_surely_stray(here: Cursor, end: int) -> bool:
    """Whether no other bracket can be the one too many, and none is missing instead."""
    text, kinds = here.text, here.kinds
    if here.state == END:
        # Another may have closed the root too early, as far as the layout does not deny it.
        root = here.root
        if root is None or here.peek(end)[0] != 0 or here.suspect() is not None:
            return False
        if not set(text[: root.end].rstrip("}] \t\r\n")) & {"}", "]"}:
            # All closing brackets stand together.
            return here.character == closer_of(root)
        return not text[nodes.line_start(text, root.end - 1) : root.end - 1].strip()
    before = kinds[-2] if len(kinds) > 1 else 0
    if here.kind in tokens.OPENING:
        return before == tokens.OPEN_OBJECT
    return not here.in_object and before not in (*tokens.OPENING, tokens.COMMA)


def array_with_keys(here: Cursor) -> int | None:
    """A key in an array, which is read as the object that it should be."""
    array = here.stack[-1]
    if not isinstance(array, nodes.ArrayNode):
        return None
    offset = here.start
    if here.state == AFTER_VALUE:
        last = here.last_part()
        keyless = isinstance(last, nodes.CONTAINERS)
        if here.kind != tokens.COLON or keyless or not isinstance(last, nodes.Node):
            return None
        array.items.pop()
        offset = last.start
    elif not _KEY.match(here.text, offset):
        return None
    here.rewind(offset)
    finding = here.report(
        errors.array_with_keys,
        related=((array.start, array.start + 1, "the array opens here"),),
        helps=("write the members of an object between { and }",),
    )
    here.keyed_arrays[array.start] = None if array.items else finding
    # Go on in an object that stands in the place of the array.
    here.stack.pop()
    _, into = nodes.innermost(here.stack, here.roots)
    # The last part of the list is a value, in an object too.
    into[-1] = node = nodes.ObjectNode(array.source, array.start, array.start)
    here.stack.append(node)
    here.state = KEY
    return offset


def _close_keyed_array(here: Cursor, container: nodes.Node) -> int:
    """End an object written in square brackets. Now both brackets are known."""
    opener, start = container.start, here.start
    finding = here.keyed_arrays[opener]
    if finding is not None:
        edits = edit(opener, opener + 1, "{"), edit(start, start + 1, "}")
        # Between two strings in an array, the colon may stand for a comma.
        assert isinstance(container, nodes.ObjectNode)
        members = container.members
        sure = len(members) > 1 or not any(here.text[part.key_start] in "\"'" for part in members)
        here.amend(finding, Fix(errors.array_with_keys.fix, edits, sure))
    here.close(start + 1)
    return here.end


def closed_early(here: Cursor) -> int | None:
    """A member behind a closed object, indented as if it still belonged inside."""
    text, start = here.text, here.start
    last = here.last_part()
    inner = last.value if isinstance(last, nodes.Member) else None
    if (
        here.balance >= 0
        or not isinstance(inner, nodes.ObjectNode)
        or not here.first_in_line
        or len(nodes.indentation(text, start)) <= len(nodes.indentation(text, inner.start))
        or not here.key_ahead(start)
    ):
        return None
    here.balance += 1
    return reopen(here, inner, KEY)


def reopen(here: Cursor, container: nodes.ObjectNode, state: int) -> int:
    """Go on in an object that was closed too early."""
    end = container.end
    here.report(
        errors.stray_bracket,
        message="the object has already ended before this",
        related=((end - 1, end, "this bracket closes it"),),
        helps=("delete the bracket that is too many; indentation tells which one it is",),
    )
    container.reopen()
    here.stack.append(container)
    return here.replay(state)


_EXPECTED = {
    KEY: "expected a key or }",
    AFTER_KEY: "expected a colon",
    VALUE: "expected a value",
    ITEM: "expected a value or ]",
    END: "expected nothing more",
}
_RUN = re.compile(r"""(?:\\u\{[^}\s]*\}|[^\s,:{}\[\]"'])+""")
_OPERATORS = "+-*/%|&?<>!~^"
_OPERAND = r"""\s*+(?:"[^"\\\n]*+"|'[^'\\\n]*+'|[\w.$]++)"""
_OPERANDS = re.compile(rf"(?:{_OPERAND}\s*+[{re.escape(_OPERATORS)}])*(?:{_OPERAND})?")
NO_CODE = "a config holds values and no code"


def unexpected(here: Cursor) -> int:
    """Report the token and go on behind it, and behind what hangs on it."""
    text, start, kind, state = here.text, here.start, here.kind, here.state
    run = _RUN.match(text, start)
    opening = kind in tokens.OPENING
    end = start + 1 if opening or kind in (tokens.COMMA, tokens.COLON) else here.end
    if run is not None and kind not in (tokens.STRING, tokens.NUMBER):
        end = max(run.end(), end)
    after_value = state == AFTER_VALUE
    here.report(
        errors.unexpected_text,
        message=NO_CODE if after_value and here.character in _OPERATORS else "",
        label=_EXPECTED.get(state) or f"expected a comma or {'}' if here.in_object else ']'}",
        at=(start, end),
    )
    if after_value and opening and here.in_object:
        _read_nameless(here)
        return here.replay(VALUE)
    if after_value and here.character in _OPERATORS:
        # `+ "b" + "c"` is one mistake.
        end = _OPERANDS.match(text, end).end()  # type: ignore[union-attr]
    elif state in (VALUE, ITEM):
        here.end_value()
    elif state == KEY and here.peek(end)[0] == tokens.COMMA:
        here.state = AFTER_VALUE
    return here.skip(end)
