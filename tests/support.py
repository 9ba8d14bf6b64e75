"""What the tests of several packages share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from openclaw_config.capabilities import lookup
from openclaw_config.loading.environment import Environment
from openclaw_config.loading.load import Document, load

OLDEST = "2026.4.29"
"""The release that a test is about which names none."""


def sampled(values: Iterable[Any], one_in: int) -> list[Any]:
    """Parameters of which one of so many is tried by default, and each in the slow tests."""
    return [
        value if number % one_in == 0 else pytest.param(value, marks=pytest.mark.slow)
        for number, value in enumerate(values)
    ]


def document(text: str, env: Mapping[str, str] | None = None, target: str = OLDEST) -> Document:
    """A document from a text, for a release of OpenClaw.

    ``env`` has exactly the variables there are; None takes every one that is named to be set.
    """
    environment = Environment.assumed() if env is None else Environment.of(env)
    found = load(text=text, name="openclaw.json", environment=environment, target=target)
    assert found.readable, [item.message for item in found.diagnostics]
    return found


def modes_of(provider: str, surface: str, model: str, tables: Any = None) -> tuple[str, ...]:
    """The modes of a surface that a model has in capability tables, in their usual order."""
    known = lookup.MODES[surface]
    return tuple(it for it in known if lookup.mode(provider, surface, model, it, tables))
