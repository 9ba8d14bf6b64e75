"""Lints about model refs: OpenClaw accepts any text there and finds out when it is too late."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from openclaw_config import registry
from openclaw_config.diagnostics.model import INFO, WARNING, Diagnostic, Related, rule
from openclaw_config.facts import read_json
from openclaw_config.syntax.nodes import ObjectNode, StringNode, child, text_of
from openclaw_config.syntax.text import KeyPath
from openclaw_config.validation.context import RuleContext, texts
from openclaw_config.validation.suggest import misspelt, nearest, removing, rewording
from openclaw_config.view import refs
from openclaw_config.view.settings import items, number

if TYPE_CHECKING:
    from openclaw_config.capabilities.lookup import Tables

_MEDIA = {"image": "images", "video": "videos", "music": "music"}


class Ref(NamedTuple):
    """A model ref in the config. ``surface`` is chat, image, video or music."""

    node: StringNode
    path: KeyPath
    surface: str


def _refs(context: RuleContext) -> Iterator[Ref]:
    chat = ("agents.defaults.imageModel", "agents.defaults.pdfModel")
    places = chain(context.settings("model"), *map(context.each, chat))
    media = context.keys.media_models.items()
    found = {"chat": places, **{surface: context.each(*way) for surface, way in media}}
    for surface, named in found.items():
        for path, node in named:
            for ref, where in refs.written(node, path):
                if not ref.assumed and ref.value.strip():
                    yield Ref(ref, where, surface)


# --- refs that lead nowhere -------------------------------------------------------------------


def _is_alias(context: RuleContext, ref: Ref) -> bool:
    return refs.is_name(context.names, ref.node.value.strip(), free="fallbacks" not in ref.path)


def _named(context: RuleContext) -> Iterator[tuple[Ref, str, str]]:
    """The refs that name a provider and a model, with both; aliases do not."""
    for ref in _refs(context):
        halves = refs.split(ref.node.value)
        if halves is not None and not (ref.surface == "chat" and _is_alias(context, ref)):
            yield ref, *halves


@rule("agents", severity=WARNING, label="write provider/model")
def bare_model(context: RuleContext) -> Iterator[Diagnostic]:
    """A model without its provider.

    A chat model without a slash goes to the one provider that lists it, or else to openai, and a
    fallback to the primary's provider. A media model without one is dropped in silence, alias or
    not.

    bad: { agents: { defaults: { videoGenerationModel: "veo-3.1-fast" } } }
    good: { agents: { defaults: { videoGenerationModel: "openrouter/google/veo-3.1-fast" } } }
    source: MODEL-07, MODEL-20, MODEL-30
    """
    for ref in _refs(context):
        text = ref.node.value.strip()
        if refs.split(text) is not None:
            continue
        if ref.surface != "chat":
            meant = context.names.aliases.get(text.lower()) or _full_name(context, ref, text)
            yield context.at_value(ref.path, "names no provider, so OpenClaw ignores it", meant)
        elif not _is_alias(context, ref):
            yield from _bare_chat(context, ref, text)


def _bare_chat(context: RuleContext, ref: Ref, text: str) -> Iterator[Diagnostic]:
    names = context.names
    found = refs.resolve(names, text, _primary_provider(context, ref))
    owners = names.owners.get(refs.without_profile(text)[0].lower(), set())
    if found is None or owners == {found[0].provider}:
        return
    outcome = f"so OpenClaw takes {found[0].provider}"
    if "model" not in ref.path:
        outcome = "and no single provider lists this model"
    own = f"{min(owners)}/{text}" if len(owners) == 1 else None
    meant = nearest(text, sorted(names.aliases)) or own or _full_name(context, ref, text)
    yield context.at_value(ref.path, f"names no provider, {outcome}", meant)


def _primary_provider(context: RuleContext, ref: Ref) -> str:
    """The provider that a chat fallback without one gets: that of the primary beside it."""
    fallback = "fallbacks" in ref.path and "model" in ref.path
    primary = context.text(*ref.path[:-2], "primary") if fallback else None
    found = refs.resolve(context.names, primary) if primary else None
    return found[0].provider if found is not None else ""


def _full_name(context: RuleContext, ref: Ref, text: str) -> str | None:
    """The one model that a name without its provider can stand for, as far as the tables know.

    Of several, the one of a provider that the config uses elsewhere.
    """
    from openclaw_config.capabilities import lookup

    name, tables = text.lower(), _tables(context)
    found = {
        provider: model if model.startswith(f"{provider}/") else f"{provider}/{model}"
        for provider in lookup.providers_with(ref.surface, tables)
        for model in lookup.models(provider, ref.surface, tables)
        if name in (model.lower(), model.lower().rpartition("/")[2])
    }
    used = {other.node.value.partition("/")[0].strip() for other in _refs(context)}
    mine = [full for provider, full in found.items() if provider in used] or [*found.values()]
    return mine[0] if len(mine) == 1 else None


@rule("agents", severity=WARNING, label="not a provider")
def unknown_provider(context: RuleContext) -> Iterator[Diagnostic]:
    """A model ref names a provider that OpenClaw does not know.

    The text before the first slash is the provider. OpenClaw accepts any, and fails when it first
    needs the model; a media model of an unknown provider is passed over in silence.

    bad: { agents: { defaults: { model: "openruter/moonshotai/kimi-k2.6" } } }
    good: { agents: { defaults: { model: "openrouter/moonshotai/kimi-k2.6" } } }
    source: MODEL-01, MODEL-32
    """
    for ref, provider, model in _named(context):
        if _offers(context, ref, provider) is not None:
            continue
        chat = ref.surface == "chat"
        options = registry.provider_ids(context.target) if chat else _makers(context, ref.surface)
        near = nearest(provider, options)
        if near is None and _external_plugins(context):
            continue
        from openclaw_config.diagnostics.masking import quote

        kind = "" if chat else f" of {_MEDIA[ref.surface]}"
        text = f": OpenClaw knows no provider {quote(ref.node, ref.path, provider)}{kind}"
        other = f"providers: {', '.join(options)}"
        helps = () if near else ("describe your own under models.providers" if chat else other,)
        yield context.at_value(ref.path, text, near and f"{near}/{model}", helps=helps)


@rule("agents", severity=WARNING, label="OpenClaw passes over it")
def no_such_surface(context: RuleContext) -> Iterator[Diagnostic]:
    """A media model whose provider makes no such media.

    OpenClaw looks for a provider of the kind that the key names, finds none of that id, and goes on
    with the next candidate.

    bad: { agents: { defaults: { videoGenerationModel: "elevenlabs/eleven-v3" } } }
    good: { agents: { defaults: { videoGenerationModel: "openrouter/google/veo-3.1-fast" } } }
    source: MODEL-32
    """
    for ref, provider, _ in _named(context):
        if ref.surface != "chat" and _offers(context, ref, provider) is False:
            name = registry.surface_provider(context.target, ref.surface, provider)
            text = f": provider `{name}` makes no {_MEDIA[ref.surface]}"
            helps = (f"providers that do: {', '.join(_makers(context, ref.surface))}",)
            yield context.at_value(ref.path, text, helps=helps)


@rule("agents", severity=INFO, default=False)
def not_compiled(context: RuleContext) -> Iterator[Diagnostic]:
    """A model whose requests this version of openclaw-config does not compile.

    OpenClaw can ask it; the plan, `diff` and `run` have no requests for it.

    bad: { agents: { defaults: { model: "amazon-bedrock/us.anthropic.claude-opus-4-6-v1" } } }
    good: { agents: { defaults: { model: "anthropic/claude-opus-4-6" } } }
    source: COM-01
    """
    known = read_json("requests/compiled.json")
    for ref, provider, model in _named(context):
        if ref.surface == "chat":
            api = _api(context, provider, model)
            why = known["why"].get(api, "its API is not compiled")
            if api not in known["apis"]:
                text = f": its requests are not compiled; they would need the API {api}"
                yield context.at_value(ref.path, text, helps=(why,))
            continue
        name = registry.surface_provider(context.target, ref.surface, provider)
        if name in _makers(context, ref.surface) and name not in known["providers"][ref.surface]:
            own = f"{name}'s own API for {_MEDIA[ref.surface]}"
            text = f": its requests are not compiled; they would need {own}"
            yield context.at_value(ref.path, text)


def _api(context: RuleContext, provider: str, model: str) -> str:
    """The wire API that a chat model is asked over (COM-01)."""
    name = registry.canonical_provider(context.target, provider)
    block = context.get("models", "providers", provider) or context.get("models", "providers", name)
    entry = (context.models.get(provider) or context.models.get(name, {})).get(model)
    written = text_of(child(entry, "api")) or text_of(child(block, "api"))
    row = registry.provider(context.target, name)
    return written or (row.api if row is not None else "") or "openai-completions"


def _offers(context: RuleContext, ref: Ref, written: str) -> bool | None:
    """Whether a ref's provider makes what is asked of it, or may; None when nobody knows it.

    Chat takes each that the config describes or OpenClaw knows.
    """
    release = context.target
    if ref.surface == "chat":
        name = registry.canonical_provider(release, written)
        own = {written, written.lower()}.intersection(context.names_at("models", "providers"))
        others = (registry.provider, registry.runtime_alias, registry.removed_provider)
        return True if own or any(of(release, name) is not None for of in others) else None
    known = registry.provider(release, registry.surface_provider(release, ref.surface, written))
    if known is None or ref.surface not in known.surfaces:
        return True if _external_plugins(context) else None if known is None else False
    return True


def _makers(context: RuleContext, surface: str) -> list[str]:
    ids = registry.provider_ids(context.target)
    known = ((name, registry.provider(context.target, name)) for name in ids)
    return [name for name, provider in known if provider and surface in provider.surfaces]


def _external_plugins(context: RuleContext) -> bool:
    """Whether plugins of other origin may bring providers of their own."""
    entries = context.names_at("plugins", "entries")
    return bool(items(context.get("plugins", "load", "paths"))) or any(
        key not in registry.plugin_ids(context.target) for key in entries
    )


@rule("agents", severity=WARNING)
def retired_model(context: RuleContext) -> Iterator[Diagnostic]:
    """A model that is gone or has another name now.

    OpenClaw rewrites some old ids and refuses others; a provider that has taken a model away
    answers with an error. Write the present name.

    bad: { agents: { defaults: { model: "qwen-portal/coder-model" } } }
    good: { agents: { defaults: { model: "openrouter/moonshotai/kimi-k2.6" } } }
    source: MODEL-01, schema/registry/retired
    """
    refuses = refused_model.of_release(context.target) is not None
    for ref in _refs(context):
        if refuses and registry.suppressed(context.target, ref.node.value):
            continue
        found = registry.retired(context.target, ref.node.value)
        if (
            found is None
            or found.kind in ("runtime", "legacy-family")
            or found.surface not in ("", ref.surface)
            or (found.hosts and not _host_matches(context, ref, found.hosts))
        ):
            continue
        text, label = f": this model {registry.FATES[found.kind]}", _instead(found.ref)
        fix = rewording(ref.node, found.ref, safe=found.kind == "renamed")
        yield context.at_value(ref.path, text, label=label, fix=fix)


def _instead(ref: str | None) -> str:
    return f'write "{ref}"' if ref else "choose another"


_NAMED = (
    "model", "utilityModel", "imageModel", "voiceModel", "pdfModel", "mediaModels.*",
    "imageGenerationModel", "videoGenerationModel", "musicGenerationModel", "heartbeat.model",
    "subagents.model", "compaction.model", "compaction.memoryFlush.model",
)  # fmt: skip
_NAMED_ELSEWHERE = (
    "tools.exec.reviewer.model", "tools.media.*.preferredModel", "channels.modelByChannel.*.*",
    "hooks.mappings.[].model", "hooks.gmail.model", "channels.discord.voice.model",
    "channels.discord.accounts.*.voice.model",
)  # fmt: skip
"""Where a model may be named (MODEL-23): below the defaults and each agent, and anywhere."""


_SECTIONS = ("agents", "tools", "channels", "hooks", "tts", "messages")


def _everywhere(context: RuleContext) -> Iterator[tuple[StringNode, KeyPath]]:
    """Every ref of the config, where its text is known."""
    elsewhere = (*_NAMED_ELSEWHERE, ".".join((*context.keys.speech, "summaryModel")))
    places = chain(*map(context.settings, _NAMED), *map(context.each, elsewhere))
    found = (one for place, node in places for one in refs.written(node, place))
    return ((ref, path) for ref, path in found if not ref.assumed)


@rule(*_SECTIONS, severity=WARNING, label="it is refused before it is sent")
def unknown_model(context: RuleContext) -> Iterator[Diagnostic]:
    """A model that looks like a misspelling of one that is known.

    Neither the tables nor models.providers list it, but one that differs in a word or in what
    separates the words. OpenClaw sends the name as it is, and the provider refuses it. Models that
    are new, or that a provider passes on, look like none of the list and are not reported.

    bad: { agents: { defaults: { model: "openrouter/anthropic/claude-sonnet-4-6" } } }
    good: { agents: { defaults: { model: "openrouter/anthropic/claude-sonnet-4.6" } } }
    source: MODEL-01, MODEL-02, schema/capabilities
    """
    media = context.keys.media_models.items()
    meant_by = cache(lambda text, surface: [*_meant(context, text, surface)])
    for ref, path in _everywhere(context):
        surface = next((name for name, way in media if path[: len(way)] == way), "chat")
        for meant, others in meant_by(ref.value.strip(), surface):
            text = _UNKNOWN if meant else ": the provider takes no such model"
            helps = () if meant else (f"models: {', '.join(others)}",)
            yield context.at_value(path, text, meant, helps=helps)
    for path, _ in context.settings("models", "*"):
        for meant, _ in meant_by(str(path[-1]), "chat"):
            yield context.at_key(path, _UNKNOWN, near=meant)
    for path, node in texts(context.each(*context.keys.speech, "providers", "*", "*")):
        if near := _meant_speech(context, str(path[-2]), str(path[-1]), node.value):
            yield context.at_value(path, _UNKNOWN, near)


def _tables(context: RuleContext) -> Tables:
    """The capability tables that count for the config."""
    from openclaw_config.capabilities import lookup

    return context.document.tables or lookup.built_in(context.document.target.requests)


def _meant_speech(context: RuleContext, provider: str, key: str, model: str) -> str | None:
    """What an unknown model of speech was meant to be; None where the key names no model."""
    from openclaw_config.capabilities import lookup

    known = lookup.speech(provider, _tables(context))
    if known is None or key != known.model_key or model.strip() in known.models:
        return None
    return misspelt(model, known.models)


_UNKNOWN = ": neither the tables nor models.providers list this model"


def _meant(context: RuleContext, text: str, surface: str) -> Iterator[tuple[str, list[str]]]:
    """What an unknown ref was meant to be, "" where the provider refuses it; and its models."""
    from openclaw_config.capabilities import lookup

    chat, release = surface == "chat", context.target
    if chat and refs.is_name(context.names, text):
        return
    own, profile = refs.without_profile(text) if chat else (text, "")
    ref, halves = refs.parse_chat(release, own) if chat else refs.split(own), refs.split(own)
    if ref is None or halves is None:
        return
    provider, model = ref.provider.lower(), ref.model
    if chat and provider == "openrouter" and context.document.target.native_chat:
        model = refs.sent_id(model)
    tables = _tables(context)
    if lookup.listed(provider, surface, model, tables):
        return
    proxied = bool(context.proxy(provider))
    options = [] if proxied else [*lookup.models(provider, surface, tables)]
    refuses = bool(options) and lookup.unlisted(provider, surface, tables) == lookup.REFUSED
    options += context.models.get(halves.provider, ())
    foreign = chat and not options
    if foreign and not proxied:
        rows = lookup.models("openrouter", "chat", tables)
        options = [row[len(provider) + 1 :] for row in rows if row.startswith(f"{provider}/")]
    base, colon, variant = model.partition(":")
    known = {option.lower().removeprefix(f"{provider}/") for option in options}
    known |= {option.lower() for option in options}
    # A variant of a model, and a name that stands for its newest version, are the provider's.
    names = (name.lower().removeprefix("~") for name in (model, base, halves.model))
    if not known.isdisjoint(names) or registry.retired(release, text):
        return
    meant = misspelt(model, options, foreign=foreign) or misspelt(base, options, foreign=foreign)
    if meant is None and "/" not in halves.model and not foreign:
        tails = {option.rpartition("/")[2]: option for option in options}
        meant = tails.get(misspelt(halves.model, tails) or "")
    if meant is not None:
        meant += f"{colon}{variant}" * (":" not in meant) + f"@{profile}" * bool(profile)
        yield meant if meant.startswith(f"{provider}/") else f"{halves.provider}/{meant}", options
    elif refuses:
        yield "", options


@rule(*_SECTIONS, since="2026.5.12")
def refused_model(context: RuleContext) -> Iterator[Diagnostic]:
    """A model that OpenClaw refuses to load a config for.

    Some models of bundled providers are gone, and a config that names one is refused as a whole.
    The same model of another provider, openrouter/google/... say, is not meant.

    bad: { agents: { defaults: { model: "google/gemini-2.0-flash-exp" } } }
    good: { agents: { defaults: { model: "openrouter/google/gemini-2.5-flash" } } }
    source: suppressed-models, MODEL-23
    """
    for ref, path in _everywhere(context):
        found = registry.suppressed(context.target, ref.value)
        if found is not None:
            label, fix = _instead(found.ref), rewording(ref, found.ref)
            yield context.at_value(path, _REFUSED, label=label, fix=fix)
    for path, _ in context.settings("models", "*"):
        found = registry.suppressed(context.target, str(path[-1]))
        if found is not None:
            yield context.at_key(path, _REFUSED, label=_instead(found.ref))


_REFUSED = ": OpenClaw refuses this model"


def _host_matches(context: RuleContext, ref: Ref, hosts: tuple[str, ...]) -> bool:
    provider = registry.canonical_provider(context.target, ref.node.value.partition("/")[0])
    url = context.text("models", "providers", provider, "baseUrl") or ""
    return any(host in url for host in hosts)


# --- fallbacks and timeouts -------------------------------------------------------------------


@rule("agents", severity=WARNING, label="never tried")
def repeated_model(context: RuleContext) -> Iterator[Diagnostic]:
    """A fallback that repeats the primary or another fallback.

    OpenClaw tries each model once, so the repetition is no second chance.

    bad: { agents: { defaults: { model: { primary: "openrouter/auto", fallbacks: ["openrouter/auto"]
      } } } }
    good: { agents: { defaults: { model: { primary: "openrouter/auto", fallbacks:
      ["openrouter/moonshotai/kimi-k2.6"] } } } }
    source: MODEL-20, MODEL-31
    """
    seen: dict[tuple[KeyPath, str], Ref] = {}
    for ref in _refs(context):
        at = ref.path[-1]
        if at != "primary" and "fallbacks" not in ref.path:
            continue
        model_path = ref.path[:-1] if at == "primary" else ref.path[:-2]
        first = seen.setdefault((model_path, _comparable(context, ref)), ref)
        if first is ref:
            continue
        fix = removing(context.root, ref.path, "remove the repetition")
        related = (Related(first.node.location, "the same model"),)
        yield context.at_value(ref.path, "is tried already", related=related, fix=fix)


def _comparable(context: RuleContext, ref: Ref) -> str:
    """What tells two refs apart when OpenClaw drops repetitions (MODEL-20, MODEL-31)."""
    text = ref.node.value.strip()
    if ref.surface != "chat":
        return text
    provider = _primary_provider(context, ref)
    found = refs.resolve(context.names, text, provider, free="fallbacks" not in ref.path)
    return text if found is None else found[0].key


@rule("agents", severity=WARNING, until="2026.8.1", label="OpenClaw does not read it")
def ineffective_timeout(context: RuleContext) -> Iterator[Diagnostic]:
    """A timeoutMs that OpenClaw does not read.

    Every model takes timeoutMs, but chat and video do not use it: chat has
    models.providers.<id>.timeoutSeconds, and a video's timeout comes with each call. It works for
    imageGenerationModel.

    bad: { agents: { defaults: { videoGenerationModel: { primary: "openrouter/google/veo-3.1-fast",
      timeoutMs: 600000 } } } }
    good: { agents: { defaults: { imageGenerationModel: { primary:
      "openrouter/google/gemini-3.1-flash-image-preview", timeoutMs: 180000 } } } }
    source: MODEL-07, MODEL-34, VID-40
    """
    video = context.each(*context.keys.media_models["video"], "timeoutMs")
    for path, _ in chain(context.settings("model", "timeoutMs"), video):
        chat = "model" in path
        advice = "chat uses models.providers.<id>.timeoutSeconds" if chat else _BY_CALL
        fix = removing(context.root, path)
        yield context.at_key(path, "has no effect", helps=(advice,), fix=fix)


_BY_CALL = "give timeoutMs with each call"


_LEAST_FOR_MUSIC = 120_000


@rule("agents", severity=WARNING, since="2026.8.1", label="only direct calls wait so briefly")
def raised_timeout(context: RuleContext) -> Iterator[Diagnostic]:
    """A timeoutMs for music that an agent's call raises.

    Music takes its time, so an agent waits for it 120000 ms at least. What is set below counts only
    for direct calls.

    bad: { agents: { defaults: { mediaModels: { music: {
      primary: "openrouter/google/lyria-3-pro-preview", timeoutMs: 90000 } } } } }
    good: { agents: { defaults: { mediaModels: { music: {
      primary: "openrouter/google/lyria-3-pro-preview", timeoutMs: 180000 } } } } }
    source: MUS-20
    """
    path = (*context.keys.media_models["music"], "timeoutMs")
    value = number(context.get(*path))
    if value is not None and 0 < value < _LEAST_FOR_MUSIC:
        yield context.at_value(path, f"is raised to {_LEAST_FOR_MUSIC} ms when an agent calls")


@rule("agents", severity=WARNING, until="2026.8.1", label="list all of them, or remove the map")
def accidental_allowlist(context: RuleContext) -> Iterator[Diagnostic]:
    """One entry in agents.defaults.models makes it the list of allowed models.

    As soon as agents.defaults.models has an entry, users may only switch to models that it names,
    the default one and its fallbacks. `models set` and onboarding add such an entry by themselves.
    List what may be chosen, or remove the map.

    bad: { agents: { defaults: { model: "openrouter/auto", models: { "openrouter/auto": {} } } } }
    good: { agents: { defaults: { model: "openrouter/auto" } } }
    source: MODEL-22, ONB-01, ONB-03
    """
    path, where = ("agents", "defaults", "models"), ("agents", "defaults", "model")
    names = context.names_at(*path)
    primary = text_of(context.get(*where, "primary") or context.get(*where))
    if len(names) != 1 or primary is None or names[0].strip() != primary.strip():
        return
    entry = context.object(*path, names[0])
    if entry is not None and not entry.values.keys() - {"alias"}:
        yield context.at_key(path, "has one entry, so users can switch to no other model")


# --- where OpenClaw does otherwise than its documentation of OpenRouter promises ----------------
# Nothing is wrong with such a config, so these rules are off by default. The plans that we make do
# what is promised.

_OPENROUTER = "openrouter"


def _of_openrouter(context: RuleContext, surface: str) -> Iterator[tuple[KeyPath, str]]:
    """Where models of OpenRouter are named, primary and fallbacks, each with its id there."""
    for ref in _refs(context):
        provider, _, model = ref.node.value.partition("/")
        own = registry.canonical_provider(context.target, provider) == _OPENROUTER
        if own and ref.surface == surface and ref.path[2] not in ("imageModel", "pdfModel"):
            yield ref.path, model.strip().lower()


@rule("models", severity=INFO, default=False)
def proxy_attribution(context: RuleContext) -> Iterator[Diagnostic]:
    """OpenClaw names itself to a proxy too.

    The headers that name the application are promised for OpenRouter's own URL only. With another
    base URL OpenClaw still sends HTTP-Referer and X-OpenRouter-Title with images and videos, and
    values of its runtime with chat. Our plans leave them out there.

    bad: { models: { providers: { openrouter: { baseUrl: "https://proxy.example.com/v1", models: []
      } } } }
    good: { models: { providers: {} } }
    source: DIV-1, HTTP-04
    """
    if context.proxy(_OPENROUTER):
        text = ": OpenClaw names itself to this host too, in headers meant for OpenRouter"
        yield context.at_key(("models", "providers", _OPENROUTER, "baseUrl"), text)


@rule("agents", severity=INFO, default=False)
def proxy_cache_markers(context: RuleContext) -> Iterator[Diagnostic]:
    """OpenClaw sends Anthropic's cache markers to a proxy too.

    Cache markers for Anthropic models are promised for OpenRouter's own URL only. With another base
    URL OpenClaw keeps them; a proxy that does not know cache_control may refuse the request. Our
    plans leave them out there.

    bad: { models: { providers: { openrouter: { baseUrl: "https://proxy.example.com/v1", models: []
      } } }, agents: { defaults: { model: "openrouter/anthropic/claude-sonnet-4.6" } } }
    good: { agents: { defaults: { model: "openrouter/anthropic/claude-sonnet-4.6" } } }
    source: DIV-2, CHAT-41
    """
    if not context.proxy(_OPENROUTER):
        return
    for path, model in _of_openrouter(context, "chat"):
        if model.startswith("anthropic/"):
            yield context.at_value(path, ": OpenClaw sends cache markers to the proxy")


@rule("agents", severity=INFO, default=False)
def auto_reasoning(context: RuleContext) -> Iterator[Diagnostic]:
    """OpenClaw sends openrouter/auto a reasoning setting.

    openrouter/auto picks a model by itself, and the documentation says that it gets no reasoning
    setting. OpenClaw sends one, effort none where no thinking level is set. Our plans do not.

    bad: { agents: { defaults: { model: "openrouter/auto", thinkingDefault: "high" } } }
    good: { agents: { defaults: { model: "openrouter/moonshotai/kimi-k2.6" } } }
    source: DIV-3, CHAT-21
    """
    for path, model in _of_openrouter(context, "chat"):
        if model == "auto":
            yield context.at_value(path, ": OpenClaw sends this model a reasoning setting")


@rule("models", severity=INFO, default=False)
def look_alike_routing(context: RuleContext) -> Iterator[Diagnostic]:
    """Provider routing goes to a host that only contains OpenRouter's name.

    params.provider is meant for OpenRouter. OpenClaw sends it to every base URL with the text
    openrouter.ai in it. Our plans send it to OpenRouter's own host only.

    bad: { models: { providers: { openrouter: { baseUrl: "https://proxy.test/openrouter.ai/v1",
      models: [] } } }, agents: { defaults: { params: { provider: { sort: "price" } } } } }
    good: { agents: { defaults: { params: { provider: { sort: "price" } } } } }
    source: DIV-4, CHAT-30
    """
    if "openrouter.ai" not in context.proxy(_OPENROUTER):
        return
    models = context.each("agents.defaults.models.*.params.provider")
    for path, node in chain(context.settings("params", "provider"), models):
        if isinstance(node, ObjectNode):
            yield context.at_key(path, "is sent to a host that is not OpenRouter")


@rule("agents", severity=INFO, default=False)
def image_content_type(context: RuleContext) -> Iterator[Diagnostic]:
    """OpenClaw sends OpenRouter's image requests as plain text.

    The request has a JSON body but declares no content type, so it goes out as text/plain.
    OpenRouter accepts that; a strict proxy may not. Our plans say application/json.

    bad: { agents: { defaults: { imageGenerationModel:
      "openrouter/google/gemini-3.1-flash-image-preview" } } }
    good: { agents: { defaults: { model: "openrouter/auto" } } }
    source: DIV-5
    """
    for path, _ in _of_openrouter(context, "image"):
        yield context.at_value(path, ": OpenClaw sends the request as text/plain")
