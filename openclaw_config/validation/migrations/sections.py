"""Old keys of gateway, audio, skills, models and talk that rows cannot say."""

from __future__ import annotations

import math
import re

from openclaw_config.syntax.nodes import (
    ArrayNode,
    BooleanNode,
    Node,
    NumberNode,
    ObjectNode,
    StringNode,
    child,
    to_value,
)
from openclaw_config.syntax.scanner import trim
from openclaw_config.syntax.spans import KeyPath
from openclaw_config.validation.migrations.report import Findings
from openclaw_config.validation.migrations.tree import (
    boolean,
    empty_object,
    is_text,
    literal,
    object_at,
    put,
    string,
    with_values,
    without,
)

_PROVIDERS = ("models", "providers")

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


def origins(findings: Findings, section: ObjectNode, path: KeyPath) -> ObjectNode:
    """Beyond loopback, ``controlUi.allowedOrigins`` is filled in, a wrong one corrected."""
    bind = section.get("bind")
    if not isinstance(bind, StringNode) or bind.value not in ("lan", "tailnet", "custom", "auto"):
        return section
    ui = section.get("controlUi")
    fallback = child(ui, "dangerouslyAllowHostHeaderOriginFallback")
    listed = child(ui, "allowedOrigins")
    if (isinstance(fallback, BooleanNode) and fallback.value) or (
        isinstance(listed, ArrayNode) and any(map(is_text, listed.items))
    ):
        return section
    none = ArrayNode(bind.source, bind.start, bind.end, [])
    return put(section, ("controlUi", "allowedOrigins"), none, bind)


def audio(findings: Findings, root: ObjectNode, path: KeyPath) -> ObjectNode:
    """``audio.transcription`` is a model of ``tools.media.audio``."""
    section = object_at(root, "audio")
    old = section.get("transcription") if section is not None else None
    if section is None or old is None:
        return root
    rest = without(section, "transcription")
    model = _transcriber(old)
    models = ("tools", "media", "audio", "models")
    if model is None:
        findings.removed(
            ("audio", "transcription"), "OpenClaw drops it: it has no command that it could run"
        )
    elif any(getattr(word, "variables", ()) for word in _words(old)):
        findings.replaced(("audio", "transcription"), "write tools.media.audio.models instead")
    else:
        findings.moved(
            ("audio", "transcription"),
            models[:-1],
            literal({"models": [to_value(model)], "enabled": True}),
            shown=models,
        )
    root = with_values(root, {"audio": rest if rest.index else None})
    if model is None:
        return root
    present = child(root, *models)
    if isinstance(present, ArrayNode) and present.items:
        return root
    root = put(root, models, ArrayNode(old.source, old.start, old.end, [model]), old)
    return put(root, (*models[:-1], "enabled"), boolean(True, old), old)


_SHELL = re.compile(r"""[;&|`$<>\r\n"'\x00]""")
_NAME = re.compile(r"(?!-)[A-Za-z0-9._+-]+\Z")


def _is_executable(text: str) -> bool:
    """Whether a text is a plain program name or path, nothing that a shell would interpret."""
    text = trim(text)
    if not text or _SHELL.search(text):
        return False
    return text[0] in ".~" or "/" in text or "\\" in text or _NAME.match(text) is not None


def _transcriber(old: Node) -> ObjectNode | None:
    words = [item for item in _words(old) if isinstance(item, StringNode)]
    if not isinstance(old, ObjectNode) or not words or len(words) != len(_words(old)):
        return None
    if not _is_executable(words[0].value):
        return None
    values: dict[str, Node | None] = {
        "command": string(trim(words[0].value), words[0]),
        "type": string("cli", words[0]),
    }
    if words[1:]:
        values["args"] = ArrayNode(old.source, old.start, old.end, list(words[1:]))
    timeout = old.get("timeoutSeconds")
    if isinstance(timeout, NumberNode):
        values["timeoutSeconds"] = timeout
    return with_values(without(old, *old.index), values, old)


def _words(old: Node) -> list[Node]:
    command = child(old, "command")
    return command.items if isinstance(command, ArrayNode) else []


# --- models and skills --------------------------------------------------------------------------


def output_limit(findings: Findings, model: ObjectNode, path: KeyPath) -> ObjectNode:
    """Mistral's output stays below its window."""
    window, limit, name = model.get("contextWindow"), model.get("maxTokens"), model.get("id")
    if not (
        isinstance(window, NumberNode)
        and isinstance(limit, NumberNode)
        and isinstance(name, StringNode)
        and is_text(name)
        and limit.value >= window.value
    ):
        return model
    safe = min(_MISTRAL_LIMITS.get(trim(name.value), _MISTRAL_LIMIT), window.value)
    return with_values(model, {"maxTokens": NumberNode(limit.source, limit.start, limit.end, safe)})


def skill(findings: Findings, root: ObjectNode, path: KeyPath) -> ObjectNode:
    """The skill nano-banana-pro became ``imageGenerationModel`` and Google's key."""
    section = object_at(root, "skills")
    if section is None:
        return root
    section = _without_bundled(section)
    entry = object_at(section, "entries", _SKILL)
    if entry is None:
        return with_values(root, {"skills": section})
    findings.replaced(
        ("skills", "entries", _SKILL),
        f"OpenClaw reads it as agents.defaults.imageGenerationModel: {_SKILL_MODEL}"
        " and models.providers.google.apiKey",
    )
    model = ("agents", "defaults", "imageGenerationModel")
    defaults = object_at(root, *model[:-1])
    if defaults is None or defaults.get(model[-1]) is None:
        root = put(root, (*model, "primary"), string(_SKILL_MODEL, entry), entry)
    key = _skill_key(entry)
    google = object_at(root, *_PROVIDERS, "google")
    if key is not None and (google is None or google.get("apiKey") is None):
        where = (*_PROVIDERS, "google")
        root = put(root, (*where, "apiKey"), key, key)
        if not _is_set(google.get("baseUrl") if google is not None else None):
            root = put(root, (*where, "baseUrl"), string(_GOOGLE_URL, key), key)
        if google is None or not isinstance(google.get("models"), ArrayNode):
            root = put(root, (*where, "models"), ArrayNode(key.source, key.start, key.end, []), key)
    entries = object_at(section, "entries")
    rest = without(entries, _SKILL) if entries is not None else None
    section = with_values(section, {"entries": rest if rest is not None and rest.index else None})
    return with_values(root, {"skills": section if section.index else None})


def _without_bundled(section: ObjectNode) -> ObjectNode:
    bundled = section.get("allowBundled")
    if not isinstance(bundled, ArrayNode):
        return section
    rest = [
        item
        for item in bundled.items
        if not isinstance(item, StringNode) or trim(item.value) != _SKILL
    ]
    if len(rest) == len(bundled.items):
        return section
    kept = ArrayNode(bundled.source, bundled.start, bundled.end, rest)
    return with_values(section, {"allowBundled": kept if rest else None})


def _is_set(node: Node | None) -> bool:
    """Whether JavaScript takes a value for true."""
    return isinstance(node, ObjectNode | ArrayNode) or bool(getattr(node, "value", None))


def _skill_key(entry: ObjectNode) -> Node | None:
    for node in (child(entry, "env", "GEMINI_API_KEY"), entry.get("apiKey")):
        if isinstance(node, ObjectNode) or is_text(node):
            return node
    return None


# --- talk ---------------------------------------------------------------------------------------

_VOICE_KEYS = ("voiceId", "voiceAliases", "modelId", "outputFormat", "apiKey")
_ELEVENLABS = "elevenlabs"


def talk(findings: Findings, root: ObjectNode, path: KeyPath) -> ObjectNode:
    """Put ``talk`` into its present shape, as OpenClaw does on every read.

    Only what OpenClaw understands survives, so that an unknown key or a value of the wrong type
    beside a good one is dropped without a word.
    """
    section = object_at(root, "talk")
    if section is None:
        return root
    kept = _normalised(section)
    voice = {key: section.get(key) for key in _VOICE_KEYS if key in section.index}
    if voice:
        origin = next(node for node in voice.values() if node is not None)
        mine = object_at(kept, "providers", _ELEVENLABS)
        merged = with_values(
            without(section, *section.index),
            {**voice, **({key: m.value for key, m in mine.index.items()} if mine else {})},
            origin,
        )
        providers = object_at(kept, "providers") or empty_object(origin)
        kept = with_values(
            kept, {"providers": with_values(providers, {_ELEVENLABS: merged}, origin)}, origin
        )
        for key in voice:
            findings.moved(("talk", key), ("talk", "providers", _ELEVENLABS, key))
    return with_values(root, {"talk": kept}) if kept.index else root


def _normalised(section: ObjectNode) -> ObjectNode:
    values: dict[str, Node | None] = {}
    locale = section.get("speechLocale")
    if is_text(locale):
        values["speechLocale"] = locale
    interrupt = section.get("interruptOnSpeech")
    if isinstance(interrupt, BooleanNode):
        values["interruptOnSpeech"] = interrupt
    silence = section.get("silenceTimeoutMs")
    if silence is not None and _is_positive_integer(silence):
        values["silenceTimeoutMs"] = silence
    providers = section.get("providers")
    provider = section.get("provider")
    if isinstance(providers, ObjectNode):
        kept = _providers(providers)
        if kept.index:
            values["providers"] = kept
    if isinstance(provider, StringNode) and trim(provider.value):
        values["provider"] = string(trim(provider.value), provider)
    return with_values(without(section, *section.index), values, section)


def _is_positive_integer(node: Node) -> bool:
    value = getattr(node, "value", None)
    return (
        isinstance(value, int | float)
        and node.kind == "number"
        and value > 0
        and math.isfinite(value)
        and value == int(value)
    )


def _providers(providers: ObjectNode) -> ObjectNode:
    values: dict[str, Node | None] = dict.fromkeys(providers.index)
    for key, member in providers.index.items():
        name = trim(key)
        if not name or not isinstance(member.value, ObjectNode):
            continue
        kept = _provider(member.value)
        if kept.index:
            values[name] = kept
    return with_values(providers, values)


def _provider(config: ObjectNode) -> ObjectNode:
    values: dict[str, Node | None] = {}
    for key, member in config.index.items():
        if key == "voiceAliases":
            values[key] = _string_map(member.value)
        elif key == "apiKey":
            values[key] = _secret(member.value)
        elif key in ("voiceId", "modelId", "outputFormat"):
            values[key] = member.value if is_text(member.value) else None
    return with_values(config, values)


def _string_map(node: Node) -> Node | None:
    if not isinstance(node, ObjectNode):
        return None
    kept = without(
        node,
        *(key for key, member in node.index.items() if not isinstance(member.value, StringNode)),
    )
    return kept if kept.index else None


def _secret(node: Node) -> Node | None:
    if isinstance(node, StringNode):
        return node if is_text(node) else None
    from openclaw_config.view.settings import is_secret_ref

    return node if is_secret_ref(node) else None
