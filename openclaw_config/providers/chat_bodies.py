"""Bodies of chat: a recipe's form, decided by what is known when a plan is made.

What is sent to OpenRouter depends on what sends it (CHAT rules): OpenClaw's embedded runtime until
2026.7, its own since 2026.8. ``wires`` has what decides the bodies of other wires.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from openclaw_config.plan.model import Header, Json, Origin
from openclaw_config.plan.values import fitting
from openclaw_config.providers import chat_models
from openclaw_config.providers.requests import Known, choice_of, literal, settled
from openclaw_config.resolution.chat import ChatCandidate
from openclaw_config.resolution.settings import Setting, usual_url
from openclaw_config.view.refs import sent_id

Body = dict[str, Json]
Why = list[tuple[str, Origin]]


def body_of(asked: chat_models.Asked, known: Known) -> tuple[Body, Why]:
    """The body of one chat model, and why fields of it have their values (CHAT-03, COM-35)."""
    choice, params = asked.choice, asked.choice.params

    def setting_of(field: str, names: list[str]) -> Setting | None:
        if asked.native:
            return _setting(choice, field, names)
        return next((params[name] for name in names if name in params), None)

    template = asked.recipe.candidate.steps[-1].body
    body, why = _with_settings(settled(template, known), setting_of)
    if choice.thinking is not None and "reasoning" in body:
        why.append(("reasoning", choice.thinking.origin))
    return body, why


def _with_settings(
    template: Json, setting_of: Callable[[str, list[str]], Setting | None]
) -> tuple[Body, Why]:
    """A body whose slots take the config's values where a call gives none; and their origins.

    ``setting_of`` gives what the config has for a field, whose parameter has some names.
    """
    why: dict[str, Origin] = {}

    def place(form: Json, field: str, key: str) -> str:
        if not field:
            return key
        return field if any(one.startswith("$") for one in form) else f"{field}/{key}"

    def filled(form: Json, field: str) -> Json:
        if isinstance(form, list):
            return [filled(item, field) for item in form]
        if not isinstance(form, dict) or "$literal" in form:
            return form
        if "$slot" not in form:
            return {key: filled(item, place(form, field, key)) for key, item in form.items()}
        slot = form["$slot"]
        others = slot.get("or", ())
        ways = (slot["parameter"], *([others] if isinstance(others, str) else others))
        setting = setting_of(field, [way.partition("/")[2] for way in ways])
        value = None if setting is None else fitting(setting.value, slot)
        if setting is not None and value is not None:
            slot = {**slot, "default": literal(value)}
            why.setdefault(field, setting.origin)
        return {**form, "$slot": {key: one for key, one in slot.items() if one is not None}}

    return filled(template, ""), list(why.items())


# --- OpenClaw's embedded runtime, until 2026.7 --------------------------------------------------

Table = dict[str, Json]


def embedded(asked: chat_models.Asked) -> Known:
    """What decides the body that the embedded runtime sends (CHAT-03)."""
    ref, route, compat = asked.choice.ref, asked.route, asked.model.compat or {}
    # OpenClaw marks system prompts of Anthropic models on OpenRouter's routes (CHAT-40, DIV-2); the
    # runtime beneath also the last tool and message, by the exact case (CHAT-41), unless OpenClaw's
    # own transport takes its place. What is marked may stay in the cache for an hour (CHAT-43).
    ours = route.verified or route.kind == chat_models.PROVIDER
    values: Known = {
        # What a model's ``compat`` says is known by the names that it has there (SL-02).
        **compat,
        chat_models.PROVIDER: ref.provider == chat_models.PROVIDER,
        "reasons": asked.model.facts.reasoning,
        "ownTransport": asked.own,
        "verified": route.verified,
        "marksSystem": ours and ref.model.lower().startswith(_ANTHROPIC),
        "marksAll": route.verified and not asked.own and ref.model.startswith(_ANTHROPIC),
        "keepsLong": chat_models.keeps_long(asked.context.document),
        "gemini": "gemini" in ref.model.lower(),
        "max_tokens": compat.get("maxTokensField") == "max_tokens",
        "model": ref.model,
        "provider": ref.provider,
    }
    return values | _embedded_thinking(asked, compat)


_ANTHROPIC = "anthropic/"


def _embedded_thinking(asked: chat_models.Asked, compat: Json) -> dict[str, Json]:
    """The members of the body that the thinking level decides (CHAT-20, CHAT-21, SL-01, SL-02).

    ``reasoning`` comes from the form that the model takes, or else from OpenClaw's own addition
    for the provider ``openrouter``, which some ids do not get. ``openrouter/auto`` never has it,
    as the page promises (DIV-3); nor has Hunter Alpha.
    """
    document, ref, more = asked.context.document, asked.choice.ref, asked.recipe.more["thinking"]
    ours = ref.provider == chat_models.PROVIDER
    if ours and (ref.model == more["never"] or chat_models.reasoning_forced_off(document, ref)):
        return {}
    form = compat.get("thinkingFormat") or chat_models.PROVIDER
    efforts = _own_efforts(compat, more["ownTransport"]) if asked.own else _efforts(asked, compat)
    added: Table = {}
    if ours and ref.model != "auto" and not ref.model.lower().startswith("x-ai/"):
        # OpenClaw's own addition, where the request does not say anything yet.
        added = {level: {"effort": effort} for level, effort in more["efforts"].items()}
    fields: dict[str, Table] = {"reasoning": added}
    by_form = {} if asked.own else more["forms"].get(form, {})
    fields |= by_form
    if form == chat_models.PROVIDER:
        wanted: Table = {level: {"effort": effort} for level, effort in efforts.items()}
        fields["reasoning"] = by_form.get("reasoning", {}) | wanted
    elif not ours and ("thinking" in by_form or compat.get("supportsReasoningEffort") is True):
        # For ``openrouter`` OpenClaw takes the effort out of the body again.
        fields["reasoning_effort"] = efforts
    level = more["nearest"].get(asked.level, asked.level)
    return {
        name: choice_of(
            "reasoning",
            {"true": table, "false": added if name == "reasoning" else {}},
            {"true": level, "false": level},
        )
        for name, table in fields.items()
    }


def _efforts(asked: chat_models.Asked, compat: Json) -> Table:
    """The effort of each level as the embedded runtime tells it, through the model's own map."""
    more, words = asked.recipe.more["thinking"], _words(compat)
    most = any(part in asked.choice.ref.model for part in more["xhighIds"])
    named = {
        level: "high" if effort == "xhigh" and not most else effort
        for level, effort in more["efforts"].items()
    }
    return {level: words.get(effort, effort) for level, effort in named.items()}


def _own_efforts(compat: Json, more: Json) -> Table:
    """The effort of each level on OpenClaw's own transport: one that the model supports."""
    listed = compat.get("supportedReasoningEfforts")
    supported = (
        [one.strip() for one in listed if isinstance(one, str)] if isinstance(listed, list) else []
    )
    supported = list(filter(None, supported)) or more["supported"]
    last = next((one for one in supported if one != "none"), "")
    words, found = _words(compat), {}
    for level, effort in more["efforts"].items():
        wanted = (words.get(effort, effort), *more["nearest"].get(effort, ()))
        found[level] = next((one for one in wanted if one in supported), last)
    return {level: effort for level, effort in found.items() if effort}


def _words(compat: Json) -> dict[str, str]:
    written = compat.get("reasoningEffortMap") or {}
    return {level: word for level, word in written.items() if word}


# --- OpenClaw's own runtime, since 2026.8 (primed CHAT rules) -----------------------------------


def native(asked: chat_models.Asked) -> Known:
    """What decides the body that OpenClaw's own runtime sends (CHAT-03')."""
    choice, more, route = asked.choice, asked.recipe.more, asked.route
    model_id = sent_id(choice.ref.model)
    usual = usual_url(asked.context.document, chat_models.PROVIDER)
    canonical = choice.ref.provider == chat_models.PROVIDER and route.base_url == usual
    retention = _parameter(choice, "cacheRetention")
    kept = retention.value if retention is not None else None
    anthropic, deepseek = model_id.startswith(_ANTHROPIC), chat_models.is_deepseek(model_id, more)
    tables = {"reasoning": _reasoning(model_id, more, canonical)}
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


def response_cache(asked: chat_models.Asked) -> list[Header]:
    """The headers that ask OpenRouter to keep answers (CHAT-34)."""
    choice, more = asked.choice, asked.recipe.more["responseCache"]
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


Tables = dict[str, Table]


def _by_way(more: Json, *, thinking: Json, off: Json = None) -> Tables:
    """A value for whether the model thinks, whatever way it is asked to."""
    table = dict.fromkeys(more["thinking"]["levels"], thinking) | {"off": off}
    return {"none": {"off": off}, **dict.fromkeys(("usual", "efforts", "switch"), table)}


def _reasoning(model_id: str, more: Json, canonical: bool) -> Tables:
    """What each level becomes, by how the model thinks (CHAT-20', CHAT-23)."""
    efforts, switch = more["thinking"]["efforts"], more["thinking"]["switch"]
    if canonical and chat_models.is_deepseek(model_id, more):
        off, on = more["deepseek"]["off"], more["deepseek"]["on"]
        usual = dict.fromkeys(more["deepseek"]["usual"], on) | {"off": off}
        return {"none": {"off": off}, "usual": usual, "efforts": efforts, "switch": switch}
    return {"none": {}, "usual": efforts, "efforts": efforts, "switch": switch}


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
    first = chat_models.native_model(asked.context.document, choice.first, "", more).facts
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
