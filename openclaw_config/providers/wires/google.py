"""Bodies in Google's form (spec: GGL rules)."""

from __future__ import annotations

from openclaw_config.plan.model import Json
from openclaw_config.providers.wires import asked as parts
from openclaw_config.providers.wires.asked import Asked


def google(asked: Asked) -> dict[str, Json]:
    """A body in Google's form (GGL-10, GGL-25)."""
    ours, wire = asked.own, asked.wire
    model_id = asked.choice.ref.model
    row = parts.first_of(wire["thinking"], model_id)
    table: dict[str, Json] = {"off": row["off"]} if "off" in row else {}
    for level, value in row["on"].items():
        table[level] = {"includeThoughts": True, **value}
    if ours and asked.choice.ref.provider != "google" and not row["has"]:
        table.pop("off")
    generation = {
        "temperature": parts.param(asked, "temperature", kind="number"),
        "maxOutputTokens": parts.limit(asked, always=not ours),
        "thinkingConfig": parts.choose(asked, table),
    }
    generation = {key: value for key, value in generation.items() if value is not None}
    cached = parts.param(asked, "cachedContent", "cached_content", kind="text", trim=True)
    named = "gemini-3" in model_id or not any(one in model_id for one in ("gemini-2", "gemini-1"))
    return {
        "{id}": asked.row.get("renamed", {}).get(model_id, model_id),
        "contents": parts.messages(asked, imagesInResults=named),
        "cachedContent": cached if ours else None,
        "generationConfig": {"$nonEmpty": generation},
        "systemInstruction": {
            "$system": "messages",
            "form": "google",
            "boundary": parts.BOUNDARY,
            **({} if ours else {"with": {"role": "user"}}),
        },
        "tools": {"$tools": "tools", "form": "google", "schema": "parametersJsonSchema"},
    }
