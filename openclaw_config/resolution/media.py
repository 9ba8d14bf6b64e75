"""Candidates of media: what generates them (spec: MODEL-30 to MODEL-34), and what understands them.

The latter are the models that transcribe recordings and describe images (STT-01 to STT-03, VIS-03).
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from openclaw_config import registry
from openclaw_config.loading.load import Document
from openclaw_config.plan.model import IMAGE, VISION, Origin
from openclaw_config.resolution import chat, settings
from openclaw_config.resolution.credentials import configured
from openclaw_config.syntax.nodes import Node, child
from openclaw_config.syntax.text import KeyPath
from openclaw_config.view import refs
from openclaw_config.view.refs import ModelRef, split, written
from openclaw_config.view.settings import Agent, items, members, number, text, truth


class MediaCandidate(NamedTuple):
    """A model that a media surface may try, in its written form.

    ``timeout_ms`` is what the surface's config sets. ``entry`` is the only entry of a call by which
    it is tried (VID-62). Of one that understands media the id is "" for the one that its provider
    usually takes, and ``layers`` are the places of its settings: its own entry, where it has one,
    then those of all. ``program`` is a local one, which is run.
    """

    ref: ModelRef
    origin: Origin
    automatic: bool = False
    timeout_ms: settings.Setting | None = None
    entry: Literal["", "direct"] = ""
    layers: settings.Layers = ()
    program: bool = False


def resolve(agent: Agent, surface: str, model: str = "") -> settings.Resolved[MediaCandidate]:
    """The candidates of a media surface.

    ``model`` is a call's own choice: when it parses it is the only candidate (MODEL-31). The
    order is primary, fallbacks, then what OpenClaw adds by itself; repeated refs are dropped.
    Where no key switches that off, it is added to the configured ones for direct calls only
    (VID-62).
    """
    document = agent.document
    root, keys = document.root, document.target.keys
    path = keys.media_models[surface]
    node, origin = child(root, *path), settings.origin_at(root, path, "MODEL-33")
    switch = keys.media_fallback
    timeout = settings.at(root, (*path, "timeoutMs")) if surface == IMAGE or not switch else None
    chosen = split(model)
    if chosen is not None:
        only = MediaCandidate(chosen, settings.CALL, timeout_ms=timeout)
        return settings.Resolved(origin, (only,))
    problem = f"No {surface}-generation model configured."
    problem += f" Set {'.'.join(path)}.primary to a provider/model."
    if model and not switch:
        # A word that is no ref names no model (VID-62).
        return settings.Resolved(origin, (), problem)
    found = [
        MediaCandidate(ref, settings.from_config(item, where))
        for item, where in written(node, path)
        if (ref := split(item.value)) is not None
    ]
    if not switch or truth(child(root, *switch)) is not False:
        direct = not switch and bool(written(node, path))
        found += (
            one._replace(entry="direct" if direct else "")
            for one in _automatic(agent, surface, found)
        )
    unique: dict[tuple[str, str], MediaCandidate] = {}
    for candidate in found:
        unique.setdefault(candidate.ref, candidate._replace(timeout_ms=timeout))
    return settings.Resolved(origin, tuple(unique.values()), "" if unique else problem)


def most_bytes(root: Node | None, usual: int) -> int:
    """The largest result that OpenClaw saves, in bytes (VID-57, IMG-31)."""
    most = number(child(root, "agents", "defaults", "mediaMaxMb"))
    return int(most * 1024 * 1024) if most is not None and most > 0 else usual


def _automatic(agent: Agent, surface: str, given: list[MediaCandidate]) -> list[MediaCandidate]:
    """What OpenClaw appends: the default model of every configured provider (MODEL-31).

    The provider of the chat primary goes first, the others follow by id. Where only the running
    environment can tell whether a provider is configured, those that the config uses are taken
    to be.
    """
    document = agent.document
    used = {registry.surface_provider(document.release, surface, one.ref.provider) for one in given}
    named, origin = chat_provider(document.root), settings.from_default("MODEL-31")
    first = named or registry.default_ref(document.release)[0]
    if document.environment.assume:
        used.add(named)
    refs = filter(None, map(split, registry.automatic_candidates(document.release, surface)))
    found = [
        MediaCandidate(ref, origin, automatic=True)
        for ref in refs
        if configured(agent, ref.provider, among=used)
    ]
    return sorted(found, key=lambda one: one.ref.provider != first)


def chat_provider(root: Node | None) -> str:
    """The provider that the text of chat's primary names, "" when there is none."""
    node = child(root, "agents", "defaults", "model")
    raw = text(node) or text(child(node, "primary"))
    halves = split(raw)
    return halves.provider.lower() if halves is not None else ""


# --- transcription and image understanding ----------------------------------------------------

MEDIA: KeyPath = ("tools", "media")
IMAGE_MODEL: KeyPath = ("agents", "defaults", "imageModel")


def resolve_understanding(
    agent: Agent, surface: str, model: str = "", active: str = ""
) -> settings.Resolved[MediaCandidate]:
    """The models that a surface tries.

    ``model`` is a call's own choice, ``active`` the chat model that a call names (STT-02).
    """
    document = agent.document
    kind, rule = ("image", "VIS-03") if surface == VISION else ("audio", "STT-02")
    shared: KeyPath = (*MEDIA, kind)
    node, origin = child(document.root, *shared), settings.origin_at(document.root, shared, rule)
    if truth(child(node, "enabled")) is False:
        return settings.Resolved(origin, (), f"tools.media.{kind}.enabled is false")
    denies = text(child(node, "scope", "default")) == "deny"
    if denies and not items(child(node, "scope", "rules")):
        return settings.Resolved(origin, (), f"tools.media.{kind}.scope denies it everywhere")
    chosen = split(model)
    if chosen is not None:
        only = MediaCandidate(chosen, settings.CALL, layers=(shared,))
        return settings.Resolved(origin, (only,))
    found = _entries(document, kind, shared)
    if not found and surface == VISION:
        found = _image_models(document, shared) or _active(agent, active, shared)
    elif not found:
        found = _first_with_key(agent, active, shared)
    problem = f"no model for {kind}: add one with a key to tools.media.models"
    if surface == VISION:
        problem += " or set agents.defaults.imageModel"
    if found and node is None:
        origin = found[0].origin
    return settings.Resolved(origin, tuple(found), "" if found else problem)


def _entries(document: Document, kind: str, shared: KeyPath) -> list[MediaCandidate]:
    """The entries for a kind of media, the preferred one first (STT-01)."""
    release, found = document.release, []
    able = registry.understanding(release, kind)
    for index, item in enumerate(items(child(document.root, *MEDIA, "models"))):
        where = (*MEDIA, "models", index)
        provider = text(child(item, "provider"))
        provider = registry.surface_provider(release, "understanding", provider)
        kinds = [text(one) for one in items(child(item, "capabilities"))]
        if kind not in kinds and (kinds or provider not in able):
            continue
        program = text(child(item, "command"))
        ref = ModelRef(provider or program, "" if program else text(child(item, "model")))
        origin = settings.from_config(item, where)
        found.append(MediaCandidate(ref, origin, layers=(where, shared), program=bool(program)))
    preferred = text(child(document.root, *shared, "preferredModel"))
    return sorted(found, key=lambda one: one.ref != split(preferred))


def _image_models(document: Document, shared: KeyPath) -> list[MediaCandidate]:
    """``agents.defaults.imageModel``, the primary and the fallbacks (VIS-03)."""
    names, found = refs.names_of(document), []
    for item, where in written(child(document.root, *IMAGE_MODEL), IMAGE_MODEL):
        parsed = refs.resolve(names, item.value, free=False)
        if parsed is not None:
            origin = settings.from_config(item, where)
            found.append(MediaCandidate(parsed[0], origin, layers=(shared,)))
    return found


def _active(agent: Agent, active: str, shared: KeyPath) -> list[MediaCandidate]:
    """The chat model that a call names, which is refused later where it sees no images (VIS-03).

    There is none otherwise: a chat model that sees images is given them itself.
    """
    models = chat.resolve(agent, active).candidates[:1] if active else ()
    return [MediaCandidate(one.ref, one.origin, automatic=True, layers=(shared,)) for one in models]


def _first_with_key(agent: Agent, active: str, shared: KeyPath) -> list[MediaCandidate]:
    """The first provider that has a key: the chat's, a configured one, any other (STT-02).

    Where only the running environment can tell, those that the config uses are taken to have one.
    """
    document = agent.document
    named = split(active)
    used = [named.provider.lower() if named is not None else chat_provider(document.root)]
    used += [name for name, _ in members(child(document.root, "models", "providers"))]
    able = registry.understanding(document.release, "audio", by_itself=True)
    origin = settings.from_default("STT-02")
    for provider in dict.fromkeys([*used, *able]):
        if provider in able and configured(agent, provider, among=used):
            ref = ModelRef(provider, "")
            return [MediaCandidate(ref, origin, automatic=True, layers=(shared,))]
    return []
