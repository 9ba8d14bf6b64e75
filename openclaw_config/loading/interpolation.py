"""The variables of a config: its ``env`` block, its ``${NAME}``, and what is wrong with them.

LOAD-30 to LOAD-34.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from openclaw_config.diagnostics.model import Diagnostic, Related
from openclaw_config.loading.document import VariableUse
from openclaw_config.loading.duplicates import MOST
from openclaw_config.loading.environment import (
    ASSUMED,
    BLOCK,
    EMPTY,
    FOUND,
    MISSING,
    Environment,
    Variable,
)
from openclaw_config.loading.rules import (
    blocked_env_name,
    chained_variable,
    env_set_twice,
    inherited_env_name,
    invalid_env_name,
    literal_reference,
    missing_variable,
    variable_flood,
)
from openclaw_config.syntax.nodes import (
    ArrayNode,
    BooleanNode,
    Member,
    Node,
    ObjectNode,
    Place,
    StringNode,
    child,
    path_of,
    places_of,
    rebuilt,
)
from openclaw_config.syntax.scanner import trim
from openclaw_config.syntax.spans import KeyPath, Location, Span

_LOOKS_LIKE_REFERENCE = re.compile(
    r"\$[A-Z_][A-Z0-9_]+|%[A-Z_][A-Z0-9_]+%|\$\{[A-Za-z_][A-Za-z0-9_]*(?::?[-=?+][^}]*)?\}"
)

_SUGGESTIONS = 20
# For how many missing variables we look for one with a similar name.


# --- both passes ----------------------------------------------------------------------------------


class Interpolated(NamedTuple):
    """The tree and the environment after both passes of the block (LOAD-32), and what was found.

    ``complete`` is False when not every variable could be put in.
    """

    root: Node
    environment: Environment
    uses: tuple[VariableUse, ...]
    diagnostics: tuple[Diagnostic, ...]
    complete: bool


def interpolate(root: Node, environment: Environment) -> Interpolated:
    """Apply the ``env`` block, put the variables into the values, and apply the block again."""
    diagnostics: list[Diagnostic] = []
    release = environment.release
    block = read_block(root, release, diagnostics)
    before = apply_block(environment, block)
    tree = find_interpolations(root)
    substituted = substitute(tree, before)
    after = apply_block(before, read_block(substituted.root, release))
    if asks_shell(after, substituted.root):
        after = after.with_block((), login_shell=True)
    return Interpolated(
        substituted.root,
        after,
        substituted.uses,
        (
            *diagnostics,
            *_about_uses(substituted.uses, block, before),
            *_literal_references(tree),
            *_flooded(substituted.flooded),
        ),
        substituted.flooded is None,
    )


def _flooded(use: VariableUse | None) -> list[Diagnostic]:
    if use is None:
        return []
    return [
        variable_flood.at(
            use.location,
            f"the variables make more than {MAX_CHARACTERS >> 20} Mi characters of text",
            use.key_path,
            label="from here on, nothing is put in",
        )
    ]


def _about_uses(
    uses: tuple[VariableUse, ...], block: dict[str, BlockEntry], environment: Environment
) -> list[Diagnostic]:
    found: list[Diagnostic] = []
    near: dict[str, str | None] = {}
    for use in uses:
        if use.state == FOUND:
            continue
        if len(found) > MOST:
            break
        entry = block.get(use.name)
        if entry is not None and _is_chained(use.name, entry.value.value):
            found.append(
                chained_variable.at(
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
    place = "" if blocked_in_env_block(environment.release, use.name) else ", or in the `env` block"
    helps = [f"set {use.name} where OpenClaw is started{place}"]
    if near:
        helps.insert(0, f"did you mean {near}?")
    return missing_variable.at(
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


def _literal_references(tree: StringsToInterpolate) -> list[Diagnostic]:
    found: list[Diagnostic] = []
    for number, step, node in tree.strings:
        if len(found) > MOST:
            break
        if _is_literal_reference(node.value):
            found.append(
                literal_reference.at(
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


# --- the env block --------------------------------------------------------------------------------

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


def read_block(
    root: Node | None, release: str, diagnostics: list[Diagnostic] | None = None
) -> dict[str, BlockEntry]:
    """The variables that the block would set: ``vars`` first, the block's own keys over them.

    Values that are not strings are for the structural schema to report; blank ones set nothing.
    Names that cannot be set are reported to ``diagnostics``.
    """
    entries: dict[str, BlockEntry] = {}
    for path, skipped in ((("env", "vars"), frozenset[str]()), (("env",), _OWN_KEYS)):
        holder = child(root, *path)
        if isinstance(holder, ObjectNode):
            _collect(holder, path, skipped, entries, release, diagnostics)
    return entries


def apply_block(environment: Environment, block: dict[str, BlockEntry]) -> Environment:
    """The environment with the block's variables, as each of OpenClaw's two passes sets them.

    A variable that is there and not blank stays as it is. A value that still refers to a variable
    is not set.
    """
    variables = []
    for name, entry in block.items():
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
    release: str,
    diagnostics: list[Diagnostic] | None,
) -> None:
    """Add the variables of one object; what is odd about them is reported to ``diagnostics``."""
    from openclaw_config.registry import blocked_in_env_block

    for key, member in holder.index.items():
        value = member.value
        if key in skipped or not isinstance(value, StringNode) or not trim(value.value):
            continue
        name = trim(key)
        at = (*path, key)
        reported = diagnostics is not None and len(diagnostics) <= MOST
        found: Diagnostic | None = None
        if is_inherited(name):
            found = inherited_env_name.at(
                member.key_location,
                f"OpenClaw cannot start with a variable named {name} in the `env` block",
                at,
                label="every JavaScript object has this name",
                helps=("choose another name",),
            )
        elif not _NAME.match(name):
            if reported:
                found = invalid_env_name.at(
                    member.key_location,
                    "this cannot be the name of a variable, and OpenClaw ignores it",
                    at,
                    helps=("use letters, digits and underscores, and no digit at the start",),
                )
        elif blocked_in_env_block(release, name):
            if reported:
                found = blocked_env_name.at(
                    member.key_location,
                    f"OpenClaw does not let a config set {name}",
                    at,
                    label="has no effect",
                    helps=("set it where OpenClaw is started",),
                )
        else:
            if name in entries and reported:
                found = _set_twice(entries[name], member)
            entries[name] = BlockEntry(name, value, member, at)
        if found is not None and diagnostics is not None:
            diagnostics.append(found)


def _set_twice(earlier: BlockEntry, winner: Member) -> Diagnostic:
    return env_set_twice.at(
        earlier.member.key_location,
        f"{earlier.name} is set twice in the `env` block",
        earlier.key_path,
        label="has no effect",
        related=(Related(winner.key_location, "this one counts"),),
        helps=("remove the one that is not meant",),
    )


# --- ${NAME} --------------------------------------------------------------------------------------

_TOKEN = re.compile(r"(\$?)\$\{([A-Z_][A-Z0-9_]*)\}")
# Group 1 is the "$" that escapes. Nothing else is a reference: ${lower}, ${A-B}, $NAME, "$$".


MAX_CHARACTERS = 16 * 1024 * 1024
"""How much text variables may bring in all, in code points. Our bound: a config can set a long
variable and use it a million times."""


class StringsToInterpolate(NamedTuple):
    """A tree's containers, and those of its strings that may have to do with variables.

    A string is given with the number of its container's place and its key or index there.
    """

    root: Node
    places: list[Place]
    strings: list[tuple[int, str | int, StringNode]]

    def path(self, number: int, step: str | int) -> KeyPath:
        """The key path of a string."""
        return (*path_of(self.places, number), step)


def find_interpolations(root: Node) -> StringsToInterpolate:
    """The strings of a tree that have a ``$`` or a ``%``."""
    places = places_of(root)
    strings: list[tuple[int, str | int, StringNode]] = []
    for number, (node, _, _) in enumerate(places):
        if type(node) is ObjectNode:
            for key, member in node.index.items():
                value = member.value
                if type(value) is StringNode and ("$" in value.value or "%" in value.value):
                    strings.append((number, key, value))
        elif type(node) is ArrayNode:
            strings += [
                (number, index, value)
                for index, value in enumerate(node.items)
                if type(value) is StringNode and ("$" in value.value or "%" in value.value)
            ]
    return StringsToInterpolate(root, places, strings)


class Substituted(NamedTuple):
    """A tree with its variables put in, and every place where one was asked for.

    ``flooded`` is the use at which the variables had brought too much text, or None; from there
    on references stay as they are written.
    """

    root: Node
    uses: tuple[VariableUse, ...]
    flooded: VariableUse | None


def references(text: str) -> Iterator[str]:
    """The names of the ``${NAME}`` in a text that are not escaped, in order."""
    return (match[2] for match in _TOKEN.finditer(text) if not match[1])


def substitute(tree: StringsToInterpolate, environment: Environment) -> Substituted:
    """Put variables into every string value, never into keys.

    ``$${NAME}`` becomes the text ``${NAME}``. A variable that is missing or empty leaves its
    reference in the text (LOAD-31), and so does one that is only assumed, in a string that is
    then marked as ``assumed``. What is put in is not looked at again.
    """
    substitution = _Substitution(environment)
    if isinstance(tree.root, StringNode):
        root: Node = substitution.string(tree.root, ())
    else:
        root = substitution.tree(tree)
    return Substituted(root, tuple(substitution.uses), substitution.flooded)


class _Substitution:
    """One run over one tree: the uses so far, and how much text they may still bring."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.uses: list[VariableUse] = []
        self.left = MAX_CHARACTERS
        self.flooded: VariableUse | None = None

    def tree(self, tree: StringsToInterpolate) -> Node:
        """The tree with new strings, and new containers on the way to them."""
        changes: dict[int, dict[str | int, Node]] = {}
        for number, step, value in tree.strings:
            if "${" in value.value:
                new = self.string(value, tree.path(number, step))
                if new is not value:
                    changes.setdefault(number, {})[step] = new
        for number in range(len(tree.places) - 1, -1, -1):
            if number in changes:
                node, parent, step = tree.places[number]
                new_node = rebuilt(node, changes[number])
                if number == 0:
                    return new_node
                changes.setdefault(parent, {})[step] = new_node
        return tree.root

    def string(self, node: StringNode, path: KeyPath) -> StringNode:
        """The string with its variables, the very same one when it has none to put in."""
        matches = list(_TOKEN.finditer(node.value))
        if not matches:
            return node
        pieces: list[str] = []
        put_in: list[str] = []
        assumed = False
        shown = 0
        for match, span in zip(matches, _spans(node, len(matches)), strict=True):
            pieces.append(node.value[shown : match.start()])
            shown = match.end()
            if match[1]:
                pieces.append(match[0][1:])
                continue
            name = match[2]
            use = VariableUse(name, Location(node.source, span), path, self.environment.state(name))
            self.uses.append(use)
            pieces.append(self.value(use, match[0]))
            if use.state in {FOUND, ASSUMED}:
                put_in.append(name)
            assumed = assumed or use.state == ASSUMED
        pieces.append(node.value[shown:])
        value = "".join(pieces)
        if value == node.value and not put_in:
            return node
        names = tuple(dict.fromkeys(put_in))
        return StringNode(node.source, node.start, node.end, value, names, assumed)

    def value(self, use: VariableUse, written: str) -> str:
        """What stands in a reference's place: the variable's value, or what is written there."""
        if use.state != FOUND or self.flooded is not None:
            return written
        value = self.environment.get(use.name) or ""
        self.left -= len(value)
        if self.left < 0:
            self.flooded = use
            return written
        return value


def _spans(node: StringNode, count: int) -> list[Span]:
    """The place of each token in the literal; the whole literal where an escape hides one."""
    literal = node.source.text[node.start : node.end]
    found = [
        Span(node.start + match.start(), node.start + match.end())
        for match in _TOKEN.finditer(literal)
    ]
    return found if len(found) == count else [node.span] * count
