"""Old keys: what OpenClaw rewrites in memory each time it reads a config, and what it refuses.

The steps run in OpenClaw's own order. A step is only loaded when the config has one of its
sections, so that an ordinary config pays for few of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from openclaw_config.syntax.nodes import ObjectNode, child, text_of
from openclaw_config.syntax.scanner import trim
from openclaw_config.validation.issues import LEGACY, PLUGINS

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


class Refused(NamedTuple):
    """An old key that stayed, and the place where OpenClaw reports it."""

    diagnostic: Diagnostic
    place: KeyPath
    stage: int = LEGACY


class Migrated(NamedTuple):
    """A config after its old keys were read as OpenClaw reads them.

    ``legacy`` are warnings. ``refused`` are errors about keys that stayed: when there is one,
    OpenClaw reports nothing else.
    """

    root: ObjectNode
    legacy: tuple[Diagnostic, ...]
    refused: tuple[Refused, ...]


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


def _refused(root: ObjectNode) -> list[Refused]:
    found = []
    for left in _leftovers(root):
        from openclaw_config.validation.legacy.findings import refused

        place = left.place or left.path
        found.append(Refused(refused(root, left.path, left.new), place, left.stage))
    return found


_WIKI_BRIDGE = ("plugins", "entries", "memory-wiki", "config", "bridge")


class _Left(NamedTuple):
    """An old key that no step took.

    ``new`` is where its value belongs. ``place`` is where OpenClaw reports it, () at the key.
    """

    path: KeyPath
    new: KeyPath
    place: KeyPath = ()
    stage: int = LEGACY


def _leftovers(root: ObjectNode) -> list[_Left]:
    found: list[_Left] = []
    index = root.index
    for key in ("memorySearch", "heartbeat"):
        if key in index:
            found.append(_Left((key,), ("agents", "defaults", key)))
    if "agents" in index:
        found += _agent_leftovers(root)
    if "messages" in index or "plugins" in index or "channels" in index:
        found += _speech_leftovers(root)
    if child(root, *_WIKI_BRIDGE, "readMemoryCore") is not None:
        artifacts = (*_WIKI_BRIDGE, "readMemoryArtifacts")
        found.append(_Left((*_WIKI_BRIDGE, "readMemoryCore"), artifacts, _WIKI_BRIDGE))
    telegram = ("channels", "telegram")
    if child(root, *telegram, "groupMentionsOnly") is not None:
        new = (*telegram, "groups", "*", "requireMention")
        found.append(_Left((*telegram, "groupMentionsOnly"), new))
    if "channels" in index:
        from openclaw_config.validation.legacy.channels import left_over

        for channel, path, target, place in left_over(root):
            # OpenClaw has no rule about Discord's: they are unknown keys to it.
            stage = PLUGINS if channel == "discord" else LEGACY
            found.append(_Left(path, target, path[:-1] if stage == PLUGINS else place, stage))
    return found


def _agent_leftovers(root: ObjectNode) -> list[_Left]:
    entries: list[KeyPath] = [("agents", "defaults")]
    listed = child(root, "agents", "list")
    entries += [("agents", "list", at) for at in range(len(getattr(listed, "items", ())))]
    found = []
    for entry in entries:
        sandbox = (*entry, "sandbox")
        if child(root, *sandbox, "perSession") is not None:
            place = entry[:-1] if entry[1] == "list" else sandbox
            found.append(_Left((*sandbox, "perSession"), (*sandbox, "scope"), place))
    return found


def _speech_leftovers(root: ObjectNode) -> list[_Left]:
    from openclaw_config.validation.legacy.speech import VOICE_CALL

    found = _provider_keys(root, ("messages", "tts"), ("messages", "tts"))
    found += _provider_keys(root, VOICE_CALL, ("plugins", "entries"))
    discord = ("channels", "discord")
    voice = (*discord, "voice", "tts")
    found += _provider_keys(root, voice, voice, directly=True)
    accounts = child(root, *discord, "accounts")
    if isinstance(accounts, ObjectNode):
        for name in accounts.index:
            place = (*discord, "accounts")
            found += _provider_keys(root, (*place, name, "voice", "tts"), place, directly=True)
    return found


def _provider_keys(
    root: ObjectNode, path: KeyPath, place: KeyPath, directly: bool = False
) -> list[_Left]:
    """The providers that still have a key beside ``providers``, or the old name edge in it."""
    from openclaw_config.validation.legacy.speech import PROVIDER_KEYS

    tts = child(root, *path)
    if not isinstance(tts, ObjectNode):
        return []
    found = []
    for key in PROVIDER_KEYS:
        if key in tts.index:
            name = "microsoft" if key == "edge" else key
            found.append(_Left((*path, key), (*path, "providers", name), place))
    if directly:
        return found
    provider = child(tts, "provider")
    if trim(text_of(provider) or "").lower() == "edge":
        found.append(_Left((*path, "provider"), (*path, "provider"), place))
    if child(tts, "providers", "edge") is not None:
        providers = (*path, "providers")
        found.append(_Left((*providers, "edge"), (*providers, "microsoft"), place))
    return found
