"""From what is true of a config to what a person wants to hear of it.

Suppressions come first, then the selection of rules, then the baseline. None of them says whether
OpenClaw loads the config: ``loads`` and ``blocks`` stay what they are.
"""

from __future__ import annotations

from typing import NamedTuple

from openclaw_config.diagnostics.model import Diagnostic
from openclaw_config.lint import suppressions
from openclaw_config.lint.held import Held
from openclaw_config.lint.options import Outcome
from openclaw_config.lint.run import files_of
from openclaw_config.report import Report, in_order
from openclaw_config.syntax.spans import Source
from openclaw_config.syntax.tree import Tree
from openclaw_config.validation.limit import limited


class Judged(NamedTuple):
    """What came of a report.

    ``report`` has what is to be shown, ``found`` everything, and ``known`` the fingerprints of the
    findings that the baseline kept back.
    """

    report: Report
    found: tuple[Diagnostic, ...]
    known: frozenset[str] = frozenset()

    @property
    def readable(self) -> bool:
        """Whether validation has looked at the config; reading stops at the first that is wrong."""
        document = self.report.document
        return document is not None and document.readable

    @property
    def trees(self) -> tuple[Tree, ...]:
        """The trees of the texts, in the same order."""
        document = self.report.document
        return () if document is None else document.trees

    @property
    def sources(self) -> tuple[Source, ...]:
        """The config's own text, and those that it includes."""
        document = self.report.document
        return () if document is None else document.sources


def judged(report: Report, path: str, held: Held) -> Outcome:
    """The outcome for the config at an absolute path."""
    return outcome(judge(report, held), path, held)


def outcome(judged: Judged, path: str, held: Held) -> Outcome:
    """The outcome for the config at an absolute path, which was judged."""
    files = files_of(judged.report, path)
    known = judged.known
    if held.baseline is not None:
        # What was not looked for is not gone.
        known |= held.baseline.kept(files, judged.readable, held.selection.runs)
    return Outcome(judged.report, held.about_settings, files, held.baseline_path, known)


def judge(report: Report, held: Held) -> Judged:
    """Leave out what is silenced, not selected, or known."""
    found, kept = _without_silenced(report, held)
    shown = report._replace(diagnostics=held.apply(kept))
    known: frozenset[str] = frozenset()
    if held.baseline is not None:
        shown, known = held.baseline.filter(shown)
    return Judged(shown, found, known)


def _without_silenced(
    report: Report, held: Held
) -> tuple[tuple[Diagnostic, ...], tuple[Diagnostic, ...]]:
    """All findings, those about suppressions included, and those that are not silenced."""
    document = report.document
    read = suppressions.read(() if document is None else document.trees)
    if not (read.suppressions or read.findings):
        return report.diagnostics, report.diagnostics
    kept, used = suppressions.apply(report.diagnostics, read.suppressions)
    more = list(read.findings)
    if document is not None and document.readable and held.environment.assume:
        # Otherwise a rule may just have had nothing to look at.
        more += suppressions.unused(read.suppressions, used, held.selection.runs)
    more = list(limited(more))
    found = in_order([*report.diagnostics, *more], report.name)
    spoken, _ = suppressions.apply(more, read.suppressions)
    return found, in_order([*kept, *spoken], report.name)
