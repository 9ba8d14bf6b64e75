"""Reads the settings of a check, and says what is wrong with them and where.

They are in ``.openclaw-config.toml``, or in a table of a pyproject.toml. tomllib hides the places
of what it reads, so these are found here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import Any

from openclaw_config.diagnostics.model import Diagnostic, Rule, key_path_text, rule
from openclaw_config.files import read_regular, reason_of
from openclaw_config.lint.linter import MAX_SETTINGS_BYTES, OWN_FILE, PROJECT_FILE, TABLE
from openclaw_config.lint.options import LEVELS, Layer, Settings, unknown
from openclaw_config.syntax.text import KeyPath, Location, Position, Source, Span
from openclaw_config.targets import is_version
from openclaw_config.validation.suggest import meant, nearest

_SETTINGS = {
    "select": "a list of rules",
    "ignore": "a list of rules",
    "severity": "a table",
    "per-path": "a table",
    "baseline": "the path of a file",
    "env-file": "the path of a file",
    "capabilities": "the path of a file",
    "roots": "a list of files, folders or patterns",
    "target": "a version of OpenClaw, such as 2026.9.6",
    "schemas": "a list of files",
}
"""What the value of each setting must be; ``_fits`` says whether one is that."""
NAMES = tuple(_SETTINGS)
"""Every setting."""
_RULES = NAMES[:3]

MAX_NAMES = 1000
"""How many rules and path patterns a file may name."""
_MAX_FINDINGS = 100


@rule(blocks=False, subject="settings")
def unknown_setting() -> None:
    """A settings file has a setting that does not exist.

    Settings stand in .openclaw-config.toml, or in pyproject.toml under [tool.openclaw-config]. A
    misspelt one would have no effect, and nobody would notice.

    bad:
      ignroe = ["plaintext-secret"]
    good:
      ignore = ["plaintext-secret"]
    """


@rule(blocks=False, subject="settings")
def invalid_setting() -> None:
    """A setting has a value that it cannot have.

    select and ignore are lists of rules, severity gives a rule a level, and per-path has the same
    three for the files that a pattern matches. A rule that does not exist, or a file that cannot be
    read, is an error too.

    bad:
      [severity]
      plaintext-secret = "fatal"
    good:
      [severity]
      plaintext-secret = "error"
    """


# --- reading a file -------------------------------------------------------------------------------


def read_settings(path: str, name: str | None = None) -> Settings:
    """The settings of a file; ``name`` is shown in place of its path. Never raises for bad input.

    Whatever is wrong with the file is among its ``findings``.
    """
    name = name or path
    try:
        text = read_regular(path, MAX_SETTINGS_BYTES).decode()
    except (OSError, ValueError) as error:
        return Settings(path, name, findings=(unreadable(name, error),))
    return parse_settings(Source(text, name, path, None))


def unreadable(name: str, error: Exception, place: Location | None = None) -> Diagnostic:
    """The finding that a settings file, or what the setting of a name names, cannot be read."""
    path = (name,) if place is not None else ()
    return invalid_setting.at(place, f"{name} cannot be read: {reason_of(error)}", path)


def parse_settings(source: Source) -> Settings:
    """The settings of a text; its ``path`` must be absolute."""
    path = source.path or os.path.join(os.getcwd(), OWN_FILE)
    try:
        value: Any = read_toml(source.text)
    except (ValueError, RecursionError) as error:
        message, span = syntax_error(error, source)
        found = invalid_setting.at(Location(source, span), f"{source.name} is no TOML: {message}")
        return Settings(path, source.name, findings=(found,))
    table = TABLE if os.path.basename(path) == PROJECT_FILE else ()
    for step in table:
        value = value.get(step, {}) if isinstance(value, dict) else {}
    return _Reader(source, table).settings(path, value)


class _Reader:
    """Reads one file's values, and notes what is wrong and where each setting stands."""

    def __init__(self, source: Source, table: KeyPath) -> None:
        self.source = source
        self.keys, self.strings = places(source.text)
        self.table = table
        self.findings: list[Diagnostic] = []
        self.locations: dict[KeyPath, Location] = {}
        self.rules: dict[KeyPath, str] = {}

    def settings(self, path: str, value: Any) -> Settings:
        """The settings of our table's value."""
        found = self.read((), value, NAMES)

        def absolute(value: Any) -> Any:
            """Paths that count from the settings file, or from a home folder."""
            if isinstance(value, list):
                return tuple(map(absolute, value))
            return os.path.normpath(os.path.join(os.path.dirname(path), os.path.expanduser(value)))

        layers = [self.layer((), found)]
        for pattern, part in found.pop("per-path", {}).items():
            where: KeyPath = ("per-path", pattern)
            layers.append(self.layer(where, self.read(where, part, _RULES), pattern))
        if len(layers) + len(self.rules) > MAX_NAMES:
            self.report((), f"more than {MAX_NAMES:,} rules and patterns are named")
            layers = []
        else:
            self.report_unknown()
        files = {
            name.replace("-", "_"): value if name == "target" else absolute(value)
            for name, value in found.items()
            if name not in _RULES
        }
        findings = sorted(self.findings, key=lambda it: it.location.span if it.location else ())
        given = {"locations": (*self.locations.items(),), "findings": (*findings,), **files}
        return Settings(path, self.source.name, tuple(layers), **given)

    def read(self, where: KeyPath, value: Any, names: Iterable[str]) -> dict[str, Any]:
        """Those values of a table that its settings may have."""
        found = {}
        if not isinstance(value, dict):
            self.report(where, f"{key_path_text(where) or 'the settings'} must be a table")
            return {}
        for key, item in value.items():
            at = (*where, key)
            if key not in names:
                helps = [f"settings: {', '.join(names)}"]
                if key == "tool" and not self.table:
                    helps.insert(0, f"in {OWN_FILE} the settings stand at the top level")
                message, close = f"there is no setting `{key}`", nearest(key, names)
                self.report(at, message, unknown_setting, label=meant(close), helps=tuple(helps))
            elif not _fits(key, item):
                self.report(at, f"{key_path_text(at)} must be {_SETTINGS[key]}")
            else:
                found[key] = item
                if not isinstance(item, dict):
                    self.locations[at] = self.place(at)
        return found

    def layer(self, where: KeyPath, found: dict[str, Any], pattern: str = "**") -> Layer:
        """What a table asks of the rules."""
        severity = []
        for name, level in found.get("severity", {}).items():
            at = (*where, "severity", name)
            if level in LEVELS:
                self.locations[at], self.rules[at] = self.place(at), name
                severity.append((name, level))
            else:
                close = nearest(level, LEVELS) if isinstance(level, str) else None
                message = f"{key_path_text(at)} must be one of {', '.join(LEVELS)}"
                self.report(at, message, value=True, label=meant(close))
        for name in "select", "ignore":
            self.rules |= {(*where, name, at): it for at, it in enumerate(found.get(name, ()))}
        select = tuple(found["select"]) if "select" in found else None
        return Layer(select, tuple(found.get("ignore", ())), tuple(severity), pattern, where)

    def report_unknown(self) -> None:
        """Note the rules that do not exist."""
        missing = unknown(self.rules.values())
        for at, name in self.rules.items() if missing else ():
            if name in missing:
                helps = ("'openclaw-config check --list-rules' lists them",)
                message, label = f"there is no rule `{name}`", meant(missing[name])
                self.report(at, message, label=label, helps=helps)

    def report(self, at: KeyPath, message: str, rule: Rule = invalid_setting, **more: Any) -> None:
        """Note a finding, unless there are so many that nobody would read on.

        ``more`` is as in ``Rule.at``; with ``value`` the finding is at the value, not at its key.
        """
        place = self.place(at, value=more.pop("value", False))
        if len(self.findings) < _MAX_FINDINGS:
            self.findings.append(rule.at(place, message, (*self.table, *at), **more))

    def place(self, where: KeyPath, *, value: bool = False) -> Location:
        """The place of a setting's key, or of its value; else of the nearest key around it."""
        path = (*self.table, *where)
        string = self.strings.get(path) if value or path not in self.keys else None
        while path and path not in self.keys:
            path = path[:-1]
        return Location(self.source, string or self.keys.get(path, Span(0, 0)))


def _fits(name: str, value: Any) -> bool:
    """Whether a setting may have a value."""
    must = _SETTINGS[name]
    if must == "a table":
        return isinstance(value, dict)
    if name == "target":
        return is_version(value)
    texts = value if must.startswith("a list") else [value]
    return isinstance(texts, list) and all(
        isinstance(it, str) and it and "\0" not in it for it in texts
    )


# --- TOML -----------------------------------------------------------------------------------------

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


def places(text: str) -> tuple[dict[KeyPath, Span], dict[KeyPath, Span]]:
    """The spans of keys and of strings in a text that is known to be TOML.

    Those of a table are of its header, or of the first key below it.
    """
    keys: dict[KeyPath, Span] = {}
    strings: dict[KeyPath, Span] = {}
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
        elif kind in ("word", "string") and awaits_key:
            name.append(token)
        elif kind == "string":
            strings[path] = Span(*token.span())
        elif kind != "mark":
            continue
        elif awaits_key and name and mark in "=]":
            outer = around[-1][0] if around else table if mark == "=" else ()
            path = (*outer, *map(_key, name))
            span = Span(name[0].start(), name[-1].end())
            for end in range(1, len(path) + 1):
                keys.setdefault(path[:end], span)
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
    return keys, strings


def _key(token: re.Match[str]) -> str:
    text = token.group()
    return text if token.lastgroup == "word" else next(iter(read_toml(f"{text} = 0")))
