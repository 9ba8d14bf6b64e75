"""What 2026.9.6 makes of keys of older releases, where rows cannot say it."""

from __future__ import annotations

from functools import partial

from openclaw_config import registry
from openclaw_config.facts import section
from openclaw_config.syntax.nodes import (
    ArrayNode,
    Node,
    ObjectNode,
    StringNode,
    child,
    text_of,
    to_value,
)
from openclaw_config.syntax.text import KeyPath
from openclaw_config.validation.migrations.earlier import transcriber
from openclaw_config.validation.migrations.engine import Draft, empty_object, joined, made, without
from openclaw_config.validation.migrations.rows import Path
from openclaw_config.view.settings import number, truth, values_of

NEW = "2026.9.6"


# --- media ------------------------------------------------------------------------------------


def media_models(media: Draft) -> None:
    """The models of each capability go before the shared ones (MIG-14)."""
    first: list[Node] = []
    for kind in ("image", "audio", "video"):
        where = (kind, "models")
        if media.items(where):
            media.moved(where, "models")
        media.inside((*where, "[]"), partial(Draft.put, key="capabilities", value=[kind]))
        first += media.items(where)
        if isinstance(media.get(where), ArrayNode):
            media.take(where, prune=True)
    if first:
        media.put_items("models", [*first, *media.items("models")])


def transcription(root: Draft) -> None:
    """``audio.transcription`` is a model of type cli for audio (MIG-14)."""
    where, media, old = "audio.transcription", "tools.media", root.get("audio.transcription")
    found = None if old is None else transcriber(old)
    root.take(where, prune=True)
    if found is None:
        root.removed(where, "it has no command")
    elif root.items(f"{media}.audio.models"):
        root.warn(where, "removed: tools.media.audio.models has other models, which win")
    else:
        model = Draft(root.changes, found, ())
        model.reword("args[]", lambda text: text.replace("{input}", "{{AttachmentPath}}"))
        model.put("capabilities", ["audio"])
        root.moved(where, f"{media}.models")
        root.put_items(f"{media}.models", [model.node, *root.items(f"{media}.models")], old)
        root.fill(f"{media}.audio.enabled", True)
        name = (model.text("command") or "").replace("\\", "/").rpartition("/")[2]
        root.put(f"{media}.audio.preferredModel", f"cli:{name}")


def handlers(hooks: Draft) -> None:
    """Handlers by module are gone (MIG-41)."""
    where = "internal.handlers"
    hooks.warn(where, "removed, and they ran: write a hook with a HOOK.md instead")
    hooks.take(where)
    if hooks.values("internal").keys() <= {"enabled"}:
        hooks.take("internal")


# --- memory -----------------------------------------------------------------------------------


def qmd(memory: Draft) -> None:
    """``memory.qmd`` is gone; its paths and sessions are settings of the search (MIG-13)."""
    _read_too(memory, "qmd.paths", "search.extraPaths")
    if to_value(memory.get("qmd.sessions.enabled") or memory.node) is True:
        memory.moved("qmd.sessions", "search.sources")
        memory.fill("search.sources", ["memory", "sessions"])
        memory.fill("search.experimental.sessionMemory", True)
    for key in memory.values("qmd"):
        if key not in ("paths", "sessions"):
            memory.removed(("qmd", key), "the qmd backend is gone, nothing wins")
    memory.take("qmd")


def collections(search: Draft) -> None:
    """``qmd.extraCollections`` of a search are paths that it reads too."""
    _read_too(search, "qmd.extraCollections", "extraPaths")


def _read_too(owner: Draft, old: str, new: str) -> None:
    """Add paths of the qmd backend to a list of paths; they have no names there."""
    extra: list[Node] = []
    for item in owner.items(old):
        if isinstance(item, ObjectNode):
            kept = without(item, *(key for key in item.index if key not in ("path", "pattern")))
            extra.append(kept if "pattern" in kept.index else kept.get("path") or kept)
        else:
            extra.append(item)
    if extra:
        owner.moved(old, new)
        owner.take(old)
        owner.put_items(new, joined(owner.items(new), extra))


# --- web search, plugins ------------------------------------------------------------------------


def external_search(root: Draft) -> None:
    """An external provider of web search needs its plugin, switched on (MIG-17)."""
    search = ("tools", "web", "search")
    for key, value in root.values(search).items():
        if isinstance(value, ObjectNode) and not value.index and key != "openaiCodex":
            root.remove((*search, key), "it says nothing")
    provider = root.text((*search, "provider"))
    name = (provider or "").strip().lower()
    if provider == "":
        root.remove((*search, "provider"), "it says nothing")
    plugin = registry.web_search(NEW).get(name, "")
    if plugin and plugin not in registry.plugin_ids(NEW):
        _install(root, (*search, "provider"), name, plugin)


def ollama(provider: Draft) -> None:
    """The window of Ollama's own API was another size of the model, and is ``num_ctx`` now."""
    api, models = provider.get("api"), provider.items("models")
    if _is_ollama(api) and not any(child(model, "contextTokens") for model in models):
        _window(provider, "maxTokens")

    def change(model: Draft) -> None:
        own = model.get("api") or api
        if _is_ollama(own) and not model.has("contextTokens"):
            _window(model, "contextWindow", "maxTokens")

    provider.inside("models[]", change)


def _is_ollama(api: Node | None) -> bool:
    return (text_of(api) or "").strip().lower() == "ollama"


def _window(draft: Draft, *sizes: str) -> None:
    """Write the first of some sizes as ``params.num_ctx``, unless that is written."""
    where = "params.num_ctx"
    size = next((key for key in sizes if (number(draft.get(key)) or 0) > 0), None)
    fits = not draft.has(where) and isinstance(draft.get("params"), ObjectNode | None)
    if size is not None and fits:
        draft.advise(size, f"Ollama's window was taken from it; {where} says so now")
        draft.put(where, int(number(draft.get(size)) or 0))


def external_channels(root: Draft) -> None:
    """Channels whose plugin is to be installed (MIG-44)."""
    for name in ("qqbot", "twitch"):
        if root.has(("channels", name)) and not root.has(("plugins", "entries", name, "enabled")):
            _install(root, ("channels", name), name, name)


def _install(root: Draft, where: Path, name: str, plugin: str) -> None:
    command = f"openclaw plugins install @openclaw/{plugin}"
    root.warn(where, f"{name} is a plugin of its own now: {command}")
    root.fill(("plugins", "entries", plugin, "enabled"), True)


def llm_task(entry: Draft) -> None:
    """``allowedModels`` of the plugin llm-task is a policy of its ``llm`` now."""
    where, to = "config.allowedModels", "llm.allowedCompletionModels"
    listed = entry.items(where)
    refs = [item for item in listed if "/" in (text_of(item) or "")]
    if len(refs) < len(listed):
        entry.warn(where, "names without a provider are removed from it")
    entry.moved(where, to)
    entry.put_items(where, refs)
    old = entry.get(where)
    entry.take(where)
    entry.fill("llm.allowModelOverride", True)
    entry.fill("llm.allowAuthProfileOverride", True)
    if listed:
        entry.fill(to, old)


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
    if own and exec_.has("mode"):
        for key in own:
            exec_.remove(key, "mode wins")
    elif own and mode is not None:
        old = exec_.get(own[0])
        exec_.moved("security", "mode", f'"{mode}"')
        for key in own:
            exec_.take(key)
        exec_.put("mode", mode, old)


def capture(otel: Draft) -> None:
    """What ``captureContent`` was by kind is one switch."""
    on = any(to_value(value) is True for value in otel.values("captureContent").values())
    otel.revalued("captureContent", str(on).lower())
    otel.put("captureContent", on)


def port(gateway: Draft) -> None:
    """A port that no server can have is removed."""
    port = number(gateway.get("port")) or 0
    if port > 65535:
        gateway.warn("port", f"removed: {port} is no port; the default one is used")
        gateway.take("port")


def relative_binds(browser: Draft) -> None:
    """A host path that a sandboxed browser binds must be absolute (MIG-43)."""
    binds = browser.items("binds")
    kept = []
    for at, item in enumerate(binds):
        text, answer = (text_of(item) or "/").strip(), ""
        if not text.startswith(("/", "~", "${")) and text[1:3] not in (":\\", ":/"):
            note = "the host path of a bind must be absolute"
            answer = browser.decide(("binds", at), note, {"remove": "the bind is removed"})
        kept += [] if answer else [item]
    if len(kept) < len(binds):
        browser.put_items("binds", kept)


def secret_texts(root: Draft) -> None:
    """``secretref-env:NAME`` is a reference to a variable (MIG-62)."""

    def change(node: Node, path: KeyPath) -> Node:
        if not isinstance(node, StringNode) or not node.value.startswith("secretref-env:"):
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
    for where in found:
        emoji, direct, group = (root.get((*where, key)) for key in ("emoji", "direct", "group"))
        if where is not found[0]:
            root.remove(where, f"{to} wins")
            continue
        root.moved(where, to)
        root.take(where)
        root.fill(to, emoji if isinstance(emoji, StringNode) else "\N{EYES}")
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
    if "transport" in written:
        for key in own:
            node.remove(key, "transport wins")
        return
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
