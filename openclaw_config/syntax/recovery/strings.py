"""Strings, words and numbers: wrong or missing quotes, misspelt words, odd numbers."""

from __future__ import annotations

import re

from openclaw_config.diagnostics.model import Fix
from openclaw_config.syntax import errors
from openclaw_config.syntax.literals import LITERALS, literal_node, number_value, string_value
from openclaw_config.syntax.nodes import Node, NumberNode, StringNode, line_start
from openclaw_config.syntax.parser import AFTER_KEY, AFTER_VALUE, END, KEY, VALUE, Parser
from openclaw_config.syntax.recovery.core import (
    MAX_ERRORS,
    UnexpectedToken,
    attach,
    edit,
    ends_surely,
    fix_of,
    last_part,
    line_end,
    peek,
    recovery_of,
    report,
    rewind,
    string_stop,
)
from openclaw_config.syntax.scanner import (
    COMMA,
    NUMBER,
    OTHER,
    STRING,
    WORD,
    next_token,
    skip_white_space,
)
from openclaw_config.syntax.spans import Span

_BRACED_ESCAPE = re.compile(r"\\u\{([0-9A-Fa-f]{1,6})\}")

_DOUBLE = "“”„‟«»"
_SINGLE = "‘’‚‛`´"
FOREIGN_QUOTES = frozenset(_DOUBLE + _SINGLE)
"""What people and their programs put for a quote."""

_LONGEST = 20
"""Lines that a string with raw line ends may have before we believe that its quote is missing."""

# What may follow a string: a mark, a comment, or the end of the line.
_AFTER = r"(?=[ \t]*(?:[,:}\]\n\r]|//|/\*|\Z))"
_STRING_ENDS = re.compile(_AFTER)
_OTHER_QUOTE = {'"': re.compile(f"['{_DOUBLE}]{_AFTER}"), "'": re.compile(f'["{_SINGLE}]{_AFTER}')}
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


def unclosed_string(token: UnexpectedToken) -> int | None:
    """A quote with no other of its kind before the line ends."""
    if token.kind != OTHER or token.character not in "\"'":
        return None
    end = string_stop(token.text, token.start + 1, token.character)
    return (
        _mixed_quotes(token, end)
        or _escaped_end(token, end)
        or _newline_in_string(token, end)
        or _missing_quote(token, end)
    )


def _mixed_quotes(token: UnexpectedToken, end: int) -> int | None:
    start = token.start
    other = _OTHER_QUOTE[token.character].search(token.text, start + 1, end + 1)
    if other is None:
        return None
    at = other.start()
    token.report(
        errors.mixed_quotes,
        "a string ends with another quote than it starts with",
        f"expected {token.character}",
        at=(at, at + 1),
        related=((start, start + 1, "the string starts here"),),
        fix=fix_of(
            f"write {token.character}",
            edit(at, at + 1, token.character),
            safe=not {"\\", token.text[at]} & set(token.text[start:at]),
        ),
    )
    return _string(token, start, at + 1, string_value(token.text, start + 1, at)[0])


def _escaped_end(token: UnexpectedToken, end: int) -> int | None:
    """A backslash before the closing quote, as in a Windows path."""
    text, start = token.text, token.start
    at = text.find("\\" + token.character, start + 1, end)
    if at < 0 or not ends_string(text, at + 2):
        return None
    token.report(
        errors.unclosed_string,
        "a backslash before the closing quote keeps the string open",
        at=(at, at + 2),
        related=((start, start + 1, "the string starts here"),),
        fix=fix_of("write the backslash twice", edit(at, at, "\\"), safe=False),
    )
    return _string(token, start, at + 2, string_value(text, start + 1, at)[0] + "\\")


def _newline_in_string(token: UnexpectedToken, end: int) -> int | None:
    text, start = token.text, token.start
    breaks: list[tuple[int, int]] = []
    pieces = [text[start + 1 : end]]
    while len(breaks) < _LONGEST:
        line_break = _LINE_BREAK.match(text, end)
        if line_break is None or _STRUCTURE.match(text, line_break.end()):
            return None
        breaks.append(line_break.span())
        end = string_stop(text, line_break.end(), token.character)
        pieces.append(text[line_break.end() : end])
        if text[end : end + 1] == token.character:
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
    token.report(
        errors.newline_in_string,
        "a string cannot run over the end of its line",
        "expected the closing quote",
        at=(first, last),
        related=((start, start + 1, "the string starts here"),),
        fix=fix_of(
            "write the line break as \\n" if lines else "join the lines",
            *[edit(*span, seam) for span in breaks],
            safe=False,
        ),
    )
    return _string(token, start, end + 1, string_value(joined, 0, len(joined))[0])


def _missing_quote(token: UnexpectedToken, end: int) -> int:
    """End the string on its line, before the marks that are hardly part of it."""
    text, start, parser = token.text, token.start, token.parser
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
    following = text.find(token.character, end)
    if cut < end or end < len(text):
        fix = fix_of(
            f"close the string with {token.character}",
            edit(cut, cut, token.character),
            # Where the next quote closes something, the string may as well go on up to there.
            safe=bool(content)
            and not (following > 0 and ends_string(text, following + 1))
            and _HARMLESS.fullmatch(text, start + 1, end) is not None
            and ends_surely(text, cut, token.opener),
        )
    else:
        fix = None
        recovery_of(parser).cut_short = True
    token.report(
        errors.unclosed_string,
        "a string is not closed",
        f"expected {token.character} before the end of the {'line' if fix else 'file'}",
        at=(end, end),
        related=((start, start + 1, "the string starts here"),),
        fix=fix,
    )
    return _string(token, start, cut, string_value(text, start + 1, cut)[0])


def wrong_quotes(token: UnexpectedToken) -> int | None:
    """A string in curly quotes, backticks and the like."""
    text, start = token.text, token.start
    if token.kind != OTHER or token.character not in FOREIGN_QUOTES:
        return None
    closing = _FOREIGN_END.search(text, start + 1, line_end(text, start) + 1)
    end = text.find("`", start + 1) + 1 if token.character == "`" else 0
    if closing is not None:
        end = closing.end()
    label = "expected \" or '"
    message = "these quotes do not make a string"
    if not end:
        token.report(errors.wrong_quotes, message, label)
        return _unquoted_end(token)
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
    token.report(errors.wrong_quotes, message, label, fix=fix)
    return _string(token, start, end, content)


def _unquoted_end(token: UnexpectedToken) -> int:
    """Let the text after a lone foreign quote end with its line, or before a comma there."""
    start = token.start
    end = line_end(token.text, start)
    content = token.text[start + 1 : end].rstrip(", \t")
    return _string(token, start, start + 1 + len(content), content)


def quote_inside(token: UnexpectedToken) -> int | None:
    """Text directly behind a string: a quote inside it, or one that is missing before."""
    text, start, parser = token.text, token.start, token.parser
    if not parser.stack or len(parser.starts) < 2 or parser.kinds[-2] != STRING:
        return None
    if token.kind not in (WORD, NUMBER) and not token.character.isalnum():
        return None
    if text[start - 1] not in "\"'":
        return None
    if parser.state == AFTER_VALUE and last_part(parser) is None:
        return None
    first = parser.starts[-2]
    return _lost_end(token, first) or _unescaped_quote(token, first)


def unopened_key(token: UnexpectedToken) -> int | None:
    """A key that has its closing quote only."""
    text, parser = token.text, token.parser
    start = token.start if parser.state == KEY else parser.key[1]
    found = _UNOPENED_KEY.match(text, start)
    if found is None or found.end() <= token.start:
        return None
    end = found.end()
    token.report(
        errors.unclosed_string,
        "a key lacks its opening quote",
        f"expected {text[end - 1]} before this",
        at=(start, start + 1),
        related=((end - 1, end, "the key ends here"),),
        fix=fix_of("open it", edit(start, start, text[end - 1])),
    )
    parser.key = (text[start : end - 1], start, end)
    parser.state = AFTER_KEY
    return token.skip(end)


def _lost_end(token: UnexpectedToken, first: int) -> int | None:
    """What looks like a string's end is the start of the next one."""
    text, parser = token.text, token.parser
    content = text[first + 1 : token.start - 1]
    if _MARK_AT_END.search(content) is None:
        return None
    marks = ":" if parser.state == AFTER_KEY else ",:}]"
    cut = first + 1 + min(content.find(mark) % (len(content) + 1) for mark in marks)
    token.report(
        errors.unclosed_string,
        "a string is not closed",
        "this is outside of every string",
        related=((first, first + 1, "the string that starts here lacks its closing quote"),),
        fix=fix_of("close it", edit(cut, cut, text[first]), safe=False),
    )
    return _reread(token, first, cut, string_value(text, first + 1, cut)[0])


def _unescaped_quote(token: UnexpectedToken, first: int) -> int | None:
    text, start = token.text, token.start
    quote = text[first]
    inner = [start - 1]
    end = string_stop(text, start, quote)
    while text[end : end + 1] == quote and not ends_string(text, end + 1):
        inner.append(end)
        end = string_stop(text, end + 1, quote)
    if text[end : end + 1] != quote:
        return None
    token.report(
        errors.unescaped_quote,
        "a quote inside a string needs a backslash before it",
        "the string ends here",
        at=(start - 1, start),
        fix=fix_of("put a backslash before it", *[edit(at, at, "\\") for at in inner], safe=False),
    )
    return _reread(token, first, end + 1, string_value(text, first + 1, end)[0])


def _reread(token: UnexpectedToken, first: int, end: int, value: str) -> int:
    """Put another string in the place of the one just read."""
    parser = token.parser
    finding = parser.errors.pop()
    if parser.state == AFTER_VALUE:
        _, into = parser.innermost()
        last = into.pop()
        if token.in_object:
            parser.key = (last.key, last.key_start, last.key_end)
    else:
        parser.state = KEY
    rewind(parser, first)
    parser.errors.append(finding)
    parser.starts.append(first)
    parser.kinds.append(OTHER)
    return _string(token, first, end, value)


def _string(token: UnexpectedToken, start: int, end: int, value: str) -> int:
    """Go on after a string, which is a key where a key is expected."""
    parser: Parser = token.parser
    if parser.state == KEY:
        parser.key = (value, start, end)
        parser.state = AFTER_KEY
    else:
        attach(parser, StringNode(parser.source, start, end, value))
    return end


# A text without quotes goes on to a mark, a quote, a comment, the next key or the end of the line.
# A reference to a variable may be part of it, and so may an apostrophe.
_BARE_TEXT = re.compile(
    r"""(?:\$\{[^{}\n\r]*\}|(?<=\w)'(?=\w)|[^\s,{}\[\]"'`]"""
    r"""|[ \t]++(?!["'\w$.-]+[ \t]*[:=](?!/)|//|/\*|\#[ \t])(?=[^\s,{}\[\]"'`:=]))+"""
)
_REST = re.compile(r"[^,\n\r]*")
_BARE_KEY = re.compile(r"""(?=\S)(?:\\u\{[0-9A-Fa-f]*\}|[^:,{}\[\]"'`\n\r=])+""")
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
_BIG_INTEGER = re.compile(r"[-+]?[0-9]+n")
_OTHER_BASE = re.compile(r"[-+]?0(?:[bB][01]+|[oO][0-7]+)")
_SPACED_SIGN = re.compile(r"([-+])[ \t]+([0-9.].*)")
_DATE_OR_VERSION = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]+(?:\.[0-9]+){2,}(?::[0-9]+)?")
_HEXADECIMAL = re.compile(r"[-+]?0[xX]")
_BROKEN_NUMBER = re.compile(r"[-+.0-9]*(?:[eE][-+]?)?|[-+]?0[xX].*")

_SPELLINGS = {literal.lower(): literal for literal in LITERALS}
_OTHER_SPELLINGS = {"none": "null", "nil": "null", "inf": "Infinity"}
_SWITCHES = {"yes": "true", "on": "true", "no": "false", "off": "false"}


def bare_value(token: UnexpectedToken) -> int | None:
    """A word, a number or any text that is no value as it stands."""
    text, start, parser = token.text, token.start, token.parser
    found = _BARE_TEXT.match(text, start)
    if token.kind not in (WORD, OTHER) or found is None:
        return None
    end = found.end()
    open_root = recovery_of(parser).open_root and len(parser.stack) == 1
    if parser.stack and not open_root and skip_white_space(text, end) == len(text):
        # The text breaks off within a word; that it breaks off is reported at its end.
        parser.state = VALUE
        return token.skip(end)
    if text[end : end + 1] in ('"', "'"):
        if ends_string(text, end + 1):
            return _missing_opening_quote(token, end)
        end = _REST.match(text, end).end()  # type: ignore[union-attr]
    word = text[start:end].rstrip()
    end = start + len(word)
    node: Node | None
    if word[0] in "+-.0123456789":
        node = _odd_number(token, word)
    elif (literal := _literal_meant(word)) is not None:
        token.report(
            errors.misspelt_literal,
            f"this is written {literal}",
            at=(start, end),
            fix=fix_of(
                f"write {literal}",
                edit(start, end, literal),
                # `none` is as well a text without quotes; `None` comes from Python.
                safe=word == "None" or word.lower() not in _OTHER_SPELLINGS,
            ),
        )
        node = literal_node(parser.source, start, end, literal)
    elif word == "undefined":
        token.report(
            errors.undefined_value,
            "undefined is not a value",
            at=(start, end),
            fix=_without_key(token, end) if token.in_object else None,
            helps=("leave it out, or write null where null is allowed",),
        )
        node = literal_node(parser.source, start, end, "null")
    elif _EXPRESSION.search(word):
        token.report(
            errors.unexpected_text,
            "a config holds values and no code",
            "expected a value",
            at=(start, end),
        )
        node = None
    else:
        node = _unquoted_string(token, word)
    if node is None:
        parser.state = AFTER_VALUE if parser.stack else END
    else:
        attach(parser, node)
    return token.skip(end)


def _without_key(token: UnexpectedToken, end: int) -> Fix:
    """A fix that takes out the member whose value ends at an offset, with its comma and line."""
    text, start = token.text, token.parser.key[1]
    kind, comma = peek(text, end)
    end = comma + 1 if kind == COMMA else end
    first, last = line_start(text, start), line_end(text, end)
    if not text[first:start].strip() and not text[end:last].strip() and last < len(text):
        start, end = first, last + (2 if text.startswith("\r\n", last) else 1)
    return fix_of("leave the key out", edit(start, end, ""), safe=False)


def _missing_opening_quote(token: UnexpectedToken, end: int) -> int:
    parser, start = token.parser, token.start
    quote = token.text[end]
    token.report(
        errors.unclosed_string,
        "a string lacks its opening quote",
        f"expected {quote} before this",
        related=((end, end + 1, "the string ends here"),),
        fix=fix_of(
            "open it",
            edit(start, start, quote),
            safe=_PLAIN_TEXT.fullmatch(token.text, start, end) is not None,
        ),
    )
    attach(parser, StringNode(parser.source, start, end + 1, token.text[start:end]))
    return token.skip(end + 1)


def _unquoted_string(token: UnexpectedToken, word: str) -> Node:
    parser, start = token.parser, token.start
    end = start + len(word)
    switch = _SWITCHES.get(word.lower())
    helps: tuple[str, ...] = ()
    fix: Fix | None
    if switch is not None:
        fix = fix_of(f"write {switch}", edit(start, end, switch), safe=False)
        helps = (f"write {switch} to switch something, or put the word in quotes",)
    else:
        safe = (
            _PLAIN_TEXT.fullmatch(word) is not None
            and not any(part in LITERALS or _is_number(part) for part in word.split())
            and ends_surely(token.text, end, token.opener)
        )
        fix = _quoting("put it in quotes", start, word, safe)
    token.report(
        errors.unquoted_string, "a text needs quotes", at=(start, end), fix=fix, helps=helps
    )
    return StringNode(parser.source, start, end, word)


def _quoting(title: str, start: int, word: str, safe: bool) -> Fix | None:
    """Quotes around a word, as two insertions: a fix's texts show nothing of the file's."""
    end = start + len(word)
    quote = "'" if '"' in word else '"'
    if quote in word:
        return None
    return fix_of(title, edit(start, start, quote), edit(end, end, quote), safe=safe)


def _literal_meant(word: str) -> str | None:
    lower = word.lower()
    spelt = _SPELLINGS.get(lower) or _OTHER_SPELLINGS.get(lower)
    if spelt is not None or not 3 <= len(word) <= 9:
        return spelt
    likely = ("true", "false", "null", "Infinity")
    return next((literal for literal in likely if _one_slip(word, literal)), None)


def _one_slip(typed: str, meant: str) -> bool:
    """Whether one letter is missing, too many, or changed places with its neighbour."""
    shorter, longer = sorted((typed, meant), key=len)
    if len(longer) - len(shorter) == 1:
        return any(longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer)))
    return len(longer) == len(shorter) and any(
        typed[:at] + typed[at + 1 : at + 2] + typed[at : at + 1] + typed[at + 2 :] == meant
        for at in range(len(typed) - 1)
    )


def _odd_number(token: UnexpectedToken, word: str) -> Node | None:
    """What starts like a number, read as the number or the text that was meant."""
    parser, start = token.parser, token.start
    source, end = parser.source, start + len(word)
    wrong = min(_NUMBER_START.match(token.text, start).end(), end)  # type: ignore[union-attr]
    rule, message = errors.malformed_number, "this is not a number"
    fix: Fix | None = None
    number = label = ""
    plain = word.replace("_", "")
    if "_" in word and _is_number(plain):
        rule, message, number = errors.numeric_separator, "digits stand together", plain
        message = "the digits of a number are not separated by underscores"
        underscores = [edit(at, at + 1, "") for at in range(start, end) if token.text[at] == "_"]
        fix = fix_of("write the number without underscores", *underscores)
    elif zero := _LEADING_ZERO.fullmatch(word):
        rule, message = errors.leading_zero, "a number does not start with a zero"
        first, last = start + zero.start(1), start + zero.end(1)
        fix = fix_of("leave out the zero", edit(first, last, ""), safe=False)
        number = word[: zero.start(1)] + word[zero.end(1) :]
    elif _BIG_INTEGER.fullmatch(word) and _is_number(word[:-1]):
        number = word[:-1]
        fix = fix_of("leave out the n", edit(end - 1, end, ""))
    elif _OTHER_BASE.fullmatch(word):
        number = str(int(word, 0))
        fix = fix_of("write it in base ten", edit(start, end, number))
    elif (spaced := _SPACED_SIGN.fullmatch(word)) and _is_number(spaced[1] + spaced[2]):
        number = spaced[1] + spaced[2]
        gap = (start + spaced.end(1), start + spaced.start(2))
        fix = fix_of("put the sign beside the number", edit(*gap, ""))
    elif _DATE_OR_VERSION.fullmatch(word) or not _BROKEN_NUMBER.fullmatch(word):
        safe = _DATE_OR_VERSION.fullmatch(word) is not None and ends_surely(
            token.text, end, token.opener
        )
        fix = _quoting("if it is a text, put it in quotes", start, word, safe)
    else:
        label = f"expected a {'hexadecimal ' if _HEXADECIMAL.match(word) else ''}digit"
    token.report(rule, message, label, at=(wrong, end), fix=fix)
    if number:
        return NumberNode(source, start, end, number_value(number))
    return StringNode(source, start, end, word) if fix is not None else None


def _is_number(text: str) -> bool:
    match = next_token(text, 0)
    return match is not None and match.lastindex == NUMBER and match.end() == len(text)


def bare_key(token: UnexpectedToken) -> int | None:
    """A key that needs quotes. The parser may have taken its beginning for all of it."""
    text, parser = token.text, token.parser
    start = token.start if parser.state == KEY else parser.key[1]
    if (
        token.kind not in (NUMBER, OTHER, WORD)
        or text[start] in "\"'"
        or text[start] in FOREIGN_QUOTES
    ):
        return None
    found = _BARE_KEY.match(text, start)
    if (
        found is None
        or found.end() <= token.start
        or text[found.end() : found.end() + 1] not in (":", "=")
    ):
        return None
    key = found.group().rstrip()
    end = start + len(key)
    backslash = key.find("\\")
    if backslash >= 0:
        _invalid_escape(parser, start + backslash)
    else:
        token.report(
            errors.unquoted_key,
            "this key needs quotes",
            at=(token.start, end),
            fix=_quoting(
                "put the key in quotes", start, key, _PLAIN_KEY.fullmatch(key) is not None
            ),
        )
    parser.key = (key, start, end)
    parser.state = AFTER_KEY
    return token.skip(end)


def _invalid_escape(parser: Parser, backslash: int) -> None:
    text = parser.text
    at = backslash + 1
    if text[at : at + 1] == "u":
        at += 1
        while at < backslash + 6 and text[at : at + 1] in _HEX:
            at += 1
    report(
        parser,
        errors.invalid_escape,
        "this escape does not make a letter of a key",
        at,
        at + 1,
        helps=("put the key in quotes and write the letter itself",),
    )


_HEX = frozenset("0123456789abcdefABCDEF")


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
            errors.invalid_escape,
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
