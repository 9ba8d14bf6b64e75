"""Reading the streams of chats (docs/plan.md, "Results")."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.executor.conversations import js


class StreamError(Exception):
    """An event that reports an error, or a reason that is a failure."""


def answer(body: bytes, result: Any) -> dict[str, Any]:
    """``text``, ``reasoning``, ``refusal``, ``calls``, ``usage`` and ``reason`` of a stream."""
    out: dict[str, Any] = {"text": "", "reasoning": "", "refusal": "", "usage": None, "reason": ""}
    form = result.get("form", "")
    calls: dict[int, Any] = {}
    lines = re.split("\r\n|\r|\n", body.decode("utf-8-sig", "replace"))
    for line in lines:
        data = line if form == "ollama" else line[5:].strip() * line.startswith("data:")
        if data == "[DONE]":
            break
        event = json.loads(data) if data else {}
        if event.get("error") or event.get("type") in ("error", "response.failed"):
            raise StreamError(js(event))
        READERS[form](event, out, calls, result)
    reason = result["stopReasons"].get(out["reason"] or "stop")
    if reason is None:
        raise StreamError(out["reason"])
    out["calls"] = [calls[number] for number in sorted(calls)]
    return {**out, "reason": "toolUse" if calls and form else reason}


def add(calls: Any, number: int, name: Any = "", arguments: str = "", identifier: Any = "") -> None:
    call = calls.setdefault(number, {"id": "", "name": "", "arguments": ""})
    call["id"], call["name"] = identifier or call["id"], name or call["name"]
    call["arguments"] += arguments


def say(out: Any, kind: str, text: Any) -> None:
    out[kind] += text if isinstance(text, str) else ""


def openai(event: Any, out: Any, calls: Any, result: Any) -> None:
    out["usage"] = event.get("usage") or out["usage"]
    for choice in (one for one in event.get("choices") or () if one.get("index") in (0, None)):
        delta = choice.get("delta") or {}
        content = delta.get("content")
        for part in content if isinstance(content, list) else [{"text": content}]:
            say(out, "text", part.get("text"))
        thoughts = (delta[x] for x in result.get("reasoning", ()) if delta.get(x))
        say(out, "reasoning", next(thoughts, ""))
        say(out, "refusal", delta.get("refusal"))
        for call in delta.get("tool_calls") or ():
            made = call.get("function") or {}
            number = call.get("index", len(calls))
            add(calls, number, made.get("name"), made.get("arguments") or "", call.get("id"))
        out["reason"] = choice.get("finish_reason") or out["reason"]


def responses(event: Any, out: Any, calls: Any, _: Any) -> None:
    _, _, kind = event.get("type", "").partition(".")
    item, response = event.get("item") or {}, event.get("response") or {}
    heard = {"output_text.delta": "text", "refusal.delta": "refusal"}
    heard |= dict.fromkeys(("reasoning_summary_text.delta", "reasoning_text.delta"), "reasoning")
    if kind in heard:
        say(out, heard[kind], event["delta"])
    elif kind == "output_item.added" and item.get("type") == "function_call":
        whole = "|".join(filter(None, (item.get("call_id"), item.get("id"))))
        add(calls, event["output_index"], item["name"], "", whole)
    elif kind == "function_call_arguments.delta":
        add(calls, event["output_index"], "", event["delta"])
    elif kind in ("completed", "incomplete"):
        out["reason"], out["usage"] = response.get("status"), response.get("usage")


def anthropic(event: Any, out: Any, calls: Any, _: Any) -> None:
    piece = event.get("content_block") or event.get("delta") or {}
    say(out, "text", piece.get("text"))
    say(out, "reasoning", piece.get("thinking"))
    if piece.get("type") == "tool_use":
        given = js(piece["input"]) if piece.get("input") else ""
        add(calls, event["index"], piece["name"], given, piece["id"])
    elif piece.get("type") == "input_json_delta":
        add(calls, event["index"], "", piece["partial_json"])
    out["reason"] = piece.get("stop_reason") or out["reason"]
    used = event.get("usage") or (event.get("message") or {}).get("usage")
    out["usage"] = {**(out["usage"] or {}), **used} if used else out["usage"]


def google(event: Any, out: Any, calls: Any, _: Any) -> None:
    out["usage"] = event.get("usageMetadata") or out["usage"]
    for candidate in (event.get("candidates") or ())[:1]:
        for part in (candidate.get("content") or {}).get("parts") or ():
            say(out, "reasoning" if part.get("thought") is True else "text", part.get("text"))
            if call := part.get("functionCall"):
                number = len(calls)
                name = call.get("id") or f"call_{number + 1}"
                add(calls, number, call["name"], js(call.get("args") or {}), name)
        out["reason"] = candidate.get("finishReason") or out["reason"]


def ollama(event: Any, out: Any, calls: Any, _: Any) -> None:
    message = event.get("message") or {}
    say(out, "text", message.get("content"))
    say(out, "reasoning", message.get("thinking"))
    for call in message.get("tool_calls") or ():
        number, made = len(calls), call["function"]
        name = call.get("id") or f"call_{number + 1}"
        add(calls, number, made["name"], js(made.get("arguments") or {}), name)
    if event.get("done") is True:
        out["reason"] = event.get("done_reason") or out["reason"]
        counts = ("prompt_eval_count", "eval_count")
        out["usage"] = {key: event[key] for key in counts if key in event}


READERS = {
    "": openai,
    "responses": responses,
    "anthropic": anthropic,
    "google": google,
    "ollama": ollama,
}
