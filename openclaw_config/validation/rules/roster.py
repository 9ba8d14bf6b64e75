"""Rules about the roster: which agents there are, and who may name them."""

from __future__ import annotations

from collections.abc import Iterator

from openclaw_config.diagnostics.model import Diagnostic, key_path_text, name_text
from openclaw_config.diagnostics.rules import Rule, rule
from openclaw_config.syntax.nodes import (
    ArrayNode,
    BooleanNode,
    ObjectNode,
    StringNode,
    child,
)
from openclaw_config.syntax.scanner import trim
from openclaw_config.syntax.spans import KeyPath
from openclaw_config.validation.context import RuleContext
from openclaw_config.validation.rules.agents import settings
from openclaw_config.view.agents import MAIN, agent_id, entries
from openclaw_config.view.refs import split

_ENTRIES = "2026.8.1"
"""The first release that has agents by id, and main where a config has none (LOAD-51)."""


def _unknown(
    rule: Rule, context: RuleContext, *pattern: str, exact: bool = False
) -> Iterator[Diagnostic]:
    """Findings for the texts of a pattern that are no agent's id; ``exact`` is letter by letter."""
    from openclaw_config.validation.suggest import nearest, rewording

    ids = [name or "" for _, name, _ in entries(context.document)]
    if not ids and context.keys.agent[-1] == "*":
        ids = [MAIN]
    if not ids or not context.is_sound(()):
        return
    known = set(ids) if exact else {agent_id(name) for name in ids}
    for path, node in context.each(*pattern):
        if not isinstance(node, StringNode) or node.assumed:
            continue
        if (node.value if exact else agent_id(node.value)) not in known:
            near = nearest(node.value, ids)
            yield rule.at(
                node.location,
                f"{key_path_text(path)} names no agent of {key_path_text(context.keys.agents)}",
                path,
                label=f'did you mean "{near}"?' if near else "no agent has this id",
                helps=(f"agents: {', '.join(ids)}",),
                fix=None if exact else rewording(node, near),
            )


@rule("broadcast")
def unknown_broadcast_agent(context: RuleContext) -> Iterator[Diagnostic]:
    """A broadcast names an agent that does not exist.

    broadcast sends a conversation to several agents at once, by their ids, compared letter by
    letter. Since 2026.8.1 a config without agents has one, main.

    bad: { agents: { list: [{ id: "main" }] }, broadcast: { "120363@g.us": ["mian"] } }
    good: { agents: { list: [{ id: "main" }] }, broadcast: { "120363@g.us": ["main"] } }
    source: broadcast-agent-known
    """
    for way in ((), ("agents",)):
        for found in _unknown(
            unknown_broadcast_agent, context, "broadcast", "*", *way, "[]", exact=True
        ):
            if found.key_path[1] != "strategy":
                yield found


_GROUP = 16
"""How many agents the short form of a group's broadcast may name."""


@rule("broadcast", since="2026.9.5")
def broadcast_group(context: RuleContext) -> Iterator[Diagnostic]:
    """A group's broadcast stands under a key that names no group, or names too many agents.

    The form with settings is for a group, whose key is channel:peer. The list of such a group may
    name sixteen agents.

    bad: { broadcast: { family: { agents: ["main"] } } }
    good: { broadcast: { "telegram:-100123": { agents: ["main"] } } }
    source: broadcast-group-key
    """
    for path, node in context.each("broadcast", "*"):
        channel, colon, peer = (trim(part) for part in str(path[1]).partition(":"))
        group = bool(channel and colon and peer)
        text = ""
        if isinstance(node, ObjectNode) and not group:
            text = "has settings, so its key must be channel:peer"
        elif isinstance(node, ArrayNode) and group and len(node.items) > _GROUP:
            text = f"names more than {_GROUP} agents"
        if text and context.is_sound(()):
            yield broadcast_group.at(context.key(path), f"{key_path_text(path)} {text}", path)


@rule("bindings", since="2026.5.28")
def unknown_bound_agent(context: RuleContext) -> Iterator[Diagnostic]:
    """A binding sends a conversation to an agent that does not exist.

    Since 2026.8.1 a config without agents has one, main; before, such a config may name any.

    bad: { agents: { list: [{ id: "work" }] }, bindings: [{ agentId: "wrok", match: { channel:
      "telegram" } }] }
    good: { agents: { list: [{ id: "work" }] }, bindings: [{ agentId: "work", match: { channel:
      "telegram" } }] }
    source: binding-agent-known
    """
    for found in _unknown(unknown_bound_agent, context, "bindings", "[]", "agentId"):
        if context.text(*found.key_path) != MAIN:
            yield found


@rule("agents", "talk", since=_ENTRIES)
def unknown_agent(context: RuleContext) -> Iterator[Diagnostic]:
    """A setting names an agent that does not exist.

    Heartbeats, the system agent and talk each go to one agent of agents.entries, or to main where
    there are none.

    bad: { agents: { entries: { main: {} } }, talk: { agentId: "mian" } }
    good: { agents: { entries: { main: {} } }, talk: { agentId: "main" } }
    source: known-agent-refs
    """
    for surface in "heartbeat", "systemAgent":
        yield from _unknown(unknown_agent, context, "agents", "defaults", surface, "agentId")
    yield from _unknown(unknown_agent, context, "talk", "agentId")


@rule("agents", since=_ENTRIES)
def roster_owner(context: RuleContext) -> Iterator[Diagnostic]:
    """Several agents, and nothing says which one owns what.

    Of several agents one has default: true, or agents.ownership is "explicit" and every surface
    names its agent; both together contradict each other.

    bad: { agents: { entries: { home: {}, work: {} } } }
    good: { agents: { ownership: "explicit", entries: { home: {}, work: {} } } }
    source: roster-ownership, roster-default-count
    """
    agents = entries(context.document)
    marked = [
        path
        for path, _, entry in agents
        if isinstance(flag := entry.get("default"), BooleanNode) and flag.value
    ]
    explicit = context.text("agents", "ownership") == "explicit"
    text = ""
    path: KeyPath = ("agents", "ownership")
    if len(marked) > 1:
        text, path = "more than one agent has default: true", context.keys.agents
    elif explicit and marked:
        text = 'agents.ownership is "explicit", so no agent may have default: true'
    elif len(agents) > 1 and not marked and not explicit:
        text = "several agents need one with default: true"
    if text and context.is_sound(("agents",)):
        yield roster_owner.at(
            context.key(path) or context.key(("agents",)),
            text,
            path,
            helps=('or agents.ownership: "explicit", and an agent for each surface',)
            * (not marked),
        )


@rule("agents", since=_ENTRIES)
def empty_roster(context: RuleContext) -> Iterator[Diagnostic]:
    """No agent is there, though the config says that it names them itself.

    Without agents OpenClaw adds main, but not with ownership "explicit", nor where agents.list
    cannot be read.

    bad: { agents: { ownership: "explicit" } }
    good: { agents: { ownership: "explicit", entries: { main: {} } } }
    source: roster-explicit-empty, roster-list-xor-entries
    """
    agents = context.object("agents")
    if agents is None or entries(context.document) or not context.is_sound(("agents",)):
        return
    if context.text("agents", "ownership") == "explicit" or agents.get("list") is not None:
        yield empty_roster.at(
            context.key(("agents",)),
            f"{key_path_text(context.keys.agents)} needs an agent",
            context.keys.agents,
        )


@rule("agents", since=_ENTRIES)
def repeated_agent(context: RuleContext) -> Iterator[Diagnostic]:
    """Two keys of agents.entries are the same agent.

    Ids are compared in lower case.

    bad: { agents: { ownership: "explicit", entries: { Work: {}, work: {} } } }
    good: { agents: { entries: { work: {} } } }
    source: roster-ids-unique
    """
    seen: dict[str, str] = {}
    for path, name, _ in entries(context.document):
        first = seen.setdefault((name or "").lower(), name or "")
        if first != name:
            yield repeated_agent.at(
                context.key(path), f"{name_text(name or '')} and {name_text(first)} are one", path
            )


@rule("agents", since=_ENTRIES)
def inexact_model(context: RuleContext) -> Iterator[Diagnostic]:
    """A setting for one model stands under a key that names none, or several.

    pickerRuntimes and codeMode are settings of exactly one provider/model.

    bad: { agents: { defaults: { models: { "openai/*": { codeMode: true } } } } }
    good: { agents: { defaults: { models: { "openai/gpt-5.4": { codeMode: true } } } } }
    source: agent-models-exact-ref
    """
    for path, node in settings(context, "models", "*"):
        ref = str(path[-1])
        for key in ("pickerRuntimes", "codeMode") if "*" in ref or split(ref) is None else ():
            if child(node, key) is not None and context.is_sound(()):
                where = (*path, key)
                yield inexact_model.at(
                    context.key(where),
                    f"{key_path_text(where)} needs an exact provider/model",
                    where,
                )


_SELECTORS = ("openrouter:auto", "openrouter:free")


@rule("agents", since=_ENTRIES)
def unknown_policy_model(context: RuleContext) -> Iterator[Diagnostic]:
    """A model policy allows what is neither a model nor an alias.

    An item is provider/model, provider/* or provider/group/*, an alias of models, or one of
    openrouter:auto and openrouter:free.

    bad: { agents: { defaults: { modelPolicy: { allow: ["*"] } } } }
    good: { agents: { defaults: { modelPolicy: { allow: ["openrouter/*"] } } } }
    source: model-policy-refs
    """
    for path, node in settings(context, "modelPolicy", "allow", "[]"):
        if not isinstance(node, StringNode) or node.assumed:
            continue
        text = trim(node.value)
        base = text.removesuffix("/*") if text.count("*") == 1 else text
        fits = text in _SELECTORS or ("*" not in base and (base != text or split(text) is not None))
        if fits or not context.is_sound(()) or _is_alias(context, text, str(path[2])):
            continue
        yield unknown_policy_model.at(
            node.location,
            f"{key_path_text(path)} is no model, and no alias",
            path,
            helps=("write provider/model, provider/* or an alias",),
        )


def _is_alias(context: RuleContext, text: str, agent: str) -> bool:
    """Whether ``models`` of the defaults, or of an agent, has an alias; any case."""
    for path, node in settings(context, "models", "*", "alias"):
        named = isinstance(node, StringNode) and trim(node.value).lower() == text.lower()
        if named and (path[1] == "defaults" or path[2] == agent):
            return True
    return False
