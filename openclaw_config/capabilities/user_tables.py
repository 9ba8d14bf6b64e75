"""Capability tables that a user supplies: read from YAML, checked, with places in every error.

Imports ruamel.yaml, so only a run with ``--capabilities`` pays for it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from difflib import get_close_matches
from functools import lru_cache
from itertools import chain, islice

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from openclaw_config.capabilities import lookup
from openclaw_config.capabilities.lookup import Tables
from openclaw_config.diagnostics.model import Diagnostic, Related, in_order, rule
from openclaw_config.files import Stamp, read_regular, reason_of, stamp
from openclaw_config.plan.checking import Problem, problems
from openclaw_config.syntax.text import KeyPath, Location, Source, Span


@rule(blocks=False, subject="table")
def unreadable_capability_table() -> None:
    """A capability table cannot be read.

    A table that is given on the command line has to be a YAML file in UTF-8 that holds one mapping,
    of at most 1 MiB, without anchors and aliases. What cannot be read is not used, so lints about
    models would silently know less than you think.

    bad:
      target: 2026.4.29
      provider: [acme
    good:
      target: 2026.4.29
      provider: acme
      video:
        default: clip-1
        modes:
          generate: {durations: [5, 10], aspectRatios: ["16:9"]}
        models:
          clip-1: {}
    source: schema/capabilities.schema.json
    """


@rule(blocks=False, subject="table")
def invalid_capability_table() -> None:
    """A capability table says something that no table can say.

    Every key of a table has a meaning, and a key or value that is not known is most likely a
    mistake. The form is published in schema/capabilities.schema.json; editors that know YAML
    schemas complete it and check it while you type.

    bad:
      target: 2026.4.29
      provider: acme
      video:
        default: clip-1
        modes:
          generate: {duration: [5, 10]}
        models: {}
    good:
      target: 2026.4.29
      provider: acme
      video:
        default: clip-1
        modes:
          generate: {durations: [5, 10], aspectRatios: ["16:9"]}
        models:
          clip-1: {}
    source: schema/capabilities.schema.json
    """


MAX_BYTES = 262_144
"""A larger table is not read: YAML takes some 10 s for 1 MiB."""
MAX_FINDINGS = 100
"""How many findings of one file are reported."""


def load_user_table(path: str) -> tuple[Tables, tuple[Diagnostic, ...]]:
    """Read one table. Gives the tables (empty when there are findings) and the findings.

    Combine the result with the built-in tables by ``lookup.overlay``. Never raises for what the
    file holds, nor for a file that is missing.
    """
    try:
        text = read_regular(path, MAX_BYTES).decode("utf-8-sig")
    except (OSError, ValueError) as error:
        message = f"cannot read {path}: {reason_of(error)}"
        return {}, (unreadable_capability_table.at(None, message),)
    return parse_user_table(Source(text, path, os.path.abspath(path), None))


def with_user_table(path: str, release: str) -> tuple[Tables, tuple[Diagnostic, ...]]:
    """The tables of a release, one that a user supplies over them, and what is wrong with that."""
    return _with_user_table(path, release, stamp(path))


@lru_cache(maxsize=4)
def _with_user_table(path: str, release: str, _: Stamp) -> tuple[Tables, tuple[Diagnostic, ...]]:
    # Many configs are checked with one table.
    own, found = load_user_table(path)
    return lookup.overlay(lookup.built_in(release), own), found


def parse_user_table(source: Source) -> tuple[Tables, tuple[Diagnostic, ...]]:
    """As ``load_user_table``, from a text that is already read."""
    yaml = YAML(typ="safe", pure=True)
    try:
        root = yaml.compose(source.text) or yaml.compose("{}")
        anchored = next(_anchored(root), None)
        if anchored is not None:
            message = "anchors and aliases are not used in capability tables: write the values out"
            start = anchored.start_mark.index
            place = _location(source, start, start + len(anchored.anchor) + 1)
            return {}, (unreadable_capability_table.at(place, message),)
        value = yaml.constructor.construct_document(root)
    except MarkedYAMLError as error:
        return {}, (_yaml_finding(source, error),)
    except (YAMLError, ValueError, OverflowError, RecursionError) as error:
        # Control characters, numbers of thousands of digits, dates that do not exist and the like.
        at = getattr(error, "position", 0)
        message = "it holds a character or a value that cannot be read"
        return {}, (unreadable_capability_table.at(_location(source, at, at + 1), message),)
    wrong = islice(problems(value, "capabilities.schema.json"), MAX_FINDINGS)
    findings = in_order(_finding(source, root, problem) for problem in wrong)
    return ({}, findings) if findings else ({value.pop("provider"): value}, ())


def _location(source: Source, start: int, end: int) -> Location:
    most = len(source.text)
    return Location(source, Span(min(start, most), min(end, most)))


def _anchored(node: Node) -> Iterator[Node]:
    """The outermost nodes with an anchor: from such a small file could become a large value."""
    if node.anchor:
        yield node
    elif not isinstance(node.value, str):
        items = chain.from_iterable(node.value) if isinstance(node, MappingNode) else node.value
        for item in items:
            yield from _anchored(item)


def _yaml_finding(source: Source, error: MarkedYAMLError) -> Diagnostic:
    mark, begun = error.problem_mark or error.context_mark, error.context_mark
    at = 0 if mark is None else mark.index
    problem = (error.problem or "this is not YAML").splitlines()[0].removeprefix("but ")
    if "duplicate key" in problem:
        problem = "the key stands here for the second time"
        begun = None
    related: tuple[Related, ...] = ()
    if begun is not None and begun.index < at:
        place = _location(source, begun.index, begun.index + 1)
        related = (Related(place, (error.context or "it starts here").splitlines()[0]),)
    return unreadable_capability_table.at(_location(source, at, at + 1), problem, related=related)


# --- from problems to places --------------------------------------------------------------------


def _finding(source: Source, root: Node, problem: Problem) -> Diagnostic:
    key, node, path = _place(root, problem.path)
    message, helps = problem.message, tuple[str, ...]()
    if problem.known:
        name = str(problem.path[-1])
        near = get_close_matches(name, problem.known, 1)
        known = f"known keys: {', '.join(sorted(problem.known))}"
        message, helps = f"unknown key {name!r}", (f"did you mean {near[0]}?" if near else known,)
    # A value that is left out has no text of its own to point at.
    empty = node.start_mark.index == node.end_mark.index
    node = key if key is not None and (problem.at_key or empty) else node
    start, end = node.start_mark.index, node.end_mark.index
    # Of a node over several lines, its first line.
    lines = source.text[start:end].splitlines()
    place = _location(source, start, start + len(lines[0]) if lines else end)
    return invalid_capability_table.at(place, message, path, helps=helps)


def _place(root: Node, steps: KeyPath) -> tuple[Node | None, Node, KeyPath]:
    """The key and the value that steps lead to, as far as they name nodes, and the way there."""
    key: Node | None = None
    node = root
    path: KeyPath = ()
    for step in steps:
        if isinstance(node, MappingNode):
            # A key that is no text names none.
            named = [one for one in node.value if getattr(one[0], "value", None) == str(step)]
            if named:
                (key, node), path = named[0], (*path, str(step))
        elif isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
            key, node, path = None, node.value[step], (*path, step)
    return key, node, path
