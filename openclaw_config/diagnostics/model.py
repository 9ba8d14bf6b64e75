"""What a finding is. Every stage may make Diagnostics; none prints, none exits."""

# No "from __future__ import annotations" here: with it NamedTuple compiles every annotation again.
from typing import Final, Literal, NamedTuple, TypeAlias

from openclaw_config.syntax.spans import KeyPath, Location, Span

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
