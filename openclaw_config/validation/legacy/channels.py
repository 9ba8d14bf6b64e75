"""Old keys of the channels, each as its channel's plugin reads them."""

from __future__ import annotations

import json

from openclaw_config.syntax.nodes import (
    ArrayNode,
    BooleanNode,
    Node,
    ObjectNode,
    StringNode,
    child,
    text_of,
)
from openclaw_config.syntax.scanner import trim
from openclaw_config.syntax.spans import KeyPath
from openclaw_config.syntax.values import to_value
from openclaw_config.validation.legacy.findings import Findings
from openclaw_config.validation.legacy.rewrite import (
    boolean,
    empty_object,
    object_at,
    rewrite,
    string,
    with_values,
    without,
)
from openclaw_config.validation.legacy.sections import idle_hours
from openclaw_config.validation.legacy.speech import PROVIDER_KEYS, provider_key

_STREAM_MODES = ("off", "partial", "block", "progress")
_STREAMING = {"discord": "off", "slack": "partial", "telegram": "partial"}
"""Channels with a ``streaming`` object, and the mode that ``true`` or an odd word stands for."""

_PRIVATE_NETWORK = ("bluebubbles", "matrix", "mattermost", "nextcloud-talk", "tlon")
_ALLOW = {
    "googlechat": (("groups", "*"),),
    "slack": (("channels", "*"),),
    "zalouser": (("groups", "*"),),
    "matrix": (("groups", "*"), ("rooms", "*")),
    "discord": (("guilds", "*", "channels", "*"),),
}
"""Where ``allow`` is the old name of ``enabled``."""
_ONLY_BOOLEAN = ("matrix", "zalouser")
"""Channels that rename ``allow`` only where it is true or false; the others rename any value."""

_DM = ("discord", "slack")
"""Channels whose ``dm.policy`` and ``dm.allowFrom`` are ``dmPolicy`` and ``allowFrom`` now."""

_CREDENTIALS = """
    name token tokenFile botToken appToken account signalNumber authDir cliPath dbPath httpUrl
    httpHost httpPort webhookPath webhookUrl webhookSecret service region homeserver userId
    accessToken password deviceName url code dmPolicy allowFrom groupPolicy groupAllowFrom defaultTo
"""
_OF_ONE_ACCOUNT = frozenset(_CREDENTIALS.split())
_OF_MATRIX = """
    name homeserver userId accessToken password deviceId deviceName avatarUrl initialSyncLimit
    encryption
"""
_OF_CHANNEL = {"matrix": frozenset(_OF_MATRIX.split())}
"""What moves to ``accounts.default`` where there are accounts but none of that name."""


def migrate(root: ObjectNode, findings: Findings) -> ObjectNode:
    """Bring every channel up to date."""
    channels = object_at(root, "channels")
    if channels is None:
        return root
    channels = _acknowledged(root, channels, findings)
    values: dict[str, Node | None] = {}
    for name, member in channels.index.items():
        if isinstance(member.value, ObjectNode):
            values[name] = _channel(name, member.value, ("channels", name), findings)
    return with_values(root, {"channels": with_values(channels, values)})


def _acknowledged(root: ObjectNode, channels: ObjectNode, findings: Findings) -> ObjectNode:
    """``messages.ackReaction`` is copied to WhatsApp, which becomes an object by that."""
    reaction = text_of(child(root, "messages", "ackReaction"))
    channel = channels.get("whatsapp")
    empty = isinstance(channel, ArrayNode) and not channel.items
    if channel is None or not (empty or channel.kind in ("null", "boolean", "number")):
        return channels
    if not trim(reaction or ""):
        return channels
    findings.revalued(("channels", "whatsapp"), "{}", "messages.ackReaction makes an object of it")
    return with_values(channels, {"whatsapp": empty_object(channel)})


def _channel(name: str, node: ObjectNode, path: KeyPath, findings: Findings) -> ObjectNode:
    def bindings(inner: ObjectNode, where: KeyPath) -> ObjectNode:
        return idle_hours(inner, (*path, *where), findings)

    tree: Node = node
    for pattern in (("threadBindings",), ("accounts", "*", "threadBindings")):
        tree = rewrite(tree, pattern, bindings)
    assert isinstance(tree, ObjectNode)
    node = _by_plugin(name, tree, path, findings)
    return node if name == "defaults" else _default_account(name, node)


def _by_plugin(name: str, before: ObjectNode, path: KeyPath, findings: Findings) -> ObjectNode:
    """The channel as its own plugin rewrites it.

    OpenClaw takes the result over only when the plugin reports a change, and the plugins forget to
    report one: the removal of ``streamMode`` beside ``streaming.mode``.
    """
    unreported: list[KeyPath] = []
    count = len(findings.found)

    def entry(inner: ObjectNode, where: KeyPath) -> ObjectNode:
        return _entry(name, inner, (*path, *where), findings, unreported)

    node = before
    if name == "telegram":
        node = _group_mentions(node, path, findings)
    node = entry(node, ())
    changed = rewrite(node, ("accounts", "*"), entry)
    assert isinstance(changed, ObjectNode)
    if unreported and len(findings.found) == count:
        return before
    if unreported:
        # The other fixes wait: with no other change left, OpenClaw would refuse streamMode.
        findings.found[count:] = [found._replace(fix=None) for found in findings.found[count:]]
    for where in unreported:
        findings.removed(where, "streaming.mode is set already and wins")
    return changed


def _entry(
    name: str, node: ObjectNode, path: KeyPath, findings: Findings, unreported: list[KeyPath]
) -> ObjectNode:
    """A channel or one of its accounts: both have the same keys."""

    def allow(inner: ObjectNode, where: KeyPath) -> ObjectNode:
        return _enabled(name, inner, (*path, *where), findings)

    def voices(inner: ObjectNode, where: KeyPath) -> ObjectNode:
        for key in PROVIDER_KEYS:
            provider = "microsoft" if key == "edge" else key
            inner = provider_key(inner, key, provider, (*path, *where), findings)
        return inner

    if name in _DM:
        node = _direct_messages(node, path, findings)
    tree: Node = node
    for pattern in _ALLOW.get(name, ()):
        tree = rewrite(tree, pattern, allow)
    if name == "discord":
        tree = rewrite(tree, ("voice", "tts"), voices)
    assert isinstance(tree, ObjectNode)
    node = tree
    if name in _STREAMING:
        node = _streaming(name, node, path, findings, unreported)
    if name == "googlechat" and "streamMode" in node.index:
        findings.removed((*path, "streamMode"), "Google Chat no longer has it")
        node = without(node, "streamMode")
    if name in _PRIVATE_NETWORK and "allowPrivateNetwork" in node.index:
        node = _private_network(node, path, findings)
    if name == "matrix":
        node = _trusted(node, path, findings)
    return node


def _direct_messages(node: ObjectNode, path: KeyPath, findings: Findings) -> ObjectNode:
    """``dm.policy`` and, with ``senders``, ``dm.allowFrom`` one object higher."""
    for old, new in (("policy", "dmPolicy"), ("allowFrom", "allowFrom")):
        dm = object_at(node, "dm")
        value = dm.get(old) if dm is not None else None
        if dm is None or value is None:
            continue
        where, mine = (*path, "dm", old), node.get(new)
        if mine is None:
            findings.moved(where, (*path, new))
            node = with_values(node, {new: value}, value)
        elif _same_text(mine, value) if old == "policy" else _same_list(mine, value):
            findings.removed(where, f"{new} says the same")
        else:
            continue
        rest = without(dm, old)
        node = with_values(node, {"dm": rest if rest.index else None})
    return node


def _same_text(left: Node, right: Node) -> bool:
    return (
        isinstance(left, StringNode) and isinstance(right, StringNode) and left.value == right.value
    )


def _same_list(left: Node, right: Node) -> bool:
    return (
        isinstance(left, ArrayNode)
        and isinstance(right, ArrayNode)
        and _entries(left) == _entries(right)
    )


def _entries(node: ArrayNode) -> list[str]:
    """The ids of a list as texts; blank ones do not count."""
    texts = (trim(str(to_value(item))) for item in node.items)
    return [text for text in texts if text]


def _enabled(name: str, node: ObjectNode, path: KeyPath, findings: Findings) -> ObjectNode:
    allow, enabled = node.get("allow"), node.get("enabled")
    strict = name in _ONLY_BOOLEAN
    if allow is None or (strict and not isinstance(allow, BooleanNode)):
        return node
    if not isinstance(enabled, BooleanNode) if strict else enabled is None:
        findings.moved((*path, "allow"), (*path, "enabled"))
        return with_values(node, {"allow": None, "enabled": allow}, allow)
    findings.removed((*path, "allow"), "enabled is set already and wins")
    return without(node, "allow")


def _private_network(node: ObjectNode, path: KeyPath, findings: Findings) -> ObjectNode:
    old = node.get("allowPrivateNetwork")
    assert old is not None
    new = ("network", "dangerouslyAllowPrivateNetwork")
    findings.moved((*path, "allowPrivateNetwork"), (*path, *new))
    network = object_at(node, "network") or empty_object(old)
    if not isinstance(network.get(new[1]), BooleanNode):
        network = with_values(network, {new[1]: old}, old)
    return with_values(node, {"allowPrivateNetwork": None, "network": network}, old)


def _trusted(node: ObjectNode, path: KeyPath, findings: Findings) -> ObjectNode:
    dm = object_at(node, "dm")
    policy = dm.get("policy") if dm is not None else None
    if dm is None or not isinstance(policy, StringNode) or policy.value != "trusted":
        return node
    senders = dm.get("allowFrom")
    listed = isinstance(senders, ArrayNode) and any(
        isinstance(item, StringNode) and trim(item.value) for item in senders.items
    )
    word = "allowlist" if listed else "pairing"
    findings.revalued((*path, "dm", "policy"), f'"{word}"')
    return with_values(node, {"dm": with_values(dm, {"policy": string(word, policy)})})


def _group_mentions(node: ObjectNode, path: KeyPath, findings: Findings) -> ObjectNode:
    """Telegram's ``groupMentionsOnly`` is ``requireMention`` of the group ``*``."""
    old = node.get("groupMentionsOnly")
    groups = node.get("groups")
    if old is None or not (groups is None or isinstance(groups, ObjectNode)):
        return node
    anywhere = groups.get("*") if groups is not None else None
    if not (anywhere is None or isinstance(anywhere, ObjectNode)):
        return node
    if anywhere is not None and anywhere.get("requireMention") is not None:
        findings.removed((*path, "groupMentionsOnly"), 'groups."*".requireMention wins')
        return without(node, "groupMentionsOnly")
    findings.moved((*path, "groupMentionsOnly"), (*path, "groups", "*", "requireMention"))
    entry = with_values(anywhere or empty_object(old), {"requireMention": old}, old)
    made = with_values(groups or empty_object(old), {"*": entry}, old)
    return with_values(node, {"groupMentionsOnly": None, "groups": made}, old)


# --- streaming --------------------------------------------------------------------------------


def _streaming(
    name: str, node: ObjectNode, path: KeyPath, findings: Findings, unreported: list[KeyPath]
) -> ObjectNode:
    """The flat switches of older versions become the ``streaming`` object.

    A switch whose new place is taken stays, and OpenClaw refuses it.
    """
    before = node.get("streaming")
    flat = [key for key in ("streamMode", *flat_keys(name)) if key in node.index]
    scalar = isinstance(before, StringNode | BooleanNode)
    if not flat and not scalar:
        return node
    origin = before if scalar and before is not None else node.index[flat[0]].value
    streaming = before if isinstance(before, ObjectNode) else empty_object(origin)
    values: dict[str, Node | None] = {}
    native_key = "nativeStreaming"
    if (scalar or "streamMode" in flat) and streaming.get("mode") is None:
        word = _mode(name, node)
        values["mode"] = string(word, origin)
        if scalar:
            native = ""
            if name == "slack" and isinstance(before, BooleanNode) and native_key not in flat:
                native = f", nativeTransport: {json.dumps(before.value)}"
            findings.revalued((*path, "streaming"), f'{{ mode: "{word}"{native} }}')
    if "streamMode" in flat and scalar:
        findings.removed((*path, "streamMode"), "streaming is set already and wins")
    elif "streamMode" in flat and not values:
        unreported.append((*path, "streamMode"))
    elif "streamMode" in flat:
        findings.moved(
            (*path, "streamMode"), (*path, "streaming", "mode"), f'"{_mode(name, node)}"'
        )
    streaming = with_values(streaming, values, origin)
    gone = ["streamMode"]
    for key, target in flat_keys(name).items():
        old = node.get(key)
        if old is None:
            continue
        inner = object_at(streaming, *target[:-1])
        if inner is not None and inner.get(target[-1]) is not None:
            continue
        text = None
        if key == native_key and not isinstance(old, BooleanNode):
            on = before.value if isinstance(before, BooleanNode) else True
            old, text = boolean(on, old), json.dumps(on)
        findings.moved((*path, key), (*path, "streaming", *target), text)
        streaming = _placed(streaming, target, old)
        gone.append(key)
    if name == "slack" and isinstance(before, BooleanNode):
        streaming = with_values(
            streaming,
            {"nativeTransport": streaming.get("nativeTransport") or boolean(before.value, before)},
            before,
        )
    return with_values(without(node, *gone), {"streaming": streaming}, origin)


def flat_keys(name: str) -> dict[str, tuple[str, ...]]:
    """The former switches beside ``streaming``, with their places in it."""
    keys = {
        "chunkMode": ("chunkMode",),
        "blockStreaming": ("block", "enabled"),
        "blockStreamingCoalesce": ("block", "coalesce"),
    }
    if name == "slack":
        keys["nativeStreaming"] = ("nativeTransport",)
    else:
        keys["draftChunk"] = ("preview", "chunk")
    return keys


_OLD_MODES = {"off": "off", "partial": "partial", "block": "block"}
_OLD_SLACK_MODES = {"replace": "partial", "append": "block", "status_final": "progress"}
"""What the words of ``streamMode`` stand for; Slack had words of its own."""


def _mode(name: str, node: ObjectNode) -> str:
    streaming = node.get("streaming")
    written = trim(text_of(streaming) or "").lower()
    if written in _STREAM_MODES:
        return "partial" if written == "progress" and name != "slack" else written
    old = trim(text_of(node.get("streamMode")) or "").lower()
    modes = _OLD_SLACK_MODES if name == "slack" else _OLD_MODES
    if old in modes:
        return modes[old]
    if isinstance(streaming, BooleanNode):
        return "partial" if streaming.value else "off"
    return _STREAMING[name]


def _placed(node: ObjectNode, path: tuple[str, ...], value: Node) -> ObjectNode:
    if len(path) == 1:
        return with_values(node, {path[0]: value}, value)
    inner = object_at(node, path[0]) or empty_object(value)
    return with_values(node, {path[0]: _placed(inner, path[1:], value)}, value)


def left_over(root: ObjectNode) -> list[tuple[str, KeyPath, KeyPath, KeyPath]]:
    """The former switches that stayed: channel, way, new place, and where OpenClaw looks."""
    found: list[tuple[str, KeyPath, KeyPath, KeyPath]] = []
    for name in _STREAMING:
        channel = object_at(root, "channels", name)
        if channel is None:
            continue
        here: KeyPath = ("channels", name)
        entries: list[tuple[ObjectNode, KeyPath, KeyPath]] = [(channel, here, here)]
        accounts = object_at(channel, "accounts")
        for key, member in accounts.index.items() if accounts is not None else ():
            if isinstance(member.value, ObjectNode):
                entries.append((member.value, (*here, "accounts", key), (*here, "accounts")))
        for node, path, place in entries:
            for key, target in (("streamMode", ("mode",)), *flat_keys(name).items()):
                if key in node.index:
                    found.append((name, (*path, key), (*path, "streaming", *target), place))
    return found


# --- accounts ---------------------------------------------------------------------------------


def _default_account(name: str, node: ObjectNode) -> ObjectNode:
    """Credentials beside named accounts belong to the account ``default``, if there is none yet."""
    accounts = node.get("accounts")
    if not isinstance(accounts, ObjectNode) or not accounts.index:
        return node
    if any(trim(key).lower() == "default" for key in accounts.index):
        return node
    named = any(map(trim, accounts.index))
    movable = _OF_CHANNEL.get(name, _OF_ONE_ACCOUNT) if named else _OF_ONE_ACCOUNT
    moving = {key: member.value for key, member in node.index.items() if key in movable}
    if not moving:
        return node
    origin = next(iter(moving.values()))
    made = with_values(empty_object(origin), moving, origin)
    accounts = with_values(accounts, {"default": made}, origin)
    return with_values(without(node, *moving), {"accounts": accounts})
