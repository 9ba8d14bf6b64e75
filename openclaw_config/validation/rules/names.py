"""Lints about names: agents, channels, accounts and tools that a config names and nothing has."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import chain

from openclaw_config.diagnostics.model import WARNING, Diagnostic, Related, name_text, rule
from openclaw_config.syntax.nodes import Node, StringNode, child
from openclaw_config.syntax.text import trim
from openclaw_config.targets import releases, target
from openclaw_config.validation.context import RuleContext, known_text, listed, select, texts
from openclaw_config.view.settings import MAIN, agent_entries, agent_id, truth

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
    places = [tuple(way.split(".")) for way in _LISTS]
    places.append((*context.keys.agent, "subagents", "allowAgents", "[]"))
    if not context.since("2026.5.28"):
        places.append(("bindings", "[]", "agentId"))
    named = [pattern for pattern in places if any(context.each(*pattern))]
    if not named:
        return
    from openclaw_config.validation.rules.agents import unknown_agents

    for pattern in named:
        for found in unknown_agents(unknown_named_agent, context, *pattern):
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
                yield context.at_value(ambiguous_roster, (*path, key), text, related=related)


# --- channels and accounts ------------------------------------------------------------------------

_ROUTES = (
    "bindings.[].match", "approvals.*.targets.[]", "cron.failureAlert", "cron.failureDestination",
    "hooks.mappings.[]", "transcripts.autoStart.[]", "session.sendPolicy.rules.[].match",
    "tools.links.scope.rules.[].match", "memory.qmd.scope.rules.[].match",
)  # fmt: skip
"""The objects that name a channel and its account."""
_BY_CHANNEL = ("tools.elevated.allowFrom.*", "commands.allowFrom.*", "channels.modelByChannel.*")
"""The maps by channel."""
_SECTIONS = ("approvals", "bindings", "commands", "cron", "hooks", "memory", "session", "tools")


@rule(*_SECTIONS, "agents", "channels", "transcripts", severity=WARNING)
def unknown_named_channel(context: RuleContext) -> Iterator[Diagnostic]:
    """A setting names a channel that does not exist.

    Bindings, allow lists and deliveries name channels by their ids, and OpenClaw accepts any. One
    that is misspelt matches nothing. Plugins may bring channels of other names, so only what looks
    like a misspelling is reported.

    bad: { bindings: [{ agentId: "main", match: { channel: "telegramm" } }] }
    good: { bindings: [{ agentId: "main", match: { channel: "telegram" } }] }
    source: NAME-03
    """
    release = context.target
    routes = (context.each(*way.split("."), "channel") for way in _ROUTES)
    named = [*texts(chain.from_iterable(routes))]
    maps = [tuple(way.split(".")) for way in _BY_CHANNEL]
    patterns = (*maps, (*context.keys.agent, *maps[0]))
    keyed = [path for pattern in patterns for path, _ in context.each(*pattern)]
    if not named and not keyed:
        return
    from openclaw_config import registry
    from openclaw_config.validation.rules.plugins import is_blind, known_channels
    from openclaw_config.validation.suggest import nearest, renaming

    channels = (*known_channels(context), *context.names_at("channels"))
    words = (*registry.heartbeat_targets(release), *registry.channel_aliases(release), "webchat")
    known = {name.lower() for name in (*channels, *words)}

    def near(name: str) -> str | None:
        return None if trim(name).lower() in known or is_blind(context) else nearest(name, channels)

    for path, node in named:
        if near(node.value):
            yield context.misnamed(unknown_named_channel, path, "names no channel", channels)
    for path in keyed:
        parent, key = context.object(*path[:-1]), str(path[-1])
        if parent is not None and (meant := near(key)):
            yield context.at_key(
                unknown_named_channel,
                path,
                "stands under a key that names no channel",
                label=f"did you mean {name_text(meant)}?",
                fix=None if parent.get(meant) else renaming(parent.index[key], meant),
            )


@rule(*_SECTIONS[:5], "agents", "transcripts", severity=WARNING, label="no such account")
def unknown_account(context: RuleContext) -> Iterator[Diagnostic]:
    """A binding or a delivery names an account that its channel does not have.

    The accounts of a channel are the keys of its accounts, beside default. A binding for another
    one never matches, and nothing can be sent from it.

    bad: { channels: { telegram: { accounts: { home: {}, work: {} } } }, bindings: [{ agentId:
      "main", match: { channel: "telegram", accountId: "wrok" } }] }
    good: { channels: { telegram: { accounts: { home: {}, work: {} } } }, bindings: [{ agentId:
      "main", match: { channel: "telegram", accountId: "work" } }] }
    source: NAME-03
    """

    @cache
    def accounts_of(channel: str) -> tuple[list[str], frozenset[str], str]:
        names = context.names_at("channels", channel, "accounts")
        known = ("", "*", "default", *(name.lower() for name in names))
        return names, frozenset(known), f"accounts: {listed([*map(name_text, names)])}"

    routes = chain.from_iterable(context.each(*way.split(".")) for way in _ROUTES)
    for path, node in chain(routes, context.settings("heartbeat")):
        channel = known_text(child(node, "channel" if "heartbeat" not in path else "target"))
        account = child(node, "accountId")
        if channel is None or not isinstance(account, StringNode) or account.assumed:
            continue
        accounts, known, hint = accounts_of(trim(channel).lower())
        if accounts and trim(account.value).lower() not in known:
            text = f"is no account of channels.{trim(channel).lower()}"
            where = (*path, "accountId")
            yield context.misnamed(unknown_account, where, text, accounts, helps=(hint,))


# --- tools ----------------------------------------------------------------------------------------


_POLICY = ("allow", "alsoAllow", "deny")


@rule("tools", "agents", "gateway", "channels", severity=WARNING)
def unknown_tool(context: RuleContext) -> Iterator[Diagnostic]:
    """A list of tools names a tool or a group that does not exist.

    OpenClaw accepts it, and the item allows or denies nothing: a misspelt name in deny leaves the
    tool on. Plugins and MCP servers bring tools of other names, so of tools only what looks like a
    misspelling is reported, and every group that is none.

    bad: { tools: { deny: ["web_serach", "group:filesystem"] } }
    good: { tools: { deny: ["web_search", "group:fs"] } }
    source: NAME-01
    """
    from openclaw_config.validation.rules.agents import tool_policies

    release = context.target
    places = [tool_policies(context), context.each("channels", "*", "groups", "*", "tools")]
    places += [context.each(*way, "tools") for way in (("gateway",), ("agents", "defaults"))]
    listed = [
        ((*path, *at), item)
        for path, node in chain.from_iterable(places)
        for key in _POLICY
        for at, item in texts(select(node, key, "[]"))
    ]
    if not listed:
        return
    from openclaw_config import registry
    from openclaw_config.validation.suggest import misspelt, rewording

    tools, groups = registry.tool_names(release), registry.tool_groups(release)
    known = {*tools, *groups, *context.names_at("plugins", "entries"), *context.external.plugins}
    for path, item in listed:
        name = trim(item.value).lower()
        if "*" in name or name in known:
            continue
        group = name.startswith("group:")
        near = misspelt(name, groups if group else tools)
        if group or near:
            yield context.at_value(
                unknown_tool,
                path,
                f"names no {'group of tools' if group else 'tool'}",
                label=f'did you mean "{near}"?' if near else "no such group",
                helps=() if near else (f"groups: {', '.join(groups)}",),
                fix=rewording(item, near),
            )
