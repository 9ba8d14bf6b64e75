"""Executes plans: a stranger's program, written from docs/plan.md and the plan's schema alone.

It imports nothing of openclaw_config. What it leaves out raises ``LeftOutError`` with a key of
``LEFT_OUT``.
"""

from __future__ import annotations

import base64
import ipaddress
import json
import math
import re
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import quote, urljoin, urlsplit

from tests.executor import streams
from tests.executor.arguments import normalized, read
from tests.executor.conversations import parsed
from tests.executor.templates import CannotSendError, Filler, Input, is_number

LEFT_OUT = {
    "profiles": "a store of profiles has rules of its own for order and cool-down, beside the plan",
    "classes": "what follows a chat's failure goes by its class, from fact files beside the plan",
    "fetch": "inputs that are fetched first are the caller's to fetch",
    "sizes": "how large an image is stands in its bytes, which other libraries read",
    "urls": "a URL that only a browser's parser reads as it is meant needs that parser",
    "result": "only chats and what later requests need is taken out of answers",
}
"""What is left out, and why; the certificates and the proxy of a route are its transport's."""

VERSION = 2


class LeftOutError(Exception):
    """The plan needs what this program leaves out."""


class FailedError(Exception):
    """A candidate failed. ``status`` is that of an HTTP answer, or 0."""

    def __init__(self, message: str, status: int = 0, again: bool | None = None) -> None:
        super().__init__(message)
        self.status, self.again, self.wait_ms = status, again, None


class Request(NamedTuple):
    """A request on its way; ``parts`` are those of a form, before they are written."""

    step: str
    method: str
    url: str
    headers: dict[str, str]
    body: bytes | None
    parts: list[Any] | None = None


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes


class NoConnectionError(Exception):
    """What a transport raises when a connection breaks or, with ``late``, takes too long."""

    def __init__(self, late: bool = False) -> None:
        super().__init__("no answer")
        self.late = late


def every(value: Any, pointer: str) -> list[Any]:
    """All values at a pointer, in which ``*`` stands for every item."""
    found = [value]
    for key in pointer.split("/")[1:]:
        name = key.replace("~1", "/").replace("~0", "~")
        below: list[Any] = []
        for one in found:
            if isinstance(one, list):
                below += one if key == "*" else one[int(key) :][:1] if key.isdigit() else []
            elif isinstance(one, dict) and name in one:
                below.append(one[name])
        found = below
    return found


def first(value: Any, pointer: str) -> Any:
    return next(iter(every(value, pointer)), None)


def text(value: Any, pointer: str) -> str:
    found = (one.strip() for one in every(value, pointer) if isinstance(one, str))
    return next(filter(None, found), "")


def component(value: Any) -> str:
    return quote(str(value), safe="!'()*~")


def plain(url: str) -> str:
    """A URL that every parser reads alike. Raises FailedError and LeftOutError."""
    if "@" in urlsplit(url).netloc or urlsplit(url).scheme.lower() not in ("http", "https"):
        raise FailedError("nothing can be sent there")
    if (
        not re.match(r"https?://(?!\d+[/:?])[a-z0-9.\[\]:-]+(/|\?|$)[^\\\s]*$", url)
        or "/../" in url
    ):
        raise LeftOutError("urls")
    return url


def origin(url: str) -> str:
    there = urlsplit(url)
    port = there.port or {"http": 80, "https": 443}.get(there.scheme)
    return f"{there.scheme}://{there.hostname}:{port}"


def is_private(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local", ".internal"))


def cleaned(key: str) -> str:
    return "".join(x for x in key if x not in "\r\n\u2028\u2029" and x <= "\u00ff").strip()


def multipart(parts: list[Any]) -> tuple[bytes, str]:
    mark, out = uuid.uuid4().hex, b""
    for part in parts:
        head = f'--{mark}\r\nContent-Disposition: form-data; name="{part["name"]}"'
        if "base64" in part:
            head += f'; filename="{part["filename"]}"\r\nContent-Type: {part["type"]}'
        data = base64.b64decode(part["base64"]) if "base64" in part else str(part["value"]).encode()
        out += f"{head}\r\n\r\n".encode() + data + b"\r\n"
    return out + f"--{mark}--\r\n".encode(), f"multipart/form-data; boundary={mark}"


class Executor:
    """Executes calls. ``secret`` gives the text of a reference, "" where there is none."""

    def __init__(
        self,
        secret: Callable[[str], str],
        transport: Callable[[Request], Answer],
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.secret, self.transport, self.sleep, self.now = secret, transport, sleep, now

    def run(
        self,
        plan: Any,
        surface: str,
        call: dict[str, Any],
        inputs: dict[str, list[Input]] | None = None,
        entry: str = "tool",
    ) -> Any:
        """What a call gives. Raises CannotSendError, FailedError and LeftOutError."""
        if plan["planVersion"] != VERSION:
            raise CannotSendError("a plan of another version")
        of, inputs, tool = plan[surface], inputs or {}, entry == "tool"
        given = {key: list(items) for key, items in inputs.items() if items}
        checks = [
            (one, check) for one in of.get("parameters", ()) for check in one.get("checks", ())
        ]
        for one, check in checks if tool else ():
            if check["check"] == "inferFromImages" and given.get("images"):
                raise LeftOutError("sizes")
            if check["check"] == "fetch" and any(x.url for x in given.get(one["name"], ())):
                raise LeftOutError("fetch")
        values = read(of.get("parameters", ()), call, given, tool)
        if of.get("problem"):
            raise CannotSendError(of["problem"])
        candidates = [one for one in of.get("candidates", []) if one.get("entry", entry) == entry]
        for one, check in checks:
            if check["check"] == "selects" and one["name"] in values:
                candidates = selected(candidates, check, values[one["name"]].strip())
        if tool and of.get("checkedCandidate", -1) >= 0:
            hold_limits(of["candidates"][of["checkedCandidate"]], given)
        for check in of.get("preflight", ()):
            if check.get("problem") or not self.secret(check["ref"]).strip():
                raise FailedError(check["ref"])
        failure: Exception = CannotSendError("no candidate")
        for candidate in candidates:
            try:
                return Tried(self, candidate, values, given).run()
            except (FailedError, CannotSendError, streams.StreamError) as problem:
                failure = problem
            if of["failover"]["policy"] == "chat" and not isinstance(failure, CannotSendError):
                raise LeftOutError("classes") from failure
            if of["failover"].get("rotatesOn") and candidate["credential"].get("more"):
                raise LeftOutError("classes") from failure
        raise failure


def selected(candidates: list[Any], check: Any, wanted: str) -> list[Any]:
    """The candidates that a call wants, in their order."""
    if check["field"] == "provider":
        return sorted(candidates, key=lambda one: one["provider"] != wanted.lower())
    if not all(half.strip() for half in wanted.partition("/")) and "otherwise" in check:
        return candidates
    return [one for one in candidates if one["ref"] == wanted]


def hold_limits(candidate: Any, given: dict[str, list[Input]]) -> None:
    """Hold the inputs of a call against the checked candidate. Raises CannotSendError."""
    for mode in candidate.get("modes", ()):
        if given and mode.get("inputs", []) == sorted(given):
            most = mode.get("limits", {})
            over = any(len(items) > most.get(kind, len(items)) for kind, items in given.items())
            if over or mode.get("enabled") is False:
                raise CannotSendError("it does not take so many inputs")


class Tried:
    """One candidate, and a call."""

    def __init__(self, of: Executor, candidate: Any, values: Any, inputs: Any) -> None:
        route, facts = candidate.get("route", {}), candidate.get("facts", {})
        if candidate.get("problem") or route.get("problem"):
            raise CannotSendError(candidate.get("problem") or route["problem"])
        self.of, self.candidate, self.responses = of, candidate, dict[str, Any]()
        self.key, self.base = self.found_key(), ""
        self.private = route.get("private", "refuse")
        if route.get("baseUrlRef"):
            self.base = of.secret(route["baseUrlRef"]).strip().rstrip("/")
            self.base = self.base.removesuffix(route.get("cut", ""))
        live = candidate.get("live", {})
        self.bodies: dict[str, Any] = {live.get("step", ""): None}
        for step in (one for one in candidate["steps"] if one["name"] == live.get("step")):
            with suppress(FailedError):
                candidate = known_by(candidate, self.json(step, self.url(step)))
        kinds = sorted(kind for kind, items in inputs.items() if items)
        modes = candidate.get("modes", [])
        mode: Any = next((one for one in modes if one.get("inputs", []) == kinds), {})
        enabled = [one for one in modes if one.get("enabled", True)]
        takes = {kind for one in enabled for kind in one.get("inputs", ())}
        takes |= {kind for one in enabled for kind, most in one.get("limits", {}).items() if most}
        if mode.get("enabled") is False or (not mode and modes and {*kinds} - takes):
            raise CannotSendError("it does not take these inputs")
        known: Any = {"string": str, "number": int | float, "boolean": bool}
        for name, value in (values.get("providerOptions") or {}).items() if modes else ():
            kind = candidate.get("options", {}).get(name)
            if kind is None or not isinstance(value, known[kind]):
                raise CannotSendError(f"it does not take {name}")
        self.values = normalized(mode, values, inputs)
        if facts.get("refused") and self.values.get("thinking") not in (None, *facts["levels"]):
            raise CannotSendError(facts["refused"])
        self.filler = Filler(self.values, self.placed(inputs), facts)
        self.filler.final = "lookup" not in facts
        self.steps = [
            one for one in candidate["steps"]
            if ("modes" not in one or (mode and mode["name"] in one["modes"]))
            and one["name"] != live.get("step")
        ]  # fmt: skip
        self.bodies = {one["name"]: self.filler.fill(one.get("body")) for one in self.steps}
        for one in self.steps:
            for way in [x for x in one.get("byKey", ()) if x["contains"] in self.key][:1]:
                self.bodies[one["name"]] = self.filler.fill(way["body"])
        self.started, deadline = of.now(), self.values.get(candidate.get("deadlineParameter", ""))
        self.deadline = deadline if is_number(deadline) else candidate.get("deadlineMs", 0)

    def placed(self, inputs: Any) -> Any:
        placing = self.candidate.get("placing")
        if placing is None or "images" not in inputs:
            return inputs
        holds = {one["name"]: one.get("holds", 0) for one in placing["places"]}
        taken: dict[str, int] = {}
        out = []
        for item in inputs["images"]:
            named = placing["roles"].get(item.role.strip())
            ways = [named] if named else placing["unnamed"]
            free = (x for x in ways if not holds.get(x) or taken.get(x, 0) < holds[x])
            place = next(free, placing["overflow"])
            taken[place] = taken.get(place, 0) + 1
            out.append(item._replace(place=place))
        return {**inputs, "images": out}

    def found_key(self) -> str:
        credential = self.candidate.get("credential", {})
        for link in credential.get("chain", ()):
            if link["state"] in ("marker", "unusable"):
                continue
            found = self.of.secret(link["ref"])
            if found and (link["kind"] == "profiles" or "profiles" in link):
                raise LeftOutError("profiles")
            key = found.strip() if link.get("verbatim") else cleaned(found)
            if key:
                return key
            if link.get("verbatim") and link["kind"] == "config" and "config:" not in link["ref"]:
                raise CannotSendError(credential["missing"])
        if credential.get("missing"):
            raise CannotSendError(credential["missing"])
        return ""

    # --- requests -----------------------------------------------------------------------------

    def headers(self, step: Any) -> dict[str, str]:
        ways = (way["headers"] for way in step.get("byKey", ()) if way["contains"] in self.key)
        out = {}
        for header in next(ways, step.get("headers", ())):
            value: Any = header.get("value", "")
            if "fill" in header:
                value = self.filler.fill(header["fill"])
            elif header.get("credential") or "ref" in header:
                value = (
                    self.key if header.get("credential") else self.of.secret(header["ref"]).strip()
                )
                whole = parsed(value) if "member" in header else None
                value = whole[header["member"]] if isinstance(whole, dict) else value
                value = f"{header.get('prefix', '')}{value}" if value else None
            if isinstance(value, str | int | float):
                out[header["name"].lower()] = str(value)
        return out

    def url(self, step: Any) -> str:
        url, way = step.get("url", ""), step.get("urlFrom")
        for name, form in step.get("fill", {}).items():
            url = url.replace(f"{{{name}}}", component(self.filler.fill(form)))
        if way is None:
            return str(url.replace("{baseUrl}", self.base, 1))
        if found := self.named(way.get("sources", ())):
            found = found if ":" in found.partition("/")[0] else plain(f"http://h/{found}")[9:]
            return str(urljoin(way.get("against", "").replace("{baseUrl}", self.base, 1), found))
        url = way.get("template", "").replace("{baseUrl}", self.base, 1)
        if not way.get("sources") and not way.get("values"):
            return str(urljoin(way.get("against", "").replace("{baseUrl}", self.base, 1), url))
        for name, sources in way.get("values", {}).items():
            value = self.named(sources)
            url = url.replace(f"{{{name}}}", value) if value else ""
        if not url:
            raise FailedError("no response names the URL")
        return str(url)

    def named(self, places: Any) -> str:
        for place in places:
            if found := text(self.responses.get(place["step"]), place["pointer"]):
                return component(found) if place.get("encode") == "uri-component" else found
        return ""

    def send(self, step: Any, url: str, body: Any = None) -> Answer:
        """The answer to a request and its redirects. Raises FailedError."""
        own = origin(plain(url)) == origin(step.get("origin") or self.base)
        headers, parts, content = self.headers(step) if own else {}, None, None
        if step.get("encoding") == "multipart":
            parts = [one for one in body if "value" in one or "base64" in one]
            content, headers["content-type"] = multipart(parts)
        elif body is not None:
            content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        if own and step.get("keyQuery") and self.key:
            url += f"{'&' if '?' in url else '?'}{step['keyQuery']}={quote(self.key, safe='')}"
        request = Request(step["name"], step["method"], url, headers, content, parts)
        for _ in range(4):
            if self.private != "allow" and is_private(request.url):
                raise FailedError("a private address")
            answer = self.of.transport(request)
            place = answer.headers.get("location")
            if answer.status not in (301, 302, 303, 307, 308) or not place:
                break
            there = plain(urljoin(request.url, place))
            method, content, headers = request.method, request.body, request.headers
            if answer.status == 303 or (answer.status < 303 and method == "POST"):
                method, content = "GET", None
                headers = {key: x for key, x in headers.items() if not key.startswith("content-")}
            if origin(there) != origin(request.url):
                headers, content = {}, None
            request = Request(step["name"], method, there, headers, content)
        if not 200 <= answer.status < 300:
            failure = FailedError(f"{step.get('label', '')} (HTTP {answer.status})", answer.status)
            word = answer.headers.get("x-should-retry")
            failure.again = {"true": True, "false": False}.get(word or "")
            raise failure
        return answer

    def repeated(self, step: Any, send: Callable[[], Any]) -> Any:
        """What ``send`` gives, asked for again as ``retry`` says."""
        retry = step.get("retry", {})
        for delay in (*retry.get("delaysMs", ()), None):
            failure = FailedError("no answer")
            try:
                return send()
            except NoConnectionError as problem:
                again = not problem.late or bool(retry.get("timeouts"))
            except FailedError as problem:
                failure, again, status = problem, problem.again is True, problem.status
                if retry and status and problem.again is None:
                    again = status in retry["statuses"] or status >= retry["fromStatus"]
            if delay is None or not again:
                raise failure
            self.of.sleep(delay / 1000)
        raise AssertionError

    def json(self, step: Any, url: str) -> Any:
        body = self.bodies[step["name"]]
        answer = self.repeated(step, lambda: self.send(step, url, body))
        value = parsed(answer.body.decode("utf-8-sig", "replace"))
        if not isinstance(value, dict | list):
            raise FailedError("the answer is not JSON")
        self.hold(step, value)
        return value

    def hold(self, step: Any, value: Any) -> None:
        """Hold an answer against what the step requires."""
        require = step.get("require", {})
        kinds = {"object": dict, "list": list, "texts": list}
        for pointer, shape in require.get("shapes", {}).items():
            found = first(value, pointer)
            if found is not None and (not isinstance(found, kinds[shape]) or (
                shape == "texts" and not all(isinstance(x, str) and x.strip() for x in found)
            )):  # fmt: skip
                raise FailedError(require["malformed"])
        if any(first(value, pointer) is not None for pointer in require.get("absent", ())):
            raise FailedError(require["message"])
        for pointer, wanted in require.get("equals", {}).items():
            if first(value, pointer) not in (None, wanted):
                raise FailedError(require["malformed"])
        if not all(text(value, pointer) for pointer in require.get("pointers", ())):
            raise FailedError(require["message"])

    def poll(self, step: Any) -> Any:
        poll = step["poll"]

        def is_done(value: Any, begun: bool = False) -> bool:
            status = text(value, poll["status"])
            status = "true" if first(value, poll["status"]) is True else status
            if status in poll.get("done", ()) or (begun and not (status and "waiting" in poll)):
                return status in poll.get("done", ())
            if status in poll.get("failed", ()) or (
                poll.get("waiting") and status not in poll["waiting"]
            ):
                raise FailedError(poll["failedMessage"])
            return False

        before = self.responses.get(poll.get("skipIfDone", ""))
        if before is not None and is_done(before, True):
            return before
        url, start, total = self.url(step), self.of.now(), poll["totalMs"]
        if self.deadline:
            left = self.deadline - (start - self.started) * 1000
            total = left if poll.get("replaced") else min(total, left)
        if poll.get("waitsFirst"):
            self.of.sleep(min(poll["intervalMs"], total) / 1000)
        for _ in range(poll["attempts"]):
            if (self.of.now() - start) * 1000 >= total:
                raise FailedError("it takes too long")
            value = self.json(step, url)
            if is_done(value):
                return value
            left = total - (self.of.now() - start) * 1000
            self.of.sleep(max(0, min(poll["intervalMs"], left)) / 1000)
        raise FailedError(poll["exhaustedMessage"])

    # --- the steps ------------------------------------------------------------------------------

    def run(self) -> Any:
        result = self.candidate.get("result", {})
        lookup = self.candidate.get("facts", {}).get("lookup", {})
        out: Any = None
        for step in self.steps:
            places = step.get("urlFrom", {}).get("sources", ())
            each = step.get("urlFrom", {}).get("values", {}).values()
            named = self.named([*places, *(one for found in each for one in found)])
            if step.get("optional") and "urlFrom" in step and not named:
                continue
            if lookup.get("step") == step["name"]:
                self.look_up(step, lookup)
            elif step.get("stream"):
                answer = self.repeated(step, partial(self.answer, step))
                if result["kind"] != "chat":
                    raise LeftOutError("result")
                out = streams.answer(answer.body, result)
            elif "poll" in step:
                self.responses[step["name"]] = self.poll(step)
            elif result.get("bytes", {}).get("step") == step["name"]:
                out = self.repeated(step, partial(self.media, step, result))
            else:
                copies = int(self.values.get(step.get("copiesParameter", ""), 1))
                self.responses[step["name"]] = self.several(step, copies)[0]
        return self.images(result) if result.get("kind") == "images" else out or self.responses

    def answer(self, step: Any) -> Answer:
        return self.send(step, self.url(step), self.bodies[step["name"]])

    def several(self, step: Any, copies: int) -> list[Any]:
        """The answers to a request that is sent so many times. Raises FailedError."""
        found: list[Any] = []
        failed: list[FailedError] = []
        for _ in range(copies):
            try:
                found.append(self.json(step, self.url(step)))
            except FailedError as problem:
                failed.append(problem)
        if failed:
            raise failed[0]
        return found

    def media(self, step: Any, result: Any) -> bytes:
        answer = self.answer(step)
        kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind in result["mime"].get("refuse", ()):
            raise FailedError(f"the answer is {kind}")
        if "decode" not in result:
            return answer.body
        value, form = parsed(answer.body.decode()), result["decode"]
        self.hold(step, value)
        if not text(value, form["at"]):
            raise FailedError(form["missing"], again=True)
        return text(value, form["at"]).encode()

    def images(self, result: Any) -> list[str]:
        """The images as texts, and those that are links fetched."""
        value, out = self.responses[result["step"]], list[str]()
        for owner in every(value, result["within"]):
            for entry in result["collect"]:
                ways = entry.get("forms") or [entry]
                for item in every(owner, entry["each"]):
                    out += filter(None, (text(item, at) for way in ways for at in way["take"]))
        links = [one for at in result.get("links", ()) for one in every(value, at)]
        for link in (one.strip() for one in links if isinstance(one, str) and one.strip()):
            step = {"name": "download", "method": "GET", "origin": "http://none"}
            out.append(str(len(self.send(step, link).body)))
        if not out:
            raise FailedError(result["missing"])
        return out

    def look_up(self, step: Any, lookup: Any) -> None:
        """Better facts, and the bodies that they make."""
        try:
            response = self.json(step, self.url(step))
        except FailedError:
            if not step.get("optional"):
                raise
            response = None
        facts = dict(self.filler.facts)
        items = every(response, f"{lookup['items']}/*")
        fits = (
            item for item in items
            if all(first(item, at) == wanted for at, wanted in lookup["where"].items())
        )  # fmt: skip
        item = next(fits, None)
        for name, form in lookup.items() if item is not None else ():
            if name not in ("step", "items", "where"):
                facts[name] = better(name, form, item)
                if facts[name] < form.get("least", facts[name]):
                    raise CannotSendError(f"its {name} is too small")
        self.filler.facts, self.filler.final = facts, True
        for one in self.steps:
            self.bodies[one["name"]] = self.filler.fill(one.get("body"))


def known_by(candidate: Any, response: Any) -> Any:
    """A candidate as a list of models has it."""
    live = candidate["live"]
    items = every(response, f"{live['items']}/*")
    item = next((one for one in items if text(one, live["id"]) == live["model"]), None)
    modes = []
    for mode in candidate["modes"] if item is not None else ():
        rules, limits = [*mode.get("normalize", ())], dict(mode.get("limits", {}))
        known = {
            name: read_list(first(item, x["at"]), x["as"]) for name, x in live["values"].items()
        }
        if limit := live["limits"].get(mode["name"]):
            named = first(item, limit["at"])
            most = sum(word in named for word in limit["words"]) if isinstance(named, list) else 0
            limits[limit["inputs"]] = most
            known[f"input{limit['inputs'].title()}"] = [most]
        rules = [{**x, "values": known.get(x["parameter"]) or x.get("values", [])} for x in rules]
        for name, at in live["flags"].items():
            flag = first(item, at)
            if isinstance(flag, bool):
                rules = [one for one in rules if one["parameter"] != name]
                rules += [] if flag else [{"parameter": name, "to": "drop"}]
        enabled = mode.get("enabled", True) and (not limit or most > 0)
        modes.append({**mode, "normalize": rules, "limits": limits, "enabled": enabled})
    return {**candidate, "modes": modes or candidate["modes"]}


def read_list(found: Any, form: str) -> list[Any]:
    found = found if isinstance(found, list) else []
    if form == "numbers":
        return sorted({math.floor(one + 0.5) for one in found if is_number(one) and one > 0})
    texts = [one.strip() for one in found if isinstance(one, str) and one.strip()]
    return [one.upper() for one in texts] if form == "upper" else texts


def better(name: str, form: Any, item: Any) -> Any:
    """A fact as an object of a list has it."""
    at = form["at"]
    values = [first(item, one) for one in ([at] if isinstance(at, str) else at)]
    if "contract" in form:
        contract = first(item, form["contract"])
        if isinstance(contract, dict) and isinstance(contract.get("mandatory"), bool):
            named = contract.get("supported_efforts", [])
            known = ("minimal", "low", "medium", "high", "xhigh", "max")
            levels = [one for one in known if named is None or one in named]
            off = [] if contract["mandatory"] else ["off"]
            way = "efforts" if levels else "switch"
            return [*off, *(levels or ["low"])] if name == "levels" else way
        says = isinstance(values[0], list) and form["holds"] in values[0]
        usual = (form.get("usual", []), "usual") if says else (["off"], "none")
        return usual[0] if name == "levels" else usual[1]
    if "holds" in form:
        said = next((one for one in values if isinstance(one, str | list)), None)
        if isinstance(said, str):
            said = said.partition(form.get("before") or "\0")[0]
        return form.get("unsaid", False) if said is None else form["holds"] in said
    found = next((int(one) for one in values if is_number(one) and one > 0), form["default"])
    return min(found, form.get("most", found))
