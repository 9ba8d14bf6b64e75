"""The arguments of each surface's call, with OpenClaw's own rules for them.

These are the rules of the agent tools, the same for every provider; what a model can do comes on
top of them, in a candidate's modes. The checks are data, explained in ``docs/plan.md``.
"""

from __future__ import annotations

from openclaw_config.plan.model import Json, Parameter

VIDEO_RATIOS = (
    "1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9", "adaptive",
)  # fmt: skip
IMAGE_RATIOS = VIDEO_RATIOS[:-1]
VIDEO_RESOLUTIONS = ("480P", "720P", "768P", "1080P")
IMAGE_RESOLUTIONS = ("1K", "2K", "4K")
THINKING_LEVELS = ("off", "minimal", "low", "medium", "high")
_THINKING_WORDS: Json = {
    **dict.fromkeys(("min", "think"), "minimal"),
    **dict.fromkeys(("on", "enable", "enabled", "thinkhard", "think-hard", "think_hard"), "low"),
    **dict.fromkeys(("mid", "med", "thinkharder", "think-harder", "harder"), "medium"),
    **dict.fromkeys(("ultra", "ultrathink", "thinkhardest", "highest"), "high"),
}
"""Other words for the levels."""

_TRIM: Json = {"check": "trim"}
_TRUNCATE: Json = {"check": "truncate"}
_LEADING: Json = {"check": "leadingNumber"}
"""Of a text the number that it begins with counts; without this the whole text must be one."""


def _one_of(values: tuple[str, ...], case: str = "") -> tuple[Json, ...]:
    checks: list[Json] = [_TRIM]
    if case:
        checks.append({"check": "case", "to": case})
    return (*checks, {"check": "oneOf", "values": list(values)})


def _inputs(kind: str, most: int) -> tuple[Json, ...]:
    noun = {"images": "images", "videos": "videos", "audios": "audios"}[kind]
    return (
        {"check": "stripPrefix", "text": "@"},
        {"check": "unique"},
        {
            "check": "most",
            "value": most,
            "message": f"Too many reference {noun}: {{count}} provided, maximum is {most}.",
        },
    )


_FETCHED: Json = {
    "check": "fetch",
    "type": "image/",
    "most": 64 * 1024 * 1024,
    "timeoutMs": 60_000,
    "message": "Failed to fetch media from {url}",
}
"""Images that are given as URLs are fetched first: models take their bytes (SL-55)."""

_QUALITIES = ("low", "medium", "high", "auto")
_BACKGROUNDS = ("transparent", "opaque", "auto")
_OPENAI: Json = [
    {"name": "background", "type": "text", "checks": list(_one_of(_BACKGROUNDS, "lower"))},
    {"name": "moderation", "type": "text", "checks": list(_one_of(("low", "auto"), "lower"))},
    {
        "name": "outputCompression",
        "type": "number",
        "aliases": ["output_compression"],
        "checks": [
            _LEADING,
            _TRUNCATE,
            {
                "check": "between",
                "values": [0, 100],
                "message": "openai.outputCompression must be between 0 and 100",
            },
        ],
    },
]
"""The options for OpenAI's own images, which are checked whoever the provider is (SL-51)."""

_PROMPT = Parameter("prompt", "text", required=True, checks=(_TRIM,), rule="VID-10")
_SELECTS_REF: Json = {"check": "selects", "field": "ref"}
_MODEL = Parameter(
    "model", "text", checks=(_TRIM, {**_SELECTS_REF, "otherwise": "ignore"}), rule="MODEL-31"
)
_ACTION = Parameter("action", "text", checks=_one_of(("generate",)), rule="VID-10")
_TIMEOUT = Parameter(
    "timeoutMs",
    "number",
    ("timeout_ms",),
    checks=(
        _TRUNCATE,
        {
            "check": "above",
            "value": 0,
            "message": "timeoutMs must be a positive integer in milliseconds.",
        },
    ),
    rule="VID-14",
)

VIDEO: tuple[Parameter, ...] = (
    _PROMPT,
    _ACTION,
    _MODEL,
    Parameter("images", "images", ("image",), checks=_inputs("images", 9), rule="VID-16"),
    Parameter("imageRoles", "roles", ("image_roles",), rule="VID-17"),
    Parameter("videos", "videos", ("video",), checks=_inputs("videos", 4), rule="VID-16"),
    Parameter("videoRoles", "roles", ("video_roles",), rule="VID-17"),
    Parameter(
        "audios",
        "audios",
        ("audioRef", "audio_ref", "audioRefs", "audio_refs"),
        checks=_inputs("audios", 3),
        rule="VID-16",
    ),
    Parameter("audioRoles", "roles", ("audio_roles",), rule="VID-17"),
    Parameter("size", "text", checks=(_TRIM,), rule="VID-32"),
    Parameter(
        "aspectRatio", "text", ("aspect_ratio",), checks=_one_of(VIDEO_RATIOS), rule="VID-11"
    ),
    Parameter("resolution", "text", checks=_one_of(VIDEO_RESOLUTIONS, "upper"), rule="VID-12"),
    Parameter(
        "durationSeconds", "number", ("duration_seconds",), checks=(_TRUNCATE,), rule="VID-13"
    ),
    Parameter("audio", "flag", rule="VID-15"),
    Parameter("watermark", "flag", rule="VID-15"),
    Parameter(
        "providerOptions",
        "object",
        ("provider_options",),
        checks=(
            {
                "check": "object",
                "message": "providerOptions must be a JSON object keyed by provider-specific"
                " option name.",
            },
        ),
        rule="VID-1A",
    ),
    _TIMEOUT,
)

IMAGE: tuple[Parameter, ...] = (
    _PROMPT._replace(rule="IMG-10"),
    _ACTION._replace(rule="IMG-10"),
    _MODEL,
    Parameter(
        "images", "images", ("image",), checks=(*_inputs("images", 5), _FETCHED), rule="IMG-10"
    ),
    Parameter("size", "text", checks=(_TRIM,), rule="IMG-12"),
    Parameter(
        "aspectRatio", "text", ("aspect_ratio",), checks=_one_of(IMAGE_RATIOS), rule="IMG-10"
    ),
    Parameter(
        "resolution",
        "text",
        checks=(
            *_one_of(IMAGE_RESOLUTIONS, "upper"),
            {
                "check": "inferFromImages",
                "steps": [[3000, "4K"], [1500, "2K"], [0, "1K"]],
                "unless": ["size"],
            },
        ),
        rule="IMG-11",
    ),
    Parameter("quality", "text", checks=_one_of(_QUALITIES, "lower"), rule="IMG-10"),
    Parameter(
        "outputFormat",
        "text",
        ("output_format",),
        checks=_one_of(("png", "jpeg", "webp"), "lower"),
        rule="IMG-10",
    ),
    Parameter(
        "background", "text", checks=_one_of(_BACKGROUNDS, "lower"), rule="IMG-10"
    ),
    Parameter(
        "count",
        "number",
        checks=(
            _LEADING,
            _TRUNCATE,
            {"check": "between", "values": [1, 4], "message": "count must be between 1 and 4"},
        ),
        rule="IMG-06",
    ),
    Parameter("openai", "object", checks=({"check": "fields", "fields": _OPENAI},), rule="IMG-16"),
    _TIMEOUT._replace(rule="IMG-20"),
)  # fmt: skip


def speech(max_text_length: int) -> tuple[Parameter, ...]:
    """The arguments of speech; ``max_text_length`` is in UTF-16 code units (TTS-24)."""
    return (
        Parameter(
            "text",
            "text",
            required=True,
            checks=(
                {
                    "check": "maxLength",
                    "value": max_text_length,
                    "message": f"Text too long ({{count}} chars, max {max_text_length})",
                },
            ),
            rule="TTS-24",
        ),
        Parameter("model", "text", ("modelId",), checks=(_TRIM,), rule="TTS-43"),
        Parameter("voice", "text", ("voiceId",), checks=(_TRIM,), rule="TTS-43"),
        Parameter("speed", "number", rule="TTS-11"),
        Parameter(
            "provider",
            "text",
            checks=(_TRIM, {"check": "selects", "field": "provider"}),
            rule="TTS-30",
        ),
        Parameter("timeoutMs", "number", ("timeout_ms",), checks=_TIMEOUT.checks, rule="TTS-23"),
    )


CHAT: tuple[Parameter, ...] = (
    Parameter("messages", "messages", required=True, rule="CHAT-03"),
    Parameter("model", "text", checks=(_TRIM, _SELECTS_REF), rule="MODEL-22"),
    Parameter("tools", "tools", rule="CHAT-03"),
    Parameter(
        "thinking",
        "text",
        checks=(
            _TRIM,
            {"check": "case", "to": "lower"},
            {"check": "words", "table": dict(_THINKING_WORDS)},
            {"check": "oneOf", "values": list(THINKING_LEVELS)},
        ),
        rule="MODEL-50",
    ),
    Parameter("params", "object", rule="CHAT-32"),
    Parameter("sessionId", "text", ("session_id",), rule="CHAT-43"),
    Parameter(
        "timeoutSeconds",
        "number",
        ("timeout_seconds",),
        checks=({"check": "above", "value": -1, "message": "timeoutSeconds must be 0 or more"},),
        rule="CHAT-55",
    ),
)
