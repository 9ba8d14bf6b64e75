"""The transport that production uses: httpx, over connections that it opens itself (HTTP-06).

A name is resolved here, every address that it has is checked, and the connection goes to one of
the very addresses that were checked. There is no second look-up that could answer differently.
"""

from __future__ import annotations

import asyncio
import ipaddress
import os
import socket
import ssl
import tempfile
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any
from urllib.request import getproxies, proxy_bypass

from openclaw_config.plan.hosts import is_local, is_private
from openclaw_config.plan.urls import UrlError, sendable
from openclaw_config.runtime.errors import PRIVATE, FailureKind, MissingExtraError, TransportError
from openclaw_config.runtime.transport import Outgoing, Policy

try:
    # What httpcore's connections import when the first of them is opened; here nobody waits for it.
    import anyio._backends._asyncio  # noqa: F401
    import httpcore
    import httpx
except ImportError as missing:
    raise MissingExtraError(
        "sending requests needs httpx: install it with  pip install 'openclaw-config[runtime]'"
    ) from missing

CHUNK = 64 * 1024
"""The most bytes of a body that are kept at once."""
KEPT_CONNECTIONS = 32
CONNECT_SECONDS = 30.0


class _Blocked(Exception):  # noqa: N818 - never leaves this module
    """An address that must not be connected to."""


class _Backend(httpcore.AnyIOBackend):
    """Opens connections, only to addresses that the policy lets through."""

    def __init__(self, private: str) -> None:
        self._private = private

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to one of the host's addresses."""
        addresses = await _look_up(host, port)
        if self._private != "allow" and any(_is_private(address) for address in addresses):
            raise _Blocked
        failure: Exception | None = None
        for address in addresses:
            try:
                return await super().connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore.ConnectError("the host has no address")


async def _look_up(host: str, port: int) -> list[str]:
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError("the host's name cannot be resolved") from error
    return list(dict.fromkeys(str(row[4][0]) for row in found))


def _is_private(address: str) -> bool:
    return is_private(ipaddress.ip_address(address.partition("%")[0]))


class HttpxTransport:
    """Sends requests over real connections, which it keeps for the next ones.

    Use one for many calls and close it at the end. It belongs to one event loop.
    """

    def __init__(self) -> None:
        self._pools: dict[tuple[Any, ...], httpcore.AsyncConnectionPool] = {}
        self._making = asyncio.Lock()
        self._closed = False

    async def send(self, request: Outgoing) -> _Answer:
        """Send one request. Raises TransportError."""
        if self._closed:
            raise TransportError("closed", "the connections are closed")
        try:
            url = sendable(request.url)
        except UrlError as error:
            raise TransportError("url", f"the URL cannot be used: {error}") from error
        headers = _headers(request)
        seconds = request.timeout_ms / 1000 or None
        timeouts = {"connect": CONNECT_SECONDS, "read": seconds, "write": seconds, "pool": seconds}
        extensions: dict[str, Any] = {"timeout": timeouts}
        if request.policy.server_name:
            extensions["sni_hostname"] = request.policy.server_name
        try:
            prepared = httpx.Request(
                request.method, url.text, headers=headers, content=request.body
            )
            pool = await self._pool(request.policy, url.scheme, url.host)
            answer = await pool.handle_async_request(
                httpcore.Request(
                    method=prepared.method,
                    url=httpcore.URL(
                        scheme=prepared.url.raw_scheme,
                        host=prepared.url.raw_host,
                        port=prepared.url.port,
                        target=prepared.url.raw_path,
                    ),
                    headers=prepared.headers.raw,
                    content=request.body or b"",
                    extensions=extensions,
                )
            )
        except Exception as error:
            raise _translated(error) from error
        return _Answer(answer)

    async def _pool(self, policy: Policy, scheme: str, host: str) -> httpcore.AsyncConnectionPool:
        proxy = _proxy(policy, scheme, host)
        if proxy:
            # The proxy looks the name up; what can be checked beforehand is checked here.
            await _refuse_private(policy, host)
        key = (
            policy.private if not proxy else "allow",
            proxy,
            tuple((name, secret.reveal()) for name, secret in policy.tls),
        )
        async with self._making:
            pool = self._pools.get(key)
            if pool is not None:
                return pool
            # Reading certificates takes long, and others share the event loop.
            context = await asyncio.to_thread(_ssl_context, policy)
            if self._closed:
                raise TransportError("closed", "the connections are closed")
            options: dict[str, Any] = {
                "ssl_context": context,
                "max_connections": None,
                "max_keepalive_connections": KEPT_CONNECTIONS,
                "keepalive_expiry": 5.0,
                "network_backend": _Backend(key[0]),
            }
            if proxy:
                options["proxy"] = _proxy_of(proxy)
            pool = self._pools[key] = httpcore.AsyncConnectionPool(**options)
            return pool

    async def close(self) -> None:
        """Close all connections, and open no more."""
        self._closed = True
        while self._pools:
            _, pool = self._pools.popitem()
            await pool.aclose()


class _Answer:
    """An answer of httpcore, read in pieces and decoded as its headers say."""

    def __init__(self, response: httpcore.Response) -> None:
        self._response = response
        self.status = response.status
        self.headers: Mapping[str, str] = {
            name.decode("latin-1").lower(): value.decode("latin-1")
            for name, value in response.headers
        }

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body in pieces of at most CHUNK bytes. Raises TransportError."""
        coding = self.headers.get("content-encoding", "identity").strip().lower()
        if coding not in {"", "identity"}:
            # We ask for none, and a packed body could be any size once unpacked.
            raise TransportError("network", "the answer is packed in a way that was not asked for")
        try:
            async for piece in self._response.aiter_stream():
                for at in range(0, len(piece), CHUNK):
                    yield piece[at : at + CHUNK]
        except Exception as error:
            raise _translated(error) from error

    async def close(self) -> None:
        """Let the connection go."""
        await self._response.aclose()


_USUAL = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "openclaw-config"}


def _headers(request: Outgoing) -> list[tuple[str, str]]:
    given = {name.lower() for name, _ in request.headers}
    usual = ((name, value) for name, value in _USUAL.items() if name.lower() not in given)
    return [*request.headers, *usual]


_UNSENDABLE = "a header, the URL or a name holds characters that cannot be sent"
_ERRORS: tuple[tuple[tuple[type[Exception], ...], FailureKind, str], ...] = (
    ((_Blocked,), "blocked", PRIVATE),
    ((httpcore.TimeoutException, TimeoutError), "timeout", "the server takes too long"),
    ((httpx.InvalidURL,), "url", "the URL cannot be used"),
    ((httpcore.ConnectError,), "network", "no connection: {reason}"),
    (
        (httpcore.RemoteProtocolError,),
        "network",
        "the server breaks off, or does not speak HTTP",
    ),
    ((httpcore.LocalProtocolError, ValueError, TypeError), "url", _UNSENDABLE),
    (
        (httpcore.NetworkError, httpcore.ProtocolError, OSError),
        "network",
        "the connection broke",
    ),
)
"""What went wrong, in our words; the first that fits counts."""


def _translated(error: Exception) -> TransportError:
    """An error of the connection as ours: httpcore's texts may hold what was sent."""
    if isinstance(error, TransportError):
        return error
    for types, kind, message in _ERRORS:
        if isinstance(error, types):
            return TransportError(kind, message.replace("{reason}", _reason(error)))
    raise error


def _reason(error: Exception) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"the certificate does not hold ({cause.verify_message})"
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror.lower()
        cause = cause.__cause__ or cause.__context__
    text = str(error)
    return text if text.startswith("the host") else "the server does not answer"


# --- proxies and certificates -----------------------------------------------------------------


async def _refuse_private(policy: Policy, host: str) -> None:
    if policy.private == "allow":
        return
    if is_local(host):
        raise _Blocked
    try:
        addresses = await _look_up(host.strip("[]"), 0)
    except httpcore.ConnectError:
        return
    if any(_is_private(address) for address in addresses):
        raise _Blocked


def _proxy(policy: Policy, scheme: str, host: str) -> str:
    if policy.proxy_mode == "explicit-proxy":
        return policy.proxy.reveal().strip() if policy.proxy is not None else ""
    if policy.proxy_mode != "env-proxy":
        return ""
    if policy.proxy is not None and policy.proxy:
        return policy.proxy.reveal().strip()
    if proxy_bypass(host):
        return ""
    found = getproxies()
    return found.get(scheme) or found.get("all") or ""


def _proxy_of(text: str) -> httpcore.Proxy:
    try:
        proxy = httpx.Proxy(text)
    except (ValueError, httpx.InvalidURL) as error:
        raise TransportError("url", "the URL of the proxy cannot be used") from error
    auth = proxy.raw_auth
    return httpcore.Proxy(url=str(proxy.url), auth=auth, headers=proxy.headers.raw)


def _ssl_context(policy: Policy) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not context.get_ca_certs():
        import certifi

        context.load_verify_locations(certifi.where())
    tls = dict(policy.tls)
    try:
        if "ca" in tls:
            context.load_verify_locations(cadata=_pem(tls["ca"].reveal()))
        if "cert" in tls:
            _load_certificate(context, tls)
    except (ssl.SSLError, OSError, ValueError) as error:
        raise TransportError("network", "the configured certificates cannot be used") from error
    return context


def _pem(text: str) -> str:
    if "-----BEGIN" in text:
        return text
    with open(os.path.expanduser(text.strip()), encoding="utf-8") as file:
        return file.read()


def _load_certificate(context: ssl.SSLContext, tls: Mapping[str, Any]) -> None:
    """Load the client's certificate, by way of a file: the ssl module reads nothing else."""
    secret = tls.get("passphrase")
    password = secret.reveal() if secret is not None else None
    pem = _pem(tls["cert"].reveal())
    if "key" in tls:
        pem += "\n" + _pem(tls["key"].reveal())
    descriptor, path = tempfile.mkstemp(suffix=".pem")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(pem)
        context.load_cert_chain(path, password=password)
    finally:
        os.unlink(path)
