"""Lints about where requests go: the base URLs of model providers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from openclaw_config import registry
from openclaw_config.diagnostics.model import WARNING, Diagnostic, Fix, Related, key_path_text
from openclaw_config.diagnostics.rules import rule
from openclaw_config.plan.hosts import is_local
from openclaw_config.plan.urls import Url, host_of, loose
from openclaw_config.syntax.nodes import StringNode
from openclaw_config.syntax.spans import KeyPath
from openclaw_config.validation.context import RuleContext
from openclaw_config.validation.suggest import nearest
from openclaw_config.view.refs import split, written

_OLD = "https://openrouter.ai/v1"
_NEW = "https://openrouter.ai/api/v1"
_GUARDED = "openrouter"
"""The provider whose media requests are known to refuse private addresses."""
_TELLING = 9
"""From this length on, a host's name is too long to stand in another one by chance."""


def _base_urls(context: RuleContext) -> Iterator[tuple[KeyPath, StringNode, str]]:
    """The base URLs of model providers, each with its text without outer spaces."""
    for path, node in context.each("models", "providers", "*", "baseUrl"):
        if isinstance(node, StringNode) and not node.assumed and (url := node.value.strip()):
            yield path, node, url


def _is_old(path: KeyPath, url: str) -> bool:
    return path[2] == "openrouter" and url.rstrip("/") == _OLD


@rule("models", severity=WARNING)
def insecure_base_url(context: RuleContext) -> Iterator[Diagnostic]:
    """A provider is reached over plain http.

    The key travels in a header of every request. Over http anybody on the way can read it; only a
    host on this machine or in a private network needs no https.

    bad: { models: { providers: { acme: { baseUrl: "http://api.acme.test/v1", models: [] } } } }
    good: { models: { providers: { acme: { baseUrl: "https://api.acme.test/v1", models: [] } } } }
    source: HTTP-01
    """
    for path, node, url in _base_urls(context):
        parsed = loose(url)
        if parsed is None or parsed.scheme != "http":
            continue
        if not _is_near(parsed.host) and not _imitated(context.target, parsed):
            yield insecure_base_url.at(
                node.location,
                f"{key_path_text(path)} sends the key over plain http",
                path,
                label="write https",
            )


@rule("models", severity=WARNING)
def look_alike_host(context: RuleContext) -> Iterator[Diagnostic]:
    """A base URL that looks like a provider's host but is not.

    A host such as openrouter.ai.example.com belongs to example.com, which would get the key. If it
    is a proxy of your own, choose a name that cannot be mistaken.

    bad: { models: { providers: { openrouter: { baseUrl: "https://openrouter.ai.example.com/api/v1",
      models: [] } } } }
    good: { models: { providers: { openrouter: { baseUrl: "https://openrouter.ai/api/v1", models: []
      } } } }
    source: HTTP-02
    """
    for path, node, url in _base_urls(context):
        parsed = None if _is_old(path, url) else loose(url)
        imitated = "" if parsed is None else _imitated(context.target, parsed)
        if imitated:
            yield look_alike_host.at(
                node.location,
                f"{key_path_text(path)}: this host is not {imitated}, though it looks like it",
                path,
                label="the key would go to this host",
            )


@rule("models", severity=WARNING)
def legacy_base_url(context: RuleContext) -> Iterator[Diagnostic]:
    """OpenRouter's old base URL.

    Chat and speech rewrite https://openrouter.ai/v1 to https://openrouter.ai/api/v1. Image and
    video requests use it as it is and fail.

    bad: { models: { providers: { openrouter: { baseUrl: "https://openrouter.ai/v1", models: [] } }
      } }
    good: { models: { providers: { openrouter: { baseUrl: "https://openrouter.ai/api/v1", models: []
      } } } }
    source: LOAD-44, IMG-03, VID-03
    """
    for path, node, url in _base_urls(context):
        if not _is_old(path, url):
            continue
        from openclaw_config.syntax import edits

        change = edits.reword(node, _NEW)
        yield legacy_base_url.at(
            node.location,
            f"{key_path_text(path)} is OpenRouter's old URL, which image and video do not correct",
            path,
            label=f'write "{_NEW}"',
            fix=Fix(f'write "{_NEW}"', change) if change else None,
        )


@rule("models", severity=WARNING)
def refused_base_url(context: RuleContext) -> Iterator[Diagnostic]:
    """A base URL to which OpenClaw sends no image and video requests.

    Image and video requests to OpenRouter never go to a private address, whatever
    request.allowPrivateNetwork says, so each of them fails. Chat goes there. Reach the proxy by a
    public name, or choose media models of another provider.

    bad: { models: { providers: { openrouter: { baseUrl: "http://10.0.0.7:4000/v1", models: [] } }
      }, agents: { defaults: { videoGenerationModel: "openrouter/google/veo-3.1-fast" } } }
    good: { models: { providers: { openrouter: { baseUrl: "http://10.0.0.7:4000/v1", models: [] } }
      }, agents: { defaults: { model: "openrouter/auto" } } }
    source: HTTP-05, HTTP-06
    """
    path = ("models", "providers", _GUARDED, "baseUrl")
    node = context.get(*path)
    if not isinstance(node, StringNode) or node.assumed or not is_local(host_of(node.value)):
        return
    for surface in ("image", "video"):
        where = context.keys.media_models[surface]
        key = ".".join(where[2:])
        for ref, place in written(context.get(*where), where):
            halves = split(ref.value)
            if halves is not None and halves.provider.lower() == _GUARDED:
                yield refused_base_url.at(
                    node.location,
                    f"{key_path_text(path)} is a private address, to which {key} sends nothing",
                    path,
                    label="every such request is refused",
                    related=(Related(ref.location, f"{key_path_text(place)} would go there"),),
                )
                break


def _is_near(host: str) -> bool:
    """Whether plain http to a host stays off the public network, as far as its name tells."""
    return is_local(host) or "." not in host or host.endswith(".ts.net")


def _imitated(release: str, url: Url) -> str:
    """The provider's host that another one imitates, or ""."""
    host, names = url.host, _names(release)
    if _is_near(host) or any(f".{host}".endswith(f".{name}") for name in names):
        return ""
    for name in names:
        if url.user.lower().startswith(name) or (len(name) >= _TELLING and name in host):
            return name
    alike = [name for name in names if len(name) >= _TELLING and abs(len(name) - len(host)) <= 1]
    return nearest(host, alike) or ""


@lru_cache(maxsize=32)
def _names(release: str) -> tuple[str, ...]:
    """The hosts of all providers."""
    return tuple(
        sorted(
            {
                name.lstrip(".-")
                for endpoint in registry.endpoints(release)
                for name in (*endpoint.hosts, *endpoint.host_suffixes)
            }
        )
    )
