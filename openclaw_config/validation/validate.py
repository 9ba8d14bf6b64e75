"""Does a config hold? Structure, cross-field rules, old keys, in the order that OpenClaw has."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from openclaw_config.diagnostics.model import Diagnostic
from openclaw_config.loading.document import Document
from openclaw_config.syntax.collector import Pause
from openclaw_config.syntax.nodes import ArrayNode, Node, ObjectNode, child
from openclaw_config.syntax.spans import KeyPath
from openclaw_config.validation.config import Config
from openclaw_config.validation.evaluator import (
    BAD_KEY,
    MISSING_KEY,
    RULE,
    UNKNOWN_KEY,
    Problem,
    Secret,
    by_json_schema,
    evaluate,
)
from openclaw_config.validation.issues import LEGACY, READ, SCHEMA
from openclaw_config.validation.limit import LIMIT, limited
from openclaw_config.validation.migrations.read import migrate
from openclaw_config.validation.schema import TARGET, openclaw_shape

if TYPE_CHECKING:
    from openclaw_config.validation.certain import Doubt


class Validation(NamedTuple):
    """What a check found.

    ``document`` has its old keys read as OpenClaw reads them; later stages go on with it.
    ``diagnostics`` are everything worth telling a person, whatever stage it belongs to; nothing
    blocks when OpenClaw loads the config. ``issues`` are the key paths that OpenClaw itself would
    report: it stops at the first stage that finds an error. Empty when it loads the config.
    """

    document: Document
    diagnostics: tuple[Diagnostic, ...]
    issues: tuple[KeyPath, ...]


def validate(document: Document, *, target: str = TARGET, optional: bool = False) -> Validation:
    """Check a document against what OpenClaw of a version accepts. Never raises for bad input.

    ``optional`` runs the rules as well that are off by default. Of a document that could not be
    read as a whole, only what is certain is reported, and without fixes.
    """
    with Pause():
        return _validated(document, target, optional)


def _validated(document: Document, target: str, optional: bool) -> Validation:
    root = document.root
    if not isinstance(root, ObjectNode):
        return Validation(document, (), () if document.readable else ((),))
    if not document.readable:
        return Validation(document, _beside_errors(document, root, target, optional), ((),))
    run, document = _run(document, root, target, optional)
    return Validation(document, limited(run.found, run.left_out), run.issues())


def _beside_errors(
    document: Document, root: ObjectNode, target: str, optional: bool
) -> tuple[Diagnostic, ...]:
    """What is certain beside the errors that keep a document from being read as a whole."""
    from openclaw_config.validation.certain import doubt_of

    doubt = doubt_of(document)
    if doubt is not None and doubt.touches(root.source, root.start, root.start):
        return ()
    run, _ = _run(document, root, target, optional, doubt)
    # Fixes are made for texts that parse; they are offered once this one does.
    return limited([found._replace(fix=None) for found in run.found], run.left_out)


def _run(
    document: Document, root: ObjectNode, target: str, optional: bool, doubt: Doubt | None = None
) -> tuple[_Run, Document]:
    """Everything that validation finds, and the document with its old keys read."""
    migrated = migrate(root)
    run = _Run()
    if any(found.blocks for found in document.diagnostics):
        run.place(READ, ((),))
    run.found.extend(migrated.legacy)
    for refused in migrated.refused:
        run.add(refused.stage, refused.diagnostic, (refused.place,))
    old = len(run.found)
    if migrated.root is not root:
        document = document._replace(root=migrated.root)
    config = Config(migrated.root, document, target, written=root)
    _structure(config, run, doubt)
    if doubt is not None:
        certain = [found for found in run.found[:old] if doubt.allows_finding(root, found)]
        run.found[:old] = certain
    else:
        _rules(config, run, optional)
    return run, document


class _Run:
    """What one validation has found so far, and where OpenClaw would report it."""

    __slots__ = ("_crashed", "_places", "blocks", "found", "left_out")

    def __init__(self) -> None:
        self.found: list[Diagnostic] = []
        self.blocks = False
        self.left_out = 0
        self._places: dict[int, set[KeyPath]] = {}
        self._crashed: set[int] = set()

    def add(self, stage: int, diagnostic: Diagnostic, places: tuple[KeyPath, ...]) -> None:
        self.found.append(diagnostic)
        if diagnostic.blocks:
            self.blocks = True
            self.place(stage, places)

    def place(self, stage: int, places: tuple[KeyPath, ...]) -> None:
        """Note that OpenClaw reports an error at these places in a stage."""
        self._places.setdefault(stage, set()).update(places)

    def crash(self, stage: int) -> None:
        """Note that OpenClaw gives up in a stage, and reports only that, at the root."""
        self.place(stage, ((),))
        self._crashed.add(stage)

    def issues(self) -> tuple[KeyPath, ...]:
        if not self._places:
            return ()
        stage = min(self._places)
        if stage in self._crashed:
            return ((),)
        first = self._places[stage]
        return tuple(sorted(first, key=lambda path: [str(step) for step in path]))


_WITH_URLS = ("cron", "mcp", "proxy")


def _structure(config: Config, run: _Run, doubt: Doubt | None) -> None:
    root, target = config.root, config.target
    secrets: list[Secret] = []
    problems = evaluate(root, openclaw_shape(target), secrets)
    config.secrets = tuple({id(secret.node): secret for secret in secrets}.values())
    if not root.index.keys().isdisjoint(("plugins", "channels")):
        from openclaw_config.validation.plugins import problems as plugin_problems

        problems += plugin_problems(config)
    if doubt is not None:
        problems = [problem for problem in problems if doubt.allows(root, problem)]
    elif not root.index.keys().isdisjoint(_WITH_URLS):
        from openclaw_config.validation.issues import judged_urls

        problems, crash = judged_urls(root, openclaw_shape(target), problems)
        if crash:
            run.crash(SCHEMA)
    if not problems:
        return
    from openclaw_config.validation.config import prefixes
    from openclaw_config.validation.issues import (
        binding_places,
        places,
        reader_crashes,
        stage_of,
    )
    from openclaw_config.validation.rules.secrets import UNSUPPORTED_PLACES
    from openclaw_config.validation.structure import diagnose, missing_keys

    seen: set[tuple[str, KeyPath, str]] = set()
    lacking: dict[KeyPath, list[Problem]] = {}
    refused = {found.key_path for found in run.found if found.blocks}
    mended = _misspelt(problems[:LIMIT], target)
    bindings = binding_places(problems)
    if reader_crashes(root):
        run.crash(LEGACY)
    problems = [
        problem
        for problem in problems
        if problem.kind != RULE and not _replaced(root, problem, UNSUPPORTED_PLACES)
    ]
    config.broken = tuple(
        problem.path for problem in problems if problem.aborts and stage_of(problem) == SCHEMA
    )
    unsound = prefixes(config.broken)
    bad_keys = {(*problem.path, problem.key) for problem in problems if problem.kind == BAD_KEY}
    for at, problem in enumerate(problems):
        if len(run.found) > LIMIT or len(lacking) > LIMIT:
            run.left_out += len(problems) - at
            break
        key = (problem.kind, problem.path, problem.key)
        if key in seen:
            continue
        seen.add(key)
        place = bindings.get(problem.reported or ())
        if _is_reported(problem, unsound, bad_keys):
            run.place(stage_of(problem), (place,) if place is not None else tuple(places(problem)))
        if problem.kind != MISSING_KEY:
            run.blocks = True
            found = diagnose(root, problem, target)
            if found.key_path not in refused and not _is_acp_binding(problem):
                run.found.append(found)
        elif (problem.path, problem.key) not in mended:
            lacking.setdefault(problem.path, []).append(problem)
    run.found += [missing_keys(root, group) for group in lacking.values()]


def _is_reported(problem: Problem, unsound: set[KeyPath], bad_keys: set[KeyPath]) -> bool:
    """Whether OpenClaw comes to a problem, for all the others."""
    from openclaw_config.validation.config import prefixes
    from openclaw_config.validation.issues import refiner

    path = problem.path
    if refiner(path) in unsound and not problem.aborts:
        return False
    # It looks at the value of a bad key in the schemas of channels and plugins alone.
    return by_json_schema(path) or bad_keys.isdisjoint(prefixes((path,)))


def _misspelt(problems: list[Problem], target: str) -> set[tuple[KeyPath, str]]:
    """The missing keys that a misspelt key beside them was meant to be: one finding says it."""
    from openclaw_config.validation.structure import meant_key

    missing = {problem.path for problem in problems if problem.kind == MISSING_KEY}
    return {
        (problem.path, meant)
        for problem in problems
        if problem.kind == UNKNOWN_KEY
        and problem.path in missing
        and (meant := meant_key(problem, target)) is not None
    }


def _is_acp_binding(problem: Problem) -> bool:
    """A channel's ``bindings`` with an ``acp``: the rule channel-acp-bindings says more."""
    member = problem.member
    return (
        problem.kind == UNKNOWN_KEY
        and problem.key == "bindings"
        and problem.path[:1] == ("channels",)
        and member is not None
        and isinstance(child(member.value, "acp"), ObjectNode | ArrayNode)
    )


def _replaced(root: Node, problem: Problem, patterns: tuple[tuple[str, ...], ...]) -> bool:
    """Whether a rule about SecretRefs says better what is wrong here."""
    from openclaw_config.validation.secret_refs import is_secret_ref

    return is_secret_ref(problem.node) and any(
        _matches(problem.path, pattern) for pattern in patterns
    )


def _matches(path: KeyPath, pattern: tuple[str, ...]) -> bool:
    return len(path) == len(pattern) and all(
        step in ("*", "[]") or step == mine for mine, step in zip(path, pattern, strict=True)
    )


def _rules(config: Config, run: _Run, optional: bool) -> None:
    from openclaw_config.validation.issues import rule_place
    from openclaw_config.validation.rule_set import checks

    for check in checks(config.root.index, optional):
        for count, diagnostic in enumerate(check.run(config)):
            run.add(check.stage, diagnostic, (rule_place(check.stage, diagnostic.key_path),))
            if count > LIMIT and run.blocks:
                break  # the verdict is certain, and nobody reads so many
