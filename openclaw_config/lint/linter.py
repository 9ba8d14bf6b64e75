"""Checks configs as the command line does: with settings, suppressions, a baseline, and fixes.

``api.check`` reports all findings; here the linter's settings are applied to them. An ordinary
check, without any of these, costs hardly more than ``api.check``. Many configs are shared out
among several processes where that pays.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cache, lru_cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from openclaw_config.api import Config, check
from openclaw_config.diagnostics.model import ERROR, Diagnostic, Report, in_order, rule
from openclaw_config.files import in_place_of, read_regular, shown, upwards, working_folder
from openclaw_config.lint.options import (
    Options,
    Outcome,
    Selection,
    Settings,
    Target,
    asks_for_more,
)
from openclaw_config.loading.environment import CONFIG_NAMES, Environment, find_config

if TYPE_CHECKING:
    from openclaw_config.lint.baseline import Baseline
    from openclaw_config.lint.fixes import Texts


OWN_FILE = ".openclaw-config.toml"
PROJECT_FILE = "pyproject.toml"
TABLE = ("tool", "openclaw-config")
"""Where the settings stand in a pyproject.toml."""

_OUR_TABLE = r"""(?m)^[ \t]*\[[ \t]*tool[ \t]*\.[ \t]*["']?openclaw-config["']?[ \t]*[.\]]"""

MAX_SETTINGS_BYTES = 1 << 20
"""A larger settings file is not read."""

_MARK = "openclaw-config:"
# What every suppression has. Without it, ``lint.suppressions`` is not loaded.


class Effective(NamedTuple):
    """The settings in effect for one config.

    ``given`` are the arguments for ``api.check``, ``about_settings`` the findings about the
    settings.
    """

    given: dict[str, Any]
    schemas: tuple[str, ...]
    selection: Selection
    baseline: Baseline | None
    about_settings: tuple[Report, ...]


_Read = TypeVar("_Read")


class Linter:
    """Checks one config after another, and reads what they share once.

    Making one raises OSError or ValueError when a file that the options name cannot be read.
    """

    def __init__(self, options: Options) -> None:
        self.options = options
        self.environment = environment_of(options.env, options.asked.env_file or None)
        self._settings_of = cache(find_settings)
        self._settings = cache(lambda file: _settings_in(file).below(options.asked))
        self._variables = cache(Environment.of_file)
        self.baseline = cache(_baseline_in)
        if options.asked.baseline:
            self.baseline(options.asked.baseline)

    def check(self, target: Target) -> Outcome:
        """Check a config, and work out its fixes where they are asked for. Never raises.

        Loading and validation report findings, and the settings in effect filter them.
        """
        path = path_of(target)
        effective = self.effective(path)
        if self.options.fix:
            return _fixed(target, path, effective, self.options.unsafe)
        return _outcome(target, path, effective)

    def settings_for(self, path: str) -> Settings:
        """What holds for a config, given by its absolute path: what is asked, and its settings."""
        file = self.options.settings
        return self._settings(self._settings_of(os.path.dirname(path)) if file is None else file)

    def effective(self, path: str) -> Effective:
        """The settings for the config at an absolute path, and what they name."""
        settings = self.settings_for(path)
        found = [*settings.findings]

        def named(name: str, file: str | None, read: Callable[[str], _Read]) -> _Read | None:
            try:
                return read(file) if file else None
            except (OSError, ValueError) as error:
                from openclaw_config.lint.settings import unreadable

                found.append(unreadable(name, error, dict(settings.locations).get((name,))))
                return None

        environment = named("env-file", settings.env_file, self._variables) or self.environment
        baseline = named("baseline", settings.baseline, self.baseline)
        given = {
            "environment": environment,
            "optional": asks_for_more(settings.layers),
            "capabilities": settings.capabilities,
            "target": settings.target,
            "limit": self.options.limit,
        }
        about = (Report(settings.name, tuple(found), True),) if found else ()
        return Effective(given, settings.schemas, Selection(settings, path), baseline, about)


def _settings_in(path: str | None) -> Settings:
    if not path:
        return Settings()
    from openclaw_config.lint.settings import read_settings

    return read_settings(path, shown(path))


def _baseline_in(path: str) -> Baseline:
    from openclaw_config.lint.baseline import read_baseline

    return read_baseline(path)


def path_of(target: Target) -> str:
    """Where a config is, or would be: an absolute path."""
    if target.path is None and target.text is None:
        return find_config().path
    return os.path.normpath(os.path.join(working_folder(), target.path or CONFIG_NAMES[0]))


def _outcome(target: Target, path: str, effective: Effective) -> Outcome:
    """What is found in the config at an absolute path.

    Suppressions filter it, then the selection of rules, then the baseline. None of them says
    whether OpenClaw loads the config: ``loads`` and ``blocks`` stay.
    """
    report = _examined(target, effective)
    found, kept = _without_suppressed(report, effective)
    left = report._replace(diagnostics=effective.selection.apply(kept))
    others = [source.path for source in report.sources if source.path not in (None, path)]
    files = (path, *filter(None, others))
    outcome, baseline = Outcome(left, found, effective.about_settings, files), effective.baseline
    if baseline is None:
        return outcome
    left, known = baseline.filter(left, files, effective.selection.runs)
    return outcome._replace(report=left, baseline=baseline.path, known=known)


def _examined(target: Target, effective: Effective) -> Report:
    """The report of ``api.check``, with what a user's own schemas say of the config.

    Where the variables are known, it has surfaces without a key as well.
    """
    read = in_place_of(target.included) if target.included else None
    report = check(target.path, text=target.text, name=target.name, read=read, **effective.given)
    found: list[Diagnostic] = []
    if effective.schemas and report.readable:
        from openclaw_config.lint.user_schemas import broken
        from openclaw_config.validation.validate import limited

        assert report.document is not None and report.document.root is not None
        found += limited([*broken(report.document.root, effective.schemas)])
    if report.loads and not effective.given["environment"].assume:
        found += _without_key(Config(report))
    if not found:
        return report
    return report._replace(diagnostics=in_order([*report.diagnostics, *found], report.name))


@rule(severity=ERROR, blocks=False, subject="variables file")
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


def _without_key(config: Config) -> Iterator[Diagnostic]:
    from openclaw_config.needs import without_key
    from openclaw_config.plan import values
    from openclaw_config.validation.context import start_of

    assert config.document.root is not None
    for surface in without_key(config.plan):
        path = values.path_of(surface.origin.path)
        location = start_of(config.document.root, path) if path else None
        chain = [one.credential.chain for one in surface.candidates if one.credential is not None]
        places = dict.fromkeys(link.label or link.ref for links in chain for link in links)
        yield no_key.at(
            location,
            f"no key for {surface.surface}: every request of it fails",
            notes=("looked for " + ", ".join(places),),
        )


def _without_suppressed(
    report: Report, effective: Effective
) -> tuple[tuple[Diagnostic, ...], tuple[Diagnostic, ...]]:
    """All findings, those about suppressions included, and those that are not suppressed."""
    if not any(_MARK in source.text for source in report.sources):
        return report.diagnostics, report.diagnostics
    from openclaw_config.lint import suppressions
    from openclaw_config.validation.validate import limited

    read, more = suppressions.read(report.document.trees if report.document else ())
    kept, used = suppressions.apply(report.diagnostics, read)
    if report.readable and effective.given["environment"].assume:
        # Otherwise a rule may just have had nothing to look at.
        more += suppressions.unused(read, used, effective.selection.runs)
    more = list(limited(more))
    found = in_order([*report.diagnostics, *more], report.name)
    reported, _ = suppressions.apply(more, read)
    return found, in_order([*kept, *reported], report.name)


def _fixed(target: Target, path: str, effective: Effective, unsafe: bool) -> Outcome:
    """Check the config at an absolute path, and apply its fixes to the texts. Never raises.

    Included files are fixed too. Nothing is written here.
    """
    from openclaw_config.lint.fixes import Fixing

    lone = target.path is None and target.text is not None
    own = "" if lone else path

    def examine(texts: Texts) -> Outcome:
        changed = {key: text.encode() for key, text in texts.items()}
        text = changed.pop(own, target.text)
        named = target.path if lone or text is None else target.path or path
        given = Target(named, text, target.name, {**target.included, **changed})
        return _outcome(given, path, effective)

    fixing = Fixing(examine, unsafe=unsafe)
    changes = fixing.changes()
    text = None
    if target.text is not None:
        text = next((change.after for change in changes if change.path == own), target.text)
    return fixing.after()._replace(changes=changes, text=text)


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
        with suppress(OSError, ValueError):
            # It need not be TOML to its end.
            if re.search(_OUR_TABLE, read_regular(project, MAX_SETTINGS_BYTES).decode()):
                return project
    return None


PAYS_FROM = 60
"""From so many configs on it is faster to start another process than to go on alone. One of 5 KB
takes some 2 ms, and two processes some 50 ms to start (measured; compare the ratio)."""

CHUNK = 16
"""Configs that a process takes at a time."""

MOST_PROCESSES = 8


class Session(NamedTuple):
    """The results of one call.

    ``about_settings`` are the reports about settings files, each file once; ``outcomes`` are in
    the order of the configs. ``expired`` counts, by the paths of baselines, the entries that no
    finding matched.
    """

    about_settings: tuple[Report, ...]
    outcomes: tuple[Outcome, ...]
    expired: dict[str, int]

    @property
    def reports(self) -> list[Report]:
        """All reports, those about settings first."""
        return [*self.about_settings, *(outcome.report for outcome in self.outcomes)]


def check_all(
    linter: Linter, targets: Sequence[Target], tick: Callable[[int], None] = lambda _: None
) -> Session:
    """Check configs one after another; ``tick`` gets how many are done."""
    done: list[Outcome] = []
    for outcome in outcomes(linter, targets):
        done.append(outcome)
        tick(len(done))
    about = {report.name: report for outcome in done for report in outcome.about_settings}
    return Session(tuple(about.values()), tuple(done), _expired(linter, done))


def _expired(linter: Linter, outcomes: Sequence[Outcome]) -> dict[str, int]:
    expired = {}
    for path in dict.fromkeys(outcome.baseline for outcome in outcomes if outcome.baseline):
        mine = [outcome for outcome in outcomes if outcome.baseline == path]
        known = frozenset[str]().union(*(outcome.known for outcome in mine))
        files = [file for outcome in mine for file in outcome.files]
        expired[path] = len(linter.baseline(path).expired(known, files))
    return {path: count for path, count in expired.items() if count}


def outcomes(
    linter: Linter, targets: Sequence[Target], processes: int | None = None
) -> Iterator[Outcome]:
    """The outcome of each config, in the order of ``targets``.

    Where the options say so, fixes are written, each before the next outcome is given. Of many
    configs, and of those that are fixed, an outcome keeps no more than its findings need.
    """
    count = (_processes() if processes is None else processes) if len(targets) >= PAYS_FROM else 1
    checked = _in_parallel(linter, targets, count) if count > 1 else map(linter.check, targets)
    written: set[str] = set()
    for target, outcome in zip(targets, checked, strict=True):
        done = outcome
        # An included file may have changed since, or while it was read: then that may have failed.
        if written and (
            not written.isdisjoint(outcome.files)
            or any("include" in found.rule for found in outcome.report.diagnostics)
        ):
            done = linter.check(target)
        if linter.options.write and done.changes and target.text is None:
            from openclaw_config.lint.fixes import save

            path = done.files[0]
            if problem := save(done.changes, path):
                done = _outcome(target, path, linter.effective(path))._replace(problem=problem)
            written.update(change.path for change in done.changes)
        yield _slim(done) if len(targets) > 1 or linter.options.fix else done


def _processes() -> int:
    mine = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(mine or 1, MOST_PROCESSES)


def _in_parallel(linter: Linter, targets: Sequence[Target], count: int) -> Iterator[Outcome]:
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context
    from signal import SIG_IGN, SIGINT, signal

    # What the first config makes this process load, its copies need not load again.
    yield linter.check(targets[0])
    # This process has no threads yet, so its copy is in a sound state.
    context = get_context("fork" if sys.platform == "linux" else None)
    # Ctrl-C goes to all processes of a terminal; the first of them ends the others.
    pool = ProcessPoolExecutor(count, context, initializer=signal, initargs=(SIGINT, SIG_IGN))
    done = 1
    try:
        for outcome in pool.map(partial(_check, linter.options), targets[1:], chunksize=CHUNK):
            done += 1
            yield outcome
    except BrokenProcessPool:
        # A process was killed, for want of memory say: go on alone.
        yield from map(linter.check, targets[done:])
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


_linter = lru_cache(maxsize=1)(Linter)


def _check(options: Options, target: Target) -> Outcome:
    return _slim(_linter(options).check(target))


def _slim(outcome: Outcome) -> Outcome:
    """An outcome with no more than is written out: no config, and no secret of its files."""
    found = outcome.report.diagnostics
    if found:
        from openclaw_config.diagnostics.masking import without_secrets

        found = tuple(without_secrets(found))
    return outcome._replace(
        report=outcome.report._replace(diagnostics=found, document=None), found=()
    )
