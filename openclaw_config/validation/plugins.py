"""The plugins that a config can name: the bundled ones, and those of the folders that it has.

A plugin that is not bundled says in its ``openclaw.plugin.json`` which id and channels it has and
what its config looks like. OpenClaw finds it by ``plugins.load.paths``, in the workspace's
``.openclaw/extensions`` and in ``extensions`` of the state folder (plugin-load-path).
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from openclaw_config import registry
from openclaw_config.files import read_regular
from openclaw_config.loading.document import Document
from openclaw_config.syntax.nodes import (
    BooleanNode,
    Node,
    ObjectNode,
    StringNode,
    child,
    text_of,
)
from openclaw_config.syntax.scanner import trim
from openclaw_config.syntax.spans import KeyPath
from openclaw_config.validation.context import select
from openclaw_config.validation.evaluator import Problem, evaluate
from openclaw_config.validation.paths import user_path
from openclaw_config.validation.schema import Shape, openclaw_shape, shape_of, walk

if TYPE_CHECKING:
    from openclaw_config.validation.context import RuleContext

MANIFEST = "openclaw.plugin.json"
_CODE = (".ts", ".mts", ".cts", ".js", ".mjs", ".cjs")
_MAX_BYTES = 256 * 1024
_MAX_FOLDERS = 1000


class Plugin(NamedTuple):
    """A plugin that is not bundled.

    ``shape`` is that of its config and ``channels`` has those of its channels, None where the
    plugin gives none or one that we cannot use. ``local`` plugins lie in the workspace.
    """

    id: str
    memory: bool
    shape: Shape | None
    channels: dict[str, Shape | None]
    local: bool


class External(NamedTuple):
    """The plugins found, by id, and the folders and files that hold none though they should.

    With each of those comes the value of ``plugins.load.paths`` that leads to it, if one does.
    """

    plugins: dict[str, Plugin]
    broken: tuple[tuple[str, Node | None], ...]


NONE = External({}, ())


def plugin_id(release: str, written: str) -> str:
    """The plugin id that OpenClaw reads from a key or an item of ``plugins``."""
    return registry.canonical_plugin(release, trim(written).lower())


def entries(root: Node) -> dict[str, tuple[str, Node]]:
    """The entries of ``plugins.entries`` by plugin id, each with its own key; the last one wins."""
    table = child(root, "plugins", "entries")
    members = table.index.items() if isinstance(table, ObjectNode) else ()
    release = root.source.release
    return {plugin_id(release, key): (key, member.value) for key, member in members}


def names(node: Node | None) -> set[str]:
    """The plugin ids of a list such as ``plugins.allow``."""
    return {
        plugin_id(item.source.release, item.value)
        for _, item in select(node, "[]")
        if isinstance(item, StringNode)
    }


def external(root: Node, document: Document) -> External:
    """The plugins of the config's folders; none while the environment is only assumed.

    The config may then be meant for another machine.
    """
    if document.environment.assume:
        return NONE
    found: dict[str, Plugin] = {}
    broken: list[tuple[str, Node | None]] = []
    for path, node, local in _folders(root, document):
        plugin = _read(path, local) if os.path.isdir(path) else None
        if plugin is None:
            broken.append((path, node))
        elif registry.plugin(document.release, plugin.id) is None:
            found.setdefault(plugin.id, plugin)
    return External(found, tuple(broken))


def _folders(root: Node, document: Document) -> Iterator[tuple[str, Node | None, bool]]:
    """The folders that should hold a plugin, or files that are none, and which are local."""
    for _, node in select(root, "plugins", "load", "paths", "[]"):
        path = trim(text_of(node) or "")
        if not path:
            continue
        path = user_path(path, document.home)
        if os.path.isfile(path):
            yield os.path.dirname(path) if path.endswith(_CODE) else path, node, False
        for folder in (path,) if _is_plugin(path) else _children(path):
            yield folder, node, False
    shared = trim(text_of(child(root, "agents", "defaults", "workspace")) or "")
    workspace = (
        user_path(shared, document.home)
        if shared
        else os.path.join(document.state_dir, "workspace")
    )
    for folder in _children(os.path.join(workspace, ".openclaw", "extensions")):
        yield folder, None, True
    for folder in _children(os.path.join(document.state_dir, "extensions")):
        yield folder, None, False


def _children(path: str) -> list[str]:
    try:
        names = sorted(os.listdir(path))[:_MAX_FOLDERS]
    except OSError:
        return []
    return [folder for name in names if _is_plugin(folder := os.path.join(path, name))]


def _is_plugin(folder: str) -> bool:
    """Whether a folder holds a plugin's code: an index file, or a package that names it."""
    if any(os.path.isfile(os.path.join(folder, f"index{ending}")) for ending in _CODE):
        return True
    package = _json(os.path.join(folder, "package.json"))
    about = package.get("openclaw") if isinstance(package, dict) else None
    return isinstance(about, dict) and bool(about.get("extensions"))


def _read(folder: str, local: bool) -> Plugin | None:
    manifest = _json(os.path.join(folder, MANIFEST))
    name = manifest.get("id") if isinstance(manifest, dict) else None
    if not isinstance(name, str) or not trim(name):
        return None
    if not isinstance(manifest.get("configSchema"), dict):
        return None
    channels = manifest.get("channels")
    configs = manifest.get("channelConfigs")
    schemas = {
        key: value.get("schema")
        for key, value in (configs.items() if isinstance(configs, dict) else ())
        if isinstance(value, dict)
    }
    kinds = manifest.get("kind")
    return Plugin(
        trim(name),
        "memory" in (kinds if isinstance(kinds, list) else (kinds,)),
        _shape(manifest["configSchema"]),
        {
            channel: _shape(schemas.get(channel))
            for channel in (channels if isinstance(channels, list) else ())
            if isinstance(channel, str)
        },
        local,
    )


def _json(path: str) -> Any:
    """The value of a JSON file, or None when there is none."""
    try:
        return json.loads(read_regular(path, _MAX_BYTES))
    except (OSError, ValueError, RecursionError):
        return None


def _shape(schema: Any) -> Shape | None:
    """The shape of a plugin's schema, or None when it uses more than we can use."""
    try:
        return shape_of(_plain(schema, 0))
    except (TypeError, ValueError):
        return None


_NUMBERS = re.compile("(?:exclusive)?(?:min|max)(?:imum|Length|Items)", re.IGNORECASE)
_DEEPEST = 40


def _plain(schema: Any, depth: int) -> dict[str, Any]:
    """A schema of known keywords. A key that has a default is not required.

    Raises TypeError or ValueError for any other; a foreign pattern, which may run forever, too.
    """
    if not isinstance(schema, dict) or depth > _DEEPEST:
        raise TypeError
    out: dict[str, Any] = {}
    for key, value in schema.items():
        if key in ("properties", "items", "additionalProperties", "anyOf"):
            out[key] = _inner(key, value, depth + 1)
        elif (
            key in ("type", "const")
            or (key in ("required", "enum") and isinstance(value, list))
            or (_NUMBERS.fullmatch(key) and isinstance(value, int | float))
        ):
            out[key] = value
        elif key not in ("default", "title", "description", "$schema", "$id"):
            raise ValueError(key)
    given = {key for key, inner in schema.get("properties", {}).items() if "default" in inner}
    out["required"] = [key for key in out.get("required", ()) if key not in given]
    return out


def _inner(key: str, value: Any, depth: int) -> Any:
    if key == "properties" and isinstance(value, dict):
        return {name: _plain(inner, depth) for name, inner in value.items()}
    if key == "anyOf" and isinstance(value, list):
        return [_plain(inner, depth) for inner in value]
    if key == "additionalProperties" and isinstance(value, bool):
        return value
    return _plain(value, depth)


# --- which are on -----------------------------------------------------------------------------


def off(config: RuleContext, name: str) -> str:
    """Why OpenClaw takes a plugin for switched off, or "" when it is on."""
    if _is(config.get("plugins", "enabled"), False):
        return "plugins.enabled is false"
    entry = entries(config.root).get(name)
    enabled = None if entry is None else child(entry[1], "enabled")
    if _is(enabled, False):
        return "its enabled is false"
    if name in names(config.get("plugins", "deny")):
        return "plugins.deny names it"
    slots = {slot: _slot(config, slot) for slot in ("memory", "contextEngine")}
    if name in slots.values():
        return ""  # a plugin chosen for a slot needs no place in allow
    plugin = config.external().plugins.get(name)
    bundled = registry.plugin(config.target, name)
    if plugin.memory if plugin else bundled is not None and bundled.kind == "memory":
        return f"the memory slot holds {slots['memory']}"
    if _is(enabled, True):
        return ""
    allowed = names(config.get("plugins", "allow"))
    if allowed:
        if registry.is_web_search_plugin(config.target, name):
            return ""
        if name not in allowed:
            return "plugins.allow does not name it"
    if plugin is None:
        return "its enabled is not true"
    return "it lies in the workspace" if plugin.local and not allowed else ""


def _slot(config: RuleContext, slot: str) -> str:
    """What a slot holds; a name of blanks is none."""
    return trim(config.text("plugins", "slots", slot) or "") or registry.slot_default(
        config.target, slot
    )


def _is(node: Node | None, value: bool) -> bool:
    return isinstance(node, BooleanNode) and node.value is value


# --- what is wrong with their configs ---------------------------------------------------------


def problems(config: RuleContext) -> Iterator[Problem]:
    """What is wrong with configs that OpenClaw's own schema does not know by their key.

    They are those of external plugins and channels, and of bundled ones whose id is spelt freely.
    """
    table = entries(config.root)
    for name, (key, node) in table.items():
        block = child(node, "config")
        if key != name and block is not None and registry.plugin(config.target, name) is not None:
            shape = walk(openclaw_shape(config.target), ("plugins", "entries", name, "config"))
            yield from _evaluated(block, shape, ("plugins", "entries", key, "config"))
    for plugin in config.external().plugins.values():
        key, entry = table.get(plugin.id, (plugin.id, None))
        block = child(entry, "config") if entry is not None else None
        section = config.object("plugins")
        if block is None and section is not None and not off(config, plugin.id):
            block = ObjectNode(section.source, section.start, section.start, [])
        if block is not None:
            yield from _evaluated(block, plugin.shape, ("plugins", "entries", key, "config"))
        for channel, shape in plugin.channels.items():
            value = config.get("channels", channel)
            if value is not None:
                yield from _evaluated(value, shape, ("channels", channel))


def _evaluated(node: Node, shape: Shape | None, path: KeyPath) -> list[Problem]:
    return [] if shape is None else evaluate(node, shape, path=path)
