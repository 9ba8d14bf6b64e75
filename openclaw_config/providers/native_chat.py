"""Chat completions through OpenRouter by OpenClaw's own runtime, since 2026.8 (primed CHAT rules).

What ``compat`` says of a model has no effect there: the records show none.
"""

from __future__ import annotations

from contextlib import suppress

from openclaw_config.loading.load import Document
from openclaw_config.plan.model import Facts, Header, Json
from openclaw_config.plan.urls import UrlError, parse
from openclaw_config.providers import chat_models
from openclaw_config.providers.requests import settled, with_settings
from openclaw_config.resolution.chat import ChatCandidate
from openclaw_config.resolution.settings import Setting, is_canonical
from openclaw_config.view.refs import ModelRef, model_entry, sent_id

BAD_BASE = "Invalid OpenRouter API base URL"


def known(document: Document, ref: ModelRef, base: str, more: Json) -> chat_models.ChatModel:
    """What is known of a model; nothing can be sent to a bad base URL."""
    model = _model(document, ref, more)
    return model._replace(problem=model.problem or _bad_base(base))


def request(asked: chat_models.Asked, template: Json) -> chat_models.Request:
    """The request of one chat model (CHAT-03')."""
    choice, more, route = asked.choice, asked.more, asked.route
    document = asked.context.document
    model_id = sent_id(choice.ref.model)
    ours = choice.ref.provider == chat_models.PROVIDER
    canonical = ours and is_canonical(document.release, chat_models.PROVIDER, route)
    level = _usual_level(document, choice, more)
    retention = _parameter(choice, "cacheRetention")
    kept = retention.value if retention is not None else None
    anthropic, deepseek = model_id.startswith("anthropic/"), _is_deepseek(model_id, more)
    known = {
        "canonical": canonical,
        "local": route.kind == "local",
        "gemini": "gemini" in model_id,
        # What Anthropic's cache keeps, and whether for an hour (CHAT-40').
        "marks": route.verified and anthropic and kept != "none",
        "keepsLong": kept == "long",
    }
    tables = {"reasoning": _reasoning(model_id, more, canonical)}
    if canonical and anthropic:
        # A model that thinks refuses an answer that is begun for it (CHAT-24).
        tables["cutTrailing"] = _by_level(more, thinking=True)
    if canonical and deepseek:
        tables["thoughts"] = _by_level(more, thinking="always", off="never")
    values = {name: _choose(choice, more, level, table) for name, table in tables.items()}
    values |= {"model": model_id, "provider": choice.ref.provider, "named": choice.ref.model}
    words = {word for word, holds in known.items() if holds}
    body, why = with_settings(
        settled(template, words, values), lambda field, names: _setting(choice, field, names)
    )
    if choice.thinking is not None:
        why.append(("reasoning", choice.thinking.origin))
    headers = _response_cache(choice, more["responseCache"]) if route.verified else ()
    return chat_models.Request(body, tuple(why), tuple(headers))


def _bad_base(url: str) -> str:
    """Why nothing can be sent to a base URL, "" for one that will do (CHAT-01')."""
    try:
        parsed = parse(url) if url.strip() else None
    except UrlError:
        return BAD_BASE
    if parsed is None or (parsed.origin and not (parsed.user or parsed.query or parsed.fragment)):
        return ""
    return BAD_BASE


# --- what is known of the model ---------------------------------------------------------------


def _model(document: Document, ref: ModelRef, more: Json) -> chat_models.ChatModel:
    """The configured entry, else a starter row, else what the list says or an unknown id gets.

    Rules CHAT-20', CHAT-50' and CHAT-51'.
    """
    model_id = sent_id(ref.model)
    model = chat_models.chat_model(document, ref)
    described = model_entry(document.root, ref)
    usual = more["deepseek" if _is_deepseek(model_id, more) else "thinking"]["usual"]
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
        facts = Facts(False, False, chat_models.MOST_TOKENS, chat_models.WINDOW)
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
    return model._replace(facts=facts)


def _is_deepseek(model_id: str, more: Json) -> bool:
    """Whether a model is one that OpenClaw asks in a way of its own (CHAT-23)."""
    return model_id.startswith(tuple(more["deepseek"]["ids"]))


# --- parameters -------------------------------------------------------------------------------


def _parameter(choice: ChatCandidate, *spellings: str) -> Setting | None:
    """A parameter as the last layer that has it writes it, by its first spelling there."""
    layers = reversed(choice.layers)
    return next((layer[name] for layer in layers for name in spellings if name in layer), None)


def _setting(choice: ChatCandidate, field: str, names: list[str]) -> Setting | None:
    """What the config has for a field; a format that lacks its JSON schema is passed over."""
    found = _routing(choice) if field == "provider" else _parameter(choice, *names)
    value = found.value if found is not None and field == "response_format" else None
    if not isinstance(value, dict) or value.get("type") != "json_schema":
        return found
    return found if isinstance(value.get("json_schema"), dict) else None


def _routing(choice: ChatCandidate) -> Setting | None:
    """The routing that OpenRouter is asked for: objects of all layers, merged (CHAT-30')."""
    merged: Setting | None = None
    for layer in choice.layers:
        found = layer.get("provider")
        if found is None or not isinstance(found.value, dict | list):
            continue
        if merged is not None and isinstance(found.value, dict) and isinstance(merged.value, dict):
            found = found._replace(value={**merged.value, **found.value})
        merged = found
    return merged


def _response_cache(choice: ChatCandidate, more: Json) -> list[Header]:
    """The headers that ask OpenRouter to keep answers (CHAT-34)."""
    on, clear, seconds = (_parameter(choice, *more[key]) for key in ("on", "clear", "seconds"))
    wanted, clears = _flag(on, more), _flag(clear, more) is True
    if wanted is None and not clears:
        return []
    if wanted is False:
        return [Header("X-OpenRouter-Cache", "false")]
    found = [Header("X-OpenRouter-Cache", "true")]
    ttl = _whole(seconds)
    if ttl is not None:
        kept = min(max(ttl, 1), more["mostSeconds"])
        found.append(Header("X-OpenRouter-Cache-TTL", str(kept)))
    return [*found, Header("X-OpenRouter-Cache-Clear", "true")] if clears else found


def _flag(setting: Setting | None, words: Json) -> bool | None:
    value = setting.value if setting is not None else None
    if isinstance(value, str):
        word = value.strip().lower()
        return True if word in words["true"] else False if word in words["false"] else None
    return value if isinstance(value, bool) else None


def _whole(setting: Setting | None) -> int | None:
    value: Json = setting.value if setting is not None else None
    with suppress(TypeError, ValueError, OverflowError):
        return None if isinstance(value, bool) else int(float(value))
    return None


# --- thinking ---------------------------------------------------------------------------------


Tables = dict[str, dict[str, Json]]


def _by_level(more: Json, *, thinking: Json, off: Json = None) -> Tables:
    """A value for whether the model thinks, whatever way it is asked to."""
    table = dict.fromkeys(more["thinking"]["levels"], thinking) | {"off": off}
    return {"none": {"off": off}, **dict.fromkeys(("usual", "efforts", "switch"), table)}


def _reasoning(model_id: str, more: Json, canonical: bool) -> Tables:
    """What each level becomes, by how the model thinks (CHAT-20', CHAT-23)."""
    efforts, switch = more["thinking"]["efforts"], more["thinking"]["switch"]
    if canonical and _is_deepseek(model_id, more):
        off, on = more["deepseek"]["off"], more["deepseek"]["on"]
        usual = dict.fromkeys(more["deepseek"]["usual"], on) | {"off": off}
        return {"none": {"off": off}, "usual": usual, "efforts": efforts, "switch": switch}
    return {"none": {}, "usual": efforts, "efforts": efforts, "switch": switch}


def _usual_level(document: Document, choice: ChatCandidate, more: Json) -> str:
    """The level that counts when the call gives none; "" where the model's own does (CHAT-20').

    It is settled for the model that is tried first; one of whose thinking nothing is known before
    its list is read thinks as its fallbacks do, and not at all for a call's own model.
    """
    if choice.thinking is not None and choice.thinking.value in more["thinking"]["levels"]:
        return str(choice.thinking.value)
    if choice.ref == choice.first:
        return ""
    first = _model(document, choice.first, more).facts
    if first.lookup is None and not first.reasoning:
        return "off"
    return "off" if choice.origin.kind == "call" and first.lookup is not None else ""


def _choose(choice: ChatCandidate, more: Json, level: str, tables: Tables) -> Json:
    """What a level comes to, of those that the model offers (CHAT-20').

    A call's own level that the first model lacks is refused; what is usual is fitted.
    """
    levels, defaults = more["thinking"]["levels"], dict(more["thinking"]["defaults"])
    if _is_deepseek(sent_id(choice.ref.model), more):
        defaults["usual"] = more["deepseek"]["default"]
    if level:
        defaults = dict.fromkeys(tables, level)
    found: dict[str, Json] = {
        "$choose": "thinking",
        "by": "thinking",
        "tables": tables,
        "defaults": defaults,
        "offered": "levels",
        "order": levels,
    }
    if choice.ref == choice.first or choice.origin.kind == "call":
        known = f'Thinking level "{{value}}" is not supported for {choice.ref.key}.'
        found["refused"] = f"{known} Use one of: {{offered}}."
    return found
