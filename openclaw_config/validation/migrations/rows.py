"""The rows of ``schema/migrations``, and whether a config has a key that one of them is about.

A row says of one old key what becomes of it. Its fields, in JSON:

    at        patterns of the object that the paths are relative to; a step is a key, ``*`` for
              every key, ``[]`` for every item; "" is the root
    key       the old key, a path of keys below it; of "move", ``*`` as its last step is every key,
              and that of ``to`` is the same one; ``but`` are keys that it does not mean
    op        "move" (to ``to``), "value" (the value is rewritten in place; ``key`` may be a
              pattern), "remove", "drop" (all that the pattern ``key`` leads to goes), "write"
              (``sets`` and ``fills`` are written, and ``note`` is said of it), "call" (the
              function ``call`` does it all, where ``key`` is there), "decide" (a person says which
              of ``choices`` it is; ``key`` may be a pattern), "stay" (nothing is done: see
              ``refused``)
    to        the new place, a path of keys below the same object
    of        only values of this kind are taken (``object``, ``boolean`` …)
    map       old values and the new ones; any other value stays; null: the key is removed
    fold      how a string is compared with ``map``: "lower" (trimmed, the default), "trim", "exact"
    like      a pattern that a text, or the JSON5 of another value, matches from its start on
    unsafe    new values of ``map`` that say more than the old ones
    form      the new value, with "{}" where the old one goes
    scale     the factor of the new number
    conflict  what to do where the new place is taken: "keep" the new value (the default), "fill"
              (an object gets what only the old one has, anything else is kept), "over" (the old
              value wins), "join" (two lists), "before" (the same, the old one's items first),
              "either" and "both" (true when one is, when both are), "same" (removed when both are
              equal, else the old key stays), "stay"
    taken     the kind of value that takes the new place, any by default; "text" is no blank string
    open      the row does nothing where something that is no object stands on the way to ``to``
    beside    another key, a path, without which the row does nothing; a blank text, a list without
              a text and null count for nothing
    sets      what is written beside it, by key; ``fills`` where nothing stands
    prune     objects that become empty go
    note, advice   a remark; what to do where no edit can bring the change about
    since     the first release that refuses the old key
    loses     the removed key had an effect that nothing replaces
    choices   the answers, with what each does; "remove" removes the key, any other is its value
    refused   where OpenClaw reports a key that stays: "owner", "key", "entry" or a key path

"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

from openclaw_config.facts import read_json
from openclaw_config.syntax.nodes import ObjectNode
from openclaw_config.syntax.text import KeyPath
from openclaw_config.validation.context import select

Path: TypeAlias = tuple[str, ...]
Key: TypeAlias = str | KeyPath
"""A path of keys, or its text: ``agents.list[].tools`` has four steps."""


def steps(key: Key) -> Path:
    """The steps of a path."""
    if not isinstance(key, str):
        return key  # type: ignore[return-value]
    return tuple(key.replace("[]", ".[]").split(".")) if key else ()


class Row(NamedTuple):
    """One row; the module says what its fields mean."""

    at: tuple[Path, ...]
    op: str
    key: Path = ()
    to: Path = ()
    of: str = ""
    map: dict[str, Any] | None = None
    fold: str = "lower"
    like: str = ""
    unsafe: tuple[str, ...] = ()
    form: Any = None
    scale: float = 0
    conflict: str = "keep"
    taken: str = ""
    open: bool = False
    beside: str = ""
    sets: Mapping[str, Any] = MappingProxyType({})
    fills: Mapping[str, Any] = MappingProxyType({})
    prune: bool = False
    note: str = ""
    advice: str = ""
    choices: Mapping[str, str] = MappingProxyType({})
    refused: str = ""
    call: str = ""
    since: str = ""
    loses: bool = False
    but: tuple[str, ...] = ()


def _row(written: dict[str, Any]) -> Row:
    row, at = Row(**{"op": "call" if "call" in written else "move", **written}), written["at"]
    places = tuple(map(steps, [at] if isinstance(at, str) else at))
    return row._replace(at=places, key=steps(row.key), to=steps(row.to))


@lru_cache(maxsize=8)
def every_row(version: str) -> tuple[Row, ...]:
    """The rows that lead to a version."""
    return tuple(map(_row, read_json(f"migrations/{version}.json")["rows"]))


def meets(pattern: Path, path: KeyPath) -> bool:
    """Whether a path leads to a place of a pattern, to something around it or in it."""
    return all(
        isinstance(step, int) if mine == "[]" else mine in ("*", step)
        for mine, step in zip(pattern, path, strict=False)
    )


def has_old_keys(root: ObjectNode, version: str) -> bool:
    """Whether a config has a key that a row to a version is about: no row changes another one."""
    return any(
        next(select(root, *at, *row.key), None) is not None
        for row in every_row(version)
        for at in row.at
    )
