"""Effective settings of a config: its file, the options over it, the variables, the baseline."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import NamedTuple, TypeVar

from openclaw_config.diagnostics.model import Diagnostic
from openclaw_config.files import shown
from openclaw_config.lint.baseline import Baseline, read_baseline
from openclaw_config.lint.options import Options
from openclaw_config.lint.rules import invalid_setting
from openclaw_config.lint.selection import Layer, Selection
from openclaw_config.lint.settings_file import Settings, read_settings
from openclaw_config.loading.environment import Environment
from openclaw_config.report import Report

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
        return EffectiveSettings(
            Selection([*settings.layers(path), options.layer]),
            environment,
            baseline,
            (Report(settings.name, tuple(found), True),) if found else (),
            settings,
            options.layer,
            options.capabilities or settings.capabilities,
            options.target or settings.target,
        )
