"""Lints about secrets: in the clear, lost to redaction, or from an undeclared source."""

from __future__ import annotations

import re
from collections.abc import Iterator

from openclaw_config import registry
from openclaw_config.diagnostics.model import WARNING, Diagnostic, key_path_text
from openclaw_config.diagnostics.rules import Rule
from openclaw_config.diagnostics.secret_places import is_secret_name
from openclaw_config.syntax.nodes import ArrayNode, Node, ObjectNode, StringNode, text_of
from openclaw_config.syntax.spans import KeyPath
from openclaw_config.validation.config import Config, check
from openclaw_config.validation.issues import LINT
from openclaw_config.validation.secret_refs import SOURCES

PLAINTEXT_SECRET = Rule(
    name="plaintext-secret",
    severity=WARNING,
    summary="A secret stands in the file in the clear.",
    why=(
        "A config is copied, committed and shown to others. Put the secret into a variable and"
        " write ${NAME}, or use a SecretRef. A password or a key in a URL is one, too."
    ),
    bad=(
        "{ models: { providers: { openrouter: { baseUrl: "
        '"https://openrouter.ai/api/v1", models: [], apiKey: "sk-or-v1-0123456789abcdef" } } } }'
    ),
    good=(
        "{ models: { providers: { openrouter: { baseUrl: "
        '"https://openrouter.ai/api/v1", models: [], apiKey: "${OPENROUTER_API_KEY}" } } } }'
    ),
    source="AUTH-20, AUTH-21",
)

REDACTED_VALUE = Rule(
    name="redacted-value",
    severity=WARNING,
    summary="A placeholder for a hidden secret was saved as the value.",
    why=(
        "OpenClaw and other programs show a placeholder in place of a secret. Once that text is"
        " saved, the secret is lost, and requests fail with the placeholder as the key."
    ),
    bad='{ gateway: { auth: { token: "__OPENCLAW_REDACTED__" } } }',
    good='{ gateway: { auth: { token: "${GATEWAY_TOKEN}" } } }',
    source="AUTH-20",
)

UNKNOWN_SECRET_PROVIDER = Rule(
    name="unknown-secret-provider",
    severity=WARNING,
    summary="A SecretRef names a source that secrets.providers does not declare.",
    why=(
        "The provider of a SecretRef is an alias from secrets.providers; only the default one for"
        " env exists by itself. OpenClaw loads the file, but cannot look the secret up."
    ),
    bad=(
        "{ gateway: { auth: { token:"
        ' { source: "exec", provider: "vault", id: "gateway/token" } } } }'
    ),
    good=(
        '{ secrets: { providers: { vault: { source: "exec", command: "/usr/bin/vault" } } },'
        " gateway: { auth: { token:"
        ' { source: "exec", provider: "vault", id: "gateway/token" } } } }'
    ),
    source="AUTH-22",
)

_PLACEHOLDERS = ("[redacted]", "<redacted>", "redacted", "***", "******", "••••••••")
_ALIAS = re.compile(r"[a-z][a-z0-9_-]{0,63}\Z")
_ELSEWHERE = ("${", "secretref-env:")
"""How a text begins that only says where the secret is."""
_SHORTEST = 8
"""Shorter texts at secret keys are mostly words that local servers ask for, such as ``ollama``."""


@check(LINT, "*")
def secrets_in_clear(config: Config) -> Iterator[Diagnostic]:
    """plaintext-secret; a placeholder is left to redacted-value."""
    for path, node, _ in config.secrets:
        if not isinstance(node, StringNode) or node.variables or node.assumed:
            continue
        text = node.value.strip()
        if len(text) < _SHORTEST or text.startswith(_ELSEWHERE) or _is_placeholder(text):
            continue
        if registry.is_key_marker(text) or text in registry.key_variable_names():
            continue
        variable = _variable_for(path)
        yield PLAINTEXT_SECRET.at(
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
    if any("://" in source.text for source in config.document.sources):
        yield from _urls_in_clear(config)


def _urls_in_clear(config: Config) -> Iterator[Diagnostic]:
    """plaintext-secret of URLs with a password, or a key among what they ask with."""
    known = {path for path, _, _ in config.secrets}
    for path, node in _strings(config.root, ()):
        part = "" if node.variables or node.assumed else _secret_part(node.value)
        if part and path not in known:
            yield PLAINTEXT_SECRET.at(
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


def _variable_for(path: KeyPath) -> str:
    """The variable that usually holds a model provider's key."""
    if path[:2] == ("models", "providers") and path[-1] == "apiKey":
        known = registry.provider(registry.canonical_provider(str(path[2])))
        if known is not None and known.key_variables:
            return known.key_variables[0]
    return ""


def _is_placeholder(text: str) -> bool:
    lowered = text.lower()
    return (
        text == registry.redacted_placeholder()
        or lowered in _PLACEHOLDERS
        or (len(text) < 24 and ("..." in text or "…" in text))
        or (len(text) >= 3 and set(text) <= {"*", "•", "x", "X"})
    )


@check(LINT, "*")
def redacted_values(config: Config) -> Iterator[Diagnostic]:
    """redacted-value: OpenClaw's own placeholder anywhere, others where a secret belongs."""
    mark = registry.redacted_placeholder()
    places = {}
    if any(mark in source.text for source in config.document.sources):
        places = {
            path: node for path, node in _strings(config.root, ()) if node.value.strip() == mark
        }
    for path, node, _ in config.secrets:
        if (
            isinstance(node, StringNode)
            and not node.assumed
            and _is_placeholder(node.value.strip())
        ):
            places[path] = node
    for path, node in places.items():
        yield REDACTED_VALUE.at(
            node.location,
            f"{key_path_text(path)} holds a placeholder, not the value",
            path,
            label="the value was lost when this was saved",
        )


def _strings(node: Node, path: KeyPath) -> Iterator[tuple[KeyPath, StringNode]]:
    if isinstance(node, StringNode):
        yield path, node
    elif isinstance(node, ObjectNode):
        for key, member in node.index.items():
            yield from _strings(member.value, (*path, key))
    elif isinstance(node, ArrayNode):
        for at, item in enumerate(node.items):
            yield from _strings(item, (*path, at))


@check(LINT, "*")
def secret_providers(config: Config) -> Iterator[Diagnostic]:
    """unknown-secret-provider."""
    declared = config.object("secrets", "providers")
    names = set(declared.index) if declared is not None else set()
    for path, node, _ in config.secrets:
        if not isinstance(node, ObjectNode):
            continue
        source, alias = text_of(node.get("source")), node.get("provider")
        if source not in SOURCES or not isinstance(alias, StringNode) or alias.assumed:
            continue
        default = config.text("secrets", "defaults", source) or "default"
        if not _ALIAS.match(alias.value):
            continue  # another rule says so, without showing it
        if alias.value in names or (source == "env" and alias.value == default):
            continue
        name = "such name" if alias.variables else f"`{alias.value}`"
        yield UNKNOWN_SECRET_PROVIDER.at(
            alias.location,
            f"{key_path_text(path)}: secrets.providers has no {name}",
            (*path, "provider"),
            helps=(f"declared: {', '.join(sorted(names))}",) if names else (),
        )
