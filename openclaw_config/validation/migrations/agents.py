"""Old keys of ``agents`` that rows cannot say, and ``heartbeat``, which moved there."""

from __future__ import annotations

from openclaw_config.syntax.nodes import ArrayNode, Node, ObjectNode, StringNode, child, text_of
from openclaw_config.syntax.scanner import trim
from openclaw_config.syntax.spans import KeyPath
from openclaw_config.validation.migrations.report import Findings
from openclaw_config.validation.migrations.tree import (
    filled,
    object_at,
    put,
    string,
    with_values,
    without,
)

_VISIBILITY = ("showOk", "showAlerts", "useIndicator")

_RUNTIMES = {
    "codex": ("openai", "codex"),
    "codex-cli": ("openai", "codex-cli"),
    "claude-cli": ("anthropic", "claude-cli"),
    "google-gemini-cli": ("google", "google-gemini-cli"),
}
"""Former providers that are runtimes now: the provider and the runtime that they stand for."""


def heartbeat(findings: Findings, root: ObjectNode, path: KeyPath) -> ObjectNode:
    """Move a top-level ``heartbeat`` to ``agents.defaults``, its show* keys to the channels."""
    old = root.get("heartbeat")
    if not isinstance(old, ObjectNode):
        return root
    visible = without(old, *(key for key in old.index if key not in _VISIBILITY))
    timing = without(old, *_VISIBILITY)
    if not visible.index:
        findings.moved(("heartbeat",), ("agents", "defaults", "heartbeat"))
    else:
        findings.replaced(
            ("heartbeat",),
            "showOk, showAlerts and useIndicator belong in channels.defaults.heartbeat,"
            " the rest in agents.defaults.heartbeat",
        )
    root = without(root, "heartbeat")
    if timing.index:
        mine = object_at(root, "agents", "defaults", "heartbeat")
        root = put(root, ("agents", "defaults", "heartbeat"), filled(mine, timing), old)
    if visible.index:
        mine = object_at(root, "channels", "defaults", "heartbeat")
        root = put(root, ("channels", "defaults", "heartbeat"), filled(mine, visible), old)
    return root


def runtime_refs(findings: Findings, entry: ObjectNode, path: KeyPath) -> ObjectNode:
    """Refs such as ``claude-cli/…`` become a provider's ref plus ``agentRuntime.id``."""
    model = entry.get("model")
    primary = model.get("primary") if isinstance(model, ObjectNode) else model
    first = _runtime_ref(primary)
    if first is None or primary is None:
        return entry
    ref, runtime = first
    new = string(ref, primary)
    changed: Node = new
    where = (*path, "model")
    if isinstance(model, ObjectNode):
        where = (*where, "primary")
        changed = with_values(model, {"primary": new})
        fallbacks = model.get("fallbacks")
        if fallbacks is not None:
            changed = with_values(changed, {"fallbacks": _same_runtime(fallbacks, runtime)})
    values: dict[str, Node | None] = {"model": changed}
    models = entry.get("models")
    if isinstance(models, ObjectNode):
        values["models"] = _same_runtime_keys(models, runtime)
    current = entry.get("agentRuntime")
    chosen = text_of(child(current, "id")) or ""
    free = trim(chosen).lower() in ("", "auto")
    if not isinstance(current, ObjectNode):
        values["agentRuntime"] = put(
            without(entry, *entry.index), ("id",), string(runtime, primary), primary
        )
    elif free:
        values["agentRuntime"] = with_values(current, {"id": string(runtime, primary)}, primary)
    note = f"the runtime is chosen with agentRuntime.id: {runtime}"
    if getattr(primary, "variables", ()):
        findings.replaced(where, f"write the provider of the model; {note}")
    else:
        # With a runtime of its own and no other ref that follows, the ref is all there is.
        alone = not free and changed is new and values.get("models", models) is models
        findings.revalued(where, f'"{ref}"', note, alone)
    return with_values(entry, values, primary)


def _runtime_ref(node: Node | None) -> tuple[str, str] | None:
    if not isinstance(node, StringNode):
        return None
    return _canonical(node.value)


def _canonical(text: str) -> tuple[str, str] | None:
    provider, slash, model = trim(text).partition("/")
    found = _RUNTIMES.get(trim(provider).lower())
    model = trim(model)
    return None if found is None or not slash or not model else (f"{found[0]}/{model}", found[1])


def _same_runtime(fallbacks: Node, runtime: str) -> Node:
    if not isinstance(fallbacks, ArrayNode):
        return fallbacks
    items: list[Node] = []
    for item in fallbacks.items:
        found = _runtime_ref(item)
        items.append(string(found[0], item) if found and found[1] == runtime else item)
    return ArrayNode(fallbacks.source, fallbacks.start, fallbacks.end, items)


def _same_runtime_keys(models: ObjectNode, runtime: str) -> ObjectNode:
    values: dict[str, Node | None] = {}
    if not any(map(_canonical, models.index)):
        return models
    for key, member in models.index.items():
        found = _canonical(key)
        if found is None or found[1] != runtime:
            continue
        values[key] = None
        mine = models.get(found[0])
        if isinstance(mine, ObjectNode) and isinstance(member.value, ObjectNode):
            merged = with_values(
                member.value, {name: inner.value for name, inner in mine.index.items()}
            )
            values[found[0]] = merged
        elif mine is None:
            values[found[0]] = member.value
    return with_values(models, values)
