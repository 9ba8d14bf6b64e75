"""The tokens of JSON5: the pattern that finds the next one, and a compact list of those found.

Tokens tile the text: each begins where the one before it ends. So their starts say everything,
five bytes a token, and printing the tokens one after the other gives back every byte.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Callable
from typing import NamedTuple, cast

STRING = 1
COMMA = 2
COLON = 3
OPEN_OBJECT = 4
CLOSE_OBJECT = 5
OPEN_ARRAY = 6
CLOSE_ARRAY = 7
WORD = 8
NUMBER = 9
SPACE = 10
COMMENT = 11
OTHER = 12
"""The kinds of tokens, numbered as the groups of the pattern.

OTHER is what the pattern does not know: characters that are wrong where they stand, and a few
right but rare ones (white space and letters beyond ASCII) that the parser reads by hand.
"""

OPENING = frozenset((OPEN_OBJECT, OPEN_ARRAY))
CLOSING = frozenset((CLOSE_OBJECT, CLOSE_ARRAY))

# A mark takes the plain white space that follows it, which halves the number of tokens; the mark
# itself is always the token's first character. A word or number that runs into something that
# might belong to it is not matched but left to OTHER. The odd complement [^\x00-\x5b\x5d-\x7f]
# means "a backslash or beyond ASCII": written as a plain range it compiles thirty times slower.
_TOKEN = re.compile(
    r'("[^"\\\n\r]*+(?:\\(?:\r\n|[\s\S])[^"\\\n\r]*+)*+"'
    r"|'[^'\\\n\r]*+(?:\\(?:\r\n|[\s\S])[^'\\\n\r]*+)*+')"
    r"|(?:(,)|(:)|({)|(})|(\[)|(]))[ \t\n\r]*+"
    r"|([A-Za-z_$][A-Za-z0-9_$]*+(?![^\x00-\x5b\x5d-\x7f]))"
    r"|((?:[-+]?(?:0[xX][0-9A-Fa-f]++|(?:(?:0|[1-9][0-9]*+)(?:\.[0-9]*+)?|\.[0-9]++)"
    r"(?:[eE][-+]?[0-9]++)?)|[-+](?:Infinity|NaN))(?![\w.$+\-\\]))"
    r"|([ \t\n\r]++)"
    r"|(//[^\n\r\u2028\u2029]*+|/\*[\s\S]*?\*/)"
    r"|([\s\S])"
)
next_token = cast("Callable[[str, int], re.Match[str]]", _TOKEN.match)
"""The token at an offset before the text's end: its ``lastindex`` is the kind. Always matches."""
each_token = _TOKEN.finditer
"""All tokens of a text."""

WHITE_SPACE = (
    "\t\n\v\f\r \xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
"""What may stand between tokens, and what JavaScript's ``trim`` takes off: the white space of
ECMAScript 5, line ends and the byte order mark included. Python's ``str.strip`` takes others."""


def trim(text: str) -> str:
    """``text`` without the white space around it, as JavaScript trims."""
    return text.strip(WHITE_SPACE)


def skip_white_space(text: str, at: int) -> int:
    """The offset of the first character from ``at`` on that is not white space."""
    size = len(text)
    while at < size and text[at] in WHITE_SPACE:
        at += 1
    return at


_BETWEEN = re.compile(rf"(?:[{WHITE_SPACE}]|//[^\n\r\u2028\u2029]*+|/\*[\s\S]*?\*/)*+")


def skip_to_token(text: str, at: int) -> int:
    """The offset of the first token from ``at`` on that is neither white space nor a comment."""
    return _BETWEEN.match(text, at).end()  # type: ignore[union-attr]


class Tokens(NamedTuple):
    """The tokens of a text: their kinds, and their starts with the text's length appended."""

    kinds: bytes
    starts: array[int]

    def from_offset(self, offset: int) -> int:
        """The index of the first token that starts at an offset or behind it."""
        return bisect_left(self.starts, offset)
