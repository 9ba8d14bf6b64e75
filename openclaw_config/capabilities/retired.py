"""Models that OpenClaw 2026.4.29 no longer offers under the name that people still write.

The data is ``schema/retired-models.json``; its ``sources`` say where each group comes from.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple

from openclaw_config.facts import read_json
from openclaw_config.registry import canonical_provider, removed_provider, runtime_alias

RENAMED = "renamed"
SUPPRESSED = "suppressed"
RETIRED = "retired"
PROVIDER_REMOVED = "provider-removed"
RUNTIME = "runtime"
LEGACY_FAMILY = "legacy-family"


class Retirement(NamedTuple):
    """What became of a model.

    ``ref`` is the ref to write instead, or None when there is none. ``kind`` is one of this
    module's constants: RENAMED (OpenClaw rewrites the id by itself), SUPPRESSED (it refuses the
    model), RETIRED (the provider took the model away), PROVIDER_REMOVED, RUNTIME (the "provider"
    names a runtime, not a provider), LEGACY_FAMILY (OpenClaw's audit calls the family outdated).
    ``surface`` is "" when it holds for every surface. ``hosts``, when there are any, are the only
    base URL hosts for which it holds.
    """

    ref: str | None
    kind: str
    surface: str = ""
    hosts: tuple[str, ...] = ()


def retired(ref: str) -> Retirement | None:
    """What became of ``provider/model``; None when nothing is known against it.

    Aliases of providers are followed (MODEL-01); the id is compared in any case.
    """
    provider, slash, model = ref.strip().partition("/")
    provider, model = provider.strip().lower(), model.strip()
    if not (slash and provider and model):
        return None
    successor = removed_provider(provider)
    if successor is not None:
        return Retirement(f"{successor}/{model}", PROVIDER_REMOVED)
    alias = runtime_alias(provider)
    if alias is not None:
        return Retirement(f"{alias[0]}/{model}", RUNTIME)
    provider = canonical_provider(provider)
    return (
        _suppressed(provider, model)
        or _renamed(provider, model)
        or _gone(provider, model)
        or _outdated(model)
    )


def _rows(group: str) -> Any:
    return read_json("retired-models.json")[group]


def _suppressed(provider: str, model: str) -> Retirement | None:
    for row in _rows("suppressed"):
        if row["provider"] == provider and row["from"] == model.lower():
            return Retirement(row["to"], SUPPRESSED, "chat", tuple(row.get("hosts", ())))
    return None


def _renamed(provider: str, model: str) -> Retirement | None:
    for row in _rows("renamed"):
        written = model if row.get("exact") else model.lower()
        if row["provider"] == provider and row["from"] == written:
            return Retirement(f"{provider}/{row['to']}", RENAMED, row.get("surface", "chat"))
    return None


def _gone(provider: str, model: str) -> Retirement | None:
    # An id of one segment gets the provider's name before it goes upstream (MODEL-02).
    name = model.lower() if "/" in model else f"{provider}/{model.lower()}"
    for row in _rows("retired"):
        same = name == row["from"] or (
            row.get("variants", False) and name.startswith(row["from"] + ":")
        )
        if row["provider"] == provider and same:
            return Retirement(None, RETIRED, "chat")
    return None


def _outdated(model: str) -> Retirement | None:
    if any(pattern.search(model) for pattern in _families()):
        return Retirement(None, LEGACY_FAMILY, "chat")
    return None


@lru_cache(maxsize=1)
def _families() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(row["pattern"], re.IGNORECASE) for row in _rows("families"))
