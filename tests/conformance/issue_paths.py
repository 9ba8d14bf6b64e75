"""Where OpenClaw itself reports what is wrong.

We point at what a person has to change. OpenClaw's own issues stand elsewhere in three cases: an
unknown key is reported at its object; what is wrong inside a union is reported at the union; and
in a channel's or a plugin's own schema each failed branch of a union is reported as well. Tests
that compare with recorded issues need its places; a check does not.
"""

from __future__ import annotations

from collections.abc import Iterator

from openclaw_config.diagnostics.model import version
from openclaw_config.loading.load import Document
from openclaw_config.plan.urls import UrlError, parse
from openclaw_config.plan.values import pointer
from openclaw_config.syntax.nodes import ObjectNode, StringNode, child
from openclaw_config.syntax.text import KeyPath, trim
from openclaw_config.validation.context import RuleContext, prefixes, rules_for, select
from openclaw_config.validation.migrations.read import migrate, refused
from openclaw_config.validation.migrations.rows import Row, steps
from openclaw_config.validation.plugins import plugin_id
from openclaw_config.validation.schema import (
    BAD_KEY,
    BAD_TEXT,
    MISSING_KEY,
    RULE,
    UNKNOWN_KEY,
    WRONG_TYPE,
    Problem,
    by_json_schema,
    in_own_schema,
)
from openclaw_config.validation.validate import broken_paths, problems_of
from openclaw_config.view.settings import is_secret_ref

LEGACY, SCHEMA, AGENT_DIRS, AVATAR, TAILSCALE, TAILSCALE_AUTH, PLUGINS = range(7)
"""The stages in OpenClaw's order. An error in one keeps the later ones from running."""

_STAGES = {
    "shared-agent-dir": AGENT_DIRS,
    "avatar-path": AVATAR,
    "tailscale-bind": TAILSCALE,
    "tailscale-auth": TAILSCALE_AUTH,
    "refused-model": PLUGINS,
    "unknown-channel": PLUGINS,
    "unknown-heartbeat-target": PLUGINS,
    "unknown-denied-plugin": PLUGINS,
    "unknown-memory-plugin": PLUGINS,
    "unknown-web-search": PLUGINS,
    "memory-plugin-config": PLUGINS,
    "broken-plugin": PLUGINS,
}
"""The stages of rules; all others belong to the schema's."""


def issue_paths(document: Document) -> tuple[KeyPath, ...]:
    """The key paths that OpenClaw itself would report for a document, in order.

    It stops at the first stage that finds an error. Empty when it loads the config.
    """
    root = document.root
    if not document.readable or any(found.blocks for found in document.diagnostics):
        return ((),)
    if not isinstance(root, ObjectNode):
        return ()
    tree, _ = migrate(root, document.target)
    document = document._replace(root=tree)
    context = RuleContext(tree, document, written=root)
    found: dict[int, set[KeyPath]] = {}
    for row, path in refused(tree, document.target):
        stage = PLUGINS if row.refused == "entry" else LEGACY
        found.setdefault(stage, set()).add(_refused_place(row, path))
    problems = problems_of(context)
    for stage, path in _structural(context, problems):
        found.setdefault(stage, set()).add(path)
    for rule in rules_for(context.root.values, context.target):
        for item in context.run(rule) if rule.blocks else ():
            stage = _STAGES.get(rule.name, SCHEMA)
            found.setdefault(stage, set()).add(
                _rule_place(context.keys.agents, stage, item.key_path)
            )
    # Where OpenClaw's own code fails, it reports only that, at the root.
    if problems and _reader_crashes(context.root):
        found[LEGACY] = {()}
    if min(found, default=SCHEMA) >= SCHEMA and _url_crashes(context.root):
        found[SCHEMA] = {()}
    first = found[min(found)] if found else ()
    return tuple(sorted(first, key=lambda path: [str(step) for step in path]))


def _refused_place(row: Row, path: KeyPath) -> KeyPath:
    """Where OpenClaw reports an old key that stayed in the object at a path."""
    if row.refused == "key":
        return (*path, *row.key)
    if row.refused == "entry":
        return path
    if row.refused != "owner":
        return steps(row.refused)
    pattern = next(at for at in row.at if len(at) == len(path) and at[:2] == path[:2])
    return path[: next((at for at, step in enumerate(pattern) if step in ("*", "[]")), None)]


_NO_SECRET_REFS = """
    hooks.token hooks.gmail.pushToken hooks.mappings.[].sessionKey commands.ownerDisplaySecret
    channels.discord.threadBindings.webhookToken channels.whatsapp.creds.json
    channels.discord.accounts.*.threadBindings.webhookToken channels.whatsapp.accounts.*.creds.json
"""
"""Where OpenClaw looks for a SecretRef before all else, and reports nothing else of one."""


def _structural(context: RuleContext, problems: list[Problem]) -> Iterator[tuple[int, KeyPath]]:
    """The stages and the paths at which OpenClaw reports problems of structure."""
    bindings = _binding_places(problems)
    refs = {
        path
        for pattern in _NO_SECRET_REFS.split()
        for path, node in select(context.root, pattern)
        if is_secret_ref(node)
    }
    yield from ((SCHEMA, path) for path in refs)
    problems = [item for item in problems if item.kind != RULE and item.path not in refs]
    context.broken = broken_paths(problems)
    if (2026, 5, 12) <= version(context.target) < (2026, 9, 5):
        # These releases give up on the objects around an unknown key, too.
        unknown = (problem for problem in problems if problem.kind == UNKNOWN_KEY)
        context.broken += tuple(problem.path for problem in unknown if in_own_schema(problem))
    unsound = prefixes(context.broken)
    bad_keys = {(*problem.path, problem.key) for problem in problems if problem.kind == BAD_KEY}
    for problem in problems:
        if _is_reported(problem, unsound, bad_keys):
            place = bindings.get(problem.reported or ())
            for path in _places(problem) if place is None else (place,):
                yield _stage_of(problem), path


def _is_reported(problem: Problem, unsound: set[KeyPath], bad_keys: set[KeyPath]) -> bool:
    """Whether OpenClaw comes to a problem, for all the others."""
    path = problem.path
    if _refiner(path) in unsound and not problem.aborts:
        return False
    # It looks at the value of a bad key in the schemas of channels and plugins alone.
    return by_json_schema(path) or bad_keys.isdisjoint(prefixes((path,)))


def _stage_of(problem: Problem) -> int:
    """The stage that finds a problem of structure: plugins have schemas of their own."""
    path = problem.path
    if path[-2:] == ("heartbeat", "target") and path[0] == "agents" and problem.kind == BAD_TEXT:
        return PLUGINS  # a blank target, which is looked up among the channels like any other
    return SCHEMA if in_own_schema(problem) else PLUGINS


def _places(problem: Problem) -> frozenset[KeyPath]:
    """The paths of OpenClaw's issues for one problem of structure."""
    own = _own(problem)
    if _stage_of(problem) == SCHEMA:
        if problem.reported is None:
            return frozenset((own,))
        return frozenset((problem.reported,))
    release = problem.node.source.release
    found = {_pointer(release, own)}
    if problem.union is not None:
        found.add(_pointer(release, problem.union))
    for other in problem.others:
        found |= _places(other)
    return frozenset(found)


def _pointer(release: str, path: KeyPath) -> KeyPath:
    """A path as the validator of channels and plugins gives it, with JSON Pointer's escapes.

    A plugin's entry is reported by the plugin's id, however the entry is spelt.
    """
    if path[:2] == ("plugins", "entries"):
        head: KeyPath = ("plugins", "entries", plugin_id(release, str(path[2])), "config")
    else:
        head = path[:2]
    return head + tuple(
        pointer((step,))[1:] if isinstance(step, str) else step for step in path[len(head) :]
    )


_OF_SANDBOX = ("network", "seccompProfile", "apparmorProfile")
_OF_MAINTENANCE = ("pruneAfter", "resetArchiveRetention", "maxDiskBytes", "highWaterBytes")


def _refiner(path: KeyPath) -> KeyPath | None:
    """The object whose check as a whole decides on the form of a text, or None.

    OpenClaw runs such a check only when nothing in the object is of the wrong type.
    """
    if path in (("cron", "sessionRetention"), ("cron", "runLog", "maxBytes")):
        return ("cron",)
    if path[:2] == ("session", "maintenance") and path[2:3] and path[2] in _OF_MAINTENANCE:
        return path[:2]
    if path[:1] == ("agents",):
        if path[-2:] == ("heartbeat", "every"):
            return path[:-1]
        if path[-2:-1] == ("activeHours",):
            return path[:-2]
        if path[-2:-1] in (("docker",), ("browser",)) and path[-1] in _OF_SANDBOX:
            return path[:-1]
        if path[-3:-1] == ("docker", "binds"):
            return path[:-2]
    return None


def _reader_crashes(root: ObjectNode) -> bool:
    """Whether OpenClaw fails while it copies ``messages.ackReaction`` to the WhatsApp channel."""
    reaction = child(root, "messages", "ackReaction")
    return (
        reaction is not None
        and reaction.kind not in ("string", "null")
        and child(root, "channels", "whatsapp") is not None
    )


def _binding_places(problems: list[Problem]) -> dict[KeyPath, KeyPath]:
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
    return wanted is not None and all(branch.values for branch in (wanted.any_of or (wanted,)))


def _own(problem: Problem) -> KeyPath:
    if problem.kind in (MISSING_KEY, BAD_KEY) or _is_named(problem):
        return (*problem.path, problem.key)
    return problem.path


def _is_named(problem: Problem) -> bool:
    """Whether OpenClaw looks for an unknown key by its name, and so reports it itself."""
    path, key = problem.path, problem.key
    if problem.kind != UNKNOWN_KEY or version(problem.node.source.release) < (2026, 5, 22):
        return False
    if path == ("tools", "web", "search") or path[:-1] == ("agents", "entries"):
        return key in _OF_PROTOTYPES or problem.shape.refuses(key)
    server = path[-3:-1] == ("mcp", "servers") or path[:-1] == ("mcp", "servers")
    return server and key == "disabled"


_OF_PROTOTYPES = ("__proto__", "prototype", "constructor")


def _url_crashes(root: ObjectNode) -> bool:
    """OpenClaw asks for the protocol of a text that is no URL.

    Its validator then fails as a whole, and what is caught is reported at the root.
    """
    release = version(root.source.release)
    crashing: list[tuple[str, ...]] = []
    if release < (2026, 7):
        crashing += [("cron", "webhook"), ("mcp", "servers", "*", "url")]
    if release >= (2026, 6):
        crashing.append(("mcp", "servers", "*", "oauth", "clientMetadataUrl"))
    for pattern in crashing:
        for _, node in select(root, *pattern):
            if isinstance(node, StringNode) and not node.assumed:
                try:
                    parse(node.value)
                except UrlError:
                    return True
    return False


def _rule_place(agents: KeyPath, stage: int, path: KeyPath) -> KeyPath:
    """The path of OpenClaw's issue for a rule's finding, which mostly is the finding's own."""
    if stage == AGENT_DIRS:
        return agents
    if stage == PLUGINS and path[:2] in (("plugins", "allow"), ("plugins", "deny")):
        return path[:2]
    if stage == PLUGINS and path[0] == "channels" and len(path) == 2:
        return ("channels", trim(str(path[1])))
    return path
