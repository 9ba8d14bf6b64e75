"""Rules about SecretRefs: where they may stand, and their old spelling."""

from __future__ import annotations

from collections.abc import Iterator

from openclaw_config.diagnostics.model import ERROR, Diagnostic, Edit, Fix, key_path_text
from openclaw_config.diagnostics.rules import Rule
from openclaw_config.syntax.nodes import ObjectNode, StringNode
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


@check(SCHEMA, "*")
def old_secret_ref(config: Config) -> Iterator[Diagnostic]:
    """secret-ref-legacy-marker."""
    for path, node, shape in config.secrets:
        if not isinstance(node, StringNode) or node.assumed or not shape.any_of:
            continue  # a secret that cannot be a SecretRef keeps such a text
        if not node.value.strip().startswith(_MARKER):
            continue
        name = node.value.strip().removeprefix(_MARKER)
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
