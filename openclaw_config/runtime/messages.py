"""A call's conversation, before any wire's form: its parts, and the history that is replayed."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping
from typing import Any

from openclaw_config.plan.model import Json
from openclaw_config.plan.values import stringify, without_lone_surrogates
from openclaw_config.runtime.errors import CallError

NO_RESULT = "No result provided"
CUT_ID = 40
"""How much is kept of a tool call's id that another wire made, in characters."""
THOUGHT_SIGNATURES = ("thoughtSignature", "thought_signature")

_IMAGE_CHARACTERS = 8_000
_SYSTEM = frozenset({"system", "developer"})
_ROLES = ("system", "user", "assistant", "toolResult")
_PARTS = {
    "user": ("text", "image"),
    "assistant": ("text", "thinking", "toolCall"),
    "toolResult": ("text", "image"),
}

Message = Mapping[str, Any]


def parts_of(message: Message) -> list[Message]:
    """The parts of a message's content, their texts well-formed.

    Raises CallError for what is neither text nor parts.
    """
    content = message.get("content")
    parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
    if isinstance(parts, list | tuple) and all(isinstance(one, Mapping) for one in parts):
        return [_well_formed(part) for part in parts]
    raise CallError("messages", "a message's content must be a text or a list of parts")


def _well_formed(part: Message) -> Message:
    kind = part.get("type")
    if kind not in ("text", "thinking"):
        return part
    text = part.get(kind)
    if kind == "text" and not isinstance(text, str):
        raise CallError("messages", "a text part has no text")
    return {**part, kind: without_lone_surrogates(str(text or ""))}


def joined_texts(parts: list[Message], between: str = "\n") -> str:
    """The texts of text parts in one."""
    return between.join(part["text"] for part in parts if part.get("type") == "text")


def prompt_of(messages: list[Any]) -> str:
    """The system's texts, wherever they stand, with an empty line between them."""
    system = (one for one in messages if one.get("role") in _SYSTEM)
    return "\n\n".join(joined_texts(parts_of(one)) for one in system)


def estimated_tokens(values: Mapping[str, Any]) -> int:
    """How many tokens OpenClaw takes a call to need, by its characters (CHAT-05)."""
    size = 0
    for part in (part for one in values.get("messages", ()) for part in parts_of(one)):
        size += _IMAGE_CHARACTERS if part.get("type") == "image" else _characters(part)
    for name in ("tools", "responseFormat"):
        size += len(stringify(values[name])) if values.get(name) else 0
    return math.ceil(size / 4 * 1.25)


def _characters(part: Message) -> int:
    """The length of a part's texts as JavaScript counts it: in UTF-16 units."""
    text = "".join(str(part.get(key) or "") for key in ("text", "thinking", "name"))
    size = len(text.encode("utf-16-le", "surrogatepass")) // 2
    return size + (len(stringify(part["arguments"])) if part.get("arguments") else 0)


def with_instruction(messages: list[Any], text: str) -> list[Any]:
    """The conversation with a text added to the last message of the user (SL-24)."""
    users = [at for at, message in enumerate(messages) if message.get("role") == "user"]
    if not users:
        return [*messages, {"role": "user", "content": text}]
    at = users[-1]
    *before, last = parts_of(messages[at]) or [{}]
    if last.get("type") == "text":
        parts = [*before, {**last, "text": f"{last['text']}\n\n{text}"}]
    else:
        parts = [*before, *filter(None, [last]), {"type": "text", "text": text}]
    return [*messages[:at], {**messages[at], "content": parts}, *messages[at + 1 :]]


def history(messages: list[Any], form: Json) -> list[Message]:
    """The turns as they are sent, without the system's texts, and a result for every call (SL-03).

    Turns that failed are left out. A call without a result is refused by providers, so it gets one
    that says so. ``form`` is the ``$messages`` template, filled. Raises CallError.
    """
    ids: dict[str, str] = {}
    waiting: list[Message] = []
    out: list[Message] = []
    # The message at the end shows which calls of the last turn nothing answers.
    for message in [*messages, {"role": "user", "content": ""}]:
        role = message.get("role")
        if role in _SYSTEM:
            continue
        if role not in _ROLES:
            raise CallError("messages", "a message has an unknown role", _ROLES)
        turn = {**message, "content": parts_of(message)}
        if any(part.get("type") not in _PARTS[role] for part in turn["content"]):
            raise CallError("messages", f"a {role} message has an unknown part", _PARTS[role])
        if role == "toolResult":
            old = message.get("toolCallId") or message.get("tool_call_id")
            if not isinstance(old, str):
                raise CallError("messages", "a tool result does not say which call it answers")
            turn["toolCallId"] = ids.get(old, _sent_id(old, form))
            waiting = [call for call in waiting if call.get("id") != turn["toolCallId"]]
        else:
            out += [_without_result(call, form) for call in waiting]
            waiting = []
        if role == "assistant":
            turn["content"] = _replayed(turn, form, ids)
            if message.get("stopReason") in {"error", "aborted"}:
                continue
            waiting = [part for part in turn["content"] if part["type"] == "toolCall"]
        out.append(turn)
    return out[:-1]


def _without_result(call: Message, form: Json) -> Message:
    text = {"type": "text", "text": form.get("noResult") or NO_RESULT}
    about = {"toolCallId": call.get("id"), "toolName": call.get("name"), "isError": True}
    return {"role": "toolResult", **about, "content": [text]}


def _replayed(turn: Message, form: Json, ids: dict[str, str]) -> list[Message]:
    """The parts of an assistant's turn as they are sent to the model at hand.

    Turns of another model keep their texts only: thinking becomes text, signatures go, and ids of
    calls lose what another wire put into them. A turn that does not say who spoke is of this one.
    ``ids`` gets the new ids, for the calls' results.
    """
    model = (form.get("model") or {}).items()
    foreign = any(turn.get(key) not in (None, "", value) for key, value in model)
    parts: list[Message] = []
    for part in turn["content"]:
        if part["type"] == "toolCall" and isinstance(part.get("id"), str):
            new = _sent_id(part["id"], form)
            if foreign and "|" in new:
                new = re.sub(r"[^a-zA-Z0-9_-]", "_", new.partition("|")[0])[:CUT_ID]
            ids[part["id"]] = new
            lost = THOUGHT_SIGNATURES if foreign else ()
            kept = {key: value for key, value in part.items() if key not in lost}
            parts.append({**kept, "id": new})
        elif not foreign or part["type"] != "thinking":
            parts.append(part)
        elif part["thinking"].strip() and not part.get("redacted"):
            parts.append({"type": "text", "text": part["thinking"]})
    return parts


def _sent_id(identifier: str, form: Json) -> str:
    """The id of a call as the wire takes it (COM-40, OTH-31)."""
    rule = form.get("toolCallIds")
    if not rule or identifier.startswith(form.get("keptIds") or "\0"):
        return identifier
    plain = re.sub(r"[^a-zA-Z0-9]", "", identifier)
    if rule != "nine":
        return plain
    return plain[:9] if len(plain) >= 9 else hashlib.sha256(plain.encode()).hexdigest()[:9]
