"""Candidates of image and video generation (spec: MODEL-30 to MODEL-34)."""

from __future__ import annotations

from functools import partial
from typing import Literal, NamedTuple

from openclaw_config import registry
from openclaw_config.loading.load import Document
from openclaw_config.plan.model import IMAGE, Origin
from openclaw_config.resolution.credentials import configured
from openclaw_config.resolution.settings import Resolved, Setting, at, from_config, from_default
from openclaw_config.syntax.nodes import Node, child
from openclaw_config.view.refs import ModelRef, split, written
from openclaw_config.view.settings import Agent, number, text, truth


class MediaCandidate(NamedTuple):
    """A model that a media surface may try, in its written form.

    ``provider`` is the registered provider that the written one stands for. ``timeout_ms`` is what
    the surface's config sets. ``entry`` is the only entry of a call by which it is tried (VID-62).
    """

    ref: ModelRef
    provider: str
    origin: Origin
    automatic: bool = False
    timeout_ms: Setting | None = None
    entry: Literal["", "direct"] = ""


def resolve(
    document: Document, agent: Agent, surface: str, model: str = ""
) -> Resolved[MediaCandidate]:
    """The candidates of a media surface.

    ``model`` is a call's own choice: when it parses it is the only candidate (MODEL-31). The
    order is primary, fallbacks, then what OpenClaw adds by itself; repeated refs are dropped.
    Where no key switches that off, it is added to the configured ones for direct calls only
    (VID-62).
    """
    root, keys = document.root, document.target.keys
    path = keys.media_models[surface]
    node = child(root, *path)
    origin = from_default("MODEL-33") if node is None else from_config(node, path)
    switch = keys.media_fallback
    provider = partial(registry.surface_provider, document.release, surface)
    timeout = at(root, (*path, "timeoutMs")) if surface == IMAGE or not switch else None
    chosen = split(model) if model else None
    if chosen is not None:
        named = Origin("call", name="model")
        only = MediaCandidate(chosen, provider(chosen.provider), named, timeout_ms=timeout)
        return Resolved(origin, (only,))
    problem = f"No {surface}-generation model configured."
    problem += f" Set {'.'.join(path)}.primary to a provider/model."
    if model and not switch:
        return Resolved(origin, (), problem)  # A word that is no ref names no model (VID-62).
    found = [
        MediaCandidate(ref, provider(ref.provider), from_config(item, where))
        for item, where in written(node, path)
        if (ref := split(item.value)) is not None
    ]
    if not switch or truth(child(root, *switch)) is not False:
        direct = not switch and bool(written(node, path))
        found += (
            one._replace(entry="direct" if direct else "")
            for one in _automatic(document, agent, surface, found)
        )
    unique: dict[tuple[str, str], MediaCandidate] = {}
    for candidate in found:
        unique.setdefault(candidate.ref, candidate._replace(timeout_ms=timeout))
    return Resolved(origin, tuple(unique.values()), "" if unique else problem)


def most_bytes(root: Node | None, usual: int) -> int:
    """The largest result that OpenClaw saves, in bytes (VID-57, IMG-31)."""
    most = number(child(root, "agents", "defaults", "mediaMaxMb"))
    return int(most * 1024 * 1024) if most is not None and most > 0 else usual


def _automatic(
    document: Document, agent: Agent, surface: str, given: list[MediaCandidate]
) -> list[MediaCandidate]:
    """What OpenClaw appends: the default model of every configured provider (MODEL-31).

    The provider of the chat primary goes first, the others follow by id. Where only the running
    environment can tell whether a provider is configured, those that the config uses are taken
    to be.
    """
    used = {candidate.provider for candidate in given}
    named = chat_provider(document.root)
    chat = named or registry.default_ref(document.release)[0]
    if document.environment.assume:
        used.add(named)
    found = []
    for ref in filter(None, map(split, registry.automatic_candidates(document.release, surface))):
        state = configured(document, agent, ref.provider)
        if state or (state is None and ref.provider in used):
            origin = from_default("MODEL-31")
            found.append(MediaCandidate(ref, ref.provider, origin, automatic=True))
    return sorted(found, key=lambda candidate: candidate.provider != chat)


def chat_provider(root: Node | None) -> str:
    """The provider that the text of chat's primary names, "" when there is none."""
    node = child(root, "agents", "defaults", "model")
    raw = text(node) or text(child(node, "primary"))
    halves = split(raw)
    return halves.provider.lower() if halves is not None else ""
