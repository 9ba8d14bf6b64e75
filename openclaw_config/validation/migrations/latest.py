"""What 2026.9.6 makes of keys of older releases, where rows cannot say it; and the way back.

That is from 2026.9.6 to 2026.4.29. The rows that move a value are read from its new place to the
old one, where only the old one is a key of 2026.4.29. What stays is left to the check of the
result.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import partial
from itertools import chain, count

from openclaw_config import registry
from openclaw_config.diagnostics.masking import UNDECLARED, Place, place_at
from openclaw_config.diagnostics.model import version
from openclaw_config.facts import read_json, section
from openclaw_config.syntax import nodes
from openclaw_config.syntax.nodes import Node, ObjectNode, child, text_of, to_value
from openclaw_config.syntax.text import KeyPath, trim
from openclaw_config.validation.migrations import engine
from openclaw_config.validation.migrations.earlier import audio
from openclaw_config.validation.migrations.engine import Draft, empty_object, made, without
from openclaw_config.validation.migrations.rows import Row, every_row
from openclaw_config.view.refs import split
from openclaw_config.view.settings import is_true, items, number, truth, values_of

OLD, NEW = "2026.4.29", "2026.9.6"

# --- the roster (MIG-20 to MIG-26) ------------------------------------------------------------

_NOT_KEY = re.compile("[^a-z0-9_-]+")
_KEY = re.compile("[a-z0-9_][a-z0-9_-]{0,63}")
_HOME_WORKSPACE = "~/.openclaw/workspace"


def roster(root: Draft) -> None:
    """``agents.list`` becomes ``agents.entries``, and each agent what it owned by its place."""
    where, mine = ("agents", "list"), root.values("agents.entries")
    old = root.get(where)
    assert old is not None
    origin = empty_object(old)
    items = [item for item in root.items(where) if isinstance(item, ObjectNode)]
    written = [trim(text_of(item.get("id")) or "") for item in items]
    for at, name in enumerate(written):
        if "${" in name:
            note = f"no key of agents.entries can come from a variable, as {name} does"
            written[at] = root.decide((*where, at, "id"), note, {engine.ANY: "the id of the agent"})
            if not written[at]:
                return
    if not mine:
        root.put("agents.entries", ObjectNode(old.source, old.start, old.end, []), old)
    keys: list[str] = []
    for name in written:
        key = _NOT_KEY.sub("-", name.lower()).strip("-")[:64] or "agent"
        more = (f"{key}-{turn}" for turn in count(2))
        keys.append(next(it for it in chain((key,), more) if it not in keys))
    for at, (key, item) in enumerate(zip(keys, items, strict=True)):
        if key in mine:
            note = f"agents.entries has {key} already, which wins; this one is removed"
            root.warn((*where, at), note)
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
    note = f"{owner}, the first agent, got all traffic without a binding; in {NEW} nobody does"
    owns = {"own": f"{owner} is bound to each channel, and owns what the default agent owned"}
    owns_all = bool(marked or root.decide(where, note, owns, engine.NOTE))
    if owns_all or "main" in keys:
        _own_defaults(root, owner if owns_all else "main", origin, owns_all)
    if owns_all:
        _bind(root, owner)
    _pin(root, owner)


def _pin(root: Draft, owner: str) -> None:
    """Write down the workspace that the default agent had by its place (MIG-23)."""
    agent = ("agents", "entries", owner)
    if not root.has((*agent, "workspace")):
        text = root.text("agents.defaults.workspace") or _HOME_WORKSPACE
        root.warn(agent, f"its workspace stays {text}, which it had as the default agent")
        root.put((*agent, "workspace"), text)


def _own_defaults(root: Draft, owner: str, origin: Node, marked: bool) -> None:
    """Write down what an agent owns of the settings that name one (MIG-22)."""
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


def _bind(root: Draft, owner: str) -> None:
    """Write down that the marked agent was bound to each channel (MIG-22)."""
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


def compaction(root: Draft) -> None:
    """OpenAI's models run in Codex, which compacts by itself."""
    model = "agents.defaults.model"
    primary = root.text(model) or root.text(f"{model}.primary") or "openai/"
    if primary.startswith("openai/") and not root.has("models.providers.openai"):
        note = "Codex, which runs the models of openai, compacts by itself"
        root.remove("agents.defaults.compaction.model", note, loses=True)


def inert(root: Draft) -> None:
    """Agents that are named and not there: 2026.9.6 refuses them in bindings (MIG-26)."""
    known = set(root.values("agents.entries")) or {"main"}
    added: dict[str, Node] = {}

    def change(item: Node, path: KeyPath) -> Node | None:
        key = ("agentId",) if isinstance(item, ObjectNode) else ()
        agent, where = text_of(child(item, *key)), (*path, *key)
        if agent is None or agent in known or agent == "*" or "${" in agent:
            return item
        if path[0] == "agents":
            root.removed(where, f"there is no agent {agent}", loses=True)
            return None
        note = f"there is no agent {agent}: 2026.4.29 ignored that, 2026.9.6 refuses it"
        choices = {"remove": "it is removed"}
        if _KEY.fullmatch(agent):
            choices["add"] = f"an empty agent {agent} is added"
        answer = root.decide(where, note, choices)
        if answer == "add":
            added[agent] = item
            known.add(agent)
        return None if answer == "remove" else item

    def filled(node: Node, path: KeyPath) -> Node | None:
        emptied = not items(node) and items(child(root.changes.tree, *path))
        return None if emptied else node

    named = read_json("migrations/agents.json")["places"]["named"]
    for place in () if root.has("agents.list") else named:
        root.rewrite(place, change)
    for place in ("bindings", "broadcast.*"):
        root.rewrite(place, filled)
    if added and not root.values("agents.entries"):
        root.put("agents.entries.main", {})  # which is there as long as no other is
    for agent, item in added.items():
        root.put(("agents", "entries", agent), {}, item)
        root.fill("agents.ownership", "explicit")


# --- models (MIG-30 to MIG-34) ----------------------------------------------------------------


def successor(ref: str) -> tuple[str, str] | None:
    """The ref of 2026.9.6, and the runtime that an old one stands for; None when it is good."""
    halves = split(ref)
    if halves is None:
        return None
    provider, model = halves.provider.lower(), halves.model
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
    # A release that has modelPolicy wrote the file: its absence is meant.
    done = version(root.text("meta.lastTouchedVersion") or "") >= version("2026.8.1")
    done = done or is_true(root.get("meta.migrations.modelPolicyAllowlist"))
    # Such entries choose a runtime: no release before 2026.5 has them.
    runtimes = all(values_of(it).keys() == {"agentRuntime"} for it in models.values())
    if done or runtimes or root.has("agents.defaults.modelPolicy"):
        return
    bare = [key for key in models if split(key) is None or "*" in key[:-1]]
    if bare:
        root.warn(
            where,
            f"{bare[0]} has no provider, so no list of allowed models is made of these keys:"
            " write agents.defaults.modelPolicy.allow, or every model may be chosen",
        )
        return
    root.advise(where, "its keys are in agents.defaults.modelPolicy.allow too")
    root.put("agents.defaults.modelPolicy.allow", list(models))


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


# --- media ------------------------------------------------------------------------------------


def transcription(root: Draft) -> None:
    """``audio.transcription`` is a model of type cli for audio, the preferred one (MIG-14)."""
    media, others = "tools.media.audio", root.items("tools.media.audio.models")
    audio(root)
    if not others and (models := root.items(f"{media}.models")):
        root.reword(
            f"{media}.models[].args[]", lambda text: text.replace("{input}", "{{AttachmentPath}}")
        )
        command = text_of(child(models[0], "command")) or ""
        name = command.replace("\\", "/").rpartition("/")[2]
        root.put(f"{media}.preferredModel", f"cli:{name}")


def handlers(hooks: Draft) -> None:
    """Handlers by module are gone (MIG-41)."""
    where = "internal.handlers"
    hooks.warn(where, "removed, and they ran: write a hook with a HOOK.md instead")
    hooks.take(where)
    if hooks.values("internal").keys() <= {"enabled"}:
        hooks.take("internal")


# --- memory -----------------------------------------------------------------------------------


def paths(qmd: Draft) -> None:
    """A path of the qmd backend has no name as one of the search, and is a text where it can be."""

    def bare(item: Node, path: KeyPath) -> Node:
        if not isinstance(item, ObjectNode):
            return item
        kept = without(item, *(key for key in item.index if key not in ("path", "pattern")))
        return kept if "pattern" in kept.index else kept.get("path") or kept

    for key in ("paths[]", "extraCollections[]"):
        qmd.rewrite(key, bare)


# --- web search, plugins ------------------------------------------------------------------------


def external_search(root: Draft) -> None:
    """An external provider of web search needs its plugin, switched on (MIG-17)."""
    search = ("tools", "web", "search")
    name = (root.text((*search, "provider")) or "").strip().lower()
    plugin = registry.web_search(NEW).get(name, "")
    if plugin and plugin not in registry.plugin_ids(NEW):
        note = f"{name} is a plugin of its own now: openclaw plugins install @openclaw/{plugin}"
        root.warn((*search, "provider"), note)
        root.fill(("plugins", "entries", plugin, "enabled"), True)


def ollama(provider: Draft) -> None:
    """The window of Ollama's own API was another size of the model, and is ``num_ctx`` now."""
    api = provider.get("api")
    if not any(child(model, "contextTokens") for model in provider.items("models")):
        _window(provider, api, "maxTokens")

    def change(model: Draft) -> None:
        if not model.has("contextTokens"):
            _window(model, model.get("api") or api, "contextWindow", "maxTokens")

    provider.inside("models[]", change)


def _window(draft: Draft, api: Node | None, *sizes: str) -> None:
    """Write the first of some sizes as ``params.num_ctx``, unless that is written."""
    where = "params.num_ctx"
    size = next((key for key in sizes if (number(draft.get(key)) or 0) > 0), None)
    fits = not draft.has(where) and isinstance(draft.get("params"), ObjectNode | None)
    if size is not None and fits and (text_of(api) or "").strip().lower() == "ollama":
        draft.advise(size, f"Ollama's window was taken from it; {where} says so now")
        draft.put(where, int(number(draft.get(size)) or 0))


# --- values -------------------------------------------------------------------------------------

EXEC = {
    ("full", "off"): "full", ("allowlist", "on-miss"): "ask", ("allowlist", "off"): "allowlist",
    **{("deny", ask): "deny" for ask in ("off", "on-miss", "always")},
}  # fmt: skip


def exec_mode(exec_: Draft) -> None:
    """``security`` and ``ask`` of exec, as a pair, are a ``mode`` (MIG-15)."""
    keys, root = ("security", "ask"), exec_.changes.tree
    own = [key for key in keys if exec_.has(key)]
    security, ask = (
        exec_.text(key) or text_of(child(root, "tools", "exec", key)) or "" for key in keys
    )
    mode = EXEC.get((security, ask))
    if own and mode is not None:
        exec_.move(own[0], "mode", mode)
        exec_.take("ask")


def port(gateway: Draft) -> None:
    """A port that no server can have is removed."""
    if (port := number(gateway.get("port")) or 0) > 65535:
        gateway.warn("port", f"removed: {port} is no port; the default one is used")
        gateway.take("port")


def secret_texts(root: Draft) -> None:
    """``secretref-env:NAME`` is a reference to a variable (MIG-62)."""

    def change(node: Node, path: KeyPath) -> Node:
        if not isinstance(node, nodes.StringNode) or not node.value.startswith("secretref-env:"):
            return node
        name = node.value.partition(":")[2]
        root.revalued(path, f"a reference to the variable {name}")
        return made({"source": "env", "provider": "default", "id": name}, empty_object(node))

    for place in section("registry", NEW, "secretPlaces"):
        root.rewrite(place, change)


# --- channels -----------------------------------------------------------------------------------


def whatsapp_reaction(root: Draft) -> None:
    """WhatsApp's own ``ackReaction``, or that of its first account, is that of all channels."""
    channel, to = ("channels", "whatsapp"), "messages.ackReaction"
    accounts = [(*channel, "accounts", name) for name in root.values((*channel, "accounts"))]
    found = [where for one in (channel, *accounts) if root.has(where := (*one, "ackReaction"))]
    for where in found[:1]:
        emoji, direct, group = (root.get((*where, key)) for key in ("emoji", "direct", "group"))
        root.moved(where, to)
        root.take(where)
        root.fill(to, emoji if isinstance(emoji, nodes.StringNode) else "\N{EYES}")
        word = text_of(group) or ""
        scope = {"always": "all", "never": "direct"}.get(word)
        if truth(direct) is False:
            scope = {"always": "group-all", "never": "off"}.get(word, "group-mentions")
        if scope:
            root.fill("messages.ackReactionScope", scope)


def open_senders(node: Draft) -> None:
    """A channel that is open to all says so in ``allowFrom``."""
    senders = node.items("allowFrom")
    if node.text("dmPolicy") == "open" and "*" not in map(to_value, senders):
        node.warn("dmPolicy", 'open needs "*" in allowFrom, which is added')
        origin = empty_object(node.get("dmPolicy") or node.node)
        node.put_items("allowFrom", [*senders, "*"], origin)


def group_senders(node: Draft) -> None:
    """Without ``groupAllowFrom`` a group's senders were those of ``allowFrom``."""
    senders = node.items("allowFrom")
    if senders and not node.has("groupAllowFrom"):
        node.advise("allowFrom", "it counted for groups too; groupAllowFrom says so now")
        node.put("groupAllowFrom", [str(to_value(item)) for item in senders])


def response_prefix(root: Draft) -> None:
    """``messages.responsePrefix`` is copied to each channel that takes one."""
    prefix = root.text("messages.responsePrefix")
    for name, block in root.values("channels").items():
        where = ("channels", name, "responsePrefix")
        takes = name not in ("defaults", "modelByChannel") and isinstance(block, ObjectNode)
        if prefix is not None and takes and not root.has(where):
            root.put(where, prefix)
            root.advise("messages.responsePrefix", f"channels.{name} has it too")


_TRANSPORT = (
    "apiMode", "autoStart", "httpUrl", "httpHost", "httpPort", "cliPath", "configPath",
    "startupTimeoutMs", "receiveMode", "ignoreStories",
)  # fmt: skip
_TUNING = {"apiMode", "startupTimeoutMs", "receiveMode", "ignoreStories"}
_WHICH = "OpenClaw asks the running Signal server which kind it is; a file cannot say"
_KINDS = {
    "external-native": "transport is an external signal-cli server",
    "container": "transport is a signal-cli-rest-api container",
}


def signal(node: Draft) -> None:
    """Signal's connection is its ``transport`` (MIG-19); an account has the channel's settings."""
    channel = child(node.changes.tree, "channels", "signal")
    base = values_of(channel) if "accounts" in node.path else {}
    written = node.values()
    own = [key for key in _TRANSPORT if key in written]
    old = {key: it for key in _TRANSPORT if (it := written.get(key) or base.get(key)) is not None}
    mode, start = text_of(old.get("apiMode")), to_value(old.get("autoStart") or node.node)
    if _TUNING.issuperset(own) and (mode or "auto") == "auto":
        for key in own:
            node.remove(key, "it has no connection to be about")
        return
    kind = "managed-native" if own else ""
    if own and mode == "container":
        kind = mode
    elif own and (start is False or ("httpUrl" in old and start is not True)):
        kind = "external-native" if mode == "native" else node.decide("", _WHICH, _KINDS)
    if not kind:
        return
    fields: dict[str, object] = {"kind": kind}
    if kind == "managed-native":
        fields |= {
            "url" if key == "httpUrl" else key: it
            for key, it in old.items()
            if key not in ("apiMode", "autoStart")
        }
        if base and not {"httpPort", "httpUrl"} & old.keys():
            fields["httpPort"] = 8080
    else:
        port = number(old.get("httpPort"))
        host = text_of(old.get("httpHost")) or "127.0.0.1"
        fields["url"] = old.get("httpUrl") or f"http://{host}:{8080 if port is None else port}"
    for key in own:
        node.moved(key, "transport")
        node.take(key)
    node.put("transport", fields, empty_object(written[own[0]]))


# --- the way back, for what has an old place ---------------------------------------------------


def back(root: ObjectNode, changes: engine.Changes) -> ObjectNode:
    """The tree of a config of 2026.9.6 as 2026.4.29 has it, as far as that goes."""
    draft = Draft(changes, root, ())
    _roster_back(draft)
    _allowlist_back(draft)
    for row in every_row(NEW):
        if inverse := _inverse(row):
            engine.apply_row(draft, inverse, partial(_undoes, inverse))
    changes.tree = draft.node
    for place in ("tools.exec", "agents.list[].tools.exec"):
        draft.inside(place, _exec_back)
    for place in ("channels.signal", "channels.signal.accounts.*"):
        draft.inside(place, _signal_back)
    return draft.node


_PAIRS = {mode: pair for pair, mode in reversed(EXEC.items())}


def _exec_back(exec_: Draft) -> None:
    """The ``mode`` of exec as ``security`` and ``ask`` (MIG-15)."""
    mode = exec_.get("mode")
    pair = _PAIRS.get(exec_.text("mode") or "")
    if pair is not None:
        exec_.advise("mode", f"security is {pair[0]} and ask is {pair[1]}, which say the same")
        exec_.take("mode")
        for key, word in zip(("security", "ask"), pair, strict=True):
            exec_.put(key, word, mode)


def _signal_back(node: Draft) -> None:
    """Signal's ``transport`` as keys of the channel (MIG-19)."""
    kind, managed = node.text("transport.kind"), "managed-native"
    if kind in (managed, "external-native"):  # 2026.4.29 has no containers
        fields: dict[str, object] = {"autoStart": kind == managed, **node.values("transport")}
        node.advise("transport", "its settings are keys of the channel")
        node.take("transport")
        for key, value in fields.items():
            if key != "kind":
                node.fill("httpUrl" if key == "url" else key, value, node.node)


def _inverse(row: Row) -> Row | None:
    """The row that undoes a row; None where that would lose something."""
    if row.op != "move" or not row.to or row.form or row.sets or row.fills or row.beside:
        return None
    if row.conflict in ("join", "before"):
        return None  # nobody knows which items came from where
    new = None
    if row.map is not None:
        new = {
            value if isinstance(value, str) else json.dumps(value): (
                json.loads(old) if row.of == "boolean" else old
            )
            for old, value in reversed(row.map.items())
            if isinstance(value, str | bool | int)
        }
    scale = 1 / row.scale if row.scale else 0
    return Row(row.at, "move", row.to, row.key, map=new, scale=scale, conflict="stay")


def _undoes(row: Row, path: KeyPath) -> bool:
    """Whether 2026.4.29 has only the old key of an object: what an inverse ``row`` moves to."""
    if path[:2] == ("mcp", "servers"):
        return not _place((*path, *row.key))[1]  # it takes any key there, and reads the old ones
    (old, is_old), (new, is_new) = (_place((*path, *way)) for way in (row.to, row.key))
    if is_old:
        return new is UNDECLARED
    # In an object that may have any key, the old one is the one that is read.
    return len(row.to) == len(row.key) == 1 and old is not UNDECLARED and not is_new


def _place(way: KeyPath) -> tuple[Place, bool]:
    """What 2026.4.29 has at a path, and whether it names the key."""
    owner = place_at(way[:-1], OLD)
    return owner.step(way[-1]), owner.declares(str(way[-1]))


def _roster_back(root: Draft) -> None:
    """``agents.entries`` as a list, each with its id."""
    entries = root.get("agents.entries")
    if not isinstance(entries, ObjectNode) or root.has("agents.list"):
        return
    agents: list[Node] = []
    for name, agent in root.values("agents.entries").items():
        if not isinstance(agent, ObjectNode):
            return
        start = agent.start
        key = nodes.Member(
            agent.source, "id", start, start, nodes.StringNode(agent.source, start, start, name)
        )
        agents.append(ObjectNode(agent.source, start, agent.end, [key, *agent.members]))
    root.moved("agents.entries", "agents.list")
    root.put("agents.list", nodes.ArrayNode(entries.source, entries.start, entries.end, agents))
    root.take("agents.entries")
    if len(agents) > 1 and root.text("agents.ownership") == "explicit":
        root.remove("agents.ownership", "2026.4.29 gives the first agent what no binding names")


def _allowlist_back(root: Draft) -> None:
    """The keys of ``agents.defaults.models`` are the list of models that may be chosen."""
    where, models = "agents.defaults.modelPolicy", "agents.defaults.models"
    allow = [name for name in map(to_value, items(root.get(f"{where}.allow"))) if name]
    known = root.values(models)
    if root.has(where) and allow and known.keys() <= set(allow):
        root.moved(f"{where}.allow", models)
        for name in allow:
            root.fill(("agents", "defaults", "models", str(name)), {})
        root.take(f"{where}.allow", prune=True)
    elif known and not root.has(where):
        root.warn(models, "2026.4.29 lets nobody choose a model that is not one of its keys")
