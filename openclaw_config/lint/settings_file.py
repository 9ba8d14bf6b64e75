"""Reads a settings file, and says with a place what is wrong with it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from openclaw_config.diagnostics.model import Diagnostic, key_path_text
from openclaw_config.files import read_regular
from openclaw_config.lint.rules import invalid_setting, unknown_setting
from openclaw_config.lint.selection import OFF, Layer, unknown
from openclaw_config.lint.settings import (
    MAX_BYTES,
    OWN_FILE,
    PROJECT_FILE,
    TABLE,
    PerPath,
    Settings,
    read_toml,
)
from openclaw_config.syntax.spans import KeyPath, Location, Position, Source, Span
from openclaw_config.validation.suggest import nearest

LEVELS = ("error", "warning", "info", OFF)
_RULES = ("select", "ignore", "severity")
NAMES = (*_RULES, "per-path", "baseline", "env-file", "capabilities", "roots")
"""Every setting."""

MAX_RULES, MAX_PATTERNS, MAX_PATTERN = 1000, 500, 200
"""How many rules and path patterns a file may name, and how many characters a pattern may have."""
_MAX_FINDINGS = 100

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


def read_settings(path: str, name: str | None = None) -> Settings:
    """The settings of a file; ``name`` is shown in place of its path. Never raises for bad input.

    Whatever is wrong with the file is among its ``findings``.
    """
    name = name or path
    try:
        text = read_regular(path, MAX_BYTES).decode()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is not a text in UTF-8 of a sensible size"
        broken = invalid_setting.at(None, f"{name} cannot be read: {why}")
        return Settings(path, name, Layer(), (), None, None, {}, (broken,))
    return parse_settings(Source(text, name, path, None))


def parse_settings(source: Source) -> Settings:
    """The settings of a text; its ``path`` must be absolute."""
    path = source.path or os.path.join(os.getcwd(), OWN_FILE)
    table = TABLE if os.path.basename(path) == PROJECT_FILE else ()
    try:
        value: Any = read_toml(source.text)
    except (ValueError, RecursionError) as error:
        message, location = _syntax_error(str(error), source)
        broken = invalid_setting.at(location, f"{source.name} is no TOML: {message}")
        return Settings(path, source.name, Layer(), (), None, None, {}, (broken,))
    for step in table:
        value = value.get(step, {}) if isinstance(value, dict) else {}
    reader = _Reader(source, places(source.text), table, os.path.dirname(path))
    return reader.settings(value, path)


class _Reader:
    """Reads one file's values, and notes what is wrong and where each setting stands."""

    def __init__(self, source: Source, found: Places, table: KeyPath, folder: str) -> None:
        self.source = source
        self.places = found
        self.table = table
        self.folder = folder
        self.findings: list[Diagnostic] = []
        self.locations: dict[KeyPath, Location] = {}
        self.named = 0

    def settings(self, value: Any, path: str) -> Settings:
        """Everything."""
        if not isinstance(value, dict):
            self.wrong((), "the settings must be a table")
            value = {}
        self.known(value, (), NAMES)
        per_path = []
        for number, (pattern, part) in enumerate(self.table_at(value, ("per-path",)).items()):
            where: KeyPath = ("per-path", pattern)
            if number == MAX_PATTERNS:
                self.wrong(("per-path",), f"must have at most {MAX_PATTERNS} patterns")
                break
            if len(pattern) > MAX_PATTERN:
                text = f"a pattern must have at most {MAX_PATTERN} characters"
                self.wrong(where, text, whole=True)
            elif isinstance(part, dict):
                self.known(part, where, _RULES)
                layer = self.layer(part, where)
                per_path.append(PerPath(pattern, layer, self.key(where)))
            else:
                self.wrong(where, "must be a table with select, ignore or severity")
        roots, capabilities = self.roots(value), self.file(value, "capabilities")
        return Settings(
            path,
            self.source.name,
            self.layer(value, ()),
            tuple(per_path),
            self.file(value, "baseline"),
            self.file(value, "env-file"),
            self.locations,
            tuple(sorted(self.findings, key=_offset)),
            roots,
            capabilities,
        )

    def layer(self, value: dict[str, Any], where: KeyPath) -> Layer:
        """The three settings about rules."""
        severity = []
        for rule, level in self.table_at(value, (*where, "severity")).items():
            at: KeyPath = (*where, "severity", rule)
            if level not in LEVELS:
                close = nearest(level, LEVELS) if isinstance(level, str) else None
                label = f'did you mean "{close}"?' if close else ""
                self.wrong(at, f"must be one of {_listed(LEVELS)}", label=label, value=True)
            elif self.rules_exist({at: rule}, key=True):
                self.locations[at] = self.key(at)
                severity.append((rule, level))
        select = self.rules(value, (*where, "select"))
        return Layer(select, self.rules(value, (*where, "ignore")) or (), tuple(severity))

    def rules(self, value: dict[str, Any], where: KeyPath) -> tuple[str, ...] | None:
        """A list of rules; None where there is none."""
        found = value.get(str(where[-1]))
        if found is None:
            return None
        if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
            self.wrong(where, "must be a list of rules")
            return None
        self.locations[where] = self.key(where)
        self.rules_exist({(*where, number): rule for number, rule in enumerate(found)})
        return tuple(found)

    def rules_exist(self, names: dict[KeyPath, str], key: bool = False) -> bool:
        """Whether all rules exist, each given with its place; reports those that do not."""
        self.named += len(names)
        if self.named > MAX_RULES:
            if self.named - len(names) <= MAX_RULES:
                self.wrong((), f"more than {MAX_RULES:,} rules are named", whole=True)
            return False
        missing = unknown(names.values())
        for where, name in names.items():
            if name in missing:
                close = missing[name]
                self.wrong(
                    where,
                    f"there is no rule `{name}`",
                    label=f"did you mean `{close}`?" if close else "",
                    value=not key,
                    whole=True,
                    helps=("'openclaw-config check --list-rules' lists them",),
                )
        return not missing

    def file(self, value: dict[str, Any], name: str) -> str | None:
        """The absolute path of a file that a setting names, relative to the settings file."""
        found = value.get(name)
        if found is None:
            return None
        if not isinstance(found, str) or not found or "\0" in found:
            self.wrong((name,), "must be the path of a file")
            return None
        self.locations[name,] = self.key((name,))
        return os.path.normpath(os.path.join(self.folder, os.path.expanduser(found)))

    def roots(self, value: dict[str, Any]) -> tuple[str, ...]:
        """The absolute paths and patterns of the configs."""
        found = value.get("roots")
        if found is None:
            return ()
        if not isinstance(found, list) or not all(
            isinstance(item, str) and item and "\0" not in item for item in found
        ):
            self.wrong(("roots",), "must be a list of files, folders or patterns")
            return ()
        self.locations["roots",] = self.key(("roots",))
        return tuple(os.path.normpath(os.path.join(self.folder, item)) for item in found)

    def table_at(self, value: dict[str, Any], where: KeyPath) -> dict[str, Any]:
        """A table, empty where there is none."""
        found = value.get(str(where[-1]), {})
        if isinstance(found, dict):
            return found
        self.wrong(where, "must be a table")
        return {}

    def known(self, value: dict[str, Any], where: KeyPath, names: tuple[str, ...]) -> None:
        """Report the keys of a table that are no settings."""
        for key in value:
            if key not in names:
                close = nearest(key, names)
                helps = [f"settings: {', '.join(names)}"]
                if key == "tool" and not self.table:
                    helps.insert(0, f"in {OWN_FILE} the settings stand at the top level")
                self.report(
                    unknown_setting.at(
                        self.key((*where, key)),
                        f"there is no setting `{key}`",
                        (*self.table, *where, key),
                        label=f"did you mean `{close}`?" if close else "",
                        helps=tuple(helps),
                    )
                )

    def wrong(
        self,
        where: KeyPath,
        message: str,
        *,
        label: str = "",
        value: bool = False,
        whole: bool = False,
        helps: tuple[str, ...] = (),
    ) -> None:
        """Report a setting's value; ``whole`` says that the message is a sentence of its own."""
        path = (*self.table, *where)
        span = self.places.value(path) if value else self.places.key(path)
        text = message if whole else f"{key_path_text(where) or 'this'} {message}"
        self.report(
            invalid_setting.at(Location(self.source, span), text, path, label=label, helps=helps)
        )

    def report(self, found: Diagnostic) -> None:
        """Note a finding, unless there are so many that nobody would read on."""
        if len(self.findings) < _MAX_FINDINGS:
            self.findings.append(found)

    def key(self, where: KeyPath) -> Location:
        """The place of a setting's key."""
        return Location(self.source, self.places.key((*self.table, *where)))


def _syntax_error(text: str, source: Source) -> tuple[str, Location]:
    """The message of tomllib without the place at its end, and the place."""
    match = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)", text)
    if match is None:
        return text.lower(), Location(source, Span(0, 0))
    at = len(source.text)
    if match[1]:
        at = source.offset(Position(int(match[1]), int(match[2])))
    message = text[: match.start()]
    return message[:1].lower() + message[1:], Location(source, Span(at, at))


def _listed(words: tuple[str, ...]) -> str:
    *first, last = (f'"{word}"' for word in words)
    return f"{', '.join(first)} or {last}"


def _offset(found: Diagnostic) -> int:
    return found.location.span.start if found.location else 0


class Places(NamedTuple):
    """The spans of keys and of table headers, of the first key below each, and of strings.

    tomllib gives none. The text is known to be TOML; only what a settings file may have is looked
    into, and for anything odder the span is that of the table around it.
    """

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
    reader = _TomlReader(text, found)
    reader.run()
    return found


class _TomlReader:
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
