"""Bodies in the form of OpenAI's Responses (spec: ORS rules)."""

from __future__ import annotations

from openclaw_config.plan.model import Json
from openclaw_config.plan.urls import host_of
from openclaw_config.providers.wires import asked as parts
from openclaw_config.providers.wires.asked import Asked
from openclaw_config.syntax.nodes import child
from openclaw_config.view.settings import text, truth


def responses(asked: Asked) -> dict[str, Json]:
    """A body in the form of OpenAI's Responses (ORS-10, ORS-11)."""
    openai, azure = parts.is_openai(asked), asked.api == "azure-openai-responses"
    model_id, host = asked.choice.ref.model, host_of(asked.base)
    proxied = asked.own and not openai
    tools: dict[str, Json] = {"$tools": "tools", "form": "responses"}
    if not proxied:
        tools["strict"] = "when-closed" if openai else False
    system = "system" if proxied else parts.developer(asked)
    body: dict[str, Json] = {
        "model": model_id,
        "input": parts.messages(asked, systemRole=system),
        "stream": True,
        "store": openai or azure,
        "max_output_tokens": parts.limit(asked, always=not asked.own),
        "temperature": parts.param(asked, "temperature", kind="number"),
        "tools": tools,
        "reasoning": _reasoning(asked, {"effort": "{word}", "summary": "auto"}),
        "include": _reasoning(asked, ["reasoning.encrypted_content"]),
        "tool_stream": parts.tool_stream(asked),
    }
    if not openai and asked.compat.get("supportsStore") is False:
        body["store"] = None
    at = parts.is_at(host, asked.wire.get("cacheKeyHosts", {}))
    if openai or azure or at or asked.compat.get("supportsPromptCacheKey"):
        body["prompt_cache_key"] = parts.SESSION
    if asked.choice.ref.provider == "openai":
        body |= _gpt_5(asked)
    elif isinstance(parallel := parts.value_of(asked, "parallel_tool_calls"), bool):
        body["parallel_tool_calls"] = parallel
    if openai:
        if parts.keeps_long(asked):
            body["prompt_cache_retention"] = "24h"
        body |= _official(asked, tools)
    return body


def _reasoning(asked: Asked, value: Json) -> Json:
    """What is sent of reasoning where the level is not off (ORS-17)."""
    words = {}
    if parts.is_openai(asked):
        words = parts.first_of(asked.row["efforts"], asked.choice.ref.model).get("words", {})
    levels = (level for level in asked.levels if level != "off")
    return parts.choose(
        asked, {level: parts.worded(value, words.get(level, level)) for level in levels}
    )


def _gpt_5(asked: Asked) -> dict[str, Json]:
    """What GPT-5 gets, or what is configured (ORS-14)."""
    model_id, found = asked.choice.ref.model, dict[str, Json]()
    named = model_id == "gpt-5" or model_id.startswith(("gpt-5.", "gpt-5-"))
    parallel = parts.value_of(asked, "parallel_tool_calls")
    if isinstance(parallel, bool) or named:
        found["parallel_tool_calls"] = parallel if isinstance(parallel, bool) else True
    verbosity = parts.value_of(asked, "text_verbosity", "textVerbosity")
    if verbosity in ("low", "medium", "high") or named:
        known = verbosity in ("low", "medium", "high")
        found["text"] = {"verbosity": verbosity if known else "low"}
    return found


def _official(asked: Asked, tools: dict[str, Json]) -> dict[str, Json]:
    """What only OpenAI itself gets (ORS-11, ORS-15, ORS-16, ORS-26)."""
    more, document = asked.wire["own"], asked.context.document
    search = child(document.root, "tools", "web", "search")
    chosen = text(child(search, "provider"))
    off = truth(child(search, "enabled")) is False or bool(chosen)
    tools["append"] = [] if off else [{"type": "web_search"}]
    found: dict[str, Json] = {
        "metadata": {
            "openclaw_session_id": parts.SESSION,
            "openclaw_turn_id": parts.TURN,
            "openclaw_turn_attempt": "1",
            "openclaw_transport": "stream",
        }
    }
    tier = parts.value_of(asked, "serviceTier", "service_tier")
    if tier in more["tiers"]:
        found["service_tier"] = tier
    elif parts.value_of(asked, "fastMode") is True and tier is None:
        found["service_tier"] = "priority"
    if parts.value_of(asked, "responsesServerCompaction") is not False:
        asked_for = parts.value_of(asked, "responsesCompactThreshold")
        compact = more["compact"]
        usual = asked.model.facts.context_window * compact["percent"] // 100
        given = isinstance(asked_for, int | float) and not isinstance(asked_for, bool)
        threshold = max(compact["least"], int(asked_for) if given else usual)
        found["context_management"] = [{"type": "compaction", "compact_threshold": threshold}]
    return found
