"""Every error that the package raises on purpose has one base."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages

import openclaw_config
from openclaw_config import OpenClawConfigError

INTERNAL = {"TransportError"}
"""What never leaves the package: the executor makes a failure of it."""


def public_errors() -> Iterator[type[Exception]]:
    for module in walk_packages(openclaw_config.__path__, "openclaw_config."):
        if module.name != "openclaw_config.__main__":
            for name, value in vars(import_module(module.name)).items():
                ours = inspect.isclass(value) and value.__module__.startswith("openclaw_config")
                if ours and issubclass(value, Exception) and not name.startswith("_"):
                    yield value


def test_every_public_error_derives_from_it() -> None:
    found = set(public_errors())
    assert len(found) > 10
    stray = {one.__name__ for one in found if not issubclass(one, OpenClawConfigError)}
    assert stray <= INTERNAL
