"""OpenRouter's own lists of models, as a capability table for ``--capabilities``.

Lists are what ``/api/v1/models`` and ``/api/v1/videos/models`` answer: in a file, or fetched where
an address is given. Nothing else asks for them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from difflib import unified_diff
from typing import Any

from openclaw_config.capabilities import lookup
from openclaw_config.capabilities.lookup import Tables
from openclaw_config.files import read_regular
from openclaw_config.plan.values import every_at, first_at, listed, text_at

PROVIDER = "openrouter"
MOST_BYTES = 16 * 1024 * 1024
SECONDS = 20


def read_list(source: str) -> list[dict[str, Any]]:
    """The rows of a list in a file or at an https address. Raises OSError and ValueError."""
    if source.startswith("https://"):
        from urllib.request import urlopen

        with urlopen(source, timeout=SECONDS) as answer:  # noqa: S310 - https only
            data = answer.read(MOST_BYTES + 1)
    else:
        data = read_regular(source, MOST_BYTES)
    value = json.loads(data) if len(data) <= MOST_BYTES else None
    rows = every_at(value, "/data/*") or every_at(value, "/*")
    found = [row for row in rows if isinstance(row, dict)]
    if not found:
        raise ValueError("no list of models")
    return found


def table_of(rows: list[dict[str, Any]], base: Tables, target: str) -> dict[str, Any]:
    """The table of a list: only models that ``base`` does not have just so."""
    table: dict[str, Any] = {"target": target, "provider": PROVIDER}
    for surface, form in ("video", _video), ("chat", _chat):
        known = lookup.section(PROVIDER, surface, base)
        fresh = {name: row for one in rows if (row := form(one)) and (name := text_at(one, "/id"))}
        models = known.get("models", {})
        # What a list does not tell stays: costs, and what a model needs of a request.
        merged = {name: {**models.get(name, {}), **row} for name, row in fresh.items()}
        changed = {name: row for name, row in merged.items() if models.get(name) != row}
        if changed:
            whole = {**known, "models": changed} if surface == "video" else {"models": changed}
            table[surface] = whole
    return table


def diff(table: Mapping[str, Any], base: Tables) -> str:
    """What a table changes of the models of ``base``, as a diff of a row a line."""
    out: list[str] = []
    for surface in ("video", "chat"):
        models = lookup.section(PROVIDER, surface, base).get("models", {})
        for name, row in table.get(surface, {}).get("models", {}).items():
            before = _lines(models[name]) if name in models else []
            where = f"{surface} {name}"
            out += unified_diff(before, _lines(row), where, where, lineterm="", n=0)
    return "".join(f"{line}\n" for line in out if not line.startswith("@@"))


def _lines(row: Mapping[str, Any]) -> list[str]:
    return [f"  {key}: {json.dumps(value)}" for key, value in row.items()]


def _video(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the list of video models, as VID-61 reads it."""
    if "supported_durations" not in row:
        return {}
    values = {name: listed(row.get(key), how) for name, (key, how) in _OF_VIDEO.items()}
    mode: dict[str, Any] = {name: list(value) for name, value in values.items() if value}
    if isinstance(row.get("generate_audio"), bool):
        mode["audio"] = row["generate_audio"]
    frames = {"first_frame", "last_frame"} & {*listed(row.get("supported_frame_images"), "texts")}
    if not frames:
        return {"only": ["generate"], "modes": {"generate": mode}}
    return {
        "modes": {"generate": mode, "imageToVideo": {**mode, "inputs": {"images": len(frames)}}}
    }


_OF_VIDEO = {
    "durations": ("supported_durations", "numbers"),
    "aspectRatios": ("supported_aspect_ratios", "texts"),
    "resolutions": ("supported_resolutions", "upper"),
    "sizes": ("supported_sizes", "texts"),
}


def _chat(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the list of chat models, as CHAT-51 reads it."""
    window = listed([row.get("context_length")], "numbers")
    if not isinstance(row.get("architecture"), dict) or not window:
        return {}
    most = listed([first_at(row, "/top_provider/max_completion_tokens")], "numbers")
    takes_images = "image" in text_at(row, "/architecture/modality").partition("->")[0]
    return {
        "name": text_at(row, "/name") or text_at(row, "/id"),
        "contextWindow": window[0],
        "maxTokens": (most or window)[0],
        "reasoning": "reasoning" in listed(row.get("supported_parameters"), "texts"),
        "input": ["text", "image"] if takes_images else ["text"],
    }
