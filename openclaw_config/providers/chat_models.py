"""What is known of a chat model: from the config, the tables, OpenRouter's list (CHAT-22)."""

from __future__ import annotations

from typing import Any, NamedTuple

from openclaw_config.capabilities import lookup
from openclaw_config.loading.load import Document
from openclaw_config.plan.model import CHAT, Facts, Json, Origin, Route
from openclaw_config.plan.urls import UrlError, parse
from openclaw_config.providers.requests import Context, Recipe, recipe
from openclaw_config.resolution.chat import ChatCandidate
from openclaw_config.resolution.settings import BaseUrl, from_config, from_default, json_value
from openclaw_config.syntax.nodes import Node, ObjectNode, child
from openclaw_config.syntax.text import KeyPath
from openclaw_config.view.refs import ModelRef, model_entry, sent_id
from openclaw_config.view.settings import items, mapping, number, text, truth

PROVIDER = "openrouter"
API = "openai-completions"
"""The wire that OpenRouter is asked over, and any model where nothing says another."""
LEAST_WINDOW = 4_000
"""OpenClaw refuses models with a smaller context window, in tokens (SL-05)."""
WINDOW = 200_000
MOST_TOKENS = 8_192
"""The most tokens of a model that nothing is known of (CHAT-51, COM-04)."""
_CACHE = "cache/openrouter-models.json"


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
    those that it is offered, ``level`` the one that counts when the call gives none ("" where the
    recipe says which).
    """

    context: Context
    choice: ChatCandidate
    ours: bool
    home: str
    api: str
    model: ChatModel
    recipe: Recipe
    base: BaseUrl
    route: Route
    own: bool
    levels: tuple[str, ...]
    level: str
    official: bool = False

    @property
    def provider(self) -> str:
        """The provider of the model."""
        return self.choice.ref.provider

    @property
    def native(self) -> bool:
        """Whether OpenClaw's own runtime asks OpenRouter, as since 2026.8."""
        return self.ours and self.context.document.target.native_chat


def chat_model(document: Document, ref: ModelRef) -> ChatModel:
    """The configured entry, else the built-in table, else what an unlisted id gets (CHAT-22)."""
    root = document.root
    block = mapping(child(root, *block_of(ref.provider)))
    configured = model_entry(root, ref)
    if configured is not None:
        model = _configured(document, ref, *configured)
    elif ref.provider == PROVIDER:
        model = _known(document, ref)
    else:
        model = _like_the_first(block)
    entry = configured[0] if configured is not None else None
    if entry is None and block is not None:
        model = _with_provider_limits(model, block, block_of(ref.provider))
    return model._replace(problem=_too_small(document, entry, block, model.facts))


def keeps_long(document: Document) -> bool:
    """Whether the environment asks caches to keep things for long (CHAT-43)."""
    return document.environment.get("PI_CACHE_RETENTION") == "long"


def block_of(provider: str) -> KeyPath:
    """Where the config speaks of a provider."""
    return ("models", "providers", provider)


def configured_api(document: Document, ref: ModelRef) -> str:
    """The wire that the config names for a model, "" when it names none (COM-01)."""
    entry, block = model_entry(document.root, ref), child(document.root, *block_of(ref.provider))
    return text(child(entry[0] if entry else None, "api")) or text(child(block, "api"))


def level_of(document: Document, choice: ChatCandidate, order: Json) -> str:
    """The level that counts when the call gives none, settled for the first model (MODEL-50).

    OpenClaw knows what a model can when it is configured, or else when ``agents.defaults.models``
    makes it read its list of models. "" for a first model of another provider, where the config
    names no level: ``wires.usual_level`` tells that.
    """
    first = choice.first
    if choice.thinking is not None and choice.thinking.value in order:
        return str(choice.thinking.value)
    if first.provider != PROVIDER:
        return ""
    configured = model_entry(document.root, first)
    row = lookup.chat_model(PROVIDER, first.model, document.tables)
    models = mapping(child(document.root, "agents", "defaults", "models"))
    thinks = row is not None and row.reasoning and models is not None and bool(models.values)
    if configured is not None:
        thinks = truth(configured[0].get("reasoning")) is True
    return "medium" if thinks and not reasoning_forced_off(document, first) else "off"


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
    )
    facts = facts._replace(price=_price(entry.get("cost")))
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
    facts = Facts(
        reasoning=row.reasoning and not off,
        images="image" in row.input,
        max_tokens=row.max_tokens,
        context_window=row.context_window,
    )
    if not listed:
        facts = _cached(document, model_id, off) or facts._replace(
            lookup=_lookup(document, model_id, off)
        )
    if listed and row.cost is not None:
        facts = facts._replace(price=_known_price(dict(zip(_PRICES, row.cost, strict=True))))
    origin = Origin("default", rule="CHAT-50" if listed else "CHAT-51")
    return ChatModel(facts, max_tokens_origin=origin)


_PRICES = ("input", "output", "cacheRead", "cacheWrite")


def _price(cost: Node | None) -> Json:
    """What an entry's ``cost`` says."""
    read = ((name, number(child(cost, name))) for name in _PRICES)
    return _known_price({name: value for name, value in read if value is not None})


def _known_price(found: dict[str, float]) -> Json:
    """US dollars per million tokens; None where all is 0, which stands for not known."""
    return found if any(found.values()) and {"input", "output"} <= found.keys() else None


def _like_the_first(block: ObjectNode | None) -> ChatModel:
    """A model of a custom provider that its entries do not have (COM-04)."""
    first = next(iter(items(child(block, "models"))), None)
    window = _whole(child(first, "contextWindow")) or WINDOW
    most = _whole(child(first, "maxTokens")) or (MOST_TOKENS if first is not None else WINDOW)
    return ChatModel(Facts(False, False, most, window))


def _with_provider_limits(model: ChatModel, block: ObjectNode, here: KeyPath) -> ChatModel:
    """The limits that the provider sets for all its models, over those of tables (SL-06)."""
    facts = model.facts
    window, limit = _whole(block.get("contextWindow")), block.get("maxTokens")
    most = _whole(limit)
    better = dict(facts.lookup) if facts.lookup is not None else {}
    if window:
        facts = facts._replace(context_window=window)
        better.pop("contextWindow", None)
    if most:
        facts = facts._replace(max_tokens=most)
        better.pop("maxTokens", None)
        assert limit is not None
        model = model._replace(max_tokens_origin=from_config(limit, (*here, "maxTokens")))
    if window:
        facts = facts._replace(max_tokens=min(facts.max_tokens, window))
        if "maxTokens" in better:
            better["maxTokens"] = {**better["maxTokens"], "most": window}
    return model._replace(facts=facts._replace(lookup=better or None))


def _too_small(
    document: Document, entry: ObjectNode | None, block: ObjectNode | None, facts: Facts
) -> str:
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
    described = model_entry(document.root, ref)
    usual = more["deepseek" if is_deepseek(model_id, more) else "thinking"]["usual"]
    lookup: dict[str, Json] = dict(more["lookup"])
    lookup["where"] = {"/id": model_id}
    lookup["levels"] = {**lookup["levels"], "usual": usual}
    facts = model.facts
    if described is not None:
        for key, names in more["entryFacts"].items():
            if described[0].get(key) is not None:
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
    return model_id.startswith(tuple(more["deepseek"]["ids"]))


def _bad_base(url: str) -> str:
    """Why nothing can be sent to a base URL, "" for one that will do (CHAT-01')."""
    try:
        parsed = parse(url) if url.strip() else None
    except UrlError:
        return BAD_BASE
    if parsed is None or (parsed.origin and not (parsed.user or parsed.query or parsed.fragment)):
        return ""
    return BAD_BASE


BAD_BASE = "Invalid OpenRouter API base URL"

# --- OpenRouter's list of models --------------------------------------------------------------


def _lookup(document: Document, model_id: str, reasoning_off: bool) -> Json:
    """How the answer of the recipe's ``catalog`` step tells what the model can (CHAT-51)."""
    found: Json = recipe(PROVIDER, CHAT, document.target.requests).more["lookup"]
    kept = {key: value for key, value in found.items() if key != "reasoning" or not reasoning_off}
    return {**kept, "where": {"/id": model_id}}


def _cached(document: Document, model_id: str, reasoning_off: bool) -> Facts | None:
    """What OpenClaw's own copy of the list says of a model, where this machine has one (SL-12)."""
    import json
    import os

    if document.environment.assume or not document.state_dir:
        return None
    try:
        with open(os.path.join(document.state_dir, _CACHE), encoding="utf-8") as file:
            row: Any = json.load(file)["models"][model_id]
        if not (isinstance(row["name"], str) and isinstance(row["input"], list)):
            return None
        reasoning, window, most = row["reasoning"], row["contextWindow"], row["maxTokens"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    if type(reasoning) is not bool or not {type(window), type(most)} <= {int, float}:
        return None
    return Facts(reasoning and not reasoning_off, "image" in row["input"], int(most), int(window))
