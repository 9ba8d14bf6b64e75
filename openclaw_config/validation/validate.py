"""Does a config hold? Structure, cross-field rules, old keys."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

from openclaw_config.diagnostics.model import ERROR, SEVERITIES, Diagnostic
from openclaw_config.loading.load import Document
from openclaw_config.syntax.nodes import CONTAINERS, ObjectNode, child, gc_paused
from openclaw_config.syntax.text import KeyPath
from openclaw_config.validation import schema
from openclaw_config.validation.context import RuleContext, rules_for, texts
from openclaw_config.validation.migrations.rows import has_old_keys
from openclaw_config.validation.schema import Problem, Values

LIMIT = 1000
"""How many findings one config may have: past that, they are only counted."""


class Validation(NamedTuple):
    """What a check found.

    ``document`` has its old keys read as OpenClaw reads them; later stages go on with it.
    ``diagnostics`` are everything worth telling a person, whatever stage of OpenClaw's own check it
    belongs to; nothing blocks when OpenClaw loads the config.
    """

    document: Document
    diagnostics: tuple[Diagnostic, ...]


@gc_paused()
def validate(
    document: Document, *, optional: bool = False, limit: int = LIMIT, verdict: bool = False
) -> Validation:
    """Check a document against what OpenClaw of its target accepts. Never raises for bad input.

    ``optional`` runs the rules as well that are off by default, ``verdict`` only those by which
    OpenClaw refuses a config. Past ``limit`` findings are only counted. Of a document that could
    not be read as a whole, only what is certain is reported, and without fixes.
    """
    root, doubt = document.root, None
    if not isinstance(root, ObjectNode):
        return Validation(document, ())
    if not document.readable:
        from openclaw_config.validation.certain import doubt_of

        doubt = doubt_of(document)
        if doubt is not None and doubt.touches(root.source, root.start, root.start):
            return Validation(document, ())
    readable, written, found = document.readable, root, list[Diagnostic]()
    if has_old_keys(root, document.target.reads):
        from openclaw_config.validation.migrations.read import migrate

        root, found = migrate(root, document.target)
        document = document._replace(root=root)
    old = len(found)
    context = RuleContext(root, document, written)
    problems = problems_of(context)
    if doubt is not None:
        problems = [problem for problem in problems if doubt.allows(root, problem)]
    left_out = _report(context, problems, found, limit) if problems else 0
    if doubt is None:
        _run_rules(context, optional, found, blocked=bool(problems), verdict=verdict)
    else:
        # Where old keys lead depends on what stands beside them and the objects around them.
        ways = [(item, item.key_path) for item in found[:old]]
        found[:old] = [item for item, way in ways if doubt.stands(written, way, way[:2])]
    if not readable:
        # Fixes are made for texts that parse; they are offered once this one does.
        found = [item._replace(fix=None) for item in found]
    return Validation(document, limited(found, left_out, limit))


# --- structure --------------------------------------------------------------------------------

_URLS = ("cron.webhook", "mcp.servers.*.url", "proxy.proxyUrl")
"""Where OpenClaw has JavaScript read a URL."""


def problems_of(context: RuleContext) -> list[Problem]:
    """Every problem of structure; gives the context its secrets."""
    root = context.root
    shape = schema.openclaw_shape(context.target)
    secrets: Values = []
    problems = schema.evaluate(root, shape, secrets)
    context.secrets = tuple({id(secret[1]): secret for secret in secrets}.values())
    context.flagged = tuple(problem for problem in problems if problem.kind == schema.RULE)
    if not root.values.keys().isdisjoint(("plugins", "channels")):
        from openclaw_config.validation.plugins import problems as plugin_problems

        problems += plugin_problems(context)
    for path, node in texts(chain.from_iterable(map(context.each, _URLS))):
        from openclaw_config.plan.urls import origin_of

        wanted = schema.walk(shape, path)
        if wanted is None:
            continue
        # A pattern cannot say what is a URL, so what it found is replaced.
        problems = [one for one in problems if (one.path, one.kind) != (path, schema.BAD_TEXT)]
        scheme = origin_of(node.value).partition(":")[0]
        if scheme != "http" and (scheme != "https" or "https" not in wanted.expects):
            problems.append(Problem(schema.BAD_TEXT, node, path, wanted))
    return problems


def broken_paths(problems: list[Problem]) -> tuple[KeyPath, ...]:
    """The paths of problems that keep OpenClaw from applying the rules of the objects around."""
    return tuple(one.path for one in problems if one.aborts and schema.in_own_schema(one))


def _report(
    context: RuleContext, problems: list[Problem], found: list[Diagnostic], limit: int
) -> int:
    """Add the findings for problems of structure, and give how many were only counted."""
    from openclaw_config.validation.structure import diagnose, missing_keys

    root, target = context.root, context.target
    seen: set[tuple[str, KeyPath, str]] = set()
    lacking: dict[KeyPath, list[Problem]] = {}
    refused = {item.key_path for item in found if item.blocks}
    misspelt = _misspelt(problems[:limit], target)
    problems = [item for item in problems if item.kind != schema.RULE]
    context.broken = broken_paths(problems)
    left_out = 0
    for at, problem in enumerate(problems):
        if len(found) > limit or len(lacking) > limit:
            left_out = len(problems) - at
            break
        key = (problem.kind, problem.path, problem.key)
        if key in seen:
            continue
        seen.add(key)
        if problem.kind != schema.MISSING_KEY:
            item = diagnose(problem, target)
            if item.key_path not in refused and not _is_acp_binding(problem):
                found.append(item)
        elif (problem.path, problem.key) not in misspelt:
            lacking.setdefault(problem.path, []).append(problem)
    found += [missing_keys(root, group) for group in lacking.values()]
    return left_out


def _misspelt(problems: list[Problem], target: str) -> set[tuple[KeyPath, str]]:
    """The missing keys that a misspelt key beside them was meant to be: one finding says it."""
    from openclaw_config.validation.structure import meant_key

    lacking = {problem.path for problem in problems if problem.kind == schema.MISSING_KEY}
    strange = (it for it in problems if it.kind == schema.UNKNOWN_KEY and it.path in lacking)
    meant = ((problem.path, meant_key(problem, target)[0]) for problem in strange)
    return {(path, key) for path, key in meant if key is not None}


def _is_acp_binding(problem: Problem) -> bool:
    """A channel's ``bindings`` with an ``acp``: the rule channel-acp-bindings says more."""
    return (
        problem.kind == schema.UNKNOWN_KEY
        and problem.key == "bindings"
        and problem.path[:1] == ("channels",)
        and isinstance(child(problem.member.value, "acp"), CONTAINERS)
    )


# --- rules ------------------------------------------------------------------------------------


def _run_rules(
    context: RuleContext, optional: bool, found: list[Diagnostic], blocked: bool, verdict: bool
) -> None:
    """Add the findings of the rules; ``blocked`` says whether the config is refused already.

    With a ``verdict`` only the rules run by which a config is refused.
    """
    blocked = blocked or any(item.blocks for item in found)
    for rule in rules_for(context.root.values, context.target, optional):
        if verdict and not rule.blocks:
            continue
        for count, item in enumerate(context.run(rule)):
            found.append(item)
            blocked = blocked or item.blocks
            if count > LIMIT and (blocked or not rule.blocks):
                break  # the rest changes no verdict, and nobody reads so many


def limited(
    found: Sequence[Diagnostic], left_out: int = 0, limit: int = LIMIT
) -> tuple[Diagnostic, ...]:
    """The first findings, and one that counts the others.

    ``left_out`` are further errors that keep the config from loading and were only counted.
    """
    rest = found[limit:]
    if not rest and not left_out:
        return tuple(found)
    from openclaw_config.validation.structure import more_findings

    count = len(rest) + left_out
    last = more_findings.at(
        (rest or found[-1:])[0].location,
        f"findings of this config that are not shown: at least {count:,}",
        helps=("fix the ones above, and check again",),
        blocks=left_out > 0 or any(one.blocks for one in rest),
    )
    worst = ERROR if left_out else min((one.severity for one in rest), key=SEVERITIES.index)
    return (*found[:limit], last._replace(severity=worst))
