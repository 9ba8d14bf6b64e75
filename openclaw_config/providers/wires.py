"""Chat over a wire that any provider may speak (spec: COM, OCC, ORS, ANT, GGL, OTH, NAM rules).

What differs between wires, and their bodies, is in ``schema/requests/wires.json``. Here is what
those bodies take of a config, and what that of OpenRouter takes until 2026.7, when OpenClaw's
embedded runtime sends it (CHAT rules).
"""

from __future__ import annotations

from typing import Any

from openclaw_config.plan.model import Credential, Header, Json, KeyForm
from openclaw_config.plan.urls import host_of, is_local
from openclaw_config.plan.values import fitting
from openclaw_config.providers import chat_models, requests
from openclaw_config.providers.chat_models import PROVIDER, Asked, first_of, row_of, tables
from openclaw_config.resolution.settings import json_value
from openclaw_config.syntax.nodes import Node, ObjectNode, child
from openclaw_config.view.refs import model_entry
from openclaw_config.view.settings import items, text, truth

_SESSION: Json = {"$slot": {"parameter": "sessionId"}}


def _is_at(host: str, row: Json) -> bool:
    """Whether a host is one that a row names."""
    return host in row.get("hosts", ()) or host.endswith(tuple(row.get("suffixes", ())))


def _block_at(asked: Asked, *way: str) -> Node | None:
    """What stands in the provider's block, or the block itself."""
    return child(chat_models.block_at(asked.agent.document, asked.home), *way)


def _entry_of(asked: Asked) -> ObjectNode | None:
    """The model's entry in the provider's block."""
    ref = asked.choice.ref._replace(provider=asked.home)
    return model_entry(asked.agent.document.root, ref)[0]


def _as_openai(asked: Asked) -> bool:
    """Whether Ollama is configured as if it spoke OpenAI's wire (OTH-12)."""
    return chat_models.API in [
        text(child(at, "api")) for at in (_block_at(asked), _entry_of(asked))
    ]


def _is_openai(asked: Asked) -> bool:
    """Whether OpenAI itself is asked (ORS-11)."""
    return asked.provider == "openai" and asked.official


# --- bodies -------------------------------------------------------------------------------------


def known(asked: Asked) -> requests.Known:
    """What decides a body over a wire."""
    wire, row, ref = asked.recipe.more, row_of(asked.provider), asked.choice.ref
    host = host_of(asked.base.url)
    about_host: Json = next((one for one in wire.get("hosts", ()) if _is_at(host, one)), {})
    openai, fast = _is_openai(asked), row.get("fast", {}).get(ref.model)
    values: requests.Known = {
        # What the model's chat_models.API can: by its host, its provider and its entry.
        **wire.get("compat", {}),
        **about_host.get("compat", {}),
        **row.get("compat", {}),
        **(asked.model.compat or {}),
        "host": about_host,
        "reasons": asked.model.facts.reasoning,
        "own": asked.own,
        "openai": openai,
        "proxied": asked.own and not openai,
        "keepsLong": asked.agent.document.environment.get("PI_CACHE_RETENTION") == "long",
        "streamsTools": row.get("toolStream") and _value(asked, "tool_stream") is not False,
        "plainThinking": row.get("plainThinking"),
        "named": ref.model,
        "id": chat_models.renamed(ref),
        "sent": fast if fast and _value(asked, "fastMode") is True else ref.model,
        "madeBy": {"provider": ref.provider, "api": asked.api, "model": ref.model},
        "noResult": tables()["noResult"],
        "toolCallIds": row.get("toolCallIds", wire.get("toolCallIds")),
        "thoughts": row.get("thoughts"),
        "keptIds": row.get("keptIds"),
        "levels": asked.levels,
        "order": tables()["levels"],
        "level": asked.level,
    }
    values["max_tokens"] = values.get("maxTokensField") == "max_tokens"
    of_api = _openrouter if asked.ours else _VALUES.get(asked.api)
    values |= of_api(asked, values) if of_api is not None else {}
    for name, form in wire.get("parts", {}).items():
        values[name] = requests.settled(form, values)
    return values


def _value(asked: Asked, *names: str) -> Any:
    """A parameter as the config has it, by the first of its names."""
    params = asked.choice.params
    return next((params[name].value for name in names if name in params), None)


def _completions(asked: Asked, values: requests.Known) -> dict[str, Json]:
    """What OpenAI's chat form takes (OCC-01, OCC-15, OCC-30), and vLLM's templates (NAM-01)."""
    row, model = row_of(asked.provider), asked.choice.ref.model
    efforts = first_of(row.get("efforts", ()), model).get("words", {})
    found: dict[str, Json] = {
        "cachesByKey": values["host"].get("cacheKey") or values["keepsLong"],
        "store": values["host"].get("store"),
        "efforts": {**efforts, **(values.get("reasoningEffortMap") or {})},
    }
    if not asked.own:
        form = asked.recipe.more["thinking"].get(values["thinkingFormat"], {})
        found |= requests.settled(form, values | found)
    template = "nemotron" if "nemotron-3" in model.lower() else ""
    if _value(asked, "qwenThinkingFormat") == "chat-template":
        template = "qwen"
    if template in row.get("templates", ()):
        found["ownTemplate"] = True
        found["template"] = requests.settled(row["templates"][template], values)
        found["supportsReasoningEffort"] = values["supportsReasoningEffort"] and template != "qwen"
    return found


def _responses(asked: Asked, values: requests.Known) -> dict[str, Json]:
    """What OpenAI's Responses take (ORS-10 to ORS-17)."""
    wire, row, ref = asked.recipe.more, row_of(asked.provider), asked.choice.ref
    azure = asked.api == "azure-openai-responses"
    at = _is_at(host_of(asked.base.url), wire["cacheKeyHosts"])
    openai, parallel = values["openai"], _value(asked, "parallel_tool_calls")
    stores = openai or azure
    found: dict[str, Json] = {
        "cachesByKey": stores or at or values.get("supportsPromptCacheKey"),
        "store": None if not openai and values.get("supportsStore") is False else stores,
        "parallel": parallel if isinstance(parallel, bool) else None,
    }
    if ref.provider == "openai":
        # What GPT-5 gets, or what is configured (ORS-14).
        named = ref.model == "gpt-5" or ref.model.startswith(("gpt-5.", "gpt-5-"))
        verbosity = _value(asked, "text_verbosity", "textVerbosity")
        if verbosity not in wire["own"]["verbosity"]:
            verbosity = "low" if named else None
        found["text"] = verbosity and {"verbosity": verbosity}
        if named and found["parallel"] is None:
            found["parallel"] = True
    return found | _official(asked, row) if openai else found


def _official(asked: Asked, row: Json) -> dict[str, Json]:
    """What only OpenAI itself gets (ORS-11, ORS-15, ORS-16, ORS-26)."""
    more, model = asked.recipe.more["own"], asked.choice.ref.model
    search = child(asked.agent.document.root, "tools", "web", "search")
    tier = _value(asked, "serviceTier", "service_tier")
    fast = "priority" if tier is None and _value(asked, "fastMode") is True else None
    found: dict[str, Json] = {
        "searches": truth(child(search, "enabled")) is not False
        and not text(child(search, "provider")),
        "efforts": first_of(row["efforts"], model).get("words", {}),
        "tier": tier if tier in more["tiers"] else fast,
    }
    if _value(asked, "responsesServerCompaction") is not False:
        threshold = _value(asked, "responsesCompactThreshold")
        if isinstance(threshold, bool) or not isinstance(threshold, int | float):
            threshold = asked.model.facts.context_window * more["compact"]["percent"] // 100
        threshold = max(more["compact"]["least"], int(threshold))
        found["compaction"] = [{"type": "compaction", "compact_threshold": threshold}]
    return found


def _anthropic(asked: Asked, values: requests.Known) -> dict[str, Json]:
    """What Anthropic's form takes (ANT-03, ANT-17, ANT-25)."""
    wire = asked.recipe.more
    kept = _value(asked, "cacheRetention")
    if kept not in ("none", "short", "long"):
        kept = row_of(asked.provider).get("caches") or ("long" if values["keepsLong"] else "short")
    tier, fast = _value(asked, "serviceTier", "service_tier"), _value(asked, "fastMode")
    if tier not in wire["tiers"]:
        tier = {True: "auto", False: "standard_only"}[fast] if isinstance(fast, bool) else None
    itself = asked.provider == "anthropic" and asked.official
    return {
        "cache": {"none": None, "short": {}, "long": {"ttl": "1h"}}[kept],
        "adaptive": _is_adaptive(asked),
        "budgets": wire["budgets"],
        "efforts": wire["efforts"],
        "tier": tier if itself else None,
    }


def _google(asked: Asked, values: requests.Known) -> dict[str, Json]:
    """What Google's form takes (GGL-10, GGL-25)."""
    model_id = asked.choice.ref.model
    row = first_of(asked.recipe.more["thinking"], model_id)
    table: dict[str, Json] = {"off": row["off"]} if "off" in row else {}
    for level, value in row["on"].items():
        table[level] = {"includeThoughts": True, **value}
    if asked.own and asked.provider != "google" and not row["has"]:
        table.pop("off")
    named = "gemini-3" in model_id or not any(one in model_id for one in ("gemini-2", "gemini-1"))
    return {"thinking": requests.by_level(values, table), "showsResults": named}


def _ollama(asked: Asked, values: requests.Known) -> dict[str, Json]:
    """What Ollama's form takes (OTH-10 to OTH-13)."""
    params = child(_entry_of(asked), "params")
    own = json_value(params) if params is not None else {}
    spoken = _as_openai(asked)
    context: Json = {"$slot": {"parameter": "params/num_ctx", "type": "number"}}
    if "num_ctx" in own:
        context = requests.literal(own["num_ctx"])
    elif spoken:
        inject = truth(_block_at(asked, "injectNumCtxForOpenAICompat")) is not False
        context = asked.model.facts.context_window if inject else None
    kept = {"$slot": {"parameter": "params/keep_alive"}}
    kept = requests.literal(own["keep_alive"]) if "keep_alive" in own else kept
    return {"asOpenai": spoken, "context": context, "kept": kept}


_VALUES = {
    "openai-completions": _completions,
    "openai-responses": _responses,
    "azure-openai-responses": _responses,
    "anthropic-messages": _anthropic,
    "google-generative-ai": _google,
    "ollama": _ollama,
}
"""What each wire's body takes besides, by the name of its API."""


# --- OpenRouter, as OpenClaw's embedded runtime asks it until 2026.7 -----------------------------


def _openrouter(asked: Asked, values: requests.Known) -> dict[str, Json]:
    """What OpenRouter's form takes (CHAT-03).

    OpenClaw marks system prompts of Anthropic models on OpenRouter's routes (CHAT-40, DIV-2); the
    runtime beneath also the last tool and message, by the exact case (CHAT-41), unless OpenClaw's
    own transport takes its place. What is marked may stay in the cache for an hour (CHAT-43).
    """
    ref, route = asked.choice.ref, asked.route
    marked = route.verified or route.kind == PROVIDER
    found: dict[str, Json] = {
        PROVIDER: ref.provider == PROVIDER,
        "verified": route.verified,
        "marksSystem": marked and ref.model.lower().startswith("anthropic/"),
        "marksAll": route.verified and not asked.own and ref.model.startswith("anthropic/"),
        "gemini": "gemini" in ref.model.lower(),
    }
    return found | _openrouter_thinking(asked, values)


def _openrouter_thinking(asked: Asked, values: requests.Known) -> dict[str, Json]:
    """The members of the body that the thinking level decides (CHAT-20, CHAT-21, SL-01, SL-02).

    ``reasoning`` comes from the form that the model takes, or else from OpenClaw's own addition
    for the provider ``openrouter``, which some ids do not get. ``openrouter/auto`` never has it,
    as the page promises (DIV-3); nor has Hunter Alpha.
    """
    ref, more = asked.choice.ref, asked.recipe.more["thinking"]
    is_named = ref.provider == PROVIDER
    off = ref.model == more["never"] or chat_models.reasoning_forced_off(asked.agent.document, ref)
    if is_named and off:
        return {}
    form, efforts = values.get("thinkingFormat") or PROVIDER, _efforts(asked, values)
    by_form = {} if asked.own else more["forms"].get(form, {})
    adds = is_named and ref.model != "auto" and not ref.model.lower().startswith("x-ai/")
    # OpenClaw's own addition, where the request does not say anything yet.
    added = _reasoning(more["efforts"] if adds else {})
    fields = {"reasoning": added, **by_form}
    if form == PROVIDER:
        fields["reasoning"] = by_form.get("reasoning", {}) | _reasoning(efforts)
    elif not is_named and ("thinking" in by_form or values.get("supportsReasoningEffort") is True):
        # For ``openrouter`` OpenClaw takes the effort out of the body again.
        fields["reasoning_effort"] = efforts
    level = more["nearest"].get(asked.level, asked.level)
    never = {"reasoning": added}
    return {
        name: requests.choice_of(
            "reasoning",
            {"true": table, "false": never.get(name, {})},
            {"true": level, "false": level},
        )
        for name, table in fields.items()
    }


def _reasoning(efforts: Json) -> dict[str, Json]:
    return {level: {"effort": effort} for level, effort in efforts.items()}


def _efforts(asked: Asked, values: requests.Known) -> dict[str, Json]:
    """The effort of each level, through the model's own map.

    OpenClaw's own transport takes the nearest that the model supports.
    """
    more, model = asked.recipe.more["thinking"], asked.choice.ref.model
    words = values.get("reasoningEffortMap") or {}
    if not asked.own:
        most = {} if any(part in model for part in more["xhighIds"]) else {"xhigh": "high"}
        named = {level: most.get(effort, effort) for level, effort in more["efforts"].items()}
        return {level: words.get(effort, effort) for level, effort in named.items()}
    more, found = more["ownTransport"], {}
    supported = fitting(values.get("supportedReasoningEfforts"), {"type": "texts"})
    supported = [one.strip() for one in supported or more["supported"]]
    last = next((one for one in supported if one != "none"), None)
    for level, effort in more["efforts"].items():
        wanted = (words.get(effort, effort), *more["nearest"].get(effort, ()))
        found[level] = next((one for one in wanted if one in supported), last)
    return {level: effort for level, effort in found.items() if effort}


# --- headers and keys ---------------------------------------------------------------------------


def add_headers(asked: Asked, headers: requests.HeaderSet) -> None:
    """Add the headers of the wire and the provider (COM-11)."""
    document, wire, row = asked.agent.document, asked.recipe.more, row_of(asked.provider)
    own = wire.get("own", {}) if _is_openai(asked) else {}
    fixed = {**wire.get("headers", {}), **row.get("headers", {})}
    fixed |= wire.get("ownHeaders", {}) if asked.own else {}
    for name, variable in row.get("headerVariables", {}).items():
        fixed[name] = (document.environment.get(variable) or "").strip() or fixed[name]
    headers.add_fixed({**fixed, **own.get("headers", {})}, document.release)
    for name in own.get("session", () if asked.own else wire.get("session", ())):
        headers.set(Header(name, fill=_SESSION))
    if own:
        headers.set(Header(own["turn"], fill={"$fresh": "turn"}))
    if names := _betas(asked)[0]:
        headers.set(Header("anthropic-beta", ",".join(names)))
    if truth(_block_at(asked, "authHeader")) is True:
        headers.set(requests.BEARER)


def marker(asked: Asked, credential: Credential) -> str:
    """The word that is sent in place of a key, "" for none.

    That is where none is set (OTH-12, OTH-14), and where an SDK signs OpenRouter's requests.
    """
    there = {"wins", "unknown", "shadowed"}
    if any(link.state in there for link in credential.chain if link.kind != "profiles"):
        return ""
    if text(_block_at(asked, "auth")) == "aws-sdk" and asked.ours:
        return asked.recipe.more["noKey"] or ""
    return str(row_of(asked.provider).get("markerAsOpenai" if _as_openai(asked) else "marker", ""))


def is_keyless(asked: Asked) -> bool:
    """Whether a custom provider on a local host does without a key (COM-10)."""
    listed = not row_of(asked.provider) and bool(items(_block_at(asked, "models")))
    return listed and not asked.ours and is_local(host_of(asked.base.url))


def _is_adaptive(asked: Asked) -> bool:
    return any(part in asked.choice.ref.model for part in asked.recipe.more["adaptive"])


def _betas(asked: Asked) -> tuple[list[str], bool]:
    """The betas that are asked for, and whether the config asks for some itself (ANT-30)."""
    wire, model_id = asked.recipe.more, asked.choice.ref.model
    if "beta" not in wire:
        return [], False
    wanted = fitting(_value(asked, "anthropicBeta"), {"type": "texts"})
    more = [one.strip() for one in wanted or ()]
    context = wire["betas"]["context1m"]
    if _value(asked, "context1m") is True and model_id.startswith(tuple(context["ids"])):
        more.append(context["beta"])
    if more and asked.provider == "anthropic":
        return list(dict.fromkeys((wire["betas"]["first"], wire["beta"], *more))), True
    return [] if _is_adaptive(asked) or asked.own else [wire["beta"]], False


def by_key(asked: Asked, body: dict[str, Json], headers: requests.HeaderSet) -> tuple[KeyForm, ...]:
    """What goes out with a key of another kind: Claude Code's own (ANT-31)."""
    form = asked.recipe.more.get("oauth")
    if form is None:
        return ()
    names: dict[str, Json] = {"names": form["names"]}
    others = (one for one in headers.headers() if not one.credential)
    kept = requests.HeaderSet(requests.BEARER, *others)
    kept.add_fixed(form["headers"])
    usual, configured = _betas(asked)
    if not configured:
        kept.set(Header("anthropic-beta", ",".join((form["beta"], *usual))))
    changed = {
        **body,
        "system": {**body["system"], "first": [form["first"]]},
        "messages": {**body["messages"], **names},
        "tools": {**body["tools"], **names},
    }
    return (KeyForm(form["contains"], kept.headers(), changed),)
