"""Agents and their models in 2026.9.6: the roster by id, its owners, refs and the allowlist."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import chain, count

from openclaw_config import registry
from openclaw_config.diagnostics.model import version
from openclaw_config.facts import read_json
from openclaw_config.syntax.nodes import ArrayNode, Node, ObjectNode, child, text_of, to_value
from openclaw_config.syntax.text import KeyPath, trim
from openclaw_config.validation.migrations.engine import (
    ANY,
    NOTE,
    Draft,
    empty_object,
    with_items,
    without,
)
from openclaw_config.view.settings import is_true, items, values_of

_NOT_KEY = re.compile("[^a-z0-9_-]+")
_KEY = re.compile("[a-z0-9_][a-z0-9_-]{0,63}")
OLD, NEW = "2026.4.29", "2026.9.6"
_HOME_WORKSPACE = "~/.openclaw/workspace"

# --- the roster (MIG-20 to MIG-26) ------------------------------------------------------------


def roster(root: Draft) -> None:
    """``agents.list`` becomes ``agents.entries``, and each agent what it owned by its place."""
    where, mine = ("agents", "list"), root.values("agents.entries")
    old = root.get(where)
    if not isinstance(old, ArrayNode):
        return
    origin = empty_object(old)
    items = [item for item in root.items(where) if isinstance(item, ObjectNode)]
    written = [trim(text_of(item.get("id")) or "") for item in items]
    for at, name in enumerate(written):
        if "${" in name:
            note = f"no key of agents.entries can come from a variable, as {name} does"
            written[at] = root.decide((*where, at, "id"), note, {ANY: "the id of the agent"})
            if not written[at]:
                return
    if not items and not mine:
        root.remove(where, "it says nothing")
        return
    if not mine:
        root.put("agents.entries", ObjectNode(old.source, old.start, old.end, []), old)
    keys: list[str] = []
    for name in written:
        key = _NOT_KEY.sub("-", name.lower()).strip("-")[:64] or "agent"
        more = (f"{key}-{number}" for number in count(2))
        keys.append(next(it for it in chain((key,), more) if it not in keys))
    for number, (key, item) in enumerate(zip(keys, items, strict=True)):
        if key in mine:
            note = f"agents.entries has {key} already, which wins; this one is removed"
            root.warn((*where, number), note)
        else:
            agent = without(item, "id", *(("default",) if is_true(item.get("default")) else ()))
            root.put(("agents", "entries", key), agent, old)
    root.moved(where, "agents.entries")
    root.take(where)
    if len(root.values("agents.entries")) > 1:
        root.fill("agents.ownership", "explicit", origin)
    renamed = {name: key for name, key in zip(written, keys, strict=True) if name and name != key}
    for name, key in renamed.items():
        root.revalued((*where, written.index(name), "id"), f'"{key}"', "wherever it is named")
    for pattern in read_json("migrations/agents.json")["places"]["ids"]:
        root.reword(pattern, lambda name: renamed.get(trim(name)))
    marked = [at for at, item in enumerate(items) if is_true(item.get("default"))]
    owner = keys[marked[0] if marked else 0] if keys else ""
    if len(marked) > 1:
        note = f"several agents are marked as default; {owner}, the first, is the one used"
        root.warn((*where, marked[1], "default"), note)
    if len(keys) < 2 or mine:
        return
    if marked:
        _own(root, owner, origin)
        return
    note = f"{owner}, the first agent, got all traffic without a binding; in {NEW} nobody does"
    owns = {"own": f"{owner} is bound to each channel, and owns what the default agent owned"}
    if root.decide(where, note, owns, NOTE):
        _own(root, owner, origin)
        return
    _pin(root, owner)
    if "main" in keys:
        _own_defaults(root, "main", origin)


def _pin(root: Draft, owner: str) -> None:
    """Write down the workspace that the default agent had by its place (MIG-23)."""
    agent = ("agents", "entries", owner)
    if not root.has((*agent, "workspace")):
        text = root.text("agents.defaults.workspace") or _HOME_WORKSPACE
        root.warn(agent, f"its workspace stays {text}, which it had as the default agent")
        root.put((*agent, "workspace"), text)


def _own_defaults(root: Draft, owner: str, origin: Node, marked: bool = False) -> None:
    """Write down what an agent owns of the settings that name one."""
    agents = [root.get("agents.defaults"), *root.values("agents.entries").values()]
    own_heartbeat = any(child(agent, "heartbeat") for agent in agents)
    owned = {
        "agents.defaults.heartbeat": not own_heartbeat,
        "agents.defaults.systemAgent": True,
        "agents.defaults.authInheritance": marked and owner != "main",
        "talk": marked,
    }
    for place in filter(owned.get, owned):
        root.fill(f"{place}.agentId", owner, origin)


_NO_CHANNELS = ("defaults", "modelByChannel")


def _own(root: Draft, owner: str, origin: Node) -> None:
    """Write down what the marked agent owned (MIG-22)."""
    _own_defaults(root, owner, origin, marked=True)
    items = root.items("bindings")
    matches = (to_value(child(item, "match") or item) for item in items)
    bound = [{"accountId": "*", **it} for it in matches if isinstance(it, dict)]
    channels = [name for name in root.values("channels") if name not in _NO_CHANNELS]
    all_of = [{"channel": name, "accountId": "*"} for name in channels]
    new = [{"agentId": owner, "match": it} for it in all_of if it not in bound]
    if new:
        root.put_items("bindings", [*items, *new])
    agent = ("agents", "entries", owner)
    root.warn(agent, "what it owned as the default agent is written down now")
    _pin(root, owner)


def inert(root: Draft) -> None:
    """Agents that are named and not there: 2026.9.6 refuses them in bindings (MIG-26)."""
    known = set(root.values("agents.entries")) or {"main"}
    added: dict[str, Node] = {}

    def change(node: Node, path: KeyPath) -> Node | None:
        kept = []
        for at, item in enumerate(items(node)):
            key = ("agentId",) if isinstance(item, ObjectNode) else ()
            agent, where, answer = text_of(child(item, *key)), (*path, at, *key), ""
            if agent is None or agent in known or agent == "*" or "${" in agent:
                pass
            elif path[0] == "agents":
                root.removed(where, f"there is no agent {agent}", loses=True)
                answer = "remove"
            else:
                note = f"there is no agent {agent}: 2026.4.29 ignored that, 2026.9.6 refuses it"
                choices = {"remove": "it is removed"}
                if _KEY.fullmatch(agent):
                    choices["add"] = f"an empty agent {agent} is added"
                answer = root.decide(where, note, choices)
            if agent is not None and answer == "add":
                added[agent] = item
                known.add(agent)
            if answer != "remove":
                kept.append(item)
        if not isinstance(node, ArrayNode):
            return node
        return None if node.items and not kept and path[0] != "agents" else with_items(node, kept)

    lists = read_json("migrations/agents.json")["places"]["lists"]
    for place in () if root.has("agents.list") else lists:
        root.rewrite(place, change)
    if added and not root.values("agents.entries"):
        root.put("agents.entries.main", {})  # which is there as long as no other is
    for agent, item in added.items():
        root.put(("agents", "entries", agent), {}, item)
        root.fill("agents.ownership", "explicit")


# --- models (MIG-30 to MIG-34) ----------------------------------------------------------------


def successor(ref: str) -> tuple[str, str] | None:
    """The ref of 2026.9.6, and the runtime that an old one stands for; None when it is good."""
    provider, _, model = trim(ref).partition("/")
    provider, model = provider.strip().lower(), model.strip()
    if not provider or not model:
        return None
    data = read_json("migrations/models.json")
    new, runtime = provider, ""
    if provider in data["runtimes"]:
        new, runtime = data["runtimes"][provider]
        model = data["aliases"].get(new, {}).get(model.lower(), model)
    elif provider not in data["keep"]:
        new = registry.canonical_provider("2026.4.29", provider)
    renamed = data["refs"].get(provider) or data["refs"].get(new) or {}
    changed = f"{new}/{renamed.get(model.lower(), model)}"
    same = changed == trim(ref) or (new == provider and not renamed and not runtime)
    return None if same else (changed, runtime)


def _renew(draft: Draft, places: str, keys: Iterable[str] = ()) -> dict[str, tuple[str, str]]:
    """Give the refs at some places their successors. Gives these, and those of ``keys``."""
    found: dict[str, tuple[str, str]] = {}

    def new(ref: str) -> str | None:
        if known := successor(ref):
            found[ref] = known
        return known and known[0]

    for place in read_json("migrations/models.json")["places"][places]:
        draft.reword(place, new)
    for key in keys:
        new(key)
    for old, (ref, _) in found.items():
        draft.revalued("", f'"{ref}" where it was "{old}"')
    return found


def refs(root: Draft) -> None:
    """Refs of retired models, of old names of providers and of runtimes get their successors."""
    for holder in ("agents.defaults", "agents.entries.*"):
        root.inside(holder, _agent)
    if root.text("models.providers.openai.api") == "openai-chatgpt-responses":
        root.reword("models.providers.openai.models[].id", _codex_model)
    _renew(root, "elsewhere")


def _codex_model(name: str) -> str | None:
    """A model of the provider that was openai-codex."""
    found = successor(f"openai-codex/{name}")
    return None if found is None else found[0].partition("/")[2]


def _agent(draft: Draft) -> None:
    """The refs of an agent, the keys of its ``models``, and the runtimes that they stood for."""
    written = draft.values("models")
    origin = empty_object(draft.get("models") or draft.node)
    for old, (ref, runtime) in _renew(draft, "ofAgents", written).items():
        if old in written:
            draft.take(("models", old))
            draft.merge(("models", ref), written[old])
        if runtime and isinstance(draft.get(("models", ref)), ObjectNode | None):
            draft.fill(("models", ref, "agentRuntime", "id"), runtime, origin)


def profiles(auth: Draft) -> None:
    """Profiles of openai-codex are profiles of openai (MIG-34)."""

    def new(name: str) -> str | None:
        return "openai" + name[12:] if f"{name}:".startswith("openai-codex:") else None

    auth.reword("profiles.*.provider", new)
    auth.reword("order.*[]", new)
    for key in ("profiles", "order"):
        for name in auth.values(key):
            after = new(name)
            if after is not None and not auth.has((key, after)):
                auth.move((key, name), (key, after))


def allowlist(root: Draft) -> None:
    """``agents.defaults.models`` was also the list of models that may be chosen (MIG-31)."""
    where = "agents.defaults.models"
    models = root.values(where)
    done = root.get("meta.migrations.modelPolicyAllowlist")
    if not models or root.has("agents.defaults.modelPolicy") or is_true(done):
        return
    if version(root.text("meta.lastTouchedVersion") or "") >= version("2026.8.1"):
        return  # a release that has modelPolicy wrote the file: its absence is meant
    if all(values_of(it).keys() == {"agentRuntime"} for it in models.values()):
        return  # such entries choose a runtime: no release before 2026.5 has them
    bare = [key for key in models if not _is_ref(key)]
    if bare:
        root.warn(
            where,
            f"{bare[0]} has no provider, so no list of allowed models is made of these keys:"
            " write agents.defaults.modelPolicy.allow, or every model may be chosen",
        )
        return
    root.advise(where, "its keys are in agents.defaults.modelPolicy.allow too")
    root.put("agents.defaults.modelPolicy.allow", list(models))


def _is_ref(key: str) -> bool:
    provider, slash, model = key.partition("/")
    return bool(provider.strip() and slash and model.strip()) and "*" not in key[:-1]


def primary(root: Draft) -> None:
    """The implicit primary model: that of the first provider, or the built-in one (MIG-30)."""
    where = "agents.defaults.model"
    touched = version(root.text("meta.lastTouchedVersion") or "")
    if _has_model(root.get("agents.defaults")) or touched >= version(NEW):
        return
    providers = root.values("models.providers")
    firsts = [(name, text_of(child(it, "models", 0, "id"))) for name, it in providers.items()]
    name, model = next((found for found in firsts if found[1]), ("", None))
    separate = is_true(root.get("meta.migrations.utilityModelSeparation"))
    if model and not separate and not any("${" in (ref or "") for _, ref in firsts):
        ref = f"{name}/{model}"
        root.warn(
            ("models", "providers", name),
            f"{ref} was the model of all agents as the first one of a provider; it is"
            " agents.defaults.model now",
        )
        root.put(f"{where}.primary", ref)
        return
    old, new = ("/".join(registry.default_ref(release)) for release in (OLD, NEW))
    agents = root.values("agents.entries")
    if not agents or not all(map(_has_model, agents.values())):
        root.warn(where, f"no model is set: {OLD} uses {old}, {NEW} uses {new}")

    def separated(holder: Draft) -> None:
        if holder.text("utilityModel") and not _has_model(holder.node):
            holder.put("model.primary", new)

    for place in () if separate else ("agents.defaults", "agents.entries.*"):
        root.inside(place, separated)


def _has_model(holder: Node | None) -> bool:
    """Whether an agent, or the defaults of all, has a primary model."""
    model = child(holder, "model")
    return bool((text_of(model) or text_of(child(model, "primary")) or "").strip())


def compaction(root: Draft) -> None:
    """OpenAI's models run in Codex, which compacts by itself."""
    where, model = "agents.defaults.compaction.model", "agents.defaults.model"
    primary = root.text(model) or root.text(f"{model}.primary") or "openai/"
    if primary.startswith("openai/") and not root.has("models.providers.openai"):
        note = "Codex, which runs the models of openai, compacts by itself"
        root.remove(where, note, loses=True)
