"""Rules about channels and plugins: which there are, and where they may be named."""

from __future__ import annotations

import os
from collections.abc import Iterator

from openclaw_config import registry
from openclaw_config.diagnostics.model import ERROR, WARNING, Diagnostic, Fix, key_path_text
from openclaw_config.diagnostics.rules import Rule
from openclaw_config.loading.interpolation import is_inherited
from openclaw_config.syntax.nodes import (
    ArrayNode,
    Member,
    Node,
    ObjectNode,
    StringNode,
    child,
)
from openclaw_config.syntax.scanner import trim
from openclaw_config.syntax.spans import KeyPath
from openclaw_config.validation.config import Config, check
from openclaw_config.validation.issues import PLUGINS, SCHEMA
from openclaw_config.validation.names import name_text
from openclaw_config.validation.paths import user_path
from openclaw_config.validation.plugins import entries, off, plugin_id
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
    reserved = registry.reserved_channel_keys()
    known = _channels(config)
    for key, member in channels.index.items():
        name = trim(key)
        if not name or name in reserved or (name in known and name in channels.index):
            continue
        path = ("channels", key)
        if name in known:
            yield UNKNOWN_CHANNEL.at(
                member.key_location,
                f"{name_text(key)} has white space at its ends",
                path,
                label=f"OpenClaw looks for `{name}` and finds nothing",
                fix=_renamed(member, name),
            )
            continue
        if _plugin_is_gone(config, name):
            yield STALE_CHANNEL.at(
                member.key_location,
                f"channels.{name} belongs to a plugin that is not bundled",
                path,
                label="without effect until the plugin is installed",
            )
            continue
        near = registry.channel_aliases().get(name.lower()) or nearest(name, known)
        yield UNKNOWN_CHANNEL.at(
            member.key_location,
            f"{name_text(name)} is not a channel",
            path,
            label=f"did you mean `{near}`?" if near else "no plugin offers it",
            helps=() if near else (f"channels: {', '.join(sorted(known))}",),
            fix=_renamed(member, near) if near and near not in channels.index else None,
        )


def _channels(config: Config) -> tuple[str, ...]:
    """The ids of the bundled channels and of those that external plugins offer."""
    plugins = config.external().plugins.values()
    return (*registry.channel_ids(), *(name for plugin in plugins for name in plugin.channels))


def _renamed(member: Member, name: str) -> Fix | None:
    from openclaw_config.validation import edits

    if member.key_start >= member.key_end:
        return None
    title = f"rename {name_text(member.key)} to `{name}`"
    return Fix(title, (edits.rename(member, name),), safe=False)


def _rewording(node: StringNode, near: str | None) -> Fix | None:
    from openclaw_config.validation import edits

    change = edits.reword(node, near) if near else None
    return Fix(f'write "{near}"', change, safe=False) if change else None


def _plugin_is_gone(config: Config, channel: str) -> bool:
    """Whether ``plugins`` mentions a channel's id, and no plugin has it.

    A plugin that offers no channel is not gone, so its id excuses nothing.
    """
    if _is_known(config, plugin_id(channel)):
        return False
    named = [
        node.value
        for _, node in config.each("plugins", "allow", "[]")
        if isinstance(node, StringNode)
    ]
    for part in ("entries", "installs"):
        table = child(config.written, "plugins", part)
        if isinstance(table, ObjectNode):
            named += [key for key in table.index if part == "entries" or not is_inherited(key)]
    name = registry.canonical_plugin(channel)
    return any(registry.canonical_plugin(trim(other)) == name for other in named)


def _is_known(config: Config, name: str) -> bool:
    return registry.plugin(name) is not None or name in config.external().plugins


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
        if isinstance(acp, ObjectNode | ArrayNode):
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
            if not isinstance(node, StringNode) or node.assumed or not trim(node.value):
                continue
            target = trim(node.value).lower()
            known = (
                *registry.heartbeat_targets(),
                *_channels(config),
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
    removed = registry.removed_plugin_ids()
    for name, (key, _) in entries(config.root).items():
        if not _is_known(config, trim(key)):
            shown = name_text(key)
            gone = name in removed
            text = f"plugin {shown} was removed" if gone else f"{shown} is not a bundled plugin"
            path = ("plugins", "entries", key)
            yield UNKNOWN_PLUGIN.at(config.key(path), text, path, label=_plugin_label(key))
    for part, rule in (("allow", UNKNOWN_PLUGIN), ("deny", DENIED_PLUGIN)):
        for where, node in config.each("plugins", part, "[]"):
            if not isinstance(node, StringNode) or node.assumed or not trim(node.value):
                continue
            if _is_known(config, trim(node.value)):
                continue
            gone = trim(node.value) in removed
            chosen = UNKNOWN_PLUGIN if gone else rule
            yield chosen.at(
                node.location,
                f"{key_path_text(where)} names no bundled plugin",
                where,
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
    name = trim(node.value)
    if not name or name.lower() == registry.memory_slot_off() or _is_known(config, name):
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
    if slot is None or trim(slot) != _LANCEDB or off(config, _LANCEDB):
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
    """plugin-config-disabled."""
    for name, (key, node) in entries(config.root).items():
        if not _is_known(config, name) or child(node, "config") is None:
            continue
        reason = off(config, name)
        if reason:
            path = ("plugins", "entries", key)
            yield PLUGIN_OFF.at(
                config.key((*path, "config")),
                f"plugin {name_text(name)} is configured but {reason}",
                path,
            )


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
        if not isinstance(node, StringNode) or node.assumed or not trim(node.value):
            continue
        if not os.path.exists(user_path(node.value, config.document.home)):
            yield PLUGIN_PATH.at(
                node.location,
                f"{key_path_text(path)} leads nowhere",
                ("plugins", "load", "paths"),
                label="no such file or folder",
            )


BROKEN_PLUGIN = Rule(
    name="broken-plugin",
    severity=ERROR,
    summary="A folder of plugins holds one without a usable manifest.",
    why=(
        "OpenClaw reads openclaw.plugin.json of every plugin that it finds, and refuses to start"
        " when one is missing, is no JSON, or lacks id or configSchema. Folders are only looked"
        " into with a real environment."
    ),
    bad='{ plugins: { load: { paths: ["/etc/hosts"] } } }',
    good="{ plugins: { load: { paths: [] } } }",
    blocks=True,
    source="plugin-load-path",
)


@check(PLUGINS, "channels", "plugins")
def broken_plugin(config: Config) -> Iterator[Diagnostic]:
    """plugin-load-path, for what is there and is no plugin."""
    for path, node in config.external().broken:
        yield BROKEN_PLUGIN.at(
            node.location if node is not None else None,
            f"{path} is no plugin that OpenClaw can load",
            ("plugins",),
            helps=("its openclaw.plugin.json needs an id and a configSchema",),
        )
