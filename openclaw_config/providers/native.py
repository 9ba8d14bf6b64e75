"""What OpenClaw's own runtime sends to OpenRouter, since 2026.8 (primed CHAT rules)."""

from __future__ import annotations

from contextlib import suppress

from openclaw_config.plan.model import Json
from openclaw_config.providers import chat_models
from openclaw_config.providers.requests import Known, choice_of
from openclaw_config.resolution.chat import ChatCandidate
from openclaw_config.resolution.settings import Setting, usual_url
from openclaw_config.view.refs import sent_id

_ANTHROPIC = "anthropic/"
Tables = dict[str, dict[str, Json]]


def known(asked: chat_models.Asked) -> Known:
    """What decides the body that OpenClaw's own runtime sends (CHAT-03')."""
    choice, more, route = asked.choice, asked.recipe.more, asked.route
    model_id = sent_id(choice.ref.model)
    usual = usual_url(asked.agent.document, chat_models.PROVIDER)
    canonical = choice.ref.provider == chat_models.PROVIDER and route.base_url == usual
    retention = choice.param("cacheRetention")
    kept = retention.value if retention is not None else None
    anthropic, deepseek = model_id.startswith(_ANTHROPIC), chat_models.is_deepseek(model_id, more)
    # What each level becomes, by how the model thinks (CHAT-20', CHAT-23).
    by_way = more["thinking"]["tables"]
    tables = {"reasoning": by_way["deepseek" if canonical and deepseek else "usual"]}
    if canonical and anthropic:
        # A model that thinks refuses an answer that is begun for it (CHAT-24).
        tables["cutTrailing"] = _by_way(more, thinking=True)
    if canonical and deepseek:
        tables["thoughts"] = _by_way(more, thinking="always", off="never")
    level = _usual_level(asked)
    return {
        "canonical": canonical,
        "local": route.kind == "local",
        "gemini": "gemini" in model_id,
        # What Anthropic's cache keeps, and whether for an hour (CHAT-40').
        "marks": route.verified and anthropic and kept != "none",
        "keepsLong": kept == "long",
        "model": model_id,
        "provider": choice.ref.provider,
        "named": choice.ref.model,
        **{name: _choose(choice, more, level, table) for name, table in tables.items()},
    }


def setting_of(choice: ChatCandidate, field: str, names: list[str]) -> Setting | None:
    """What the config has for a field; a format that lacks its JSON schema is passed over."""
    found = _routing(choice) if field == "provider" else choice.param(*names)
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


def response_cache(asked: chat_models.Asked) -> dict[str, str]:
    """The headers that ask OpenRouter to keep answers (CHAT-34)."""
    choice, more = asked.choice, asked.recipe.more["responseCache"]
    on, clear, seconds = (choice.param(*more[key]) for key in ("on", "clear", "seconds"))
    wanted, clears, ttl = _flag(on, more), _flag(clear, more) is True, _whole(seconds)
    if wanted is None and not clears:
        return {}
    found = {"X-OpenRouter-Cache": "false" if wanted is False else "true"}
    if wanted is not False and ttl is not None:
        found["X-OpenRouter-Cache-TTL"] = str(min(max(ttl, 1), more["mostSeconds"]))
    if wanted is not False and clears:
        found["X-OpenRouter-Cache-Clear"] = "true"
    return found


def _flag(setting: Setting | None, words: Json) -> bool | None:
    value = setting.value if setting is not None else None
    known = dict.fromkeys(words["true"], True) | dict.fromkeys(words["false"], False)
    return value if isinstance(value, bool) else known.get(str(value).strip().lower())


def _whole(setting: Setting | None) -> int | None:
    value: Json = setting.value if setting is not None else None
    with suppress(TypeError, ValueError, OverflowError):
        return None if isinstance(value, bool) else int(float(value))
    return None


def _by_way(more: Json, *, thinking: Json, off: Json = None) -> Tables:
    """A value for whether the model thinks, whatever way it is asked to."""
    table = dict.fromkeys(more["thinking"]["levels"], thinking) | {"off": off}
    return {"none": {"off": off}, **dict.fromkeys(("usual", "efforts", "switch"), table)}


def _usual_level(asked: chat_models.Asked) -> str:
    """The level that counts when the call gives none; "" where the model's own does (CHAT-20').

    It is settled for the model that is tried first; one of whose thinking nothing is known before
    its list is read thinks as its fallbacks do, and not at all for a call's own model.
    """
    choice, more = asked.choice, asked.recipe.more
    if choice.thinking is not None and choice.thinking.value in more["thinking"]["levels"]:
        return str(choice.thinking.value)
    if choice.ref == choice.first:
        return ""
    first = chat_models.native_model(asked.agent.document, choice.first, "", more).facts
    if first.lookup is None and not first.reasoning:
        return "off"
    return "off" if choice.origin.kind == "call" and first.lookup is not None else ""


def _choose(choice: ChatCandidate, more: Json, level: str, tables: Tables) -> Json:
    """What a level comes to, of those that the model offers (CHAT-20').

    A call's own level that the first model lacks is refused; what is usual is fitted.
    """
    levels, defaults = more["thinking"]["levels"], dict(more["thinking"]["defaults"])
    if chat_models.is_deepseek(sent_id(choice.ref.model), more):
        defaults["usual"] = more["deepseek"]["default"]
    if level:
        defaults = dict.fromkeys(tables, level)
    found = choice_of("thinking", tables, defaults, offered="levels", order=levels)
    if choice.ref == choice.first or choice.origin.kind == "call":
        known = f'Thinking level "{{value}}" is not supported for {choice.ref.key}.'
        found["refused"] = f"{known} Use one of: {{offered}}."
    return found
