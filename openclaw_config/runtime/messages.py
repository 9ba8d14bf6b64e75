"""A conversation and its tools in OpenAI's chat form (docs/plan.md, "Conversations")."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from openclaw_config.plan.model import Json
from openclaw_config.plan.values import stringify, without_lone_surrogates
from openclaw_config.runtime.errors import CallError

NO_IMAGES = "(image omitted: model does not support images)"
NO_TOOL_IMAGES = "(tool image omitted: model does not support images)"
NO_RESULT = "No result provided"
ONLY_IMAGES = "(see attached image)"
TOOL_IMAGES = "Attached image(s) from tool result:"

AFTER_TOOLS = "I have processed the tool results."
CUT_ID = 40
"""How much is kept of a tool call's id that another wire made, in characters."""

_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_SYSTEM = frozenset({"system", "developer"})
_ROLES = ("system", "user", "assistant", "toolResult")

Message = Mapping[str, Any]


def in_openai_form(messages: list[Any], form: Json) -> list[Json]:
    """The messages as OpenAI's API takes them.

    ``form`` is the ``$messages`` template with its own templates filled. Raises CallError.
    """
    out: list[Json] = []
    images = form.get("images") is True
    prompt = prompt_of(messages)
    if prompt:
        out.append(_turn(form["systemRole"], _system(prompt, form)))
    between = form.get("assistantAfterTools") is True
    pending: list[Json] = []
    unmarked: list[Json] = []
    last = ""
    for message in [*history(messages, form), {"role": ""}]:
        role = str(message["role"])
        if role != "toolResult" and pending:
            shown = [{"type": "text", "text": TOOL_IMAGES}, *pending]
            out += [_turn("assistant", AFTER_TOOLS)] if between else []
            out.append(_turn("user", shown))
            pending, last = [], "user"
        if role == "user":
            parts = _user_parts(message, images)
            out += [_turn("assistant", AFTER_TOOLS)] if between and last == "toolResult" else []
            turn = _turn("user", parts)
            out += [turn] if parts else []
            unmarked += [turn] if message.get("cache") is False else []
        elif role == "assistant":
            out += _assistant(message, form)
        elif role:
            out.append(_tool_result(message, images, form.get("toolNames") is True))
            if images:
                pending += [
                    _image(part) for part in parts_of(message) if part.get("type") == "image"
                ]
        last = role
    _fit_to_thinking(out, form)
    cache = form.get("cache")
    if cache:
        _mark([one for one in out if one not in unmarked], cache, form["systemRole"])
    return [_flattened(message) for message in out] if form.get("plainText") else out


def _system(prompt: str, form: Json) -> Json:
    """The system prompt: what stands before ``boundary`` is what a cache keeps (CHAT-40')."""
    kept, boundary, rest = prompt.partition(form.get("boundary") or "\0")
    kept, rest = kept.rstrip("\n"), rest.lstrip("\n")
    cache = form.get("cache") or {}
    if not boundary or not cache.get("system"):
        return f"{kept}\n{rest}" if boundary else prompt
    marker = cache_mark(cache, "systemTtl")
    return [{"type": "text", "text": kept, "cache_control": marker}, {"type": "text", "text": rest}]


def _fit_to_thinking(turns: list[Json], form: Json) -> None:
    """Change what a model that thinks, or does not, would refuse (CHAT-23, CHAT-24)."""
    while form.get("cutTrailing") is True and turns and turns[-1]["role"] == "assistant":
        if turns[-1].get("tool_calls"):
            break
        turns.pop()
    for turn in turns:
        thinks = form.get("thoughts")
        said = turn["role"] == "assistant" and (thinks == "every" or not turn.get("tool_calls"))
        if thinks in ("always", "every") and said:
            turn.setdefault("reasoning_content", "")
        elif thinks == "never":
            turn.pop("reasoning_content", None)


def estimated_tokens(values: Mapping[str, Any]) -> int:
    """How many tokens OpenClaw takes a call to need, by its characters (CHAT-05)."""
    parts = [part for one in values.get("messages", ()) for part in parts_of(one)]
    size = sum(_IMAGE_CHARACTERS for part in parts if part.get("type") == "image")
    size += sum(_characters(part) for part in parts if part.get("type") != "image")
    for name in ("tools", "responseFormat"):
        size += len(stringify(values[name])) if values.get(name) else 0
    return math.ceil(size / 4 * 1.25)


_IMAGE_CHARACTERS = 8_000


def _characters(part: Message) -> int:
    """The length of a part's texts as JavaScript counts it: in UTF-16 units."""
    texts = (str(part.get(key) or "") for key in ("text", "thinking", "name"))
    size = sum(len(text.encode("utf-16-le", "surrogatepass")) // 2 for text in texts)
    return size + (len(stringify(part["arguments"])) if part.get("arguments") else 0)


def _turn(role: str, content: Json) -> dict[str, Json]:
    return {"role": role, "content": content}


def with_instruction(messages: list[Any], text: str) -> list[Any]:
    """The conversation with a text added to the last message of the user (SL-24)."""
    for at in range(len(messages) - 1, -1, -1):
        if messages[at].get("role") == "user":
            parts = parts_of(messages[at])
            last = parts[-1] if parts else {}
            if last.get("type") == "text":
                parts = [*parts[:-1], {**last, "text": f"{text_of(last)}\n\n{text}"}]
            else:
                parts = [*parts, {"type": "text", "text": text}]
            return [*messages[:at], {**messages[at], "content": parts}, *messages[at + 1 :]]
    return [*messages, {"role": "user", "content": text}]


# --- history ----------------------------------------------------------------------------------


def history(messages: list[Any], form: Json) -> list[Message]:
    """The turns as they are sent, a result for every call, without the system's texts.

    ``form`` is the ``$messages`` template with its own templates filled. Raises CallError.
    """
    return list(_answered(_replayed(messages, form), form))


def prompt_of(messages: list[Any]) -> str:
    """The system's texts, wherever they stand, with an empty line between them."""
    texts = (joined_texts(parts_of(one)) for one in messages if one.get("role") in _SYSTEM)
    return without_lone_surrogates("\n\n".join(texts))


def _replayed(messages: list[Any], form: Json) -> list[Message]:
    """The turns as they are sent to the model at hand (SL-03).

    Turns of another model keep their texts only: thinking becomes text, signatures go, and ids of
    calls lose what another wire put into them. Ids change in calls and results alike.
    """
    new_ids: dict[str, str] = {}
    out: list[Message] = []
    for message in messages:
        role = message.get("role")
        if role in _SYSTEM:
            continue
        if role not in _ROLES:
            raise CallError("messages", "a message has an unknown role", _ROLES)
        if role == "assistant":
            foreign = _is_foreign(message, form.get("model") or {})
            parts: list[Message] = []
            for part in parts_of(message):
                if part.get("type") == "toolCall":
                    parts.append(_call_with_id(part, foreign, form, new_ids))
                elif not (foreign and part.get("type") == "thinking"):
                    parts.append(part)
                elif thought_of(part) and not part.get("redacted"):
                    parts.append({"type": "text", "text": thought_of(part)})
            out.append({**message, "content": parts})
        elif role == "toolResult":
            old = _result_id(message)
            out.append({**message, "toolCallId": new_ids.get(old, _sent_id(old, form))})
        else:
            out.append(message)
    return out


def thought_of(part: Message) -> str:
    """What a part says that was thought, "" when that is blank."""
    text = str(part.get("thinking") or "")
    return text if text.strip() else ""


def _is_foreign(message: Message, model: Mapping[str, str]) -> bool:
    """Whether another model spoke; a turn that does not say who did is of this one."""
    return any(message.get(key) not in (None, "", value) for key, value in model.items())


def _call_with_id(part: Message, foreign: bool, form: Json, new_ids: dict[str, str]) -> Message:
    old = part.get("id")
    if not isinstance(old, str):
        return part
    new = _sent_id(old, form)
    if foreign:
        part = {key: value for key, value in part.items() if key not in THOUGHT_SIGNATURES}
        if "|" in new:
            new = re.sub(r"[^a-zA-Z0-9_-]", "_", new.partition("|")[0])[:CUT_ID]
    new_ids[old] = new
    return {**part, "id": new}


def _sent_id(identifier: str, form: Json) -> str:
    """The id of a call as the wire takes it (COM-40, OTH-31)."""
    rule = form.get("toolCallIds")
    if not rule or identifier.startswith(form.get("keptIds") or "\0"):
        return identifier
    plain = re.sub(r"[^a-zA-Z0-9]", "", identifier)
    if rule != "nine":
        return plain
    return plain[:9] if len(plain) >= 9 else hashlib.sha256(plain.encode()).hexdigest()[:9]


def _answered(messages: list[Message], form: Json) -> Iterator[Message]:
    """The turns without those that failed, and with a result for every call.

    A call without a result is refused by providers, so it gets one that says so.
    """
    open_calls: list[Message] = []
    answered: set[str] = set()
    for message in [*messages, {"role": ""}]:
        if message["role"] == "toolResult":
            answered.add(message["toolCallId"])
        else:
            for call in open_calls:
                if call.get("id") not in answered:
                    yield {
                        "role": "toolResult",
                        "toolCallId": call.get("id"),
                        "toolName": call.get("name"),
                        "content": form.get("noResult") or NO_RESULT,
                        "isError": True,
                    }
            open_calls = []
        if message["role"] == "assistant":
            if message.get("stopReason") in {"error", "aborted"}:
                continue
            calls = [part for part in message["content"] if part.get("type") == "toolCall"]
            if calls:
                open_calls, answered = calls, set()
        if message["role"]:
            yield message


# --- the parts of a message -------------------------------------------------------------------


def parts_of(message: Message) -> list[Message]:
    """The parts of a message's content. Raises CallError for what is neither text nor parts."""
    content = message.get("content")
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    if isinstance(content, list | tuple) and all(isinstance(part, Mapping) for part in content):
        return list(content)
    raise CallError("messages", "a message's content must be a text or a list of parts")


def text_of(part: Message) -> str:
    """The text of a text part. Raises CallError for one without."""
    text = part.get("text")
    if not isinstance(text, str):
        raise CallError("messages", "a text part has no text")
    return text


def joined_texts(parts: list[Message]) -> str:
    """The texts of text parts, a line each."""
    return "\n".join(text_of(part) for part in parts if part.get("type") == "text")


def without_images(parts: list[Message], instead: str) -> list[Message]:
    """The parts with a text in place of images, one for images that follow each other."""
    kept: list[Message] = []
    for part in parts:
        if part.get("type") != "image":
            kept.append(part)
        elif not kept or kept[-1].get("text") != instead:
            kept.append({"type": "text", "text": instead})
    return kept


def in_base64(part: Message) -> tuple[str, str]:
    """An image's type and its bytes in base64. Raises CallError."""
    data = part.get("data")
    if isinstance(data, bytes):
        data = base64.b64encode(data).decode()
    if not isinstance(data, str):
        raise CallError("messages", "an image part has no data")
    return str(part.get("mimeType") or "image/png"), data


def data_url(part: Message) -> str:
    """An image as a data URL. Raises CallError."""
    mime, data = in_base64(part)
    return f"data:{mime};base64,{data}"


def plain_text(part: Message) -> str:
    """The text of a text part, well-formed. Raises CallError for one without."""
    return without_lone_surrogates(text_of(part))


def _image(part: Message) -> Json:
    return {"type": "image_url", "image_url": {"url": data_url(part)}}


def unknown_part(whose: str, *known: str) -> CallError:
    """The failure of a message with a part that is none of the ``known``."""
    return CallError("messages", f"{whose} message has a part of an unknown type", known)


def _user_parts(message: Message, images: bool) -> list[Json]:
    parts: list[Json] = []
    given = parts_of(message)
    for part in given if images else without_images(given, NO_IMAGES):
        if part.get("type") == "text":
            parts.append({"type": "text", "text": plain_text(part)})
        elif part.get("type") == "image":
            parts.append(_image(part))
        else:
            raise unknown_part("a user's", "text", "image")
    return parts


def _assistant(message: Message, form: Json) -> list[Json]:
    """The turn of an assistant, none where it says and calls nothing."""
    texts: list[str] = []
    thoughts: list[str] = []
    field = ""
    calls: list[Json] = []
    details: list[Json] = []
    for part in parts_of(message):
        kind = part.get("type")
        if kind == "text":
            if text_of(part).strip():
                texts.append(plain_text(part))
        elif kind == "thinking":
            if thought_of(part):
                field = field if thoughts else str(part.get("thinkingSignature") or "")
                thoughts.append(thought_of(part))
        elif kind == "toolCall":
            calls.append(_tool_call(part))
            detail = _signature(part, form.get("signatures") == "base64-only")
            details += [] if detail is None else [detail]
        else:
            raise unknown_part("an assistant's", "text", "thinking", "toolCall")
    content: Json = "".join(texts) or ("" if form.get("assistantAfterTools") else None)
    as_text = form.get("thinkingAsText")
    if thoughts and as_text:
        thought = "\n\n".join(map(without_lone_surrogates, thoughts))
        content = [{"type": "text", "text": text} for text in (thought, *texts)]
    if not content and not calls:
        return []
    turn = _turn("assistant", content)
    if thoughts and field and field not in turn and not as_text:
        # A signature names the field that the thought came in; it takes no other field's place.
        turn[field] = "\n".join(thoughts)
    lists = {"tool_calls": calls, "reasoning_details": details}
    return [turn | {name: items for name, items in lists.items() if items}]


def _tool_call(part: Message) -> Json:
    arguments = part.get("arguments")
    written = stringify({} if arguments is None else arguments)
    function = {"name": part.get("name"), "arguments": written}
    return {"id": part.get("id"), "type": "function", "function": function}


THOUGHT_SIGNATURES = ("thoughtSignature", "thought_signature")


def signature_of(call: Message) -> Any:
    """The signature of the thought behind a tool's call, None without one."""
    return next((call[key] for key in THOUGHT_SIGNATURES if call.get(key)), None)


def _signature(part: Message, base64_only: bool) -> Json:
    """The reasoning detail that a tool call's thought signature holds, or None (CHAT-45)."""
    signature = signature_of(part)
    if not isinstance(signature, str) or (base64_only and not _is_base64(signature)):
        return None
    try:
        return json.loads(signature)
    except ValueError:
        return None


def _is_base64(text: str) -> bool:
    return len(text) % 4 == 0 and _BASE64.fullmatch(text) is not None


def _tool_result(message: Message, images: bool, named: bool) -> Json:
    parts = parts_of(message)
    text = joined_texts(parts if images else without_images(parts, NO_TOOL_IMAGES)) or ONLY_IMAGES
    answer = _turn("tool", without_lone_surrogates(text))
    answer["tool_call_id"] = message["toolCallId"]
    if named and message.get("toolName"):
        answer["name"] = message["toolName"]
    return answer


def _result_id(message: Message) -> str:
    identifier = message.get("toolCallId") or message.get("tool_call_id")
    if not isinstance(identifier, str):
        raise CallError("messages", "a tool result does not say which call it answers")
    return identifier


def _flattened(message: dict[str, Json]) -> dict[str, Json]:
    """The message with a list of nothing but texts as one text."""
    content = message["content"]
    if not isinstance(content, list) or any(part["type"] != "text" for part in content):
        return message
    return {**message, "content": "\n".join(part["text"] for part in content)}


# --- cache markers ----------------------------------------------------------------------------


def _mark(messages: list[Json], cache: Json, system_role: str) -> None:
    """Mark the system message and the last turn that has text (CHAT-40, CHAT-41).

    Only the latter for as long as ``ttl`` says (SL-11).
    """
    if cache.get("system"):
        marker = cache_mark(cache, "systemTtl")
        for message in messages:
            if message["role"] == system_role and isinstance(message["content"], str):
                _mark_text(message, marker)
    if cache.get("last"):
        for message in reversed(messages):
            spoken = message["role"] in cache.get("roles", ("user", "assistant"))
            if spoken and _mark_text(message, cache_mark(cache)):
                break


def cache_mark(form: Json, ttl: str = "ttl") -> Json:
    """The mark of what a cache keeps, for as long as ``form`` says."""
    return {"type": "ephemeral", **({"ttl": form[ttl]} if ttl in form else {})}


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


def tools(found: list[Any] | None, messages: list[Any], form: Json) -> list[Json] | None:
    """The tools in OpenAI's form; None when the body is to have none (CHAT-03).

    ``messages`` is the conversation as the call gives it, ``form`` the ``$tools`` template.
    Raises CallError.
    """
    if not found:
        always = form.get("always", _has_tool_history(messages))
        return [] if always else None
    out = [function_tool(one) for one in found]
    if "strict" in form:
        for tool in out:
            tool["function"] = {**tool["function"], "strict": form["strict"]}
    if form.get("cache"):
        out[-1]["cache_control"] = cache_mark(form)
    return out


def function_tool(tool: Message) -> dict[str, Json]:
    """A tool in OpenAI's form. Raises CallError for one without a name."""
    if tool.get("type") == "function":
        return dict(tool)
    name = tool.get("name")
    if not isinstance(name, str) or not name:
        raise CallError("tools", "a tool has no name")
    known = {key: tool[key] for key in ("name", "description", "parameters") if key in tool}
    return {"type": "function", "function": known}


def _has_tool_history(messages: list[Any]) -> bool:
    contents = [one.get("content") for one in messages]
    parts = [part for one in contents if isinstance(one, list | tuple) for part in one]
    calls = (isinstance(part, Mapping) and part.get("type") == "toolCall" for part in parts)
    return any(one.get("role") == "toolResult" for one in messages) or any(calls)
