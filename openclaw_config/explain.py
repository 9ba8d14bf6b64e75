"""What a rule means, or what a key takes: the answers behind ``explain``."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from openclaw_config.diagnostics.display import printable, wrapped
from openclaw_config.diagnostics.model import key_path_text
from openclaw_config.syntax.spans import KeyPath
from openclaw_config.targets import DEFAULT
from openclaw_config.validation.schema import Shape, openclaw_shape, walk
from openclaw_config.validation.suggest import nearest
from openclaw_config.validation.wording import expected, listing

if TYPE_CHECKING:
    from openclaw_config.diagnostics.rules import Rule

_STEP = re.compile(r'(?:^|\.)([^.\[\]"]+)|\[(\d*|\*)\]|\["((?:[^"\\]|\\.)*)"\]')


class Key(NamedTuple):
    """What the structural schema says about a key.

    ``expects`` is in words. ``values`` are the allowed values, where only a few are. ``keys`` are
    the keys of an object, ``required`` those it cannot do without, and ``open`` is true when it
    takes others too. ``default`` is JSON text, empty where the schema gives none. ``legacy`` marks
    an old spelling that is still read.
    """

    path: KeyPath
    expects: str
    description: str = ""
    values: tuple[Any, ...] = ()
    keys: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    open: bool = False
    default: str = ""
    secret: bool = False
    legacy: bool = False


def read_key_path(text: str, any_item: bool = True, release: str = DEFAULT) -> KeyPath:
    """The steps of a key path as people write it; ``[]``, ``[*]``, ``[3]`` and ``.3`` are any item.

    Without ``any_item``, ``[3]`` is the fourth item and the other two are refused. Raises
    ValueError when the text is no key path.
    """
    steps: list[str | int] = []
    at = 0
    while at < len(text) or not steps:
        match = _STEP.match(text, at)
        if match is None:
            raise ValueError("not a key path")
        name, index, quoted = match.groups()
        if index is None:
            steps.append(name or re.sub(r"\\(.)", r"\1", quoted or ""))
        else:
            steps.append(0 if any_item else int(index))
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
    return Key(
        path=path,
        expects=expected(shape),
        description=schema.get("description", ""),
        values=shape.values,
        keys=tuple(dict.fromkeys(name for part in parts for name in part.keys)),
        required=shape.required,
        open=any(part.additional is not None or _takes_any_key(part) for part in parts),
        default=json.dumps(schema["default"]) if "default" in schema else "",
        secret=any(part.schema.get("x-secret", False) for part in parts),
        legacy=bool(schema.get("x-legacy") or schema.get("deprecated")),
    )


def old_key(path: KeyPath, release: str = DEFAULT) -> Key | None:
    """What became of an old key, or None when a path is none.

    The rules about old keys are asked with small configs that have one.
    """
    from openclaw_config.loading.load import load
    from openclaw_config.validation.validate import validate

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
    for end in range(1, len(path) + 1):
        step = path[end - 1]
        if key(path[:end], release) is None:
            parent = key(path[: end - 1], release)
            if parent is None or not isinstance(step, str):
                return None
            close = nearest(step, parent.keys)
            return key_path_text((*path[: end - 1], close)) if close else None
    return None


def rule_as_json(rule: Rule) -> dict[str, Any]:
    """A rule's documentation as a JSON value."""
    shown = ("name", "severity", "blocks", "summary", "why", "bad", "good", "source")
    return {"kind": "rule", **{name: getattr(rule, name) for name in shown}}


def key_as_json(found: Key) -> dict[str, Any]:
    """What is known of a key, as a JSON value; ``path`` is its text, ``keyPath`` its steps."""
    value: dict[str, Any] = {
        "kind": "key",
        "path": _path_text(found.path),
        "keyPath": list(found.path),
        "expects": found.expects,
        "description": found.description,
        "values": list(found.values),
        "keys": list(found.keys),
        "required": list(found.required),
        "open": found.open,
        "secret": found.secret,
        "legacy": found.legacy,
    }
    if found.default:
        value["default"] = json.loads(found.default)
    return value


def rule_as_text(rule: Rule, width: int) -> str:
    """A rule's documentation for a terminal of ``width`` columns."""
    effect = "OpenClaw refuses the file" if rule.blocks else "the file loads all the same"
    if rule.subject != "config":
        effect = f"about {'' if rule.subject == 'settings' else 'a '}{rule.subject}"
    return "\n".join(
        [
            f"{rule.name} ({rule.severity}; {effect})",
            "",
            *_paragraph(f"{rule.summary[:1].upper()}{rule.summary[1:].rstrip('.')}.", width),
            "",
            *_paragraph(rule.why, width),
            "",
            *(["Bad:", *_example(rule.bad), ""] if rule.bad else []),
            "Good:",
            *_example(rule.good),
            *(["", f"Stands on: {rule.source}"] if rule.source else []),
            "",
        ]
    )


def key_as_text(found: Key, width: int) -> str:
    """What is known of a key, for a terminal of ``width`` columns."""
    facts = [f"takes      {found.expects}"] if found.expects else []
    if found.default:
        facts.append(f"default    {found.default}")
    if found.required:
        facts.append(f"required   {listing(found.required, 'and', 100)}")
    others = ["any other name"] if found.open else []
    if found.keys or others:
        facts.append(f"keys       {', '.join([*found.keys, *others])}")
    if found.secret:
        facts.append("secret     yes: write ${NAME} or a SecretRef, not the key itself")
    if found.legacy:
        facts.append("legacy     an old spelling that this version still reads")
    lines = [printable(_path_text(found.path))]
    if found.description:
        lines += _paragraph(found.description, width)
    for fact in facts:
        lines += fact_lines(fact[:11].rstrip(), fact[11:], width)
    return "\n".join([*lines, ""])


def fact_lines(title: str, text: str, width: int) -> list[str]:
    """A fact and its title, in lines of at most ``width`` columns."""
    first, *more = wrapped(text, width - 13)
    return [f"  {title:<11}{first}", *(" " * 13 + line for line in more)]


def _paragraph(text: str, width: int) -> list[str]:
    return wrapped(printable(text), width)


def _example(text: str) -> list[str]:
    return [f"    {line}" for line in text.strip().splitlines()]
