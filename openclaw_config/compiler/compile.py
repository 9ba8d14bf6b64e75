"""From a document to its plan: resolution and providers joined, nothing more."""

from __future__ import annotations

from typing import Any, NamedTuple

from openclaw_config import registry
from openclaw_config.capabilities.lookup import built_in
from openclaw_config.errors import OpenClawConfigError
from openclaw_config.facts import read_json
from openclaw_config.loading.load import Document
from openclaw_config.plan.model import (
    CHAT,
    SPEECH,
    SURFACES,
    TRANSCRIPTION,
    VISION,
    Candidate,
    Failover,
    Json,
    Origin,
    Parameter,
    Plan,
    Preflight,
    SecretProvider,
    Surface,
    SurfacePlan,
    Variable,
    VariableState,
    fields_of,
)
from openclaw_config.plan.values import pointer
from openclaw_config.providers.chat import candidate as chat_candidate
from openclaw_config.providers.media import candidate as media_candidate
from openclaw_config.providers.requests import Built, Context, is_compiled, unusable
from openclaw_config.providers.speech import candidate as speech_candidate
from openclaw_config.providers.understanding import candidate as understanding_candidate
from openclaw_config.resolution import chat, credentials, media, speech
from openclaw_config.resolution.media import MediaCandidate, Understander
from openclaw_config.resolution.settings import json_value
from openclaw_config.resolution.speech import SpeechProvider
from openclaw_config.syntax.nodes import child
from openclaw_config.syntax.text import KeyPath
from openclaw_config.targets import Target
from openclaw_config.view.settings import all_agents, choose_agent, mapping, members


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
    """Compile a document that loads; surfaces that its release lacks are passed over.

    ``agent`` is an agent's id, "" for the default agent. ``models`` gives for a surface
    the model that a call asks for itself, which then is its only candidate. ``channel`` is the
    channel whose own speech settings apply. Raises UnknownAgentError.
    """
    chosen = choose_agent(document, agent)
    if chosen is None:
        raise UnknownAgentError(agent)
    if document.tables is None:
        document = document._replace(tables=built_in(document.target.requests))
    context = Context(document, chosen)
    wanted = models or {}
    parts: dict[str, _Part] = {}
    for surface in surfaces_of(document.target):
        if surface not in surfaces:
            continue
        if surface == CHAT:
            parts[surface] = _chat(context, wanted.get(surface, ""))
        elif surface == SPEECH:
            parts[surface] = _speech(context, channel)
        elif surface in (TRANSCRIPTION, VISION):
            parts[surface] = _understanding(context, surface, wanted)
        else:
            parts[surface] = _media(context, surface, wanted.get(surface, ""))
    preflight = (*credentials.leftovers(document, chosen), *_preflight(document))
    plans: dict[str, Any] = {
        surface: part.plan._replace(preflight=preflight) for surface, part in parts.items()
    }
    return Plan(
        agent=chosen.id,
        target=document.target.release,
        **plans,
        environment=_environment(document, tuple(plans.values())),
        secret_providers=_secret_providers(document),
        provenance=tuple(
            (f"/{surface}{pointer}", origin)
            for surface, part in parts.items()
            for pointer, origin in part.why
        ),
    )


def _surface(
    context: Context,
    surface: Surface,
    origin: Origin,
    built: list[Built],
    *more: tuple[str, Origin],
) -> _Part:
    """A surface of candidates; ``more`` are reasons of its own fields."""
    why = tuple(
        (f"/candidates/{index}{pointer}", source)
        for index, item in enumerate(built)
        for pointer, source in item.why
    )
    release = context.document.target.requests
    rows = read_json("requests/failover.json")
    first = next(iter(rows.values()))
    # A later release only says what differs from the first.
    row = first.get(surface, {}) | rows[release].get(surface, {})
    failover = Failover(**fields_of(Failover, row))
    candidates = tuple(item.candidate for item in built)
    taken = parameters(surface, context.document.target)
    return _Part(SurfacePlan(surface, origin, candidates, taken, failover), (*why, *more))


def surfaces_of(target: Target) -> tuple[Surface, ...]:
    """The surfaces whose calls are known of a release, in their fixed order."""
    known = read_json(f"arguments/{target.requests}.json")
    return tuple(surface for surface in SURFACES if surface in known)


def parameters(surface: str, target: Target) -> tuple[Parameter, ...]:
    """The arguments of a surface's call, with OpenClaw's own rules for them: ``schema/arguments``.

    These are the rules of the agent tools, the same for every provider; what a model can do comes
    on top of them, in a candidate's modes. The checks are data, explained in ``docs/plan.md``.
    """
    rows = read_json(f"arguments/{target.requests}.json")[surface]
    return tuple(Parameter(**fields_of(Parameter, row)) for row in rows)


def _not_ours(provider: str) -> str:
    said = f"requests to the provider {provider} are not compiled by this version"
    return f"{said}: it has an API of its own"


# --- image and video --------------------------------------------------------------------------


def _media(context: Context, surface: Surface, model: str) -> _Part:
    document = context.document
    resolved = media.resolve(document, context.agent, surface, model)

    def built(choice: MediaCandidate) -> Built:
        if is_compiled(choice.provider, surface):
            return media_candidate(context, choice, surface)
        (provider, name), origin = choice.ref, choice.origin
        known = registry.provider(document.release, choice.provider)
        found = Candidate(
            f"{provider}/{name}", provider, name, origin, choice.automatic, entry=choice.entry
        )
        if known is None or surface not in known.surfaces:
            problem = f"No {surface}-generation provider registered for {provider}"
            return unusable(found, problem)
        if not choice.automatic:
            chain = credentials.provider_chain(document, context.agent, choice.provider)
            found = found._replace(credential=chain)
        return unusable(found, _not_ours(choice.provider))

    found = [built(one) for one in resolved.candidates]
    part = _surface(context, surface, resolved.origin, found)
    plan = part.plan._replace(problem=resolved.problem)
    timeout = next((choice.timeout_ms for choice in resolved.candidates), None)
    if timeout is not None:
        taken = (_filled(one, "direct", int(timeout.value)) for one in plan.parameters)
        plan = plan._replace(parameters=tuple(taken))
    if document.target.keys.media_fallback and found and not found[0].candidate.problem:
        # Its limits are checked before anything is tried (VID-19); without the key each candidate's
        # own modes refuse what it does not take (VID-60).
        plan = plan._replace(checked_candidate=0)
    return part._replace(plan=plan)


# --- chat -------------------------------------------------------------------------------------


def _chat(context: Context, model: str) -> _Part:
    document = context.document
    resolved = chat.resolve(document, context.agent, model)

    found = [chat_candidate(context, choice) for choice in resolved.candidates]
    limit = chat.run_limit_ms(document.root)
    part = _surface(context, CHAT, resolved.origin, found, ("/failover/limitMs", limit.origin))
    failover = part.plan.failover._replace(
        limit_ms=limit.value, rotations=chat.rotations(document.root)
    )
    return part._replace(plan=part.plan._replace(failover=failover, problem=resolved.problem))


# --- speech -----------------------------------------------------------------------------------


def _speech(context: Context, channel: str) -> _Part:
    document = context.document
    resolved = speech.resolve(document, context.agent, channel)

    def built(choice: SpeechProvider) -> Built:
        if is_compiled(choice.id, SPEECH):
            return speech_candidate(context, choice)
        known = registry.provider(document.release, choice.id)
        credential = speech.chain(document, choice) if choice.chosen else None
        found = Candidate(
            choice.id, choice.id, "", choice.origin, not choice.chosen, credential=credential
        )
        problem = _not_ours(choice.id) if known else f"{choice.id}: no provider registered"
        return unusable(found, problem)

    found = [built(one) for one in resolved.providers]
    settings = {"auto": resolved.auto, "maxTextLength": resolved.max_text_length}
    why = ((f"/settings/{name}", setting.origin) for name, setting in settings.items())
    part = _surface(context, SPEECH, resolved.origin, found, *why)
    most = int(resolved.max_text_length.value)
    plan = part.plan._replace(
        parameters=tuple(_filled(one, "maxLength", most) for one in part.plan.parameters),
        settings={name: one.value for name, one in settings.items()}
        | {"persona": resolved.persona},
    )
    return part._replace(plan=plan)


def _filled(parameter: Parameter, kind: str, value: int) -> Parameter:
    """A parameter, its checks of a kind with a value that the config sets (TTS-24, MUS-20)."""

    def filled(check: Json) -> Json:
        message = check.get("message", "").replace("{most}", str(value))
        return {**check, "value": value, **({"message": message} if message else {})}

    checks = (filled(one) if one["check"] == kind else one for one in parameter.checks)
    return parameter._replace(checks=tuple(checks))


# --- transcription and image understanding ----------------------------------------------------


def _understanding(context: Context, surface: Surface, wanted: dict[str, str]) -> _Part:
    resolved = media.resolve_understanding(
        context.document, context.agent, surface, wanted.get(surface, ""), wanted.get(CHAT, "")
    )

    def built(choice: Understander) -> Built:
        provider, name = choice.ref
        if is_compiled(provider, surface) and not choice.program:
            return understanding_candidate(context, choice, surface)
        written = choice.ref.key if name else provider
        found = Candidate(written, provider, name, choice.origin, choice.automatic)
        program = f"{provider} is a local program, which OpenClaw runs itself"
        return unusable(found, program if choice.program else _not_ours(provider))

    found = [built(one) for one in resolved.candidates]
    part = _surface(context, surface, resolved.origin, found)
    return part._replace(plan=part.plan._replace(problem=resolved.problem))


# --- what all surfaces need -------------------------------------------------------------------


def _preflight(document: Document) -> tuple[Preflight, ...]:
    """The secret references that OpenClaw resolves before it starts (AUTH-22)."""
    found: dict[str, Preflight] = {}
    for path in ("models", "providers"), (*document.target.keys.speech, "providers"):
        for secret, origin in credentials.secret_references(document, path):
            problem = credentials.reference_problem(secret, document.root)
            known = found.get(secret.ref)
            if known is None or (problem and not known.problem):
                found[secret.ref] = Preflight(secret.ref, origin, problem)
    return tuple(found.values())


def _secret_providers(document: Document) -> tuple[SecretProvider, ...]:
    """The declared providers of file and exec secrets; values of their ``env`` stay references."""
    path: KeyPath = ("secrets", "providers")
    found = []
    for alias, entry in members(child(document.root, *path)):
        if mapping(entry) is None:
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
            if candidate.origin.kind == "default" and (
                candidate.problem or surface.surface == CHAT
            ):
                continue  # Nobody asked for it.
            chain = candidate.credential.chain if candidate.credential else ()
            # A variable that is not set is one that is needed, unless another place has the key.
            won = any(link.state == "wins" for link in chain)
            unused = {"shadowed", "absent"} if won else {"shadowed"}
            for link in chain:
                if link.ref.startswith("env:") and link.state not in unused:
                    uses.setdefault(link.ref.removeprefix("env:"), []).append(
                        f"key of {candidate.provider}"
                    )
    found = []
    for name, places in sorted(uses.items()):
        state, _ = credentials.variable_state(document, name)
        found.append(Variable(name, _KNOWN.get(state, "missing"), tuple(sorted(set(places)))))
    return tuple(found)


def agents_of(document: Document) -> tuple[str, ...]:
    """The ids of the agents that a plan can be compiled for."""
    return tuple(agent.id for agent in all_agents(document))
