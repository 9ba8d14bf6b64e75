"""Input media of a call: what callers may give, and how it is read (VID-16, VID-18)."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

from openclaw_config.runtime.errors import CallError

MAX_BYTES = 64 * 1024 * 1024
"""The largest input file that is read, in bytes."""

DEFAULT_IMAGE_MIME = "image/png"
"""What bytes without a type are taken for (VID-05, IMG-04)."""

Reader: TypeAlias = Callable[[str], bytes]
"""Reads a local file, or raises OSError."""

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")
_DATA_URL = re.compile(r"data:([^;,]*)((?:;[^;,]*)*),", re.IGNORECASE)


class Input(NamedTuple):
    """An input file: a ``url``, or its bytes as ``data`` with a type. ``role`` is its use, or "".

    ``repr`` shows neither the bytes nor the URL, which may be signed.
    """

    url: str = ""
    data: bytes | None = None
    mime: str = ""
    role: str = ""

    def __repr__(self) -> str:
        what = f"{len(self.data)} bytes" if self.data is not None else "a URL" if self.url else "-"
        return f"<input: {what}{', ' + self.role if self.role else ''}>"


def read_regular(path: str) -> bytes:
    """The bytes of a regular file of at most MAX_BYTES. Raises OSError."""
    import stat

    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags)
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise OSError("not a regular file")
        if found.st_size > MAX_BYTES:
            raise OSError(f"larger than {MAX_BYTES >> 20} MiB")
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise OSError(f"larger than {MAX_BYTES >> 20} MiB")
    return data


def given(argument: str, value: Any) -> str | Input:
    """One reference as the caller gave it: a text, bytes, a mapping or an Input.

    A mapping has ``url`` or ``base64`` or ``data``, and may have ``mime`` and ``role``. Raises
    CallError.
    """
    if isinstance(value, str | Input):
        return value
    if isinstance(value, bytes | bytearray | memoryview):
        return Input(data=bytes(value))
    if isinstance(value, Mapping):
        return _of_mapping(argument, value)
    raise CallError(argument, f"{argument} must be URLs, paths, data URLs or bytes")


def _of_mapping(argument: str, value: Mapping[str, Any]) -> Input:
    unknown = [key for key in value if key not in {"url", "base64", "data", "mime", "role"}]
    if unknown:
        raise CallError(
            argument,
            f"{argument} has an item with an unknown key {unknown[0]!r}",
            ("url", "base64", "data", "mime", "role"),
        )
    url, mime, role = (value.get(key) or "" for key in ("url", "mime", "role"))
    if not isinstance(url, str) or not isinstance(mime, str):
        raise CallError(argument, f"{argument}: url and mime must be texts")
    data = value.get("data")
    if data is not None and not isinstance(data, bytes):
        raise CallError(argument, f"{argument}: data must be bytes; give text as base64")
    encoded = value.get("base64")
    if encoded is not None:
        data = _decode(argument, encoded)
    return Input(url, data, mime, role if isinstance(role, str) else "")


def load(argument: str, value: str | Input, reader: Reader) -> Input:
    """A reference made usable: URLs stay, data URLs are decoded, files read (VID-18).

    Raises CallError.
    """
    if isinstance(value, Input):
        if value.data is None and value.url and not _is_web(value.url):
            return load(argument, value.url, reader)._replace(role=value.role)
        return value
    text = value.strip()
    if _is_web(text):
        return Input(url=text)
    if text[:5].lower() == "data:":
        if argument != "images":
            raise CallError(argument, f"{argument} cannot be data URLs, only images can")
        return _of_data_url(argument, text)
    return _of_file(argument, text, reader)


def _is_web(text: str) -> bool:
    return text[:8].lower().startswith(("https://", "http://"))


def _of_data_url(argument: str, text: str) -> Input:
    match = _DATA_URL.match(text)
    if match is None or match[2].lower() != ";base64":
        raise CallError(argument, f"{argument} has a data URL that is not in base64")
    mime = match[1].strip().lower()
    if not mime.startswith("image/"):
        raise CallError(argument, f"{argument} has a data URL that is no image")
    return Input(data=_decode(argument, text[match.end() :]), mime=mime)


def _decode(argument: str, text: Any) -> bytes:
    import base64

    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, TypeError) as error:
        raise CallError(argument, f"{argument} holds text that is not base64") from error


def _of_file(argument: str, text: str, reader: Reader) -> Input:
    path = text
    scheme = _SCHEME.match(text)
    if scheme is not None:
        if scheme[1].lower() != "file":
            raise CallError(
                argument,
                f"{argument} cannot be {scheme[1].lower()} URLs",
                ("http", "https", "data", "file"),
            )
        from urllib.parse import unquote, urlsplit

        parts = urlsplit(text)
        if parts.netloc not in {"", "localhost"}:
            raise CallError(argument, f"{argument} names a file on another machine")
        path = unquote(parts.path)
    try:
        data = reader(os.path.expanduser(path))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error) or "it cannot be read"
        raise CallError(
            argument, f"{argument} names a file that cannot be read: {reason}"
        ) from error
    from openclaw_config.runtime.images import mime_of

    return Input(data=data, mime=mime_of(data) or _mime_by_name(path))


def _mime_by_name(path: str) -> str:
    from mimetypes import guess_type

    return guess_type(path)[0] or ""


def data_url(item: Input) -> str:
    """The data URL of an input's bytes."""
    import base64

    assert item.data is not None
    return f"data:{item.mime or DEFAULT_IMAGE_MIME};base64,{base64.b64encode(item.data).decode()}"
