"""Which addresses are private (HTTP-06): this machine, this network, and what is reserved."""

from __future__ import annotations

import ipaddress
import socket
from typing import TypeAlias

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAMES = frozenset({"localhost", "metadata.google.internal", "ip6-localhost", "ip6-loopback"})
_SUFFIXES = (".localhost", ".local", ".internal", ".home.arpa")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_SITE_LOCAL = ipaddress.ip_network("fec0::/10")


def is_private_host(host: str) -> bool:
    """Whether a host, as a URL writes it, is private by its spelling alone.

    A name that only turns out private when it is looked up is judged by ``is_private``.
    """
    name = host.strip("[]").rstrip(".").lower()
    if name in _NAMES or name.endswith(_SUFFIXES):
        return True
    address = literal(name)
    return address is not None and is_private(address)


def literal(host: str) -> Address | None:
    """The address that a host is written as, also in the old forms (127.1, 0x7f.1), or None."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    if not host or host[-1] not in "0123456789abcdefABCDEF" or not host[0].isdigit():
        return None
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


def is_private(address: Address) -> bool:
    """Whether an address is not of the public network, what it wraps included."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = _wrapped(address)
        if inner is not None:
            return is_private(inner)
        if address in _SITE_LOCAL:
            return True
    return not address.is_global or address.is_multicast


def _wrapped(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 one stands for, by any of the ways to write that."""
    teredo = address.teredo
    if address in _NAT64 or (int(address) >> 32 == 0 and int(address) > 1):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)
