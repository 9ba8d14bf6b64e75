"""Settings: values of a document with the reason why they are what they are.

Several places of a config may give one, the strongest first (TTS-01, STT-12). Base URLs, and the
routes that come of them, are settings too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

from openclaw_config import registry
from openclaw_config.loading.load import Document
from openclaw_config.plan.model import BASE_URL, Origin, Private, Route
from openclaw_config.plan.urls import host_of, is_local, loose, shown
from openclaw_config.plan.values import pointer
from openclaw_config.syntax import nodes
from openclaw_config.syntax.text import KeyPath, string_value
from openclaw_config.view.settings import text

CALL = Origin("call", name="model")
"""The origin of what a call asks for itself."""


class Setting(NamedTuple):
    """A value and why it is that value."""

    value: Any
    origin: Origin


Choice = TypeVar("Choice")


class Resolved(NamedTuple, Generic[Choice]):
    """A surface: why it is as it is, its candidates in order, and why nothing can be asked.

    Speech has ``settings`` for all its candidates, and the name of the active ``persona``.
    """

    origin: Origin
    candidates: tuple[Choice, ...]
    problem: str = ""
    settings: Mapping[str, Setting] = {}
    persona: str = ""


def from_config(node: nodes.Node, path: KeyPath) -> Origin:
    """The origin of a value that stands in the configuration."""
    line, column = node.location.position
    return Origin("config", node.location.source.name, line, column, pointer(path))


def from_default(rule: str) -> Origin:
    """The origin of a value that OpenClaw fills in by itself, by a rule."""
    return Origin("default", rule=rule)


def origin_at(root: nodes.Node | None, path: KeyPath, rule: str) -> Origin:
    """The origin of what stands at a path, or the rule that holds where nothing does."""
    node = nodes.child(root, *path) if path else None
    return from_default(rule) if node is None else from_config(node, path)


def json_value(node: nodes.Node) -> Any:
    """A value as it goes onto the wire."""
    return nodes.to_value(node, finite=True)


def at(root: nodes.Node | None, path: KeyPath) -> Setting | None:
    """The scalar at a path with its origin, or None when nothing of a scalar type is there."""
    node = nodes.child(root, *path)
    if isinstance(node, nodes.StringNode | nodes.NumberNode | nodes.BooleanNode):
        return Setting(node.value, from_config(node, path))
    return None


def default(value: Any, rule: str) -> Setting:
    """A value that a rule gives."""
    return Setting(value, from_default(rule))


Layers: TypeAlias = tuple[KeyPath, ...]
"""The places of settings, the strongest first."""
Found: TypeAlias = tuple[nodes.Node, KeyPath]


def find(root: nodes.Node | None, layers: Layers, *keys: str | int) -> Found | None:
    """What the merged layers have at ``keys``, or None (TTS-01, SL-42).

    Objects merge; any other value hides what weaker layers have, and so does null, which is no
    value.
    """
    for layer in layers:
        node, at_key = nodes.child(root, *layer), 0
        while at_key < len(keys) and isinstance(node, nodes.ObjectNode):
            node = node.get(str(keys[at_key]))
            at_key += 1
        if node is not None:
            hides = at_key < len(keys) or isinstance(node, nodes.NullNode)
            return None if hides else (node, (*layer, *keys))
    return None


def merged(root: nodes.Node | None, layers: Layers, *keys: str | int) -> Any:
    """The value at ``keys`` with the objects of all layers merged, as JSON; None without one."""
    value: Any = None
    for layer in reversed(layers):
        node = nodes.child(root, *layer, *keys)
        if node is not None:
            value = _over(value, json_value(node))
    return value


def _over(below: Any, above: Any) -> Any:
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    return {**below, **{key: _over(below.get(key), value) for key, value in above.items()}}


def first(root: nodes.Node | None, layers: Layers, *keys: str | int) -> Setting | None:
    """The merged layers' scalar at ``keys``."""
    found = find(root, layers, *keys)
    return None if found is None else at(root, found[1])


class BaseUrl(NamedTuple):
    """A base URL without trailing slashes, and where it was set.

    ``written`` is the text with its variables unreplaced where it has any, else "".
    """

    url: str
    origin: Origin
    written: str = ""


def endpoint_class(release: str, provider: str, url: str) -> str:
    """The class of a base URL for a provider (HTTP-02).

    ``default`` for none, ``invalid`` for one without a host, the provider's own id when the host
    is the provider's or a sub-domain of it, ``local``, else ``custom``. Scheme, port and path do
    not matter.
    """
    if not url.strip():
        return "default"
    host = host_of(url)
    if not host:
        return "invalid"
    if provider in registry.owners(release, host):
        return provider
    return "local" if is_local(host) else "custom"


def owner(document: Document, provider: str) -> str:
    """Whose requests a custom provider makes: that of its base URL's host, or "" (SL-08)."""
    if registry.provider(document.release, provider) is not None:
        return ""
    host = host_of(configured(document.root, provider).url)
    return next(iter(registry.owners(document.release, host)), "")


def configured(root: nodes.Node | None, provider: str) -> BaseUrl:
    """The base URL of ``models.providers``, "" when none is set there (HTTP-01)."""
    found = find(root, (("models", "providers", provider),), "baseUrl")
    return base_url(found) or BaseUrl("", from_default("HTTP-01"))


def base_url(found: Found | None) -> BaseUrl | None:
    """The base URL that was found, or None where there is none."""
    node, path = found or (None, ())
    url = text(node).rstrip("/")
    if not isinstance(node, nodes.StringNode) or not url:
        return None
    written = ""
    if node.variables:
        written = string_value(node.source.text, node.start + 1, node.end - 1).strip()
    return BaseUrl(url, from_config(node, path), written)


def usual_url(document: Document, provider: str) -> str:
    """The URL that a provider has where none is set, "" for one that is not known."""
    known = registry.provider(document.release, provider)
    return known.base_urls[0] if known is not None and known.base_urls else ""


def route(
    document: Document,
    provider: str,
    base: BaseUrl,
    *,
    canonical: bool = False,
    private: bool = False,
) -> Route:
    """The route of a base URL, with the provider's usual URL where none is set.

    ``canonical`` replaces a provider's former URL, as chat does (CHAT-01). Of a URL that may hold
    a secret the route says only where the configuration has it. ``private`` addresses are allowed
    or refused.
    """
    known = registry.provider(document.release, provider)
    usual = usual_url(document, provider)
    kind = endpoint_class(document.release, provider, base.url)
    url = base.url or usual
    if canonical and known is not None and url in known.former_base_urls:
        url = usual
    problem = ""
    parsed = loose(url)
    if parsed is not None and parsed.user:
        problem = "the base URL holds a user name or password, which OpenClaw's client refuses"
    leave: Private = "allow" if private else "refuse"
    found = Route(url, kind, kind in {"default", provider}, leave, problem)
    harmless = shown(base.written.rstrip("/") or url)
    if harmless != url or (base.written and url != usual):
        ref = f"config:{base.origin.path}"
        found = found._replace(base_url=BASE_URL, base_url_ref=ref, base_url_shown=harmless)
    return found
