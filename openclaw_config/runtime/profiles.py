"""OpenClaw's auth-profile store: which stored key is used (AUTH-30, AUTH-31)."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

from openclaw_config.plan.model import ProfileStore

MAX_BYTES = 8 * 1024 * 1024
"""The largest store that is read, in bytes."""

_FIELDS = {"token": "token", "api_key": "key"}
"""The types of profiles that hold a key as it is sent, in the order in which they are taken."""


async def read_store(paths: list[str]) -> dict[str, Any]:
    """The store of an agent: its own file over the main agent's. What cannot be read is empty."""
    merged: dict[str, Any] = {"profiles": {}, "order": {}, "usageStats": {}}
    for path in reversed(paths):
        stored = _read(path)
        for part, rows in merged.items():
            found = stored.get(part)
            if isinstance(found, Mapping):
                rows.update(found)
    return merged


def _read(path: str) -> Mapping[str, Any]:
    # A few KiB of a local file: not worth a thread.
    try:
        if not os.path.isfile(path) or os.path.getsize(path) > MAX_BYTES:
            return {}
        with open(path, encoding="utf-8") as file:
            stored = json.load(file)
    except (OSError, ValueError, RecursionError):
        return {}
    return stored if isinstance(stored, Mapping) else {}


def candidates(
    stored: Mapping[str, Any], store: ProfileStore, today: float
) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Usable profiles in the order of AUTH-30: the id, the field of the key, the profile.

    ``today`` is the time in seconds since 1970.
    """
    profiles = {
        name: row
        for name, row in stored["profiles"].items()
        if isinstance(row, Mapping) and _provider(row) == store.provider
    }
    modes = dict(store.modes)
    if store.only:
        listed, explicit = [store.only], True
    else:
        own = stored["order"].get(store.provider)
        order = [name for name in own if isinstance(name, str)] if isinstance(own, list) else []
        listed = order or list(store.order)
        explicit = bool(listed)
        listed = listed or list(modes) or list(profiles)
    names = [name for name in listed if _usable(profiles.get(name), modes.get(name), today)]
    if not names and not store.only and not any(name in stored["profiles"] for name in listed):
        names = [name for name, row in profiles.items() if _usable(row, None, today)]
    usage = stored["usageStats"]
    if not explicit:
        kinds = list(_FIELDS)
        names.sort(key=lambda name: (kinds.index(profiles[name]["type"]), _used(usage, name)))
    if not store.no_cooldown:
        names.sort(key=lambda name: _cooled_until(usage, name, today))
    for name in names:
        row = profiles[name]
        yield name, _FIELDS[row["type"]], row


def references(stored: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The secret references of all profiles, which have to resolve before a call (SL-32)."""
    rows = [row for row in stored["profiles"].values() if isinstance(row, Mapping)]
    found = [row.get(f"{field}Ref") for row in rows for field in set(_FIELDS.values())]
    return [reference for reference in found if isinstance(reference, Mapping)]


def _provider(row: Mapping[str, Any]) -> str:
    return str(row.get("provider")).strip().lower()


def _usable(row: Mapping[str, Any] | None, mode: str | None, today: float) -> bool:
    if row is None or row.get("type") not in _FIELDS:
        return False
    kind = row["type"]
    if mode and mode != kind and not (mode == "oauth" and kind == "token"):
        return False
    expires = row.get("expires")
    return not (
        kind == "token"
        and isinstance(expires, int | float)
        and not isinstance(expires, bool)
        and 0 < expires <= today * 1000
    )


def _used(usage: Mapping[str, Any], name: str) -> float:
    return _number(usage, name, "lastUsed")


def _cooled_until(usage: Mapping[str, Any], name: str, today: float) -> float:
    """When a profile may be used again, in ms; 0 when it may be now."""
    until = max(_number(usage, name, "cooldownUntil"), _number(usage, name, "disabledUntil"))
    return until if until > today * 1000 else 0.0


def _number(usage: Mapping[str, Any], name: str, field: str) -> float:
    row = usage.get(name)
    value = row.get(field) if isinstance(row, Mapping) else None
    usable = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if usable else 0.0  # type: ignore[arg-type]
