"""What stands around the root and between the tokens: comments, other languages, an early end."""

from __future__ import annotations

import re
from bisect import bisect_right
from unicodedata import category

from openclaw_config.diagnostics.model import Diagnostic, Fix
from openclaw_config.syntax import errors
from openclaw_config.syntax.nodes import (
    ArrayNode,
    Node,
    ObjectNode,
    StringNode,
    indentation,
    line_start,
)
from openclaw_config.syntax.parser import AFTER_KEY, AFTER_VALUE, END, ITEM, KEY, VALUE, Parser
from openclaw_config.syntax.recovery.core import (
    MAX_ERRORS,
    UnexpectedToken,
    amend,
    balance,
    edit,
    ends_surely,
    fix_of,
    key_ahead,
    last_end,
    line_end,
    peek,
    recovery_of,
    report,
    rewind,
    start_of,
    stop,
)
from openclaw_config.syntax.recovery.punctuation import closer_of, name_of, reopen, suspect
from openclaw_config.syntax.recovery.strings import FOREIGN_QUOTES
from openclaw_config.syntax.scanner import (
    CLOSE_ARRAY,
    CLOSE_OBJECT,
    COLON,
    COMMA,
    COMMENT,
    OTHER,
    SPACE,
    STRING,
    WHITE_SPACE,
    WORD,
)
from openclaw_config.syntax.spans import Location, Span

_NAMES = {"\u2028": "line separator (U+2028)", "\u2029": "paragraph separator (U+2029)"}
_TOGETHER = 1000
"""So many comments one below the other are one finding at most."""

_QUOTES = FOREIGN_QUOTES | frozenset("\"'")
_COMMENT_END = re.compile(r"[\n\r\u2028\u2029]|\Z")
_MARKUP_COMMENT = re.compile(r"<!--(?:(?!\*/|-->)[\s\S])*-->")
_CONFLICT = re.compile(r"(?:<{7}|\|{7}|={7}|>{7})(?=[ \t\n\r]|\Z)")


def foreign_comment(token: UnexpectedToken) -> int | None:
    """``# …``, ``-- …`` and ``<!-- … -->``."""
    text, start = token.text, token.start
    markup = _MARKUP_COMMENT.match(text, start)
    if markup is not None:
        end = markup.end()
        edits = edit(start, start + 4, "/*"), edit(end - 3, end, "*/")
        _comment(token, "a comment stands between /* and */", fix_of("write /* and */", *edits))
        return end
    mark = _line_comment_mark(token)
    if not mark:
        return None
    end = _COMMENT_END.search(text, start).start()  # type: ignore[union-attr]
    # Dashes may stand before a line that is meant to count, and the rest of a string behind `#`.
    safe = mark == "#" and (_is_first_in_line(token) or not _QUOTES & set(text[start:end]))
    change = edit(start, start + len(mark), "//")
    message = f"a comment starts with // and not with {mark}"
    _comment(token, message, fix_of("write //", change, safe=safe))
    return end


def _is_first_in_line(token: UnexpectedToken) -> bool:
    return not token.text[line_start(token.text, token.start) : token.start].strip()


def _line_comment_mark(token: UnexpectedToken) -> str:
    """The mark of a line comment in another language that the token is; empty for none."""
    text, start = token.text, token.start
    first_in_line = _is_first_in_line(token)
    if token.character == "#":
        after = text[start + 1 : start + 2]
        if not after or after.isspace() or after in "#!":
            return "#"
        # "#fff" is a value without quotes where a value may stand, else a line commented out.
        value_may_stand = token.parser.state in (VALUE, ITEM) and after.isalnum()
        return "#" if first_in_line and not value_may_stand else ""
    if text.startswith("--", start) and not text.startswith("---", start):
        return "--" if first_in_line or text[start + 2 : start + 3].isspace() else ""
    return ""


def _comment(token: UnexpectedToken, message: str, fix: Fix) -> None:
    parser, start = token.parser, token.start
    last = parser.errors[-1] if parser.errors else None
    if (
        last is not None
        and last.fix is not None
        and last.rule == errors.wrong_comment.name
        and len(last.fix.edits) < _TOGETHER
        and last.fix.safe == fix.safe
        and _follows_comment(parser)
    ):
        # Comments one below the other are one token.
        fix = fix._replace(edits=last.fix.edits + fix.edits)
        parser.errors[-1] = last._replace(fix=fix)
    else:
        mark = fix.edits[0].span.end
        token.report(errors.wrong_comment, message, at=(start, mark), fix=fix)
    parser.kinds[-1] = COMMENT


def _follows_comment(parser: Parser) -> bool:
    kinds = parser.kinds
    before = len(kinds) - 2
    while before >= 0 and kinds[before] == SPACE:
        before -= 1
    return before >= 0 and kinds[before] == COMMENT


def unclosed_comment(token: UnexpectedToken) -> int | None:
    """``/*`` without ``*/``: taken to end with its line when what follows makes sense."""
    parser, text, start = token.parser, token.text, token.start
    if not text.startswith("/*", start):
        return None
    end = line_end(text, start)
    kind, _ = peek(text, end)
    if kind == OTHER or not text[start + 2 : end].strip():
        end = len(text)
    token.report(
        errors.unclosed_comment,
        "this comment is never closed",
        "expected */ somewhere after this",
        at=(start, start + 2),
        fix=fix_of("close it with */", edit(end, end, " */"), safe=False),
    )
    parser.kinds[-1] = COMMENT
    if end == len(text):
        recovery_of(parser).cut_short = True
    return end


def invisible_character(token: UnexpectedToken) -> int | None:
    """Control and format characters, halves of characters, and what Unicode calls none."""
    text, start = token.text, token.start
    end = start
    while end < len(text) and _is_invisible(text[end]):
        end += 1
    if end == start:
        return None
    code = f"U+{ord(token.character):04X}"
    what = "an invisible character" if end == start + 1 else "invisible characters"
    token.report(
        errors.invisible_character,
        f"{what} ({code}) cannot stand here",
        at=(start, end),
        fix=fix_of("put a space in its place", edit(start, end, " ")),
    )
    return token.skip(end)


def _is_invisible(character: str) -> bool:
    return category(character) in ("Cc", "Cf", "Cs") and character not in WHITE_SPACE


def merge_conflict(token: UnexpectedToken) -> int | None:
    """Git's marks: an error where a conflict starts, and a way on through both versions."""
    parser, text, start = token.parser, token.text, token.start
    if line_start(text, start) != start or _CONFLICT.match(text, start) is None:
        return None
    recovery = recovery_of(parser)
    if token.character == "<" or not recovery.conflict:
        recovery.conflict = True
        token.report(
            errors.merge_conflict,
            "git left a merge conflict here",
            at=(start, start + 7),
            helps=("keep what is right of both versions and delete the marks",),
        )
    end = line_end(text, start)
    if parser.state == AFTER_VALUE and peek(text, end)[0] not in (COMMA, CLOSE_ARRAY, CLOSE_OBJECT):
        # The comma that belongs here may stand in the other version.
        parser.state = KEY if token.in_object else ITEM
    return token.skip(end)


_ITEM = re.compile(r"-[ \t]+(?![ \t\n\r])(?![\w.]*[0-9][\w.]*[ \t]*(?:[,\]}]|\Z))(?!Infinity|NaN)")
_MEMBER = re.compile(r"[\w$.-]+:(?=[ \t\n\r]|\Z)")
_DOCUMENT = re.compile(
    r"---[ \t]*[\n\r]+(?![ \t]*[{\[])|[\w$.-]+:[ \t]*(?:#.*)?[\n\r]+[ \t]*(?:-[ \t]|[\w$.-]+:)"
)


def yaml(token: UnexpectedToken) -> int | None:
    """A line of YAML: an item after a dash, or a member that stands deeper than its key."""
    parser, text, start = token.parser, token.text, token.start
    if text[line_start(text, start) : start].strip():
        return None
    if not parser.stack:
        found = _DOCUMENT.match(text, start) or _ITEM.match(text, start)
    elif token.in_object and parser.state == VALUE:
        _, key_start, _ = parser.key
        deeper = len(indentation(text, start)) > len(indentation(text, key_start))
        found = _ITEM.match(text, start) or (_MEMBER.match(text, start) if deeper else None)
    else:
        found = _ITEM.match(text, start)
    if found is None:
        return None
    token.report(
        errors.yaml,
        "this is YAML, and a config is JSON5",
        "reading stopped here",
        at=(start, line_end(text, start)),
        helps=(
            "write { and } around the members of an object, [ and ] around the items of a list,"
            " commas between them, and quotes around text",
        ),
    )
    return stop(parser)


# An assignment, an export, a heading or the fence of a code block.
_PREFIX = re.compile(r"[^:,;{}\[\]\"']*")
_MARKUP = re.compile(r"<(\?xml|!doctype|html|head|body|!--)\b[^>\r\n]*>?", re.IGNORECASE)
_UP_TO_COLON = re.compile(r"[^:=]*")
_UP_TO_BRACKET = re.compile(r"[^{\[\n\r]*(?=[{\[])")
_BRACKET_FIRST_IN_LINE = re.compile(r"^[ \t]*(?=[{\[])", re.MULTILINE)
_CLOSING_REMAINS = re.compile(r"[;,)` \t\r\n]*\Z")


def markup(token: UnexpectedToken) -> int | None:
    """A page of the web or another document in angle brackets."""
    parser, text, start = token.parser, token.text, token.start
    found = _MARKUP.match(text, start)
    if found is None:
        return None
    kind = "XML" if found[1] == "?xml" else "HTML"
    token.report(
        errors.unexpected_text,
        f"this is {kind}, and no config",
        "expected { here",
        at=(start, found.end()),
        helps=("a download may have brought an error page in place of the file",),
    )
    return stop(parser)


def missing_braces(token: UnexpectedToken) -> int | None:
    """A key at the top of the file: the root object lacks its braces."""
    parser, text, start = token.parser, token.text, token.start
    if token.kind not in (WORD, OTHER) or not key_ahead(text, start):
        return None
    colon = _UP_TO_COLON.match(text, start).end()  # type: ignore[union-attr]
    if text[colon] != ":":
        return None
    _report_missing_braces(parser, start, start)
    return token.replay(KEY)


def directive(token: UnexpectedToken) -> int | None:
    """``"use strict";`` before the config, as in a program."""
    parser, text = token.parser, token.text
    root = parser.roots[0] if parser.roots else None
    end = token.end if token.character == ";" else token.start
    _, after = peek(text, end)
    if not isinstance(root, StringNode) or text[after : after + 1] not in ("{", "["):
        return None
    token.report(
        errors.text_before_root,
        "there is text before the config",
        "a config has no directives",
        at=(root.start, end),
        fix=fix_of("delete this line", edit(root.start, after, "")),
    )
    parser.roots.clear()
    if end == token.start:
        return token.replay(VALUE)
    parser.state = VALUE
    return token.skip(end)


def colon_after_root(token: UnexpectedToken) -> int | None:
    """The root was the first key of an object that lacks its braces."""
    parser = token.parser
    root = parser.roots[0] if parser.roots else None
    if token.kind != COLON or root is None or isinstance(root, (ObjectNode, ArrayNode)):
        return None
    rewind(parser, root.start)
    _report_missing_braces(parser, root.start, token.start)
    parser.state = KEY
    return root.start


def _report_missing_braces(parser: Parser, start: int, place: int) -> None:
    """Report the missing braces and go on in the object that they should enclose."""
    recovery = recovery_of(parser)
    recovery.open_root = True
    recovery.braces = report(
        parser,
        errors.missing_braces,
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
    recovery = recovery_of(parser)
    if recovery.braces is None:
        return
    start = parser.roots[0].start
    edits = [edit(start, start, "{ ")]
    if parser.state != END:
        size, line_break = len(parser.text), _line_break(parser.text)
        line_ended = parser.text.endswith(("\n", "\r"))
        edits.append(edit(size, size, "}" + line_break if line_ended else line_break + "}"))
    # Where only one brace is missing, more may be missing on that side.
    whole = len(edits) == 2 and len(parser.stack) < 2 and not recovery.cut_short
    safe = whole and balance(parser.text) == 0
    amend(parser, recovery.braces, fix_of("put braces around everything", *edits, safe=safe))


def text_before_root(token: UnexpectedToken) -> int | None:
    """An assignment, an export or a heading before the config's first bracket."""
    parser, text, start = token.parser, token.text, token.start
    found = _UP_TO_BRACKET.match(text, start) or _BRACKET_FIRST_IN_LINE.search(text, start)
    if found is None:
        return None
    recovery_of(parser).prefix = token.report(
        errors.text_before_root,
        "there is text before the config",
        "expected { here",
        at=(start, min(found.end(), line_end(text, start))),
        fix=fix_of(
            "delete it",
            edit(start, found.end(), ""),
            safe=recovery_of(parser).balance == 0
            and _PREFIX.fullmatch(text, start, found.end()) is not None,
        ),
    )
    return token.skip(found.end())


def continued_root(token: UnexpectedToken) -> int | None:
    """Members after the root's end: it was closed too early, and goes on."""
    parser, text = token.parser, token.text
    root = parser.roots[0] if parser.roots else None
    if not isinstance(root, ObjectNode):
        return None
    comma = token.kind == COMMA
    if not key_ahead(text, peek(text, token.end)[1] if comma else token.start):
        return None
    recovery_of(parser).open_root = True
    return reopen(token, root, AFTER_VALUE if comma else KEY)


def text_after_root(token: UnexpectedToken) -> int | None:
    """Anything else after the root; where it is more than a mark, reading stops."""
    parser, text, start = token.parser, token.text, token.start
    recovery = recovery_of(parser)
    if recovery.conflict:
        return stop(parser)
    fix: Fix | None = None
    only_marks = _CLOSING_REMAINS.match(text, start) is not None
    if only_marks:
        size = len(text.rstrip(" \t\r\n"))
        fix = fix_of("delete it", edit(start, size, ""))
        if recovery.prefix is not None:
            # "module.exports = {…};" is one mistake, not two.
            first = recovery.prefix.fix
            assert first is not None
            amend(parser, recovery.prefix, first._replace(edits=first.edits + fix.edits))
            return token.skip(len(text))
    token.report(
        errors.text_after_root,
        "there is text after the config",
        "the config has ended before this",
        fix=fix,
    )
    return token.skip(len(text)) if only_marks else stop(parser)


def at_end(parser: Parser) -> None:
    """What only the end of the text shows."""
    if parser.state != END:
        _early_end(parser)
    _put_braces(parser)
    if recovery_of(parser).stopped:
        # What was not read may be wrong as well; a fix would uncover it.
        for index, finding in enumerate(parser.errors):
            if finding.fix is not None:
                fix = finding.fix._replace(safe=False)
                parser.errors[index] = finding._replace(fix=fix)


def _early_end(parser: Parser) -> None:
    """The text ends although something more is expected: one error, however much is open."""
    size = len(parser.text)
    state, stack = parser.state, parser.stack
    if not stack:
        if not parser.roots and state == VALUE:
            blank = not parser.text.strip("\ufeff \t\r\n")
            message = "the file is empty" if blank else "the file holds comments only"
            report(parser, errors.empty_file, message, size, size, "expected {")
        return
    recovery = recovery_of(parser)
    value_missing = state in (AFTER_KEY, VALUE)
    if not recovery.cut_short:
        if not recovery.open_root or len(stack) > 1:
            _report_unclosed(parser, value_missing)
        elif value_missing:
            _, key_start, key_end = parser.key
            related = [(key_start, key_end, "the value of this key is missing")]
            report(parser, errors.missing_value, "a key has no value", size, size, related=related)
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
        errors.unclosed_bracket,
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


def finish(parser: Parser) -> None:
    """Report what only the whole text shows, and put the findings in the text's order."""
    at_end(parser)
    if parser.recovery is not None:
        for container in parser.recovery.nameless:
            container.members[:] = [m for m in container.members if m.key_start < m.key_end]
    _distrust_neighbours(parser)
    _report_line_separators(parser)
    parser.errors.sort(key=start_of)


def _distrust_neighbours(parser: Parser) -> None:
    """A fix is not safe where it touches what another error leaves in doubt."""
    size = len(parser.text)
    doubtful = [
        # A string that may go on may hold all that follows.
        Span(_reach(finding).start, size)
        if finding.rule == errors.unclosed_string.name
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
                    errors.line_separator_in_string.at(
                        where, f"a raw {_NAMES[separator]} stands in a string", fix=fix
                    )
                )
            at = text.find(separator, at + 1)


def _is_escaped(text: str, at: int) -> bool:
    before = at
    while text[before - 1] == "\\":
        before -= 1
    return (at - before) % 2 == 1
