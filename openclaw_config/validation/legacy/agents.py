"""Old keys of ``agents`` and of the top level that moved there."""

from __future__ import annotations

from openclaw_config.syntax.nodes import ArrayNode, Node, ObjectNode, StringNode, child, text_of
from openclaw_config.syntax.scanner import trim
from openclaw_config.syntax.spans import KeyPath
from openclaw_config.validation.legacy.findings import Findings
from openclaw_config.validation.legacy.rewrite import (
    filled,
    object_at,
    put,
    renamed_text,
    rewrite,
    string,
    with_values,
    without,
)

_AGENTS = (("agents", "defaults"), ("agents", "list", "[]"))
_VISIBILITY = ("showOk", "showAlerts", "useIndicator")

_RUNTIMES = {
    "codex": ("openai", "codex"),
    "codex-cli": ("openai", "codex-cli"),
    "claude-cli": ("anthropic", "claude-cli"),
    "google-gemini-cli": ("google", "google-gemini-cli"),
}
"""Former providers that are runtimes now: the provider and the runtime that they stand for."""


def migrate(root: ObjectNode, findings: Findings) -> ObjectNode:
    """Bring ``agents`` up to date: llm, embeddedHarness, sandbox.perSession, runtime refs."""

    def change(entry: ObjectNode, path: KeyPath) -> ObjectNode:
        entry = _harness(entry, path, findings)
        entry = _sandbox(entry, path, findings)
        return _runtime_refs(entry, path, findings)

    def timeout(defaults: ObjectNode, path: KeyPath) -> ObjectNode:
        if not isinstance(defaults.get("llm"), ObjectNode):
            return defaults
        findings.removed(
            (*path, "llm"), "model timeouts are set with models.providers.<id>.timeoutSeconds"
        )
        return without(defaults, "llm")

    tree: Node = rewrite(root, ("agents", "defaults"), timeout)
    for pattern in _AGENTS:
        tree = rewrite(tree, pattern, change)
    assert isinstance(tree, ObjectNode)
    return tree


def _harness(entry: ObjectNode, path: KeyPath, findings: Findings) -> ObjectNode:
    harness = entry.get("embeddedHarness")
    if not isinstance(harness, ObjectNode):
        return entry
    runtime = object_at(entry, "agentRuntime")
    values = {
        new: harness.get(old)
        for old, new in (("runtime", "id"), ("fallback", "fallback"))
        if harness.get(old) is not None and (runtime is None or runtime.get(new) is None)
    }
    findings.moved(
        (*path, "embeddedHarness"),
        (*path, "agentRuntime"),
        renamed_text(harness, {"runtime": "id", "fallback": "fallback"}),
        "its runtime key is called id there",
    )
    base = runtime if runtime is not None else without(harness, *harness.index)
    made = with_values(base, values, harness)
    entry = without(entry, "embeddedHarness")
    return with_values(entry, {"agentRuntime": made}, harness) if made.index else entry


def _sandbox(entry: ObjectNode, path: KeyPath, findings: Findings) -> ObjectNode:
    sandbox = entry.get("sandbox")
    per_session = sandbox.get("perSession") if isinstance(sandbox, ObjectNode) else None
    if not isinstance(sandbox, ObjectNode) or per_session is None or per_session.kind != "boolean":
        return entry
    scope = "session" if per_session.value else "shared"  # type: ignore[attr-defined]
    where = (*path, "sandbox")
    if sandbox.get("scope") is None:
        findings.moved((*where, "perSession"), (*where, "scope"), f'"{scope}"')
        changed = with_values(
            sandbox, {"perSession": None, "scope": string(scope, per_session)}, per_session
        )
    else:
        findings.removed((*where, "perSession"), "scope is set already and wins")
        changed = without(sandbox, "perSession")
    return with_values(entry, {"sandbox": changed})


def memory_search(root: ObjectNode, findings: Findings) -> ObjectNode:
    """Move a top-level ``memorySearch`` to ``agents.defaults``."""
    return _into_defaults(root, "memorySearch", root.get("memorySearch"), findings)


def heartbeat(root: ObjectNode, findings: Findings) -> ObjectNode:
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


def _into_defaults(root: ObjectNode, key: str, old: Node | None, findings: Findings) -> ObjectNode:
    if not isinstance(old, ObjectNode):
        return root
    target = ("agents", "defaults", key)
    findings.moved((key,), target)
    return put(without(root, key), target, filled(object_at(root, *target), old), old)


# --- refs that name a runtime ------------------------------------------------------------------


def _runtime_refs(entry: ObjectNode, path: KeyPath, findings: Findings) -> ObjectNode:
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
