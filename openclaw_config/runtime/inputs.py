"""Input media of a call: read (VID-16, VID-18), recognised, shared out over places (VID-05)."""

from __future__ import annotations

import base64
import os
import re
import struct
from collections.abc import Callable, Mapping
from mimetypes import guess_type
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import unquote, urlsplit

from openclaw_config.facts import read_json
from openclaw_config.files import read_regular, reason_of
from openclaw_config.plan.model import Json, Placing
from openclaw_config.runtime.errors import CallError

MAX_BYTES = 64 * 1024 * 1024
"""The largest input file that is read, in bytes."""

DEFAULT_IMAGE_MIME = "image/png"
"""What bytes without a type are taken for (VID-05, IMG-04)."""

Reader: TypeAlias = Callable[[str], bytes]
"""Reads a local file, or raises OSError or ValueError."""

_MEMBERS = {"data": bytes, **dict.fromkeys(("url", "base64", "mime", "role", "name"), str)}
"""What an input may have that is given as a mapping, and of which type."""
_SCHEME = re.compile("[A-Za-z][A-Za-z0-9+.-]+:")
_LOCAL = (("file", ""), ("file", "localhost"))
_DATA_URL = re.compile(r"data:(\s*image/[^;,]*);base64,", re.IGNORECASE)


class Input(NamedTuple):
    """An input file: a ``url`` or path, or its bytes as ``data`` with a type.

    ``role`` is its use, ``name`` that of the file, or "".

    ``fetch`` is the plan's check that says how the bytes are fetched before it can be sent.
    ``place`` is where it was shared out to, "" where a model has no places; ``number`` counts a
    call's inputs of a kind from 1.

    ``repr`` shows neither the bytes nor the URL, which may be signed.
    """

    url: str = ""
    data: bytes | None = None
    mime: str = ""
    role: str = ""
    fetch: Json = None
    name: str = ""
    place: str = ""
    number: int = 1

    def __repr__(self) -> str:
        what = f"{len(self.data)} bytes" if self.data is not None else "a URL" if self.url else "-"
        return f"<input: {what}{', ' + self.role if self.role else ''}>"


def read_file(path: str) -> bytes:
    """The bytes of a regular file of at most MAX_BYTES. Raises OSError and ValueError."""
    return read_regular(path, MAX_BYTES)


def given(argument: str, value: Any) -> Input:
    """One input as the caller gave it: a URL or path, bytes, a mapping or an Input.

    A mapping has ``url`` or ``base64`` or ``data``, and may have ``mime``, ``role`` and ``name``.
    Raises CallError.
    """
    if isinstance(value, Input):
        return value
    if isinstance(value, bytes | bytearray | memoryview):
        return Input(data=bytes(value))
    fields: Any = {"url": value} if isinstance(value, str) else value
    if not isinstance(fields, Mapping):
        raise CallError(argument, f"{argument} must be URLs, paths, data URLs or bytes")
    for key, one in fields.items():
        if one is not None and not isinstance(one, _MEMBERS.get(key, ())):
            message = f"{argument} has an item whose {key!r} is unknown or of another type"
            raise CallError(argument, message, tuple(_MEMBERS))
    texts: dict[str, Any] = {key: fields.get(key) or "" for key in ("url", "mime", "role", "name")}
    encoded = fields.get("base64")
    data = fields.get("data") if encoded is None else _decode(argument, encoded)
    return Input(data=data, **texts)


def load(argument: str, item: Input, reader: Reader, fetch: Json) -> Input:
    """An input made usable: URLs stay, data URLs are decoded, files read (VID-18).

    What a URL names is fetched later, as ``fetch`` says. Raises CallError.
    """
    text = item.url.strip()
    if item.data is not None or not text:
        return item
    if text[:8].lower().startswith(("https://", "http://")):
        return item._replace(url=text, fetch=fetch)
    of = _of_data_url if text[:5].lower() == "data:" else _of_file
    return of(argument, text, reader)._replace(role=item.role)


def _of_data_url(argument: str, text: str, _: Reader) -> Input:
    match = _DATA_URL.match(text)
    if argument != "images" or match is None:
        message = f"{argument}: only images can be data URLs, and only in base64"
        raise CallError(argument, message)
    return Input(data=_decode(argument, text[match.end() :]), mime=match[1].strip().lower())


def _decode(argument: str, text: Any) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, TypeError) as error:
        raise CallError(argument, f"{argument} holds text that is not base64") from error


def _of_file(argument: str, text: str, reader: Reader) -> Input:
    try:
        parts = urlsplit(text) if _SCHEME.match(text) else None
        if parts is not None and (parts.scheme, parts.netloc) not in _LOCAL:
            raise ValueError("it must be a file of this machine, or a URL of http or https")
        path = text if parts is None else unquote(parts.path)
        data = reader(os.path.expanduser(path))
    except (OSError, ValueError) as error:
        reason = reason_of(error) or "the system does not say why"
        message = f"{argument} names a file that cannot be read: {reason}"
        raise CallError(argument, message) from error
    mime = mime_of(data) or guess_type(path)[0] or ""
    return Input(data=data, mime=mime, name=os.path.basename(path))


def encoded(item: Input) -> str:
    """An input's bytes in base64, or what stands for them until they are fetched; else ""."""
    if item.data is None:
        return f"<the bytes of {item.url}>" if item.fetch else ""
    return base64.b64encode(item.data).decode()


_TYPES = "media-types.json"


def mime_of(data: bytes) -> str:
    """The type of an image or a recording, "" when the bytes are none that we know."""
    starts = read_json(_TYPES)["starts"].items()
    return next((mime for mime, start in starts if re.match(start.encode("latin-1"), data)), "")


def extension_of(item: Input) -> str:
    """The extension of an input's name, or of its URL or path, in lower case with the dot."""
    name = item.name or re.split(r"[?#]", item.url)[0]
    return os.path.splitext(name)[1].lower()


def _named(item: Input) -> str:
    """The type that an input's name speaks for, "" where it speaks for none."""
    return str(read_json(_TYPES)["extensions"].get(extension_of(item), ""))


def is_media(item: Input, kind: str) -> bool:
    """Whether an input is ``image/`` or the like by its given type or its name (STT-11).

    Where there is neither, its bytes tell.
    """
    if not (item.mime or item.url or item.name):
        return mime_of(item.data or b"").startswith(kind)
    said = (f"data:{item.mime}", item.url, f"data:{_named(item)}")
    return any(one.lower().startswith(f"data:{kind}") for one in said)


def type_of(item: Input) -> str:
    """What an input's bytes say, else its name, else the type that it was given (STT-11)."""
    found = mime_of(item.data or b"") or _named(item) or item.mime
    return found.partition(";")[0].strip().lower()


def dimensions(data: bytes) -> tuple[int, int] | None:
    """Width and height, or None when the bytes do not tell."""
    mime = mime_of(data)
    form = read_json(_TYPES)["sizes"].get(mime)
    if form is not None and len(data) >= struct.calcsize(form):
        width, height = struct.unpack_from(form, data)
        return abs(width), abs(height)
    if mime == "image/jpeg":
        return _jpeg(data)
    return _webp(data) if mime == "image/webp" and len(data) >= 30 else None


def _jpeg(data: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        length, height, width = struct.unpack_from(">HxHH", data, at + 2)
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            return width, height
        at += 1 if marker == 0xFF else 2 + max(2, length)
    return None


def _webp(data: bytes) -> tuple[int, int] | None:
    form = data[12:16]
    if form == b"VP8X":
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    # Fourteen bits each, side by side or, of the lossy kind, in two bytes each.
    start, width, plus = (21, 14, 1) if form == b"VP8L" else (26, 16, 0)
    bits = int.from_bytes(data[start : start + 4], "little")
    known = form in (b"VP8L", b"VP8 ")
    return ((bits & 0x3FFF) + plus, (bits >> width & 0x3FFF) + plus) if known else None


def share_out(items: tuple[Input, ...], placing: Placing | None) -> tuple[Input, ...]:
    """The inputs in their order, each with its place."""
    placing = placing or Placing((), (), (), "")
    holds = {place.name: place.holds for place in placing.places}
    roles = dict(placing.roles)
    taken: dict[str, int] = {}
    placed: list[Input] = []
    for item in items:
        place = roles.get(item.role.strip(), "")
        wanted = (place,) if place else placing.unnamed
        free = (name for name in wanted if not holds.get(name) or taken.get(name, 0) < holds[name])
        chosen = next(free, placing.overflow)
        taken[chosen] = taken.get(chosen, 0) + 1
        placed.append(item._replace(place=chosen, number=len(placed) + 1))
    return tuple(placed)
