"""Old keys: what OpenClaw rewrites in memory each time it reads a config, and what it refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from openclaw_config.syntax.nodes import ObjectNode
from openclaw_config.targets import Target

if TYPE_CHECKING:
    from openclaw_config.diagnostics.model import Diagnostic
    from openclaw_config.syntax.spans import KeyPath


class Refused(NamedTuple):
    """An old key that stayed, and the place where OpenClaw reports it.

    ``unknown`` ones are found by the schemas of channels and plugins.
    """

    diagnostic: Diagnostic
    place: KeyPath
    unknown: bool


class Migrated(NamedTuple):
    """A config after its old keys were read as OpenClaw reads them.

    ``legacy`` are warnings. ``refused`` are errors about keys that stayed: when there is one,
    OpenClaw reports nothing else.
    """

    root: ObjectNode
    legacy: tuple[Diagnostic, ...]
    refused: tuple[Refused, ...]


_FREE = frozenset(("meta", "env", "auth", "logging", "$schema", "wizard"))
"""Sections that never had an old key."""


def migrate(root: ObjectNode, target: Target) -> Migrated:
    """Read old keys as a target does. Gives the very root when there are none."""
    if root.index.keys() <= _FREE:
        return Migrated(root, (), ())
    from openclaw_config.validation.migrations.engine import apply, left_over
    from openclaw_config.validation.migrations.report import Findings, refused

    findings = Findings(root)
    tree = apply(root, target.reads, findings)
    left = tuple(
        Refused(refused(tree, key.path, key.new), key.place, key.unknown)
        for key in left_over(tree, target.reads)
    )
    return Migrated(tree, tuple(findings.found), left)
