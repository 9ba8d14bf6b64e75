"""A stranger's executor sends what was recorded: the plan, its page and its schema suffice."""

from __future__ import annotations

import ast
import asyncio
import base64
import json
import os
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, ClassVar
from urllib.request import Request as HttpRequest
from urllib.request import urlopen

import pytest

from openclaw_config.api import secrets_of
from openclaw_config.compiler.compile import compile_plan
from openclaw_config.plan.json_form import dumps
from openclaw_config.runtime.errors import SecretError, TransportError
from openclaw_config.runtime.transport import Outgoing, Policy
from tests.conformance import requests
from tests.executor.executor import (
    LEFT_OUT,
    Answer,
    Executor,
    FailedError,
    LeftOutError,
    NoConnectionError,
    Request,
)
from tests.executor.streams import StreamError
from tests.executor.templates import CannotSendError, Input
from tests.runtime.virtual import ScriptedTransport, Sent, VirtualClock
from tests.support import OLDEST, document, sampled

FOLDER = os.path.dirname(__file__)
RECORDS = {
    "requests": OLDEST,
    "requests-2026.9.6": "2026.9.6",
    "requests-providers": OLDEST,
}
KINDS = {"images": "image", "videos": "video", "audios": "audio"}
WIRES = {
    "requests-providers": (
        "/chat/completions", "/responses", "/messages", ":streamGenerateContent?alt=sse",
        "/images/generations", "/audio/speech",
    )
}  # fmt: skip
"""How URLs end that must be among those that are compared."""
COMPARED = ("method", "url", "headers", "body")


def recorded(name: str) -> Iterator[dict[str, Any]]:
    return requests.cases(
        os.path.join(FOLDER, "..", "..", "fixtures", "conformance", f"{name}.ndjson")
    )


def executed(case: dict[str, Any], home: str, target: str) -> tuple[list[Sent], str]:
    """What our case's plan makes the stranger send, and what of the plan it leaves out or ""."""
    found = requests.planned(case, home, target)
    if not isinstance(found, requests.Planned):
        return [], ""
    plan = json.loads(dumps(found.plan))
    surface = next(one for one in found.plan.surfaces if one.surface == found.surface)
    native = found.document.target.native_chat
    call = requests.arguments_of(found.case["call"], surface, native)
    try:
        inputs = inputs_of(call, plan[found.surface])
    except ValueError:  # Reading them is the caller's.
        return [], ""
    clock = VirtualClock()
    server = requests.server_of(found.case, found.document, clock)
    resolver = secrets_of(found.document, found.plan, allow_exec=True)

    def secret(ref: str) -> str:
        if ref.startswith("profile:"):
            kept = "authProfiles" in case or any("auth" in name for name in case.get("files", ()))
            return "a profile" if kept else ""
        if ref.startswith(("file:", "exec:")) and case["call"].get("secrets") == "cli":
            return ""
        try:
            value = asyncio.run(resolver.resolve(ref))
        except SecretError:
            return ""
        return value.reveal() if value is not None else ""

    executor = Executor(
        secret, over(server), lambda seconds: asyncio.run(clock.sleep(seconds)), clock.now
    )
    entry = requests.entry_of(found.case["call"])
    left_out = ""
    if found.case["call"].get("disableFallback"):
        plan[found.surface]["candidates"] = plan[found.surface]["candidates"][:1]
    if case["call"].get("secrets") == "cli":
        plan[found.surface]["preflight"] = []
    try:
        executor.run(plan, found.surface, call, inputs, entry)
    except LeftOutError as reason:
        left_out = str(reason)
    except (CannotSendError, FailedError, StreamError):
        pass
    return server.sent, left_out


def inputs_of(call: dict[str, Any], surface: dict[str, Any]) -> dict[str, list[Input]]:
    """The inputs of a call, taken out of its arguments."""
    found: dict[str, list[Input]] = {}
    for one in surface.get("parameters", ()):
        if one["name"] in KINDS:
            names = (*one.get("aliases", ()), one["name"])
            given = [call.pop(name) for name in names if name in call]
            each = [x for value in given for x in (value if isinstance(value, list) else [value])]
            found[one["name"]] = [input_of(x) for x in each if not isinstance(x, str) or x.strip()]
    for kind, word in KINDS.items():
        for at, role in enumerate(call.pop(f"{word}Roles", None) or ()):
            found[kind][at] = found[kind][at]._replace(role=role)
    return found


def input_of(value: Any) -> Input:
    if isinstance(value, str) and value.strip()[:5].lower() == "data:":
        head, _, text = value.strip().partition(",")
        mime, encoded, _ = head[5:].lower().partition(";base64")
        if not encoded or not mime.startswith("image/"):
            raise ValueError("it is no image in base64")
        return Input(data=base64.b64decode(text, validate=True), mime=mime)
    if isinstance(value, str):
        return Input(value.strip())
    data: bytes = base64.b64decode(value.get("base64") or "") or value.get("data") or b""
    said = {key: value.get(key) or "" for key in ("url", "mime", "role", "name")}
    return Input(data=data, **said)


def over(server: ScriptedTransport) -> Any:
    """The recorded server as a transport of the stranger's."""

    async def answered(request: Request) -> Answer:
        headers = tuple(request.headers.items())
        out = Outgoing(
            request.step, request.method, request.url, headers, request.body, 1, 1, Policy()
        )
        try:
            incoming = await server.send(out)
        except TransportError as problem:
            raise NoConnectionError(problem.kind == "timeout") from problem
        body = b"".join([piece async for piece in incoming.chunks])
        return Answer(incoming.status, incoming.headers, body)

    return lambda request: asyncio.run(answered(request))


@pytest.mark.parametrize("part", sampled(range(3), 3))
@pytest.mark.parametrize("name", RECORDS)
def test_it_sends_what_was_recorded(name: str, part: int, tmp_path: Any) -> None:
    different: dict[str, list[str]] = {}
    counts: Counter[str] = Counter()
    urls: set[str] = set()
    for number, case in enumerate([*recorded(name)][part::3]):
        home = tmp_path / str(number)
        home.mkdir()
        sent, left_out = executed(case, str(home), RECORDS[name])
        urls |= {one.request.url for one in sent if not left_out}
        wanted = case["expect"]["requests"]
        wanted = wanted[: len(sent)] if left_out else wanted
        found = requests.request_differences(wanted, sent, COMPARED)
        counts[f"{case['call']['surface']}: {left_out or 'compared'}"] += 1
        if found:
            different[case["id"]] = found
    assert different == {}
    whole = sum(count for what, count in counts.items() if what.endswith("compared"))
    assert whole > 0.8 * counts.total(), counts
    sent_to = {end for end in WIRES.get(name, ()) if any(url.endswith(end) for url in urls)}
    assert sent_to == {*WIRES.get(name, ())}
    assert {what.partition(": ")[2] for what in counts} <= {*LEFT_OUT, "compared"}


def test_it_imports_nothing_of_ours() -> None:
    for name in ("arguments", "conversations", "executor", "streams", "templates"):
        with open(os.path.join(FOLDER, f"{name}.py"), encoding="utf-8") as file:
            tree = ast.parse(file.read())
        found = [one.module or "" for one in ast.walk(tree) if isinstance(one, ast.ImportFrom)]
        found += [
            x.name for one in ast.walk(tree) if isinstance(one, ast.Import) for x in one.names
        ]
        assert not [one for one in found if one.startswith("openclaw_config")]
        assert all(one.startswith("tests.executor") for one in found if "tests" in one)


class Server(BaseHTTPRequestHandler):
    """Answers a chat, and keeps what was asked."""

    asked: ClassVar[list[tuple[str, dict[str, str], Any]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.asked.append((self.path, headers, json.loads(body)))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for piece in ("Hel", "lo"):
            event = {"choices": [{"index": 0, "delta": {"content": piece}}]}
            self.wfile.write(f"data: {json.dumps(event)}\n\n".encode())
        self.wfile.write(b"data: [DONE]\n\n")

    def log_message(self, *_: Any) -> None:
        pass


def over_http(request: Request) -> Answer:
    """The standard library as a transport."""
    out = HttpRequest(request.url, request.body, request.headers, method=request.method)
    with urlopen(out) as answer:
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Answer(answer.status, headers, answer.read())


def test_it_talks_to_a_real_server() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_address[1]}/v1"
        provider = {"baseUrl": base, "apiKey": "sk-1", "api": "openai-completions"}
        config = {
            "models": {"providers": {"own": {**provider, "models": [{"id": "m", "name": "M"}]}}},
            "agents": {"defaults": {"model": "own/m"}},
        }
        plan = json.loads(dumps(compile_plan(document(json.dumps(config), {}))))
        messages = [{"role": "user", "content": "Hé"}]
        executor = Executor(lambda ref: "sk-1" if ref.startswith("config:") else "", over_http)
        answer = executor.run(plan, "chat", {"messages": messages})
        server.shutdown()
    assert (answer["text"], answer["reason"]) == ("Hello", "stop")
    path, headers, body = Server.asked[0]
    assert (path, headers["authorization"]) == ("/v1/chat/completions", "Bearer sk-1")
    assert body["model"] == "m"
    assert body["messages"] == [{"role": "user", "content": [{"type": "text", "text": "Hé"}]}]


def test_it_refuses_a_plan_of_another_version() -> None:
    with pytest.raises(CannotSendError, match="another version"):
        Executor(str, over_http).run({"planVersion": 1}, "chat", {})
