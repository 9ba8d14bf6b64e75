"""Where OpenClaw itself reports what is wrong.

We point at what a person has to change. OpenClaw's own issues stand elsewhere in three cases: an
unknown key is reported at its object; what is wrong inside a union is reported at the union; and
in a channel's or a plugin's own schema each failed branch of a union is reported as well. Tests
that compare with recorded issues, and people who search for OpenClaw's message, need its places.
"""

from __future__ import annotations

from typing import NamedTuple

from openclaw_config.syntax.nodes import ObjectNode, StringNode, child
from openclaw_config.syntax.scanner import trim
from openclaw_config.syntax.spans import KeyPath
from openclaw_config.validation.evaluator import (
    BAD_KEY,
    BAD_TEXT,
    MISSING_KEY,
    UNKNOWN_KEY,
    WRONG_TYPE,
    Problem,
)
from openclaw_config.validation.lookup import select
from openclaw_config.validation.schema import Shape, walk

READ, LEGACY, SCHEMA, AGENT_DIRS, AVATAR, TAILSCALE, PLUGINS = range(7)
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
    found = {_pointer(own)}
    if problem.union is not None:
        found.add(_pointer(problem.union))
    for other in problem.others:
        found |= places(other)
    return frozenset(found)


def _pointer(path: KeyPath) -> KeyPath:
    """A path as the validator of channels and plugins gives it, with JSON Pointer's escapes.

    A plugin's entry is reported by the plugin's id, however the entry is spelt.
    """
    if path[:2] == ("plugins", "entries"):
        from openclaw_config.validation.plugins import plugin_id

        head: KeyPath = ("plugins", "entries", plugin_id(str(path[2])), "config")
    else:
        head = path[:2]
    return head + tuple(
        step.replace("~", "~0").replace("/", "~1") if isinstance(step, str) else step
        for step in path[len(head) :]
    )


_OF_SANDBOX = ("network", "seccompProfile", "apparmorProfile")
_OF_MAINTENANCE = ("pruneAfter", "resetArchiveRetention", "maxDiskBytes", "highWaterBytes")


def refiner(path: KeyPath) -> KeyPath | None:
    """The object whose check as a whole judges the form of a text, or None.

    OpenClaw runs such a check only when nothing in the object is of the wrong type.
    """
    if path in (("cron", "sessionRetention"), ("cron", "runLog", "maxBytes")):
        return ("cron",)
    if path[:2] == ("session", "maintenance") and path[2:3] and path[2] in _OF_MAINTENANCE:
        return path[:2]
    if path[:1] == ("agents",):
        if path[-2:] == ("heartbeat", "every"):
            return path[:-1]
        if path[-2:-1] in (("docker",), ("browser",)) and path[-1] in _OF_SANDBOX:
            return path[:-1]
        if path[-3:-1] == ("docker", "binds"):
            return path[:-2]
    return None


def reader_crashes(root: ObjectNode) -> bool:
    """Whether OpenClaw fails while it copies ``messages.ackReaction`` to the WhatsApp channel."""
    reaction = child(root, "messages", "ackReaction")
    return (
        reaction is not None
        and reaction.kind not in ("string", "null")
        and child(root, "channels", "whatsapp") is not None
    )


_URLS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("cron", "webhook"), ("http", "https")),
    (("mcp", "servers", "*", "url"), ("http", "https")),
    (("proxy", "proxyUrl"), ("http",)),
)
"""Where OpenClaw has JavaScript read a URL, and the schemes that it takes there."""


class Urls(NamedTuple):
    """What is wrong with the URLs of a config.

    url-crash: OpenClaw asks for the protocol of a text; where that is no URL, its validator fails
    as a whole, and what is caught is reported at the root.
    """

    problems: list[Problem]
    crash: bool


def judged_urls(root: ObjectNode, shape: Shape, problems: list[Problem]) -> Urls:
    """The problems with those about URLs found anew: a pattern cannot say what is a URL."""
    kept, crash = problems, False
    for pattern, schemes in _URLS:
        if pattern[0] not in root.index:
            continue
        for path, node in select(root, *pattern):
            if not isinstance(node, StringNode) or node.assumed:
                continue
            from openclaw_config.plan.urls import UrlError, parse

            kept = [found for found in kept if found.path != path or found.kind != BAD_TEXT]
            try:
                fits = parse(node.value).scheme in schemes
            except UrlError:
                fits, crash = False, crash or pattern[0] != "proxy"
            wanted = walk(shape, path)
            if not fits and wanted is not None:
                kept.append(Problem(BAD_TEXT, node, path, wanted))
    return Urls(kept, crash)


def binding_places(problems: list[Problem]) -> dict[KeyPath, KeyPath]:
    """Where OpenClaw reports bindings that are no routes and do not hold, by the way to each.

    It looks into this one union, and there reports the deepest problem only; a binding whose
    problems are all choices of a value is reported as a whole.
    """
    groups: dict[KeyPath, list[Problem]] = {}
    for problem in problems:
        where = problem.reported or ()
        if len(where) != 2 or where[0] != "bindings":
            continue
        refusing = [other for other in problem.others if other.path == (*where, "type")]
        if any("route" in other.shape.values for other in refusing):
            # Of type acp, its own problems count; of an unknown type, those of any binding.
            acp = not any("acp" in other.shape.values for other in refusing)
            groups.setdefault(where, []).extend((problem,) if acp else problem.others)
    found = {}
    for where, group in groups.items():
        if all(problem.kind == UNKNOWN_KEY for problem in group) or any(
            problem.kind in (MISSING_KEY, WRONG_TYPE) and not _is_choice(problem)
            for problem in group
        ):
            best = max(group, key=lambda problem: (len(_own(problem)), problem.kind == UNKNOWN_KEY))
            found[where] = _own(best)
    return found


def _is_choice(problem: Problem) -> bool:
    """Whether the value that lacks or stands there is one of a few words."""
    shape = problem.shape
    wanted = shape.of_key(problem.key) if problem.kind == MISSING_KEY else shape
    return wanted is not None and all(branch.has_values for branch in (wanted.any_of or (wanted,)))


def _own(problem: Problem) -> KeyPath:
    if problem.kind in (MISSING_KEY, BAD_KEY):
        return (*problem.path, problem.key)
    return problem.path


def rule_place(stage: int, path: KeyPath) -> KeyPath:
    """The path of OpenClaw's issue for a rule's finding, which mostly is the finding's own."""
    if stage == AGENT_DIRS:
        return ("agents", "list")
    if stage == PLUGINS and path[:2] in (("plugins", "allow"), ("plugins", "deny")):
        return path[:2]
    if stage == PLUGINS and path[0] == "channels" and len(path) == 2:
        return ("channels", trim(str(path[1])))
    return path
