"""Agents and their models in 2026.9.6: the roster by id, its owners, refs and the allowlist."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from openclaw_config import registry
from openclaw_config.diagnostics.rules import version
from openclaw_config.facts import read_json
from openclaw_config.syntax.nodes import (
    ArrayNode,
    BooleanNode,
    Member,
    Node,
    ObjectNode,
    StringNode,
    child,
    text_of,
)
from openclaw_config.syntax.scanner import trim
from openclaw_config.syntax.spans import KeyPath
from openclaw_config.validation.migrations.report import Findings
from openclaw_config.validation.migrations.tree import (
    empty_object,
    filled,
    made,
    object_at,
    put,
    string,
    with_values,
    without,
)

_NOT_KEY = re.compile("[^a-z0-9_-]+")
_HOME_WORKSPACE = "~/.openclaw/workspace"

# --- the roster (MIG-20 to MIG-26) ------------------------------------------------------------


def roster(findings: Findings, root: ObjectNode, path: KeyPath) -> ObjectNode:
    """``agents.list`` becomes ``agents.entries``, and each agent what it owned by its place."""
    agents, old = object_at(root, "agents"), child(root, "agents", "list")
    if agents is None or not isinstance(old, ArrayNode):
        return root
    items = [item for item in old.items if isinstance(item, ObjectNode)]
    written = [trim(text_of(item.get("id")) or "") for item in items]
    if any("${" in name for name in written):
        findings.decide(
            ("agents", "list"),
            "an agent's id comes from a variable, and a key of agents.entries cannot:"
            " write the id itself",
        )
        return root
    mine = object_at(agents, "entries")
    keys: list[str] = []
    for name in written:
        keys.append(_free(_NOT_KEY.sub("-", name.lower()).strip("-")[:64] or "agent", keys))
    members = [] if mine is None else list(mine.index.values())
    marked = [n for n, item in enumerate(items) if _is_true(item.get("default"))]
    for number, (key, item) in enumerate(zip(keys, items, strict=True)):
        if mine is not None and key in mine.index:
            findings.warned(
                ("agents", "list", number),
                f"agents.entries has {key} already, which wins; this one is removed",
            )
            continue
        value = without(item, "id", *(("default",) if _is_true(item.get("default")) else ()))
        members.append(Member(item.source, key, item.start, item.start, value))
    origin = old if mine is None else mine
    entries = ObjectNode(origin.source, origin.start, origin.end, members)
    findings.moved(("agents", "list"), ("agents", "entries"))
    agents = without(with_values(agents, {"entries": entries}, old), "list")
    renamed = {name: key for name, key in zip(written, keys, strict=True) if name and name != key}
    if len(entries.index) > 1 and "ownership" not in agents.index:
        agents = with_values(agents, {"ownership": string("explicit", empty_object(old))}, old)
    root = with_values(root, {"agents": agents})
    if renamed:
        root = _with_ids(root, renamed)
    if len(marked) > 1:
        findings.warned(
            ("agents", "list", marked[1], "default"),
            f"several agents are marked as default; {keys[marked[0]]}, the first, is the one used",
        )
    if len(keys) > 1 and mine is None:
        owner = keys[marked[0] if marked else 0]
        if marked:
            root = _owned(findings, root, owner, old)
        else:
            root = _pinned(findings, root, owner, old)
            if "main" in keys:
                root = _defaults(root, "main", old)
            findings.warned(
                ("agents", "list"),
                f"{owner} is the first agent, which got all traffic without a binding; in 2026.9.6"
                f" nobody does: mark it with default: true before the migration, or bind it",
            )
    return root


def _free(key: str, taken: list[str]) -> str:
    number, name = 1, key
    while name in taken:
        number += 1
        name = f"{key}-{number}"
    return name


def _is_true(node: Node | None) -> bool:
    return isinstance(node, BooleanNode) and node.value


def _pinned(findings: Findings, root: ObjectNode, owner: str, origin: Node) -> ObjectNode:
    """The workspace that the default agent had by its place (MIG-23)."""
    where = ("agents", "entries", owner, "workspace")
    if child(root, *where) is not None:
        return root
    shared = child(root, "agents", "defaults", "workspace")
    text = text_of(shared) or _HOME_WORKSPACE
    findings.warned(where[:-1], f"its workspace stays {text}, which it had as the default agent")
    return put(root, where, string(text, empty_object(origin)), origin)


def _defaults(root: ObjectNode, owner: str, origin: Node, marked: bool = False) -> ObjectNode:
    """What an agent owns of the settings that name one."""
    places: list[tuple[str, ...]] = [("agents", "defaults", "systemAgent", "agentId")]
    entries = object_at(root, "agents", "entries")
    assert entries is not None
    beats = [child(member.value, "heartbeat") for member in entries.index.values()]
    if not any([child(root, "agents", "defaults", "heartbeat"), *beats]):
        places.insert(0, ("agents", "defaults", "heartbeat", "agentId"))
    if marked and owner != "main":
        places.append(("agents", "defaults", "authInheritance", "agentId"))
    if marked:
        places.append(("talk", "agentId"))
    for where in places:
        if child(root, *where) is None:
            root = put(root, where, string(owner, empty_object(origin)), origin)
    return root


def _owned(findings: Findings, root: ObjectNode, owner: str, origin: Node) -> ObjectNode:
    """What the marked agent owned, written down (MIG-22)."""
    root = _defaults(root, owner, origin, marked=True)
    bindings = root.get("bindings")
    items = list(bindings.items) if isinstance(bindings, ArrayNode) else []
    bound = {
        text_of(child(item, "match", "channel"))
        for item in items
        if set(getattr(child(item, "match"), "index", {})) <= {"channel", "accountId"}
        and text_of(child(item, "match", "accountId")) in (None, "*")
    }
    channels = object_at(root, "channels")
    new = [
        made({"agentId": owner, "match": {"channel": name, "accountId": "*"}}, origin)
        for name in (channels.index if channels is not None else ())
        if name not in ("defaults", "modelByChannel") and name not in bound
    ]
    if new:
        old = bindings if isinstance(bindings, ArrayNode) else None
        start, end = (old.start, old.end) if old is not None else (origin.start, origin.start)
        source = old.source if old is not None else origin.source
        root = with_values(root, {"bindings": ArrayNode(source, start, end, [*items, *new])})
    findings.warned(
        ("agents", "entries", owner), "what it owned as the default agent is written down now"
    )
    return _pinned(findings, root, owner, origin)


_ID_PLACES = (
    ("bindings", "[]", "agentId"),
    ("broadcast", "*", "[]"),
    ("agents", "defaults", "subagents", "allowAgents", "[]"),
    ("agents", "entries", "*", "subagents", "allowAgents", "[]"),
    ("talk", "agentId"),
    ("hooks", "mappings", "[]", "agentId"),
    ("hooks", "allowedAgentIds", "[]"),
    ("tools", "agentToAgent", "allow", "[]"),
)


def _with_ids(root: ObjectNode, renamed: dict[str, str]) -> ObjectNode:
    def change(node: StringNode) -> Node:
        new = renamed.get(trim(node.value))
        return node if new is None else string(new, node)

    for pattern in _ID_PLACES:
        changed = strings(root, pattern, change)
        assert isinstance(changed, ObjectNode)
        root = changed
    return root


def strings(node: Node, pattern: tuple[str, ...], change: Callable[[StringNode], Node]) -> Node:
    """The tree with the strings changed that a pattern reaches."""
    if not pattern:
        return change(node) if isinstance(node, StringNode) else node
    if pattern[0] == "[]":
        if not isinstance(node, ArrayNode):
            return node
        items = [strings(item, pattern[1:], change) for item in node.items]
        if all(new is old for new, old in zip(items, node.items, strict=True)):
            return node
        return ArrayNode(node.source, node.start, node.end, items)
    if not isinstance(node, ObjectNode):
        return node
    keys = node.index if pattern[0] == "*" else [key for key in pattern[:1] if key in node.index]
    return with_values(
        node, {key: strings(node.index[key].value, pattern[1:], change) for key in keys}
    )


def inert(findings: Findings, root: ObjectNode, path: KeyPath) -> ObjectNode:
    """Bindings to agents that are not there: 2026.9.6 refuses them (MIG-26)."""
    bindings, entries = root.get("bindings"), object_at(root, "agents", "entries")
    listed = child(root, "agents", "list")
    if not isinstance(bindings, ArrayNode) or listed is not None:
        return root
    known = set(entries.index) if entries is not None else set()
    known = known or {"main"}
    gone: list[Node] = []
    for at, item in enumerate(bindings.items):
        agent = text_of(child(item, "agentId"))
        if agent is None or agent in known or "${" in agent:
            continue
        answer = findings.decide(
            ("bindings", at, "agentId"),
            f"there is no agent {agent}: 2026.4.29 ignored such a binding, 2026.9.6 refuses it",
            remove="the binding is removed",
            add=f"an empty agent {agent} is added",
        )
        if answer == "remove":
            gone.append(item)
        elif answer == "add":
            root = put(root, ("agents", "entries", agent), empty_object(item), item)
    if not gone:
        return root
    kept = [item for item in bindings.items if item not in gone]
    new = ArrayNode(bindings.source, bindings.start, bindings.end, kept)
    return with_values(root, {"bindings": new if kept else None})


# --- models (MIG-30 to MIG-34) ----------------------------------------------------------------

_MODEL_KEYS = (
    "model", "imageModel", "pdfModel", "utilityModel", "imageGenerationModel",
    "musicGenerationModel", "videoGenerationModel",
)  # fmt: skip
_HOLDERS = ("agents.defaults", "agents.entries.*")
_INNER = ("heartbeat", "subagents", "compaction", "compaction.memoryFlush")


def _model_places() -> Iterator[tuple[str, ...]]:
    """Where refs stand as values."""
    for holder in _HOLDERS:
        base = tuple(holder.split("."))
        for key in (*_MODEL_KEYS, *(f"mediaModels.{kind}" for kind in ("image", "music", "video"))):
            place = (*base, *key.split("."))
            yield from (place, (*place, "primary"), (*place, "fallbacks", "[]"))
        yield (*base, "modelPolicy", "allow", "[]")
        for inner in _INNER:
            place = (*base, *inner.split("."), "model")
            yield from (place, (*place, "primary"), (*place, "fallbacks", "[]"))
    yield from (
        ("channels", "modelByChannel", "*", "*"),
        ("channels", "discord", "voice", "model"),
        ("hooks", "mappings", "[]", "model"),
        ("hooks", "gmail", "model"),
        ("tools", "exec", "applyPatch", "allowModels", "[]"),
        ("tools", "subagents", "model"),
        ("messages", "tts", "summaryModel"),
        ("tts", "summaryModel"),
    )


def successor(ref: str) -> tuple[str, str] | None:
    """The ref of 2026.9.6, and the runtime that an old one stands for; None when it is good."""
    provider, slash, model = trim(ref).partition("/")
    provider, model = provider.strip().lower(), model.strip()
    if not slash or not provider or not model:
        return None
    data = read_json("migrations/models.json")
    new, runtime = provider, ""
    found = data["runtimes"].get(provider)
    if found is not None:
        new, runtime = found
    elif provider not in data["keep"]:
        new = registry.canonical_provider("2026.4.29", provider)
    model = data["aliases"].get(new, {}).get(model.lower(), model) if runtime else model
    renamed = data["refs"].get(provider) or data["refs"].get(new) or {}
    model = renamed.get(model.lower(), model)
    changed = f"{new}/{model}"
    return (
        None
        if changed == trim(ref) or (new == provider and not renamed and not runtime)
        else (changed, runtime)
    )


def refs(findings: Findings, root: ObjectNode, path: KeyPath) -> ObjectNode:
    """Refs of retired models, of old names of providers and of runtimes get their successors."""
    runtimes: dict[str, str] = {}

    def change(node: StringNode) -> Node:
        found = successor(node.value)
        if found is None:
            return node
        said[node.value] = found[0]
        if found[1]:
            runtimes[found[0]] = found[1]
        return string(found[0], node)

    for holder in ("agents.defaults", "agents.entries.*"):
        for where, owner in _holders(root, holder):
            runtimes.clear()
            new: Node = owner
            said: dict[str, str] = {}
            for place in _model_places():
                base = tuple(holder.split("."))
                if place[: len(base)] == base:
                    new = strings(new, place[len(base) :], change)
            assert isinstance(new, ObjectNode)
            new = _models(new, runtimes, said)
            _say(findings, where, said)
            if new is not owner:
                root = put(root, where, new, owner)
    said = {}
    root = _of_codex(root)
    for place in _model_places():
        if place[0] != "agents":
            changed = strings(root, place, change)
            assert isinstance(changed, ObjectNode)
            root = changed
    _say(findings, (), said)
    return root


def _of_codex(root: ObjectNode) -> ObjectNode:
    """The models of the provider that was openai-codex."""
    provider = object_at(root, "models", "providers", "openai")
    if provider is None or text_of(provider.get("api")) != "openai-chatgpt-responses":
        return root

    def change(node: StringNode) -> Node:
        found = successor(f"openai-codex/{node.value}")
        new = found[0].partition("/")[2] if found is not None else node.value
        return node if new == node.value else string(new, node)

    new = strings(root, ("models", "providers", "openai", "models", "[]", "id"), change)
    assert isinstance(new, ObjectNode)
    return new


def profiles(findings: Findings, auth: ObjectNode, path: KeyPath) -> ObjectNode:
    """Profiles of openai-codex are profiles of openai (MIG-34)."""

    def name(text: str) -> str:
        return "openai" + text[12:] if f"{text}:".startswith("openai-codex:") else text

    def change(node: StringNode) -> Node:
        return node if name(node.value) == node.value else string(name(node.value), node)

    new: Node = strings(auth, ("profiles", "*", "provider"), change)
    new = strings(new, ("order", "*", "[]"), change)
    for key in ("profiles", "order"):
        old = child(new, key)
        if not isinstance(old, ObjectNode) or not isinstance(new, ObjectNode):
            continue
        names = {it: name(it) for it in old.index if name(it) != it}
        for before, after in names.items():
            if after not in old.index:
                findings.moved((*path, key, before), (*path, key, after))
                old = with_values(without(old, before), {after: old.index[before].value})
        new = with_values(new, {key: old})
    assert isinstance(new, ObjectNode)
    return new


def _say(findings: Findings, where: KeyPath, said: dict[str, str]) -> None:
    for old, new in said.items():
        findings.revalued(where, f'"{new}" where it was "{old}"')


def _holders(root: ObjectNode, holder: str) -> list[tuple[tuple[str, ...], ObjectNode]]:
    if holder == "agents.defaults":
        found = object_at(root, "agents", "defaults")
        return [] if found is None else [(("agents", "defaults"), found)]
    entries = object_at(root, "agents", "entries")
    return [
        (("agents", "entries", key), member.value)
        for key, member in (entries.index.items() if entries is not None else ())
        if isinstance(member.value, ObjectNode)
    ]


def _models(entry: ObjectNode, runtimes: dict[str, str], said: dict[str, str]) -> ObjectNode:
    """``models`` with its keys renamed, and the runtimes that refs stood for."""
    models = entry.get("models")
    members: dict[str, Member] = {}
    if isinstance(models, ObjectNode):
        for key, member in models.index.items():
            found = successor(key)
            name, runtime = found if found is not None else (key, "")
            if found is not None:
                said[key] = name
            value = member.value
            if runtime:
                runtimes.pop(name, None)
                if isinstance(value, ObjectNode) and child(value, "agentRuntime", "id") is None:
                    value = put(
                        value, ("agentRuntime", "id"), string(runtime, empty_object(value)), value
                    )
            mine = members.get(name)
            if mine and isinstance(mine.value, ObjectNode) and isinstance(value, ObjectNode):
                value = filled(mine.value, value)
            members[name] = Member(member.source, name, member.key_start, member.key_end, value)
    origin: Node = models if isinstance(models, ObjectNode) else entry
    for ref, runtime in runtimes.items():
        value = made({"agentRuntime": {"id": runtime}}, empty_object(origin))
        mine = members.get(ref)
        if mine is not None and isinstance(mine.value, ObjectNode):
            if child(mine.value, "agentRuntime", "id") is not None:
                continue
            value = put(
                mine.value, ("agentRuntime", "id"), string(runtime, empty_object(origin)), origin
            )
        members[ref] = Member(origin.source, ref, origin.start, origin.start, value)
    if isinstance(models, ObjectNode):
        old = models.index
        if list(members) == list(old) and all(m.value is old[k].value for k, m in members.items()):
            return entry
        new = ObjectNode(models.source, models.start, models.end, list(members.values()))
    elif members:
        new = ObjectNode(origin.source, origin.start, origin.start, list(members.values()))
    else:
        return entry
    return with_values(entry, {"models": new})


def allowlist(findings: Findings, root: ObjectNode, path: KeyPath) -> ObjectNode:
    """``agents.defaults.models`` was also the list of models that may be chosen (MIG-31)."""
    defaults = object_at(root, "agents", "defaults")
    models = object_at(defaults, "models")
    done = child(root, "meta", "migrations", "modelPolicyAllowlist")
    if defaults is None or models is None or not models.index or "modelPolicy" in defaults.index:
        return root
    if _is_true(done) or _is_recent(root):
        return root
    if all(
        getattr(it.value, "index", {}).keys() == {"agentRuntime"} for it in models.index.values()
    ):
        return root  # such entries choose a runtime: no release before 2026.5 has them
    bare = [key for key in models.index if not _is_ref(key)]
    where = ("agents", "defaults", "models")
    if bare:
        findings.warned(
            where,
            f"{bare[0]} has no provider, so no list of allowed models is made of these keys:"
            " write agents.defaults.modelPolicy.allow, or every model may be chosen",
        )
        return root
    allow = made([string(key, empty_object(models)) for key in models.index], models)
    findings.replaced(where, "its keys are in agents.defaults.modelPolicy.allow too")
    return put(root, ("agents", "defaults", "modelPolicy", "allow"), allow, empty_object(models))


def _is_recent(root: ObjectNode) -> bool:
    """Whether a release that has ``modelPolicy`` wrote the file: then its absence is meant."""
    written = text_of(child(root, "meta", "lastTouchedVersion")) or ""
    return version(written) >= version("2026.8.1")


def _is_ref(key: str) -> bool:
    provider, slash, model = key.partition("/")
    return bool(provider.strip() and slash and model.strip()) and "*" not in key[:-1]


def primary(findings: Findings, root: ObjectNode, path: KeyPath) -> ObjectNode:
    """The implicit primary model: that of the first provider, or the built-in one (MIG-30)."""
    if child(root, "agents", "defaults", "model") is not None:
        return root
    providers = object_at(root, "models", "providers")
    for name, member in providers.index.items() if providers is not None else ():
        first = text_of(child(member.value, "models", 0, "id"))
        if first:
            ref = f"{name}/{first}"
            findings.warned(
                ("models", "providers", name),
                f"{ref} was the model of all agents as the first one of a provider; it is"
                " agents.defaults.model now",
            )
            where = ("agents", "defaults", "model", "primary")
            return put(root, where, string(ref, empty_object(member.value)), member.value)
    findings.warned(
        ("agents", "defaults", "model"),
        "no model is set: 2026.4.29 uses openai/gpt-5.5, 2026.9.6 uses openai/gpt-6-astra",
    )
    return root


def provider_limits(findings: Findings, provider: ObjectNode, path: KeyPath) -> ObjectNode:
    """``contextWindow`` and ``contextTokens`` go into each model that lacks them (MIG-36)."""
    rows = provider.get("models")
    for key in ("contextWindow", "contextTokens"):
        value = provider.get(key)
        if value is None:
            continue
        provider = without(provider, key)
        if not isinstance(rows, ArrayNode) or not rows.items:
            findings.warned((*path, key), "removed: there is no model to hold it")
            continue
        findings.moved((*path, key), (*path, "models"))
        items = [
            with_values(item, {key: made(value.value, empty_object(value))}, value)  # type: ignore[attr-defined]
            if isinstance(item, ObjectNode) and key not in item.index
            else item
            for item in rows.items
        ]
        rows = ArrayNode(rows.source, rows.start, rows.end, items)
        provider = with_values(provider, {"models": rows})
    return provider
