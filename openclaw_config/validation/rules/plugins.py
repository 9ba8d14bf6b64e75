"""Rules about channels and plugins: which there are, and where they may be named."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import chain

from openclaw_config import registry
from openclaw_config.diagnostics.model import WARNING, Diagnostic, name_text, rule
from openclaw_config.loading.interpolation import is_inherited
from openclaw_config.syntax.nodes import ArrayNode, ObjectNode, StringNode, child
from openclaw_config.syntax.text import KeyPath, trim
from openclaw_config.validation.context import RuleContext, listed, select, texts
from openclaw_config.validation.plugins import entries, off, plugin_id
from openclaw_config.validation.suggest import nearest


def _unoffered(context: RuleContext) -> Iterator[tuple[KeyPath, str]]:
    """The channels whose key as it is written no plugin offers, each with its trimmed key."""
    reserved, known = registry.reserved_channel_keys(context.target), known_channels(context)
    for path, _ in context.each("channels.*"):
        name = trim(str(path[-1]))
        offered = name in known and context.get("channels", name) is not None
        if name and name not in reserved and not offered:
            yield path, name


@rule("channels", label="no plugin offers it")
def unknown_channel(context: RuleContext) -> Iterator[Diagnostic]:
    """A channel that no plugin offers.

    The keys of channels are the ids of bundled channels or of those that a plugin brings. OpenClaw
    refuses an id that it has never heard of; when plugins names it as well, it only warns that the
    plugin is gone.

    bad: { channels: { telegramm: { botToken: "${TELEGRAM_BOT_TOKEN}" } } }
    good: { channels: { telegram: { botToken: "${TELEGRAM_BOT_TOKEN}" } } }
    source: channel-known
    """
    known = known_channels(context)
    for path, name in () if is_blind(context) else _unoffered(context):
        if name in known:
            yield context.at_key(path, "has white space at its ends", near=name)
        elif not _plugin_is_gone(context, name):
            aliases = registry.channel_aliases(context.target)
            near = aliases.get(name.lower()) or nearest(name, known)
            helps = () if near else (f"channels: {', '.join(sorted(known))}",)
            yield context.at_key(path, "is not a channel", near=near, helps=helps)


@rule("channels", severity=WARNING, label="without effect until the plugin is installed")
def stale_channel(context: RuleContext) -> Iterator[Diagnostic]:
    """A channel whose plugin is not part of OpenClaw.

    plugins names this id too, so it is taken for an external plugin. Without that plugin the
    channel's settings have no effect.

    bad: { channels: { acme: {} }, plugins: { allow: ["acme"] } }
    good: { channels: { telegram: {} }, plugins: { allow: ["telegram"] } }
    source: channel-known
    """
    known = known_channels(context)
    for path, name in _unoffered(context):
        if name not in known and _plugin_is_gone(context, name):
            yield context.at_key(path, "belongs to a plugin that is not bundled")


def known_channels(context: RuleContext) -> tuple[str, ...]:
    """The ids of the bundled channels and of those that external plugins offer."""
    plugins = context.external.plugins.values()
    offered = [name for plugin in plugins for name in plugin.channels]
    return (*registry.channel_ids(context.target), *offered)


def _plugin_is_gone(context: RuleContext, channel: str) -> bool:
    """Whether ``plugins`` mentions a channel's id, and no plugin has it.

    A plugin that offers no channel is not gone, so its id excuses nothing.
    """
    if _is_known(context, plugin_id(context.target, channel)):
        return False
    allowed = context.each("plugins.allow.[]")
    named = [node.value for _, node in allowed if isinstance(node, StringNode)]
    named += [str(path[-1]) for path, _ in select(context.written, "plugins.entries.*")]
    installed = [str(path[-1]) for path, _ in select(context.written, "plugins.installs.*")]
    named += [name for name in installed if not is_inherited(name)]
    name = registry.canonical_plugin(context.target, channel)
    return any(registry.canonical_plugin(context.target, trim(other)) == name for other in named)


def _is_known(context: RuleContext, name: str) -> bool:
    return name in registry.plugin_ids(context.target) or name in context.external.plugins


@rule("channels", label="use the top-level bindings")
def channel_acp_bindings(context: RuleContext) -> Iterator[Diagnostic]:
    """An ACP binding stands inside a channel.

    Early versions tied conversations to coding agents inside the channel. Now a binding of type acp
    in the top-level bindings does that, and the old place is refused.

    bad: { channels: { discord: { bindings: { acp: { enabled: true } } } } }
    good: { bindings: [{ type: "acp", agentId: "a", match: { channel: "discord", peer: { kind:
      "channel", id: "1" } } }] }
    source: channel-acp-bindings
    """
    if not any("acp" in source.text for source in context.document.sources):
        return
    for path, node in context.tree("channels"):
        if isinstance(child(node, "bindings", "acp"), ObjectNode | ArrayNode):
            where = (*path, "bindings", "acp")
            yield context.at_key(where, "is not read any more")


@rule("tools", since="2026.5.2")
def unknown_web_search(context: RuleContext) -> Iterator[Diagnostic]:
    """Web search goes to a provider that no plugin offers.

    Letter by letter, the provider is one that a bundled plugin offers. Of one that is installed
    separately, plugins.allow or plugins.entries needs to name the plugin.

    bad: { tools: { web: { search: { provider: "Gemini" } } } }
    good: { tools: { web: { search: { provider: "gemini" } } } }
    source: web-search-provider-known
    """
    path, release = ("tools", "web", "search", "provider"), context.target
    name = context.text(*path)
    if name is None or context.external.plugins or is_blind(context):
        return
    found = registry.web_search(release)
    owner = found.get(name, name)
    # 2026.5.7 takes each that can be installed.
    fits = name in found and (_is_known(context, owner) or release == "2026.5.7")
    if fits or _plugin_is_gone(context, owner):
        return
    if name in found:
        text = f"belongs to the plugin {owner}, which is not bundled"
        yield context.at_value(path, text, helps=("install it and name it in plugins.entries",))
    else:
        yield context.misnamed(path, "names no provider of web search", found)


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
    named = [*texts(chain(*(context.each(way, "channel") for way in _ROUTES)))]
    by_agent = context.each(*context.keys.agent, _BY_CHANNEL[0])
    keyed = [path for path, _ in chain(*map(context.each, _BY_CHANNEL), by_agent)]
    if not named and not keyed:
        return

    channels = (*known_channels(context), *context.names_at("channels"))
    words = (*registry.heartbeat_targets(release), *registry.channel_aliases(release), "webchat")
    known = {name.lower() for name in (*channels, *words)}

    def near(name: str) -> str | None:
        return None if trim(name).lower() in known or is_blind(context) else nearest(name, channels)

    for path, node in named:
        if near(node.value):
            yield context.misnamed(path, "names no channel", channels)
    for path in keyed:
        if meant := near(str(path[-1])):
            text = "stands under a key that names no channel"
            yield context.at_key(path, text, near=meant)


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

    for path, node in chain(*map(context.each, _ROUTES), context.settings("heartbeat")):
        channel = context.text(*path, "channel" if "heartbeat" not in path else "target")
        account = child(node, "accountId")
        if channel is None or not isinstance(account, StringNode) or account.assumed:
            continue
        accounts, known, hint = accounts_of(trim(channel).lower())
        if accounts and trim(account.value).lower() not in known:
            text = f"is no account of channels.{trim(channel).lower()}"
            where = (*path, "accountId")
            yield context.misnamed(where, text, accounts, helps=(hint,))


# --- plugins ----------------------------------------------------------------------------------


@rule("plugins", severity=WARNING)
def unknown_plugin(context: RuleContext) -> Iterator[Diagnostic]:
    """A plugin that is not part of OpenClaw.

    OpenClaw passes over an entry whose plugin it does not find. If the plugin is external and
    installed, all is well; if the id is misspelt, the settings have no effect.

    bad: { plugins: { entries: { breve: { enabled: true } } } }
    good: { plugins: { entries: { brave: { enabled: true } } } }
    source: plugin-entry-known
    """
    removed = registry.removed_plugin_ids(context.target)
    for name, (key, _) in entries(context.root).items():
        if not _is_known(context, trim(key)):
            text = "is a removed plugin" if name in removed else "is not a bundled plugin"
            label = _plugin_label(context.target, key)
            yield context.at_key(("plugins", "entries", key), text, label=label)
    for where, node in _unbundled(context, "allow", "deny"):
        gone = trim(node.value) in removed
        if gone or "allow" in where:
            label = "this plugin was removed" if gone else _plugin_label(context.target, node.value)
            yield context.at_value(where, "names no bundled plugin", label=label)
    slot, memory = ("plugins", "slots", "memory"), registry.slot(context.target, "memory")
    if trim(context.text(*slot) or "") in memory.get("externalWarnOnly", ()):
        yield context.at_value(slot, "names no bundled plugin", label="external")


@rule("plugins", severities=(("2026.5.12", WARNING),))
def unknown_denied_plugin(context: RuleContext) -> Iterator[Diagnostic]:
    """plugins.deny names a plugin that does not exist.

    A misspelt id in deny would leave the plugin running that was meant to be off, so OpenClaw
    refuses the file.

    bad: { plugins: { deny: ["breve"] } }
    good: { plugins: { deny: ["brave"] } }
    source: plugin-deny-known
    """
    for where, node in _unbundled(context, "deny"):
        if trim(node.value) not in registry.removed_plugin_ids(context.target):
            text, label = "names no bundled plugin", _plugin_label(context.target, node.value)
            yield context.at_value(where, text, label=label)


def _unbundled(context: RuleContext, *parts: str) -> Iterator[tuple[KeyPath, StringNode]]:
    """The ids in these lists of ``plugins`` that no plugin has."""
    for part in parts:
        for where, node in texts(context.each("plugins", part, "[]")):
            if trim(node.value) and not _is_known(context, trim(node.value)):
                yield where, node


def _plugin_label(release: str, name: str) -> str:
    canonical = registry.canonical_plugin(release, name)
    owner = registry.plugin_of_command(release, name)
    near = canonical if canonical != name else owner or nearest(name, registry.plugin_ids(release))
    return f"did you mean `{near}`?" if near else "external, or misspelt"


@rule("plugins", label="not a bundled plugin")
def unknown_memory_plugin(context: RuleContext) -> Iterator[Diagnostic]:
    """plugins.slots.memory names a plugin that does not exist.

    One plugin keeps the agents' memory. OpenClaw refuses to start without the one that the slot
    names; "none" switches memory off.

    bad: { plugins: { slots: { memory: "memory-cor" } } }
    good: { plugins: { slots: { memory: "memory-core" } } }
    source: plugin-slot-memory
    """
    path, release = ("plugins", "slots", "memory"), context.target
    name, memory = trim(context.text(*path) or ""), registry.slot(release, "memory")
    # A removed one is passed over wherever it is named, as in allow and deny.
    others = (*registry.removed_plugin_ids(release), *memory.get("externalWarnOnly", ()))
    known = name in others or name.lower() == memory["off"] or _is_known(context, name)
    if name and not known and not is_blind(context):
        helps = (f"memory plugins: {', '.join(memory['ids'])}; none switches memory off",)
        yield context.misnamed(path, "names no plugin", memory["ids"], helps=helps)


_LANCEDB = "memory-lancedb"


@rule("plugins", until="2026.5.2")
def memory_plugin_config(context: RuleContext) -> Iterator[Diagnostic]:
    """The memory plugin is chosen but not configured.

    memory-lancedb needs config.embedding as soon as it holds the memory slot; the default plugin
    memory-core needs nothing.

    bad: { plugins: { slots: { memory: "memory-lancedb" } } }
    good: { plugins: { slots: { memory: "memory-core" } } }
    source: plugin-config-schema
    """
    slot = ("plugins", "slots", "memory")
    where = ("plugins", "entries", _LANCEDB, "config", "embedding")
    chosen = trim(context.text(*slot) or "") == _LANCEDB and not off(context, _LANCEDB)
    if chosen and context.get(*where[:-1]) is None:
        text, helps = f"is {_LANCEDB}, which needs config.embedding", (f"set {'.'.join(where)}",)
        yield context.at_key(slot, text, reported=where, helps=helps)


@rule("plugins", severity=WARNING)
def config_of_disabled_plugin(context: RuleContext) -> Iterator[Diagnostic]:
    """A plugin is configured but switched off.

    Its config is still checked, but it has no effect until the plugin is on.

    bad: { plugins: { entries: { brave: { enabled: false, config: { webSearch: { mode: "web" } } } }
      } }
    good: { plugins: { entries: { brave: { enabled: true, config: { webSearch: { mode: "web" } } } }
      } }
    source: plugin-config-disabled
    """
    for name, (key, node) in entries(context.root).items():
        configured = child(node, "config") is not None and _is_known(context, name)
        if configured and (reason := off(context, name)):
            path = ("plugins", "entries", key)
            yield context.at_key(path, f"is configured but {reason}", "config", reported=path)


@rule(
    "channels",
    "plugins",
    severities=(("2026.9.5", WARNING),),
    hint="a plugin's openclaw.plugin.json needs an id and a configSchema",
)
def broken_plugin(context: RuleContext) -> Iterator[Diagnostic]:
    """A path of plugins leads nowhere, or to one without a usable manifest.

    OpenClaw loads plugins from plugins.load.paths and its own folders, and reads each one's
    openclaw.plugin.json. It refuses to start when a path is missing, or the manifest is missing, is
    no JSON, or lacks id or configSchema. Folders are only looked into with a real environment,
    since the config may be meant for another machine.

    bad: { plugins: { load: { paths: ["/there/is/no/such/plugin"] } } }
    good: { plugins: { load: { paths: [] } } }
    source: plugin-load-path
    """
    for node, text, path in context.external.wrong:
        yield context.rule.at(None if node is None else node.location, text, path)


def is_blind(context: RuleContext) -> bool:
    """Whether plugins cannot be found, so that nothing of theirs is checked (LOAD-54)."""
    known = broken_plugin.of_release(context.target)
    return known is not None and not known.blocks and context.external.missing
