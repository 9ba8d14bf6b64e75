"""Filling templates (docs/plan.md, "Templates")."""

from __future__ import annotations

import base64
import math
import re
import uuid
from collections.abc import Mapping
from mimetypes import guess_type
from typing import Any, NamedTuple

from tests.executor.conversations import conversation, js, parts, system, tools

ABSENT: Any = object()
STARTS = {
    rb"\x89PNG": "image/png", rb"\xff\xd8\xff": "image/jpeg", rb"GIF8": "image/gif",
    rb"RIFF....WEBP": "image/webp", rb"RIFF....WAVE": "audio/wav", rb"ID3": "audio/mpeg",
}  # fmt: skip


class CannotSendError(Exception):
    """The candidate fails before anything is sent."""


class Input(NamedTuple):
    """An image or the like, and the place that it was given."""

    url: str = ""
    data: bytes = b""
    mime: str = ""
    role: str = ""
    place: str = ""
    name: str = ""

    @property
    def named(self) -> str:
        return guess_type(self.name or re.split("[?#]", self.url)[0])[0] or ""

    @property
    def type(self) -> str:
        found = (mime for start, mime in STARTS.items() if re.match(start, self.data, re.DOTALL))
        return next(found, "") or self.named or self.mime.partition(";")[0].strip().lower()


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


TYPES: dict[Any, Any] = {
    "number": is_number,
    "flag": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, Mapping),
    "structure": lambda value: isinstance(value, Mapping | list),
    "text": lambda value: isinstance(value, str),
    None: lambda value: True,
}


def estimated(values: Any) -> int:
    """The tokens of a call's messages and tools."""
    size = sum(len(js(values[name])) for name in ("tools", "responseFormat") if values.get(name))
    for part in (part for one in values.get("messages", ()) for part in parts(one)):
        said = "".join(str(part.get(key) or "") for key in ("text", "thinking", "name"))
        size += 8000 if part["type"] == "image" else len(said.encode("utf-16-le")) // 2
        size += len(js(part["arguments"])) if part.get("arguments") else 0
    return math.ceil(size / 4 * 1.25)


class Filler:
    """What one call brings to the templates of one candidate."""

    def __init__(self, values: Any, inputs: dict[str, list[Input]], facts: Any) -> None:
        self.values, self.inputs, self.facts = values, inputs, facts
        self.item, self.number, self.final = Input(), 0, True
        self.made: dict[str, str] = {}

    def fill(self, form: Any) -> Any:
        if isinstance(form, list):
            out: list[Any] = []
            for item in form:
                value = self.fill(item)
                spliced = isinstance(item, dict) and "$each" in item and not item.get("one")
                out += [] if value is ABSENT else value if spliced else [value]
            return out
        if not isinstance(form, dict):
            return form
        key = next((key for key in form if key[0:1] == "$" and key != "$merge"), "")
        if key:
            return getattr(self, f"on_{key[1:]}")(form[key], form)
        members: dict[str, Any] = {}
        for name, member in form.items():
            value = self.fill(member)
            if name == "$merge" and isinstance(value, Mapping):
                without = member.get("without", ())
                members |= {key: one for key, one in value.items() if key not in without}
            elif name != "$merge" and value is not ABSENT:
                members[name] = value
        return members

    def on_slot(self, slot: Any, _: Any) -> Any:
        value, others = ABSENT, slot.get("or", ())
        for way in (slot["parameter"], *([others] if isinstance(others, str) else others)):
            found: Any = self.values
            for field in way.split("/"):
                found = found.get(field, ABSENT) if isinstance(found, Mapping) else ABSENT
            value = found if value is ABSENT else value
        given = value is not ABSENT and "/" in slot["parameter"]
        if slot.get("type") == "texts":
            found = value if isinstance(value, list) else [value]
            value = [one for one in found if isinstance(one, str) and one.strip()] or ABSENT
        elif value is not ABSENT and not TYPES[slot.get("type")](value):
            value = ABSENT
        if isinstance(value, Mapping):
            words = slot.get("members", {}).items()
            value = value if all(value.get(key) in known for key, known in words) else ABSENT
        if isinstance(value, str):
            value = value.strip() or ABSENT if slot.get("trim") else value
            value = (
                getattr(value, slot["case"])() if "case" in slot and value is not ABSENT else value
            )
        elif is_number(value):
            if "whole" in slot and (value % 1 or abs(value) >= 2**53):
                raise CannotSendError(slot["whole"])
            value = math.trunc(value) if slot.get("truncate") else value
        if value in (ABSENT, None):
            if slot.get("required"):
                raise CannotSendError(f"{slot['parameter']} required")
            value = self.fill(slot["default"]) if "default" in slot and not given else ABSENT
        if "divide" in slot and is_number(value):
            value = math.ceil(value / slot["divide"])
        value = self.fill(slot["otherwise"]) if value is ABSENT and "otherwise" in slot else value
        omitted = "omit" in slot and value == slot["omit"] and not isinstance(value, bool)
        return ABSENT if omitted else value

    def on_each(self, kind: str, form: Any) -> Any:
        out = []
        for number, item in enumerate(self.inputs.get(kind, ()), 1):
            self.number, self.item = number, item
            if "places" in form and item.place not in form["places"]:
                continue
            out += [self.fill(form["item"])] if item.data or not form.get("files") else []
        return ABSENT if not out else out[0] if form.get("one") else out

    def on_item(self, what: str, form: Any) -> Any:
        item = self.item
        if what == "format":
            found = form["types"].get(item.type)
            if found is None:
                raise CannotSendError(form["missing"].replace("{type}", item.type))
            return found
        if what in ("url", "data", "base64"):
            if item.url and not item.data and what == "url":
                return item.url
            if not item.data:
                raise CannotSendError("an input must be bytes")
            encoded = base64.b64encode(item.data).decode()
            head = "" if what == "base64" else f"data:{item.mime or 'image/png'};base64,"
            return head + encoded
        extension = item.type.partition("/")[2].replace("jpeg", "jpg")
        return {
            "place": item.place or ABSENT, "mime": item.type or form.get("missing"),
            "extension": extension or "png", "number": self.number,
            "role": item.role.strip() or form.get("default"),
        }[what]  # fmt: skip

    def on_map(self, of: Any, form: Any) -> Any:
        value = self.fill(of)
        found = form["table"].get(str(value), ABSENT) if value is not ABSENT else ABSENT
        return self.fill(form.get("otherwise", ABSENT)) if found is ABSENT else found

    def on_edge(self, of: Any, form: Any) -> Any:
        size = re.fullmatch(r"(\d+)\s*[xX*]\s*(\d+)", str(self.fill(of)).strip())
        if size is None:
            return ABSENT
        width, height = int(size[1]), int(size[2])
        if "of" in form:
            return width if form["of"] == "width" else height
        reached = (word for least, word in form.get("steps", ()) if max(width, height) >= least)
        return (
            form["wide" if width >= height else "tall"] if "wide" in form else next(reached, ABSENT)
        )

    def on_first(self, forms: Any, _: Any) -> Any:
        return next((one for one in map(self.fill, forms) if one is not ABSENT), ABSENT)

    def on_whole(self, members: Any, _: Any) -> Any:
        value = self.fill(members)
        return value if len(value) == len(members) else ABSENT

    def on_single(self, of: Any, _: Any) -> Any:
        value = self.fill(of)
        return value[0] if value is not ABSENT and len(value) == 1 else ABSENT

    def on_several(self, of: Any, _: Any) -> Any:
        value = self.fill(of)
        return value if value is not ABSENT and len(value) > 1 else ABSENT

    def on_if(self, name: str, form: Any) -> Any:
        given = self.values.get(name) or self.inputs.get(name)
        holds = given and self.facts.get(form.get("fact")) is not False
        return self.fill(form["then"] if holds else form.get("else", ABSENT))

    def on_nonEmpty(self, of: Any, _: Any) -> Any:  # noqa: N802 - the form's name
        return self.fill(of) or ABSENT

    def on_text(self, forms: Any, form: Any) -> str:
        pieces = [
            [self.fill(x) for x in (one if isinstance(one, list) else [one])] for one in forms
        ]
        return str(form["between"].join("".join(map(str, x)) for x in pieces if ABSENT not in x))

    def on_fact(self, name: str, form: Any) -> Any:
        value = self.facts.get(name, ABSENT)
        return min(value, form["most"]) if "most" in form and value is not ABSENT else value

    def on_choose(self, name: str, form: Any) -> Any:
        by = self.facts.get(form["by"])
        by = str(by) if isinstance(by, str) else "true" if by else "false"
        value, usual = self.values.get(name), form.get("defaults", {}).get(by)
        if "offered" not in form:
            value = usual if value is None else value
        else:
            offered, rank = self.facts.get(form["offered"], ()), form["order"].index
            if value is None:
                usual = [usual] if isinstance(usual, str) else usual
                value = next((one for one in usual if one in offered), usual[0])
            elif self.final and value not in offered and value != "off" and "refused" in form:
                raise CannotSendError(form["refused"])
            near = rank(value)
            value = min(offered, key=lambda one: (abs(rank(one) - near), rank(one)))
        found = form["tables"].get(by, {}).get(value)
        return ABSENT if found is None else self.fill(found)

    def on_tokens(self, of: Any, form: Any) -> int:
        value, most = self.fill(of), self.fill(form["most"])
        room = self.fill(form["window"]) - estimated(self.values) - 1
        return int(max(1, min(most if value is ABSENT else value, most, room)))

    def on_budget(self, wanted: str, form: Any) -> Any:
        tokens, thinking = self.fill(form["tokens"]), self.fill(form["thinking"])
        if thinking is ABSENT:
            return tokens if wanted == "tokens" else ABSENT
        tokens = min(tokens + thinking, self.fill(form["most"]))
        less = max(0, tokens - form["reserve"]) if tokens <= thinking else thinking
        return tokens if wanted == "tokens" else less

    def on_fresh(self, word: str, _: Any) -> str:
        return self.made.setdefault(word, str(uuid.uuid4()))

    def on_literal(self, value: Any, _: Any) -> Any:
        return value

    def on_messages(self, name: str, form: Any) -> Any:
        keys = ("images", "cutTrailing", "thoughts")
        filled = {key: self.fill(form[key]) for key in keys if key in form}
        return conversation(self.values.get(name, []), {**form, **filled})

    def on_system(self, name: str, form: Any) -> Any:
        found = system(self.values.get(name, []), form)
        return ABSENT if found is None else found

    def on_tools(self, name: str, form: Any) -> Any:
        if self.facts.get(form.get("fact")) is False:
            return ABSENT
        found = tools(self.values.get(name), self.values.get("messages", []), form)
        return ABSENT if found is None else found
