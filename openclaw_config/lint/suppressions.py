"""Comments that silence rules: ``// openclaw-config: ignore[rule-a, rule-b] reason``.

One that follows something on its line is about that line; any other, about the next line on which
something stands. ``ignore-file[rule]`` is about the whole file. What a finding is about is the line
on which it starts. Only comments count, wherever the text is broken, and never a string.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby, islice
from typing import NamedTuple, TypeAlias

from openclaw_config.diagnostics.model import WARNING, Diagnostic, Edit, Fix, rule
from openclaw_config.lint.options import ALL, DEFAULT, unknown
from openclaw_config.syntax.edits import remove_comment
from openclaw_config.syntax.nodes import Tree
from openclaw_config.syntax.text import Location, Source, Span, trim
from openclaw_config.validation.suggest import meant, nearest
from openclaw_config.validation.validate import LIMIT

NEEDS_VARIABLES = frozenset({"missing-variable"})
"""Rules that find nothing while every variable is taken to be set."""

_MARK = "openclaw-config:"
_COMMENT = re.compile(rf"(?://|/\*)[\s*/]*{_MARK}\s*([A-Za-z-]*)\s*(?:\[([^\]\n\r]*)(\])?)?")
_WORDS = ("ignore", "ignore-file")
_NAME = re.compile(r"[^\s,]+")
_COMMA = re.compile(r"\s*,\s*")


@rule(severity=WARNING)
def unused_suppression() -> None:
    """A comment silences a rule that finds nothing there.

    What the comment was for has been fixed, or the comment stands in the wrong place: it is about
    its own line, or else about the next line that is no comment. Left alone, it would hide the next
    mistake there.

    bad:
      {
        // openclaw-config: ignore[unknown-key] a tool of ours reads it
        gateway: {},
      }
    good:
      {
        // openclaw-config: ignore[unknown-key] a tool of ours reads it
        lobster: "a",
      }
    """


@rule(severity=WARNING, hint="'openclaw-config check --list-rules' lists the rules")
def invalid_suppression() -> None:
    """A comment is meant to silence a rule and does not.

    A suppression names its rules in square brackets, parted by commas, as the brackets of their
    findings have them. Without a rule's name it would hide whatever comes, so there is no such
    form.

    bad:
      {
        // openclaw-config: ignore[unknwon-key]
        lobster: "a",
      }
    good:
      {
        // openclaw-config: ignore[unknown-key]
        lobster: "a",
      }
    """


class Suppression(NamedTuple):
    """A rule that a comment silences, on a line, counted from 1, or in the whole file: ``line`` 0.

    ``span`` is that of the rule's name.
    """

    source: Source
    comment: Span
    line: int
    rule: str
    span: Span

    @property
    def place(self) -> tuple[int, int, str]:
        """The id of the source, the line in it, and the rule."""
        return id(self.source), self.line, self.rule


def breaks_off_in_names(comment: str) -> bool:
    """Whether the beginning of a comment ends where the name of a rule belongs."""
    match = _COMMENT.match(comment)
    return match is not None and match[1] in _WORDS and match[2] is not None and not match[3]


def read(trees: Iterable[Tree]) -> tuple[list[Suppression], list[Diagnostic]]:
    """The suppressions of the trees, unknown rules included, and what is wrong with them."""
    found: list[Suppression] = []
    wrong: list[Diagnostic] = []
    for tree in trees:
        lines: dict[int, int] = {}
        for comment in tree.comments if _MARK in tree.source.text else ():
            match = _COMMENT.match(tree.source.text, comment.start, comment.end)
            if match is not None:
                lines = lines or _lines(tree)
                said = _read(tree.source, comment, lines[comment.start], match)
                if isinstance(said, Diagnostic):
                    wrong.append(said)
                else:
                    found += said
    missing = _unknown(found)
    for one in islice((one for one in found if one.rule in missing), LIMIT + 1):
        close = missing[one.rule]
        fix = Fix(f"write {close}", (Edit(one.span, close),), safe=False) if close else None
        place, message = Location(one.source, one.span), f"there is no rule `{one.rule}`"
        wrong.append(invalid_suppression.at(place, message, label=meant(close), fix=fix))
    return found, wrong


def _read(
    source: Source, comment: Span, line: int, match: re.Match[str]
) -> list[Suppression] | Diagnostic:
    """What a comment says that begins like a suppression."""
    word = match[1]
    close = word if word in _WORDS else nearest(word, _WORDS)
    if close is None:
        return []
    names = [*_NAME.finditer(source.text, *match.span(2))] if match[3] else []
    if names and close == word:
        about = 0 if word == "ignore-file" else line
        return [Suppression(source, comment, about, it[0], Span(*it.span())) for it in names]
    why = "names no rule, so it " if close == word else ""
    message, label = f"`{word}` {why}silences nothing", f"write {close}[rule], with a rule's name"
    return invalid_suppression.at(Location(source, Span(*match.span(1))), message, label=label)


def _unknown(suppressions: Iterable[Suppression]) -> dict[str, str | None]:
    """The names that are no rule's, each with what was probably meant.

    A pattern is none: what a comment silences is to be seen from it.
    """
    names = {one.rule for one in suppressions}
    groups = {name for name in names if name in (ALL, DEFAULT) or "*" in name}
    return {**dict.fromkeys(groups), **unknown(names - groups)}


def _lines(tree: Tree) -> dict[int, int]:
    """The line that each comment is about, by the comment's start."""
    source, text = tree.source, tree.source.text
    found: dict[int, int] = {}
    waiting: list[int] = []  # comments that have nothing before them on their lines
    behind = 0  # the end of the comment before
    last = -1  # the line on which what counts has ended last
    for start, end in (*tree.comments, Span(len(text), len(text))):
        between = text[behind:start]
        if counts := trim(between):
            first = behind + between.index(counts)
            found |= dict.fromkeys(waiting, source.position(first).line)
            waiting.clear()
            last = source.position(first + len(counts) - 1).line
        found[start] = source.position(start).line
        if found[start] != last:
            waiting.append(start)
        behind = end
    return found


Used: TypeAlias = set[tuple[int, int, str]]
"""The places of the suppressions that silenced something."""


def apply(
    found: Iterable[Diagnostic], suppressions: Iterable[Suppression]
) -> tuple[tuple[Diagnostic, ...], Used]:
    """The findings that no suppression silences, and what silenced the others."""
    silencing = {one.place for one in suppressions}
    used: Used = set()
    kept = []
    for item in found:
        hits: Used = set()
        if silencing and item.location is not None:
            source, (line, _) = id(item.location.source), item.location.position
            hits = silencing & {(source, 0, item.rule), (source, line, item.rule)}
        used |= hits
        if not hits:
            kept.append(item)
    return tuple(kept), used


def unused(
    suppressions: Sequence[Suppression], used: Used, runs: Callable[[str], bool]
) -> list[Diagnostic]:
    """A finding for each rule that a suppression names although it found nothing.

    Every variable is taken to have been set; ``runs`` tells which rules were looked for.
    """
    others = {*_unknown(suppressions), *NEEDS_VARIABLES}
    found: list[Diagnostic] = []
    for comment, group in groupby(suppressions, lambda one: (one.source, one.comment)):
        named, (source, span) = list(group), comment
        where = f"on line {named[0].line}" if named[0].line else "in this file"
        idle = [
            one
            for one in named
            if one.place not in used and one.rule not in others and runs(one.rule)
        ]
        fixes = [(one.rule, one.span, "name", _without(source.text, one.span)) for one in idle]
        if len(idle) == len(named):
            rules = ", ".join(dict.fromkeys(one.rule for one in idle))
            fixes = [(rules, span, "comment", remove_comment(source.text, span))]
        for rules, place, what, removal in fixes:
            message = f"there is nothing to silence {where}: {rules}"
            fix = Fix(f"remove the {what}", (removal,))
            found.append(unused_suppression.at(Location(source, place), message, fix=fix))
        if len(found) > LIMIT:
            break
    return found


def _without(text: str, name: Span) -> Edit:
    """Take a name out, with the comma and the spaces behind it, or with those before it."""
    start, end = name
    rest = _COMMA.match(text, end)
    if rest is not None:
        end = rest.end()
    else:
        while text[start - 1] in ", \t":
            start -= 1
    return Edit(Span(start, end), "")
