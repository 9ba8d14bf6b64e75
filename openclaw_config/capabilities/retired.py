"""Models that OpenClaw no longer offers under the name that people still write.

The data of each release are those of ``schema/registry/retired``.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from openclaw_config.facts import section
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


def retired(release: str, ref: str) -> Retirement | None:
    """What became of ``provider/model``; None when nothing is known against it.

    Aliases of providers are followed (MODEL-01); the id is compared in any case.
    """
    provider, slash, model = ref.strip().partition("/")
    provider, model = provider.strip().lower(), model.strip()
    if not (slash and provider and model):
        return None
    successor = removed_provider(release, provider)
    if successor is not None:
        return Retirement(f"{successor}/{model}", PROVIDER_REMOVED)
    alias = runtime_alias(release, provider)
    if alias is not None:
        return Retirement(f"{alias[0]}/{model}", RUNTIME)
    provider, name = canonical_provider(release, provider), model.lower()
    rows = section("registry", release, "retired")
    found = _suppressed(release, provider, name)
    if found is not None:
        return found
    for row in rows["renamed"]:
        written = model if row.get("exact") else name
        if row["provider"] == provider and row["from"] == written:
            return Retirement(f"{provider}/{row['to']}", RENAMED, row.get("surface", "chat"))
    # An id of one segment gets the provider's name before it goes upstream (MODEL-02).
    sent = name if "/" in name else f"{provider}/{name}"
    for row in rows["retired"]:
        variant = row.get("variants", False) and sent.startswith(row["from"] + ":")
        if row["provider"] == provider and (sent == row["from"] or variant):
            return Retirement(None, RETIRED, "chat")
    if any(re.search(row["pattern"], model, re.IGNORECASE) for row in rows["families"]):
        return Retirement(None, LEGACY_FAMILY, "chat")
    return None


def suppressed(release: str, ref: str) -> Retirement | None:
    """What became of a model that no config may name; its provider is literal (MODEL-23)."""
    provider, _, model = ref.strip().lower().partition("/")
    found = _suppressed(release, provider, model)
    return None if found is None or found.hosts else found


def _suppressed(release: str, provider: str, name: str) -> Retirement | None:
    for row in section("registry", release, "retired")["suppressed"]:
        if row["provider"] == provider and row["from"] == name:
            return Retirement(row["to"], SUPPRESSED, "chat", tuple(row.get("hosts", ())))
    return None
