"""Slips of words and numbers: texts and keys without quotes, misspelt words, odd numbers."""

from __future__ import annotations

import re

from openclaw_config.diagnostics.model import Fix
from openclaw_config.syntax import errors
from openclaw_config.syntax.literals import LITERALS, literal_node, number_value
from openclaw_config.syntax.nodes import Node, NumberNode, StringNode
from openclaw_config.syntax.parser import AFTER_KEY, AFTER_VALUE, END, KEY, VALUE, Parser
from openclaw_config.syntax.recovery.quotes import FOREIGN_QUOTES, ends_string
from openclaw_config.syntax.recovery.slip import (
    Slip,
    attach,
    edit,
    ends_surely,
    fix_of,
    line_end,
    notes_of,
    peek,
    report,
)
from openclaw_config.syntax.scanner import COMMA, NUMBER, OTHER, WORD, next_token, skip_white_space
from openclaw_config.syntax.tree import line_start

# A text without quotes goes on to a mark, a quote, a comment, the next key or the end of the line.
# A reference to a variable may be part of it, and so may an apostrophe.
_BARE_TEXT = re.compile(
    r"""(?:\$\{[^{}\n\r]*\}|(?<=\w)'(?=\w)|[^\s,{}\[\]"'`]"""
    r"""|[ \t]++(?!["'\w$.-]+[ \t]*[:=](?!/)|//|/\*|\#[ \t])(?=[^\s,{}\[\]"'`:=]))+"""
)
_REST = re.compile(r"[^,\n\r]*")
_BARE_KEY = re.compile(r"""(?=\S)(?:\\u\{[0-9A-Fa-f]*\}|[^:,{}\[\]"'`\n\r=])+""")
# What can only be itself: nothing before it, in it or behind it may be a slip of another kind.
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


def bare_value(slip: Slip) -> int | None:
    """A word, a number or any text that is no value as it stands."""
    text, start, parser = slip.text, slip.start, slip.parser
    found = _BARE_TEXT.match(text, start)
    if slip.kind not in (WORD, OTHER) or found is None:
        return None
    end = found.end()
    open_root = notes_of(parser).open_root and len(parser.stack) == 1
    if parser.stack and not open_root and skip_white_space(text, end) == len(text):
        # The text breaks off within a word; that it breaks off is reported at its end.
        parser.state = VALUE
        return slip.skip(end)
    if text[end : end + 1] in ('"', "'"):
        if ends_string(text, end + 1):
            return _missing_opening_quote(slip, end)
        end = _REST.match(text, end).end()  # type: ignore[union-attr]
    word = text[start:end].rstrip()
    end = start + len(word)
    node: Node | None
    if word[0] in "+-.0123456789":
        node = _odd_number(slip, word)
    elif (literal := _literal_meant(word)) is not None:
        report(
            parser,
            errors.MISSPELT_LITERAL,
            f"this is written {literal}",
            start,
            end,
            fix=fix_of(
                f"write {literal}",
                edit(start, end, literal),
                # `none` is as well a text without quotes; `None` comes from Python.
                safe=word == "None" or word.lower() not in _OTHER_SPELLINGS,
            ),
        )
        node = literal_node(parser.source, start, end, literal)
    elif word == "undefined":
        report(
            parser,
            errors.UNDEFINED_VALUE,
            "undefined is not a value",
            start,
            end,
            fix=_without_key(slip, end) if slip.in_object else None,
            helps=("leave it out, or write null where null is allowed",),
        )
        node = literal_node(parser.source, start, end, "null")
    elif _EXPRESSION.search(word):
        report(
            parser,
            errors.UNEXPECTED_TEXT,
            "a config holds values and no code",
            start,
            end,
            "expected a value",
        )
        node = None
    else:
        node = _unquoted_string(slip, word)
    if node is None:
        parser.state = AFTER_VALUE if parser.stack else END
    else:
        attach(parser, node)
    return slip.skip(end)


def _without_key(slip: Slip, end: int) -> Fix:
    """A fix that takes out the member whose value ends at an offset, with its comma and line."""
    text, start = slip.text, slip.parser.key[1]
    kind, comma = peek(text, end)
    end = comma + 1 if kind == COMMA else end
    first, last = line_start(text, start), line_end(text, end)
    if not text[first:start].strip() and not text[end:last].strip() and last < len(text):
        start, end = first, last + (2 if text.startswith("\r\n", last) else 1)
    return fix_of("leave the key out", edit(start, end, ""), safe=False)


def _missing_opening_quote(slip: Slip, end: int) -> int:
    parser, start = slip.parser, slip.start
    quote = slip.text[end]
    report(
        parser,
        errors.UNCLOSED_STRING,
        "a string lacks its opening quote",
        start,
        start + 1,
        f"expected {quote} before this",
        related=((end, end + 1, "the string ends here"),),
        fix=fix_of(
            "open it",
            edit(start, start, quote),
            safe=_PLAIN_TEXT.fullmatch(slip.text, start, end) is not None,
        ),
    )
    attach(parser, StringNode(parser.source, start, end + 1, slip.text[start:end]))
    return slip.skip(end + 1)


def _unquoted_string(slip: Slip, word: str) -> Node:
    parser, start = slip.parser, slip.start
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
            and ends_surely(slip.text, end, slip.opener)
        )
        fix = _quoting("put it in quotes", start, word, safe)
    report(parser, errors.UNQUOTED_STRING, "a text needs quotes", start, end, fix=fix, helps=helps)
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


def _odd_number(slip: Slip, word: str) -> Node | None:
    """What starts like a number, read as the number or the text that was meant."""
    parser, start = slip.parser, slip.start
    source, end = parser.source, start + len(word)
    wrong = min(_NUMBER_START.match(slip.text, start).end(), end)  # type: ignore[union-attr]
    rule, message = errors.MALFORMED_NUMBER, "this is not a number"
    fix: Fix | None = None
    number = label = ""
    plain = word.replace("_", "")
    if "_" in word and _is_number(plain):
        rule, message, number = errors.NUMERIC_SEPARATOR, "digits stand together", plain
        message = "the digits of a number are not separated by underscores"
        underscores = [edit(at, at + 1, "") for at in range(start, end) if slip.text[at] == "_"]
        fix = fix_of("write the number without underscores", *underscores)
    elif zero := _LEADING_ZERO.fullmatch(word):
        rule, message = errors.LEADING_ZERO, "a number does not start with a zero"
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
            slip.text, end, slip.opener
        )
        fix = _quoting("if it is a text, put it in quotes", start, word, safe)
    else:
        label = f"expected a {'hexadecimal ' if _HEXADECIMAL.match(word) else ''}digit"
    report(parser, rule, message, wrong, end, label, fix=fix)
    if number:
        return NumberNode(source, start, end, number_value(number))
    return StringNode(source, start, end, word) if fix is not None else None


def _is_number(text: str) -> bool:
    match = next_token(text, 0)
    return match is not None and match.lastindex == NUMBER and match.end() == len(text)


def bare_key(slip: Slip) -> int | None:
    """A key that needs quotes. The parser may have taken its beginning for all of it."""
    text, parser = slip.text, slip.parser
    start = slip.start if parser.state == KEY else parser.key[1]
    if (
        slip.kind not in (NUMBER, OTHER, WORD)
        or text[start] in "\"'"
        or text[start] in FOREIGN_QUOTES
    ):
        return None
    found = _BARE_KEY.match(text, start)
    if (
        found is None
        or found.end() <= slip.start
        or text[found.end() : found.end() + 1] not in (":", "=")
    ):
        return None
    key = found.group().rstrip()
    end = start + len(key)
    backslash = key.find("\\")
    if backslash >= 0:
        _invalid_escape(parser, start + backslash)
    else:
        report(
            parser,
            errors.UNQUOTED_KEY,
            "this key needs quotes",
            slip.start,
            end,
            fix=_quoting(
                "put the key in quotes", start, key, _PLAIN_KEY.fullmatch(key) is not None
            ),
        )
    parser.key = (key, start, end)
    parser.state = AFTER_KEY
    return slip.skip(end)


def _invalid_escape(parser: Parser, backslash: int) -> None:
    text = parser.text
    at = backslash + 1
    if text[at : at + 1] == "u":
        at += 1
        while at < backslash + 6 and text[at : at + 1] in _HEX:
            at += 1
    report(
        parser,
        errors.INVALID_ESCAPE,
        "this escape does not make a letter of a key",
        at,
        at + 1,
        helps=("put the key in quotes and write the letter itself",),
    )


_HEX = frozenset("0123456789abcdefABCDEF")
