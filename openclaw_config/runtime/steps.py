"""Carrying out the steps of one candidate, in order, down to its result."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from openclaw_config.plan.model import Candidate, Json, Poll, Require, ResponseValue, Retry, Step
from openclaw_config.plan.values import SHAPES, first_at, text_at
from openclaw_config.runtime import failover, results
from openclaw_config.runtime.bind import BoundCandidate, deadline_ms, limiting, timeout_ms
from openclaw_config.runtime.errors import FailureError, failed
from openclaw_config.runtime.events import Polled, Received, Submitted, Waiting
from openclaw_config.runtime.exchange import MOST_CHARACTERS, MOST_JSON, Exchange, announced, said
from openclaw_config.runtime.inputs import mime_of
from openclaw_config.runtime.results import Job, Media, Result
from openclaw_config.runtime.stream import ChatAccumulator, read_recording
from openclaw_config.runtime.transport import Incoming


class StepRunner:
    """One candidate's steps being carried out.

    ``ready`` is None when a saved job is picked up, whose remaining steps have no bodies.
    """

    def __init__(
        self, exchange: Exchange, candidate: Candidate, ready: BoundCandidate | None
    ) -> None:
        self._exchange = exchange
        self._mask = exchange.mask
        self._session = exchange.session
        self._clock = exchange.session.clock
        self._candidate = candidate
        self._form: Json = candidate.result or {}
        self._ready = ready
        job = exchange.session.job
        self._responses = dict(job.responses) if job is not None else {}
        self._values = ready.values if ready is not None else job.values if job else {}
        self._deadline_ms = deadline_ms(candidate, self._values)
        self._started = self._clock.now()
        # What the steps gave so far.
        plan = exchange.session.plan
        self._result = Result(plan.surface, candidate.ref, candidate.provider, candidate.model)

    async def run(self) -> Result:
        """Carry out the steps and take the result out. Raises FailureError."""
        form, live = self._form, (self._candidate.live or {}).get("step")
        for step in self._candidate.steps:
            if step.name in self._responses or step.name == live:
                continue
            if form.get("kind") == "music":
                await self._compose(step)
            elif step.stream:
                await self._stream(step)
            elif step.poll is not None:
                self._responses[step.name] = await self._polled(step, step.poll)
            elif (form.get("bytes") or {}).get("step") == step.name:
                await self._download(step)
            else:
                await self._simple(step)
        if form.get("kind") == "images":
            await self._images()
        elif form.get("kind") == "text":
            self._add(words=self._answered("text"))
        if "linked" in form:
            name = form["fileName"][-1]["name"]
            self._add(Media(form["mime"]["default"], name, 0, url=self._answered("address")))
        if not (self._result.media or self._result.words or self._result.answer):
            raise FailureError("response", "no step gives the result")
        return self._whole()

    def _add(self, *media: Media, **fields: Any) -> None:
        """Put what a step gave into the result."""
        self._result = self._result._replace(media=(*self._result.media, *media), **fields)

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

    def _filled(self, step: Step, most_ms: int = 0) -> Step:
        """A step as it is sent: its URL, its body, and what it may take."""
        url, limit = self._url(step), self._limit_ms(step, most_ms)
        if not url:
            raise failed(step, "response", "no response names the URL")
        return step._replace(url=url, timeout_ms=limit, idle_timeout_ms=0)

    def _url(self, step: Step) -> str:
        """A step's URL, "" when no response names it."""
        named = step.url_from
        if named is None:
            return step.url
        if found := self._text(named.sources):
            return found
        url = named.template
        for name, sources in named.values:
            value = self._text(sources)
            url = url.replace(f"{{{name}}}", value) if value else ""
        return url

    def _text(self, sources: Iterable[ResponseValue]) -> str:
        """The first text that the responses have at one of some places, "" without one."""
        for value in sources:
            if found := text_at(self._responses.get(value.step), value.pointer):
                # What JavaScript's encodeURIComponent leaves alone.
                return quote(found, safe="!'()*~") if value.encode == "uri-component" else found
        return ""

    # --- kinds of steps -----------------------------------------------------------------------

    async def _simple(self, step: Step) -> None:
        """A request whose answer is JSON."""
        if step.optional and not self._url(step):
            return  # Another step has what this one would ask for.
        copies = self._values.get(step.copies_parameter, 1)
        sent = [self._json(self._filled(step)) for _ in range(copies)]
        answers = await asyncio.gather(*sent, return_exceptions=True)
        for value in answers:
            if isinstance(value, BaseException):
                raise value
        self._responses[step.name] = answers if step.copies_parameter else answers[0]
        steps = self._candidate.steps
        if any(later.poll is not None for later in steps[steps.index(step) + 1 :]):
            hidden = self._mask.json(self._responses)
            names = limiting(self._candidate)
            kept = {name: value for name, value in self._values.items() if name in names}
            job = Job(self._session.plan.surface, self._candidate.ref, hidden, kept)
            self._exchange.tell(Submitted(job))

    async def _json(self, step: Step, take: Callable[[Any], Any] = lambda value: value) -> Any:
        """What ``take`` makes of the JSON that a step answers, if the step is content with it."""
        holder = self._form.get("bytes") or self._form
        # Images and recordings travel in it, as text.
        own = int(holder.get("most", 0)) * 8 if holder.get("step") == step.name else 0

        async def asked(_: int) -> Any:
            value = await self._exchange.json(step, max(own, MOST_JSON))
            self._check(step, value)
            return take(value)

        return await self._repeated(step, asked)

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
        return self._mask.line(said({"error": error}), MOST_CHARACTERS)

    def _incomplete(self, step: str, message: str, response: Any) -> FailureError:
        """The failure of an answer that lacks what it is for, with the error that it has."""
        said = self._said(first_at(response, "/error"))
        return FailureError("response", f"{message}: {said}" if said else message, step=step)

    async def _polled(self, step: Step, poll: Poll) -> Any:
        """What the same request answers once the job is done (VID-51, VID-53).

        Raises FailureError.
        """
        value = self._responses.get(poll.skip_if_done)
        if value is not None and self._is_done(step, poll, value, submitted=True):
            return value
        start, total_ms = self._clock.now(), poll.total_ms
        if self._deadline_ms:
            left = self._left_ms(step, self._started, self._deadline_ms)
            total_ms = left if poll.replaced else min(total_ms, left)
        if poll.waits_first:
            await self._clock.sleep(min(poll.interval_ms, total_ms) / 1000)
        for _ in range(poll.attempts):
            value = await self._json(self._filled(step, self._left_ms(step, start, total_ms)))
            elapsed = self._clock.now() - start
            shown = self._mask.line(_status(value, poll), 40)
            self._exchange.tell(Polled(step.name, shown, elapsed))
            if self._is_done(step, poll, value):
                return value
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
            shown = self._mask.line(status, 40)
            message = self._said(first_at(value, poll.error))
            message = message or poll.failed_message.replace("{status}", shown)
            raise FailureError("job", message, step=step.name)
        if poll.waiting and status not in poll.waiting:
            raise FailureError("response", poll.malformed, step=step.name)
        return False

    async def _download(self, step: Step) -> None:
        """A request whose answer is the result's bytes, kept piece by piece."""
        form, exchange, step = self._form, self._exchange, self._filled(step)
        if "decode" in form:
            data = await self._json(step, lambda value: self._decoded(step, value))
            name = f"audio-1{form['extension']}"
            return await self._keep(Media(form["mime"]["default"], name, len(data), data))
        async with exchange.answer(step) as incoming:
            mime, name = results.media_type(form, incoming.headers, step.name, self._mask)
            media = Media(mime, name, 0, url=self._answered("address"))
            pieces = self._pieces(step, incoming)
            self._add(await results.kept(media, pieces, self._session.target))

    async def _pieces(self, step: Step, incoming: Incoming) -> AsyncIterator[bytes]:
        size, total, most = 0, announced(incoming), int(self._form["bytes"]["most"])
        async for piece in self._exchange.pieces(step, incoming, most, final=True):
            size += len(piece)
            self._exchange.tell(Received(step.name, size, total))
            yield piece

    def _decoded(self, step: Step, value: Any) -> bytes:
        """The result's bytes, which a JSON answer has as text (NEED-25). Raises FailureError."""
        how = self._form["decode"]
        data = results.decoded(text_at(value, how["at"]), how)
        if not data:  # An empty answer is asked for again, where a step is (SPK-33).
            raise replace(self._incomplete(step.name, how["missing"], value), again="yes")
        return data

    async def _compose(self, step: Step) -> None:
        """A request whose answer is a stream with a recording, kept once it is whole (MUS-30)."""
        form, step = self._form, self._filled(step)
        async with self._exchange.answer(step) as incoming:
            data, words = await read_recording(step, form, incoming, self._exchange)
        wanted, types = self._values.get(form["format"]["parameter"]), form["types"]
        if wanted not in tuple(types):
            wanted = form["format"]["default"]
        name = form["fileName"].replace("{format}", wanted)
        await self._keep(Media(types.get(wanted, ""), name, len(data), data))
        self._add(words=self._mask.text(words))

    async def _stream(self, step: Step) -> None:
        """A request whose answer is a stream, repeated while none has begun (CHAT-56)."""
        # A stream is never silent for longer than the run as a whole may take (CHAT-55).
        silence_ms = min(step.idle_timeout_ms, self._session.limit_ms or step.idle_timeout_ms)
        filled = self._filled(step)._replace(idle_timeout_ms=silence_ms)
        # The watch over silence starts once: repetitions do not prolong it.
        start = self._clock.now()

        async def opened(tries: int) -> Incoming:
            limit = patience = self._limit_ms(step)
            if silence_ms:
                left = max(1, silence_ms - round((self._clock.now() - start) * 1000))
                patience = min(left, limit or left)
            async with self._exchange.within(step, patience):
                idle_ms = 0 if tries else silence_ms
                sent = filled._replace(timeout_ms=limit, idle_timeout_ms=idle_ms)
                return await self._exchange.open(sent)

        incoming = await self._repeated(step, opened)
        try:
            chat = ChatAccumulator(filled, self._form, self._exchange)
            answer, name = await chat.read(incoming)
        finally:
            await incoming.close()
        most = self._form.get("mostCharacters") or None
        extra = {"answeredBy": name} if name else {}
        self._add(answer=answer._replace(text=answer.text[:most]), extra=extra)

    async def _repeated(self, step: Step, send: Callable[[int], Awaitable[Any]]) -> Any:
        """What ``send`` gives, which takes the number of tries before it (CHAT-56)."""
        retry = step.retry or Retry((), 0, ())
        for tries, usual_ms in enumerate(retry.delays_ms):
            try:
                return await send(tries)
            except FailureError as failure:
                if not failover.is_retried(failure, retry):
                    raise
                pause = (usual_ms if failure.wait_ms is None else failure.wait_ms) / 1000
                self._exchange.tell(Waiting(step.name, pause, failure.message))
            await self._clock.sleep(pause)
        return await send(len(retry.delays_ms))

    # --- the result ---------------------------------------------------------------------------

    async def _images(self) -> None:
        form = {**self._form, "collect": [self._typed(entry) for entry in self._form["collect"]]}
        answer = self._responses.get(form["step"])
        step = next(one for one in self._candidate.steps if one.name == form["step"])
        found = []
        for response in answer if step.copies_parameter and isinstance(answer, list) else [answer]:
            images = results.images(form, response)
            for url in results.links(form, response):
                images.append(await self._fetched(url, len(images) + 1))
            if not images:
                raise self._incomplete(step.name, form["missing"], response)
            found += images
        for number, media in enumerate(found, 1):
            await self._keep(media, number)

    def _answered(self, name: str) -> str:
        """The text that the responses have where the plan's result says of a name, "" without."""
        found = results.field(self._form.get(name), self._responses)
        return self._mask.text(found) if isinstance(found, str) else ""

    def _typed(self, entry: Json) -> Json:
        """How images are collected, with the type that the call asked for."""
        by = entry.get("mimeBy")
        wanted = by and by["table"].get(self._values.get(by["parameter"]))
        return {**entry, "given": wanted} if wanted else entry

    async def _fetched(self, url: str, number: int) -> Media:
        """An image that an answer names: fetched without any header of ours (IMGP-42)."""
        form = self._form
        step = Step("download", "GET", url, "", timeout_ms=form["fetchMs"], label=form["label"])
        step = step._replace(timeout_ms=self._limit_ms(step))
        data, named = await self._exchange.whole(step, int(form["most"]))
        kind = named.partition(";")[0].strip() or mime_of(data) or "image/png"
        return Media(kind, results.image_name(form, number, kind), len(data), data)

    async def _keep(self, media: Media, number: int = 1) -> None:
        """Put a result of the call where the caller wants it."""

        async def whole() -> AsyncIterator[bytes]:
            yield media.data or b""

        self._add(await results.kept(media, whole(), self._session.target, number))

    def _whole(self) -> Result:
        """The result, with what the plan says of it besides."""
        form, found = self._form, self._result
        mode = self._ready.mode if self._ready is not None else ""
        by_mode = form.get("models", {}).get(mode)
        # The id that was sent may be another than the candidate's.
        sent = by_mode or self._values.get("sentModel")
        model = results.field(form.get("model"), self._responses) or sent
        names = ("extension", "outputFormat", "voiceNote")
        extra = {name: form[name] for name in names if name in form}
        return found._replace(
            model=self._mask.line(model) if isinstance(model, str) else found.model,
            metadata=self._mask.json(results.metadata(form, self._responses)),
            extra={**extra, **found.extra},
            words=found.words[: form.get("mostCharacters") or None],
        )


def _status(value: Any, poll: Poll) -> str:
    """The word that tells how a job is."""
    return "true" if first_at(value, poll.status) is True else text_at(value, poll.status)
