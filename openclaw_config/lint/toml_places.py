"""Where keys and values stand in a TOML text, which tomllib does not tell.

The text is known to be TOML. Only what a settings file may hold is looked into; anything odder is
passed over, and its place is then that of the table around it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from openclaw_config.syntax.spans import KeyPath, Span

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
    """The places of a TOML text."""
    found = Places({}, {}, {})
    reader = _Reader(text, found)
    reader.run()
    return found


class _Reader:
    """One run over the tokens; ``kind`` and ``text`` are those of the present one."""

    def __init__(self, text: str, found: Places) -> None:
        self.source = text
        self.found = found
        self.tokens = self._tokens()
        self.kind, self.span = "", Span(0, 0)
        self.step()

    def _tokens(self) -> Iterator[tuple[str, Span]]:
        for match in _TOKEN.finditer(self.source):
            if match.lastgroup != "space":
                yield match.lastgroup or "", Span(*match.span())

    def step(self) -> None:
        self.kind, self.span = next(self.tokens, ("", Span(0, 0)))

    @property
    def text(self) -> str:
        return self.source[self.span.start : self.span.end]

    def at(self, marks: str) -> bool:
        return self.kind == "mark" and self.text in marks

    def run(self) -> None:
        table: KeyPath = ()
        while self.kind:
            if self.at("["):
                while self.at("["):
                    self.step()
                table, span = self.name()
                self.note(table, span)
            elif self.kind in ("word", "string"):
                self.assignment(table)
            self.rest_of_line()

    def rest_of_line(self) -> None:
        while self.kind and self.kind != "line":
            self.step()
        self.step()

    def name(self) -> tuple[KeyPath, Span]:
        """A key with its dots."""
        steps: list[str | int] = []
        start, end = self.span
        while self.kind in ("word", "string") or self.at("."):
            if self.kind != "mark":
                steps.append(_unquoted(self.text) if self.kind == "string" else self.text)
            end = self.span.end
            self.step()
        return tuple(steps), Span(start, end)

    def assignment(self, table: KeyPath) -> None:
        name, span = self.name()
        path = (*table, *name)
        self.note(path, span)
        if self.at("="):
            self.step()
            self.value(path)

    def note(self, path: KeyPath, span: Span) -> None:
        self.found.keys.setdefault(path, span)
        for end in range(1, len(path)):
            self.found.parts.setdefault(path[:end], span)

    def value(self, path: KeyPath) -> None:
        if self.kind == "string":
            self.found.strings[path] = self.span
            self.step()
        elif self.at("["):
            self.step()
            number = 0
            while self.kind and not self.at("]"):
                if self.kind == "line" or self.at(","):
                    self.step()
                else:
                    self.value((*path, number))
                    number += 1
            self.step()
        elif self.at("{"):
            self.step()
            while self.kind in ("word", "string") or self.at(","):
                if self.at(","):
                    self.step()
                else:
                    self.assignment(path)
            self.step()
        else:
            self.step()
            while self.kind == "word" or self.at("."):
                self.step()


def _unquoted(text: str) -> str:
    import tomllib

    try:
        key = next(iter(tomllib.loads(f"{text} = 0")))
    except (ValueError, StopIteration):
        return text[1:-1]
    return key
