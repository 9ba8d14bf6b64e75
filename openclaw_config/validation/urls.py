"""Whose host a URL leads to (HTTP-02)."""

from __future__ import annotations

import re
from typing import NamedTuple

from openclaw_config import registry

_URL = re.compile(
    r"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://)?(?:(?P<user>[^/?#@]*)@)?(?P<host>\[[^\]]*\]|[^/?#:]*)"
)
_PRIVATE = re.compile(
    r"(?:127|10)\.|192\.168\.|169\.254\.|172\.(?:1[6-9]|2[0-9]|3[01])\."
    r"|100\.(?:6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])\.|\[|0\.0\.0\.0\Z"
)
_LOCAL = ("localhost", "host.docker.internal")
_LOCAL_ENDINGS = (".localhost", ".local", ".internal", ".lan", ".home", ".home.arpa", ".ts.net")


class Url(NamedTuple):
    """The parts of a URL that say where a request goes, in lower case; "" where there is none."""

    scheme: str
    user: str
    host: str


def parts_of(text: str) -> Url:
    """The parts of a URL, with or without a scheme."""
    match = _URL.match(text.strip())
    assert match is not None  # every part is optional
    return Url(*((part or "").lower() for part in match.group("scheme", "user", "host")))


def is_local(host: str) -> bool:
    """Whether a host is this machine or in a private network, as far as its name tells."""
    return (
        "." not in host
        or host in _LOCAL
        or host.endswith(_LOCAL_ENDINGS)
        or _PRIVATE.match(host) is not None
    )


def belongs(host: str, endpoint: registry.Endpoint) -> bool:
    """Whether a host is one of an endpoint's, or below one."""
    names = (*endpoint.hosts, *endpoint.host_suffixes)
    return any(
        host == name or host.endswith(name if name[0] in ".-" else f".{name}") for name in names
    )


def is_own(provider: str, url: str) -> bool:
    """Whether a base URL leads to the provider itself; none does, too."""
    host = parts_of(url).host
    return not url.strip() or any(
        endpoint.plugin == provider and belongs(host, endpoint) for endpoint in registry.endpoints()
    )
