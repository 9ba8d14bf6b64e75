"""Slips that may stand anywhere: foreign comments, characters nobody sees, marks of a merge."""

from __future__ import annotations

import re
from unicodedata import category

from openclaw_config.diagnostics.model import Fix
from openclaw_config.syntax import errors
from openclaw_config.syntax.parser import AFTER_VALUE, ITEM, KEY, VALUE, Parser
from openclaw_config.syntax.recovery.quotes import FOREIGN_QUOTES
from openclaw_config.syntax.recovery.slip import (
    Slip,
    edit,
    fix_of,
    line_end,
    notes_of,
    peek,
    report,
)
from openclaw_config.syntax.scanner import (
    CLOSE_ARRAY,
    CLOSE_OBJECT,
    COMMA,
    COMMENT,
    OTHER,
    SPACE,
    WHITE_SPACE,
)
from openclaw_config.syntax.tree import line_start

_TOGETHER = 1000
"""So many comments one below the other are one finding at most."""

_QUOTES = FOREIGN_QUOTES | frozenset("\"'")
_COMMENT_END = re.compile(r"[\n\r\u2028\u2029]|\Z")
_MARKUP_COMMENT = re.compile(r"<!--(?:(?!\*/|-->)[\s\S])*-->")
_CONFLICT = re.compile(r"(?:<{7}|\|{7}|={7}|>{7})(?=[ \t\n\r]|\Z)")


def foreign_comment(slip: Slip) -> int | None:
    """``# …``, ``-- …`` and ``<!-- … -->``."""
    text, start = slip.text, slip.start
    markup = _MARKUP_COMMENT.match(text, start)
    if markup is not None:
        end = markup.end()
        edits = edit(start, start + 4, "/*"), edit(end - 3, end, "*/")
        _comment(slip, "a comment stands between /* and */", fix_of("write /* and */", *edits))
        return end
    mark = _line_comment_mark(slip)
    if not mark:
        return None
    end = _COMMENT_END.search(text, start).start()  # type: ignore[union-attr]
    # Dashes may stand before a line that is meant to count, and the rest of a string behind `#`.
    safe = mark == "#" and (_is_first_in_line(slip) or not _QUOTES & set(text[start:end]))
    change = edit(start, start + len(mark), "//")
    message = f"a comment starts with // and not with {mark}"
    _comment(slip, message, fix_of("write //", change, safe=safe))
    return end


def _is_first_in_line(slip: Slip) -> bool:
    return not slip.text[line_start(slip.text, slip.start) : slip.start].strip()


def _line_comment_mark(slip: Slip) -> str:
    """The mark of a line comment in another language that the slip is; empty for none."""
    text, start = slip.text, slip.start
    first_in_line = _is_first_in_line(slip)
    if slip.character == "#":
        after = text[start + 1 : start + 2]
        if not after or after.isspace() or after in "#!":
            return "#"
        # "#fff" is a value without quotes where a value may stand, else a line commented out.
        value_may_stand = slip.parser.state in (VALUE, ITEM) and after.isalnum()
        return "#" if first_in_line and not value_may_stand else ""
    if text.startswith("--", start) and not text.startswith("---", start):
        return "--" if first_in_line or text[start + 2 : start + 3].isspace() else ""
    return ""


def _comment(slip: Slip, message: str, fix: Fix) -> None:
    parser, start = slip.parser, slip.start
    last = parser.errors[-1] if parser.errors else None
    if (
        last is not None
        and last.fix is not None
        and last.rule == errors.WRONG_COMMENT.name
        and len(last.fix.edits) < _TOGETHER
        and last.fix.safe == fix.safe
        and _follows_comment(parser)
    ):
        # Comments one below the other are one slip.
        fix = fix._replace(edits=last.fix.edits + fix.edits)
        parser.errors[-1] = last._replace(fix=fix)
    else:
        mark = fix.edits[0].span.end
        report(parser, errors.WRONG_COMMENT, message, start, mark, fix=fix)
    parser.kinds[-1] = COMMENT


def _follows_comment(parser: Parser) -> bool:
    kinds = parser.kinds
    before = len(kinds) - 2
    while before >= 0 and kinds[before] == SPACE:
        before -= 1
    return before >= 0 and kinds[before] == COMMENT


def unclosed_comment(slip: Slip) -> int | None:
    """``/*`` without ``*/``: taken to end with its line when what follows makes sense."""
    parser, text, start = slip.parser, slip.text, slip.start
    if not text.startswith("/*", start):
        return None
    end = line_end(text, start)
    kind, _ = peek(text, end)
    if kind == OTHER or not text[start + 2 : end].strip():
        end = len(text)
    report(
        parser,
        errors.UNCLOSED_COMMENT,
        "this comment is never closed",
        start,
        start + 2,
        "expected */ somewhere after this",
        fix=fix_of("close it with */", edit(end, end, " */"), safe=False),
    )
    parser.kinds[-1] = COMMENT
    if end == len(text):
        notes_of(parser).cut_short = True
    return end


def invisible_character(slip: Slip) -> int | None:
    """Control and format characters, halves of characters, and what Unicode calls none."""
    text, start = slip.text, slip.start
    end = start
    while end < len(text) and _is_invisible(text[end]):
        end += 1
    if end == start:
        return None
    code = f"U+{ord(slip.character):04X}"
    what = "an invisible character" if end == start + 1 else "invisible characters"
    report(
        slip.parser,
        errors.INVISIBLE_CHARACTER,
        f"{what} ({code}) cannot stand here",
        start,
        end,
        fix=fix_of("put a space in its place", edit(start, end, " ")),
    )
    return slip.skip(end)


def _is_invisible(character: str) -> bool:
    return category(character) in ("Cc", "Cf", "Cs") and character not in WHITE_SPACE


def merge_conflict(slip: Slip) -> int | None:
    """Git's marks: an error where a conflict starts, and a way on through both versions."""
    parser, text, start = slip.parser, slip.text, slip.start
    if line_start(text, start) != start or _CONFLICT.match(text, start) is None:
        return None
    notes = notes_of(parser)
    if slip.character == "<" or not notes.conflict:
        notes.conflict = True
        report(
            parser,
            errors.MERGE_CONFLICT,
            "git left a merge conflict here",
            start,
            start + 7,
            helps=("keep what is right of both versions and delete the marks",),
        )
    end = line_end(text, start)
    if parser.state == AFTER_VALUE and peek(text, end)[0] not in (COMMA, CLOSE_ARRAY, CLOSE_OBJECT):
        # The comma that belongs here may stand in the other version.
        parser.state = KEY if slip.in_object else ITEM
    return slip.skip(end)
