"""What releases since 2026.8.1 still convert when they read a config (LOAD-50 to LOAD-52)."""

from __future__ import annotations

import re

from openclaw_config.syntax.nodes import (
    ArrayNode,
    BooleanNode,
    Node,
    ObjectNode,
    child,
    text_of,
)
from openclaw_config.syntax.spans import KeyPath
from openclaw_config.validation.migrations.report import Findings
from openclaw_config.validation.migrations.tree import (
    empty_object,
    rewrite,
    with_values,
    without,
)

_ID = re.compile(r"[a-z0-9_][a-z0-9_-]{0,63}")


def entries(findings: Findings, agents: ObjectNode, path: KeyPath) -> ObjectNode:
    """A list of agents becomes an object by id, where each has one that can be its key (LOAD-51).

    Any other list stays, and is an unknown key.
    """
    listed = agents.get("list")
    if not isinstance(listed, ArrayNode) or agents.get("entries") is not None:
        return agents
    found: dict[str, Node | None] = {}
    for item in listed.items:
        name = text_of(child(item, "id")) or ""
        fits = isinstance(child(item, "default"), BooleanNode | None)
        if not isinstance(item, ObjectNode) or not fits or name in found or not _ID.fullmatch(name):
            return agents
        found[name] = without(item, "id")
    findings.replaced((*path, "list"), "write agents.entries, an object with each agent by its id")
    by_id = with_values(empty_object(listed), found, listed) if found else None
    return with_values(agents, {"list": None, "entries": by_id}, listed)


def budget(findings: Findings, provider: ObjectNode, path: KeyPath) -> ObjectNode:
    """A provider's context sizes go to those of its models that have none (LOAD-50)."""
    sizes = {
        key: member.value
        for key in ("contextWindow", "contextTokens")
        if (member := provider.index.get(key)) is not None
    }

    def given(row: ObjectNode, _: KeyPath) -> ObjectNode:
        return with_values(row, {**sizes, **{key: one.value for key, one in row.index.items()}})

    for key in sizes:
        findings.replaced((*path, key), f"write {key} in each model of the provider")
    changed = rewrite(provider, ("models", "[]"), given) if sizes else provider
    assert isinstance(changed, ObjectNode)
    return without(changed, *sizes)


def discovery(findings: Findings, config: ObjectNode, path: KeyPath) -> ObjectNode:
    """``discovery`` of GitHub Copilot that is empty or has ``enabled`` counts for nothing."""
    old = config.get("discovery")
    if not isinstance(old, ObjectNode) or (old.index and "enabled" not in old.index):
        return config
    findings.removed((*path, "discovery"))
    return without(config, "discovery")
