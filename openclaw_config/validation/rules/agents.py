"""Rules about agents: their folders, pictures, heartbeats, tools and bindings."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from itertools import pairwise

from openclaw_config.diagnostics.model import Diagnostic, Related, key_path_text
from openclaw_config.diagnostics.rules import rule, version
from openclaw_config.syntax.nodes import (
    ArrayNode,
    BooleanNode,
    Node,
    NumberNode,
    ObjectNode,
    StringNode,
    child,
    text_of,
)
from openclaw_config.syntax.scanner import trim
from openclaw_config.syntax.spans import KeyPath
from openclaw_config.validation.context import RuleContext
from openclaw_config.validation.paths import is_within, user_path
from openclaw_config.view.agents import MAIN, Agents, agent_id, entries

_TOOLS = ((), ("byProvider", "*"), ("sandbox", "tools"))


@rule("tools", "agents")
def allow_and_also_allow(context: RuleContext) -> Iterator[Diagnostic]:
    """The lists allow and alsoAllow stand together.

    allow says which tools there are and nothing else; alsoAllow adds to the profile's tools.
    OpenClaw does not guess which of the two is meant and refuses both. An empty list counts as
    absent.

    bad: { tools: { allow: ["read"], alsoAllow: ["web_search"] } }
    good: { tools: { profile: "coding", alsoAllow: ["web_search"] } }
    source: allow-xor-alsoAllow
    """
    for pattern in (
        *(("tools", *way) for way in (*_TOOLS, ("subagents", "tools"), ("toolsBySender", "*"))),
        *((*context.keys.agent, "tools", *way) for way in _TOOLS),
    ):
        for path, node in context.each(*pattern):
            lists = [child(node, key) for key in ("allow", "alsoAllow")]
            if all(isinstance(one, ArrayNode) and one.items for one in lists) and context.is_sound(
                path
            ):
                where = key_path_text(path)
                yield allow_and_also_allow.at(
                    context.key((*path, "alsoAllow")),
                    f"{where} has both allow and alsoAllow",
                    path,
                    label="keep one of them",
                    helps=("put every tool into allow, or set a profile and keep alsoAllow",),
                )


@rule("tools", "agents", since="2026.5.28")
def exec_mode(context: RuleContext) -> Iterator[Diagnostic]:
    """The mode of exec stands beside the older security or ask, which it replaces.

    mode says both what exec may do and whether it asks; the older keys could contradict it.

    bad: { tools: { exec: { mode: "ask", ask: "off" } } }
    good: { tools: { exec: { mode: "ask" } } }
    source: exec-mode-xor-security-ask
    """
    for path, node in context.breaches("exec-mode-xor-security-ask"):
        old = [key for key in ("security", "ask") if child(node, key) is not None]
        yield exec_mode.at(
            context.key((*path, "mode")),
            f"{key_path_text(path)} has mode and {' and '.join(old)}",
            (*path, "mode"),
            label="keep mode alone",
        )


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
    for owner in (), context.keys.agent:
        for path, node in context.each(*owner, "tools", "loopDetection"):
            if not context.is_sound(path):
                continue
            for low, high in pairwise(_THRESHOLDS):
                less, more = child(node, low), child(node, high)
                if (
                    isinstance(less, NumberNode)
                    and isinstance(more, NumberNode)
                    and less.value >= more.value
                ):
                    yield loop_thresholds.at(
                        more.location,
                        f"{high} must be larger than {low}",
                        (*path, high),
                        label=f"must be more than {less.value}",
                        related=(Related(less.location, f"{low} is {less.value}"),),
                    )


_CLOCK = re.compile(r"(?:[01][0-9]|2[0-3]|24):[0-5][0-9]\Z")
_DEFAULTS = ("agents", "defaults")


def settings(context: RuleContext, *way: str) -> Iterator[tuple[KeyPath, Node]]:
    """The values of a way below ``agents.defaults``, and below each agent."""
    yield from context.each("agents", "defaults", *way)
    yield from context.each(*context.keys.agent, *way)


@rule("agents")
def active_hours(context: RuleContext) -> Iterator[Diagnostic]:
    """A heartbeat's active hours are not clock times.

    start and end are HH:MM on a 24-hour clock, two digits each. Only end may be 24:00, the end of
    the day. Before 2026.8.1 OpenClaw looked at them only when the heartbeat had an interval.

    bad: { agents: { defaults: { heartbeat: { every: "30m", activeHours: { start: "8:0" } } } } }
    good: { agents: { defaults: { heartbeat: { every: "1h", activeHours: { end: "24:00" } } } } }
    source: heartbeat-active-hours
    """
    for owner in _DEFAULTS, context.keys.agent:
        for path, node in context.each(*owner, "heartbeat"):
            every = child(node, "every")
            runs = isinstance(every, StringNode) and (every.value or every.assumed)
            if not runs and version(context.target) < version("2026.8.1"):
                continue
            for key in ("start", "end"):
                time = child(node, "activeHours", key)
                if isinstance(time, StringNode) and time.value and not time.assumed:
                    problem = _clock_problem(time.value, key)
                    if problem and context.is_sound(path):
                        where = (*path, "activeHours", key)
                        yield active_hours.at(
                            time.location, f"{key_path_text(where)} {problem}", where
                        )


def _clock_problem(text: str, key: str) -> str:
    if not _CLOCK.match(text):
        return "must be a time such as 08:00 or 17:30"
    if text.startswith("24"):
        if text != "24:00":
            return "is past the end of the day"
        if key == "start":
            return "cannot start at 24:00; write 00:00"
    return ""


# --- folders ----------------------------------------------------------------------------------


@rule("agents")
def shared_agent_dir(context: RuleContext) -> Iterator[Diagnostic]:
    """Two agents use the same folder.

    An agent keeps its credentials and sessions in its agentDir. Two agents in one folder overwrite
    each other's, so OpenClaw refuses to start.

    bad: { agents: { list: [{ id: "a", agentDir: "~/x" }, { id: "b", agentDir: "~/x" }] } }
    good: { agents: { list: [{ id: "a" }, { id: "b" }] } }
    source: agent-dir-unique, LOAD-46
    """
    agents = entries(context.document)
    written: dict[str, tuple[KeyPath, ObjectNode]] = {}
    for path, name, entry in agents:
        if name is not None:
            written.setdefault(agent_id(name), (path, entry))
    bound = _bound_ids(context)
    ids = list(dict.fromkeys([_default_id(agents), *written, *bound]))

    def shown(name: str) -> str:
        """An id as a message quotes it: hidden when a variable gave it."""
        from openclaw_config.diagnostics.masking import quote

        if name in written:
            path, entry = written[name]
            node = entry.get("id")
            return quote(node, (*path, "id"), name) if node else f"`{name}`"
        return quote(bound[name][1], bound[name][0], name) if name in bound else f"`{name}`"

    by_folder: dict[str, str] = {}
    for name in ids:
        place = written.get(name)
        own = place[1].get("agentDir") if place else None
        if isinstance(own, StringNode) and own.assumed:
            continue
        folder = _agent_dir(context, name, text_of(own))
        if folder not in by_folder:
            by_folder[folder] = name
            continue
        other = written.get(by_folder[folder])
        place = place or other
        if place is None:
            continue
        path = (*place[0], "agentDir")
        node = child(context.root, *path) or place[1]
        theirs = other[1].get("agentDir") if other and other is not place else None
        yield shared_agent_dir.at(
            node.location,
            f"agents {shown(by_folder[folder])} and {shown(name)} use the same agentDir",
            path,
            label="give each agent its own folder, or remove the key",
            related=(Related(theirs.location, f"the folder of {shown(by_folder[folder])}"),)
            if theirs is not None
            else (),
        )


def _default_id(agents: Agents) -> str:
    chosen = [name for _, name, entry in agents if _is_true(entry.get("default"))]
    chosen += [name for _, name, _ in agents]
    return agent_id(chosen[0] or MAIN) if chosen else MAIN


def _is_true(node: Node | None) -> bool:
    return isinstance(node, BooleanNode) and node.value


def _bound_ids(context: RuleContext) -> dict[str, tuple[KeyPath, Node]]:
    found: dict[str, tuple[KeyPath, Node]] = {}
    for path, node in context.each("bindings", "[]", "agentId"):
        name = text_of(node)
        if name and trim(name):
            found.setdefault(agent_id(name), (path, node))
    return found


def _agent_dir(context: RuleContext, name: str, own: str | None) -> str:
    document = context.document
    if own and trim(own):
        return user_path(trim(own), document.home)
    return os.path.join(document.state_dir, "agents", name, "agent")


_REMOTE = re.compile(r"(?:data:|https?://)", re.IGNORECASE)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_DRIVE = re.compile(r"[a-zA-Z]:[\\/]")


@rule("agents")
def avatar_path(context: RuleContext) -> Iterator[Diagnostic]:
    """An agent's avatar is not a picture that OpenClaw may show.

    An avatar is a path inside the agent's workspace, an http or https URL, or a data: URI. A path
    that leads out of the workspace, starts with ~ or has another scheme is refused.

    bad: { agents: { list: [{ id: "a", identity: { avatar: "~/me.png" } }] } }
    good: { agents: { list: [{ id: "a", identity: { avatar: "avatars/me.png" } }] } }
    source: avatar-path
    """
    agents = entries(context.document)
    for at, name, entry in agents:
        node = child(entry, "identity", "avatar")
        if not isinstance(node, StringNode) or node.assumed:
            continue
        avatar = trim(node.value)
        if not avatar or _REMOTE.match(avatar):
            continue
        if avatar.startswith("~") or (_SCHEME.match(avatar) and not _DRIVE.match(avatar)):
            problem = "is no path in the agent's workspace"
        elif not is_within(_workspace(context, name, entry, agents), avatar):
            problem = "leads out of the agent's workspace"
        else:
            continue
        path = (*at, "identity", "avatar")
        yield avatar_path.at(
            node.location,
            f"{key_path_text(path)} {problem}",
            path,
            helps=("give a path below the workspace, an http(s) URL or a data: URI",),
        )


def _workspace(context: RuleContext, written: str | None, entry: ObjectNode, agents: Agents) -> str:
    document = context.document
    own = trim(text_of(entry.get("workspace")) or "")
    if own:
        return user_path(own, document.home)
    name = agent_id(written or MAIN)
    shared = trim(context.text("agents", "defaults", "workspace") or "")
    if name == _default_id(agents):
        return (
            user_path(shared, document.home)
            if shared
            else os.path.join(document.state_dir, "workspace")
        )
    if shared:
        return os.path.join(user_path(shared, document.home), name)
    return os.path.join(document.state_dir, f"workspace-{name}")


# --- who talks to whom ------------------------------------------------------------------------


_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


@rule("agents", since="2026.8.1")
def sandbox_variable(context: RuleContext) -> Iterator[Diagnostic]:
    """A sandbox's variable cannot be written into a file of variables.

    Its name needs to be of letters, digits and underscores, its value of one line.

    bad: { agents: { defaults: { sandbox: { docker: { env: { "my-name": "x" } } } } } }
    good: { agents: { defaults: { sandbox: { docker: { env: { MY_NAME: "x" } } } } } }
    source: sandbox-env-names
    """
    shared = context.text("agents", "defaults", "sandbox", "backend")
    for path, node in settings(context, "sandbox", "docker", "env", "*"):
        value = text_of(node) or ""
        backend = context.text(*path[:-3], "backend") or shared or "docker"
        bad = not _VARIABLE.match(str(path[-1])) or not {"\r", "\n", "\0"}.isdisjoint(value)
        if bad and backend in ("docker", "podman"):
            text = f"{key_path_text(path)} needs a plain name and a value of one line"
            yield sandbox_variable.at(context.key(path), text, path)


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
    for path, node in context.each("bindings", "[]"):
        if text_of(child(node, "type")) != "acp" or not context.is_sound(path):
            continue
        peer = child(node, "match", "peer", "id")
        if isinstance(peer, StringNode) and (peer.assumed or trim(peer.value)):
            continue
        where: KeyPath = (*path, "match", "peer")
        place = child(node, "match", "peer") or child(node, "match") or node
        yield acp_binding_peer.at(
            context.key(where if child(node, "match", "peer") else (*path, "match"))
            or place.location,
            f"{key_path_text(path)} is of type acp and needs match.peer.id",
            where,
        )


@rule("agents")
def sandbox_network(context: RuleContext) -> Iterator[Diagnostic]:
    """A sandbox joins another container's network.

    A sandbox in another container's network namespace can reach whatever that container can.
    OpenClaw allows it only with dangerouslyAllowContainerNamespaceJoin.

    bad: { agents: { defaults: { sandbox: { docker: { network: "container:db" } } } } }
    good: { agents: { defaults: { sandbox: { docker: { network: "none" } } } } }
    source: sandbox-network-container
    """
    for owner in _DEFAULTS, context.keys.agent:
        for path, node in context.each(*owner, "sandbox"):
            if _is_true(child(node, "docker", "dangerouslyAllowContainerNamespaceJoin")):
                continue
            for part in ("docker", "browser"):
                network = child(node, part, "network")
                if (
                    isinstance(network, StringNode)
                    and trim(network.value).lower().startswith("container:")
                    and context.is_sound((*path, part) if part == "docker" else path)
                ):
                    where = (*path, part, "network")
                    yield sandbox_network.at(
                        network.location,
                        f"{key_path_text(where)} joins another container's network",
                        where,
                        helps=(
                            "set dangerouslyAllowContainerNamespaceJoin: true beside docker.network"
                            " if that is meant",
                        ),
                    )
