"""Which hosts are local (HTTP-02, HTTP-06): this machine, this network, and what is reserved."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

_NAMES = frozenset({"localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback"})
_SUFFIXES = (".localhost", ".local", ".internal", ".lan", ".home", ".home.arpa")
_NAT64 = 0x0064FF9B << 64
_SPECIAL = (
    (0xFEC0 >> 6, 10),  # site-local
    (0x0064FF9B0001, 48),  # local translation
    (0xFFFF << 16, 96),  # IPv4-translated
    (0x3FFF0, 20),  # documentation
    (0x5F00, 16),  # segment routing
)
# Prefixes (and their bits) that are not of the public network, whatever Python's version knows.


def is_local(host: str) -> bool:
    """Whether a host, in the spelling of a parsed URL, is local by its spelling alone.

    A name that only turns out local when it is looked up is decided by ``is_private``.
    """
    name = host.rstrip(".")
    if name in _NAMES or name.endswith(_SUFFIXES):
        return True
    if not name.startswith("[") and not name.replace(".", "").isdigit():
        return False
    from ipaddress import ip_address

    try:
        return is_private(ip_address(name.strip("[]")))
    except ValueError:
        return False


def is_private(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is not of the public network, what it wraps included."""
    if address.version == 6:
        inner = _wrapped(address)
        if inner is not None:
            return is_private(inner)
        number = int(address)
        if any(number >> 128 - bits == prefix for prefix, bits in _SPECIAL):
            return True
    return not address.is_global or address.is_multicast


def _wrapped(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 one stands for, by any of the ways to write that."""
    from ipaddress import IPv4Address

    number = int(address)
    teredo = address.teredo
    if number >> 32 == _NAT64 or (number >> 32 == 0 and number > 1):
        return IPv4Address(number & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)
