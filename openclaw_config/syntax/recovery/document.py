"""What stands around the root and between the tokens: comments, other languages, an early end."""

from __future__ import annotations

import re
from bisect import bisect_right
from unicodedata import category

from openclaw_config.diagnostics.model import Edit, Fix
from openclaw_config.syntax import errors, nodes
from openclaw_config.syntax import text as tokens
from openclaw_config.syntax.nodes import AFTER_KEY, AFTER_VALUE, END, ITEM, KEY, VALUE
from openclaw_config.syntax.recovery.core import QUOTES, Cursor, closer_of, edit, start_of
from openclaw_config.syntax.recovery.punctuation import reopen

_NAMES = {"\u2028": "line separator (U+2028)", "\u2029": "paragraph separator (U+2029)"}
# Behind a backslash it only breaks the line and is no part of the string.
_SEPARATOR = re.compile(r"\\[\s\S]|([\u2028\u2029])")
_TOGETHER = 1000
"""So many comments one below the other are one finding at most."""

_COMMENT_END = re.compile(r"[\n\r\u2028\u2029]|\Z")
_CONFLICT = re.compile(r"(?:<{7}|\|{7}|={7}|>{7})(?=[ \t\n\r]|\Z)")


def hash_comment(here: Cursor) -> int | None:
    """``# …``; those one below the other are one finding."""
    text, start, first = here.text, here.start, here.first_in_line
    after = text[start + 1 : start + 2].strip()
    # "#fff" is a value without quotes where a value may stand, else a line commented out.
    value_fits = here.state in (VALUE, ITEM) and after.isalnum()
    if after not in ("", "#", "!") and (value_fits or not first):
        return None
    end = _COMMENT_END.search(text, start).start()  # type: ignore[union-attr]
    here.kinds[-1] = tokens.COMMENT
    # What stands behind a hash may be the rest of a string.
    safe = first or not QUOTES & set(text[start:end])
    change = edit(start, start + 1, "//")
    last = here.errors[-1] if here.errors else None
    above = last.fix if last is not None and last.rule == errors.wrong_comment.name else None
    if last and above and above.safe == safe and len(above.edits) < _TOGETHER:
        line_end = here.line_end(above.edits[-1].span.start)
        if not text[line_end:start].strip():
            here.errors[-1] = last._replace(fix=above._replace(edits=(*above.edits, change)))
            return end
    here.report(errors.wrong_comment, change, safe=safe)
    return end


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
_PREFIX = re.compile(r"""(?:["']use strict["'];?)?[^:,;{}\[\]"']*""")
_MARKUP = re.compile(r"<(\?xml|!doctype|html|head|body|!--)\b[^>\r\n]*>?", re.IGNORECASE)
_UP_TO_COLON = re.compile(r"[^:=]*")
_UP_TO_BRACKET = re.compile(r"[^{\[\n\r]*(?=[{\[])")
# After an assignment or an export, if there is one.
_BRACKET_FIRST_IN_LINE = re.compile(
    r"^[ \t]*+(?:[\w. \t]*+=[ \t]*+|export default[ \t]++)?(?=[{\[])", re.MULTILINE
)
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


def scalar_root(here: Cursor) -> int | None:
    """A root that is none: the first key of a config without braces, or a line before the config.

    Such a line is ``"use strict";``, as a program has it.
    """
    root = here.root
    if root is None or isinstance(root, nodes.CONTAINERS):
        return None
    if here.character == ":":
        here.rewind(root.start)
        _open_root(here, root.start)
        here.state = KEY
        return root.start
    if not isinstance(root, nodes.StringNode) or _before_root(here.text, root.start) is None:
        return None
    here.rewind(root.start)
    here.roots.clear()
    here.starts.append(root.start)
    here.kinds.append(tokens.OTHER)
    here.start, here.state = root.start, VALUE
    return text_before_root(here)


def _open_root(here: Cursor, start: int) -> None:
    """Report the missing braces and go on in the object that they should enclose."""
    here.open_root = True
    here.report(errors.missing_braces)
    root = nodes.ObjectNode(here.source, start, start)
    here.roots[:] = [root]
    here.stack.append(root)


def _put_braces(here: Cursor, at: int) -> None:
    """Add the fix: now that the end is reached, it is known whether both braces are missing."""
    text, start = here.text, here.roots[0].start
    size, line_end = len(text), nodes.line_break(text)
    edits = [edit(start, start, "{ ")]
    if here.state != END:
        ended = text.endswith(("\n", "\r"))
        if not ended and len(here.errors) > 1:
            return  # what another fix adds to the last line would stand behind the brace
        edits.append(edit(size, size, "}" + line_end if ended else line_end + "}"))
    # Where only one brace is missing, more may be missing on that side.
    whole = len(edits) == 2 and len(here.stack) < 2 and not here.cut_short
    fix = Fix(errors.missing_braces.fix, tuple(edits), whole and here.bracket_balance() == 0)
    here.errors[at] = here.errors[at]._replace(fix=fix)


def text_before_root(here: Cursor) -> int | None:
    """An assignment, an export or a heading before the config's first bracket."""
    text, start = here.text, here.start
    end = _before_root(text, start)
    if end is None:
        return None
    here.report(
        errors.text_before_root,
        edit(start, end),
        at=(start, min(end, here.line_end(start))),
        safe=here.balance == 0 and _PREFIX.fullmatch(text, start, end) is not None,
    )
    return here.skip(end)


def _before_root(text: str, start: int) -> int | None:
    """Where the text before the config ends, if there is one."""
    found = _UP_TO_BRACKET.match(text, start) or _BRACKET_FIRST_IN_LINE.search(text, start)
    return found.end() if found else None


def continued_root(here: Cursor) -> int | None:
    """Members after the root's end: it was closed too early, and goes on."""
    root = here.root
    comma = here.kind == tokens.COMMA
    if not isinstance(root, nodes.ObjectNode) or not here.key_ahead(
        here.peek(here.end)[1] if comma else here.start
    ):
        return None
    here.open_root = True
    return reopen(here, root, AFTER_VALUE if comma else KEY)


def text_after_root(here: Cursor) -> int:
    """Anything else after the root; where it is more than a mark, reading stops."""
    text, start = here.text, here.start
    if here.conflict:
        return here.stop()
    if _CLOSING_REMAINS.match(text, start) is None:
        here.report(errors.text_after_root)
        return here.stop()
    here.report(errors.text_after_root, edit(start, len(text.rstrip(" \t\r\n"))))
    return here.skip(len(text))


def _early_end(here: Cursor) -> None:
    """The text ends although something more is expected: one error, however much is open."""
    size, stack = len(here.text), here.stack
    if not stack:
        blank = not here.text.strip("\ufeff \t\r\n")
        message = "the file is empty" if blank else "the file holds comments only"
        here.report(errors.empty_file, message=message, at=(size, size))
    elif not here.cut_short and (not here.open_root or len(stack) > 1):
        value_missing = here.state in (AFTER_KEY, VALUE)
        guess = here.suspect()
        shown = [guess] if guess else stack[:-4:-1]
        what = "by its indentation, this is the one" if guess else "opened here"
        only = f"the {stack[-1].kind} is not closed"
        here.report(
            errors.unclosed_bracket,
            *(() if value_missing else (_closing(here),)),
            message=only if len(stack) == 1 else f"{len(stack)} objects and arrays are not closed",
            label="expected a value" if value_missing else f"expected {closer_of(stack[-1])}",
            at=(size, size),
            safe=len(stack) == 1 and guess is None and _is_whole(here),
            related=tuple((node.start, node.start + 1, what) for node in shown),
        )
    for container in stack:
        container.close(size)


def _is_whole(here: Cursor) -> bool:
    """Whether the text lacks only its last line: it looks neither cut off nor closed already."""
    text, last = here.text, here.end_before(0) - 1
    line = nodes.line_start(text, last)
    ended = text.endswith(("\n", "\r")) and line > here.stack[0].start and text[line] not in "}]"
    return ended and (text[last] != "," or here.has_trailing_comma(last))


def _closing(here: Cursor) -> Edit:
    """The missing brackets, each on a line of its own where its partner stands on another line."""
    text = here.text
    at = here.end_before(0)
    closers = ""
    for container in reversed(here.stack):
        if nodes.line_start(text, container.start) != nodes.line_start(text, at):
            closers += nodes.line_break(text) + nodes.indentation(text, container.start)
        closers += closer_of(container)
    if closers[0] in "\r\n":
        # Behind the comments that may follow the last value.
        at = len(text.rstrip(" \t\r\n"))
    return edit(at, at, closers)


def finish(here: Cursor) -> None:
    """Report what only the whole text shows, and put the findings in the text's order."""
    if here.state != END:
        _early_end(here)
    for at, found in enumerate(here.errors):
        if found.rule == errors.missing_braces.name:
            _put_braces(here, at)
    for container in here.nameless:
        container.fill([one for one in container.members if one.key_start < one.key_end])
    _report_line_separators(here)
    here.errors.sort(key=start_of)
    _distrust(here)


def _distrust(here: Cursor) -> None:
    """A fix is not safe on a line that another error leaves in doubt, or behind an open string.

    Nor is any where reading stopped: what was not read may be wrong as well.
    """
    doubtful = [one for one in here.errors if not (one.fix and one.fix.safe)]
    lines = {nodes.line_start(here.text, start_of(one)) for one in doubtful}
    open_strings = [start_of(one) for one in doubtful if one.rule == errors.unclosed_string.name]
    last = 0 if here.stopped else min(open_strings, default=len(here.text))
    for index, one in enumerate(here.errors):
        if one.fix and one.fix.safe:
            at = one.fix.edits[0].span.start
            if at >= last or nodes.line_start(here.text, at) in lines:
                here.errors[index] = one._replace(fix=one.fix._replace(safe=False))


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
