"""Paths in a config as OpenClaw resolves them, without touching the disk."""

from __future__ import annotations

import os


def user_path(text: str, home: str) -> str:
    """An absolute path: ``~`` is the home folder (LOAD-45), relative ones count from the cwd."""
    text = text.strip()
    if text == "~" or text.startswith(("~/", "~\\")):
        text = home + text[1:]
    return os.path.normpath(os.path.join(os.getcwd(), text))


def is_within(folder: str, text: str) -> bool:
    """Whether a path, taken from a folder, stays inside it."""
    folder = os.path.normpath(folder)
    inside = os.path.normpath(os.path.join(folder, text))
    return inside == folder or inside.startswith(folder.rstrip(os.sep) + os.sep)
