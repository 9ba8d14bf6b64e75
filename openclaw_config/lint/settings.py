"""Finds the settings of a check: ``.openclaw-config.toml``, or a table in a pyproject.toml.

The nearest such file counts, from the checked file's folder upwards to the root of its repository.
Looking for one costs a few calls of ``stat``; ``lint.settings_file`` is only loaded when there
is one.
"""

from __future__ import annotations

import os

from openclaw_config.files import read_regular, upwards

OWN_FILE = ".openclaw-config.toml"
PROJECT_FILE = "pyproject.toml"
TABLE = ("tool", "openclaw-config")
"""Where the settings stand in a pyproject.toml."""

MAX_BYTES = 1 << 20
"""A larger settings file is not read."""


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
        text = read_regular(path, MAX_BYTES).decode()
    except (OSError, ValueError):
        return False
    if "openclaw-config" not in text:
        return False
    from openclaw_config.lint.toml import read_toml

    try:
        tool = read_toml(text).get("tool")
    except (ValueError, RecursionError):
        # We cannot know; a file that names us in a table's header is meant for us.
        return "[tool.openclaw-config" in text
    return isinstance(tool, dict) and "openclaw-config" in tool
