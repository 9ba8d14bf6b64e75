"""Plans that lead to the test server."""

from __future__ import annotations

import json
from collections.abc import Collection
from functools import cache
from typing import Any

from openclaw_config.compiler.compile import compile_plan
from openclaw_config.loading.environment import Environment
from openclaw_config.loading.load import load
from openclaw_config.plan.model import Failover, Plan, Route, SurfacePlan
from openclaw_config.runtime.secrets import Secrets
from tests.server.provider import Provider

KEY = "sk-or-canary-0123456789"
CONFIG = {
    "agents": {
        "defaults": {
            "model": {"primary": "openrouter/openai/gpt-4o-mini"},
            "videoGenerationModel": {"primary": "openrouter/google/veo-3.1-fast"},
            "imageGenerationModel": {"primary": "openrouter/google/gemini-3-pro-image-preview"},
            "mediaGenerationAutoProviderFallback": False,
        }
    },
    "messages": {"tts": {"provider": "openrouter"}},
}


def plan_for(provider: Provider, config: dict[str, Any] | None = None) -> Plan:
    """A config's plan with the test server in the place of OpenRouter.

    A plan is data: the addresses in it are replaced, and loopback is let through.
    """
    return led_to(provider, _compiled(json.dumps(config or CONFIG)))


@cache
def _compiled(text: str) -> Plan:
    document = load(
        text=text,
        environment=Environment.of({"OPENROUTER_API_KEY": KEY}),
        home="/nowhere",
        state_dir="/nowhere/.openclaw",
    )
    return compile_plan(document)


def led_to(provider: Provider, plan: Plan) -> Plan:
    """A plan with the test server in the place of OpenRouter."""

    def led(value: Any) -> Any:
        if isinstance(value, str):
            return value.replace("https://openrouter.ai", provider.origin)
        if isinstance(value, Route):
            value = value._replace(private="allow")
        if isinstance(value, tuple):
            parts = map(led, value)
            return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
        if isinstance(value, list):
            return [*map(led, value)]
        return {led(k): led(v) for k, v in value.items()} if isinstance(value, dict) else value

    changed: Plan = led(plan)
    return changed


def impatient(
    surface: SurfacePlan, limited: Collection[str] = (), *, limit_ms: int = 400
) -> SurfacePlan:
    """The same with short pauses, and without second tries.

    Only the ``limited`` steps, which are to run out of time, get little of it: on a busy machine
    the others may need more.
    """
    candidates = []
    for candidate in surface.candidates:
        steps = []
        for step in candidate.steps:
            poll = step.poll and step.poll._replace(interval_ms=5)
            most = limit_ms if step.name in limited else 60_000
            steps.append(
                step._replace(
                    timeout_ms=min(step.timeout_ms, most),
                    idle_timeout_ms=min(step.idle_timeout_ms, most),
                    poll=poll,
                    retry=None,
                )
            )
        candidates.append(candidate._replace(steps=tuple(steps)))
    failover = Failover(surface.failover.policy, surface.failover.all_failed)
    return surface._replace(candidates=tuple(candidates), failover=failover)


def secrets() -> Secrets:
    """The canary as the key."""
    return Secrets({"OPENROUTER_API_KEY": KEY})
