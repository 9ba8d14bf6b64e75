"""Bodies in OpenAI's chat form (spec: OCC rules)."""

from __future__ import annotations

from openclaw_config.plan.model import Json
from openclaw_config.providers.wires import asked as parts
from openclaw_config.providers.wires.asked import Asked

_FLAGS = {
    "requiresToolResultName": "toolNames",
    "requiresAssistantAfterToolResult": "assistantAfterTools",
    "requiresThinkingAsText": "thinkingAsText",
    "requiresStringContent": "plainText",
}


def completions(asked: Asked) -> dict[str, Json]:
    """A body in OpenAI's chat form (OCC-01, OCC-30)."""
    compat, own = asked.compat, asked.own
    flags: dict[str, Json] = {name: True for key, name in _FLAGS.items() if compat.get(key)}
    if asked.row.get("thoughts"):
        flags["thoughts"] = asked.row["thoughts"]
    role = parts.developer(asked) if compat.get("supportsDeveloperRole") else "system"
    body: dict[str, Json] = {
        "model": parts.model_sent(asked),
        "messages": parts.messages(asked, systemRole=role, **flags),
        "stream": True,
    }
    if not own and (asked.host.get("cacheKey") or parts.keeps_long(asked)):
        body["prompt_cache_key"] = parts.SESSION
        body["prompt_cache_retention"] = "24h" if parts.keeps_long(asked) else None
    if own or compat.get("supportsUsageInStreaming"):
        body["stream_options"] = {"include_usage": True}
    if not own:
        body["store"] = asked.host.get("store")
    body[compat["maxTokensField"]] = parts.limit(asked, always=not own)
    body["temperature"] = parts.param(asked, "temperature", kind="number")
    tools: dict[str, Json] = {"$tools": "tools", "cache": False}
    if compat.get("supportsStrictMode") and not own:
        tools["strict"] = False
    body["tools"] = tools
    if own:
        tools["always"] = True
        body["tool_choice"] = {"$if": "tools", "then": "auto"}
    else:
        body |= _thinking(asked)
    body["tool_stream"] = parts.tool_stream(asked)
    kwargs = parts.param(asked, "chat_template_kwargs", "chatTemplateKwargs", kind="object")
    template: Json = {"$nonEmpty": kwargs}
    if asked.row.get("templates"):
        template = _templates(asked, body, template)
    body["chat_template_kwargs"] = template
    body["$merge"] = {
        **parts.param(asked, "extra_body", "extraBody", kind="object"),
        "without": ["store", "__proto__", "prototype", "constructor"],
    }
    flag = parts.param(asked, "parallel_tool_calls", "parallelToolCalls", kind="flag")
    body["parallel_tool_calls"] = flag
    return body


def _thinking(asked: Asked) -> dict[str, Json]:
    """The members that the level decides, in the form that the model takes (OCC-15)."""
    compat = asked.compat
    words = {
        **parts.first_of(asked.row.get("efforts", ()), asked.choice.ref.model).get("words", {})
    }
    words |= compat.get("reasoningEffortMap") or {}
    form = asked.wire["thinking"].get(compat["thinkingFormat"], {})
    found: dict[str, Json] = {}
    for field, ways in form.items():
        if field == "reasoning_effort" and not compat.get("supportsReasoningEffort"):
            continue
        table = {"off": ways["off"]} if "off" in ways else {}
        for level in asked.levels if "on" in ways else ():
            if level != "off":
                table[level] = parts.worded(ways["on"], words.get(level, level))
        found[field] = parts.choose(asked, table)
    return found


def _templates(asked: Asked, body: dict[str, Json], usual: Json) -> Json:
    """What vLLM's chat templates are given (NAM-01)."""
    if parts.value_of(asked, "qwenThinkingFormat") == "chat-template":
        body.pop("reasoning_effort", None)
        kept: dict[str, Json] = {"preserve_thinking": True}
        on = {level: {"enable_thinking": level != "off", **kept} for level in asked.levels}
        return parts.choose(asked, on, {"enable_thinking": False, **kept})
    if "nemotron-3" in asked.choice.ref.model.lower():
        off = {"enable_thinking": False, "force_nonempty_content": True}
        return parts.choose(asked, {"off": off}, off)
    return usual
