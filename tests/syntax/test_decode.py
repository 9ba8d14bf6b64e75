"""From bytes to text, as Node reads a file (LOAD-10)."""

from __future__ import annotations

import codecs

import pytest

from openclaw_config.syntax.nodes import to_value
from openclaw_config.syntax.parser import decode, parse
from openclaw_config.syntax.text import Position


def test_utf_8_is_read_without_a_word() -> None:
    source, findings = decode("{ a: 'é🦞' }".encode(), "openclaw.json", "/etc/openclaw.json")
    assert (source.text, source.name, source.path) == (
        "{ a: 'é🦞' }",
        "openclaw.json",
        "/etc/openclaw.json",
    )
    assert findings == ()


def test_a_byte_order_mark_stays_and_is_white_space() -> None:
    source, findings = decode(codecs.BOM_UTF8 + b"{}")
    assert (source.text, findings) == ("\ufeff{}", ())
    assert parse(source).errors == ()


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"'Andr\xe9'", "'Andr\ufffd'"),
        (b"'\xc3'", "'\ufffd'"),
        (b"'\xed\xa0\x80'", "'\ufffd\ufffd\ufffd'"),
        (b"'\xf0\x9f\xa6'", "'\ufffd'"),
        (b"'\xf4\x90\x80\x80'", "'\ufffd\ufffd\ufffd\ufffd'"),
        (b"'\xc0\xaf'", "'\ufffd\ufffd'"),
    ],
)
def test_bytes_that_do_not_fit_become_replacement_characters(data: bytes, text: str) -> None:
    """The same number of them as Node puts (WHATWG Encoding: maximal subparts)."""
    source, (finding,) = decode(data)
    assert source.text == text
    assert (finding.rule, finding.severity, finding.blocks) == ("invalid-utf8", "warning", False)
    assert finding.location is not None
    assert finding.location.span.start == text.index("\ufffd")


def test_the_first_wrong_byte_is_shown_and_the_others_are_counted() -> None:
    _, (finding,) = decode("{\n  a: 'é\ufffd".encode() + b"\xe9', b: '\xe9' }")
    assert finding.location is not None
    assert finding.location.position == Position(2, 9)
    assert finding.notes == ("2 places in this file are not what was typed",)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("text", ["{ a: 'é' }", "{}", "[1]"])
def test_other_encodings_are_one_error_and_read_all_the_same(
    text: str, mark: str, encoding: str
) -> None:
    source, (finding,) = decode((mark + text).encode(encoding))
    assert (finding.rule, finding.blocks) == ("wrong-encoding", True)
    assert encoding[:6].upper() in finding.message
    assert source.text == mark + text
    tree = parse(source)
    assert tree.errors == ()
    expected = parse(decode(text.encode())[0]).root
    assert tree.root is not None and expected is not None
    assert to_value(tree.root) == to_value(expected)


@pytest.mark.parametrize("data", [b"", b"{", b"\x00", b"{}\x00", b"\xff", b"[1]"])
def test_short_files_are_not_taken_for_something_else(data: bytes) -> None:
    assert all(finding.rule != "wrong-encoding" for finding in decode(data)[1])


@pytest.mark.parametrize("data", [b"\0" * 8, b"\xef\xbb\xbf\0{}"])
def test_zeros_alone_say_nothing_of_an_encoding(data: bytes) -> None:
    assert decode(data)[1] == ()
