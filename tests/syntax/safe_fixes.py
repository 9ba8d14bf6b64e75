"""What the safe fixes of syntax errors make of a text, and a tree printed."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from openclaw_config.diagnostics.model import Diagnostic, Edit
from openclaw_config.syntax.edits import apply, joined
from openclaw_config.syntax.nodes import MAX_ERRORS, Tree
from openclaw_config.syntax.parser import parse
from openclaw_config.syntax.text import Source

_ROUNDS = 100


def safe_edits(findings: Iterable[Diagnostic]) -> list[Edit]:
    """The edits of all safe fixes; of two that clash, those of the first finding only."""
    return joined(item.fix for item in findings if item.fix and item.fix.safe)


def apply_safe_fixes(source: Source) -> str:
    """The text after all safe fixes of its syntax were made, as often as new ones turn up.

    Every round is checked: edits that leave more to complain about than before are not made.
    Fixing the outcome again changes nothing.
    """
    tree = parse(source)
    for _ in range(_ROUNDS):
        together = safe_edits(tree.errors)
        alone = [safe_edits([finding]) for finding in tree.errors]
        tried = (_after(tree, edits) for edits in (together, *alone))
        better = next((after for after in tried if after is not None), None)
        if better is None:
            break
        tree = better
    return tree.source.text


def _after(tree: Tree, edits: list[Edit]) -> Tree | None:
    """The tree after edits, if it is the better for them."""
    source = tree.source
    if not edits:
        return None
    after = parse(Source(apply(source.text, edits), source.name, source.path, source.place))
    # Where reading had stopped at the limit, as many new errors may come into sight as went.
    capped = len(tree.errors) >= MAX_ERRORS
    return after if len(after.errors) < len(tree.errors) + capped else None


def print_tree(tree: Tree) -> str:
    """The text of a tree, token by token: every byte of what was parsed."""
    text = tree.source.text
    return "".join([text[start:end] for start, end in pairwise(tree.tokens.starts)])
