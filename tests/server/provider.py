"""A provider on this machine: real HTTP over loopback, as OpenRouter documents its API.

It has two origins, as the real one has: the API, and a host for files whose signed URLs need no
key. What it answers can be replaced by kind of request, and every request is kept.

    python -m tests.server.provider       serves until it is interrupted, and prints its URLs
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
    "AABJRU5ErkJggg=="
)
CHUNK = b"\0" * 65536

CUT = "cut"
"""The connection ends before the answer begins."""
CUT_BODY = "cut-body"
"""It ends in the middle of the body that the headers announced."""
STALL = "stall"
"""Nothing comes, and the connection stays open."""
STALL_BODY = "stall-body"
"""The headers and a little of the body come, then nothing."""
GARBAGE = "garbage"
"""What comes is not HTTP."""
GARBAGE_BODY = "garbage-body"
"""A good answer, but for its body."""
HUGE = "huge"
"""A body of a gigabyte, its length announced."""
ENDLESS = "endless"
"""A body of a gigabyte in pieces, no length announced."""
FAULTS = (CUT, CUT_BODY, STALL, STALL_BODY, GARBAGE, GARBAGE_BODY, HUGE, ENDLESS)

GIGABYTE = 1 << 30


class Served(NamedTuple):
    """A request that came in. ``origin`` is the one it came to, ``kind`` what it asked for."""

    origin: str
    kind: str
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Reply(NamedTuple):
    """An answer. ``fault`` is how it goes wrong; ``slowly`` puts pauses (seconds) into the body."""

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    fault: str = ""
    slowly: float = 0.0


def as_json(value: Any, status: int = 200, **more: Any) -> Reply:
    """An answer in JSON."""
    headers = (("Content-Type", "application/json"),)
    return Reply(status, headers, json.dumps(value).encode(), **more)


def error(status: int, message: str) -> Reply:
    """An error in OpenRouter's form."""
    return as_json({"error": {"message": message, "code": status}}, status)


def redirect(location: str, status: int = 302) -> Reply:
    """A redirect."""
    return Reply(status, (("Location", location),))


def events(*chunks: Any, done: bool = True) -> bytes:
    """A stream of server-sent events."""
    lines = [f"data: {json.dumps(chunk)}\n\n" for chunk in chunks]
    return "".join([": OPENROUTER PROCESSING\n\n", *lines, "data: [DONE]\n\n" * done]).encode()


def words(*texts: str, finish: str = "stop") -> Reply:
    """A chat's answer, word by word."""
    chunks: list[Any] = [{"choices": [{"delta": {"content": text}}]} for text in texts]
    chunks.append({"choices": [{"delta": {}, "finish_reason": finish}], "usage": {"cost": 0.1}})
    return Reply(200, (("Content-Type", "text/event-stream"),), events(*chunks))


class Provider:
    """The server. ``replies`` by kind take the place of the usual answers, the last one repeats.

    ``polls`` is how often a job is pending before it is done; ``video`` is what it made.
    """

    def __init__(self) -> None:
        self.origin = ""
        self.files = ""
        self.replies: dict[str, list[Reply]] = {}
        self.served: list[Served] = []
        self.polls = 1
        self.video = b"a small film"
        self.models: list[Any] = []
        self._jobs: dict[str, int] = {}
        self._connections: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()

    def kinds(self) -> list[str]:
        """The kinds of the requests that came, in order."""
        return [served.kind for served in self.served]

    # --- answers ------------------------------------------------------------------------------

    def _kind(self, origin: str, method: str, path: str) -> str:
        if origin == self.files:
            return "download"
        if path.endswith("/models"):
            return "models"
        if path.endswith("/videos") and method == "POST":
            return "submit"
        if "/content" in path:
            return "download"
        if "/videos/" in path:
            return "poll"
        if path.endswith("/audio/transcriptions"):
            return "transcription"
        return "speech" if path.endswith("/audio/speech") else "chat"

    def _reply(self, served: Served) -> Reply:
        kind = served.kind
        if kind == "chat" and served.body and "modalities" in served.json:
            kind = "image" if "image" in served.json["modalities"] else "music"
        queue = self.replies.get(kind)
        if queue:
            return queue.pop(0) if len(queue) > 1 else queue[0]
        if kind != "download" and kind != "models" and "authorization" not in served.headers:
            return error(401, "No auth credentials found")
        usual: Reply = getattr(self, f"_{kind}")(served)
        return usual

    def _models(self, served: Served) -> Reply:
        return as_json({"data": self.models})

    def _submit(self, served: Served) -> Reply:
        job = f"job-{len(self._jobs) + 1}"
        self._jobs[job] = self.polls
        path = f"{served.path}/{job}"
        return as_json({"id": job, "polling_url": path, "status": "pending"}, 202)

    def _poll(self, served: Served) -> Reply:
        job = unquote(urlsplit(served.path).path.rpartition("/")[2])
        if job not in self._jobs:
            return error(404, "no such job")
        if self._jobs[job] > 0:
            self._jobs[job] -= 1
            return as_json({"id": job, "status": "in_progress"})
        url = f"{self.files}/{job}.mp4?signature=abc"
        done = {"id": job, "status": "completed", "unsigned_urls": [url], "usage": {"cost": 0.4}}
        return as_json(done)

    def _download(self, served: Served) -> Reply:
        return Reply(200, (("Content-Type", "video/mp4"),), self.video)

    def _image(self, served: Served) -> Reply:
        url = f"data:image/png;base64,{PIXEL}"
        return as_json({"choices": [{"message": {"images": [{"image_url": {"url": url}}]}}]})

    def _music(self, served: Served) -> Reply:
        data = base64.b64encode(b"RIFF a waltz").decode()
        parts: list[Any] = [{"transcript": "la "}, {"transcript": "la"}, {"data": data}]
        chunks = [{"choices": [{"delta": {"audio": part}}]} for part in parts]
        return Reply(200, (("Content-Type", "text/event-stream"),), events(*chunks))

    def _speech(self, served: Served) -> Reply:
        return Reply(200, (("Content-Type", "audio/mpeg"),), b"ID3 some sound")

    def _transcription(self, served: Served) -> Reply:
        return as_json({"text": " Guten Tag. "})

    def _chat(self, served: Served) -> Reply:
        return words("Hello", " there", "!")

    # --- HTTP ---------------------------------------------------------------------------------

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        self._writers.add(writer)
        try:
            while await self._exchange(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._connections.discard(task)
            self._writers.discard(writer)
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request and its answer; whether the connection goes on."""
        first = await reader.readline()
        if not first:
            return False
        method, path, _ = first.decode("latin-1").split(" ", 2)
        headers: dict[str, str] = {}
        while (line := await reader.readline()) not in {b"\r\n", b""}:
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        port = writer.get_extra_info("sockname")[1]
        origin = f"http://127.0.0.1:{port}"
        kind = self._kind(origin, method, urlsplit(path).path)
        served = Served(origin, kind, method, path, headers, body)
        self.served.append(served)
        return await self._answer(writer, self._reply(served))

    async def _answer(self, writer: asyncio.StreamWriter, reply: Reply) -> bool:
        if reply.fault == CUT:
            return False
        if reply.fault == STALL:
            await asyncio.sleep(3600)
        if reply.fault == GARBAGE:
            writer.write(b"\x16\x03\x01 no HTTP at all\r\n\r\n" * 10)
            await writer.drain()
            return False
        await self._head(writer, reply)
        await self._body(writer, reply)
        return reply.fault == ""

    async def _head(self, writer: asyncio.StreamWriter, reply: Reply) -> None:
        length = len(reply.body)
        lines = [f"HTTP/1.1 {reply.status} Status", *(f"{n}: {v}" for n, v in reply.headers)]
        if reply.fault == ENDLESS:
            lines.append("Transfer-Encoding: chunked")
        elif reply.fault == HUGE:
            lines.append(f"Content-Length: {GIGABYTE}")
        elif reply.fault == GARBAGE_BODY:
            lines.append("Content-Length: 12")
        else:
            more = 100 if reply.fault in {CUT_BODY, STALL_BODY} else 0
            lines.append(f"Content-Length: {length + more}")
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
        await writer.drain()

    async def _body(self, writer: asyncio.StreamWriter, reply: Reply) -> None:
        if reply.fault == GARBAGE_BODY:
            writer.write(b"\xff\xfe{]garbage\n")
        elif reply.fault in {HUGE, ENDLESS}:
            await self._gigabyte(writer, chunked=reply.fault == ENDLESS)
        elif reply.slowly:
            for at in range(len(reply.body)):
                writer.write(reply.body[at : at + 1])
                await writer.drain()
                await asyncio.sleep(reply.slowly)
        else:
            for at in range(0, len(reply.body), len(CHUNK)):
                writer.write(reply.body[at : at + len(CHUNK)])
                await writer.drain()
        await writer.drain()
        if reply.fault == STALL_BODY:
            await asyncio.sleep(3600)

    async def _gigabyte(self, writer: asyncio.StreamWriter, *, chunked: bool) -> None:
        for _ in range(GIGABYTE // len(CHUNK)):
            if chunked:
                writer.write(f"{len(CHUNK):x}\r\n".encode())
            writer.write(CHUNK)
            if chunked:
                writer.write(b"\r\n")
            await writer.drain()

    # --- running ------------------------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Provider]:
        """The server, listening on two ports of this machine until the context ends."""
        api = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        files = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.origin = f"http://127.0.0.1:{api.sockets[0].getsockname()[1]}"
        self.files = f"http://127.0.0.1:{files.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            for server in (api, files):
                server.close()
            for writer in tuple(self._writers):
                writer.transport.abort()
            tasks = tuple(self._connections)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


@contextlib.contextmanager
def in_thread(provider: Provider) -> Iterator[Provider]:
    """The server on an event loop of its own, for tests that have none."""
    ready, finished = threading.Event(), threading.Event()

    def serve() -> None:
        async def main() -> None:
            async with provider.running():
                ready.set()
                while not finished.is_set():
                    await asyncio.sleep(0.01)

        asyncio.run(main())

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        assert ready.wait(60)
        yield provider
    finally:
        finished.set()
        thread.join()


async def _serve() -> None:
    async with Provider().running() as provider:
        print(f"API    {provider.origin}/api/v1\nfiles  {provider.files}")
        await asyncio.Event().wait()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve())
