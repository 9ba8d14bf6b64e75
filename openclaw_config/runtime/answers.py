"""A chat's answer, put together of the events of its stream (docs/plan.md, "Results").

``schema/chat-forms.json`` has the events of each form of chat, and at which pointers they say what.
"""

from __future__ import annotations

import json
from codecs import getincrementaldecoder
from collections.abc import Mapping
from typing import Any

from openclaw_config.plan.model import Json, Step
from openclaw_config.plan.values import every_at, first_at, parsed, stringify, well_formed
from openclaw_config.runtime.conversations import shapes_of
from openclaw_config.runtime.errors import FailureError, failed
from openclaw_config.runtime.events import Delta
from openclaw_config.runtime.exchange import Exchange, client_text_of, failure_message
from openclaw_config.runtime.results import ChatAnswer

Event = Mapping[str, Any]


def as_text(value: Any) -> str:
    """A value that is a text, "" for any other."""
    return value if isinstance(value, str) else ""


def _at(value: Event, row: Json, member: str) -> Any:
    """What stands where a member of a row says, None without one."""
    return first_at(value, row[member]) if member in row else None


def failure_of(event: Event) -> Json:
    """The error that an event reports, None when it reports none."""
    if event.get("error"):
        return event["error"]
    kind = event.get("type")
    if kind == "error":
        return {"message": f"Error Code {event.get('code')}: {as_text(event.get('message'))}"}
    if kind == "response.failed":
        code, said = (first_at(event, f"/response/error/{name}") for name in ("code", "message"))
        if code or said:
            return {"message": f"{code or 'unknown'}: {said or 'no message'}"}
        reason = first_at(event, "/response/incomplete_details/reason")
        return {"message": f"incomplete: {reason or 'unknown'}"}
    return None


class ChatAccumulator:
    """What a stream said so far: of the first choice, where there are several."""

    def __init__(self, step: Step, result: Json, exchange: Exchange) -> None:
        self._step = step
        self._result = result
        self._exchange = exchange
        self._mask = exchange.mask
        # Half of a surrogate pair is shown when its other half comes, so it waits in here.
        joining = getincrementaldecoder("utf-16-le")
        self._shown = {"text": joining("replace"), "reasoning": joining("replace")}
        self._texts: dict[str, list[str]] = {"text": []}
        self._lists: dict[str, list[Any]] = {}
        self._calls: dict[int, dict[str, Any]] = {}
        self._finish = ""
        self._usage: Any = None
        self.model = ""
        self.stray: list[str] = []

    def take(self, data: str) -> None:
        """Take an event in. Raises FailureError."""
        try:
            chunk = parsed(data)
        except (ValueError, RecursionError) as error:
            # Of JavaScript's words for broken JSON those that mean something to OpenClaw.
            word = "Unterminated string" if "Unterminated" in str(error) else "Unexpected token"
            message, text = "an event is not JSON", f"{word} in JSON"
            raise failed(self._step, "response", message, client_text=text) from error
        if not isinstance(chunk, dict):
            return
        reported = failure_of(chunk)
        if reported is not None:
            raise self._said(reported)
        self.model = self.model or as_text(chunk.get("model"))
        rows = shapes_of(self._result)["events"]
        if isinstance(rows, dict):
            rows = rows.get(as_text(chunk.get("type")), ())
        self._take_in(chunk, rows)

    def _take_in(self, value: Any, rows: list[Json]) -> None:
        """Take in what rows say of an event, or of objects in it."""
        for row in rows:
            when, unless = row.get("when", {}).items(), row.get("unless", {}).items()
            for one in every_at(value, row.get("each", "")):
                if (
                    isinstance(one, dict)
                    and all(first_at(one, at) in wanted for at, wanted in when)
                    and not any(first_at(one, at) in never for at, never in unless)
                ):
                    self._take_row(one, row)

    def _take_row(self, value: Event, row: Json) -> None:
        """Take in what a row says of an object."""
        self._take_in(value, row.get("rows", ()))
        for kind in (one for one in ("text", "reasoning", "refusal") if one in row):
            self._say(kind, as_text(first_at(value, row[kind])))
        if "thoughts" in row:
            places = (f"{row['thoughts']}/{name}" for name in self._result.get("reasoning", ()))
            texts = (as_text(first_at(value, place)) for place in places)
            self._say("reasoning", next(filter(None, texts), ""))
        for name, place in row.get("keep", {}).items():
            kept = [one for one in every_at(value, place) if isinstance(one, dict)]
            self._lists.setdefault(name, []).extend(kept)
        if "call" in row:
            self._take_call(value, row["call"])
        used = _at(value, row, "usage")
        if isinstance(used, dict):
            counted = {name: used[name] for name in row.get("counts", used) if name in used}
            self._usage = {**(self._usage or {}), **counted}
        self._finish = as_text(_at(value, row, "finish")) or self._finish
        self.model = self.model or as_text(_at(value, row, "model"))

    def _take_call(self, value: Event, row: Json) -> None:
        """Take in a piece of a tool's call, or, where it comes so, the ``whole`` of it."""
        ids = (as_text(first_at(value, place)) for place in row.get("id", ()))
        count, number = len(self._calls), _at(value, row, "number")
        made = f"call_{count + 1}" if "whole" in row else ""
        given = _at(value, row, "arguments") or ({} if "whole" in row else "")
        number = number if isinstance(number, int) else count
        call = self._calls.setdefault(number, {"id": "", "name": "", "arguments": []})
        call["id"] = "|".join(filter(None, ids)) or made or call["id"]
        call["name"] = as_text(_at(value, row, "name")) or call["name"]
        call["arguments"].append(given if isinstance(given, str) else stringify(given))

    def _say(self, kind: str, piece: str) -> None:
        """Take in a piece of the ``text``, the ``reasoning`` or the ``refusal``, and show it."""
        self._texts.setdefault(kind, []).append(piece)
        if kind in self._shown:
            text = self._shown[kind].decode(piece.encode("utf-16-le", "surrogatepass"))
            if text:
                self._exchange.tell(Delta(kind, text))

    def _said(self, error: Json) -> FailureError:
        """The failure that a stream reports in its midst."""
        code = error.get("code") if isinstance(error, dict) else None
        status = code if isinstance(code, int) and 400 <= code < 600 else 0
        label, body = self._step.label or self._step.name, json.dumps({"error": error}).encode()
        message = failure_message(label, status, body, {}, self._mask)
        text = self._mask.text(client_text_of(0, body))
        failure = FailureError("http" if status else "response", message, self._step.name, status)
        failure.client_text = text
        return failure

    def answer(self, status: int) -> ChatAnswer:
        """The whole answer; a stream that is cut off is one (SL-22). Raises FailureError."""
        reason = self._result["stopReasons"].get(self._finish or "stop")
        if reason is None:
            said = f"the model stopped: {self._mask.line(self._finish, 40)}"
            text = f"Provider finish_reason: {self._mask.text(self._finish)}"
            raise failed(self._step, "response", said, client_text=text)
        if self._calls and self._result.get("form"):
            reason = "toolUse"  # The other forms than OpenAI's do not all say so.
        calls = (call for _, call in sorted(self._calls.items()))
        parts: dict[str, Any] = {
            **{kind: "".join(pieces) for kind, pieces in self._texts.items()},
            **{name: tuple(items) for name, items in self._lists.items()},
            "tool_calls": tuple({**one, "arguments": "".join(one["arguments"])} for one in calls),
        }
        answer = ChatAnswer(stop_reason=reason, **well_formed(parts))
        answer = answer._replace(usage=self._mask.json(well_formed(self._usage)))
        if answer.text.strip() or answer.tool_calls or answer.refusal or answer.images:
            return answer
        empty, message = "nothing", "the answer is empty"
        if answer.reasoning:
            empty, message = "reasoning", "the answer has nothing but reasoning"
        elif self.stray:
            body = "\n".join(self.stray).encode()
            label = "the answer is no stream of events"
            message = failure_message(label, status, body, {}, self._mask)
        elif reason == "toolUse":
            empty = "unfinished"
        raise failed(self._step, "response", message, empty=empty)
