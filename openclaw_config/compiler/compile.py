"""From a document to its plan: resolution and providers joined, nothing more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from openclaw_config.capabilities.lookup import built_in
from openclaw_config.errors import OpenClawConfigError
from openclaw_config.facts import read_json
from openclaw_config.loading.load import Document
from openclaw_config.plan import model
from openclaw_config.plan.values import pointer
from openclaw_config.providers.chat import candidate as chat_candidate
from openclaw_config.providers.media import candidate as media_candidate
from openclaw_config.providers.requests import Built
from openclaw_config.providers.speech import candidate as speech_candidate
from openclaw_config.providers.understanding import candidate as understanding_candidate
from openclaw_config.resolution import chat, credentials, media, speech
from openclaw_config.resolution.settings import from_config, json_value
from openclaw_config.syntax.nodes import Node, child
from openclaw_config.syntax.text import KeyPath
from openclaw_config.targets import Target
from openclaw_config.view.settings import Agent, all_agents, choose_agent, mapping, members


class UnknownAgentError(OpenClawConfigError, LookupError):
    """The agent that was asked for is none of the config's."""


def compile_plan(
    document: Document,
    *,
    agent: str = "",
    surfaces: tuple[str, ...] | None = None,
    models: dict[str, str] | None = None,
    channel: str = "",
) -> model.Plan:
    """Compile a document that loads; surfaces that its release lacks are passed over.

    ``agent`` is an agent's id, "" for the default agent. ``models`` gives for a surface
    the model that a call asks for itself, which then is its only candidate. ``channel`` is the
    channel whose own speech settings apply. Raises UnknownAgentError.
    """
    if document.tables is None:
        document = document._replace(tables=built_in(document.target.requests))
    chosen = choose_agent(document, agent)
    if chosen is None:
        known = agents_of(document)
        there_is = f"; there is {', '.join(known)}" if known else ""
        raise UnknownAgentError(f"there is no agent '{agent}'{there_is}")
    wanted = models or {}
    parts = {
        surface: _surface(chosen, surface, wanted, channel)
        for surface in surfaces_of(document.target)
        if surfaces is None or surface in surfaces
    }
    preflight = (*credentials.leftovers(chosen), *_preflight(document))
    plans: dict[str, Any] = {
        surface: plan._replace(preflight=preflight) for surface, (plan, _) in parts.items()
    }
    return model.Plan(
        agent=chosen.id,
        target=document.target.release,
        **plans,
        environment=_environment(document, tuple(plans.values())),
        secret_providers=_secret_providers(document),
        provenance=tuple(
            (f"/{surface}{pointer}", origin)
            for surface, (_, why) in parts.items()
            for pointer, origin in why
        ),
    )


def _surface(
    agent: Agent, surface: model.Surface, wanted: dict[str, str], channel: str
) -> tuple[model.SurfacePlan, list[tuple[str, model.Origin]]]:
    """A surface, and the provenance of its fields."""
    document, asked = agent.document, wanted.get(surface, "")
    resolved: Any
    candidate: Callable[..., Built]
    if surface == model.CHAT:
        resolved, candidate = chat.resolve(agent, asked), chat_candidate
    elif surface == model.SPEECH:
        resolved, candidate = speech.resolve(agent, channel), speech_candidate
    elif surface in (model.TRANSCRIPTION, model.VISION):
        active = wanted.get(model.CHAT, "")
        resolved = media.resolve_understanding(agent, surface, asked, active)
        candidate = understanding_candidate
    else:
        resolved, candidate = media.resolve(agent, surface, asked), media_candidate
    built: list[Built] = [candidate(agent, one, surface) for one in resolved.candidates]
    candidates = tuple(item.candidate for item in built)
    why = [
        (f"/candidates/{index}{pointer}", origin)
        for index, item in enumerate(built)
        for pointer, origin in item.why
    ]
    plan = model.SurfacePlan(
        surface,
        resolved.origin,
        candidates,
        _parameters(surface, document.target),
        _failover(surface, document.target.requests),
        problem=resolved.problem,
    )
    if surface == model.CHAT:
        limit, rotations = chat.run_limit_ms(document.root), chat.rotations(document.root)
        failover = plan.failover._replace(limit_ms=limit.value, rotations=rotations)
        plan = plan._replace(failover=failover)
        why.append(("/failover/limitMs", limit.origin))
    elif surface == model.SPEECH:
        settings = resolved.settings
        why += ((f"/settings/{name}", one.origin) for name, one in settings.items())
        plan = _limited(plan, "maxLength", settings["maxTextLength"].value)._replace(
            settings={name: one.value for name, one in settings.items()}
            | {"persona": resolved.persona}
        )
    elif surface in document.target.keys.media_models:
        timeout = next((choice.timeout_ms for choice in resolved.candidates), None)
        if timeout is not None:
            plan = _limited(plan, "direct", timeout.value)
        if document.target.keys.media_fallback and candidates and not candidates[0].problem:
            # Its limits are checked before anything is tried (VID-19); without the key each
            # candidate's own modes refuse what it does not take (VID-60).
            plan = plan._replace(checked_candidate=0)
    return plan, why


def _failover(surface: str, release: str) -> model.Failover:
    """What is tried next after a failure; a later release only says what differs from the first."""
    rows = read_json("requests/failover.json")
    first = next(iter(rows.values()))
    row = first.get(surface, {}) | rows[release].get(surface, {})
    return model.Failover(**model.fields_of(model.Failover, row))


def _limited(plan: model.SurfacePlan, kind: str, limit: float) -> model.SurfacePlan:
    """A surface whose checks of a kind have a limit that the config sets (TTS-24, MUS-20)."""

    def limited(check: model.Json) -> model.Json:
        if check["check"] != kind:
            return check
        message = check.get("message", "").replace("{most}", str(int(limit)))
        return {**check, "value": int(limit), **({"message": message} if message else {})}

    taken = (one._replace(checks=tuple(map(limited, one.checks))) for one in plan.parameters)
    return plan._replace(parameters=tuple(taken))


def surfaces_of(target: Target) -> tuple[model.Surface, ...]:
    """The surfaces whose calls are known of a release, in their fixed order."""
    known = read_json(f"arguments/{target.requests}.json")
    return tuple(surface for surface in model.SURFACES if surface in known)


def _parameters(surface: str, target: Target) -> tuple[model.Parameter, ...]:
    """The arguments of a surface's call, with OpenClaw's own rules for them: ``schema/arguments``.

    These are the rules of the agent tools, the same for every provider; what a model can do comes
    on top of them, in a candidate's modes. The checks are data, explained in ``docs/plan.md``.
    """
    rows = read_json(f"arguments/{target.requests}.json")[surface]
    return tuple(model.Parameter(**model.fields_of(model.Parameter, row)) for row in rows)


# --- what all surfaces need -------------------------------------------------------------------


def _preflight(document: Document) -> tuple[model.Preflight, ...]:
    """The secret references that OpenClaw resolves before it starts (AUTH-22)."""
    found: dict[str, model.Preflight] = {}

    def collect(node: Node | None, path: KeyPath) -> None:
        secret = credentials.secret_ref(node, document.root)
        if node is None or secret is None:
            for key, value in members(node):
                collect(value, (*path, key))
            return
        problem, known = credentials.reference_problem(secret, document.root), found.get(secret.ref)
        if known is None or (problem and not known.problem):
            found[secret.ref] = model.Preflight(secret.ref, from_config(node, path), problem)

    for path in ("models", "providers"), (*document.target.keys.speech, "providers"):
        collect(child(document.root, *path), path)
    return tuple(found.values())


def _secret_providers(document: Document) -> tuple[model.SecretProvider, ...]:
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
            found.append(model.SecretProvider(alias, source, settings))
    return tuple(found)


_KNOWN: dict[str, model.VariableState] = {"wins": "set", "unknown": "unknown"}


def _environment(
    document: Document, surfaces: tuple[model.SurfacePlan, ...]
) -> tuple[model.Variable, ...]:
    """The variables that the requests depend on: those of the chains and of the config's text."""
    uses: dict[str, set[str]] = defaultdict(set)
    for use in document.uses:
        uses[use.name].add(".".join(map(str, use.key_path)))
    for surface in surfaces:
        for candidate in surface.candidates:
            if candidate.origin.kind == "default" and (
                candidate.problem or surface.surface == model.CHAT
            ):
                continue  # Nobody asked for it.
            chain = candidate.credential.chain if candidate.credential else ()
            # A variable that is not set is one that is needed, unless another place has the key.
            won = any(link.state == "wins" for link in chain)
            unused = {"shadowed", "absent"} if won else {"shadowed"}
            for link in chain:
                kind, _, name = link.ref.partition(":")
                if kind == "env" and link.state not in unused:
                    uses[name].add(f"key of {candidate.provider}")
    return tuple(
        model.Variable(
            name,
            _KNOWN.get(credentials.variable_state(document, name)[0], "missing"),
            tuple(sorted(places)),
        )
        for name, places in sorted(uses.items())
    )


def agents_of(document: Document) -> tuple[str, ...]:
    """The ids of the agents that a plan can be compiled for."""
    return tuple(agent.id for agent in all_agents(document))
