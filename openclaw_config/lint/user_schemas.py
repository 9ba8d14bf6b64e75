"""A user's own JSON Schema, such as an organisation's policy, checked over a merged config.

Imports jsonschema, so only a run with ``--schema`` pays for it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator, SchemaError, ValidationError
from jsonschema.exceptions import best_match
from jsonschema.validators import validator_for
from referencing import Registry
from referencing.exceptions import Unresolvable

from openclaw_config.diagnostics.model import Diagnostic, key_path_text, rule
from openclaw_config.files import Stamp, read_regular, reason_of, shown, stamp
from openclaw_config.plan.checking import Problem, problems_of
from openclaw_config.plan.values import objects_in
from openclaw_config.syntax.nodes import Node, StringNode, child, nodes_of, to_value
from openclaw_config.syntax.parser import parse
from openclaw_config.syntax.text import KeyPath, Location, Source
from openclaw_config.validation.context import start_of

MAX_BYTES = 1 << 20
"""A larger schema is not read."""
_REFUSED = "it is not allowed"
_OUTLINE = frozenset(
    {
        *("type", "required", "additionalProperties", "unevaluatedProperties", "propertyNames"),
        *("minProperties", "maxProperties", "minItems", "maxItems", "dependentRequired"),
    }
)
"""The keywords for which it does not matter what the text of a variable is."""
_BY_KEY = frozenset(("properties", "patternProperties"))


@rule(blocks=False, subject="schema")
def user_schema() -> None:
    """A config does not keep a JSON Schema of your own.

    With --schema FILE, or schemas in the settings, the merged config is checked by a schema of
    yours as well: what your organisation allows, for instance. OpenClaw itself knows nothing of it.
    The draft is 2020-12 where $schema names no other, and no reference to another file or to the
    network is followed. The description of the part that is not kept stands below the finding. What
    is wrong with the schema itself is found too.

    bad:
      {"properties": {"gateway": {"properties": {"bind": {"enum": "loopback"}}}}}
    good:
      {"properties": {"gateway": {"properties": {"bind": {"const": "loopback"}}}}}
    """


def broken(root: Node, paths: Iterable[str]) -> Iterator[Diagnostic]:
    """What of the schemas at some paths a config does not keep, and what is wrong with them.

    Never raises for what the files hold, nor for one that is missing.
    """
    for path in paths:
        try:
            validator, about_schema = _read(path, stamp(path))
            if about_schema is not None:
                yield about_schema
                continue
            for error in validator.iter_errors(to_value(root)):
                yield from _findings(root, error, shown(path))
        except Unresolvable as error:
            yield _unusable(path, f"it refers to {error.ref}, which it does not hold")
        except RecursionError:
            yield _unusable(path, "it or the config is nested too deeply")
        except (ArithmeticError, re.error) as error:
            # It has a pattern or a number that Python cannot take.
            yield _unusable(path, f"{error}")


def _unusable(path: str, why: str, location: Location | None = None) -> Diagnostic:
    return user_schema.at(location, f"the schema {shown(path)} cannot be used: {why}")


@lru_cache(maxsize=8)
def _read(path: str, _: Stamp) -> tuple[Any, Diagnostic | None]:
    """The schema, or why it cannot be used; many configs are checked with one.

    Raises RecursionError.
    """
    try:
        text = read_regular(path, MAX_BYTES).decode("utf-8-sig")
    except (OSError, ValueError) as error:
        return None, _unusable(path, reason_of(error))
    tree = parse(Source(text, shown(path), os.path.abspath(path), None))
    wrong = next((error for error in tree.errors if error.blocks), None)
    if wrong is not None or tree.root is None:
        return None, _unusable(path, wrong.message if wrong else "", wrong and wrong.location)
    schema = to_value(tree.root)
    named = isinstance(schema, dict) and isinstance(schema.get("$schema"), str)
    kind = validator_for(schema, Draft202012Validator) if named else Draft202012Validator
    try:
        kind.check_schema(schema)
        return kind(_with_places(schema), registry=Registry()), None
    except SchemaError as error:
        at = tuple(error.absolute_path)
        why = f"{key_path_text(at) or 'it'} cannot have this value"
        return None, _unusable(path, why, start_of(tree.root, at))


def _with_places(schema: Any) -> Any:
    """A schema with ``{"not": {}}`` for a key's ``false``, of which jsonschema tells no place."""
    for _, one in objects_in([schema]):
        for key in _BY_KEY & one.keys():
            if isinstance(one[key], dict):
                one[key] |= {name: {"not": {}} for name, it in one[key].items() if it is False}
    return schema


def _findings(root: Node, error: ValidationError, name: str) -> Iterator[Diagnostic]:
    node = child(root, *error.absolute_path)
    forbidden = error.schema is False or (error.validator, error.validator_value) == ("not", {})
    if node is None or not (forbidden or error.validator in _OUTLINE or not _unknown(node)):
        return
    error = best_match([error]) or error
    path: KeyPath = tuple(error.absolute_path)
    refused = Problem(path, _REFUSED)
    schema: Any = error.schema
    description = schema.get("description") if isinstance(schema, dict) else None
    helps = (" ".join(description.split()),) if isinstance(description, str) else ()
    for one in [refused] if forbidden else problems_of(error):
        said = str(one if one.known is None else one._replace(message=_REFUSED))
        at = start_of(root, one.path)
        yield user_schema.at(at, said, one.path, notes=(f"asked by {name}",), helps=helps)


def _unknown(node: Node) -> bool:
    """Whether it is not known what stands in a value, or in one below it."""
    return any(isinstance(one, StringNode) and one.assumed for one in nodes_of(node))
