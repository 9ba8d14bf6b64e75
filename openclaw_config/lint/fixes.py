"""Applies the fixes of findings to the text, and reverts a fix that does not reduce findings.

Fixes are tried together, and one by one where that does no good; after each try the whole config
is checked again. A try counts when less is left to complain about, no new error has come up, and no
comment is lost by a fix that counts as safe. So no outcome is worse than the text before, and
fixing it again changes nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from time import monotonic
from typing import NamedTuple, TypeAlias

from openclaw_config.diagnostics.model import ERROR, INFO, WARNING, Diagnostic
from openclaw_config.lint.options import FilteredReport
from openclaw_config.syntax.edits import apply, safe_edits
from openclaw_config.syntax.nodes import MAX_ERRORS
from openclaw_config.syntax.text import Source

_CHAIN = 4
"""How many rounds of fixes may follow on one that uncovers errors, to fix these as well."""

_MOST_CHARACTERS = 20_000_000
"""How much text is read again in one run. A file of 20 KB may be tried a thousand times."""

_MOST_SECONDS = 2.5
"""How long one run may take, the first check included. An ordinary file takes a tenth of a second.

A try is begun only if it ends in time when it takes as long as the one before it."""

UNFIT = frozenset({"invalid-utf8", "wrong-encoding"})
"""Rules about texts that would not be written back as they were read."""

_HALF_CHARACTER = re.compile("[\ud800-\udfff]")

_IDLE = "unused-suppression"
"""A finding that may be triggered by another fix: nothing is left there to silence."""

_OF_COMMENTS = frozenset({_IDLE, "invalid-suppression", "wrong-comment"})
"""Rules whose fixes change a comment. No other safe fix may make one go."""

Texts: TypeAlias = Mapping[str, str]
"""The texts of files by their absolute paths; "" is a config that has no path."""


Examine: TypeAlias = Callable[[Texts], FilteredReport]
"""Checks a config with some of its texts exchanged."""


class Fixed(NamedTuple):
    """What fixing came to.

    ``texts`` are those that changed, ``fixed`` the findings whose fixes were made, in that order,
    and ``before`` and ``after`` the filtered reports.
    """

    texts: Texts
    fixed: tuple[Diagnostic, ...]
    before: FilteredReport
    after: FilteredReport

    def __repr__(self) -> str:
        # Never the texts, which may hold a secret.
        return f"<fixed {len(self.fixed)} findings of {self.before.report!r}>"


def key_of(source: Source) -> str:
    """What a source is called among texts."""
    return source.path or ""


def fix(examine: Examine, *, unsafe: bool = False) -> Fixed:
    """Apply every fix that does good, of those that a person gets to see.

    Unsafe fixes are applied only with ``unsafe``. What includes bring is fixed too.
    """
    run = _Run(examine, unsafe)
    before = run.filtered
    run.run()
    return Fixed(run.texts, tuple(run.fixed), before, run.outcome())


class _Run:
    """One run: the texts so far, what is left, and how long it may go on."""

    def __init__(self, examine: Examine, unsafe: bool) -> None:
        started = monotonic()
        self.deadline = started + _MOST_SECONDS
        self.examine = examine
        self.unsafe = unsafe
        self.texts: Texts = {}
        self.filtered = examine({})
        self.fixed: list[Diagnostic] = []
        self.left = _MOST_CHARACTERS
        self.cost = monotonic() - started
        self.unfit = {
            key_of(item.location.source)
            for item in self.filtered.found
            if item.rule in UNFIT and item.location is not None
        }

    def run(self) -> None:
        rejected: set[object] = set()
        progress = False
        while not self.is_over():
            fixable = self.fixable(self.filtered)
            waiting = [item for item in fixable if _identity(item) not in rejected]
            if not waiting:
                if not (rejected and progress):
                    return
                # What did no good before may do so now.
                rejected.clear()
                progress = False
                continue
            # What fails together is narrowed down by halves to one that does no good.
            group = waiting
            while not self.attempt(group):
                if len(group) == 1 or self.is_over():
                    rejected.add(_identity(group[0]))
                    break
                group = group[: len(group) // 2]
            else:
                progress = True

    def outcome(self) -> FilteredReport:
        """What is left, and where a fix did no good, why it was not made."""
        if self.is_over():
            return self.filtered
        left = {id(item) for item in self.fixable(self.filtered)}
        shown = tuple(
            _refused(item) if id(item) in left else item
            for item in self.filtered.report.diagnostics
        )
        return self.filtered._replace(report=self.filtered.report._replace(diagnostics=shown))

    def is_over(self) -> bool:
        """Whether there is no time for another try; what is left, another run will fix."""
        return self.left <= 0 or monotonic() + self.cost > self.deadline

    def fixable(self, filtered: FilteredReport) -> list[Diagnostic]:
        """The findings whose fix may be applied."""
        keys = {key_of(source) for source in filtered.report.sources} - self.unfit
        return [
            item
            for item in filtered.report.diagnostics
            if item.fix is not None
            and item.location is not None
            and (item.fix.safe or self.unsafe)
            and key_of(item.location.source) in keys
        ]

    def attempt(self, group: Sequence[Diagnostic]) -> bool:
        """Apply the fixes of some findings, and keep the outcome if it is the better for them."""
        texts, filtered = self.texts, self.filtered
        known = {_place(item) for item in filtered.found}
        fixed: list[Diagnostic] = []
        for _ in range(_CHAIN):
            started = monotonic()
            applied = _applied(filtered.report.sources, group)
            if applied is None:
                return False
            changed, taken = applied
            texts = {**texts, **changed}
            fixed += taken
            self.left -= sum(len(source.text) for source in filtered.report.sources)
            filtered = self.examine(texts)
            if not self.unsafe and _takes_comments(fixed, self.filtered, filtered):
                return False
            better = _better(filtered, self.filtered)
            self.cost = monotonic() - started
            if better:
                self.texts, self.filtered = texts, filtered
                self.fixed += fixed
                return True
            # A key that is spelt right at last may hold a value that is wrong.
            group = [
                item for item in self.fixable(filtered) if item.blocks and _place(item) not in known
            ]
            if not group or self.is_over():
                return False
        return False


def _refused(item: Diagnostic) -> Diagnostic:
    """A finding whose fix was tried and not made."""
    assert item.fix is not None
    why = "this fix was not made: it would bring up another finding, or lose a comment"
    return item._replace(fix=None, helps=(*item.helps, item.fix.title), notes=(*item.notes, why))


def _takes_comments(
    fixed: Sequence[Diagnostic], before: FilteredReport, after: FilteredReport
) -> bool:
    """Whether more comments went than the fixes were about."""
    gone = Counter(_comments(before)) - Counter(_comments(after))
    return gone.total() > sum(item.rule in _OF_COMMENTS for item in fixed)


def _comments(filtered: FilteredReport) -> Iterator[str]:
    for tree in filtered.report.document.trees if filtered.report.document else ():
        for start, end in tree.comments:
            yield tree.source.text[start:end]


def _applied(
    sources: Sequence[Source], group: Sequence[Diagnostic]
) -> tuple[dict[str, str], list[Diagnostic]] | None:
    """The texts after the fixes, and the findings whose fixes fitted in; None for no change."""
    before = {key_of(source): source.text for source in sources}
    texts: dict[str, str] = {}
    taken: list[Diagnostic] = []
    for key, text in before.items():
        mine = [
            item._replace(fix=item.fix._replace(safe=True))
            for item in group
            if item.fix is not None and _place(item)[-1] == key
        ]
        edits = safe_edits(mine)
        if edits:
            texts[key] = apply(text, edits)
        fitting = {id(edit) for edit in edits}
        taken += [item for item in mine if item.fix and fitting.issuperset(map(id, item.fix.edits))]
    changed = any(text != before[key] for key, text in texts.items())
    # Half a character cannot be written.
    broken = any(_HALF_CHARACTER.search(text) for text in texts.values())
    return (texts, taken) if changed and not broken else None


def _better(after: FilteredReport, before: FilteredReport) -> bool:
    """Whether less is left to complain about, and no error that was not there before.

    A warning may come up where an error goes: nobody looked there until now. That a key stands
    twice is worse than any, for OpenClaw would pass over its former value.
    """
    if before.report.readable:
        if not after.report.readable:
            return False
        more = Counter((item.severity, item.rule) for item in after.found if item.rule != _IDLE)
        more.subtract((item.severity, item.rule) for item in before.found)
        new = {rule: severity for (severity, rule), count in more.items() if count > 0}
        if ERROR in new.values() or "duplicate-key" in new:
            return False
        if new and _severities(after.found)[ERROR] == _severities(before.found)[ERROR]:
            return False
    return _rank(after) < _rank(before)


def _severities(found: Iterable[Diagnostic]) -> Counter[str]:
    return Counter(item.severity for item in found)


def _rank(filtered: FilteredReport) -> tuple[int, ...]:
    """How much is wrong; the most severe first, so that less of it outweighs more of the rest.

    While the texts cannot be read, only what keeps them from it counts: the rest of what is wrong
    comes to light as they get better.
    """
    document = filtered.report.document
    found = filtered.found if filtered.report.readable or document is None else document.diagnostics
    counted = [item for item in found if item.rule != _IDLE]
    count = _severities(counted)
    errors = count[ERROR]
    unread = 0
    if errors >= MAX_ERRORS and not filtered.report.readable:
        # Reading stopped at the limit: getting further is progress too.
        places = [item.location for item in counted if item.location and item.severity == ERROR]
        last = {key_of(source): span.start for source, span in sorted(places, key=itemgetter(1))}
        unread = sum(
            len(source.text) - last.get(key_of(source), len(source.text))
            for source in filtered.report.sources
        )
    comments = len(found) - len(counted)
    return (not filtered.report.readable, errors, unread, count[WARNING], count[INFO], comments)


def _identity(item: Diagnostic) -> object:
    edits = item.fix.edits if item.fix else ()
    return (*_place(item), tuple(edit.text for edit in edits))


def _place(item: Diagnostic) -> tuple[object, ...]:
    source = item.location.source if item.location else None
    return (item.rule, item.key_path, key_of(source) if source else None)
