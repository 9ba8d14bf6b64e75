"""Telling what changes between two plans, for the commands that compare them."""

from __future__ import annotations

import json
from collections.abc import Sequence

from openclaw_config.cli.output import FINDINGS, FINE, write, write_json
from openclaw_config.plan import diff
from openclaw_config.plan.model import Plan


def write_changes(before: Sequence[Plan], after: Sequence[Plan], form: str) -> tuple[int, int]:
    """Write what changes, as text or as JSON.

    Gives the exit code, which counts changes of the requests only, and the number of all changes.
    """
    changes = diff.diff_all(before, after)
    changed = any(change.changes_requests for change in changes)
    if form == "json":
        value = {"version": 1, "requestsChange": changed, "changes": diff.to_rows(changes)}
        write_json(json.dumps(value, indent=2) + "\n")
    else:
        write(diff.render(changes))
    return FINDINGS if changed else FINE, len(changes)
