"""Images through OpenRouter's chat completions (spec: IMG rules)."""

from __future__ import annotations

from openclaw_config.plan.model import (
    Json,
    Place,
    Placing,
    Step,
)
from openclaw_config.plan.urls import origin_of
from openclaw_config.providers.media_modes import model_sent, modes
from openclaw_config.providers.openrouter.common import (
    PROVIDER,
    add_attribution,
    media_candidate,
    media_reasons,
    media_route,
)
from openclaw_config.providers.requests import BEARER, JSON_CONTENT, HeaderSet
from openclaw_config.providers.surface import Built, Context
from openclaw_config.resolution.media import MediaCandidate, most_bytes
from openclaw_config.resolution.settings import default

TIMEOUT_MS = 90_000
MAX_IMAGE_BYTES = 6 * 1024 * 1024


def candidate(context: Context, choice: MediaCandidate) -> Built:
    """The plan of one image model."""
    route, base = media_route(context)
    headers = HeaderSet(BEARER, JSON_CONTENT)
    add_attribution(headers, route.verified)
    time = default(TIMEOUT_MS, "IMG-20")
    if choice.timeout_ms is not None and _is_positive(choice.timeout_ms.value):
        time = choice.timeout_ms
    found = modes("image", PROVIDER, choice.ref.model, context.document.tables)
    step = Step(
        name="generate",
        method="POST",
        url=f"{route.base_url}/chat/completions",
        origin=origin_of(route.base_url),
        headers=headers.headers(),
        body=_body(model_sent(choice.ref.model, found)),
        timeout_ms=int(time.value),
        timeout_parameter="timeoutMs",
        label="OpenRouter image generation failed",
    )
    plan = media_candidate(context, choice, route)._replace(
        modes=found,
        placing=Placing((Place("input"),), (), ("input",), "input"),
        steps=(step,),
        result={**_RESULT, "most": most_bytes(context.document.root, MAX_IMAGE_BYTES)},
    )
    return Built(plan, (*media_reasons(choice, base), ("/steps/0/timeoutMs", time.origin)))


def _is_positive(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def _body(model: Json) -> Json:
    """The body, in the order of IMG-02."""
    prompt: Json = {"$slot": {"parameter": "prompt", "required": True}}
    image: Json = {"type": "image_url", "image_url": {"url": {"$item": "data"}}}
    return {
        "model": model,
        "messages": [
            {
                "role": "user",
                "content": {
                    "$if": "images",
                    "then": [
                        {"type": "text", "text": prompt},
                        {"$each": "images", "item": image},
                    ],
                    "else": prompt,
                },
            }
        ],
        "modalities": ["image", "text"],
        "n": {"$slot": {"parameter": "count", "default": 1}},
        "image_config": {
            "$nonEmpty": {
                "aspect_ratio": {"$slot": {"parameter": "aspectRatio"}},
                "image_size": {"$slot": {"parameter": "resolution"}},
            }
        },
    }


_RESULT: Json = {
    "kind": "images",
    "step": "generate",
    "within": "/choices/*/message",
    "collect": [
        {"each": "/images/*", "take": ["/image_url/url", "/imageUrl/url"], "as": "data-url"},
        {"each": "/content", "take": [""], "as": "data-urls-in-text"},
        {
            "each": "/content/*",
            "forms": [
                {
                    "when": {"/type": "image_url"},
                    "take": ["/image_url/url", "/imageUrl/url"],
                    "as": "data-url",
                },
                {"take": ["/b64_json"], "as": "base64", "mime": "image/png"},
                {
                    "take": ["/inlineData/data", "/inline_data/data"],
                    "as": "base64",
                    "mime": "image/png",
                    "mimeFrom": [
                        "/inlineData/mimeType",
                        "/inlineData/mime_type",
                        "/inline_data/mimeType",
                        "/inline_data/mime_type",
                    ],
                },
            ],
        },
    ],
    "missing": "OpenRouter image generation response missing image data",
    "fileName": "image-{number}.{extension}",
}
"""How the images are taken out (IMG-30, IMG-31)."""
