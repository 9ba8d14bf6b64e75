"""The way to the data files of ``schema/``.

In a wheel they lie inside the package, in a clone or an editable install beside it. They are read
by path and not through ``importlib.resources``, whose import alone costs more than twice a bare
interpreter's start (measured: 24 ms against 11 ms), which a hook would pay on every commit.
"""

from __future__ import annotations

import json
import os
from functools import lru_cache
from typing import Any

TARGET = "2026.4.29"
"""The OpenClaw version that a config is checked for by default."""

_HERE = os.path.dirname(os.path.abspath(__file__))


@lru_cache(maxsize=1)
def folder() -> str:
    """The absolute path of the data files.

    Raises FileNotFoundError when the installation lacks them.
    """
    for candidate in (
        os.path.join(_HERE, "schema"),
        os.path.join(os.path.dirname(_HERE), "schema"),
    ):
        if os.path.isdir(candidate):
            return candidate
    raise FileNotFoundError("this installation of openclaw-config lacks its schema/ folder")


def path_of(name: str) -> str:
    """The absolute path of one data file; ``name`` is relative to ``schema/``."""
    return os.path.join(folder(), *name.split("/"))


def read_text(name: str) -> str:
    """The text of one data file."""
    with open(path_of(name), encoding="utf-8") as file:
        return file.read()


@lru_cache(maxsize=32)
def read_json(name: str) -> Any:
    """The value of one JSON data file. Shared between callers: never change it."""
    return json.loads(read_text(name))
