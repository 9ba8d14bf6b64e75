"""Images through OpenRouter's chat completions (spec: IMG rules)."""

from __future__ import annotations

from openclaw_config.capabilities import lookup
from openclaw_config.plan.model import (
    Json,
    Mode,
    Place,
    Placing,
    Step,
)
from openclaw_config.plan.urls import origin_of
from openclaw_config.providers.context import Built, Context
from openclaw_config.providers.headers import BEARER, JSON_CONTENT, HeaderSet
from openclaw_config.providers.media_modes import fitting
from openclaw_config.providers.openrouter.common import (
    PROVIDER,
    add_attribution,
    media_candidate,
    media_reasons,
    media_route,
)
from openclaw_config.resolution.media import MediaCandidate, most_bytes
from openclaw_config.resolution.settings import Setting, default

TIMEOUT_MS = 90_000
MAX_IMAGE_BYTES = 6 * 1024 * 1024
_GEMINI = "google/gemini-"


def candidate(context: Context, choice: MediaCandidate, timeout: Setting | None) -> Built:
    """The plan of one image model; ``timeout`` is the config's ``timeoutMs`` (IMG-20)."""
    route, base = media_route(context)
    headers = HeaderSet(BEARER, JSON_CONTENT)
    add_attribution(headers, route.verified)
    time = timeout if _positive(timeout) else default(TIMEOUT_MS, "IMG-20")
    step = Step(
        name="generate",
        method="POST",
        url=f"{route.base_url}/chat/completions",
        origin=origin_of(route.base_url),
        headers=headers.headers(),
        body=_body(choice.ref.model),
        timeout_ms=int(time.value) if time is not None else TIMEOUT_MS,
        timeout_parameter="timeoutMs",
        label="OpenRouter image generation failed",
    )
    plan = media_candidate(context, choice, route)._replace(
        modes=modes(choice.ref.model),
        placing=Placing((Place("input"),), (), ("input",), "input"),
        steps=(step,),
        result={**_RESULT, "most": most_bytes(context.document.root, MAX_IMAGE_BYTES)},
    )
    why = media_reasons(choice, base)
    if time is not None:
        why.append(("/steps/0/timeoutMs", time.origin))
    return Built(plan, tuple(why))


def _positive(setting: Setting | None) -> bool:
    return (
        setting is not None
        and isinstance(setting.value, int | float)
        and not isinstance(setting.value, bool)
        and setting.value > 0
    )


def modes(model: str) -> tuple[Mode, ...]:
    """What the capability table says that a model takes, as normalisations (IMG-01, IMG-12 ff)."""
    found = []
    for name, inputs in (("generate", ()), ("edit", ("images",))):
        row = lookup.image(PROVIDER, model, name)
        if row is None:
            continue
        found.append(
            Mode(
                name,
                inputs,
                limits=(("images", row.max_images),),
                normalize=fitting(row),
            )
        )
    return tuple(found)


def _body(model: str) -> Json:
    """The body, in the order of IMG-02; only Gemini models get the geometry (IMG-05)."""
    prompt: Json = {"$slot": {"parameter": "prompt", "required": True}}
    image: Json = {"type": "image_url", "image_url": {"url": {"$item": "data"}}}
    body: dict[str, Json] = {
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
    }
    if model.startswith(_GEMINI):
        body["image_config"] = {
            "$nonEmpty": {
                "aspect_ratio": {"$slot": {"parameter": "aspectRatio"}},
                "image_size": {"$slot": {"parameter": "resolution"}},
            }
        }
    return body


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
