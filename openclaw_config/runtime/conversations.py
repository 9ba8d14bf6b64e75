"""A call's conversation and tools in the form of a wire (docs/plan.md, "Conversations").

``schema/chat-forms.json`` has the shapes of each form; what forms have in common is here. ``form``
is always the template, filled.
"""

from __future__ import annotations

import base64
import hashlib
import math
import re
from collections import defaultdict
from collections.abc import Mapping
from itertools import groupby
from typing import Any

from openclaw_config.facts import read_json
from openclaw_config.plan.model import Json
from openclaw_config.plan.values import json_of, stringify, texts_in, units, without_lone_surrogates
from openclaw_config.runtime.errors import CallError

NO_IMAGES = "(image omitted: model does not support images)"
NO_TOOL_IMAGES = "(tool image omitted: model does not support images)"
ONLY_IMAGES = "(see attached image)"
AFTER_TOOLS = "I have processed the tool results."
NO_RESULT = "No result provided"
CUT_ID = 40
"""How much is kept of a tool call's id that another wire made, in characters."""
THOUGHT_SIGNATURES = ("thoughtSignature", "thought_signature")

_IMAGE_CHARACTERS = 8_000
_SYSTEM = ("system", "developer")
_PARTS = {
    "user": ("text", "image"),
    "assistant": ("text", "thinking", "toolCall"),
    "toolResult": ("text", "image"),
}
"""The parts that a message may have, by its role."""
_ABSENT: Any = object()

Message = Mapping[str, Any]
Fields = Mapping[str, Any]


def shapes_of(form: Json) -> Json:
    """The shapes of the form that a template or a plan's result names."""
    return read_json("chat-forms.json")[form.get("form", "openai")]


def _filled(shape: Json, fields: Fields) -> Json:
    """A shape with the fields that it names, without the members that it lets be empty."""
    if isinstance(shape, dict):
        members = {key: _filled(one, fields) for key, one in shape.items()}
        return {key: one for key, one in members.items() if one is not _ABSENT}
    if isinstance(shape, list):
        return [_filled(one, fields) for one in shape]
    if not isinstance(shape, str) or not shape.startswith("{"):
        return shape
    name = shape.strip("{?}")
    return _ABSENT if shape.endswith("?}") and _is_empty(fields.get(name)) else fields.get(name)


def _is_whole(shape: Json, fields: Fields) -> bool:
    """Whether all the fields of a shape are there but those that may be empty."""
    named = (text for text in texts_in(shape) if text.startswith("{") and not text.endswith("?}"))
    return not any(_is_empty(fields.get(text.strip("{}"))) for text in named)


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [])


def written(what: str, given: Any, messages: list[Any], form: Json) -> Json | None:
    """What ``$messages``, ``$system`` or ``$tools`` stands for, None for nothing."""
    if what == "$tools":
        return tools(given, messages, form)
    return system(given or [], form) if what == "$system" else conversation(given or [], form)


def conversation(messages: list[Any], form: Json) -> list[Json]:
    """The messages as the wire takes them. Raises CallError."""
    shapes = shapes_of(form)
    out = _prompt(messages, form, shapes)
    unmarked: list[Json] = []
    turns = enumerate(history(messages, form))
    for role, run in groupby(turns, key=lambda turn: turn[1]["role"]):
        if role == "toolResult":
            out += _results([turn for _, turn in run], form, shapes)
            continue
        for index, turn in run:
            written = (_user if role == "user" else _assistant)(turn, index, form, shapes)
            out += written
            unmarked += written if turn.get("cache") is False else []
    if form.get("assistantAfterTools") is True:
        out = _with_answers_to_tools(out)
    _fit_to_thinking(out, form)
    if form.get("cache") is not None:
        _mark_last([turn for turn in out if turn not in unmarked], form["cache"], shapes)
    for turn in out if form.get("plainText") else ():
        content = turn["content"]
        if isinstance(content, list) and all(part["type"] == "text" for part in content):
            turn["content"] = "\n".join(part["text"] for part in content)
    return out


def system(messages: list[Any], form: Json) -> Json | None:
    """The system's text as a member of its own, as ``$system`` says; None without one."""
    prompt = prompt_of(messages)
    kept, _, rest = prompt.partition(form.get("boundary") or "\0")
    if not prompt:
        return None
    prompt = f"{kept.rstrip()}\n{rest.lstrip()}" if rest else prompt
    if form["form"] == "google":
        return {"parts": [{"text": prompt}], **form.get("with", {})}
    texts = [*form.get("first", ()), prompt]
    return [{"type": "text", "text": text, **_mark(form.get("cache"))} for text in texts]


def _prompt(messages: list[Any], form: Json, shapes: Json) -> list[Json]:
    """The system's turn: what stands before ``boundary`` is what a cache keeps (CHAT-40')."""
    prompt = prompt_of(messages)
    if not prompt or "prompt" not in shapes:
        return []
    kept, boundary, rest = prompt.partition(form.get("boundary") or "\0")
    texts = [kept.rstrip("\n"), rest.lstrip("\n")] if boundary else [prompt]
    content: Json = "\n".join(texts)
    cache = form.get("cache") or {}
    if cache.get("system"):
        content = [{"type": "text", "text": text} for text in texts]
        content[0] |= _mark(cache, "systemTtl")
    return [_filled(shapes["prompt"], {"role": form.get("systemRole"), "text": content})]


# --- messages and their parts -----------------------------------------------------------------


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
    every = [part for one in values.get("messages", ()) for part in parts_of(one)]
    parts = [part for part in every if part.get("type") != "image"]
    texts = [str(part.get(key) or "") for part in parts for key in ("text", "thinking", "name")]
    given = [values.get("tools"), values.get("responseFormat")]
    texts += [stringify(one) for one in (*(part.get("arguments") for part in parts), *given) if one]
    images = _IMAGE_CHARACTERS * (len(every) - len(parts))
    return math.ceil((images + units("".join(texts))) / 4 * 1.25)


def with_instruction(messages: list[Any], text: str) -> list[Any]:
    """The conversation with a text added to the last message of the user (SL-24)."""
    users = [at for at, message in enumerate(messages) if message.get("role") == "user"]
    if not users:
        return [*messages, {"role": "user", "content": text}]
    at, parts = users[-1], parts_of(messages[users[-1]])
    if parts and parts[-1].get("type") == "text":
        text = f"{parts.pop()['text']}\n\n{text}"
    content = [*parts, {"type": "text", "text": text}]
    return [*messages[:at], {**messages[at], "content": content}, *messages[at + 1 :]]


# --- history ----------------------------------------------------------------------------------


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
        if role not in tuple(_PARTS):
            raise CallError("messages", "a message has an unknown role", ("system", *_PARTS))
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


# --- turns ------------------------------------------------------------------------------------


def _user(turn: Message, _: int, form: Json, shapes: Json) -> list[Json]:
    parts = _shown(turn, form)
    return [_filled(shapes["user"], _fields_of(parts, shapes))] if parts else []


def _shown(turn: Message, form: Json) -> list[Message]:
    """The texts and images of a turn; a text in place of images that the model does not take."""
    text = NO_TOOL_IMAGES if turn["role"] == "toolResult" else NO_IMAGES
    instead = {"type": "text", "text": text}
    shown: list[Message] = []
    for part in turn["content"]:
        if part["type"] == "image" and form.get("images") is not True:
            shown += [instead] if shown[-1:] != [instead] else []
        elif part["type"] == "image":
            shown.append(_image(part))
        elif part["text"].strip() or "form" not in form:
            shown.append(part)
    return shown


def _fields_of(parts: list[Message], shapes: Json) -> dict[str, Json]:
    """The fields of the texts and images of a turn."""
    written = [_filled(shapes[part["type"]], part) for part in parts]
    images = [one for part, one in zip(parts, written, strict=True) if part["type"] == "image"]
    return {"parts": written, "text": joined_texts(parts, ""), "images": images}


def _image(part: Message) -> Message:
    """An image with the fields that shapes name."""
    data, mime = part.get("data"), str(part.get("mimeType") or "image/png")
    data = base64.b64encode(data).decode() if isinstance(data, bytes) else data
    if not isinstance(data, str):
        raise CallError("messages", "an image part has no data")
    return {**part, "mime": mime, "data": data, "url": f"data:{mime};base64,{data}"}


def _assistant(turn: Message, index: int, form: Json, shapes: Json) -> list[Json]:
    """The turn of an assistant, or its items; none where it says and calls nothing."""
    shape = shapes.get("assistant", {})
    made: defaultdict[str, list[Any]] = defaultdict(list)
    parts, texts, thoughts, reasoned = made["parts"], made["texts"], made["thoughts"], False
    for part in turn["content"]:
        if part["type"] == "toolCall":
            call = _filled(shapes["toolCall"], _call_fields(part, form, reasoned))
            made["calls" if "tool_calls" in shape else "parts"].append(call)
        elif part["type"] == "thinking":
            thought = _thought_fields(part, turn, form)
            whole = [one for one in shapes.get("thoughts", ()) if _is_whole(one, thought)]
            parts += [_filled(one, thought) for one in whole[:1]]
            reasoned = reasoned or bool(whole)
            thoughts += [thought] if thought["thought"] else []
        elif part["text"].strip() or "keepsBlank" in shapes:
            fields = {**part, "messageId": _message_id(part) or f"msg_{index}"}
            parts.append(_filled(shapes.get("said", shapes["text"]), fields))
            texts.append(part["text"])
    if not shape:
        return parts
    said: Json = "".join(texts) or ("" if form.get("assistantAfterTools") else shapes["noText"])
    if thoughts and form.get("thinkingAsText"):
        thinking = "\n\n".join(one["thought"] for one in thoughts)
        made["parts"] = said = [{"type": "text", "text": text} for text in (thinking, *texts)]
    if not (made["parts"] or made["calls"] or "keepsEmpty" in shapes):
        return []
    out = _filled(shape, {**made, "text": said, "details": _details(turn, form)})
    named = thoughts[0].get("thinkingSignature") if thoughts else None
    if named and "thoughtsAtSignature" in shapes and not form.get("thinkingAsText"):
        # The field that the thoughts came in; it takes no other field's place.
        out.setdefault(str(named), "\n".join(one["thought"] for one in thoughts))
    return [out]


def _message_id(part: Message) -> str:
    """The id that the signature of an assistant's text has, "" without one."""
    signature = part.get("textSignature") or ""
    item = json_of(str(signature)) if signature else None
    return str((item.get("id") if isinstance(item, dict) else signature) or "")


def _thought_fields(part: Message, turn: Message, form: Json) -> Fields:
    """The fields of what was thought: ``own`` of a turn that says that this model made it."""
    own = all(turn.get(key) == value for key, value in (form.get("model") or {}).items())
    signature, redacted = part.get("thinkingSignature"), part.get("redacted")
    thought = part["thinking"] if part["thinking"].strip() and not redacted else ""
    item = json_of(str(signature)) if signature else None
    hidden = {"item": item if isinstance(item, dict) else None, "hidden": redacted and signature}
    return {**part, **hidden, "thought": thought, "own": thought if own else ""}


def _call_fields(part: Message, form: Json, reasoned: bool) -> Fields:
    """The fields of a tool's call; the id of its item counts only after what was reasoned."""
    call_id, _, item_id = str(part.get("id")).partition("|")
    given = {} if part.get("arguments") is None else part["arguments"]
    named = {"name": _renamed(part.get("name"), form), "signature": _signature_of(part)}
    ids = {"callId": call_id, "itemId": item_id if reasoned else ""}
    return {**part, **named, **ids, "input": given, "arguments": stringify(given)}


def _renamed(name: Any, form: Json) -> Any:
    """A tool's name as the wire wants it: those of ``names`` have other capitals (ANT-31)."""
    return form.get("names", {}).get(str(name).lower(), name)


def _signature_of(call: Message) -> Any:
    """The signature of the thought behind a tool's call, None without one."""
    return next((call[key] for key in THOUGHT_SIGNATURES if call.get(key)), None)


def _details(turn: Message, form: Json) -> list[Json]:
    """The reasoning details that the signatures of a turn's calls hold (CHAT-45)."""
    if form.get("signatures") == "base64-only":
        return []  # No JSON is base64.
    signatures = (_signature_of(one) for one in turn["content"] if one["type"] == "toolCall")
    texts = (one for one in signatures if isinstance(one, str))
    return [detail for detail in map(json_of, texts) if detail is not None]


def _results(turns: list[Message], form: Json, shapes: Json) -> list[Json]:
    """The results of tools in a row, and the images that they have no place for."""
    out: list[Json] = []
    behind: list[list[Json]] = []
    for turn in turns:
        parts = _shown(turn, form)
        about = _fields_of(parts, shapes)
        images, text = about["images"], joined_texts(parts)
        if "onlyImages" in shapes and (images or shapes["onlyImages"] == "always"):
            text = text or ONLY_IMAGES
        failed, nested = turn.get("isError") is True, form.get("imagesInResults") is True
        fields = {
            **turn,
            "callId": turn["toolCallId"].partition("|")[0],
            "wantedName": turn.get("toolName") if form.get("toolNames") is True else "",
            "failed": failed,
            "text": f"{shapes.get('failed', '')}{text}" if failed else text,
            "content": about["parts"] if images else text,
            "response": {"error" if failed else "output": text},
            "nested": images if nested else [],
        }
        behind += [images] if images and not nested else []
        out.append(_filled(shapes["result"], fields))
    if "resultsTogether" in shapes:
        out = [_filled(shapes["user"], {"parts": out})]
    form_of_images = shapes.get("imagesBehind", {})
    if behind and not form_of_images.get("each"):
        behind = [[image for images in behind for image in images]]
    for images in behind if form_of_images else ():
        head = _filled(shapes["text"], {"text": form_of_images["head"]})
        out.append(_filled(shapes["user"], {"parts": [head, *images]}))
    return out


# --- what is changed in the turns of a whole conversation -------------------------------------


def _with_answers_to_tools(turns: list[Json]) -> list[Json]:
    """The turns with an assistant's between the results of tools and a user's message."""
    out: list[Json] = []
    for turn in turns:
        if turn["role"] == "user" and out and out[-1]["role"] == "tool":
            out.append({"role": "assistant", "content": AFTER_TOOLS})
        out.append(turn)
    return out


def _fit_to_thinking(turns: list[Json], form: Json) -> None:
    """Change what a model that thinks, or does not, would refuse (CHAT-23, CHAT-24)."""
    cut, thinks = form.get("cutTrailing") is True, form.get("thoughts")
    while cut and turns and turns[-1]["role"] == "assistant" and not turns[-1].get("tool_calls"):
        turns.pop()
    for turn in turns:
        said = turn.get("role") == "assistant" and (thinks == "every" or not turn.get("tool_calls"))
        if thinks == "never":
            turn.pop("reasoning_content", None)
        elif thinks in ("always", "every") and said:
            turn.setdefault("reasoning_content", "")


def _mark(cache: Json, ttl: str = "ttl") -> dict[str, Json]:
    """The member that marks what a cache keeps, for as long as it says; none without a cache."""
    if cache is None:
        return {}
    return {"cache_control": {"type": "ephemeral", **({"ttl": cache[ttl]} if ttl in cache else {})}}


def _mark_last(turns: list[Json], cache: Json, shapes: Json) -> None:
    """Mark the last text of the last turn that has one (CHAT-40, CHAT-41, SL-11).

    Of a form that marks blocks, the last one of the last user's message (ANT-16).
    """
    blocks, roles = "marksLastUser" in shapes, cache.get("roles", ("user", "assistant"))
    for turn in turns[::-1] if blocks or cache.get("last") else ():
        content = turn["content"]
        if turn["role"] not in (("user",) if blocks else roles) or not content:
            continue
        if isinstance(content, str):
            turn["content"] = content = [{"type": "text", "text": content}]
        marked = [one for one in content if blocks or one["type"] == "text"]
        if marked:
            marked[-1] |= _mark(cache)
            break


# --- tools ------------------------------------------------------------------------------------


def tools(given: list[Any] | None, messages: list[Any], form: Json) -> list[Json] | None:
    """The tools as ``$tools`` says; None when the body is to have none (CHAT-03).

    ``messages`` is the conversation as the call gives it. Raises CallError.
    """
    shapes = shapes_of(form)
    functions = [_function(one) for one in given or ()]
    strict = form.get("strict")
    if strict == "when-closed":
        strict = all(_is_closed(one.get("parameters")) for one in functions)
    out = [_filled(shapes["tool"], _tool_fields(one, form, strict)) for one in functions]
    cache = form.get("cache")
    if out and cache not in (None, False):
        out[-1] |= _mark(form if cache is True else cache)
    if out and "tools" in shapes:
        out = _filled(shapes["tools"], {"tools": out})
    out += form.get("append", ())
    called = "form" not in form and any(map(_calls_or_answers, messages))
    return out if out or form.get("always", "append" in form or called) else None


def _calls_or_answers(message: Message) -> bool:
    """Whether a message has a tool's call, or is a tool's result."""
    calls = (part.get("type") == "toolCall" for part in parts_of(message))
    return message.get("role") == "toolResult" or any(calls)


def _function(tool: Message) -> Message:
    """What a tool is, also of one in OpenAI's form. Raises CallError for one without a name."""
    function = {key: tool[key] for key in ("name", "description", "parameters") if key in tool}
    if tool.get("type") == "function":
        function = tool.get("function") or {}
    name = function.get("name") if isinstance(function, Mapping) else None
    if not isinstance(name, str) or not name:
        raise CallError("tools", "a tool has no name")
    return function


def _tool_fields(function: Message, form: Json, strict: Any) -> Fields:
    schema = function.get("parameters")
    return {
        "function": {**function, **({} if strict is None else {"strict": strict})},
        "name": _renamed(function["name"], form),
        "description": function.get("description"),
        form.get("schema", "parameters"): schema,
        "strict": strict,
        "properties": (schema or {}).get("properties", {}),
        "required": (schema or {}).get("required", []),
        "eager": form.get("eager"),
    }


def _is_closed(schema: Any) -> bool:
    """Whether a schema takes nothing but what it names, and all of that (ORS-25)."""
    if not isinstance(schema, dict):
        return True
    if schema.keys() & {"anyOf", "oneOf", "allOf"} or isinstance(schema.get("type"), list):
        return False
    if schema.get("type") != "object" and "properties" not in schema:
        return _is_closed(schema.get("items"))
    properties = schema.get("properties", {})
    named = set(schema.get("required", ())) == set(properties)
    closed = schema.get("additionalProperties") is False and named
    return closed and all(map(_is_closed, properties.values()))
