"""The plugins that a config can name: the bundled ones, and those of the folders that it has.

A plugin that is not bundled says in its ``openclaw.plugin.json`` which id and channels it has and
what its config looks like. OpenClaw finds it by ``plugins.load.paths``, in the workspace's
``.openclaw/extensions`` and in ``extensions`` of the state folder (plugin-load-path).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from openclaw_config import registry
from openclaw_config.diagnostics.model import key_path_text
from openclaw_config.files import read_regular
from openclaw_config.loading.load import Document
from openclaw_config.syntax.nodes import Node, ObjectNode, StringNode, child, text_of
from openclaw_config.syntax.text import KeyPath, trim
from openclaw_config.validation import schema as schemas
from openclaw_config.validation.context import select, shared_workspace, texts, user_path
from openclaw_config.validation.schema import Problem, Shape
from openclaw_config.view.settings import members, truth

if TYPE_CHECKING:
    from openclaw_config.validation.context import RuleContext

T = TypeVar("T")
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
    """The plugins found, by id, and what is wrong with the other folders and files.

    With that comes the value of ``plugins.load.paths`` that leads there, if one does, and the path
    that OpenClaw reports. ``missing`` is whether such a value leads nowhere.
    """

    plugins: dict[str, Plugin]
    wrong: tuple[tuple[Node | None, str, KeyPath], ...] = ()
    missing: bool = False


def plugin_id(release: str, written: str) -> str:
    """The plugin id that OpenClaw reads from a key or an item of ``plugins``."""
    return registry.canonical_plugin(release, trim(written).lower())


def entries(root: Node) -> dict[str, tuple[str, Node]]:
    """The entries of ``plugins.entries`` by plugin id, each with its own key; the last one wins."""
    table = members(child(root, "plugins", "entries"))
    return {plugin_id(root.source.release, key): (key, value) for key, value in table}


def names(node: Node | None) -> set[str]:
    """The plugin ids of a list such as ``plugins.allow``."""
    return {
        plugin_id(item.source.release, item.value)
        for _, item in select(node, "[]")
        if isinstance(item, StringNode)
    }


def external(document: Document) -> External:
    """The plugins of the config's folders; none while the environment is only assumed.

    The config may then be meant for another machine.
    """
    if document.environment.assume:
        return External({})
    found: dict[str, Plugin] = {}
    wrong: list[tuple[Node | None, str, KeyPath]] = []
    for path, node, local in _folders(document):
        plugin = _read(path, local) if os.path.isdir(path) else None
        if plugin is None:
            wrong.append((node, f"{path} is no plugin that OpenClaw can load", ("plugins",)))
        elif plugin.id not in registry.plugin_ids(document.release):
            found.setdefault(plugin.id, plugin)
    written = texts(select(document.root, "plugins", "load", "paths", "[]"))
    missing = [
        (node, f"{key_path_text(path)} leads nowhere", path[:-1])
        for path, node in written
        if trim(node.value) and not os.path.exists(user_path(document, node.value))
    ]
    return External(found, (*wrong, *missing), bool(missing))


def _folders(document: Document) -> Iterator[tuple[str, Node | None, bool]]:
    """The folders that should hold a plugin, or files that are none, and which are local."""
    for _, node in select(document.root, "plugins", "load", "paths", "[]"):
        if not trim(text_of(node) or ""):
            continue
        path = user_path(document, text_of(node) or "")
        if os.path.isfile(path):
            yield os.path.dirname(path) if path.endswith(_CODE) else path, node, False
        for folder in (path,) if _is_plugin(path) else _children(path):
            yield folder, node, False
    for folder in _children(os.path.join(shared_workspace(document), ".openclaw", "extensions")):
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
    about = _of(dict, _of(dict, _json(os.path.join(folder, "package.json"))).get("openclaw"))
    return bool(about.get("extensions"))


def _read(folder: str, local: bool) -> Plugin | None:
    manifest = _json(os.path.join(folder, MANIFEST))
    if not isinstance(manifest, dict) or not isinstance(manifest.get("configSchema"), dict):
        return None
    name, kinds = manifest.get("id"), manifest.get("kind")
    if not isinstance(name, str) or not trim(name):
        return None
    configs = _of(dict, manifest.get("channelConfigs"))
    channels = {
        channel: _shape(_of(dict, configs.get(channel)).get("schema"))
        for channel in _of(list, manifest.get("channels"))
        if isinstance(channel, str)
    }
    memory = "memory" in (kinds if isinstance(kinds, list) else (kinds,))
    return Plugin(trim(name), memory, _shape(manifest["configSchema"]), channels, local)


def _of(kind: type[T], value: Any) -> T:
    """A value that is of a type, or else that type's empty one."""
    return value if isinstance(value, kind) else kind()


def _json(path: str) -> Any:
    """The value of a JSON file, or None when there is none."""
    try:
        return json.loads(read_regular(path, _MAX_BYTES))
    except (OSError, ValueError, RecursionError):
        return None


def _shape(schema: Any) -> Shape | None:
    """The shape of a plugin's schema, or None when it uses more than we can use."""
    try:
        return schemas.shape_of(_plain(schema))
    except (TypeError, ValueError):
        return None


_LIMITS = "minimum maximum exclusiveMinimum exclusiveMaximum minLength maxLength minItems maxItems"
_TAKEN: dict[str, Any] = {
    **dict.fromkeys(_LIMITS.split(), int | float),
    **{"type": object, "const": object, "required": list, "enum": list},
    "additionalProperties": bool,
}
"""The keywords that are taken as they are, and what their values may be."""
_DEEPEST = 40


def _plain(schema: Any, depth: int = 0) -> dict[str, Any]:
    """A schema of known keywords. A key that has a default is not required.

    Raises TypeError or ValueError for any other; a foreign pattern, which may run forever, too.
    """
    if not isinstance(schema, dict) or depth > _DEEPEST:
        raise TypeError
    out: dict[str, Any] = {}
    for key, value in schema.items():
        if isinstance(value, _TAKEN.get(key, ())):
            out[key] = value
        elif key == "properties" and isinstance(value, dict):
            out[key] = {name: _plain(inner, depth + 1) for name, inner in value.items()}
        elif key == "anyOf" and isinstance(value, list):
            out[key] = [_plain(inner, depth + 1) for inner in value]
        elif key in ("items", "additionalProperties"):
            out[key] = _plain(value, depth + 1)
        elif key not in ("default", "title", "description", "$schema", "$id"):
            raise ValueError(key)
    given = {key for key, inner in schema.get("properties", {}).items() if "default" in inner}
    out["required"] = [key for key in out.get("required", ()) if key not in given]
    return out


# --- which are on -----------------------------------------------------------------------------


def off(config: RuleContext, name: str) -> str:
    """Why OpenClaw takes a plugin for switched off, or "" when it is on."""
    if truth(config.get("plugins", "enabled")) is False:
        return "plugins.enabled is false"
    entry = entries(config.root).get(name)
    enabled = None if entry is None else truth(child(entry[1], "enabled"))
    if enabled is False:
        return "its enabled is false"
    if name in names(config.get("plugins", "deny")):
        return "plugins.deny names it"
    slots = {slot: _slot(config, slot) for slot in ("memory", "contextEngine")}
    if name in slots.values():
        return ""  # a plugin chosen for a slot needs no place in allow
    plugin = config.external.plugins.get(name)
    bundled = name in registry.plugin_ids(config.target)
    memory = bundled and name in registry.slot(config.target, "memory")["ids"]
    if plugin.memory if plugin else memory:
        return f"the memory slot holds {slots['memory']}"
    allowed = names(config.get("plugins", "allow"))
    if enabled or (allowed and name in registry.web_search(config.target).values()):
        return ""
    if allowed and name not in allowed:
        return "plugins.allow does not name it"
    if plugin is None:
        return "its enabled is not true"
    return "it lies in the workspace" if plugin.local and not allowed else ""


def _slot(config: RuleContext, slot: str) -> str:
    """What a slot holds; a name of blanks is none."""
    written = trim(config.text("plugins", "slots", slot) or "")
    return written or str(registry.slot(config.target, slot)["default"])


# --- what is wrong with their configs ---------------------------------------------------------


def problems(config: RuleContext) -> Iterator[Problem]:
    """What is wrong with configs that OpenClaw's own schema does not know by their key.

    They are those of external plugins and channels, and of bundled ones whose id is spelt freely.
    """
    table = entries(config.root)
    shape = schemas.openclaw_shape(config.target)
    for name, (key, node) in table.items():
        if key != name and name in registry.plugin_ids(config.target):
            inner = schemas.walk(shape, ("plugins", "entries", name, "config"))
            yield from _evaluated(child(node, "config"), inner, "plugins", "entries", key, "config")
    for plugin in config.external.plugins.values():
        key, entry = table.get(plugin.id, (plugin.id, None))
        block, section = child(entry, "config"), config.object("plugins")
        if block is None and section is not None and not off(config, plugin.id):
            block = ObjectNode(section.source, section.start, section.start, [])
        yield from _evaluated(block, plugin.shape, "plugins", "entries", key, "config")
        for channel, wanted in plugin.channels.items():
            yield from _evaluated(config.get("channels", channel), wanted, "channels", channel)


def _evaluated(node: Node | None, shape: Shape | None, *path: str) -> list[Problem]:
    return [] if node is None or shape is None else schemas.evaluate(node, shape, path=path)
