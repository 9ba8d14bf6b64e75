"""Images through OpenRouter (spec: IMG rules): chat completions, or its API for images (IMG-40)."""

from __future__ import annotations

from openclaw_config.plan.model import IMAGE
from openclaw_config.providers.openrouter.common import media_candidate
from openclaw_config.providers.surface import Built, Context
from openclaw_config.resolution.media import MediaCandidate
from openclaw_config.resolution.settings import default


def candidate(context: Context, choice: MediaCandidate) -> Built:
    """The plan of one image model."""
    media = media_candidate(context, choice, IMAGE)
    step = media.plan.steps[0]
    time = default(step.timeout_ms, media.more["timeoutRule"])
    if choice.timeout_ms is not None and type(choice.timeout_ms.value) in {int, float}:
        time = choice.timeout_ms if choice.timeout_ms.value > 0 else time
    plan = media.plan._replace(
        steps=(step._replace(timeout_ms=int(time.value)),),
        result={**media.plan.result, "most": media.most},
    )
    return Built(plan, (*media.why, ("/steps/0/timeoutMs", time.origin)))
