"""Images through OpenRouter's chat completions (spec: IMG rules)."""

from __future__ import annotations

from typing import NamedTuple

from openclaw_config import registry
from openclaw_config.plan.model import (
    Json,
    Place,
    Placing,
    Require,
    Step,
)
from openclaw_config.plan.urls import origin_of
from openclaw_config.providers.media_modes import model_sent, modes
from openclaw_config.providers.openrouter.common import (
    BLOCK,
    PROVIDER,
    add_attribution,
    media_candidate,
    media_headers,
    media_reasons,
    media_route,
)
from openclaw_config.providers.requests import BEARER, JSON_CONTENT, HeaderSet, with_transport
from openclaw_config.providers.surface import Built, Context
from openclaw_config.resolution.media import MediaCandidate, most_bytes
from openclaw_config.resolution.settings import default

MAX_IMAGE_BYTES = 6 * 1024 * 1024


def candidate(context: Context, choice: MediaCandidate) -> Built:
    """The plan of one image model."""
    route, base = media_route(context)
    release = _RELEASES[context.document.target.requests]
    if release.configured:
        headers = media_headers(context, route)
        route = with_transport(context.document, route, (*BLOCK, "request"))
    else:
        headers = HeaderSet(BEARER, JSON_CONTENT)
        add_attribution(context, headers, route.verified)
    known = registry.provider(context.document.release, PROVIDER)
    usual = known.base_urls[0] if known is not None else ""
    dedicated = release.dedicated and (
        route.base_url == usual or (known and route.base_url in known.former_base_urls)
    )
    url = f"{usual}/images" if dedicated else f"{route.base_url}/chat/completions"
    time = default(release.timeout_ms, release.timeout_rule)
    if choice.timeout_ms is not None and _is_positive(choice.timeout_ms.value):
        time = choice.timeout_ms
    found = modes("image", PROVIDER, choice.ref.model, context.document)
    body = _dedicated_body if dedicated else _body
    step = Step(
        name="generate",
        method="POST",
        url=url,
        origin=origin_of(url),
        headers=headers.headers(),
        body=body(model_sent(choice.ref.model, found)),
        timeout_ms=int(time.value),
        timeout_parameter="timeoutMs",
        label="OpenRouter image generation failed",
        require=_SHAPE if dedicated else None,
        copies_parameter="count" if dedicated else "",
    )
    most = most_bytes(context.document.root, MAX_IMAGE_BYTES)
    result = _DEDICATED_RESULT if dedicated else release.chat_result
    plan = media_candidate(context, choice, route)._replace(
        modes=found,
        placing=Placing((Place("input"),), (), ("input",), "input"),
        steps=(step,),
        result={**result, "most": most},
    )
    why = [*media_reasons(choice, base), *headers.why("/steps/0")]
    return Built(plan, (*why, ("/steps/0/timeoutMs", time.origin)))


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


def _dedicated_body(model: Json) -> Json:
    """The body of the API for images, in the order of IMG-02'."""
    image: Json = {"type": "image_url", "image_url": {"url": {"$item": "data"}}}
    return {
        "model": model,
        "prompt": {"$slot": {"parameter": "prompt", "required": True}},
        "n": 1,
        "aspect_ratio": {"$slot": {"parameter": "aspectRatio"}},
        "resolution": {"$slot": {"parameter": "resolution"}},
        "input_references": {"$each": "images", "item": image},
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

_MISSING = "OpenRouter image generation response missing image data"
_MALFORMED = "OpenRouter image generation response malformed"
_SHAPE = Require((), _MISSING, (("", "object"), ("/data", "list")), _MALFORMED)
_DEDICATED_RESULT: Json = {
    **_RESULT,
    "within": "",
    "collect": [
        {
            "each": "/data/*",
            "take": ["/b64_json"],
            "as": "base64",
            "mime": "image/png",
            "mimeFrom": ["/mime_type", "/media_type"],
            "sniff": True,
            "strict": True,
        }
    ],
    "malformed": _MALFORMED,
}
"""How the images of the API for images are taken out (IMG-30')."""


def _strict(result: Json) -> Json:
    """The result of chat in which an image that cannot be read is a failure (IMG-30')."""
    images, text, parts = result["collect"]
    first, *others = parts["forms"]
    parts = {**parts, "forms": [{**first, "strict": True}, *others]}
    text = {**text, "types": ["text", "list"]}
    return {**result, "collect": [{**images, "strict": True}, text, parts], "malformed": _MALFORMED}


class _Release(NamedTuple):
    """What differs between releases.

    ``configured`` headers are sent (HTTP-05'); the ``dedicated`` API is used (IMG-40).
    """

    timeout_ms: int
    timeout_rule: str
    configured: bool
    dedicated: bool
    chat_result: Json


_RELEASES = {
    "2026.4.29": _Release(90_000, "IMG-20", False, False, _RESULT),
    "2026.9.6": _Release(180_000, "IMG-20'", True, True, _strict(_RESULT)),
}
