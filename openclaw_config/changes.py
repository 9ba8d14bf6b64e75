"""A config whose texts were changed: the new texts, and what they come to.

Nothing is written before ``Changed.write``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

from openclaw_config import api, files
from openclaw_config.diagnostics.model import Diagnostic, Edit, Report, in_order
from openclaw_config.loading.environment import Environment, include_roots
from openclaw_config.syntax.edits import line_edits
from openclaw_config.syntax.nodes import MAX_DEPTH, Node, Tree
from openclaw_config.syntax.text import Source
from openclaw_config.targets import releases

if TYPE_CHECKING:
    from openclaw_config.loading.load import Document
    from openclaw_config.plan.model import Plan


@dataclass(frozen=True, eq=False, repr=False)
class Changed:
    """What became of a config's texts.

    ``trees`` are those of the config's own file and of what it includes; ``texts`` are the new
    texts by path, of the files that change ("" is a config that has none). ``errors`` say why the
    config was not read. ``environment`` has the variables for the checks.
    """

    name: str
    path: str | None
    trees: Sequence[Tree]
    texts: Mapping[str, str]
    old_version: str
    new_version: str
    errors: tuple[Diagnostic, ...] = ()
    environment: Environment | None = None

    @property
    def olds(self) -> dict[str, str]:
        """The old texts of the files that change."""
        texts = {tree.source.path or "": tree.source.text for tree in self.trees}
        return {path: text for path, text in texts.items() if path in self.texts}

    @property
    def text(self) -> str:
        """The new text of the config's own file."""
        if not self.trees:
            return ""
        source = self.trees[0].source
        return self.texts.get(source.path or "", source.text)

    @property
    def edits(self) -> dict[str, tuple[Edit, ...]]:
        """The edits of each file, line by line."""
        return {path: line_edits(old, self.texts[path]) for path, old in self.olds.items()}

    @cached_property
    def before(self) -> Report:
        """The check of the old text for the old release."""
        return self._checked({}, self.old_version)

    @cached_property
    def after(self) -> Report:
        """The check of the new text for the new release."""
        return self._checked(self.texts, self.new_version)

    def _checked(self, texts: Mapping[str, str], version: str) -> Report:
        if not self.trees:  # no file that can be read: a folder, a pipe, a device, none at all
            return Report(self.name, in_order(self.errors, self.name), False, None)
        source = self.trees[0].source
        contents = {name: text.encode() for name, text in texts.items() if name}
        return api.check(
            source.path,
            text=texts.get(source.path or "", source.text),
            name=self.name,
            environment=self.environment,
            read=files.in_place_of(contents) if contents else None,
            target=version,
        )

    def plans(self) -> tuple[tuple[Plan, ...], tuple[Plan, ...]] | None:
        """The plans of every agent before and after; None where one of the two does not load."""
        before, after = _plans(self.before), _plans(self.after)
        return None if before is None or after is None else (before, after)

    def write(self) -> str:
        """Write the files that change, all of them or none.

        Gives "" when all is well, or else a sentence that says what went wrong.
        """
        from openclaw_config.lint.linter import save
        from openclaw_config.lint.options import Change

        names = {tree.source.path: tree.source.name for tree in self.trees}
        olds = self.olds
        changes = [
            Change(path, names[path], olds[path].encode(), text.encode(), ())
            for path, text in self.texts.items()
        ]
        return save(changes, self.trees[0].source.path or "") if changes else ""

    def __repr__(self) -> str:
        # Never the texts, which may hold a secret.
        return f"<{type(self).__name__} {self.name!r}: {len(self.texts)} files>"


def _plans(report: Report) -> tuple[Plan, ...] | None:
    if not report.loads or report.document is None:
        return None
    from openclaw_config.compiler.compile import agents_of

    config = api.Config(report)
    return tuple(config.compile(agent=agent) for agent in agents_of(report.document))


def merged(
    document: Document, texts: Mapping[str, str] = MappingProxyType({})
) -> tuple[Node, Sequence[Tree]]:
    """A config's files in one tree, variables as they are written, and the tree of each file.

    The document must have a root; ``texts`` count in place of those that were read, and these in
    place of those on disk.
    """
    from openclaw_config.loading.includes import assemble
    from openclaw_config.syntax.parser import parse

    trees = document.trees
    tree = trees[0]
    source = tree.source
    if (source.path or "") in texts:
        tree = parse(Source(texts[source.path or ""], source.name, source.path))
    root = tree.root
    assert root is not None
    if len(trees) == 1:
        return root, (tree,)
    contents = {one.source.path or "": one.source.text for one in trees} | dict(texts)
    known = document.release != releases()[0]
    found = assemble(
        tree,
        source.path or os.path.join(document.config_dir, "openclaw.json"),
        files.in_place_of({path: text.encode() for path, text in contents.items()}),
        include_roots(document.environment, document.home) if known else (),
    )
    return found.root, found.trees


@contextmanager
def deep() -> Iterator[None]:
    """Room on the stack for a config as deep as the parser takes it."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, 20 * MAX_DEPTH))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
