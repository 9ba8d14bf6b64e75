"""What the parser does with a token that it did not expect.

The first recovery that knows the error reports it and finds the way on.
"""

from __future__ import annotations

from openclaw_config.syntax import state as expecting
from openclaw_config.syntax.recovery import document, punctuation, strings
from openclaw_config.syntax.recovery.core import cursor_of

finish = document.finish
report_escapes = strings.report_escapes

_ANYWHERE = (
    document.foreign_comment,
    document.unclosed_comment,
    document.invisible_character,
    document.merge_conflict,
)
_RECOVERIES = {
    expecting.KEY: (
        punctuation.stray_sign,
        punctuation.extra_comma,
        punctuation.colon_without_key,
        punctuation.extra_opener,
        punctuation.wrong_closer,
        strings.unclosed_string,
        strings.wrong_quotes,
        strings.unopened_key,
        strings.bare_key,
    ),
    expecting.AFTER_KEY: (
        punctuation.stray_sign,
        punctuation.equals_sign,
        strings.quote_inside,
        strings.unopened_key,
        strings.bare_key,
        punctuation.wrong_closer,
        punctuation.missing_value,
        punctuation.missing_colon,
    ),
    expecting.VALUE: (
        punctuation.stray_sign,
        document.yaml,
        punctuation.wrong_closer,
        punctuation.missing_value,
        punctuation.next_key,
        punctuation.extra_colon,
        punctuation.too_deep,
        strings.unclosed_string,
        strings.wrong_quotes,
        strings.bare_value,
    ),
    expecting.ITEM: (
        punctuation.stray_sign,
        document.yaml,
        punctuation.extra_comma,
        punctuation.wrong_closer,
        punctuation.too_deep,
        punctuation.array_with_keys,
        strings.unclosed_string,
        strings.wrong_quotes,
        strings.bare_value,
    ),
    expecting.AFTER_VALUE: (
        strings.quote_inside,
        punctuation.semicolon,
        punctuation.colon_after_value,
        punctuation.array_with_keys,
        punctuation.closed_early,
        punctuation.missing_comma,
        punctuation.wrong_closer,
    ),
    expecting.END: (
        document.directive,
        document.colon_after_root,
        punctuation.stray_at_root,
        document.continued_root,
        document.text_after_root,
    ),
}
_AT_ROOT = (
    punctuation.wrong_closer,
    document.markup,
    document.yaml,
    document.missing_braces,
    document.text_before_root,
    strings.unclosed_string,
    strings.wrong_quotes,
    strings.bare_value,
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
    at_root = parser.state == expecting.VALUE and not parser.stack
    for recovery in (*_ANYWHERE, *(_AT_ROOT if at_root else _RECOVERIES[parser.state])):
        offset = recovery(here)
        if offset is not None:
            return offset
    return punctuation.unexpected(here)
