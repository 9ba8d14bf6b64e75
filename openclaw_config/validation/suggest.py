"""What an unknown word was meant to be: a name near it, or a key that belongs elsewhere.

Places are worked out only when somebody wrote a key in the wrong one; a valid file never pays
for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import islice, takewhile
from typing import TYPE_CHECKING

from openclaw_config.syntax.nodes import Member, Node, ObjectNode, StringNode
from openclaw_config.syntax.text import KeyPath
from openclaw_config.validation.schema import Shape, openclaw_shape, parts, walk

if TYPE_CHECKING:
    from openclaw_config.diagnostics.model import Fix


ANY = "*"
"""Stands in a place for a key or an index of the author's own."""

_HOME = ("agents", "defaults")
"""Where a setting mostly belongs when several places have it."""


@lru_cache(maxsize=4)
def _places(target: str) -> dict[str, tuple[tuple[str, ...], ...]]:
    found: dict[str, list[tuple[str, ...]]] = {}
    _collect(openclaw_shape(target), (), found)
    return {key: tuple(dict.fromkeys(paths)) for key, paths in found.items()}


def _collect(shape: Shape, path: tuple[str, ...], found: dict[str, list[tuple[str, ...]]]) -> None:
    for part in parts(shape):
        for key in part.keys:
            inner = part.of_key(key)
            if inner is not None and not inner.old:
                found.setdefault(key.lower(), []).append((*path, key))
                _collect(inner, (*path, key), found)
        for inner in filter(None, (part.additional, part.items)):
            _collect(inner, (*path, ANY), found)


_ADVICE: dict[tuple[str, ...], str] = {
    ("gateway", "token"): "this belongs in gateway.auth",
    ("mcpServers",): "MCP servers belong in mcp.servers",
    ("routing",): "routing became the list bindings: { agentId, match: { channel } } each",
}
_SEARCH = ("tools", "web", "search")


def advice(member: Member, parent: KeyPath, target: str) -> str:
    """Where an old key's content belongs that was spread over several places, or ""."""
    if not parent and member.key == "agent":
        keys = list(member.value.index) if isinstance(member.value, ObjectNode) else []
        defaults = walk(openclaw_shape(target), _HOME)
        here = [key for key in keys if defaults is not None and defaults.of_key(key) is not None]
        moves = [f"agent.{key} is agents.defaults.{key}" for key in here[:4]]
        root = openclaw_shape(target)
        moves += [f"agent.{key} is {key}" for key in keys if key not in here and root.of_key(key)]
        return "; ".join(("agent became agents.defaults", *moves))
    if parent == _SEARCH:
        from openclaw_config import registry

        plugin = registry.web_search(target).get(member.key)
        if plugin is not None:
            return f"its key belongs in plugins.entries.{plugin}.config.webSearch.apiKey"
    return _ADVICE.get((*_pattern(parent), member.key), "")


def _pattern(path: KeyPath) -> tuple[str, ...]:
    return tuple(ANY if isinstance(step, int) else step for step in path)


def elsewhere(key: str, parent: KeyPath, target: str) -> tuple[str, ...]:
    """The objects where a key belongs that was written into ``parent``; empty when none is evident.

    The nearest ones in the tree win: those just below ``parent``, all of them, or else at most
    two. Channels and plugins, which share many names, are only offered to one another.
    """
    steps = _pattern(parent)
    apart = (("channels",), ("plugins",))
    section = steps[:1] if steps[:1] in apart else ()
    ranked: dict[tuple[int, int, int], list[tuple[str, ...]]] = {}
    for path in _places(target).get(key.lower(), ()):
        place = path[:-1]
        shared, home = _shared(place, steps), place[:2] == _HOME
        if (
            shared == len(place) == len(steps)
            or (section and place[:1] != section)
            or (not section and place[:1] in apart and len(place) > 1)
            or (steps and not shared and not home)
        ):
            continue
        ranked.setdefault((-shared, not home, len(place)), []).append(place)
    if not ranked:
        return ()
    best = ranked[min(ranked)]
    below = all(len(place) == len(steps) + 1 and place[:-1] == steps for place in best)
    if len(best) > 2 and not below:
        return ()
    return tuple(_place_text(place) for place in best)


def _shared(place: tuple[str, ...], steps: tuple[str, ...]) -> int:
    pairs = zip(place, steps, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1] or ANY in pair, pairs))


_ITEM = r"((?:^|\.)(?:list|mappings|bindings|models|rules))\.\*"


def _place_text(place: tuple[str, ...]) -> str:
    """A place as people write it: ``agents.list[].tools``; the root is "the top level"."""
    return re.sub(_ITEM, r"\1[]", ".".join(place)) or "the top level"


def plain(word: str) -> str:
    """A word without what people mix up: case, hyphens, underscores and outer spaces."""
    return word.strip().replace("-", "").replace("_", "").replace(" ", "").lower()


def same(a: str, b: str) -> bool:
    """Whether two spellings differ in nothing but case and separators."""
    return plain(a) == plain(b)


_MOST_OPTIONS = 1000
# How many options a word is compared with.


def meant(close: str | None) -> str:
    """The label of a word that means nothing: what was probably meant, "" where nothing is near."""
    return f"did you mean `{close}`?" if close else ""


def nearest(word: str, options: Iterable[str]) -> str | None:
    """The option that a word is a misspelling of, or None.

    Spellings that differ only in case or separators come first, then the one of about the same
    length that has the most letters in common, in their order: three in four. Of very many options
    only the first are looked at.
    """
    return _nearest(word, tuple(islice(options, _MOST_OPTIONS)))


@lru_cache(maxsize=2048)
def _words(name: str) -> tuple[str, ...]:
    """The runs of letters and of digits in a name, in lower case."""
    return tuple(re.findall("[a-z]+|[0-9]+", name.lower()))


def misspelt(name: str, options: Iterable[str], *, foreign: bool = False) -> str | None:
    """The option that a name of several words is a misspelling of, or None.

    It has the same words in the same order, whatever separates them; one may be misspelt, if it
    has four letters and is no word of another option. No number may differ: model 4.7 is another
    one than 4.6, and perhaps newer than what we know. ``foreign`` options are spelt by other
    customs, so only the misspelt word of the name is corrected.
    """
    words = _words(name)
    known = {option: _words(option) for option in islice(options, _MOST_OPTIONS)}
    for option, others in known.items():
        if "".join(words) == "".join(others):
            return None if foreign else option
    strange = [word for word in words if all(word not in others for others in known.values())]
    if len(strange) != 1 or len(strange[0]) < 4:
        return None
    written, at = strange[0], words.index(strange[0])
    around = (words[:at], words[at + 1 :])
    for option, others in known.items():
        if len(others) == len(words) and (others[:at], others[at + 1 :]) == around:
            meant = others[at]
            if len(meant) > 3 and abs(len(written) - len(meant)) < 3 and nearest(written, (meant,)):
                return re.sub(written, meant, name, flags=re.I) if foreign else option
    return None


def rewording(
    node: StringNode, near: str | None, *, safe: bool = False, title: str = ""
) -> Fix | None:
    """The edit that writes what was probably meant, where that is known and can be written."""
    from openclaw_config.diagnostics.model import Fix
    from openclaw_config.syntax import edits

    change = edits.reword(node, near) if near else None
    return Fix(title or f'write "{near}"', change, safe) if change else None


def removing(root: Node, path: KeyPath, title: str = "remove it") -> Fix | None:
    """The edit that takes a value out of the text."""
    from openclaw_config.diagnostics.model import Fix
    from openclaw_config.syntax import edits

    change = edits.removal(root, path)
    return Fix(title, change) if change else None


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
    from difflib import get_close_matches

    bare = plain(word)
    if not bare or len(word) > 64:
        return None
    forms = {plain(option): option for option in reversed(options)}
    if bare in forms:
        return forms[bare]
    edits = min(3, (len(bare) + 2) // 4)
    alike = [form for form in forms if abs(len(form) - len(bare)) <= edits]
    close = get_close_matches(bare, alike, 1, 0.75)
    if not close and len(bare) >= 4:
        # The only one that begins with the word, or that the word begins with.
        longer = [form for form in forms if form.startswith(bare)]
        close = longer + [form for form in forms if len(form) >= 4 and bare.startswith(form)]
    return forms[close[0]] if len(close) == 1 else None
