"""Rules about channels and plugins: which there are, and where they may be named."""

from __future__ import annotations

import os
from collections.abc import Iterator

from openclaw_config import registry
from openclaw_config.diagnostics.model import ERROR, WARNING, Diagnostic, Fix, key_path_text
from openclaw_config.diagnostics.rules import Rule
from openclaw_config.loading.whitespace import trim
from openclaw_config.syntax.nodes import (
    ArrayNode,
    BooleanNode,
    Node,
    ObjectNode,
    StringNode,
    child,
)
from openclaw_config.syntax.spans import KeyPath
from openclaw_config.validation.config import Config, check
from openclaw_config.validation.issues import PLUGINS, SCHEMA
from openclaw_config.validation.names import name_text
from openclaw_config.validation.paths import user_path
from openclaw_config.validation.suggest import nearest

UNKNOWN_CHANNEL = Rule(
    name="unknown-channel",
    severity=ERROR,
    summary="A channel that no plugin offers.",
    why=(
        "The keys of channels are the ids of bundled channels or of those that a plugin brings."
        " OpenClaw refuses an id that it has never heard of; when plugins names it as well, it only"
        " warns that the plugin is gone."
    ),
    bad='{ channels: { telegramm: { botToken: "${TELEGRAM_BOT_TOKEN}" } } }',
    good='{ channels: { telegram: { botToken: "${TELEGRAM_BOT_TOKEN}" } } }',
    blocks=True,
    source="channel-known",
)

STALE_CHANNEL = Rule(
    name="stale-channel",
    severity=WARNING,
    summary="A channel whose plugin is not part of OpenClaw.",
    why=(
        "plugins names this id too, so it is taken for an external plugin. Without that plugin the"
        " channel's settings have no effect."
    ),
    bad='{ channels: { acme: {} }, plugins: { allow: ["acme"] } }',
    good='{ channels: { telegram: {} }, plugins: { allow: ["telegram"] } }',
    source="channel-known",
)


@check(PLUGINS, "channels")
def known_channels(config: Config) -> Iterator[Diagnostic]:
    """channel-known."""
    channels = config.object("channels")
    if channels is None:
        return
    known = {*registry.channel_ids(), *registry.reserved_channel_keys()}
    for key, member in channels.index.items():
        name = key.strip()
        if not name or name in known:
            continue
        path = ("channels", key)
        if _plugin_is_gone(config, name):
            yield STALE_CHANNEL.at(
                member.key_location,
                f"channels.{name} belongs to a plugin that is not bundled",
                path,
                label="without effect until the plugin is installed",
            )
            continue
        near = registry.channel_aliases().get(name.lower()) or nearest(name, registry.channel_ids())
        from openclaw_config.validation import edits

        yield UNKNOWN_CHANNEL.at(
            member.key_location,
            f"{name_text(name)} is not a channel",
            path,
            label=f"did you mean `{near}`?" if near else "no plugin offers it",
            helps=() if near else (f"channels: {', '.join(sorted(registry.channel_ids()))}",),
            fix=Fix(
                f"rename {name_text(name)} to `{near}`", (edits.rename(member, near),), safe=False
            )
            if near and near not in channels.index and member.key_start < member.key_end
            else None,
        )


def _rewording(node: StringNode, near: str | None) -> Fix | None:
    from openclaw_config.validation import edits

    change = edits.reword(node, near) if near else None
    return Fix(f'write "{near}"', change, safe=False) if change else None


def _plugin_is_gone(config: Config, channel: str) -> bool:
    """Whether ``plugins`` mentions a channel's id, and no bundled plugin has it.

    A bundled plugin that offers no channel is not gone, so its id excuses nothing.
    """
    name = registry.canonical_plugin(channel)
    if registry.plugin(name) is not None:
        return False
    named = [
        node.value
        for _, node in config.each("plugins", "allow", "[]")
        if isinstance(node, StringNode)
    ]
    for part in ("entries", "installs"):
        table = child(config.written, "plugins", part)
        if isinstance(table, ObjectNode):
            named += table.index
    return any(registry.canonical_plugin(trim(other)) == name for other in named)


CHANNEL_ACP_BINDINGS = Rule(
    name="channel-acp-bindings",
    severity=ERROR,
    summary="An ACP binding stands inside a channel.",
    why=(
        "Early versions tied conversations to coding agents inside the channel. Now a binding of"
        " type acp in the top-level bindings does that, and the old place is refused."
    ),
    bad="{ channels: { discord: { bindings: { acp: { enabled: true } } } } }",
    good=(
        '{ bindings: [{ type: "acp", agentId: "a",'
        ' match: { channel: "discord", peer: { kind: "channel", id: "1" } } }] }'
    ),
    blocks=True,
    source="channel-acp-bindings",
)


@check(SCHEMA, "channels")
def channel_acp_bindings(config: Config) -> Iterator[Diagnostic]:
    """channel-acp-bindings."""
    if not any("acp" in source.text for source in config.document.sources):
        return
    for path, member_node in _acp_bindings(config.get("channels"), ("channels",)):
        yield CHANNEL_ACP_BINDINGS.at(
            config.key(path) or member_node.location,
            f"{key_path_text(path)} is not read any more",
            path,
            label="use the top-level bindings",
        )


def _acp_bindings(node: Node | None, path: KeyPath) -> Iterator[tuple[KeyPath, Node]]:
    if isinstance(node, ObjectNode):
        acp = child(node, "bindings", "acp")
        if isinstance(acp, ObjectNode):
            yield (*path, "bindings", "acp"), acp
        for key, member in node.index.items():
            yield from _acp_bindings(member.value, (*path, key))
    elif isinstance(node, ArrayNode):
        for at, item in enumerate(node.items):
            yield from _acp_bindings(item, (*path, at))


HEARTBEAT_TARGET = Rule(
    name="unknown-heartbeat-target",
    severity=ERROR,
    summary="A heartbeat goes to a channel that does not exist.",
    why=(
        "target is last, none, or the id or an alias of a channel. The person or room goes into"
        " heartbeat.to."
    ),
    bad='{ agents: { defaults: { heartbeat: { every: "30m", target: "telegrm" } } } }',
    good='{ agents: { defaults: { heartbeat: { every: "30m", target: "telegram" } } } }',
    blocks=True,
    source="heartbeat-target",
)


@check(PLUGINS, "agents")
def heartbeat_target(config: Config) -> Iterator[Diagnostic]:
    """heartbeat-target."""
    for pattern in (("agents", "defaults"), ("agents", "list", "[]")):
        for path, node in config.each(*pattern, "heartbeat", "target"):
            if not isinstance(node, StringNode) or node.assumed or not node.value.strip():
                continue
            target = node.value.strip().lower()
            known = (
                *registry.heartbeat_targets(),
                *registry.channel_ids(),
                *registry.channel_aliases(),
            )
            if target in known:
                continue
            near = nearest(target, known)
            yield HEARTBEAT_TARGET.at(
                node.location,
                f"{key_path_text(path)} names no channel",
                path,
                label=f'did you mean "{near}"?' if near else "not a channel",
                fix=_rewording(node, near),
                helps=('write last, none or a channel; a person or room goes into "to"',),
            )


# --- plugins ----------------------------------------------------------------------------------

UNKNOWN_PLUGIN = Rule(
    name="unknown-plugin",
    severity=WARNING,
    summary="A plugin that is not part of OpenClaw.",
    why=(
        "OpenClaw passes over an entry whose plugin it does not find. If the plugin is external and"
        " installed, all is well; if the id is misspelt, the settings have no effect."
    ),
    bad="{ plugins: { entries: { breve: { enabled: true } } } }",
    good="{ plugins: { entries: { brave: { enabled: true } } } }",
    source="plugin-entry-known",
)

DENIED_PLUGIN = Rule(
    name="unknown-denied-plugin",
    severity=ERROR,
    summary="plugins.deny names a plugin that does not exist.",
    why=(
        "A misspelt id in deny would leave the plugin running that was meant to be off, so OpenClaw"
        " refuses the file."
    ),
    bad='{ plugins: { deny: ["breve"] } }',
    good='{ plugins: { deny: ["brave"] } }',
    blocks=True,
    source="plugin-deny-known",
)


@check(PLUGINS, "plugins")
def known_plugins(config: Config) -> Iterator[Diagnostic]:
    """plugin-entry-known and plugin-deny-known."""
    entries = config.object("plugins", "entries")
    removed = registry.removed_plugin_ids()
    if entries is not None:
        for key, member in entries.index.items():
            if registry.plugin(key) is None:
                text = (
                    f"plugin {name_text(key)} was removed"
                    if key in removed
                    else f"{name_text(key)} is not a bundled plugin"
                )
                yield UNKNOWN_PLUGIN.at(
                    member.key_location,
                    text,
                    ("plugins", "entries", key),
                    label=_plugin_label(key),
                )
    for part, rule in (("allow", UNKNOWN_PLUGIN), ("deny", DENIED_PLUGIN)):
        for path, node in config.each("plugins", part, "[]"):
            if not isinstance(node, StringNode) or node.assumed or not node.value.strip():
                continue
            if registry.plugin(node.value) is not None:
                continue
            gone = node.value in removed
            chosen = UNKNOWN_PLUGIN if gone else rule
            yield chosen.at(
                node.location,
                f"{key_path_text(path)} names no bundled plugin",
                path,
                label="this plugin was removed" if gone else _plugin_label(node.value),
            )


def _plugin_label(name: str) -> str:
    canonical = registry.canonical_plugin(name)
    owner = registry.plugin_of_command(name)
    near = canonical if canonical != name else owner or nearest(name, registry.plugin_ids())
    return f"did you mean `{near}`?" if near else "external, or misspelt"


MEMORY_SLOT = Rule(
    name="unknown-memory-plugin",
    severity=ERROR,
    summary="plugins.slots.memory names a plugin that does not exist.",
    why=(
        "One plugin keeps the agents' memory. OpenClaw refuses to start without the one that the"
        ' slot names; "none" switches memory off.'
    ),
    bad='{ plugins: { slots: { memory: "memory-cor" } } }',
    good='{ plugins: { slots: { memory: "memory-core" } } }',
    blocks=True,
    source="plugin-slot-memory",
)


@check(PLUGINS, "plugins")
def memory_slot(config: Config) -> Iterator[Diagnostic]:
    """plugin-slot-memory."""
    path = ("plugins", "slots", "memory")
    node = config.get(*path)
    if not isinstance(node, StringNode) or node.assumed:
        return
    name = node.value.strip()
    if not name or name.lower() == registry.memory_slot_off() or registry.plugin(name) is not None:
        return
    if name in registry.removed_plugin_ids():
        return  # passed over wherever it is named, as in allow and deny
    ids = registry.memory_slot_ids()
    near = nearest(name, ids)
    yield MEMORY_SLOT.at(
        node.location,
        "plugins.slots.memory names no plugin",
        path,
        label=f'did you mean "{near}"?' if near else "not a bundled plugin",
        fix=_rewording(node, near),
        helps=(f"memory plugins: {', '.join(ids)}; none switches memory off",),
    )


MEMORY_CONFIG = Rule(
    name="memory-plugin-config",
    severity=ERROR,
    summary="The memory plugin is chosen but not configured.",
    why=(
        "memory-lancedb needs config.embedding as soon as it holds the memory slot; the default"
        " plugin memory-core needs nothing."
    ),
    bad='{ plugins: { slots: { memory: "memory-lancedb" } } }',
    good='{ plugins: { slots: { memory: "memory-core" } } }',
    blocks=True,
    source="plugin-config-schema",
)

_LANCEDB = "memory-lancedb"


@check(PLUGINS, "plugins")
def memory_config(config: Config) -> Iterator[Diagnostic]:
    """plugin-config-schema, for the one plugin whose config has a required key."""
    slot = config.text("plugins", "slots", "memory")
    entry = ("plugins", "entries", _LANCEDB)
    if slot is None or slot.strip() != _LANCEDB or _off(config, _LANCEDB):
        return
    if config.get(*entry, "config") is None:
        yield MEMORY_CONFIG.at(
            config.key(("plugins", "slots", "memory")),
            f"{_LANCEDB} holds the memory slot and needs config.embedding",
            (*entry, "config", "embedding"),
            helps=(f"set {key_path_text((*entry, 'config', 'embedding'))}",),
        )


PLUGIN_OFF = Rule(
    name="config-of-disabled-plugin",
    severity=WARNING,
    summary="A plugin is configured but switched off.",
    why="Its config is still checked, but it has no effect until the plugin is on.",
    bad=(
        "{ plugins: { entries: { brave: { enabled: false,"
        ' config: { webSearch: { mode: "web" } } } } } }'
    ),
    good=(
        "{ plugins: { entries: { brave: { enabled: true,"
        ' config: { webSearch: { mode: "web" } } } } } }'
    ),
    source="plugin-config-disabled",
)


@check(PLUGINS, "plugins")
def plugin_off(config: Config) -> Iterator[Diagnostic]:
    """plugin-config-disabled, where the file itself says that the plugin is off."""
    for path, node in config.each("plugins", "entries", "*"):
        name = str(path[-1])
        if registry.plugin(name) is None or child(node, "config") is None:
            continue
        reason = _off(config, name)
        if reason:
            yield PLUGIN_OFF.at(
                config.key((*path, "config")),
                f"plugin {name_text(name)} is configured but {reason}",
                path,
            )


def _off(config: Config, name: str) -> str:
    """Why a plugin is off, or "" when nothing in the file switches it off."""
    if _is(config.get("plugins", "enabled"), False):
        return "plugins.enabled is false"
    if _is(config.get("plugins", "entries", name, "enabled"), False):
        return "its enabled is false"
    if name in _names(config.get("plugins", "deny")):
        return "plugins.deny names it"
    slots = [config.text("plugins", "slots", slot) or "" for slot in ("memory", "contextEngine")]
    if name in (trim(slot) for slot in slots):
        return ""  # a plugin chosen for a slot needs no place in allow
    allowed = _names(config.get("plugins", "allow"))
    if allowed and name not in allowed:
        return "plugins.allow does not name it"
    return ""


def _is(node: Node | None, value: bool) -> bool:
    return isinstance(node, BooleanNode) and node.value is value


def _names(node: Node | None) -> set[str]:
    items = node.items if isinstance(node, ArrayNode) else []
    return {item.value.strip() for item in items if isinstance(item, StringNode)} - {""}


PLUGIN_PATH = Rule(
    name="missing-plugin-path",
    severity=ERROR,
    summary="plugins.load.paths names a path that does not exist.",
    why=(
        "OpenClaw loads plugins from these paths and refuses to start when one is missing. Whether"
        " a path exists is only judged with a real environment, since the config may be meant for"
        " another machine."
    ),
    bad='{ plugins: { load: { paths: ["/there/is/no/such/plugin"] } } }',
    good="{ plugins: { load: { paths: [] } } }",
    blocks=True,
    source="plugin-load-path",
)


@check(PLUGINS, "plugins")
def plugin_path(config: Config) -> Iterator[Diagnostic]:
    """plugin-load-path; says nothing while the environment is only assumed."""
    if config.document.environment.assume:
        return
    for path, node in config.each("plugins", "load", "paths", "[]"):
        if not isinstance(node, StringNode) or node.assumed or not node.value.strip():
            continue
        if not os.path.exists(user_path(node.value, config.document.home)):
            yield PLUGIN_PATH.at(
                node.location,
                f"{key_path_text(path)} leads nowhere",
                ("plugins", "load", "paths"),
                label="no such file or folder",
            )
