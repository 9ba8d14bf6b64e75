"""A key that moved between releases is written in one place: ``schema/targets.json``.

The rest of the package takes it from ``document.target.keys``. What converts old keys names them,
and so may the examples of rules, which are docstrings.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from openclaw_config import targets
from openclaw_config.validation.schema import openclaw_shape, walk

PACKAGE = Path(targets.__file__).parent
EXEMPT = tuple(PACKAGE / one for one in ("migration.py", "validation/migrations"))
OLD, NEW = targets.target("2026.4.29"), targets.target("2026.9.6")


def ways(keys: targets.Keys) -> Iterator[targets.Way]:
    """Every way of keys that a form of Keys has."""
    for field in keys:
        if isinstance(field, dict):
            yield from field.values()
        elif field and isinstance(field[0], tuple):
            yield from (way for way in field if isinstance(way, tuple))
        elif field:
            yield tuple(map(str, field))


def has(target: targets.Target, way: targets.Way) -> bool:
    """Whether a release has a key, and not as an old one that it converts."""
    steps = tuple(0 if one == "[]" else one for one in way)
    shape = walk(openclaw_shape(target.release), steps)
    return shape is not None and not shape.old


MOVED = sorted(
    way
    for way in {*ways(OLD.keys), *ways(NEW.keys)}
    if len(way) > 1 and has(OLD, way) != has(NEW, way)
)
"""The ways that only one of the two releases has; one key alone is a word like any other."""


def texts(tree: ast.AST) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Runs of constant strings that stand beside each other, and dotted text, with their lines."""
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.expr):
            continue
        parts: list[ast.expr] = []
        if isinstance(node, ast.Tuple | ast.List):
            parts = node.elts
        elif isinstance(node, ast.Call):
            parts = node.args
        run: list[str] = []
        for part in parts:
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                run.append(part.value)
                continue
            if len(run) > 1:
                yield node.lineno, tuple(run)
            run = []
        if len(run) > 1:
            yield node.lineno, tuple(run)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            for word in re.sub(r"\[\d*\]", ".[]", node.value).split():
                if "." in word:
                    yield node.lineno, tuple(word.strip("`'\"(),;:.").split("."))


def named(run: tuple[str, ...]) -> targets.Way | None:
    """The moved key that a run of steps names."""
    for way in MOVED:
        size = len(way)
        if any(run[at : at + size] == way for at in range(len(run) - size + 1)):
            return way
    return None


def test_the_keys_that_moved() -> None:
    assert ("messages", "tts") in MOVED
    assert ("agents", "defaults", "mediaModels", "video") in MOVED
    assert ("agents", "list") in MOVED
    assert ("agents", "defaults", "models") not in MOVED


def test_what_counts_as_naming_a_key() -> None:
    code = 'child(root, "agents", "list", 0)\nx = f"see agents.list[0]"\ny = ("agents", "defaults")'
    assert [line for line, run in texts(ast.parse(code)) if named(run)] == [1, 2]


@pytest.mark.parametrize(
    "path",
    [
        path
        for path in sorted(PACKAGE.rglob("*.py"))
        if not any(path == one or one in path.parents for one in EXEMPT)
    ],
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_no_other_module_names_a_key_that_moved(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [f"{path.name}:{line}: {'.'.join(run)}" for line, run in texts(tree) if named(run)]
    assert found == []
