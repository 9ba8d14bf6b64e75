"""What 2026.4.29, and what 2026.8.1, make of old keys on every read, where rows cannot say it."""

from __future__ import annotations

import re
from functools import partial

from openclaw_config import registry
from openclaw_config.facts import read_json
from openclaw_config.syntax.nodes import ArrayNode, Node, ObjectNode, child, text_of, to_value
from openclaw_config.syntax.text import trim
from openclaw_config.validation.migrations import engine
from openclaw_config.validation.migrations.engine import Draft, literal, made, with_values, without
from openclaw_config.validation.migrations.rows import Path, Row, steps
from openclaw_config.view import settings
from openclaw_config.view.settings import is_text, items, members, number, text, truth, values_of

_RELEASE = "2026.4.29"
"""The release that reads these old keys; later ones refuse them."""

# --- agents -----------------------------------------------------------------------------------


def runtime_refs(entry: Draft) -> None:
    """Refs such as ``claude-cli/…`` become a provider's ref plus ``agentRuntime.id``."""
    where = "model.primary" if isinstance(entry.get("model"), ObjectNode) else "model"
    primary = entry.get(where)
    found = _runtime_ref(text_of(primary))
    if found is None or primary is None:
        return
    ref, runtime = found

    def same_runtime(text: str) -> str | None:
        found = _runtime_ref(text)
        return found[0] if found and found[1] == runtime else None

    entry.put(where, ref, primary)
    entry.reword("model.fallbacks[]", same_runtime)
    for key, value in entry.values("models").items():
        if new := same_runtime(key):
            entry.take(("models", key))
            entry.merge(("models", new), value)
    if trim(entry.text("agentRuntime.id") or "").lower() in ("", "auto"):
        entry.put("agentRuntime.id", runtime, primary)
    new = "the provider of the model" if getattr(primary, "variables", ()) else ref
    entry.advise(where, f"write {new}; the runtime is chosen with agentRuntime.id: {runtime}")


def _runtime_ref(text: str | None) -> tuple[str, str] | None:
    """The ref of a provider, and the runtime that a former provider stands for now."""
    provider, _, model = trim(text or "").partition("/")
    found = registry.runtime_alias(_RELEASE, trim(provider).lower())
    return None if found is None or not trim(model) else (f"{found[0]}/{trim(model)}", found[1])


_ID = r"[a-z0-9_][a-z0-9_-]{0,63}"


def entries(agents: Draft) -> None:
    """A list of agents becomes an object by id, where each has one that can be its key (LOAD-51).

    Any other list stays, and is an unknown key.
    """
    listed = agents.get("list")
    if listed is None or listed.kind != "array" or agents.has("entries"):
        return
    found: dict[str, Node] = {}
    for item in agents.items("list"):
        name, default = text_of(child(item, "id")) or "", child(item, "default")
        fits = name not in found and (default is None or truth(default) is not None)
        if not isinstance(item, ObjectNode) or not fits or not re.fullmatch(_ID, name):
            return
        found[name] = without(item, "id")
    agents.advise("list", "write agents.entries, an object with each agent by its id")
    agents.take("list")
    if found:
        agents.put("entries", found, listed)


# --- channels -----------------------------------------------------------------------------------


def streaming(node: Draft) -> None:
    """A word or a switch, and ``streamMode``, become ``streaming.mode``."""
    name, before, old = str(node.path[1]), node.get("streaming"), node.get("streamMode")
    scalar = before is not None and before.kind in ("string", "boolean")
    origin = before if scalar else old
    if origin is None or (not scalar and node.has("streaming.mode")):
        return
    word = _mode(name, node)
    if scalar:
        new: dict[str, object] = {"mode": word}
        if name == "slack" and truth(before) is not None and not node.has("nativeStreaming"):
            new["nativeTransport"] = truth(before)
        node.revalued("streaming", literal(new))
        if old is not None:
            node.removed("streamMode", "streaming is set already and wins")
    else:
        node.moved("streamMode", "streaming.mode", literal(word))
    node.take("streamMode")
    node.put("streaming.mode", word, origin)


def _mode(name: str, node: Draft) -> str:
    """The mode of a channel's ``streaming``, or else of ``streamMode``, or of a switch."""
    facts = read_json("migrations/channels.json")["streaming"][name]
    written, old = (trim(node.text(key) or "").lower() for key in ("streaming", "streamMode"))
    switch = truth(node.get("streaming"))
    other = facts["else"] if switch is None else "partial" if switch else "off"
    return str(facts["words"].get(written) or facts["streamMode"].get(old) or other)


def native_streaming(node: Draft) -> None:
    """Slack's ``nativeStreaming``, or else a switch ``streaming``, is ``nativeTransport``."""
    before, old = child(node.changes.root, *node.path, "streaming"), node.get("nativeStreaming")
    target = "streaming.nativeTransport"
    if old is not None and not node.has(target):
        on = None if truth(old) is not None else truth(before) is not False
        node.move("nativeStreaming", target, on)
    if truth(before) is not None:
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
    accounts = [("accounts", name, "streamMode") for name in channel.values("accounts")]
    places = [place for place in [("streamMode",), *accounts] if channel.has(place)]
    for at in others if places else ():
        # No edit of it alone: with no other change left, OpenClaw would refuse streamMode.
        record[at] = record[at]._replace(old=None)
    for place in places if others else ():
        channel.remove(place, "streaming.mode is set already and wins")


def default_account(node: Draft) -> None:
    """Credentials beside named accounts belong to the account ``default``, if there is none yet."""
    name, accounts = str(node.path[1]), [trim(key).lower() for key in node.values("accounts")]
    if name == "defaults" or not accounts or "default" in accounts:
        return
    credentials = read_json("migrations/channels.json")["credentials"]
    movable = credentials.get(name if any(accounts) else "*", credentials["*"])
    moving = {key: value for key, value in node.values().items() if key in movable}
    if moving:
        origin = next(iter(moving.values()))
        node.node = without(node.node, *moving)
        node.put("accounts.default", moving, origin)


# --- gateway, audio, skills, models ---------------------------------------------------------------

_SKILL = "nano-banana-pro"
_SKILL_MODEL = "google/gemini-3-pro-image-preview"
_GOOGLE_URL = "https://generativelanguage.googleapis.com/v1beta"
_MISTRAL_LIMIT = 8192


def origins(gateway: Draft) -> None:
    """Beyond loopback, ``controlUi.allowedOrigins`` is filled in, a wrong one corrected."""
    by_host = "controlUi.dangerouslyAllowHostHeaderOriginFallback"
    listed = any(map(is_text, gateway.items("controlUi.allowedOrigins")))
    beyond = gateway.text("bind") in ("lan", "tailnet", "custom", "auto")
    if beyond and not listed and not settings.is_true(gateway.get(by_host)):
        gateway.put("controlUi.allowedOrigins", [], gateway.get("bind"))


def audio(root: Draft) -> None:
    """``audio.transcription`` is a model of ``tools.media.audio``."""
    where, media, old = "audio.transcription", "tools.media.audio", root.get("audio.transcription")
    assert old is not None
    root.take(where, prune=True)
    model, others = transcriber(old), root.items(f"{media}.models")
    if model is None:
        root.removed(where, "OpenClaw drops it: it has no command that it could run")
    elif others:
        root.removed(where, f"{media}.models has other models, which win", loses=True)
    elif any(getattr(word, "variables", ()) for word in items(child(old, "command"))):
        root.advise(where, f"write {media}.models instead")
    else:
        text = literal({"models": [to_value(model)], "enabled": True})
        root.moved(where, f"{media}.models", text, written=steps(media))
    if model is not None and not others:
        root.put(f"{media}.models", [model], old)
        root.put(f"{media}.enabled", True, old)


_PROGRAM = r"""(?=[.~]|.*[/\\]|(?!-)[A-Za-z0-9._+-]+\Z)[^;&|`$<>\r\n"'\x00]+\Z"""
"""A plain program name or path, nothing that a shell would interpret."""


def transcriber(old: Node) -> ObjectNode | None:
    """The model of type cli for an ``audio.transcription``; None for what names no program."""
    words, timeout = items(child(old, "command")), child(old, "timeoutSeconds")
    command = trim(text_of(words[0]) or "") if words else ""
    fits = "${" in command or re.match(_PROGRAM, command)
    if not fits or not all(word.kind == "string" for word in words):
        return None
    seconds = None if number(timeout) is None else timeout
    fields = {"type": "cli", "args": words[1:] or None, "timeoutSeconds": seconds}
    model = made({"command": command, **fields}, old)
    assert isinstance(model, ObjectNode)
    return model


def output_limit(model: Draft) -> None:
    """Mistral's output stays below its window."""
    window, limit = number(model.get("contextWindow")), number(model.get("maxTokens"))
    name = trim(model.text("id") or "")
    if name and window is not None and limit is not None and limit >= window:
        limits = read_json("migrations/models.json")["outputLimits"]
        safe = min(limits.get(name, _MISTRAL_LIMIT), window)
        model.put("maxTokens", safe, model.get("maxTokens"))


def budget(provider: Draft) -> None:
    """A provider's context sizes go to those of its models that have none (LOAD-50)."""
    for key in ("contextWindow", "contextTokens"):
        size = provider.get(key)
        if size is not None:
            provider.advise(key, f"write {key} in each model of the provider")
            if not provider.items("models"):
                provider.warn(key, "removed: there is no model to hold it")
            provider.take(key)
            provider.inside("models[]", partial(Draft.fill, key=key, value=size, origin=size))


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


# --- talk and web tools -------------------------------------------------------------------------

_NOT_MOVED = "tavily"
"""A search provider that never had a key under ``tools.web.search``."""
_MODERN = "openaiCodex"
"""The one block of ``tools.web.search`` that belongs there."""


_VOICE_TEXTS = ("voiceId", "modelId", "outputFormat")
_VOICE_KEYS = (*_VOICE_TEXTS, "voiceAliases", "apiKey")
"""What stood in ``talk`` itself before it had providers; rows move it."""


def talk(section: Draft) -> None:
    """OpenClaw keeps of ``talk`` what it understands, where that is anything.

    An unknown key or a value of the wrong type beside a good one is dropped without a word.
    """
    node = section.node
    provider, providers = node.get("provider"), node.get("providers")
    silence = number(node.get("silenceTimeoutMs")) or 0
    kept = {
        "speechLocale": is_text(node.get("speechLocale")),
        "interruptOnSpeech": truth(node.get("interruptOnSpeech")) is not None,
        "silenceTimeoutMs": silence > 0 and float(silence).is_integer(),
        **{key: key in node.values for key in _VOICE_KEYS},
    }
    values: dict[str, Node | None] = {key: node.get(key) for key in kept if kept[key]}
    if isinstance(providers, ObjectNode) and (understood := _providers(providers)).index:
        values["providers"] = understood
    if provider is not None and is_text(provider):
        values["provider"] = made(text(provider), provider)
    if values:
        section.node = with_values(node, {**dict.fromkeys(node.index), **values})


def _providers(providers: ObjectNode) -> ObjectNode:
    values: dict[str, Node | None] = dict.fromkeys(providers.index)
    for key, value in values_of(providers).items():
        if trim(key) and isinstance(value, ObjectNode):
            kept = with_values(value, {name: _voice(name, it) for name, it in members(value)})
            if kept.index:
                values[trim(key)] = kept
    return with_values(providers, values)


def _voice(key: str, node: Node) -> Node | None:
    """A setting of a speech provider, or None when OpenClaw drops it."""
    if key in _VOICE_TEXTS or key == "apiKey":
        return node if is_text(node) or (key == "apiKey" and settings.is_secret_ref(node)) else None
    if key != "voiceAliases":
        return node
    others = [name for name, it in values_of(node).items() if text_of(it) is None]
    kept = without(node, *others) if isinstance(node, ObjectNode) else None
    return kept if kept is not None and kept.index else None


def search(root: Draft) -> None:
    """What ``tools.web.search`` has of a provider belongs to its plugin; other objects go."""
    where = ("tools", "web", "search")
    plugins = dict(registry.web_search(_RELEASE))
    del plugins[_NOT_MOVED]
    written = root.values(where)
    moving = [name for name in sorted(plugins) if values_of(written.get(name))]
    if not moving and "apiKey" not in written:
        return  # OpenClaw moves nothing then, and so it leaves empty blocks where they are
    for name, value in written.items():
        if isinstance(value, ObjectNode) and name not in (*moving, "apiKey", _MODERN):
            root.take((*where, name))
    if "apiKey" in written:
        _to_plugin(root, (*where, "apiKey"), "brave", "apiKey")
    for name in moving:
        _to_plugin(root, (*where, name), plugins[name])


def _to_plugin(root: Draft, old: Path, plugin: str, *key: str) -> None:
    """Move a key to ``webSearch`` of a plugin, which is switched on where nothing else says."""
    entry = ("plugins", "entries", plugin)
    on = {".".join((*entry, "enabled")): True}
    to = (*entry, "config", "webSearch", *key)
    engine.move(Row((), "move", old, to, conflict="fill", fills=on), root)
