"""Executing plans on a clock that does not wait: order, limits, retries and secrets."""

from __future__ import annotations

import asyncio
import json
from email.utils import formatdate
from typing import Any

import pytest

from openclaw_config.plan.model import (
    Header,
    Origin,
    Preflight,
    Route,
    SecretProvider,
    Step,
    SurfacePlan,
)
from openclaw_config.runtime.bind import TOOL, Bound, bind
from openclaw_config.runtime.errors import ExecutionError
from openclaw_config.runtime.execute import Executor
from openclaw_config.runtime.results import Result
from openclaw_config.runtime.secrets import Secret, Secrets
from tests.conformance.requests import _usual
from tests.runtime.calls import CONFIG, DIRECT, PLANS, VEO, surface
from tests.runtime.virtual import ScriptedTransport, VirtualClock

HI = {"messages": [{"role": "user", "content": "hi"}]}
CALLS: dict[str, dict[str, Any]] = {
    "video": {"prompt": "p"}, "image": {"prompt": "p"}, "speech": {"text": "t"}, "chat": HI,
    "transcription": {}, "vision": {},
}  # fmt: skip
KEY = "sk-or-canary"
DONE = {"body": {"status": "completed"}}


class Run:
    """One execution and what it did."""

    def __init__(
        self,
        plan: SurfacePlan,
        script: dict[str, Any] | None = None,
        secrets: Secrets | None = None,
        entry: str = TOOL,
        **call: Any,
    ) -> None:
        self.clock = VirtualClock()
        self.transport = ScriptedTransport(self.clock, script or {}, _usual)
        self.result: Result | None = None
        self.error: ExecutionError | None = None
        self._secrets = secrets or Secrets({"OPENROUTER_API_KEY": KEY})
        bound = bind(plan, {**CALLS[plan.surface], **call}, entry=entry)
        asyncio.run(self._go(bound))

    async def _go(self, bound: Bound) -> None:
        executor = Executor(self._secrets, transport=self.transport, clock=self.clock)
        try:
            self.result = await executor.run(bound)
        except ExecutionError as error:
            assert KEY not in str(error)
            self.error = error

    @property
    def steps(self) -> list[str]:
        return [sent.request.step for sent in self.transport.sent]

    @property
    def waits(self) -> list[int]:
        return [sent.waited_ms for sent in self.transport.sent]

    @property
    def limits(self) -> list[int]:
        return [sent.request.timeout_ms for sent in self.transport.sent]


def alone(plan: SurfacePlan) -> SurfacePlan:
    return plan._replace(candidates=plan.candidates[:1])


# --- video ------------------------------------------------------------------------------------


def test_a_job_that_is_done_at_once_is_not_polled() -> None:
    body = {"id": "j", "polling_url": "/x", "status": "completed", "unsigned_urls": ["/v.mp4"]}
    run = Run(PLANS["video"], {"submit": [{"body": body}]})
    assert run.steps == ["submit", "download"]  # VID-51
    assert run.result is not None
    assert run.result.metadata["jobId"] == "j"


def test_a_job_keeps_the_id_that_it_got_when_it_was_submitted() -> None:
    done = {"body": {"id": "other", "status": "completed", "unsigned_urls": ["/v.mp4"]}}
    run = Run(PLANS["video"], {"poll": [done]})
    assert run.result is not None
    assert run.result.metadata["jobId"] != "other"  # VID-58


def test_the_deadline_bounds_all_steps_together() -> None:
    run = Run(PLANS["video"], {"poll": [{"body": {}}, {"body": {}}, DONE]}, timeoutMs=61_000)
    assert run.limits == [60_000, 60_000, 56_000, 51_000, 51_000]  # VID-41
    assert run.waits == [0, 0, 5000, 5000, 0]


def test_the_deadline_ends_polling() -> None:
    run = Run(PLANS["video"], {"poll": [{"body": {"status": "COMPLETED"}}]}, timeoutMs=11_000)
    assert run.error is not None
    assert (run.error.kind, run.error.step) == ("timeout", "poll")
    assert str(run.error) == "OpenRouter video generation timed out after 11000ms"
    assert run.waits == [0, 0, 5000, 5000]


@pytest.mark.parametrize("limit", [0, -5])
def test_a_direct_limit_of_nothing_is_none_for_the_call_and_60_s_for_each_request(
    limit: int,
) -> None:
    run = Run(PLANS["video"], {"poll": [{"body": {}}, DONE]}, entry=DIRECT, timeoutMs=limit)
    assert run.result is not None
    assert run.limits == [60_000] * 4  # SL-52


def test_polling_ends_after_its_attempts() -> None:
    run = Run(PLANS["video"], {"poll": [{"body": {"status": " pending "}}]})
    assert run.steps.count("poll") == 120  # VID-53
    assert str(run.error) == "OpenRouter video generation did not finish in time"


@pytest.mark.parametrize("status", ["failed", "cancelled", "expired"])
def test_a_job_that_fails(status: str) -> None:
    run = Run(PLANS["video"], {"poll": [{"body": {"status": status, "error": {"no": "text"}}}]})
    assert str(run.error) == f"OpenRouter video generation {status}"


@pytest.mark.parametrize(
    "body", [{}, {"id": " ", "polling_url": "/x"}, {"id": 5, "polling_url": "/x"}, []]
)
def test_a_submission_without_job_details(body: Any) -> None:
    assert "missing job details" in str(Run(PLANS["video"], {"submit": [{"body": body}]}).error)


def test_a_job_id_is_encoded_in_the_url() -> None:
    script = {"submit": [{"body": {"id": "a/b ü", "polling_url": "/x"}}], "poll": [DONE]}
    run = Run(PLANS["video"], script)
    url = "https://openrouter.ai/api/v1/videos/a%2Fb%20%C3%BC/content?index=0"
    assert run.transport.sent[-1].request.url == url  # VID-54


@pytest.mark.parametrize("url", ["ftp://x/y", "https://u@openrouter.ai/", "https://"])
def test_a_url_that_nothing_can_be_sent_to(url: str) -> None:
    run = Run(PLANS["video"], {"submit": [{"body": {"id": "j", "polling_url": url}}]})
    assert run.error is not None
    assert (run.error.kind, run.error.step, run.steps) == ("url", "poll", ["submit"])


def test_a_result_that_is_too_large_is_not_made_again() -> None:
    text = CONFIG.replace(f'videoGenerationModel: "{VEO}"',
        f'videoGenerationModel: {{ primary: "{VEO}", fallbacks: ["openrouter/b/c"] }},'
        " mediaMaxMb: 0.001")  # fmt: skip
    run = Run(surface("video", text), {"download": [{"text": "x" * 2000}]})
    assert run.error is not None
    assert run.error.kind == "too-large"  # VID-57
    assert run.steps == ["submit", "poll", "download"]


# --- chat -------------------------------------------------------------------------------------


def test_a_request_is_repeated_then_the_model_then_the_next_one() -> None:
    text = CONFIG.replace(
        'model: "openrouter/openai/gpt-5.5"',
        'model: { primary: "openrouter/openai/gpt-5.5", fallbacks: ["openrouter/openai/gpt-4o"] }',
    )
    run = Run(surface("chat", text), {"complete": [{"status": 503, "body": {}}]})
    models = [sent.body["model"] for sent in run.transport.sent]
    assert models == ["openai/gpt-5.5"] * 12 + ["openai/gpt-4o"] * 12
    assert run.waits[:12] == [
        0, 450, 900, 3000, 450, 900, 5000, 450, 900, 9000, 450, 900,
    ]  # fmt: skip
    assert run.error is not None
    assert str(run.error).startswith("All models failed (2): ")
    assert len(run.error.attempts) == 8


def test_what_will_not_pass_goes_to_the_next_model_at_once() -> None:
    text = CONFIG.replace(
        'model: "openrouter/openai/gpt-5.5"',
        'model: { primary: "openrouter/openai/gpt-5.5", fallbacks: ["openrouter/openai/gpt-4o"] }',
    )
    run = Run(surface("chat", text), {"complete": [said(402, "Insufficient credits"), {}]})
    assert run.waits == [0, 1000]
    assert run.result is not None
    assert [(one.ref, one.status) for one in run.result.attempts] == [
        ("openrouter/openai/gpt-5.5", 402)
    ]


def test_a_conversation_that_is_too_long_ends_the_call() -> None:
    text = CONFIG.replace(
        'model: "openrouter/openai/gpt-5.5"',
        'model: { primary: "openrouter/openai/gpt-5.5", fallbacks: ["openrouter/openai/gpt-4o"] }',
    )
    error = {"status": 400, "body": {"error": {"message": "maximum context length is 8"}}}
    run = Run(surface("chat", text), {"complete": [error]})
    assert len(run.steps) == 2  # SL-24: asked once more, never another model
    assert run.error is not None
    assert run.error.kind == "http"


def test_silence_is_watched_once_for_all_repetitions() -> None:
    run = Run(PLANS["chat"], {"complete": [{"status": 500}, {"status": 500}, {}]})
    assert [sent.request.idle_timeout_ms for sent in run.transport.sent] == [120_000, 0, 0]


def test_a_calls_limit_bounds_the_silence_too() -> None:
    run = Run(PLANS["chat"], timeoutSeconds=30)
    assert run.transport.sent[0].request.idle_timeout_ms == 30_000  # CHAT-55


CATALOG = {"data": [{"id": "acme/new", "supported_parameters": ["reasoning"],
                     "top_provider": {"max_completion_tokens": 20_000}}]}  # fmt: skip
UNLISTED = CONFIG.replace("openrouter/openai/gpt-5.5", "openrouter/acme/new")


def test_an_unlisted_model_is_looked_up_once() -> None:
    clock = VirtualClock()
    transport = ScriptedTransport(clock, {"catalog": [{"body": CATALOG}]}, _usual)

    async def main() -> None:
        executor = Executor(Secrets({"OPENROUTER_API_KEY": KEY}), transport=transport, clock=clock)
        for _ in range(2):
            await executor.run(bind(surface("chat", UNLISTED), HI))

    asyncio.run(main())
    assert [sent.request.step for sent in transport.sent] == ["catalog", "complete", "complete"]
    assert "authorization" not in transport.sent[0].headers
    for sent in transport.sent[1:]:
        assert sent.body["max_completion_tokens"] == 20_000  # CHAT-51
        assert sent.body["reasoning"] == {"effort": "none"}


def said(status: int, message: str) -> dict[str, Any]:
    return {"status": status, "body": {"error": {"message": message}}}


@pytest.mark.parametrize(
    ("reply", "times"),
    [
        (said(400, "Provider returned error"), 4),
        (said(402, "Rate limit of your plan"), 4),
        (said(529, "Overloaded"), 12),
        (said(529, "x"), 3),
        (said(408, "x"), 3),
        (said(404, "no such model"), 1),
        (said(413, "payload too large"), 2),
    ],
)
def test_what_the_server_says_decides_whether_a_failure_may_pass(
    reply: dict[str, Any], times: int
) -> None:
    run = Run(alone(PLANS["chat"]), {"complete": [reply]})
    assert run.steps.count("complete") == times  # MODEL-21, CHAT-56, FAIL-13


@pytest.mark.parametrize(
    ("headers", "waits"),
    [
        ({}, [0, 450]),
        ({"retry-after": "7"}, [0, 7000]),
        ({"retry-after-ms": "1500", "Retry-After": "7"}, [0, 1500]),
        ({"retry-after": "90"}, [0, 90_000]),  # SL-21
        ({"retry-after": "0"}, [0, 0]),
        ({"retry-after-ms": "0", "retry-after": "2"}, [0, 2000]),
        ({"retry-after": "-5"}, [0, 0]),
        ({"retry-after": "soon"}, [0, 0]),
        ({"retry-after": formatdate(1_790_000_030, usegmt=True)}, [0, 30_000]),
        ({"retry-after": formatdate(1_700_000_000, usegmt=True)}, [0, 0]),
        ({"x-should-retry": "true"}, [0, 450]),
        ({"x-should-retry": "false"}, [0, 3000]),
    ],
)
def test_a_server_says_when_to_ask_again(headers: dict[str, str], waits: list[int]) -> None:
    run = Run(alone(PLANS["chat"]), {"complete": [{"status": 429, "headers": headers}, {}]})
    assert run.waits[-2:] == waits  # CHAT-56
    assert run.result is not None


def test_redirects_in_a_circle_are_noticed() -> None:
    script = {"poll": [{"status": 302, "headers": {"location": "/loop"}}]}
    run = Run(PLANS["video"], script)
    assert run.steps == ["submit", "poll", "poll"]  # HTTP-06
    assert "circle" in str(run.error)


def test_a_request_goes_to_the_one_spelling_of_its_url() -> None:
    url = "HTTPS://EU.OpenRouter.ai:443/api/v1"
    block = (
        f'models: {{ providers: {{ openrouter: {{ baseUrl: "{url}", models: [] }} }} }}, agents:'
    )
    run = Run(surface("image", CONFIG.replace("agents:", block)))
    assert run.transport.sent[0].request.url == "https://eu.openrouter.ai/api/v1/chat/completions"


@pytest.mark.parametrize(
    "reply", [{"status": 500}, {"text": "x"}, {"networkError": 1}, {"hang": True}]
)
def test_a_look_up_may_fail(reply: dict[str, Any]) -> None:
    run = Run(surface("chat", UNLISTED), {"catalog": [reply]})
    assert run.result is not None
    assert run.transport.sent[-1].body["max_completion_tokens"] == 8192


# --- secrets ----------------------------------------------------------------------------------


def test_only_the_candidate_in_use_asks_for_its_key() -> None:
    asked: list[str] = []

    class Asking(Secrets):
        async def resolve(self, ref: str) -> Secret | None:
            asked.append(ref)
            return await super().resolve(ref)

    Run(PLANS["speech"], secrets=Asking({"OPENROUTER_API_KEY": KEY, "OPENAI_API_KEY": "x"}))
    assert "env:OPENROUTER_API_KEY" in asked
    assert "env:OPENAI_API_KEY" not in asked


def test_without_a_key_nothing_is_sent() -> None:
    run = Run(PLANS["video"], secrets=Secrets({}))
    assert run.error is not None
    assert (run.error.kind, run.error.stage, run.steps) == ("credential", "call", [])


@pytest.mark.parametrize(
    ("ref", "problem", "works"),
    [
        ("env:OPENROUTER_API_KEY", "", True),
        ("env:MISSING", "", False),
        ("env:BLANK", "", False),
        ("env:OPENROUTER_API_KEY", "the secret provider x is not configured", False),
        ("exec:p:x", "", False),
    ],
)
def test_references_resolve_before_anything_is_sent(ref: str, problem: str, works: bool) -> None:
    plan = PLANS["image"]._replace(preflight=(Preflight(ref, Origin("config"), problem),))
    providers = (SecretProvider("p", "exec", {"command": "/bin/true"}),)
    secrets = Secrets({"OPENROUTER_API_KEY": KEY, "BLANK": " "}, providers=providers)
    run = Run(plan, secrets=secrets)
    assert (run.result is not None) is works
    if run.error is not None:
        assert (run.error.stage, run.steps) == ("secrets", [])  # AUTH-22


def with_headers(*headers: Header) -> SurfacePlan:
    plan = PLANS["image"]
    candidate = plan.candidates[0]
    step: Step = candidate.steps[0]._replace(headers=headers)
    return plan._replace(candidates=(candidate._replace(steps=(step,)),))


def test_headers_from_secrets() -> None:
    plan = with_headers(
        Header("X-Own", ref="config:/h", prefix="Token "),
        Header("X-Gone", ref="config:/gone"),
        Header("X-Plain", "v"),
    )
    secrets = Secrets({"OPENROUTER_API_KEY": KEY}, config={"/h": " hush\n"}.get)
    run = Run(plan, secrets=secrets)
    assert run.transport.sent[0].headers == {"x-own": "Token hush", "x-plain": "v"}


def test_a_header_secret_is_masked_in_what_the_server_says() -> None:
    plan = with_headers(Header("X-Own", ref="config:/h"))
    secrets = Secrets({"OPENROUTER_API_KEY": KEY}, config={"/h": "hush-hush"}.get)
    run = Run(plan, {"generate": [{"status": 403, "text": "hush-hush is wrong"}]}, secrets)
    assert "<secret> is wrong" in str(run.error)


def test_requests_show_no_header_when_they_are_printed() -> None:
    request = Run(PLANS["image"]).transport.sent[0].request
    assert KEY not in repr(request)
    assert KEY in json.dumps(request.headers)


def test_the_route_decides_how_it_is_reached() -> None:
    plan = PLANS["image"]
    candidate = plan.candidates[0]
    transport = {
        "proxy": {"mode": "explicit-proxy", "url": "config:/proxy"},
        "tls": {"ca": "config:/ca", "serverName": "openrouter.ai"},
    }
    route = Route("https://openrouter.ai", "openrouter", True, transport=transport)
    secrets = Secrets(
        {"OPENROUTER_API_KEY": KEY}, config={"/proxy": "http://u:p@proxy:1", "/ca": "PEM"}.get
    )
    run = Run(plan._replace(candidates=(candidate._replace(route=route),)), secrets=secrets)
    policy = run.transport.sent[0].request.policy
    assert (policy.private, policy.proxy_mode, policy.server_name) == (
        "refuse", "explicit-proxy", "openrouter.ai",
    )  # fmt: skip
    assert policy.proxy is not None
    assert policy.proxy.reveal() == "http://u:p@proxy:1"
    assert "proxy:1" not in repr(policy)


def test_an_empty_certificate_is_not_passed_over() -> None:
    plan = PLANS["image"]
    transport = {"tls": {"ca": "config:/ca"}}
    route = Route("https://openrouter.ai", "openrouter", True, transport=transport)
    candidate = plan.candidates[0]._replace(route=route)
    secrets = Secrets({"OPENROUTER_API_KEY": KEY}, config={"/ca": ""}.get)
    run = Run(plan._replace(candidates=(candidate,)), secrets=secrets)
    assert [name for name, _ in run.transport.sent[0].request.policy.tls] == ["ca"]


def test_a_route_with_a_problem_is_not_taken() -> None:
    plan = PLANS["image"]
    candidate = plan.candidates[0]
    route = Route("https://x", "custom", False, problem="no such thing")
    run = Run(plan._replace(candidates=(candidate._replace(route=route),)))
    assert run.error is not None
    assert (run.error.kind, run.steps) == ("unusable", [])


# --- the transport ----------------------------------------------------------------------------


def test_a_transport_of_the_callers_stays_open() -> None:
    clock = VirtualClock()
    transport = ScriptedTransport(clock, {}, _usual)

    async def main() -> None:
        async with Executor(
            Secrets({"OPENROUTER_API_KEY": KEY}), transport=transport, clock=clock
        ) as executor:
            await executor.run(bind(PLANS["image"], CALLS["image"]))

    asyncio.run(main())
    assert transport.closed is False


def test_binding_needs_no_httpcore_and_executing_says_how_to_get_it() -> None:
    import subprocess
    import sys

    program = """
import sys
sys.modules["httpcore"] = None
import asyncio
from tests.runtime.calls import PLANS
from openclaw_config.runtime.bind import TOOL, Bound, bind
from openclaw_config.runtime.execute import execute
from openclaw_config.runtime.errors import (MissingExtraError)
from openclaw_config.runtime.secrets import Secrets
bound = bind(PLANS["image"], {"prompt": "p"})
try:
    asyncio.run(execute(bound, Secrets({"OPENROUTER_API_KEY": "k"})))
except MissingExtraError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert "pip install 'openclaw-config[runtime]'" in done.stdout


def test_a_command_for_a_secret_runs_once_for_each_call() -> None:
    asked: list[str] = []

    class Counting(Secrets):
        async def resolve(self, ref: str) -> Secret | None:
            asked.append(ref)
            return Secret("k", ref) if ref.startswith("exec:") else await super().resolve(ref)

    plan = PLANS["image"]
    candidate = plan.candidates[0]
    assert candidate.credential is not None
    chain = (candidate.credential.chain[0]._replace(kind="config", ref="exec:p:x", profiles=None),)
    keyed = candidate._replace(credential=candidate.credential._replace(chain=chain))
    preflight = (Preflight("exec:p:x", Origin("config")),)
    run = Run(plan._replace(candidates=(keyed,), preflight=preflight), secrets=Counting())
    assert run.transport.sent[0].headers["authorization"] == "Bearer k"
    assert asked == ["exec:p:x"]


def test_a_plan_binds_by_itself() -> None:
    bound = PLANS["video"].bind(prompt="a lobster surfing", durationSeconds=5)
    assert bound.requests[0].body["duration"] == 6
