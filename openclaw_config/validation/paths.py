"""Paths in a config as OpenClaw resolves them, without touching the disk."""

from __future__ import annotations

import os

from openclaw_config.syntax.scanner import trim


def user_path(text: str, home: str) -> str:
    """An absolute path: ``~`` is the home folder (LOAD-45), relative ones count from the cwd."""
    text = trim(text)
    if text == "~" or text.startswith(("~/", "~\\")):
        text = home + text[1:]
    return os.path.normpath(os.path.join(os.getcwd(), text))


def is_within(folder: str, text: str) -> bool:
    """Whether a path, taken from a folder, stays inside it for OpenClaw.

    It takes a name that merely begins with two dots for a way out.
    """
    return not os.path.relpath(os.path.join(folder, text), folder).startswith("..")
