"""What is sent? Our requests beside the recorded ones.

    python -m tests.conformance.requests FILE… [--target VERSION] [--json] [--show N]

Each line of a file is a case: a config, the environment, other files, a call, and how the server
answers; ``expect`` has the requests and the outcome. A case agrees when every request is the same
in order (method, URL, headers, body, time limits, the time slept before it), and the outcome is:
whether it worked, at which stage it failed, and all of the result that is not prose. Prints a
line for each file and each surface of it and, last, ``agree N of M``; ``--json`` prints the
disagreements first, one object a line. A config is read for the version that ``--target`` names,
which the records are of.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import math
import os
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from openclaw_config.api import secrets_of
from openclaw_config.compiler.compile import agents_of, compile_plan
from openclaw_config.loading.environment import Environment
from openclaw_config.loading.load import Document, load
from openclaw_config.plan.model import Plan, ProfileStore, SurfacePlan
from openclaw_config.runtime.arguments import Normalization
from openclaw_config.runtime.bind import TOOL, bind
from openclaw_config.runtime.errors import (
    CallError,
    ExecutionError,
    UnusableError,
)
from openclaw_config.runtime.events import Delta, Event, Failed, Trying
from openclaw_config.runtime.execute import Executor
from openclaw_config.runtime.results import Result
from openclaw_config.runtime.secrets import Resolver, Secret
from openclaw_config.runtime.transport import Outgoing
from openclaw_config.validation.validate import validate
from tests.runtime.virtual import ScriptedTransport, Sent, VirtualClock
from tests.support import OLDEST

HOME_MARK = "<HOME>"
SURFACES = {"tts": "speech", "stt": "transcription"}
"""The recorded surfaces that a plan calls by another name."""
KINDS = {
    "submit": "submit", "poll": "poll", "download": "download", "image": "generate",
    "tts": "speak", "chat": "complete", "catalog": "catalog", "music": "compose",
    "stt": "transcribe", "videoModels": "models", "reference": "fetch",
}  # fmt: skip
"""The recorded kinds of replies, as the plan's steps."""
CATALOGS = frozenset({"catalog", "models"})
"""The steps that ask for a list of models; a record has them apart from the requests."""

RECORDING = b"RIFF\x24\x10\x00\x00WAVEfmt " + bytes(4096)
"""What is transcribed where a case does not say."""

BY_THE_CLIENT = frozenset({"accept", "user-agent", "traceparent", "accept-encoding"})
"""Headers that an HTTP client adds by itself."""

PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
    "AABJRU5ErkJggg=="
)
CATALOG = [
    {
        "id": "openrouter/hunter-alpha",
        "architecture": {"modality": "text+image->text"},
        "supported_parameters": ["reasoning", "tools"],
        "context_length": 1_048_576,
        "top_provider": {"max_completion_tokens": 32_000},
    },
    {
        "id": "deepseek/deepseek-r1:free",
        "architecture": {"modality": "text->text"},
        "supported_parameters": ["reasoning", "tools"],
        "context_length": 163_840,
    },
]
"""The model list of a server that was not told another one."""
_STORED = {
    "anthropic/claude-opus-4.7": 128_000, "anthropic/claude-sonnet-4.6": 64_000,
    "google/gemini-2.5-flash": 65_535, "google/gemini-3.1-pro-preview": 65_536,
    "openai/gpt-5.5": 128_000, "openai/gpt-oss-120b:free": 32_768, "x-ai/grok-4": 256_000,
    "z-ai/glm-5.1": 131_072,
}  # fmt: skip
_STORED_PLAIN = {
    "meta-llama/llama-3.3-70b-instruct": 16_384, "openai/gpt-4o-mini": 16_384,
    "qwen/qwen3-max": 32_768,
}  # fmt: skip
STORED = [
    *CATALOG,
    *(
        {
            "id": name,
            "architecture": {"modality": "text+image->text"},
            "supported_parameters": parameters,
            "context_length": 200_000,
            "top_provider": {"max_completion_tokens": most},
        }
        for models, parameters in ((_STORED, ["reasoning", "tools"]), (_STORED_PLAIN, ["tools"]))
        for name, most in models.items()
    ),
]
"""The list that 2026.9.6 had kept when its requests were recorded, as far as they show it."""


class Outcome(NamedTuple):
    """What became of a case. ``stage`` is "" when it worked.

    ``shown`` are the texts of a chat, one for each time that the last model was asked and said
    something. ``catalogs`` are the requests for lists of models.
    """

    sent: list[Sent]
    stage: str = ""
    message: str = ""
    result: Result | None = None
    normalization: Normalization | None = None
    attempts: tuple[Failed, ...] = ()
    shown: tuple[str, ...] = ()
    catalogs: tuple[Sent, ...] = ()


class _Shown:
    """Hears what a chat shows."""

    def __init__(self) -> None:
        self._ref = ""
        self._texts: list[str] = []

    def __call__(self, event: Event) -> None:
        if isinstance(event, Trying):
            if event.ref != self._ref:
                self._ref, self._texts = event.ref, []
            self._texts.append("")
        elif isinstance(event, Delta) and event.kind == "text":
            self._texts[-1] += event.text

    def texts(self) -> tuple[str, ...]:
        return tuple(filter(None, self._texts))


class Judged(NamedTuple):
    """A case, each point in which it disagrees, and what was sent."""

    case: dict[str, Any]
    differences: list[str]
    sent: Sequence[Sent] = ()


def cases(path: str) -> Iterator[dict[str, Any]]:
    """The cases of a file; those of other providers where they say what was answered."""
    with open(path, encoding="utf-8") as file:
        for line in file:
            case = json.loads(line) if line.strip() else {"scope": "none"}
            if case["scope"] == "openrouter" or "replies" in case:
                yield case


def judge(case: dict[str, Any], target: str = OLDEST) -> Judged:
    """Run a case in a home folder of its own and compare."""
    try:
        with tempfile.TemporaryDirectory(prefix="requests-") as home:
            outcome = run(case, os.path.realpath(home), target)
        return Judged(case, differences(case, outcome), outcome.sent)
    except Exception as fault:
        # One case that brings us down must not hide the others.
        return Judged(case, [f"a fault of ours: {fault!r}"])


# --- running a case ---------------------------------------------------------------------------


class Planned(NamedTuple):
    """A case whose config has been compiled, and the surface that it calls."""

    case: dict[str, Any]
    document: Document
    plan: Plan
    surface: str


def run(case: dict[str, Any], home: str, target: str = OLDEST) -> Outcome:
    """Load, validate, compile, bind and execute a case."""
    found = planned(case, home, target)
    return asyncio.run(_call(*found)) if isinstance(found, Planned) else found


def planned(case: dict[str, Any], home: str, target: str = OLDEST) -> Planned | Outcome:
    """A case loaded, validated and compiled, or what became of it where its config is refused."""
    document = _document(case, home, target)
    validation = validate(document)
    found = (*document.diagnostics, *validation.diagnostics)
    if not document.readable or any(item.blocks for item in found):
        blocking = next((item.message for item in found if item.blocks), "unreadable")
        return Outcome([], "config", blocking)
    document = validation.document or document
    call = json.loads(json.dumps(case["call"]).replace(HOME_MARK, home))
    surface = SURFACES.get(call["surface"], call["surface"])
    agent = call.get("agentId", "")
    plan = compile_plan(
        document,
        agent=agent if agent in agents_of(document) else "",
        surfaces=(surface,),
        models=_models(call, surface),
        channel=call.get("channel", ""),
    )
    return Planned({**case, "call": call}, document, plan, surface)


def _document(case: dict[str, Any], home: str, target: str) -> Document:
    folder = os.path.join(home, ".openclaw")
    os.makedirs(folder)
    _write(os.path.join(folder, "openclaw.json"), case["config"].replace(HOME_MARK, home))
    for name, content in case.get("files", {}).items():
        text, mode = (content, "600") if isinstance(content, str) else (
            content["text"], content.get("mode", "600"),
        )  # fmt: skip
        path = os.path.join(home, name)
        _write(path, text.replace(HOME_MARK, home))
        os.chmod(path, int(str(mode), 8))
    environ = {"HOME": home, "PATH": os.environ.get("PATH", "/usr/bin:/bin")}
    environ |= {name: text.replace(HOME_MARK, home) for name, text in case["env"].items()}
    environment = Environment.process(environ, cwd=home)
    if "authProfiles" in case:
        environment = environment.with_profiles({"profiles": case["authProfiles"]})
    return load(
        os.path.join(folder, "openclaw.json"),
        environment=environment,
        home=home,
        cwd=home,
        state_dir=folder,
        target=target,
    )


def _write(path: str, text: str) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def _models(call: dict[str, Any], surface: str) -> dict[str, str]:
    if "activeModel" in call:
        return {"chat": "/".join(call["activeModel"][half] for half in ("provider", "model"))}
    model = {**call, **call.get("rawArgs", {})}.get("model") or ""
    if call.get("provider") and model:
        model = f"{call['provider']}/{model}"
    return {surface: model} if model else {}


async def _call(case: dict[str, Any], document: Document, plan: Plan, surface: str) -> Outcome:
    clock = VirtualClock()
    transport = server_of(case, document, clock)
    secrets: Resolver = secrets_of(document, plan, allow_exec=True)
    surface_plan = next(one for one in plan.surfaces if one.surface == surface)
    if case["call"].get("secrets") == "cli":
        secrets, surface_plan = _without_files(secrets, surface_plan)
    shown = _Shown()
    outcome = Outcome(transport.sent)
    try:
        bound = bind(
            surface_plan,
            arguments_of(case["call"], surface_plan, document.target.native_chat),
            entry=entry_of(case["call"]),
            fallback=not case["call"].get("disableFallback"),
        )
        executor = Executor(secrets, transport=transport, clock=clock)
        result = await executor.run(bound, progress=shown)
    except (CallError, UnusableError) as problem:
        outcome = outcome._replace(stage="call", message=problem.message)
    except ExecutionError as failure:
        outcome = outcome._replace(
            stage=failure.stage, message=failure.message, attempts=failure.attempts
        )
    else:
        outcome = outcome._replace(
            result=result, normalization=result.normalization, attempts=result.attempts
        )
    return outcome._replace(shown=shown.texts(), catalogs=tuple(transport.unlisted))


def server_of(case: dict[str, Any], document: Document, clock: VirtualClock) -> ScriptedTransport:
    """What answers as the record did."""
    if "replies" in case:
        return ScriptedTransport(clock, {}, _in_order(case["replies"]), CATALOGS)
    listed = STORED if document.target.native_chat else CATALOG
    return ScriptedTransport(clock, _script(case, listed), _usual, CATALOGS)


class _OnlyEnvironment:
    """Finds what a command of OpenClaw finds when it does not resolve references first."""

    def __init__(self, secrets: Resolver) -> None:
        self._secrets = secrets

    async def resolve(self, ref: str) -> Secret | None:
        if ref.startswith(("file:", "exec:")):
            return None
        return await self._secrets.resolve(ref)

    async def profile(self, store: ProfileStore, today: float, skip: int = 0) -> Secret | None:
        return await self._secrets.profile(store, today, skip)

    async def profile_refs(self, store: ProfileStore) -> list[str]:
        return []  # Nothing is resolved beforehand.


def _without_files(secrets: Resolver, plan: SurfacePlan) -> tuple[Resolver, SurfacePlan]:
    return _OnlyEnvironment(secrets), plan._replace(preflight=())


# --- the call ---------------------------------------------------------------------------------

_NOT_ARGUMENTS = frozenset({
    "surface", "entry", "file", "url", "activeModel", "inputImages", "inputVideos", "inputAudios",
    "rawArgs", "model", "provider", "overrides", "explicit", "disableFallback", "channel",
    "agentId", "context", "secrets",
})  # fmt: skip


def entry_of(call: dict[str, Any]) -> str:
    # Speech was recorded below the tool.
    direct = call.get("entry") == "runtime" or call["surface"] == "tts"
    return "direct" if direct else TOOL


def arguments_of(call: dict[str, Any], plan: SurfacePlan, native: bool) -> dict[str, Any]:
    """A recorded call as the arguments of ``bind``."""
    found = {name: value for name, value in call.items() if name not in _NOT_ARGUMENTS}
    if call["surface"] == "chat":
        found.setdefault("sessionId", "oracle-session")
    if call["surface"] == "tts":
        found |= _speech_overrides(call)
    elif call["surface"] in ("stt", "vision"):
        found["file"] = _file(call)
    elif call.get("context") == "agent":
        found |= _agent_turn(native)
    for kind, key in (("images", "Images"), ("videos", "Videos"), ("audios", "Audios")):
        items = call.get(f"input{key}") or []
        if items and call.get("entry") == "runtime":
            found[kind] = items
        elif items:
            found[kind] = [_reference(item) for item in items]
            if any("role" in item for item in items):
                found[f"{kind[:-1]}Roles"] = [item.get("role", "") for item in items]
    if call["surface"] == "image":
        found |= call.get("providerOptions", {})
    known = {name for one in plan.parameters for name in (one.name, *one.aliases)}
    # OpenClaw passes over what it does not know.
    raw = call.get("rawArgs", {})
    given = {**found, **{name: value for name, value in raw.items() if name != "model"}}
    return {name: value for name, value in given.items() if name in known}


def _file(call: dict[str, Any]) -> Any:
    """The file of a call; one without content is a recording in WAV."""
    if "url" in call:
        return call["url"]
    file, named = call["file"], {"mime": call["mime"]} if "mime" in call else {}
    if "base64" in file:
        return {**file, **named}
    data = file["text"].encode() if "text" in file else RECORDING
    return {"name": file["name"], "data": data, **named}


def _reference(item: dict[str, Any]) -> str:
    if "base64" in item:
        return f"data:{item.get('mime') or 'image/png'};base64,{item['base64']}"
    return str(item.get("url", ""))


def _speech_overrides(call: dict[str, Any]) -> dict[str, Any]:
    explicit, overrides = call.get("explicit", {}), call.get("overrides", {})
    provider = explicit.get("provider") or overrides.get("provider")
    given = overrides.get("providerOverrides", {})
    own = given.get("openrouter") or given.get(provider) or {}
    found = {
        "provider": provider,
        "model": explicit.get("modelId") or own.get("model") or own.get("modelId"),
        "voice": explicit.get("voiceId")
        or next((own[name] for name in ("voice", "voiceId", "voiceName") if name in own), None),
        "speed": own.get("speed"),
        "providerOverrides": given or None,
    }
    return {name: value for name, value in found.items() if value is not None}


def _agent_turn(native: bool) -> dict[str, Any]:
    """An agent's turn, in the words that stand for its parts in the record."""
    prompt = "<agent system prompt with cache boundary marker>"
    context = []
    if native:
        prompt = "<agent system prompt>\n<!-- OPENCLAW_CACHE_BOUNDARY -->\n<agent system prompt>"
        text = {"type": "text", "text": "<internal context>"}
        context = [{"role": "user", "content": [text], "cache": False}]
    return {
        "messages": [
            {"role": "system", "content": prompt},
            {"role": "user", "content": "<prompt>"},
            *context,
        ],
        "tools": [{"name": "read"}, {"name": "write"}],
    }


# --- the server -------------------------------------------------------------------------------


def _script(case: dict[str, Any], listed: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    server = case.get("server", {})
    lists = {"catalog": listed, "videoModels": "fail"}
    script = {
        KINDS.get(kind, kind): replies for kind, replies in server.items() if kind not in lists
    }
    for kind, usual in lists.items():
        given = server.get(kind, usual)
        reply = {"status": 500} if given == "fail" else {"body": {"data": given}}
        script[KINDS[kind]] = [given if isinstance(given, dict) else reply]
    return script


def _in_order(replies: list[dict[str, Any]]) -> Callable[[Outgoing], dict[str, Any]]:
    """The recorded answers, one a request; the last one repeats."""
    left = [_reply(one) for one in replies]

    def answer(request: Outgoing) -> dict[str, Any]:
        return left.pop(0) if len(left) > 1 else left[0] if left else {"status": 500}

    return answer


def _reply(recorded: dict[str, Any]) -> dict[str, Any]:
    """A recorded answer as the transport gives it; the events of a stream as text."""
    if "sse" not in recorded:
        return recorded
    lines = []
    for event in recorded["sse"]:
        data = event["data"]
        lines += [f"event: {event['event']}"] if "event" in event else []
        lines += [f"data: {data if isinstance(data, str) else json.dumps(data)}", ""]
    headers = {"content-type": "text/event-stream"}
    return {"headers": headers, **recorded, "text": "\n".join((*lines, ""))}


def _usual(request: Outgoing) -> dict[str, Any]:
    """How the server answers when the case does not say."""
    if request.step == "submit":
        url = f"{request.url}/job-1"
        return {"body": {"id": "job-1", "polling_url": url, "status": "pending"}}
    if request.step == "poll":
        parts = urlsplit(request.url)
        url = f"{parts.scheme}://{parts.netloc}/files/video-1.mp4"
        job = request.url.rpartition("/")[2].partition("?")[0]
        return {"body": {"id": job, "status": "completed", "unsigned_urls": [url]}}
    if request.step == "download":
        return {"headers": {"content-type": "video/mp4"}, "text": "x" * 14}
    if request.step == "fetch":
        return {"headers": {"content-type": "image/png"}, "base64": PIXEL}
    if request.step == "generate" and request.url.endswith("/images"):
        return {"body": {"created": 1, "data": [{"b64_json": PIXEL}]}}
    if request.step == "generate":
        url = f"data:image/png;base64,{PIXEL}"
        return {"body": {"choices": [{"message": {"images": [{"image_url": {"url": url}}]}}]}}
    if request.step == "transcribe":
        return {"body": {"text": "hello world"}}
    if request.step == "speak":
        return {"headers": {"content-type": "audio/mpeg"}, "text": "ID3"}
    deltas: list[Any] = [{"role": "assistant", "content": "ok"}, {}]
    if request.step == "compose":
        audio = base64.b64encode(b"x" * 17).decode()
        deltas = [{"audio": {"transcript": "la la"}}, {"audio": {"data": audio}}]
    events = [
        {"choices": [{"index": 0, "delta": deltas[0]}]},
        {"choices": [{"index": 0, "delta": deltas[1], "finish_reason": "stop"}]},
    ]
    stream = "".join(f"data: {json.dumps(event)}\n\n" for event in events)
    return {"headers": {"content-type": "text/event-stream"}, "text": f"{stream}data: [DONE]\n\n"}


# --- comparing --------------------------------------------------------------------------------


def differences(case: dict[str, Any], outcome: Outcome) -> list[str]:
    """Each point in which an outcome is not the recorded one."""
    expect = case["expect"]
    found = request_differences(expect["requests"], outcome.sent)
    if case["call"]["surface"] in ("video", "vision") and "catalogRequests" in expect:
        lists = request_differences(expect["catalogRequests"], outcome.catalogs)
        found += [f"list of models: {one}" for one in lists]
    recorded = expect["result"]
    wanted = _stage(recorded)
    if outcome.stage != wanted:
        found.append(
            f"stage: {outcome.stage or 'ok'} ({outcome.message}), expected {wanted or 'ok'}"
        )
    elif "texts" in recorded:
        # Of a failure the first text is its message.
        texts = recorded["texts"][1:] if wanted else recorded["texts"]
        if list(outcome.shown) != texts:
            found.append(f"texts: {json.dumps(outcome.shown)}, expected {json.dumps(texts)}")
    if outcome.result is not None and not wanted:
        found += _result(case["call"], recorded, outcome.result)
        found += _normalization(case["call"], expect.get("normalization") or {}, outcome)
    return found


def _stage(recorded: dict[str, Any]) -> str:
    """Where a recorded call failed, "" when it did not."""
    if "error" in recorded:
        return str(recorded.get("stage", "call"))
    failed = recorded.get("ok") is False or recorded.get("toolAvailable") is False
    failed = failed or recorded.get("outputs") == []
    return "call" if failed else ""


ALL_OF_IT = ("method", "url", "headers", "body", "timeoutMs", "idleTimeoutMs", "waitedMs")


def request_differences(
    expected: list[dict[str, Any]], sent: Sequence[Sent], names: Sequence[str] = ALL_OF_IT
) -> list[str]:
    """Each point in which requests are not the recorded ones, of these ``names``."""
    found = []
    for index, (wanted, got) in enumerate(zip(expected, sent, strict=False), 1):
        request = got.request
        headers = wanted["headers"]
        pairs = {
            "method": (request.method, wanted["method"]),
            "url": (request.url, wanted["url"]),
            "headers": (_unique(_told(got.headers)), _told(headers)),
            "body": (_unique(_summarised(got.body, wanted.get("body"))), wanted.get("body")),
            "timeoutMs": (request.timeout_ms, wanted.get("timeoutMs", 0)),
            "idleTimeoutMs": (request.idle_timeout_ms, wanted.get("idleTimeoutMs", 0)),
            "waitedMs": (got.waited_ms, wanted.get("waitedMs", 0)),
        }
        found += [
            f"request {index}, {name}: {json.dumps(ours)}, expected {json.dumps(theirs)}"
            for name, (ours, theirs) in pairs.items()
            if name in names and not same(ours, theirs)
        ]
    if len(sent) != len(expected):
        found.append(f"{len(sent)} requests, expected {len(expected)}")
    return found


_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _told(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers without those that an HTTP client adds by itself."""
    return {
        name: value
        for name, value in headers.items()
        if name not in BY_THE_CLIENT
        and not name.startswith("x-stainless-")
        and not value.startswith("multipart/")
    }


def _unique(value: Any) -> Any:
    """A value with what is new in each call as the record has it."""
    text = json.dumps(dict(value) if isinstance(value, Mapping) else value)
    return json.loads(_UUID.sub("<uuid>", text))


def _summarised(body: Any, wanted: Any) -> Any:
    """Our body with what an agent brings in the words of the record."""
    if not isinstance(body, dict) or not isinstance(wanted, dict):
        return body
    if wanted.get("input_audio", {}).get("data") == "<base64 of call.file>":
        return {**body, "input_audio": {**body["input_audio"], "data": "<base64 of call.file>"}}
    theirs = wanted.get("messages", [])
    if any(one["content"] == "<prompt>" for one in theirs if isinstance(one, dict)):
        ours = [_worded(one) for one in body["messages"]]
        # What OpenClaw adds for its tools is there only where the model takes any.
        body = {**body, "messages": ours[: len(theirs)] if "tools" not in body else ours}
    named = wanted.get("tools")
    if isinstance(named, list) and named and named[0].get("name") == "<name>":
        stand = {"name": "<name>", "description": "<text>", "input_schema": "<schema>"}
        body = {**body, "tools": [{**one, **stand} for one in body.get("tools", ())]}
    if not isinstance(named, str) or not body.get("tools"):
        return body
    marker = body["tools"][-1].get("cache_control")
    text = "<agent tools>"
    if marker is not None:
        marked = json.dumps(marker, separators=(",", ":"))
        text = f"<agent tools; last has cache_control {marked}>"
    return {**body, "tools": text}


def _worded(message: dict[str, Any]) -> dict[str, Any]:
    """A message whose only text is the agent's, as that text alone."""
    content = message["content"]
    if content == "<agent system prompt>\n<agent system prompt>":
        content = "<agent system prompt>"
    if content == [{"type": "text", "text": "<prompt>"}]:
        content = "<prompt>"
    return {**message, "content": content}


def same(left: Any, right: Any) -> bool:
    """Whether two JSON values are the same; a number's spelling does not matter."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


def _result(call: dict[str, Any], recorded: dict[str, Any], result: Result) -> list[str]:
    ours, theirs = _comparable(call, recorded, result)
    return [
        f"result, {name}: {json.dumps(ours[name])}, expected {json.dumps(theirs[name])}"
        for name in ours
        if not same(ours[name], theirs[name])
    ]


def _comparable(
    call: dict[str, Any], recorded: dict[str, Any], result: Result
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a recorded result says besides prose, and what ours says of the same."""
    if call["surface"] == "tts":
        extension = result.extra["extension"]
        ours = {
            "provider": result.provider,
            "outputFormat": result.extra.get("outputFormat", extension.removeprefix(".")),
            "voiceCompatible": result.extra["voiceNote"],
            "extension": extension,
        }
        return ours, {name: recorded[name] for name in ours}
    if call["surface"] in ("stt", "vision"):
        ours = {"text": result.text, "provider": result.provider, "model": result.model}
        made = (recorded.get("outputs") or [recorded])[0]
        return ours, {name: made.get(name, ours[name]) for name in ours}
    if call["surface"] == "chat":
        assert result.answer is not None
        ours = {
            "provider": result.provider,
            "model": result.model,
            "stopReason": result.answer.stop_reason,
        }
        return ours, {name: recorded[name] for name in ours}
    told = recorded.get("details", recorded)
    ours = {"provider": result.provider, "model": result.model}
    theirs = {name: told[name] for name in ours}
    ours["metadata"] = dict(result.metadata)
    theirs["metadata"] = {
        name: value
        for name, value in told["metadata"].items()
        if name in {"jobId", "status", "generationId", "usage"}
    }
    if "count" in told:
        ours["count"] = len(result.media)
        theirs["count"] = told["count"]
    if call["surface"] == "music":
        ours["lyrics"] = [result.text] if result.text else []
        theirs["lyrics"] = told.get("lyrics", [])
        ours["types"] = [one.mime for one in result.media]
        theirs["types"] = [one["mimeType"] for one in recorded.get("tracks", ())] or [
            one["mimeType"] for one in told["attachments"]
        ]
    for kind in ("videos", "images", "tracks"):
        if kind in recorded:
            theirs[kind] = recorded[kind]
            ours[kind] = [
                {
                    "mimeType": one.mime,
                    "fileName": one.file_name,
                    **({"url": one.url} if one.url else {}),
                    **({} if one.url and not one.size else {"bytes": one.size}),
                }
                for one in result.media
            ]
    return ours, theirs


def _normalization(call: dict[str, Any], recorded: dict[str, Any], outcome: Outcome) -> list[str]:
    """The recorded normalisation of image and video calls, beside our report."""
    report = outcome.normalization
    if call["surface"] not in {"image", "video"} or report is None:
        return []
    pairs: dict[str, tuple[Any, Any]] = {}
    ours = {
        change.parameter: {
            "requested": _rounded(change.requested),
            "applied": change.applied,
            "derivedFrom": change.derived_from or None,
        }
        for change in report.changes
        if change.parameter in {"durationSeconds", "aspectRatio", "resolution", "size"}
        and (change.requested is not None or change.derived_from)
        and _rounded(change.requested) != change.applied
    }
    theirs = {
        name: {key: value.get(key) for key in ("requested", "applied", "derivedFrom")}
        for name, value in recorded.get("normalization", {}).items()
        # A ratio that was asked for is told as made of a size that was given too (IMG-12).
        if not (value.get("derivedFrom") and value["applied"] == call.get(name))
    }
    pairs["normalization"] = (ours, theirs)
    if "ignoredOverrides" in recorded:
        dropped = [
            {"key": drop.parameter, "value": drop.requested}
            for drop in report.dropped
            if not drop.silent
        ]
        pairs["ignoredOverrides"] = (dropped, recorded["ignoredOverrides"])
    if "attempts" in recorded:
        pairs["attempts"] = (
            [f"{one.provider}/{one.model}" for one in outcome.attempts],
            [f"{one['provider']}/{one['model']}" for one in recorded["attempts"]],
        )
    return [
        f"{name}: {json.dumps(left)}, expected {json.dumps(right)}"
        for name, (left, right) in pairs.items()
        if not same(left, right)
    ]


def _rounded(value: Any) -> Any:
    """A duration as the record has it: rounded half up, at least 1 (VID-30)."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return max(1, math.floor(value + 0.5))
    return value


# --- the command line -------------------------------------------------------------------------


def main(argv: list[str] | None = None) -> int:
    """Judge the cases of some files; gives 0 when all agree, else 1."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance.requests")
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--target", default=OLDEST, metavar="VERSION", help="whose records")
    parser.add_argument("--json", action="store_true", help="print the disagreements as JSON lines")
    parser.add_argument("--show", type=int, default=0, metavar="N", help="tell N disagreements")
    options = parser.parse_args(argv)
    agreed = total = 0
    lines = []
    for path in options.files:
        judged = [judge(case, options.target) for case in cases(path)]
        failed = [one for one in judged if one.differences]
        agreed += len(judged) - len(failed)
        total += len(judged)
        for one in failed if options.json else ():
            print(json.dumps({"id": one.case["id"], "differences": one.differences}))
        for one in failed[: options.show]:
            print(f"{one.case['id']}\n  " + "\n  ".join(one.differences))
        lines.append(f"{path}: agree {len(judged) - len(failed)} of {len(judged)}")
        every, wrong = (Counter(one.case["call"]["surface"] for one in x) for x in (judged, failed))
        lines += [f"  {surface}: {n - wrong[surface]} of {n}" for surface, n in every.items()]
    print("\n".join(lines))
    print(f"agree {agreed} of {total}")
    return 0 if agreed == total else 1


if __name__ == "__main__":
    sys.exit(main())
