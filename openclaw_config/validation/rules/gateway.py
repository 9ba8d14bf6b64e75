"""Rules about the gateway."""

from __future__ import annotations

import re
from collections.abc import Iterator

from openclaw_config.diagnostics.model import WARNING, Diagnostic, Related
from openclaw_config.diagnostics.rules import rule
from openclaw_config.syntax.nodes import NumberNode, StringNode
from openclaw_config.syntax.scanner import trim
from openclaw_config.validation.context import RuleContext

_LOOPBACK = re.compile(r"127(?:\.(?:0|[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5])){3}\Z")


@rule("gateway")
def tailscale_bind(context: RuleContext) -> Iterator[Diagnostic]:
    """The gateway listens beyond loopback while Tailscale serves it.

    With tailscale.mode serve or funnel, Tailscale is the only door. A gateway that also listens on
    the network would have a second one, so OpenClaw wants bind loopback, or custom with a loopback
    address.

    bad: { gateway: { bind: "lan", tailscale: { mode: "serve" } } }
    good: { gateway: { bind: "loopback", tailscale: { mode: "serve" } } }
    source: gateway-tailscale-bind
    """
    mode = context.get("gateway", "tailscale", "mode")
    bind = context.get("gateway", "bind")
    if not isinstance(mode, StringNode) or mode.value not in ("serve", "funnel"):
        return
    if not isinstance(bind, StringNode) or bind.assumed or bind.value == "loopback":
        return
    host = context.text("gateway", "customBindHost")
    if bind.value == "custom" and host is not None and _LOOPBACK.match(_bare(host)):
        return
    yield tailscale_bind.at(
        bind.location,
        f'gateway.bind must be "loopback" while gateway.tailscale.mode is "{mode.value}"',
        ("gateway", "bind"),
        label='write "loopback"',
        related=(Related(mode.location, "Tailscale is switched on here"),),
        helps=('or set bind: "custom" and customBindHost: "127.0.0.1"',),
    )


def _bare(host: str) -> str:
    """A host without the white space and the brackets around it."""
    host = trim(host)
    return host[1:-1] if host.startswith("[") and host.endswith("]") else host


@rule("gateway", until="2026.8.1")
def stale_threshold(context: RuleContext) -> Iterator[Diagnostic]:
    """A channel counts as stale before its health is checked.

    channelStaleEventThresholdMinutes must be at least channelHealthCheckMinutes, which is 5 when it
    is not set; otherwise every check would find every channel stale. 0 switches the checks off.

    bad: { gateway: { channelStaleEventThresholdMinutes: 3 } }
    good: { gateway: { channelStaleEventThresholdMinutes: 30 } }
    source: gateway-stale-threshold
    """
    threshold = context.get("gateway", "channelStaleEventThresholdMinutes")
    interval = context.get("gateway", "channelHealthCheckMinutes")
    if not isinstance(threshold, NumberNode) or not context.is_sound(("gateway",)):
        return
    minutes = interval.value if isinstance(interval, NumberNode) else 5
    if minutes != 0 and threshold.value < minutes:
        yield stale_threshold.at(
            threshold.location,
            f"gateway.channelStaleEventThresholdMinutes must be at least {minutes}",
            ("gateway", "channelStaleEventThresholdMinutes"),
            label=f"health is checked every {minutes} minutes",
        )


_VERSION = re.compile(r"v?([0-9]+)\.([0-9]+)\.([0-9]+)")


@rule("meta", severity=WARNING)
def future_version(context: RuleContext) -> Iterator[Diagnostic]:
    """The config was last written by a newer OpenClaw.

    meta.lastTouchedVersion says which version wrote the file. A newer one may have used keys that
    this target does not know.

    bad: { meta: { lastTouchedVersion: "2026.9.6" } }
    good: { meta: { lastTouchedVersion: "2026.4.29" } }
    source: file-future-version
    """
    node = context.get("meta", "lastTouchedVersion")
    if not isinstance(node, StringNode):
        return
    written, target = _VERSION.match(trim(node.value)), _VERSION.match(context.target)
    if written and target and _numbers(written) > _numbers(target):
        yield future_version.at(
            node.location,
            f"last written by OpenClaw {written.group()}, which is newer than {context.target}",
            ("meta", "lastTouchedVersion"),
            helps=("what that version added may be unknown here",),
        )


def _numbers(match: re.Match[str]) -> tuple[int, ...]:
    return tuple(int(part) for part in match.groups())
