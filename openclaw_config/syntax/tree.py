"""What a text is read into: the nodes, the tokens they came from, and what was wrong."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from openclaw_config.diagnostics.model import Diagnostic
from openclaw_config.syntax.nodes import Node
from openclaw_config.syntax.scanner import Tokens
from openclaw_config.syntax.spans import Source, Span


class Tree(NamedTuple):
    """A text and all that was read in it.

    ``root`` is None only where the text holds no value at all. ``errors`` are in the text's
    order and include warnings; ``tokens`` and ``comments`` cover the whole text also when there
    are errors.
    """

    source: Source
    root: Node | None
    errors: tuple[Diagnostic, ...]
    comments: tuple[Span, ...]
    tokens: Tokens


def print_tree(tree: Tree) -> str:
    """The text of a tree, token by token: every byte of what was parsed."""
    text, starts = tree.source.text, tree.tokens.starts
    return "".join([text[start:end] for start, end in pairwise(starts)])
