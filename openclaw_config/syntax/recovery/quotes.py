"""Slips of quotes: one missing, two kinds mixed, curly ones, one inside the string."""

from __future__ import annotations

import re

from openclaw_config.syntax import errors
from openclaw_config.syntax.literals import string_value
from openclaw_config.syntax.nodes import StringNode
from openclaw_config.syntax.parser import AFTER_KEY, AFTER_VALUE, KEY, Parser
from openclaw_config.syntax.recovery.slip import (
    Slip,
    attach,
    edit,
    ends_surely,
    fix_of,
    last_part,
    line_end,
    notes_of,
    report,
    rewind,
    string_stop,
)
from openclaw_config.syntax.scanner import NUMBER, OTHER, STRING, WORD

_DOUBLE = "“”„‟«»"
_SINGLE = "‘’‚‛`´"
FOREIGN_QUOTES = frozenset(_DOUBLE + _SINGLE)
"""What people and their programs put for a quote."""

_LONGEST = 20
"""Lines that a string with raw line ends may have before we believe that its quote is missing."""

# What may follow a string: a mark, a comment, or the end of the line.
_AFTER = r"(?=[ \t]*(?:[,:}\]\n\r]|//|/\*|\Z))"
_STRING_ENDS = re.compile(_AFTER)
_OTHER_QUOTE = {
    '"': re.compile(f"['{_DOUBLE}]{_AFTER}"),
    "'": re.compile(f'["{_SINGLE}]{_AFTER}'),
}
_FOREIGN_END = re.compile(f"[\"'{_DOUBLE}{_SINGLE}]{_AFTER}")
_LINE_BREAK = re.compile(r"\r\n?|\n")
# A line that begins like this is not the rest of a text from the line before.
_STRUCTURE = re.compile(
    r"""[ \t]*(?:["'][^"'\n]*["'][ \t]*[:,]|[\w$-]+[ \t]*:|[{}\[\]]|//|/\*|[\n\r]|\Z)"""
)
_HARMLESS = re.compile(r"(?:[\w.@+]|[ -](?![ -])|/(?!/))*(?<! ),?[ \t]*")
_UNOPENED_KEY = re.compile(r"""[^\s,:{}\[\]"'`\\]++["'](?=[ \t]*:)""")
_MARK_AT_END = re.compile(r"[,:{\[][ \t]*\Z")


def ends_string(text: str, at: int) -> bool:
    """Whether a quote before this offset stands where a string may end."""
    return _STRING_ENDS.match(text, at) is not None


def unclosed_string(slip: Slip) -> int | None:
    """A quote with no other of its kind before the line ends."""
    if slip.kind != OTHER or slip.character not in "\"'":
        return None
    end = string_stop(slip.text, slip.start + 1, slip.character)
    return (
        _mixed_quotes(slip, end)
        or _escaped_end(slip, end)
        or _newline_in_string(slip, end)
        or _missing_quote(slip, end)
    )


def _mixed_quotes(slip: Slip, end: int) -> int | None:
    start = slip.start
    other = _OTHER_QUOTE[slip.character].search(slip.text, start + 1, end + 1)
    if other is None:
        return None
    at = other.start()
    report(
        slip.parser,
        errors.MIXED_QUOTES,
        "a string ends with another quote than it starts with",
        at,
        at + 1,
        f"expected {slip.character}",
        related=((start, start + 1, "the string starts here"),),
        fix=fix_of(
            f"write {slip.character}",
            edit(at, at + 1, slip.character),
            safe=not {"\\", slip.text[at]} & set(slip.text[start:at]),
        ),
    )
    return _string(slip, start, at + 1, string_value(slip.text, start + 1, at)[0])


def _escaped_end(slip: Slip, end: int) -> int | None:
    """A backslash before the closing quote, as in a Windows path."""
    text, start = slip.text, slip.start
    at = text.find("\\" + slip.character, start + 1, end)
    if at < 0 or not ends_string(text, at + 2):
        return None
    report(
        slip.parser,
        errors.UNCLOSED_STRING,
        "a backslash before the closing quote keeps the string open",
        at,
        at + 2,
        related=((start, start + 1, "the string starts here"),),
        fix=fix_of("write the backslash twice", edit(at, at, "\\"), safe=False),
    )
    return _string(slip, start, at + 2, string_value(text, start + 1, at)[0] + "\\")


def _newline_in_string(slip: Slip, end: int) -> int | None:
    text, start = slip.text, slip.start
    breaks: list[tuple[int, int]] = []
    pieces = [text[start + 1 : end]]
    while len(breaks) < _LONGEST:
        line_break = _LINE_BREAK.match(text, end)
        if line_break is None or _STRUCTURE.match(text, line_break.end()):
            return None
        breaks.append(line_break.span())
        end = string_stop(text, line_break.end(), slip.character)
        pieces.append(text[line_break.end() : end])
        if text[end : end + 1] == slip.character:
            break
    else:
        return None
    if not ends_string(text, end + 1):
        return None
    # Words may be meant as lines. A model, a path or a key was broken by a program that wraps
    # lines. Nobody knows for sure.
    lines = any(" " in piece for piece in pieces) or all(piece.isalpha() for piece in pieces)
    seam = "\\n" if lines else ""
    joined = seam.join(pieces)
    first, last = breaks[0]
    report(
        slip.parser,
        errors.NEWLINE_IN_STRING,
        "a string cannot run over the end of its line",
        first,
        last,
        "expected the closing quote",
        related=((start, start + 1, "the string starts here"),),
        fix=fix_of(
            "write the line break as \\n" if lines else "join the lines",
            *[edit(*span, seam) for span in breaks],
            safe=False,
        ),
    )
    return _string(slip, start, end + 1, string_value(joined, 0, len(joined))[0])


def _missing_quote(slip: Slip, end: int) -> int:
    """End the string on its line, before the marks that are hardly part of it."""
    text, start, parser = slip.text, slip.start, slip.parser
    content = text[start + 1 : end]
    if parser.state == KEY and ":" in content:
        content = content[: content.index(":")]
    content = content.rstrip()
    while content and (
        content[-1] in ", \t"
        or (content[-1] == "}" and content.count("}") > content.count("{"))
        or (content[-1] == "]" and content.count("]") > content.count("["))
    ):
        content = content[:-1]
    cut = start + 1 + len(content)
    following = text.find(slip.character, end)
    if cut < end or end < len(text):
        fix = fix_of(
            f"close the string with {slip.character}",
            edit(cut, cut, slip.character),
            # Where the next quote closes something, the string may as well go on up to there.
            safe=bool(content)
            and not (following > 0 and ends_string(text, following + 1))
            and _HARMLESS.fullmatch(text, start + 1, end) is not None
            and ends_surely(text, cut, slip.opener),
        )
    else:
        fix = None
        notes_of(parser).cut_short = True
    report(
        parser,
        errors.UNCLOSED_STRING,
        "a string is not closed",
        end,
        end,
        f"expected {slip.character} before the end of the {'line' if fix else 'file'}",
        related=((start, start + 1, "the string starts here"),),
        fix=fix,
    )
    return _string(slip, start, cut, string_value(text, start + 1, cut)[0])


def wrong_quotes(slip: Slip) -> int | None:
    """A string in curly quotes, backticks and the like."""
    text, start, parser = slip.text, slip.start, slip.parser
    if slip.kind != OTHER or slip.character not in FOREIGN_QUOTES:
        return None
    closing = _FOREIGN_END.search(text, start + 1, line_end(text, start) + 1)
    end = text.find("`", start + 1) + 1 if slip.character == "`" else 0
    if closing is not None:
        end = closing.end()
    label = "expected \" or '"
    message = "these quotes do not make a string"
    if not end:
        report(parser, errors.WRONG_QUOTES, message, start, start + 1, label)
        return _unquoted_end(slip)
    content = text[start + 1 : end - 1]
    quote = "'" if '"' in content else '"'
    fix = None
    if quote not in content and "\n" not in content and "\r" not in content:
        fix = fix_of(
            "write plain quotes",
            edit(start, start + 1, quote),
            edit(end - 1, end, quote),
            safe="\\" not in content,
        )
    report(parser, errors.WRONG_QUOTES, message, start, start + 1, label, fix=fix)
    return _string(slip, start, end, content)


def _unquoted_end(slip: Slip) -> int:
    """Let the text after a lone foreign quote end with its line, or before a comma there."""
    start = slip.start
    end = line_end(slip.text, start)
    content = slip.text[start + 1 : end].rstrip(", \t")
    return _string(slip, start, start + 1 + len(content), content)


def quote_inside(slip: Slip) -> int | None:
    """Text directly behind a string: a quote inside it, or one that is missing before."""
    text, start, parser = slip.text, slip.start, slip.parser
    if not parser.stack or len(parser.starts) < 2 or parser.kinds[-2] != STRING:
        return None
    if slip.kind not in (WORD, NUMBER) and not slip.character.isalnum():
        return None
    if text[start - 1] not in "\"'":
        return None
    if parser.state == AFTER_VALUE and last_part(parser) is None:
        return None
    first = parser.starts[-2]
    return _lost_end(slip, first) or _unescaped_quote(slip, first)


def unopened_key(slip: Slip) -> int | None:
    """A key that has its closing quote only."""
    text, parser = slip.text, slip.parser
    start = slip.start if parser.state == KEY else parser.key[1]
    found = _UNOPENED_KEY.match(text, start)
    if found is None or found.end() <= slip.start:
        return None
    end = found.end()
    report(
        parser,
        errors.UNCLOSED_STRING,
        "a key lacks its opening quote",
        start,
        start + 1,
        f"expected {text[end - 1]} before this",
        related=((end - 1, end, "the key ends here"),),
        fix=fix_of("open it", edit(start, start, text[end - 1])),
    )
    parser.key = (text[start : end - 1], start, end)
    parser.state = AFTER_KEY
    return slip.skip(end)


def _lost_end(slip: Slip, first: int) -> int | None:
    """What looks like a string's end is the start of the next one."""
    text, parser = slip.text, slip.parser
    content = text[first + 1 : slip.start - 1]
    if _MARK_AT_END.search(content) is None:
        return None
    marks = ":" if parser.state == AFTER_KEY else ",:}]"
    cut = first + 1 + min(content.find(mark) % (len(content) + 1) for mark in marks)
    report(
        parser,
        errors.UNCLOSED_STRING,
        "a string is not closed",
        slip.start,
        slip.start + 1,
        "this is outside of every string",
        related=((first, first + 1, "the string that starts here lacks its closing quote"),),
        fix=fix_of("close it", edit(cut, cut, text[first]), safe=False),
    )
    return _reread(slip, first, cut, string_value(text, first + 1, cut)[0])


def _unescaped_quote(slip: Slip, first: int) -> int | None:
    text, start, parser = slip.text, slip.start, slip.parser
    quote = text[first]
    inner = [start - 1]
    end = string_stop(text, start, quote)
    while text[end : end + 1] == quote and not ends_string(text, end + 1):
        inner.append(end)
        end = string_stop(text, end + 1, quote)
    if text[end : end + 1] != quote:
        return None
    report(
        parser,
        errors.UNESCAPED_QUOTE,
        "a quote inside a string needs a backslash before it",
        start - 1,
        start,
        "the string ends here",
        fix=fix_of("put a backslash before it", *[edit(at, at, "\\") for at in inner], safe=False),
    )
    return _reread(slip, first, end + 1, string_value(text, first + 1, end)[0])


def _reread(slip: Slip, first: int, end: int, value: str) -> int:
    """Put another string in the place of the one just read."""
    parser = slip.parser
    finding = parser.errors.pop()
    if parser.state == AFTER_VALUE:
        _, into = parser.innermost()
        last = into.pop()
        if slip.in_object:
            parser.key = (last.key, last.key_start, last.key_end)
    else:
        parser.state = KEY
    rewind(parser, first)
    parser.errors.append(finding)
    parser.starts.append(first)
    parser.kinds.append(OTHER)
    return _string(slip, first, end, value)


def _string(slip: Slip, start: int, end: int, value: str) -> int:
    """Go on after a string, which is a key where a key is expected."""
    parser: Parser = slip.parser
    if parser.state == KEY:
        parser.key = (value, start, end)
        parser.state = AFTER_KEY
    else:
        attach(parser, StringNode(parser.source, start, end, value))
    return end
