"""What the parser does with a token that it did not expect.

The first recovery that knows the error reports it and finds the way on.
"""

from __future__ import annotations

from openclaw_config.syntax import nodes as expecting
from openclaw_config.syntax.recovery import document, punctuation, strings
from openclaw_config.syntax.recovery.core import cursor_of

finish = document.finish
report_escapes = strings.report_escapes

_ORDER = (
    document.foreign_comment,
    document.unclosed_comment,
    document.invisible_character,
    document.merge_conflict,
    punctuation.semicolon,
    punctuation.stray_sign,
    punctuation.equals_sign,
    punctuation.extra_comma,
    punctuation.colon_without_key,
    punctuation.extra_opener,
    punctuation.wrong_closer,
    punctuation.missing_value,
    punctuation.too_deep,
    document.markup,
    document.yaml,
    document.missing_braces,
    document.text_before_root,
    punctuation.next_key,
    punctuation.extra_colon,
    punctuation.array_with_keys,
    strings.unclosed_string,
    strings.wrong_quotes,
    strings.quote_inside,
    strings.unopened_key,
    strings.bare_key,
    strings.bare_value,
    punctuation.missing_colon,
    punctuation.colon_after_value,
    punctuation.closed_early,
    punctuation.missing_comma,
    document.directive,
    document.colon_after_root,
    document.continued_root,
    document.text_after_root,
)


def recover(parser: expecting.ParserState, kind: int, start: int, end: int) -> int:
    """Report a token that the parser did not expect; returns the offset to go on from."""
    here = cursor_of(parser)
    here.kind, here.start, here.end = kind, start, end
    if len(parser.errors) >= expecting.MAX_ERRORS:
        last = parser.errors[-1]
        note = "reading stopped after this many errors; there may be more"
        parser.errors[-1] = last._replace(notes=(*last.notes, note))
        return here.stop()
    state = parser.state
    if state == expecting.VALUE and not parser.stack:
        state = expecting.ROOT
    for run, states, starts in _ORDER:
        if (not states or state in states) and (not starts or here.character in starts):
            offset = run(here)
            if offset is not None:
                return offset
    return punctuation.unexpected(here)
