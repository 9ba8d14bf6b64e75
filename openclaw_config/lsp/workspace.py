"""The files that an editor has open, the configs that they belong to, and the checks of these.

A check sees the open buffers in place of the files on disk, the project's settings, and the
suppressions, as the command line does. Nothing is run or fetched.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import NamedTuple

from lsprotocol import types

from openclaw_config.diagnostics.model import Diagnostic, Report, in_order
from openclaw_config.files import in_place_of, shown
from openclaw_config.lint.discover import MAIN_NAMES, NothingError, Roots, included_by, is_config
from openclaw_config.lint.linter import Linter
from openclaw_config.lint.options import Options, Outcome, Settings, Target
from openclaw_config.syntax.nodes import Tree
from openclaw_config.syntax.parser import parse
from openclaw_config.syntax.text import KeyPath, Source, Span
from openclaw_config.targets import DEFAULT

MOST_ROOTS = 100
"""How many configs are read to find those that include a file."""


class Opened(NamedTuple):
    """A file that an editor has open.

    ``source`` is the buffer, ``tree`` its own tree, recovered where the text is broken. ``report``
    is the check of the config that it is or that includes it; of a file that belongs to none it has
    the errors of the text only, and no document. ``mount`` is the place of the file's root in that
    config. Where the config reads the file, the nodes of ``report.document`` have this ``source``.
    ``encoding`` is the one by whose units the editor counts columns.
    """

    source: Source
    tree: Tree
    report: Report
    mount: KeyPath
    encoding: str = "utf-16"

    @property
    def release(self) -> str:
        """The release of OpenClaw that the file is read for."""
        document = self.report.document
        return document.release if document else self.source.release or DEFAULT

    def range(self, span: Span) -> types.Range:
        """The range of a span, as the protocol has it."""
        return range_of(self.source, span, self.encoding)


class Workspace:
    """The open files, by their absolute paths, and the checks of the configs that they belong to.

    A check is made when it is asked for first, and kept until one of its files changes here.
    """

    def __init__(self, version: str = "") -> None:
        self._options = Options(Settings(target=version))
        self.encoding = "utf-16"
        self.buffers: dict[str, str] = {}
        self._configs: set[str] = set()
        self._roots: dict[str, tuple[str, ...]] = {}
        self._checked: dict[str, Outcome] = {}
        self._last: dict[str, Outcome] = {}

    # --- what the editor says -----------------------------------------------------------------

    def open(self, path: str, text: str, *, config: bool = False) -> None:
        """Open a file; ``config`` says that it is one, whatever it is called."""
        if config:
            self._configs.add(path)
        self.buffers[path] = text
        self.reread()

    def change(self, path: str, text: str) -> None:
        """Give an open file another text."""
        self.buffers[path] = text
        kept = ((root, one) for root, one in self._checked.items() if path not in one.files)
        self._checked = dict(kept)

    def close(self, path: str) -> None:
        """Close a file: what is on disk counts again."""
        self.buffers.pop(path, None)
        self._configs.discard(path)
        self.reread()

    def reread(self) -> None:
        """Look at all files on disk again."""
        self._checked.clear()
        self._roots.clear()

    # --- what is known ------------------------------------------------------------------------

    def opened(self, path: str) -> Opened:
        """What is known of an open file. Raises KeyError for one that is not open."""
        for root in self.roots_of(path):
            found = self._within(self.check(root).report, path)
            if found is not None:
                return found
        tree = parse(Source(self.buffers[path], shown(path), path, None))
        report = Report(tree.source.name, tree.errors, False)
        return Opened(tree.source, tree, report, (), self.encoding)

    def glance(self, path: str) -> Opened:
        """The same without a wait for a check: the buffer's own tree, and the check made last."""
        for root in self.roots_of(path):
            found = self._within(self._last[root].report, path) if root in self._last else None
            if found is not None:
                source = Source(self.buffers[path], found.source.name, path, found.mount)
                source.release = found.source.release
                return found._replace(source=source, tree=parse(source))
        return self.opened(path)

    def findings(self) -> dict[str, tuple[Diagnostic, ...]]:
        """The findings of each file of the configs to which the open files belong, by its path.

        What is about a config as a whole is among those of its own file.
        """
        found: dict[str, list[Diagnostic]] = {}
        # Those by name first: they are known then when the files that they include are looked at.
        for path in sorted(self.buffers, key=is_config, reverse=True):
            for root in self.roots_of(path):
                outcome = self.check(root)
                for file in outcome.files:
                    found.setdefault(file, [])
                for report in (outcome.report, *outcome.about_settings):
                    for item in report.diagnostics:
                        place = item.location.source.path if item.location else None
                        found.setdefault(place or root, []).append(item)
        for path in self.buffers.keys() - found.keys():
            found[path] = [*self.opened(path).report.diagnostics]
        return {path: in_order(items) for path, items in found.items()}

    def check(self, root: str) -> Outcome:
        """The check of a config, given by its absolute path, as ``check`` makes it."""
        if root not in self._checked:
            outcome, last = Linter(self._options).check(self.target(root)), self._last.get(root)
            self._checked[root] = self._last[root] = outcome
            if last is None or last.files != outcome.files:
                self._roots.clear()
        return self._checked[root]

    def target(self, root: str) -> Target:
        """A config to check, with the texts of the open files."""
        # Half a surrogate pair becomes one other sign, so that every offset stays.
        texts = {path: text.encode(errors="replace") for path, text in self.buffers.items()}
        return Target(root, texts.pop(root, None), shown(root), texts)

    def roots_of(self, path: str) -> tuple[str, ...]:
        """The configs that a file belongs to: those that include it, or itself when it is one."""
        if path not in self._roots:
            self._roots[path] = self._find_roots(path)
        return self._roots[path]

    def _within(self, report: Report, path: str) -> Opened | None:
        """A file of a config that was checked."""
        for tree in report.document.trees if report.document else ():
            if tree.source.path == path:
                return Opened(tree.source, tree, report, tree.source.place or (), self.encoding)
        return None

    def _find_roots(self, path: str) -> tuple[str, ...]:
        if os.path.basename(path) in MAIN_NAMES:
            return (path,)
        known = [root for root, one in self._checked.items() if path in one.files and root != path]
        reads = iter(range(MOST_ROOTS))

        def included(root: str) -> Iterable[str]:
            if next(reads, None) is None:
                return ()
            target = self.target(root)
            return included_by(root, target.text, in_place_of(target.included))

        roots = Roots(Linter(self._options), included)
        try:
            found = roots.of(path)
            itself = roots.is_named(path) or path in self._configs
        except NothingError:  # the check of the config says so
            found, itself = (), is_config(path)
        return tuple(dict.fromkeys((*known, *found))) or ((path,) if itself else ())


def range_of(source: Source, span: Span, encoding: str) -> types.Range:
    """The range of a span, as an editor counts in units of an encoding."""
    ends = [min(offset, len(source.text)) for offset in span]
    places = [(source.position(at).line - 1, source.units(at, encoding)) for at in ends]
    return types.Range(*(types.Position(*place) for place in places))
