"""What a misspelt word was probably meant to be."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openclaw_config.diagnostics.model import Fix
    from openclaw_config.syntax.nodes import Member, StringNode


def plain(word: str) -> str:
    """A word without what people mix up: case, hyphens, underscores and outer spaces."""
    return word.strip().replace("-", "").replace("_", "").replace(" ", "").lower()


def nearest(word: str, options: Iterable[str]) -> str | None:
    """The option that a word is a misspelling of, or None.

    Spellings that differ only in case or separators come first, then those that the fewest
    insertions, deletions, changes and swaps of letters turn into one another: at most one in a
    word of up to five letters, two up to nine, three beyond, and never half of the word.
    """
    return _nearest(word, tuple(options))


def rewording(
    node: StringNode, near: str | None, *, safe: bool = False, title: str = ""
) -> Fix | None:
    """The edit that writes what was probably meant, where that is known and can be written."""
    from openclaw_config.diagnostics.model import Fix
    from openclaw_config.syntax import edits

    change = edits.reword(node, near) if near else None
    return Fix(title or f'write "{near}"', change, safe) if change else None


def renaming(member: Member, key: str, *, safe: bool = False) -> Fix | None:
    """The edit that gives a member another key, where its own stands in the file."""
    from openclaw_config.diagnostics.model import Fix, name_text
    from openclaw_config.syntax import edits

    if member.key_start >= member.key_end:
        return None
    title = f"rename {name_text(member.key)} to {name_text(key)}"
    return Fix(title, (edits.rename(member, key),), safe)


@lru_cache(maxsize=1024)
def _nearest(word: str, options: tuple[str, ...]) -> str | None:
    bare = plain(word)
    if not bare or len(word) > 64:
        return None
    for option in options:
        if plain(option) == bare:
            return option
    limit = 1 if len(bare) <= 5 else 2 if len(bare) <= 9 else 3
    limit = min(limit, (len(bare) - 1) // 2 or (1 if len(bare) > 1 else 0))
    best: str | None = None
    for option in options:
        distance = _distance(bare, plain(option), limit)
        if distance <= limit:
            best, limit = option, distance - 1
        if limit < 0:
            break
    if best is None and len(bare) >= 4:
        best = _by_prefix(bare, options)
    return best


def _by_prefix(bare: str, options: Iterable[str]) -> str | None:
    """The only option that begins with the word, or that the word begins with."""
    found = [
        option
        for option in options
        if plain(option).startswith(bare)
        or (len(plain(option)) >= 4 and bare.startswith(plain(option)))
    ]
    return found[0] if len(found) == 1 else None


def _distance(a: str, b: str, limit: int) -> int:
    """Edits between two words, a swap of neighbours counting once; ``limit + 1`` when more."""
    if abs(len(a) - len(b)) > limit:
        return limit + 1
    before: list[int] = []
    last = list(range(len(b) + 1))
    for i, letter in enumerate(a, 1):
        row = [i]
        for j, other in enumerate(b, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == b[j - 2] and a[i - 2] == other:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
        before, last = last, row
    return last[-1]
