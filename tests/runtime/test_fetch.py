"""Inputs that models take as bytes and calls give as URLs are fetched first (SL-55)."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.runtime.calls import PLANS, body, image, video
from tests.runtime.test_bind import PNG
from tests.runtime.test_execute import KEY, Run, alone

URL = "https://pictures.example.com/cat.png?signature=canary"
BYTES = PNG if isinstance(PNG, bytes) else base64.b64decode(PNG)
CAT = {"headers": {"content-type": "text/plain"}, "base64": base64.b64encode(BYTES).decode()}


def edit(*replies: dict[str, Any], **call: Any) -> Run:
    return Run(alone(PLANS["image"]), {"fetch": list(replies) or [CAT]}, **{"image": URL, **call})


def test_the_bytes_are_sent_as_a_data_url() -> None:
    run = edit()
    assert run.steps == ["fetch", "generate"]
    fetch, generate = run.transport.sent
    assert (fetch.request.method, fetch.request.url, fetch.body) == ("GET", URL, None)
    assert fetch.headers == {}
    assert KEY not in repr(fetch.request.headers)
    url = generate.body["messages"][0]["content"][1]["image_url"]["url"]
    assert url == f"data:image/png;base64,{CAT['base64']}"


def test_what_follows_from_the_image_is_worked_out_of_the_fetched_one() -> None:
    assert body(image(image=URL))["image_config"]["image_size"] == "1K"
    assert edit().transport.sent[1].body["image_config"]["image_size"] == "2K"  # IMG-11
    sent = edit(resolution="4K").transport.sent[1].body
    assert sent["image_config"]["image_size"] == "4K"


def test_every_url_is_fetched_and_nothing_else() -> None:
    run = edit(image=None, images=[URL, BYTES, "https://a.example.com/2.png"])
    assert run.steps == ["fetch", "fetch", "generate"]
    parts = run.transport.sent[2].body["messages"][0]["content"][1:]
    assert {part["image_url"]["url"] for part in parts} == {
        f"data:image/png;base64,{CAT['base64']}"
    }


@pytest.mark.parametrize(
    ("reply", "kind", "message"),
    [
        ({"status": 404}, "http", "(HTTP 404)"),
        ({"headers": {"content-type": "text/html"}, "text": "<html>"}, "response", "text/html"),
        ({"text": "?"}, "response", "of no type"),
        ({"headers": {"content-length": str(1 << 30)}}, "too-large", "larger than 64 MiB"),
        (
            {"status": 302, "headers": {"location": "http://10.0.0.1/"}},
            "blocked",
            "Blocked hostname",
        ),
    ],
)
def test_what_cannot_be_fetched_ends_the_call(
    reply: dict[str, Any], kind: str, message: str
) -> None:
    run = edit(reply)
    assert run.steps == ["fetch"]
    assert run.error is not None
    assert (run.error.kind, run.error.step, run.error.attempts) == (kind, "fetch", ())
    assert message in run.error.message
    assert run.error.message.startswith("Failed to fetch media from https://pictures.example.com/")
    assert "canary" not in run.error.message


def test_no_private_address_is_asked() -> None:
    run = edit(image="http://10.0.0.4/1.png")
    assert run.steps == []
    assert str(run.error) == (
        "Failed to fetch media from http://10.0.0.4/1.png:"
        " Blocked hostname or private/internal/special-use IP address"
    )


def test_a_dry_run_shows_what_is_fetched() -> None:
    first, second = image(image=URL).requests
    assert (first.name, first.method, first.url, first.headers) == ("fetch", "GET", URL, ())
    assert URL.startswith(f"{first.origin}/")
    url = second.body["messages"][0]["content"][1]["image_url"]["url"]
    assert url == f"data:image/png;base64,<the bytes of {URL}>"


def test_models_that_take_urls_get_them() -> None:
    assert [request.name for request in video(image=URL).requests] == ["submit", "poll", "download"]
