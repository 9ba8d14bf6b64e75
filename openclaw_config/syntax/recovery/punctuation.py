"""Commas, colons and brackets: missing, doubled, or another sign in their place."""

from __future__ import annotations

import re

from openclaw_config.syntax import errors, nodes
from openclaw_config.syntax import text as tokens
from openclaw_config.syntax.nodes import AFTER_KEY, AFTER_VALUE, END, ITEM, KEY, VALUE
from openclaw_config.syntax.recovery.core import QUOTES, Cursor, closer_of, edit

NO_VALUE = "the value of this key is missing"
_VALUES = tokens.OPENING | {tokens.STRING, tokens.NUMBER, tokens.WORD}


def _is_value(here: Cursor) -> bool:
    """Whether a value, or a string in odd quotes, starts here."""
    return here.kind in _VALUES or here.character in QUOTES


_SIGNS = {
    (AFTER_VALUE, ";"): (errors.semicolon_for_comma, ","),
    (AFTER_KEY, "="): (errors.equals_for_colon, ":"),
    (VALUE, ":"): (errors.extra_colon, ""),
    (VALUE, "="): (errors.extra_colon, ""),
    (KEY, ","): (errors.extra_comma, ""),
    (ITEM, ","): (errors.extra_comma, ""),
} | {(state, ";"): (errors.unexpected_text, "") for state in (KEY, AFTER_KEY, VALUE, ITEM)}
"""Signs that have another, or nothing, put in their place, by what the parser expects."""
_SIGN = re.compile(r"=+>?|[\s\S]")


def wrong_sign(here: Cursor) -> int | None:
    """A sign that is not the one that belongs here, or is one too many."""
    rule, sign = _SIGNS.get((here.state, here.character), (None, ""))
    if rule is None:
        return None
    end = _SIGN.match(here.text, here.start).end()  # type: ignore[union-attr]
    here.report(rule, write=sign, at=(here.start, end))
    return here.skip(end, {",": here.next_part, ":": VALUE}.get(sign))


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


def missing_colon(here: Cursor) -> int | None:
    """A value right after its key."""
    if not _is_value(here):
        return None
    place = here.end_before(1)
    here.report(errors.missing_colon, edit(place, place, ":"))
    return here.replay(VALUE)


def next_key(here: Cursor) -> int | None:
    """The next member's key on the next line, where the one before still lacks its value."""
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


def colon_after_value(here: Cursor) -> int | None:
    """A colon after a value shows that the value was the key of another member."""
    if not here.in_object:
        return None
    first = here.last_part()
    if not isinstance(first, nodes.Member) or isinstance(first.value, nodes.CONTAINERS):
        here.report(errors.extra_colon, write="")
        return here.skip(here.end)
    here.report(
        errors.missing_value,
        label="this makes the text before it a key",
        related=((first.key_start, first.key_end, NO_VALUE),),
    )
    here.drop_last()
    here.key = (nodes.text_of(first.value) or "", first.value.start, first.value.end)
    here.state = VALUE
    return here.end


_KEY = re.compile(r"[\w$-]+[ \t]*:(?!//)")


def too_deep(here: Cursor) -> int:
    """One level more than we read. Not only this one would be wrong, so reading stops."""
    message = f"more than {nodes.MAX_DEPTH} objects and arrays are open here"
    here.report(errors.nesting_too_deep, message=message)
    return here.stop()


def nameless_value(here: Cursor) -> int | None:
    """A value without a key in an object, read only to be left out at the end.

    Where there are opening brackets too many, one of them is taken to be doubled by mistake.
    """
    container = here.stack[-1]
    if not isinstance(container, nodes.ObjectNode):
        return None
    colon = here.character == ":"
    if not colon and here.balance > 0:
        return _stray(here)
    here.report(errors.nameless_value, label="expected a key before this")
    here.nameless.append(container)
    here.key = ("", here.start, here.start)
    here.state = VALUE
    return here.end if colon else here.replay(VALUE)


def wrong_closer(here: Cursor) -> int | None:
    """A closing bracket that does not fit the innermost container."""
    found = here.character
    if not here.stack:
        return _stray(here)
    container = here.stack[-1]
    needed = closer_of(container)
    keyed = needed == "}" and here.text[container.start] == "["
    value_missing = here.state in (AFTER_KEY, VALUE)
    if value_missing and (keyed or needed == found or here.balance >= 0):
        return None
    if keyed:
        here.close(here.start + 1)
        return here.end
    opener = (container.start, container.start + 1, f"the {container.kind} opens here")
    outer = here.stack[-2] if len(here.stack) > 1 else None
    if here.balance < 0:
        return _stray(here)
    if here.balance > 0 and outer is not None and closer_of(outer) == found:
        here.balance -= 1
        place = here.end_before(1)
        here.report(
            errors.unclosed_bracket,
            edit(place, place, needed),
            message=f"the {container.kind} is not closed",
            label=f"expected {needed} before this",
            safe=False,
            related=(opener,),
        )
        here.close(place)
        return here.replay(AFTER_VALUE)
    here.report(
        errors.wrong_bracket,
        write=needed,
        message=f"an {container.kind} is closed with {needed} and not with {found}",
        # Of an empty one nobody knows which of its brackets is wrong.
        safe=bool(nodes.values_of(container)),
        related=(opener,),
    )
    here.close(here.start + 1)
    return here.skip(here.end)


def _stray(here: Cursor) -> int:
    """Pass over a bracket too many."""
    opening = here.kind in tokens.OPENING
    here.balance += -1 if opening else 1
    here.report(
        errors.stray_bracket,
        write="",
        message=f"this {here.character} {'opens' if opening else 'closes'} nothing",
        label="the config has already ended before this" if here.state == END else "",
        safe=here.kinds[-2:-1] == bytes([tokens.OPEN_OBJECT]) if opening else _ends_well(here),
    )
    return here.skip(here.end)


def _ends_well(here: Cursor) -> bool:
    """Whether a bracket behind the root is the last and, as the layout has it, the one too many."""
    root = here.root
    if root is None or here.peek(here.end)[0] or here.suspect() is not None:
        return False
    end = root.end - 1
    return here.state == END and not here.text[nodes.line_start(here.text, end) : end].strip()


def closed_early(here: Cursor) -> int | None:
    """A member behind a closed object, indented as if it still belonged inside."""
    text, start, last = here.text, here.start, here.last_part()
    inner = last.value if isinstance(last, nodes.Member) else None
    if here.balance >= 0 or not isinstance(inner, nodes.ObjectNode) or not here.first_in_line:
        return None
    deeper = len(nodes.indentation(text, start)) > len(nodes.indentation(text, inner.start))
    if not deeper or not here.key_ahead(start):
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
        offset = last.start
    elif not _KEY.match(here.text, offset):
        return None
    here.rewind(offset)
    here.report(
        errors.array_with_keys,
        related=((array.start, array.start + 1, "the array opens here"),),
        helps=("write the members of an object between { and }",),
    )
    # Go on in an object that stands in the place of the array.
    here.stack.pop()
    _, into = nodes.innermost(here.stack, here.roots)
    # The last part of the list is a value, in an object too.
    into[-1] = node = nodes.ObjectNode(array.source, array.start, array.start)
    here.stack.append(node)
    here.state = KEY
    return offset


_EXPECTED = {
    KEY: "expected a key or }",
    AFTER_KEY: "expected a colon",
    VALUE: "expected a value",
    ITEM: "expected a value or ]",
    END: "expected nothing more",
}
_RUN = re.compile(r"""[^\s,:{}\[\]"']+""")
_REST = re.compile(r"""(?:"[^"\n\r]*+"|'[^'\n\r]*+'|[^,{}\[\]\n\r"'])*+""")


def unexpected(here: Cursor) -> int:
    """Report the token and go on behind it, and behind what hangs on it."""
    text, start, kind, state = here.text, here.start, here.kind, here.state
    run = _RUN.match(text, start)
    end = start + 1 if kind in (*tokens.OPENING, tokens.COMMA, tokens.COLON) else here.end
    if run is not None and kind not in (tokens.STRING, tokens.NUMBER):
        end = max(run.end(), end)
    closer = "}" if here.in_object else "]"
    label = _EXPECTED.get(state) or f"expected a comma or {closer}"
    here.report(errors.unexpected_text, label=label, at=(start, end))
    if state == AFTER_VALUE or (state == KEY and not here.key_ahead(here.peek(end)[1])):
        # `+ "b" + "c"` is one mistake, and so is a line of prose.
        end = max(end, _REST.match(text, end).end())  # type: ignore[union-attr]
    if state in (VALUE, ITEM):
        here.end_value()
    elif state == KEY and here.peek(end)[0] == tokens.COMMA:
        here.state = AFTER_VALUE
    return here.skip(end)
