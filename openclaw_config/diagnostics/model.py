"""What a finding is, a rule, and a report: the findings about one config.

Every stage may make Diagnostics; none prints, none exits.

A rule is a function that ``@rule`` decorates, and its docstring is its documentation: a summary of
one line, a paragraph that says why, then fields. A check never reads a docstring: the texts are
taken apart for those who ask for them (``explain``, the documentation, SARIF).

    @rule("gateway")
    def stale_threshold(context: RuleContext) -> Iterator[Diagnostic]:
        '''A channel counts as stale before its health is checked.

        channelStaleEventThresholdMinutes must be at least channelHealthCheckMinutes.

        bad: { gateway: { channelStaleEventThresholdMinutes: 3 } }
        good: { gateway: { channelStaleEventThresholdMinutes: 30 } }
        source: gateway-stale-threshold
        '''
        ...
        yield stale_threshold.at(node.location, "…", path)

A rule whose findings another stage makes has no parameter and no body but the docstring.
"""

# No "from __future__ import annotations" here: with it NamedTuple compiles every annotation again.
import os
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias

from openclaw_config.syntax.text import KeyPath, Location, Span

if TYPE_CHECKING:
    from openclaw_config.loading.load import Document
    from openclaw_config.syntax.text import Source


Severity: TypeAlias = Literal["error", "warning", "info"]
ERROR: Final = "error"
WARNING: Final = "warning"
INFO: Final = "info"
SEVERITIES: tuple[Severity, ...] = (ERROR, WARNING, INFO)
"""From the most to the least severe. Only an error keeps a config from loading."""
WORDS: dict[Severity, str] = {ERROR: "error", WARNING: "warning", INFO: "note"}
"""What compilers call them."""


class Edit(NamedTuple):
    """Replace the text of a span (empty for an insertion) in the fix's source."""

    span: Span
    text: str

    def __repr__(self) -> str:
        # The text may move a secret along, and a repr ends up in logs.
        return f"<edit of {self.span.start} to {self.span.end}>"


class Fix(NamedTuple):
    """Text edits that resolve a diagnostic.

    ``edits`` lie in one source, that of the diagnostic's location, and do not overlap. A fix is
    ``safe`` when it cannot change the meaning of what the author wrote otherwise.
    """

    title: str
    edits: tuple[Edit, ...]
    safe: bool = True


class Related(NamedTuple):
    """A second place that belongs to a finding, with what to say there."""

    location: Location
    message: str


class Diagnostic(NamedTuple):
    """One finding: where, what, why, and the fix.

    ``rule`` is the kebab-case name that the registry documents. ``message`` is one line without a
    full stop. ``location`` is None only where no text exists (a missing file). ``key_path`` is the
    place in the merged document, () being the root. ``label`` stands beside the caret. ``notes``
    give context, ``helps`` say what to do. ``blocks`` is true when OpenClaw refuses to load the
    file because of this finding.
    """

    rule: str
    severity: Severity
    message: str
    location: Location | None = None
    key_path: KeyPath = ()
    label: str = ""
    notes: tuple[str, ...] = ()
    helps: tuple[str, ...] = ()
    related: tuple[Related, ...] = ()
    fix: Fix | None = None
    blocks: bool = False

    @property
    def advice(self) -> tuple[str, ...]:
        """What to do: the helps, and the title of the fix where nothing says it yet."""
        if self.fix is None or self.fix.title in (*self.helps, self.label):
            return self.helps
        return (*self.helps, self.fix.title)

    def __repr__(self) -> str:
        # Neither the key path nor an edit: both may hold a secret, and a repr ends up in logs.
        return f"<Diagnostic {self.rule} at {self.location}: {self.message}>"

    def __str__(self) -> str:
        """The finding as the command line shows it, without colour."""
        from openclaw_config.diagnostics.text import render

        return next(render([self]))


def key_path_text(path: KeyPath) -> str:
    """A key path as people write it: ``agents.list[0].id``; odd keys are quoted."""
    out = ""
    for step in path:
        if isinstance(step, int):
            out += f"[{step}]"
        elif step.replace("-", "_").isidentifier():
            out += f".{step}" if out else step
        else:
            escaped = step.replace("\\", "\\\\").replace('"', '\\"')
            out += f'["{escaped}"]'
    return out


def name_text(key: str) -> str:
    """A key as a message shows it: in back ticks, or with its odd signs escaped."""
    if key.strip() and key.isprintable():
        return f"`{key}`"
    import json

    return json.dumps(key)


class Rule(NamedTuple):
    """A rule and its documentation.

    ``summary`` is one line, ``why`` one paragraph. ``bad`` and ``good`` are whole configs: a test
    checks that the rule fires on the first and not on the second. ``source`` names the entries of
    docs/spec that the rule stands on. They are empty until ``documented`` reads the docstring.

    ``blocks`` is true when OpenClaw refuses the file for it. ``default`` is False for a rule that
    runs only when it is selected. ``subject`` is what ``bad`` and ``good`` are: a ``config``, a
    user's capability ``table``, a file of ``settings``, or a ``variables file``.

    ``run`` is called with the context of a config that has one of the ``sections`` (``*``: any).
    ``since`` is the first release of OpenClaw that has the rule and ``until`` the first one that no
    longer has it, "" when there is none. ``severities`` are pairs of a release and the severity
    from that release on. ``message``, ``label``, ``hint`` (a help) and ``fix`` (a title) are what a
    finding says where that is always the same.
    """

    name: str
    severity: Severity
    summary: str = ""
    why: str = ""
    bad: str = ""
    good: str = ""
    blocks: bool = False
    source: str = ""
    default: bool = True
    subject: str = "config"
    doc: str = ""
    sections: tuple[str, ...] = ()
    run: Callable[[Any], Iterable[Diagnostic]] | None = None
    since: str = ""
    until: str = ""
    severities: tuple[tuple[str, Severity], ...] = ()
    message: str = ""
    label: str = ""
    hint: str = ""
    fix: str = ""

    def at(
        self,
        location: Location | None,
        message: str = "",
        key_path: KeyPath = (),
        **details: Any,
    ) -> Diagnostic:
        """A finding of this rule at a place; ``details`` are Diagnostic's other fields.

        What is not given is what the rule itself says. What looks like a secret is taken out of
        every sentence.
        """
        from openclaw_config.diagnostics.masking import masked

        helps = details.get("helps", (self.hint,) if self.hint else ())
        related = (one._replace(message=masked(one.message)) for one in details.get("related", ()))
        details["related"] = tuple(related)
        details["helps"] = tuple(map(masked, helps))
        details["notes"] = tuple(map(masked, details.get("notes", ())))
        if details.get("fix") is not None:
            details["fix"] = details["fix"]._replace(title=masked(details["fix"].title))
        details["label"] = masked(details.get("label", self.label))
        details.setdefault("blocks", self.blocks and self.severity == ERROR)
        said = masked(message or self.message)
        return Diagnostic(self.name, self.severity, said, location, key_path, **details)

    def of_release(self, release: str) -> "Rule | None":
        """The rule as a release of OpenClaw has it, None where that release does not have it."""
        if not (self.since or self.until or self.severities):
            return self
        at = version(release)
        if at < version(self.since) or (self.until and at >= version(self.until)):
            return None
        holding = (level for first, level in reversed(self.severities) if at >= version(first))
        severity = next(holding, self.severity)
        return self._replace(severity=severity, blocks=self.blocks and severity == ERROR)


@lru_cache(maxsize=256)
def version(release: str) -> tuple[int, ...]:
    """What orders releases: the numbers of ``2026.7.1-2``; () for the empty text."""
    return tuple(int(digits) for digits in re.findall("[0-9]+", release))


def rule(
    *sections: str, severity: Severity = ERROR, blocks: bool | None = None, **given: Any
) -> Callable[[Callable[..., Any]], Rule]:
    """Declare a function as a rule; the name is the function's, with hyphens.

    ``blocks`` is true for errors when it is not given. The others are fields of Rule; ``bad`` and
    ``good`` are for examples that a docstring cannot hold. Raises TypeError for what is no field,
    and when a function with a parameter looks at no section, or one without at some: such a rule
    would never run.
    """

    def declare(function: Callable[..., Any]) -> Rule:
        name = function.__name__.replace("_", "-")
        runs = function.__code__.co_argcount > 0
        if runs != bool(sections):
            raise TypeError(f"the rule {name} must take a context and name sections, or neither")
        return Rule(
            name,
            severity,
            blocks=severity == ERROR if blocks is None else blocks,
            doc=function.__doc__ or "",
            sections=sections,
            run=function if runs else None,
            **given,
        )

    return declare


_FIELDS = r"(?m)^(bad|good|source):"


@lru_cache(maxsize=256)
def documented(rule: Rule) -> Rule:
    """The rule with the texts of its docstring.

    What follows ``bad:`` on its line goes on in the lines below, joined by spaces; where nothing
    follows, the indented lines below are the example, line by line.
    """
    if not rule.doc:
        return rule
    from textwrap import dedent

    summary, _, rest = rule.doc.partition("\n")
    why, *parts = re.split(_FIELDS, dedent(rest))
    given: dict[str, Any] = {"bad": rule.bad, "good": rule.good}
    for name, text in zip(parts[::2], parts[1::2], strict=True):
        first, _, more = text.partition("\n")
        given[name] = " ".join(text.split()) if first.strip() else dedent(more.rstrip()) + "\n"
    return rule._replace(summary=summary.strip(), why=" ".join(why.split()), **given)


_PACKAGE = __name__.partition(".")[0]


_DECLARED = r"(?m)^@rule\([^@]*?^def (\w+)"


@lru_cache(maxsize=1)
def declared() -> dict[str, str]:
    """The modules that declare the rules, by the rules' names in alphabetical order.

    They are found in the text of the package, so none is imported.
    """
    from glob import iglob

    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    found = {}
    for path in iglob("**/*.py", root_dir=root, recursive=True):
        with open(os.path.join(root, path), encoding="utf-8") as module:
            for name in re.findall(_DECLARED, module.read()):
                steps = path.removesuffix(".py").split(os.sep)
                found[name.replace("_", "-")] = ".".join((_PACKAGE, *steps))
    return dict(sorted(found.items()))


@lru_cache(maxsize=256)
def rules_of(module: str) -> tuple[Rule, ...]:
    """The rules that a module declares, in its order. Imports the module."""
    return tuple(it for it in vars(import_module(module)).values() if isinstance(it, Rule))


def all_rules() -> dict[str, Rule]:
    """Every rule by name, in alphabetical order. Imports the modules that declare them."""
    found = {rule.name: rule for module in {*declared().values()} for rule in rules_of(module)}
    return {name: documented(found[name]) for name in declared()}


class Report(NamedTuple):
    """The findings about one config, and whether OpenClaw would load it.

    ``name`` is the main file as a person knows it. ``diagnostics`` are in the order of files and
    places. ``document`` is what was read, for those who want to go on with it; it holds the
    config's values, so neither ``repr`` nor any output shows it.
    """

    name: str
    diagnostics: tuple[Diagnostic, ...]
    loads: bool
    document: "Document | None" = None

    @property
    def readable(self) -> bool:
        """Whether validation has looked at the config; reading stops at the first that is wrong."""
        return self.document is not None and self.document.readable

    @property
    def sources(self) -> tuple["Source", ...]:
        """The config's own text, and those that it includes."""
        return () if self.document is None else self.document.sources

    @property
    def error_count(self) -> int:
        """How many findings are errors."""
        return sum(1 for found in self.diagnostics if found.severity == ERROR)

    @property
    def warning_count(self) -> int:
        """How many findings are warnings."""
        return sum(1 for found in self.diagnostics if found.severity == WARNING)

    def only_errors(self) -> "Report":
        """The report without its warnings and remarks."""
        errors = (found for found in self.diagnostics if found.severity == ERROR)
        return self._replace(diagnostics=tuple(errors))

    def __repr__(self) -> str:
        verdict = "loads" if self.loads else "does not load"
        counts = f"{self.error_count} errors, {self.warning_count} warnings"
        return f"<Report {self.name!r}: {verdict}, {counts}>"


def in_order(diagnostics: Iterable[Diagnostic], main: str | None = None) -> tuple[Diagnostic, ...]:
    """Findings by file (``main`` first, then by name), place, severity and rule; none twice."""

    def place(found: Diagnostic) -> tuple[Any, ...]:
        said = SEVERITIES.index(found.severity), found.rule, found.message
        if found.location is None:
            return (False, "", 0, 0, *said)
        source, span = found.location
        return (source.name != main, source.name, *span, *said)

    first: dict[tuple[Any, ...], Diagnostic] = {}
    for found in diagnostics:
        first.setdefault(place(found), found)
    return tuple(first[key] for key in sorted(first))
