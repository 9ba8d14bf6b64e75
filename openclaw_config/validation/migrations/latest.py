"""What 2026.9.6 makes of keys of older releases, where rows cannot say it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from openclaw_config import registry
from openclaw_config.syntax.nodes import (
    ArrayNode,
    BooleanNode,
    Node,
    NumberNode,
    ObjectNode,
    StringNode,
    child,
    text_of,
    to_value,
)
from openclaw_config.syntax.spans import KeyPath
from openclaw_config.validation.migrations.report import Findings
from openclaw_config.validation.migrations.tree import (
    empty_object,
    filled,
    is_text,
    made,
    object_at,
    put,
    string,
    take,
    with_values,
    without,
)


def _array(old: Node | None, items: Iterable[Node], origin: Node) -> ArrayNode:
    """An array in an old one's place, or a new one."""
    if isinstance(old, ArrayNode):
        return ArrayNode(old.source, old.start, old.end, list(items))
    return ArrayNode(origin.source, origin.start, origin.start, list(items))


def _items(node: Node | None) -> list[Node]:
    return list(node.items) if isinstance(node, ArrayNode) else []


def variables(findings: Findings, env: ObjectNode, path: KeyPath) -> ObjectNode:
    """Variables directly below ``env`` belong in ``env.vars``; the inline value wins (MIG-51)."""
    names = [key for key in env.index if key not in ("vars", "shellEnv")]
    mine = object_at(env, "vars")
    new: dict[str, Node | None] = {}
    for key in names:
        value = env.index[key].value
        if not isinstance(value, StringNode):
            continue
        other = child(mine, key)
        if other is not None and to_value(other) != value.value:
            findings.warned((*path, key), f"env.vars.{key} has another value; this one wins")
        findings.moved((*path, key), (*path, "vars", key))
        new[key] = value
    if not new:
        return env
    env = without(env, *new)
    return with_values(env, {"vars": with_values(mine or empty_object(env), new)}, env)


# --- media ------------------------------------------------------------------------------------

_MEDIA = ("image", "audio", "video")


def media_models(findings: Findings, media: ObjectNode, path: KeyPath) -> ObjectNode:
    """The models of each capability go before the shared ones (MIG-14)."""
    first: list[Node] = []
    for kind in _MEDIA:
        block = object_at(media, kind)
        models = child(block, "models")
        if block is None or not isinstance(models, ArrayNode):
            continue
        if models.items:
            findings.moved((*path, kind, "models"), (*path, "models"))
        for item in models.items:
            value = made([kind], empty_object(item))
            first.append(
                with_values(item, {"capabilities": value}, value)
                if isinstance(item, ObjectNode)
                else item
            )
        block = without(block, "models")
        media = with_values(media, {kind: block if block.index else None})
    if not first:
        return media
    shared = media.get("models")
    return with_values(media, {"models": _array(shared, [*first, *_items(shared)], media)})


def transcription(findings: Findings, root: ObjectNode, path: KeyPath) -> ObjectNode:
    """``audio.transcription`` is a model of type cli for audio (MIG-14)."""
    where = ("audio", "transcription")
    old = child(root, *where)
    command = child(old, "command")
    root = take(root, where, prune=True)
    taken = ("tools", "media", "audio", "models")
    parts = _items(command)
    if not parts or not is_text(parts[0]):
        findings.removed(where, "it has no command")
        return root
    if _items(child(root, *taken)):
        findings.warned(where, "removed: tools.media.audio.models has other models, which win")
        return root
    assert isinstance(old, ObjectNode)
    args = [
        string(part.value.replace("{input}", "{{AttachmentPath}}"), empty_object(part))
        if isinstance(part, StringNode) and "{input}" in part.value
        else part
        for part in parts[1:]
    ]
    fields: dict[str, Any] = {"command": parts[0], "type": "cli", "args": args or None}
    fields["timeoutSeconds"] = old.get("timeoutSeconds")
    fields["capabilities"] = ["audio"]
    findings.moved(where, ("tools", "media", "models"))
    models = child(root, "tools", "media", "models")
    new = made(fields, empty_object(old))
    root = put(root, ("tools", "media", "models"), _array(models, [new, *_items(models)], old), old)
    audio = ("tools", "media", "audio")
    if child(root, *audio, "enabled") is None:
        root = put(root, (*audio, "enabled"), made(True, empty_object(old)), old)
    name = text_of(parts[0]) or ""
    ref = string(f"cli:{name.replace(chr(92), '/').rpartition('/')[2]}", empty_object(old))
    return put(root, (*audio, "preferredModel"), ref, old)


def image_tool(findings: Findings, policy: ObjectNode, path: KeyPath) -> ObjectNode:
    """The tool ``image`` is called ``view_image`` in policies."""
    from openclaw_config.validation.migrations.owners import strings

    def change(node: StringNode) -> Node:
        return string("view_image", node) if node.value.strip().lower() == "image" else node

    for key in ("allow", "deny", "alsoAllow"):
        if key in policy.index:
            new = strings(policy.index[key].value, ("[]",), change)
            if new is not policy.index[key].value:
                findings.revalued((*path, key), '"view_image" where it was "image"')
                policy = with_values(policy, {key: new})
    return policy


def also_allowed(findings: Findings, policy: ObjectNode, path: KeyPath) -> ObjectNode:
    """``allow`` and ``alsoAllow`` exclude each other: ``allow`` has all."""
    old, more = policy.get("allow"), policy.get("alsoAllow")
    if not _items(old) or not _items(more):
        return policy
    findings.moved((*path, "alsoAllow"), (*path, "allow"))
    joined = _array(old, [*_items(old), *_new(old, _items(more))], policy)
    return with_values(policy, {"allow": joined, "alsoAllow": _array(more, [], policy)})


def handlers(findings: Findings, hooks: ObjectNode, path: KeyPath) -> ObjectNode:
    """Handlers by module are gone (MIG-41)."""
    findings.warned(
        (*path, "internal", "handlers"),
        "removed, and they ran: write a hook with a HOOK.md instead",
    )
    internal = object_at(hooks, "internal")
    rest = without(internal, "handlers") if internal is not None else None
    alone = rest is not None and rest.index.keys() <= {"enabled"}
    return with_values(hooks, {"internal": None if alone else rest})


# --- memory -----------------------------------------------------------------------------------


def qmd(findings: Findings, root: ObjectNode, path: KeyPath) -> ObjectNode:
    """``memory.qmd`` is gone; its paths and sessions are settings of the search (MIG-13)."""
    memory = object_at(root, "memory")
    old = object_at(memory, "qmd")
    if memory is None or old is None:
        return root
    search = object_at(memory, "search") or empty_object(memory)
    new = search
    paths = _items(old.get("paths"))
    if paths:
        extra = [_extra(item) for item in paths]
        mine = new.get("extraPaths")
        findings.moved(("memory", "qmd", "paths"), ("memory", "search", "extraPaths"))
        new = with_values(
            new, {"extraPaths": _array(mine, [*_items(mine), *_new(mine, extra)], old)}
        )
    if (
        child(old, "sessions", "enabled") is not None
        and to_value(child(old, "sessions", "enabled") or old) is True
    ):
        findings.moved(("memory", "qmd", "sessions"), ("memory", "search", "sources"))
        if new.get("sources") is None:
            new = with_values(
                new, {"sources": made(["memory", "sessions"], empty_object(old))}, old
            )
        if child(new, "experimental", "sessionMemory") is None:
            new = put(new, ("experimental", "sessionMemory"), made(True, empty_object(old)), old)
    for key in old.index:
        if key not in ("paths", "sessions"):
            findings.removed(("memory", "qmd", key), "the qmd backend is gone, nothing wins")
    memory = without(memory, "qmd")
    return with_values(root, {"memory": with_values(memory, {"search": new} if new.index else {})})


def _new(mine: Node | None, extra: list[Node]) -> list[Node]:
    """Those items that a list does not have yet."""
    known = [to_value(item) for item in _items(mine)]
    return [item for item in extra if to_value(item) not in known]


def _extra(item: Node) -> Node:
    if not isinstance(item, ObjectNode):
        return item
    kept = without(item, *(key for key in item.index if key not in ("path", "pattern")))
    return kept if "pattern" in kept.index else kept.get("path") or kept


def collections(findings: Findings, search: ObjectNode, path: KeyPath) -> ObjectNode:
    """``qmd.extraCollections`` of a search are paths that it reads too."""
    old = _items(child(search, "qmd", "extraCollections"))
    if not old:
        return search
    mine = search.get("extraPaths")
    findings.moved((*path, "qmd", "extraCollections"), (*path, "extraPaths"))
    search = take(search, ("qmd", "extraCollections"))
    extra = [_extra(item) for item in old]
    return with_values(
        search, {"extraPaths": _array(mine, [*_items(mine), *_new(mine, extra)], search)}
    )


# --- web search, plugins ------------------------------------------------------------------------

EXTERNAL = (
    "brave", "duckduckgo", "perplexity", "searxng", "exa", "firecrawl", "kimi", "tavily",
    "parallel",
)  # fmt: skip
"""Providers of web search whose plugin is to be installed since 2026.8 (MIG-17)."""


def external_search(findings: Findings, root: ObjectNode, path: KeyPath) -> ObjectNode:
    """An external provider of web search needs its plugin, switched on (MIG-17)."""
    search = object_at(root, "tools", "web", "search")
    assert search is not None
    empty = [
        key for key, member in search.index.items()
        if isinstance(member.value, ObjectNode) and not member.value.index and key != "openaiCodex"
    ]  # fmt: skip
    for key in empty:
        findings.removed(("tools", "web", "search", key), "it says nothing")
    if empty:
        root = put(root, ("tools", "web", "search"), without(search, *empty), search)
    name = (text_of(search.get("provider")) or "").strip().lower()
    found = registry.web_search("2026.4.29", name)
    plugin = found.plugin if found is not None else name
    if name not in EXTERNAL:
        return root
    entry = ("plugins", "entries", plugin)
    findings.warned(
        ("tools", "web", "search", "provider"),
        f"{name} is a plugin of its own now: openclaw plugins install @openclaw/{plugin}",
    )
    if child(root, *entry, "enabled") is None:
        origin = empty_object(search)
        root = put(root, (*entry, "enabled"), made(True, origin), origin)
    return root


def canvas(findings: Findings, root: ObjectNode, path: KeyPath) -> ObjectNode:
    """The plugin that took over ``canvasHost.enabled`` is switched on."""
    entry = object_at(root, "plugins", "entries", "canvas")
    value = child(root, "canvasHost", "enabled")
    if value is None or (entry is not None and "enabled" in entry.index):
        return root
    origin = empty_object(value)
    return put(root, ("plugins", "entries", "canvas", "enabled"), made(True, origin), origin)


def llm_task(findings: Findings, entry: ObjectNode, path: KeyPath) -> ObjectNode:
    """``allowedModels`` of the plugin llm-task is a policy of its ``llm`` now."""
    old = child(entry, "config", "allowedModels")
    if old is None:
        return entry
    refs = [item for item in _items(old) if "/" in (text_of(item) or "")]
    others = [item for item in _items(old) if item not in refs]
    if others:
        findings.warned(
            (*path, "config", "allowedModels"), "names without a provider are removed from it"
        )
    origin = empty_object(old)
    findings.moved((*path, "config", "allowedModels"), (*path, "llm", "allowedCompletionModels"))
    entry = take(entry, ("config", "allowedModels"))
    fields: dict[str, Any] = {"allowModelOverride": True, "allowAuthProfileOverride": True}
    if _items(old):
        fields["allowedCompletionModels"] = ArrayNode(old.source, old.start, old.end, refs)
    llm = made(fields, origin)
    assert isinstance(llm, ObjectNode)
    return with_values(entry, {"llm": filled(object_at(entry, "llm"), llm)}, origin)


def nano_banana(findings: Findings, root: ObjectNode, path: KeyPath) -> ObjectNode:
    """The skill nano-banana-pro is the image model that it used."""
    where = ("skills", "entries", "nano-banana-pro")
    skill = child(root, *where)
    assert skill is not None
    origin = empty_object(skill)
    root = take(root, where, prune=True)
    image = ("agents", "defaults", "mediaModels", "image")
    findings.moved(where, image)
    if child(root, *image) is None:
        model = string("google/gemini-3-pro-image-preview", origin)
        root = put(root, (*image, "primary"), model, origin)
    key = child(skill, "env", "GEMINI_API_KEY") or child(skill, "apiKey")
    google = ("models", "providers", "google")
    if key is not None and child(root, *google, "apiKey") is None:
        fields = {
            "apiKey": key,
            "baseUrl": "https://generativelanguage.googleapis.com/v1beta",
            "models": [],
        }
        block = made(fields, origin)
        assert isinstance(block, ObjectNode)
        root = put(root, google, filled(object_at(root, *google), block), origin)
    return root


# --- values -------------------------------------------------------------------------------------


def milliseconds(findings: Findings, server: ObjectNode, path: KeyPath) -> ObjectNode:
    """Timeouts of an MCP server are in milliseconds (MIG-16)."""
    names = (
        ("timeout", "requestTimeoutMs"),
        ("connectTimeout", "connectionTimeoutMs"),
        ("connect_timeout", "connectionTimeoutMs"),
    )
    for old, new in names:
        value = server.get(old)
        if value is None:
            continue
        if new in server.index:
            findings.removed((*path, old), f"{new} wins")
            server = without(server, old)
        elif isinstance(value, NumberNode):
            number = value.value * 1000
            number = int(number) if number == int(number) else number
            findings.moved((*path, old), (*path, new), str(number))
            moved = NumberNode(value.source, value.start, value.end, number)
            server = with_values(without(server, old), {new: moved})
    return server


def idle(findings: Findings, session: ObjectNode, path: KeyPath) -> ObjectNode:
    """``idleMinutes`` is a reset of mode idle; ``pruneDays`` a duration."""
    minutes = session.get("idleMinutes")
    if minutes is not None:
        session = without(session, "idleMinutes")
        if "reset" in session.index:
            findings.removed((*path, "idleMinutes"), "session.reset wins")
        else:
            findings.moved((*path, "idleMinutes"), (*path, "reset", "idleMinutes"))
            value = made({"mode": "idle", "idleMinutes": minutes}, empty_object(minutes))
            session = with_values(session, {"reset": value}, minutes)
    days = child(session, "maintenance", "pruneDays")
    if days is not None:
        where = (*path, "maintenance", "pruneDays")
        session = take(session, ("maintenance", "pruneDays"))
        if child(session, "maintenance", "pruneAfter") is not None:
            findings.removed(where, "pruneAfter wins")
        elif isinstance(days, NumberNode):
            text = f"{days.value:g}d"
            findings.moved(where, (*path, "maintenance", "pruneAfter"), f'"{text}"')
            session = put(session, ("maintenance", "pruneAfter"), string(text, days), days)
    return session


_EXEC = {
    ("full", "off"): "full", ("allowlist", "on-miss"): "ask", ("allowlist", "off"): "allowlist",
    ("deny", "off"): "deny",
}  # fmt: skip


def exec_mode(findings: Findings, root: ObjectNode, path: KeyPath) -> ObjectNode:
    """``security`` and ``ask`` of exec, as a pair, are a ``mode`` (MIG-15)."""
    shared = object_at(root, "tools", "exec")
    common = {key: text_of(child(shared, key)) for key in ("security", "ask")}
    places: list[tuple[str, ...]] = [("tools", "exec")]
    entries = object_at(root, "agents", "entries")
    names = entries.index if entries is not None else ()
    places += [("agents", "entries", key, "tools", "exec") for key in names]
    for place in places:
        block = object_at(root, *place)
        if block is None or block.index.keys().isdisjoint(("security", "ask")):
            continue
        pair = {key: text_of(block.get(key)) or common[key] for key in ("security", "ask")}
        mode = _EXEC.get((pair["security"] or "", pair["ask"] or ""))
        if mode is None and "mode" not in block.index:
            continue
        if "mode" in block.index:
            for key in ("security", "ask"):
                if key in block.index:
                    findings.removed((*place, key), "mode wins")
            root = put(root, place, without(block, "security", "ask"), block)
            continue
        origin = block.get("security") or block.get("ask")
        assert origin is not None and mode is not None
        findings.moved((*place, "security"), (*place, "mode"), f'"{mode}"')
        block = with_values(without(block, "security", "ask"), {"mode": string(mode, origin)})
        root = put(root, place, block, block)
    return root


def telemetry(findings: Findings, diagnostics: ObjectNode, path: KeyPath) -> ObjectNode:
    """What of ``diagnostics`` became a switch, or has none any more."""
    capture = child(diagnostics, "otel", "captureContent")
    if isinstance(capture, ObjectNode):
        on = any(to_value(member.value) is True for member in capture.index.values())
        findings.revalued((*path, "otel", "captureContent"), "true" if on else "false")
        value = made(on, empty_object(capture))
        diagnostics = put(diagnostics, ("otel", "captureContent"), value, capture)
    protocol = child(diagnostics, "otel", "protocol")
    if text_of(protocol) == "grpc" and protocol is not None:
        diagnostics = take(diagnostics, ("otel", "protocol"))
        off = made(False, empty_object(protocol))
        diagnostics = put(diagnostics, ("otel", "enabled"), off, protocol)
        findings.warned((*path, "otel", "protocol"), "grpc is gone: export is switched off")
    trace = object_at(diagnostics, "cacheTrace")
    if trace is not None:
        old = [key for key in trace.index if key != "enabled"]
        for key in old:
            findings.removed((*path, "cacheTrace", key))
        kept = without(trace, *old)
        if old and "enabled" not in kept.index:
            kept = with_values(kept, {"enabled": made(False, empty_object(trace))}, trace)
        diagnostics = with_values(diagnostics, {"cacheTrace": kept})
    return diagnostics


def sandbox_network(findings: Findings, browser: ObjectNode, path: KeyPath) -> ObjectNode:
    """A sandboxed browser without a network is one that is switched off."""
    old = browser.get("network")
    if text_of(old) != "none" or old is None:
        return browser
    new = string("openclaw-sandbox-browser", old)
    findings.revalued((*path, "network"), '"openclaw-sandbox-browser" and enabled: false')
    off = made(False, empty_object(old))
    return with_values(browser, {"network": new, "enabled": off}, old)


def port(findings: Findings, gateway: ObjectNode, path: KeyPath) -> ObjectNode:
    """A port that no server can have is removed."""
    old = gateway.get("port")
    if not isinstance(old, NumberNode) or old.value <= 65535:
        return gateway
    findings.warned((*path, "port"), f"removed: {old.value} is no port; the default one is used")
    return without(gateway, "port")


def hosts(findings: Findings, policy: ObjectNode, path: KeyPath) -> ObjectNode:
    """Two lists of hosts are joined."""
    old, mine = policy.get("hostnameAllowlist"), policy.get("allowedHostnames")
    if not isinstance(old, ArrayNode) or not isinstance(mine, ArrayNode):
        return policy
    known = [to_value(item) for item in mine.items]
    new = [item for item in old.items if to_value(item) not in known]
    findings.moved((*path, "hostnameAllowlist"), (*path, "allowedHostnames"))
    joined = _array(mine, [*mine.items, *new], mine)
    return with_values(policy, {"hostnameAllowlist": None, "allowedHostnames": joined})


def by_channel(findings: Findings, queue: ObjectNode, path: KeyPath) -> ObjectNode:
    """The modes of ``messages.queue`` by channel have new names, as its mode has."""
    names = {"steer-backlog": "followup", "steer+backlog": "followup", "queue": "steer"}
    modes = object_at(queue, "byChannel")
    new: dict[str, Node | None] = {}
    for key, member in modes.index.items() if modes is not None else ():
        name = names.get(text_of(member.value) or "")
        if name:
            findings.revalued((*path, "byChannel", key), f'"{name}"')
            new[key] = string(name, member.value)
    return with_values(queue, {"byChannel": with_values(modes, new)}) if modes and new else queue


# --- channels -----------------------------------------------------------------------------------


def spawning(findings: Findings, node: ObjectNode, path: KeyPath) -> ObjectNode:
    """Two switches for spawned sessions are one: both must have been on (MIG-18)."""
    keys = [key for key in ("spawnSubagentSessions", "spawnAcpSessions") if key in node.index]
    if not keys:
        return node
    values = [node.index[key].value for key in keys]
    node = without(node, *keys)
    if "spawnSessions" in node.index:
        for key in keys:
            findings.removed((*path, key), "spawnSessions wins")
        return node
    on = all(isinstance(value, BooleanNode) and value.value for value in values)
    for key in keys:
        findings.moved((*path, key), (*path, "spawnSessions"))
    switch = BooleanNode(values[0].source, values[0].start, values[0].end, on)
    return with_values(node, {"spawnSessions": switch})


def scalar_streaming(findings: Findings, node: ObjectNode, path: KeyPath) -> ObjectNode:
    """A word or a switch ``streaming`` becomes ``streaming.mode``."""
    old = node.get("streaming")
    if not isinstance(old, BooleanNode | StringNode):
        return node
    word = old.value if isinstance(old, StringNode) else "partial" if old.value else "off"
    findings.revalued((*path, "streaming"), f'{{ mode: "{word}" }}')
    value = made({"mode": string(word, empty_object(old))}, empty_object(old))
    return with_values(node, {"streaming": value})


def coalesce(findings: Findings, node: ObjectNode, path: KeyPath) -> ObjectNode:
    """Of Feishu's ``streaming.block.coalesce`` nothing but the sizes is left."""
    block = object_at(node, "streaming", "block", "coalesce")
    old = [] if block is None else [
        key for key in block.index if key in ("enabled", "minDelayMs", "maxDelayMs")
    ]  # fmt: skip
    for key in old:
        findings.removed((*path, "streaming", "block", "coalesce", key))
    if block is None or not old:
        return node
    return put(node, ("streaming", "block", "coalesce"), without(block, *old), block)


def whatsapp_reaction(findings: Findings, root: ObjectNode, path: KeyPath) -> ObjectNode:
    """WhatsApp's own ``ackReaction`` is that of all channels."""
    where = ("channels", "whatsapp", "ackReaction")
    old = child(root, *where)
    assert old is not None
    origin = empty_object(old)
    root = take(root, where)
    findings.moved(where, ("messages", "ackReaction"))
    emoji = child(old, "emoji")
    if child(root, "messages", "ackReaction") is None:
        new = emoji if isinstance(emoji, StringNode) else string("\N{EYES}", origin)
        root = put(root, ("messages", "ackReaction"), new, origin)
    direct, group = to_value(child(old, "direct") or old), text_of(child(old, "group"))
    scope = ""
    if direct is False:
        scope = {"always": "group-all", "never": "off"}.get(group or "", "group-mentions")
    elif group == "always":
        scope = "all"
    elif group == "never":
        scope = "direct"
    if scope and child(root, "messages", "ackReactionScope") is None:
        root = put(root, ("messages", "ackReactionScope"), string(scope, origin), origin)
    return root


def open_senders(findings: Findings, node: ObjectNode, path: KeyPath) -> ObjectNode:
    """A channel that is open to all says so in ``allowFrom``."""
    old = node.get("allowFrom")
    known = [to_value(item) for item in _items(old)]
    if text_of(node.get("dmPolicy")) != "open" or "*" in known:
        return node
    origin = empty_object(node.index["dmPolicy"].value)
    findings.warned((*path, "dmPolicy"), 'open needs "*" in allowFrom, which is added')
    senders = _array(old, [*_items(old), string("*", origin)], origin)
    return with_values(node, {"allowFrom": senders}, origin)


def group_senders(findings: Findings, node: ObjectNode, path: KeyPath) -> ObjectNode:
    """Without ``groupAllowFrom`` a group's senders were those of ``allowFrom``."""
    senders = node.get("allowFrom")
    if not isinstance(senders, ArrayNode) or not senders.items or "groupAllowFrom" in node.index:
        return node
    texts = [str(to_value(item)) for item in senders.items]
    findings.replaced((*path, "allowFrom"), "it counted for groups too; groupAllowFrom says so now")
    return with_values(
        node, {"groupAllowFrom": made(texts, empty_object(senders))}, empty_object(senders)
    )


_TRANSPORT = (
    "apiMode", "autoStart", "httpUrl", "httpHost", "httpPort", "cliPath", "configPath",
    "startupTimeoutMs", "receiveMode", "ignoreStories",
)  # fmt: skip


_TUNING = frozenset(("apiMode", "startupTimeoutMs", "receiveMode", "ignoreStories"))


def signal(findings: Findings, root: ObjectNode, path: KeyPath) -> ObjectNode:
    """Signal's connection is its ``transport`` (MIG-19)."""
    channel = object_at(root, "channels", "signal")
    if channel is None:
        return root
    new = _transport(findings, channel, ("channels", "signal"), {})
    accounts = object_at(channel, "accounts")
    base = {key: channel.get(key) for key in _TRANSPORT}
    for name, member in accounts.index.items() if accounts is not None else ():
        if isinstance(member.value, ObjectNode):
            where = ("channels", "signal", "accounts", name)
            account = _transport(findings, member.value, where, base)
            if account is not member.value:
                new = put(new, ("accounts", name), account, account)
    return put(root, ("channels", "signal"), new, new)


def _transport(
    findings: Findings, node: ObjectNode, path: tuple[str, ...], base: dict[str, Node | None]
) -> ObjectNode:
    own = {key: node.index[key].value for key in _TRANSPORT if key in node.index}
    if not own:
        return node
    old = {**{key: value for key, value in base.items() if value is not None}, **own}
    url = old.get("httpUrl")
    mode, start = text_of(old.get("apiMode")), old.get("autoStart")
    if own.keys() <= _TUNING and (mode or "auto") == "auto":
        for key in own:
            findings.removed((*path, key), "it has no connection to be about")
        return without(node, *own)
    off = isinstance(start, BooleanNode) and not start.value
    on = isinstance(start, BooleanNode) and start.value
    origin = empty_object(next(iter(own.values())))
    external = off or (url is not None and not on)
    at = url or _address(old, origin)
    kind = "managed-native"
    if mode == "container":
        kind = "container"
    elif external and mode == "native":
        kind = "external-native"
    elif external:
        kind = findings.decide(
            (*path, next(iter(own))),
            "OpenClaw asks the running Signal server which kind it is; a file cannot say",
            **{
                "external-native": "transport is an external signal-cli server",
                "container": "transport is a signal-cli-rest-api container",
            },
        )
        if not kind:
            return node
    fields: dict[str, Any] = {"kind": string(kind, origin)}
    if kind == "managed-native":
        for key, name in (("configPath", "configPath"), ("cliPath", "cliPath"), ("httpUrl", "url"),
                          ("httpHost", "httpHost"), ("httpPort", "httpPort"),
                          ("startupTimeoutMs", "startupTimeoutMs"), ("receiveMode", "receiveMode"),
                          ("ignoreStories", "ignoreStories")):  # fmt: skip
            if key in old:
                fields[name] = old[key]
        if base and "httpPort" not in fields and "httpUrl" not in old:
            fields["httpPort"] = made(8080, origin)
    else:
        fields["url"] = at
    if "transport" in node.index:
        for key in own:
            findings.removed((*path, key), "transport wins")
        return without(node, *own)
    for key in own:
        findings.moved((*path, key), (*path, "transport"))
    return with_values(without(node, *own), {"transport": made(fields, origin)}, origin)


def _address(old: dict[str, Node], origin: Node) -> Node:
    host = text_of(old.get("httpHost")) or "127.0.0.1"
    number = old.get("httpPort")
    value = number.value if isinstance(number, NumberNode) else 8080
    return string(f"http://{host}:{value}", origin)


def gone_channels(findings: Findings, root: ObjectNode, path: KeyPath) -> ObjectNode:
    """Channels that 2026.9.6 does not have, and those whose plugin is to be installed (MIG-44)."""
    channels = object_at(root, "channels")
    assert channels is not None
    if "bluebubbles" in channels.index:
        answer = findings.decide(
            ("channels", "bluebubbles"),
            "the channel bluebubbles is gone, and none takes its place",
            remove="the channel is removed with its settings",
        )
        if answer:
            root = put(root, ("channels",), without(channels, "bluebubbles"), channels)
    for name in ("qqbot", "twitch"):
        if name not in channels.index or child(root, "plugins", "entries", name, "enabled"):
            continue
        findings.warned(
            ("channels", name),
            f"{name} is a plugin of its own now: openclaw plugins install @openclaw/{name}",
        )
        origin = empty_object(channels.index[name].value)
        root = put(root, ("plugins", "entries", name, "enabled"), made(True, origin), origin)
    return root


def feishu_policy(findings: Findings, node: ObjectNode, path: KeyPath) -> ObjectNode:
    """Feishu takes no other words for ``groupPolicy`` any more (MIG-43)."""
    word = text_of(node.get("groupPolicy"))
    if word is None or word in ("open", "allowlist", "disabled", "allowall") or "${" in word:
        return node
    answer = findings.decide(
        (*path, "groupPolicy"),
        f"{word} is no group policy of Feishu",
        open="groupPolicy is open", allowlist="groupPolicy is allowlist",
        disabled="groupPolicy is disabled",
    )  # fmt: skip
    return (
        with_values(node, {"groupPolicy": string(answer, node.index["groupPolicy"].value)})
        if (answer)
        else node
    )


def relative_binds(findings: Findings, browser: ObjectNode, path: KeyPath) -> ObjectNode:
    """A host path that a sandboxed browser binds must be absolute (MIG-43)."""
    for at, item in enumerate(_items(browser.get("binds"))):
        text = (text_of(item) or "/").strip()
        if not text.startswith(("/", "~", "${")) and text[1:3] not in (":\\", ":/"):
            findings.decide((*path, "binds", at), "the host path of a bind must be absolute")
    return browser


def installs(findings: Findings, plugins: ObjectNode, path: KeyPath) -> ObjectNode:
    """Install records live in a database that a file tool does not write (MIG-42)."""
    old = object_at(plugins, "installs")
    names = ", ".join(old.index) if old is not None else ""
    commands = "; ".join(f"openclaw plugins install {name}" for name in (old.index if old else ()))
    answer = findings.decide(
        (*path, "installs"),
        f"the install records of plugins left the config ({names}): 2026.9.6 refuses them here",
        remove=f"the records are removed; install the plugins again: {commands}",
    )
    return without(plugins, "installs") if answer else plugins


def secret_texts(findings: Findings, root: ObjectNode, path: KeyPath) -> ObjectNode:
    """``secretref-env:NAME`` is a reference to a variable (MIG-62)."""

    def walk(node: Node, where: KeyPath) -> Node:
        if isinstance(node, StringNode) and node.value.startswith("secretref-env:"):
            name = node.value.partition(":")[2]
            findings.revalued(where, f"a reference to the variable {name}")
            return made({"source": "env", "provider": "default", "id": name}, empty_object(node))
        if isinstance(node, ObjectNode):
            new = {key: walk(it.value, (*where, key)) for key, it in node.index.items()}
            return with_values(node, new)
        if isinstance(node, ArrayNode):
            items = [walk(item, (*where, at)) for at, item in enumerate(node.items)]
            same = all(new is old for new, old in zip(items, node.items, strict=True))
            return node if same else _array(node, items, node)
        return node

    new = walk(root, path)
    assert isinstance(new, ObjectNode)
    return new


def response_prefix(findings: Findings, root: ObjectNode, path: KeyPath) -> ObjectNode:
    """``messages.responsePrefix`` is copied to each channel that takes one."""
    prefix, channels = child(root, "messages", "responsePrefix"), object_at(root, "channels")
    if not isinstance(prefix, StringNode) or channels is None:
        return root
    for name, member in channels.index.items():
        block = member.value
        if name in ("defaults", "modelByChannel") or not isinstance(block, ObjectNode):
            continue
        if "responsePrefix" not in block.index:
            value = string(prefix.value, empty_object(prefix))
            root = put(root, ("channels", name, "responsePrefix"), value, prefix)
            findings.replaced(("messages", "responsePrefix"), f"channels.{name} has it too")
    return root
