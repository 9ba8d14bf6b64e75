"""Bodies of Ollama's and Mistral's own clients (spec: OTH rules)."""

from __future__ import annotations

from openclaw_config.plan.model import Json
from openclaw_config.providers.wires import asked as parts
from openclaw_config.providers.wires.asked import Asked
from openclaw_config.resolution.settings import json_value
from openclaw_config.view.settings import truth


def ollama(asked: Asked) -> dict[str, Json]:
    """A body in Ollama's form (OTH-10 to OTH-13)."""
    entry = parts.entry_of(asked)
    own = json_value(params) if entry and (params := entry[0].get("params")) is not None else {}
    spoken = parts.as_openai(asked)
    context: Json = parts.param(asked, "num_ctx", kind="number")
    if "num_ctx" in own:
        context = own["num_ctx"]
    elif spoken:
        inject = truth(parts.block_at(asked, "injectNumCtxForOpenAICompat")) is not False
        context = asked.model.facts.context_window if inject else None
    options = {
        "temperature": parts.param(asked, "temperature", kind="number"),
        "num_ctx": context,
        "num_predict": parts.limit(asked, always=False),
    }
    kept = own.get("keep_alive", parts.param(asked, "keep_alive"))
    levels: dict[str, Json] = {level: level for level in asked.levels if level != "off"}
    return {
        "model": asked.choice.ref.model,
        "messages": parts.messages(asked),
        "stream": True,
        "tools": {"$tools": "tools"},
        "options": {key: value for key, value in options.items() if value is not None},
        "think": None if spoken else parts.choose(asked, {"off": False, **levels}, False),
        "keep_alive": kept,
    }


def mistral(asked: Asked) -> dict[str, Json]:
    """A body of Mistral's own client (OTH-30)."""
    on: dict[str, Json] = dict.fromkeys(parts.thinking_levels(0, asked), "reasoning")
    return {
        "model": asked.choice.ref.model,
        "max_tokens": parts.limit(asked, always=True),
        "stream": True,
        "messages": parts.messages(asked),
        "temperature": parts.param(asked, "temperature", kind="number"),
        "tools": {"$tools": "tools", "strict": False},
        "prompt_mode": parts.choose(asked, on),
    }
