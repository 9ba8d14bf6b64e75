"""How reports for programs name findings, so that they can be compared.

The fingerprint of a finding stays the same while the lines above it move: it is made of the rule,
the key path and the text of the line without its white space. Secrets are left out before anything
is hashed, since a short one could be guessed from its hash.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from openclaw_config.diagnostics.masking import hidden
from openclaw_config.diagnostics.model import Diagnostic
from openclaw_config.diagnostics.secret_spans import secret_spans
from openclaw_config.syntax.text import Location

_LONGEST = 1000
"""Characters of a line that count, from the finding's place on. A minified file is one line."""


def fingerprints(found: Iterable[tuple[Diagnostic, str]]) -> list[str]:
    """One fingerprint, in hexadecimal, for each finding, given with the name of its scope.

    Findings of one scope that are alike in everything that counts are distinguished by their order;
    a scope is a file's name where names are to count, and "" where they are not.
    """
    seen: dict[str, int] = {}
    made = []
    for item, scope in found:
        line = "" if item.location is None else _line(item.location)
        steps = [f"{type(step).__name__}:{step}" for step in item.key_path]
        parts = "\0".join([scope, item.rule, line, *steps])
        digest = sha256(parts.encode("utf-8", "surrogatepass")).hexdigest()
        seen[digest] = number = seen.get(digest, 0) + 1
        if number > 1:
            digest = sha256(f"{digest}:{number}".encode()).hexdigest()
        made.append(digest[:32])
    return made


def _line(location: Location) -> str:
    """The line where a place begins, its secrets masked and its white space gone."""
    source = location.source
    text, at = source.text, location.span.start
    number = source.position(at).line
    start = source.line_starts[number - 1]
    end = start + len(source.line(number))
    if end - start > _LONGEST:
        start, end = at, min(end, at + _LONGEST)
    secrets = [
        (max(span.start, start) - start, min(span.end, end) - start)
        for span in secret_spans(source)
        if span.end > start and span.start < end
    ]
    return "".join(hidden(text[start:end], secrets).split())
