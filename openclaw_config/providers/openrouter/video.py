"""Video through OpenRouter's asynchronous API: submit, poll, download (spec: VID rules)."""

from __future__ import annotations

from openclaw_config.capabilities import lookup
from openclaw_config.plan.model import VIDEO, UrlFromResponse
from openclaw_config.providers.openrouter.common import PROVIDER, media_candidate
from openclaw_config.providers.surface import Built, Context
from openclaw_config.resolution.media import MediaCandidate


def candidate(context: Context, choice: MediaCandidate) -> Built:
    """The plan of one video model."""
    tables, model = context.document.tables, choice.ref.model
    plan, why = media_candidate(context, choice, VIDEO)
    row = lookup.mode(PROVIDER, VIDEO, model, "generate", tables)
    plan = plan._replace(options=row.provider_options if row is not None else ())
    if choice.timeout_ms is not None:
        plan = plan._replace(deadline_ms=int(choice.timeout_ms.value))
        why += (("/deadlineMs", choice.timeout_ms.origin),)
    if plan.live is not None:
        # The list of models is asked for first (VID-61).
        asked = model or lookup.default_model(PROVIDER, VIDEO, tables) or ""
        listed, *others = plan.steps
        route = plan.route
        if route is not None and route.base_url_ref:
            # A query stays where it is, and so takes a part of the path along.
            beside = UrlFromResponse((), f"{route.base_url}/", "videos/models")
            listed = listed._replace(url="", url_from=beside)
        plan = plan._replace(steps=(listed, *others), live={**plan.live, "model": asked})
    return Built(plan, why)
