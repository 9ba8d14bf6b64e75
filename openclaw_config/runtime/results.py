"""What an execution gives: taken out of the responses, written where the caller wants it.

docs/plan.md ("Results") has the form of a plan's ``result``.
"""

from __future__ import annotations

import asyncio
import base64
import errno
import io
import itertools
import json
import os
import re
import stat
import wave
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

from openclaw_config.errors import OpenClawConfigError
from openclaw_config.facts import read_json
from openclaw_config.files import Beside
from openclaw_config.plan.model import Json
from openclaw_config.plan.values import SHAPES, every_at, first_at, is_number, json_of, text_at
from openclaw_config.runtime.arguments import Normalization
from openclaw_config.runtime.errors import FailureError
from openclaw_config.runtime.events import Failed
from openclaw_config.runtime.inputs import mime_of
from openclaw_config.runtime.secrets import Mask

_DATA_URL = re.compile(r"data:(image/[^;,\s]+)(?:;[^;,]*)*;base64,(.+)", re.IGNORECASE | re.DOTALL)
_IN_TEXT = re.compile(r"data:(image/[A-Za-z0-9.+-]+);base64,([A-Za-z0-9+/=]+)")
_BASE64 = re.compile(r"[A-Za-z0-9+/_\-\s]+={0,2}\s*")
_NUMBERED = re.compile(r"(.*)-([0-9]{1,6})", re.DOTALL)


class Media(NamedTuple):
    """A result's bytes: in ``data``, or in the file at ``path`` when the caller named a target.

    ``url`` is where the provider has it, if it says so; some say no more than that. ``file_name``
    is the name that OpenClaw would give it. ``repr`` does not show the bytes.
    """

    mime: str
    file_name: str
    size: int
    data: bytes | None = None
    path: str = ""
    url: str = ""

    def __repr__(self) -> str:
        where = f" at {self.path}" if self.path else ""
        return f"<{self.mime}, {self.size} bytes{where}>"


class ChatAnswer(NamedTuple):
    """A model's answer. ``stop_reason`` is ``stop``, ``length`` or ``toolUse``.

    ``tool_calls`` are objects with ``id``, ``name`` and ``arguments`` (a JSON text). ``refusal``
    is why the model does not answer; ``images``, ``reasoning_details`` and ``annotations`` are
    objects as the provider sends them. ``repr`` does not show what the model wrote.
    """

    text: str
    stop_reason: str
    reasoning: str = ""
    tool_calls: tuple[Json, ...] = ()
    usage: Json = None
    refusal: str = ""
    images: tuple[Json, ...] = ()
    reasoning_details: tuple[Json, ...] = ()
    annotations: tuple[Json, ...] = ()

    def __repr__(self) -> str:
        return f"<answer: {len(self.text)} characters, {self.stop_reason}>"


class Result(NamedTuple):
    """What a call gave.

    ``ref`` is the candidate that gave it, ``attempts`` are those that failed before.
    ``media`` holds video, images or audio, ``answer`` a chat's, ``words`` what is sung or said.
    ``metadata`` is what the provider says about the job. ``extra`` has what the plan's result says
    besides (``voiceNote``).
    """

    surface: str
    ref: str
    provider: str
    model: str
    media: tuple[Media, ...] = ()
    answer: ChatAnswer | None = None
    metadata: Mapping[str, Any] = {}
    attempts: tuple[Failed, ...] = ()
    normalization: Normalization | None = None
    extra: Mapping[str, Any] = {}
    words: str = ""

    @property
    def text(self) -> str:
        """A chat's answer, or the words of a recording; "" without any."""
        return self.answer.text if self.answer is not None else self.words


def spent(usage: Json, price: Json) -> float | None:
    """What a chat cost in US dollars; None where nobody knows. The provider's word goes first.

    What was ``cached`` counts among the input; what is ``read`` from a cache or ``made`` for it, as
    Anthropic tells, beside it.
    """
    if is_number(cost := first_at(usage, "/cost")):
        return float(cost)
    used: defaultdict[str, float] = defaultdict(float)
    for name, places in read_json("chat-forms.json")["counts"].items():
        for count in [one for at in places if is_number(one := first_at(usage, at))][:1]:
            used[name] = count
    if price is None or not {"input", "output"} <= used.keys():
        return None
    usual = price["input"]
    tokens = (
        (used["input"] - used["cached"]) * usual
        + (used["cached"] + used["read"]) * price.get("cacheRead", usual)
        + used["made"] * price.get("cacheWrite", usual)
        + (used["output"] + used["thinking"]) * price["output"]
    )
    return float(tokens) / 1_000_000


# --- fields -----------------------------------------------------------------------------------


def media_type(result: Json, headers: Mapping[str, str], step: str, mask: Mask) -> tuple[str, str]:
    """The type and the file name of a result that is a response's bytes (VID-56, TTS-21).

    Raises FailureError when the plan refuses the type (DIV-20).
    """
    named = mask.line(headers.get("content-type", ""))
    plain = named.partition(";")[0].strip().lower()
    form = result["mime"]
    if plain in form.get("refuse", ()):
        message = f"{step}: the answer is {named[:60]}, not {result['kind']}"
        raise FailureError("response", message, step)
    mime = named or form["default"]
    choices = result.get("fileName") or ()
    names = (one["name"] for one in choices if one.get("whenMimeContains", "") in mime)
    return mime, next(names, f"{result['kind']}-1{result.get('extension', '')}")


def field(places: Any, responses: Mapping[str, Any]) -> Any:
    """The first value that is there, of places in responses; None without one."""
    for place in places or ():
        value = first_at(responses.get(place["step"]), place["pointer"])
        trimmed = value.strip() if isinstance(value, str) else value
        if trimmed not in (None, ""):
            return value if place.get("encode") == "verbatim" else trimmed
    return None


def metadata(result: Json, responses: Mapping[str, Any]) -> dict[str, Any]:
    """The metadata that a plan's result names, as far as the responses have it (VID-58)."""
    named = (result.get("metadata") or {}).items()
    found = {name: field(places, responses) for name, places in named}
    return {name: value for name, value in found.items() if value is not None}


# --- images -----------------------------------------------------------------------------------


def images(result: Json, response: Any) -> list[Media]:
    """The images of a response (IMG-30).

    Raises FailureError when one is too large, or is none where the plan is strict (IMG-30').
    """
    step, most = result["step"], result["most"]
    found: list[Media] = []
    for owner in every_at(response, result["within"]):
        for entry in result["collect"]:
            for mime, data in _collected(owner, entry, result):
                if len(data) > most:
                    message = f"{step}: an image is larger than {most / (1024 * 1024):g} MiB"
                    raise FailureError("too-large", message, step=step, final=True)
                kind = mime or mime_of(data) or entry["mime"]
                name = image_name(result, len(found) + 1, kind)
                found.append(Media(kind, name, len(data), data))
    return found


def image_name(result: Json, number: int, mime: str) -> str:
    """The name that OpenClaw gives to an image."""
    name = str(result["fileName"]).replace("{number}", str(number))
    return name.replace("{extension}", extension_of(mime))


def decoded(text: str, form: Json) -> bytes:
    """The bytes of a recording that an answer has as text, with a WAV's head where it needs one."""
    with suppress(ValueError):
        data = bytes.fromhex(text) if form["as"] == "hex" else base64.b64decode(text)
        wav = form.get("wav")
        if wav is None or not data:
            return data
        whole = io.BytesIO()
        with wave.open(whole, "wb") as file:
            file.setparams((wav["channels"], wav["bits"] // 8, wav["rate"], 0, "NONE", ""))
            file.writeframes(data)
        return whole.getvalue()
    return b""


def links(result: Json, response: Any) -> list[str]:
    """The addresses of the images that a response names, each to be fetched (IMGP-42)."""
    each = (every_at(response, pointer) for pointer in result.get("links", ()))
    found = (one.strip() for urls in each for one in urls if isinstance(one, str) and one.strip())
    return list(itertools.islice(found, MOST_LINKS))


MOST_LINKS = 20
"""How many images are fetched for one answer; a call asks for ten at the most."""


def _collected(owner: Any, entry: Json, result: Json) -> Iterator[tuple[str, bytes]]:
    """Each image's type and its bytes. Raises FailureError where the plan is strict."""
    malformed = FailureError("response", result.get("malformed", ""), step=result["step"])
    value = first_at(owner, entry["each"])
    types = entry.get("types")
    if types and value is not None and not any(SHAPES[name](value) for name in types):
        raise malformed
    for item in every_at(owner, entry["each"]):
        for form in entry.get("forms") or (entry,):
            if all(first_at(item, at) == value for at, value in form.get("when", {}).items()):
                found = [*_of_form(item, form)]
                if not found and form.get("strict"):
                    raise malformed
                read = ((mime, _decoded(text)) for mime, text in found)
                yield from ((mime, data) for mime, data in read if data)
                if found:
                    break


def _of_form(item: Any, form: Json) -> Iterator[tuple[str, str]]:
    """The type and the text of each image at the first place of an item that has a text."""
    texts = (one for at in form["take"] if isinstance(one := first_at(item, at), str) and one)
    text = next(texts, "")
    if form["as"] == "data-url":
        if match := _DATA_URL.fullmatch(text):
            yield match[1], match[2]
    elif form["as"] == "data-urls-in-text":
        yield from ((match[1].lower(), match[2]) for match in _IN_TEXT.finditer(text))
    elif text and (not form.get("strict") or _BASE64.fullmatch(text.strip())):
        said = next(filter(None, (text_at(item, at) for at in form.get("mimeFrom", ()))), "")
        usual = "" if form.get("sniff") else form.get("mime", "")
        yield form.get("given") or said.lower() or usual, text


def _decoded(text: str) -> bytes:
    """The bytes of base64 text as forgiving as JavaScript reads it; b"" when there are none."""
    kept = re.sub(r"[^A-Za-z0-9+/_-]", "", text)
    kept = kept[:-1] if len(kept) % 4 == 1 else kept
    return base64.b64decode(kept + "=" * (-len(kept) % 4), "-_")


def joined(text: str) -> bytes | None:
    """The bytes of base64 texts in a row, each with its own padding; None for another text."""
    parts = re.findall("[^=]*=*", re.sub(r"\s", "", text))
    with suppress(ValueError):
        return b"".join(base64.b64decode(part, validate=True) for part in parts)
    return None


def extension_of(mime: str) -> str:
    """The file extension of an image type: jpg for JPEG, else how its subtype begins."""
    match = re.match(r"[^/]*/\s*([a-z0-9]+)", mime.lower())
    found = match[1] if match is not None else "png"
    return "jpg" if found == "jpeg" else found


_JOB_VERSION = 1


class JobError(OpenClawConfigError, ValueError):
    """A text is not a saved job."""


class Job(NamedTuple):
    """A submitted job: the surface, the candidate, and the responses that later steps need.

    ``values`` are those of the call's arguments that bound its steps (``timeoutMs``). Written down,
    a crash does not lose it.

    It holds no secret. Whoever alters it can make us ask another server for the result, but no
    key goes there: that is decided by the plan's origin.
    """

    surface: str
    ref: str
    responses: Mapping[str, Any]
    values: Mapping[str, Any] = {}

    def to_json(self) -> str:
        """The job as JSON text."""
        body = {"jobVersion": _JOB_VERSION, **self._asdict()}
        return json.dumps(body, indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Job:
        """Read a saved job. Raises JobError."""
        body = json_of(text)
        fields = {"values": {}, **body} if isinstance(body, dict) else {}
        kinds = {"surface": str, "ref": str, "responses": dict, "values": dict}
        whole = all(isinstance(fields.get(name), kind) for name, kind in kinds.items())
        if not whole or fields.get("jobVersion") != _JOB_VERSION:
            raise JobError(f"this is not a saved job of the version {_JOB_VERSION}")
        return cls(**{name: fields[name] for name in kinds})


# --- where a result goes ----------------------------------------------------------------------


async def _opened(path: str) -> int:
    """The descriptor of a device or a named pipe, once somebody reads it. Raises OSError."""
    while True:
        try:
            return os.open(path, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0))
        except OSError as error:
            # Nobody reads the pipe yet. Waiting here can be cancelled, an open that blocks not.
            if error.errno != errno.ENXIO or not stat.S_ISFIFO(os.stat(path).st_mode):
                raise
        await asyncio.sleep(0.05)


@contextmanager
def _writing() -> Iterator[None]:
    """Within it, what the system refuses is a failure that ends the call."""
    try:
        yield
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or "the system refuses it").lower()
        message = f"the result cannot be written: {reason}"
        raise FailureError("disk", message, final=True) from error


class Target(NamedTuple):
    """Where a call's results go: a file, a folder, a device or a pipe (``kind``).

    The first result replaces the file that was named, if ``replace`` is True. Every other one
    gets a name that is free: no result replaces a file that it did not name.
    """

    path: str
    kind: str
    replace: bool

    @classmethod
    def of(cls, to: str | os.PathLike[str], *, replace: bool = True) -> Target:
        """See that results can be written before anything is paid for. Raises FailureError."""
        path, mode = os.fspath(to), stat.S_IFREG
        with _writing():
            with suppress(FileNotFoundError):
                mode = os.stat(path).st_mode
            kind = "file" if stat.S_ISREG(mode) else "folder" if stat.S_ISDIR(mode) else "stream"
            if kind != "stream":
                Beside(os.path.join(path, "result") if kind == "folder" else path).abandon()
            elif not os.access(path, os.W_OK):
                raise PermissionError(errno.EACCES, "it is not writable")
        return cls(path, kind, replace)

    def names(self, file_name: str, number: int) -> Iterator[str]:
        """The paths for a call's result of this number: the wished one, then numbered ones."""
        path = self.path
        if self.kind == "folder":
            path = os.path.join(path, os.path.basename(file_name))
        stem, extension = os.path.splitext(path)
        if self.kind != "file" or number == 1:
            yield path
        if self.kind == "folder":
            match = _NUMBERED.fullmatch(stem)
            stem, number = (match[1], int(match[2]) + 1) if match is not None else (stem, 2)
        yield from (f"{stem}-{count}{extension}" for count in itertools.count(max(2, number)))


async def kept(
    media: Media, pieces: AsyncIterator[bytes], target: Target | None, number: int = 1
) -> Media:
    """A call's result of this number, its bytes in memory or where a target wants them.

    A file is written beside its target, and takes at the end the name that it replaces, or the
    first that is free. A device or a named pipe gets all of it at once, and stays what it is.
    After a failure nothing is left. Raises FailureError.
    """
    names = iter([""]) if target is None else target.names(media.file_name, number)
    path, memory, beside, replaced, size = next(names), io.BytesIO(), None, "", 0
    with _writing():
        if target is not None and target.kind != "stream":
            if target.replace and target.kind == "file" and number == 1:
                replaced = os.path.realpath(path)
            beside = Beside(replaced or path)
    try:
        async for piece in pieces:
            size += len(piece)
            with _writing():
                (beside or memory).write(piece)
        with _writing():
            if beside is not None:
                # Waiting for the disk can take long, and others share the event loop.
                await asyncio.to_thread(os.fsync, beside.descriptor)
                if replaced:
                    beside.replace(replaced)
                else:
                    path = _claimed(beside, path, names)
            elif path:
                with os.fdopen(await _opened(path), "wb") as stream:
                    os.set_blocking(stream.fileno(), True)
                    await asyncio.to_thread(stream.write, memory.getvalue())
                    await asyncio.to_thread(stream.flush)  # Closing it would wait in the loop.
    finally:
        if beside is not None:
            beside.abandon()
    return media._replace(size=size, path=path, data=None if path else memory.getvalue())


def _claimed(beside: Beside, path: str, names: Iterator[str]) -> str:
    """The first path that is free, which the file now has."""
    while True:
        with suppress(FileExistsError):
            beside.claim(path)
            return path
        path = next(names)
