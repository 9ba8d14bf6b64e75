"""What the tests of several packages share."""

from __future__ import annotations

from collections.abc import Mapping

from openclaw_config.loading.environment import Environment
from openclaw_config.loading.load import Document, load

OLDEST = "2026.4.29"
"""The release that a test is about which names none."""


def document(text: str, env: Mapping[str, str] | None = None, target: str = OLDEST) -> Document:
    """A document from a text, for a release of OpenClaw.

    ``env`` has exactly the variables there are; None takes every one that is named to be set.
    """
    environment = Environment.assumed() if env is None else Environment.of(env)
    found = load(text=text, name="openclaw.json", environment=environment, target=target)
    assert found.readable, [item.message for item in found.diagnostics]
    return found
