"""Text-to-speech: layered settings, personas, and the order of providers (spec: TTS rules)."""

from __future__ import annotations

from typing import NamedTuple

from openclaw_config import registry
from openclaw_config.loading.document import Document
from openclaw_config.plan.model import Credential, Origin
from openclaw_config.resolution.credentials import ABSENT, EMPTY, config_link, env_link, ranked
from openclaw_config.resolution.origins import from_config, from_default
from openclaw_config.resolution.settings import Setting, at, default
from openclaw_config.syntax.nodes import Node, NullNode, child
from openclaw_config.syntax.spans import KeyPath
from openclaw_config.view.agents import Agent
from openclaw_config.view.settings import mapping, number

MESSAGES_TTS: KeyPath = ("messages", "tts")
TIMEOUT_MS = 30_000
MAX_TEXT_LENGTH = 4096


class SpeechProvider(NamedTuple):
    """A provider that may speak. ``fields`` holds the places of its settings, the first one wins.

    ``chosen`` is true for the one that the config picks, the others are OpenClaw's own fallbacks.
    ``persona`` is where the active persona binds it, () when it does not.
    """

    id: str
    origin: Origin
    layers: tuple[KeyPath, ...]
    persona: KeyPath
    chosen: bool


class SpeechSurface(NamedTuple):
    """Speech: providers in the order in which they are tried, and the common settings."""

    origin: Origin
    providers: tuple[SpeechProvider, ...]
    auto: Setting
    timeout_ms: Setting
    max_text_length: Setting
    persona: str


def layers_of(root: Node | None, agent: Agent, channel: str = "") -> tuple[KeyPath, ...]:
    """The places of speech settings, the strongest first (TTS-01)."""
    found: list[KeyPath] = []
    if channel:
        found.append(("channels", channel, "tts"))
    if agent.path:
        found.append((*agent.path, "tts"))
    found.append(MESSAGES_TTS)
    return tuple(path for path in found if mapping(child(root, *path)) is not None)


def first(root: Node | None, layers: tuple[KeyPath, ...], *keys: str | int) -> Setting | None:
    """The strongest layer's scalar at ``keys``."""
    for layer in layers:
        found = at(root, (*layer, *keys))
        if found is not None:
            return found
    return None


def resolve(document: Document, agent: Agent, channel: str = "") -> SpeechSurface:
    """Which providers speak, in which order, and the settings that hold for all of them."""
    root = document.root
    layers = layers_of(root, agent, channel)
    node = child(root, *layers[0]) if layers else None
    origin = from_default("TTS-30") if node is None else from_config(node, layers[0])
    persona = (_word(first(root, layers, "persona")) or "").lower()
    return SpeechSurface(
        origin=origin,
        providers=_providers(document, layers, persona),
        auto=_auto(root, layers),
        timeout_ms=_number(root, layers, "timeoutMs") or default(TIMEOUT_MS, "TTS-02"),
        max_text_length=_number(root, layers, "maxTextLength")
        or default(MAX_TEXT_LENGTH, "TTS-02"),
        persona=persona,
    )


def _word(setting: Setting | None) -> str:
    return setting.value.strip() if setting is not None and isinstance(setting.value, str) else ""


def _number(root: Node | None, layers: tuple[KeyPath, ...], key: str) -> Setting | None:
    for layer in layers:
        if number(child(root, *layer, key)) is not None:
            return at(root, (*layer, key))
    return None


def _auto(root: Node | None, layers: tuple[KeyPath, ...]) -> Setting:
    """When replies are spoken: off, always, inbound or tagged (TTS-02, TTS-03)."""
    found = first(root, layers, "auto")
    if found is not None and isinstance(found.value, str):
        return Setting(found.value.strip().lower(), found.origin)
    enabled = first(root, layers, "enabled")
    if enabled is not None and enabled.value is True:
        return Setting("always", enabled.origin)
    return default("off", "TTS-02")


def _providers(
    document: Document, layers: tuple[KeyPath, ...], persona: str
) -> tuple[SpeechProvider, ...]:
    """The order of providers (TTS-30, TTS-31)."""
    root = document.root
    known = registry.automatic_candidates("speech")
    picked: list[tuple[str, Origin]] = []
    wanted = persona_field(root, layers, persona, "provider")
    if wanted is not None and _provider_id(wanted) in known:
        picked.append((_provider_id(wanted), wanted.origin))
    configured = first(root, layers, "provider")
    if not picked and configured is not None and _provider_id(configured):
        picked.append((_provider_id(configured), configured.origin))
    rest = [name for name in known if name not in {name for name, _ in picked}]
    if not picked:
        ready = [name for name in rest if _has_key(document, layers, name)]
        rest = [*ready, *(name for name in rest if name not in ready)]
    found = [
        *((name, origin, True) for name, origin in picked),
        *((name, from_default("TTS-31"), False) for name in rest),
    ]
    return tuple(
        SpeechProvider(
            name,
            origin,
            provider_layers(root, layers, name),
            persona_binding(root, layers, persona, name),
            chosen,
        )
        for name, origin, chosen in found
    )


def _provider_id(setting: Setting) -> str:
    return registry.surface_provider("speech", _word(setting))


def provider_layers(
    root: Node | None, layers: tuple[KeyPath, ...], provider: str
) -> tuple[KeyPath, ...]:
    """Where a provider's own settings stand, the strongest first."""
    paths = ((*layer, "providers", provider) for layer in layers)
    return tuple(path for path in paths if mapping(child(root, *path)) is not None)


def persona_field(
    root: Node | None, layers: tuple[KeyPath, ...], persona: str, field: str
) -> Setting | None:
    """A field of the active persona (TTS-32)."""
    return first(root, layers, "personas", persona, field) if persona else None


def persona_binding(
    root: Node | None, layers: tuple[KeyPath, ...], persona: str, provider: str
) -> KeyPath:
    """Where the active persona binds a provider, () when it does not (TTS-32)."""
    for layer in layers if persona else ():
        path = (*layer, "personas", persona, "providers", provider)
        if mapping(child(root, *path)) is not None:
            return path
    return ()


def field(root: Node | None, provider: SpeechProvider, *names: str) -> tuple[Node, KeyPath] | None:
    """The value of a provider's field under its name or an alias.

    Layers are merged before the names are read, so a stronger layer's alias does not beat a weaker
    layer's main name (TTS-01, TTS-11). A name that holds null counts as absent.
    """
    for name in names:
        for layer in provider.layers:
            node = child(root, *layer, name)
            if node is not None and not isinstance(node, NullNode):
                return node, (*layer, name)
    return None


def chain(document: Document, provider: SpeechProvider) -> Credential:
    """The chain of speech: its own key, the provider's key, the variable (AUTH-60).

    Auth profiles are never asked, and a text is taken as it stands.
    """
    paths: list[KeyPath] = []
    if provider.persona:
        paths.append((*provider.persona, "apiKey"))
    paths += [(*layer, "apiKey") for layer in provider.layers]
    if not paths:
        paths.append((*MESSAGES_TTS, "providers", provider.id, "apiKey"))
    paths.append(("models", "providers", provider.id, "apiKey"))
    links = [config_link(document, path, verbatim=True) for path in paths]
    known = registry.provider(provider.id)
    links += [env_link(document, name) for name in (known.key_variables if known else ())]
    return Credential(ranked(links), f"{provider.id}: not configured")


def _has_key(document: Document, layers: tuple[KeyPath, ...], name: str) -> bool:
    """Whether a provider would count as configured for the automatic choice (TTS-30)."""
    provider = SpeechProvider(
        name, from_default("TTS-30"), provider_layers(document.root, layers, name), (), False
    )
    known = registry.provider(name)
    if known is not None and known.keyless is not None and known.keyless.when == "speech":
        return True
    states = {link.state for link in chain(document, provider).chain}
    if document.environment.assume:
        return bool(states - {ABSENT, EMPTY, "unknown"})
    return bool(states - {ABSENT, EMPTY})
