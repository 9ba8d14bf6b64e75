"""Base URLs that may hold a secret: never in a plan or anything made of one, always on the wire."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from openclaw_config import api
from openclaw_config.loading.environment import Environment
from openclaw_config.plan import diff, json_form, text
from openclaw_config.runtime import show
from openclaw_config.runtime.bind import bind
from openclaw_config.runtime.execute import Executor
from tests.conformance.requests import _usual
from tests.runtime.test_execute import CALLS
from tests.runtime.virtual import ScriptedTransport, VirtualClock

CANARY = "hunter2canary"
SECRET_URLS = [
    f"https://gw.example.com/v1?api_key={CANARY}",
    f"https://gw.example.com/v1#{CANARY}",
    "https://gw.example.com/${TOKEN}/v1",
    "https://${TOKEN}.example.com/v1/",
    "https://gw.example.com/v1?key=${TOKEN}",
    "${WHOLE}",
]
VARIABLES = {
    "OPENROUTER_API_KEY": "k",
    "TOKEN": CANARY,
    "WHOLE": f"https://gw.example.com/{CANARY}/v1",
}


def config(url: str, environment: Environment | None = None) -> api.Config:
    """A config with this base URL and a model on each surface."""
    body = {
        "models": {"providers": {"openrouter": {"baseUrl": url, "models": []}}},
        "agents": {
            "defaults": {
                "model": "openrouter/openai/gpt-5.5",
                "videoGenerationModel": "openrouter/google/veo-3.1-fast",
                "imageGenerationModel": "openrouter/google/gemini-3-pro-image-preview",
                "mediaGenerationAutoProviderFallback": False,
            }
        },
    }
    environment = environment or Environment.of(VARIABLES)
    return api.load(text=json.dumps(body), environment=environment)


def sent(found: api.Config, surface: str) -> list[Any]:
    """The requests that a call on a surface leads to."""
    clock = VirtualClock()
    transport = ScriptedTransport(clock, {}, _usual)
    plan = json_form.loads(json_form.dumps(found.plan))
    bound = bind(next(s for s in plan.surfaces if s.surface == surface), CALLS[surface])
    executor = Executor(found.secrets, transport=transport, clock=clock)
    asyncio.run(executor.run(bound))
    return [one.request for one in transport.sent]


@pytest.mark.parametrize("url", [*SECRET_URLS, f"https://me:{CANARY}@gw.example.com/v1"])
def test_no_part_that_may_be_secret_is_in_a_plan_or_what_is_made_of_it(url: str) -> None:
    plan = config(url).plan
    texts = [json_form.dumps(plan), text.render(plan), repr(plan)]
    texts.append(diff.render(diff.diff([config("https://other.test/v1").plan], [plan])))
    for surface in plan.surfaces:
        if surface.surface == "speech" or surface.candidates[0].route.problem:  # type: ignore[union-attr]
            continue
        bound = bind(surface, CALLS[surface.surface])
        texts += [show.as_text(bound), show.as_curl(bound), json.dumps(show.as_json(bound))]
    assert [shown for shown in texts if CANARY in shown] == []


@pytest.mark.parametrize("url", SECRET_URLS)
@pytest.mark.parametrize("surface", ["chat", "image", "video"])
def test_the_request_has_the_real_url(url: str, surface: str) -> None:
    real = url.replace("${TOKEN}", CANARY).replace("${WHOLE}", VARIABLES["WHOLE"]).rstrip("/")
    path = "/videos" if surface == "video" else "/chat/completions"
    first = next(request for request in sent(config(url), surface) if request.method == "POST")
    assert first.url == real + path
    assert any(name == "Authorization" for name, _ in first.headers)


def test_the_plan_is_the_same_whatever_the_variable_holds() -> None:
    url = "https://gw.example.com/${TOKEN}/v1"
    plans = [
        config(url, Environment.of({**VARIABLES, "TOKEN": value})).plan for value in ("aa", "bb")
    ]
    assert json_form.dumps(plans[0]) == json_form.dumps(plans[1])
    assert "https://gw.example.com/${TOKEN}/v1" in json_form.dumps(plans[0])


def test_a_change_of_the_host_is_a_change_of_the_requests() -> None:
    old, new = (config(f"https://{host}/v1?k=1").plan for host in ("a.test", "b.test"))
    assert any("b.test" in str(change.new) for change in diff.diff([old], [new]))


def test_the_curl_of_such_a_url(tmp_path: Path) -> None:
    from tests.runtime.test_show import pretended

    plan = config("https://gw.example.com/v1?api_key=x").plan
    assert plan.video is not None
    told = pretended(
        bind(plan.video, CALLS["video"]), tmp_path, OPENROUTER_API_KEY="the key",
        secret_1="https://gw.example.com/v1?api_key=x",
        url_3="https://gw.example.com/v1/videos/j", url_4="https://evil.test/x",
    )  # fmt: skip
    submit, poll, download = told.split("[curl]")[1:]
    assert "[https://gw.example.com/v1?api_key=x/videos]" in submit
    assert "the key" in poll
    assert "the key" not in download
