"""Proxy and TLS settings of a provider's ``request`` block (HTTP-05)."""

from __future__ import annotations

from openclaw_config.loading.document import Document
from openclaw_config.plan.model import Json, Route
from openclaw_config.providers.headers import value_ref
from openclaw_config.syntax.nodes import child
from openclaw_config.syntax.spans import KeyPath
from openclaw_config.view.settings import mapping, text, truth

_TLS_SECRETS = ("ca", "cert", "key", "passphrase")


def with_transport(document: Document, route: Route, request: KeyPath) -> Route:
    """The route with the proxy and TLS settings of a ``request`` block."""
    settings: dict[str, Json] = {}
    proxy_path: KeyPath = (*request, "proxy")
    proxy = mapping(child(document.root, *proxy_path))
    if proxy is not None:
        settings["proxy"] = {"mode": text(proxy.get("mode"))}
        url = value_ref(document, proxy.get("url"), (*proxy_path, "url"))
        if url:
            settings["proxy"]["url"] = url
    tls = _tls(document, (*request, "tls"))
    if tls:
        settings["tls"] = tls
    problem = route.problem
    if truth(child(document.root, *request, "tls", "insecureSkipVerify")):
        problem = "request.tls.insecureSkipVerify is refused by OpenClaw"
    return route._replace(transport=settings or None, problem=problem)


def _tls(document: Document, path: KeyPath) -> dict[str, Json]:
    block = mapping(child(document.root, *path))
    if block is None:
        return {}
    found: dict[str, Json] = {}
    for name in _TLS_SECRETS:
        ref = value_ref(document, block.get(name), (*path, name))
        if ref:
            found[name] = ref
    server = text(block.get("serverName"))
    if server:
        found["serverName"] = server
    return found


def has_own_transport(route: Route) -> bool:
    """Whether OpenClaw sends these requests itself and not through the SDK (CHAT-56)."""
    return route.transport is not None
