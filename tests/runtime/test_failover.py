"""After a chat's failure: another try, another key, another model, or the end (MODEL-21, SL-20)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from openclaw_config.plan.model import SurfacePlan
from openclaw_config.runtime.exchange import client_text_of
from openclaw_config.runtime.failover import failure_class
from openclaw_config.runtime.secrets import Secrets
from tests.runtime.calls import CONFIG, surface
from tests.runtime.test_execute import Run

FIRST, NEXT = "openai/gpt-5.5", "openai/gpt-4o"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("402 Insufficient credits", "billing"),
        ("402 Payment required", "billing"),
        ("402 Out of funds", ""),
        ("402 status code (no body)", ""),
        ("402 Your organization has exceeded its spending limit", "rate_limit"),
        ("402 Monthly usage limit reached, resets tomorrow", "rate_limit"),
        ("402 This request requires more credits", "billing"),
        ("402 insufficient_quota", "billing"),
        ("401 No auth", "auth"),
        ("401 <html>no</html>", "auth"),
        ("403 Key limit exceeded (total limit)", "billing"),
        ("404 No endpoints found", "model_not_found"),
        ("404 session not found", "session_expired"),
        ("400 too long", "format"),
        ("400 status code (no body)", ""),
        ("400 invalid model", "model_not_found"),
        ("400 Provider returned error", "timeout"),
        ("400 This model's maximum context length is 8192 tokens", "context_overflow"),
        ("413 payload too large", "context_overflow"),
        ("413 status code (no body)", ""),
        ("429 slow", "rate_limit"),
        ("429 prompt is too long, tokens per minute", "rate_limit"),
        ("408 x", "timeout"),
        ("409 conflict", ""),
        ("410 gone", "timeout"),
        ("451 unavailable for legal reasons", ""),
        ("500 x", "timeout"),
        ("503 Overloaded", "overloaded"),
        ("520 x", ""),
        ("520 upstream error", "timeout"),
        ("524 x", "timeout"),
        ("529 x", "overloaded"),
        ("502 <html><body>bad gateway</body></html>", "timeout"),
        ("Provider disconnected", ""),
        ("Internal server error", "timeout"),
        ("Provider finish_reason: error", "timeout"),
        ("Provider finish_reason: content_filter", ""),
        ("Unterminated string in JSON", ""),
        ("terminated", "timeout"),
        ("image exceeds 5 MB maximum", ""),
    ],
)
def test_failures_are_told_apart_by_their_text(text: str, expected: str) -> None:
    assert failure_class(text) == expected


@pytest.mark.parametrize(
    ("status", "body", "text"),
    [
        (402, {"error": {"message": "No money", "code": "x"}}, "402 No money"),
        (402, {"error": {"message": {"a": 1.0}}}, '402 {"a":1}'),
        (402, {"error": {"code": 7}}, '402 {"code":7}'),
        (402, {"error": "No money"}, '402 "No money"'),
        (402, {"message": "No money"}, "402 status code (no body)"),
        (402, None, "402 status code (no body)"),
        (502, {"error": {"message": "bad", "metadata": {"raw": "deep"}}}, "502 bad\ndeep"),
        (0, {"error": {"message": "bad"}}, "bad"),
    ],
)
def test_the_text_is_that_of_the_client(status: int, body: Any, text: str) -> None:
    assert client_text_of(status, json.dumps(body).encode() if body else b"") == text


def test_a_plain_text_is_taken_as_it_is() -> None:
    assert client_text_of(401, b"<html>no</html>") == "401 <html>no</html>"


# --- what follows -----------------------------------------------------------------------------


def said(status: int, message: str) -> dict[str, Any]:
    return {"status": status, "body": {"error": {"message": message}}}


def events(*values: Any) -> dict[str, Any]:
    text = "".join(f"data: {json.dumps(value)}\n\n" for value in values)
    return {"headers": {"content-type": "text/event-stream"}, "text": text}


NOTHING = events({"choices": [{"delta": {}, "finish_reason": "stop"}]})
THOUGHT = events({"choices": [{"delta": {"reasoning": "hm"}, "finish_reason": "stop"}]})


def plan(cooldowns: Any = None) -> SurfacePlan:
    text = CONFIG.replace(
        f'model: "openrouter/{FIRST}"',
        f'model: {{ primary: "openrouter/{FIRST}", fallbacks: ["openrouter/{NEXT}"] }}',
    )
    auth = json.dumps({"cooldowns": cooldowns or {}})
    return surface("chat", text.replace("{\n  agents", f"{{\n  auth: {auth},\n  agents", 1))


def models(run: Run) -> list[str]:
    return [sent.body["model"] for sent in run.transport.sent]


@pytest.mark.parametrize(
    ("replies", "expected"),
    [
        ([said(402, "Out of funds")], [FIRST]),
        ([said(409, "conflict")], [FIRST] * 3),
        ([said(451, "no")], [FIRST]),
        ([{"status": 204}], [FIRST]),
        ([events({"error": {"message": "Provider disconnected"}})], [FIRST]),
        ([events({"choices": [{"finish_reason": "content_filter"}]})], [FIRST]),
        ([{"text": 'data: {"a\n\n'}], [FIRST] * 4),
        ([said(402, "Insufficient credits"), {}], [FIRST, NEXT]),
        ([said(400, "too long"), {}], [FIRST, NEXT]),
        ([NOTHING, {}], [FIRST, FIRST]),
        ([NOTHING, NOTHING, {}], [FIRST, FIRST, NEXT]),
        ([THOUGHT, THOUGHT, THOUGHT, {}], [FIRST] * 3 + [NEXT]),
        ([{"headers": {"content-type": "text/html"}, "text": "<html>"}, {}], [FIRST, FIRST]),
        ([{"body": {"error": {"message": "no"}}}, {}], [FIRST, FIRST]),
    ],
)
def test_what_follows_a_failure(replies: list[Any], expected: list[str]) -> None:
    assert models(Run(plan(), {"complete": replies})) == expected  # SL-20, SL-24


@pytest.mark.parametrize(("reply", "word"), [(NOTHING, "attempt"), (THOUGHT, "recorded reasoning")])
def test_a_model_without_words_is_asked_for_some(reply: Any, word: str) -> None:
    run = Run(plan(), {"complete": [reply, {}]}, messages=[{"role": "user", "content": "Hello"}])
    first, again = ([part["text"] for part in sent.body["messages"][-1]["content"]]
                    for sent in run.transport.sent)  # fmt: skip
    assert first == ["Hello"]
    assert again[0].startswith("Hello\n\nThe previous")
    assert word in again[0]
    assert run.waits == [0, 1000]


# --- auth profiles ----------------------------------------------------------------------------


def profile(name: str, **more: Any) -> tuple[str, dict[str, Any]]:
    row = {"type": "api_key", "provider": "OpenRouter", "key": f"key-{name}", **more}
    return f"openrouter:{name}", row


def with_profiles(home: Path, *rows: tuple[str, Any], usage: Any = None) -> Secrets:
    folder = home / "agents" / "main" / "agent"
    folder.mkdir(parents=True)
    stored = {"profiles": dict(rows), "usageStats": usage or {}}
    (folder / "auth-profiles.json").write_text(json.dumps(stored))
    return Secrets({"OPENROUTER_API_KEY": "key-env"}, state_dir=str(home), home=str(home))


def keys(run: Run) -> list[str]:
    return [
        sent.headers["authorization"].removeprefix("Bearer key-") for sent in run.transport.sent
    ]


LIMITED = [said(429, "slow")] * 12


@pytest.mark.parametrize(
    ("replies", "cooldowns", "expected"),
    [
        ([said(401, "No auth"), {}], None, ["a", "b"]),
        ([said(402, "Insufficient credits"), {}], None, ["a", "b"]),
        ([said(401, "No auth")] * 3 + [{}], None, ["a", "b", "c", "a"]),
        ([said(402, "Out of funds"), {}], None, ["a"]),
        ([*LIMITED, {}], None, ["a"] * 12 + ["b"]),
        ([*LIMITED, *LIMITED, {}], None, ["a"] * 12 + ["b"] * 12 + ["a"]),
        ([*LIMITED, {}], {"rateLimitedProfileRotations": 0}, ["a"] * 13),
    ],
)
def test_the_next_profile_is_tried_first(
    tmp_path: Path, replies: Any, cooldowns: Any, expected: list[str]
) -> None:
    secrets = with_profiles(tmp_path, profile("a"), profile("b"), profile("c"))
    run = Run(plan(cooldowns), {"complete": replies}, secrets)
    assert keys(run) == expected  # SL-31


def test_a_refused_key_of_the_environment_has_no_successor(tmp_path: Path) -> None:
    run = Run(plan(), {"complete": [said(401, "No auth"), {}]}, with_profiles(tmp_path))
    assert models(run) == [FIRST, NEXT]


def test_openrouters_profiles_do_not_cool_down(tmp_path: Path) -> None:
    usage = {"openrouter:a": {"cooldownUntil": 4_102_444_800_000}}
    secrets = with_profiles(tmp_path, profile("a"), profile("b"), usage=usage)
    assert keys(Run(plan(), secrets=secrets)) == ["a"]  # SL-30


def test_a_profiles_reference_has_to_resolve(tmp_path: Path) -> None:
    reference = {"source": "env", "provider": "default", "id": "NOPE"}
    other = profile("b", key=None, keyRef=reference, provider="else")
    run = Run(plan(), secrets=with_profiles(tmp_path, profile("a"), other))
    assert run.error is not None
    assert (run.error.stage, run.steps) == ("secrets", [])  # SL-32
