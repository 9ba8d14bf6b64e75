"""Base URLs and their endpoint classes: HTTP-01, HTTP-02 and CHAT-01."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openclaw_config.compiler.compile import compile_plan
from openclaw_config.resolution.settings import BaseUrl, endpoint_class, from_default, route
from tests.support import document

OLD = "2026.4.29"
EMPTY = document("{}")

OPENROUTER = "https://openrouter.ai/api/v1"


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("", "default"),
        ("  ", "default"),
        ("https://openrouter.ai/api/v1", "openrouter"),
        ("https://EU.openrouter.ai/v1", "openrouter"),
        ("http://openrouter.ai:81/x", "openrouter"),
        ("openrouter.ai/api/v1", "openrouter"),
        ("https://openrouter.ai.evil.com", "custom"),
        ("https://notopenrouter.ai", "custom"),
        ("https://openrouter.ai./api", "custom"),
        ("https://evil.example/openrouter.ai/api/v1", "custom"),
        ("https://openrouter.ai@evil.example/api/v1", "custom"),
        ("http://127.0.0.1:9", "local"),
        ("http://[::1]:4000/v1", "local"),
        ("http://gateway.local/v1", "local"),
        ("https://proxy.test/v1", "custom"),
        ("https://", "invalid"),
        ("http://a:99999", "invalid"),
        ("http://[::1", "invalid"),
        ("http://a b", "invalid"),
        ("https://openrouter.ai\\@evil.test/", "openrouter"),
        ("http://x.lan", "local"),
        ("http://2130706433/", "local"),
    ],
)
def test_the_class_of_a_base_url(url: str, kind: str) -> None:
    assert endpoint_class(OLD, "openrouter", url) == kind  # HTTP-02


@pytest.mark.parametrize("url", ["", OPENROUTER, "https://api.openrouter.ai/v1"])
def test_verified_routes(url: str) -> None:
    found = route(EMPTY, "openrouter", BaseUrl(url, from_default("HTTP-01")))
    assert found.verified


@pytest.mark.parametrize(
    "url", ["https://proxy.test/v1", "http://localhost:1", "https://openrouter.ai.evil.com"]
)
def test_unverified_routes(url: str) -> None:
    found = route(EMPTY, "openrouter", BaseUrl(url, from_default("HTTP-01")))
    assert not found.verified


def test_only_chat_rewrites_the_old_url() -> None:
    old = BaseUrl("https://openrouter.ai/v1", from_default("HTTP-01"))
    assert route(EMPTY, "openrouter", old, canonical=True).base_url == OPENROUTER  # CHAT-01
    assert route(EMPTY, "openrouter", old).base_url == old.url  # IMG-03


@pytest.mark.parametrize(
    "url",
    [
        "https://me:hunter2@openrouter.ai/api/v1",
        "https://hunter2@proxy.test",
        "https:\\\\me:hunter2@proxy.test",
        "https:me:hunter2@proxy.test",
        "me:hunter2@proxy.test/v1",
        "ht\ttps://me:hun\nter2@proxy.test",
    ],
)
def test_a_password_in_the_url_is_a_problem_and_is_not_shown(url: str) -> None:
    base = BaseUrl(url, from_default("HTTP-01"))
    found = route(EMPTY, "openrouter", base)
    assert "hunter2" not in repr(found)
    assert found.problem


@given(st.text())
def test_any_text_has_a_class(url: str) -> None:
    assert endpoint_class(OLD, "openrouter", url) in {
        "default",
        "invalid",
        "openrouter",
        "local",
        "custom",
    }


def test_configured_request_headers() -> None:
    auth = {"mode": "header", "headerName": " X-Own ", "value": "${H}", "prefix": " Token "}
    block = {"models": [], "request": {"headers": {"X-Blank": " ", "X-Set": "v"}, "auth": auth}}
    config = {
        "models": {"providers": {"openrouter": block}},
        "agents": {"defaults": {"model": "openrouter/a/a"}},
    }
    plan = compile_plan(document(json.dumps(config), {"H": "h"}), surfaces=("chat",)).chat
    assert plan is not None
    sent = {one.name: one for one in plan.candidates[0].steps[-1].headers}
    assert "X-Blank" not in sent  # HTTP-05
    assert sent["X-Set"].ref
    assert sent["X-Own"].prefix == "Token"
    assert sent["Authorization"].credential  # SL-13
