"""The one URL parser, as browsers and Node read URLs (WHATWG, SL-53).

Whether a key may go somewhere is decided by the host and the origin of a URL. So lints, plans and
the runtime must read a text alike, whatever its slashes, its user info or its spelling of the host.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from openclaw_config.errors import OpenClawConfigError

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443, "ftp": 21}
"""The usual port of each scheme that WHATWG calls special; ``file`` is special without one."""

_SENT = ("http", "https")
_SPECIAL = (*PORTS, "file")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_ENDS = "".join(map(chr, range(33)))
_DROPPED = dict.fromkeys(map(ord, "\t\r\n"))
_ESCAPE = rb"%([0-9A-Fa-f]{2})"
_DOT = r"(?i)\.|%2e"
_NO_HOST = r"[\0\t\n\r #/:<>?@\[\\\]^|]"
_NO_DOMAIN = r"[\0-\x20#/:<>?@\[\\\]^|%\x7f]"
_NUMBER = r"0[xX]([0-9A-Fa-f]*)|0([0-7]+)|(0|[1-9][0-9]*)"
_WRITTEN = re.compile(
    r"(\s*(?:[A-Za-z][A-Za-z0-9+.-]*:[/\\]+)?)([^/\\?#]*@)?([^?#]*)(\?[^#]*)?(#.*)?", re.DOTALL
)
_NO_LETTERS = frozenset({"Cc", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"})
_LONGEST = 255
"""The longest part of an international name that is read, in characters."""

_BELOW = r"[^ -~]"
_FRAGMENT = r"[^!#-;=?-_a-~]"
_QUERY = r"[^!$-;=?-~]"
_SPECIAL_QUERY = r"[^!$-&(-;=?-~]"
_PATH = r"[^!$-;=@-\]_a-z|~]"
_USER = r"[^!$-.0-9A-Z_a-z~]"


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
    text = text.strip(_ENDS).translate(_DROPPED)
    match = _SCHEME.match(text)
    if match is None:
        if base is None:
            raise UrlError("it has no scheme such as https://")
        return _relative(text, base)
    scheme, rest = match[1].lower(), text[match.end() :]
    if scheme in PORTS:
        if base is not None and base.scheme == scheme and not rest.startswith(("/", "\\")):
            return _relative(rest, base)
        return _absolute(scheme, rest.lstrip("/\\"))
    if scheme == "file":
        slashes = rest.replace("\\", "/").startswith("//")
        return _absolute(scheme, rest[2:] if slashes else "/" + rest.lstrip("/\\"))
    if rest.startswith("//"):
        return _absolute(scheme, rest[2:])
    path, query, fragment = _tail(rest, special=False)
    path = _path(path, (), special=False) if rest[:1] == "/" else _encoded(path, _BELOW)
    return Url(scheme, "", "", None, path, query, fragment, slashes=False)


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


# --- the parts ----------------------------------------------------------------------------------


def _absolute(scheme: str, rest: str) -> Url:
    """A URL from its authority on."""
    special = scheme in _SPECIAL
    path, query, fragment = _tail(rest, special=special)
    end = re.search(r"[/\\]" if special else "/", path)
    authority, path = (path, "") if end is None else (path[: end.start()], path[end.start() :])
    info, at, place = authority.rpartition("@")
    name, colon, digits = _host_and_port(place)
    if not name and (at or colon or scheme in PORTS):
        raise UrlError("it has no host")
    host = _host(name, special=special)
    if scheme == "file" and host == "localhost":
        host = ""
    port = _port(digits)
    return Url(
        scheme,
        _user(info),
        host,
        None if port == PORTS.get(scheme) else port,
        _path(path, (), special=special),
        query,
        fragment,
        slashes=True,
    )


def _relative(text: str, base: Url) -> Url:
    special = base.scheme in _SPECIAL
    plain = text.replace("\\", "/") if special else text
    if plain.startswith("//"):
        return _absolute(base.scheme, text[2:].lstrip("/\\") if special else text[2:])
    if not base.path.startswith("/") and not base.slashes and not text.startswith("#"):
        raise UrlError("it is relative to a URL that has no path")
    path, query, fragment = _tail(text, special=special)
    if not path:
        return base._replace(query=query or base.query, fragment=fragment)
    above = () if plain.startswith("/") else tuple(base.path.split("/")[1:-1])
    merged = _path(path if plain.startswith("/") else f"/{path}", above, special=special)
    return base._replace(path=merged, query=query, fragment=fragment)


def _tail(text: str, *, special: bool) -> tuple[str, str, str]:
    """The text before the query, the query and the fragment."""
    text, mark, fragment = text.partition("#")
    path, asked, query = text.partition("?")
    return (
        path,
        "?" + _encoded(query, _SPECIAL_QUERY if special else _QUERY) if asked and query else "",
        "#" + _encoded(fragment, _FRAGMENT) if mark and fragment else "",
    )


def _path(text: str, above: tuple[str, ...], *, special: bool) -> str:
    """A path that begins with a slash or is empty, below ``above``, without dots."""
    if special:
        text = text.replace("\\", "/") or "/"
    if not text:
        return ""
    kept = list(above)
    segments = text.split("/")[1:]
    for index, segment in enumerate(segments):
        dots = re.sub(_DOT, ".", segment)
        last = index == len(segments) - 1
        if dots == "..":
            del kept[-1:]
        if dots not in {".", ".."}:
            kept.append(_encoded(segment, _PATH))
        elif last:
            kept.append("")
    return "/" + "/".join(kept)


def _user(info: str) -> str:
    name, _, password = info.partition(":")
    name, password = _encoded(name, _USER), _encoded(password, _USER)
    return f"{name}:{password}" if password else name


def _host_and_port(place: str) -> tuple[str, str, str]:
    if place.startswith("["):
        name, bracket, rest = place.partition("]")
        if not bracket or rest[:1] not in {"", ":"}:
            raise UrlError("its host is not valid")
        return name + bracket, rest[:1], rest[1:]
    return place.partition(":")


def _port(digits: str) -> int | None:
    if not digits:
        return None
    written = digits.isascii() and digits.isdigit() and len(digits.lstrip("0")) <= 5
    if not written or int(digits) > 65535:
        raise UrlError("its port is not a number up to 65535")
    return int(digits)


def _host(name: str, *, special: bool) -> str:
    if name.startswith("["):
        return f"[{_ipv6(name[1:-1])}]"
    if not special:
        if re.search(_NO_HOST, name):
            raise UrlError("its host is not valid")
        return _encoded(name, _BELOW)
    if "%" in name:
        raw = re.sub(_ESCAPE, lambda hit: bytes([int(hit[1], 16)]), name.encode("utf-8", "replace"))
        name = raw.decode("utf-8", "replace")
    domain = name.lower() if name.isascii() else _ascii(name)
    if re.search(_NO_DOMAIN, domain) or (name and not domain):
        raise UrlError("its host is not valid")
    labels = domain.removesuffix(".").split(".")
    for label in labels:
        if label.startswith("xn--"):
            _check_punycode(label)
    if labels[-1].isdigit() or re.fullmatch(r"0x[0-9a-f]*", labels[-1]):
        return _ipv4(labels)
    return domain


def _ipv4(labels: list[str]) -> str:
    """An address of one to four numbers, decimal, octal or hexadecimal; the last fills the rest."""
    numbers = []
    for label in labels:
        match = re.fullmatch(_NUMBER, label)
        if match is None or len(label) > 40:
            raise UrlError("its IPv4 address is not valid")
        hexadecimal, octal, decimal = match.groups()
        if hexadecimal is not None:
            numbers.append(int(hexadecimal or "0", 16))
        else:
            numbers.append(int(decimal) if octal is None else int(octal, 8))
    if (
        len(numbers) > 4
        or any(number > 255 for number in numbers[:-1])
        or numbers[-1] >= 256 ** (5 - len(numbers))
    ):
        raise UrlError("its IPv4 address is not valid")
    value = numbers[-1] + sum(
        number << 8 * (3 - index) for index, number in enumerate(numbers[:-1])
    )
    return ".".join(str(value >> shift & 255) for shift in (24, 16, 8, 0))


def _ipv6(text: str) -> str:
    from ipaddress import IPv6Address

    try:
        if "%" in text:
            raise ValueError
        value = int(IPv6Address(text))
    except ValueError:
        raise UrlError("its IPv6 address is not valid") from None
    groups = ":".join(f"{value >> shift & 0xFFFF:x}" for shift in range(112, -1, -16))
    zeros = max(re.findall(r"\b0(?::0)+\b", groups), key=len, default="")
    if not zeros:
        return groups
    before, after = re.split(rf"\b{zeros}\b", groups, maxsplit=1)
    return f"{before.removesuffix(':')}::{after.removeprefix(':')}"


def _ascii(name: str) -> str:
    """A name with letters beyond ASCII as the name system knows it (UTS 46, not transitional)."""
    from unicodedata import normalize

    kept = re.sub(r"[\u00ad\u034f\u180b-\u180f\u200b\u2060\u2064\ufe00-\ufe0f\ufeff]", "", name)
    folded = "".join(char if char in "ßς" else char.casefold() for char in kept)
    mapped = normalize("NFKC", normalize("NFKC", folded).replace("。", "."))
    labels = []
    for label in mapped.split("."):
        if label.isascii():
            labels.append(label.lower())
            continue
        _check_letters(label)
        labels.append("xn--" + label.encode("punycode").decode("ascii"))
    return ".".join(labels)


def _check_punycode(label: str) -> None:
    try:
        readable = label[4:_LONGEST].encode("ascii").decode("punycode")
    except (UnicodeError, ValueError):
        readable = ""
    if readable.isascii():
        raise UrlError("its host is not valid")
    _check_letters(readable)


def _check_letters(label: str) -> None:
    from unicodedata import category

    kinds = [category(char) for char in label[:_LONGEST]]
    if len(label) >= _LONGEST or kinds[0][0] == "M" or _NO_LETTERS.intersection(kinds):
        raise UrlError("its host is not valid")


def _encoded(text: str, unsafe: str) -> str:
    """The text with escapes for what a part of a URL cannot hold."""
    return re.sub(unsafe, lambda hit: "".join(f"%{byte:02X}" for byte in _utf8(hit[0])), text)


def _utf8(char: str) -> bytes:
    return b"\xef\xbf\xbd" if "\ud800" <= char <= "\udfff" else char.encode()


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
