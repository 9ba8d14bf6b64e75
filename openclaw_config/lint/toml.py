"""Reads TOML: the value of a text, and where its keys and strings stand, which tomllib hides."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from openclaw_config.syntax.spans import KeyPath, Position, Source, Span

MAX_DOTS = 100
"""A key with more dots is refused."""

_ENDS = re.compile(r"([][{},=\n])")
_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)")
_TOKEN = re.compile(
    r"""
      (?P<space>  [ \t]+ | \#[^\n]* )
    | (?P<string> \"{3}(?:\\[\s\S]|[^\\])*?\"{3,5} | '{3}[\s\S]*?'{3,5}
                | "(?:\\.|[^"\\\n])*" | '[^'\n]*' )
    | (?P<mark>   [][{}=,.] )
    | (?P<line>   \r?\n )
    | (?P<word>   [^\s\#"'\[\]{}=,.]+ )
    """,
    re.VERBOSE,
)


def read_toml(text: str) -> dict[str, Any]:
    """The value of a TOML text. Raises ValueError and RecursionError.

    The memory that tomllib needs grows with the square of the parts of a dotted key.
    """
    import tomllib

    pieces = _ENDS.split(text)
    for piece, end in zip(pieces[::2], pieces[1::2], strict=False):
        if end in ("=", "]") and piece.count(".") > MAX_DOTS:
            raise ValueError(f"a key has more than {MAX_DOTS} dots")
    return tomllib.loads(text)


def syntax_error(error: Exception, source: Source) -> tuple[str, Span]:
    """What tomllib says of a source, without the place at its end, and the place."""
    text, at = str(error), 0
    match = _PLACE.search(text)
    if match is not None:
        text, at = text[: match.start()], len(source.text)
        if match[1]:
            at = source.offset(Position(int(match[1]), int(match[2])))
    return text[:1].lower() + text[1:], Span(at, at)


class Places(NamedTuple):
    """The spans of keys and of table headers, of the first key below each, and of strings."""

    keys: dict[KeyPath, Span]
    parts: dict[KeyPath, Span]
    strings: dict[KeyPath, Span]

    def key(self, path: KeyPath) -> Span:
        """The place of a key.

        Where it is only a part of dotted ones, that of the first of these; where it is not known
        at all, that of the nearest one around it.
        """
        while path and path not in self.keys:
            if path in self.parts:
                return self.parts[path]
            path = path[:-1]
        return self.keys.get(path, Span(0, 0))

    def value(self, path: KeyPath) -> Span:
        """The place of a string, or of its key."""
        return self.strings.get(path) or self.key(path)


def places(text: str) -> Places:
    """The places of a text that is known to be TOML."""
    found = Places({}, {}, {})
    table: KeyPath = ()
    path: KeyPath = ()
    around: list[tuple[KeyPath, int | None]] = []
    # Arrays, with the index of the present item, and inline tables, with None.
    name: list[re.Match[str]] = []
    awaits_key = True
    for token in _TOKEN.finditer(text):
        kind, mark = token.lastgroup, token.group()
        if kind == "line" and not around:
            awaits_key, name = True, []
        elif kind in ("space", "line"):
            continue
        elif kind != "mark":
            if awaits_key:
                name.append(token)
            elif kind == "string":
                found.strings[path] = Span(*token.span())
        elif awaits_key and name and mark in "=]":
            outer = around[-1][0] if around else table if mark == "=" else ()
            path = (*outer, *map(_key, name))
            span = Span(name[0].start(), name[-1].end())
            found.keys.setdefault(path, span)
            for end in range(1, len(path)):
                found.parts.setdefault(path[:end], span)
            table = path if mark == "]" else table
            awaits_key = False
        elif mark == "{" or (mark == "[" and not awaits_key):
            around.append((path, None if mark == "{" else 0))
            awaits_key, name, path = mark == "{", [], (*path, 0)
        elif mark in "]}" and around:
            awaits_key, (path, _) = False, around.pop()
        elif mark == "," and around:
            outer, number = around[-1]
            awaits_key, name = number is None, []
            if number is not None:
                around[-1] = outer, number + 1
                path = (*outer, number + 1)
    return found


def _key(token: re.Match[str]) -> str:
    text = token.group()
    if token.lastgroup == "word":
        return text
    try:
        return next(iter(read_toml(f"{text} = 0")))
    except (ValueError, StopIteration):
        return text[1:-1]
