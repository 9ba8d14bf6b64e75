"""Answers to "what can this model do?": for a ref, a provider, or everything.

The answers are data; ``capabilities.show`` makes text and JSON of them.
"""

from __future__ import annotations

from typing import NamedTuple

from openclaw_config.capabilities import lookup
from openclaw_config.capabilities.lookup import (
    MODES,
    SURFACES,
    ChatModel,
    Mode,
    Speech,
    Tables,
)
from openclaw_config.capabilities.retired import Retirement, retired
from openclaw_config.registry import provider as registered_provider
from openclaw_config.registry import provider_ids
from openclaw_config.targets import DEFAULT

_MOST_SUGGESTIONS = 3


class SurfaceAnswer(NamedTuple):
    """What a model can do on one surface.

    ``unlisted`` says what becomes of an id that is not listed (``lookup.SENT`` …). Of ``modes``,
    ``chat`` and ``speech`` only the one that fits the surface is filled.
    """

    surface: str
    listed: bool
    default: bool
    unlisted: str
    modes: tuple[Mode, ...] = ()
    chat: ChatModel | None = None
    speech: Speech | None = None


class ModelAnswer(NamedTuple):
    """What is known of a model.

    ``known`` is true when some surface lists the id; only these surfaces are then given. Else the
    surfaces are those that send any id. ``problem`` is one line that says what is missing, "" when
    nothing is. ``suggestions`` are refs or providers that may be meant.
    """

    asked: str
    provider: str
    model: str
    known: bool
    surfaces: tuple[SurfaceAnswer, ...]
    retirement: Retirement | None
    problem: str
    suggestions: tuple[str, ...]


class ProviderSurface(NamedTuple):
    """One surface of a provider, with the ids that it lists."""

    surface: str
    default: str | None
    unlisted: str
    models: tuple[str, ...]


class ProviderAnswer(NamedTuple):
    """The surfaces of a provider."""

    provider: str
    surfaces: tuple[ProviderSurface, ...]


def everything(tables: Tables | None = None) -> tuple[ProviderAnswer, ...]:
    """Every provider that has a table, in alphabetical order."""
    return tuple(of_provider(name, tables) for name in sorted(lookup.providers(tables)))


def of_provider(provider: str, tables: Tables | None = None) -> ProviderAnswer:
    """The surfaces of one provider; none for one that has no table."""
    return ProviderAnswer(
        provider,
        tuple(
            ProviderSurface(
                surface,
                lookup.default_model(provider, surface, tables),
                lookup.unlisted(provider, surface, tables),
                lookup.models(provider, surface, tables),
            )
            for surface in SURFACES
            if lookup.has_surface(provider, surface, tables)
        ),
    )


def of(asked: str, tables: Tables | None = None) -> ModelAnswer | ProviderAnswer:
    """The answer for a ref (``openrouter/google/veo-3.1-fast``) or a provider (``openrouter``)."""
    provider, slash, model = (part.strip() for part in asked.partition("/"))
    provider = provider.lower()
    if not slash and lookup.providers(tables) and of_provider(provider, tables).surfaces:
        return of_provider(provider, tables)
    return of_model(asked, provider, model if slash else "", tables)


def of_model(asked: str, provider: str, model: str, tables: Tables | None = None) -> ModelAnswer:
    """The answer for one model of one provider."""
    answers = [
        answer
        for surface in SURFACES
        if model and lookup.has_surface(provider, surface, tables)
        for answer in [_surface(provider, surface, model, tables)]
        if answer is not None
    ]
    listed = tuple(answer for answer in answers if answer.listed)
    known = bool(listed)
    problem = "" if known else _problem(asked, provider, model, answers, tables)
    return ModelAnswer(
        asked,
        provider,
        model,
        known,
        listed or tuple(answer for answer in answers if answer.unlisted == lookup.SENT),
        retired(DEFAULT, f"{provider}/{model}"),
        problem,
        () if known else suggestions(asked, provider, model, tables),
    )


def _surface(
    provider: str, surface: str, model: str, tables: Tables | None
) -> SurfaceAnswer | None:
    unlisted = lookup.unlisted(provider, surface, tables)
    default = lookup.default_model(provider, surface, tables) == model
    if surface == "chat":
        # A chat id of one segment goes upstream with the provider's name before it (MODEL-02).
        names = (model,) if "/" in model else (f"{provider}/{model}", model)
        for name in names:
            entry = lookup.chat_model(provider, name, tables)
            if entry is not None:
                return SurfaceAnswer(surface, True, default, unlisted, chat=entry)
        assumed = lookup.unlisted_chat_model(provider, names[0], tables)
        return assumed and SurfaceAnswer(surface, False, default, unlisted, chat=assumed)
    listed = lookup.listed(provider, surface, model, tables)
    if not listed and unlisted == lookup.REFUSED:
        return None
    if surface == "speech":
        speech = lookup.speech(provider, tables)
        return SurfaceAnswer(surface, listed, default, unlisted, speech=speech)
    modes = tuple(
        found
        for name in MODES[surface]
        if (found := lookup.mode(provider, surface, model, name, tables)) is not None
    )
    return SurfaceAnswer(surface, listed, default, unlisted, modes)


def _problem(
    asked: str, provider: str, model: str, answers: list[SurfaceAnswer], tables: Tables | None
) -> str:
    if any(answer.unlisted == lookup.SENT for answer in answers):
        return f"{provider} does not list {model}"
    if answers:
        return f"{provider} does not list {model}, and whether it takes it is not known"
    if of_provider(provider, tables).surfaces:
        return f"{provider} has no model {model}" if model else f"no model follows {provider}/"
    if registered_provider(DEFAULT, provider) is not None:
        return f"{provider} is known, but there is no table of what its models can do"
    if not model:
        return f"{asked!r} is neither a provider nor a ref (provider/model)"
    return f"there is no provider {provider}"


def suggestions(
    asked: str, provider: str, model: str, tables: Tables | None = None
) -> tuple[str, ...]:
    """Up to three refs or providers that may be meant: the same id elsewhere, then close names."""
    from difflib import get_close_matches

    refs = _refs(tables)
    tail = (model or asked).strip().lower()
    close = [ref for ref in refs if tail and ref.lower().endswith("/" + tail)]
    known = [*lookup.providers(tables), *provider_ids(DEFAULT)]
    own = {ref.partition("/")[2]: ref for ref in refs if ref.startswith(provider + "/")}
    close += [own[name] for name in get_close_matches(model, own, 2, 0.7)]
    if provider not in known:
        for name in get_close_matches(provider, sorted(set(known)), 2):
            ref = f"{name}/{model}"
            close.append(ref if ref in refs else name)
    close += get_close_matches(asked.strip().lower(), refs, 2, 0.8)
    return tuple(dict.fromkeys(close))[:_MOST_SUGGESTIONS]


def _refs(tables: Tables | None) -> list[str]:
    """Every listed ref, as it is written in a config."""
    return sorted(
        {
            model if surface == "chat" and model.startswith(name + "/") else f"{name}/{model}"
            for name in lookup.providers(tables)
            for surface in SURFACES
            for model in lookup.models(name, surface, tables)
        }
    )
