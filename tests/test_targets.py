"""Which release a config is read for, and where that release writes its keys."""

from __future__ import annotations

import pytest

from openclaw_config.loading.load import load
from openclaw_config.syntax.nodes import Node
from openclaw_config.targets import (
    DEFAULT,
    UnknownVersionError,
    choose,
    nearest,
    releases,
    target,
)
from openclaw_config.validation.schema import openclaw_shape, walk


def root_of(text: str) -> Node | None:
    return load(text=text).root


@pytest.mark.parametrize("release", releases())
def test_each_release_is_its_own_target(release: str) -> None:
    assert nearest(release).release == release
    assert nearest(f"v{release}").release == release


@pytest.mark.parametrize(
    ("version", "release"),
    [
        ("2026.4.30", "2026.4.29"),
        ("2026.4.1", "2026.4.29"),
        ("2026.5.2", "2026.5.7"),
        ("2026.6.5", "2026.6.1"),
        ("2026.7.1-1", "2026.7.1"),
        ("2026.7.33", "2026.7.1-2"),
        ("2026.7.99", "2026.7.35"),
        ("2026.8.2-beta", "2026.8.2"),
        ("2026.8.2-beta.3", "2026.8.2"),
        (" v2026.9 ", "2026.9.6"),
        ("2026.12.1", "2026.9.6"),
        ("2025.1.1", "2026.4.29"),
        ("2027.1", "2026.9.6"),
    ],
)
def test_a_version_takes_the_nearest_release_at_or_below_it_in_its_line(
    version: str, release: str
) -> None:
    assert choose(version).target.release == release


@pytest.mark.parametrize("text", ["", "latest", "2026", "2026.4.x", "2026.4.29 or so", "٢٠٢٦.4.29"])
def test_what_is_no_version_is_refused(text: str) -> None:
    with pytest.raises(UnknownVersionError):
        nearest(text)


@pytest.mark.parametrize("text", ["latest", "2026"])
def test_an_option_that_is_no_version_is_refused_by_load(text: str) -> None:
    with pytest.raises(UnknownVersionError):
        load(text="{}", target=text)


TOUCHED = '{ meta: { lastTouchedVersion: "2026.8.2" }, messages: { tts: {} } }'


@pytest.mark.parametrize(
    ("option", "text", "release", "by"),
    [
        ("2026.9.1", TOUCHED, "2026.9.1", "option"),
        ("", TOUCHED, "2026.8.2", "config"),
        ("", '{ meta: { lastTouchedVersion: "soon" }, tts: {} }', "2026.9.6", "keys"),
        ("", "{ meta: { lastTouchedVersion: 5 }, tts: {} }", "2026.9.6", "keys"),
        ("", "{ tts: {}, messages: { tts: {} } }", DEFAULT, "default"),
        ("", "{ agents: { entries: { main: {} } } }", "2026.9.6", "keys"),
        ("", '{ agents: { list: [{ id: "main" }] } }', "2026.4.29", "keys"),
        ("", '{ env: { KEY: "x" } }', "2026.4.29", "keys"),
        ("", '{ env: { vars: { KEY: "x" }, shellEnv: {} } }', DEFAULT, "default"),
        ("", "{ memory: { search: {} } }", "2026.9.6", "keys"),
        ("", "[]", DEFAULT, "default"),
    ],
)
def test_an_option_wins_over_the_config_its_keys_and_the_default(
    option: str, text: str, release: str, by: str
) -> None:
    choice = choose(option, root_of(text))
    assert (choice.target.release, choice.by) == (release, by)


def test_a_document_has_the_target_that_it_is_loaded_for() -> None:
    assert load(text="{}").target.release == DEFAULT
    assert load(text="{}", target="2026.9").target.release == "2026.9.6"
    assert load(text=TOUCHED, target="").target.release == "2026.8.2"
    assert load("/no/such/file", target="2026.9").target.release == "2026.9.6"


@pytest.mark.parametrize("release", releases())
def test_each_key_of_a_target_is_in_the_schema_of_its_release(release: str) -> None:
    keys = target(release).keys
    shape = openclaw_shape(release)
    ways = [
        keys.agents,
        keys.agent,
        keys.env[0],
        keys.media_fallback,
        keys.speech,
        keys.memory_search,
        keys.context_tokens,
        *keys.media_models.values(),
    ]
    for way in ways:
        path = tuple(0 if step == "[]" else step for step in way)
        assert walk(shape, path) is not None, way
    others = target("2026.9.6" if keys.context_tokens else "2026.4.29").keys
    assert walk(shape, others.memory_search) is None
    assert walk(shape, others.speech) is None
    assert walk(shape, others.media_models["video"]) is None
