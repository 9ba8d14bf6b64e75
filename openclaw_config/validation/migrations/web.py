"""Old keys of the web tools: settings that belong to a plugin now."""

from __future__ import annotations

from openclaw_config import registry
from openclaw_config.syntax.nodes import Node, ObjectNode
from openclaw_config.syntax.spans import KeyPath
from openclaw_config.validation.migrations.report import Findings
from openclaw_config.validation.migrations.tree import (
    boolean,
    filled,
    object_at,
    put,
    with_values,
    without,
)

_NOT_MOVED = "tavily"
"""A search provider that never had a key under ``tools.web.search``."""

_RELEASE = "2026.4.29"
"""The release that reads these old keys; later ones refuse them."""
_MODERN = "openaiCodex"
"""The one block of ``tools.web.search`` that belongs there."""


def search(findings: Findings, root: ObjectNode, path: KeyPath) -> ObjectNode:
    """What ``tools.web.search`` has of a provider belongs to its plugin."""
    search = object_at(root, "tools", "web", "search")
    if search is None:
        return root
    ids = [name for name in registry.web_search_ids(_RELEASE) if name != _NOT_MOVED]
    blocks = {name: block for name in ids if (block := object_at(search, name)) is not None}
    key = search.get("apiKey")
    if key is None and not any(block.index for block in blocks.values()):
        return root  # OpenClaw moves nothing then, and so it leaves empty blocks where they are
    where = ("tools", "web", "search")
    gone = [
        name
        for name, member in search.index.items()
        if name == "apiKey" or (isinstance(member.value, ObjectNode) and name != _MODERN)
    ]
    root = put(root, where, without(search, *gone), search)
    if key is not None:
        payload = with_values(
            blocks.get("brave") or without(search, *search.index), {"apiKey": key}, key
        )
        _report(root, findings, (*where, "apiKey"), "brave", ("webSearch", "apiKey"), key)
        root = _into_plugin(root, "brave", "webSearch", payload, key)
    for name, block in sorted(blocks.items()):
        found = registry.web_search(_RELEASE, name)
        if found is None or not block.index:
            continue
        _report(root, findings, (*where, name), found.plugin, ("webSearch",), block)
        if name != "brave" or key is None:
            root = _into_plugin(root, found.plugin, "webSearch", block, block)
    return root


def fetch(findings: Findings, root: ObjectNode, path: KeyPath) -> ObjectNode:
    """``tools.web.fetch.firecrawl`` belongs to its plugin."""
    where = ("tools", "web", "fetch")
    fetch = object_at(root, *where)
    block = object_at(fetch, "firecrawl")
    if fetch is None or block is None:
        return root
    payload = without(block, "enabled")
    root = put(root, where, without(fetch, "firecrawl"), fetch)
    if payload.index == block.index:
        _report(root, findings, (*where, "firecrawl"), "firecrawl", ("webFetch",), block)
    else:
        findings.replaced(
            (*where, "firecrawl"), "write plugins.entries.firecrawl.config.webFetch instead"
        )
    return _into_plugin(root, "firecrawl", "webFetch", payload, block) if payload.index else root


def x_search(findings: Findings, root: ObjectNode, path: KeyPath) -> ObjectNode:
    """The key of ``tools.web.x_search`` belongs to the plugin xai."""
    where = ("tools", "web", "x_search")
    block = object_at(root, *where)
    key = block.get("apiKey") if block is not None else None
    if block is None or key is None:
        return root
    rest = without(block, "apiKey")
    root = put(root, where, rest if rest.index else None, block)
    _report(root, findings, (*where, "apiKey"), "xai", ("webSearch", "apiKey"), key)
    payload = with_values(without(block, *block.index), {"apiKey": key}, key)
    return _into_plugin(root, "xai", "webSearch", payload, key)


def _report(
    root: ObjectNode,
    findings: Findings,
    path: tuple[str, ...],
    plugin: str,
    place: tuple[str, ...],
    value: Node,
) -> None:
    """Report a value that goes to a plugin, which OpenClaw switches on where nothing else says."""
    entry = ("plugins", "entries", plugin)
    target = (*entry, "config", *place)
    if object_at(root, *entry) is not None:
        findings.moved(path, target)
        return
    text = value.source.text[value.start : value.end]
    for key in reversed(place):
        text = f"{{ {key}: {text} }}"
    findings.moved(path, entry, f"{{ enabled: true, config: {text} }}", shown=target)


def _into_plugin(
    root: ObjectNode, plugin: str, name: str, payload: ObjectNode, origin: Node
) -> ObjectNode:
    """A plugin's block with the payload filled in, and the plugin switched on unless it says."""
    entry = ("plugins", "entries", plugin)
    place = (*entry, "config", name)
    root = put(root, place, filled(object_at(root, *place), payload), origin)
    made = object_at(root, *entry)
    if made is not None and made.get("enabled") is None:
        root = put(root, (*entry, "enabled"), boolean(True, origin), origin)
    return root
