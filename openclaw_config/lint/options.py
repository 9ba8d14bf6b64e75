"""What a check is asked for, by options and settings, which rules count by that, and its results.

Options and results are data that can go to another process and back.
"""

# No "from __future__ import annotations" here: with it NamedTuple compiles every annotation again.
import os
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from itertools import zip_longest
from typing import NamedTuple, cast

from openclaw_config.diagnostics.model import Diagnostic, Report, Severity, declared, rules_of
from openclaw_config.syntax.text import KeyPath, Location
from openclaw_config.validation.validate import LIMIT


class Target(NamedTuple):
    """A config to check: a file, a text of a given name, or a file's text as an editor has it.

    Nothing at all stands for the config that OpenClaw would load here. ``included`` has the texts
    of files that the config includes, where they are others than on disk, by absolute paths.
    """

    path: str | None = None
    text: bytes | None = None
    name: str | None = None
    included: Mapping[str, bytes] = {}

    def __repr__(self) -> str:
        # Here and below: never the text, which may hold a secret. A repr ends up in logs.
        return f"<target {self.name or self.path}>"


class Layer(NamedTuple):
    """What one place asks of the rules: a settings file, one of its paths, or the command line.

    A rule is given by its name or by a pattern with ``*``. ``select`` starts afresh: these rules
    and no others, whatever the layers below say; None leaves things as they are. ``ignore`` takes
    rules away. ``severity`` has a level for each rule: error, warning, info or ``OFF``.
    It is about the files that ``pattern`` matches, and stands at the key path ``place``.
    """

    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    severity: tuple[tuple[str, str], ...] = ()
    pattern: str = "**"
    place: KeyPath = ()


class Settings(NamedTuple):
    """What is asked for by a settings file, by the command line, or by both.

    ``path`` is that of the file, absolute, ``name`` is for people; both are "" where there is none.
    ``layers`` are about rules, the lowest first. ``baseline``, ``env_file`` and ``capabilities``
    are paths, ``target`` is a version of OpenClaw, ``roots`` are absolute paths, folders and
    patterns of configs, ``schemas`` paths of JSON Schemas. None, (), and "" for a target, stand for
    what is not asked, "" for a path that is none whatever is asked below. ``locations`` has
    where each setting of a file stands, by its key path below our table. ``findings`` are what is
    wrong with the file; what they are about has no effect.
    """

    path: str = ""
    name: str = ""
    layers: tuple[Layer, ...] = ()
    baseline: str | None = None
    env_file: str | None = None
    capabilities: str | None = None
    roots: tuple[str, ...] = ()
    target: str = ""
    schemas: tuple[str, ...] = ()
    locations: tuple[tuple[KeyPath, Location], ...] = ()
    findings: tuple[Diagnostic, ...] = ()

    def below(self, asked: "Settings") -> "Settings":
        """These with what is ``asked`` in the place of their own; its layers are put on theirs."""
        defaults = self._field_defaults
        given = {name: it for name, it in asked._asdict().items() if it != defaults[name]}
        layers = (*self.layers, *asked.layers)
        given["layers"] = tuple(one for one in layers if one[:3] != Layer()[:3])
        left = (it for it in self.locations if str(it[0][0]).replace("-", "_") not in given)
        return self._replace(locations=tuple(left), **given)

    def layers_for(self, path: str) -> list[Layer]:
        """The layers for a file, given by its absolute path; the lowest layer first."""
        if all(layer.pattern == "**" for layer in self.layers):
            return [*self.layers]  # A file on another drive has no relative path.
        relative = os.path.relpath(path, os.path.dirname(self.path) or os.sep).replace(os.sep, "/")
        return [layer for layer in self.layers if path_matches(layer.pattern, relative)]


class Options(NamedTuple):
    """What the command line asks for.

    ``asked`` counts before the settings that are found. ``env`` is ``assume`` or ``process``.
    ``settings`` is the path of a settings file to use in place of those that are found, "" for
    none. ``fix`` makes fixes, with ``unsafe`` the unsafe ones too; ``write`` puts them into the
    files. ``limit`` is as in ``api.check``.
    """

    asked: Settings = Settings()
    env: str = "assume"
    settings: str | None = None
    fix: bool = False
    unsafe: bool = False
    write: bool = False
    limit: int = LIMIT


class Change(NamedTuple):
    """What fixes make of a file. ``path`` is absolute, "" for a text that has none.

    ``rules`` are those of the findings that were fixed, in that order; ``place`` is that of the
    file's source.
    """

    path: str
    name: str
    before: bytes
    after: bytes
    rules: tuple[str, ...]
    place: KeyPath | None = ()

    def __repr__(self) -> str:
        return f"<change of {self.name}: {', '.join(self.rules)}>"


class Outcome(NamedTuple):
    """The result for one config.

    ``report`` has what is to be reported, after suppressions, the selection of rules and the
    baseline, ``found`` every finding, and ``about_settings`` those about the settings in
    effect for the config. ``files`` are the absolute paths of the config and of what it
    includes. ``baseline`` is the path of the one that was used, ``known`` the fingerprints that it
    filtered out. ``changes`` are the fixes, which ``report`` takes for made. ``problem``
    says why they could not be written; then there are none. ``text`` is the fixed text of a target
    that was given as one.
    """

    report: Report
    found: tuple[Diagnostic, ...]
    about_settings: tuple[Report, ...] = ()
    files: tuple[str, ...] = ()
    baseline: str | None = None
    known: frozenset[str] = frozenset()
    changes: tuple[Change, ...] = ()
    problem: str = ""
    text: bytes | None = None

    def __repr__(self) -> str:
        return f"<outcome {self.report!r}, {len(self.changes)} changes>"


# --- which rules count ----------------------------------------------------------------------------

ALL = "all"
"""Stands for every rule, those included that are off by default."""
DEFAULT = "default"
"""Stands for every rule that is on by default."""
OFF = "off"
"""The level of a rule that is not to count."""
LEVELS = ("error", "warning", "info", OFF)

_SUGGESTIONS = 20
# For how many unknown rules we look for one with a similar name.


class Selection:
    """Which rules count in the file at an absolute path, and how much, as settings have it."""

    def __init__(self, settings: Settings, path: str) -> None:
        self.layers = settings.layers_for(path)
        self.level = cache(self._level)
        self.of = cache(lambda other: Selection(settings, other))
        self.asks = bool(settings.layers)
        self.path = path

    def runs(self, rule: str) -> bool:
        """Whether a rule counts at all."""
        return self.level(rule, "") != OFF

    def _level(self, rule: str, own: str) -> str:
        """How much a rule counts: a severity, its ``own`` where nothing says otherwise, or OFF."""
        default = rule not in off_by_default()
        on, level = default, own
        for layer in self.layers:
            if layer.select is not None:
                on = matches(rule, layer.select, default)
                level = own if level == OFF else level
            if matches(rule, layer.ignore, default):
                on = False
            for pattern, asked in layer.severity:
                if matches(rule, (pattern,), default):
                    level = asked
        return level if on else OFF

    def apply(self, found: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
        """The findings that count, each with the severity that holds in its own file.

        Whether OpenClaw loads the file is not for a selection to say: ``blocks`` stays.
        """
        kept = []
        for item in found if self.asks else ():
            path = (item.location and item.location.source.path) or self.path
            level = self.of(path).level(item.rule, item.severity)
            if level != OFF:
                kept.append(item._replace(severity=cast("Severity", level)))
        return tuple(kept) if self.asks else found


@lru_cache(maxsize=1)
def off_by_default() -> frozenset[str]:
    """The rules that are looked for only when they are asked for."""
    from openclaw_config.validation.rules import OPTIONAL, PACKAGE

    modules = (rules_of(f"{PACKAGE}.{module}") for module in OPTIONAL)
    return frozenset(rule.name for rules in modules for rule in rules if not rule.default)


def asks_for_more(layers: Iterable[Layer]) -> bool:
    """Whether one of the layers selects a rule that is off by default."""
    selects = (layer.select for layer in layers if layer.select)
    return any(matches(rule, select, False) for select in selects for rule in off_by_default())


def matches(rule: str, patterns: Iterable[str], default: bool = True) -> bool:
    """Whether one of the patterns means a rule; ``default`` says whether it is on by default."""
    for pattern in patterns:
        if pattern in (rule, ALL) or (pattern == DEFAULT and default):
            return True
        if "*" in pattern and _is_like(rule, pattern):
            return True
    return False


def _is_like(name: str, pattern: str) -> bool:
    from fnmatch import fnmatchcase  # a check that is asked for nothing goes without it

    return fnmatchcase(name, pattern)


def unknown(patterns: Iterable[str]) -> dict[str, str | None]:
    """The patterns that mean no rule, each with the name that was probably meant."""
    known = dict.fromkeys((*declared(), ALL, DEFAULT))
    wanted = (one for one in dict.fromkeys(patterns) if one not in known)
    missing = [it for it in wanted if not ("*" in it and any(_is_like(one, it) for one in known))]
    if not missing:
        return {}
    from openclaw_config.validation.suggest import nearest

    close = [nearest(one, known) for one in missing[:_SUGGESTIONS]]
    return dict(zip_longest(missing, close))


def path_matches(pattern: str, path: str) -> bool:
    """Whether a pattern matches a relative path with forward slashes.

    ``*`` and ``?`` stay within a folder, ``**`` is any number of folders. A pattern without a slash
    means a file's name, wherever the file is; one that ends in a slash, all that is below.
    """
    text = pattern.removeprefix("./")
    text = f"{text}**" if text.endswith("/") else text if "/" in text else f"**/{text}"
    return parts_match(text.replace("[", "[[]").split("/"), path.split("/"))


def parts_match(parts: list[str], names: list[str]) -> bool:
    """Whether the parts of a pattern match the names of a path; ``**`` is any number of names."""
    reached = {0}  # how many names the parts so far may match
    for number, part in enumerate(parts, 1):
        if part == "**":
            first = min(reached, default=len(names)) + (number == len(parts))
            reached = {*range(first, len(names) + 1)}
        else:
            open_ = (at for at in reached if at < len(names))
            reached = {at + 1 for at in open_ if _is_like(names[at], part)}
    return len(names) in reached
