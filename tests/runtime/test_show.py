"""Bound requests as text, JSON and curl: for eyes and shells, without secrets."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from openclaw_config.compiler.compile import compile_plan
from openclaw_config.plan.model import Header, SurfacePlan
from openclaw_config.runtime import show
from openclaw_config.runtime.bind import Bound, bind
from tests.runtime.calls import PLANS, video
from tests.support import document


def test_as_text() -> None:
    text = show.as_text(video(image="https://a/1", durationSeconds=5))
    assert text.startswith("video  openrouter/google/veo-3.1-fast  (imageToVideo)\n\nsubmit  POST ")
    assert "  Authorization: Bearer <env:OPENROUTER_API_KEY>\n" in text
    assert '    "duration": 6,' in text
    assert "poll  GET <submit/polling_url>  [within 60 s]" in text


def test_long_texts_are_cut_for_reading_only() -> None:
    bound = video(prompt="x" * 500)
    assert "(500 characters)" in show.as_text(bound)
    assert show.as_json(bound)["requests"][0]["body"]["prompt"] == "x" * 500


def test_as_json() -> None:
    found = show.as_json(video(durationSeconds=5, watermark=True))
    assert json.loads(json.dumps(found)) == found
    assert found["version"] == 1
    assert [request["name"] for request in found["requests"]] == ["submit", "poll", "download"]
    submit, poll, download = found["requests"]
    assert "urlFrom" not in submit
    assert poll["urlFrom"]["sources"] == [{"step": "submit", "pointer": "/polling_url"}]
    assert download["urlFrom"]["template"].startswith("https://openrouter.ai/")
    assert found["normalization"]["changes"] == [
        {
            "parameter": "durationSeconds", "requested": 5, "applied": 6,
            "why": "it takes 4, 6, or 8", "supported": [4, 6, 8],
        }
    ]  # fmt: skip
    assert found["normalization"]["dropped"][0]["parameter"] == "watermark"


def pretended(bound: Bound, tmp_path: Any, **variables: str) -> str:
    """What a shell does with the commands, with a curl that only tells its arguments."""
    fake = tmp_path / "curl"
    fake.write_text('#!/bin/sh\nprintf "[%s]" curl "$@"; echo; case "$*" in *@-*) cat;; esac\n')
    fake.chmod(0o700)
    environ = {"PATH": f"{tmp_path}:/usr/bin:/bin", **variables}
    done = subprocess.run(
        ["sh"], input=show.as_curl(bound), env=environ, cwd=tmp_path,
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert done.stderr == ""
    return done.stdout


def test_curl_sends_headers_only_to_the_origin(tmp_path: Any) -> None:
    told = pretended(
        video(),
        tmp_path,
        OPENROUTER_API_KEY="the key",
        url_2="https://openrouter.ai/api/v1/videos/j",
        url_3="https://openrouter.ai@evil.test/x",
    )
    submit, poll, download = told.split("[curl]")[1:]
    assert "[Authorization: Bearer the key]" in submit
    assert "[Authorization: Bearer the key]" in poll
    assert "the key" not in download


@pytest.mark.parametrize(
    "text",
    ['it\'s $HOME `id` $(id) "x"', "\nJSON\ntouch owned\n", "\\", "🦞\x1b[2J", "'; touch owned; '"],
)
def test_no_text_gets_out_of_its_quotes(text: str, tmp_path: Any) -> None:
    told = pretended(video(prompt=f"a {text} z"), tmp_path, OPENROUTER_API_KEY="k")
    body = told.partition("]\n")[2].partition("[curl]")[0]
    assert json.loads(body)["prompt"] == f"a {text} z".strip()
    assert not (tmp_path / "owned").exists()


def test_nor_does_anything_of_the_config(tmp_path: Any) -> None:
    evil = "$(touch owned)`touch owned`'; touch owned; '\ntouch owned"
    plan: SurfacePlan = PLANS["video"]
    candidate = plan.candidates[0]
    steps = []
    for step in candidate.steps:
        headers = (Header("X-A", evil), Header("X-B", ref=f"env:{evil}", prefix=evil))
        source = step.url_from and step.url_from._replace(template=evil)
        steps.append(step._replace(headers=headers, origin=evil, url_from=source))
    bound = bind(
        plan._replace(candidates=(candidate._replace(steps=tuple(steps)),)), {"prompt": "p"}
    )
    pretended(bound, tmp_path, url_2="https://x/", url_3="https://x/")
    assert not (tmp_path / "owned").exists()
    assert "\x1b" not in show.as_text(bound)


def test_each_secret_has_a_variable_of_its_own(tmp_path: Any) -> None:
    config = """{ models: { providers: { openrouter: { models: [], baseUrl: "https://gw.test/v1?k=1",
      apiKey: "sk-1", request: { headers: { "X-Team": "a", "x_team": "b", "Api-Key": "c" } } } } },
      agents: { defaults: { videoGenerationModel: "openrouter/google/veo-3.1-fast" } } }"""
    plan = compile_plan(document(config, {}), surfaces=("video",)).video
    assert plan is not None
    values = {f"secret_{number}": str(number - 1) for number in range(2, 6)}
    bound = bind(plan, {"prompt": "p"})
    told = pretended(
        bound, tmp_path, secret_1="https://gw.test/v1", url_6="https://x/", url_7="https://x/",
        **values,
    )  # fmt: skip
    for sent in ("Bearer 1", "X-Team: 2", "x_team: 3", "Api-Key: 4"):
        assert sent in told
    notes = show.as_curl(bound).partition("# submit")[0].splitlines()
    assert "# secret_3 is config:/models/providers/openrouter/request/headers/X-Team" in notes


def test_a_model_that_is_passed_over_is_shown_with_the_reason() -> None:
    config = """{ agents: { defaults: { model:
      { primary: "amazon-bedrock/claude", fallbacks: ["openrouter/openai/gpt-5.5"] } } } }"""
    plan = compile_plan(document(config, {"OPENROUTER_API_KEY": "k"})).chat
    assert plan is not None
    bound = bind(plan, {"messages": [{"role": "user", "content": "hi"}]})
    why = (
        "requests over the API bedrock-converse-stream are not compiled by this version: "
        "its requests are signed with AWS credentials"
    )
    skipped = {"ref": "amazon-bedrock/claude", "why": why}
    assert show.as_json(bound)["skipped"] == [skipped]
    assert f"  skipped: amazon-bedrock/claude: {why}\n" in show.as_text(bound)
    assert f"# skipped: amazon-bedrock/claude: {why}\n" in show.as_curl(bound)


def test_a_url_is_told_as_far_as_it_is_known() -> None:
    config = "{ agents: { defaults: { mediaModels: { video: '%s' } } } }"
    for model, step, url in (
        (
            "google/veo-3.1-fast-generate-preview",
            "poll",
            "https://generativelanguage.googleapis.com/v1beta/{name}",
        ),
        ("openrouter/google/veo-3.1-fast", "models", "https://openrouter.ai/api/v1/videos/models"),
    ):
        plan = compile_plan(document(config % model, {}, "2026.9.6"), surfaces=("video",)).video
        assert plan is not None
        assert f"{step}  GET {url}  [" in show.as_text(bind(plan, {"prompt": "p"}))
