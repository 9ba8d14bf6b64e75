"""Text-to-speech: layered settings, personas, and the order of providers (spec: TTS rules)."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import NamedTuple

from openclaw_config import registry
from openclaw_config.capabilities import lookup
from openclaw_config.files import read_regular
from openclaw_config.loading.load import Document
from openclaw_config.plan.model import Credential, Origin
from openclaw_config.resolution import credentials, settings
from openclaw_config.syntax.nodes import Node, child
from openclaw_config.syntax.parser import parse
from openclaw_config.syntax.text import KeyPath, Source, trim
from openclaw_config.view.refs import ModelRef, split, written
from openclaw_config.view.settings import Agent, mapping, members, text

TIMEOUT_MS = 30_000
MAX_TEXT_LENGTH = 4096
MOST_PREFERENCES = 1024 * 1024
"""The largest preference file that is read, in bytes."""


class SpeechProvider(NamedTuple):
    """A provider that may speak. ``layers`` are the places of its settings, the strongest first.

    ``chosen`` is true for the one that the config picks, the others are OpenClaw's own fallbacks.
    ``persona`` are the places where the active persona binds it, () when it does not; ``refused``
    is the persona that lets no provider speak that it does not bind, else "" (TTS-32). ``model`` is
    what ``agents.defaults.voiceModel`` fills in where the provider's own settings name none
    (TTS-13). ``described`` are the places that tell how the active persona sounds (SPK-13).
    """

    id: str
    origin: Origin
    layers: settings.Layers
    persona: settings.Layers
    chosen: bool
    refused: str = ""
    timeout_ms: settings.Setting = settings.default(TIMEOUT_MS, "TTS-02")
    model: settings.Setting | None = None
    described: settings.Layers = ()


_LAYS_OVER = {"2026.4.29": False, "2026.9.6": True}
"""Whether a persona's settings are laid over the others before names are read (TTS-32')."""


def layers_of(agent: Agent, channel: str = "") -> settings.Layers:
    """The places of speech settings, the strongest first (TTS-01)."""
    own: settings.Layers = (("channels", channel, "tts"),) if channel else ()
    own += ((*agent.path, "tts"),) if agent.path else ()
    return _objects(agent.document.root, (*own, agent.document.target.keys.speech))


def resolve(agent: Agent, channel: str = "") -> settings.Resolved[SpeechProvider]:
    """Which providers speak, in which order, and the settings that hold for all of them.

    These are when replies are spoken (``auto``) and the longest text (``maxTextLength``).
    """
    document = agent.document
    root = document.root
    layers = layers_of(agent, channel)
    origin = settings.origin_at(root, layers[0] if layers else (), "TTS-30")
    chosen = _preferences(document, layers)
    named = settings.first(root, layers, "persona")
    wanted = text(child(chosen, "persona")) if child(chosen, "persona") else _word(named)
    persona = wanted.lower()
    return settings.Resolved(
        origin,
        _providers(document, layers, persona, chosen),
        settings={
            "auto": _auto(root, layers, chosen),
            "maxTextLength": _number(root, layers, "maxTextLength", MAX_TEXT_LENGTH),
        },
        persona=persona,
    )


def _preferences(document: Document, layers: settings.Layers) -> Node | None:
    """What the user chose while OpenClaw ran: the preference file's ``tts`` (TTS-04, SL-40).

    None where there is none, where it cannot be read, and where the config is not checked on the
    machine on which it runs.
    """
    if document.environment.assume:
        return None
    variable = document.environment.variable("OPENCLAW_TTS_PREFS")
    path = (
        _word(settings.first(document.root, layers, "prefsPath"))
        or trim((variable.value if variable is not None else "") or "")
        or os.path.join(document.config_dir, "settings", "tts.json")
    )
    try:
        content = read_regular(credentials.expand(document, path), MOST_PREFERENCES)
    except (OSError, ValueError):
        return None
    tree = parse(Source(content.decode("utf-8", "replace"), os.path.basename(path), path))
    return None if any(error.blocks for error in tree.errors) else child(tree.root, "tts")


def _word(setting: settings.Setting | None) -> str:
    return trim(setting.value) if setting is not None and isinstance(setting.value, str) else ""


def _number(root: Node | None, layers: settings.Layers, key: str, usual: int) -> settings.Setting:
    found = settings.first(root, layers, key)
    if found is None or type(found.value) not in {int, float}:
        return settings.default(usual, "TTS-02")
    return found


def _auto(root: Node | None, layers: settings.Layers, chosen: Node | None) -> settings.Setting:
    """When replies are spoken: off, always, inbound or tagged (TTS-02, TTS-03)."""
    preferred, enabled = settings.at(chosen, ("auto",)), settings.at(chosen, ("enabled",))
    if enabled is not None and isinstance(enabled.value, bool) and not _word(preferred):
        return settings.Setting("always" if enabled.value else "off", enabled.origin)
    found = preferred if _word(preferred) else settings.first(root, layers, "auto")
    if found is not None and isinstance(found.value, str):
        return settings.Setting(_word(found).lower(), found.origin)
    enabled = settings.first(root, layers, "enabled")
    if enabled is not None and enabled.value is True:
        return settings.Setting("always", enabled.origin)
    return settings.default("off", "TTS-02")


def _providers(
    document: Document, layers: settings.Layers, persona: str, chosen: Node | None
) -> tuple[SpeechProvider, ...]:
    """The order of providers (TTS-30, TTS-31)."""
    root = document.root
    known = registry.automatic_candidates(document.release, "speech")
    personas = _named(root, layers, "personas", persona) if persona else ()
    voices = _voice_models(document)
    own = settings.first(root, personas, "provider")
    wanted = (
        settings.at(chosen, ("provider",)),
        own if own is not None and _provider_id(document, own) in known else None,
        settings.first(root, layers, "provider"),
    )
    named = [(_provider_id(document, one), one.origin) for one in wanted if one and _word(one)]
    picked = [*named, *((name, model.origin) for name, model in voices[:1])][:1]
    rest = [name for name in known if name not in dict(picked)]
    if not picked:
        rest.sort(key=lambda name: not _has_key(document, layers, name))
    strict = bool(personas) and _word(settings.first(root, personas, "fallbackPolicy")) == "fail"
    found = [
        *((name, origin, True) for name, origin in picked),
        *((name, model.origin, True) for name, model in voices[1:]),
        *((name, settings.from_default("TTS-31"), False) for name in rest),
    ]
    models = dict(reversed(voices))
    timeout = _number(root, layers, "timeoutMs", TIMEOUT_MS)
    return tuple(
        SpeechProvider(
            name,
            origin,
            provider_layers(root, layers, name),
            bound := _named(root, personas, "providers", name),
            is_chosen,
            persona if strict and not bound else "",
            timeout,
            described=personas,
            model=next((one for _, one in voices if one.origin == origin), models.get(name)),
        )
        for name, origin, is_chosen in found
    )


def _voice_models(document: Document) -> list[tuple[str, settings.Setting]]:
    """The providers and models of ``agents.defaults.voiceModel`` that are listed (TTS-13)."""
    path: KeyPath = ("agents", "defaults", "voiceModel")
    found = []
    for node, where in written(child(document.root, *path), path):
        ref = split(node.value) or ModelRef("", "")
        provider = registry.surface_provider(document.release, "speech", ref.provider)
        if lookup.listed(provider, "speech", ref.model, document.tables):
            found.append((provider, settings.Setting(ref.model, settings.from_config(node, where))))
    return found


def _provider_id(document: Document, setting: settings.Setting) -> str:
    return registry.surface_provider(document.release, "speech", _word(setting))


def provider_layers(root: Node | None, layers: settings.Layers, provider: str) -> settings.Layers:
    """Where a provider's own settings stand, the strongest first."""
    return _objects(root, ((*layer, "providers", provider) for layer in layers))


def _objects(root: Node | None, paths: Iterable[KeyPath]) -> settings.Layers:
    return tuple(path for path in paths if mapping(child(root, *path)) is not None)


def _named(root: Node | None, layers: settings.Layers, group: str, name: str) -> settings.Layers:
    """The objects of a name in each layer's group, whatever the case of their keys (SL-41)."""
    found: list[KeyPath] = []
    for layer in layers:
        for key, value in members(child(root, *layer, group)):
            if trim(key).lower() == name and mapping(value) is not None:
                found.append((*layer, group, key))
    return tuple(found)


def field(document: Document, provider: SpeechProvider, *names: str) -> settings.Found | None:
    """The value of a provider's field under its name or an alias.

    Layers are merged before the names are read, so a stronger layer's alias does not beat a weaker
    layer's main name (TTS-01, TTS-11). What the persona says goes over it, under the main name
    only (TTS-32), or under each where it is laid over; then the first text that is not blank
    counts (TTS-11').
    """
    root, laid = document.root, (*provider.persona, *provider.layers)
    if _LAYS_OVER[document.target.requests]:
        every = [one for name in names if (one := settings.find(root, laid, name)) is not None]
        return next((one for one in every if text(one[0])), every[0] if every else None)
    own = settings.find(root, provider.persona, names[0])
    found = (settings.find(root, provider.layers, name) for name in names)
    return own or next((one for one in found if one is not None), None)


def chain(document: Document, provider: SpeechProvider, *, block: bool = True) -> Credential:
    """The chain of speech: its own key, the provider's key, the variable (AUTH-60).

    Auth profiles are never asked, and a text is taken as it stands. A secret reference in a
    persona is never resolved (SL-41).
    """
    own = field(document, provider, "apiKey")
    usual = provider.layers[0] if provider.layers else ()
    usual = usual or (*document.target.keys.speech, "providers", provider.id)
    link = credentials.config_link(document, own[1] if own else (*usual, "apiKey"), verbatim=True)
    if own and own[1][:-1] in provider.persona and mapping(own[0]) is not None:
        note = "OpenClaw resolves no secret reference in a persona"
        link = link._replace(state="unusable", note=note)
    links = [link]
    if block:
        usual = ("models", "providers", provider.id, "apiKey")
        links.append(credentials.config_link(document, usual, verbatim=True))
    links += credentials.env_links(document, provider.id)
    return Credential(credentials.ranked(links), f"{provider.id}: not configured")


def _has_key(document: Document, layers: settings.Layers, name: str) -> bool:
    """Whether a provider would count as configured for the automatic choice (TTS-30)."""
    own = provider_layers(document.root, layers, name)
    provider = SpeechProvider(name, settings.from_default("TTS-30"), own, (), chosen=False)
    known = registry.provider(document.release, name)
    if known is not None and known.keyless == "speech":
        return True
    states = {link.state for link in chain(document, provider).chain}
    without = {"absent", "empty", "unknown" if document.environment.assume else ""}
    return bool(states - without)
