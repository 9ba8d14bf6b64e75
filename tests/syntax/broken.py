"""Valid texts, and each way in which people and programs break one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple

from openclaw_config.syntax.parser import parse
from openclaw_config.syntax.text import (
    CLOSING,
    COLON,
    COMMA,
    COMMENT,
    NUMBER,
    OPENING,
    SPACE,
    STRING,
    WORD,
    Source,
)

TEXTS = (
    """\
{
  // how it is reached
  gateway: { port: 18789, bind: "lan", auth: { token: "a, b" } },
  agents: {
    defaults: {
      model: { primary: "openrouter/auto", fallbacks: ["a/b", "c/d"] },
      timeoutSeconds: 180000,
    },
    list: [
      { id: "main", default: true },
      { id: "it's", default: false, name: null },
    ],
  },
}
""",
    """\
{
  "logging": {
    "level": "info",
    "file": "https://example.org/log // x",
    "note": "ends with a comma,"
  },
  "ui": {
    "text": "ends with a space ",
    "more": " # no comment",
    "words": ["one", "two,", "-- three", "", "12_000", "True;", "}", "[x]"]
  }
}
""",
    "{a:1,b:[1,2,{c:'x y'}],d:{e:{f:-5.5,g:\"q: r\"}},'h-i':\"C:\\\\temp\\\\\"}\n",
    """\
{
  env: { vars: { KEY: "${VALUE}", other: '$x = "y"' } },

  /* a list
   * of things */
  tools: {
    deny: [
      "exec" // not this
      , 'web',
    ], // none
    numbers: [0x1F, .5, +3, Infinity, 1e3, 007e0],
  },
  last: "x"
}
""".replace("007e0", "70"),
    '{ a: "b", list: [{ id: "x" }, { id: "y", model: "openrouter:auto" }], c: "d" }',
    '[\n  "a",\n  [],\n  {},\n]\n',
)
"""Texts that parse, with what is easily mistaken for something else."""


class Token(NamedTuple):
    """A token without the white space behind it, and its neighbours' kinds."""

    kind: int
    start: int
    end: int
    before: int
    after: int
    key: bool


_TEXT = re.compile(r"[^\W\d][^,{}\[\]]*")
"""What, without its quotes, is nothing else."""

Break = Callable[[str, Token], str | None]
BREAKS: dict[str, Break] = {}


def _breaks(function: Break) -> Break:
    BREAKS[function.__name__] = function
    return function


def broken(text: str) -> Iterator[tuple[str, str]]:
    """Each way to break a text at each place, by name; some results may be right again."""
    for token in tokens(text):
        for name, function in BREAKS.items():
            result = function(text, token)
            if result is not None and result != text:
                yield name, result


def tokens(text: str) -> list[Token]:
    """The tokens of a text that are no white space."""
    kinds, starts = parse(Source(text)).tokens
    plain = [
        (kind, start, start + len(text[start:end].rstrip()))
        for kind, (start, end) in zip(kinds, pairwise(starts), strict=True)
        if kind != SPACE
    ]
    solid = [kind for kind, _, _ in plain]
    return [
        Token(
            kind,
            start,
            end,
            solid[at - 1] if at else 0,
            solid[at + 1] if at + 1 < len(solid) else 0,
            at + 1 < len(solid) and solid[at + 1] == COLON,
        )
        for at, (kind, start, end) in enumerate(plain)
    ]


def _put(text: str, token: Token, new: str) -> str:
    return text[: token.start] + new + text[token.end :]


def _swap(kinds: tuple[int, ...] | frozenset[int], new: Callable[[str], str | None]) -> Break:
    def change(text: str, token: Token) -> str | None:
        if token.kind not in kinds:
            return None
        replacement = new(text[token.start : token.end])
        return None if replacement is None else _put(text, token, replacement)

    return change


BREAKS |= {
    "comma missing": _swap((COMMA,), lambda _: ""),
    "comma twice": _swap((COMMA,), lambda _: ",,"),
    "semicolon for comma": _swap((COMMA,), lambda _: ";"),
    "colon for comma": _swap((COMMA,), lambda _: ":"),
    "colon missing": _swap((COLON,), lambda _: " "),
    "colon twice": _swap((COLON,), lambda _: "::"),
    "equals for colon": _swap((COLON,), lambda _: " ="),
    "arrow for colon": _swap((COLON,), lambda _: " =>"),
    "comma for colon": _swap((COLON,), lambda _: ","),
    "closing quote missing": _swap((STRING,), lambda word: word[:-1]),
    "opening quote missing": _swap((STRING,), lambda word: word[1:]),
    "quotes missing": _swap(
        (STRING,), lambda word: word[1:-1] if _TEXT.fullmatch(word[1:-1]) else None
    ),
    "other closing quote": _swap(
        (STRING,), lambda word: word[:-1] + ("'" if word[0] == '"' else '"')
    ),
    "curly quotes": _swap((STRING,), lambda word: f"“{word[1:-1]}”"),
    "one curly quote": _swap((STRING,), lambda word: f"{word[:-1]}”"),
    "backticks": _swap((STRING,), lambda word: f"`{word[1:-1]}`"),
    "quotes twice": _swap((STRING,), lambda word: word[0] + word + word[0]),
    "opening quote twice": _swap((STRING,), lambda word: word[0] + word),
    "semicolon in quotes' place": _swap((STRING,), lambda word: word[:-1] + ";"),
    "string broken": _swap(
        (STRING,), lambda word: f"{word[: len(word) // 2]}\n  {word[len(word) // 2 :]}"
    ),
    "string broken at a space": _swap((STRING,), lambda word: word.replace(" ", "\n", 1)),
    "string broken at its start": _swap((STRING,), lambda word: word[0] + "\n" + word[1:]),
    "string broken at its end": _swap((STRING,), lambda word: word[:-1] + "\n" + word[-1]),
    "string broken after an escape": _swap((STRING,), lambda word: word.replace("\\\\", "\\\n", 1)),
    "quote inside": _swap(
        (STRING,), lambda word: word[: len(word) // 2] + word[0] + word[len(word) // 2 :]
    ),
    "backslashes lost": _swap((STRING,), lambda word: word.replace("\\\\", "\\")),
    "strings added": _swap((STRING,), lambda word: f'{word[:-1]}" + "{word[-1]}'),
    "bracket missing": _swap(OPENING | CLOSING, lambda _: ""),
    "bracket twice": _swap(OPENING | CLOSING, lambda word: word * 2),
    "wrong bracket": _swap(
        OPENING | CLOSING, lambda word: {"{": "[", "[": "{", "}": "]", "]": "}"}[word]
    ),
    "round bracket": _swap(OPENING | CLOSING, lambda word: "(" if word in "{[" else ")"),
    "digits parted": _swap((NUMBER,), lambda word: re.sub(r"(\d)(\d{3})\b", r"\1_\2", word)),
    "digits parted by a comma": _swap(
        (NUMBER,), lambda word: re.sub(r"(\d)(\d{3})\b", r"\1,\2", word)
    ),
    "leading zero": _swap((NUMBER,), lambda word: f"0{word}" if word[0] in "123456789" else None),
    "big integer": _swap((NUMBER,), lambda word: f"{word}n"),
    "number with a unit": _swap((NUMBER,), lambda word: f"{word}s"),
    "sign apart": _swap((NUMBER,), lambda word: re.sub("^[-+]", r"\g<0> ", word)),
    "capitalised": _swap((WORD,), str.capitalize),
    "in capitals": _swap((WORD,), str.upper),
    "python's null": _swap((WORD,), lambda word: "None" if word == "null" else None),
    "undefined": _swap((WORD,), lambda word: "undefined" if word == "null" else None),
    "letters swapped": _swap((WORD,), lambda word: word[:1] + word[2:3] + word[1:2] + word[3:]),
    "letter missing": _swap((WORD,), lambda word: word[:1] + word[2:] or None),
    "hash for slashes": _swap(
        (COMMENT,), lambda word: f"#{word[2:]}" if word.startswith("//") else None
    ),
    "dashes for slashes": _swap(
        (COMMENT,), lambda word: f"--{word[2:]}" if word.startswith("//") else None
    ),
    "comment not closed": _swap((COMMENT,), lambda word: word.removesuffix("*/")),
    "slash missing": _swap((COMMENT,), lambda word: word[1:]),
}


@_breaks
def zero_width_space(text: str, token: Token) -> str:
    return f"{text[: token.start]}\u200b{text[token.start :]}"


@_breaks
def ends_here(text: str, token: Token) -> str:
    return text[: token.end]


@_breaks
def starts_here(text: str, token: Token) -> str:
    return text[token.start :]


@_breaks
def word_before(text: str, token: Token) -> str:
    return f"{text[: token.start]}oops {text[token.start :]}"


@_breaks
def line_begins_with_dashes(text: str, token: Token) -> str:
    return _line(text, token, "-- ")


@_breaks
def line_begins_with_a_dash(text: str, token: Token) -> str:
    return _line(text, token, "- ")


@_breaks
def line_begins_with_a_plus(text: str, token: Token) -> str:
    return _line(text, token, "+ ")


@_breaks
def line_begins_with_an_arrow(text: str, token: Token) -> str:
    return _line(text, token, "> ")


def _line(text: str, token: Token, mark: str) -> str:
    start = text.rfind("\n", 0, token.start) + 1
    return text[:start] + mark + text[start:]


@_breaks
def value_missing(text: str, token: Token) -> str | None:
    return _put(text, token, "") if token.before == COLON else None


@_breaks
def key_missing(text: str, token: Token) -> str | None:
    return _put(text, token, "") if token.key else None


@_breaks
def semicolon_behind(text: str, token: Token) -> str:
    return text[: token.end] + ";" + text[token.end :]


@_breaks
def comma_behind_the_root(text: str, token: Token) -> str | None:
    return None if token.after else f"{text.rstrip()},\n"


@_breaks
def assignment(text: str, token: Token) -> str | None:
    return None if token.before else f"module.exports = {text.rstrip()};\n"


@_breaks
def fence(text: str, token: Token) -> str | None:
    return None if token.before else f"```json5\n{text}```\n"


@_breaks
def use_strict(text: str, token: Token) -> str | None:
    return None if token.before else f'"use strict";\n{text}'


@_breaks
def braces_missing(text: str, token: Token) -> str | None:
    if token.before or not text.startswith("{"):
        return None
    return text.strip()[1:-1]
