"""The variables of a config: its ``env`` block, its ``${NAME}``, and what is wrong with them.

LOAD-30 to LOAD-34.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from openclaw_config.diagnostics.model import Diagnostic, Related
from openclaw_config.loading import environment as env
from openclaw_config.loading import rules
from openclaw_config.syntax import nodes
from openclaw_config.syntax.nodes import BooleanNode, Member, Node, ObjectNode, Place, StringNode
from openclaw_config.syntax.text import KeyPath, Location, Span, trim

_LOOKS_LIKE_REFERENCE = (
    r"\$[A-Z_][A-Z0-9_]+|%[A-Z_][A-Z0-9_]+%|\$\{[A-Za-z_][A-Za-z0-9_]*(?::?[-=?+][^}]*)?\}"
)


# --- both passes ----------------------------------------------------------------------------------


def interpolate(
    root: Node, places: list[Place], environment: env.Environment
) -> tuple[env.Environment, Substitution, list[Diagnostic]]:
    """Apply the ``env`` block, put the variables into the values, and apply the block again.

    ``places`` are those of the tree. Gives the environment after both passes of the block
    (LOAD-32), what the values became, and what was found.
    """
    release = environment.release
    block, found = read_block(root, release)
    before = apply_block(environment, block)
    done = Substitution(root, places, before)
    after = apply_block(before, read_block(done.root, release)[0])
    if asks_shell(after, done.root):
        after = after.with_login_shell()
    found += [*_about_uses(done.uses, block, before), *done.literals]
    return after, done, found


def _about_uses(
    uses: list[env.VariableUse], block: dict[str, BlockEntry], environment: env.Environment
) -> list[Diagnostic]:
    missing = dict.fromkeys(use.name for use in uses if use.state == env.MISSING)
    near = {name: _near(name, environment) for name in [*missing][: rules.SUGGESTIONS]}
    found: list[Diagnostic] = []
    for use in uses:
        entry = block.get(use.name) if use.state != env.FOUND else None
        if entry is not None and _is_chained(use.name, entry.value.value):
            message = f"{use.name} is not set yet when OpenClaw puts it in here"
            place = f"another variable ({entry.value.location})"
            notes = (f"the `env` block makes it out of {place}, which is done last",)
            found.append(
                rules.chained_variable.at(use.location, message, use.key_path, notes=notes)
            )
        elif use.state in {env.EMPTY, env.MISSING}:
            found.append(_missing(use, environment, near.get(use.name, [])))
        if len(found) > rules.MOST:
            break
    return found


def _is_chained(name: str, text: str) -> bool:
    # `NAME: "${NAME}"` is a common way to say that the variable comes from outside.
    names = list(references(text))
    return bool(names) and name not in names


def _missing(use: env.VariableUse, environment: env.Environment, near: list[str]) -> Diagnostic:
    from openclaw_config.registry import blocked_in_env_block

    ignored = environment.ignored.get(use.name)
    place = "" if blocked_in_env_block(environment.release, use.name) else ", or in the `env` block"
    message = f"the variable {use.name} {'is empty' if use.state == env.EMPTY else 'is not set'}"
    sets = f"{ignored} sets it, but OpenClaw does not take this name from there"
    notes = () if ignored is None else (sets,)
    start = f"set {use.name} where OpenClaw is started{place}"
    helps = (*(f"did you mean {name}?" for name in near), start)
    return rules.missing_variable.at(use.location, message, use.key_path, notes=notes, helps=helps)


def _near(name: str, environment: env.Environment) -> list[str]:
    from difflib import get_close_matches

    return get_close_matches(name, environment.names()[:2000], 1, 0.85)


# --- the env block --------------------------------------------------------------------------------

_NAME = r"[A-Za-z_][A-Za-z0-9_]*\Z"
_INHERITED = (
    "constructor|hasOwnProperty|isPrototypeOf|propertyIsEnumerable|toLocaleString|toString|valueOf"
    "|__(?:define|lookup)[GS]etter__"
)
"""What every JavaScript object has: OpenClaw takes it for the variable's value, and fails."""
_TRUE = frozenset({"1", "true", "yes", "on"})


class BlockEntry(NamedTuple):
    """One variable of the block: its trimmed name, its value's node, and where it stands."""

    name: str
    value: StringNode
    member: Member
    key_path: KeyPath


def read_block(root: Node | None, release: str) -> tuple[dict[str, BlockEntry], list[Diagnostic]]:
    """The variables that the block would set, and findings about names that it cannot set.

    ``vars`` comes first, the block's own keys over it. Values that are not strings are for the
    structural schema to report; blank ones set nothing.
    """
    entries: dict[str, BlockEntry] = {}
    found: list[Diagnostic] = []
    for path in (("env", "vars"), ("env",)):
        holder = nodes.child(root, *path)
        for key, member in holder.index.items() if isinstance(holder, ObjectNode) else ():
            value = member.value
            if not isinstance(value, StringNode) or not trim(value.value):
                continue
            entry = BlockEntry(trim(key), value, member, (*path, key))
            problem = _problem(entry, release)
            if problem is None:
                if earlier := entries.get(entry.name):
                    message = f"{entry.name} is set twice in the `env` block"
                    related = (Related(member.key_location, "this one counts"),)
                    place, at = earlier.member.key_location, earlier.key_path
                    problem = rules.env_set_twice.at(place, message, at, related=related)
                entries[entry.name] = entry
            if problem is not None and (problem.blocks or len(found) <= rules.MOST):
                found.append(problem)
    return entries, found


def _problem(entry: BlockEntry, release: str) -> Diagnostic | None:
    """Why the block cannot set a variable, or None when it can."""
    from openclaw_config.registry import blocked_in_env_block

    name, place, at = entry.name, entry.member.key_location, entry.key_path
    if is_inherited(name):
        message = f"OpenClaw cannot start with a variable named {name} in the `env` block"
        return rules.inherited_env_name.at(place, message, at)
    if not re.match(_NAME, name):
        return rules.invalid_env_name.at(place, key_path=at)
    if blocked_in_env_block(release, name):
        return rules.blocked_env_name.at(place, f"OpenClaw does not let a config set {name}", at)
    return None


def apply_block(environment: env.Environment, block: dict[str, BlockEntry]) -> env.Environment:
    """The environment with the block's variables, as each of OpenClaw's two passes sets them.

    A variable that is there and not blank stays as it is. A value that still refers to a variable
    is not set.
    """
    variables = [
        env.Variable(name, None if node.assumed else node.value, env.BLOCK, node.location)
        for name, (_, node, *_) in block.items()
        if environment.blank(name) and (node.assumed or not refers(node.value))
    ]
    return environment.with_block(variables) if variables else environment


def is_inherited(name: str) -> bool:
    """Whether every JavaScript object has a property of a name."""
    return re.fullmatch(_INHERITED, name) is not None


def asks_shell(environment: env.Environment, root: Node | None) -> bool:
    """Whether OpenClaw would ask the login shell for key variables (LOAD-34)."""
    if _is_true(environment.get("OPENCLAW_DEFER_SHELL_ENV_FALLBACK")):
        return False
    enabled = nodes.child(root, "env", "shellEnv", "enabled")
    return (isinstance(enabled, BooleanNode) and enabled.value) or _is_true(
        environment.get("OPENCLAW_LOAD_SHELL_ENV")
    )


def _is_true(value: str | None) -> bool:
    return trim(value or "").lower() in _TRUE


# --- ${NAME} --------------------------------------------------------------------------------------

_TOKEN = re.compile(r"(\$?)\$\{([A-Z_][A-Z0-9_]*)\}")
# Group 1 is the "$" that escapes. Nothing else is a reference: ${lower}, ${A-B}, $NAME, "$$".


MAX_CHARACTERS = 16 * 1024 * 1024
"""How much text variables may bring in all, in code points. Our bound: a config can set a long
variable and use it a million times. From there on variables are only assumed."""


def references(text: str) -> Iterator[str]:
    """The names of the ``${NAME}`` in a text that are not escaped, in order."""
    return (match[2] for match in _TOKEN.finditer(text) if not match[1])


def refers(text: str) -> bool:
    """Whether a text has a ``${NAME}`` that is not escaped."""
    return "${" in text and any(True for _ in references(text))


class Substitution:
    """A tree with variables put into every string value, never into keys.

    ``$${NAME}`` becomes the text ``${NAME}``. A variable that is missing or empty leaves its
    reference in the text (LOAD-31), and so does one that is only assumed, in a string that is
    then marked as ``assumed``. What is put in is not looked at again.

    ``root`` has new strings, and new containers on the way to them. ``uses`` are the places where
    a variable is asked for, ``literals`` findings about texts that only look like one.
    """

    def __init__(self, root: Node, places: list[Place], environment: env.Environment) -> None:
        self.environment = environment
        self.uses: list[env.VariableUse] = []
        self.literals: list[Diagnostic] = []
        self._left = MAX_CHARACTERS
        self.root = self._tree(root, places)

    def _tree(self, root: Node, places: list[Place]) -> Node:
        changes: dict[int, dict[str | int, Node]] = {}
        for number, (container, _, _) in enumerate(places):
            for step, node in nodes.children(container):
                if type(node) is not StringNode:
                    continue
                value = node.value
                if value[:1] != "%" and "$" not in value:
                    continue
                literal = re.fullmatch(_LOOKS_LIKE_REFERENCE, value) and not refers(value)
                path = (*nodes.path_of(places, number), step)
                if literal and len(self.literals) <= rules.MOST:
                    # It quotes nothing: the text might be a password that starts with "$".
                    self.literals.append(rules.literal_reference.at(node.location, key_path=path))
                new = self._string(node, path)
                if new is not node:
                    changes.setdefault(number, {})[step] = new
        return nodes.with_changes(root, places, changes)

    def _string(self, node: StringNode, path: KeyPath) -> StringNode:
        """The string with its variables, the very same one when it has none to put in."""
        count, before = len(_TOKEN.findall(node.value)), len(self.uses)
        if not count:
            return node
        spans = iter(_spans(node, count))

        def put_in(match: re.Match[str]) -> str:
            span = next(spans)
            if match[1]:
                return match[0][1:]
            name, value = match[2], self.environment.get(match[2]) or ""
            self._left -= len(value)
            state = self.environment.state(name) if self._left >= 0 else env.ASSUMED
            self.uses.append(env.VariableUse(name, Location(node.source, span), path, state))
            return value if state == env.FOUND else match[0]

        value = _TOKEN.sub(put_in, node.value)
        used = [use for use in self.uses[before:] if use.state in {env.FOUND, env.ASSUMED}]
        if value == node.value and not used:
            return node
        names = tuple(dict.fromkeys(use.name for use in used))
        assumed = any(use.state == env.ASSUMED for use in used)
        return nodes.FilledString(node, value, names, assumed)


def _spans(node: StringNode, count: int) -> list[Span]:
    """The place of each token in the literal; the whole literal where an escape hides one."""
    start, literal = node.start, node.source.text[node.start : node.end]
    found = [Span(start + it.start(), start + it.end()) for it in _TOKEN.finditer(literal)]
    return found if len(found) == count else [node.span] * count
