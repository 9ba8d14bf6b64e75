"""A conversation and its tools in OpenAI's chat form (docs/plan.md, "Conversations")."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from openclaw_config.plan.model import Json
from openclaw_config.runtime.errors import CallError

NO_IMAGES = "(image omitted: model does not support images)"
NO_TOOL_IMAGES = "(tool image omitted: model does not support images)"
NO_RESULT = "No result provided"
ONLY_IMAGES = "(see attached image)"
TOOL_IMAGES = "Attached image(s) from tool result:"

_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")


def in_openai_form(messages: list[Any], form: Json, images: bool) -> list[Json]:
    """The messages as OpenAI's API takes them. ``form`` is the ``$messages`` template.

    Raises CallError.
    """
    base64_only = form.get("signatures") == "base64-only"
    out: list[Json] = []
    pending: list[Json] = []
    unanswered: list[Json] = []
    for message in messages:
        role = message.get("role")
        if role != "toolResult":
            # A call without a result is refused by providers, so it gets one that says so.
            out += [_tool_answer(NO_RESULT, identifier) for identifier in unanswered]
            unanswered = []
        if role != "toolResult" and pending:
            out.append(_with_tool_images(pending))
            pending = []
        if role == "system":
            out.append({"role": form["systemRole"], "content": _text_of(message)})
        elif role == "user":
            parts = _user_parts(message, images)
            if parts:
                out.append({"role": "user", "content": parts})
        elif role == "assistant":
            turn = _assistant(message, base64_only)
            if turn is not None:
                out.append(turn)
                unanswered = [one["id"] for one in turn.get("tool_calls", ())]
        elif role == "toolResult":
            answer = _tool_result(message, images)
            out.append(answer)
            unanswered = [one for one in unanswered if one != answer["tool_call_id"]]
            if images:
                pending += [_image(part) for part in _parts(message) if part.get("type") == "image"]
        else:
            raise CallError(
                "messages",
                "a message has an unknown role",
                ("system", "user", "assistant", "toolResult"),
            )
    if pending:
        out.append(_with_tool_images(pending))
    cache = form.get("cache")
    if cache:
        _mark(out, cache, form["systemRole"])
    return out


def _parts(message: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    content = message.get("content")
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    if isinstance(content, list | tuple) and all(isinstance(part, Mapping) for part in content):
        return list(content)
    raise CallError("messages", "a message's content must be a text or a list of parts")


def _text(part: Mapping[str, Any]) -> str:
    text = part.get("text")
    if not isinstance(text, str):
        raise CallError("messages", "a text part has no text")
    return text


def _text_of(message: Mapping[str, Any]) -> str:
    return _joined(_parts(message))


def _joined(parts: list[Mapping[str, Any]]) -> str:
    return "\n".join(_text(part) for part in parts if part.get("type") == "text")


def _without_images(parts: list[Mapping[str, Any]], instead: str) -> list[Mapping[str, Any]]:
    """The parts with a text in place of images, one for images that follow each other."""
    kept: list[Mapping[str, Any]] = []
    for part in parts:
        if part.get("type") != "image":
            kept.append(part)
        elif not kept or kept[-1].get("text") != instead:
            kept.append({"type": "text", "text": instead})
    return kept


def _image(part: Mapping[str, Any]) -> Json:
    data = part.get("data")
    if isinstance(data, bytes):
        import base64

        data = base64.b64encode(data).decode()
    if not isinstance(data, str):
        raise CallError("messages", "an image part has no data")
    url = f"data:{part.get('mimeType') or 'image/png'};base64,{data}"
    return {"type": "image_url", "image_url": {"url": url}}


def _user_parts(message: Mapping[str, Any], images: bool) -> list[Json]:
    parts: list[Json] = []
    given = _parts(message)
    for part in given if images else _without_images(given, NO_IMAGES):
        if part.get("type") == "text":
            parts.append({"type": "text", "text": _text(part)})
        elif part.get("type") == "image":
            parts.append(_image(part))
        else:
            raise CallError(
                "messages", "a user's message has a part of an unknown type", ("text", "image")
            )
    return parts


def _assistant(message: Mapping[str, Any], base64_only: bool) -> Json:
    texts: list[str] = []
    thoughts: list[str] = []
    field = ""
    calls: list[Json] = []
    details: list[Json] = []
    for part in _parts(message):
        kind = part.get("type")
        if kind == "text":
            if _text(part).strip():
                texts.append(_text(part))
        elif kind == "thinking":
            if str(part.get("thinking") or "").strip():
                thoughts.append(str(part["thinking"]))
                field = field or str(part.get("thinkingSignature") or "")
        elif kind == "toolCall":
            calls.append(_tool_call(part))
            detail = _signature(part, base64_only)
            if detail is not None:
                details.append(detail)
        else:
            raise CallError(
                "messages",
                "an assistant's message has a part of an unknown type",
                ("text", "thinking", "toolCall"),
            )
    text = "".join(texts)
    if not text and not calls:
        return None
    turn: dict[str, Json] = {"role": "assistant", "content": text or None}
    if calls:
        turn["tool_calls"] = calls
    if details:
        turn["reasoning_details"] = details
    if thoughts and field:
        # A signature names the field that the thought came in; it takes no other field's place.
        turn.setdefault(field, "\n".join(thoughts))
    return turn


def _tool_call(part: Mapping[str, Any]) -> Json:
    arguments = json.dumps(part.get("arguments") or {}, ensure_ascii=False, separators=(",", ":"))
    function = {"name": part.get("name"), "arguments": arguments}
    return {"id": part.get("id"), "type": "function", "function": function}


def _signature(part: Mapping[str, Any], base64_only: bool) -> Json:
    """The reasoning detail that a tool call's thought signature holds, or None (CHAT-45)."""
    signature = part.get("thoughtSignature") or part.get("thought_signature")
    if not isinstance(signature, str) or (base64_only and not _is_base64(signature)):
        return None
    try:
        return json.loads(signature)
    except ValueError:
        return None


def _is_base64(text: str) -> bool:
    return len(text) % 4 == 0 and _BASE64.fullmatch(text) is not None


def _tool_result(message: Mapping[str, Any], images: bool) -> Json:
    parts = _parts(message)
    text = _joined(parts if images else _without_images(parts, NO_TOOL_IMAGES)) or ONLY_IMAGES
    identifier = message.get("toolCallId") or message.get("tool_call_id")
    if not isinstance(identifier, str):
        raise CallError("messages", "a tool result does not say which call it answers")
    return _tool_answer(text, identifier)


def _tool_answer(text: str, identifier: Json) -> Json:
    return {"role": "tool", "content": text, "tool_call_id": identifier}


def _with_tool_images(parts: list[Json]) -> Json:
    return {"role": "user", "content": [{"type": "text", "text": TOOL_IMAGES}, *parts]}


# --- cache markers ----------------------------------------------------------------------------


def _mark(messages: list[Json], cache: Json, system_role: str) -> None:
    """Mark system messages and the last turn that has text (CHAT-40, CHAT-41)."""
    marker = {"type": "ephemeral"}
    if "ttl" in cache:
        marker["ttl"] = cache["ttl"]
    if cache.get("system"):
        for message in messages:
            if message["role"] == system_role:
                _mark_text(message, marker)
    if cache.get("last"):
        for message in reversed(messages):
            if message["role"] in {"user", "assistant"} and _mark_text(message, marker):
                break


def _mark_text(message: Json, marker: Json) -> bool:
    content = message["content"]
    if isinstance(content, str) and content:
        message["content"] = [{"type": "text", "text": content, "cache_control": marker}]
        return True
    for part in reversed(content) if isinstance(content, list) else ():
        if part["type"] == "text":
            part["cache_control"] = marker
            return True
    return False


# --- tools ------------------------------------------------------------------------------------


def tools(
    found: list[Any] | None, messages: list[Any], cache: bool, ttl: Json = None
) -> list[Json] | None:
    """The tools in OpenAI's form; None when the body is to have none (CHAT-03).

    ``messages`` is the conversation as the call gives it. ``cache`` marks the last tool, for as
    long as ``ttl`` says. Raises CallError.
    """
    if not found:
        return [] if _has_tool_history(messages) else None
    out = [_tool(one) for one in found]
    if cache:
        out[-1]["cache_control"] = (
            {"type": "ephemeral"} if ttl is None else {"type": "ephemeral", "ttl": ttl}
        )
    return out


def _tool(tool: Mapping[str, Any]) -> dict[str, Json]:
    if tool.get("type") == "function":
        return dict(tool)
    name = tool.get("name")
    if not isinstance(name, str) or not name:
        raise CallError("tools", "a tool has no name")
    function: dict[str, Json] = {"name": name}
    for key in ("description", "parameters"):
        if key in tool:
            function[key] = tool[key]
    return {"type": "function", "function": function}


def _has_tool_history(messages: list[Any]) -> bool:
    for message in messages:
        if message.get("role") == "toolResult":
            return True
        content = message.get("content")
        if isinstance(content, list | tuple) and any(
            isinstance(part, Mapping) and part.get("type") == "toolCall" for part in content
        ):
            return True
    return False
