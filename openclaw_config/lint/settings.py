"""The settings of a check: reads a settings file, and works out what is in effect for a config.

The settings are in ``.openclaw-config.toml``, or in a table of a pyproject.toml; what is wrong with
them is reported with its place, which tomllib hides. Only loaded when there is such a file, or when
the options ask for something.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple, TypeVar

from openclaw_config.diagnostics.model import Diagnostic, Report, Rule, key_path_text, rule
from openclaw_config.files import read_regular, shown
from openclaw_config.lint.baseline import Baseline, read_baseline
from openclaw_config.lint.linter import MAX_SETTINGS_BYTES, OWN_FILE, PROJECT_FILE, TABLE
from openclaw_config.lint.options import Options
from openclaw_config.lint.selection import OFF, Layer, Selection, unknown
from openclaw_config.loading.environment import Environment
from openclaw_config.syntax.text import KeyPath, Location, Position, Source, Span
from openclaw_config.targets import is_version
from openclaw_config.validation.suggest import nearest

LEVELS = ("error", "warning", "info", OFF)
_RULES = ("select", "ignore", "severity")
NAMES = (*_RULES, "per-path", "baseline", "env-file", "capabilities", "roots", "target", "schemas")
"""Every setting."""

MAX_RULES, MAX_PATTERNS, MAX_PATTERN = 1000, 500, 200
"""How many rules and path patterns a file may name, and how many characters a pattern may have."""
_MAX_FINDINGS = 100
_VERSION = "a version of OpenClaw, such as 2026.9.6"


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


class PerPath(NamedTuple):
    """What a settings file asks for the files that a pattern matches."""

    pattern: str
    layer: Layer
    location: Location


class Settings(NamedTuple):
    """A settings file.

    ``path`` is absolute, ``name`` is for people; both are "" where there is no file. ``baseline``,
    ``env_file`` and ``capabilities`` are absolute paths or None, ``roots`` absolute paths, folders
    and patterns of configs, ``schemas`` absolute paths, ``target`` a version of OpenClaw or
    "". ``locations`` has where each setting stands, by its key path below our table. ``findings``
    are what is wrong with the file; what they are about has no effect.
    """

    path: str = ""
    name: str = ""
    layer: Layer = Layer()
    per_path: tuple[PerPath, ...] = ()
    baseline: str | None = None
    env_file: str | None = None
    capabilities: str | None = None
    roots: tuple[str, ...] = ()
    target: str = ""
    schemas: tuple[str, ...] = ()
    locations: Mapping[KeyPath, Location] = {}
    findings: tuple[Diagnostic, ...] = ()

    def layers(self, path: str) -> list[Layer]:
        """The layers for a file, given by its absolute path; the lowest layer first."""
        return [self.layer, *(part.layer for part in self.matching(path))]

    def matching(self, path: str) -> list[PerPath]:
        """The parts that are about a file, given by its absolute path."""
        if not self.per_path:
            return []
        relative = os.path.relpath(path, os.path.dirname(self.path)).replace(os.sep, "/")
        return [part for part in self.per_path if path_matches(part.pattern, relative)]


def read_settings(path: str, name: str | None = None) -> Settings:
    """The settings of a file; ``name`` is shown in place of its path. Never raises for bad input.

    Whatever is wrong with the file is among its ``findings``.
    """
    name = name or path
    try:
        text = read_regular(path, MAX_SETTINGS_BYTES).decode()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is not a text in UTF-8 of a sensible size"
        found = invalid_setting.at(None, f"{name} cannot be read: {why}")
        return Settings(path, name, findings=(found,))
    return parse_settings(Source(text, name, path, None))


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
    return _Reader(source, value, table, path).settings()


class _Reader:
    """Reads one file's values, and notes what is wrong and where each setting stands."""

    def __init__(self, source: Source, value: Any, table: KeyPath, path: str) -> None:
        self.source = source
        self.value = value
        self.places = places(source.text)
        self.table = table
        self.path = path
        self.findings: list[Diagnostic] = []
        self.locations: dict[KeyPath, Location] = {}
        self.named = 0

    def settings(self) -> Settings:
        """Everything."""
        self.known((), NAMES)
        per_path = []
        for number, (pattern, part) in enumerate(self.table_at(("per-path",)).items()):
            where: KeyPath = ("per-path", pattern)
            if number == MAX_PATTERNS:
                self.must(("per-path",), f"have at most {MAX_PATTERNS} patterns")
                break
            if len(pattern) > MAX_PATTERN:
                self.report(where, f"a pattern must have at most {MAX_PATTERN} characters")
            elif isinstance(part, dict):
                self.known(where, _RULES)
                per_path.append(PerPath(pattern, self.layer(where), self.key(where)))
            else:
                self.must(where, "be a table with select, ignore or severity")
        roots = self.paths("roots", "a list of files, folders or patterns")
        schemas = self.paths("schemas", "a list of files")
        return Settings(
            self.path,
            self.source.name,
            self.layer(()),
            tuple(per_path),
            **{name.replace("-", "_"): self.file(name) for name in NAMES[4:7]},
            roots=roots,
            target=self.take(("target",), _VERSION, is_version, many=False) or "",
            schemas=schemas,
            locations=self.locations,
            findings=tuple(sorted(self.findings, key=_offset)),
        )

    def layer(self, where: KeyPath) -> Layer:
        """The three settings about rules."""
        severity = []
        for name, level in self.table_at((*where, "severity")).items():
            at: KeyPath = (*where, "severity", name)
            if level not in LEVELS:
                close = nearest(level, LEVELS) if isinstance(level, str) else None
                label = f'did you mean "{close}"?' if close else ""
                self.must(at, f"be one of {_listed(LEVELS)}", label=label, value=True)
            elif self.rules_exist({at: name}, value=False):
                self.locations[at] = self.key(at)
                severity.append((name, level))
        select, ignore = (self.rules((*where, name)) for name in _RULES[:2])
        return Layer(select, ignore or (), tuple(severity))

    def rules(self, where: KeyPath) -> tuple[str, ...] | None:
        """A list of rules; None where there is none."""
        found = self.take(where, "a list of rules", _is_text)
        if found is None:
            return None
        self.rules_exist({(*where, number): name for number, name in enumerate(found)}, value=True)
        return tuple(found)

    def rules_exist(self, names: dict[KeyPath, str], *, value: bool) -> bool:
        """Whether all rules exist, each given with its place; reports those that do not."""
        self.named += len(names)
        if self.named > MAX_RULES:
            if self.named - len(names) <= MAX_RULES:
                self.report((), f"more than {MAX_RULES:,} rules are named")
            return False
        missing = unknown(names.values())
        for where, name in names.items():
            if name in missing:
                helps = ("'openclaw-config check --list-rules' lists them",)
                label = _meant(missing[name])
                self.report(where, f"there is no rule `{name}`", label, helps, value=value)
        return not missing

    def file(self, name: str) -> str | None:
        """The absolute path of a file that a setting names."""
        found = self.take((name,), "the path of a file", _is_path, many=False)
        return found and self.absolute(found)

    def paths(self, name: str, what: str) -> tuple[str, ...]:
        """The absolute paths that a setting lists."""
        return tuple(map(self.absolute, self.take((name,), what, _is_path) or ()))

    def absolute(self, path: str) -> str:
        """The absolute path of one that counts from the settings file, or from a home folder."""
        folder = os.path.dirname(self.path)
        return os.path.normpath(os.path.join(folder, os.path.expanduser(path)))

    def at(self, where: KeyPath) -> Any:
        """The value at a place, None where there is none."""
        found = self.value
        for step in where:
            found = found.get(step) if isinstance(found, dict) else None
        return found

    def take(
        self, where: KeyPath, what: str, fits: Callable[[Any], bool], many: bool = True
    ) -> Any:
        """The value of a setting that must be ``what``: a list of what fits, or one such value.

        None where there is none; anything else is reported.
        """
        found = self.at(where)
        if found is None:
            return None
        if not (isinstance(found, list) and all(map(fits, found)) if many else fits(found)):
            return self.must(where, f"be {what}")
        self.locations[where] = self.key(where)
        return found

    def table_at(self, where: KeyPath) -> dict[str, Any]:
        """A table, empty where there is none."""
        found = self.at(where)
        if isinstance(found, dict):
            return found
        if found is not None:
            self.must(where, "be a table")
        return {}

    def known(self, where: KeyPath, names: tuple[str, ...]) -> None:
        """Report the keys of a table that are no settings."""
        for key in self.table_at(where):
            if key not in names:
                helps = [f"settings: {', '.join(names)}"]
                if key == "tool" and not self.table:
                    helps.insert(0, f"in {OWN_FILE} the settings stand at the top level")
                message, label = f"there is no setting `{key}`", _meant(nearest(key, names))
                self.report((*where, key), message, label, tuple(helps), rule=unknown_setting)

    def must(self, where: KeyPath, what: str, label: str = "", *, value: bool = False) -> None:
        """Report that a setting must be something else."""
        name = key_path_text(where) or "the settings"
        self.report(where, f"{name} must {what}", label, value=value)

    def report(
        self,
        where: KeyPath,
        message: str,
        label: str = "",
        helps: tuple[str, ...] = (),
        *,
        value: bool = False,
        rule: Rule = invalid_setting,
    ) -> None:
        """Note a finding, unless there are so many that nobody would read on."""
        if len(self.findings) < _MAX_FINDINGS:
            path = (*self.table, *where)
            span = self.places.value(path) if value else self.places.key(path)
            place = Location(self.source, span)
            self.findings.append(rule.at(place, message, path, label=label, helps=helps))

    def key(self, where: KeyPath) -> Location:
        """The place of a setting's key."""
        return Location(self.source, self.places.key((*self.table, *where)))


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_path(value: Any) -> bool:
    return isinstance(value, str) and value != "" and "\0" not in value


def _meant(close: str | None) -> str:
    return f"did you mean `{close}`?" if close else ""


def _listed(words: tuple[str, ...]) -> str:
    *first, last = (f'"{word}"' for word in words)
    return f"{', '.join(first)} or {last}"


def _offset(found: Diagnostic) -> int:
    return found.location.span.start if found.location else 0


_PARTS = re.compile(r"\*\*/|\*\*|.", re.DOTALL)


def path_matches(pattern: str, path: str) -> bool:
    """Whether a pattern matches a relative path with forward slashes.

    ``*`` and ``?`` stay within a folder, ``**`` goes over any number of them. A pattern without a
    slash means a file's name, wherever the file is; one that ends in a slash, all that is below.
    All ways to match are followed at once, so that many stars cost no more than other signs.
    """
    text = pattern.removeprefix("./")
    if text.endswith("/"):
        text += "**"
    reached = {0}  # the offsets in the path up to which the parts so far may match
    for part in _PARTS.findall(text if "/" in text else f"**/{text}"):
        if part == "**/":
            first = min(reached, default=len(path))
            folders = {0, *(slash.end() for slash in re.finditer("/", path))}
            reached = {at for at in folders if at in reached or at > first}
        elif part in ("*", "**"):
            for at, sign in enumerate(path):
                if at in reached and (part == "**" or sign != "/"):
                    reached.add(at + 1)
        else:
            signs = {at: path[at] for at in reached if at < len(path)}
            reached = {
                at + 1
                for at, sign in signs.items()
                if part == sign or (part == "?" and sign != "/")
            }
    return len(path) in reached


# --- what is in effect ---------------------------------------------------------------------------

_File = TypeVar("_File")


class EffectiveSettings(NamedTuple):
    """The settings in effect for one config; ``about_settings`` are findings about its settings.

    ``selection`` is about the config's own file, ``settings`` has those of other files. ``asked``
    is what the options add to them.
    """

    selection: Selection
    environment: Environment
    baseline: Baseline | None
    about_settings: tuple[Report, ...]
    settings: Settings
    asked: Layer
    capabilities: str | None
    target: str
    schemas: tuple[str, ...]

    @property
    def optional(self) -> bool:
        """Whether a rule counts for any file that is off by default."""
        layers = ([one.layer] for one in self.settings.per_path)
        return self.selection.optional or any(Selection(one).optional for one in layers)

    def apply(self, found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
        """The findings that count, each by the settings of its own file."""
        if not self.settings.per_path:
            return self.selection.apply(found)
        selections: dict[str | None, Selection] = {None: self.selection}
        kept: list[Diagnostic] = []
        for item in found:
            path = item.location.source.path if item.location is not None else None
            if path not in selections:
                selections[path] = Selection([*self.settings.layers(path or ""), self.asked])
            kept += selections[path].apply([item])
        return tuple(kept)


class SettingsResolver:
    """Works out effective settings, and reads each settings file, baseline and ``.env`` file once.

    ``environment`` has the variables that the options ask for. ``settings`` and ``baseline`` read
    files by their paths; the latter raises OSError or BaselineError.
    """

    def __init__(self, options: Options, environment: Environment) -> None:
        self.options = options
        self.environment = environment
        self.settings = cache(lambda path: read_settings(path, shown(path)))
        self.baseline = cache(read_baseline)
        self.variables = cache(Environment.of_file)

    def effective(self, path: str, settings_path: str | None) -> EffectiveSettings:
        """The settings in effect for the config at an absolute path, given its settings file.

        Raises OSError or BaselineError when the baseline that the options name cannot be read.
        """
        options = self.options
        settings = Settings() if settings_path is None else self.settings(settings_path)
        found = list(settings.findings)

        def named(name: str, file: str | None, read: Callable[[str], _File]) -> _File | None:
            try:
                return read(file) if file is not None else None
            except (OSError, ValueError) as error:
                why = getattr(error, "strerror", None) or f"{error}"
                place = settings.locations.get((name,))
                message = f"{name} cannot be read: {why}"
                found.append(invalid_setting.at(place, message, (name,)))
                return None

        environment = self.environment
        if not options.env_given:
            environment = named("env-file", settings.env_file, self.variables) or environment
        if options.baseline is None:
            baseline = named("baseline", settings.baseline, self.baseline)
        else:
            baseline = self.baseline(options.baseline) if options.baseline else None
        asked = Layer(options.select, options.ignore, options.severity)
        return EffectiveSettings(
            Selection([*settings.layers(path), asked]),
            environment,
            baseline,
            (Report(settings.name, tuple(found), True),) if found else (),
            settings,
            asked,
            options.capabilities or settings.capabilities,
            options.target or settings.target,
            options.schemas or settings.schemas,
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


class Places(NamedTuple):
    """The spans of keys and of table headers, or of the first key below each, and of strings."""

    keys: dict[KeyPath, Span]
    strings: dict[KeyPath, Span]

    def key(self, path: KeyPath) -> Span:
        """The place of a key; where it is not known, that of the nearest one around it."""
        while path and path not in self.keys:
            path = path[:-1]
        return self.keys.get(path, Span(0, 0))

    def value(self, path: KeyPath) -> Span:
        """The place of a string, or of its key."""
        return self.strings.get(path) or self.key(path)


def places(text: str) -> Places:
    """The places of a text that is known to be TOML."""
    found = Places({}, {})
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
            for end in range(1, len(path) + 1):
                found.keys.setdefault(path[:end], span)
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
