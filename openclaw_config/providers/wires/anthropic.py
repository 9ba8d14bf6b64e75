"""Bodies in Anthropic's form (spec: ANT rules)."""

from __future__ import annotations

from openclaw_config.plan.model import Header, Json, KeyForm
from openclaw_config.providers.requests import BEARER, HeaderSet
from openclaw_config.providers.wires import asked as parts
from openclaw_config.providers.wires.asked import Asked


def _cache(asked: Asked) -> dict[str, Json] | None:
    """How long Anthropic keeps what is marked; None marks nothing (ANT-17)."""
    wanted = parts.value_of(asked, "cacheRetention")
    if wanted not in ("none", "short", "long"):
        usual = asked.row.get("caches")
        wanted = usual or ("long" if parts.keeps_long(asked) else "short")
    return None if wanted == "none" else {"ttl": "1h"} if wanted == "long" else {}


def _is_adaptive(asked: Asked) -> bool:
    return any(part in asked.choice.ref.model for part in asked.wire["adaptive"]["has"])


def anthropic(asked: Asked) -> dict[str, Json]:
    """A body in Anthropic's form (ANT-03)."""
    cache, adaptive, own = _cache(asked), _is_adaptive(asked), asked.own
    marks: dict[str, Json] = {} if cache is None else {"cache": cache}
    kept = asked.row.get("keptIds")
    most = parts.limit(asked, always=True)
    tools: dict[str, Json] = {"$tools": "tools", "form": "anthropic"}
    tools |= {} if own else {"eager": True, **marks}
    budget = {**asked.wire["budgets"]}
    display: dict[str, Json] = {} if own else {"display": "summarized"}
    on: Json = {"type": "adaptive", **display}
    tokens: Json = most
    if not adaptive:
        by_level = parts.choose(
            asked, {level: budget[level] for level in parts.thinking_levels(0, asked)}
        )
        sums = {"tokens": most, "thinking": by_level, "most": {"$fact": "maxTokens"}}
        sums["reserve"] = 1024
        tokens = {"$budget": "tokens", **sums}
        on = {"type": "enabled", "budget_tokens": {"$budget": "thinking", **sums}, **display}
    if asked.row.get("plainThinking"):
        on = {"type": "enabled"}
    efforts = asked.wire["adaptive"]["efforts"]
    by_effort: dict[str, Json] = {
        level: {"effort": efforts[level]} for level in parts.thinking_levels(0, asked) if adaptive
    }
    temperature = parts.param(asked, "temperature", kind="number")
    return {
        "model": parts.model_sent(asked),
        "messages": parts.messages(asked, **marks, **({"keptIds": kept} if kept else {})),
        "max_tokens": tokens,
        "stream": True,
        "system": {"$system": "messages", "form": "anthropic", **marks},
        "temperature": parts.choose(asked, {"off": temperature}, temperature),
        "tools": tools,
        "thinking": parts.choose(
            asked, {"off": {"type": "disabled"}, **parts.thinking_levels(on, asked)}
        ),
        "output_config": parts.choose(asked, by_effort),
        "service_tier": _tier(asked),
    }


def _tier(asked: Asked) -> Json:
    """The tier that Anthropic itself is asked for (ANT-25)."""
    if asked.choice.ref.provider != "anthropic" or not asked.official:
        return None
    tier, fast = (
        parts.value_of(asked, "serviceTier", "service_tier"),
        parts.value_of(asked, "fastMode"),
    )
    if tier in asked.wire["tiers"]:
        return tier
    return {True: "auto", False: "standard_only"}[fast] if isinstance(fast, bool) else None


def betas(asked: Asked) -> tuple[list[str], bool]:
    """The betas that are asked for, and whether the config asks for some itself (ANT-30)."""
    wire, model_id = asked.wire, asked.choice.ref.model
    if "beta" not in wire:
        return [], False
    wanted = parts.value_of(asked, "anthropicBeta")
    more = [wanted] if isinstance(wanted, str) else wanted if isinstance(wanted, list) else []
    more = [one.strip() for one in more if isinstance(one, str) and one.strip()]
    context = wire["betas"]["context1m"]
    if parts.value_of(asked, "context1m") is True and model_id.startswith(tuple(context["ids"])):
        more.append(context["beta"])
    if more and asked.choice.ref.provider == "anthropic":
        return list(dict.fromkeys((wire["betas"]["first"], wire["beta"], *more))), True
    return [] if _is_adaptive(asked) or asked.own else [wire["beta"]], False


def by_key(asked: Asked, body: dict[str, Json], headers: HeaderSet) -> tuple[KeyForm, ...]:
    """What goes out with a key of Claude Code's own (ANT-31)."""
    form = asked.wire.get("oauth")
    if form is None:
        return ()
    names: dict[str, Json] = {"names": form["names"]}
    kept = HeaderSet(BEARER, *(one for one in headers.headers() if not one.credential))
    for name, value in form["headers"].items():
        kept.set(Header(name, value))
    usual, configured = betas(asked)
    if not configured:
        kept.set(Header("anthropic-beta", ",".join((form["beta"], *usual))))
    changed = {
        **body,
        "system": {**body["system"], "first": [form["first"]]},
        "messages": {**body["messages"], **names},
        "tools": {**body["tools"], **names},
    }
    return (KeyForm(form["contains"], kept.headers(), changed),)
