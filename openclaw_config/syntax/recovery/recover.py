"""Which recoveries are tried where. The first that knows a slip reports it and finds the way on."""

from __future__ import annotations

import re
from bisect import bisect_right

from openclaw_config.diagnostics.model import Diagnostic
from openclaw_config.syntax import errors
from openclaw_config.syntax.parser import (
    AFTER_KEY,
    AFTER_VALUE,
    END,
    ITEM,
    KEY,
    VALUE,
    Parser,
)
from openclaw_config.syntax.recovery import bare, between, brackets, marks, outside, quotes, yaml
from openclaw_config.syntax.recovery.slip import MAX_ERRORS, Slip, edit, fix_of, report, stop
from openclaw_config.syntax.recovery.unexpected import unexpected
from openclaw_config.syntax.scanner import STRING
from openclaw_config.syntax.spans import Location, Span

_NAMES = {"\u2028": "line separator (U+2028)", "\u2029": "paragraph separator (U+2029)"}
_BRACED_ESCAPE = re.compile(r"\\u\{([0-9A-Fa-f]{1,6})\}")

_ANYWHERE = (
    between.foreign_comment,
    between.unclosed_comment,
    between.invisible_character,
    between.merge_conflict,
)
_RECOVERIES = {
    KEY: (
        marks.extra_comma,
        marks.colon_without_key,
        brackets.extra_opener,
        brackets.wrong_closer,
        quotes.unclosed_string,
        quotes.wrong_quotes,
        quotes.unopened_key,
        bare.bare_key,
    ),
    AFTER_KEY: (
        marks.equals_sign,
        quotes.quote_inside,
        quotes.unopened_key,
        bare.bare_key,
        brackets.wrong_closer,
        marks.missing_value,
        marks.missing_colon,
    ),
    VALUE: (
        yaml.yaml,
        brackets.wrong_closer,
        marks.missing_value,
        marks.next_key,
        marks.extra_colon,
        brackets.too_deep,
        quotes.unclosed_string,
        quotes.wrong_quotes,
        bare.bare_value,
    ),
    ITEM: (
        yaml.yaml,
        marks.extra_comma,
        brackets.wrong_closer,
        brackets.too_deep,
        brackets.array_with_keys,
        quotes.unclosed_string,
        quotes.wrong_quotes,
        bare.bare_value,
    ),
    AFTER_VALUE: (
        quotes.quote_inside,
        marks.semicolon,
        marks.colon_after_value,
        brackets.array_with_keys,
        brackets.closed_early,
        marks.missing_comma,
        brackets.wrong_closer,
    ),
    END: (
        outside.directive,
        outside.colon_after_root,
        brackets.stray_at_root,
        outside.continued_root,
        outside.text_after_root,
    ),
}
_AT_ROOT = (
    brackets.wrong_closer,
    outside.markup,
    yaml.yaml,
    outside.missing_braces,
    outside.text_before_root,
    quotes.unclosed_string,
    quotes.wrong_quotes,
    bare.bare_value,
)


def recover(parser: Parser, kind: int, start: int, end: int) -> int:
    """Report a token that the parser did not expect; returns the offset to go on from."""
    if len(parser.errors) >= MAX_ERRORS:
        last = parser.errors[-1]
        note = "reading stopped after this many errors; there may be more"
        parser.errors[-1] = last._replace(notes=(*last.notes, note))
        return stop(parser)
    slip = Slip(parser, kind, start, end)
    at_root = parser.state == VALUE and not parser.stack
    for recovery in (*_ANYWHERE, *(_AT_ROOT if at_root else _RECOVERIES[parser.state])):
        offset = recovery(slip)
        if offset is not None:
            return offset
    return unexpected(slip)


def finish(parser: Parser) -> None:
    """Report what only the whole text shows, and put the findings in the text's order."""
    outside.at_end(parser)
    if parser.notes is not None:
        for container in parser.notes.nameless:
            container.members[:] = [m for m in container.members if m.key_start < m.key_end]
    _distrust_neighbours(parser)
    _report_line_separators(parser)
    parser.errors.sort(key=_start)


def _distrust_neighbours(parser: Parser) -> None:
    """A fix is not safe where it touches what another error leaves in doubt."""
    size = len(parser.text)
    doubtful = [
        # A string that may go on may hold all that follows.
        Span(_reach(finding).start, size)
        if finding.rule == errors.UNCLOSED_STRING.name
        else _reach(finding)
        for finding in parser.errors
        if not (finding.fix and finding.fix.safe)
    ]
    for index, finding in enumerate(parser.errors):
        fix = finding.fix
        if fix is not None and fix.safe and doubtful:
            start, end = _reach(finding)
            if any(first <= end and start <= last for first, last in doubtful):
                parser.errors[index] = finding._replace(fix=fix._replace(safe=False))


def _reach(finding: Diagnostic) -> Span:
    """The stretch of an error and of its fix."""
    edits = finding.fix.edits if finding.fix else ()
    spans = [*([finding.location.span] if finding.location else []), *(one.span for one in edits)]
    return Span(min(start for start, _ in spans), max(end for _, end in spans))


def _start(finding: Diagnostic) -> int:
    return finding.location.span.start if finding.location else 0


def _report_line_separators(parser: Parser) -> None:
    text, starts = parser.text, parser.starts
    for separator, escape in (("\u2028", "\\u2028"), ("\u2029", "\\u2029")):
        at = text.find(separator)
        while at >= 0 and len(parser.errors) < MAX_ERRORS:
            token = bisect_right(starts, at) - 1
            # Behind a backslash it only breaks the line and is no part of the string.
            if parser.kinds[token] == STRING and not _is_escaped(text, at):
                where = Location(parser.source, Span(at, at + 1))
                fix = fix_of(f"write {escape}", edit(at, at + 1, escape))
                parser.errors.append(
                    errors.LINE_SEPARATOR_IN_STRING.at(
                        where, f"a raw {_NAMES[separator]} stands in a string", fix=fix
                    )
                )
            at = text.find(separator, at + 1)


def _is_escaped(text: str, at: int) -> bool:
    before = at
    while text[before - 1] == "\\":
        before -= 1
    return (at - before) % 2 == 1


def report_escapes(parser: Parser, faults: tuple[Span, ...]) -> None:
    """Report escapes that are not valid, each from its backslash to the character that is wrong."""
    text = parser.text
    for backslash, end in faults[: max(0, MAX_ERRORS - len(parser.errors))]:
        braces = _BRACED_ESCAPE.match(text, backslash)
        if braces is not None and int(braces[1], 16) <= 0x10FFFF:
            escape = _escape(int(braces[1], 16))
            fix = fix_of(f"write {escape}", edit(*braces.span(), escape))
        else:
            fix = fix_of("write the backslash twice", edit(backslash, backslash, "\\"), safe=False)
        report(
            parser,
            errors.INVALID_ESCAPE,
            _escape_message(text[backslash + 1]),
            end - 1,
            end,
            fix=fix,
            helps=("a backslash that is meant is written twice",),
        )


def _escape_message(letter: str) -> str:
    if letter == "u":
        return "\\u needs four hexadecimal digits"
    if letter == "x":
        return "\\x needs two hexadecimal digits"
    return "a backslash and a digit do not make a character"


def _escape(code: int) -> str:
    units = chr(code).encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
