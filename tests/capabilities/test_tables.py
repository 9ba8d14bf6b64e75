"""The tables are well formed, name their sources, and agree with what is made of them."""

from __future__ import annotations

import json
import os
import re
import runpy
import subprocess
import sys
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from openclaw_config.capabilities import lookup
from openclaw_config.facts import folder, read_json, read_text
from openclaw_config.plan.checking import problems
from openclaw_config.registry import automatic_candidates, provider
from tests.support import OLDEST, modes_of

ROOT = os.path.join(os.path.dirname(__file__), "..", "..")
TABLES = sorted(os.listdir(os.path.join(folder(), "capabilities")))
NEWEST = "2026.9.6"
LATER = f"capabilities-{NEWEST}"
"""What providers of the newest release have otherwise."""
BUILD = runpy.run_path(os.path.join(ROOT, "scripts", "build_facts.py"))


def yaml_of(name: str) -> Any:
    return YAML(typ="safe", pure=True).load(read_text(f"capabilities/{name}"))


def test_the_made_file_is_up_to_date() -> None:
    # When this fails: python -m scripts.build_facts
    made = BUILD["outputs"](folder())
    names = ("capabilities.json", f"{LATER}.json", "descriptions.json")
    assert made == {name: read_text(name) for name in names}


def test_the_published_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(read_json("capabilities.schema.json"))


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_valid_by_the_published_schema(name: str) -> None:
    jsonschema.validate(yaml_of(name), read_json("capabilities.schema.json"))


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_of_the_target_and_of_a_known_provider(name: str) -> None:
    table = yaml_of(name)
    known = provider(OLDEST, table["provider"])
    assert table["target"] == OLDEST
    assert known is not None
    assert set(table) & set(lookup.SURFACES) <= set(known.surfaces)


@pytest.mark.parametrize("name", sorted(os.listdir(os.path.join(folder(), LATER))))
def test_a_later_table_is_of_its_release_and_names_its_sources(name: str) -> None:
    table = YAML(typ="safe", pure=True).load(read_text(f"{LATER}/{name}"))
    jsonschema.validate(table, read_json("capabilities.schema.json"))
    known = provider(NEWEST, table["provider"])
    assert table["target"] == NEWEST
    assert known is not None
    assert set(table) & set(lookup.SURFACES) <= set(known.surfaces)
    assert re.search(
        r"# .*(\bMUS-\d|OpenClaw 2026\.9\.6, \S+ plugin)", read_text(f"{LATER}/{name}")
    )


@pytest.mark.parametrize("name", TABLES)
def test_each_surface_names_its_source(name: str) -> None:
    lines = read_text(f"capabilities/{name}").splitlines()
    source = re.compile(r"# .*(\b(VID|IMG|TTS)-\d|OpenClaw \d{4}\.\d+\.\d+, \S+ plugin)")
    for at, line in enumerate(lines):
        if line.rstrip(":") in lookup.SURFACES:
            around = [lines[at - 1], *lines[at + 1 : at + 3]]
            assert any(source.search(text) for text in around), f"{name}:{at + 1}"


def test_every_row_of_openrouter_names_its_rule() -> None:
    lines = read_text("capabilities/openrouter.yaml").splitlines()
    heads = re.compile(r"    (generate|edit|imageToVideo|videoToVideo|\S+/\S+):")
    for at, line in enumerate(lines):
        if heads.match(line):
            assert re.search(r"(VID|IMG)-\d\d", lines[at - 1] + line), line


@pytest.mark.parametrize("release", [OLDEST, NEWEST])
@pytest.mark.parametrize("surface", ["image", "video", "music"])
def test_default_models_are_the_automatic_candidates(surface: str, release: str) -> None:
    # MODEL-31: every provider's default model, in ascending order of the providers.
    tables = lookup.built_in(release)
    assert automatic_candidates(release, surface) == tuple(
        f"{name}/{lookup.default_model(name, surface, tables)}"
        for name in lookup.providers_with(surface, tables)
    )


def test_speech_is_tried_in_the_order_of_the_tables() -> None:
    # TTS-30: ascending order; the registration order of equal ones is the registry's.
    order = [lookup.speech(name) for name in automatic_candidates(OLDEST, "speech")]
    numbers = [math_order(speech.order if speech else None) for speech in order]
    assert numbers == sorted(numbers)
    assert set(automatic_candidates(OLDEST, "speech")) == set(lookup.providers_with("speech"))


def math_order(order: int | None) -> float:
    return float("inf") if order is None else order


@pytest.mark.parametrize("surface", ["image", "video", "music"])
def test_a_default_model_is_listed_and_has_a_mode(surface: str) -> None:
    for name in lookup.providers_with(surface):
        default = lookup.default_model(name, surface)
        assert default is not None
        assert lookup.listed(name, surface, default)
        assert modes_of(name, surface, default)


def test_every_listed_model_has_a_mode() -> None:
    for surface in ("image", "video", "music"):
        for name in lookup.providers_with(surface):
            for model in lookup.models(name, surface):
                assert modes_of(name, surface, model), f"{name}/{model}"


def test_chat_models_have_the_form_of_a_table() -> None:
    data = read_json("models/openrouter.json")
    table = {key: value for key, value in data.items() if key != "sources"}
    assert list(problems(table, "capabilities.schema.json")) == []
    assert len(table["chat"]["models"]) == 272  # CHAT-50


def test_look_ups_load_nothing_heavy() -> None:
    code = (
        "import sys;"
        "from openclaw_config import registry; from openclaw_config.capabilities import lookup;"
        "lookup.mode('openrouter', 'video', 'google/veo-3.1-fast', 'generate');"
        "lookup.chat_model('openrouter', 'openrouter/auto'); "
        "registry.retired('2026.4.29', 'openai/gpt-3.5');"
        "heavy = {'ruamel', 'ruamel.yaml', 'jsonschema', 'dataclasses', 'pathlib',"
        "'importlib.resources', 'inspect', 'fractions', 'decimal', 'difflib'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": ROOT},
    )
    assert done.stdout.strip() == "[]"


def test_the_prebuilt_tables_are_plain_json() -> None:
    assert json.loads(json.dumps(lookup.built_in())) == lookup.built_in()
