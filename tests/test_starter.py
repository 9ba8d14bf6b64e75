"""A first config loads by construction, a check finds nothing in it, and it does what was asked."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product
from typing import Any

import pytest

import openclaw_config as oc
from openclaw_config import registry
from openclaw_config.facts import section
from openclaw_config.onboarding import (
    SURFACES,
    Starter,
    StarterError,
    first_config,
    of_environment,
    usual_model,
)
from openclaw_config.registry import automatic_candidates
from openclaw_config.syntax.formatter import format_tree
from openclaw_config.syntax.parser import parse
from openclaw_config.syntax.text import Source
from openclaw_config.targets import releases, target

ENDS = ("2026.4.29", "2026.9.6")


def subsets(names: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for size in range(len(names) + 1):
        yield from combinations(names, size)


def clean(text: str, release: str) -> oc.Config:
    """The config of a text, in which a check of its own release finds nothing."""
    report = oc.check(text=text)
    assert report.diagnostics == ()
    assert report.document is not None
    assert report.document.release == release
    return oc.load(text=text)


@pytest.mark.parametrize("release", ENDS)
def test_every_combination_of_options(release: str) -> None:
    able = [name for name in SURFACES if made(release, name)]
    for surfaces in subsets(tuple(able)):
        for key, token in product((False, True), repeat=2):
            asked = Starter(surfaces=dict.fromkeys(surfaces, ""), key=key, gateway_token=token)
            text = first_config(target(release), asked)
            loaded = clean(text, release)
            for surface in SURFACES:
                plan = getattr(loaded.plan, surface)
                configured = plan is not None and plan.origin.kind == "config"
                assert configured is (surface in surfaces), (surface, text)
                if configured:
                    assert plan.candidates[0].provider == "openrouter"
                    assert not plan.candidates[0].problem
            assert loaded.plan.chat is not None
            assert loaded.plan.chat.candidates[0].ref == "openrouter/auto"
            assert "//+" not in text
            assert "{{" not in text
            assert format_tree(parse(Source(text))) == text


def made(release: str, surface: str) -> bool:
    """Whether OpenRouter makes it."""
    known = registry.provider(release, "openrouter")
    return known is not None and surface in known.surfaces


@pytest.mark.parametrize("release", releases())
def test_each_provider_of_each_release(release: str) -> None:
    for name in section("registry", release, "providers"):
        known = registry.provider(release, name)
        if known is None or not usual_model(release, known):
            continue
        surfaces = {
            surface: ""
            for surface in SURFACES
            if name in {ref.partition("/")[0] for ref in automatic_candidates(release, surface)}
        }
        asked = Starter(name, surfaces=surfaces, key=bool(known.keys and known.base_urls))
        text = first_config(target(release), asked)
        assert oc.check(text=text, target=release).diagnostics == (), name


@pytest.mark.parametrize(
    ("release", "asked", "message"),
    [
        (ENDS[0], {"surfaces": {"music": ""}}, "openrouter makes no music in OpenClaw 2026.4.29"),
        (
            ENDS[1],
            {"provider": "openruter"},
            "knows no provider openruter; did you mean openrouter",
        ),
        (ENDS[1], {"provider": "groq"}, "name a model of groq"),
        (ENDS[1], {"model": "auto"}, "auto is no provider/model"),
        (ENDS[1], {"surfaces": {"video": "veo"}}, "veo is no provider/model"),
        (
            ENDS[1],
            {"provider": "amazon-bedrock", "model": "amazon-bedrock/m", "key": True},
            "not known",
        ),
    ],
)
def test_what_cannot_be(release: str, asked: dict[str, Any], message: str) -> None:
    with pytest.raises(StarterError, match=message):
        first_config(target(release), Starter(**asked))


def test_models_of_one_s_own_stand_where_they_belong() -> None:
    asked = Starter(model='openrouter/a"b', surfaces={"image": "openai/gpt-image-2"})
    text = first_config(target(ENDS[1]), asked)
    assert r'model: { primary: "openrouter/a\"b" }' in text
    assert 'image: { primary: "openai/gpt-image-2" }' in text


@pytest.mark.parametrize(
    ("names", "provider", "uses"),
    [
        (
            ("OPENROUTER_API_KEY", "OPENAI_API_KEY", "PATH"),
            "openrouter",
            {"OPENROUTER_API_KEY": ["chat", "image", "video", "music", "speech"]},
        ),
        (
            ("ANTHROPIC_API_KEY", "ELEVENLABS_API_KEY"),
            "anthropic",
            {"ANTHROPIC_API_KEY": ["chat"], "ELEVENLABS_API_KEY": ["speech"]},
        ),
    ],
)
def test_what_an_environment_allows(
    names: tuple[str, ...], provider: str, uses: dict[str, list[str]]
) -> None:
    asked, found = of_environment(ENDS[1], names)
    assert (asked.provider, found) == (provider, uses)
    text = first_config(target(ENDS[1]), asked)
    clean(text, ENDS[1])
    assert names[0] in text


def test_an_environment_without_a_key_allows_nothing() -> None:
    with pytest.raises(StarterError, match="no variable is set"):
        of_environment(ENDS[1], ["ELEVENLABS_API_KEY", "HOME"])
