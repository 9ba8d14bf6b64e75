"""Conversations and tools on each wire (docs/plan.md, "Conversations").

A wire is the ``form`` of a template, "" for OpenAI's chat.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

ONLY_IMAGES = "(see attached image)"
PROCESSED = {"role": "assistant", "content": "I have processed the tool results."}
SYSTEM = ("system", "developer")


def js(value: Any) -> str:
    """A value as JSON.stringify writes it."""

    def whole(one: Any) -> Any:
        if isinstance(one, dict):
            return {key: whole(item) for key, item in one.items()}
        if isinstance(one, list | tuple):
            return [*map(whole, one)]
        return int(one) if isinstance(one, float) and one.is_integer() else one

    return json.dumps(whole(value), ensure_ascii=False, separators=(",", ":"))


def parsed(text: Any) -> Any:
    """The value of a JSON text, None for another one."""
    try:
        return json.loads(text) if isinstance(text, str) else None
    except ValueError:
        return None


def parts(message: Any) -> list[Any]:
    content = message.get("content")
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content or ())


def of(found: list[Any], kind: str) -> list[Any]:
    return [part for part in found if part.get("type") == kind]


def texts(found: list[Any], between: str = "\n") -> str:
    return between.join(part["text"] for part in of(found, "text"))


def spoken(part: Any) -> str:
    """What a part says or thinks, "" where that is blank."""
    text = part.get("text") or part.get("thinking") or ""
    return text if text.strip() else ""


def prompt(messages: list[Any]) -> str:
    return "\n\n".join(texts(parts(one)) for one in messages if one["role"] in SYSTEM)


def mark(cache: Any, ttl: str = "ttl") -> dict[str, Any]:
    return {"type": "ephemeral", **({"ttl": cache[ttl]} if ttl in cache else {})}


def shown(found: list[Any], form: Any, tool: str = "") -> list[Any]:
    """The parts, with a text for images in a row that the model does not take."""
    instead = {"type": "text", "text": f"({tool}image omitted: model does not support images)"}
    out: list[Any] = []
    for part in found:
        hidden = part.get("type") == "image" and form.get("images") is not True
        out += ([] if out[-1:] == [instead] else [instead]) if hidden else [part]
    return [one for one in out if "form" not in form or one["type"] == "image" or spoken(one)]


# --- the history that every wire shares -----------------------------------------------------------


def sent_id(identifier: str, form: Any, foreign: bool = False) -> str:
    rule, plain = form.get("toolCallIds"), re.sub("[^a-zA-Z0-9]", "", identifier)
    if rule and not ("keptIds" in form and identifier.startswith(form["keptIds"])):
        short = hashlib.sha256(plain.encode()).hexdigest() if len(plain) < 9 else plain
        identifier = short[:9] if rule == "nine" else plain
    if foreign and "|" in identifier:
        return re.sub("[^a-zA-Z0-9_-]", "_", identifier.partition("|")[0])[:40]
    return identifier


def history(messages: list[Any], form: Any) -> list[Any]:
    ids: dict[str, str] = {}
    waiting: dict[str, Any] = {}
    out: list[Any] = []
    lost = {"role": "toolResult", "isError": True}
    lost["content"] = parts({"content": form.get("noResult") or "No result provided"})
    for message in [*messages, {"role": ""}]:
        if message["role"] in SYSTEM:
            continue
        turn = {**message, "content": parts(message)}
        if turn["role"] == "toolResult":
            old = turn.get("toolCallId") or turn["tool_call_id"]
            turn["toolCallId"] = ids.get(old, sent_id(old, form))
            waiting.pop(turn["toolCallId"], None)
        else:
            for key, call in waiting.items():
                out.append({**lost, "toolCallId": key, "toolName": call["name"]})
            waiting = {}
        if turn["role"] == "assistant":
            made = (form.get("model") or {}).items()
            foreign = any(turn.get(key) not in (None, "", one) for key, one in made)
            turn["own"] = all(turn.get(key) == one for key, one in made)
            for at, part in enumerate(turn["content"]):
                if part["type"] == "toolCall":
                    ids[part["id"]] = new = sent_id(part["id"], form, foreign)
                    kept = {k: v for k, v in part.items() if not (foreign and "ignature" in k)}
                    turn["content"][at] = {**kept, "id": new}
                elif foreign and part["type"] == "thinking":
                    text = "" if part.get("redacted") else spoken(part)
                    turn["content"][at] = {"type": "text", "text": text}
        if turn.get("stopReason") not in ("error", "aborted"):
            if turn["role"] == "assistant":
                waiting = {call["id"]: call for call in of(turn["content"], "toolCall")}
            out.append(turn)
    return out


# --- a part of a turn, by the wire ----------------------------------------------------------------


def block(kind: str) -> Callable[[str], Any]:
    return lambda text: {"type": kind, "text": text}


TEXT: dict[str, Callable[[str], Any]] = {
    "google": lambda text: {"text": text},
    "responses": block("input_text"),
}
IMAGE: dict[str, Callable[[str, str], Any]] = {
    "": lambda mime, data: {
        "type": "image_url", "image_url": {"url": f"data:{mime};base64,{data}"},
    },
    "mistral": lambda mime, data: {"type": "image_url", "image_url": f"data:{mime};base64,{data}"},
    "responses": lambda mime, data: {
        "type": "input_image", "detail": "auto", "image_url": f"data:{mime};base64,{data}",
    },
    "anthropic": lambda mime, data: {
        "type": "image", "source": {"type": "base64", "media_type": mime, "data": data},
    },
    "google": lambda mime, data: {"inlineData": {"mimeType": mime, "data": data}},
    "ollama": lambda _, data: data,
}  # fmt: skip
CALL: dict[str, Callable[[Any, Any], Any]] = {
    "": lambda call, args: {
        "id": call["id"], "type": "function",
        "function": {"name": call["name"], "arguments": js(args)},
    },
    "mistral": lambda call, args: {**CALL[""](call, args), "index": 0},
    "responses": lambda call, args: {
        "type": "function_call", **call["item"], "call_id": call["id"].partition("|")[0],
        "name": call["name"], "arguments": js(args),
    },
    "anthropic": lambda call, args: {
        "type": "tool_use", "id": call["id"], "name": call["name"], "input": args,
    },
    "google": lambda call, args: {
        "functionCall": {"name": call["name"], "args": args}, **signature(call),
    },
    "ollama": lambda call, args: {"function": {"name": call["name"], "arguments": args}},
}  # fmt: skip


def written(part: Any, wire: str) -> Any:
    """A text, an image or a call."""
    if part["type"] == "text":
        return TEXT.get(wire, block("text"))(part["text"])
    if part["type"] == "toolCall":
        return CALL[wire](part, part.get("arguments") or {})
    data = part["data"]
    data = base64.b64encode(data).decode() if isinstance(data, bytes) else data
    return IMAGE[wire](part.get("mimeType") or "image/png", data)


def signature(part: Any) -> dict[str, Any]:
    found = [one for key, one in part.items() if key.lower().endswith("signature") and one]
    return {"thoughtSignature": found[0]} if found else {}


def thought(part: Any, form: Any, wire: str, own: bool) -> list[Any]:
    """What was thought, as a part of an assistant's turn."""
    text, signed = spoken(part), part.get("thinkingSignature")
    if wire == "responses":
        return [item] if isinstance(item := parsed(signed), dict) else []
    if wire == "anthropic" and part.get("redacted"):
        return [{"type": "redacted_thinking", "data": signed}] if signed else []
    if wire == "anthropic" and text and signed:
        return [{"type": "thinking", "thinking": text, "signature": signed}]
    if wire == "google" and text and own:
        return [{"thought": True, "text": text, **signature(part)}]
    if wire == "mistral" and text:
        return [{"type": "thinking", "thinking": [block("text")(text)]}]
    return [written({"type": "text", "text": text}, wire)] if text and wire != "ollama" else []


# --- a turn, by the wire --------------------------------------------------------------------------


def assistant(turn: Any, form: Any, wire: str, at: int) -> list[Any]:
    """A turn of the wires that have a list of parts; of ``responses`` the parts are items."""
    out: list[Any] = []
    for part in turn["content"]:
        if part["type"] == "thinking":
            out += thought(part, form, wire, turn["own"])
        elif part["type"] == "toolCall":
            item = part["id"].partition("|")[2]
            reasoned = item and any(one.get("type") == "reasoning" for one in out)
            name = form.get("names", {}).get(part["name"].lower(), part["name"])
            call = {**part, "name": name, "item": {"id": item} if reasoned else {}}
            out.append(written(call, wire))
        elif wire == "responses":
            signed = part.get("textSignature")
            own = item.get("id") if isinstance(item := parsed(signed), dict) else signed
            content = [{**block("output_text")(part["text"]), "annotations": []}]
            message = {"type": "message", "role": "assistant", "content": content}
            out.append({**message, "status": "completed", "id": own or f"msg_{at}"})
        elif spoken(part):
            out.append(written(part, wire) | (signature(part) if wire == "google" else {}))
    if wire == "responses" or not out:
        return out
    google = {"role": "model", "parts": out}
    return [google if wire == "google" else {"role": "assistant", "content": out}]


def chat(turn: Any, form: Any, wire: str, at: int) -> list[Any]:
    """A turn of the wires that have calls apart."""
    found, between = turn["content"], form.get("assistantAfterTools")
    calls = of(found, "toolCall")
    last: dict[str, Any] = {"tool_calls": [written(call, wire) for call in calls]}
    content: Any = texts(found, "")
    if wire == "mistral":
        last["prefix"] = False
        content = [one for x in found if x["type"] != "toolCall" for one in (
            thought(x, form, wire, False) if x["type"] == "thinking"
            else [written(x, wire)] if spoken(x) else [])]  # fmt: skip
    elif not wire:
        said = [part["text"] for part in of(found, "text") if spoken(part)]
        thoughts = [part for part in of(found, "thinking") if spoken(part)]
        content = "".join(said) or ("" if between else None)
        if thoughts and form.get("thinkingAsText"):
            thinking = "\n\n".join(one["thinking"] for one in thoughts)
            content = [block("text")(text) for text in (thinking, *said)]
        elif thoughts and (field := thoughts[0].get("thinkingSignature")):
            last = {field: "\n".join(one["thinking"] for one in thoughts), **last}
        if not content and not calls:
            return []
        found = [call.get("thoughtSignature") or "" for call in calls]
        if "signatures" in form:
            found = [x for x in found if re.fullmatch("([A-Za-z0-9+/]{4})*[A-Za-z0-9+/=]{4}", x)]
        last["reasoning_details"] = [x for x in map(parsed, found) if x is not None]
    turn = {"role": "assistant", "content": content, **last}
    return [{key: one for key, one in turn.items() if one != []}]


def user(found: list[Any], form: Any, wire: str) -> list[Any]:
    if wire == "google":
        return [{"role": "user", "parts": [written(part, wire) for part in found]}]
    if wire == "ollama":
        images = [written(part, wire) for part in of(found, "image")]
        shown = {"images": images} if images else {}
        return [{"role": "user", "content": texts(found, ""), **shown}]
    return [{"role": "user", "content": [written(part, wire) for part in found]}]


def results(turns: list[Any], form: Any, wire: str) -> list[Any]:
    """The results of tools in a row."""
    out: list[Any] = []
    after: list[Any] = []
    for turn in turns:
        name, key, failed = turn.get("toolName"), turn["toolCallId"], turn.get("isError") is True
        found = shown(turn["content"], form, "tool ")
        images = [written(part, wire) for part in of(found, "image")]
        text: Any = texts(found) or ("" if wire in ("google", "ollama") else ONLY_IMAGES)
        many = [written(part, wire) for part in found] if images else text
        if not wire:
            named = {"name": name} if name and form.get("toolNames") else {}
            out.append({"role": "tool", "content": text, "tool_call_id": key, **named})
            after += images
        elif wire == "responses":
            call = key.partition("|")[0]
            out.append({"type": "function_call_output", "call_id": call, "output": many})
        elif wire == "anthropic":
            answer = {"type": "tool_result", "tool_use_id": key, "content": many}
            out.append({**answer, "is_error": failed})
        elif wire == "google":
            response = {"error" if failed else "output": text or (ONLY_IMAGES if images else "")}
            nested = {"parts": images} if images and form.get("imagesInResults") is True else {}
            out.append({"functionResponse": {"name": name, "response": response, **nested}})
            if images and not nested:
                head = {"text": "Tool result image:"}
                after.append({"role": "user", "parts": [head, *images]})
        elif wire == "ollama":
            out.append({"role": "tool", "content": text, "tool_name": name})
        else:
            content = [block("text")(f"[tool error] {text}" if failed else text)]
            out.append({"role": "tool", "tool_call_id": key, "name": name, "content": content})
    if after and not wire:
        head = block("text")("Attached image(s) from tool result:")
        out += [PROCESSED] if form.get("assistantAfterTools") else []
        return [*out, {"role": "user", "content": [head, *after]}]
    if wire == "google":
        return [{"role": "user", "parts": out}, *after]
    return [{"role": "user", "content": out}] if wire == "anthropic" else out


# --- a whole conversation -------------------------------------------------------------------------


def mark_text(turn: Any, marker: Any) -> bool:
    if isinstance(turn["content"], str) and turn["content"]:
        turn["content"] = [block("text")(turn["content"])]
    found = of(turn["content"] if isinstance(turn["content"], list) else [], "text")
    for part in found[-1:]:
        part["cache_control"] = marker
    return bool(found)


def conversation(messages: list[Any], form: Any) -> list[Any]:
    """The messages as ``$messages`` says."""
    wire, text, cache = form.get("form", ""), prompt(messages), form.get("cache") or {}
    out: list[Any] = []
    kept, boundary, rest = text.partition(form.get("boundary") or "\0")
    kept, rest = kept.rstrip("\n"), rest.lstrip("\n")
    if text and wire not in ("anthropic", "google"):
        content: Any = f"{kept}\n{rest}" if boundary else text
        if boundary and cache.get("system"):
            content = [block("text")(kept), block("text")(rest)]
            content[0]["cache_control"] = mark(cache, "systemTtl")
        out.append({"role": form.get("systemRole", "system"), "content": content})
    answers: list[Any] = []
    unmarked: list[Any] = []
    for at, turn in enumerate(history(messages, form)):
        if turn["role"] == "toolResult":
            answers.append(turn)
            continue
        out += results(answers, form, wire) if answers else []
        if turn["role"] == "user" and (found := shown(turn["content"], form)):
            if form.get("assistantAfterTools") and answers and out[-1]["role"] == "tool":
                out.append(PROCESSED)
            out += user(found, form, wire)
            unmarked += out[-1:] if turn.get("cache") is False else []
        elif turn["role"] == "assistant":
            write = chat if wire in ("", "ollama", "mistral") else assistant
            out += write(turn, form, wire, at)
        answers = []
    if wire:
        users = [turn for turn in out if turn.get("role") == "user"]
        if wire == "anthropic" and "cache" in form and users:
            users[-1]["content"][-1]["cache_control"] = mark(cache)
        return out
    while form.get("cutTrailing") is True and out and out[-1]["role"] == "assistant":
        if "tool_calls" in out[-1]:
            break
        out.pop()
    thinks = form.get("thoughts")
    for turn in (one for one in out if one["role"] == "assistant"):
        if thinks == "every" or (thinks == "always" and "tool_calls" not in turn):
            turn.setdefault("reasoning_content", "")
        elif thinks == "never":
            turn.pop("reasoning_content", None)
    if text and cache.get("system") and isinstance(out[0]["content"], str):
        mark_text(out[0], mark(cache, "systemTtl"))
    roles = cache.get("roles", ("user", "assistant")) if cache.get("last") else ()
    for turn in (one for one in reversed(out) if one["role"] in roles):
        if not any(turn is one for one in unmarked) and mark_text(turn, mark(cache)):
            break
    for turn in out if form.get("plainText") else ():
        if isinstance(turn["content"], list) and all("text" in one for one in turn["content"]):
            turn["content"] = texts(turn["content"])
    return out


def system(messages: list[Any], form: Any) -> Any:
    """The system's text as ``$system`` says, None without one."""
    text = prompt(messages)
    kept, _, rest = text.partition(form.get("boundary") or "\0")
    text = f"{kept.rstrip()}\n{rest.lstrip()}" if rest else text
    if not text or form["form"] == "google":
        return {"parts": [{"text": text}], **form.get("with", {})} if text else None
    marked = {"cache_control": mark(form["cache"])} if "cache" in form else {}
    return [{**block("text")(one), **marked} for one in (*form.get("first", ()), text)]


# --- tools ----------------------------------------------------------------------------------------


def closed(schema: Any) -> bool:
    """Whether a schema takes nothing but what it names and requires all of that."""
    if not isinstance(schema, dict):
        return True
    names = schema.get("properties", {})
    if schema.keys() & {"anyOf", "oneOf", "allOf"} or isinstance(schema.get("type"), list):
        return False
    if schema.get("type") == "object" or names:
        exact = schema.get("additionalProperties") is False
        return (
            exact and {*schema.get("required", ())} == {*names} and all(map(closed, names.values()))
        )
    return closed(schema.get("items"))


def tools(given: list[Any] | None, messages: list[Any], form: Any) -> list[Any] | None:
    """The tools as ``$tools`` says, None where the body has none."""
    kind, known = form.get("form"), ("name", "description", "parameters")
    plain = [one["function"] if one.get("type") == "function" else one for one in given or ()]
    found = [{key: one[key] for key in known if key in one} for one in plain]
    strict = {"strict": form["strict"]} if "strict" in form else {}
    if strict == {"strict": "when-closed"}:
        strict = {"strict": all(closed(one.get("parameters")) for one in found)}
    if kind is None:
        calls = any(of(parts(one), "toolCall") or one["role"] == "toolResult" for one in messages)
        out: list[Any] = [{"type": "function", "function": {**one, **strict}} for one in found]
        if out and form.get("cache"):
            out[-1]["cache_control"] = mark(form)
        return out if out or form.get("always", calls) else None
    if kind == "google":
        declared = [{**one, form["schema"]: one.get("parameters", {})} for one in found]
        for one in declared if form["schema"] != "parameters" else ():
            one.pop("parameters", None)
        out = [{"functionDeclarations": declared}] if declared else []
    elif kind == "responses":
        out = [{"type": "function", **one, **strict} for one in found]
    else:
        out = []
        for one in found:
            schema, name = one.pop("parameters", {}), one["name"]
            one["name"] = form.get("names", {}).get(name.lower(), name)
            keys = {"type": "object", "properties": schema.get("properties", {})}
            if form.get("eager"):
                one["eager_input_streaming"] = True
            out.append({**one, "input_schema": {**keys, "required": schema.get("required", [])}})
        if out and "cache" in form:
            out[-1]["cache_control"] = mark(form["cache"])
    out += form.get("append", ())
    return out if out or "append" in form else None
