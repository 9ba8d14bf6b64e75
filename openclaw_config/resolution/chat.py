"""Candidates of chat: the agent's model, its fallbacks and their settings (spec: MODEL, CHAT)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from openclaw_config import registry
from openclaw_config.loading.load import Document
from openclaw_config.plan.model import Origin
from openclaw_config.resolution import settings
from openclaw_config.resolution.settings import from_config
from openclaw_config.syntax.nodes import Node, StringNode, child
from openclaw_config.syntax.text import KeyPath
from openclaw_config.view import refs
from openclaw_config.view.refs import ModelRef, prefixed
from openclaw_config.view.settings import Agent, items, members, number, text, truth

DEFAULTS: KeyPath = ("agents", "defaults")
RUN_SECONDS = 172_800
_ROTATIONS = {
    "overloaded": "overloadedProfileRotations",
    "rate_limit": "rateLimitedProfileRotations",
}

Layer: TypeAlias = dict[str, settings.Setting]
"""Parameters by the names that one place of the config gives them."""


Place: TypeAlias = tuple[Node | None, KeyPath]


class ChatCandidate(NamedTuple):
    """A model that chat may try.

    ``layers`` are its parameters, each with its origin, the weakest layer first (CHAT-32).
    ``first`` is the model that is tried first: the thinking level is settled for it and kept for
    its fallbacks.
    ``profile`` is the auth profile that an ``@name`` of a call's own model asks for; in a config
    OpenClaw cuts it off and does without (SL-09).
    """

    ref: ModelRef
    origin: Origin
    profile: str = ""
    layers: tuple[Layer, ...] = ()
    thinking: settings.Setting | None = None
    first: ModelRef = ModelRef("", "")

    @property
    def chosen(self) -> bool:
        """Whether a call asks for this model itself."""
        return self.origin.kind == "call"

    def param(self, *names: str) -> settings.Setting | None:
        """A parameter as the last layer that has it writes it, by its first name there."""
        layers = reversed(self.layers)
        return next((layer[name] for layer in layers for name in names if name in layer), None)


def resolve(agent: Agent, model: str = "") -> settings.Resolved[ChatCandidate]:
    """The models of an agent's chat, in the order in which they are tried (MODEL-20).

    ``model`` is a call's own choice: strict, without fallbacks, and subject to the allowlist
    (MODEL-22).
    """
    primary = _primary(agent)
    places = _places(agent)
    set_at = (from_config(node, where) for node, where in places if node is not None)
    origin = next(set_at, primary.origin)
    if model:
        return _chosen(agent, primary, origin, model)
    unique: dict[str, ChatCandidate] = {}
    for choice in (primary, *_fallbacks(agent, primary)):
        unique.setdefault(choice.ref.key, choice)
    return settings.Resolved(
        origin, tuple(_complete(agent, c, primary.ref) for c in unique.values())
    )


def _chosen(
    agent: Agent, primary: ChatCandidate, origin: Origin, model: str
) -> settings.Resolved[ChatCandidate]:
    # A bare name is one of the primary's provider.
    parsed = refs.resolve(refs.names_of(agent.document), model, primary.ref.provider)
    if parsed is None:
        return settings.Resolved(origin, (_complete(agent, primary, primary.ref),))
    choice = ChatCandidate(parsed[0], settings.CALL, parsed[1])
    refused = _refused(agent, primary, choice.ref.key)
    # OpenClaw's own runtime settles the thinking level for the model that is usual.
    first = primary.ref if agent.document.target.native_chat else choice.ref
    return settings.Resolved(origin, (_complete(agent, choice, first),), refused)


def _refused(agent: Agent, primary: ChatCandidate, key: str) -> str:
    """Why a call may not choose the model of a key, "" when it may (MODEL-22).

    It may always choose the primary, unless there are wildcards, and before 2026.8 the fallbacks.
    """
    path, listed = _allowlist(agent)
    names, native = refs.names_of(agent.document), agent.document.target.native_chat
    found = (refs.resolve(names, one) for one in listed)
    keys = {one[0].key for one in found if one is not None}
    # A wildcard stands for the models of a provider, or of a namespace of its.
    wild = tuple(one[:-1] for one in keys if native and one.endswith("/*"))
    if not wild:
        keys.add(primary.ref.key)
    if not native:
        keys.update(choice.ref.key for choice in _fallbacks(agent, primary))
    if not listed or key in keys or key.startswith(wild):
        return ""
    return f"the model {key} is not in the allowlist {'.'.join(map(str, path))}"


def _allowlist(agent: Agent) -> tuple[KeyPath, list[str]]:
    """Where a config says which models a call may choose, and which; [] for any.

    The nearest ``modelPolicy.allow``; else the keys of ``agents.defaults.models``, unless there is
    a ``modelPolicy`` or the config tells that they are none any more (CHAT-58).
    """
    root, models = agent.document.root, (*DEFAULTS, "models")
    if agent.document.target.native_chat:
        for path in filter(None, (agent.path, DEFAULTS)):
            where = (*path, "modelPolicy", "allow")
            if child(root, *where) is not None:
                return where, [text(item).strip() for item in items(child(root, *where))]
        moved = child(root, "meta", "migrations", "modelPolicyAllowlist")
        if child(root, *DEFAULTS, "modelPolicy") is not None or truth(moved):
            return models, []
    return models, [key for key, _ in members(child(root, *models)) if key.strip()]


def _places(agent: Agent) -> list[Place]:
    """What sets an agent's model, and where: its own, then the defaults'."""
    path: KeyPath = (*DEFAULTS, "model")
    own = child(agent.entry, "model")
    return [(own, (*agent.path, "model")), (child(agent.document.root, *path), path)]


def _primary(agent: Agent) -> ChatCandidate:
    """The effective primary (MODEL-07, MODEL-10)."""
    for place in _places(agent):
        for choice in _named(agent, place):
            return choice
    return _implicit_primary(agent.document)


def _named(agent: Agent, place: Place, primary: ChatCandidate | None = None) -> list[ChatCandidate]:
    """The model that a place names first, or its fallbacks for a ``primary``."""
    names, found = refs.names_of(agent.document), []
    provider = primary.ref.provider if primary is not None else ""
    for node, path in refs.written(*place):
        parsed = refs.resolve(names, node.value, provider, free=primary is None)
        if parsed is not None and isinstance(path[-1], int) == (primary is not None):
            found.append(ChatCandidate(parsed[0], from_config(node, path)))
    return found


def _implicit_primary(document: Document) -> ChatCandidate:
    """What is asked when no primary is set (MODEL-07)."""
    names = dict(members(child(document.root, "models", "providers")))
    usual = registry.default_ref(document.release)
    if names and usual[0] not in names:
        for provider in names:
            path: KeyPath = ("models", "providers", provider, "models", 0, "id")
            node = child(document.root, *path)
            if text(node) and node is not None:
                ref = prefixed(registry.canonical_provider(document.release, provider), text(node))
                return ChatCandidate(ref, from_config(node, path))
    return ChatCandidate(ModelRef(*usual), settings.from_default("MODEL-07"))


def _fallbacks(agent: Agent, primary: ChatCandidate) -> list[ChatCandidate]:
    """The fallbacks of an agent (MODEL-10), then the default primary (MODEL-20)."""
    (own, path), usual = _places(agent)
    if isinstance(own, StringNode) and own.value.strip():
        return []
    if child(own, "fallbacks") is not None or child(own, "primary") is not None:
        return _named(agent, (own, path), primary)
    listed = _named(agent, usual, primary)
    default_primary = _primary(agent._replace(entry=None))
    if primary.ref.provider != default_primary.ref.provider and primary.ref.key not in {
        choice.ref.key for choice in listed
    }:
        listed = []
    return [*listed, default_primary]


def _complete(agent: Agent, choice: ChatCandidate, first: ModelRef) -> ChatCandidate:
    return choice._replace(
        layers=_layers(agent, choice.ref),
        thinking=_thinking(agent, first),
        first=first,
    )


def run_limit_ms(root: Node | None) -> settings.Setting:
    """How long an agent's run may take in all, in ms, at least a second (CHAT-55)."""
    found = settings.at(root, (*DEFAULTS, "timeoutSeconds"))
    if found is None or isinstance(found.value, str | bool):
        return settings.default(RUN_SECONDS * 1000, "CHAT-55")
    return settings.Setting(max(1000, int(found.value * 1000)), found.origin)


def rotations(root: Node | None) -> tuple[tuple[str, int], ...]:
    """How many auth profiles are tried after failures of a class, while there are fallbacks."""
    cooldowns = child(root, "auth", "cooldowns")
    limits = ((name, number(child(cooldowns, key))) for name, key in _ROTATIONS.items())
    return tuple((name, 1 if limit is None else int(limit)) for name, limit in limits)


def _entry_in(root: Node | None, place: KeyPath, ref: ModelRef) -> KeyPath:
    """Where the ``models`` of a place speak of one: its canonical key, else its legacy key.

    () when they do not (MODEL-03).
    """
    path = (*place, "models")
    paths = ((*path, key) for key in (ref.key, ref.legacy_key))
    return next((where for where in paths if child(root, *where) is not None), ())


def _layers(agent: Agent, ref: ModelRef) -> tuple[Layer, ...]:
    """Parameters: the defaults', then the model's, then the agent's (CHAT-32).

    Since 2026.8 the provider's and its model's stand before them, and the agent's own models
    before the agent (CHAT-32').
    """
    root = agent.document.root
    # OpenClaw looks the agent up by its normalised id, exactly (SL-13).
    own = agent.path if agent.entry is not None and agent.written == agent.id else ()
    entry = _entry_in(root, DEFAULTS, ref)
    places = [DEFAULTS, entry, own]
    if agent.document.target.native_chat:
        _, described = refs.model_entry(root, ref)
        models = _entry_in(root, own, ref) if own else ()
        block: KeyPath = ("models", "providers", ref.provider)
        places = [block, described, DEFAULTS, entry, models, own]
    found: list[Layer] = [
        {
            key: settings.Setting(
                settings.json_value(value), from_config(value, (*place, "params", key))
            )
            for key, value in members(child(root, *place, "params"))
        }
        for place in places
        if place
    ]
    native = agent.document.target.native_chat
    return (*found, _routing(found)) if native else (merged(found),)


def _routing(layers: list[Layer]) -> Layer:
    """The routing that OpenRouter is asked for: objects of all layers, merged (CHAT-30')."""
    found: Layer = {}
    for layer in layers:
        one, below = layer.get("provider"), found.get("provider")
        if one is not None and isinstance(one.value, dict | list):
            found["provider"] = one
            if below is not None and isinstance(below.value, dict) and isinstance(one.value, dict):
                found["provider"] = one._replace(value={**below.value, **one.value})
    return found


def merged(layers: Sequence[Layer]) -> Layer:
    """The layers as one, before 2026.8 and of APIs that are not OpenRouter's: a later one wins.

    Of the two names of ``parallel_tool_calls`` the snake-case one wins within its layer (SL-04);
    of other parameters it is read first, whichever layer it is in (CHAT-31).
    """
    found: Layer = {}
    for layer in layers:
        camel = layer.get("parallelToolCalls")
        found |= layer if camel is None else {"parallel_tool_calls": camel, **layer}
    return found


def _thinking(agent: Agent, first: ModelRef) -> settings.Setting | None:
    """The configured thinking level, None when the config does not set one (MODEL-50)."""
    root = agent.document.root
    entry = _entry_in(root, DEFAULTS, first)
    paths = [(*place, "thinkingDefault") for place in (agent.path, DEFAULTS) if place]
    paths += [(*entry, "params", "thinking")] if entry else []
    for path in paths:
        found = settings.at(root, path)
        if found is not None and isinstance(found.value, str) and found.value.strip():
            return found
    return None
