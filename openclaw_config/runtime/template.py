"""Filling a step's body: a JSON template, and what the call brings (docs/plan.md, "Templates")."""

from __future__ import annotations

import math
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from openclaw_config.plan.model import Json
from openclaw_config.plan.values import fitting, in_case, is_number
from openclaw_config.runtime.errors import CallError
from openclaw_config.runtime.inputs import DEFAULT_IMAGE_MIME, Input, encoded, extension_of, type_of
from openclaw_config.runtime.results import extension_of as image_extension

ABSENT: Any = object()
"""What a template comes out as when its member is to be left out."""


@dataclass(eq=False)
class Filler:
    """What one call brings to the templates of one candidate.

    Where ``facts`` have a ``lookup``, better ones are looked up before anything is sent. ``used``
    collects the names of the parameters that a template asked for; ``item`` is the input at hand.
    """

    values: Mapping[str, Any]
    inputs: Mapping[str, tuple[Input, ...]]
    facts: Mapping[str, Any]
    item: Input | None = None
    used: set[str] = field(default_factory=set)
    fresh: dict[str, str] = field(default_factory=dict)

    def body(self, template: Json) -> Json:
        """A body that a template stands for, None where it comes out absent. Raises CallError."""
        value = self.fill(template)
        return None if value is ABSENT else value

    def fill(self, template: Json) -> Json:
        """The JSON value that a template stands for, or ABSENT. Raises CallError."""
        if type(template) is dict:
            return self._object(template)
        if type(template) is list:
            return self._list(template)
        return template

    def _object(self, template: dict[str, Json]) -> Json:
        first = next(iter(template), "")
        form = getattr(self, f"_form_{first[1:].lower()}", None) if first[:1] == "$" else None
        if form is not None:
            return form(template)
        out: dict[str, Json] = {}
        for key, member in template.items():
            value = self.fill(member)
            if key == "$merge" and isinstance(value, dict):
                without = member.get("without", ())
                out |= {name: one for name, one in value.items() if name not in without}
            elif key != "$merge" and value is not ABSENT:
                out[key] = value
        return out

    def _list(self, template: list[Json]) -> list[Json]:
        out: list[Json] = []
        for item in template:
            value = self.fill(item)
            if value is not ABSENT:
                spliced = type(item) is dict and "$each" in item and "one" not in item
                out += value if spliced else [value]
        return out

    # --- the forms, by their key, which is always the first of its object -----------------------

    def _form_slot(self, template: Json) -> Json:
        slot = template["$slot"]
        name, value = self._given(slot)
        # A field that the call gives takes the config's place, whatever it is (CHAT-32).
        replaced = value is not ABSENT and "/" in slot["parameter"]
        if value is not ABSENT and len(slot) > 1:
            value = _formed(slot, value)
        if value is ABSENT or value is None:
            if slot.get("required"):
                raise CallError(name, f"{name} required")
            value = self.fill(slot["default"]) if "default" in slot and not replaced else ABSENT
            value = _formed({"divide": slot["divide"]}, value) if "divide" in slot else value
        if value is ABSENT and "otherwise" in slot:
            value = self.fill(slot["otherwise"])
        if "omit" in slot and value == slot["omit"] and type(value) is not bool:
            return ABSENT
        return value

    def _given(self, slot: Json) -> tuple[str, Any]:
        """The parameter that a slot names, and what the call gives for it or ABSENT."""
        name, value, others = "", ABSENT, slot.get("or", ())
        for way in (slot["parameter"], *([others] if isinstance(others, str) else others)):
            name, *keys = way.split("/")
            value = self._value(name, ABSENT)
            for key in keys:
                value = value.get(key, ABSENT) if isinstance(value, Mapping) else ABSENT
            if value is not ABSENT:
                break
        return name, value

    def _value(self, name: str, default: Any = None) -> Any:
        """What the call gives for a parameter that a template asks for."""
        self.used.add(name)
        return self.values.get(name, default)

    def _form_each(self, template: Json) -> Json:
        kind, places = template["$each"], template.get("places")
        self.used.add(kind)
        out = []
        for item in self.inputs.get(kind, ()):
            lacks = template.get("files") and item.data is None
            if not lacks and (places is None or item.place in places):
                self.item = item
                out.append(self.fill(template["item"]))
        self.item = None
        if not out:
            return ABSENT
        return out[0] if template.get("one") else out

    def _form_item(self, template: Json) -> Json:
        item, what = self.item, template["$item"]
        if item is None:
            raise CallError("images", "the plan names an input where there is none")
        if what in _OF_ITEM:
            return _OF_ITEM[what](item, template)
        if item.data is not None or item.fetch:
            data = encoded(item)
            url = f"data:{item.mime or DEFAULT_IMAGE_MIME};base64,{data}"
            return data if what == "base64" else url
        if what == "url" and item.url:
            return item.url
        needed = "be files or bytes here, not URLs" if item.url else "have a URL or bytes"
        raise CallError("images", f"images must {needed}")

    def _form_map(self, template: Json) -> Json:
        """What a table has for a value; ``otherwise`` where it has nothing."""
        value = self.fill(template["$map"])
        found = template["table"].get(str(value), ABSENT) if value is not ABSENT else ABSENT
        return self.fill(template.get("otherwise", ABSENT)) if found is ABSENT else found

    def _form_edge(self, template: Json) -> Json:
        """A word by the longest edge of a size, or the number of one of its edges (IMGP-21)."""
        match = _SIZE.fullmatch(str(self.fill(template["$edge"])).strip())
        if match is None:
            return ABSENT
        edges = {"width": int(match[1]), "height": int(match[2])}
        if "wide" in template:
            return template["wide" if edges["width"] >= edges["height"] else "tall"]
        if "of" in template:
            return edges[template["of"]]
        longest = max(edges.values())
        return next((word for least, word in template["steps"] if longest >= least), ABSENT)

    def _form_first(self, template: Json) -> Json:
        """The first of some templates that comes out."""
        filled = (self.fill(one) for one in template["$first"])
        return next((value for value in filled if value is not ABSENT), ABSENT)

    def _sized(self, template: Json) -> Json:
        """A value that is absent where it has not the size that its form asks for."""
        form, inner = next(iter(template.items()))
        value = self.fill(inner)
        size = len(value) if isinstance(value, dict | list | str) else value is not ABSENT
        if form == "$single":
            return value[0] if size == 1 else ABSENT
        least = {"$whole": len(inner), "$several": 2, "$nonEmpty": 1}[form]
        return value if size >= least else ABSENT

    def _form_if(self, template: Json) -> Json:
        name = template["$if"]
        given = self._value(name) or self.inputs.get(name)
        branch = "then" if given and self._holds(template) else "else"
        return self.fill(template.get(branch, ABSENT))

    def _form_text(self, template: Json) -> Json:
        """Texts and numbers in one; a part that is a list is left out where one of its own is."""
        found = []
        for part in template["$text"]:
            pieces = [self.fill(one) for one in (part if type(part) is list else [part])]
            if ABSENT not in pieces:
                found.append("".join(map(str, pieces)))
        return template["between"].join(found)

    def _form_fact(self, template: Json) -> Json:
        value = self.facts.get(template["$fact"], ABSENT)
        if value is not ABSENT and "most" in template:
            value = min(value, template["most"])
        return value

    def _holds(self, template: Json) -> bool:
        """Whether the fact holds that a form asks for, if it does."""
        return self.facts.get(template.get("fact")) is not False

    def _form_choose(self, template: Json) -> Json:
        by = self.facts.get(template["by"])
        branch = ("true" if by else "false") if isinstance(by, bool) or by is None else str(by)
        usual = template.get("defaults", {}).get(branch)
        if "offered" in template:
            value = self._offered(template, self._value(template["$choose"]), usual)
        else:
            value = self._value(template["$choose"], usual)
        found = template["tables"].get(branch, {}).get(value)
        return ABSENT if found is None else self.fill(found)

    def _offered(self, template: Json, value: Any, usual: Json) -> Any:
        """The value, or the nearest to it that is offered (CHAT-20'). Raises CallError.

        A list of usual values is one of preferences.
        """
        offered, unsure = self.facts.get(template["offered"], ()), self.facts.get("lookup")
        if value is None:
            wanted = [usual] if isinstance(usual, str) else usual
            value = next((one for one in wanted if one in offered), wanted[0])
        elif value not in (*offered, "off") and "refused" in template and not unsure:
            text = template["refused"].replace("{value}", str(value))
            raise CallError(template["$choose"], text.replace("{offered}", ", ".join(offered)))
        rank = template["order"].index
        return min(offered, key=lambda one: (abs(rank(one) - rank(value)), rank(one)))

    def _form_budget(self, template: Json) -> Json:
        """The tokens of an answer with those for thinking, or the latter alone (ANT-21)."""
        thinking, tokens = (self.fill(template.get(it, ABSENT)) for it in ("thinking", "tokens"))
        if thinking is not ABSENT:
            tokens = min(tokens + thinking, self.fill(template["most"]))
            thinking = thinking if tokens > thinking else max(0, tokens - template["reserve"])
        return tokens if template["$budget"] == "tokens" else thinking

    def _form_fresh(self, template: Json) -> Json:
        """An identifier that is new with each call, the same wherever it is named (ORS-11)."""
        return self.fresh.setdefault(template["$fresh"], str(uuid.uuid4()))

    def _form_tokens(self, template: Json) -> Json:
        """A number of tokens that the model, and what its context leaves, allow (CHAT-05)."""
        from openclaw_config.runtime.conversations import estimated_tokens

        most, window = self.fill(template["most"]), self.fill(template["window"])
        value = self.fill(template["$tokens"])
        room = window - estimated_tokens(self.values) - 1
        return max(1, min(most if value is ABSENT else value, most, room))

    def _chat(self, template: Json) -> Json:
        """What becomes of the conversation or the tools in the form of a wire."""
        from openclaw_config.runtime.conversations import written

        what, name = next(iter(template.items()))
        given, messages = self._value(name), self.values.get("messages", [])
        form = {key: self.fill(member) for key, member in template.items()}
        found = written(what, given, messages, form) if self._holds(template) else None
        return ABSENT if found is None else found

    _form_messages = _form_system = _form_tools = _chat
    _form_whole = _form_single = _form_several = _form_nonempty = _sized

    def _form_literal(self, template: Json) -> Json:
        return template["$literal"]


def _format(item: Input, template: Json) -> str:
    """The word for the format of a recording (STT-11). Raises CallError."""
    kind, extension = type_of(item), extension_of(item)
    found = template["types"].get(kind) or template["extensions"].get(extension)
    if found is None and not item.fetch:
        said = kind or extension or "a file without a type"
        raise CallError("audios", template["missing"].replace("{type}", said))
    return found or f"<the format of {item.url}>"


_OF_ITEM: dict[str, Callable[[Input, Json], Json]] = {
    "place": lambda item, _: item.place or ABSENT,
    "format": _format,
    "mime": lambda item, template: type_of(item) or template["missing"],
    "extension": lambda item, _: image_extension(type_of(item)),
    "number": lambda item, _: item.number,
    "role": lambda item, template: item.role.strip() or template["default"],
}
"""What may be said of an input besides where or what it is."""

_SIZE = re.compile(r"([0-9]+)\s*[xX*]\s*([0-9]+)")


def _formed(slot: Json, value: Any) -> Any:
    """A value as its slot takes it, ABSENT where it does not. Raises CallError."""
    value = fitting(value, slot)
    if isinstance(value, str):
        text = value.strip() if slot.get("trim") else value
        value = in_case(text, slot["case"]) if "case" in slot else text
        return ABSENT if slot.get("trim") and not value else value
    if is_number(value):
        if "whole" in slot and (value != int(value) or abs(value) >= 2**53):
            raise CallError(slot["parameter"], slot["whole"])
        value = math.trunc(value) if slot.get("truncate") else value
        value = math.ceil(value / slot["divide"]) if "divide" in slot else value
    return ABSENT if value is None else value
