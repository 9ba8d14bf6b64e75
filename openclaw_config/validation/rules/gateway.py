"""Rules about the gateway."""

from __future__ import annotations

import re
from collections.abc import Iterator

from openclaw_config.diagnostics.model import ERROR, WARNING, Diagnostic, Related
from openclaw_config.diagnostics.rules import Rule
from openclaw_config.syntax.nodes import NumberNode, StringNode
from openclaw_config.syntax.scanner import trim
from openclaw_config.validation.config import Config, check
from openclaw_config.validation.issues import LINT, SCHEMA, TAILSCALE

TAILSCALE_BIND = Rule(
    name="tailscale-bind",
    severity=ERROR,
    summary="The gateway listens beyond loopback while Tailscale serves it.",
    why=(
        "With tailscale.mode serve or funnel, Tailscale is the only door. A gateway that also"
        " listens on the network would have a second one, so OpenClaw wants bind loopback, or"
        " custom with a loopback address."
    ),
    bad='{ gateway: { bind: "lan", tailscale: { mode: "serve" } } }',
    good='{ gateway: { bind: "loopback", tailscale: { mode: "serve" } } }',
    blocks=True,
    source="gateway-tailscale-bind",
)

_LOOPBACK = re.compile(r"127(?:\.(?:0|[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5])){3}\Z")


@check(TAILSCALE, "gateway")
def tailscale_bind(config: Config) -> Iterator[Diagnostic]:
    """gateway-tailscale-bind."""
    mode = config.get("gateway", "tailscale", "mode")
    bind = config.get("gateway", "bind")
    if not isinstance(mode, StringNode) or mode.value not in ("serve", "funnel"):
        return
    if not isinstance(bind, StringNode) or bind.assumed or bind.value == "loopback":
        return
    host = config.text("gateway", "customBindHost")
    if bind.value == "custom" and host is not None and _LOOPBACK.match(_bare(host)):
        return
    yield TAILSCALE_BIND.at(
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


STALE_THRESHOLD = Rule(
    name="stale-threshold",
    severity=ERROR,
    summary="A channel counts as stale before its health is checked.",
    why=(
        "channelStaleEventThresholdMinutes must be at least channelHealthCheckMinutes, which is 5"
        " when it is not set; otherwise every check would find every channel stale. 0 switches the"
        " checks off."
    ),
    bad="{ gateway: { channelStaleEventThresholdMinutes: 3 } }",
    good="{ gateway: { channelStaleEventThresholdMinutes: 30 } }",
    blocks=True,
    source="gateway-stale-threshold",
)


@check(SCHEMA, "gateway")
def stale_threshold(config: Config) -> Iterator[Diagnostic]:
    """gateway-stale-threshold."""
    threshold = config.get("gateway", "channelStaleEventThresholdMinutes")
    interval = config.get("gateway", "channelHealthCheckMinutes")
    if not isinstance(threshold, NumberNode) or not config.sound(("gateway",)):
        return
    minutes = interval.value if isinstance(interval, NumberNode) else 5
    if minutes != 0 and threshold.value < minutes:
        yield STALE_THRESHOLD.at(
            threshold.location,
            f"gateway.channelStaleEventThresholdMinutes must be at least {minutes}",
            ("gateway", "channelStaleEventThresholdMinutes"),
            label=f"health is checked every {minutes} minutes",
        )


FUTURE_VERSION = Rule(
    name="future-version",
    severity=WARNING,
    summary="The config was last written by a newer OpenClaw.",
    why=(
        "meta.lastTouchedVersion says which version wrote the file. A newer one may have used keys"
        " that this target does not know."
    ),
    bad='{ meta: { lastTouchedVersion: "2026.9.6" } }',
    good='{ meta: { lastTouchedVersion: "2026.4.29" } }',
    source="file-future-version",
)

_VERSION = re.compile(r"v?([0-9]+)\.([0-9]+)\.([0-9]+)")


@check(LINT, "meta")
def future_version(config: Config) -> Iterator[Diagnostic]:
    """file-future-version."""
    node = config.get("meta", "lastTouchedVersion")
    if not isinstance(node, StringNode):
        return
    written, target = _VERSION.match(trim(node.value)), _VERSION.match(config.target)
    if written and target and _numbers(written) > _numbers(target):
        yield FUTURE_VERSION.at(
            node.location,
            f"last written by OpenClaw {written.group()}, which is newer than {config.target}",
            ("meta", "lastTouchedVersion"),
            helps=("what that version added may be unknown here",),
        )


def _numbers(match: re.Match[str]) -> tuple[int, ...]:
    return tuple(int(part) for part in match.groups())
