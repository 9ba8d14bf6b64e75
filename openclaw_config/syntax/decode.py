"""From bytes to text, as Node reads a file: UTF-8, with U+FFFD where the bytes do not fit."""

from __future__ import annotations

from openclaw_config.diagnostics.model import Diagnostic
from openclaw_config.syntax.spans import Location, Source, Span

_BYTE_ORDER_MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)


def decode(
    data: bytes, name: str = "<text>", path: str | None = None
) -> tuple[Source, tuple[Diagnostic, ...]]:
    """The text of a file, and what is wrong with its encoding. Never raises.

    A byte order mark stays in the text, where it is white space; so columns are those that Node
    and editors count. Text in UTF-16 or UTF-32 is an error, but read for what it means, so that
    no other finding follows from it.
    """
    encoding = _other_encoding(data)
    if encoding:
        source = Source(data.decode(encoding, errors="replace"), name, path)
        return source, (_wrong_encoding(source, encoding),)
    try:
        return Source(data.decode(), name, path), ()
    except UnicodeDecodeError as error:
        source = Source(data.decode(errors="replace"), name, path)
        return source, (_not_utf8(source, data, error.start),)


def _other_encoding(data: bytes) -> str:
    """The encoding that a byte order mark, or zeros among the first bytes, give away."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return encoding
    # The first characters of a config are ASCII: in wider units all but one byte of each is zero.
    zeros = tuple(byte == 0 for byte in data[:4])
    return {
        (False, True, True, True): "utf-32-le",
        (True, True, True, False): "utf-32-be",
        (False, True, False, True): "utf-16-le",
        (True, False, True, False): "utf-16-be",
        (False, True): "utf-16-le",
        (True, False): "utf-16-be",
    }.get(zeros, "")


def _not_utf8(source: Source, data: bytes, first: int) -> Diagnostic:
    from openclaw_config.syntax.errors import invalid_utf8

    at = len(data[:first].decode())
    # A file may hold U+FFFD of its own; those that are new stand for bytes.
    replaced = source.text.count("\ufffd") - data.count("\ufffd".encode())
    places = f"{replaced:,} places in this file are" if replaced > 1 else "this place is"
    return invalid_utf8.at(
        Location(source, Span(at, at + 1)),
        "the file is not wholly UTF-8",
        label="these bytes are read as U+FFFD",
        notes=(f"{places} not what was typed",),
        helps=("save the file as UTF-8",),
    )


def _wrong_encoding(source: Source, encoding: str) -> Diagnostic:
    from openclaw_config.syntax.errors import wrong_encoding

    return wrong_encoding.at(
        Location(source, Span(0, 0)),
        f"the file is in {encoding[:6].upper()}, and OpenClaw reads UTF-8 only",
        helps=("save the file as UTF-8",),
    )
