"""What is known of a chat model, and how it is asked.

A model is known from the config, the tables, OpenRouter's list (CHAT-22). How other providers are
asked, and which models they have, is in ``schema/requests/chat.json``: a provider that differs by
its host, its key and some flags is data.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from openclaw_config import registry
from openclaw_config.capabilities import lookup
from openclaw_config.facts import read_json
from openclaw_config.loading.load import Document
from openclaw_config.plan.model import CHAT, Facts, Json, Origin, Route
from openclaw_config.plan.urls import UrlError, host_of, parse
from openclaw_config.providers.requests import Recipe, recipe, with_transport
from openclaw_config.resolution import settings
from openclaw_config.resolution.chat import ChatCandidate, merged
from openclaw_config.resolution.settings import BaseUrl, from_config, from_default, json_value
from openclaw_config.syntax.nodes import Node, ObjectNode, child
from openclaw_config.syntax.text import KeyPath
from openclaw_config.view.refs import ModelRef, model_entry, sent_id
from openclaw_config.view.settings import Agent, items, mapping, members, number, text, truth

PROVIDER = "openrouter"
API = "openai-completions"
"""The wire that OpenRouter is asked over, and any model where nothing says another."""
LEAST_WINDOW = 4_000
"""OpenClaw refuses models with a smaller context window, in tokens (SL-05)."""
WINDOW = 200_000
MOST_TOKENS = 8_192
"""The most tokens of a model that nothing is known of (CHAT-51, COM-04)."""


class ChatModel(NamedTuple):
    """What the plan needs to know of a model; ``compat`` is what its entry says of its API."""

    facts: Facts
    compat: Json = None
    headers: KeyPath = ()
    max_tokens_origin: Origin = Origin("default")
    problem: str = ""


class Asked(NamedTuple):
    """A chat model that is asked, what is known of it, and how.

    ``ours`` says that it is asked as OpenRouter is, else it is asked over the wire ``api``.
    ``home`` is the provider as the config writes it. ``own`` requests are made by OpenClaw's own
    transport (COM-20), ``official`` ones go to the provider's own host. ``levels`` of thinking are
    those that it is offered, ``level`` the one that counts when the call gives none.
    """

    agent: Agent
    choice: ChatCandidate
    ours: bool
    home: str
    api: str
    model: ChatModel
    recipe: Recipe
    base: BaseUrl
    route: Route
    own: bool
    official: bool
    levels: tuple[str, ...]
    level: str

    @property
    def provider(self) -> str:
        """The provider of the model."""
        return self.choice.ref.provider

    @property
    def native(self) -> bool:
        """Whether OpenClaw's own runtime asks OpenRouter, as since 2026.8."""
        return self.ours and self.agent.document.target.native_chat

    @property
    def refused(self) -> str:
        """What a call reads whose level the model does not take (COM-30); "" of a fallback."""
        ref = self.choice.ref
        said = (
            f'Thinking level "{{value}}" is not supported for {ref.key}. Use one of: {{offered}}.'
        )
        return said if ref == self.choice.first or self.choice.chosen else ""


def chat_model(document: Document, ref: ModelRef) -> ChatModel:
    """The configured entry, else the built-in table, else what an unlisted id gets (CHAT-22)."""
    block = block_at(document, ref.provider)
    entry, here = model_entry(document.root, ref)
    if entry is not None:
        model = _configured(document, ref, entry, here)
    elif ref.provider == PROVIDER:
        model = _known(document, ref)
    else:
        model = _like_the_first(block)
    if entry is None and block is not None:
        model = _with_provider_limits(model, block, block_of(ref.provider))
    return model._replace(problem=_too_small(document, entry, block, model.facts))


def block_of(provider: str) -> KeyPath:
    """Where the config speaks of a provider."""
    return ("models", "providers", provider)


def block_at(document: Document, provider: str) -> ObjectNode | None:
    """What the config says of a provider."""
    return mapping(child(document.root, *block_of(provider)))


def configured_api(document: Document, ref: ModelRef) -> str:
    """The wire that the config names for a model, "" when it names none (COM-01)."""
    entry, block = model_entry(document.root, ref)[0], block_at(document, ref.provider)
    return text(child(entry, "api")) or text(child(block, "api"))


def reasoning_forced_off(document: Document, ref: ModelRef) -> bool:
    """Whether OpenClaw switches a model's reasoning off, whatever its entry says (CHAT-21)."""
    tables = document.tables
    return ref.provider == PROVIDER and lookup.reasoning_forced_off(PROVIDER, ref.model, tables)


def _configured(document: Document, ref: ModelRef, entry: ObjectNode, here: KeyPath) -> ChatModel:
    window = _whole(entry.get("contextWindow")) or WINDOW
    most = _whole(entry.get("maxTokens")) or min(MOST_TOKENS, window)
    facts = Facts(
        reasoning=truth(entry.get("reasoning")) is True and not reasoning_forced_off(document, ref),
        images="image" in [text(kind) for kind in items(entry.get("input"))],
        max_tokens=min(most, window),
        context_window=window,
        price=_price([number(child(entry.get("cost"), name)) for name in _PRICES]),
    )
    headers = (*here, "headers") if mapping(entry.get("headers")) is not None else ()
    limit = entry.get("maxTokens")
    origin = from_default("LOAD-44") if limit is None else from_config(limit, (*here, "maxTokens"))
    compat = mapping(entry.get("compat"))
    can = json_value(compat) if compat is not None else None
    return ChatModel(facts, can, headers, max_tokens_origin=origin)


def _known(document: Document, ref: ModelRef) -> ChatModel:
    """An OpenRouter model that the config does not describe."""
    model_id = ref.model
    row = lookup.chat_model(PROVIDER, model_id, document.tables)
    listed = row is not None
    row = row or lookup.unlisted_chat_model(PROVIDER, model_id, document.tables)
    assert row is not None  # Our own table has it, over which others are laid.
    off = reasoning_forced_off(document, ref)
    # How the answer of the recipe's ``catalog`` step tells what the model can (CHAT-51).
    found: Json = recipe(PROVIDER, CHAT, document.target.requests).more["lookup"]
    found = {key: form for key, form in found.items() if key != "reasoning" or not off}
    facts = Facts(
        reasoning=row.reasoning and not off,
        images="image" in row.input,
        max_tokens=row.max_tokens,
        context_window=row.context_window,
        lookup=None if listed else {**found, "where": {"/id": model_id}},
        price=_price([row.cost.get(name, 0) for name in _PRICES]) if listed and row.cost else None,
    )
    if not listed:
        facts = _cached(document, model_id, off) or facts
    return ChatModel(facts, max_tokens_origin=from_default("CHAT-50" if listed else "CHAT-51"))


_PRICES = ("input", "output", "cacheRead", "cacheWrite")


def _price(cost: Iterable[float | None]) -> Json:
    """US dollars per million tokens; None where all is 0, which stands for not known."""
    found = {name: one for name, one in zip(_PRICES, cost, strict=False) if one is not None}
    return found if any(found.values()) and {"input", "output"} <= found.keys() else None


def _like_the_first(block: ObjectNode | None) -> ChatModel:
    """A model of a custom provider that its entries do not have (COM-04)."""
    first = next(iter(items(child(block, "models"))), None)
    window = _whole(child(first, "contextWindow")) or WINDOW
    most = _whole(child(first, "maxTokens")) or (MOST_TOKENS if first is not None else WINDOW)
    return ChatModel(Facts(False, False, most, window))


def _with_provider_limits(model: ChatModel, block: ObjectNode, here: KeyPath) -> ChatModel:
    """The limits that the provider sets for all its models, over those of tables (SL-06)."""
    facts, better = model.facts, dict(model.facts.lookup or {})
    window, limit = _whole(block.get("contextWindow")), block.get("maxTokens")
    if window:
        facts = facts._replace(context_window=window)
        better.pop("contextWindow", None)
    if limit is not None and _whole(limit):
        facts = facts._replace(max_tokens=_whole(limit))
        better.pop("maxTokens", None)
        model = model._replace(max_tokens_origin=from_config(limit, (*here, "maxTokens")))
    if window:
        facts = facts._replace(max_tokens=min(facts.max_tokens, window))
        if "maxTokens" in better:
            better["maxTokens"] = {**better["maxTokens"], "most": window}
    return model._replace(facts=facts._replace(lookup=better or None))


def _too_small(document: Document, entry: Node | None, block: Node | None, facts: Facts) -> str:
    """Why the model's context window does not do, as far as that is known beforehand (SL-05)."""
    own = [_whole(child(where, "contextTokens")) for where in (entry, block)]
    window = next(filter(None, own), facts.context_window)
    way = document.target.keys.context_tokens
    cap = _whole(child(document.root, *way)) if way else 0
    window = min(window, cap) if cap else window
    if window >= LEAST_WINDOW:
        return ""
    return f"the context window is too small: {window} tokens, OpenClaw asks for {LEAST_WINDOW}"


def _whole(node: Node | None) -> int:
    value = number(node)
    return int(value) if value is not None and value > 0 else 0


# --- OpenRouter since 2026.8 --------------------------------------------------------------------


def native_model(document: Document, ref: ModelRef, base: str, more: Json) -> ChatModel:
    """The configured entry, else a starter row, else what the list says or an unknown id gets.

    Rules CHAT-20', CHAT-50' and CHAT-51'. What ``compat`` says has no effect: the records show
    none. Nothing can be sent to a bad ``base`` URL.
    """
    model_id = sent_id(ref.model)
    model = chat_model(document, ref)
    described, _ = model_entry(document.root, ref)
    usual = more["deepseek"]["usual"] if is_deepseek(model_id, more) else more["usualLevels"]
    lookup: dict[str, Json] = dict(more["lookup"])
    lookup["where"] = {"/id": model_id}
    lookup["levels"] = {**lookup["levels"], "usual": usual}
    facts = model.facts
    if described is not None:
        for key, names in more["entryFacts"].items():
            if described.get(key) is not None:
                for name in names:
                    del lookup[name]
    elif model_id in more["starters"]:
        row, lookup = more["starters"][model_id], {}
        facts = Facts(row["reasoning"], row["images"], row["maxTokens"], row["contextWindow"])
    else:
        facts = Facts(False, False, MOST_TOKENS, WINDOW)
    never = model_id.startswith("openrouter/hunter-alpha")
    if never:
        lookup = {name: form for name, form in lookup.items() if name not in {"thinking", "levels"}}
    reasons = facts.reasoning and not never
    facts = facts._replace(
        reasoning=reasons,
        thinking="usual" if reasons else "none",
        levels=tuple(usual) if reasons else ("off",),
        lookup=lookup or None,
    )
    return model._replace(facts=facts, problem=model.problem or _bad_base(base))


def is_deepseek(model_id: str, more: Json) -> bool:
    """Whether a model is one that OpenClaw asks in a way of its own (CHAT-23)."""
    return "deepseek" in more and model_id.startswith(tuple(more["deepseek"]["ids"]))


def _bad_base(url: str) -> str:
    """Why nothing can be sent to a base URL, "" for one that will do (CHAT-01')."""
    with suppress(UrlError):
        base = parse(url) if url.strip() else None
        if base is None or (base.origin and not (base.user or base.query or base.fragment)):
            return ""
    return "Invalid OpenRouter API base URL"


# --- OpenRouter's list of models --------------------------------------------------------------


def _cached(document: Document, model_id: str, reasoning_off: bool) -> Facts | None:
    """What OpenClaw's own copy of the list says of a model, where this machine has one (SL-12)."""
    import json

    if document.environment.assume or not document.state_dir:
        return None
    try:
        with open(f"{document.state_dir}/cache/openrouter-models.json", encoding="utf-8") as file:
            row: Any = json.load(file)["models"][model_id]
        kinds = [type(row[key]) for key in ("name", "input", "reasoning")]
        reasoning, window, most = row["reasoning"], row["contextWindow"], row["maxTokens"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    if kinds != [str, list, bool] or not {type(window), type(most)} <= {int, float}:
        return None
    return Facts(reasoning and not reasoning_off, "image" in row["input"], int(most), int(window))


# --- how a model is asked -----------------------------------------------------------------------


def asked(agent: Agent, choice: ChatCandidate) -> Asked:
    """What is known of a model, and how it is asked: as OpenRouter is, or over a wire (COM-01)."""
    document, ref = agent.document, choice.ref
    names = ref.provider, settings.owner(document, ref.provider)
    ours = PROVIDER in names and configured_api(document, ref) in ("", API)
    home = ref.provider if ours else _home(document, ref.provider)
    api = API if ours else _api(document, ref, home)
    of, which = (PROVIDER, CHAT) if ours else ("wires", api)
    found = recipe(of, which, document.target.requests)
    row, more = row_of(ref.provider), found.more
    if ours:
        base = settings.configured(document.root, ref.provider)
        route = route_of(document, ref, base, more)
        own, official = route.transport is not None, False
        native = document.target.native_chat
        model = native_model(document, ref, base.url, more) if native else chat_model(document, ref)
    else:
        choice = choice._replace(layers=(merged(choice.layers),))
        base = _base(document, ref, home, more)
        named = registry.provider(document.release, ref.provider)
        official = host_of(base.url) in {host_of(url) for url in (named.base_urls if named else ())}
        request = (*block_of(home), "request")
        block = child(document.root, *request)
        own = bool(row.get("own")) and (official or ref.provider == "google")
        own = own or any(mapping(child(block, way)) is not None for way in ("proxy", "tls"))
        # OpenClaw's own transport takes private hosts by leave (COM-22).
        allowed = not own or truth(child(block, "allowPrivateNetwork")) is True
        route = settings.route(document, ref.provider, base, private=allowed)
        route = with_transport(document, route._replace(cut=more.get("cut", "")), request)
        model = _model(document, ref, home)
        model = model._replace(problem=_problem(document, ref.provider, home, api) or model.problem)
    offered = first_of(row.get("levels", ()), ref.model).get("levels")
    return Asked(
        agent,
        choice,
        ours=ours,
        home=home,
        api=api,
        model=model,
        recipe=found,
        base=base,
        route=route,
        own=own,
        official=official,
        levels=tuple(offered or tables()["usualLevels"]),
        level=_level(document, choice, more if ours and document.target.native_chat else {}),
    )


def route_of(document: Document, ref: ModelRef, base: BaseUrl, more: Json) -> Route:
    """Where OpenRouter's requests go; its URL may be private unless that is refused (HTTP-06)."""
    request = (*block_of(ref.provider), "request")
    may_refuse = more["privateNetwork"] == "setting"
    refused = may_refuse and truth(child(document.root, *request, "allowPrivateNetwork")) is False
    route = settings.route(document, PROVIDER, base, canonical=True, private=not refused)
    route = route._replace(verified=route.verified and ref.provider == PROVIDER)
    return with_transport(document, route, request)


def _problem(document: Document, provider: str, home: str, api: str) -> str:
    """Why no chat request of a provider can be compiled, or ""."""
    compiled = read_json("requests/compiled.json")
    if api not in compiled["apis"]:
        why = compiled["why"].get(api, "")
        said = f"requests over the API {api} are not compiled by this version"
        return f"{said}: {why}" if why else said
    if row_of(provider).get("modelsListed") and block_at(document, home) is None:
        return f"{provider} has to be asked which models it has, which is not compiled"
    return ""


def tables() -> Json:
    """The levels, the providers and the models that ``schema/requests/chat.json`` knows."""
    return read_json("requests/chat.json")


def row_of(provider: str) -> Json:
    """What is known of how a provider is asked, {} for one that is not known."""
    return tables()["providers"].get(provider, {})


def first_of(rows: Json, model: str) -> Json:
    """The first row all of whose parts are in a model's id, {} without one."""
    return next((one for one in rows if all(part in model for part in one["has"])), {})


def renamed(ref: ModelRef) -> str:
    """A model's id as its provider knows it."""
    return str(row_of(ref.provider).get("renamed", {}).get(ref.model, ref.model))


def _listed(ref: ModelRef) -> Json:
    """The row of a model that its provider's plugin knows, () for another.

    A plugin that takes whole families of ids has patterns with ``*``: the first that fits counts.
    """
    models = tables()["models"].get(ref.provider, {})
    return next((row for name, row in models.items() if fnmatchcase(renamed(ref), name)), ())


def _api(document: Document, ref: ModelRef, home: str) -> str:
    """The wire that a model is asked over (COM-01, NAM-04)."""
    row = row_of(ref.provider)
    written = configured_api(document, ref._replace(provider=home))
    if written:
        return str(row.get("wires", {}).get(written, written))
    by_model = first_of(row.get("wiresByModel", ()), ref.model).get("wire")
    known = registry.provider(document.release, ref.provider)
    return str(by_model or row.get("wire") or (known.api if known else "") or API)


def _home(document: Document, provider: str) -> str:
    """The key under which the config speaks of a provider, whatever its case (COM-04)."""
    names = [name for name, _ in members(child(document.root, "models", "providers"))]
    alike = (name for name in names if name.strip().lower() == provider)
    return provider if provider in names else next(alike, provider)


def _model(document: Document, ref: ModelRef, home: str) -> ChatModel:
    """What is known of a model: by its entry, the tables, its provider's block (COM-04)."""
    here = ref._replace(provider=home)
    reasoning, images, window, most, *compat = _listed(ref) or (False, False, 0, 0)
    entry, _ = model_entry(document.root, here)
    if window and entry is None:
        facts = Facts(reasoning, images, most, window)
        model = ChatModel(facts, max_tokens_origin=from_default("COM-05"))
    else:
        model = chat_model(document, here)
    for one in compat:
        model = model._replace(compat={**one, **(model.compat or {})})
    if window or entry is not None:
        return model
    if block_at(document, home) is None:
        named = registry.provider(document.release, ref.provider) is not None
        about = (
            f"no table of ours knows the model {ref.model} of {ref.provider}:"
            f" describe it under models.providers.{ref.provider}.models"
        )
        return model._replace(problem=about if named else f"Unknown model: {ref.key}")
    # The provider's own limits have no effect on what it does not list (COM-05).
    return model._replace(facts=Facts(False, False, MOST_TOKENS, model.facts.context_window))


def _level(document: Document, choice: ChatCandidate, native: Json) -> str:
    """The level that counts when the call gives none (MODEL-50, COM-31).

    It is settled for the model that is tried first. OpenClaw knows what that can when it is
    configured, or else when ``agents.defaults.models`` makes it read its list of models.
    With ``native``, the recipe of its own runtime, it is "" where the model's own counts: one of
    whose thinking nothing is known before its list is read thinks as its fallbacks do, and not at
    all for a call's own model (CHAT-20').
    """
    first, root = choice.first, document.root
    if choice.thinking is not None and choice.thinking.value in tables()["levels"]:
        return str(choice.thinking.value)
    if native:
        facts = native_model(document, first, "", native).facts
        never = choice.chosen if facts.lookup is not None else not facts.reasoning
        return "off" if never and choice.ref != first else ""
    home = _home(document, first.provider)
    entry, _ = model_entry(root, first._replace(provider=home))
    if entry is None and first.provider == PROVIDER:
        known = lookup.chat_model(PROVIDER, first.model, document.tables)
        reasons = known is not None and known.reasoning
        reasons = reasons and not reasoning_forced_off(document, first)
    else:
        reasons = _model(document, first, home).facts.reasoning
    if not reasons or entry is not None:
        return "medium" if reasons else "off"
    usual = first_of(row_of(first.provider).get("levels", ()), first.model).get("usual")
    listed = members(child(root, "agents", "defaults", "models"))
    return str(usual or ("medium" if listed else "off"))


def _base(document: Document, ref: ModelRef, home: str, wire: Json) -> BaseUrl:
    """The base URL, without what the wire's own path begins with (COM-02, COM-03, GGL-01)."""
    row = row_of(ref.provider)
    found = settings.configured(document.root, home)
    usual = row.get("baseUrl", "") or settings.usual_url(document, ref.provider)
    url = (found.url or usual).strip().rstrip("/")
    url = url.removesuffix(wire.get("cut", ""))
    versioned = row.get("versioned", {})
    if versioned and host_of(url) == versioned["host"]:
        url = url.removesuffix("/openai")
        url = url if url.partition("://")[2].count("/") else url + versioned["version"]
    return found._replace(url=url)
