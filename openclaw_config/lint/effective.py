"""Effective settings of a config: its file, the options over it, the variables, the baseline."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import NamedTuple

from openclaw_config.diagnostics.model import Diagnostic
from openclaw_config.lint.baseline import Baseline, BaselineError, read_baseline
from openclaw_config.lint.options import Options
from openclaw_config.lint.rules import invalid_setting
from openclaw_config.lint.selection import Layer, Selection
from openclaw_config.lint.settings import Settings
from openclaw_config.lint.settings_file import read_settings
from openclaw_config.loading.environment import Environment
from openclaw_config.report import Report


class EffectiveSettings(NamedTuple):
    """The settings in effect for one config; ``about_settings`` are findings about its settings.

    ``selection`` is about the config's own file, ``settings`` has those of other files.
    """

    selection: Selection
    environment: Environment
    baseline: Baseline | None
    baseline_path: str | None
    about_settings: tuple[Report, ...]
    settings: Settings | None = None
    asked: Layer = Layer()
    capabilities: str | None = None

    @property
    def optional(self) -> bool:
        """Whether a rule counts for any file that is off by default."""
        parts = self.settings.per_path if self.settings is not None else ()
        return self.selection.optional or any(Selection([one.layer]).optional for one in parts)

    def apply(self, found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
        """The findings that count, each by the settings of its own file."""
        settings = self.settings
        if settings is None or not settings.per_path:
            return self.selection.apply(found)
        selections: dict[str, Selection] = {}
        kept: list[Diagnostic] = []
        for item in found:
            path = item.location.source.path if item.location is not None else None
            selection = self.selection if path is None else selections.get(path)
            if selection is None:
                selection = Selection([*settings.layers(path or ""), self.asked])
                selections[path or ""] = selection
            kept += selection.apply([item])
        return tuple(kept)


class SettingsResolver:
    """Works out effective settings, and reads each settings file, baseline and ``.env`` file once.

    ``environment`` has the variables that the options ask for.
    """

    def __init__(self, options: Options, environment: Environment) -> None:
        self.options = options
        self.environment = environment
        self._settings: dict[str, Settings] = {}
        self._baselines: dict[str, Baseline] = {}
        self._environments: dict[str, Environment] = {}

    def effective(self, path: str, settings_path: str | None) -> EffectiveSettings:
        """The settings in effect for the config at an absolute path, given its settings file.

        Raises OSError or BaselineError when the baseline that the options name cannot be read.
        """
        options = self.options
        layers = [Layer(options.select, options.ignore, options.severity)]
        environment, baseline_path = self.environment, options.baseline or None
        about: tuple[Report, ...] = ()
        settings: Settings | None = None
        asked = layers[0]
        if settings_path is not None:
            settings = self.settings(settings_path)
            layers = [*settings.layers(path), *layers]
            found = list(settings.findings)
            if settings.env_file is not None and not options.env_given:
                try:
                    environment = self._variables(settings.env_file)
                except (OSError, ValueError) as error:
                    found.append(_unreadable(settings, "env-file", error))
            if settings.baseline is not None and options.baseline is None:
                try:
                    self.baseline(settings.baseline)
                    baseline_path = settings.baseline
                except (OSError, BaselineError) as error:
                    found.append(_unreadable(settings, "baseline", error))
            if found:
                about = (Report(settings.name, tuple(found), True),)
        baseline = self.baseline(baseline_path) if baseline_path else None
        return EffectiveSettings(
            Selection(layers),
            environment,
            baseline,
            baseline_path,
            about,
            settings,
            asked,
            options.capabilities or (settings.capabilities if settings is not None else None),
        )

    def settings(self, path: str) -> Settings:
        """The settings in a file, given by its absolute path."""
        if path not in self._settings:
            self._settings[path] = read_settings(path, shown(path))
        return self._settings[path]

    def baseline(self, path: str) -> Baseline:
        """The baseline in a file. Raises OSError or BaselineError when there is none."""
        if path not in self._baselines:
            self._baselines[path] = read_baseline(path)
        return self._baselines[path]

    def _variables(self, path: str) -> Environment:
        if path not in self._environments:
            self._environments[path] = Environment.of_file(path)
        return self._environments[path]


def shown(path: str) -> str:
    """An absolute path as it is seen from the working folder."""
    try:
        here = os.path.join(os.getcwd(), "")
    except OSError:  # the working folder is gone
        return path
    return path.removeprefix(here)


def _unreadable(settings: Settings, name: str, error: Exception) -> Diagnostic:
    why = getattr(error, "strerror", None) or f"{error}"
    location = settings.locations.get((name,))
    return invalid_setting.at(location, f"{name} cannot be read: {why}", (name,))
