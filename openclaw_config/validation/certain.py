"""What is certain about a config that could not be read as a whole.

The parser goes on behind an error as if its fix had been made. Where every error has a safe fix,
that is what the author meant, and all that validation finds holds. Otherwise only problems of
structure hold, and only those that touch nothing that an error left in doubt.
"""

from __future__ import annotations

from typing import NamedTuple

from openclaw_config.diagnostics.model import ERROR, Diagnostic, Rule
from openclaw_config.loading.load import Document
from openclaw_config.syntax import errors
from openclaw_config.syntax.nodes import ArrayNode, Node, ObjectNode, child
from openclaw_config.syntax.text import KeyPath, Source, Span
from openclaw_config.validation.schema import MISSING_KEY, UNKNOWN_KEY, Problem

SYNTAX = frozenset(rule.name for rule in vars(errors).values() if isinstance(rule, Rule))
_LOCAL_ERRORS = """
    equals-for-colon extra-colon extra-comma invalid-escape invisible-character leading-zero
    malformed-number missing-colon missing-comma missing-value misspelt-literal newline-in-string
    numeric-separator semicolon-for-comma undefined-value unquoted-key unquoted-string wrong-comment
"""
LOCAL = frozenset(_LOCAL_ERRORS.split())
"""Errors behind which everything stands where it seems to stand. Behind any other, a bracket or a
quote may belong elsewhere."""


class Doubt(NamedTuple):
    """What the errors of a document leave in doubt.

    ``spans`` are the stretches by the identities of their sources; ``complete`` is False when an
    included file did not bring its keys, which may then stand anywhere.
    """

    spans: dict[int, list[Span]]
    complete: bool

    def touches(self, source: Source, start: int, end: int) -> bool:
        """Whether a stretch has to do with something that is in doubt."""
        return any(first <= end and start <= last for first, last in self.spans.get(id(source), ()))

    def leaves(self, root: Node, path: KeyPath) -> bool:
        """Whether it is certain that something stands at a path; its value may be in doubt."""
        node: Node | None = root
        for step in path:
            if isinstance(node, ObjectNode):
                member = node.member(str(step))
                if member is None or self.touches(member.source, member.key_start, member.key_end):
                    return False
                node = member.value
            elif isinstance(node, ArrayNode) and isinstance(step, int) and step < len(node.items):
                item = node.items[step]
                if item.source is node.source and self.touches(node.source, node.start, item.start):
                    return False  # there may be more items before it, or fewer
                node = item
            else:
                return False
        return True

    def stands(self, root: Node, path: KeyPath, around: KeyPath) -> bool:
        """Whether what is said of a path holds, which depends on the whole value around it."""
        node = child(root, *around)
        untouched = node is not None and not self.touches(node.source, node.start, node.end)
        return untouched and self.leaves(root, path)

    def allows(self, root: Node, problem: Problem) -> bool:
        """Whether a problem of structure is there whatever the doubtful parts turn out to be."""
        if problem.kind == UNKNOWN_KEY and problem.union is None:
            return self.leaves(root, (*problem.path, problem.key))
        around = problem.path if problem.union is None else problem.union
        known = self.complete or problem.kind != MISSING_KEY
        return known and self.stands(root, problem.path, around)


def doubt_of(document: Document) -> Doubt | None:
    """What is in doubt in a document that is not readable; None when nothing is."""
    spans: dict[int, list[Span]] = {}
    complete = True
    for found in document.diagnostics:
        in_syntax = found.rule in SYNTAX
        if found.severity != ERROR or (in_syntax and found.fix is not None and found.fix.safe):
            continue
        if not in_syntax or found.rule not in LOCAL:
            complete = False
        if found.location is not None:
            spans.setdefault(id(found.location.source), []).append(_in_doubt(found, in_syntax))
    return Doubt(spans, complete) if spans or not complete else None


def _in_doubt(found: Diagnostic, in_syntax: bool) -> Span:
    """The stretch that an error without a safe fix leaves in doubt."""
    assert found.location is not None
    source, span = found.location
    spans = [span, *(near.location.span for near in found.related if near.location[0] is source)]
    if found.fix is not None:
        spans += [edit.span for edit in found.fix.edits]
    first, last = min(start for start, _ in spans), max(end for _, end in spans)
    if not in_syntax or found.rule in LOCAL:
        return Span(first, last)
    # Of several brackets that may lack their partner, nobody knows which one does.
    begins = found.rule == errors.unclosed_bracket.name and len(found.related) == 1
    return Span(first if begins else 0, len(source.text))
