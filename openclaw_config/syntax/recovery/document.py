"""What stands around the root and between the tokens: comments, other languages, an early end."""

from __future__ import annotations

import re
from bisect import bisect_right
from unicodedata import category

from openclaw_config.diagnostics.model import Diagnostic, Edit, Fix
from openclaw_config.syntax import errors, nodes
from openclaw_config.syntax import text as tokens
from openclaw_config.syntax.nodes import AFTER_KEY, AFTER_VALUE, END, ITEM, KEY, VALUE
from openclaw_config.syntax.recovery.core import QUOTES, Cursor, closer_of, edit, start_of
from openclaw_config.syntax.recovery.punctuation import NO_VALUE, reopen
from openclaw_config.syntax.text import Span

_NAMES = {"\u2028": "line separator (U+2028)", "\u2029": "paragraph separator (U+2029)"}
# Behind a backslash it only breaks the line and is no part of the string.
_SEPARATOR = re.compile(r"\\[\s\S]|([\u2028\u2029])")
_TOGETHER = 1000
"""So many comments one below the other are one finding at most."""

_COMMENT_END = re.compile(r"[\n\r\u2028\u2029]|\Z")
_MARKUP_COMMENT = re.compile(r"<!--(?:(?!\*/|-->)[\s\S])*-->")
_CONFLICT = re.compile(r"(?:<{7}|\|{7}|={7}|>{7})(?=[ \t\n\r]|\Z)")


def foreign_comment(here: Cursor) -> int | None:
    """``# …``, ``-- …`` and ``<!-- … -->``; those one below the other are one finding."""
    text, start, kinds = here.text, here.start, here.kinds
    markup = _MARKUP_COMMENT.match(text, start)
    mark = _line_comment_mark(here)
    edits: tuple[Edit, ...]
    safe = True
    if markup is not None:
        end = markup.end()
        edits = (edit(start, start + 4, "/*"), edit(end - 3, end, "*/"))
        message, title = "a comment stands between /* and */", "write /* and */"
    elif mark:
        end = _COMMENT_END.search(text, start).start()  # type: ignore[union-attr]
        edits = (edit(start, start + len(mark), "//"),)
        message, title = f"a comment starts with // and not with {mark}", "write //"
        # Dashes may stand before a line that is meant to count, the rest of a string behind `#`.
        safe = mark == "#" and (here.first_in_line or not QUOTES & set(text[start:end]))
    else:
        return None
    last = here.errors[-1] if here.errors else None
    above = last.fix if last is not None and last.rule == errors.wrong_comment.name else None
    follows = kinds[:-1].rstrip(bytes([tokens.SPACE])).endswith(bytes([tokens.COMMENT]))
    kinds[-1] = tokens.COMMENT
    if last and above and above.safe == safe and follows and len(above.edits) < _TOGETHER:
        here.amend(last, Fix(title, above.edits + edits, safe))
    else:
        at = start, edits[0].span.end
        here.report(errors.wrong_comment, *edits, message=message, title=title, at=at, safe=safe)
    return end


def _line_comment_mark(here: Cursor) -> str:
    """The mark of a line comment in another language that the token is; empty for none."""
    text, start = here.text, here.start
    if here.character == "#":
        after = text[start + 1 : start + 2]
        if not after or after.isspace() or after in "#!":
            return "#"
        # "#fff" is a value without quotes where a value may stand, else a line commented out.
        value_fits = here.state in (VALUE, ITEM) and after.isalnum()
        return "#" if here.first_in_line and not value_fits else ""
    if text.startswith("--", start) and not text.startswith("---", start):
        return "--" if here.first_in_line or text[start + 2 : start + 3].isspace() else ""
    return ""


def unclosed_comment(here: Cursor) -> int | None:
    """``/*`` without ``*/``: taken to end with its line when what follows makes sense."""
    text, start = here.text, here.start
    if not text.startswith("/*", start):
        return None
    end = here.line_end(start)
    if here.peek(end)[0] == tokens.OTHER or not text[start + 2 : end].strip():
        end = len(text)
    here.report(errors.unclosed_comment, edit(end, end, " */"), at=(start, start + 2), safe=False)
    here.kinds[-1] = tokens.COMMENT
    here.cut_short = here.cut_short or end == len(text)
    return end


def invisible_character(here: Cursor) -> int | None:
    """Control and format characters, halves of characters, and what Unicode calls none."""
    text, start = here.text, here.start
    end = start
    while end < len(text) and _is_invisible(text[end]):
        end += 1
    if end == start:
        return None
    what = "an invisible character" if end == start + 1 else "invisible characters"
    here.report(
        errors.invisible_character,
        write=" ",
        message=f"{what} (U+{ord(here.character):04X}) cannot stand here",
        at=(start, end),
    )
    return here.skip(end)


def _is_invisible(character: str) -> bool:
    return category(character) in ("Cc", "Cf", "Cs") and character not in tokens.WHITE_SPACE


def merge_conflict(here: Cursor) -> int | None:
    """Git's marks: an error where a conflict starts, and a way on through both versions."""
    text, start = here.text, here.start
    if nodes.line_start(text, start) != start or _CONFLICT.match(text, start) is None:
        return None
    if here.character == "<" or not here.conflict:
        here.conflict = True
        helps = ("keep what is right of both versions and delete the marks",)
        here.report(errors.merge_conflict, at=(start, start + 7), helps=helps)
    end = here.line_end(start)
    ended = here.peek(end)[0] in (tokens.COMMA, *tokens.CLOSING)
    if here.state == AFTER_VALUE and not ended:
        # The comma that belongs here may stand in the other version.
        here.state = here.next_part
    return here.skip(end)


_ITEM = re.compile(r"-[ \t]+(?![ \t\n\r])(?![\w.]*[0-9][\w.]*[ \t]*(?:[,\]}]|\Z))(?!Infinity|NaN)")
_MEMBER = re.compile(r"[\w$.-]+:(?=[ \t\n\r]|\Z)")
_DOCUMENT = re.compile(
    r"---[ \t]*[\n\r]+(?![ \t]*[{\[])|[\w$.-]+:[ \t]*(?:#.*)?[\n\r]+[ \t]*(?:-[ \t]|[\w$.-]+:)"
)


def yaml(here: Cursor) -> int | None:
    """A line of YAML: an item after a dash, or a member that stands deeper than its key."""
    text, start = here.text, here.start
    if not here.first_in_line:
        return None
    found = _ITEM.match(text, start)
    if not here.stack:
        found = _DOCUMENT.match(text, start) or found
    elif here.in_object and len(nodes.indentation(text, start)) > len(
        nodes.indentation(text, here.key[1])
    ):
        found = found or _MEMBER.match(text, start)
    if found is None:
        return None
    here.report(
        errors.yaml,
        at=(start, here.line_end(start)),
        helps=(
            "write { and } around the members of an object, [ and ] around the items of a list,"
            " commas between them, and quotes around text",
        ),
    )
    return here.stop()


# An assignment, an export, a heading or the fence of a code block.
_PREFIX = re.compile(r"[^:,;{}\[\]\"']*")
_MARKUP = re.compile(r"<(\?xml|!doctype|html|head|body|!--)\b[^>\r\n]*>?", re.IGNORECASE)
_UP_TO_COLON = re.compile(r"[^:=]*")
_UP_TO_BRACKET = re.compile(r"[^{\[\n\r]*(?=[{\[])")
_BRACKET_FIRST_IN_LINE = re.compile(r"^[ \t]*(?=[{\[])", re.MULTILINE)
_CLOSING_REMAINS = re.compile(r"[;,)` \t\r\n]*\Z")


def markup(here: Cursor) -> int | None:
    """A page of the web or another document in angle brackets."""
    found = _MARKUP.match(here.text, here.start)
    if found is None:
        return None
    here.report(
        errors.unexpected_text,
        message=f"this is {'XML' if found[1] == '?xml' else 'HTML'}, and no config",
        label="expected { here",
        at=found.span(),
        helps=("a download may have brought an error page in place of the file",),
    )
    return here.stop()


def missing_braces(here: Cursor) -> int | None:
    """A key at the top of the file: the root object lacks its braces."""
    text, start = here.text, here.start
    if here.kind not in (tokens.WORD, tokens.OTHER) or not here.key_ahead(start):
        return None
    if text[_UP_TO_COLON.match(text, start).end()] != ":":  # type: ignore[union-attr]
        return None
    _open_root(here, start)
    return here.replay(KEY)


def directive(here: Cursor) -> int | None:
    """``"use strict";`` before the config, as in a program."""
    root = here.root
    end = here.end if here.character == ";" else here.start
    _, after = here.peek(end)
    if not isinstance(root, nodes.StringNode) or here.text[after : after + 1] not in ("{", "["):
        return None
    here.report(
        errors.text_before_root,
        edit(root.start, after),
        label="a config has no directives",
        title="delete this line",
        at=(root.start, end),
    )
    here.roots.clear()
    return here.replay(VALUE) if end == here.start else here.skip(end, VALUE)


def colon_after_root(here: Cursor) -> int | None:
    """The root was the first key of an object that lacks its braces."""
    root = here.root
    if root is None or isinstance(root, nodes.CONTAINERS):
        return None
    here.rewind(root.start)
    _open_root(here, root.start)
    here.state = KEY
    return root.start


def _open_root(here: Cursor, start: int) -> None:
    """Report the missing braces and go on in the object that they should enclose."""
    here.open_root = True
    here.braces = here.report(errors.missing_braces)
    root = nodes.ObjectNode(here.source, start, start)
    here.roots[:] = [root]
    here.stack.append(root)


def _put_braces(here: Cursor, braces: Diagnostic) -> None:
    """Now that the end is reached it is known whether the closing brace is missing too."""
    text, start = here.text, here.roots[0].start
    edits = [edit(start, start, "{ ")]
    if here.state != END:
        size, end = len(text), nodes.line_break(text)
        closer = "}" + end if text.endswith(("\n", "\r")) else end + "}"
        edits.append(edit(size, size, closer))
    # Where only one brace is missing, more may be missing on that side.
    whole = len(edits) == 2 and len(here.stack) < 2 and not here.cut_short
    safe = whole and here.bracket_balance() == 0
    here.amend(braces, Fix(errors.missing_braces.fix, tuple(edits), safe))


def text_before_root(here: Cursor) -> int | None:
    """An assignment, an export or a heading before the config's first bracket."""
    text, start = here.text, here.start
    found = _UP_TO_BRACKET.match(text, start) or _BRACKET_FIRST_IN_LINE.search(text, start)
    if found is None:
        return None
    end = found.end()
    here.prefix = here.report(
        errors.text_before_root,
        edit(start, end),
        at=(start, min(end, here.line_end(start))),
        safe=here.balance == 0 and _PREFIX.fullmatch(text, start, end) is not None,
    )
    return here.skip(end)


def continued_root(here: Cursor) -> int | None:
    """Members after the root's end: it was closed too early, and goes on."""
    root = here.root
    if not isinstance(root, nodes.ObjectNode):
        return None
    comma = here.kind == tokens.COMMA
    if not here.key_ahead(here.peek(here.end)[1] if comma else here.start):
        return None
    here.open_root = True
    return reopen(here, root, AFTER_VALUE if comma else KEY)


def text_after_root(here: Cursor) -> int:
    """Anything else after the root; where it is more than a mark, reading stops."""
    text, start = here.text, here.start
    if here.conflict:
        return here.stop()
    edits: tuple[Edit, ...] = ()
    if _CLOSING_REMAINS.match(text, start) is not None:
        edits = (edit(start, len(text.rstrip(" \t\r\n"))),)
        if here.prefix is not None:
            # "module.exports = {…};" is one mistake, not two.
            first = here.prefix.fix
            assert first is not None
            here.amend(here.prefix, first._replace(edits=first.edits + edits))
            return here.skip(len(text))
    here.report(errors.text_after_root, *edits)
    return here.skip(len(text)) if edits else here.stop()


def _early_end(here: Cursor) -> None:
    """The text ends although something more is expected: one error, however much is open."""
    state, size = here.state, len(here.text)
    if not here.stack:
        if here.root is None and state == VALUE:
            blank = not here.text.strip("\ufeff \t\r\n")
            message = "the file is empty" if blank else "the file holds comments only"
            here.report(errors.empty_file, message=message, at=(size, size))
        return
    value_missing = state in (AFTER_KEY, VALUE)
    if here.cut_short:
        pass
    elif not here.open_root or len(here.stack) > 1:
        _report_unclosed(here, value_missing)
    elif value_missing:
        related = ((*here.key[1:], NO_VALUE),)
        here.report(errors.missing_value, at=(size, size), related=related)
    for container in here.stack:
        container.close(size)


def _report_unclosed(here: Cursor, value_missing: bool) -> None:
    size, stack = len(here.text), here.stack
    guess = here.suspect()
    only = f"the {stack[-1].kind} is not closed"
    shown = [guess] if guess else stack[:-4:-1]
    what = "by its indentation, this is the one" if guess else "opened here"
    closing, safe = _closing(here, guess)
    here.report(
        errors.unclosed_bracket,
        *(() if value_missing else (closing,)),
        message=only if len(stack) == 1 else f"{len(stack)} objects and arrays are not closed",
        label="expected a value" if value_missing else f"expected {closer_of(stack[-1])}",
        title="close what is open",
        at=(size, size),
        safe=safe,
        related=tuple((node.start, node.start + 1, what) for node in shown),
    )


def _closing(here: Cursor, guess: nodes.Node | None) -> tuple[Edit, bool]:
    """The missing brackets, each on a line of its own where its partner stands on another line.

    Also whether they are certain.
    """
    text, stack = here.text, here.stack
    at = here.end_before(0)
    closers = ""
    for container in reversed(stack):
        if nodes.line_start(text, container.start) != nodes.line_start(text, at):
            closers += nodes.line_break(text) + nodes.indentation(text, container.start)
        closers += closer_of(container)
    on_own_line = closers[0] in "\r\n"
    if on_own_line:
        # Behind the comments that may follow the last value.
        at = len(text.rstrip(" \t\r\n"))
    certain = len(stack) == 1 and guess is None and on_own_line and _is_whole(here)
    return edit(at, at, closers), certain


def _is_whole(here: Cursor) -> bool:
    """Whether the text lacks nothing but the root's end: it does not look cut off."""
    text, at = here.text, here.end_before(0)
    ended = here.has_trailing_comma(at - 1) if text[at - 1] == "," else text[at : at + 1] in "\r\n"
    if not ended or not text.endswith(("\n", "\r")):
        return False
    # A bracket that closes a line's worth at the root's own depth may be the root's.
    last = nodes.line_start(text, at)
    deeper = len(nodes.indentation(text, at)) > len(nodes.indentation(text, here.stack[0].start))
    return deeper or text[last:at].strip()[:1] not in ("}", "]")


def finish(here: Cursor) -> None:
    """Report what only the whole text shows, and put the findings in the text's order."""
    if here.state != END:
        _early_end(here)
    if here.braces is not None:
        _put_braces(here, here.braces)
    for container in here.nameless:
        container.fill([one for one in container.members if one.key_start < one.key_end])
    _distrust(here)
    _report_line_separators(here)
    here.errors.sort(key=start_of)


def _distrust(here: Cursor) -> None:
    """A fix is not safe where it touches what another error leaves in doubt.

    Nor is any where reading stopped: what was not read may be wrong as well.
    """
    size = len(here.text)
    doubtful = [Span(0, size)] if here.stopped else []
    for finding in here.errors:
        if not (finding.fix and finding.fix.safe):
            start, end = _reach(finding)
            # A string that may go on may hold all that follows.
            open_string = finding.rule == errors.unclosed_string.name
            doubtful.append(Span(start, size if open_string else end))
    for index, finding in enumerate(here.errors):
        fix = finding.fix
        if fix is not None and fix.safe and doubtful:
            start, end = _reach(finding)
            if any(first <= end and start <= last for first, last in doubtful):
                here.errors[index] = finding._replace(fix=fix._replace(safe=False))


def _reach(finding: Diagnostic) -> Span:
    """The stretch of an error and of its fix."""
    edits = finding.fix.edits if finding.fix else ()
    spans = [*([finding.location.span] if finding.location else []), *(one.span for one in edits)]
    return Span(min(start for start, _ in spans), max(end for _, end in spans))


def _report_line_separators(here: Cursor) -> None:
    text = here.text
    for found in _SEPARATOR.finditer(text) if not set(_NAMES).isdisjoint(text) else ():
        token = bisect_right(here.starts, found.start()) - 1
        in_string = found[1] and here.kinds[token] == tokens.STRING
        if in_string and len(here.errors) < nodes.MAX_ERRORS:
            here.report(
                errors.line_separator_in_string,
                write=f"\\u{ord(found[1]):04x}",
                message=f"a raw {_NAMES[found[1]]} stands in a string",
                at=found.span(),
            )
