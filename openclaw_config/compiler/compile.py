"""From a document to its plan: resolution and providers joined, nothing more."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import NamedTuple, cast

from openclaw_config import registry
from openclaw_config.compiler.parameters import parameters
from openclaw_config.errors import OpenClawConfigError
from openclaw_config.facts import read_json
from openclaw_config.loading.document import Document
from openclaw_config.plan.json_form import fields_of
from openclaw_config.plan.model import (
    CHAT,
    IMAGE,
    SPEECH,
    SURFACES,
    VIDEO,
    Credential,
    Failover,
    Origin,
    Parameter,
    Plan,
    Preflight,
    SecretProvider,
    Surface,
    SurfacePlan,
    Variable,
    VariableState,
)
from openclaw_config.plan.pointers import pointer
from openclaw_config.providers import surface as providers
from openclaw_config.providers.surface import Built, Context, unusable
from openclaw_config.resolution import chat, media, routes, speech
from openclaw_config.resolution.credentials import (
    provider_chain,
    reference_problem,
    secret_references,
    variable_state,
)
from openclaw_config.resolution.media import MediaCandidate
from openclaw_config.resolution.settings import json_value
from openclaw_config.syntax.nodes import child
from openclaw_config.syntax.spans import KeyPath
from openclaw_config.view import agents
from openclaw_config.view.settings import mapping


class UnknownAgentError(OpenClawConfigError, LookupError):
    """The agent that was asked for is none of the config's."""


class _Part(NamedTuple):
    """A compiled surface and the provenance of its fields, below the surface."""

    plan: SurfacePlan
    why: tuple[tuple[str, Origin], ...]


def compile_plan(
    document: Document,
    *,
    agent: str = "",
    surfaces: tuple[str, ...] = SURFACES,
    models: dict[str, str] | None = None,
    channel: str = "",
) -> Plan:
    """Compile a document that loads.

    ``agent`` is an agent's id, "" for the default agent. ``models`` gives for a surface
    the model that a call asks for itself, which then is its only candidate. ``channel`` is the
    channel whose own speech settings apply. Raises UnknownAgentError.
    """
    chosen = agents.choose(document, agent)
    if chosen is None:
        raise UnknownAgentError(agent)
    context = Context(document, chosen)
    wanted = models or {}
    parts: dict[str, _Part] = {}
    for surface in SURFACES:
        if surface in surfaces:
            parts[surface] = _compile_surface(context, surface, wanted.get(surface, ""), channel)
    provenance = [
        (f"/{surface}{pointer}", origin)
        for surface, part in parts.items()
        for pointer, origin in part.why
    ]
    preflight = _preflight(document)
    plans = {surface: part.plan._replace(preflight=preflight) for surface, part in parts.items()}
    return Plan(
        agent=chosen.id,
        target=document.target.release,
        chat=plans.get(CHAT),
        image=plans.get(IMAGE),
        video=plans.get(VIDEO),
        speech=plans.get(SPEECH),
        environment=_environment(document, tuple(plans.values())),
        secret_providers=_secret_providers(document),
        provenance=tuple(provenance),
    )


def _compile_surface(context: Context, surface: Surface, model: str, channel: str) -> _Part:
    if surface == CHAT:
        return _chat(context, model)
    if surface == SPEECH:
        return _speech(context, channel)
    return _media(context, surface, model)


@lru_cache(maxsize=64)
def _provider(name: str, surface: str) -> providers.Surface | None:
    """The module that describes a provider's surface, None where we have none yet.

    A provider is a package of ``providers`` with a module for each surface, so a new one needs no
    edit here.
    """
    folder = name.replace("-", "_")
    if not folder.isidentifier():
        return None
    package = f"openclaw_config.providers.{folder}"
    try:
        return cast(providers.Surface, import_module(f"{package}.{surface}"))
    except ModuleNotFoundError as missing:
        if missing.name in {package, f"{package}.{surface}"}:
            return None
        raise


def _surface(
    surface: Surface,
    origin: Origin,
    built: list[Built],
    params: tuple[Parameter, ...],
    failover: Failover,
    **more: object,
) -> _Part:
    why = tuple(
        (f"/candidates/{index}{pointer}", source)
        for index, item in enumerate(built)
        for pointer, source in item.why
    )
    candidates = tuple(item.candidate for item in built)
    plan = SurfacePlan(surface, origin, candidates, params, failover)
    return _Part(plan._replace(**more), why)  # type: ignore[arg-type]


def _failover(surface: Surface, release: str) -> Failover:
    """When a surface tries the next candidate, and what a chat is asked again with (SL-24).

    A later release only says what differs from the first.
    """
    rows = read_json("requests/failover.json")
    first = next(iter(rows.values()))
    return Failover(**fields_of(Failover, first[surface] | rows[release].get(surface, {})))


def _not_ours(provider: str) -> str:
    return f"requests to the provider {provider} are not compiled by this version"


# --- image and video --------------------------------------------------------------------------

_NOUN = {IMAGE: "image", VIDEO: "video"}


def _media(context: Context, surface: Surface, model: str) -> _Part:
    resolved = media.resolve(context.document, context.agent, surface, model)
    noun = _NOUN[surface]
    built = []
    for choice in resolved.candidates:
        module = _provider(choice.provider, surface)
        if module is None:
            built.append(_other_media(context, surface, choice))
        else:
            built.append(module.candidate(context, choice))
    problem = ""
    if not built:
        key = ".".join(context.document.target.keys.media_models[surface])
        problem = f"No {noun}-generation model configured. Set {key}.primary to a provider/model."
    return _surface(
        surface,
        resolved.origin,
        built,
        parameters(surface, context.document.target),
        _failover(surface, context.document.target.requests),
        problem=problem,
        checked_candidate=_checked(context, built),
    )


def _checked(context: Context, built: list[Built]) -> int:
    """The candidate whose limits a call is checked against before anything is tried (VID-19).

    None where each candidate's own modes refuse what it does not take (VID-60).
    """
    if not context.document.target.keys.media_fallback:
        return -1
    return 0 if built and not built[0].candidate.problem else -1


def _other_media(context: Context, surface: str, choice: MediaCandidate) -> Built:
    ref = f"{choice.ref.provider}/{choice.ref.model}"
    known = registry.provider(context.document.release, choice.provider)
    credential: Credential | None = None
    if known is None or surface not in known.surfaces:
        problem = f"No {_NOUN[surface]}-generation provider registered for {choice.ref.provider}"
    else:
        problem = _not_ours(choice.provider)
        if not choice.automatic:
            credential = provider_chain(context.document, context.agent, choice.provider)
    return unusable(
        ref,
        choice.ref.provider,
        choice.ref.model,
        choice.origin,
        problem,
        automatic=choice.automatic,
        credential=credential,
        entry=choice.entry,
    )


# --- chat -------------------------------------------------------------------------------------


def _chat(context: Context, model: str) -> _Part:
    resolved = chat.resolve(context.document, context.agent, model)
    built = []
    for choice in resolved.candidates:
        provider = choice.ref.provider
        module = _provider(routes.owner(context.document, provider) or provider, CHAT)
        if module is not None:
            built.append(module.candidate(context, choice))
            continue
        credential = provider_chain(context.document, context.agent, provider)
        built.append(
            unusable(
                choice.ref.key,
                provider,
                choice.ref.model,
                choice.origin,
                _not_ours(provider),
                credential=credential,
            )
        )
    limit = chat.run_limit_ms(context.document.root)
    failover = _failover(CHAT, context.document.target.requests)._replace(
        limit_ms=limit.value, rotations=chat.rotations(context.document.root)
    )
    part = _surface(
        CHAT,
        resolved.origin,
        built,
        parameters(CHAT, context.document.target),
        failover,
        problem=resolved.refused,
    )
    return part._replace(why=(*part.why, ("/failover/limitMs", limit.origin)))


# --- speech -----------------------------------------------------------------------------------


def _speech(context: Context, channel: str) -> _Part:
    resolved = speech.resolve(context.document, context.agent, channel)
    built = []
    for provider in resolved.providers:
        module = _provider(provider.id, SPEECH)
        if module is not None:
            built.append(module.candidate(context, provider))
            continue
        known = registry.provider(context.document.release, provider.id)
        problem = _not_ours(provider.id)
        if known is None:
            problem = f"{provider.id}: no provider registered"
        built.append(
            unusable(
                provider.id,
                provider.id,
                "",
                provider.origin,
                problem,
                automatic=not provider.chosen,
                credential=speech.chain(context.document, provider) if provider.chosen else None,
            )
        )
    settings = {
        "auto": resolved.auto.value,
        "maxTextLength": resolved.max_text_length.value,
        "persona": resolved.persona,
    }
    part = _surface(
        SPEECH,
        resolved.origin,
        built,
        parameters(SPEECH, context.document.target, int(resolved.max_text_length.value)),
        _failover(SPEECH, context.document.target.requests),
        settings=settings,
    )
    why = (
        ("/settings/auto", resolved.auto.origin),
        ("/settings/maxTextLength", resolved.max_text_length.origin),
    )
    return part._replace(why=(*part.why, *why))


# --- what all surfaces need -------------------------------------------------------------------


def _preflight(document: Document) -> tuple[Preflight, ...]:
    """The secret references that OpenClaw resolves before it starts (AUTH-22)."""
    found: dict[str, Preflight] = {}
    for path in ("models", "providers"), (*document.target.keys.speech, "providers"):
        for secret, origin in secret_references(document, path):
            problem = reference_problem(secret, document.root)
            known = found.get(secret.ref)
            if known is None or (problem and not known.problem):
                found[secret.ref] = Preflight(secret.ref, origin, problem)
    return tuple(found.values())


def _secret_providers(document: Document) -> tuple[SecretProvider, ...]:
    """The declared providers of file and exec secrets; values of their ``env`` stay references."""
    path: KeyPath = ("secrets", "providers")
    block = mapping(child(document.root, *path))
    found = []
    for alias, member in block.index.items() if block is not None else ():
        entry = mapping(member.value)
        if entry is None:
            continue
        settings = json_value(entry)
        source = settings.pop("source", "")
        if isinstance(settings.get("env"), dict):
            settings["env"] = {
                name: f"config:{pointer((*path, alias, 'env', name))}" for name in settings["env"]
            }
        if isinstance(source, str):
            found.append(SecretProvider(alias, source, settings))
    return tuple(found)


_KNOWN: dict[str, VariableState] = {"wins": "set", "unknown": "unknown"}


def _environment(document: Document, surfaces: tuple[SurfacePlan, ...]) -> tuple[Variable, ...]:
    """The variables that the requests depend on: those of the chains and of the config's text."""
    uses: dict[str, list[str]] = {}
    for use in document.uses:
        where = ".".join(map(str, use.key_path))
        uses.setdefault(use.name, []).append(where)
    for surface in surfaces:
        for candidate in surface.candidates:
            if candidate.problem and candidate.origin.kind == "default":
                continue  # Nobody asked for it, and nothing is sent.
            chain = candidate.credential.chain if candidate.credential else ()
            # A variable that is not set is one that is needed, unless another place has the key.
            unused = (
                {"shadowed", "absent"}
                if any(link.state == "wins" for link in chain)
                else {"shadowed"}
            )
            for link in chain:
                if link.ref.startswith("env:") and link.state not in unused:
                    uses.setdefault(link.ref.removeprefix("env:"), []).append(
                        f"key of {candidate.provider}"
                    )
    found = []
    for name, places in sorted(uses.items()):
        state, _ = variable_state(document, name)
        found.append(Variable(name, _KNOWN.get(state, "missing"), tuple(sorted(set(places)))))
    return tuple(found)


def agents_of(document: Document) -> tuple[str, ...]:
    """The ids of the agents that a plan can be compiled for."""
    return tuple(agent.id for agent in agents.all_agents(document))
