"""The slip that no other recovery knows: named, passed over, and left behind."""

from __future__ import annotations

import re

from openclaw_config.syntax import errors
from openclaw_config.syntax.parser import AFTER_KEY, AFTER_VALUE, END, ITEM, KEY, VALUE
from openclaw_config.syntax.recovery.brackets import read_nameless
from openclaw_config.syntax.recovery.slip import Slip, peek, report
from openclaw_config.syntax.scanner import (
    COLON,
    COMMA,
    NUMBER,
    OPEN_ARRAY,
    OPEN_OBJECT,
    STRING,
    WORD,
    next_token,
)

_EXPECTED = {
    KEY: "expected a key or }",
    AFTER_KEY: "expected a colon",
    VALUE: "expected a value",
    ITEM: "expected a value or ]",
    END: "expected nothing more",
}
_RUN = re.compile(r"""(?:\\u\{[^}\s]*\}|[^\s,:{}\[\]"'])+""")
_OPERATORS = frozenset("+-*/%|&?<>!~^")


def unexpected(slip: Slip) -> int:
    """Report the token and go on behind it, and behind what hangs on it."""
    parser, text, start, kind = slip.parser, slip.text, slip.start, slip.kind
    run = _RUN.match(text, start)
    end = start + 1 if kind in (OPEN_OBJECT, OPEN_ARRAY, COMMA, COLON) else slip.end
    if run is not None and kind not in (STRING, NUMBER):
        end = max(run.end(), end)
    state = parser.state
    expected = _EXPECTED.get(state) or f"expected a comma or {'}' if slip.in_object else ']'}"
    message = "this does not belong here"
    if state == AFTER_VALUE and slip.character in _OPERATORS:
        message = "a config holds values and no code"
    report(parser, errors.UNEXPECTED_TEXT, message, start, end, expected)
    if state == AFTER_VALUE and kind in (OPEN_OBJECT, OPEN_ARRAY) and slip.in_object:
        read_nameless(parser, start)
        return slip.replay(VALUE)
    if state == AFTER_VALUE:
        end = _after_operands(text, end, slip.character)
    elif state in (VALUE, ITEM):
        parser.state = AFTER_VALUE if parser.stack else END
    elif state == KEY and peek(text, end)[0] == COMMA:
        parser.state = AFTER_VALUE
    return slip.skip(end)


def _after_operands(text: str, end: int, operator: str) -> int:
    """The end of ``+ "b" + "c"``, which is one slip."""
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
