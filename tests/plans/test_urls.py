"""The URL parser (WHATWG, SL-53) and local hosts: what decides where a key may go."""

from __future__ import annotations

import ipaddress
import sys
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openclaw_config.plan.urls import (
    Url,
    UrlError,
    host_of,
    is_local,
    is_private,
    origin_of,
    parse,
    sendable,
)

BASE = "https://openrouter.ai/api/v1/"


@pytest.mark.parametrize(
    ("text", "spelling"),
    [
        ("HTTPS://OpenRouter.AI:443/a", "https://openrouter.ai/a"),
        ("http://a:80", "http://a/"),
        ("http://a:8080/", "http://a:8080/"),
        ("http://a:/", "http://a/"),
        ("http://a:00443", "http://a:443/"),
        ("  https://a/b\n", "https://a/b"),
        ("https://a/\tb\nc", "https://a/bc"),
        ("https:\\\\a\\b", "https://a/b"),
        ("https:a/b", "https://a/b"),
        ("https:////a/b", "https://a/b"),
        ("https://openrouter.ai\\@evil.test/", "https://openrouter.ai/@evil.test/"),
        ("https://a/b c?d e#f g", "https://a/b%20c?d%20e#f%20g"),
        ("https://a/é?ü", "https://a/%C3%A9?%C3%BC"),
        ("https://a/\ud800", "https://a/%EF%BF%BD"),
        ("https://a?x", "https://a/?x"),
        ("https://a/?#", "https://a/"),
        ("https://user:p%40ss@a", "https://user:p%40ss@a/"),
        ("https://u@v@a", "https://u%40v@a/"),
        # the path, without its dots
        ("https://a/api/../v2", "https://a/v2"),
        ("https://a/b/./c/%2e%2E/d", "https://a/b/d"),
        ("https://a/../..", "https://a/"),
        ("https://a/b/..", "https://a/"),
        ("https://a/b/.", "https://a/b/"),
        ("https://a//b", "https://a//b"),
        ("https://a/%2F/../b", "https://a/b"),
        # the host
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://faß.example/", "https://xn--fa-hia.example/"),
        ("https://ＯＰＥＮrouter。ai/", "https://openrouter.ai/"),
        ("https://open\u00adrouter.ai", "https://openrouter.ai/"),
        ("https://a%2eb", "https://a.b/"),
        ("https://openrouter.ai./", "https://openrouter.ai./"),
        ("http://2130706433", "http://127.0.0.1/"),
        ("http://127.1", "http://127.0.0.1/"),
        ("http://0x7f.1", "http://127.0.0.1/"),
        ("http://0177.0.0.1.", "http://127.0.0.1/"),
        ("http://１２７.0.0.1", "http://127.0.0.1/"),
        ("https://[::1]:8/x", "https://[::1]:8/x"),
        ("https://[2001:DB8:0:0:1:0:0:0]", "https://[2001:db8:0:0:1::]/"),
        ("https://[::ffff:127.0.0.1]", "https://[::ffff:7f00:1]/"),
        ("https://[10:0:1:0:0:1:1:1]", "https://[10:0:1::1:1:1]/"),
        # other schemes
        ("wss://a:443/x", "wss://a/x"),
        ("ftp://a", "ftp://a/"),
        ("redis://user:x@a:6379/0", "redis://user:x@a:6379/0"),
        ("unix:/run/../a.sock", "unix:/a.sock"),
        ("file:///etc/passwd", "file:///etc/passwd"),
        ("file://localhost/etc", "file:///etc"),
        ("mailto:a b@c", "mailto:a b@c"),
        ("a:b", "a:b"),
    ],
)
def test_one_spelling(text: str, spelling: str) -> None:
    assert parse(text).text == spelling
    assert parse(spelling).text == spelling


@pytest.mark.parametrize(
    "text",
    [
        "", "openrouter.ai/api", "//a/b", "1a://b", "https://", "http:///", "https://:80",
        "https://u@", "https://a:99999", "https://a:65536", "https://a:b", "https://a: 1",
        "https://a b", "https://a%20b", "https://a%", "https://a%00b", "https://a\x00b",
        "https://[::1", "https://[v1.x]/", "https://[::1]x", "https://[fe80::1%25eth0]",
        "https://a]", "https://a<b", "https://a^b", "http://256.0.0.1", "http://1.2.3.4.5",
        "http://a.1", "http://09", "http://0x100000000", "http://1..2", "https://a\u2100b",
        "https://xn--", "https://xn--a", "https://\u0301a", "https://\ue000", "https://\u00ad",
        "redis://a b", "redis://:1",
    ],
)  # fmt: skip
def test_what_is_no_url(text: str) -> None:
    with pytest.raises(UrlError):
        parse(text)
    assert origin_of(text) == ""


@pytest.mark.parametrize(
    "text",
    ["ftp://a", "file:///etc/passwd", "javascript:alert(1)", "https://user@a",
     "https://user:pass@a", "https://a:0", "//a/b"],
)  # fmt: skip
def test_what_nothing_can_be_sent_to(text: str) -> None:
    with pytest.raises(UrlError):
        sendable(text)


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("openrouter.ai/api/v1", "openrouter.ai"),
        ("me@Openrouter.ai", "openrouter.ai"),
        ("gateway:8080/v1", "gateway"),
        ("https://openrouter.ai\\@evil.test/", "openrouter.ai"),
        ("nonsense", "nonsense"),
        ("a b", ""),
        ("http://a:99999", ""),
    ],
)
def test_the_host_of_a_url_without_a_scheme(text: str, host: str) -> None:
    assert host_of(text) == host  # HTTP-02


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://openrouter.ai:443/x", "https://openrouter.ai"),
        ("HTTP://Host:8080/x", "http://host:8080"),
        ("https://user@host/x", "https://host"),
        ("ftp://host", ""),
        ("http://host:port/", ""),
    ],
)
def test_the_origin_of_a_url(text: str, origin: str) -> None:
    assert origin_of(text) == origin


@pytest.mark.parametrize(
    ("reference", "url", "trusted"),
    [
        ("/api/v1/videos/j", "https://openrouter.ai/api/v1/videos/j", True),  # VID-52
        ("videos/j/content?index=0", "https://openrouter.ai/api/v1/videos/j/content?index=0", True),
        ("../v2/j", "https://openrouter.ai/api/v2/j", True),
        ("?x=1", "https://openrouter.ai/api/v1/?x=1", True),
        ("https://openrouter.ai/j", "https://openrouter.ai/j", True),
        ("https://openrouter.ai:443/j", "https://openrouter.ai/j", True),
        ("http://openrouter.ai/j", "http://openrouter.ai/j", False),
        ("https://openrouter.ai:8443/j", "https://openrouter.ai:8443/j", False),
        ("https://api.openrouter.ai/j", "https://api.openrouter.ai/j", False),
        ("https://openrouter.ai./j", "https://openrouter.ai./j", False),
        ("https://openrouter.ai.evil.test/j", "https://openrouter.ai.evil.test/j", False),
        ("//evil.test/j", "https://evil.test/j", False),
        ("\\\\evil.test\\j", "https://evil.test/j", False),
        ("/\\evil.test/j", "https://evil.test/j", False),
        ("https:\\\\evil.test\\@openrouter.ai/", "https://evil.test/@openrouter.ai/", False),
    ],
)
def test_a_reference_and_whether_it_is_of_the_same_origin(
    reference: str, url: str, trusted: bool
) -> None:
    found = sendable(reference, parse(BASE))
    assert found.text == url
    assert (found.origin == origin_of(BASE)) is trusted


@pytest.mark.parametrize("reference", ["https://openrouter.ai@evil.test/", "ftp://x", "https://"])
def test_references_that_lead_nowhere(reference: str) -> None:
    with pytest.raises(UrlError):
        sendable(reference, parse(BASE))


@given(st.text(max_size=40))
def test_whatever_a_server_says_is_a_plain_url_or_an_error(reference: str) -> None:
    try:
        found = sendable(reference, parse(BASE))
    except UrlError:
        return
    assert found.text.startswith(f"{found.origin}/")
    assert found.text.isascii()
    assert "@" not in found.origin
    assert "\\" not in found.origin
    assert parse(found.text) == found


def url(host: str) -> Url:
    return parse(f"https://{host}/")


@given(st.text(max_size=30))
def test_a_url_is_its_own_spelling(text: str) -> None:
    try:
        found = parse(f"https://a{text}")
    except UrlError:
        return
    assert parse(found.text) == found


@pytest.mark.parametrize(
    "host",
    [
        "localhost", "LOCALHOST", "a.localhost", "printer.local", "db.internal", "localhost.",
        "x.lan",
        "nas.home", "router.home.arpa",
        "metadata.google.internal", "127.0.0.1", "127.1", "0x7f.1", "2130706433", "0177.0.0.1",
        "10.0.0.1", "172.16.0.1", "192.168.1.10", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "255.255.255.255", "224.0.0.1", "192.0.2.1", "198.18.0.1", "[::1]", "[::]", "[fe80::1]",
        "[fc00::1]", "[ff02::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]", "[::7f00:1]", "[fec0::1]", "[2001:db8::1]",
    ],
)  # fmt: skip
def test_private_by_spelling(host: str) -> None:
    assert is_local(url(host).host)


@pytest.mark.parametrize(
    "host",
    ["openrouter.ai", "8.8.8.8", "1.1.1.1", "[2606:4700::1111]", "localhost.example.com",
     "internal.example", "local", "[64:ff9b::808:808]", "[2002:808:808::]"],
)  # fmt: skip
def test_public_by_spelling(host: str) -> None:
    assert not is_local(url(host).host)


@given(st.ip_addresses(v=4))
def test_wrapping_an_address_does_not_make_it_public(address: ipaddress.IPv4Address) -> None:
    number = int(address)
    wrapped = [
        ipaddress.IPv6Address((0xFFFF << 32) | number),
        ipaddress.IPv6Address((0x0064FF9B << 96) | number),
        ipaddress.IPv6Address((0x2002 << 112) | (number << 80)),
    ]
    assert all(is_private(one) >= is_private(address) for one in wrapped)


@given(st.ip_addresses(v=4))
def test_old_spellings_mean_the_same_address(address: ipaddress.IPv4Address) -> None:
    number = int(address)
    octal = ".".join(f"0{part:o}" for part in address.packed)
    short = f"{number >> 24}.{number & 0xFFFFFF}"
    for spelling in (str(number), hex(number), octal, short):
        assert url(spelling).host == str(address)


@given(st.ip_addresses(v=6))
def test_an_ipv6_address_has_one_spelling(address: ipaddress.IPv6Address) -> None:
    host = url(f"[{address.exploded}]").host
    assert ipaddress.IPv6Address(host[1:-1]) == address
    assert url(f"[{address}]").host == host == url(host).host


def test_a_browser_reads_urls_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """The playground has no package but this one: JavaScript's own ``URL`` is asked."""

    class Browser:
        """Stands for that of JavaScript."""

        def __init__(self, text: str) -> None:
            self.href = text.lower()

        new = classmethod(lambda cls, text: cls(text))
        canParse = staticmethod(lambda text: " " not in text)  # noqa: N815

    monkeypatch.setitem(sys.modules, "pydantic_core", None)
    monkeypatch.setitem(sys.modules, "js", SimpleNamespace(URL=Browser))
    assert parse("HTTPS://A/").text == "https://a/"
    with pytest.raises(UrlError):
        parse("https://a b/")
