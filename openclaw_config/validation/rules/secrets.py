"""Rules about secrets: in the clear, lost to redaction, and where SecretRefs may stand."""

from __future__ import annotations

import re
from collections.abc import Iterator

from openclaw_config import registry
from openclaw_config.diagnostics.model import WARNING, Diagnostic, Edit, Fix, rule
from openclaw_config.facts import section
from openclaw_config.syntax.nodes import StringNode, child, nodes_of, text_of
from openclaw_config.syntax.text import KeyPath, trim
from openclaw_config.validation.context import RuleContext, listed, texts
from openclaw_config.view.settings import SOURCES

_PLACEHOLDERS = ("[redacted]", "<redacted>", "redacted", "***", "******", "••••••••")
_ALIAS = r"[a-z][a-z0-9_-]{0,63}\Z"
_ELSEWHERE = ("${", "secretref-env:")
"""How a text begins that only says where the secret is."""
_SHORTEST = 8
"""Shorter texts at secret keys are mostly words that local servers ask for, such as ``ollama``."""


@rule("*", severity=WARNING, label="anybody who sees the file can use it")
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
    for path, node in texts(context.secrets):
        text = node.value.strip()
        if node.variables or text.startswith(_ELSEWHERE) or len(text) < _SHORTEST:
            continue
        named = text in registry.key_variable_names(context.target)
        if named or _is_placeholder(text) or registry.is_key_marker(context.target, text):
            continue
        helps = (f"put it into a variable and write ${{{_variable_for(context.target, path)}}}",)
        yield context.at_value(path, "is a secret in the clear", helps=helps)
    if any(_may_have_url(source.text) for source in context.document.sources):
        yield from _urls_in_clear(context)


def _may_have_url(text: str) -> bool:
    """Whether a text may have a URL with user info or a query."""
    if "\\" in text:
        return "://" in text
    # Without escapes, a text ends on its line.
    behind = (line.partition("://")[2] for line in text.split("\n"))
    return any(rest and re.search("[@?&#]", rest) for rest in behind)


def _urls_in_clear(context: RuleContext) -> Iterator[Diagnostic]:
    """plaintext-secret of URLs with a password, or a key among what they ask with."""
    strings = (node for node in nodes_of(context.root) if isinstance(node, StringNode))
    if not any(_secret_part(node.value) for node in strings):
        return
    known = {path for path, _ in context.secrets}
    for path, node in texts(context.tree()):
        part = "" if node.variables else _secret_part(node.value)
        if part and path not in known:
            label = f"in its {part}: anybody who sees the file can use it"
            helps = ("put the secret into a variable and write ${NAME} in its place",)
            text = ": this URL has a secret in the clear"
            yield context.at_value(path, text, label=label, helps=helps)


def _secret_part(text: str) -> str:
    """What part of a URL holds a secret, or "" when none does, or the text is no URL."""
    scheme, mark, rest = text.strip().partition("://")
    if not mark or not scheme.isalpha():
        return ""
    address, *asked = re.split(r"[?&#]", rest)
    user, _, _ = re.split(r"[/\\]", address, maxsplit=1)[0].rpartition("@")
    if user.partition(":")[2] or len(user) >= _SHORTEST:
        return "user info"
    if not asked:
        return ""
    from openclaw_config.diagnostics.masking import is_secret_name

    pairs = [pair.partition("=") for pair in asked]
    if any(is_secret_name(name) and len(value) >= _SHORTEST for name, _, value in pairs):
        return "query"
    return ""


def _variable_for(release: str, path: KeyPath) -> str:
    """The variable that usually holds a model provider's key."""
    if path[:2] == ("models", "providers") and path[-1] == "apiKey":
        known = registry.provider(release, registry.canonical_provider(release, str(path[2])))
        if known is not None and known.keys:
            return known.keys[0]
    return "NAME"


def _is_placeholder(text: str) -> bool:
    lowered = text.lower()
    return (
        text == registry.REDACTED
        or lowered in _PLACEHOLDERS
        or (len(text) < 24 and ("..." in text or "…" in text))
        or (len(text) >= 3 and set(text) <= {"*", "•", "x", "X"})
    )


@rule("*", severity=WARNING, label="the value was lost when this was saved")
def redacted_value(context: RuleContext) -> Iterator[Diagnostic]:
    """A placeholder for a hidden secret was saved as the value.

    OpenClaw and other programs show a placeholder in place of a secret. Once that text is saved,
    the secret is lost, and requests fail with the placeholder as the key.

    bad: { gateway: { auth: { token: "__OPENCLAW_REDACTED__" } } }
    good: { gateway: { auth: { token: "${GATEWAY_TOKEN}" } } }
    source: AUTH-20
    """
    mark = registry.REDACTED
    places = []
    if any(mark in source.text for source in context.document.sources):
        strings = ((path, text_of(node) or "") for path, node in context.tree())
        places = [path for path, text in strings if text.strip() == mark]
    secrets = texts(context.secrets)
    places += [path for path, node in secrets if _is_placeholder(node.value.strip())]
    for path in dict.fromkeys(places):
        yield context.at_value(path, "holds a placeholder, not the value")


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
    names = context.names_at("secrets", "providers")
    for path, node in context.secrets:
        alias, source = child(node, "provider"), text_of(child(node, "source"))
        if source not in SOURCES or not isinstance(alias, StringNode) or alias.assumed:
            continue
        name, default = alias.value, context.text("secrets", "defaults", source) or "default"
        # Of a name of another form another rule speaks, without showing it.
        if not re.match(_ALIAS, name) or name in names or (source == "env" and name == default):
            continue
        shown = "such name" if alias.variables else f"`{name}`"
        helps = (f"declared: {listed(sorted(names))}",) if names else ()
        text = f": secrets.providers has no {shown}"
        yield context.at_value((*path, "provider"), text, helps=helps)


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
    for path, node in context.secrets:
        source, name = text_of(child(node, "source")), text_of(child(node, "provider"))
        own = context.text("secrets", "providers", name or "", "source")
        if source in SOURCES and own is not None and own != source:
            yield context.at_key(path, f"is of source {source}, its provider of source {own}")


_IPV6 = r"\[?[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*\]?\Z"
_LABEL = r"(?i)(?!-)[a-z0-9-]{1,63}(?<!-)\Z"


@rule("secrets", since="2026.8.1")
def egress_host(context: RuleContext) -> Iterator[Diagnostic]:
    """The proxy for outgoing requests lists what is no host.

    Each item is one host name or IP address, without a scheme, a port, a path or a wildcard.

    bad: { secrets: { egressProxy: { allowedHosts: ["my_host.example.com"] } } }
    good: { secrets: { egressProxy: { allowedHosts: ["example.com"] } } }
    source: egress-hosts
    """
    from openclaw_config.plan.urls import host_of

    for part in "allowedHosts", "bypassHosts":
        for path, node in texts(context.each("secrets", "egressProxy", part, "[]")):
            text = trim(node.value)
            labels = text.removesuffix(".").split(".")
            if re.match(_IPV6, text):
                fits = bool(host_of(f"https://[{text.strip('[]')}]"))
            else:
                # What ends in a number has to be an IPv4 address, as in every URL.
                fits = all(re.match(_LABEL, label) for label in labels)
                fits = fits and bool(host_of(f"https://{text}"))
                fits = fits or not {":", "/", "*"}.isdisjoint(text)  # the schema says it
            if not fits:
                yield context.at_value(path, "must be one host name or address")


_MARKER = "secretref-env:"


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
    for pattern in section("registry", context.target, "secretPlaces"):
        for path, node in texts(context.each(pattern)):
            if trim(node.value).startswith(_MARKER):
                name = trim(node.value).removeprefix(_MARKER)
                ref, fix = "a SecretRef object of source env", None
                if name.isidentifier() and name.isascii() and name.isupper() and not node.variables:
                    ref = f'{{ source: "env", provider: "default", id: "{name}" }}'
                    fix = Fix("write a SecretRef", (Edit(node.span, ref),))
                text = "is written in the old secretref-env: form"
                yield context.at_value(path, text, helps=(f"write {ref}",), fix=fix)
