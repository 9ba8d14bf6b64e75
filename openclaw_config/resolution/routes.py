"""Routes: the base URL of a provider, and whether it really is that provider (HTTP-01, HTTP-02)."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit

from openclaw_config import registry
from openclaw_config.plan.model import Origin, Route
from openclaw_config.resolution.origins import from_config, from_default
from openclaw_config.resolution.settings import text
from openclaw_config.syntax.nodes import Node, child

_LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
_LOCAL_SUFFIXES = (".localhost", ".local", ".internal")
LEGACY_OPENROUTER = "https://openrouter.ai/v1"


class BaseUrl(NamedTuple):
    """A base URL without trailing slashes, and where it was set."""

    url: str
    origin: Origin


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
    node = child(root, *path)
    url = text(node).rstrip("/")
    if node is None or not url:
        return BaseUrl("", from_default("HTTP-01"))
    return BaseUrl(url, from_config(node, path))


def route(provider: str, base: BaseUrl, *, canonical: bool, private: str) -> tuple[Route, Origin]:
    """The route of a base URL, with the provider's usual URL where none is set.

    ``canonical`` rewrites OpenRouter's old URL, which only chat does (CHAT-01).
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
    verified = kind in {"default", provider}
    return Route(_without_user_info(url), kind, verified, private, problem), base.origin


def _has_user_info(url: str) -> bool:
    try:
        return "@" in urlsplit(url).netloc
    except ValueError:
        return False


def _without_user_info(url: str) -> str:
    if not _has_user_info(url):
        return url
    parts = urlsplit(url)
    return url.replace(parts.netloc, "***@" + parts.netloc.rpartition("@")[2], 1)


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
