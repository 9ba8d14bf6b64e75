"""A JSON Schema in shapes, and whether a tree of nodes has the shape that its author meant.

Each sub-schema is taken apart once, when first needed.

The keywords that the schemas of all releases use are known. Any other is refused when a schema is
prepared (``scripts/prepare_schema.py``), so that none is half understood; a check passes over it.
Of ``format`` only ``uri`` is looked at: beside any other the prepared schemas have a pattern. The
schemas have no reference cycles (a test says so), which bounds how deep ``evaluate`` goes.

The verdict is that of JSON Schema 2020-12, with numbers as JavaScript sees them and one exception:
a string whose text is not known yet (``assumed``) is only asked to be a string. What differs from
an ordinary validator is what comes back: each problem knows the node or the key that it is about,
and in a union only the branch that the author evidently meant is heard.

The cost is linear in the size of the tree: a value is looked at once per branch of the unions that
it lies in, and the schema bounds how many those are.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from functools import cached_property, lru_cache, partial
from operator import ge, gt, le, lt
from typing import Any, NamedTuple, TypeAlias

from openclaw_config.diagnostics.model import version
from openclaw_config.facts import schema_part, section
from openclaw_config.syntax import nodes
from openclaw_config.syntax.nodes import ArrayNode, Member, Node, ObjectNode, StringNode
from openclaw_config.syntax.text import KeyPath, trim

_LIMITS: dict[str, Callable[[Any, Any], bool]] = {
    "minimum": ge, "maximum": le, "exclusiveMinimum": gt, "exclusiveMaximum": lt,
}  # fmt: skip
_URL = "^[\\s\ufeff]*[A-Za-z][A-Za-z0-9+.-]*:"
Json: TypeAlias = dict[str, Any]
Follow: TypeAlias = Callable[[str], Json]
_SIZES = {"string": "Length", "array": "Items", "object": "Properties"}
_RARE = frozenset(("if", "uniqueItems", "patternProperties"))


def _one(keyword: str) -> cached_property[Shape | None]:
    """The shape that a keyword gives; it is taken apart when it is first needed."""
    return cached_property(lambda shape: shape.sub(shape.schema.get(keyword)))


def _several(keyword: str) -> cached_property[tuple[Shape, ...]]:
    """The same for a list of them."""
    return cached_property(lambda shape: shape.subs(keyword))


class Shape:
    """One sub-schema, with its references followed. An absent keyword is None, False or empty.

    ``keys`` are those that the schema names, in its order.
    """

    def __init__(self, schema: Json, follow: Follow, known: dict[int, Shape | None]) -> None:
        self.schema = schema
        self._follow = follow
        self._known = known
        get = schema.get
        names = get("type", ())
        names = [names] if isinstance(names, str) else names
        kinds = frozenset(name.replace("integer", "number") for name in names)
        self.kinds: frozenset[str] | None = kinds or None
        self.integer = "integer" in names
        self.closed = get("additionalProperties") is False
        self.required: tuple[str, ...] = tuple(get("required", ()))
        self.rule: str = get("x-rule", "")
        self.secret = bool(get("x-secret"))
        self.old = "x-legacy" in schema
        self.expects: str = get("x-expects", "")
        self.tag: str = get("x-tag", "")
        constant = [schema["const"]] if "const" in schema else []
        self.values: tuple[Any, ...] = tuple(get("enum", constant))
        # By the kind of a value: at least, and at most.
        self.sizes: dict[str, tuple[int, int | None]] = {
            kind: (get(f"min{name}", 0), get(f"max{name}")) for kind, name in _SIZES.items()
        }
        self.sized = any(size != (0, None) for size in self.sizes.values())
        self.trimmed_max_length: int | None = get("x-trimMaxLength")
        self.unique = get("uniqueItems") is True
        self.rare = not schema.keys().isdisjoint(_RARE)
        self.limits = {name: schema[name] for name in _LIMITS if name in schema}
        self._properties: dict[str, Any] = get("properties") or {}
        self.keys: tuple[str, ...] = tuple(self._properties)
        self._shapes: dict[str, Shape] = {}

    def sub(self, schema: Any) -> Shape | None:
        """The shape of a schema that this one has; None for what is no object."""
        found = self._known.get(id(schema))
        if found is None and isinstance(schema, dict):
            if "$ref" in schema:  # which stands alone
                found = self.sub(self._follow(schema["$ref"]))
            else:
                found = Shape(schema, self._follow, self._known)
            self._known[id(schema)] = found
        return found

    def subs(self, keyword: str) -> tuple[Shape, ...]:
        """The shapes in a list of schemas."""
        shapes = (self.sub(item) for item in self.schema.get(keyword, ()))
        return tuple(shape for shape in shapes if shape is not None)

    def of_key(self, key: str) -> Shape | None:
        """The shape that the schema gives to a key by name, or None."""
        found = self._shapes.get(key)
        if found is None and key in self._properties:
            found = self.sub(self._properties[key])
            if found is not None:
                self._shapes[key] = found
        return found

    def refuses(self, key: str) -> bool:
        """Whether the schema names a key to forbid it."""
        return self._properties.get(key) is False

    additional = _one("additionalProperties")
    """The shape of the values at keys that the schema does not name, where it gives one."""
    property_names = _one("propertyNames")
    """The shape of the keys themselves."""
    items = _one("items")
    """The shape of an array's items, after those of ``prefix_items``."""
    prefix_items = _several("prefixItems")
    """The shapes of an array's first items."""
    all_of = _several("allOf")
    """Shapes that hold as well."""
    not_ = _one("not")
    """The shape that must not hold."""
    condition = _one("if")
    """The shape that decides whether ``then`` or ``otherwise`` must hold as well."""
    then = _one("then")
    otherwise = _one("else")

    @cached_property
    def any_of(self) -> tuple[Shape, ...]:
        """The branches of a union; those of ``oneOf`` exclude one another (a test says so)."""
        return self.subs("oneOf") or self.subs("anyOf")

    def of_pattern(self, key: str) -> tuple[Shape, ...]:
        """The shapes that the schema gives to a key by patterns."""
        return tuple(shape for pattern, shape in self._patterns if pattern.search(key))

    @cached_property
    def _patterns(self) -> tuple[tuple[re.Pattern[str], Shape], ...]:
        named = self.schema.get("patternProperties", {}).items()
        shapes = ((re.compile(pattern), self.sub(part)) for pattern, part in named)
        return tuple((pattern, shape) for pattern, shape in shapes if shape is not None)

    @cached_property
    def pattern(self) -> re.Pattern[str] | None:
        """The pattern that a string must have."""
        text = self.schema.get("pattern", _URL if self.schema.get("format") == "uri" else None)
        return None if text is None else re.compile(text)


def shape_of(schema: dict[str, Any]) -> Shape:
    """The root shape of a whole schema, whose ``$ref`` all lead into its own ``$defs``."""
    return Shape(schema, lambda reference: schema["$defs"][reference.rpartition("/")[2]], {})


@lru_cache(maxsize=32)
def openclaw_shape(target: str) -> Shape:
    """The shape of a whole config of an OpenClaw release; a section is read when it is needed.

    Raises FileNotFoundError when there is no schema for that release.
    """
    return Shape(section("openclaw", target, "root"), partial(schema_part, target), {})


def walk(shape: Shape, path: tuple[str | int, ...]) -> Shape | None:
    """The shape at a key path, through unions by the first branch that knows the key; or None."""
    found: Shape | None = shape
    for step in path:
        for part in parts(found):
            found = inner(part, step)
            if found is not None:
                break
    return found


def parts(shape: Shape | None) -> Iterator[Shape]:
    """A shape, the branches of its unions and what holds as well, outer ones first."""
    if shape is not None:
        yield shape
        for inner in (*shape.any_of, *shape.all_of):
            yield from parts(inner)


def inner(shape: Shape, step: str | int) -> Shape | None:
    """The shape of a key's value or of an item, as a shape itself says, whatever its unions do."""
    if isinstance(step, int):
        return shape.prefix_items[step] if step < len(shape.prefix_items) else shape.items
    return shape.of_key(step) or next(iter(shape.of_pattern(step)), shape.additional)


UNKNOWN_KEY = "unknown-key"
BAD_KEY = "bad-key"
MISSING_KEY = "missing-key"
WRONG_TYPE = "wrong-type"
BAD_VALUE = "bad-value"
BAD_TEXT = "bad-text"
OUT_OF_RANGE = "out-of-range"
NOT_FINITE = "not-finite"
WRONG_LENGTH = "wrong-length"
REPEATED_ITEM = "repeated-item"
NO_BRANCH = "no-branch"
RULE = "rule"

MAX_SAFE_INTEGER = 2**53 - 1

Values: TypeAlias = "list[tuple[KeyPath, Node]]"
"""Some values, each with the way to it."""


_OBJECT = frozenset(("object",))
_MILD = frozenset((UNKNOWN_KEY, OUT_OF_RANGE, BAD_TEXT, WRONG_LENGTH, REPEATED_ITEM, RULE))


class Problem(NamedTuple):
    """One way in which a tree does not fit.

    ``node`` is the value that the problem is about: for an unknown or missing key the object, and
    ``key`` is that key. ``path`` is the way to the node. ``shape`` is what was asked of it.
    ``values`` are the allowed ones where the problem is a choice. Kind ``rule`` stands for a part
    of the schema that carries ``x-rule``: ``key`` is then the rule's name.

    ``union`` is the way to the outermost union that failed around the problem, or to the object
    whose other keys make it one, None outside of both, and ``others`` are the problems of all that
    union's branches. ``reported`` is the way to the union at which OpenClaw's own schema reports
    the problem, None where it is sure which branch was meant and reports the very place.
    """

    kind: str
    node: Node
    path: KeyPath
    shape: Shape
    key: str = ""
    values: tuple[Any, ...] = ()
    union: KeyPath | None = None
    others: tuple[Problem, ...] = ()
    reported: KeyPath | None = None

    @property
    def members(self) -> dict[str, Member]:
        """The members of the object that the problem is about, by their keys."""
        return self.node.index if isinstance(self.node, ObjectNode) else {}

    @property
    def member(self) -> Member:
        """The one whose key is not allowed."""
        return self.members[self.key]

    @property
    def aborts(self) -> bool:
        """Whether OpenClaw gives up on the objects around it and skips their cross-field rules.

        It goes on after a value of the right type that breaks a bound, a form or a length, and
        after an unknown key.
        """
        return self.kind not in _MILD


def evaluate(
    node: Node, shape: Shape, secrets: Values | None = None, path: KeyPath = ()
) -> list[Problem]:
    """Every problem of a tree, in no particular order. Empty when the tree has the shape.

    ``path`` is the way to the tree, where it is a part of one.

    The values at keys that hold secrets are added to ``secrets``; one inside a union may come
    more than once.
    """
    problems: list[Problem] = []
    _check(node, shape, path, problems, [] if secrets is None else secrets)
    return problems


def _check(node: Node, shape: Shape, path: KeyPath, out: list[Problem], secrets: Values) -> None:
    kind = node.kind
    if shape.secret:
        secrets.append((path, node))
    if shape.kinds is not None and kind not in shape.kinds:
        out.append(Problem(WRONG_TYPE, node, path, shape))
        return
    if kind == "object":
        _check_object(node, shape, path, out, secrets)  # type: ignore[arg-type]
    elif kind == "array":
        _check_array(node, shape, path, out, secrets)  # type: ignore[arg-type]
    elif kind == "string":
        _check_string(node, shape, path, out)  # type: ignore[arg-type]
    elif kind == "number" and (wrong := _wrong_number(node, shape, path)):
        out.append(Problem(wrong, node, path, shape))
        if wrong != OUT_OF_RANGE:
            return
    if shape.values and not _is_one_of(node, shape.values):
        out.append(Problem(BAD_VALUE, node, path, shape, values=shape.values))
    if shape.any_of:
        _check_union(node, shape, path, out, secrets)
    for part in shape.all_of:
        found = evaluate(node, part, secrets, path)
        if not part.rule:
            out += found
        elif found:
            out.append(Problem(RULE, node, path, part, part.rule))
    if shape.rare:
        condition = shape.condition
        if condition is not None:
            chosen = shape.otherwise if evaluate(node, condition, path=path) else shape.then
            if chosen is not None:
                found = evaluate(node, chosen, secrets, path)
                out += [problem._replace(union=path) for problem in found]
    if shape.not_ is not None and not evaluate(node, shape.not_, secrets, path):
        broken = RULE if shape.rule else BAD_TEXT
        out.append(Problem(broken, node, path, shape, shape.rule))


# --- scalars ----------------------------------------------------------------------------------


def _wrong_number(node: Node, shape: Shape, path: KeyPath) -> str:
    """What is wrong with a number that may stand there, "" when nothing is."""
    value: int | float = node.value  # type: ignore[attr-defined]
    if shape.kinds is not None and not math.isfinite(value):
        if not by_json_schema(path):
            return NOT_FINITE
        # In a plugin's config, Infinity was an integer before 2026.8.1.
        lenient = _in_plugin_config(path) and version(node.source.release) < (2026, 8)
        if shape.integer and (math.isnan(value) or not lenient):
            return WRONG_TYPE
    elif shape.integer and (
        value != int(value) or (abs(value) > MAX_SAFE_INTEGER and not _in_plugin_config(path))
    ):
        return WRONG_TYPE
    fits = all(_LIMITS[name](value, limit) for name, limit in shape.limits.items())
    return "" if fits else OUT_OF_RANGE


def by_json_schema(path: KeyPath) -> bool:
    """Whether the JSON Schema of a channel or a plugin validates what lies at a path.

    OpenClaw's validator for those takes Infinity for a number, and NaN where no bound stands.
    """
    return _in_plugin_config(path) or (
        len(path) > 1 and path[0] == "channels" and path[1] not in ("defaults", "modelByChannel")
    )


def in_own_schema(problem: Problem) -> bool:
    """Whether OpenClaw's own schema finds a problem, not the one of a channel or a plugin.

    That the config of a plugin is an object at all is for its own schema to say.
    """
    whole = len(problem.path) == 4 and problem.kind == WRONG_TYPE
    return not by_json_schema(problem.path) or (_in_plugin_config(problem.path) and whole)


def _in_plugin_config(path: KeyPath) -> bool:
    """Whether a plugin's own JSON Schema validates the value: there any whole number is an integer.

    OpenClaw's own integers, and those of the channels, are safe ones.
    """
    return path[:2] == ("plugins", "entries") and path[3:4] == ("config",)


def _check_string(node: StringNode, shape: Shape, path: KeyPath, out: list[Problem]) -> None:
    if node.assumed:
        return
    text, pattern = node.value, shape.pattern
    if pattern is not None and pattern.search(text) is None:
        out.append(Problem(BAD_TEXT, node, path, shape))
        return
    trimmed = _is_within(len(trim(text)), 0, shape.trimmed_max_length)
    if not trimmed or not _is_within(len(text), *shape.sizes["string"]):
        out.append(Problem(WRONG_LENGTH, node, path, shape))


def _is_within(size: int, least: int, most: int | None) -> bool:
    return least <= size and (most is None or size <= most)


def _is_one_of(node: Node, values: tuple[Any, ...]) -> bool:
    if isinstance(node, nodes.CONTAINERS):
        return False
    if isinstance(node, StringNode):
        if node.assumed:
            return any(isinstance(value, str) for value in values)
        return node.value in values
    value = getattr(node, "value", None)
    # To Python, true and 1 are equal.
    return any(value == one and isinstance(value, bool) is isinstance(one, bool) for one in values)


# --- objects and arrays -----------------------------------------------------------------------


def _check_object(
    node: ObjectNode, shape: Shape, path: KeyPath, out: list[Problem], secrets: Values
) -> None:
    for name in shape.required:
        if name not in node.values:
            out.append(Problem(MISSING_KEY, node, path, shape, name))
    if shape.sized and not _is_within(len(node.values), *shape.sizes["object"]):
        out.append(Problem(WRONG_LENGTH, node, path, shape))
    names = shape.property_names
    additional = shape.additional
    for key, value in node.values.items():
        if names is not None and evaluate(_as_text(key, node), names):
            out.append(Problem(BAD_KEY, node, path, names, key))
        inner = shape.of_key(key)
        if inner is not None and not (inner.old and _is_foreign(value, inner)):
            _check(value, inner, (*path, key), out, secrets)
        elif inner is not None:
            out.append(Problem(UNKNOWN_KEY, node, path, shape, key))
        patterns = shape.of_pattern(key) if shape.rare else ()
        for part in patterns:
            _check(value, part, (*path, key), out, secrets)
        if inner is not None or patterns:
            continue
        if additional is not None and not shape.refuses(key):
            _check(value, additional, (*path, key), out, secrets)
        elif (shape.closed and key not in shape.keys) or shape.refuses(key):
            out.append(Problem(UNKNOWN_KEY, node, path, shape, key))


def _as_text(key: str, node: Node) -> StringNode:
    return StringNode(node.source, node.start, node.start, key)


def _is_foreign(node: Node, shape: Shape) -> bool:
    """Whether an old key stands with a value that OpenClaw never moved: it is unknown then.

    A list of agents is still there only when it cannot be read (LOAD-51).
    """
    if shape.items is not None:
        return True
    return not shape.keys and shape.kinds == _OBJECT and node.kind != "object"


def _check_array(
    node: ArrayNode, shape: Shape, path: KeyPath, out: list[Problem], secrets: Values
) -> None:
    if shape.sized and not _is_within(len(node.items), *shape.sizes["array"]):
        out.append(Problem(WRONG_LENGTH, node, path, shape))
    if shape.unique:
        seen: set[str] = set()
        for at, item in enumerate(node.items):
            if any(getattr(one, "assumed", False) for one in nodes.nodes_of(item)):
                continue
            # Compared as JSON text: to Python, true and 1 are equal.
            text = json.dumps(nodes.to_value(item), sort_keys=True)
            if text in seen:
                out.append(Problem(REPEATED_ITEM, item, (*path, at), shape))
            seen.add(text)
    prefix = shape.prefix_items
    rest = shape.items
    if not prefix and rest is None:
        return
    for at, item in enumerate(node.items):
        inner = prefix[at] if at < len(prefix) else rest
        if inner is not None:
            _check(item, inner, (*path, at), out, secrets)


# --- unions -----------------------------------------------------------------------------------


def _check_union(
    node: Node, shape: Shape, path: KeyPath, out: list[Problem], secrets: Values
) -> None:
    trials: list[tuple[Shape, list[Problem]]] = []
    for branch in shape.any_of:
        if branch.kinds is None or node.kind in branch.kinds:
            trial = evaluate(node, branch, secrets, path)
            if not trial:
                return
            trials.append((branch, trial))
    around: dict[str, Any] = {"union": path, "reported": path}
    around["others"] = tuple(problem for _, trial in trials for problem in trial)
    mild = [trial for _, trial in trials if not any(problem.aborts for problem in trial)]
    if len(mild) == 1:
        # One branch has the right form, so its bounds are what is broken: no need to guess.
        meant, around["reported"] = mild[0], None
    elif isinstance(node, ObjectNode):
        meant = _of_object(node, shape, trials, path)
        # OpenClaw chooses the branch by a tag, so it knows as we do which one was meant.
        around = {} if shape.tag else around
    elif isinstance(node, ArrayNode) and trials:
        meant = min(trials, key=lambda trial: len(trial[1]))[1]
    else:
        meant = [Problem(NO_BRANCH, node, path, shape)]
    out += [problem._replace(**around) for problem in meant]


def _of_object(
    node: ObjectNode, shape: Shape, trials: list[tuple[Shape, list[Problem]]], path: KeyPath
) -> list[Problem]:
    """The problems of the branch that an object was meant to be."""
    meant = [
        (branch, found)
        for branch, found in trials
        if branch.keys or branch.all_of or branch.any_of or branch.additional
    ]
    if not meant:
        return [Problem(NO_BRANCH, node, path, shape)]
    tags: dict[str, dict[int, tuple[Any, ...]]] = {}
    for at, (branch, _) in enumerate(meant):
        for key, values in tags_of(branch).items():
            tags.setdefault(key, {})[at] = values
    for key, by_branch in tags.items():
        tag = node.get(key)
        whole = len(by_branch) == len(meant)
        allowed = tuple(value for values in by_branch.values() for value in values)
        if tag is None:
            if whole and all(key in branch.required for branch, _ in meant):
                return [Problem(MISSING_KEY, node, path, shape, key, values=allowed)]
            continue
        chosen = [meant[at] for at, values in by_branch.items() if _is_one_of(tag, values)]
        if chosen:
            meant = chosen
            break
        if whole:
            inner = meant[0][0].of_key(key) or shape
            return [Problem(BAD_VALUE, tag, (*path, key), inner, values=allowed)]
    return min(meant, key=lambda trial: _distance(node, trial[0], trial[1]))[1]


def tags_of(branch: Shape) -> dict[str, tuple[Any, ...]]:
    """The keys that a branch wants at one value, or requires at one of few: they tell it apart."""
    found: dict[str, tuple[Any, ...]] = {}
    for key in branch.keys:
        inner = branch.of_key(key)
        if inner is not None and (
            "const" in inner.schema or (inner.values and key in branch.required)
        ):
            found[key] = inner.values
    return found


def _distance(node: ObjectNode, branch: Shape, problems: list[Problem]) -> tuple[int, int]:
    """How far an object is from a branch: few foreign keys first, then few problems."""
    known = sum(1 for key in node.values if branch.of_key(key) is not None)
    return (len(problems) - known, len(problems))
