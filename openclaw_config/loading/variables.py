"""The variables of a config: its ``env`` block, its ``${NAME}``, and what is wrong with them."""

from __future__ import annotations

import re
from typing import NamedTuple

from openclaw_config.diagnostics.model import Diagnostic
from openclaw_config.loading.document import VariableUse
from openclaw_config.loading.env_block import Block, apply_block, asks_shell, read_block
from openclaw_config.loading.environment import EMPTY, FOUND, MISSING, Environment
from openclaw_config.loading.rules import (
    CHAINED_VARIABLE,
    LITERAL_REFERENCE,
    MISSING_VARIABLE,
    VARIABLE_FLOOD,
)
from openclaw_config.loading.substitution import MAX_CHARACTERS, references, substitute
from openclaw_config.loading.walk import Marked, marked
from openclaw_config.syntax.nodes import Node

_LOOKS_LIKE_REFERENCE = re.compile(
    r"\$[A-Z_][A-Z0-9_]+|%[A-Z_][A-Z0-9_]+%|\$\{[A-Za-z_][A-Za-z0-9_]*(?::?[-=?+][^}]*)?\}"
)

_SUGGESTIONS = 20
# For how many missing variables we look for one with a similar name.


class PutIn(NamedTuple):
    """The tree and the environment after both passes of the block (LOAD-32), and what was found.

    ``complete`` is False when not every variable could be put in.
    """

    root: Node
    environment: Environment
    uses: tuple[VariableUse, ...]
    diagnostics: tuple[Diagnostic, ...]
    complete: bool


def put_in(root: Node, environment: Environment) -> PutIn:
    """Apply the ``env`` block, put the variables into the values, and apply the block again."""
    block = read_block(root)
    before = apply_block(environment, block)
    tree = marked(root)
    substituted = substitute(tree, before)
    after = apply_block(before, read_block(substituted.root))
    if asks_shell(after, substituted.root):
        after = after.with_block((), login_shell=True)
    return PutIn(
        substituted.root,
        after,
        substituted.uses,
        (
            *block.diagnostics,
            *_judged_uses(substituted.uses, block, before),
            *_literal_references(tree),
            *_flooded(substituted.flooded),
        ),
        substituted.flooded is None,
    )


def _flooded(use: VariableUse | None) -> list[Diagnostic]:
    if use is None:
        return []
    return [
        VARIABLE_FLOOD.at(
            use.location,
            f"the variables make more than {MAX_CHARACTERS >> 20} Mi characters of text",
            use.key_path,
            label="from here on, nothing is put in",
        )
    ]


def _judged_uses(
    uses: tuple[VariableUse, ...], block: Block, environment: Environment
) -> list[Diagnostic]:
    found: list[Diagnostic] = []
    near: dict[str, str | None] = {}
    for use in uses:
        if use.state == FOUND:
            continue
        entry = block.entries.get(use.name)
        if entry is not None and _is_chained(use.name, entry.value.value):
            found.append(
                CHAINED_VARIABLE.at(
                    use.location,
                    f"{use.name} is not set yet when OpenClaw puts it in here",
                    use.key_path,
                    label="stays as it is written",
                    notes=(
                        "the `env` block makes it out of another variable"
                        f" ({entry.value.location}), which is done last",
                    ),
                    helps=(
                        "use the other variable here, or set this one where OpenClaw is started",
                    ),
                )
            )
        elif use.state in {EMPTY, MISSING}:
            if use.name not in near:
                search = use.state == MISSING and len(near) < _SUGGESTIONS
                near[use.name] = _near(use.name, environment) if search else None
            found.append(_missing(use, environment, near[use.name]))
    return found


def _is_chained(name: str, text: str) -> bool:
    # `NAME: "${NAME}"` is a common way to say that the variable comes from outside.
    names = list(references(text))
    return bool(names) and name not in names


def _missing(use: VariableUse, environment: Environment, near: str | None) -> Diagnostic:
    from openclaw_config.registry import blocked_in_env_block

    what = "is empty" if use.state == EMPTY else "is not set"
    notes: tuple[str, ...] = ()
    ignored = environment.ignored(use.name)
    if ignored is not None:
        notes = (f"{ignored} sets it, but OpenClaw does not take this name from there",)
    place = "" if blocked_in_env_block(use.name) else ", or in the `env` block"
    helps = [f"set {use.name} where OpenClaw is started{place}"]
    if near:
        helps.insert(0, f"did you mean {near}?")
    return MISSING_VARIABLE.at(
        use.location,
        f"the variable {use.name} {what}",
        use.key_path,
        label="stays as it is written",
        notes=notes,
        helps=tuple(helps),
    )


def _near(name: str, environment: Environment) -> str | None:
    from difflib import get_close_matches

    near = get_close_matches(name, environment.names()[:2000], 1, 0.85)
    return near[0] if near else None


def _literal_references(tree: Marked) -> list[Diagnostic]:
    found: list[Diagnostic] = []
    for number, step, node in tree.strings:
        if _is_literal_reference(node.value):
            found.append(
                LITERAL_REFERENCE.at(
                    node.location,
                    "this looks like a variable, but OpenClaw takes it as text",
                    tree.path(number, step),
                    # No name here: the text might after all be a password that starts with "$".
                    helps=(
                        "write ${NAME}, in capitals, to have the value of the variable NAME here",
                    ),
                )
            )
    return found


def _is_literal_reference(text: str) -> bool:
    return (
        text.startswith(("$", "%"))
        and _LOOKS_LIKE_REFERENCE.fullmatch(text) is not None
        and not any(True for _ in references(text))
    )
