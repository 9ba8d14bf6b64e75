"""Rules about the gateway and its hooks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from openclaw_config.diagnostics.model import WARNING, Diagnostic, Related, rule, version
from openclaw_config.plan.urls import host_of
from openclaw_config.syntax.nodes import NumberNode, child, text_of
from openclaw_config.syntax.text import trim
from openclaw_config.validation.context import RuleContext

_LOOPBACK = re.compile(r"127(?:\.(?:0|[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5])){3}\Z")


@rule(
    "gateway",
    label='write "loopback"',
    hint='or set bind: "custom" and customBindHost: "127.0.0.1"',
)
def tailscale_bind(context: RuleContext) -> Iterator[Diagnostic]:
    """The gateway listens beyond loopback while Tailscale serves it.

    With tailscale.mode serve or funnel, Tailscale is the only door. A gateway that also listens on
    the network would have a second one, so OpenClaw wants bind loopback, or custom with a loopback
    address.

    bad: { gateway: { bind: "lan", tailscale: { mode: "serve" } } }
    good: { gateway: { bind: "loopback", tailscale: { mode: "serve" } } }
    source: gateway-tailscale-bind
    """
    mode, path = context.get("gateway", "tailscale", "mode"), ("gateway", "bind")
    bind = context.text(*path)
    if mode is None or text_of(mode) not in ("serve", "funnel") or bind in (None, "loopback"):
        return
    host = trim(context.text("gateway", "customBindHost") or "")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    if bind == "custom" and _LOOPBACK.match(host):
        return
    text = f'must be "loopback" while gateway.tailscale.mode is "{text_of(mode)}"'
    related = (Related(mode.location, "Tailscale is switched on here"),)
    yield context.at_value(tailscale_bind, path, text, related=related)


@rule("gateway", since="2026.5.28", hint='write "token" or "password"')
def tailscale_auth(context: RuleContext) -> Iterator[Diagnostic]:
    """Tailscale serves a gateway that asks for no credentials.

    With tailscale.mode serve or funnel others reach the gateway, so auth.mode must not be none.

    bad: { gateway: { tailscale: { mode: "serve" }, auth: { mode: "none" } } }
    good: { gateway: { tailscale: { mode: "serve" }, auth: { mode: "token" } } }
    source: gateway-tailscale-auth
    """
    mode, path = context.text("gateway", "tailscale", "mode"), ("gateway", "auth", "mode")
    if mode in ("serve", "funnel") and context.text(*path) == "none":
        text = f'must not be "none" while gateway.tailscale.mode is "{mode}"'
        yield context.at_value(tailscale_auth, path, text)


@rule("gateway", since="2026.8.1")
def unknown_role(context: RuleContext) -> Iterator[Diagnostic]:
    """The default role of the gateway's users is not defined.

    gateway.roles.default is a key of gateway.roles.definitions.

    bad: { gateway: { roles: { default: "guest", definitions: { owner: { scopes: [], agents: "*",
      sessions: { others: "write" } } } } } }
    good: { gateway: { roles: { default: "owner", definitions: { owner: { scopes: [], agents: "*",
      sessions: { others: "write" } } } } } }
    source: gateway-roles-default
    """
    path = ("gateway", "roles", "default")
    role, names = context.text(*path), context.names_at("gateway", "roles", "definitions")
    if role is not None and role not in names and context.is_sound(path[:-1]):
        yield context.misnamed(unknown_role, path, "is none of gateway.roles.definitions", names)


_TRANSPORT = ("host", "connection", "upgrade", "content-length")


@rule("gateway", since="2026.8.1")
def edge_header(context: RuleContext) -> Iterator[Diagnostic]:
    """A header for the way to a remote gateway cannot be set.

    The connection sets some headers itself, and two names that differ in case are one header.

    bad: { gateway: { remote: { edgeAuth: { Host: "x" } } } }
    good: { gateway: { remote: { edgeAuth: { "CF-Access-Client-Id": "x" } } } }
    source: gateway-edge-auth
    """
    seen: set[str] = set()
    for path, _ in context.each("gateway", "remote", "edgeAuth", "*"):
        name = str(path[-1]).lower()
        own = name in _TRANSPORT or name.startswith("sec-websocket-")
        if (own or name in seen) and context.is_sound(path[:-1]):
            text = "is set by the connection itself" if own else "is there already, in another case"
            yield context.at_key(edge_header, path, text)
        seen.add(name)


@rule("gateway", since="2026.9.6")
def portal_ingress(context: RuleContext) -> Iterator[Diagnostic]:
    """The portals share the domain or the port of the gateway.

    What portals show is not trusted, so it needs a domain that no address of the gateway lies in,
    and a port of its own.

    bad: { gateway: { portals: { ingress: { domain: "portals.example.net", port: 18789 } } } }
    good: { gateway: { portals: { ingress: { domain: "portals.example.net", port: 9000 } } } }
    source: gateway-portal
    """
    way = ("gateway", "portals", "ingress")
    if not context.is_sound(("gateway",)):
        return
    port, own = context.get(*way, "port"), context.get("gateway", "port")
    number = own.value if isinstance(own, NumberNode) else 18789
    if isinstance(port, NumberNode) and port.value == number:
        yield context.at_value(portal_ingress, (*way, "port"), "is the gateway's own")
    domain = trim(context.text(*way, "domain") or "").lower().rstrip(".")
    origins = [context.get("gateway", "publicOrigin")]
    origins += [node for _, node in context.each("gateway", "controlUi", "allowedOrigins", "[]")]
    hosts = (host_of(text_of(origin) or "").lower() for origin in origins)
    if domain and any(host == domain or host.endswith(f".{domain}") for host in hosts):
        text = "holds an address of the gateway"
        yield context.at_key(portal_ingress, (*way, "domain"), text)


@rule("hooks", since="2026.8.1", hint="or hooks.defaultSessionKey")
def persistent_hook(context: RuleContext) -> Iterator[Diagnostic]:
    """A hook keeps its session, and nothing says which one.

    An agent that goes on in one session needs its key, unless a transform gives it.

    bad: { hooks: { mappings: [{ sessionMode: "persistent" }] } }
    good: { hooks: { mappings: [{ sessionMode: "persistent", sessionKey: "hook:mail" }] } }
    source: hook-persistent-key
    """
    if context.get("hooks", "defaultSessionKey") is not None or not context.is_sound(("hooks",)):
        return
    for path, node in context.each("hooks", "mappings", "[]"):
        given = any(child(node, key) is not None for key in ("sessionKey", "transform"))
        agent = text_of(child(node, "action")) in (None, "agent")
        if text_of(child(node, "sessionMode")) == "persistent" and agent and not given:
            text, where = "is persistent and needs a sessionKey", (*path, "sessionKey")
            yield context.at_key(persistent_hook, path, text, "sessionMode", reported=where)


@rule("gateway", until="2026.8.1")
def stale_threshold(context: RuleContext) -> Iterator[Diagnostic]:
    """A channel counts as stale before its health is checked.

    channelStaleEventThresholdMinutes must be at least channelHealthCheckMinutes, which is 5 when it
    is not set; otherwise every check would find every channel stale. 0 switches the checks off.

    bad: { gateway: { channelStaleEventThresholdMinutes: 3 } }
    good: { gateway: { channelStaleEventThresholdMinutes: 30 } }
    source: gateway-stale-threshold
    """
    path = ("gateway", "channelStaleEventThresholdMinutes")
    threshold, interval = context.get(*path), context.get("gateway", "channelHealthCheckMinutes")
    if not isinstance(threshold, NumberNode) or not context.is_sound(("gateway",)):
        return
    minutes = interval.value if isinstance(interval, NumberNode) else 5
    if minutes != 0 and threshold.value < minutes:
        label = f"health is checked every {minutes} minutes"
        yield context.at_value(stale_threshold, path, f"must be at least {minutes}", label=label)


_VERSION = re.compile(r"v?([0-9]+)\.([0-9]+)\.([0-9]+)")


@rule("meta", severity=WARNING, hint="what that version added may be unknown here")
def future_version(context: RuleContext) -> Iterator[Diagnostic]:
    """The config was last written by a newer OpenClaw.

    meta.lastTouchedVersion says which version wrote the file. A newer one may have used keys that
    this target does not know.

    bad: { meta: { lastTouchedVersion: "2026.9.6" } }
    good: { meta: { lastTouchedVersion: "2026.4.29" } }
    source: file-future-version
    """
    path = ("meta", "lastTouchedVersion")
    node = context.get(*path)
    written = _VERSION.match(trim(text_of(node) or ""))
    if node is not None and written and version(written.group()) > version(context.target)[:3]:
        text = f"last written by OpenClaw {written.group()}, which is newer than {context.target}"
        yield future_version.at(node.location, text, path)
