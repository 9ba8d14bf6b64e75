"""Comments that silence rules: ``// openclaw-config: ignore[rule-a, rule-b] reason``.

One that follows something on its line is about that line; any other, about the next line on which
something stands. ``ignore-file[rule]`` is about the whole file. What a finding is about is the line
on which it starts. Only comments count, wherever the text is broken, and never a string.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import NamedTuple, TypeAlias

from openclaw_config.diagnostics.model import WARNING, Diagnostic, Edit, Fix, rule
from openclaw_config.lint.selection import ALL, DEFAULT, unknown
from openclaw_config.syntax.edits import remove_comment
from openclaw_config.syntax.nodes import Tree
from openclaw_config.syntax.text import COMMENT, SPACE, Location, Source, Span
from openclaw_config.validation.suggest import nearest
from openclaw_config.validation.validate import LIMIT

NEEDS_VARIABLES = frozenset({"missing-variable", "variable-flood"})
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


class Name(NamedTuple):
    """A rule's name in a suppression."""

    rule: str
    span: Span


class Suppression(NamedTuple):
    """A comment that silences rules on a line, counted from 1, or in the whole file: ``line`` 0."""

    source: Source
    comment: Span
    line: int
    names: tuple[Name, ...]


class Read(NamedTuple):
    """The suppressions of a config's files, and what is wrong with them."""

    suppressions: tuple[Suppression, ...]
    findings: tuple[Diagnostic, ...]


def breaks_off_in_names(comment: str) -> bool:
    """Whether the beginning of a comment ends where the name of a rule belongs."""
    match = _COMMENT.match(comment)
    return match is not None and match[1] in _WORDS and match[2] is not None and not match[3]


def read(trees: Iterable[Tree]) -> Read:
    """The suppressions of the trees, those with unknown rules included."""
    found: list[Suppression] = []
    wrong: list[Diagnostic] = []
    for tree in trees:
        lines: dict[int, int] = {}
        for comment in tree.comments if _MARK in tree.source.text else ():
            match = _COMMENT.match(tree.source.text, comment.start, comment.end)
            if match is not None:
                lines = lines or _lines(tree)
                one = _read(tree.source, comment, lines[comment.start], match)
                if isinstance(one, Suppression):
                    found.append(one)
                elif one is not None:
                    wrong.append(one)
    missing = _unknown(found)
    named = ((one.source, name) for one in found for name in one.names if name.rule in missing)
    for source, (name, span) in islice(named, LIMIT + 1):
        close = missing[name]
        fix = Fix(f"write {close}", (Edit(span, close),), safe=False) if close else None
        label = f"did you mean `{close}`?" if close else ""
        place, message = Location(source, span), f"there is no rule `{name}`"
        wrong.append(invalid_suppression.at(place, message, label=label, fix=fix))
    return Read(tuple(found), tuple(wrong))


def _read(
    source: Source, comment: Span, line: int, match: re.Match[str]
) -> Suppression | Diagnostic | None:
    """What a comment says that begins like a suppression."""
    word, listed = match[1], match[2]
    if word not in _WORDS:
        close = nearest(word, _WORDS)
        if close is None:
            return None
        message, label = f"`{word}` silences nothing", f"did you mean `{close}`?"
    elif match[3] is None or not listed.strip(" ,"):
        message = f"`{word}` names no rule, so it silences nothing"
        label = f"write {word}[rule], with the rule's name"
    else:
        found = _NAME.finditer(source.text, *match.span(2))
        names = tuple(Name(name[0], Span(*name.span())) for name in found)
        return Suppression(source, comment, 0 if word == "ignore-file" else line, names)
    return invalid_suppression.at(Location(source, Span(*match.span(1))), message, label=label)


def _unknown(suppressions: Iterable[Suppression]) -> dict[str, str | None]:
    """The names that are no rule's, each with what was probably meant.

    A pattern is none: what a comment silences is to be seen from it.
    """
    names = {name.rule for one in suppressions for name in one.names}
    groups = {name for name in names if name in (ALL, DEFAULT) or "*" in name}
    return {**dict.fromkeys(groups), **unknown(names - groups)}


def _lines(tree: Tree) -> dict[int, int]:
    """The line that each comment is about, by the comment's start."""
    kinds, starts = tree.tokens
    source, text = tree.source, tree.source.text
    found: dict[int, int] = {}
    waiting: list[int] = []  # comments that have nothing before them on their lines
    last = -1  # the line on which what counts has ended last
    for kind, start, end in zip(kinds, starts, starts[1:], strict=False):
        if kind == COMMENT:
            line = source.position(start).line
            found[start] = line
            if line != last:
                waiting.append(start)
        elif kind != SPACE:
            for comment in waiting:
                found[comment] = source.position(start).line
            waiting.clear()
            # A mark's token has the white space behind it, line ends included.
            size = len(text[start:end].rstrip(" \t\r\n"))
            last = source.position(start + max(size - 1, 0)).line
    return found


Used: TypeAlias = set[tuple[int, int, str]]
"""What silenced something: the id of a source, the line of a suppression in it, and the rule."""


def apply(
    found: Iterable[Diagnostic], suppressions: Iterable[Suppression]
) -> tuple[tuple[Diagnostic, ...], Used]:
    """The findings that no suppression silences, and what silenced the others."""
    silencing = {
        (id(one.source), one.line, name.rule) for one in suppressions for name in one.names
    }
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
    for one in suppressions:
        where = "in this file" if one.line == 0 else f"on line {one.line}"
        idle = [
            name
            for name in one.names
            if (id(one.source), one.line, name.rule) not in used
            if name.rule not in others and runs(name.rule)
        ]
        fixes = [(name, "remove the name", _without(one.source.text, name)) for name in idle]
        if len(idle) == len(one.names):
            rules = ", ".join(dict.fromkeys(name.rule for name in idle))
            removal = remove_comment(one.source.text, one.comment)
            fixes = [(Name(rules, one.comment), "remove the comment", removal)]
        for (rules, span), title, removal in fixes:
            message, fix = f"there is nothing to silence {where}: {rules}", Fix(title, (removal,))
            found.append(unused_suppression.at(Location(one.source, span), message, fix=fix))
        if len(found) > LIMIT:
            break
    return found


def _without(text: str, name: Name) -> Edit:
    """Take a name out, with the comma and the spaces behind it, or with those before it."""
    start, end = name.span
    rest = _COMMA.match(text, end)
    if rest is not None:
        end = rest.end()
    else:
        while text[start - 1] in ", \t":
            start -= 1
    return Edit(Span(start, end), "")
