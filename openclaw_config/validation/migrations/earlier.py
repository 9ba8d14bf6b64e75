"""What 2026.4.29, and what 2026.8.1, make of old keys on every read, where rows cannot say it."""

from __future__ import annotations

import re

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
from openclaw_config.syntax.text import KeyPath, trim
from openclaw_config.validation.migrations.rows import Key, Path, steps
from openclaw_config.validation.migrations.tree import (
    MOVED,
    Draft,
    empty_object,
    filled,
    literal,
    made,
    put,
    rewrite,
    with_values,
    without,
)
from openclaw_config.view.settings import is_text, is_true, items, values_of

# --- agents -----------------------------------------------------------------------------------

_VISIBILITY = ("showOk", "showAlerts", "useIndicator")
_WHERE_VISIBILITY_GOES = (
    "showOk, showAlerts and useIndicator belong in channels.defaults.heartbeat,"
    " the rest in agents.defaults.heartbeat"
)

_RUNTIMES = {
    "codex": ("openai", "codex"),
    "codex-cli": ("openai", "codex-cli"),
    "claude-cli": ("anthropic", "claude-cli"),
    "google-gemini-cli": ("google", "google-gemini-cli"),
}
"""Former providers that are runtimes now: the provider and the runtime that they stand for."""


def heartbeat(root: Draft) -> None:
    """Move a top-level ``heartbeat`` to ``agents.defaults``, its show* keys to the channels."""
    old = root.get("heartbeat")
    if not isinstance(old, ObjectNode):
        return
    timing = without(old, *_VISIBILITY)
    if timing is old:
        root.moved("heartbeat", "agents.defaults.heartbeat")
    else:
        root.advise("heartbeat", _WHERE_VISIBILITY_GOES)
    root.take("heartbeat")
    root.merge("agents.defaults.heartbeat", timing)
    root.merge("channels.defaults.heartbeat", without(old, *timing.index))


def runtime_refs(entry: Draft) -> None:
    """Refs such as ``claude-cli/…`` become a provider's ref plus ``agentRuntime.id``."""
    where = "model.primary" if isinstance(entry.get("model"), ObjectNode) else "model"
    primary = entry.get(where)
    found = _runtime_ref(text_of(primary))
    if found is None or primary is None:
        return
    ref, runtime = found

    def change(item: Node, path: KeyPath) -> Node:
        found = _runtime_ref(text_of(item))
        return made(found[0], item) if found and found[1] == runtime else item

    entry.put(where, ref, primary)
    entry.become(rewrite(entry.node, ("model", "fallbacks", "[]"), change))
    models = entry.get("models")
    if isinstance(models, ObjectNode):
        entry.put("models", _same_runtime_keys(models, runtime))
    free = trim(entry.text("agentRuntime.id") or "").lower() in ("", "auto")
    # With a runtime of its own and no other ref that follows, the ref is all there is.
    alone = not free and where == "model" and entry.get("models") is models
    if free:
        entry.put("agentRuntime.id", runtime, primary)
    note = f"the runtime is chosen with agentRuntime.id: {runtime}"
    if getattr(primary, "variables", ()):
        entry.advise(where, f"write the provider of the model; {note}")
    else:
        entry.revalued(where, literal(ref), note, single=alone)


def _runtime_ref(text: str | None) -> tuple[str, str] | None:
    provider, _, model = trim(text or "").partition("/")
    found = _RUNTIMES.get(trim(provider).lower())
    model = trim(model)
    return None if found is None or not model else (f"{found[0]}/{model}", found[1])


def _same_runtime_keys(models: ObjectNode, runtime: str) -> ObjectNode:
    values: dict[str, Node | None] = {}
    for key, value in values_of(models).items():
        found = _runtime_ref(key)
        if found is None or found[1] != runtime:
            continue
        values[key] = None
        mine = models.get(found[0])
        if isinstance(mine, ObjectNode) and isinstance(value, ObjectNode):
            values[found[0]] = with_values(value, values_of(mine))
        elif mine is None:
            values[found[0]] = value
    return with_values(models, values)


_ID = r"[a-z0-9_][a-z0-9_-]{0,63}"


def entries(agents: Draft) -> None:
    """A list of agents becomes an object by id, where each has one that can be its key (LOAD-51).

    Any other list stays, and is an unknown key.
    """
    listed = agents.get("list")
    if not isinstance(listed, ArrayNode) or agents.has("entries"):
        return
    found: dict[str, Node] = {}
    for item in listed.items:
        name = text_of(child(item, "id")) or ""
        fits = isinstance(child(item, "default"), BooleanNode | None)
        if (
            not isinstance(item, ObjectNode)
            or not fits
            or name in found
            or not re.fullmatch(_ID, name)
        ):
            return
        found[name] = without(item, "id")
    agents.advise("list", "write agents.entries, an object with each agent by its id")
    agents.take("list")
    if found:
        agents.put("entries", with_values(empty_object(listed), found, listed), listed)


# --- channels -----------------------------------------------------------------------------------

_STREAM_MODES = ("off", "partial", "block", "progress")
_STREAMING = {"discord": "off", "slack": "partial", "telegram": "partial"}
"""Channels with a ``streaming`` object, and the mode that ``true`` or an odd word stands for."""
_OLD_MODES = {"off": "off", "partial": "partial", "block": "block"}
_OLD_SLACK_MODES = {"replace": "partial", "append": "block", "status_final": "progress"}
"""What the words of ``streamMode`` stand for; Slack had words of its own."""

_CREDENTIALS = """
    name token tokenFile botToken appToken account signalNumber authDir cliPath dbPath httpUrl
    httpHost httpPort webhookPath webhookUrl webhookSecret service region homeserver userId
    accessToken password deviceName url code dmPolicy allowFrom groupPolicy groupAllowFrom defaultTo
"""
_OF_ONE_ACCOUNT = frozenset(_CREDENTIALS.split())
_OF_MATRIX = """
    name homeserver userId accessToken password deviceId deviceName avatarUrl initialSyncLimit
    encryption
"""
_OF_CHANNEL = {"matrix": frozenset(_OF_MATRIX.split())}
"""What moves to ``accounts.default`` where there are accounts but none of that name."""


def acknowledged(root: Draft) -> None:
    """``messages.ackReaction`` is copied to WhatsApp, which becomes an object by that."""
    where, channel = "channels.whatsapp", root.get("channels.whatsapp")
    assert channel is not None
    plain = channel.kind in ("null", "boolean", "number")
    empty = isinstance(channel, ArrayNode) and not channel.items
    if (plain or empty) and is_text(root.get("messages.ackReaction")):
        root.revalued(where, "{}", "messages.ackReaction makes an object of it")
        root.put(where, {}, channel)


def trusted(node: Draft) -> None:
    """Matrix's ``dm.policy: "trusted"`` depends on whether senders are listed."""
    if node.text("dm.policy") == "trusted":
        word = "allowlist" if any(map(is_text, node.items("dm.allowFrom"))) else "pairing"
        node.revalued("dm.policy", literal(word))
        node.put("dm.policy", word, node.get("dm.policy"))


def streaming(node: Draft) -> None:
    """A word or a switch, and ``streamMode``, become ``streaming.mode``."""
    name, before, old = str(node.path[1]), node.get("streaming"), node.get("streamMode")
    scalar = isinstance(before, StringNode | BooleanNode)
    origin = before if scalar else old
    if origin is None or (not scalar and node.has("streaming.mode")):
        return
    word = _mode(name, node)
    if scalar:
        new: dict[str, object] = {"mode": word}
        if name == "slack" and isinstance(before, BooleanNode) and not node.has("nativeStreaming"):
            new["nativeTransport"] = to_value(before)
        node.revalued("streaming", literal(new))
        if old is not None:
            node.removed("streamMode", "streaming is set already and wins")
    else:
        node.moved("streamMode", "streaming.mode", literal(word))
    node.take("streamMode")
    node.put("streaming.mode", word, origin)


def _mode(name: str, node: Draft) -> str:
    written = trim(node.text("streaming") or "").lower()
    if written in _STREAM_MODES:
        return "partial" if written == "progress" and name != "slack" else written
    old = trim(node.text("streamMode") or "").lower()
    modes = _OLD_SLACK_MODES if name == "slack" else _OLD_MODES
    switch = node.get("streaming")
    if old not in modes and isinstance(switch, BooleanNode):
        return "partial" if switch.value else "off"
    return modes.get(old, _STREAMING[name])


def native_streaming(node: Draft) -> None:
    """Slack's ``nativeStreaming``, or else a switch ``streaming``, is ``nativeTransport``."""
    before, old = child(node.changes.root, *node.path, "streaming"), node.get("nativeStreaming")
    target = "streaming.nativeTransport"
    if old is not None and not node.has(target):
        on = before.value if isinstance(before, BooleanNode) else True
        if isinstance(old, BooleanNode):
            node.move("nativeStreaming", target)
        else:
            node.move("nativeStreaming", target, on, literal(on))
    if isinstance(before, BooleanNode):
        node.fill(target, before, before)


def shadowed_mode(channel: Draft) -> None:
    """``streamMode`` beside ``streaming.mode`` goes when something else of the channel changes.

    OpenClaw takes a channel's new form over only when its plugin reports a change, and the plugins
    forget to report this one.
    """
    record = channel.changes.all
    others = [
        at
        for at, change in enumerate(record)
        if change.path[:2] == channel.path and "threadBindings" not in change.path
    ]
    accounts = [("accounts", name, "streamMode") for name in channel.members("accounts")]
    places = [place for place in [("streamMode",), *accounts] if channel.has(place)]
    if places and others:
        # The other fixes wait: with no other change left, OpenClaw would refuse streamMode.
        for at in others:
            record[at] = record[at]._replace(single=False)
        for place in places:
            channel.remove(place, "streaming.mode is set already and wins")


def default_account(node: Draft) -> None:
    """Credentials beside named accounts belong to the account ``default``, if there is none yet."""
    name, accounts = str(node.path[1]), [trim(key).lower() for key in node.members("accounts")]
    if name == "defaults" or not accounts or "default" in accounts:
        return
    movable = _OF_CHANNEL.get(name, _OF_ONE_ACCOUNT) if any(accounts) else _OF_ONE_ACCOUNT
    moving = {key: value for key, value in node.members("").items() if key in movable}
    if moving:
        origin = next(iter(moving.values()))
        node.become(without(node.node, *moving))
        node.put("accounts.default", moving, origin)


# --- gateway, audio, skills, models ---------------------------------------------------------------

_SKILL = "nano-banana-pro"
_SKILL_MODEL = "google/gemini-3-pro-image-preview"
_GOOGLE_URL = "https://generativelanguage.googleapis.com/v1beta"
_MISTRAL_LIMITS = {
    "devstral-medium-latest": 32768,
    "magistral-small": 40000,
    "mistral-large-latest": 16384,
    "mistral-medium-2508": 8192,
    "mistral-small-latest": 16384,
    "pixtral-large-latest": 32768,
}
_MISTRAL_LIMIT = 8192


def origins(gateway: Draft) -> None:
    """Beyond loopback, ``controlUi.allowedOrigins`` is filled in, a wrong one corrected."""
    by_host = "controlUi.dangerouslyAllowHostHeaderOriginFallback"
    listed = any(map(is_text, gateway.items("controlUi.allowedOrigins")))
    beyond = gateway.text("bind") in ("lan", "tailnet", "custom", "auto")
    if beyond and not listed and not is_true(gateway.get(by_host)):
        gateway.put("controlUi.allowedOrigins", [], gateway.get("bind"))


def audio(root: Draft) -> None:
    """``audio.transcription`` is a model of ``tools.media.audio``."""
    where, media, old = "audio.transcription", "tools.media.audio", root.get("audio.transcription")
    assert old is not None
    root.take(where, prune=True)
    model = _transcriber(old)
    if model is None:
        root.removed(where, "OpenClaw drops it: it has no command that it could run")
        return
    if any(getattr(word, "variables", ()) for word in items(child(old, "command"))):
        root.advise(where, f"write {media}.models instead")
    else:
        text = literal({"models": [to_value(model)], "enabled": True})
        shown, written = steps(f"{media}.models"), steps(media)
        root.report(MOVED, where, to=shown, written=written, value=text)
    if not root.items(f"{media}.models"):
        models = ArrayNode(old.source, old.start, old.end, [model])
        root.put(f"{media}.models", models, old)
        root.put(f"{media}.enabled", True, old)


_SHELL = r"""[;&|`$<>\r\n"'\x00]"""
_NAME = r"(?!-)[A-Za-z0-9._+-]+\Z"


def _is_executable(text: str) -> bool:
    """Whether a text is a plain program name or path, nothing that a shell would interpret."""
    if not text or re.search(_SHELL, text):
        return False
    return text[0] in ".~" or "/" in text or "\\" in text or re.match(_NAME, text) is not None


def _transcriber(old: Node) -> Node | None:
    words, timeout = items(child(old, "command")), child(old, "timeoutSeconds")
    command = trim(text_of(words[0]) or "") if words else ""
    if not all(isinstance(word, StringNode) for word in words) or not _is_executable(command):
        return None
    fields = {"command": command, "type": "cli", "args": words[1:] or None}
    return made(
        {**fields, "timeoutSeconds": timeout if isinstance(timeout, NumberNode) else None}, old
    )


def output_limit(model: Draft) -> None:
    """Mistral's output stays below its window."""
    window, limit, name = model.get("contextWindow"), model.get("maxTokens"), model.text("id")
    if not (isinstance(window, NumberNode) and isinstance(limit, NumberNode) and name):
        return
    if trim(name) and limit.value >= window.value:
        safe = min(_MISTRAL_LIMITS.get(trim(name), _MISTRAL_LIMIT), window.value)
        model.put("maxTokens", safe, limit)


def budget(provider: Draft) -> None:
    """A provider's context sizes go to those of its models that have none (LOAD-50)."""
    for key in ("contextWindow", "contextTokens"):
        size = provider.get(key)
        if size is None:
            continue

        def given(model: Node, path: KeyPath, key: str = key, size: Node = size) -> Node:
            if not isinstance(model, ObjectNode) or key in model.index:
                return model
            return with_values(model, {key: size})

        provider.advise(key, f"write {key} in each model of the provider")
        if not provider.items("models"):
            provider.warn(key, "removed: there is no model to hold it")
        provider.take(key)
        provider.become(rewrite(provider.node, ("models", "[]"), given))


def skill(root: Draft) -> None:
    """The skill nano-banana-pro became ``imageGenerationModel`` and Google's key."""
    bundled = root.items("skills.allowBundled")
    kept = [item for item in bundled if trim(text_of(item) or "") != _SKILL]
    if kept:
        root.put_items("skills.allowBundled", kept)
    elif bundled:
        root.take("skills.allowBundled")
    where, google = ("skills", "entries", _SKILL), "models.providers.google"
    entry = root.get(where)
    if not isinstance(entry, ObjectNode):
        return
    root.advise(
        where,
        f"OpenClaw reads it as agents.defaults.imageGenerationModel: {_SKILL_MODEL}"
        " and models.providers.google.apiKey",
    )
    root.fill("agents.defaults.imageGenerationModel", {"primary": _SKILL_MODEL}, entry)
    keys = (child(entry, "env", "GEMINI_API_KEY"), entry.get("apiKey"))
    key = next((it for it in keys if isinstance(it, ObjectNode) or is_text(it)), None)
    if key is not None and not root.has(f"{google}.apiKey"):
        root.put(f"{google}.apiKey", key, key)
        url = root.get(f"{google}.baseUrl")
        if not getattr(url, "value", isinstance(url, ObjectNode | ArrayNode)):
            root.put(f"{google}.baseUrl", _GOOGLE_URL, key)
        root.put_items(f"{google}.models", root.items(f"{google}.models"), key)
    root.take(where, prune=True)


def discovery(config: Draft) -> None:
    """``discovery`` of GitHub Copilot that is empty or has ``enabled`` counts for nothing."""
    keys = config.members("discovery")
    if not keys or "enabled" in keys:
        config.remove("discovery")


# --- talk ---------------------------------------------------------------------------------------

_VOICE_TEXTS = ("voiceId", "modelId", "outputFormat")
_VOICE_KEYS = ("voiceId", "voiceAliases", "modelId", "outputFormat", "apiKey")


def talk(root: Draft) -> None:
    """Put ``talk`` into its present shape, as OpenClaw does on every read.

    Only what OpenClaw understands survives, so that an unknown key or a value of the wrong type
    beside a good one is dropped without a word.
    """
    section = root.get("talk")
    if not isinstance(section, ObjectNode):
        return
    kept = _normalised(section)
    voice = {key: value for key in _VOICE_KEYS if (value := section.get(key)) is not None}
    if voice:
        origin = next(iter(voice.values()))
        mine = values_of(child(kept, "providers", "elevenlabs"))
        merged = with_values(without(section, *section.index), {**voice, **mine}, origin)
        kept = put(kept, ("providers", "elevenlabs"), merged, origin)
        for key in voice:
            root.moved(("talk", key), ("talk", "providers", "elevenlabs", key))
    if kept.index:
        root.put("talk", kept)


def _normalised(section: ObjectNode) -> ObjectNode:
    provider, providers = section.get("provider"), section.get("providers")
    locale, silence = section.get("speechLocale"), section.get("silenceTimeoutMs")
    interrupt = section.get("interruptOnSpeech")
    kept = _providers(providers) if isinstance(providers, ObjectNode) else None
    number = getattr(silence, "value", 0) if isinstance(silence, NumberNode) else 0
    values = {
        "speechLocale": locale if is_text(locale) else None,
        "interruptOnSpeech": interrupt if isinstance(interrupt, BooleanNode) else None,
        "silenceTimeoutMs": silence if number > 0 and float(number).is_integer() else None,
        "providers": kept if kept is not None and kept.index else None,
        "provider": made(trim(text_of(provider) or ""), provider)
        if provider is not None and is_text(provider)
        else None,
    }
    return with_values(without(section, *section.index), values, section)


def _providers(providers: ObjectNode) -> ObjectNode:
    values: dict[str, Node | None] = dict.fromkeys(providers.index)
    for key, value in values_of(providers).items():
        if trim(key) and isinstance(value, ObjectNode):
            settings = values_of(value).items()
            kept = with_values(value, {name: _voice(name, it) for name, it in settings})
            if kept.index:
                values[trim(key)] = kept
    return with_values(providers, values)


def _voice(key: str, node: Node) -> Node | None:
    """A setting of a speech provider, or None when OpenClaw drops it."""
    if key in _VOICE_TEXTS or (key == "apiKey" and isinstance(node, StringNode)):
        return node if is_text(node) else None
    if key == "apiKey":
        from openclaw_config.view.settings import is_secret_ref

        return node if is_secret_ref(node) else None
    if key != "voiceAliases":
        return node
    others = [name for name, it in values_of(node).items() if not isinstance(it, StringNode)]
    kept = without(node, *others) if isinstance(node, ObjectNode) else None
    return kept if kept is not None and kept.index else None


# --- web tools ----------------------------------------------------------------------------------

_NOT_MOVED = "tavily"
"""A search provider that never had a key under ``tools.web.search``."""
_RELEASE = "2026.4.29"
"""The release that reads these old keys; later ones refuse them."""
_MODERN = "openaiCodex"
"""The one block of ``tools.web.search`` that belongs there."""


def search(root: Draft) -> None:
    """What ``tools.web.search`` has of a provider belongs to its plugin."""
    where = ("tools", "web", "search")
    written = root.members(where)
    ids = [name for name in registry.web_search(_RELEASE) if name != _NOT_MOVED]
    blocks = {name: it for name in ids if isinstance(it := written.get(name), ObjectNode)}
    key = written.get("apiKey")
    if key is None and not any(block.index for block in blocks.values()):
        return  # OpenClaw moves nothing then, and so it leaves empty blocks where they are
    for name, value in written.items():
        if name == "apiKey" or (isinstance(value, ObjectNode) and name != _MODERN):
            root.take((*where, name))
    if key is not None:
        _to_plugin(root, (*where, "apiKey"), "brave", ("webSearch", "apiKey"), key)
    for name, block in sorted(blocks.items()):
        plugin = registry.web_search(_RELEASE).get(name)
        if plugin is not None and block.index:
            _to_plugin(root, (*where, name), plugin, ("webSearch",), block)


def fetch(root: Draft) -> None:
    """``tools.web.fetch.firecrawl`` belongs to its plugin."""
    where, plugin = "tools.web.fetch.firecrawl", "firecrawl"
    block = root.get(where)
    if not isinstance(block, ObjectNode):
        return
    root.take(where)
    payload = without(block, "enabled")
    if payload is block:
        _report(root, where, plugin, ("webFetch",), block)
    else:
        root.advise(where, "write plugins.entries.firecrawl.config.webFetch instead")
    if payload.index:
        _fill(root, plugin, ("webFetch",), payload)


def x_search(root: Draft) -> None:
    """The key of ``tools.web.x_search`` belongs to the plugin xai."""
    where = "tools.web.x_search.apiKey"
    key = root.get(where)
    if key is not None:
        root.take(where, prune=True)
        _to_plugin(root, where, "xai", ("webSearch", "apiKey"), key)


def _to_plugin(root: Draft, old: Key, plugin: str, place: Path, value: Node) -> None:
    _report(root, old, plugin, place, value)
    _fill(root, plugin, place, value)


def _report(root: Draft, old: Key, plugin: str, place: Path, value: Node) -> None:
    """Report a value that goes to a plugin, which OpenClaw switches on where nothing else says."""
    entry = ("plugins", "entries", plugin)
    target = (*entry, "config", *place)
    if isinstance(root.get(entry), ObjectNode):
        root.moved(old, target)
        return
    text = value.source.text[value.start : value.end]
    for key in reversed(place):
        text = f"{{ {key}: {text} }}"
    text = f"{{ enabled: true, config: {text} }}"
    root.report(MOVED, old, to=target, written=entry, value=text)


def _fill(root: Draft, plugin: str, place: Path, value: Node) -> None:
    """Give a plugin a value, or what of it is missing there, and switch it on unless it says."""
    entry = ("plugins", "entries", plugin)
    target = (*entry, "config", *place)
    mine = root.get(target)
    if isinstance(value, ObjectNode) and isinstance(mine, ObjectNode | None):
        root.put(target, filled(mine, value), value)
    else:
        root.fill(target, value, value)
    root.fill((*entry, "enabled"), True, value)
