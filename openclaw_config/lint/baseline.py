"""Baselines: the findings that a project already had when it adopted the linter.

A baseline is a JSON file. Each entry is one finding, known by its fingerprint
(``fingerprints``), which stays the same while lines move; the file's name in it counts
from the baseline's own folder, so the check may run anywhere. The other fields are for people
who read the file. No value of a config is in it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Container, Iterable, Mapping
from typing import Any, NamedTuple

from openclaw_config.diagnostics.formats import fingerprints
from openclaw_config.diagnostics.model import Diagnostic, Report, key_path_text
from openclaw_config.files import read_regular
from openclaw_config.lint.options import Outcome

VERSION = 1
MAX_BYTES = 64 << 20
"""A larger baseline is not read."""


class Entry(NamedTuple):
    """A finding that is known. ``file`` counts from the baseline's folder, with forward slashes."""

    fingerprint: str
    file: str
    rule: str
    key: str


class Baseline(NamedTuple):
    """The known findings, by their fingerprints; ``path`` is where its file is.

    The names of files count from ``folder``, an absolute path.
    """

    path: str
    folder: str
    entries: Mapping[str, Entry]

    def filter(
        self, report: Report, files: Iterable[str], runs: Callable[[str], bool]
    ) -> tuple[Report, frozenset[str]]:
        """The report about some files without the findings that are known, and their fingerprints.

        Among these are those of findings that could not be met, since the files could not be read
        to the end, or since a rule did not run.
        """
        found = entries_of(report, self.folder)
        kept = [item for item, entry in found if entry.fingerprint not in self.entries]
        met = {entry.fingerprint for _, entry in found} & self.entries.keys()
        checked = self.names(files)
        for mark, entry in self.entries.items():
            if entry.file in checked and not (report.readable and runs(entry.rule)):
                met.add(mark)
        return report._replace(diagnostics=tuple(kept)), frozenset(met)

    def expired(self, met: Container[str], files: Iterable[str]) -> list[Entry]:
        """The entries that were not ``met``, of files that were checked or are gone.

        ``files`` are the absolute paths of those that were checked.
        """
        elsewhere = set(self.elsewhere(files))
        return [it for mark, it in self.entries.items() if mark not in met and it not in elsewhere]

    def elsewhere(self, files: Iterable[str]) -> list[Entry]:
        """The entries of files that are there and were not checked."""
        checked, folder = self.names(files), self.folder
        left = (entry for entry in self.entries.values() if entry.file not in checked)
        return [entry for entry in left if os.path.lexists(os.path.join(folder, entry.file))]

    def names(self, files: Iterable[str]) -> set[str]:
        """What files are called here."""
        return {_name(file, self.folder) for file in files}


def entries_of(report: Report, folder: str) -> list[tuple[Diagnostic, Entry]]:
    """Each finding of a report with its entry in a baseline that lies in ``folder``."""
    found = []
    for item in report.diagnostics:
        source = item.location.source if item.location else None
        name = report.name if source is None else source.path or source.name
        found.append((item, _name(name, folder)))
    return [
        (item, Entry(mark, file, item.rule, key_path_text(item.key_path)))
        for (item, file), mark in zip(found, fingerprints(found), strict=True)
    ]


def _name(path: str, folder: str) -> str:
    """A file's name in a baseline; a name such as ``<stdin>`` stays what it is."""
    if path.startswith("<"):
        return path
    try:
        return os.path.relpath(path, folder).replace(os.sep, "/")
    except ValueError:  # another drive, or no file can have this name
        return path


def read_baseline(path: str) -> Baseline:
    """The baseline in a file.

    Raises OSError and ValueError when it cannot be read, or is no baseline.
    """
    try:
        value = json.loads(read_regular(path, MAX_BYTES))
        rows: Any = value["findings"] if value["version"] == VERSION else None
        entries = [Entry(*(row[field] for field in Entry._fields)) for row in rows]
        if not all(isinstance(field, str) for entry in entries for field in entry):
            raise TypeError
    except (ValueError, RecursionError, LookupError, TypeError) as error:
        raise ValueError(f"it is no baseline of version {VERSION}") from error
    known = {entry.fingerprint: entry for entry in entries}
    return Baseline(path, os.path.dirname(os.path.abspath(path)), known)


def new_baseline(outcomes: Iterable[Outcome], path: str) -> list[Entry]:
    """The entries of a baseline that knows every finding of some outcomes.

    ``path`` is where it will lie. The entries there about files that were not checked are kept.
    """
    outcomes = list(outcomes)
    try:
        former = read_baseline(path)
    except (OSError, ValueError):
        former = Baseline(path, os.path.dirname(os.path.abspath(path)), {})
    entries = former.elsewhere(file for outcome in outcomes for file in outcome.files)
    for outcome in outcomes:
        entries += [entry for _, entry in entries_of(outcome.report, former.folder)]
    return sorted(set(entries), key=lambda one: (one[1:], one[0]))


def baseline_text(entries: Iterable[Entry]) -> str:
    """The text of a baseline, in ASCII."""
    rows = [
        {"file": file, "rule": rule, "key": key, "fingerprint": mark}
        for mark, file, rule, key in entries
    ]
    # A line for each entry, so that a version control system shows what came and went.
    lines = ",\n".join(f"    {json.dumps(row)}" for row in rows)
    findings = f"[\n{lines}\n  ]" if rows else "[]"
    return f'{{\n  "version": {VERSION},\n  "findings": {findings}\n}}\n'
