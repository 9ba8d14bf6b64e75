"""Checks a config as the command line does: with settings, suppressions, a baseline, and fixes.

``api.check`` reports all findings; here the linter's settings are applied to them. An ordinary
check, without any of these, costs hardly more than ``api.check``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from openclaw_config import api
from openclaw_config.diagnostics.model import WARNING, Diagnostic
from openclaw_config.diagnostics.rules import rule
from openclaw_config.files import (
    ChangedMeanwhileError,
    in_place_of,
    is_inside,
    read_regular,
    upwards,
    write_atomically,
)
from openclaw_config.lint.options import Change, FilteredReport, Options, Outcome, Target
from openclaw_config.loading.environment import Environment
from openclaw_config.loading.load import MAX_BYTES
from openclaw_config.report import Report, in_order
from openclaw_config.syntax.spans import Location, Position, Span

if TYPE_CHECKING:
    from openclaw_config.lint.fixes import Fixed, Texts
    from openclaw_config.lint.settings import EffectiveSettings, SettingsResolver

OWN_FILE = ".openclaw-config.toml"
PROJECT_FILE = "pyproject.toml"
TABLE = ("tool", "openclaw-config")
"""Where the settings stand in a pyproject.toml."""

MAX_SETTINGS_BYTES = 1 << 20
"""A larger settings file is not read."""

_MARK = "openclaw-config:"
# What every suppression has. Without it, ``lint.suppressions`` is not loaded.


class Linter:
    """Checks one config after another, and reads what they share once.

    Making one raises OSError or ValueError when a file that the options name cannot be read.
    """

    def __init__(self, options: Options) -> None:
        self.options = options
        self.environment = environment_of(options.env, options.env_file)
        self._resolver: SettingsResolver | None = None
        self._settings_files: dict[str, str | None] = {}
        if options.baseline:
            self.resolver.baseline(options.baseline)

    @property
    def resolver(self) -> SettingsResolver:
        """Works out the settings; loaded when it is first needed."""
        if self._resolver is None:
            from openclaw_config.lint.settings import SettingsResolver

            self._resolver = SettingsResolver(self.options, self.environment)
        return self._resolver

    def check(self, target: Target) -> Outcome:
        """Check a config, and work out its fixes where they are asked for. Never raises.

        Loading and validation report findings, and the settings in effect filter them.
        """
        path = path_of(target)
        settings = self.settings_for(path)
        if settings is None and self.options.plain:
            report = _examined(target, environment=self.environment, version=self.options.target)
            if not any(_MARK in source.text for source in report.sources):
                return Outcome(report, files=files_of(report, path))
            effective = self.resolver.effective(path, None)
        else:
            effective = self.resolver.effective(path, settings)
            if self.options.fix:
                return _fixed(target, path, effective, self.options.unsafe)
            report = _examined(target, effective, environment=effective.environment)
        return _outcome(filter_report(report, effective), path, effective)

    def settings_for(self, path: str) -> str | None:
        """The settings file in effect for a config, given by its absolute path."""
        if self.options.settings is not None:
            return self.options.settings or None
        folder = os.path.dirname(path)
        if folder not in self._settings_files:
            self._settings_files[folder] = find_settings(folder)
        return self._settings_files[folder]


def path_of(target: Target) -> str:
    """Where a config is, or would be: an absolute path."""
    if target.path is not None or target.text is not None:
        from openclaw_config.loading.discovery import CONFIG_NAMES

        try:
            return os.path.abspath(target.path or CONFIG_NAMES[0])
        except OSError:  # the working folder is gone
            return os.path.join(os.sep, target.path or CONFIG_NAMES[0])
    from openclaw_config.loading.discovery import find_config

    return find_config().path


def files_of(report: Report, path: str) -> tuple[str, ...]:
    """The absolute paths of a config and of the files that it includes."""
    others = [source.path for source in report.sources if source.path not in (None, path)]
    return (path, *filter(None, others))


def filter_report(report: Report, effective: EffectiveSettings) -> FilteredReport:
    """Filter a report by suppressions, then by the selection of rules, then by the baseline.

    None of them says whether OpenClaw loads the config: ``loads`` and ``blocks`` stay.
    """
    found, kept = _without_suppressed(report, effective)
    shown = report._replace(diagnostics=effective.apply(kept))
    known: frozenset[str] = frozenset()
    if effective.baseline is not None:
        shown, known = effective.baseline.filter(shown)
    return FilteredReport(shown, found, known)


def save(changes: Sequence[Change], config: str) -> str:
    """Write the changes of one config, whose folder confines what it includes (LOAD-22).

    ``config`` is its absolute path. When a file has changed since it was read, none of them is
    written. Gives "" when all is well, or else a sentence that says what went wrong.
    """
    written: list[Change] = []
    root = os.path.realpath(os.path.dirname(config))
    for change in changes:
        try:
            if change.path != config and not is_inside(root, os.path.realpath(change.path)):
                raise ChangedMeanwhileError("it has become a link that leads elsewhere")
            write_atomically(change.path, change.after, expected=change.before)
        except (OSError, ValueError) as error:
            _take_back(written)
            return f"{change.name}: {_reason(error)}, and is left as it is"
        written.append(change)
    return ""


def _take_back(written: Sequence[Change]) -> None:
    for change in reversed(written):
        try:
            write_atomically(change.path, change.before, expected=change.after)
        except OSError:
            # Somebody has gone on from there: theirs is the newest text.
            continue


def _reason(error: Exception) -> str:
    if isinstance(error, ChangedMeanwhileError):
        return "was changed meanwhile"
    return f"cannot be written ({getattr(error, 'strerror', None) or error})"


def _examined(
    target: Target,
    effective: EffectiveSettings | None = None,
    *,
    environment: Environment,
    version: str = "",
) -> Report:
    """The report of ``api.check``; where the variables are known, with surfaces without a key."""
    report = api.check(
        target.path,
        text=target.text,
        name=target.name,
        environment=environment,
        read=in_place_of(target.included) if target.included else None,
        optional=effective is not None and effective.optional,
        capabilities=effective and effective.capabilities,
        target=effective.target if effective else version,
    )
    if environment.assume or not report.loads:
        return report
    found = (*report.diagnostics, *_without_key(api.Config(report)))
    return report._replace(diagnostics=in_order(found, report.name))


@rule(severity=WARNING, subject="variables file")
def no_key() -> None:
    """Nothing gives a key to a surface that is used.

    With --env process or --env-file it is known which variables there are. When none of the places
    where OpenClaw looks for a key has one, each request of the surface fails. An auth profile that
    the config names, or whose store is there, counts as a key.

    bad:
      OTHER_API_KEY=abc
    good:
      OPENROUTER_API_KEY=abc
    source: AUTH-10
    """


def _without_key(config: api.Config) -> Iterator[Diagnostic]:
    from openclaw_config.needs import without_key

    for surface in without_key(config.plan):
        origin = surface.origin
        source = next((one for one in config.document.sources if one.name == origin.file), None)
        location = None
        if source is not None and origin.line:
            at = source.offset(Position(origin.line, origin.column))
            location = Location(source, Span(at, at))
        chain = [one.credential.chain for one in surface.candidates if one.credential is not None]
        places = dict.fromkeys(link.label or link.ref for links in chain for link in links)
        yield no_key.at(
            location,
            f"no key for {surface.surface}: every request of it fails",
            notes=("looked for " + ", ".join(places),),
        )


def _without_suppressed(
    report: Report, effective: EffectiveSettings
) -> tuple[tuple[Diagnostic, ...], tuple[Diagnostic, ...]]:
    """All findings, those about suppressions included, and those that are not suppressed."""
    from openclaw_config.lint import suppressions
    from openclaw_config.validation.validate import limited

    read = suppressions.read(report.document.trees if report.document else ())
    if not (read.suppressions or read.findings):
        return report.diagnostics, report.diagnostics
    kept, used = suppressions.apply(report.diagnostics, read.suppressions)
    more = list(read.findings)
    if report.readable and effective.environment.assume:
        # Otherwise a rule may just have had nothing to look at.
        more += suppressions.unused(read.suppressions, used, effective.selection.runs)
    more = list(limited(more))
    found = in_order([*report.diagnostics, *more], report.name)
    reported, _ = suppressions.apply(more, read.suppressions)
    return found, in_order([*kept, *reported], report.name)


def _outcome(filtered: FilteredReport, path: str, effective: EffectiveSettings) -> Outcome:
    """The outcome for the config at an absolute path."""
    report, known = filtered.report, filtered.known
    files = files_of(report, path)
    baseline = effective.baseline
    if baseline is not None:
        # What was not looked for is not gone.
        known |= baseline.kept(files, report.readable, effective.selection.runs)
    path_of_it = None if baseline is None else baseline.path
    return Outcome(report, effective.about_settings, files, path_of_it, known)


def _fixed(target: Target, path: str, effective: EffectiveSettings, unsafe: bool) -> Outcome:
    """Check the config at an absolute path, and apply its fixes to the texts. Never raises.

    Included files are fixed too. Nothing is written here.
    """
    from openclaw_config.lint.fixes import fix

    data = target.text
    if data is None:
        try:
            data = read_regular(path, MAX_BYTES)
        except (OSError, ValueError):
            # The check says why, and there is nothing to fix.
            data = None

    own = "" if target.path is None and target.text is not None else path
    named = target.path if own != path or data is None else path

    def examine(texts: Texts) -> FilteredReport:
        included = {key: text.encode() for key, text in texts.items() if key != own}
        text = texts[own].encode() if own in texts else data
        edited = Target(named, text, target.name or target.path, included)
        report = _examined(edited, effective, environment=effective.environment)
        return filter_report(report, effective)

    result = fix(examine, unsafe=unsafe)
    changes = tuple(_changes(result))
    text = None
    if target.text is not None:
        text = next((change.after for change in changes if change.path == own), target.text)
    done = _outcome(result.after, path, effective)
    unfixed = result.before.report if changes else None
    return done._replace(changes=changes, unfixed=unfixed, text=text)


def _changes(result: Fixed) -> Iterator[Change]:
    """What is to be written, the included files first: the config needs them."""
    from openclaw_config.lint.fixes import key_of

    for source in reversed(result.before.report.sources):
        key = key_of(source)
        text = result.texts.get(key, source.text)
        if text != source.text:
            rules = [
                item.rule
                for item in result.fixed
                if item.location is not None and key_of(item.location.source) == key
            ]
            before, after = source.text.encode(), text.encode()
            yield Change(key, source.name, before, after, tuple(rules), source.place)


def environment_of(env: str, env_file: str | None) -> Environment:
    """The variables that ``Options`` of these values ask for. Raises OSError and ValueError."""
    if env_file is not None:
        return Environment.of_file(env_file)
    return Environment.process() if env == "process" else Environment.assumed()


def find_settings(folder: str) -> str | None:
    """The settings file in effect in a folder, which is given by its absolute path.

    The search ends at the root of a repository. Of two files in one folder the own one counts; a
    pyproject.toml counts when it has our table.
    """
    for here in upwards(folder):
        own, project = os.path.join(here, OWN_FILE), os.path.join(here, PROJECT_FILE)
        if os.path.isfile(own):
            return own
        if os.path.isfile(project) and _mentions_us(project):
            return project
    return None


def _mentions_us(path: str) -> bool:
    """Whether a pyproject.toml has our table, looked at closely only where its text says so."""
    try:
        text = read_regular(path, MAX_SETTINGS_BYTES).decode()
    except (OSError, ValueError):
        return False
    if "openclaw-config" not in text:
        return False
    from openclaw_config.lint.settings import read_toml

    try:
        tool = read_toml(text).get("tool")
    except (ValueError, RecursionError):
        # We cannot know; a file that names us in a table's header is meant for us.
        return "[tool.openclaw-config" in text
    return isinstance(tool, dict) and "openclaw-config" in tool
