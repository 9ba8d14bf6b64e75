"""The ``env`` block: variables that the config itself brings (LOAD-32, LOAD-33)."""

from __future__ import annotations

import re
from typing import NamedTuple

from openclaw_config.diagnostics.model import Diagnostic, Related
from openclaw_config.loading.environment import BLOCK, Environment, Variable
from openclaw_config.loading.rules import (
    BLOCKED_ENV_NAME,
    ENV_SET_TWICE,
    INHERITED_ENV_NAME,
    INVALID_ENV_NAME,
)
from openclaw_config.loading.whitespace import trim
from openclaw_config.syntax.nodes import BooleanNode, Member, Node, ObjectNode, StringNode, child
from openclaw_config.syntax.spans import KeyPath

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_INHERITED = re.compile(
    "constructor|hasOwnProperty|isPrototypeOf|propertyIsEnumerable|toLocaleString|toString|valueOf"
    "|__(?:define|lookup)[GS]etter__"
)
"""What every JavaScript object has: OpenClaw takes it for the variable's value, and fails."""
_OWN_KEYS = frozenset({"vars", "shellEnv"})
_TRUE = frozenset({"1", "true", "yes", "on"})


class BlockEntry(NamedTuple):
    """One variable of the block: its trimmed name, its value's node, and where it stands."""

    name: str
    value: StringNode
    member: Member
    key_path: KeyPath


class Block(NamedTuple):
    """What the block sets, by name, and what is odd about it."""

    entries: dict[str, BlockEntry]
    diagnostics: tuple[Diagnostic, ...]


def read_block(root: Node | None) -> Block:
    """The variables that the block would set: ``vars`` first, the block's own keys over them.

    Values that are not strings are for the structural schema to report; blank ones set nothing.
    """
    env = child(root, "env")
    if not isinstance(env, ObjectNode):
        return Block({}, ())
    entries: dict[str, BlockEntry] = {}
    diagnostics: list[Diagnostic] = []
    inner = env.get("vars")
    if isinstance(inner, ObjectNode):
        _collect(inner, ("env", "vars"), frozenset(), entries, diagnostics)
    _collect(env, ("env",), _OWN_KEYS, entries, diagnostics)
    return Block(entries, tuple(diagnostics))


def apply_block(environment: Environment, block: Block) -> Environment:
    """The environment with the block's variables, as each of OpenClaw's two passes sets them.

    A variable that is there and not blank stays as it is. A value that still refers to a variable
    is not set.
    """
    variables = []
    for name, entry in block.entries.items():
        node = entry.value
        if not environment.blank(name):
            continue
        if node.assumed:
            variables.append(Variable(name, None, BLOCK, node.location))
        elif not refers(node.value):
            variables.append(Variable(name, node.value, BLOCK, node.location))
    return environment.with_block(variables) if variables else environment


def is_inherited(name: str) -> bool:
    """Whether every JavaScript object has a property of a name."""
    return _INHERITED.fullmatch(name) is not None


def refers(text: str) -> bool:
    """Whether a text has a ``${NAME}`` that is not escaped."""
    if "${" not in text:
        return False
    from openclaw_config.loading.substitution import references

    return any(True for _ in references(text))


def asks_shell(environment: Environment, root: Node | None) -> bool:
    """Whether OpenClaw would ask the login shell for key variables (LOAD-34)."""
    if _is_true(environment.get("OPENCLAW_DEFER_SHELL_ENV_FALLBACK")):
        return False
    enabled = child(root, "env", "shellEnv", "enabled")
    return (isinstance(enabled, BooleanNode) and enabled.value) or _is_true(
        environment.get("OPENCLAW_LOAD_SHELL_ENV")
    )


def _is_true(value: str | None) -> bool:
    return trim(value or "").lower() in _TRUE


def _collect(
    holder: ObjectNode,
    path: KeyPath,
    skipped: frozenset[str],
    entries: dict[str, BlockEntry],
    diagnostics: list[Diagnostic],
) -> None:
    for key, member in holder.index.items():
        value = member.value
        if key in skipped or not isinstance(value, StringNode) or not trim(value.value):
            continue
        name = trim(key)
        at = (*path, key)
        if is_inherited(name):
            diagnostics.append(_inherited_name(member, name, at))
        elif not _NAME.match(name):
            diagnostics.append(_invalid_name(member, at))
        elif _is_blocked(name):
            diagnostics.append(_blocked_name(member, name, at))
        else:
            earlier = entries.get(name)
            if earlier is not None:
                diagnostics.append(_set_twice(earlier, member))
            entries[name] = BlockEntry(name, value, member, at)


def _is_blocked(name: str) -> bool:
    from openclaw_config.registry import blocked_in_env_block

    return blocked_in_env_block(name)


def _invalid_name(member: Member, path: KeyPath) -> Diagnostic:
    return INVALID_ENV_NAME.at(
        member.key_location,
        "this cannot be the name of a variable, and OpenClaw ignores it",
        path,
        helps=("use letters, digits and underscores, and no digit at the start",),
    )


def _inherited_name(member: Member, name: str, path: KeyPath) -> Diagnostic:
    return INHERITED_ENV_NAME.at(
        member.key_location,
        f"OpenClaw cannot start with a variable named {name} in the `env` block",
        path,
        label="every JavaScript object has this name",
        helps=("choose another name",),
    )


def _blocked_name(member: Member, name: str, path: KeyPath) -> Diagnostic:
    return BLOCKED_ENV_NAME.at(
        member.key_location,
        f"OpenClaw does not let a config set {name}",
        path,
        label="has no effect",
        helps=("set it where OpenClaw is started",),
    )


def _set_twice(earlier: BlockEntry, winner: Member) -> Diagnostic:
    return ENV_SET_TWICE.at(
        earlier.member.key_location,
        f"{earlier.name} is set twice in the `env` block",
        earlier.key_path,
        label="has no effect",
        related=(Related(winner.key_location, "this one counts"),),
        helps=("remove the one that is not meant",),
    )
