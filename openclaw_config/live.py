"""A config in use: its secrets, and what happens when its files change."""

from __future__ import annotations

from openclaw_config.loading.document import Document
from openclaw_config.plan.model import Plan
from openclaw_config.runtime.secrets import Secrets
from openclaw_config.syntax.nodes import StringNode, child


def secrets_of(document: Document, plan: Plan, *, allow_exec: bool = False) -> Secrets:
    """What finds the secrets that a document's plan names.

    Nothing is read before it is needed. Commands of exec providers run only with ``allow_exec``.
    """

    def text_at(pointer: str) -> str | None:
        keys = [part.replace("~1", "/").replace("~0", "~") for part in pointer[1:].split("/")]
        node = document.root
        for key in keys:
            # A list's items are counted, and a pointer does not tell a number from a name.
            node = child(node, key) or (child(node, int(key)) if key.isdigit() else None)
        return node.value if isinstance(node, StringNode) and not node.assumed else None

    return Secrets(
        document.environment,
        config=text_at,
        providers=plan.secret_providers,
        state_dir=document.state_dir,
        home=document.home,
        allow_exec=allow_exec,
    )
