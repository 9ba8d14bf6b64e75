"""The one URL parser, as browsers and Node read URLs (WHATWG, SL-53).

Whether a key may go somewhere is decided by the host and the origin of a URL. So lints, plans and
the runtime must read a text alike, whatever its slashes, its user info or its spelling of the host.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from openclaw_config.errors import OpenClawConfigError
from openclaw_config.syntax.text import encodable

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

_SENT = ("http", "https")
_ENDS = "".join(map(chr, range(33)))
_DROPPED = dict.fromkeys(map(ord, "\t\r\n"))
_WRITTEN = re.compile(
    r"(\s*(?:[A-Za-z][A-Za-z0-9+.-]*:[/\\]+)?)([^/\\?#]*@)?([^?#]*)(\?[^#]*)?(#.*)?", re.DOTALL
)
_BYTE = "(?:[1-9]?[0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])"
_PLAIN = re.compile(
    rf"""(?:https?|wss?)://
    (?: (?:(?!xn--)[a-z0-9_-]+\.)* (?!xn--)[a-z][a-z0-9_-]* | (?:{_BYTE}\.){{3}}{_BYTE} )
    (?: : (?!(?:80|443)\b)(?:[1-5][0-9]{{4}}|[1-9][0-9]{{0,3}}) )?
    (?: / (?!\.)[A-Za-z0-9_.~!$&()*+,;=:@-]* )*
    (?: \?[A-Za-z0-9_.~!$&()*+,;=:@/%-]+ )?""",
    re.VERBOSE,
)
"""A URL whose parts are in their one spelling, as of most: nothing is imported to read it."""

_PARTS = re.compile(
    r"""([a-z][a-z0-9+.-]*):
    ( // (?:([^/?#@]*)@)? (\[[^]]*\]|[^/?#:]*) (?::([0-9]+))? )?
    ([^?#]*) (\?[^#]+)?\?? (\#.+)?\#?""",
    re.VERBOSE | re.DOTALL,
)


class UrlError(OpenClawConfigError, ValueError):
    """A text that is no URL, or none to which anything can be sent; the message says why."""


class Url(NamedTuple):
    """A URL in its one spelling.

    ``host`` is in lower case and ASCII, IPv4 with four decimal numbers, IPv6 in brackets; "" when
    there is none. ``port`` is None where it is the scheme's usual one. ``user`` is the user info
    without its "@". ``query`` and ``fragment`` have their mark, or are "".
    """

    scheme: str
    user: str
    host: str
    port: int | None
    path: str
    query: str
    fragment: str
    slashes: bool

    @property
    def text(self) -> str:
        """The URL as it is sent and compared."""
        user = f"{self.user}@" if self.user else ""
        port = "" if self.port is None else f":{self.port}"
        there = f"//{user}{self.host}{port}" if self.slashes else ""
        return f"{self.scheme}:{there}{self.path}{self.query}{self.fragment}"

    @property
    def origin(self) -> str:
        """Scheme, host and port as browsers compare origins; "" unless it is http or https."""
        if self.scheme not in _SENT:
            return ""
        return f"{self.scheme}://{self.host}" + ("" if self.port is None else f":{self.port}")


def parse(text: str, base: Url | None = None) -> Url:
    """Read a URL, one relative to ``base`` too. Raises UrlError."""
    plain = _PLAIN.fullmatch(text)
    match = _PARTS.fullmatch(text if plain else _spelled(text, base))
    assert match is not None  # so is every URL in its one spelling
    scheme, authority, user, host, port, path, query, fragment = match.groups(default="")
    path = path or "/" * bool(plain)
    number = int(port) if port else None
    return Url(scheme, user, host, number, path, query, fragment, bool(authority))


def _spelled(text: str, base: Url | None) -> str:
    """The one spelling of a URL. Raises UrlError."""
    text = encodable(text.strip(_ENDS).translate(_DROPPED))
    text = text if base is None else _joined(text, base)
    if text in {"", "https://"}:
        raise UrlError("it has no host")
    try:
        from pydantic_core import Url as AnyUrl
        from pydantic_core import ValidationError
    except ModuleNotFoundError:  # in a browser, which has such a parser itself
        from js import URL  # type: ignore[import-not-found]

        if not URL.canParse(text):
            raise UrlError("it is not valid") from None
        return str(URL.new(text).href)
    try:
        return str(AnyUrl(text))
    except ValidationError as refused:
        lacks_scheme = "relative URL" in str(refused)
    why = "it has no scheme such as https://" if lacks_scheme else "its host or port is not valid"
    raise UrlError(why)


def _joined(text: str, base: Url) -> str:
    """A text as a URL that needs no base."""
    scheme, colon, rest = text.partition(":")
    if colon and re.fullmatch("[A-Za-z][A-Za-z0-9+.-]*", scheme):
        if scheme.lower() != base.scheme or rest.startswith(("/", "\\")):
            return text
        text = rest
    slashes = text[:2].replace("\\", "/")
    if slashes == "//":
        return f"{base.scheme}:{text}"
    path = "" if slashes[:1] == "/" else base.path
    if text[:1] not in {"", "?", "#"}:
        path = path[: path.rfind("/") + 1]
    query = base.query if text[:1] in {"", "#"} else ""
    return base._replace(path=path, query=query, fragment="").text + text


def sendable(text: str, base: Url | None = None) -> Url:
    """A URL to which a request can go: http or https, without user info. Raises UrlError."""
    url = parse(text, base)
    if url.scheme not in _SENT:
        raise UrlError("it must start with http:// or https://")
    if url.user:
        raise UrlError("it holds a user name or a password")
    if url.port == 0:
        raise UrlError("its port does not exist")
    return url


def loose(text: str) -> Url | None:
    """A URL that may lack its scheme, as in ``openrouter.ai/api/v1``; None when it has no host."""
    for candidate in (text,) if "://" in text else (text, f"https://{text.strip(_ENDS)}"):
        try:
            url = parse(candidate)
        except UrlError:
            continue
        if url.host:
            return url
    return None


def host_of(text: str) -> str:
    """The host of a URL, of one without a scheme too; "" when there is none."""
    url = loose(text)
    return "" if url is None else url.host


def origin_of(text: str) -> str:
    """The origin of an http or https URL, "" when it has none."""
    try:
        return parse(text).origin
    except UrlError:
        return ""


def shown(text: str) -> str:
    """A URL as it is written, without what may be secret: user info, query and fragment."""
    match = _WRITTEN.fullmatch(text.translate(_DROPPED))
    assert match is not None  # every part is optional
    scheme, user, rest, query, fragment = match.groups(default="")
    return f"{scheme}{'***@' * bool(user)}{rest}{'?***' * bool(query)}{'#***' * bool(fragment)}"


# --- which hosts are local (HTTP-02, HTTP-06): this machine, this network, what is reserved -------

_LOCAL_NAMES = frozenset({"localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback"})
_LOCAL_SUFFIXES = (".localhost", ".local", ".internal", ".lan", ".home", ".home.arpa")
_NAT64 = 0x0064FF9B << 64
_NOT_PUBLIC = (
    (0xFEC0 >> 6, 10),  # site-local
    (0x0064FF9B0001, 48),  # local translation
    (0xFFFF << 16, 96),  # IPv4-translated
    (0x3FFF0, 20),  # documentation
    (0x5F00, 16),  # segment routing
)
"""Prefixes, and their bits, that are not of the public network, whatever Python's version knows."""


def is_local(host: str) -> bool:
    """Whether a host, in the spelling of a parsed URL, is local by its spelling alone.

    A name that only turns out local when it is looked up is decided by ``is_private``.
    """
    name = host.rstrip(".")
    if name in _LOCAL_NAMES or name.endswith(_LOCAL_SUFFIXES):
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
        if any(number >> 128 - bits == prefix for prefix, bits in _NOT_PUBLIC):
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
