"""Rules about agents: their tools, heartbeats, folders and sandboxes, and who may name them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from itertools import chain, pairwise

from openclaw_config import registry
from openclaw_config.diagnostics.model import WARNING, Diagnostic, Related, key_path_text, rule
from openclaw_config.syntax.nodes import Node, ObjectNode, StringNode, child
from openclaw_config.syntax.text import KeyPath, trim
from openclaw_config.targets import releases, target
from openclaw_config.validation.context import RuleContext, shared_workspace, texts, user_path
from openclaw_config.validation.suggest import misspelt
from openclaw_config.view import settings
from openclaw_config.view.refs import split
from openclaw_config.view.settings import MAIN, agent_entries, agent_id, number, truth


@rule("tools", "agents", label="keep allow alone, or alsoAllow with a profile")
def allow_and_also_allow(context: RuleContext) -> Iterator[Diagnostic]:
    """The lists allow and alsoAllow stand together.

    allow says which tools there are and nothing else; alsoAllow adds to the profile's tools.
    OpenClaw does not guess which of the two is meant and refuses both. An empty list counts as
    absent.

    bad: { tools: { allow: ["read"], alsoAllow: ["web_search"] } }
    good: { tools: { profile: "coding", alsoAllow: ["web_search"] } }
    source: allow-xor-alsoAllow
    """
    text = "has both allow and alsoAllow"
    return context.breaches("allow-xor-alsoAllow", text, "alsoAllow", reported=())


@rule("tools", "agents", since="2026.5.28", label="keep mode alone")
def exec_mode(context: RuleContext) -> Iterator[Diagnostic]:
    """The mode of exec stands beside the older security or ask, which it replaces.

    mode says both what exec may do and whether it asks; the older keys could contradict it.

    bad: { tools: { exec: { mode: "ask", ask: "off" } } }
    good: { tools: { exec: { mode: "ask" } } }
    source: exec-mode-xor-security-ask
    """
    text = "has mode beside security or ask"
    return context.breaches("exec-mode-xor-security-ask", text, "mode")


_AGENT_TOOLS = ("tools", "tools.byProvider.*", "tools.sandbox.tools")
_TOOLS = (
    *_AGENT_TOOLS, "tools.subagents.tools", "tools.toolsBySender.*", "gateway.tools",
    "agents.defaults.tools", "channels.*.groups.*.tools",
)  # fmt: skip
"""The objects that have lists of tools: of each agent, and anywhere."""


@rule("tools", "agents", "gateway", "channels", severity=WARNING, label="no such group")
def unknown_tool(context: RuleContext) -> Iterator[Diagnostic]:
    """A list of tools names a tool or a group that does not exist.

    OpenClaw accepts it, and the item allows or denies nothing: a misspelt name in deny leaves the
    tool on. Plugins and MCP servers bring tools of other names, so of tools only what looks like a
    misspelling is reported, and every group that is none.

    bad: { tools: { deny: ["web_serach", "group:filesystem"] } }
    good: { tools: { deny: ["web_search", "group:fs"] } }
    source: NAME-01
    """
    release, agent = context.target, context.keys.agent
    places: list[tuple[str, ...]]
    places = [(way,) for way in _TOOLS] + [(*agent, way) for way in _AGENT_TOOLS]
    lists = (context.each(*way, key, "[]") for way in places for key in _POLICY)
    listed = [*texts(chain.from_iterable(lists))]
    if not listed:
        return
    tools, groups = registry.tool_names(release), registry.tool_groups(release)
    known = {*tools, *groups, *context.names_at("plugins", "entries"), *context.external.plugins}
    for path, item in listed:
        name = trim(item.value).lower()
        if "*" in name or name in known:
            continue
        group = name.startswith("group:")
        near = misspelt(name, groups if group else tools)
        if group or near:
            text = f"names no {'group of tools' if group else 'tool'}"
            helps = () if near else (f"groups: {', '.join(groups)}",)
            yield context.at_value(path, text, near, helps=helps)


_POLICY = ("allow", "alsoAllow", "deny")
_THRESHOLDS = ("warningThreshold", "criticalThreshold", "globalCircuitBreakerThreshold")


@rule("tools", "agents", until="2026.8.1")
def loop_thresholds(context: RuleContext) -> Iterator[Diagnostic]:
    """Loop detection's thresholds are not in ascending order.

    A loop is first warned about, then stopped, then broken off for good. Each threshold has to be
    larger than the one before it.

    bad: { tools: { loopDetection: { warningThreshold: 20, criticalThreshold: 20 } } }
    good: { tools: { loopDetection: { warningThreshold: 10, criticalThreshold: 20 } } }
    source: loop-detection-order
    """
    tables = (context.each(*owner, "tools", "loopDetection") for owner in ((), context.keys.agent))
    for path, node in chain.from_iterable(tables):
        given = [child(node, key) for key in _THRESHOLDS] if context.is_sound(path) else []
        for (low, first), (high, second) in pairwise(zip(_THRESHOLDS, given, strict=False)):
            less, more = number(first), number(second)
            if first is not None and less is not None and more is not None and less >= more:
                related = (Related(first.location, f"{low} is {less}"),)
                text, label = f"must be larger than {low}", f"must be more than {less}"
                yield context.at_value((*path, high), text, label=label, related=related)


@rule("agents", label="not a channel", hint='a person or room goes into "to"')
def unknown_heartbeat_target(context: RuleContext) -> Iterator[Diagnostic]:
    """A heartbeat goes to a channel that does not exist.

    target is last, none, or the id or an alias of a channel. The person or room goes into
    heartbeat.to.

    bad: { agents: { defaults: { heartbeat: { every: "30m", target: "telegrm" } } } }
    good: { agents: { defaults: { heartbeat: { every: "30m", target: "telegram" } } } }
    source: heartbeat-target
    """
    for path, node in texts(context.settings("heartbeat", "target")):
        from openclaw_config.validation.rules.plugins import is_blind, known_channels

        target = trim(node.value).lower()
        known = (
            *registry.heartbeat_targets(context.target),
            *known_channels(context),
            *registry.channel_aliases(context.target),
        )
        if target and target not in known and not is_blind(context):
            yield context.misnamed(path, "names no channel", known)


# --- folders ----------------------------------------------------------------------------------


@rule("agents", label="give each agent its own folder, or remove the key")
def shared_agent_dir(context: RuleContext) -> Iterator[Diagnostic]:
    """Two agents use the same folder.

    An agent keeps its credentials and sessions in its agentDir. Two agents in one folder overwrite
    each other's, so OpenClaw refuses to start.

    bad: { agents: { list: [{ id: "a", agentDir: "~/x" }, { id: "b", agentDir: "~/x" }] } }
    good: { agents: { list: [{ id: "a" }, { id: "b" }] } }
    source: agent-dir-unique, LOAD-46
    """
    document = context.document
    default = settings.default_agent(document)
    agents = {default.id: default}
    for agent in settings.all_agents(document):
        agents.setdefault(agent.id, agent)
    for path, node in texts(context.each("bindings.[].agentId")):
        if trim(node.value):
            bound = settings.Agent(document, agent_id(node.value), None, path)
            agents.setdefault(bound.id, bound)
    folders: dict[str, settings.Agent] = {}
    for agent in agents.values():
        own = child(agent.entry, "agentDir")
        if isinstance(own, StringNode) and own.assumed:
            continue
        written = settings.agent_folder(agent).replace("{stateDir}", document.state_dir)
        other = folders.setdefault(user_path(document, written), agent)
        # An agent that only a binding names has no settings to point at.
        mine, theirs = (other, agent) if agent.entry is None else (agent, other)
        if other is not agent and mine.entry is not None:
            folder, own = child(theirs.entry, "agentDir"), mine.entry.get("agentDir")
            related = () if folder is None else (Related(folder.location, "the other's folder"),)
            place = mine.path if own is None else (*mine.path, "agentDir")
            text = f"shares its folder with {key_path_text(theirs.path)}"
            yield context.at_value(place, text, related=related)


_REMOTE = r"(?i)(?:data:|https?://)"
_NO_PATH = r"(?i)~|(?![a-z]:[\\/])[a-z][a-z0-9+.-]*:"
"""How the home begins, and any other scheme; a single letter is a drive."""


@rule("agents", hint="give a path below the workspace, an http(s) URL or a data: URI")
def avatar_path(context: RuleContext) -> Iterator[Diagnostic]:
    """An agent's avatar is not a picture that OpenClaw may show.

    An avatar is a path inside the agent's workspace, an http or https URL, or a data: URI. A path
    that leads out of the workspace, starts with ~ or has another scheme is refused.

    bad: { agents: { list: [{ id: "a", identity: { avatar: "~/me.png" } }] } }
    good: { agents: { list: [{ id: "a", identity: { avatar: "avatars/me.png" } }] } }
    source: avatar-path
    """
    for at, name, entry in agent_entries(context.document):
        path = (*at, "identity", "avatar")
        avatar = trim(context.text(*path) or "")
        if not avatar or re.match(_REMOTE, avatar):
            continue
        workspace = _workspace(context, name, entry)
        way = os.path.relpath(os.path.join(workspace, avatar), workspace)
        # OpenClaw takes a name that merely begins with two dots for a way out.
        if re.match(_NO_PATH, avatar) or way.startswith(".."):
            yield context.at_value(path, "leads out of the agent's workspace")


def _workspace(context: RuleContext, written: str | None, entry: ObjectNode) -> str:
    document = context.document
    own, name = settings.text(entry.get("workspace")), agent_id(written or "")
    shared = shared_workspace(document)
    if own or name == settings.default_agent(document).id:
        return user_path(document, own) if own else shared
    return f"{shared}{'/' if context.text('agents', 'defaults', 'workspace') else '-'}{name}"


# --- who talks to whom ------------------------------------------------------------------------


@rule("bindings")
def acp_binding_peer(context: RuleContext) -> Iterator[Diagnostic]:
    """An ACP binding does not say for whom it is.

    A binding of type acp ties one conversation to a coding agent, so its match needs a peer with an
    id.

    bad: { bindings: [{ type: "acp", agentId: "a", match: { channel: "discord" } }] }
    good: { bindings: [{ type: "acp", agentId: "a", match: { channel: "discord", peer: { kind:
      "channel", id: "123" } } }] }
    source: acp-binding-peer
    """
    text = "is of type acp and needs match.peer.id"
    return context.breaches("acp-binding-peer", text, "match", "peer")


# --- the roster: which agents there are, and who may name them ------------------------------------


_ENTRIES = "2026.8.1"
"""The first release that has agents by id, and main where a config has none (LOAD-51)."""


def unknown_agents(
    context: RuleContext, *patterns: str, exact: bool = False
) -> Iterator[Diagnostic]:
    """Findings for the texts of patterns that are no agent's id; ``exact`` is letter by letter.

    None while an id itself is not known yet.
    """
    agents = agent_entries(context.document)
    ids = [name or "" for _, name, _ in agents]
    if any(getattr(entry.get("id"), "assumed", False) for *_, entry in agents):
        return
    if not ids and context.keys.agent[-1] == "*":
        ids = [MAIN]
    if not ids or not context.is_sound(()):
        return
    known = set(ids) if exact else {agent_id(name) for name in ids}
    for path, node in texts(chain.from_iterable(map(context.each, patterns))):
        if (node.value if exact else agent_id(node.value)) not in known:
            text = f"names no agent of {key_path_text(context.keys.agents)}"
            yield context.misnamed(path, text, ids, "agents", label="no agent has this id")


@rule("broadcast")
def unknown_broadcast_agent(context: RuleContext) -> Iterator[Diagnostic]:
    """A broadcast names an agent that does not exist.

    broadcast sends a conversation to several agents at once, by their ids, compared letter by
    letter. Since 2026.8.1 a config without agents has one, main.

    bad: { agents: { list: [{ id: "main" }] }, broadcast: { "120363@g.us": ["mian"] } }
    good: { agents: { list: [{ id: "main" }] }, broadcast: { "120363@g.us": ["main"] } }
    source: broadcast-agent-known
    """
    return unknown_agents(context, "broadcast.*.[]", "broadcast.*.agents.[]", exact=True)


@rule("bindings", since="2026.5.28")
def unknown_bound_agent(context: RuleContext) -> Iterator[Diagnostic]:
    """A binding sends a conversation to an agent that does not exist.

    Since 2026.8.1 main is always there; before, a config without agents may name any.

    bad: { agents: { list: [{ id: "work" }] }, bindings: [{ agentId: "wrok", match: { channel:
      "telegram" } }] }
    good: { agents: { list: [{ id: "work" }] }, bindings: [{ agentId: "work", match: { channel:
      "telegram" } }] }
    source: binding-agent-known
    """
    for found in unknown_agents(context, "bindings.[].agentId"):
        if context.text(*found.key_path) != MAIN or context.keys.agent[-1] == "[]":
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
    places = ("agents.defaults.heartbeat.agentId", "agents.defaults.systemAgent.agentId")
    return unknown_agents(context, *places, "talk.agentId")


_LISTS = (
    "agents.defaults.subagents.allowAgents.[]", "tools.agentToAgent.allow.[]",
    "hooks.allowedAgentIds.[]", "hooks.mappings.[].agentId", "mcp.servers.*.codex.agents.[]",
)  # fmt: skip


@rule("agents", "tools", "hooks", "mcp", "bindings", severity=WARNING)
def unknown_named_agent(context: RuleContext) -> Iterator[Diagnostic]:
    """A list or a mapping names an agent that does not exist.

    OpenClaw accepts it. In a list of those that may be asked it allows nothing; a mapping of hooks,
    and a binding before 2026.5.28, goes to the default agent instead.

    bad: { agents: { list: [{ id: "main" }, { id: "coder" }] }, tools: { agentToAgent: { enabled:
      true, allow: ["main", "codr"] } } }
    good: { agents: { list: [{ id: "main" }, { id: "coder" }] }, tools: { agentToAgent: { enabled:
      true, allow: ["main", "coder"] } } }
    source: NAME-02
    """
    former = target(releases()[0]).keys.agents
    if context.keys.agents != former and context.get(*former) is not None:
        return  # a list that cannot be read as entries
    places = [*_LISTS, ".".join((*context.keys.agent, "subagents.allowAgents.[]"))]
    if not context.since("2026.5.28"):
        places.append("bindings.[].agentId")
    for found in unknown_agents(context, *places):
        name = context.text(*found.key_path) or ""
        if "*" not in name and agent_id(name) != MAIN:
            yield found


@rule("agents", severity=WARNING, until="2026.8.1", label="OpenClaw takes the first")
def ambiguous_roster(context: RuleContext) -> Iterator[Diagnostic]:
    """Two agents have one id, or several are the default one.

    OpenClaw takes the first of them, so the other's settings have no effect. Ids are compared in
    lower case.

    bad: { agents: { list: [{ id: "work" }, { id: "Work", model: "openrouter/auto" }] } }
    good: { agents: { list: [{ id: "work" }, { id: "home", model: "openrouter/auto" }] } }
    source: NAME-04, MODEL-10
    """
    seen: dict[tuple[str, str], Node] = {}
    for path, name, entry in agent_entries(context.document):
        marks = {"id": name and agent_id(name), "default": truth(entry.get("default"))}
        for key, value in marks.items():
            node = entry.get(key)
            if not value or node is None:
                continue
            first = seen.setdefault((key, str(value)), node)
            if first is not node:
                text = "is another agent's too" if key == "id" else "is not the first default"
                related = (Related(first.location, "the first"),)
                yield context.at_value((*path, key), text, related=related)


@rule("agents", since=_ENTRIES)
def roster_owner(context: RuleContext) -> Iterator[Diagnostic]:
    """Several agents, and nothing says which one owns what.

    Of several agents one has default: true, or agents.ownership is "explicit" and every surface
    names its agent; both together contradict each other.

    bad: { agents: { entries: { home: {}, work: {} } } }
    good: { agents: { ownership: "explicit", entries: { home: {}, work: {} } } }
    source: roster-ownership, roster-default-count
    """
    agents = agent_entries(context.document)
    marked = [path for path, _, entry in agents if truth(entry.get("default"))]
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
        helps = ('or agents.ownership: "explicit", and an agent for each surface',)
        place = context.key(path) or context.key(("agents",))
        yield context.rule.at(place, text, path, helps=() if marked else helps)


@rule("agents", since=_ENTRIES)
def empty_roster(context: RuleContext) -> Iterator[Diagnostic]:
    """No agent is there, though the config says that it names them itself.

    Without agents OpenClaw adds main, but not with ownership "explicit", nor where agents.list
    cannot be read.

    bad: { agents: { ownership: "explicit" } }
    good: { agents: { ownership: "explicit", entries: { main: {} } } }
    source: roster-explicit-empty, roster-list-xor-entries
    """
    agents, path = context.object("agents"), context.keys.agents
    if agents is None or agent_entries(context.document) or not context.is_sound(("agents",)):
        return
    if context.text("agents", "ownership") == "explicit" or agents.get("list") is not None:
        text = f"{key_path_text(path)} needs an agent"
        yield context.rule.at(context.key(("agents",)), text, path)


@rule("agents", since=_ENTRIES)
def repeated_agent(context: RuleContext) -> Iterator[Diagnostic]:
    """Two keys of agents.entries are the same agent.

    Ids are compared in lower case.

    bad: { agents: { ownership: "explicit", entries: { Work: {}, work: {} } } }
    good: { agents: { entries: { work: {} } } }
    source: roster-ids-unique
    """
    seen: dict[str, str] = {}
    for path, written, _ in agent_entries(context.document):
        name = written or ""
        first = seen.setdefault(name.lower(), name)
        if first != name:
            yield context.at_key(path, f"is the same agent as {first}")


_SELECTORS = ("openrouter:auto", "openrouter:free")


@rule("agents", since=_ENTRIES, hint="write provider/model, provider/* or an alias")
def unknown_policy_model(context: RuleContext) -> Iterator[Diagnostic]:
    """A model policy allows what is neither a model nor an alias.

    An item is provider/model, provider/* or provider/group/*, an alias of models, or one of
    openrouter:auto and openrouter:free.

    bad: { agents: { defaults: { modelPolicy: { allow: ["*"] } } } }
    good: { agents: { defaults: { modelPolicy: { allow: ["openrouter/*"] } } } }
    source: model-policy-refs
    """
    for path, node in texts(context.settings("modelPolicy", "allow", "[]")):
        text = trim(node.value)
        base = text.removesuffix("/*") if text.count("*") == 1 else text
        fits = text in _SELECTORS or ("*" not in base and (base != text or split(text) is not None))
        if not fits and context.is_sound(()) and not _is_alias(context, text, str(path[2])):
            yield context.at_value(path, "is no model, and no alias")


def _is_alias(context: RuleContext, text: str, agent: str) -> bool:
    """Whether ``models`` of the defaults, or of an agent, has an alias; any case."""
    for path, node in context.settings("models", "*", "alias"):
        named = isinstance(node, StringNode) and trim(node.value).lower() == text.lower()
        if named and (path[1] == "defaults" or path[2] == agent):
            return True
    return False
