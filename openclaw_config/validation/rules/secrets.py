"""Rules about secrets: in the clear, lost to redaction, and where SecretRefs may stand."""

from __future__ import annotations

import re
from collections.abc import Iterator

from openclaw_config import registry
from openclaw_config.diagnostics.model import WARNING, Diagnostic, Edit, Fix, key_path_text
from openclaw_config.diagnostics.rules import rule
from openclaw_config.diagnostics.secret_places import is_secret_name
from openclaw_config.syntax.nodes import ArrayNode, Node, ObjectNode, StringNode, child, text_of
from openclaw_config.syntax.scanner import trim
from openclaw_config.syntax.spans import KeyPath, Span
from openclaw_config.validation.context import RuleContext
from openclaw_config.validation.secret_refs import SOURCES, is_secret_ref

_PLACEHOLDERS = ("[redacted]", "<redacted>", "redacted", "***", "******", "••••••••")
_ALIAS = re.compile(r"[a-z][a-z0-9_-]{0,63}\Z")
_ELSEWHERE = ("${", "secretref-env:")
"""How a text begins that only says where the secret is."""
_SHORTEST = 8
"""Shorter texts at secret keys are mostly words that local servers ask for, such as ``ollama``."""


@rule("*", severity=WARNING)
def plaintext_secret(context: RuleContext) -> Iterator[Diagnostic]:
    """A secret stands in the file in the clear.

    A config is copied, committed and shown to others. Put the secret into a variable and write
    ${NAME}, or use a SecretRef. A password or a key in a URL is one, too.

    bad: { models: { providers: { openrouter: { baseUrl: "https://openrouter.ai/api/v1", models: [],
      apiKey: "sk-or-v1-0123456789abcdef" } } } }
    good: { models: { providers: { openrouter: { baseUrl: "https://openrouter.ai/api/v1", models:
      [], apiKey: "${OPENROUTER_API_KEY}" } } } }
    source: AUTH-20, AUTH-21
    """
    for path, node, _ in context.secrets:
        if not isinstance(node, StringNode) or node.variables or node.assumed:
            continue
        text = node.value.strip()
        if len(text) < _SHORTEST or text.startswith(_ELSEWHERE) or _is_placeholder(text):
            continue
        if registry.is_key_marker(context.target, text) or text in registry.key_variable_names(
            context.target
        ):
            continue
        variable = _variable_for(context.target, path)
        yield plaintext_secret.at(
            node.location,
            f"{key_path_text(path)} is a secret in the clear",
            path,
            label="anybody who sees the file can use it",
            helps=(
                f"put it into a variable and write ${{{variable}}}"
                if variable
                else "put it into a variable and write ${NAME}",
            ),
        )
    if any("://" in source.text for source in context.document.sources):
        yield from _urls_in_clear(context)


def _urls_in_clear(context: RuleContext) -> Iterator[Diagnostic]:
    """plaintext-secret of URLs with a password, or a key among what they ask with."""
    known = {path for path, _, _ in context.secrets}
    for path, node in _strings(context.root):
        part = "" if node.variables or node.assumed else _secret_part(node.value)
        if part and path not in known:
            yield plaintext_secret.at(
                node.location,
                f"the URL at {key_path_text(path)} has a secret in the clear",
                path,
                label=f"in its {part}: anybody who sees the file can use it",
                helps=("put the secret into a variable and write ${NAME} in its place",),
            )


def _secret_part(text: str) -> str:
    """What part of a URL holds a secret, or "" when none does, or the text is no URL."""
    scheme, mark, rest = text.strip().partition("://")
    if not mark or not scheme.isalpha():
        return ""
    address, *asked = re.split(r"[?&#]", rest)
    user, _, _ = re.split(r"[/\\]", address, maxsplit=1)[0].rpartition("@")
    if user.partition(":")[2] or len(user) >= _SHORTEST:
        return "user info"
    pairs = [pair.partition("=") for pair in asked]
    if any(is_secret_name(name) and len(value) >= _SHORTEST for name, _, value in pairs):
        return "query"
    return ""


def _variable_for(release: str, path: KeyPath) -> str:
    """The variable that usually holds a model provider's key."""
    if path[:2] == ("models", "providers") and path[-1] == "apiKey":
        known = registry.provider(release, registry.canonical_provider(release, str(path[2])))
        if known is not None and known.key_variables:
            return known.key_variables[0]
    return ""


def _is_placeholder(text: str) -> bool:
    lowered = text.lower()
    return (
        text == registry.REDACTED
        or lowered in _PLACEHOLDERS
        or (len(text) < 24 and ("..." in text or "…" in text))
        or (len(text) >= 3 and set(text) <= {"*", "•", "x", "X"})
    )


@rule("*", severity=WARNING)
def redacted_value(context: RuleContext) -> Iterator[Diagnostic]:
    """A placeholder for a hidden secret was saved as the value.

    OpenClaw and other programs show a placeholder in place of a secret. Once that text is saved,
    the secret is lost, and requests fail with the placeholder as the key.

    bad: { gateway: { auth: { token: "__OPENCLAW_REDACTED__" } } }
    good: { gateway: { auth: { token: "${GATEWAY_TOKEN}" } } }
    source: AUTH-20
    """
    mark = registry.REDACTED
    places = {}
    if any(mark in source.text for source in context.document.sources):
        places = {path: node for path, node in _strings(context.root) if node.value.strip() == mark}
    for path, node, _ in context.secrets:
        if (
            isinstance(node, StringNode)
            and not node.assumed
            and _is_placeholder(node.value.strip())
        ):
            places[path] = node
    for path, node in places.items():
        yield redacted_value.at(
            node.location,
            f"{key_path_text(path)} holds a placeholder, not the value",
            path,
            label="the value was lost when this was saved",
        )


def _strings(root: Node) -> Iterator[tuple[KeyPath, StringNode]]:
    waiting: list[tuple[KeyPath, Node]] = [((), root)]
    while waiting:
        path, node = waiting.pop()
        if isinstance(node, StringNode):
            yield path, node
        elif isinstance(node, ObjectNode):
            waiting += [((*path, key), one.value) for key, one in reversed(node.index.items())]
        elif isinstance(node, ArrayNode):
            waiting += [((*path, at), item) for at, item in reversed([*enumerate(node.items)])]


@rule("*", severity=WARNING)
def unknown_secret_provider(context: RuleContext) -> Iterator[Diagnostic]:
    """A SecretRef names a source that secrets.providers does not declare.

    The provider of a SecretRef is an alias from secrets.providers; only the default one for env
    exists by itself. OpenClaw loads the file, but cannot look the secret up.

    bad: { gateway: { auth: { token: { source: "exec", provider: "vault", id: "gateway/token" } } }
      }
    good: { secrets: { providers: { vault: { source: "exec", command: "/usr/bin/vault" } } },
      gateway: { auth: { token: { source: "exec", provider: "vault", id: "gateway/token" } } } }
    source: AUTH-22
    """
    declared = context.object("secrets", "providers")
    names = set(declared.index) if declared is not None else set()
    for path, node, _ in context.secrets:
        if not isinstance(node, ObjectNode):
            continue
        source, alias = text_of(node.get("source")), node.get("provider")
        if source not in SOURCES or not isinstance(alias, StringNode) or alias.assumed:
            continue
        default = context.text("secrets", "defaults", source) or "default"
        if not _ALIAS.match(alias.value):
            continue  # another rule says so, without showing it
        if alias.value in names or (source == "env" and alias.value == default):
            continue
        name = "such name" if alias.variables else f"`{alias.value}`"
        yield unknown_secret_provider.at(
            alias.location,
            f"{key_path_text(path)}: secrets.providers has no {name}",
            (*path, "provider"),
            helps=(f"declared: {', '.join(sorted(names))}",) if names else (),
        )


@rule("*", since="2026.9.6")
def other_secret_source(context: RuleContext) -> Iterator[Diagnostic]:
    """A SecretRef asks a provider of secrets for another kind of source than it is.

    OpenClaw looks the secret up in the provider that the ref names, which has one source. Only
    its own check of a config refuses that; the gateway fails when it needs the secret.

    bad: { secrets: { providers: { vault: { source: "file", path: "/etc/s.json" } } }, gateway: {
      auth: { token: { source: "env", provider: "vault", id: "TOKEN" } } } }
    good: { secrets: { providers: { vault: { source: "env" } } }, gateway: { auth: { token: {
      source: "env", provider: "vault", id: "TOKEN" } } } }
    source: secret-ref-source-match, LOAD-53
    """
    for path, node, _ in context.secrets:
        source, name = text_of(child(node, "source")), text_of(child(node, "provider"))
        own = context.text("secrets", "providers", name or "", "source")
        if source in SOURCES and own is not None and own != source:
            yield other_secret_source.at(
                context.key(path) or node.location,
                f"{key_path_text(path)} is of source {source}, its provider of source {own}",
                path,
            )


_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)\Z", re.IGNORECASE)


@rule("secrets", since="2026.8.1")
def egress_host(context: RuleContext) -> Iterator[Diagnostic]:
    """The proxy for outgoing requests lists what is no host.

    Each item is one host name or IP address, without a scheme, a port, a path or a wildcard.

    bad: { secrets: { egressProxy: { allowedHosts: ["my_host.example.com"] } } }
    good: { secrets: { egressProxy: { allowedHosts: ["example.com"] } } }
    source: egress-hosts
    """
    for part in "allowedHosts", "bypassHosts":
        for path, node in context.each("secrets", "egressProxy", part, "[]"):
            if not isinstance(node, StringNode) or node.assumed:
                continue
            labels = trim(node.value).removesuffix(".").split(".")
            plain = {":", "/", "*"}.isdisjoint(node.value)  # else the schema says it
            if plain and not all(map(_LABEL.match, labels)) and context.is_sound(("secrets",)):
                yield egress_host.at(
                    node.location, f"{key_path_text(path)} must be one host name or address", path
                )


# --- SecretRefs ----


UNSUPPORTED_PLACES = (
    ("hooks", "token"),
    ("hooks", "gmail", "pushToken"),
    ("hooks", "mappings", "[]", "sessionKey"),
    ("commands", "ownerDisplaySecret"),
    ("channels", "discord", "threadBindings", "webhookToken"),
    ("channels", "discord", "accounts", "*", "threadBindings", "webhookToken"),
    ("channels", "whatsapp", "creds", "json"),
    ("channels", "whatsapp", "accounts", "*", "creds", "json"),
)


@rule("hooks", "commands", "channels")
def unsupported_secret_ref(context: RuleContext) -> Iterator[Diagnostic]:
    """A SecretRef stands where OpenClaw needs the text itself.

    OpenClaw writes to these keys or compares them while it runs, so it cannot look the secret up
    each time. A ${NAME} works there, for it is replaced when the file is read.

    bad: { hooks: { token: { source: "env", provider: "default", id: "HOOKS_TOKEN" } } }
    good: { hooks: { token: "${HOOKS_TOKEN}" } }
    source: secret-ref-unsupported
    """
    for pattern in UNSUPPORTED_PLACES:
        for path, node in context.each(*pattern):
            if is_secret_ref(node):
                name = node.get("id") if isinstance(node, ObjectNode) else None
                source = node.get("source") if isinstance(node, ObjectNode) else None
                fix = None
                if (
                    isinstance(name, StringNode)
                    and isinstance(source, StringNode)
                    and source.value == "env"
                    and name.value.isidentifier()
                    and name.value.isupper()  # else it may be the secret itself
                ):
                    text = f'"${{{name.value}}}"'
                    fix = Fix(f"write {text}", (Edit(Span(node.start, node.end), text),))
                yield unsupported_secret_ref.at(
                    node.location,
                    f"{key_path_text(path)} cannot be a SecretRef",
                    path,
                    helps=("write the variable as a text: ${NAME}",),
                    fix=fix,
                )


_MARKER = "secretref-env:"

_CERTIFICATES = ("ca", "cert", "key", "passphrase")
_KEYS_OF_CHANNELS = {
    "telegram": (("botToken",), ("webhookSecret",)),
    "slack": (("botToken",), ("appToken",), ("userToken",), ("signingSecret",)),
    "discord": (
        ("token",),
        ("pluralkit", "token"),
        ("voice", "tts", "providers", "*", "apiKey"),
    ),
    "irc": (("password",), ("nickserv", "password")),
    "bluebubbles": (("password",),),
    "feishu": (("appSecret",), ("encryptKey",), ("verificationToken",)),
    "msteams": (("appPassword",),),
    "mattermost": (("botToken",),),
    "matrix": (("accessToken",), ("password",)),
    "nextcloud-talk": (("botSecret",), ("apiPassword",)),
    "zalo": (("botToken",), ("webhookSecret",)),
    "googlechat": (("serviceAccount",),),
}
_VOICE_CALL = ("plugins", "entries", "voice-call", "config")


def secret_places(context: RuleContext) -> Iterator[tuple[str, ...]]:
    """The keys that OpenClaw's secrets commands know; SecretRefs may stand at some others too."""
    moved = context.keys
    for keys in moved.memory_search, moved.agent_memory_search:
        yield (*keys, "remote", "apiKey")
    yield (*moved.agent, "tts", "providers", "*", "apiKey")
    for section in moved.speech, ("talk",), ("models",):
        yield (*section, "providers", "*", "apiKey")
    provider = ("models", "providers", "*")
    request = (*provider, "request")
    yield (*provider, "headers", "*")
    yield (*request, "headers", "*")
    yield from ((*request, "auth", key) for key in ("token", "value"))
    for key in _CERTIFICATES:
        yield (*request, "tls", key)
        yield (*request, "proxy", "tls", key)
    yield ("skills", "entries", "*", "apiKey")
    yield ("cron", "webhookToken")
    for keys in (("gateway", "auth"), ("gateway", "remote")):
        yield from ((*keys, key) for key in ("token", "password"))
    for name in registry.web_search_ids(context.target):
        search = registry.web_search(context.target, name)
        if search is not None and search.credential.endswith(".apiKey"):
            yield tuple(search.credential.split("."))
    yield ("plugins", "entries", "acpx", "config", "mcpServers", "*", "env", "*")
    yield (*_VOICE_CALL, "tts", "providers", "*", "apiKey")
    yield (*_VOICE_CALL, "twilio", "authToken")
    for channel, ways in _KEYS_OF_CHANNELS.items():
        for way in ways:
            yield ("channels", channel, *way)
            yield ("channels", channel, "accounts", "*", *way)


@rule("*", until="2026.5.7")
def old_secret_ref(context: RuleContext) -> Iterator[Diagnostic]:
    """A secret is written in the old secretref-env: form.

    secretref-env:NAME was how older versions referred to a variable. OpenClaw no longer reads it
    and refuses the file, so that the text is not sent as if it were the key.

    bad: { gateway: { auth: { token: "secretref-env:GATEWAY_TOKEN" } } }
    good: { gateway: { auth: { token: { source: "env", provider: "default", id: "GATEWAY_TOKEN" } }
      } }
    source: secret-ref-legacy-marker
    """
    document = context.document
    if not document.uses and not any(_MARKER in source.text for source in document.sources):
        return
    for pattern in secret_places(context):
        for path, node in context.each(*pattern):
            if not isinstance(node, StringNode) or node.assumed:
                continue
            if not trim(node.value).startswith(_MARKER):
                continue
            name = trim(node.value).removeprefix(_MARKER)
            text = f'{{ source: "env", provider: "default", id: "{name}" }}'
            plain = name.isidentifier() and name.isascii() and name.isupper() and not node.variables
            yield old_secret_ref.at(
                node.location,
                f"{key_path_text(path)} is written in the old secretref-env: form",
                path,
                helps=(f"write {text}",) if plain else ("write a SecretRef object of source env",),
                fix=Fix("write a SecretRef", (Edit(Span(node.start, node.end), text),))
                if plain
                else None,
            )
