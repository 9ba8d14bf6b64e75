"""Old keys: what OpenClaw rewrites in memory each time it reads a config, and what it refuses.

The steps run in OpenClaw's own order. A step is only loaded when the config has one of its
sections, so that an ordinary config pays for few of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from openclaw_config.syntax.nodes import Node, ObjectNode, child

if TYPE_CHECKING:
    from openclaw_config.diagnostics.model import Diagnostic
    from openclaw_config.syntax.spans import KeyPath


class Step(NamedTuple):
    """One function that rewrites some sections; ``module`` is relative to this package."""

    sections: tuple[str, ...]
    module: str
    function: str


STEPS = (
    Step(("session",), "sections", "session"),
    Step(("audio",), "sections", "audio"),
    Step(("memorySearch",), "agents", "memory_search"),
    Step(("heartbeat",), "agents", "heartbeat"),
    Step(("agents",), "agents", "migrate"),
    Step(("gateway",), "sections", "gateway"),
    Step(("mcp",), "sections", "mcp"),
    Step(("messages", "agents", "channels", "plugins"), "speech", "migrate"),
    Step(("channels",), "channels", "migrate"),
    Step(("browser",), "sections", "browser"),
    Step(("tools",), "web", "migrate"),
    Step(("skills",), "models", "skills"),
    Step(("talk",), "speech", "talk"),
    Step(("models",), "models", "migrate"),
    Step(("tools",), "sections", "tools"),
    Step(("commands",), "sections", "commands"),
    Step(("plugins",), "sections", "plugins"),
)


class Migrated(NamedTuple):
    """A config after its old keys were read as OpenClaw reads them.

    ``legacy`` are warnings. ``refused`` are errors about keys that stayed: when there is one,
    OpenClaw reports nothing else.
    """

    root: ObjectNode
    legacy: tuple[Diagnostic, ...]
    refused: tuple[Diagnostic, ...]


_FREE = frozenset(("meta", "env", "auth", "logging", "$schema", "wizard"))
"""Sections that never had an old key."""


def migrate(root: ObjectNode) -> Migrated:
    """Read old keys as OpenClaw 2026.4.29 does. Gives the very root when there are none."""
    if root.index.keys() <= _FREE:
        return Migrated(root, (), ())
    from openclaw_config.validation.legacy.findings import Findings

    findings = Findings(root)
    tree = root
    for step in STEPS:
        if any(section in tree.index for section in step.sections):
            module = import_module(f"{__package__}.{step.module}")
            tree = getattr(module, step.function)(tree, findings)
    return Migrated(tree, tuple(findings.found), tuple(_refused(tree)))


def _refused(root: ObjectNode) -> list[Diagnostic]:
    found: list[Diagnostic] = []
    for path, new in _leftovers(root):
        from openclaw_config.validation.legacy.findings import refused

        found.append(refused(root, path, new))
    return found


def _leftovers(root: ObjectNode) -> list[tuple[KeyPath, str]]:
    """Old keys that no step took, at the place where OpenClaw reports them."""
    found: list[tuple[KeyPath, str]] = []
    index = root.index
    for key in ("memorySearch", "heartbeat"):
        if key in index:
            found.append(((key,), f"agents.defaults.{key}"))
    if "agents" in index:
        found += _agent_leftovers(root)
    if "messages" in index or "plugins" in index or "channels" in index:
        found += _speech_leftovers(root)
    if child(root, "channels", "telegram", "groupMentionsOnly") is not None:
        found.append((("channels", "telegram", "groupMentionsOnly"), 'groups."*".requireMention'))
    return found


def _agent_leftovers(root: ObjectNode) -> list[tuple[KeyPath, str]]:
    found: list[tuple[KeyPath, str]] = []
    if child(root, "agents", "defaults", "sandbox", "perSession") is not None:
        found.append((("agents", "defaults", "sandbox"), "scope"))
    listed = child(root, "agents", "list")
    items: list[Node] = getattr(listed, "items", [])
    if any(child(item, "sandbox", "perSession") is not None for item in items):
        found.append((("agents", "list"), "sandbox.scope"))
    return found


def _speech_leftovers(root: ObjectNode) -> list[tuple[KeyPath, str]]:
    from openclaw_config.validation.legacy.speech import (
        PROVIDER_KEYS,
        VOICE_CALL,
        has_provider_key,
    )

    found: list[tuple[KeyPath, str]] = []
    if has_provider_key(child(root, "messages", "tts")):
        found.append((("messages", "tts"), "providers.<id>"))
    if has_provider_key(child(root, *VOICE_CALL)):
        found.append((("plugins", "entries"), "tts.providers.<id>"))
    discord = ("channels", "discord")
    voice = child(root, *discord, "voice", "tts")
    if isinstance(voice, ObjectNode) and any(key in voice.index for key in PROVIDER_KEYS):
        found.append(((*discord, "voice", "tts"), "providers.<id>"))
    accounts = child(root, *discord, "accounts")
    if isinstance(accounts, ObjectNode):
        for member in accounts.index.values():
            tts = child(member.value, "voice", "tts")
            if isinstance(tts, ObjectNode) and any(key in tts.index for key in PROVIDER_KEYS):
                found.append(((*discord, "accounts"), "voice.tts.providers.<id>"))
                break
    return found
