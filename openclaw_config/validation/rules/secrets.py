"""Rules about SecretRefs: where they may stand, and their old spelling."""

from __future__ import annotations

from collections.abc import Iterator

from openclaw_config import registry
from openclaw_config.diagnostics.model import ERROR, Diagnostic, Edit, Fix, key_path_text
from openclaw_config.diagnostics.rules import Rule
from openclaw_config.syntax.nodes import ObjectNode, StringNode
from openclaw_config.syntax.scanner import trim
from openclaw_config.syntax.spans import Span
from openclaw_config.validation.config import Config, check
from openclaw_config.validation.issues import SCHEMA
from openclaw_config.validation.secret_refs import is_secret_ref

UNSUPPORTED_SECRET_REF = Rule(
    name="unsupported-secret-ref",
    severity=ERROR,
    summary="A SecretRef stands where OpenClaw needs the text itself.",
    why=(
        "OpenClaw writes to these keys or compares them while it runs, so it cannot look the"
        " secret up each time. A ${NAME} works there, for it is replaced when the file is read."
    ),
    bad='{ hooks: { token: { source: "env", provider: "default", id: "HOOKS_TOKEN" } } }',
    good='{ hooks: { token: "${HOOKS_TOKEN}" } }',
    blocks=True,
    source="secret-ref-unsupported",
)

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


@check(SCHEMA, "hooks", "commands", "channels")
def unsupported_secret_ref(config: Config) -> Iterator[Diagnostic]:
    """secret-ref-unsupported; stands in for the plain error of type at the same place."""
    for pattern in UNSUPPORTED_PLACES:
        for path, node in config.each(*pattern):
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
                yield UNSUPPORTED_SECRET_REF.at(
                    node.location,
                    f"{key_path_text(path)} cannot be a SecretRef",
                    path,
                    helps=("write the variable as a text: ${NAME}",),
                    fix=fix,
                )


OLD_SECRET_REF = Rule(
    name="old-secret-ref",
    severity=ERROR,
    summary="A secret is written in the old secretref-env: form.",
    why=(
        "secretref-env:NAME was how older versions referred to a variable. OpenClaw no longer reads"
        " it and refuses the file, so that the text is not sent as if it were the key."
    ),
    bad='{ gateway: { auth: { token: "secretref-env:GATEWAY_TOKEN" } } }',
    good=(
        "{ gateway: { auth: { token:"
        ' { source: "env", provider: "default", id: "GATEWAY_TOKEN" } } } }'
    ),
    blocks=True,
    source="secret-ref-legacy-marker",
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


def secret_places() -> Iterator[tuple[str, ...]]:
    """The keys that OpenClaw's secrets commands know; SecretRefs may stand at some others too."""
    for keys in (("agents", "defaults"), ("agents", "list", "[]")):
        yield (*keys, "memorySearch", "remote", "apiKey")
    yield ("agents", "list", "[]", "tts", "providers", "*", "apiKey")
    for section in ("messages", "tts"), ("talk",), ("models",):
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
    for name in registry.web_search_ids():
        search = registry.web_search(name)
        if search is not None and search.credential.endswith(".apiKey"):
            yield tuple(search.credential.split("."))
    yield ("plugins", "entries", "acpx", "config", "mcpServers", "*", "env", "*")
    yield (*_VOICE_CALL, "tts", "providers", "*", "apiKey")
    yield (*_VOICE_CALL, "twilio", "authToken")
    for channel, ways in _KEYS_OF_CHANNELS.items():
        for way in ways:
            yield ("channels", channel, *way)
            yield ("channels", channel, "accounts", "*", *way)


@check(SCHEMA, "*")
def old_secret_ref(config: Config) -> Iterator[Diagnostic]:
    """secret-ref-legacy-marker."""
    document = config.document
    if not document.uses and not any(_MARKER in source.text for source in document.sources):
        return
    for pattern in secret_places():
        for path, node in config.each(*pattern):
            if not isinstance(node, StringNode) or node.assumed:
                continue
            if not trim(node.value).startswith(_MARKER):
                continue
            name = trim(node.value).removeprefix(_MARKER)
            text = f'{{ source: "env", provider: "default", id: "{name}" }}'
            plain = name.isidentifier() and name.isascii() and name.isupper() and not node.variables
            yield OLD_SECRET_REF.at(
                node.location,
                f"{key_path_text(path)} is written in the old secretref-env: form",
                path,
                helps=(f"write {text}",) if plain else ("write a SecretRef object of source env",),
                fix=Fix("write a SecretRef", (Edit(Span(node.start, node.end), text),))
                if plain
                else None,
            )
