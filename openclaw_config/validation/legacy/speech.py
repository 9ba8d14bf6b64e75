"""Old keys of text-to-speech and of ``talk``."""

from __future__ import annotations

import math

from openclaw_config.syntax.nodes import BooleanNode, Node, ObjectNode, StringNode
from openclaw_config.syntax.scanner import trim
from openclaw_config.syntax.spans import KeyPath
from openclaw_config.validation.legacy.findings import Findings
from openclaw_config.validation.legacy.rewrite import (
    empty_object,
    filled,
    object_at,
    rewrite,
    string,
    with_values,
    without,
)

PROVIDER_KEYS = ("openai", "elevenlabs", "microsoft", "edge")
"""Providers that once had a key of their own beside ``providers``."""

VOICE_CALL = ("plugins", "entries", "voice-call", "config", "tts")

_TOGGLES: tuple[tuple[str, ...], ...] = (
    ("messages", "tts"),
    ("agents", "defaults", "tts"),
    ("agents", "list", "[]", "tts"),
    ("channels", "*", "tts"),
    ("channels", "*", "accounts", "*", "tts"),
    VOICE_CALL,
)


def migrate(root: ObjectNode, findings: Findings) -> ObjectNode:
    """Bring every text-to-speech block up to date."""
    tree: Node = root
    shapes: tuple[tuple[str, ...], ...] = (("messages", "tts"), VOICE_CALL)
    for place in shapes:
        tree = rewrite(tree, place, lambda node, path: _shape(node, path, findings))
    for place in _TOGGLES:
        tree = rewrite(tree, place, lambda node, path: _toggle(node, path, findings))
    assert isinstance(tree, ObjectNode)
    return tree


def _shape(tts: ObjectNode, path: KeyPath, findings: Findings) -> ObjectNode:
    provider = tts.get("provider")
    if isinstance(provider, StringNode) and trim(provider.value).lower() == "edge":
        findings.revalued((*path, "provider"), '"microsoft"')
        tts = with_values(tts, {"provider": string("microsoft", provider)})
    for key in PROVIDER_KEYS[:-1]:
        tts = provider_key(tts, key, key, path, findings)
    alias = object_at(tts, "providers", "edge")
    if alias is not None:
        findings.moved((*path, "providers", "edge"), (*path, "providers", "microsoft"))
        providers = object_at(tts, "providers")
        assert providers is not None
        merged = filled(object_at(providers, "microsoft"), alias)
        providers = with_values(providers, {"edge": None, "microsoft": merged}, alias)
        tts = with_values(tts, {"providers": providers})
    return provider_key(tts, "edge", "microsoft", path, findings)


def provider_key(
    tts: ObjectNode, key: str, provider: str, path: KeyPath, findings: Findings
) -> ObjectNode:
    """A block with one provider's old key moved under ``providers``."""
    old = tts.get(key)
    if not isinstance(old, ObjectNode):
        return tts
    findings.moved((*path, key), (*path, "providers", provider))
    providers = object_at(tts, "providers") or empty_object(old)
    merged = filled(object_at(providers, provider), old)
    providers = with_values(providers, {provider: merged}, old)
    return with_values(tts, {key: None, "providers": providers}, old)


def _toggle(tts: ObjectNode, path: KeyPath, findings: Findings) -> ObjectNode:
    enabled = tts.get("enabled")
    if not isinstance(enabled, BooleanNode):
        return tts
    auto = tts.get("auto")
    if isinstance(auto, StringNode) and trim(auto.value):
        findings.removed((*path, "enabled"), "auto is set already and wins")
        return without(tts, "enabled")
    word = "always" if enabled.value else "off"
    findings.moved((*path, "enabled"), (*path, "auto"), f'"{word}"')
    return with_values(tts, {"enabled": None, "auto": string(word, enabled)}, enabled)


# --- talk ---------------------------------------------------------------------------------------

_VOICE_KEYS = ("voiceId", "voiceAliases", "modelId", "outputFormat", "apiKey")
_ELEVENLABS = "elevenlabs"


def talk(root: ObjectNode, findings: Findings) -> ObjectNode:
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
    if isinstance(locale, StringNode) and trim(locale.value):
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
            good = isinstance(member.value, StringNode) and trim(member.value.value)
            values[key] = member.value if good else None
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
        return node if trim(node.value) else None
    from openclaw_config.validation.secret_refs import is_secret_ref

    return node if is_secret_ref(node) else None
