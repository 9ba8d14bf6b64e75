"""Applies the fixes of findings to the texts, and writes what came of it.

A fix that does not reduce findings is reverted: fixes are tried together, and one by one where that
does no good; after each try the whole config is checked again. A try counts when less is left to
complain about, no new error has come up, and no comment is lost by a fix that counts as safe. So no
outcome is worse than the text before, and fixing it again changes nothing.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from time import monotonic
from typing import TypeAlias

from openclaw_config.diagnostics.model import ERROR, INFO, WARNING, Diagnostic
from openclaw_config.files import ChangedMeanwhileError, is_inside, reason_of, write_atomically
from openclaw_config.lint.options import Change, Outcome
from openclaw_config.syntax.edits import apply, joined
from openclaw_config.syntax.nodes import MAX_ERRORS
from openclaw_config.syntax.text import Source

_CHAIN = 4
"""How many rounds of fixes may follow on one that uncovers errors, to fix these as well."""

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


Examine: TypeAlias = Callable[[Texts], Outcome]
"""Checks a config with some of its texts exchanged."""


def key_of(item: Diagnostic) -> str:
    """What the source of a finding with a place is called among texts."""
    return (item.location.source.path if item.location else None) or ""


class Fixing:
    """Applies every fix that does good, of those that a person gets to see.

    ``texts`` are those that changed, ``fixed`` the findings whose fixes were made, in that order;
    ``before`` and ``now`` are the outcomes. What includes bring is fixed too; unsafe fixes
    are made only with ``unsafe``.
    """

    def __init__(self, examine: Examine, *, unsafe: bool = False) -> None:
        started = monotonic()
        self.deadline = started + _MOST_SECONDS
        self.examine = examine
        self.unsafe = unsafe
        self.texts: Texts = {}
        self.before = self.now = examine({})
        self.fixed: list[Diagnostic] = []
        self.cost = monotonic() - started
        self.unfit = {key_of(item) for item in self.now.found if item.rule in UNFIT}
        self._run()

    def _run(self) -> None:
        rejected: set[object] = set()
        progress = False
        while not self._is_over():
            group = [one for one in self._fixable(self.now) if _identity(one) not in rejected]
            if not group:
                if not (rejected and progress):
                    return
                # What did no good before may do so now.
                rejected.clear()
                progress = False
                continue
            # What fails together is narrowed down by halves to one that does no good.
            while not (good := self._attempt(group)) and len(group) > 1 and not self._is_over():
                group = group[: len(group) // 2]
            progress = progress or good
            if not good:
                rejected.add(_identity(group[0]))

    def after(self) -> Outcome:
        """What is left, and where a fix did no good, why it was not made."""
        left = set() if self._is_over() else set(map(id, self._fixable(self.now)))
        report = self.now.report
        shown = [_refused(one) if id(one) in left else one for one in report.diagnostics]
        return self.now._replace(report=report._replace(diagnostics=tuple(shown)))

    def changes(self) -> tuple[Change, ...]:
        """What is to be written, the included files first: the config needs them."""
        made = []
        for source in reversed(self.before.report.sources):
            key = source.path or ""
            text = self.texts.get(key, source.text)
            if text != source.text:
                rules = tuple(item.rule for item in self.fixed if key_of(item) == key)
                before, after = source.text.encode(), text.encode()
                made.append(Change(key, source.name, before, after, rules, source.place))
        return tuple(made)

    def _is_over(self) -> bool:
        """Whether there is no time for another try; what is left, another run will fix."""
        return monotonic() + self.cost > self.deadline

    def _fixable(self, filtered: Outcome) -> list[Diagnostic]:
        """The findings whose fix may be applied."""
        keys = {source.path or "" for source in filtered.report.sources} - self.unfit
        return [
            item
            for item in filtered.report.diagnostics
            if item.fix and item.location and (item.fix.safe or self.unsafe)
            if key_of(item) in keys
        ]

    def _attempt(self, group: Sequence[Diagnostic]) -> bool:
        """Apply the fixes of some findings, and keep the outcome if it is the better for them."""
        texts, filtered = self.texts, self.now
        known = set(map(_place, filtered.found))
        fixed: list[Diagnostic] = []
        for _ in range(_CHAIN):
            started = monotonic()
            changed, taken = _applied(filtered.report.sources, group)
            texts = {**texts, **changed}
            fixed += taken
            filtered = self.examine(texts)
            self.cost = monotonic() - started
            if not self.unsafe and _takes_comments(fixed, self.now, filtered):
                return False
            if _better(filtered, self.now):
                self.texts, self.now = texts, filtered
                self.fixed += fixed
                return True
            # A key that is spelt right at last may hold a value that is wrong.
            group = [
                item
                for item in self._fixable(filtered)
                if item.blocks and _place(item) not in known
            ]
            if not group or self._is_over():
                return False
        return False


def _refused(item: Diagnostic) -> Diagnostic:
    """A finding whose fix was tried and not made."""
    why = "this fix was not made: it would bring up another finding, or lose a comment"
    return item._replace(fix=None, helps=item.advice, notes=(*item.notes, why))


def _takes_comments(fixed: Sequence[Diagnostic], before: Outcome, after: Outcome) -> bool:
    """Whether more comments went than the fixes were about."""
    gone = Counter(_comments(before)) - Counter(_comments(after))
    return gone.total() > sum(item.rule in _OF_COMMENTS for item in fixed)


def _comments(filtered: Outcome) -> Iterator[str]:
    for tree in filtered.report.document.trees if filtered.report.document else ():
        for start, end in tree.comments:
            yield tree.source.text[start:end]


def _applied(
    sources: Sequence[Source], group: Sequence[Diagnostic]
) -> tuple[dict[str, str], list[Diagnostic]]:
    """The texts that the fixes change, and the findings whose fixes fitted in."""
    texts: dict[str, str] = {}
    taken: list[Diagnostic] = []
    for source in sources:
        mine = [item for item in group if key_of(item) == (source.path or "")]
        edits = joined(item.fix for item in mine if item.fix)
        fitting = set(map(id, edits))
        taken += [item for item in mine if item.fix and fitting.issuperset(map(id, item.fix.edits))]
        text = apply(source.text, edits)
        if _HALF_CHARACTER.search(text):  # it cannot be written
            return {}, []
        if text != source.text:
            texts[source.path or ""] = text
    return texts, taken


def _better(after: Outcome, before: Outcome) -> bool:
    """Whether less is left to complain about, and no error that was not there before.

    A warning may come up where an error goes: nobody looked there until now. That a key stands
    twice is worse than any, for OpenClaw would pass over its former value.
    """
    now, was = _rank(after), _rank(before)
    if before.report.readable:
        kinds = [Counter((item.rule, item.severity) for item in it.found) for it in (after, before)]
        new = {rule: severity for rule, severity in kinds[0] - kinds[1] if rule != _IDLE}
        if ERROR in new.values() or "duplicate-key" in new:
            return False
        if new and now[:2] == was[:2]:
            return False
    return now < was


def _rank(filtered: Outcome) -> tuple[int, ...]:
    """How much is wrong; the most severe first, so that less of it outweighs more of the rest.

    While the texts cannot be read, only what keeps them from it counts: the rest of what is wrong
    comes to light as they get better.
    """
    document = filtered.report.document
    found = filtered.found if filtered.report.readable or document is None else document.diagnostics
    counted = [item for item in found if item.rule != _IDLE]
    count = Counter(item.severity for item in counted)
    errors = count[ERROR]
    unread = 0
    if errors >= MAX_ERRORS and not filtered.report.readable:
        # Reading stopped at the limit: getting further is progress too.
        places = [item.location for item in counted if item.location and item.severity == ERROR]
        last = {place.path: span.start for place, span in sorted(places, key=lambda it: it.span)}
        sizes = {source.path: len(source.text) for source in filtered.report.sources}
        unread = sum(size - last.get(path, size) for path, size in sizes.items())
    comments = len(found) - len(counted)
    return (not filtered.report.readable, errors, unread, count[WARNING], count[INFO], comments)


def _identity(item: Diagnostic) -> object:
    edits = item.fix.edits if item.fix else ()
    return (*_place(item), tuple(edit.text for edit in edits))


def _place(item: Diagnostic) -> tuple[object, ...]:
    return (item.rule, item.key_path, key_of(item))


def save(changes: Sequence[Change], config: str) -> str:
    """Write the changes of one config, whose folder confines what it includes (LOAD-22).

    ``config`` is its absolute path. When a file has changed since it was read, none of them is
    written. Gives "" when all is well, or else a sentence that says what went wrong.
    """
    written: list[Change] = []
    root = os.path.realpath(os.path.dirname(config))
    for change in changes:
        try:
            if change.path != config and not is_inside(root, os.path.realpath(change.path)):
                raise ChangedMeanwhileError("it has become a link that leads elsewhere")
            write_atomically(change.path, change.after, expected=change.before)
        except (OSError, ValueError) as error:
            for done in reversed(written):
                # Where somebody has gone on from there, theirs is the newest text.
                with suppress(OSError):
                    write_atomically(done.path, done.before, expected=done.after)
            why = f"cannot be written ({reason_of(error)})"
            if isinstance(error, ChangedMeanwhileError):
                why = "was changed meanwhile"
            return f"{change.name}: {why}, and is left as it is"
        written.append(change)
    return ""
