"""URLs: their one spelling, their origin, and how one that a response names is resolved.

Whether a key may go somewhere is decided by the origin of a URL, so a URL of doubtful meaning (a
user name, a backslash, an odd host) must not come out of here looking like a good one.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import quote, urljoin, urlsplit

from openclaw_config.errors import OpenClawConfigError

_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_.])?")
_IPV6 = re.compile(r"\[[0-9a-f:.]+\]")
_SAFE_PATH = "/%:@!$&'()*+,;=~-._[]|^\\"
_SAFE_QUERY = _SAFE_PATH + "?`{}"


class UrlError(OpenClawConfigError, ValueError):
    """A text that is no URL to which anything can be sent; the message says why."""


class Url(NamedTuple):
    """A URL in its one spelling. ``host`` is in lower case, IPv6 in brackets.

    ``origin`` is scheme, host and port as browsers compare origins.
    """

    text: str
    scheme: str
    host: str
    port: int
    origin: str


def parse(text: str) -> Url:
    """Read an absolute http or https URL. Raises UrlError."""
    text = _plain(text)
    try:
        text.encode()  # half a surrogate pair has no bytes to send
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise UrlError("it is not a valid URL") from error
    scheme = parts.scheme.lower()
    if scheme not in _PORTS:
        raise UrlError("it must start with http:// or https://")
    if "@" in parts.netloc:
        raise UrlError("it holds a user name or a password")
    host = _host(parts.netloc)
    port = _PORTS[scheme] if port is None else port
    if not 0 < port < 65536:
        raise UrlError("its port does not exist")
    suffix = "" if port == _PORTS[scheme] else f":{port}"
    origin = f"{scheme}://{host}{suffix}"
    path = quote(parts.path or "/", safe=_SAFE_PATH)
    query = f"?{quote(parts.query, safe=_SAFE_QUERY)}" if parts.query else ""
    fragment = f"#{quote(parts.fragment, safe=_SAFE_QUERY)}" if parts.fragment else ""
    return Url(f"{origin}{path}{query}{fragment}", scheme, host, port, origin)


def _plain(text: str) -> str:
    """The text as browsers read URLs: ends trimmed, tabs and line ends gone, slashes forward."""
    text = text.strip(" \t\r\n\f\0")
    text = text.replace("\t", "").replace("\r", "").replace("\n", "")
    if text[:8].lower().startswith(("http://", "https://", "http:\\", "https:\\")):
        head, mark, tail = _split_path(text)
        return head.replace("\\", "/") + mark + tail
    return text


def _split_path(text: str) -> tuple[str, str, str]:
    """The part before the query or the fragment, and the rest."""
    for index, char in enumerate(text):
        if char in "?#":
            return text[:index], char, text[index + 1 :]
    return text, "", ""


def _host(netloc: str) -> str:
    if netloc.startswith("["):
        host = netloc.partition("]")[0].lower() + "]"
        if _IPV6.fullmatch(host) is None:
            raise UrlError("its host is not valid")
        return host
    host = netloc.partition(":")[0].lower()
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError as error:
            raise UrlError("its host is not valid") from error
    if _HOST.fullmatch(host) is None:
        raise UrlError("its host is not valid")
    return host


def resolve(against: str, reference: str) -> Url:
    """The URL that a reference means next to another one, as a link in a page. Raises UrlError."""
    reference = _plain(reference)
    if reference[:8].lower().startswith(("http://", "https://")):
        return parse(reference)
    if reference.startswith(("\\", "/\\")):
        reference = reference.replace("\\", "/")
    try:
        joined = urljoin(_plain(against), reference)
    except ValueError as error:
        raise UrlError("it is not a valid URL") from error
    return parse(joined)


def origin_of(text: str) -> str:
    """The origin of a URL, "" when it has none."""
    try:
        return parse(text).origin
    except UrlError:
        return ""
