"""What comes from outside: no secret of ours comes back with it, whatever a server does."""

from __future__ import annotations

import asyncio
import json
import logging
import pickle
import traceback
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openclaw_config.plan.model import Header, Route, SurfacePlan
from openclaw_config.plan.values import json_of, well_formed
from openclaw_config.runtime.bind import bind
from openclaw_config.runtime.errors import (
    CallError,
    ExecutionError,
    FailureError,
    MissingExtraError,
    SecretError,
    TransportError,
    UnusableError,
)
from openclaw_config.runtime.events import Event, Failed, Submitted
from openclaw_config.runtime.execute import Executor
from openclaw_config.runtime.results import Job, JobError
from openclaw_config.runtime.secrets import Mask, Secret, Secrets
from tests.conformance.requests import _usual
from tests.runtime.calls import PLANS
from tests.runtime.virtual import ScriptedTransport, VirtualClock

KEY = 'sk-or-"canary/0123456789'
TENANT = "tenant-canary-0123456789"
PROXY = "http://user:proxy-canary@127.0.0.1:3128"
CANARIES = (KEY, TENANT, "proxy-canary", "canary")
CALLS: dict[str, dict[str, Any]] = {
    "video": {"prompt": "p"}, "image": {"prompt": "p"}, "speech": {"text": "t"},
    "chat": {"messages": [{"role": "user", "content": "hi"}]},
}  # fmt: skip
ECHO = f"Bearer {KEY} {TENANT} {PROXY}"


def plan(surface: str) -> SurfacePlan:
    """A surface with one candidate, a header from a secret, and a proxy with a password."""
    found = PLANS[surface]
    candidate = found.candidates[0]
    header = Header("X-Tenant", ref="env:TENANT")
    steps = tuple(step._replace(headers=(*step.headers, header)) for step in candidate.steps)
    proxy = {"proxy": {"mode": "explicit-proxy", "url": "env:PROXY"}}
    route = (candidate.route or Route("", "", True))._replace(transport=proxy)
    return found._replace(candidates=(candidate._replace(steps=steps, route=route),))


SECRETS = Secrets({"OPENROUTER_API_KEY": KEY, "TENANT": TENANT, "PROXY": PROXY})


class Told:
    """All that a call lets out: its error or result, its events, its log."""

    def __init__(self, surface: str, script: dict[str, Any]) -> None:
        self.events: list[Event] = []
        self.outcome: Any = None
        clock = VirtualClock()
        executor = Executor(
            SECRETS, transport=ScriptedTransport(clock, script, _usual), clock=clock
        )
        bound = bind(plan(surface), CALLS[surface])
        try:
            result = asyncio.run(executor.run(bound, progress=self.events.append))
            # The bytes that were asked for are given as they came.
            media = tuple(one._replace(data=None) for one in result.media)
            self.outcome = result._replace(media=media)
        except ExecutionError as error:
            self.outcome = error

    def texts(self) -> Iterator[str]:
        for value in (self.outcome, *self.events):
            yield repr(value)
            yield str(value)
            yield pickle.dumps(value).decode("latin-1")
        for event in self.events:
            if isinstance(event, Submitted):
                yield event.job.to_json()
        error = self.outcome
        while isinstance(error, BaseException):
            lines = traceback.TracebackException.from_exception(error, capture_locals=True)
            yield str(lines)
            yield from (repr(f.locals) for f in lines.stack if f.filename != __file__)
            yield repr(vars(error))
            error = error.__cause__ or error.__context__


def sse(*chunks: Any) -> str:
    return "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks)


def choice(**fields: Any) -> dict[str, Any]:
    return {"choices": [fields]}


PLAIN = {"error": {"message": ECHO, "type": ECHO, "code": ECHO}}
PADDED = "x" * 205 + " " + ECHO
LATE = " " * (16 * 1024 - 30) + KEY
ANY_STEP: list[dict[str, Any]] = [
    {"status": 500, "body": PLAIN},
    {"status": 401, "body": {"detail": PADDED}},
    {"status": 400, "text": ECHO},
    {"status": 400, "text": LATE},
    {"status": 400, "body": {"unknown": ECHO}},
    {"status": 403, "headers": {"X-Request-Id": "r" * 90 + KEY}},
    {"status": 302, "headers": {"Location": f"https://{TENANT}:{KEY}@h/"}},
    {"status": 302, "headers": {"Location": f"https://h:{TENANT}/"}},
    {"status": 302, "headers": {"Location": f"ftp://{TENANT}/"}},
    {"body": PLAIN},
    {"text": ECHO},
    {"text": ECHO, "headers": {"Content-Type": "text/html"}},
    {"body": {"data": [{"id": ECHO, "error": ECHO}]}, "headers": {"X-Request-Id": KEY}},
]
STREAM = {"Content-Type": "text/event-stream"}
CASES: list[tuple[str, str, dict[str, Any]]] = [
    *(
        (surface, step.name, reply)
        for surface in PLANS
        for step in PLANS[surface].candidates[0].steps
        for reply in ANY_STEP
    ),
    *(
        ("chat", "complete", {"headers": STREAM, "text": text})
        for text in (
            sse({"error": {"message": PADDED, "code": 502}}),
            sse({"error": {"message": ECHO}}),
            sse({"error": ECHO}),
            sse({"error": {"metadata": {"raw": ECHO}}}),
            sse(choice(delta={}, finish_reason=f"stop {KEY}")),
            sse(choice(delta={}, finish_reason="x" * 30 + KEY)),
            ECHO,
            " " * (16 * 1024 - 12) + KEY,
            f"data: {ECHO}\n\n",
            sse({"model": KEY, "usage": {KEY: TENANT}}, choice(finish_reason="stop")),
        )
    ),
    ("chat", "complete", {"body": PLAIN}),
    ("chat", "complete", {"body": {"message": ECHO}}),
    ("video", "submit", {"body": {"id": "j", "polling_url": "/x", "note": ECHO, KEY: 1}}),
    ("video", "submit", {"body": {"id": "j", "polling_url": f"https://h:{TENANT}/"}}),
    ("video", "poll", {"body": {"status": "x" * 30 + KEY}}),
    ("video", "poll", {"body": {"status": "failed", "error": ECHO}}),
    ("video", "poll", {"body": {"status": "failed", "error": {"message": PADDED}}}),
    ("video", "poll", {"body": {"status": "completed", "model": KEY, "usage": {"cost": KEY}}}),
    ("video", "download", {"text": "v", "headers": {"Content-Type": f"video/mp4; k={KEY}"}}),
    ("video", "download", {"text": "v", "headers": {"Content-Type": f"text/html;{KEY}"}}),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[f"{c[0]}-{c[1]}-{i}" for i, c in enumerate(CASES)])
def test_a_server_that_echoes_what_it_got_gives_nothing_away(
    case: tuple[str, str, dict[str, Any]], caplog: pytest.LogCaptureFixture
) -> None:
    surface, step, reply = case
    with caplog.at_level(logging.DEBUG):
        told = Told(surface, {step: [reply]})
    texts = [*told.texts(), caplog.text]
    assert not [canary for canary in CANARIES for text in texts if canary in text]
    assert KEY[:8] not in "".join(texts)  # nor a longer part


@given(st.text(min_size=4, max_size=40), st.text(max_size=60), st.integers(1, 80))
def test_a_secret_is_hidden_before_its_line_is_cut(secret: str, before: str, most: int) -> None:
    mask = Mask((Secret(secret),))
    for form in (secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]):
        text = mask.text(f"{before}{form}", cut=True)
        assert secret not in text
        line = mask.line(f"{before}{form}", most)
        assert line.isprintable()
        assert len(line) <= most


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("key-1234 and key-12345678", "<secret> and <secret>5678"),
        ("a/b%3D c", "a/b%3D c"),
        ("at the end key-1", "at the end "),
    ],
)
def test_how_texts_are_masked(text: str, hidden: str) -> None:
    assert Mask((Secret("key-1234"),)).text(text, cut=True) == hidden


def test_masking_takes_time_in_proportion_to_the_text() -> None:
    mask = Mask(Secret(f"{'a' * 30}{number}") for number in range(20))
    assert mask.text("a" * 2_000_000) == "a" * 2_000_000


# --- JSON from outside ------------------------------------------------------------------------


@given(st.text(alphabet=st.characters()))
def test_text_comes_out_of_json_as_something_that_can_be_sent(text: str) -> None:
    value = json_of(json.dumps({text: [text]}))
    json.dumps(value, ensure_ascii=False).encode()
    assert json_of(json.dumps("\U0001f600")) == "\U0001f600"


@pytest.mark.parametrize("text", ["", "x", "[" * 100_000, "NaN", "1" * 5000, '{"a":Infinity}'])
def test_what_is_no_json(text: str) -> None:
    assert json_of(text) is None


def test_what_is_nested_too_deep_is_left_out() -> None:
    value: Any = "x"
    for _ in range(5000):
        value = [value]
    assert Mask().json(value) == well_formed(value)


def test_a_submission_with_half_a_pair_saves_its_job() -> None:
    body = '{"id": "job-1", "polling_url": "/p\\ud800", "x\\udfff": "\\ud800"}'
    told = Told("video", {"submit": [{"text": body}]})
    (submitted,) = [event for event in told.events if isinstance(event, Submitted)]
    assert Job.from_json(submitted.job.to_json().encode().decode()) == submitted.job
    assert told.outcome.media


# --- errors travel ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error",
    [
        CallError("size", "no such size", ("1K", "2K")),
        UnusableError("no model", "a/b"),
        SecretError("env:A", "it is not set"),
        FailureError("http", "it failed", step="submit", status=500, request_id="r", final=True),
        ExecutionError("it failed", (Failed("a/b", "a", "b", "http", "s", "m", 500),)),
        ExecutionError("too late", kind="timeout", step="poll"),
        TransportError("network", "the connection broke"),
        JobError("this is not a saved job"),
        MissingExtraError("install it"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_can_be_pickled(error: Exception) -> None:
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        copy = pickle.loads(pickle.dumps(error, protocol))
        assert type(copy) is type(error)
        assert str(copy) == str(error)
        assert vars(copy) == vars(error)
