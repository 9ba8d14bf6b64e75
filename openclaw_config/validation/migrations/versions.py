"""Keys of other versions: where an unknown key belongs, and whether an error comes of age."""

from __future__ import annotations

from openclaw_config.diagnostics.model import Diagnostic, key_path_text, version
from openclaw_config.syntax.text import KeyPath
from openclaw_config.targets import releases, target
from openclaw_config.validation.migrations.rows import Path, Row, every_row, meets
from openclaw_config.validation.schema import openclaw_shape, walk

NEWEST = "2026.9.6"


def hint(path: KeyPath, target: str) -> str:
    """What a version has in place of an unknown key, in words; "" when the rows do not say."""
    # Only a config with a finding pays for the words.
    from openclaw_config.validation.wording import listing

    rows = every_row(NEWEST)
    if since := _since(path, target):
        olds = _olds(rows, path)
        has = f"; {target} has {listing(olds, limit=4)}" if olds else ""
        return f"`{key_path_text(path[-1:])}` is a key since OpenClaw {since}{has}"
    for row in rows:
        if row.since and version(row.since) <= version(target):
            for at in row.at:
                key = row.key[:-1] if row.key[-1:] == ("[]",) else row.key
                if len(path) == len(at) + len(key) and meets((*at, *key), path):
                    return _gone(row, path[: len(at)], path[-1:])
    return ""


def may_be_old(found: Diagnostic) -> bool:
    """Whether an error may come of a config's age: the oldest release may take its key.

    Of anything but an unknown key only a check for that release can tell.
    """
    oldest, path = target(releases()[0]), found.key_path
    if found.rule != "unknown-key" or walk(openclaw_shape(oldest.release), path) is not None:
        return True
    # A function without a key may take any of its object; those of the newest take what has rows.
    rows = (*every_row(oldest.reads), *(row for row in every_row(NEWEST) if row.key))
    return any(meets((*at, *row.key), path) for row in rows for at in row.at)


def _since(path: KeyPath, target: str) -> str:
    """The first release after a version that names an unknown key, or ""."""
    if walk(openclaw_shape(target), path) is not None:
        return ""  # it is unknown to one branch of a union, or to a plugin
    for release in releases()[releases().index(target) + 1 :]:
        shape = openclaw_shape(release)
        found = walk(shape, path)
        # An object that takes any key names none.
        if found is not None and not found.old and found is not walk(shape, (*path[:-1], "")):
            return release
    return ""


def _gone(row: Row, owner: KeyPath, key: KeyPath) -> str:
    note = f" ({row.note})" if row.note else ""
    if not row.to:
        return f"OpenClaw {row.since} took it away{note}"
    to = (*row.to[:-1], *map(str, key)) if row.to[-1] == row.key[-1] == "*" else row.to
    return f"moved in OpenClaw {row.since}: write {_text(owner, to)}{note}"


def _olds(rows: tuple[Row, ...], path: KeyPath) -> list[str]:
    """The old keys whose new place is a path, or else those with the nearest one below it."""
    found: dict[int, dict[str, None]] = {}
    for row in rows:
        for at in row.at if row.to and row.key[-1] != "*" else ():
            new = (*at, *row.to)
            if len(path) <= len(new) and meets(new, path):
                size = len(path) if new[-1] == "*" else len(new)
                owner = path[: len(at)]
                old = _text(owner, (*at, *row.key)[len(owner) :])
                found.setdefault(size, {})[old] = None
    return list(found[min(found)]) if found else []


def _text(owner: KeyPath, rest: Path) -> str:
    """A place as people write it; ``[]`` is any item."""
    text = key_path_text(owner) + "".join("[]" if step == "[]" else f".{step}" for step in rest)
    return text.removeprefix(".").removesuffix("[]")
