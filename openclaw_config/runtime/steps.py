"""Carrying out the steps of one candidate, in order, down to its result."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar
from urllib.parse import quote

from openclaw_config.plan.model import Candidate, Json, Poll, Require, ResponseValue, Step
from openclaw_config.plan.urls import UrlError, parse, sendable
from openclaw_config.plan.values import SHAPES, every_at, first_at, is_number, text_at
from openclaw_config.runtime import failover, results
from openclaw_config.runtime.bind import BoundCandidate, deadline_ms, facts_of, limits, timeout_ms
from openclaw_config.runtime.errors import FailureError, failed
from openclaw_config.runtime.events import Polled, Received, Submitted, Waiting
from openclaw_config.runtime.exchange import (
    MOST_CHARACTERS,
    MOST_JSON,
    Access,
    Exchange,
    Session,
    announced,
    said,
)
from openclaw_config.runtime.inputs import mime_of
from openclaw_config.runtime.results import ChatAnswer, Job, Media, Result, sink_of
from openclaw_config.runtime.stream import read_answer, read_recording
from openclaw_config.runtime.transport import Incoming

T = TypeVar("T")


class StepRunner:
    """One candidate's steps being carried out.

    ``ready`` is None when a saved job is picked up, whose remaining steps have no bodies.
    """

    def __init__(
        self,
        session: Session,
        candidate: Candidate,
        access: Access,
        ready: BoundCandidate | None,
    ) -> None:
        job = session.job
        self._session = session
        self._candidate = candidate
        self._ready = ready
        self._exchange = Exchange(session, access)
        self._clock = session.clock
        self._responses = dict(job.responses) if job is not None else {}
        self._values = ready.values if ready is not None else job.values if job else {}
        self._deadline_ms = deadline_ms(candidate, self._values)
        self._started = session.clock.now()
        self._facts: dict[str, Any] | None = None
        self._media: tuple[Media, ...] = ()
        self._answer: ChatAnswer | None = None
        self._model = self._words = ""

    async def run(self) -> Result:
        """Carry out the steps and take the result out. Raises FailureError, behind the gate."""
        try:
            return await self._run()
        except FailureError as failure:
            mask = self._exchange.mask.text
            failure.message = mask(failure.message)
            failure.request_id = mask(failure.request_id)
            failure.client_text = mask(failure.client_text)
            failure.args = (failure.message,)
            # The exceptions and frames behind it may show secrets.
            failure.__cause__ = failure.__context__ = None
            raise failure.with_traceback(None)  # noqa: B904

    async def _run(self) -> Result:
        result = self._candidate.result or {}
        live = (self._candidate.live or {}).get("step")
        facts = self._candidate.facts
        lookup: Json = (facts.lookup if facts is not None else None) or {}
        for step in self._candidate.steps:
            if step.name in self._responses or step.name == live:
                continue
            if lookup.get("step") == step.name:
                await self._look_up(step, lookup)
            elif result.get("kind") == "music":
                await self._compose(step)
            elif step.stream:
                await self._stream(step)
            elif step.poll is not None:
                await self._poll(step)
            elif (result.get("bytes") or {}).get("step") == step.name:
                await self._download(step)
            else:
                await self._simple(step)
        if result.get("kind") == "images":
            await self._images(result)
        elif result.get("kind") == "text":
            text = results.field(result["text"], self._responses)
            self._words = self._exchange.mask.text(text) if isinstance(text, str) else ""
        if "linked" in result:
            name = result["fileName"][-1]["name"]
            self._media = (Media(result["mime"]["default"], name, 0, url=self._address()),)
        if not (self._media or self._words) and self._answer is None:
            raise FailureError("response", "no step gives the result")
        return self._result(result)

    # --- limits and URLs ----------------------------------------------------------------------

    def _limit_ms(self, step: Step, most_ms: int = 0) -> int:
        """What a request may take: its own limit, and what is left of the deadline and phase."""
        found = [limit for limit in (timeout_ms(step, self._values), most_ms) if limit > 0]
        if self._deadline_ms:
            found.append(self._left_ms(step, self._started, self._deadline_ms))
        return min(found, default=0)

    def _left_ms(self, step: Step, since: float, total_ms: int) -> int:
        """What is left of a time that began at ``since``. Raises FailureError."""
        left = total_ms - round((self._clock.now() - since) * 1000)
        if left <= 0:
            message = self._candidate.timeout_message or "timed out after {ms} ms"
            message = message.replace("{ms}", str(self._deadline_ms or total_ms))
            raise FailureError("timeout", message, step=step.name)
        return left

    def _idle_ms(self, step: Step) -> int:
        """How long a stream may be silent: never longer than the run as a whole (CHAT-55)."""
        found = [limit for limit in (step.idle_timeout_ms, self._session.limit_ms) if limit > 0]
        return min(found) if step.idle_timeout_ms else 0

    def _url(self, step: Step) -> str:
        named = step.url_from
        if named is None:
            return step.url
        if found := self._text(named.sources):
            try:
                return sendable(found, parse(named.against)).text
            except UrlError as error:
                message = f"the URL in the response cannot be used: {error}"
                raise failed(step, "url", message) from error
        url = named.template
        for name, sources in named.values:
            value = self._text(sources)
            url = url.replace(f"{{{name}}}", value) if value else ""
        if not url:
            raise failed(step, "response", "no response names the URL")
        return url

    def _named(self, step: Step) -> bool:
        """Whether a response names what a step's URL is made of."""
        url = step.url_from
        places = [*url.sources, *(one for _, each in url.values for one in each)] if url else []
        return bool(self._text(places))

    def _text(self, sources: Iterable[ResponseValue]) -> str:
        """The first text that the responses have at one of some places, "" without one."""
        for value in sources:
            if found := text_at(self._responses.get(value.step), value.pointer):
                # What JavaScript's encodeURIComponent leaves alone.
                return quote(found, safe="!'()*~") if value.encode == "uri-component" else found
        return ""

    def _body(self, step: Step) -> Json:
        return self._ready.body(step, self._facts) if self._ready is not None else None

    # --- kinds of steps -----------------------------------------------------------------------

    async def _simple(self, step: Step) -> None:
        """A request whose answer is JSON."""
        if step.optional and step.url_from is not None and not self._named(step):
            return  # Another step has what this one would ask for.
        limit = self._limit_ms(step)
        copies = self._values.get(step.copies_parameter, 1)
        sent = [self._json(step, self._url(step), limit) for _ in range(copies)]
        answers = await asyncio.gather(*sent, return_exceptions=True)
        for value in answers:
            if isinstance(value, BaseException):
                raise value
            self._check(step, value)
        self._responses[step.name] = value = answers if step.copies_parameter else answers[0]
        steps = self._candidate.steps
        if any(later.poll is not None for later in steps[steps.index(step) + 1 :]):
            hidden = self._exchange.mask.json(self._responses)
            kept = limits(self._candidate, self._values)
            job = Job(self._session.plan.surface, self._candidate.ref, hidden, kept)
            self._exchange.tell(Submitted(job))

    def _check(self, step: Step, value: Any) -> None:
        """Hold an answer against what the step requires of it. Raises FailureError."""
        require = step.require or Require((), "")
        for pointer, shape in require.shapes:
            found = first_at(value, pointer)
            if (found is not None or not pointer) and not SHAPES[shape](found):
                raise FailureError("response", require.malformed, step=step.name)
        for pointer in require.absent:
            if (error := first_at(value, pointer)) is not None:
                raise FailureError("job", self._said(error) or require.message, step=step.name)
        for pointer, wanted in (require.equals or {}).items():
            found = first_at(value, pointer)
            if found is not None and found != wanted:
                raise self._incomplete(step.name, require.malformed, value)
        for pointer in require.pointers:
            if not text_at(value, pointer):
                raise self._incomplete(step.name, require.message, value)

    def _said(self, error: Any) -> str:
        """What a server says with an error, a text or an object, "" when there is none."""
        return self._exchange.mask.line(said({"error": error}), MOST_CHARACTERS)

    def _incomplete(self, step: str, message: str, response: Any) -> FailureError:
        """The failure of an answer that lacks what it is for, with the error that it has."""
        said = self._said(first_at(response, "/error"))
        return FailureError("response", f"{message}: {said}" if said else message, step=step)

    async def _json(self, step: Step, url: str, limit_ms: int) -> Any:
        most, result = MOST_JSON, self._candidate.result or {}
        if result.get("kind") == "images" and result.get("step") == step.name:
            most = max(most, int(result["most"]) * 8)  # Images travel in it, as base64.
        body = self._body(step)
        return await self._repeated(
            step, lambda _: self._exchange.json(step, url, body, limit_ms, most)
        )

    async def _look_up(self, step: Step, lookup: Json) -> None:
        """A request for better facts, which may fail; its answer serves later calls too."""
        url, known = self._url(step), self._session.looked_up
        self._facts = facts_of(self._candidate)
        try:
            if url not in known:
                known[url] = await self._json(step, url, self._limit_ms(step))
        except FailureError:
            if not step.optional:
                raise
        self._facts = better(self._facts, lookup, known.get(url)) or self._facts
        small = too_small(self._facts, lookup)
        if small:
            why = f"does not take {small}" if small == "images" else f"its {small} is too small"
            raise FailureError("unusable", f"{self._candidate.ref}: {why}")

    async def _poll(self, step: Step) -> None:
        """The same request until the job is done (VID-51, VID-53)."""
        poll = step.poll
        assert poll is not None
        before = self._responses.get(poll.skip_if_done)
        if before is not None and self._is_done(step, poll, before, submitted=True):
            self._responses[step.name] = before
            return
        url, start = self._url(step), self._clock.now()
        total_ms = poll.total_ms
        if self._deadline_ms:
            left = self._left_ms(step, self._started, self._deadline_ms)
            total_ms = left if poll.replaced else min(total_ms, left)
        if poll.waits_first:
            await self._clock.sleep(min(poll.interval_ms, total_ms) / 1000)
        for _ in range(poll.attempts):
            left = self._left_ms(step, start, total_ms)
            value = await self._json(step, url, self._limit_ms(step, left))
            self._check(step, value)
            elapsed = self._clock.now() - start
            shown = self._exchange.mask.line(_status(value, poll), 40)
            self._exchange.tell(Polled(step.name, shown, elapsed))
            if self._is_done(step, poll, value):
                self._responses[step.name] = value
                return
            pause = min(poll.interval_ms, max(0, total_ms - round(elapsed * 1000))) / 1000
            self._exchange.tell(Waiting(step.name, pause, shown))
            await self._clock.sleep(pause)
        raise FailureError("timeout", poll.exhausted_message, step=step.name)

    def _is_done(self, step: Step, poll: Poll, value: Any, *, submitted: bool = False) -> bool:
        """Whether an answer says that the job is done. Raises FailureError when it failed.

        ``submitted`` is for the answer that began the job, which need not say anything.
        """
        status = _status(value, poll)
        if status in poll.done or (submitted and not (poll.waiting and status)):
            return status in poll.done
        if status in poll.failed:
            said = self._said(first_at(value, poll.error))
            shown = self._exchange.mask.line(status, 40)
            message = said or poll.failed_message.replace("{status}", shown)
            raise FailureError("job", message, step=step.name)
        if poll.waiting and status not in poll.waiting:
            raise FailureError("response", poll.malformed, step=step.name)
        return False

    async def _download(self, step: Step) -> None:
        """A request whose answer is the result's bytes, kept piece by piece."""
        result, exchange = self._candidate.result, self._exchange

        limit, most = self._limit_ms(step), int(result["bytes"]["most"])
        if "decode" in result:
            await self._decode(step, result, limit, most)
            return
        async with exchange.answer(step, self._url(step), self._body(step), limit) as incoming:
            mime, name = results.media_type(result, incoming.headers, step.name, exchange.mask)
            size, total = 0, announced(incoming)
            async with sink_of(self._session.target, name) as sink:
                async for piece in exchange.pieces(step, incoming, most, final=True):
                    size += len(piece)
                    sink.write(piece)
                    exchange.tell(Received(step.name, size, total))
        self._media = (Media(mime, name, size, sink.data, sink.path, self._address()),)

    async def _decode(self, step: Step, result: Json, limit: int, most: int) -> None:
        """A request whose answer is JSON that has the result's bytes as text (NEED-25)."""
        form = result["decode"]
        body, url = self._body(step), self._url(step)

        async def recording(_: int) -> bytes:
            value = await self._exchange.json(step, url, body, limit, most * 8)
            self._check(step, value)
            data = results.decoded(text_at(value, form["at"]), form)
            if not data:  # An empty answer is asked for again, where a step is (SPK-33).
                raise replace(self._incomplete(step.name, form["missing"], value), again="yes")
            return data

        data = await self._repeated(step, recording)
        mime = result["mime"]["default"]
        await self._keep(Media(mime, f"audio-1{result['extension']}", len(data), data))

    async def _compose(self, step: Step) -> None:
        """A request whose answer is a stream with a recording, kept once it is whole (MUS-30)."""
        result, exchange, limit = self._candidate.result, self._exchange, self._limit_ms(step)
        async with exchange.answer(step, self._url(step), self._body(step), limit) as incoming:
            data, words = await read_recording(step, result, incoming, exchange)
        form, types = self._values.get(result["format"]["parameter"]), result["types"]
        if form not in tuple(types):
            form = result["format"]["default"]
        mime, name = types.get(form, ""), result["fileName"].replace("{format}", form)
        await self._keep(Media(mime, name, len(data), data))
        self._words = exchange.mask.text(words)

    async def _stream(self, step: Step) -> None:
        """A request whose answer is a stream, repeated while none has begun (CHAT-56)."""
        incoming = await self._opened(step)
        try:
            self._answer, self._model = await read_answer(
                step, self._candidate.result, incoming, self._exchange, self._idle_ms(step)
            )
        finally:
            await incoming.close()

    async def _opened(self, step: Step) -> Incoming:
        url, body = self._url(step), self._body(step)
        # The watch over silence starts once: repetitions do not prolong it.
        start, silence_ms = self._clock.now(), self._idle_ms(step)

        async def opened(tries: int) -> Incoming:
            limit = patience = self._limit_ms(step)
            if silence_ms:
                left = max(1, silence_ms - round((self._clock.now() - start) * 1000))
                patience = min(left, limit or left)
            async with self._exchange.within(step, patience):
                idle_ms = 0 if tries else silence_ms
                return await self._exchange.open(step, url, body, limit, idle_ms)

        return await self._repeated(step, opened)

    async def _repeated(self, step: Step, send: Callable[[int], Awaitable[T]]) -> T:
        """What ``send`` gives, which takes the number of tries before it (CHAT-56)."""
        delays = step.retry.delays_ms if step.retry is not None else ()
        for tries, usual_ms in enumerate(delays):
            try:
                return await send(tries)
            except FailureError as failure:
                if step.retry is None or not failover.is_retried(failure, step.retry):
                    raise
                pause = (usual_ms if failure.wait_ms is None else failure.wait_ms) / 1000
                self._exchange.tell(Waiting(step.name, pause, failure.message))
            await self._clock.sleep(pause)
        return await send(len(delays))

    # --- the result ---------------------------------------------------------------------------

    async def _images(self, result: Json) -> None:
        answer = self._responses.get(result["step"])
        result = {**result, "collect": [self._typed(entry) for entry in result["collect"]]}
        step = next(one for one in self._candidate.steps if one.name == result["step"])
        found = []
        for response in answer if step.copies_parameter and isinstance(answer, list) else [answer]:
            images = results.images(result, response)
            for url in results.links(result, response):
                images.append(await self._fetched(result, url, len(images) + 1))
            if not images:
                raise self._incomplete(step.name, result["missing"], response)
            found += images
        for number, media in enumerate(found, 1):
            await self._keep(media, number)

    def _address(self) -> str:
        """Where the provider has the result, as far as the plan says where to find that."""
        found = results.field((self._candidate.result or {}).get("address"), self._responses)
        return self._exchange.mask.text(found) if isinstance(found, str) else ""

    def _typed(self, entry: Json) -> Json:
        """How images are collected, with the type that the call asked for."""
        by = entry.get("mimeBy")
        wanted = by and by["table"].get(self._values.get(by["parameter"]))
        return {**entry, "given": wanted} if wanted else entry

    async def _fetched(self, result: Json, url: str, number: int) -> Media:
        """An image that an answer names: fetched without any header of ours (IMGP-42)."""
        step = Step("download", "GET", url, "", timeout_ms=result["fetchMs"], label=result["label"])
        async with self._exchange.answer(step, url, None, self._limit_ms(step)) as incoming:
            data = await self._exchange.read(step, incoming, int(result["most"]))
        named = incoming.headers.get("content-type", "").partition(";")[0].strip()
        kind = named or mime_of(data) or "image/png"
        return Media(kind, results.image_name(result, number, kind), len(data), data)

    def _sent_model(self, result: Json) -> Any:
        """The id that was sent instead of the candidate's, None where that was."""
        mode = self._ready.mode if self._ready is not None else None
        by_mode = result.get("models", {}).get(mode.name if mode is not None else "")
        return by_mode or self._values.get("sentModel")

    async def _keep(self, media: Media, number: int = 1) -> None:
        """Put a result of the call where the caller wants it."""
        async with sink_of(self._session.target, media.file_name, number) as sink:
            sink.write(media.data or b"")
        self._media += (media._replace(data=sink.data, path=sink.path),)

    def _result(self, result: Json) -> Result:
        mask = self._exchange.mask
        answer, most = self._answer, result.get("mostCharacters") or None
        if answer is not None:
            answer = answer._replace(text=answer.text[:most])
        model = results.field(result.get("model"), self._responses) or self._sent_model(result)
        extra = {
            name: result[name]
            for name in ("extension", "outputFormat", "voiceNote")
            if name in result
        }
        return Result(
            surface=self._session.plan.surface,
            ref=self._candidate.ref,
            provider=self._candidate.provider,
            model=mask.line(model) if isinstance(model, str) else self._candidate.model,
            media=self._media,
            answer=answer,
            metadata=mask.json(results.metadata(result, self._responses)),
            extra={**extra, **({"answeredBy": self._model} if self._model else {})},
            words=self._words[:most],
        )


def _status(value: Any, poll: Poll) -> str:
    """The word that tells how a job is."""
    return "true" if first_at(value, poll.status) is True else text_at(value, poll.status)


def better(facts: Mapping[str, Any], lookup: Json, response: Any) -> dict[str, Any] | None:
    """The facts with those that a response knows put over them; None when it knows the model not.

    ``lookup`` is the plan's ``facts.lookup``.
    """
    for item in every_at(response, f"{lookup['items']}/*"):
        if all(first_at(item, at) == value for at, value in lookup["where"].items()):
            return {**facts, **{name: _fact(form, item) for name, form in _forms(lookup).items()}}
    return None


_EFFORTS = ("minimal", "low", "medium", "high", "xhigh", "max")


def _contract(form: Json, item: Any) -> tuple[str, list[str]]:
    """How a model of a list is asked to think, and the levels it offers (CHAT-20', CHAT-51')."""
    contract = first_at(item, form["contract"])
    if not isinstance(contract, Mapping) or not isinstance(contract.get("mandatory"), bool):
        listed = first_at(item, form["at"])
        reasons = isinstance(listed, list) and form["holds"] in listed
        return ("usual", list(form.get("usual", ()))) if reasons else ("none", ["off"])
    off = [] if contract["mandatory"] else ["off"]
    efforts = contract.get("supported_efforts", [])
    listed = efforts if isinstance(efforts, list) else []
    known = _EFFORTS if efforts is None else [one for one in _EFFORTS if one in listed]
    return ("efforts", [*off, *known]) if known else ("switch", [*off, "low"])


def too_small(facts: Mapping[str, Any], lookup: Json) -> str:
    """The name of a fact below the least that its form asks for, or ""."""
    forms = _forms(lookup).items()
    small = (name for name, form in forms if facts[name] < form.get("least", facts[name]))
    return next(small, "")


def _forms(lookup: Json) -> dict[str, Json]:
    return {name: form for name, form in lookup.items() if name not in {"step", "items", "where"}}


def _fact(form: Json, item: Any) -> Any:
    if "contract" in form:
        thinking, levels = _contract(form, item)
        return levels if "usual" in form else thinking
    at = form["at"]
    values = [first_at(item, one) for one in ([at] if isinstance(at, str) else at)]
    if "holds" in form:
        value = next((one for one in values if isinstance(one, str | list)), None)
        if value is None:
            return form.get("unsaid", False)
        if isinstance(value, str):
            return form["holds"] in value.partition(form.get("before") or "\0")[0]
        return form["holds"] in value
    found = next((int(one) for one in values if is_number(one) and one > 0), form["default"])
    return min(found, form.get("most", found))
