"""Where OpenClaw itself reports what is wrong.

We point at what a person has to change. OpenClaw's own issues stand elsewhere in three cases: an
unknown key is reported at its object; what is wrong inside a union is reported at the union; and
in a channel's or a plugin's own schema each failed branch of a union is reported as well. Tests
that compare with recorded issues, and people who search for OpenClaw's message, need its places.
"""

from __future__ import annotations

import re

from openclaw_config.loading.whitespace import trim
from openclaw_config.syntax.nodes import StringNode
from openclaw_config.syntax.spans import KeyPath
from openclaw_config.validation.evaluator import (
    BAD_KEY,
    BAD_TEXT,
    BAD_VALUE,
    MISSING_KEY,
    UNKNOWN_KEY,
    WRONG_TYPE,
    Problem,
)

SCHEMA, AGENT_DIRS, AVATAR, TAILSCALE, PLUGINS = range(2, 7)
LEGACY = 1
LINT = 9
"""The stages in OpenClaw's order. An error in one keeps the later ones from running; lints are
ours, and run whenever the config could be read."""


def stage_of(problem: Problem) -> int:
    """The stage that judges a problem of structure: plugins have schemas of their own."""
    path = problem.path
    if path[-2:] == ("heartbeat", "target") and path[0] == "agents" and problem.kind == BAD_TEXT:
        return PLUGINS  # a blank target, which is looked up among the channels like any other
    if path[:1] == ("channels",) and len(path) > 1:
        return SCHEMA if path[1] in ("defaults", "modelByChannel") else PLUGINS
    if path[:2] == ("plugins", "entries") and path[3:4] == ("config",):
        # That config is an object at all is for OpenClaw's own schema to say.
        return SCHEMA if len(path) == 4 and problem.kind == WRONG_TYPE else PLUGINS
    return SCHEMA


def places(problem: Problem) -> frozenset[KeyPath]:
    """The paths of OpenClaw's issues for one problem of structure."""
    own = _own(problem)
    if stage_of(problem) == SCHEMA:
        if problem.reported is None:
            return frozenset((own,))
        return frozenset((problem.reported,))
    found = {own}
    if problem.union is not None:
        found.add(problem.union)
    for other in problem.others:
        found |= places(other)
    return frozenset(found)


_URL = re.compile(
    r"(?:https?|wss?|ftp):[/\\]*(?![/\\?#:@]|\Z)|(?!https?:|wss?:|ftp:)[a-z][a-z0-9+.-]*:",
    re.IGNORECASE,
)
"""How a text begins that is a URL of some kind: a host where the scheme needs one."""


def crashes(problem: Problem) -> bool:
    """url-crash: whether OpenClaw's validator fails here as a whole, instead of reporting it.

    It asks for the protocol of a text that is no URL. What is caught is reported at the root.
    """
    path, node = problem.path, problem.node
    return (
        problem.kind == BAD_TEXT
        and (
            path == ("cron", "webhook") or (path[:2] == ("mcp", "servers") and path[3:] == ("url",))
        )
        and isinstance(node, StringNode)
        and _URL.match(trim(node.value)) is None
    )


def acp_binding_places(problems: list[Problem]) -> dict[KeyPath, KeyPath]:
    """Where OpenClaw reports bindings of type acp that do not hold, by the way to the binding.

    It looks into this one union, and there reports the deepest problem only; a binding whose
    problems are all choices of a value is reported as a whole.
    """
    groups: dict[KeyPath, list[Problem]] = {}
    for problem in problems:
        if _of_acp_binding(problem) and problem.reported is not None:
            groups.setdefault(problem.reported, []).append(problem)
    found = {}
    for where, group in groups.items():
        kinds = {problem.kind for problem in group}
        if BAD_VALUE not in kinds or kinds & {MISSING_KEY, WRONG_TYPE}:
            best = max(group, key=lambda problem: (len(_own(problem)), problem.kind == UNKNOWN_KEY))
            found[where] = _own(best)
    return found


def _own(problem: Problem) -> KeyPath:
    if problem.kind in (MISSING_KEY, BAD_KEY):
        return (*problem.path, problem.key)
    return problem.path


def _of_acp_binding(problem: Problem) -> bool:
    """Whether a problem lies in a binding that says it is of type acp."""
    where = problem.reported or ()
    return (
        len(where) == 2
        and where[0] == "bindings"
        and any(
            other.kind == BAD_VALUE and other.path == (*where, "type") and "route" in other.values
            for other in problem.others
        )
        and not any(
            other.kind == BAD_VALUE and other.path == (*where, "type") and "acp" in other.values
            for other in problem.others
        )
    )


def rule_place(stage: int, path: KeyPath) -> KeyPath:
    """The path of OpenClaw's issue for a rule's finding, which mostly is the finding's own."""
    if stage == AGENT_DIRS:
        return ("agents", "list")
    if stage == PLUGINS and path[:2] in (("plugins", "allow"), ("plugins", "deny")):
        return path[:2]
    return path
