"""Strings, words and numbers: wrong or missing quotes, misspelt words, odd numbers."""

from __future__ import annotations

import re

from openclaw_config.diagnostics.model import Edit
from openclaw_config.syntax import errors, nodes
from openclaw_config.syntax import text as tokens
from openclaw_config.syntax.nodes import AFTER_KEY, AFTER_VALUE, KEY, VALUE
from openclaw_config.syntax.recovery.core import DOUBLE_QUOTES, QUOTES, SINGLE_QUOTES, Cursor, edit
from openclaw_config.syntax.text import Span, number_value, string_value

_LONGEST = 20
"""Lines that a string with raw line ends may have before we believe that its quote is missing."""

# What may follow a string: a mark, a comment, or the end of the line.
_AFTER = r"(?=[ \t]*(?:[,:}\]\n\r]|//|/\*|\Z))"
_STRING_ENDS = re.compile(_AFTER)
_OTHER_QUOTE = {
    '"': re.compile(f"['{DOUBLE_QUOTES}]{_AFTER}"),
    "'": re.compile(f'["{SINGLE_QUOTES}]{_AFTER}'),
}
_FOREIGN_END = re.compile(f"[\"'{DOUBLE_QUOTES}{SINGLE_QUOTES}]{_AFTER}")
_LINE_BREAK = re.compile(r"\r\n?|\n")
# A line that begins like this is not the rest of a text from the line before.
_STRUCTURE = re.compile(
    r"""[ \t]*(?:["'][^"'\n]*["'][ \t]*[:,]|[\w$-]+[ \t]*:|[{}\[\]]|//|/\*|[\n\r]|\Z)"""
)
_HARMLESS = re.compile(r"(?:[\w.@+]|[ -](?![ -])|/(?!/))*(?<! ),?[ \t]*")
_MARK_AT_END = re.compile(r"[,:{\[][ \t]*\Z")


def ends_string(text: str, at: int) -> bool:
    """Whether a quote before this offset stands where a string may end."""
    return _STRING_ENDS.match(text, at) is not None


def unclosed_string(here: Cursor) -> int:
    """A quote with no other of its kind before the line ends."""
    end = here.string_stop(here.start + 1, here.character)
    return (
        _mixed_quotes(here, end)
        or _escaped_end(here, end)
        or _newline_in_string(here, end)
        or _missing_quote(here, end)
    )


def _started(here: Cursor) -> tuple[tuple[int, int, str]]:
    return ((here.start, here.start + 1, "the string starts here"),)


def _mixed_quotes(here: Cursor, end: int) -> int | None:
    text, start, quote = here.text, here.start, here.character
    other = _OTHER_QUOTE[quote].search(text, start + 1, end + 1)
    if other is None:
        return None
    at = other.start()
    here.report(
        errors.mixed_quotes,
        write=quote,
        label=f"expected {quote}",
        at=(at, at + 1),
        safe=not {"\\", text[at]} & set(text[start:at]),
        related=_started(here),
    )
    return _string(here, start, at + 1, string_value(text, start + 1, at))


def _escaped_end(here: Cursor, end: int) -> int | None:
    """A backslash before the closing quote, as in a Windows path."""
    text, start = here.text, here.start
    at = text.find("\\" + here.character, start + 1, end)
    if at < 0 or not ends_string(text, at + 2):
        return None
    here.report(
        errors.unclosed_string,
        edit(at, at, "\\"),
        message="a backslash before the closing quote keeps the string open",
        title="write the backslash twice",
        at=(at, at + 2),
        safe=False,
        related=_started(here),
    )
    return _string(here, start, at + 2, string_value(text, start + 1, at) + "\\")


def _newline_in_string(here: Cursor, end: int) -> int | None:
    text, start = here.text, here.start
    breaks: list[tuple[int, int]] = []
    pieces = [text[start + 1 : end]]
    while text[end : end + 1] != here.character:
        line_break = _LINE_BREAK.match(text, end)
        if (
            len(breaks) == _LONGEST
            or line_break is None
            or _STRUCTURE.match(text, line_break.end())
        ):
            return None
        breaks.append(line_break.span())
        end = here.string_stop(line_break.end(), here.character)
        pieces.append(text[line_break.end() : end])
    if not ends_string(text, end + 1):
        return None
    # A text of words may be meant to have lines. A name, a path or a key was broken by a program.
    words = any(" " in piece for piece in pieces) or all(piece.isalpha() for piece in pieces)
    seam = "\\n" if words else ""
    here.report(
        errors.newline_in_string,
        *(edit(*span, seam) for span in breaks),
        title="write the line break as \\n" if words else "join the lines",
        at=breaks[0],
        safe=False,
        related=_started(here),
    )
    content = seam.join(pieces)
    return _string(here, start, end + 1, string_value(content, 0, len(content)))


def _missing_quote(here: Cursor, end: int) -> int:
    """End the string on its line, before the marks that are hardly part of it."""
    text, start, quote = here.text, here.start, here.character
    content = text[start + 1 : end]
    if here.state == KEY:
        content = content.partition(":")[0]
    content = content.rstrip()
    while content and (
        content[-1] in ", \t"
        or (content[-1] == "}" and content.count("}") > content.count("{"))
        or (content[-1] == "]" and content.count("]") > content.count("["))
    ):
        content = content[:-1]
    cut = start + 1 + len(content)
    following = text.find(quote, end)
    fixable = cut < end or end < len(text)
    if not fixable:
        here.cut_short = True
    here.report(
        errors.unclosed_string,
        *((edit(cut, cut, quote),) if fixable else ()),
        label=f"expected {quote} before the end of the {'line' if fixable else 'file'}",
        title=f"close the string with {quote}",
        at=(end, end),
        # Where the next quote closes something, the string may as well go on up to there.
        safe=bool(content)
        and not (following > 0 and ends_string(text, following + 1))
        and _HARMLESS.fullmatch(text, start + 1, end) is not None
        and here.ends_surely(cut),
        related=_started(here),
    )
    return _string(here, start, cut, string_value(text, start + 1, cut))


def wrong_quotes(here: Cursor) -> int:
    """A string in curly quotes, backticks and the like."""
    text, start = here.text, here.start
    line_end = here.line_end(start)
    closing = _FOREIGN_END.search(text, start + 1, line_end + 1)
    # The text after a lone quote ends with its line, or before a comma there.
    end = closing.end() - 1 if closing else len(text[:line_end].rstrip(", \t"))
    content = text[start + 1 : end]
    quote = "'" if '"' in content else '"'
    edits: tuple[Edit, ...] = ()
    if closing and quote not in content:
        edits = edit(start, start + 1, quote), edit(end, end + 1, quote)
    here.report(errors.wrong_quotes, *edits, safe="\\" not in content)
    return _string(here, start, max(end, start + 1) + bool(closing), content)


def quote_inside(here: Cursor) -> int | None:
    """Text directly behind a string: a quote inside it, or one that is missing before."""
    if (
        (here.kind not in (tokens.WORD, tokens.NUMBER) and not here.character.isalnum())
        or len(here.kinds) < 2
        or here.kinds[-2] != tokens.STRING
        or here.text[here.start - 1] not in "\"'"
        or (here.state == AFTER_VALUE and here.last_part() is None)
    ):
        return None
    first = here.starts[-2]
    return _lost_end(here, first) or _unescaped_quote(here, first)


def _unopened(here: Cursor, start: int, end: int, what: str, safe: bool = True) -> int:
    """Report the missing quote of a text that has its closing one."""
    text = here.text
    here.report(
        errors.unclosed_string,
        edit(start, start, text[end - 1]),
        message=f"a {what} lacks its opening quote",
        label=f"expected {text[end - 1]} before this",
        title="open it",
        at=(start, start + 1),
        safe=safe,
        related=((end - 1, end, f"the {what} ends here"),),
    )
    return here.skip(_string(here, start, end, text[start : end - 1]))


def _lost_end(here: Cursor, first: int) -> int | None:
    """What looks like a string's end is the start of the next one."""
    text = here.text
    content = text[first + 1 : here.start - 1]
    if _MARK_AT_END.search(content) is None:
        return None
    marks = ":" if here.state == AFTER_KEY else ",:}]"
    cut = first + 1 + min(content.find(mark) % (len(content) + 1) for mark in marks)
    here.report(
        errors.unclosed_string,
        edit(cut, cut, text[first]),
        label="this is outside of every string",
        title="close it",
        safe=False,
        related=((first, first + 1, "the string that starts here lacks its closing quote"),),
    )
    return _reread(here, first, cut, string_value(text, first + 1, cut))


def _unescaped_quote(here: Cursor, first: int) -> int | None:
    text, start = here.text, here.start
    quote = text[first]
    inner = [start - 1]
    end = here.string_stop(start, quote)
    while text[end : end + 1] == quote and not ends_string(text, end + 1):
        inner.append(end)
        end = here.string_stop(end + 1, quote)
    if text[end : end + 1] != quote:
        return None
    edits = (edit(at, at, "\\") for at in inner)
    here.report(errors.unescaped_quote, *edits, at=(start - 1, start), safe=False)
    return _reread(here, first, end + 1, string_value(text, first + 1, end))


def _reread(here: Cursor, first: int, end: int, value: str) -> int:
    """Put another string in the place of the one just read."""
    finding = here.errors.pop()
    if here.state == AFTER_VALUE:
        last = here.last_part()
        here.drop_last()
        if isinstance(last, nodes.Member):
            here.key = last.key, last.key_start, last.key_end
    else:
        here.state = KEY
    here.rewind(first)
    here.errors.append(finding)
    here.starts.append(first)
    here.kinds.append(tokens.OTHER)
    return _string(here, first, end, value)


def _string(here: Cursor, start: int, end: int, value: str) -> int:
    """Go on after a string, which is a key where a key is expected."""
    if here.state == KEY:
        here.key = (value, start, end)
        here.state = AFTER_KEY
    else:
        here.attach(nodes.StringNode(here.source, start, end, value))
    return end


# A text without quotes goes on to a mark, a quote, a comment, the next key or the end of the line.
# A reference to a variable may be part of it, and so may an apostrophe.
_BARE_TEXT = re.compile(
    r"""(?:\$\{[^{}\n\r]*\}|(?<=\w)'(?=\w)|[^\s,{}\[\]"'`]"""
    r"""|[ \t]++(?!["'\w$.-]+[ \t]*[:=](?!/)|//|/\*|\#[ \t])(?=[^\s,{}\[\]"'`:=]))+"""
)
_REST = re.compile(r"[^,\n\r]*")
# With the mark of an added or a quoted line before it, it is none; its closing quote may be there.
_BARE_KEY = re.compile(
    r"""(?=\S)(?![+>-]{1,2}[ \t]|<)(?:\\u\{[0-9A-Fa-f]*\}|[^:,{}\[\]"'`\n\r=])++"""
    r"""(?:(?<=\S)["'](?=[ \t]*:)|(?=[:=]))"""
)
_KEY_ESCAPE = re.compile(r"\\(?:u[0-9A-Fa-f]{0,4})?")
# What can only be itself: nothing before it, in it or behind it may be a mistake of another kind.
_PLAIN_KEY = re.compile(r"[^\W\d][\w$*@./-]*|@\w+|[-+]?[0-9]+|\*")
_PLAIN_TEXT = re.compile(
    r"\$\{\w+\}|https?://[\w./:@?&=%~+#-]*[\w/]|\#(?:[0-9A-Fa-f]{3}){1,2}"
    r"|(?:~|\.{0,2})/[\w./@+-]+|[^\W\d](?:[\w./:@+-]|(?<=\w)'(?=\w)|(?<=\w) (?=\w))*"
)
_EXPRESSION = re.compile(r"[()]|=>|\bnew\b|\bfunction\b")

# As far as json5 reads a number before it gives up.
_NUMBER_START = re.compile(
    r"[-+]?(?:0[xX][0-9A-Fa-f]*"
    r"|(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE](?:[-+]?[0-9]*))?|\.|)"
)
_LEADING_ZERO = re.compile(r"[-+]?(0+)[0-9]+(?:\.[0-9]*)?")
_DATE_OR_VERSION = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]+(?:\.[0-9]+){2,}(?::[0-9]+)?")
_BROKEN_NUMBER = re.compile(r"[-+.0-9]*(?:[eE][-+]?)?|[-+]?0[xX].*")

_SPELLINGS = {literal.lower(): literal for literal in nodes.LITERALS}
_OTHER_SPELLINGS = {"none": "null", "nil": "null", "inf": "Infinity"} | {
    "yes": "true",
    "on": "true",
    "no": "false",
    "off": "false",
}
"""Which may as well be meant as texts."""
_MISSPELT = {
    typed: literal
    for literal in ("true", "false", "null", "Infinity")
    for at in range(len(literal))
    for typed in (
        literal[:at] + literal[at + 1 :],
        literal[:at] + literal[at] + literal[at:],
        literal[:at] + literal[at : at + 2][::-1] + literal[at + 2 :],
    )
}
"""A letter is missing or doubled, or changed places with its neighbour."""


def bare_value(here: Cursor) -> int | None:
    """A word, a number or any text that is no value as it stands."""
    text, start = here.text, here.start
    found = _BARE_TEXT.match(text, start)
    if here.kind not in (tokens.WORD, tokens.OTHER) or found is None:
        return None
    end = found.end()
    open_root = here.open_root and len(here.stack) == 1
    if here.stack and not open_root and tokens.skip_white_space(text, end) == len(text):
        # The text breaks off within a word; that it breaks off is reported at its end.
        return here.skip(end, VALUE)
    if text[end : end + 1] in ('"', "'"):
        if ends_string(text, end + 1):
            safe = _PLAIN_TEXT.fullmatch(text, start, end) is not None
            return _unopened(here, start, end + 1, "string", safe)
        end = _REST.match(text, end).end()  # type: ignore[union-attr]
    word = text[start:end].rstrip()
    end = start + len(word)
    node: nodes.Node | None = None
    lower = word.lower()
    if word[0] in "+-.0123456789":
        node = _odd_number(here, word)
    elif literal := _MISSPELT.get(word) or _SPELLINGS.get(lower) or _OTHER_SPELLINGS.get(lower):
        # `none` is as well a text without quotes; `None` comes from Python.
        safe = word == "None" or lower not in _OTHER_SPELLINGS
        here.report(
            errors.misspelt_literal,
            write=literal,
            message=f"this is written {literal}",
            at=(start, end),
            safe=safe,
            helps=() if safe else ("put the word in quotes if it is meant as a text",),
        )
        node = nodes.literal_node(here.source, start, end, literal)
    elif word == "undefined":
        here.report(errors.undefined_value, at=(start, end))
        node = nodes.literal_node(here.source, start, end, "null")
    elif _EXPRESSION.search(word):
        here.report(errors.unexpected_text, label="expected a value", at=(start, end))
    else:
        safe = (
            _PLAIN_TEXT.fullmatch(word) is not None
            and not any(part in nodes.LITERALS or _is_number(part) for part in word.split())
            and here.ends_surely(end)
        )
        here.report(errors.unquoted_string, *_quotes(start, word), at=(start, end), safe=safe)
        node = nodes.StringNode(here.source, start, end, word)
    if node is None:
        here.end_value()
    else:
        here.attach(node)
    return here.skip(end)


def _quotes(start: int, word: str) -> tuple[Edit, ...]:
    """Quotes around a word, if they fit. Two insertions: they show nothing of the file's text."""
    end = start + len(word)
    quote = "'" if '"' in word else '"'
    return () if {quote, "\\"} & set(word) else (edit(start, start, quote), edit(end, end, quote))


def _odd_number(here: Cursor, word: str) -> nodes.Node | None:
    """What starts like a number, read as the number or the text that was meant."""
    text, start, end = here.text, here.start, here.start + len(word)
    wrong = min(_NUMBER_START.match(text, start).end(), end)  # type: ignore[union-attr]
    at = wrong, end
    plain = word.replace("_", "")
    if "_" in word and _is_number(plain):
        edits = (edit(at, at + 1) for at in range(start, end) if text[at] == "_")
        here.report(errors.numeric_separator, *edits, at=at)
    elif zero := _LEADING_ZERO.fullmatch(word):
        plain = word[: zero.start(1)] + word[zero.end(1) :]
        change = edit(start + zero.start(1), start + zero.end(1))
        here.report(errors.leading_zero, change, at=at, safe=False)
    elif not (date := _DATE_OR_VERSION.fullmatch(word)) and _BROKEN_NUMBER.fullmatch(word):
        here.report(errors.malformed_number, label="expected a digit", at=at)
        return None
    else:
        safe = date is not None and here.ends_surely(end)
        here.report(errors.malformed_number, *_quotes(start, word), at=at, safe=safe)
        return nodes.StringNode(here.source, start, end, word)
    return nodes.NumberNode(here.source, start, end, number_value(plain))


def _is_number(text: str) -> bool:
    match = tokens.next_token(text, 0)
    return match is not None and match.lastindex == tokens.NUMBER and match.end() == len(text)


def bare_key(here: Cursor) -> int | None:
    """A key that needs quotes. The parser may have taken its beginning for all of it."""
    text = here.text
    # Where the parser has read the beginning of a key, that is the key so far.
    start = here.start if here.state == KEY else here.key[1]
    found = _BARE_KEY.match(text, start)
    if found is None or text[start] in QUOTES or found.end() <= here.start:
        return None
    key = found.group().rstrip()
    end = start + len(key)
    if key[-1] in "\"'":
        here.state = KEY
        return _unopened(here, start, end, "key")
    safe = _PLAIN_KEY.fullmatch(key) is not None
    # An escape is wrong from the character on that makes no letter of it.
    escape = _KEY_ESCAPE.search(key)
    at = (start + escape.end(), max(start + escape.end() + 1, end)) if escape else (here.start, end)
    here.report(errors.unquoted_key, *_quotes(start, key), at=at, safe=safe)
    here.key = (key, start, end)
    return here.skip(end, AFTER_KEY)


def report_escapes(here: Cursor, faults: list[Span]) -> None:
    """Report escapes that are not valid, each from its backslash to the character that is wrong."""
    for backslash, end in faults[: max(0, nodes.MAX_ERRORS - len(here.errors))]:
        digits = {"u": "\\u needs four", "x": "\\x needs two"}.get(here.text[backslash + 1])
        here.report(
            errors.invalid_escape,
            edit(backslash, backslash, "\\"),
            message=f"{digits} hexadecimal digits" if digits else "",
            at=(end - 1, end),
            safe=False,
        )
