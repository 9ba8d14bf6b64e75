"""Routes: the base URL of a provider, and whether it really is that provider (HTTP-01, HTTP-02)."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from openclaw_config import registry
from openclaw_config.plan.model import BASE_URL, Origin, Route
from openclaw_config.resolution.origins import from_config, from_default
from openclaw_config.resolution.settings import text
from openclaw_config.syntax.literals import string_value
from openclaw_config.syntax.nodes import Node, StringNode, child
from openclaw_config.syntax.spans import KeyPath

_LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
_LOCAL_SUFFIXES = (".localhost", ".local", ".internal")
LEGACY_OPENROUTER = "https://openrouter.ai/v1"


class BaseUrl(NamedTuple):
    """A base URL without trailing slashes, and where it was set.

    ``written`` is the text with its variables unreplaced where it has any, else "".
    """

    url: str
    origin: Origin
    written: str = ""


def host_of(url: str) -> str:
    """The host of a URL in lower case; of one without a scheme too; "" when there is none."""
    for candidate in (url,) if "://" in url else (f"https://{url}",):
        try:
            parts = urlsplit(candidate)
            if parts.scheme and parts.hostname:
                return parts.hostname.lower()
        except ValueError:
            continue
    return ""


def endpoint_class(provider: str, url: str) -> str:
    """The class of a base URL for a provider (HTTP-02).

    ``default`` for none, ``invalid`` for one without a host, the provider's own id when the host
    is the provider's or a sub-domain of it, ``local``, else ``custom``. Scheme, port and path do
    not matter.
    """
    if not url.strip():
        return "default"
    host = host_of(url.strip())
    if not host:
        return "invalid"
    for endpoint in registry.endpoints():
        if endpoint.plugin == provider and (
            host in endpoint.hosts or any(_under(host, suffix) for suffix in endpoint.host_suffixes)
        ):
            return provider
    if host in _LOCAL_HOSTS or host.endswith(_LOCAL_SUFFIXES):
        return "local"
    return "custom"


def _under(host: str, suffix: str) -> bool:
    if suffix.startswith((".", "-")):
        return host.endswith(suffix)
    return host == suffix or host.endswith(f".{suffix}")


def configured(root: Node | None, provider: str) -> BaseUrl:
    """The base URL of ``models.providers``, "" when none is set there (HTTP-01)."""
    path = ("models", "providers", provider, "baseUrl")
    return base_url(child(root, *path), path) or BaseUrl("", from_default("HTTP-01"))


def base_url(node: Node | None, path: KeyPath) -> BaseUrl | None:
    """The base URL that a node holds, or None."""
    url = text(node).rstrip("/")
    if not isinstance(node, StringNode) or not url:
        return None
    written = ""
    if node.variables:
        written = string_value(node.source.text, node.start + 1, node.end - 1)[0].strip()
    return BaseUrl(url, from_config(node, path), written)


def route(provider: str, base: BaseUrl, *, canonical: bool, private: str) -> tuple[Route, Origin]:
    """The route of a base URL, with the provider's usual URL where none is set.

    ``canonical`` rewrites OpenRouter's old URL, which only chat does (CHAT-01). Of a URL
    that may hold a secret the route says only where the configuration has it.
    """
    known = registry.provider(provider)
    usual = known.base_urls[0] if known is not None and known.base_urls else ""
    kind = endpoint_class(provider, base.url)
    url = base.url or usual
    if canonical and url == LEGACY_OPENROUTER:
        url = usual
    problem = ""
    if _has_user_info(url):
        problem = "the base URL holds a user name or password, which OpenClaw's client refuses"
    found = Route(url, kind, kind in {"default", provider}, private, problem)
    shown = _shown(base.written.rstrip("/") or url)
    if shown != url or (base.written and url != usual):
        ref = f"config:{base.origin.path}"
        found = found._replace(base_url=BASE_URL, base_url_ref=ref, base_url_shown=shown)
    return found, base.origin


def _has_user_info(url: str) -> bool:
    try:
        return "@" in urlsplit(url).netloc
    except ValueError:
        return False


_SECRET_PARTS = re.compile(
    r"(?P<scheme>\s*(?:[A-Za-z][A-Za-z0-9+.-]*:)?[/\\]*)(?P<user>[^/\\?#]*@)?(?P<rest>[^?#]*)"
    r"(?P<query>\?[^#]*)?(?P<fragment>#.*)?",
    re.DOTALL,
)


def _shown(url: str) -> str:
    """A URL without the parts that may be secret: user info, query and fragment."""
    match = _SECRET_PARTS.fullmatch(url)
    assert match is not None  # every part is optional
    user, query, fragment = (match[name] for name in ("user", "query", "fragment"))
    hidden = f"{'***@' if user else ''}{match['rest']}{'?***' if query else ''}"
    return f"{match['scheme']}{hidden}{'#***' if fragment else ''}"


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL, as browsers compare origins; "" when it has no host."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    if not parts.scheme or not parts.hostname:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    usual = {"http": 80, "https": 443}.get(parts.scheme.lower())
    suffix = f":{port}" if port is not None and port != usual else ""
    return f"{parts.scheme.lower()}://{host}{suffix}"
