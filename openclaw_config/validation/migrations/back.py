"""The way back from 2026.9.6 to 2026.4.29, for what has an old place.

The rows that move a value are read from its new place to the old one, where only the old one is a
key of 2026.4.29. What stays is left to the check of the result.
"""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from openclaw_config.diagnostics.masking import UNDECLARED, Place, place_at
from openclaw_config.syntax.nodes import ArrayNode, Member, Node, ObjectNode, StringNode, to_value
from openclaw_config.syntax.text import KeyPath
from openclaw_config.validation.migrations.engine import Changes, Draft, apply_row
from openclaw_config.validation.migrations.latest import EXEC
from openclaw_config.validation.migrations.rows import Row, every_row
from openclaw_config.view.settings import items

OLD, NEW = "2026.4.29", "2026.9.6"


def back(root: ObjectNode, changes: Changes) -> ObjectNode:
    """The tree of a config of 2026.9.6 as 2026.4.29 has it, as far as that goes."""
    draft = Draft(changes, root, ())
    _roster(draft)
    _allowlist(draft)
    for row in every_row(NEW):
        if inverse := _inverse(row):
            apply_row(draft, inverse, partial(_undoes, inverse))
    changes.tree = draft.node
    for place in ("tools.exec", "agents.list[].tools.exec"):
        draft.inside(place, _exec_pair)
    for place in ("channels.signal", "channels.signal.accounts.*"):
        draft.inside(place, _signal)
    return draft.node


_PAIRS = {mode: pair for pair, mode in reversed(EXEC.items())}


def _exec_pair(exec_: Draft) -> None:
    """The ``mode`` of exec as ``security`` and ``ask`` (MIG-15)."""
    mode = exec_.get("mode")
    pair = _PAIRS.get(exec_.text("mode") or "")
    if pair is not None:
        exec_.advise("mode", f"security is {pair[0]} and ask is {pair[1]}, which say the same")
        exec_.take("mode")
        for key, word in zip(("security", "ask"), pair, strict=True):
            exec_.put(key, word, mode)


def _signal(node: Draft) -> None:
    """Signal's ``transport`` as keys of the channel (MIG-19)."""
    kind, managed = node.text("transport.kind"), "managed-native"
    if kind in (managed, "external-native"):  # 2026.4.29 has no containers
        fields: dict[str, Any] = {"autoStart": kind == managed, **node.values("transport")}
        node.advise("transport", "its settings are keys of the channel")
        node.take("transport")
        for key, value in fields.items():
            if key != "kind":
                node.fill("httpUrl" if key == "url" else key, value, node.node)


def _inverse(row: Row) -> Row | None:
    """The row that undoes a row; None where that would lose something."""
    if row.op != "move" or not row.to or row.form or row.sets or row.fills or row.beside:
        return None
    new = None
    if row.map is not None:
        new = {
            value if isinstance(value, str) else json.dumps(value): (
                json.loads(old) if row.of == "boolean" else old
            )
            for old, value in reversed(row.map.items())
            if isinstance(value, str | bool | int)
        }
    scale = 1 / row.scale if row.scale else 0
    return Row(row.at, "move", row.to, row.key, map=new, scale=scale, conflict="stay")


def _undoes(row: Row, path: KeyPath) -> bool:
    """Whether 2026.4.29 has only the old key of an object: what an inverse ``row`` moves to."""
    if path[:2] == ("mcp", "servers"):
        return not _place((*path, *row.key))[1]  # it takes any key there, and reads the old ones
    (old, is_old), (new, is_new) = (_place((*path, *way)) for way in (row.to, row.key))
    if is_old:
        return new is UNDECLARED
    # In an object that may have any key, the old one is the one that is read.
    return len(row.to) == len(row.key) == 1 and old is not UNDECLARED and not is_new


def _place(way: KeyPath) -> tuple[Place, bool]:
    """What 2026.4.29 has at a path, and whether it names the key."""
    owner = place_at(way[:-1], OLD)
    return owner.step(way[-1]), owner.declares(str(way[-1]))


def _roster(root: Draft) -> None:
    """``agents.entries`` as a list, each with its id."""
    entries = root.get("agents.entries")
    if not isinstance(entries, ObjectNode) or root.has("agents.list"):
        return
    agents: list[Node] = []
    for name, agent in root.values("agents.entries").items():
        if not isinstance(agent, ObjectNode):
            return
        start = agent.start
        key = Member(agent.source, "id", start, start, StringNode(agent.source, start, start, name))
        agents.append(ObjectNode(agent.source, start, agent.end, [key, *agent.members]))
    root.moved("agents.entries", "agents.list")
    root.put("agents.list", ArrayNode(entries.source, entries.start, entries.end, agents))
    root.take("agents.entries")
    if len(agents) > 1 and root.text("agents.ownership") == "explicit":
        root.remove("agents.ownership", "2026.4.29 gives the first agent what no binding names")


def _allowlist(root: Draft) -> None:
    """The keys of ``agents.defaults.models`` are the list of models that may be chosen."""
    where, models = "agents.defaults.modelPolicy", "agents.defaults.models"
    allow = [name for name in map(to_value, items(root.get(f"{where}.allow"))) if name]
    known = root.values(models)
    if root.has(where) and allow and known.keys() <= set(allow):
        root.moved(f"{where}.allow", models)
        for name in allow:
            root.fill(("agents", "defaults", "models", str(name)), {})
        root.take(f"{where}.allow", prune=True)
    elif known and not root.has(where):
        root.warn(models, "2026.4.29 lets nobody choose a model that is not one of its keys")
