"""What a check has to say about one config."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from openclaw_config.diagnostics.model import ERROR, SEVERITIES, WARNING, Diagnostic

if TYPE_CHECKING:
    from openclaw_config.loading.document import Document
    from openclaw_config.syntax.spans import Source


class Report(NamedTuple):
    """The findings about one config, and whether OpenClaw would load it.

    ``name`` is the main file as a person knows it. ``diagnostics`` are in the order of files and
    places. ``document`` is what was read, for those who want to go on with it; it holds the
    config's values, so neither ``repr`` nor any output shows it.
    """

    name: str
    diagnostics: tuple[Diagnostic, ...]
    loads: bool
    document: Document | None = None

    @property
    def readable(self) -> bool:
        """Whether validation has looked at the config; reading stops at the first that is wrong."""
        return self.document is not None and self.document.readable

    @property
    def sources(self) -> tuple[Source, ...]:
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

    def only_errors(self) -> Report:
        """The report without its warnings and remarks."""
        errors = (found for found in self.diagnostics if found.severity == ERROR)
        return self._replace(diagnostics=tuple(errors))

    def __repr__(self) -> str:
        verdict = "loads" if self.loads else "does not load"
        return (
            f"<Report {self.name!r}: {verdict}, {self.error_count} errors, "
            f"{self.warning_count} warnings>"
        )


def in_order(diagnostics: Iterable[Diagnostic], main: str | None = None) -> tuple[Diagnostic, ...]:
    """Findings by file (``main`` first, then by name), place, severity and rule; none twice."""

    def place(found: Diagnostic) -> tuple[bool, str, int, int, int, str, str]:
        severity = SEVERITIES.index(found.severity)
        if found.location is None:
            return (False, "", 0, 0, severity, found.rule, found.message)
        source, span = found.location
        name = source.name
        return (name != main, name, span.start, span.end, severity, found.rule, found.message)

    first: dict[tuple[bool, str, int, int, int, str, str], Diagnostic] = {}
    for found in diagnostics:
        first.setdefault(place(found), found)
    return tuple(first[key] for key in sorted(first))
