"""Which keys of a config may hold a secret, by their names.

Every secret place of the schema has a telling name; a test walks the schema to keep this true.
When in doubt a name counts as secret: to hide a harmless value costs nothing.
"""

from __future__ import annotations

import re

_SECRET_WORDS = frozenset(
    (  # noqa: SIM905, one word a line would fill a page
        "apikey authorization bearer ca cert certificate cookie credential credentials dsn jwt key "
        "keys pass passphrase passwd password passwords pat pin pwd secret signature token tokens"
    ).split()
)
_SECRET_ENDINGS = (
    "key",
    "token",
    "secret",
    "password",
    "identitydata",
    "hostsdata",
    "serviceaccount",
    "serviceaccountref",
    "webhook",
    "webhookurl",
    "proxyurl",
)
SECRET_BLOCKS = frozenset({"env", "vars", "headers"})
"""Names whose object holds secrets under keys of the author's own, in lower case."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def is_secret_name(name: str) -> bool:
    """True when a key of this name may hold a secret: ``apiKey``, ``bot_token``, ``PASSWORD``."""
    joined = name.replace("_", "").replace("-", "").strip().lower()
    if joined == "secrets":  # the section that says where secrets are, not what they are
        return False
    if joined == "value" or joined in SECRET_BLOCKS or joined.endswith(_SECRET_ENDINGS):
        return True
    return any(word.lower() in _SECRET_WORDS for word in _WORD.findall(name))
