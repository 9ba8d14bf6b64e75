"""Speech (spec: TTS rules)."""

from __future__ import annotations

from openclaw_config.capabilities import lookup
from openclaw_config.capabilities.lookup import Speech
from openclaw_config.loading.load import Document
from openclaw_config.plan.model import SPEECH, Candidate, Json
from openclaw_config.providers import requests
from openclaw_config.resolution import settings, speech
from openclaw_config.resolution.speech import SpeechProvider
from openclaw_config.view.settings import mapping, number, text

_BLANK = Speech()
_BYTES = "application/octet-stream"


def candidate(context: requests.Context, choice: SpeechProvider) -> requests.Built:
    """The plan of a provider's speech.

    Whatever base URL is configured, the request goes to OpenRouter itself (TTS-10), until releases
    let it be another (TTS-10').
    """
    usual = lookup.speech(choice.id, context.document.tables) or _BLANK
    model = _model(context, choice, usual.default_model, usual.model_key, "modelId")
    voice = _text(context, choice, usual.default_voice, *context.document.target.voice)
    form = _text(context, choice, usual.default_format, "responseFormat")
    audio = str(form.value).lower()
    ref = f"{choice.id}/{model.value}"
    problem = ""
    if audio not in usual.formats:
        formats = " and ".join(usual.formats)
        problem = f"OpenRouter speech has no response format {audio[:20]!r}, only {formats}"
    elif choice.refused:
        problem = f"the persona {choice.refused} lets only the providers speak that it names"
    plan = Candidate(
        ref,
        choice.id,
        model.value,
        choice.origin,
        automatic=not choice.chosen,
        credential=speech.chain(context.document, choice),
    )
    if problem:
        return requests.unusable(plan, problem)
    document = context.document
    found = requests.recipe(choice.id, SPEECH, document.target.requests)
    base = _base(document, choice, found.more["repoints"])
    there = settings.route(document.release, choice.id, base, canonical=True, private="refuse")
    headers = requests.HeaderSet(requests.BEARER, requests.JSON_CONTENT)
    requests.add_attribution(context, choice.id, headers, there.verified)
    (step,) = found.candidate.steps
    given = {
        "model": model,
        "voice": voice,
        "speed": _speed(context, choice),
        "provider": _routing(context, choice),
        "response_format": form,
    }
    body = _body(step.body, given, audio)
    step = requests.addressed(step._replace(body=body), there.base_url, headers.headers())
    result = found.candidate.result
    plan = plan._replace(
        route=there,
        steps=(step._replace(timeout_ms=int(choice.timeout_ms.value)),),
        result={
            **result,
            "mime": {**result["mime"], "default": found.more["mimes"].get(audio, _BYTES)},
            "extension": f".{audio}",
            "voiceNote": audio in usual.voice_note_formats,
        },
    )
    why = (
        ("/model", model.origin),
        *((f"/steps/0/body/{name}", one.origin) for name, one in given.items() if one),
        ("/steps/0/timeoutMs", choice.timeout_ms.origin),
    )
    return requests.Built(plan, why)


def _base(document: Document, choice: SpeechProvider, repoints: bool) -> settings.BaseUrl:
    """The base URL: that of the config counts where a release lets it."""
    if not repoints:
        return settings.BaseUrl("", settings.from_default("TTS-10"))
    written = speech.field(document.root, choice, "baseUrl")
    own = settings.base_url(*written) if written is not None else None
    return own or settings.configured(document.root, choice.id)


def _body(usual: Json, given: dict[str, settings.Setting | None], audio: str) -> Json:
    """The recipe's body with what the config sets; the names of both are the same."""
    body = {**usual, "response_format": audio}
    for name, setting in given.items():
        if setting is not None and name == "provider":
            body[name] = requests.literal(setting.value)
        elif setting is not None and name != "response_format":
            body[name] = requests.with_default(body[name], setting.value)
    return body


def _text(
    context: requests.Context, provider: SpeechProvider, usual: str | None, *names: str
) -> settings.Setting:
    """A text: the persona's, else the provider's, else the usual one (TTS-11).

    A blank one hides what is beneath it.
    """
    found = speech.field(context.document.root, provider, *names)
    if found is None or not text(found[0]):
        return settings.default(usual or "", "TTS-11")
    return settings.Setting(text(found[0]), settings.from_config(*found))


def _model(
    context: requests.Context, provider: SpeechProvider, usual: str | None, *names: str
) -> settings.Setting:
    """As ``_text``, of ``model`` and its alias: a blank one hides the alias (TTS-11')."""
    if not provider.laid_over:
        return _text(context, provider, usual, *names)
    root = context.document.root
    there = [name for name in names if speech.field(root, provider, name) is not None]
    own = _text(context, provider, "", *there[:1]) if there else settings.default("", "TTS-11")
    return own if own.value else provider.model or settings.default(usual or "", "TTS-11")


def _speed(context: requests.Context, provider: SpeechProvider) -> settings.Setting | None:
    found = speech.field(context.document.root, provider, "speed")
    if found is None or number(found[0]) is None:
        return None
    return settings.Setting(number(found[0]), settings.from_config(*found))


def _routing(context: requests.Context, provider: SpeechProvider) -> settings.Setting | None:
    """The routing object, that of all layers merged; a persona's takes its place."""
    root = context.document.root
    found = speech.field(root, provider, "provider")
    if found is None or mapping(found[0]) is None:
        return None
    own = found[1][:-1] in provider.persona
    merged = settings.merged(root, provider.persona if own else provider.layers, "provider")
    return settings.Setting(merged, settings.from_config(*found))
