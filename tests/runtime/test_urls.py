"""URLs and private networks: what decides where a key may go."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openclaw_config.runtime.network import is_private, is_private_host, literal
from openclaw_config.runtime.urls import UrlError, origin_of, parse, resolve

BASE = "https://openrouter.ai/api/v1/"


@pytest.mark.parametrize(
    ("text", "spelling"),
    [
        ("HTTPS://OpenRouter.AI:443/a", "https://openrouter.ai/a"),
        ("http://a:80", "http://a/"),
        ("http://a:8080/", "http://a:8080/"),
        ("  https://a/b\n", "https://a/b"),
        ("https://a/\tb\nc", "https://a/bc"),
        ("https:\\\\a\\b", "https://a/b"),
        ("https://a/b c?d e#f g", "https://a/b%20c?d%20e#f%20g"),
        ("https://a/é?ü", "https://a/%C3%A9?%C3%BC"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://[::1]:8/x", "https://[::1]:8/x"),
        ("https://a/%2F/../b", "https://a/%2F/../b"),
    ],
)
def test_one_spelling(text: str, spelling: str) -> None:
    assert parse(text).text == spelling
    assert parse(spelling).text == spelling


@pytest.mark.parametrize(
    "text",
    [
        "", "openrouter.ai/api", "//a/b", "ftp://a", "file:///etc/passwd", "javascript:alert(1)",
        "https://", "https://user@a", "https://user:pass@a", "https://a:0", "https://a:99999",
        "https://a:b", "https://a b", "https://a%2eb", "https://[::1", "https://[v1.x]/",
        "https://a\x00b", "https://-", "http:///a",
    ],
)  # fmt: skip
def test_what_nothing_can_be_sent_to(text: str) -> None:
    with pytest.raises(UrlError):
        parse(text)
    assert origin_of(text) == ""


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
    found = resolve(BASE, reference)
    assert found.text == url
    assert (found.origin == origin_of(BASE)) is trusted


@pytest.mark.parametrize("reference", ["https://openrouter.ai@evil.test/", "ftp://x", "https://"])
def test_references_that_lead_nowhere(reference: str) -> None:
    with pytest.raises(UrlError):
        resolve(BASE, reference)


@given(st.text(max_size=40))
def test_whatever_a_server_says_is_a_plain_url_or_an_error(reference: str) -> None:
    try:
        found = resolve(BASE, reference)
    except UrlError:
        return
    assert found.text.startswith(f"{found.origin}/")
    assert found.text.isascii()
    assert "@" not in found.origin
    assert "\\" not in found.origin
    assert parse(found.text) == found


@pytest.mark.parametrize(
    "host",
    [
        "localhost", "LOCALHOST", "a.localhost", "printer.local", "db.internal", "localhost.",
        "metadata.google.internal", "127.0.0.1", "127.1", "0x7f.1", "2130706433", "0177.0.0.1",
        "10.0.0.1", "172.16.0.1", "192.168.1.10", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "255.255.255.255", "224.0.0.1", "192.0.2.1", "198.18.0.1", "[::1]", "[::]", "[fe80::1]",
        "[fc00::1]", "[ff02::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]", "[::7f00:1]", "[fec0::1]", "[2001:db8::1]",
    ],
)  # fmt: skip
def test_private_by_spelling(host: str) -> None:
    assert is_private_host(host)


@pytest.mark.parametrize(
    "host",
    ["openrouter.ai", "8.8.8.8", "1.1.1.1", "[2606:4700::1111]", "localhost.example.com",
     "internal.example", "local", "[64:ff9b::808:808]", "[2002:808:808::]"],
)  # fmt: skip
def test_public_by_spelling(host: str) -> None:
    assert not is_private_host(host)


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
    assert literal(str(int(address))) == address
    assert literal(hex(int(address))) == address
