"""Requests and answers beside the providers' own SDKs: openai, anthropic, google-genai.

The recorded bodies fit the SDKs' own types of requests. The runtime and an SDK hold one
conversation with one server: it gets the same from both, and both read the same in its answer.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from threading import Thread
from typing import Any, NamedTuple

import pytest
from pydantic import TypeAdapter, ValidationError

from openclaw_config.compiler.compile import compile_plan
from openclaw_config.facts import camel_case
from openclaw_config.runtime.bind import bind
from openclaw_config.runtime.execute import execute_sync
from openclaw_config.runtime.results import ChatAnswer
from openclaw_config.runtime.secrets import Secret
from tests.conformance import requests
from tests.runtime.test_streams import CASES, written
from tests.support import document

pytestmark = pytest.mark.slow  # Importing the SDKs alone takes seconds.

RECORDS = os.path.join(
    os.path.dirname(__file__), "..", "..", "fixtures", "conformance", "requests-providers.ndjson"
)
KEY = "sk-test"
PIXEL = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOLS = [{"name": "get", "description": "The weather of a city", "parameters": SCHEMA}]
MESSAGES: list[dict[str, Any]] = [
    {"role": "system", "content": "Be brief."},
    {
        "role": "user",
        "content": [
            {"type": "text", "text": "Wétter?"},
            {"type": "image", "data": PIXEL, "mimeType": "image/png"},
        ],
    },
    {
        "role": "assistant",
        "content": [
            {"type": "text", "text": "Let me look."},
            {"type": "toolCall", "id": "call1", "name": "get", "arguments": {"city": "Bonn"}},
        ],
    },
    {"role": "toolResult", "toolCallId": "call1", "toolName": "get", "content": "4 degrees"},
    {"role": "user", "content": "Thanks. And now?"},
]


def sdk(name: str) -> Any:
    """A module of an SDK. A type checker is to read none of them: they are many thousand types."""
    return import_module(name)


# --- the types of requests ------------------------------------------------------------------------


def checked(value: Any) -> Any:
    """A validated value, whole: pydantic checks an Iterable only as it is gone through."""
    if isinstance(value, Mapping):
        return {key: checked(item) for key, item in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return [checked(item) for item in value]
    return value


@cache
def type_of(wire: str) -> TypeAdapter[Any]:
    """What an SDK takes as a request's parameters."""
    if wire == "openai-completions":
        chat = sdk("openai.types.chat.completion_create_params")

        return TypeAdapter(chat.CompletionCreateParamsStreaming)
    if wire == "openai-responses":
        responses = sdk("openai.types.responses.response_create_params")

        return TypeAdapter(responses.ResponseCreateParamsStreaming)
    messages = sdk("anthropic.types.message_create_params")

    return TypeAdapter(messages.MessageCreateParamsStreaming)


def validate(wire: str, body: dict[str, Any]) -> None:
    """Hold a body against the SDK's type. Raises ValidationError."""
    if wire != "google-generative-ai":
        checked(type_of(wire).validate_python(body))
        return
    types = sdk("google.genai.types")

    parts: dict[str, Any] = {
        "contents": types.Content,
        "systemInstruction": types.Content,
        "tools": types.Tool,
        "toolConfig": types.ToolConfig,
        "generationConfig": types.GenerationConfig,
        "cachedContent": str,
    }
    for name, value in body.items():
        for item in value if isinstance(value, list) else [value]:
            TypeAdapter(parts[name]).validate_python(item)


ENDS = {
    "/chat/completions": "openai-completions",
    "/responses": "openai-responses",
    "/messages": "anthropic-messages",
    ":streamGenerateContent?alt=sse": "google-generative-ai",
}
"""The wire of a request, by the end of its URL."""


def wire_of(url: str) -> str:
    return next((wire for end, wire in ENDS.items() if url.endswith(end)), "")


def recorded() -> Iterator[dict[str, Any]]:
    """The recorded cases of chats over a wire that has an SDK."""
    for case in requests.cases(RECORDS):
        sent = case["expect"]["requests"]
        if case["call"]["surface"] == "chat" and sent and wire_of(sent[0]["url"]):
            yield case


LOOSER = {"p-or-custom-proxy": "strict"}
"""Recorded cases whose bodies lack a field that the SDK's type requires, and the API does not."""


def test_bodies_fit_the_types_of_the_sdks(tmp_path: Any) -> None:
    wrong: dict[str, set[str]] = {}
    seen: dict[str, int] = dict.fromkeys(ENDS.values(), 0)
    for number, case in enumerate(recorded()):
        home = tmp_path / str(number)
        home.mkdir()
        for sent in requests.run(case, str(home)).sent:
            wire = wire_of(sent.request.url)
            if not wire:
                continue
            seen[wire] += 1
            try:
                validate(wire, sent.body)
            except ValidationError as problem:
                wrong[case["id"]] = {str(error["loc"][-1]) for error in problem.errors()}
    assert {name: fields for name, fields in wrong.items() if LOOSER.get(name) not in fields} == {}
    assert wrong.keys() == LOOSER.keys()
    assert min(seen.values()) > 20, seen


@pytest.mark.parametrize(
    ("wire", "body"),
    [
        ("openai-completions", {"model": "m", "messages": [{"role": "user"}], "stream": True}),
        ("openai-responses", {"model": "m", "input": [{"role": 1}], "stream": True}),
        ("anthropic-messages", {"model": "m", "max_tokens": 1, "messages": [{}], "stream": True}),
        ("google-generative-ai", {"contents": [{"role": "user", "texts": []}]}),
    ],
)
def test_a_body_of_another_shape_fits_none(wire: str, body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        validate(wire, body)


# --- one conversation, twice ----------------------------------------------------------------------


class Asked(NamedTuple):
    """A request as the server saw it."""

    path: str
    headers: dict[str, str]
    body: Any


@contextmanager
def serving(stream: bytes) -> Iterator[tuple[str, list[Asked]]]:
    """A server on this machine that answers with a stream, and what it was asked."""
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked.append(Asked(self.path, headers, json.loads(body)))
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Content-Length", str(len(stream)))
            self.end_headers()
            self.wfile.write(stream)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", asked
        finally:
            server.shutdown()


class Said(NamedTuple):
    """What an answer says, by an SDK or by the runtime."""

    text: str
    thoughts: str
    calls: list[tuple[str, Any]]
    usage: dict[str, Any]

    @classmethod
    def by_us(cls, answer: ChatAnswer) -> Said:
        calls = [(one["name"], json.loads(one["arguments"])) for one in answer.tool_calls]
        return cls(answer.text, answer.reasoning, calls, answer.usage)


def over_completions(base: str) -> Said:
    openai = sdk("openai")

    content: list[Any] = [
        {"type": "text", "text": "Wétter?"},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}},
    ]
    function = {"name": "get", "arguments": '{"city":"Bonn"}'}
    messages: list[Any] = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": content},
        {
            "role": "assistant",
            "content": "Let me look.",
            "tool_calls": [{"id": "call1", "type": "function", "function": function}],
        },
        {"role": "tool", "tool_call_id": "call1", "content": "4 degrees"},
        {"role": "user", "content": [{"type": "text", "text": "Thanks. And now?"}]},
    ]
    text = thoughts = ""
    usage: dict[str, Any] = {}
    calls: dict[int, tuple[str, str]] = {}
    with openai.OpenAI(api_key=KEY, base_url=f"{base}/v1", max_retries=0) as client:
        for chunk in client.chat.completions.create(
            model="m",
            messages=messages,
            tools=[{"type": "function", "function": TOOLS[0]}],
            max_completion_tokens=8000,
            stream=True,
        ):
            usage = chunk.usage.model_dump(exclude_none=True) if chunk.usage else usage
            for choice in (one for one in chunk.choices or () if one.index == 0):
                found = choice.delta.content
                # A list of parts is what some servers send; the SDK has no type for it.
                text += found or "" if isinstance(found, str | None) else found[0]["text"]
                more = choice.delta.model_extra or {}
                thoughts += more.get("reasoning_content") or more.get("reasoning") or ""
                for call in choice.delta.tool_calls or ():
                    name, given = calls.get(call.index, ("", ""))
                    assert call.function is not None
                    given += call.function.arguments or ""
                    calls[call.index] = (call.function.name or name, given)
    return Said(text, thoughts, [(n, json.loads(x)) for n, x in calls.values()], usage)


def over_responses(base: str) -> Said:
    openai = sdk("openai")

    url = f"data:image/png;base64,{PIXEL}"
    given: list[Any] = [
        {"role": "developer", "content": "Be brief."},
        {
            "role": "user",
            "content": [
                {"type": "input_text", "text": "Wétter?"},
                {"type": "input_image", "detail": "auto", "image_url": url},
            ],
        },
        {
            "type": "message",
            "role": "assistant",
            "id": "msg_1",
            "status": "completed",
            "content": [{"type": "output_text", "text": "Let me look.", "annotations": []}],
        },
        {
            "type": "function_call",
            "call_id": "call1",
            "name": "get",
            "arguments": '{"city":"Bonn"}',
        },
        {"type": "function_call_output", "call_id": "call1", "output": "4 degrees"},
        {"role": "user", "content": [{"type": "input_text", "text": "Thanks. And now?"}]},
    ]
    text = thoughts = ""
    usage: dict[str, Any] = {}
    calls: dict[int, list[str]] = {}
    with openai.OpenAI(api_key=KEY, base_url=f"{base}/v1", max_retries=0) as client:
        for event in client.responses.create(
            model="m",
            input=given,
            tools=[{"type": "function", "strict": False, **TOOLS[0]}],
            max_output_tokens=8000,
            store=False,
            stream=True,
        ):
            if event.type == "response.output_text.delta":
                text += event.delta
            elif event.type == "response.reasoning_summary_text.delta":
                thoughts += event.delta
            elif event.type == "response.output_item.added" and event.item.type == "function_call":
                calls[event.output_index] = [event.item.name, ""]
            elif event.type == "response.function_call_arguments.delta":
                calls[event.output_index][1] += event.delta
            elif event.type == "response.completed" and event.response.usage is not None:
                usage = event.response.usage.model_dump(exclude_none=True)
    return Said(text, thoughts, [(n, json.loads(x)) for n, x in calls.values()], usage)


def over_anthropic(base: str) -> Said:
    anthropic = sdk("anthropic")

    source = {"type": "base64", "media_type": "image/png", "data": PIXEL}
    result = {"type": "tool_result", "tool_use_id": "call1", "is_error": False}
    messages: list[Any] = [
        {
            "role": "user",
            "content": [{"type": "text", "text": "Wétter?"}, {"type": "image", "source": source}],
        },
        {
            "role": "assistant",
            "content": [
                {"type": "text", "text": "Let me look."},
                {"type": "tool_use", "id": "call1", "name": "get", "input": {"city": "Bonn"}},
            ],
        },
        {"role": "user", "content": [{**result, "content": "4 degrees"}]},
        {"role": "user", "content": [{"type": "text", "text": "Thanks. And now?"}]},
    ]
    tool: Any = {"name": "get", "description": TOOLS[0]["description"], "input_schema": SCHEMA}
    with (
        anthropic.Anthropic(api_key=KEY, base_url=base, max_retries=0) as client,
        client.messages.stream(
            model="m",
            max_tokens=8000,
            system=[{"type": "text", "text": "Be brief."}],
            messages=messages,
            tools=[tool],
            thinking={"type": "disabled"},
        ) as stream,
    ):
        message = stream.get_final_message()
    texts = [block.text for block in message.content if block.type == "text"]
    thoughts = [block.thinking for block in message.content if block.type == "thinking"]
    calls = [(block.name, block.input) for block in message.content if block.type == "tool_use"]
    usage = message.usage.model_dump(exclude_none=True)
    return Said("".join(texts), "".join(thoughts), calls, usage)


def over_google(base: str) -> Said:
    genai = sdk("google.genai")
    types = sdk("google.genai.types")

    contents = [
        types.Content(
            role="user",
            parts=[
                types.Part(text="Wétter?"),
                types.Part.from_bytes(data=base64.b64decode(PIXEL), mime_type="image/png"),
            ],
        ),
        types.Content(
            role="model",
            parts=[
                types.Part(text="Let me look."),
                types.Part.from_function_call(name="get", args={"city": "Bonn"}),
            ],
        ),
        types.Content(
            role="user",
            parts=[types.Part.from_function_response(name="get", response={"output": "4 degrees"})],
        ),
        types.Content(role="user", parts=[types.Part(text="Thanks. And now?")]),
    ]
    declared = types.FunctionDeclaration(
        name="get", description=str(TOOLS[0]["description"]), parameters_json_schema=SCHEMA
    )
    config = types.GenerateContentConfig(
        system_instruction="Be brief.",
        tools=[types.Tool(function_declarations=[declared])],
        max_output_tokens=8000,
        thinking_config=types.ThinkingConfig(thinking_budget=0),
        automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
    )
    options = types.HttpOptions(base_url=base, api_version="v1beta")
    client = genai.Client(api_key=KEY, http_options=options)
    text = thoughts = ""
    usage: dict[str, Any] = {}
    calls: list[tuple[str, Any]] = []
    for chunk in client.models.generate_content_stream(model="m", contents=contents, config=config):
        if chunk.usage_metadata is not None:
            usage = chunk.usage_metadata.model_dump(exclude_none=True, by_alias=True)
        for part in chunk.parts or ():
            text += "" if part.thought else part.text or ""
            thoughts += part.text or "" if part.thought else ""
            if part.function_call is not None:
                calls.append((part.function_call.name or "", part.function_call.args or {}))
    return Said(text, thoughts, calls, usage)


SDKS = {
    "openai-completions": ("openai", "/v1", over_completions),
    "openai-responses": ("responses", "/v1", over_responses),
    "anthropic-messages": ("anthropic", "", over_anthropic),
    "google-generative-ai": ("google", "/v1beta", over_google),
}
"""For each wire the form of its stream, the path of a base URL, and the SDK."""


def by_the_runtime(wire: str, base: str) -> ChatAnswer:
    model = {"id": "m", "name": "M", "reasoning": True, "input": ["text", "image"]}
    model |= {"contextWindow": 100_000, "maxTokens": 8000}
    provider = {"baseUrl": base, "apiKey": KEY, "api": wire, "models": [model]}
    params = {"params": {"cacheRetention": "none"}}
    config = {
        "models": {"providers": {"own": provider}},
        "agents": {"defaults": {"model": "own/m", "models": {"own/m": params}}},
    }
    plan = compile_plan(document(json.dumps(config), {})).chat
    assert plan is not None

    class Secrets:
        async def resolve(self, ref: str) -> Secret | None:
            return Secret(KEY, ref) if ref.startswith("config:") else None

        async def profile(self, *_: Any) -> None:
            return None

        async def profile_refs(self, *_: Any) -> list[str]:
            return []

    bound = bind(plan, {"messages": MESSAGES, "tools": TOOLS, "thinking": "off"})
    answer = execute_sync(bound, Secrets()).answer
    assert answer is not None
    return answer


def unshared(theirs: Any, ours: Any, at: str = "") -> Iterator[str]:
    """Where an SDK sends something that we do not send alike; what only we send is ours."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for key, item in theirs.items():
            # Google's JSON takes both spellings of a name, and its SDK sends some of either.
            own = ours.get(key, ours.get(camel_case(key)))
            yield from unshared(item, own, f"{at}/{key}")
    elif isinstance(theirs, list) and isinstance(ours, list) and len(theirs) == len(ours):
        for number, (item, own) in enumerate(zip(theirs, ours, strict=True)):
            yield from unshared(item, own, f"{at}/{number}")
    elif theirs != ours:
        yield f"{at}: {theirs!r}, we {ours!r}"


@pytest.mark.parametrize("wire", SDKS)
def test_the_server_gets_the_same_from_both_and_both_read_the_same(
    wire: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    form, path, ask = SDKS[wire]
    case = next(one for one in CASES if one["form"] == form)
    with serving(written(case)) as (base, asked):
        ours = Said.by_us(by_the_runtime(wire, f"{base}{path}"))
        theirs = ask(base)
    own, sdk = asked
    assert own.path == sdk.path
    # A newer SDK of Anthropic's may send the key as a bearer's; OpenClaw's does not.
    assert all(any(KEY in value for value in one.headers.values()) for one in asked)
    assert list(unshared(sdk.body, own.body)) == []
    assert ours[:3] == theirs[:3]
    assert theirs.usage.items() >= ours.usage.items()
