"""Conversations and tools in the forms of other wires (docs/plan.md, "Conversations").

``messages`` has OpenAI's chat form, and the history that all forms share.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from openclaw_config.plan.model import Json
from openclaw_config.plan.values import json_of, stringify, without_lone_surrogates
from openclaw_config.runtime import messages as shared
from openclaw_config.runtime.messages import Message

GOOGLE_TOOL_IMAGES = "Tool result image:"


class Writer(NamedTuple):
    """How a wire writes the turns of a conversation.

    Each takes a turn, or the results of tools in a row, and the ``$messages`` template;
    ``assistant`` also the turn's index in the conversation.
    """

    user: Callable[[list[Message], Json], list[Json]]
    assistant: Callable[[Message, int, Json], list[Json]]
    results: Callable[[list[Message], Json], list[Json]]
    prompt: Callable[[str, Json], list[Json]] = lambda *_: []
    mark: Callable[[list[Json], Json], None] = lambda *_: None


def conversation(messages: list[Any], form: Json) -> list[Json]:
    """The messages in the form that ``form`` names.

    ``form`` is the ``$messages`` template with its own templates filled. Raises CallError.
    """
    write = _WRITERS[form["form"]]
    prompt = shared.prompt_of(messages)
    out = write.prompt(prompt, form) if prompt else []
    results: list[Message] = []
    for index, message in enumerate([*shared.history(messages, form), {"role": ""}]):
        if message["role"] == "toolResult":
            results.append(message)
            continue
        if results:
            out += write.results(results, form)
            results = []
        if message["role"] == "user":
            parts = _shown(shared.parts_of(message), form, shared.NO_IMAGES)
            if parts:
                out += write.user(parts, form)
        elif message["role"]:
            out += write.assistant(message, index, form)
    write.mark(out, form)
    return out


def system(messages: list[Any], form: Json) -> Json | None:
    """The system's text as a member of its own, as ``$system`` says; None without one."""
    prompt = shared.prompt_of(messages)
    if not prompt:
        return None
    boundary = form.get("boundary")
    if boundary:
        kept, _, rest = prompt.partition(boundary)
        prompt = f"{kept.rstrip()}\n{rest.lstrip()}" if rest else prompt
    if form["form"] == "google":
        return {"parts": [{"text": prompt}], **form.get("with", {})}
    texts = [*form.get("first", ()), prompt]
    cache = form.get("cache")
    marked = {"cache_control": shared.cache_mark(cache)} if cache is not None else {}
    return [{"type": "text", "text": text, **marked} for text in texts]


def _shown(parts: list[Message], form: Json, instead: str) -> list[Message]:
    """The texts and images of a turn; texts in place of images that the model does not take."""
    shown = parts if form.get("images") is True else shared.without_images(parts, instead)
    for part in shown:
        if part.get("type") not in ("text", "image"):
            raise shared.unknown_part("a user's", "text", "image")
    return [one for one in shown if one.get("type") == "image" or shared.text_of(one).strip()]


def _images(message: Message, form: Json) -> list[Message]:
    shown = form.get("images") is True
    return [one for one in shared.parts_of(message) if shown and one.get("type") == "image"]


def _said(message: Message, form: Json) -> str:
    """What a tool's result says."""
    return without_lone_surrogates(
        shared.joined_texts(_shown(shared.parts_of(message), form, shared.NO_TOOL_IMAGES))
    )


def _arguments(part: Message) -> Json:
    arguments = part.get("arguments")
    return {} if arguments is None else arguments


# --- OpenAI's Responses (ORS-20) --------------------------------------------------------------


def _responses_prompt(prompt: str, form: Json) -> list[Json]:
    return [{"role": form["systemRole"], "content": prompt}]


def _responses_content(part: Message) -> Json:
    if part.get("type") == "text":
        return {"type": "input_text", "text": shared.plain_text(part)}
    return {"type": "input_image", "detail": "auto", "image_url": shared.data_url(part)}


def _responses_user(parts: list[Message], _: Json) -> list[Json]:
    return [{"role": "user", "content": [_responses_content(part) for part in parts]}]


def _responses_assistant(message: Message, index: int, _: Json) -> list[Json]:
    out: list[Json] = []
    reasoned = False
    for part in shared.parts_of(message):
        kind = part.get("type")
        if kind == "thinking":
            item = json_of(str(part.get("thinkingSignature") or ""))
            if isinstance(item, dict):
                out.append(item)
                reasoned = True
        elif kind == "text":
            content = {"type": "output_text", "text": shared.plain_text(part), "annotations": []}
            turn = {"type": "message", "role": "assistant", "content": [content]}
            out.append({**turn, "status": "completed", "id": _message_id(part, index)})
        elif kind == "toolCall":
            call_id, _, item_id = str(part.get("id")).partition("|")
            named = {"id": item_id} if reasoned and item_id else {}
            call = {"type": "function_call", **named, "call_id": call_id}
            written = stringify(_arguments(part))
            out.append({**call, "name": part.get("name"), "arguments": written})
        else:
            raise shared.unknown_part("an assistant's", "text", "thinking", "toolCall")
    return out


def _message_id(part: Message, index: int) -> str:
    """The id of a message: that of its signature, where it has one."""
    signature = str(part.get("textSignature") or "")
    item = json_of(signature)
    named = item.get("id") if isinstance(item, dict) else signature
    return str(named) if named else f"msg_{index}"


def _responses_results(results: list[Message], form: Json) -> list[Json]:
    out = []
    for message in results:
        call_id, images = message["toolCallId"].partition("|")[0], _images(message, form)
        text: Json = _said(message, form) or shared.ONLY_IMAGES
        if images:
            shown = [
                one for one in shared.parts_of(message) if one.get("type") in ("text", "image")
            ]
            text = [_responses_content(part) for part in shown]
        out.append({"type": "function_call_output", "call_id": call_id, "output": text})
    return out


# --- Anthropic's messages (ANT-10 to ANT-16) --------------------------------------------------


def _anthropic_block(part: Message) -> Json:
    if part.get("type") == "text":
        return {"type": "text", "text": shared.plain_text(part)}
    mime, data = shared.in_base64(part)
    return {"type": "image", "source": {"type": "base64", "media_type": mime, "data": data}}


def _anthropic_user(parts: list[Message], _: Json) -> list[Json]:
    return [{"role": "user", "content": [_anthropic_block(part) for part in parts]}]


def _anthropic_assistant(message: Message, _: int, form: Json) -> list[Json]:
    blocks: list[Json] = []
    for part in shared.parts_of(message):
        kind = part.get("type")
        if kind == "text":
            if shared.text_of(part).strip():
                blocks.append(_anthropic_block(part))
        elif kind == "thinking":
            signature = part.get("thinkingSignature")
            if part.get("redacted"):
                blocks += [{"type": "redacted_thinking", "data": signature}] if signature else []
            elif shared.thought_of(part):
                thought = {"thinking": without_lone_surrogates(shared.thought_of(part))}
                signed = {"type": "thinking", **thought, "signature": signature}
                blocks.append(
                    signed if signature else {"type": "text", "text": thought["thinking"]}
                )
        elif kind == "toolCall":
            name = renamed(part.get("name"), form)
            call = {"type": "tool_use", "id": part.get("id"), "name": name}
            blocks.append({**call, "input": _arguments(part)})
        else:
            raise shared.unknown_part("an assistant's", "text", "thinking", "toolCall")
    return [{"role": "assistant", "content": blocks}] if blocks else []


def _anthropic_results(results: list[Message], form: Json) -> list[Json]:
    blocks = []
    for message in results:
        content: Json = _said(message, form) or shared.ONLY_IMAGES
        if _images(message, form):
            shown = _shown(shared.parts_of(message), form, shared.NO_TOOL_IMAGES)
            content = [_anthropic_block(part) for part in shown]
        failed = message.get("isError") is True
        block = {"type": "tool_result", "tool_use_id": message["toolCallId"]}
        blocks.append({**block, "content": content, "is_error": failed})
    return [{"role": "user", "content": blocks}]


def _anthropic_mark(turns: list[Json], form: Json) -> None:
    """Mark the last block of the last user's message (ANT-16)."""
    cache = form.get("cache")
    last = next((turn for turn in reversed(turns) if turn["role"] == "user"), None)
    if cache is not None and last is not None:
        last["content"][-1]["cache_control"] = shared.cache_mark(cache)


def renamed(name: Any, form: Json) -> Any:
    """A tool's name as the wire wants it: those of ``names`` have other capitals (ANT-31)."""
    return form.get("names", {}).get(str(name).lower(), name)


# --- Google's contents (GGL-10, GGL-25) -------------------------------------------------------


def _google_part(part: Message) -> Json:
    if part.get("type") == "text":
        return {"text": shared.plain_text(part)}
    mime, data = shared.in_base64(part)
    return {"inlineData": {"mimeType": mime, "data": data}}


def _google_turn(role: str, parts: list[Json]) -> Json:
    return {"role": role, "parts": parts}


def _google_user(parts: list[Message], _: Json) -> list[Json]:
    return [_google_turn("user", [_google_part(part) for part in parts])]


def _google_assistant(message: Message, _: int, form: Json) -> list[Json]:
    parts: list[Json] = []
    own = all(message.get(key) == value for key, value in (form.get("model") or {}).items())
    for part in shared.parts_of(message):
        kind = part.get("type")
        if kind == "text":
            if shared.text_of(part).strip():
                parts.append(_google_part(part) | _signed(part.get("textSignature")))
        elif kind == "thinking":
            if shared.thought_of(part):
                text = {"text": without_lone_surrogates(shared.thought_of(part))}
                thought = {"thought": True, **text, **_signed(part.get("thinkingSignature"))}
                parts.append(thought if own else text)
        elif kind == "toolCall":
            call = {"functionCall": {"name": part.get("name"), "args": _arguments(part)}}
            parts.append(call | _signed(shared.signature_of(part)))
        else:
            raise shared.unknown_part("an assistant's", "text", "thinking", "toolCall")
    return [_google_turn("model", parts)] if parts else []


def _signed(signature: Any) -> dict[str, Json]:
    return {"thoughtSignature": signature} if isinstance(signature, str) and signature else {}


def _google_results(results: list[Message], form: Json) -> list[Json]:
    parts: list[Json] = []
    after: list[Json] = []
    for message in results:
        images = [_google_part(one) for one in _images(message, form)]
        text = _said(message, form) or (shared.ONLY_IMAGES if images else "")
        key = "error" if message.get("isError") is True else "output"
        answer = {"name": message.get("toolName"), "response": {key: text}}
        nested = form.get("imagesInResults") is True and bool(images)
        parts.append({"functionResponse": answer | ({"parts": images} if nested else {})})
        if images and not nested:
            after.append(_google_turn("user", [{"text": GOOGLE_TOOL_IMAGES}, *images]))
    return [_google_turn("user", parts), *after]


# --- Ollama's chat (OTH-10) -------------------------------------------------------------------


def _plain_prompt(prompt: str, _: Json) -> list[Json]:
    return [{"role": "system", "content": prompt}]


def _ollama_user(parts: list[Message], _: Json) -> list[Json]:
    images = [shared.in_base64(one)[1] for one in parts if one.get("type") == "image"]
    text = "".join(shared.plain_text(one) for one in parts if one.get("type") == "text")
    return [{"role": "user", "content": text, **({"images": images} if images else {})}]


def _ollama_assistant(message: Message, _: int, __: Json) -> list[Json]:
    parts = shared.parts_of(message)
    text = "".join(shared.plain_text(one) for one in parts if one.get("type") == "text")
    calls = [
        {"function": {"name": one.get("name"), "arguments": _arguments(one)}}
        for one in parts
        if one.get("type") == "toolCall"
    ]
    return [{"role": "assistant", "content": text, **({"tool_calls": calls} if calls else {})}]


def _ollama_results(results: list[Message], form: Json) -> list[Json]:
    return [
        {"role": "tool", "content": _said(one, form), "tool_name": one.get("toolName")}
        for one in results
    ]


# --- Mistral's chat (OTH-30) ------------------------------------------------------------------


def _texts(text: str) -> list[Json]:
    return [{"type": "text", "text": text}]


def _mistral_user(parts: list[Message], _: Json) -> list[Json]:
    content = [
        {"type": "text", "text": shared.plain_text(one)}
        if one.get("type") == "text"
        else {"type": "image_url", "image_url": shared.data_url(one)}
        for one in parts
    ]
    return [{"role": "user", "content": content}]


def _mistral_assistant(message: Message, _: int, __: Json) -> list[Json]:
    content: list[Json] = []
    calls: list[Json] = []
    for part in shared.parts_of(message):
        kind = part.get("type")
        if kind == "text" and shared.text_of(part).strip():
            content.append({"type": "text", "text": shared.plain_text(part)})
        elif kind == "thinking" and shared.thought_of(part):
            content.append({"type": "thinking", "thinking": _texts(shared.thought_of(part))})
        elif kind == "toolCall":
            function = {"name": part.get("name"), "arguments": stringify(_arguments(part))}
            call = {"id": part.get("id"), "type": "function", "function": function, "index": 0}
            calls.append(call)
    turn = {"role": "assistant", "content": content, "tool_calls": calls, "prefix": False}
    return [{key: value for key, value in turn.items() if value != []}]


def _mistral_results(results: list[Message], form: Json) -> list[Json]:
    out = []
    for message in results:
        text = _said(message, form) or shared.ONLY_IMAGES
        if message.get("isError") is True:
            text = f"[tool error] {text}"
        turn = {"role": "tool", "tool_call_id": message["toolCallId"]}
        out.append({**turn, "name": message.get("toolName"), "content": _texts(text)})
    return out


_WRITERS: Mapping[str, Writer] = {
    "responses": Writer(
        _responses_user, _responses_assistant, _responses_results, _responses_prompt
    ),
    "anthropic": Writer(
        _anthropic_user, _anthropic_assistant, _anthropic_results, mark=_anthropic_mark
    ),
    "google": Writer(_google_user, _google_assistant, _google_results),
    "ollama": Writer(_ollama_user, _ollama_assistant, _ollama_results, _plain_prompt),
    "mistral": Writer(_mistral_user, _mistral_assistant, _mistral_results, _plain_prompt),
}


# --- tools ------------------------------------------------------------------------------------


def tools(found: list[Message], form: Json) -> list[Json]:
    """Tools, each with a name, in the form that the ``$tools`` template names."""
    kind, strict = form["form"], form.get("strict")
    if kind == "google":
        key = form["schema"]
        declared = [_named(tool, key, tool.get("parameters", {})) for tool in found]
        return [{"functionDeclarations": declared}]
    if kind == "responses":
        if strict == "when-closed":
            strict = all(_is_closed(tool.get("parameters")) for tool in found)
        tail = {} if strict is None else {"strict": strict}
        return [
            {"type": "function", **_named(tool, "parameters", tool.get("parameters")), **tail}
            for tool in found
        ]
    out = []
    for tool in found:
        schema = tool.get("parameters") or {}
        closed = {"type": "object", "properties": schema.get("properties", {})}
        written = _named({**tool, "name": renamed(tool["name"], form)}, "", None)
        written |= {"eager_input_streaming": True} if form.get("eager") else {}
        out.append({**written, "input_schema": {**closed, "required": schema.get("required", [])}})
    if form.get("cache") is not None:
        out[-1]["cache_control"] = shared.cache_mark(form["cache"])
    return out


def _named(tool: Message, key: str, schema: Json) -> dict[str, Json]:
    known = {name: tool[name] for name in ("name", "description") if name in tool}
    return {**known, key: schema} if key and schema is not None else known


def _is_closed(schema: Any) -> bool:
    """Whether a schema takes nothing but what it names, and all of that (ORS-25)."""
    if not isinstance(schema, dict):
        return True
    if schema.keys() & {"anyOf", "oneOf", "allOf"} or isinstance(schema.get("type"), list):
        return False
    if schema.get("type") == "object" or "properties" in schema:
        properties = schema.get("properties", {})
        if schema.get("additionalProperties") is not False:
            return False
        if set(schema.get("required", ())) != set(properties):
            return False
        return all(map(_is_closed, properties.values()))
    return _is_closed(schema.get("items"))
