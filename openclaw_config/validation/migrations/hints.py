"""Where a key belongs in this version that is a key of a newer or an older OpenClaw."""

from __future__ import annotations

from openclaw_config.diagnostics.model import key_path_text
from openclaw_config.syntax.spans import KeyPath
from openclaw_config.validation.migrations.engine import Row, every_row
from openclaw_config.validation.migrations.tree import Path
from openclaw_config.validation.wording import listing

NEWEST = "2026.9.6"


def hint(path: KeyPath, target: str) -> str:
    """What a version has in place of an unknown key, in words; "" when the rows do not say."""
    rows = tuple(every_row(NEWEST))
    if target != NEWEST and (found := _olds(rows, path)):
        name = key_path_text(path[-1:])
        return f"`{name}` is a key of OpenClaw {NEWEST}; {target} has {listing(found, limit=4)}"
    for row in rows:
        if row.since and _number(row.since) <= _number(target):
            for at in row.at:
                key = row.key[:-1] if row.key[-1:] == ("[]",) else row.key
                if len(path) == len(at) + len(key) and _fits((*at, *key), path):
                    return _gone(row, path[: len(at)], path[-1:])
    return ""


def _number(version: str) -> list[int]:
    return [int(part) for part in version.replace("-", ".").split(".")]


def _gone(row: Row, owner: KeyPath, key: KeyPath) -> str:
    note = f" ({row.note})" if row.note else ""
    if not row.to:
        return f"OpenClaw {row.since} took it away{note}"
    to = (*row.to[:-1], *map(str, key)) if row.to[-1] == row.key[-1] == "*" else row.to
    return f"moved in OpenClaw {row.since}: write {_text(owner, to)}{note}"


def _olds(rows: tuple[Row, ...], path: KeyPath) -> list[str]:
    """The old keys whose new place is a path, or else those whose new place lies below it."""
    exact: dict[str, None] = {}
    below: dict[str, None] = {}
    for row in rows:
        if not row.to or row.key[-1] == "*":
            continue
        for at in row.at:
            new = (*at, *row.to)
            if _fits(new, path):
                owner, old = path[: len(at)], (*at, *row.key)
                if len(new) > len(path) and (old[0] != path[0] or _fits(old, path)):
                    continue
                places = exact if len(new) == len(path) or new[-1] == "*" else below
                places[_text(owner, old[len(owner) :])] = None
    return list(exact or below)


def _fits(pattern: Path, path: KeyPath) -> bool:
    """Whether a path leads to a place of a pattern, or to something around it."""
    return len(path) <= len(pattern) and all(
        isinstance(step, int) if mine == "[]" else mine in ("*", step)
        for mine, step in zip(pattern, path, strict=False)
    )


def _text(owner: KeyPath, rest: Path) -> str:
    """A place as people write it; ``[]`` is any item."""
    text = key_path_text(owner) + "".join("[]" if step == "[]" else f".{step}" for step in rest)
    return text.removeprefix(".").removesuffix("[]")
