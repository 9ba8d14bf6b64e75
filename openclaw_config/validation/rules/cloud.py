"""Rules about cloud workers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from openclaw_config.diagnostics.model import Diagnostic, key_path_text, name_text
from openclaw_config.diagnostics.rules import rule
from openclaw_config.diagnostics.secret_places import is_secret_name
from openclaw_config.syntax.nodes import ArrayNode, Node, ObjectNode, StringNode
from openclaw_config.validation.context import RuleContext
from openclaw_config.validation.secret_refs import is_secret_ref

_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d)", re.IGNORECASE)
_MS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_REPOSITORY = re.compile(r"[a-z0-9.-]+(?::[0-9]+)?(?:/[a-z0-9._-]+){2,}\Z")


@rule("cloudWorkers", since="2026.8.1")
def short_suspension(context: RuleContext) -> Iterator[Diagnostic]:
    """A cloud worker is suspended after less than a minute.

    A worker that is suspended at once could never finish anything, so a minute is the least.

    bad: { cloudWorkers: { profiles: { s: { provider: "x", suspendAfter: "5s", settings: {} } } } }
    good: { cloudWorkers: { profiles: { s: { provider: "x", suspendAfter: "5m", settings: {} } } } }
    source: cloud-worker-profile
    """
    for path, node in context.each("cloudWorkers", "profiles", "*", "suspendAfter"):
        if not isinstance(node, StringNode) or node.assumed:
            continue
        parts = _PART.findall(node.value)
        if parts and sum(float(n) * _MS[unit.lower()] for n, unit in parts) < _MS["m"]:
            yield short_suspension.at(
                node.location, f"{key_path_text(path)} must be a minute or more, such as 30m", path
            )


@rule("cloudWorkers", since="2026.8.1")
def worker_secret(context: RuleContext) -> Iterator[Diagnostic]:
    """A cloud worker's settings have a secret that is no SecretRef.

    The settings go to the worker's provider and are stored with it, so a key is given by where it
    is and not as it is.

    bad: { cloudWorkers: { profiles: { small: { provider: "x", settings: { apiKey: "k" } } } } }
    good: { cloudWorkers: { profiles: { small: { provider: "x", settings: { apiKey: { source: "env",
      provider: "default", id: "WORKER_KEY" } } } } } }
    source: cloud-worker-settings
    """
    for path, node in context.each("cloudWorkers", "profiles", "*", "settings"):
        for key, value in _members(node):
            if (is_secret_name(key) or key.lower().endswith("keyref")) and not is_secret_ref(value):
                yield worker_secret.at(
                    value.location,
                    f"{key_path_text(path)}: {name_text(key)} must be a SecretRef",
                    path,
                )


def _members(node: Node) -> Iterator[tuple[str, Node]]:
    """The keys and values of an object, at any depth."""
    for key, member in node.index.items() if isinstance(node, ObjectNode) else ():
        yield key, member.value
        if not is_secret_ref(member.value):
            yield from _members(member.value)
    for item in node.items if isinstance(node, ArrayNode) else ():
        yield from _members(item)


@rule("cloudWorkers", since="2026.8.1")
def worker_project(context: RuleContext) -> Iterator[Diagnostic]:
    """A project of cloud workers is not named by its repository.

    The key is host/owner/repository in lower case, without .git.

    bad: { cloudWorkers: { projectProfiles: { "acme/site": "small" } } }
    good: { cloudWorkers: { projectProfiles: { "github.com/acme/site": "small" } } }
    source: cloud-worker-project-key
    """
    for path, _ in context.each("cloudWorkers", "projectProfiles", "*"):
        key = str(path[-1])
        if not _REPOSITORY.match(key) or key.endswith(".git"):
            yield worker_project.at(
                context.key(path), f"{name_text(key)} is not host/owner/repository", path
            )
