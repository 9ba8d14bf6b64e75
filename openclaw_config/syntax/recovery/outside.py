"""Slips before, around and after the root, and the text's early end."""

from __future__ import annotations

import re

from openclaw_config.diagnostics.model import Fix
from openclaw_config.syntax import errors
from openclaw_config.syntax.nodes import ArrayNode, Node, ObjectNode, StringNode
from openclaw_config.syntax.parser import AFTER_KEY, AFTER_VALUE, END, KEY, VALUE, Parser
from openclaw_config.syntax.recovery.brackets import (
    closer_of,
    name_of,
    reopen,
    suspect,
)
from openclaw_config.syntax.recovery.slip import (
    Slip,
    amend,
    balance,
    edit,
    ends_surely,
    fix_of,
    key_ahead,
    last_end,
    line_end,
    notes_of,
    peek,
    report,
    rewind,
    stop,
)
from openclaw_config.syntax.scanner import (
    COLON,
    COMMA,
    OTHER,
    WORD,
)
from openclaw_config.syntax.tree import indentation, line_start

# An assignment, an export, a heading or the fence of a code block.
_PREFIX = re.compile(r"[^:,;{}\[\]\"']*")
_MARKUP = re.compile(r"<(\?xml|!doctype|html|head|body|!--)\b[^>\r\n]*>?", re.IGNORECASE)
_UP_TO_COLON = re.compile(r"[^:=]*")
_UP_TO_BRACKET = re.compile(r"[^{\[\n\r]*(?=[{\[])")
_BRACKET_FIRST_IN_LINE = re.compile(r"^[ \t]*(?=[{\[])", re.MULTILINE)
_CLOSING_REMAINS = re.compile(r"[;,)` \t\r\n]*\Z")


def markup(slip: Slip) -> int | None:
    """A page of the web or another document in angle brackets."""
    parser, text, start = slip.parser, slip.text, slip.start
    found = _MARKUP.match(text, start)
    if found is None:
        return None
    kind = "XML" if found[1] == "?xml" else "HTML"
    report(
        parser,
        errors.UNEXPECTED_TEXT,
        f"this is {kind}, and no config",
        start,
        found.end(),
        "expected { here",
        helps=("a download may have brought an error page in place of the file",),
    )
    return stop(parser)


def missing_braces(slip: Slip) -> int | None:
    """A key at the top of the file: the root object lacks its braces."""
    parser, text, start = slip.parser, slip.text, slip.start
    if slip.kind not in (WORD, OTHER) or not key_ahead(text, start):
        return None
    colon = _UP_TO_COLON.match(text, start).end()  # type: ignore[union-attr]
    if text[colon] != ":":
        return None
    _report_missing_braces(parser, start, start)
    return slip.replay(KEY)


def directive(slip: Slip) -> int | None:
    """``"use strict";`` before the config, as in a program."""
    parser, text = slip.parser, slip.text
    root = parser.roots[0] if parser.roots else None
    end = slip.end if slip.character == ";" else slip.start
    _, after = peek(text, end)
    if not isinstance(root, StringNode) or text[after : after + 1] not in ("{", "["):
        return None
    report(
        parser,
        errors.TEXT_BEFORE_ROOT,
        "there is text before the config",
        root.start,
        end,
        "a config has no directives",
        fix=fix_of("delete this line", edit(root.start, after, "")),
    )
    parser.roots.clear()
    if end == slip.start:
        return slip.replay(VALUE)
    parser.state = VALUE
    return slip.skip(end)


def colon_after_root(slip: Slip) -> int | None:
    """The root was the first key of an object that lacks its braces."""
    parser = slip.parser
    root = parser.roots[0] if parser.roots else None
    if slip.kind != COLON or root is None or isinstance(root, (ObjectNode, ArrayNode)):
        return None
    rewind(parser, root.start)
    _report_missing_braces(parser, root.start, slip.start)
    parser.state = KEY
    return root.start


def _report_missing_braces(parser: Parser, start: int, place: int) -> None:
    """Report the missing braces and go on in the object that they should enclose."""
    notes = notes_of(parser)
    notes.open_root = True
    notes.braces = report(
        parser,
        errors.MISSING_BRACES,
        "a config is one object, in { and }",
        place,
        place + 1,
        "expected { before the first key",
    )
    root = ObjectNode(parser.source, start, start, [])
    parser.roots[:] = [root]
    parser.stack.append(root)


def _put_braces(parser: Parser) -> None:
    """Now that the end is reached it is known whether the closing brace is missing too."""
    notes = notes_of(parser)
    if notes.braces is None:
        return
    start = parser.roots[0].start
    edits = [edit(start, start, "{ ")]
    if parser.state != END:
        size, line_break = len(parser.text), _line_break(parser.text)
        line_ended = parser.text.endswith(("\n", "\r"))
        edits.append(edit(size, size, "}" + line_break if line_ended else line_break + "}"))
    # Where only one brace is missing, more may be missing on that side.
    whole = len(edits) == 2 and len(parser.stack) < 2 and not notes.cut_short
    safe = whole and balance(parser.text) == 0
    amend(parser, notes.braces, fix_of("put braces around everything", *edits, safe=safe))


def text_before_root(slip: Slip) -> int | None:
    """An assignment, an export or a heading before the config's first bracket."""
    parser, text, start = slip.parser, slip.text, slip.start
    found = _UP_TO_BRACKET.match(text, start) or _BRACKET_FIRST_IN_LINE.search(text, start)
    if found is None:
        return None
    notes_of(parser).prefix = report(
        parser,
        errors.TEXT_BEFORE_ROOT,
        "there is text before the config",
        start,
        min(found.end(), line_end(text, start)),
        "expected { here",
        fix=fix_of(
            "delete it",
            edit(start, found.end(), ""),
            safe=notes_of(parser).balance == 0
            and _PREFIX.fullmatch(text, start, found.end()) is not None,
        ),
    )
    return slip.skip(found.end())


def continued_root(slip: Slip) -> int | None:
    """Members after the root's end: it was closed too early, and goes on."""
    parser, text = slip.parser, slip.text
    root = parser.roots[0] if parser.roots else None
    if not isinstance(root, ObjectNode):
        return None
    comma = slip.kind == COMMA
    if not key_ahead(text, peek(text, slip.end)[1] if comma else slip.start):
        return None
    notes_of(parser).open_root = True
    return reopen(slip, root, AFTER_VALUE if comma else KEY)


def text_after_root(slip: Slip) -> int | None:
    """Anything else after the root; where it is more than a mark, reading stops."""
    parser, text, start = slip.parser, slip.text, slip.start
    notes = notes_of(parser)
    if notes.conflict:
        return stop(parser)
    fix: Fix | None = None
    only_marks = _CLOSING_REMAINS.match(text, start) is not None
    if only_marks:
        size = len(text.rstrip(" \t\r\n"))
        fix = fix_of("delete it", edit(start, size, ""))
        if notes.prefix is not None:
            # "module.exports = {…};" is one slip, not two.
            first = notes.prefix.fix
            assert first is not None
            amend(parser, notes.prefix, first._replace(edits=first.edits + fix.edits))
            return slip.skip(len(text))
    report(
        parser,
        errors.TEXT_AFTER_ROOT,
        "there is text after the config",
        start,
        start + 1,
        "the config has ended before this",
        fix=fix,
    )
    return slip.skip(len(text)) if only_marks else stop(parser)


def at_end(parser: Parser) -> None:
    """What only the end of the text shows."""
    if parser.state != END:
        _early_end(parser)
    _put_braces(parser)
    if notes_of(parser).stopped:
        # What was not read may be wrong as well; a fix would uncover it.
        for index, finding in enumerate(parser.errors):
            if finding.fix is not None:
                fix = finding.fix._replace(safe=False)
                parser.errors[index] = finding._replace(fix=fix)


def _early_end(parser: Parser) -> None:
    """The text ends although something more is expected: one slip, however much is open."""
    size = len(parser.text)
    state, stack = parser.state, parser.stack
    if not stack:
        if not parser.roots and state == VALUE:
            blank = not parser.text.strip("\ufeff \t\r\n")
            message = "the file is empty" if blank else "the file holds comments only"
            report(parser, errors.EMPTY_FILE, message, size, size, "expected {")
        return
    notes = notes_of(parser)
    value_missing = state in (AFTER_KEY, VALUE)
    if not notes.cut_short:
        if not notes.open_root or len(stack) > 1:
            _report_unclosed(parser, value_missing)
        elif value_missing:
            _, key_start, key_end = parser.key
            related = [(key_start, key_end, "the value of this key is missing")]
            report(parser, errors.MISSING_VALUE, "a key has no value", size, size, related=related)
    for container in stack:
        container.end = size


def _report_unclosed(parser: Parser, value_missing: bool) -> None:
    size, stack = len(parser.text), parser.stack
    guess = suspect(parser)
    innermost = stack[-1]
    if len(stack) == 1:
        message = f"the {name_of(innermost)} is not closed"
    else:
        message = f"{len(stack)} objects and arrays are not closed"
    shown = [guess] if guess else stack[:-4:-1]
    what = "by its indentation, this is the one" if guess else "opened here"
    report(
        parser,
        errors.UNCLOSED_BRACKET,
        message,
        size,
        size,
        "expected a value" if value_missing else f"expected {closer_of(innermost)}",
        related=[(node.start, node.start + 1, what) for node in shown],
        fix=None if value_missing else _closing(parser, guess),
    )


def _closing(parser: Parser, guess: Node | None) -> Fix:
    """The missing brackets, each on a line of its own where its partner stands on another line."""
    text, stack = parser.text, parser.stack
    at = last_end(parser)
    closers = ""
    for container in reversed(stack):
        if line_start(text, container.start) != line_start(text, at):
            closers += _line_break(text) + indentation(text, container.start)
        closers += closer_of(container)
    on_own_line = closers[0] in "\r\n"
    if on_own_line:
        # Behind the comments that may follow the last value.
        at = len(text.rstrip(" \t\r\n"))
    certain = len(stack) == 1 and guess is None and on_own_line and _is_whole(parser)
    return fix_of("close what is open", edit(at, at, closers), safe=certain)


def _is_whole(parser: Parser) -> bool:
    """Whether the text lacks nothing but the root's end: it does not look cut off."""
    text, at = parser.text, last_end(parser)
    if not text.endswith(("\n", "\r")) or not ends_surely(f"{text}}}", at - (text[at - 1] == ",")):
        return False
    # A bracket that closes a line's worth at the root's own depth may be the root's.
    last = line_start(text, at)
    deeper = len(indentation(text, at)) > len(indentation(text, parser.stack[0].start))
    return deeper or text[last:at].strip()[:1] not in ("}", "]")


def _line_break(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"
