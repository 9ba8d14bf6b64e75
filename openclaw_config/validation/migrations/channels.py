"""Old keys of the channels that rows cannot say, each as its channel's plugin reads them."""

from __future__ import annotations

import json

from openclaw_config.syntax.nodes import (
    ArrayNode,
    BooleanNode,
    ObjectNode,
    StringNode,
    child,
    text_of,
)
from openclaw_config.syntax.scanner import trim
from openclaw_config.syntax.spans import KeyPath
from openclaw_config.validation.migrations.report import Findings
from openclaw_config.validation.migrations.tree import (
    boolean,
    empty_object,
    is_text,
    put,
    rewrite,
    string,
    with_values,
    without,
)

_STREAM_MODES = ("off", "partial", "block", "progress")
_STREAMING = {"discord": "off", "slack": "partial", "telegram": "partial"}
"""Channels with a ``streaming`` object, and the mode that ``true`` or an odd word stands for."""

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


def acknowledged(findings: Findings, root: ObjectNode, path: KeyPath) -> ObjectNode:
    """``messages.ackReaction`` is copied to WhatsApp, which becomes an object by that."""
    reaction = text_of(child(root, "messages", "ackReaction"))
    channel = child(root, "channels", "whatsapp")
    empty = isinstance(channel, ArrayNode) and not channel.items
    if channel is None or not (empty or channel.kind in ("null", "boolean", "number")):
        return root
    if not trim(reaction or ""):
        return root
    findings.revalued(("channels", "whatsapp"), "{}", "messages.ackReaction makes an object of it")
    return put(root, ("channels", "whatsapp"), empty_object(channel), channel)


def trusted(findings: Findings, node: ObjectNode, path: KeyPath) -> ObjectNode:
    """Matrix's ``dm.policy: "trusted"`` depends on whether senders are listed."""
    policy, senders = child(node, "dm", "policy"), child(node, "dm", "allowFrom")
    if not isinstance(policy, StringNode) or policy.value != "trusted":
        return node
    listed = isinstance(senders, ArrayNode) and any(map(is_text, senders.items))
    word = "allowlist" if listed else "pairing"
    findings.revalued((*path, "dm", "policy"), f'"{word}"')
    return put(node, ("dm", "policy"), string(word, policy), policy)


# --- streaming --------------------------------------------------------------------------------


def streaming(findings: Findings, node: ObjectNode, path: KeyPath) -> ObjectNode:
    """A word or a switch, and ``streamMode``, become ``streaming.mode``."""
    name, before, old = str(path[1]), node.get("streaming"), node.get("streamMode")
    scalar = before if isinstance(before, StringNode | BooleanNode) else None
    origin = scalar or old
    if origin is None or (scalar is None and child(before, "mode") is not None):
        return node
    word = _mode(name, node)
    if scalar is not None:
        native = ""
        if name == "slack" and scalar.kind == "boolean" and "nativeStreaming" not in node.index:
            native = f", nativeTransport: {json.dumps(scalar.value)}"
        findings.revalued((*path, "streaming"), f'{{ mode: "{word}"{native} }}')
        if old is not None:
            findings.removed((*path, "streamMode"), "streaming is set already and wins")
    else:
        findings.moved((*path, "streamMode"), (*path, "streaming", "mode"), f'"{word}"')
    return put(without(node, "streamMode"), ("streaming", "mode"), string(word, origin), origin)


def native_streaming(findings: Findings, node: ObjectNode, path: KeyPath) -> ObjectNode:
    """Slack's ``nativeStreaming``, or else a switch ``streaming``, is ``nativeTransport``."""
    before, old = child(findings.root, *path, "streaming"), node.get("nativeStreaming")
    target = ("streaming", "nativeTransport")
    if old is not None and child(node, *target) is None:
        text = None
        if not isinstance(old, BooleanNode):
            on = before.value if isinstance(before, BooleanNode) else True
            old, text = boolean(on, old), json.dumps(on)
        findings.moved((*path, "nativeStreaming"), (*path, *target), text)
        node = put(without(node, "nativeStreaming"), target, old, old)
    if isinstance(before, BooleanNode) and child(node, *target) is None:
        node = put(node, target, before, before)
    return node


def shadowed_mode(findings: Findings, channel: ObjectNode, path: KeyPath) -> ObjectNode:
    """``streamMode`` beside ``streaming.mode`` goes when something else of the channel changes.

    OpenClaw takes a channel's new form over only when its plugin reports a change, and the plugins
    forget to report this one.
    """
    places: list[KeyPath] = []

    def drop(node: ObjectNode, where: KeyPath) -> ObjectNode:
        if "streamMode" not in node.index:
            return node
        places.append((*path, *where, "streamMode"))
        return without(node, "streamMode")

    changed = rewrite(drop(channel, ()), ("accounts", "*"), drop)
    assert isinstance(changed, ObjectNode)
    others = [
        at
        for at, found in enumerate(findings.found)
        if found.key_path[:2] == path and "threadBindings" not in found.key_path
    ]
    if not places or not others:
        return channel
    # The other fixes wait: with no other change left, OpenClaw would refuse streamMode.
    for at in others:
        findings.found[at] = findings.found[at]._replace(fix=None)
    for place in places:
        findings.removed(place, "streaming.mode is set already and wins")
    return changed


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


# --- accounts ---------------------------------------------------------------------------------


def default_account(findings: Findings, node: ObjectNode, path: KeyPath) -> ObjectNode:
    """Credentials beside named accounts belong to the account ``default``, if there is none yet."""
    name, accounts = str(path[1]), node.get("accounts")
    if name == "defaults":
        return node
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
