"""Speech through OpenRouter's audio endpoint (spec: TTS rules)."""

from __future__ import annotations

from openclaw_config.plan.model import Candidate, Json, Origin, Step
from openclaw_config.providers.context import Built, Context, unusable
from openclaw_config.providers.headers import BEARER, JSON_CONTENT, HeaderSet
from openclaw_config.providers.openrouter.common import PROVIDER, add_attribution
from openclaw_config.providers.templates import literal
from openclaw_config.resolution import speech
from openclaw_config.resolution.origins import from_config, from_default
from openclaw_config.resolution.routes import BaseUrl, origin_of, route
from openclaw_config.resolution.settings import Setting, default, json_value, number, text
from openclaw_config.resolution.speech import SpeechProvider, SpeechSurface
from openclaw_config.syntax.nodes import child

DEFAULT_MODEL = "hexgrad/kokoro-82m"
DEFAULT_VOICE = "af_alloy"
FORMATS = ("mp3", "pcm")


def candidate(context: Context, surface: SpeechSurface, provider: SpeechProvider) -> Built:
    """The plan of OpenRouter's speech.

    Whatever base URL is configured, the request goes to OpenRouter itself (TTS-10).
    """
    root = context.document.root
    model = _persona(context, provider, "model") or speech.settings_text(
        root, provider, "model", "modelId"
    )
    voice = _persona(context, provider, "voice") or speech.settings_text(
        root, provider, "voice", "voiceId"
    )
    model = model or default(DEFAULT_MODEL, "TTS-11")
    voice = voice or default(DEFAULT_VOICE, "TTS-11")
    form = speech.settings_text(root, provider, "responseFormat") or default("mp3", "TTS-11")
    audio = str(form.value).lower()
    ref = f"{PROVIDER}/{model.value}"
    credential = speech.chain(context.document, provider)
    if audio not in FORMATS:
        problem = f"OpenRouter speech has no response format {audio[:20]!r}, only mp3 and pcm"
        return unusable(
            ref,
            PROVIDER,
            model.value,
            provider.origin,
            problem,
            credential=credential,
            automatic=not provider.chosen,
        )
    there, _ = route(
        PROVIDER, BaseUrl("", from_default("TTS-10")), canonical=True, private="refuse"
    )
    headers = HeaderSet(BEARER, JSON_CONTENT)
    add_attribution(headers, there.verified)
    speed = _speed(context, provider)
    routing = speech.provider_object(root, provider, "provider")
    body: dict[str, Json] = {
        "model": {"$slot": {"parameter": "model", "default": model.value}},
        "input": {"$slot": {"parameter": "text", "required": True}},
        "voice": {"$slot": {"parameter": "voice", "default": voice.value}},
        "response_format": audio,
    }
    why: list[tuple[str, Origin]] = [
        ("/model", model.origin),
        ("/steps/0/body/model", model.origin),
        ("/steps/0/body/voice", voice.origin),
        ("/steps/0/body/response_format", form.origin),
        ("/steps/0/timeoutMs", surface.timeout_ms.origin),
    ]
    if speed is not None:
        body["speed"] = speed.value
        why.append(("/steps/0/body/speed", speed.origin))
    if routing is not None:
        body["provider"] = literal(json_value(routing))
        found = speech.field(root, provider, "provider")
        if found is not None:
            why.append(("/steps/0/body/provider", from_config(*found)))
    step = Step(
        name="speak",
        method="POST",
        url=f"{there.base_url}/audio/speech",
        origin=origin_of(there.base_url),
        headers=headers.headers(),
        body=body,
        timeout_ms=int(surface.timeout_ms.value),
        timeout_parameter="timeoutMs",
        label="OpenRouter TTS API error",
    )
    plan = Candidate(
        ref=ref,
        provider=PROVIDER,
        model=model.value,
        origin=provider.origin,
        automatic=not provider.chosen,
        route=there,
        credential=credential,
        steps=(step,),
        result={
            "kind": "audio",
            "bytes": {"step": "speak"},
            "extension": f".{audio}",
            "voiceNote": audio == "mp3",
        },
    )
    return Built(plan, tuple(why))


def _persona(context: Context, provider: SpeechProvider, name: str) -> Setting | None:
    """A field that the active persona sets; it must use the main names (TTS-32)."""
    if not provider.persona:
        return None
    path = (*provider.persona, name)
    node = child(context.document.root, *path)
    return Setting(text(node), from_config(node, path)) if node is not None and text(node) else None


def _speed(context: Context, provider: SpeechProvider) -> Setting | None:
    root = context.document.root
    if provider.persona:
        path = (*provider.persona, "speed")
        node = child(root, *path)
        if node is not None and number(node) is not None:
            return Setting(number(node), from_config(node, path))
    found = speech.field(root, provider, "speed")
    if found is None or number(found[0]) is None:
        return None
    return Setting(number(found[0]), from_config(*found))
