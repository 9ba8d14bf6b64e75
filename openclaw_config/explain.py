"""The answers behind ``explain``: what a rule means, what a key takes, why a value is what it is.

A value is shown only where it cannot be a secret.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from textwrap import indent
from typing import Any, NamedTuple, TypeAlias

from openclaw_config.descriptions import Description, describe
from openclaw_config.diagnostics.display import printable, wrapped
from openclaw_config.diagnostics.masking import masked
from openclaw_config.diagnostics.model import Rule, key_path_text
from openclaw_config.errors import OpenClawConfigError
from openclaw_config.loading.load import Document, load
from openclaw_config.plan.json_form import to_json
from openclaw_config.plan.model import Json, Plan
from openclaw_config.plan.values import first_at, objects_in, path_of, pointer
from openclaw_config.syntax import nodes
from openclaw_config.syntax.text import KeyPath, Location
from openclaw_config.targets import DEFAULT, releases
from openclaw_config.validation.migrations.versions import hint
from openclaw_config.validation.schema import Shape, openclaw_shape, walk
from openclaw_config.validation.suggest import nearest
from openclaw_config.validation.validate import validate
from openclaw_config.validation.wording import expected, listing, quoted
from openclaw_config.validation.wording import found as in_words

_QUOTED = r""" "((?:[^"\\]|\\.)*)" | '((?:[^'\\]|\\.)*)' """
_STEP = re.compile(
    rf"""(?:^|\.)(?:((?:[^."'\[\]\\]|\\.)+) | {_QUOTED}) | \[(?:([^"'\[\]]*) | {_QUOTED})\]""",
    re.VERBOSE,
)


class Key(NamedTuple):
    """What the structural schema says about a key.

    ``expects`` is in words. ``values`` are the allowed values, where only a few are. ``keys`` are
    the keys of an object, ``required`` those it cannot do without, and ``open`` is true when it
    takes others too. ``default`` is JSON text, empty where none is known, ``unit`` that of a
    number. ``legacy`` marks an old spelling that is still read. ``since`` is the first release with
    the key, "" where the oldest has it, ``until`` the first one without it, and ``now`` says what
    that one has instead.
    """

    path: KeyPath
    expects: str
    description: str = ""
    values: tuple[Any, ...] = ()
    keys: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    open: bool = False
    secret: bool = False
    legacy: bool = False
    default: str = ""
    unit: str = ""
    since: str = ""
    until: str = ""
    now: str = ""


class KeyPathError(OpenClawConfigError, ValueError):
    """A text that is no key path, from the offset ``at`` on."""

    def __init__(self, text: str, at: int) -> None:
        place = f"behind '{masked(text[:at])}'" if at else "at its start"
        super().__init__(f'not a key path: {place} goes .key, ["key"] or [0]')
        self.at = at


def read_key_path(text: str, any_item: bool = True, release: str = DEFAULT) -> KeyPath:
    r"""The steps of a key path as people write it; ``[]``, ``[*]``, ``[3]``, ``.3`` are any item.

    A key with dots or brackets is quoted, ``["a.b"]`` or ``."a.b"``, or has a ``\`` before them.
    Without ``any_item``, ``[3]`` is the fourth item and the other two are refused. Raises
    KeyPathError when the text is no key path.
    """
    steps: list[str | int] = []
    at = 0
    while at < len(text) or not steps:
        match = _STEP.match(text, at)
        if match is None:
            raise KeyPathError(text, at)
        item = match[4]
        if item is None or (item.strip("*") and not item.isdecimal()):
            key = next(part for part in match.groups() if part is not None)
            steps.append(re.sub(r"\\(.)", r"\1", key))
        elif any_item or item.isdecimal():
            steps.append(0 if any_item else int(item))
        else:
            raise KeyPathError(text, at + 1)
        at = match.end()
    for number, step in enumerate(steps):
        if isinstance(step, str) and step.isdecimal() and _is_list(tuple(steps[:number]), release):
            steps[number] = 0 if any_item else int(step)
    return tuple(steps)


def _is_list(path: KeyPath, release: str) -> bool:
    shape = openclaw_shape(release)
    return walk(shape, (*path, "0")) is None and walk(shape, (*path, 0)) is not None


def key(path: KeyPath, release: str = DEFAULT) -> Key | None:
    """What a config may hold at a key path, or None when the release knows no such key."""
    shape = walk(openclaw_shape(release), path)
    if shape is None:
        return None
    parts = [shape, *shape.any_of, *shape.all_of]
    schema = shape.schema
    said = describe(path, release) or Description("")
    default = schema.get("default", said.default)
    return Key(
        path=path,
        expects=expected(shape),
        description=said.text,
        values=shape.values,
        keys=tuple(dict.fromkeys(name for part in parts for name in part.keys)),
        required=shape.required,
        open=any(part.additional is not None or _takes_any_key(part) for part in parts),
        default="" if default is None else json.dumps(default),
        unit=said.unit,
        secret=any(part.schema.get("x-secret", False) for part in parts),
        legacy=bool(schema.get("x-legacy") or schema.get("deprecated")),
    )


def key_of_any(path: KeyPath) -> Key | None:
    """A key as the newest release that knows it has it, with the releases that do."""
    every = releases()
    having = [at for at, release in enumerate(every) if key(path, release) is not None]
    last = every[having[-1]] if having else DEFAULT
    found = key(path, last)
    if found is None or found.legacy:
        found = old_key(path, last) or found
    if found is None or not having:
        return found
    until = "".join(every[having[-1] + 1 : having[-1] + 2])
    since = every[having[0]] if having[0] else ""
    return found._replace(since=since, until=until, now=hint(path, until) if until else "")


def old_key(path: KeyPath, release: str = DEFAULT) -> Key | None:
    """What became of an old key, or None when a path is none.

    The rules about old keys are asked with small configs that have one.
    """
    samples: tuple[Any, ...] = ({}, {"x": {}}, "x", True, 1, [])
    for value in samples:
        for step in reversed(path):
            value = {step: value} if isinstance(step, str) else [value]  # noqa: PLW2901
        for item in validate(load(text=json.dumps(value), target=release)).diagnostics:
            if item.rule in _ABOUT_OLD_KEYS and item.key_path == path:
                text = f"{item.message}: {item.label}" if item.label else item.message
                return Key(path, "", description=text, legacy=True)
    return None


_ABOUT_OLD_KEYS = frozenset({"legacy-key", "refused-legacy-key"})


def _path_text(path: KeyPath) -> str:
    # An index stands for any item here.
    return key_path_text(path).replace("[0]", "[]")


def _takes_any_key(shape: Shape) -> bool:
    return shape.kinds is not None and "object" in shape.kinds and not shape.closed


def nearest_key(path: KeyPath, release: str = DEFAULT) -> str | None:
    """The path with its first unknown step set right, or None when nothing is like it."""
    known = 0
    while known < len(path) and key(path[: known + 1], release) is not None:
        known += 1
    parent = key(path[:known], release)
    step = path[known] if known < len(path) else 0
    close = nearest(step, parent.keys) if parent and isinstance(step, str) else None
    return key_path_text((*path[:known], close)) if close else None


def rule_as_json(rule: Rule) -> dict[str, Any]:
    """A rule's documentation as a JSON value."""
    shown = ("name", "severity", "blocks", "summary", "why", "bad", "good", "source")
    return {"kind": "rule", **{name: getattr(rule, name) for name in shown}}


def key_as_json(found: Key) -> dict[str, Any]:
    """What is known of a key, as a JSON value; ``path`` is its text, ``keyPath`` its steps."""
    known = found._asdict()
    path, default = known.pop("path"), known.pop("default")
    value = {"kind": "key", "path": _path_text(path), "keyPath": path, **known}
    return {**value, "default": json.loads(default)} if default else value


def rule_as_text(rule: Rule, width: int) -> str:
    """A rule's documentation for a terminal of ``width`` columns."""
    effect = "OpenClaw refuses the file" if rule.blocks else "the file loads all the same"
    if rule.subject != "config":
        effect = f"about {'' if rule.subject == 'settings' else 'a '}{rule.subject}"
    summary = f"{rule.summary[:1].upper()}{rule.summary[1:].rstrip('.')}."
    parts = [f"{rule.name} ({rule.severity}; {effect})"]
    parts += ["\n".join(wrapped(printable(text), width)) for text in (summary, rule.why)]
    for title, example in ("Bad:", rule.bad), ("Good:", rule.good):
        parts += [f"{title}\n{indent(example.strip(), '    ')}"] if example else []
    parts += [f"Stands on: {rule.source}"] if rule.source else []
    return "\n\n".join(parts) + "\n"


def key_as_text(found: Key, width: int) -> str:
    """What is known of a key, for a terminal of ``width`` columns."""
    lines = [printable(_path_text(found.path))]
    lines += wrapped(printable(found.description), width) if found.description else []
    return "\n".join([*lines, *_fact_lines(key_facts(found), width), ""])


def key_facts(found: Key) -> list[tuple[str, str]]:
    """What is known of a key, as titles and texts; a text is empty where there is nothing."""
    return [
        ("takes", found.expects),
        ("default", found.default),
        ("unit", found.unit),
        ("required", listing(found.required, "and", 100) if found.required else ""),
        ("keys", ", ".join([*found.keys, *["any other name"] * found.open])),
        ("secret", "yes: write ${NAME} or a SecretRef, not the key itself" * found.secret),
        ("legacy", "an old spelling that this version still reads" * found.legacy),
        ("since", f"OpenClaw {found.since}" if found.since else ""),
        ("until", f"OpenClaw {found.until} does not know it" if found.until else ""),
        ("now", found.now),
    ]


def _fact_lines(facts: Iterable[tuple[str, str]], width: int) -> Iterator[str]:
    """Facts with their titles, those that have a text, in lines of at most ``width`` columns."""
    for title, text in facts:
        for number, line in enumerate(wrapped(printable(text), width - 13) if text else ()):
            yield f"  {'' if number else title:<11}{line}"


# --- a value --------------------------------------------------------------------------------------

SET_BY = {
    "process": "from the environment",
    "dotenv": "from a .env file",
    "block": "from the env block",
    "shell": "from the login shell",
    "assumed": "taken to be set; --env process or --env-file decides for real",
    "missing": "not set",
}
"""What is said of the kinds of ``loading.environment``, and of a variable that is not set."""


def value_as_json(
    document: Document, path: KeyPath, plan: Plan | None, file: str
) -> dict[str, Any]:
    """Why the value at a key path is what it is, as a JSON value; ``plan`` is the document's.

    ``value`` is the value, or what it is where it may be a secret, ``place`` where it stands. It
    got there by ``includes``, the main file's first, and is read under the key ``movedTo`` if its
    own is an old one; ``writtenAs`` is the old key of one that is asked for by its new one.
    ``overridden`` are the places where the same key is written and does not count. ``decides`` are
    the fields of the plan that it decides, as paths into its JSON.
    """
    trees = document.trees
    if any(isinstance(step, int) for step in path):
        # Lists of several files are joined: an index there is not one here.
        own = nodes.child(trees[0].root, *path) if trees else None
        written = [] if own is None else [own.location]
    else:
        written = list(_written_at(document, path))
    node = nodes.child(document.root, *path)
    moved: KeyPath = ()
    if node is None and written:
        # An old key: the value is there under another name.
        node = nodes.child(trees[0].root, *path)
        moved = () if node is None else _path_to(document.root, node)
    target = moved or path
    there = node.location if node is not None else None
    via = (via for root, via, _ in _roots(document, path) if there and root.source is there.source)
    old = () if node is None or moved else _old_path(trees, node, target)
    return {
        "kind": "value",
        "file": file,
        "path": key_path_text(path),
        "keyPath": path,
        "set": node is not None,
        "value": _words(node, target, plan) if node is not None else "",
        "place": place_of(there),
        "includes": [place_of(place) for place in next(via, ())],
        "writtenAs": key_path_text(old),
        "movedTo": key_path_text(moved),
        "overridden": [place_of(place) for place in written if there and place != there],
        "variables": list(_variables(document, target)) if there else [],
        "decides": [*map(key_path_text, decided(plan, target))] if there else [],
    }


def value_as_text(found: dict[str, Any], width: int) -> str:
    """The answer of ``value_as_json`` for a terminal of ``width`` columns."""
    lines = [printable(f"in {found['file']}"), *_fact_lines(value_facts(found), width), ""]
    return "\n".join(lines)


def value_facts(found: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The answer of ``value_as_json`` as titles and texts; one without a title goes on."""
    if not found["set"]:
        yield "value", "not set"
        return
    yield "value", found["value"]
    yield "stands at", _at(found["place"])
    for place in reversed(found["includes"]):
        yield "", f"included at {_at(place)}"
    if found["writtenAs"]:
        yield "written as", f"{found['writtenAs']}, an old key"
    if found["movedTo"]:
        yield "read as", f"{found['movedTo']}: this is an old key"
    for one in found["variables"]:
        at = f", {_at(one['place'])}" if one["place"] else ""
        yield "variable", f"{one['name']}, {SET_BY[one['kind']]}{at}"
    for place in found["overridden"]:
        yield "no effect", f"what {_at(place)} says"
    for number, field in enumerate(found["decides"]):
        yield "" if number else "decides", field


def place_of(location: Location | None) -> dict[str, Any] | None:
    """A place as answers have it."""
    if location is None:
        return None
    line, column = location.position
    return {"file": location.source.name, "line": line, "column": column}


def _at(place: dict[str, Any]) -> str:
    return "{file}:{line}:{column}".format(**place)


def _words(node: nodes.Node, path: KeyPath, plan: Plan | None) -> str:
    if isinstance(node, nodes.CONTAINERS):
        kind, part = ("an object with", "key") if node.kind == "object" else ("a list of", "item")
        count = len(nodes.children(node))
        return f"{kind} {count} {part}{'' if count == 1 else 's'}"
    if isinstance(node, nodes.StringNode) and plan is not None and not node.variables:
        refs = {candidate.ref for surface in plan.surfaces for candidate in surface.candidates}
        if node.value in refs:  # a model's name, which the plan shows too
            return quoted(node.value)
    return in_words(node, path, walk(openclaw_shape(node.source.release), path))


_Root: TypeAlias = tuple[nodes.Node, tuple[Location, ...], KeyPath]
"""A file's value: where it is included, and what of the path to a value is left in it."""


def _roots(document: Document, path: KeyPath) -> Iterator[_Root]:
    """What may bring the value at a path: the main file, and what is included on the way to it.

    Each file comes once for what of the path is left in it.
    """
    mounts = {id(node): parts for node, parts in document.mounts}
    waiting: list[_Root] = [(tree.root, (), path) for tree in document.trees[:1] if tree.root]
    seen = set()
    for root, via, rest in waiting:
        if (id(root), len(rest)) in seen:
            continue
        seen.add((id(root), len(rest)))
        yield root, via, rest
        for depth in range(len(rest) + 1):
            for name, part in mounts.get(id(nodes.child(root, *rest[:depth])), ()):
                waiting.append((part, (*via, name.location), rest[depth:]))


def _written_at(document: Document, path: KeyPath) -> Iterator[Location]:
    """Every place where the key is written, those that do not count included."""
    for root, _, rest in _roots(document, path):
        found = [root]
        for step in rest:
            owners = [node for node in found if isinstance(node, nodes.ObjectNode)]
            found = [it.value for node in owners for it in node.members if it.key == step]
        yield from (node.location for node in found)


def _old_path(trees: tuple[nodes.Tree, ...], node: nodes.Node, path: KeyPath) -> KeyPath:
    """The key path under which the main file has a value that is read at another one."""
    there = _path_to(trees[0].root, node) if trees and node.source is trees[0].source else ()
    names, written = ([one for one in steps if isinstance(one, str)] for steps in (path, there))
    return there if written != names else ()


def _path_to(root: nodes.Node | None, wanted: nodes.Node) -> KeyPath:
    """The way to the node of a tree that stands where another one does, or ()."""
    for path, node in nodes.paths_of(root):
        if node.location == wanted.location and node.kind == wanted.kind:
            return path
    return ()


def _variables(document: Document, path: KeyPath) -> Iterator[dict[str, Any]]:
    """The variables that were put into a value, and where each is set."""
    for name in dict.fromkeys(use.name for use in document.uses if use.key_path == path):
        variable = document.environment.variable(name)
        kind = "missing" if variable is None else variable.kind
        place = None if variable is None else place_of(variable.location)
        yield {"name": name, "kind": kind, "place": place}


def decided(plan: Plan | None, path: KeyPath) -> dict[KeyPath, Json]:
    """The fields of a plan's JSON whose origin is the value at a path, or something in it."""
    if plan is None or not path:
        return {}
    place = pointer(path)
    in_env_block = path[0] == "env" and (len(path) == 2 or (len(path) == 3 and path[1] == "vars"))

    def is_ours(origin: Json) -> bool:
        if not isinstance(origin, dict):
            return False
        if in_env_block and origin.get("kind") == "env":
            return bool(origin.get("name") == path[-1] and origin.get("line"))
        there = str(origin.get("path", ""))
        return origin.get("kind") == "config" and (there == place or there.startswith(f"{place}/"))

    form = to_json(plan)
    fields: list[KeyPath] = [
        path_of(field) for field, origin in form.pop("provenance", {}).items() if is_ours(origin)
    ]
    fields += [at for at, value in objects_in(form) if is_ours(value.get("origin"))]
    return {field: first_at(form, pointer(field)) for field in fields}
