"""Checks a config as the command line does: settings, suppressions, a baseline, and fixes.

``api.check`` says what is true of a config; here it is decided what of that a person wants to hear.
An ordinary check, without any of these, costs hardly more than ``api.check``.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from openclaw_config.lint.checked import checked
from openclaw_config.lint.options import Options, Outcome, Target
from openclaw_config.loading.environment import Environment
from openclaw_config.settings import find_settings

if TYPE_CHECKING:
    from openclaw_config.lint.held import Held, Holder
    from openclaw_config.report import Report

_MARK = "openclaw-config:"
# What every suppression has. Without it, ``lint.suppressions`` is not loaded.


class Linter:
    """Checks one config after another, and reads what holds for several of them once.

    Making one raises OSError or ValueError when a file that the options name cannot be read.
    """

    def __init__(self, options: Options) -> None:
        self.options = options
        self.environment = _environment(options)
        self._holder: Holder | None = None
        self._found: dict[str, str | None] = {}
        if options.baseline:
            self.holder.baseline(options.baseline)

    @property
    def holder(self) -> Holder:
        """What knows the settings; loaded when it is first needed."""
        if self._holder is None:
            from openclaw_config.lint.held import Holder

            self._holder = Holder(self.options, self.environment)
        return self._holder

    def check(self, target: Target) -> Outcome:
        """Check a config, and work out its fixes where they are asked for. Never raises."""
        path = path_of(target)
        settings = self.settings_for(path)
        held: Held | None = None
        if settings is not None or not self.options.plain:
            held = self.holder.held(path, settings)
        if held is not None and self.options.fix:
            from openclaw_config.lint.fix_run import fixed

            return fixed(target, path, held, self.options.unsafe)
        environment = self.environment if held is None else held.environment
        report = checked(
            target.path,
            text=target.text,
            name=target.name,
            environment=environment,
            optional=held is not None and held.optional,
        )
        if held is None and not _is_marked(report):
            return Outcome(report, files=files_of(report, path))
        from openclaw_config.lint.judge import judged

        return judged(report, path, held or self.holder.held(path, None))

    def settings_for(self, path: str) -> str | None:
        """The settings file that holds for a config, given by its absolute path."""
        if self.options.settings is not None:
            return self.options.settings or None
        folder = os.path.dirname(path)
        if folder not in self._found:
            self._found[folder] = find_settings(folder)
        return self._found[folder]


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
    sources = () if report.document is None else report.document.sources
    others = [source.path for source in sources if source.path not in (None, path)]
    return (path, *filter(None, others))


def _is_marked(report: Report) -> bool:
    sources = () if report.document is None else report.document.sources
    return any(_MARK in source.text for source in sources)


def _environment(options: Options) -> Environment:
    if options.env_file is not None:
        return Environment.of_file(options.env_file)
    return Environment.process() if options.env == "process" else Environment.assumed()
