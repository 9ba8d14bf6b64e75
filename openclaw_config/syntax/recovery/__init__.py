"""What the parser does with a token that it did not expect.

The first recovery that knows the error reports it and finds the way on.
"""

from __future__ import annotations

from collections.abc import Callable

from openclaw_config.syntax import nodes
from openclaw_config.syntax.nodes import AFTER_KEY, AFTER_VALUE, END, ITEM, KEY, ROOT, VALUE
from openclaw_config.syntax.recovery import document, punctuation, strings
from openclaw_config.syntax.recovery.core import DOUBLE_QUOTES, SINGLE_QUOTES
from openclaw_config.syntax.recovery.core import Cursor as Cursor
from openclaw_config.syntax.text import Span, Tokens

_ORDER: tuple[tuple[Callable[[Cursor], int | None], tuple[int, ...], str], ...] = (
    (document.hash_comment, (), "#"),
    (document.unclosed_comment, (), "/"),
    (document.invisible_character, (), ""),
    (document.merge_conflict, (), "<|=>"),
    (punctuation.wrong_sign, (KEY, AFTER_KEY, VALUE, ITEM, AFTER_VALUE), ";=:,"),
    (punctuation.nameless_value, (KEY,), ":{["),
    (punctuation.wrong_closer, (), "}]"),
    (punctuation.missing_value, (AFTER_KEY, VALUE), "}],"),
    (punctuation.too_deep, (VALUE, ITEM), "{["),
    (document.markup, (ROOT,), "<"),
    (document.yaml, (ROOT, VALUE, ITEM), ""),
    (document.missing_braces, (ROOT,), ""),
    (document.text_before_root, (ROOT,), ""),
    (punctuation.next_key, (AFTER_KEY, VALUE), ""),
    (punctuation.array_with_keys, (ITEM, AFTER_VALUE), ""),
    (strings.unclosed_string, (ROOT, KEY, VALUE, ITEM), "\"'"),
    (strings.wrong_quotes, (ROOT, KEY, VALUE, ITEM), DOUBLE_QUOTES + SINGLE_QUOTES),
    (strings.quote_inside, (AFTER_KEY, AFTER_VALUE), ""),
    (strings.bare_key, (KEY, AFTER_KEY), ""),
    (strings.bare_value, (ROOT, VALUE, ITEM), ""),
    (punctuation.missing_colon, (AFTER_KEY,), ""),
    (punctuation.colon_after_value, (AFTER_VALUE,), ":"),
    (punctuation.closed_early, (AFTER_VALUE,), ""),
    (punctuation.missing_comma, (AFTER_VALUE,), ""),
    (punctuation.nameless_value, (AFTER_VALUE,), "{["),
    (document.scalar_root, (END,), ":;{["),
    (document.continued_root, (END,), ""),
    (document.text_after_root, (END,), ""),
)
"""The recoveries in the order in which they are asked, and where each applies: what the parser
expects, () being anything, and how the token starts, "" being anyhow."""


def recover(here: Cursor, faults: list[Span], kind: int, start: int, end: int) -> int:
    """Report a token that the parser did not expect; returns the offset to go on from.

    The ``faults`` of escapes so far are reported too, and used up.
    """
    strings.report_escapes(here, faults)
    faults.clear()
    here.kind, here.start, here.end = kind, start, end
    if len(here.errors) >= nodes.MAX_ERRORS:
        last = here.errors[-1]
        note = "reading stopped after this many errors; there may be more"
        here.errors[-1] = last._replace(notes=(*last.notes, note))
        return here.stop()
    state = here.state
    if state == VALUE and not here.stack:
        state = ROOT
    for run, states, starts in _ORDER:
        if (not states or state in states) and (not starts or here.character in starts):
            offset = run(here)
            if offset is not None:
                return offset
    return punctuation.unexpected(here)


def finish(here: Cursor, faults: list[Span]) -> nodes.Tree:
    """What was read, once the text is at its end; its errors stand in the text's order."""
    strings.report_escapes(here, faults)
    document.finish(here)
    recorded = Tokens(here.kinds, here.starts)
    return nodes.Tree(here.source, here.root, tuple(here.errors), recorded)
