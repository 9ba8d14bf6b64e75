"""Old keys of the smaller sections: audio, browser, commands, gateway, mcp, session, tools."""

from __future__ import annotations

import json

from openclaw_config.diagnostics.model import key_path_text
from openclaw_config.syntax.nodes import ArrayNode, Node, NumberNode, ObjectNode, StringNode, child
from openclaw_config.syntax.scanner import trim
from openclaw_config.syntax.spans import KeyPath
from openclaw_config.syntax.values import to_value
from openclaw_config.validation.legacy.findings import Findings
from openclaw_config.validation.legacy.rewrite import (
    boolean,
    empty_object,
    object_at,
    put,
    renamed_text,
    rewrite,
    string,
    with_values,
    without,
)

_LAN = ("0.0.0.0", "::", "[::]", "*")  # noqa: S104  (old spellings, nothing is bound here)
_LOOPBACK = ("127.0.0.1", "localhost", "::1", "[::1]")
_TRANSPORTS = {
    "http": "streamable-http",
    "streamable-http": "streamable-http",
    "sse": "sse",
    "stdio": None,
}
_MEDIA = ("audio", "image", "video")
_DEEPGRAM = (
    ("detectLanguage", "detect_language"),
    ("punctuate", "punctuate"),
    ("smartFormat", "smart_format"),
)


def session(root: ObjectNode, findings: Findings) -> ObjectNode:
    """``threadBindings.ttlHours`` is ``idleHours``; ``maintenance.rotateBytes`` does nothing."""

    def maintenance(node: ObjectNode, path: KeyPath) -> ObjectNode:
        if "rotateBytes" not in node.index:
            return node
        findings.removed((*path, "rotateBytes"), "OpenClaw ignores it")
        return without(node, "rotateBytes")

    tree = rewrite(root, ("session", "threadBindings"), lambda n, p: idle_hours(n, p, findings))
    return _object(rewrite(tree, ("session", "maintenance"), maintenance))


def idle_hours(node: ObjectNode, path: KeyPath, findings: Findings) -> ObjectNode:
    """A ``threadBindings`` object with ``ttlHours`` renamed."""
    ttl = node.get("ttlHours")
    if ttl is None:
        return node
    if node.get("idleHours") is None:
        findings.moved((*path, "ttlHours"), (*path, "idleHours"))
        return with_values(node, {"ttlHours": None, "idleHours": ttl}, ttl)
    findings.removed((*path, "ttlHours"), "idleHours is set already and wins")
    return without(node, "ttlHours")


def gateway(root: ObjectNode, findings: Findings) -> ObjectNode:
    """``bind`` by host name is a mode; other than loopback it gets allowed origins."""
    section = object_at(root, "gateway")
    if section is None:
        return root
    section = _origins(section)
    bind = section.get("bind")
    if isinstance(bind, StringNode) and not bind.assumed:
        written = trim(bind.value).lower()
        mode = "lan" if written in _LAN else "loopback" if written in _LOOPBACK else None
        if mode is not None:
            # Open to the network, OpenClaw also adds allowed origins when the mode is written out.
            findings.revalued(("gateway", "bind"), f'"{mode}"', safe=mode == "loopback")
            section = with_values(section, {"bind": string(mode, bind)})
    return with_values(root, {"gateway": section})


def _origins(section: ObjectNode) -> ObjectNode:
    """Beyond loopback, OpenClaw fills in ``controlUi.allowedOrigins`` and so mends a wrong one."""
    bind = section.get("bind")
    if not isinstance(bind, StringNode) or bind.value not in ("lan", "tailnet", "custom", "auto"):
        return section
    ui = object_at(section, "controlUi")
    if ui is not None:
        origins = ui.get("allowedOrigins")
        fallback = ui.get("dangerouslyAllowHostHeaderOriginFallback")
        if fallback is not None and getattr(fallback, "value", None) is True:
            return section
        if isinstance(origins, ArrayNode) and any(
            isinstance(item, StringNode) and trim(item.value) for item in origins.items
        ):
            return section
    filled = ArrayNode(bind.source, bind.start, bind.end, [])
    return with_values(
        section,
        {"controlUi": with_values(ui or empty_object(bind), {"allowedOrigins": filled}, bind)},
        bind,
    )


def mcp(root: ObjectNode, findings: Findings) -> ObjectNode:
    """A server's ``type``, as other programs spell it, is ``transport``."""

    def server(node: ObjectNode, path: KeyPath) -> ObjectNode:
        kind = node.get("type")
        if not isinstance(kind, StringNode):
            return node
        written = trim(kind.value).lower()
        if written not in _TRANSPORTS:
            return node
        transport = _TRANSPORTS[written]
        if transport is None or isinstance(node.get("transport"), StringNode):
            findings.removed((*path, "type"))
            return without(node, "type")
        findings.moved((*path, "type"), (*path, "transport"), f'"{transport}"')
        return with_values(node, {"type": None, "transport": string(transport, kind)}, kind)

    return _object(rewrite(root, ("mcp", "servers", "*"), server))


def browser(root: ObjectNode, findings: Findings) -> ObjectNode:
    """RelayBindHost is gone, the extension driver is existing-session, one switch was renamed."""
    section = object_at(root, "browser")
    if section is None:
        return root
    if "relayBindHost" in section.index:
        findings.removed(("browser", "relayBindHost"))
        section = without(section, "relayBindHost")

    def profile(node: ObjectNode, path: KeyPath) -> ObjectNode:
        driver = node.get("driver")
        if not isinstance(driver, StringNode) or trim(driver.value) != "extension":
            return node
        findings.revalued(("browser", *path, "driver"), '"existing-session"')
        return with_values(node, {"driver": string("existing-session", driver)})

    def policy(node: ObjectNode, path: KeyPath) -> ObjectNode:
        old = node.get("allowPrivateNetwork")
        if old is None:
            return node
        where = ("browser", *path)
        name = "dangerouslyAllowPrivateNetwork"
        findings.moved((*where, "allowPrivateNetwork"), (*where, name))
        return with_values(
            node, {"allowPrivateNetwork": None, name: _either(old, node.get(name))}, old
        )

    section = _object(rewrite(section, ("profiles", "*"), profile))
    section = _object(rewrite(section, ("ssrfPolicy",), policy))
    return with_values(root, {"browser": section})


def _either(old: Node, new: Node | None) -> Node:
    """Both switches as OpenClaw joins them: true when either is."""
    booleans = [node for node in (old, new) if node is not None and node.kind == "boolean"]
    if booleans:
        on = any(node.value for node in booleans)  # type: ignore[attr-defined]
        return boolean(on, booleans[0])
    return old if new is None else new


def commands(root: ObjectNode, findings: Findings) -> ObjectNode:
    """``commands.modelsWrite`` is ignored."""
    section = object_at(root, "commands")
    if section is None or "modelsWrite" not in section.index:
        return root
    findings.removed(("commands", "modelsWrite"), "OpenClaw ignores it")
    return with_values(root, {"commands": without(section, "modelsWrite")})


def plugins(root: ObjectNode, findings: Findings) -> ObjectNode:
    """``plugins.installs`` is kept in OpenClaw's own index now."""
    section = object_at(root, "plugins")
    if section is None or "installs" not in section.index:
        return root
    records = section.get("installs")
    if isinstance(records, ObjectNode) and records.index:
        # Without a fix: what is removed before OpenClaw has read it is lost.
        findings.replaced(
            ("plugins", "installs"),
            "OpenClaw keeps this list in its plugin index; remove it once it has been read",
        )
    else:
        findings.removed(("plugins", "installs"), "OpenClaw keeps this list in its plugin index")
    return with_values(root, {"plugins": without(section, "installs")})


def audio(root: ObjectNode, findings: Findings) -> ObjectNode:
    """``audio.transcription`` is a model of ``tools.media.audio``."""
    section = object_at(root, "audio")
    old = section.get("transcription") if section is not None else None
    if section is None or old is None:
        return root
    rest = without(section, "transcription")
    model = _transcriber(old)
    models = ("tools", "media", "audio", "models")
    if model is None:
        findings.removed(
            ("audio", "transcription"), "OpenClaw drops it: it has no command that it could run"
        )
    elif any(getattr(word, "variables", ()) for word in _words(old)):
        findings.replaced(("audio", "transcription"), "write tools.media.audio.models instead")
    else:
        findings.moved(
            ("audio", "transcription"),
            models[:-1],
            _transcriber_text(model),
            shown=models,
        )
    root = with_values(root, {"audio": rest if rest.index else None})
    if model is None:
        return root
    mine = object_at(root, *models[:-1])
    present = mine.get("models") if mine is not None else None
    if isinstance(present, ArrayNode) and present.items:
        return root
    root = put(root, models, ArrayNode(old.source, old.start, old.end, [model]), old)
    return put(root, (*models[:-1], "enabled"), boolean(True, old), old)


def _transcriber(old: Node) -> ObjectNode | None:
    words = [item for item in _words(old) if isinstance(item, StringNode)]
    if not isinstance(old, ObjectNode) or not words or len(words) != len(_words(old)):
        return None
    from openclaw_config.validation.formats import is_safe_executable

    if not is_safe_executable(words[0].value):
        return None
    values: dict[str, Node | None] = {
        "command": string(trim(words[0].value), words[0]),
        "type": string("cli", words[0]),
    }
    if words[1:]:
        values["args"] = ArrayNode(old.source, old.start, old.end, list(words[1:]))
    timeout = old.get("timeoutSeconds")
    if isinstance(timeout, NumberNode):
        values["timeoutSeconds"] = timeout
    return with_values(without(old, *old.index), values, old)


def _words(old: Node) -> list[Node]:
    command = child(old, "command")
    return command.items if isinstance(command, ArrayNode) else []


def _transcriber_text(model: ObjectNode) -> str:
    parts = [
        f"{key}: {json.dumps(to_value(member.value), ensure_ascii=False)}"
        for key, member in model.index.items()
    ]
    return f"{{ models: [{{ {', '.join(parts)} }}], enabled: true }}"


def tools(root: ObjectNode, findings: Findings) -> ObjectNode:
    """``message.allowCrossContextSend`` is ``crossContext``; ``deepgram`` is a provider option."""

    def message(node: ObjectNode, path: KeyPath) -> ObjectNode:
        old = node.get("allowCrossContextSend")
        if old is None or old.kind != "boolean":
            return node
        if not old.value:  # type: ignore[attr-defined]
            findings.removed((*path, "allowCrossContextSend"), "false is the default")
            return without(node, "allowCrossContextSend")
        findings.moved(
            (*path, "allowCrossContextSend"),
            (*path, "crossContext"),
            "{ allowWithinProvider: true, allowAcrossProviders: true }",
        )
        cross = object_at(node, "crossContext") or empty_object(old)
        on: dict[str, Node | None] = {
            "allowWithinProvider": boolean(True, old),
            "allowAcrossProviders": boolean(True, old),
        }
        return with_values(
            node, {"allowCrossContextSend": None, "crossContext": with_values(cross, on, old)}, old
        )

    def deepgram(node: ObjectNode, path: KeyPath) -> ObjectNode:
        old = node.get("deepgram")
        if not isinstance(old, ObjectNode):
            return node
        text = renamed_text(old, dict(_DEEPGRAM))
        target = (*path, "providerOptions", "deepgram")
        if text is None or any(member.value.kind != "boolean" for member in old.index.values()):
            findings.replaced(
                (*path, "deepgram"),
                "OpenClaw reads detectLanguage, punctuate and smartFormat as"
                f" {key_path_text(target)}: detect_language, punctuate, smart_format",
            )
        else:
            findings.moved(
                (*path, "deepgram"),
                target,
                text,
                "its keys are called detect_language, punctuate and smart_format there",
            )
        options = object_at(node, "providerOptions") or empty_object(old)
        mine = object_at(options, "deepgram") or empty_object(old)
        values = {
            new: old.get(name)
            for name, new in _DEEPGRAM
            if mine.get(new) is None and getattr(old.get(name), "kind", "") == "boolean"
        }
        options = with_values(options, {"deepgram": with_values(mine, values, old)}, old)
        return with_values(node, {"deepgram": None, "providerOptions": options}, old)

    tree = rewrite(root, ("tools", "message"), message)
    for kind in _MEDIA:
        tree = rewrite(tree, ("tools", "media", kind), deepgram)
        tree = rewrite(tree, ("tools", "media", kind, "models", "[]"), deepgram)
    return _object(rewrite(tree, ("tools", "media", "models", "[]"), deepgram))


def _object(node: Node) -> ObjectNode:
    assert isinstance(node, ObjectNode)
    return node
