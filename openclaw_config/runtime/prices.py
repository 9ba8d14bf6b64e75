"""What a chat cost, by the usage that its answer tells and the price of its model."""

from __future__ import annotations

from typing import Any

from openclaw_config.plan.model import Json
from openclaw_config.plan.values import is_number

_INPUT = ("prompt_tokens", "input_tokens", "promptTokenCount", "prompt_eval_count")
_OUTPUT = ("completion_tokens", "output_tokens", "candidatesTokenCount", "eval_count")
_CACHED = ("prompt_tokens_details", "input_tokens_details")
"""The names of each wire. What was cached counts among the input but for Anthropic."""


def spent(usage: Json, price: Json) -> float | None:
    """US dollars; None where nobody knows. What the provider itself says goes first."""
    if not isinstance(usage, dict):
        return None
    if is_number(usage.get("cost")):
        return float(usage["cost"])
    asked, written = _first(usage, _INPUT), _first(usage, _OUTPUT)
    if price is None or asked is None or written is None:
        return None
    written += usage.get("thoughtsTokenCount") or 0
    details: dict[str, Any] = next(
        (usage[name] for name in _CACHED if isinstance(usage.get(name), dict)), {}
    )
    inside = details.get("cached_tokens") or usage.get("cachedContentTokenCount") or 0
    read = usage.get("cache_read_input_tokens") or 0
    made = usage.get("cache_creation_input_tokens") or 0
    usual = price["input"]
    tokens = (
        (asked - inside) * usual
        + (inside + read) * price.get("cacheRead", usual)
        + made * price.get("cacheWrite", usual)
        + written * price["output"]
    )
    return float(tokens) / 1_000_000


def _first(usage: dict[str, Any], names: tuple[str, ...]) -> float | None:
    return next((usage[name] for name in names if is_number(usage.get(name))), None)
