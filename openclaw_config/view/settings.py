"""What a config says, as OpenClaw's own helpers read it: typed values, and its agents."""

from __future__ import annotations

import re
from typing import NamedTuple, TypeAlias

from openclaw_config.loading.load import Document
from openclaw_config.syntax import nodes
from openclaw_config.syntax.text import KeyPath, trim


def text(node: nodes.Node | None) -> str:
    """A string, trimmed as JavaScript trims; "" when the node is no string."""
    return trim(node.value) if isinstance(node, nodes.StringNode) else ""


def number(node: nodes.Node | None) -> int | float | None:
    """A number, or None."""
    return node.value if isinstance(node, nodes.NumberNode) else None


def truth(node: nodes.Node | None) -> bool | None:
    """A boolean, or None."""
    return node.value if isinstance(node, nodes.BooleanNode) else None


def mapping(node: nodes.Node | None) -> nodes.ObjectNode | None:
    """An object, or None."""
    return node if isinstance(node, nodes.ObjectNode) else None


def items(node: nodes.Node | None) -> list[nodes.Node]:
    """The items of an array; none when the node is not one."""
    return node.items if isinstance(node, nodes.ArrayNode) else []


def is_text(node: nodes.Node | None) -> bool:
    """Whether a node is a string that is not blank."""
    return bool(text(node))


def is_true(node: nodes.Node | None) -> bool:
    """Whether a node is ``true``."""
    return truth(node) is True


SOURCES = ("env", "file", "exec")


def is_secret_ref(node: nodes.Node | None) -> bool:
    """Whether an object has the three fields of a SecretRef, or the older two without provider."""
    if not isinstance(node, nodes.ObjectNode) or nodes.text_of(node.get("source")) not in SOURCES:
        return False
    keys = set(node.values)
    if keys not in ({"source", "provider", "id"}, {"source", "id"}):
        return False
    return all(trim(nodes.text_of(node.get(key)) or "") for key in keys)


def members(node: nodes.Node | None) -> list[tuple[str, nodes.Node]]:
    """The keys and values of an object; none when the node is not one."""
    return [*node.values.items()] if isinstance(node, nodes.ObjectNode) else []


def values_of(node: nodes.Node | None) -> dict[str, nodes.Node]:
    """The values of an object by their keys; none when the node is not one."""
    return dict(members(node))


MAIN = "main"

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}\Z")
_NOT_ID = re.compile(r"[^a-z0-9_-]+")


class Agent(NamedTuple):
    """An agent of a document.

    That is its normalised id, its settings, where they stand, and its id as it is written.
    """

    document: Document
    id: str
    entry: nodes.ObjectNode | None
    path: KeyPath
    written: str = ""


Agents: TypeAlias = list[tuple[KeyPath, str | None, nodes.ObjectNode]]


def agent_id(written: str) -> str:
    """An agent's id as OpenClaw compares them: lower case, odd characters as hyphens (MODEL-10)."""
    written = trim(written)
    if not written:
        return MAIN
    if _ID.match(written):
        return written.lower()
    return _NOT_ID.sub("-", written.lower()).strip("-")[:64] or MAIN


def agent_entries(document: Document) -> Agents:
    """Where each agent's settings stand, its id as it is written, and the settings, an object."""
    way = document.target.keys.agents
    node = nodes.child(document.root, *way)
    by_name = isinstance(node, nodes.ObjectNode)
    return [
        ((*way, at), str(at) if by_name else nodes.text_of(nodes.child(one, "id")), one)
        for at, one in (nodes.children(node) if node is not None else ())
        if isinstance(one, nodes.ObjectNode)
    ]


def all_agents(document: Document) -> list[Agent]:
    """The agents in the config's order; the implicit ``main`` when there are none."""
    found = [
        Agent(document, agent_id(name), entry, path, trim(name))
        for path, name, entry in agent_entries(document)
        if trim(name or "") and name
    ]
    return found or [Agent(document, MAIN, None, ())]


def default_agent(document: Document) -> Agent:
    """The agent that is marked ``default``, else the first (MODEL-10)."""
    agents = all_agents(document)
    marked = (a for a in agents if a.entry is not None and truth(a.entry.get("default")))
    return next(marked, agents[0])


def choose_agent(document: Document, wanted: str = "") -> Agent | None:
    """The agent of an id, or the default one; None when the id is not in the list."""
    if not wanted:
        return default_agent(document)
    return next((one for one in all_agents(document) if one.id == agent_id(wanted)), None)


def agent_folder(agent: Agent) -> str:
    """Where the agent keeps its state; ``{stateDir}`` stands for OpenClaw's state folder."""
    configured = text(agent.entry.get("agentDir")) if agent.entry is not None else ""
    return configured or f"{{stateDir}}/agents/{agent.id}/agent"


def agent_files(agent: Agent, name: str) -> list[str]:
    """A file of an agent's folder, and that of the main agent, whose profiles it has too."""
    others = [] if agent.id == MAIN else [f"{{stateDir}}/agents/{MAIN}/agent/{name}"]
    return [f"{agent_folder(agent)}/{name}", *others]
