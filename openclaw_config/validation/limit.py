"""How many findings one config may have: past that, they are only counted."""

from __future__ import annotations

from collections.abc import Sequence

from openclaw_config.diagnostics.model import ERROR, Diagnostic

LIMIT = 1000


def limited(found: Sequence[Diagnostic], left_out: int = 0) -> tuple[Diagnostic, ...]:
    """The first findings, and one that counts the others.

    ``left_out`` are further errors that keep the config from loading and were only counted.
    """
    rest = found[LIMIT:]
    if not rest and not left_out:
        return tuple(found)
    from openclaw_config.validation.structure_rules import MORE_FINDINGS

    count = len(rest) + left_out
    last = MORE_FINDINGS.at(
        rest[0].location if rest else found[-1].location,
        f"at least {count:,} more finding{'s' if count > 1 else ''} of this config"
        f" {'are' if count > 1 else 'is'} not shown",
        helps=("fix the ones above, and check again",),
        blocks=left_out > 0 or any(one.blocks for one in rest),
    )
    if not left_out and all(one.severity != ERROR for one in rest):
        last = last._replace(severity=rest[0].severity)
    return (*found[:LIMIT], last)
