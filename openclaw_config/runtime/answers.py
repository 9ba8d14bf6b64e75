"""What an event of a chat's stream says, by the form of its wire (docs/plan.md, "Results")."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from openclaw_config.plan.model import Json
from openclaw_config.plan.values import stringify

Event = Mapping[str, Any]


class Gathering(Protocol):
    """What takes in the pieces of an answer."""

    finish: str
    usage: Any
    model: str

    def say(self, kind: str, piece: str) -> None:
        """Take in a piece of the ``text``, the ``reasoning`` or the ``refusal``."""

    def call(self, number: int, **piece: str) -> None:
        """Take in a piece of a call: of its ``arguments``, its ``id`` or its ``name``."""

    def keep(self, name: str, items: Iterable[Any]) -> None:
        """Take in objects as they come."""

    def calls(self) -> int:
        """How many calls there are so far."""


def text_in(holder: Any, key: str) -> str:
    """The text at a key of an object, "" without one."""
    value = holder.get(key) if isinstance(holder, Mapping) else None
    return value if isinstance(value, str) else ""


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """The objects of a list; nothing of what is no list."""
    for item in value if isinstance(value, list) else ():
        if isinstance(item, dict):
            yield item


def _object(value: Any) -> Event:
    return value if isinstance(value, dict) else {}


def take_event(answer: Gathering, event: Event, result: Json) -> None:
    """Take an event in; ``result`` is the plan's."""
    _FORMS[result.get("form", "openai")](answer, event, result)


def failure_of(event: Event) -> Json:
    """The error that an event reports, None when it reports none."""
    if event.get("error"):
        return event["error"]
    kind = event.get("type")
    if kind == "error":
        return {"message": f"Error Code {event.get('code')}: {text_in(event, 'message')}"}
    if kind == "response.failed":
        response = _object(event.get("response"))
        error, cut = _object(response.get("error")), _object(response.get("incomplete_details"))
        said = f"{error.get('code') or 'unknown'}: {error.get('message') or 'no message'}"
        return {"message": said if error else f"incomplete: {cut.get('reason') or 'unknown'}"}
    return None


def _openai(answer: Gathering, event: Event, result: Json) -> None:
    answer.usage = event.get("usage") or answer.usage
    choices = _objects(event.get("choices"))
    choice = next((one for one in choices if one.get("index") in (0, None)), {})
    delta = choice.get("delta")
    if isinstance(delta, dict):
        content = delta.get("content")
        answer.say("text", text_in(delta, "content"))
        for part in _objects(content):
            answer.say("text", text_in(part, "text"))
            answer.keep("images", [part] if part.get("type") == "image_url" else ())
        thoughts = (text_in(delta, name) for name in result.get("reasoning", ()))
        answer.say("reasoning", next(filter(None, thoughts), ""))
        answer.say("refusal", text_in(delta, "refusal"))
        for name in ("images", "reasoning_details", "annotations"):
            answer.keep(name, _objects(delta.get(name)))
        for call in _objects(delta.get("tool_calls")):
            index, function = call.get("index"), _object(call.get("function"))
            number = index if isinstance(index, int) else answer.calls()
            pieces = {key: text_in(function, key) for key in ("name", "arguments")}
            answer.call(number, id=text_in(call, "id"), **pieces)
    answer.finish = text_in(choice, "finish_reason") or answer.finish


def _responses(answer: Gathering, event: Event, _: Json) -> None:
    kind, item = text_in(event, "type"), _object(event.get("item"))
    at = event.get("output_index")
    number = at if isinstance(at, int) else answer.calls()
    if kind == "response.output_text.delta":
        answer.say("text", text_in(event, "delta"))
    elif kind == "response.refusal.delta":
        answer.say("refusal", text_in(event, "delta"))
    elif kind in ("response.reasoning_summary_text.delta", "response.reasoning_text.delta"):
        answer.say("reasoning", text_in(event, "delta"))
    elif kind == "response.output_item.added" and item.get("type") == "function_call":
        ids = (text_in(item, "call_id"), text_in(item, "id"))
        answer.call(number, id="|".join(filter(None, ids)), name=text_in(item, "name"))
    elif kind == "response.function_call_arguments.delta":
        answer.call(number, arguments=text_in(event, "delta"))
    elif kind == "response.output_item.done" and item.get("type") == "reasoning":
        answer.keep("reasoning_details", [item])
    elif kind in ("response.completed", "response.incomplete"):
        response = _object(event.get("response"))
        answer.usage = response.get("usage") or answer.usage
        answer.finish = text_in(response, "status") or answer.finish
        answer.model = answer.model or text_in(response, "model")


def _anthropic(answer: Gathering, event: Event, _: Json) -> None:
    kind, block, delta = (
        text_in(event, "type"),
        _object(event.get("content_block")),
        _object(event.get("delta")),
    )
    index = event.get("index")
    number = index if isinstance(index, int) else 0
    if kind == "message_start":
        message = _object(event.get("message"))
        answer.usage = message.get("usage") or answer.usage
        answer.model = answer.model or text_in(message, "model")
    elif kind == "content_block_start":
        if block.get("type") == "tool_use":
            given = stringify(block["input"]) if block.get("input") else ""
            ids = {key: text_in(block, key) for key in ("id", "name")}
            answer.call(number, **ids, arguments=given)
        elif block.get("type") == "redacted_thinking":
            answer.keep("reasoning_details", [block])
        answer.say("text", text_in(block, "text"))
        answer.say("reasoning", text_in(block, "thinking"))
    elif kind == "content_block_delta":
        answer.say("text", text_in(delta, "text"))
        answer.say("reasoning", text_in(delta, "thinking"))
        if delta.get("type") == "signature_delta":
            answer.keep("reasoning_details", [delta])
        elif delta.get("type") == "input_json_delta":
            answer.call(number, arguments=text_in(delta, "partial_json"))
    elif kind == "message_delta":
        answer.finish = text_in(delta, "stop_reason") or answer.finish
        used = _object(event.get("usage"))
        answer.usage = {**_object(answer.usage), **used} if used else answer.usage


def _google(answer: Gathering, event: Event, _: Json) -> None:
    answer.usage = event.get("usageMetadata") or answer.usage
    answer.model = answer.model or text_in(event, "modelVersion")
    candidate = next(_objects(event.get("candidates")), {})
    for part in _objects(_object(candidate.get("content")).get("parts")):
        call = _object(part.get("functionCall"))
        if call:
            number, given = answer.calls(), stringify(call.get("args") or {})
            ids = {"id": text_in(call, "id") or f"call_{number + 1}", "name": text_in(call, "name")}
            answer.call(number, **ids, arguments=given)
        answer.say("reasoning" if part.get("thought") is True else "text", text_in(part, "text"))
        answer.keep("reasoning_details", [part] if part.get("thoughtSignature") else ())
    answer.finish = text_in(candidate, "finishReason") or answer.finish


def _ollama(answer: Gathering, event: Event, _: Json) -> None:
    message = _object(event.get("message"))
    answer.say("text", text_in(message, "content"))
    answer.say("reasoning", text_in(message, "thinking"))
    for call in _objects(message.get("tool_calls")):
        function, number = _object(call.get("function")), answer.calls()
        given = stringify(function.get("arguments") or {})
        ids = {"id": text_in(call, "id") or f"call_{number + 1}", "name": text_in(function, "name")}
        answer.call(number, **ids, arguments=given)
    if event.get("done") is True:
        answer.finish = text_in(event, "done_reason") or answer.finish
        counts = ("prompt_eval_count", "eval_count")
        answer.usage = {key: event[key] for key in counts if key in event}


_FORMS = {
    "openai": _openai,
    "responses": _responses,
    "anthropic": _anthropic,
    "google": _google,
    "ollama": _ollama,
}
