"""Auth profiles: what a store holds, and which of them a chain may use, in which order (AUTH-30).

``docs/plan.md`` ("Keys") has the rules. A plan holds no profile: only where they are.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, TypeAlias

from openclaw_config.plan.model import ProfileStore

MAX_BYTES = 8 * 1024 * 1024
"""The largest store that is read, in bytes."""

FIELDS = {"token": "token", "api_key": "key"}
"""The types of profiles that hold a key as it is sent, in the order in which they are taken."""

Stored: TypeAlias = dict[str, dict[str, Any]]
"""``profiles``, ``order`` and ``usageStats`` of a store, by id or provider."""


def place(path: str, state_dir: str, home: str) -> str:
    """A store's path on a machine with these folders."""
    path = path.replace("{stateDir}", state_dir)
    return home + path[1:] if path.startswith("~/") and home else path


def is_database(store: ProfileStore) -> bool:
    """Whether a store is a database, which nothing here reads: its profiles have to be given."""
    return store.path.endswith(".sqlite")


def content(store: ProfileStore, given: Any, read: Callable[[str], bytes]) -> Stored:
    """What a store holds: what is ``given`` for it, else its own file over the main agent's.

    ``read`` gives the content of a file by its path in the plan. What is broken is empty.
    """
    found = [] if given is None else [given]
    if given is None and not is_database(store):
        for path in filter(None, (store.fallback_path, store.path)):
            with suppress(OSError, ValueError, RecursionError):
                found.append(json.loads(read(path)))
    merged: Stored = {"profiles": {}, "order": {}, "usageStats": {}}
    for part, rows in merged.items():
        for one in found:
            own = one.get(part) if isinstance(one, Mapping) else None
            rows.update(own if isinstance(own, Mapping) else {})
    return merged


def of_provider(found: Stored, provider: str) -> dict[str, Mapping[str, Any]]:
    """The profiles of a provider, by id."""
    rows = ((name, row) for name, row in found["profiles"].items() if isinstance(row, Mapping))
    return {name: row for name, row in rows if str(row.get("provider")).strip().lower() == provider}


def usable(found: Stored, store: ProfileStore, today: float) -> list[str]:
    """The ids of the profiles that may give a key, in order; ``today`` is in seconds since 1970."""
    now = today * 1000
    rows, modes = of_provider(found, store.provider), dict(store.modes)
    own = found["order"].get(store.provider)
    order = [name for name in own if isinstance(name, str)] if isinstance(own, list) else []
    explicit = [store.only] if store.only else order or list(store.order)
    listed = explicit or list(modes) or list(rows)
    names = [name for name in listed if _is_usable(rows.get(name), modes.get(name), now)]
    if not names and not store.only and found["profiles"].keys().isdisjoint(listed):
        names = [name for name, row in rows.items() if _is_usable(row, None, now)]
    usage, kinds = found["usageStats"], list(FIELDS)
    if not explicit:
        names.sort(key=lambda name: _number(usage.get(name), "lastUsed"))
        names.sort(key=lambda name: kinds.index(rows[name]["type"]))
    if not store.no_cooldown:
        names.sort(key=lambda name: _cooled_until(usage.get(name), now))
    return names


def _is_usable(row: Mapping[str, Any] | None, mode: str | None, now: float) -> bool:
    kind = row.get("type") if row is not None else None
    if row is None or not isinstance(kind, str) or kind not in FIELDS:
        return False
    if mode and mode != kind and (mode, kind) != ("oauth", "token"):
        return False
    key = row.get(FIELDS[kind])
    if not isinstance(row.get(f"{FIELDS[kind]}Ref"), Mapping) and not str(key or "").strip():
        return False
    return not (kind == "token" and 0 < _number(row, "expires") <= now)


def _cooled_until(usage: Any, now: float) -> float:
    """When a profile may be used again, in ms; 0 when it may be now."""
    until = max(_number(usage, "cooldownUntil"), _number(usage, "disabledUntil"))
    return until if until > now else 0.0


def _number(row: Any, field: str) -> float:
    """A number of a row, 0 where there is none."""
    value = row.get(field) if isinstance(row, Mapping) else None
    if not isinstance(value, int | float) or isinstance(value, bool):
        return 0.0
    return float(value) if abs(value) < 1e300 else 0.0  # neither infinite nor NaN
