"""The transport that production uses: httpcore, over connections that it opens itself (HTTP-06).

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
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes
from urllib.request import getproxies, proxy_bypass

from openclaw_config.plan.urls import Url, UrlError, is_private, parse, sendable
from openclaw_config.runtime.errors import PRIVATE, FailureKind, MissingExtraError, TransportError
from openclaw_config.runtime.transport import Incoming, Outgoing, Policy

try:
    # What httpcore's connections import when the first of them is opened; here nobody waits for it.
    import anyio._backends._asyncio  # noqa: F401
    import httpcore
except ImportError as missing:
    raise MissingExtraError(
        "sending requests needs httpcore: install it with  pip install 'openclaw-config[runtime]'"
    ) from missing

KEPT_CONNECTIONS = 32
"""Idle connections that a pool keeps: it looks through all of its connections at each request."""
CONNECT_SECONDS = 30.0


@dataclass
class _Backend(httpcore.AnyIOBackend):
    """Opens connections, only to addresses that the policy lets through."""

    private: str

    async def connect_tcp(
        self, host: str, port: int, *args: Any, **options: Any
    ) -> httpcore.AsyncNetworkStream:
        """A connection to one of the host's addresses."""
        failure: Exception = httpcore.ConnectError("the host has no address")
        for address in await _addresses(host, port, self.private):
            try:
                return await super().connect_tcp(address, port, *args, **options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


async def _addresses(host: str, port: int, private: str) -> list[str]:
    """A host's addresses. Raises TransportError when one is ``private`` and may not be."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError("the host's name cannot be resolved") from error
    addresses = list(dict.fromkeys(str(row[4][0]) for row in found))
    known = (ipaddress.ip_address(address.partition("%")[0]) for address in addresses)
    if private != "allow" and any(map(is_private, known)):
        raise TransportError("blocked", PRIVATE)
    return addresses


class HttpTransport:
    """Sends requests over real connections, which it keeps for the next ones.

    Use one for many calls and close it at the end. It belongs to one event loop.
    """

    def __init__(self) -> None:
        self._pools: dict[tuple[Any, ...], httpcore.AsyncConnectionPool] = {}
        self._making = asyncio.Lock()
        self._closed = False

    async def send(self, request: Outgoing) -> Incoming:
        """Send one request; how long it takes in all is for the caller. Raises TransportError."""
        with _translated():
            url, policy, body = sendable(request.url), request.policy, request.body or b""
            pool, headers, there = await self._pool(policy, url), _headers(request, url), _sent(url)
            silence = request.timeout_ms / 1000 or None
            limits = {"connect": CONNECT_SECONDS, "read": silence, "write": silence}
            more = {"timeout": limits, "sni_hostname": policy.server_name}
            sent = httpcore.Request(
                request.method, there, headers=headers, content=body, extensions=more
            )
            response = await pool.handle_async_request(sent)
        named = {name.decode("latin-1").lower(): value for name, value in response.headers}
        answered = {name: value.decode("latin-1") for name, value in named.items()}
        chunks = _chunks(response, answered.get("content-encoding", ""))
        return Incoming(response.status, answered, chunks, response.aclose)

    async def _pool(self, policy: Policy, url: Url) -> httpcore.AsyncConnectionPool:
        private, proxy = policy.private, _proxy(policy, url)
        if proxy:
            # The proxy looks the name up; what can be checked beforehand is checked here.
            with suppress(httpcore.ConnectError):
                await _addresses(url.host.strip("[]"), 0, private)
            private = "allow"
        key = (private, proxy, tuple((name, secret.reveal()) for name, secret in policy.tls))
        async with self._making:
            if key not in self._pools:
                # Reading certificates takes long, and others share the event loop.
                context = await asyncio.to_thread(_ssl_context, policy)
                if self._closed:
                    raise TransportError("closed", "the connections are closed", final=True)
                self._pools[key] = httpcore.AsyncConnectionPool(
                    ssl_context=context,
                    proxy=_proxy_of(proxy) if proxy else None,
                    max_connections=None,
                    max_keepalive_connections=KEPT_CONNECTIONS,
                    keepalive_expiry=5.0,
                    network_backend=_Backend(private),
                )
            return self._pools[key]

    async def close(self) -> None:
        """Close all connections, and open no more."""
        self._closed = True
        while self._pools:
            _, pool = self._pools.popitem()
            await pool.aclose()


async def _chunks(response: httpcore.Response, coding: str) -> AsyncIterator[bytes]:
    """The body in the pieces that come. Raises TransportError."""
    if coding.strip().lower() not in {"", "identity"}:
        # We ask for none, and a packed body could be any size once unpacked.
        raise TransportError("network", "the answer is packed in a way that was not asked for")
    with _translated():
        async for piece in response.aiter_stream():
            yield piece


def _sent(url: Url) -> httpcore.URL:
    target = url.path + url.query
    return httpcore.URL(scheme=url.scheme, host=url.host.strip("[]"), port=url.port, target=target)


def _headers(request: Outgoing, url: Url) -> list[tuple[str, str]]:
    usual = {"Host": url.origin.partition("://")[2], "Accept": "*/*"}
    usual |= {"Accept-Encoding": "identity", "User-Agent": "openclaw-config"}
    if request.body is not None or request.method != "GET":
        usual["Content-Length"] = str(len(request.body or b""))
    given = {name.lower() for name, _ in request.headers}
    return [*(pair for pair in usual.items() if pair[0].lower() not in given), *request.headers]


_UNSENT = (httpcore.LocalProtocolError, ValueError, TypeError)
_ERRORS: tuple[tuple[tuple[type[Exception], ...], FailureKind, str], ...] = (
    ((httpcore.TimeoutException, TimeoutError), "timeout", "the server takes too long"),
    ((httpcore.ConnectError,), "network", "no connection: {reason}"),
    ((httpcore.RemoteProtocolError,), "network", "the server breaks off, or does not speak HTTP"),
    (_UNSENT, "url", "the URL or a header cannot be sent"),
    ((httpcore.NetworkError, httpcore.ProxyError, OSError), "network", "the connection broke"),
)
"""What went wrong, in our words; the first that fits counts."""


@contextmanager
def _translated() -> Iterator[None]:
    """Errors of the connection become ours: httpcore's texts may hold what was sent."""
    try:
        yield
    except TransportError:
        raise
    except Exception as error:
        for types, kind, message in _ERRORS:
            if isinstance(error, types):
                said = message.replace("{reason}", _reason(error))
                raise TransportError(kind, said) from error
        raise


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


def _proxy(policy: Policy, url: Url) -> str:
    """The URL of the proxy that requests to a URL take, "" without one."""
    if policy.proxy and policy.proxy_mode:
        return policy.proxy.reveal().strip()
    if policy.proxy_mode != "env-proxy" or proxy_bypass(url.host):
        return ""
    found = getproxies()
    return found.get(url.scheme) or found.get("all") or ""


def _proxy_of(text: str) -> httpcore.Proxy:
    try:
        url = parse(text)
        if url.scheme not in {"http", "https", "socks5", "socks5h"}:
            raise UrlError("no proxy has its scheme")
    except UrlError as error:
        raise TransportError("url", "the URL of the proxy cannot be used") from error
    name, _, password = url.user.partition(":")
    auth = (unquote_to_bytes(name), unquote_to_bytes(password)) if url.user else None
    return httpcore.Proxy(_sent(url), auth=auth)


def _ssl_context(policy: Policy) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not context.get_ca_certs():
        import certifi

        context.load_verify_locations(certifi.where())
    tls = {name: secret.reveal() for name, secret in policy.tls}
    try:
        if "ca" in tls:
            context.load_verify_locations(cadata=_pem(tls["ca"]))
        if "cert" in tls:
            texts = [_pem(tls[name]) for name in ("cert", "key") if name in tls]
            # The ssl module reads files only; nobody else can enter this folder.
            with tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, "client.pem")
                with open(path, "w", encoding="utf-8") as file:
                    file.write("\n".join(texts))
                context.load_cert_chain(path, password=tls.get("passphrase"))
    except (ssl.SSLError, OSError, ValueError) as error:
        raise TransportError("network", "the configured certificates cannot be used") from error
    return context


def _pem(text: str) -> str:
    if "-----BEGIN" in text:
        return text
    with open(os.path.expanduser(text.strip()), encoding="utf-8") as file:
        return file.read()
