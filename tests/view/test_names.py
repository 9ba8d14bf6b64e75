"""Names of chat models: lints and plans read them alike (MODEL-04 to MODEL-07)."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from openclaw_config.compiler.compile import compile_plan
from openclaw_config.validation.validate import validate
from openclaw_config.view.refs import is_name, names_of, resolve
from tests.support import document

CONFIG = {
    "agents": {
        "defaults": {
            "models": {
                "anthropic/claude-opus-4-7": {"alias": "mine"},
                "anthropic/claude-sonnet-4-6": {},
                "openrouter/a/b:free": {},
                "openrouter/auto": {"alias": "x/y"},
            }
        }
    }
}
NAMES = names_of(document(json.dumps(CONFIG)))


def test_a_ref_with_an_alias_of_its_own_has_no_other() -> None:
    assert NAMES.aliases == {
        "mine": "anthropic/claude-opus-4-7",
        "sonnet": "anthropic/claude-sonnet-4-6",
        "x/y": "openrouter/auto",
    }


def test_which_texts_need_no_provider() -> None:
    named = ("MINE", " mine ", "mine@work", "x/y", "openrouter:AUTO", "openrouter:free")
    assert all(is_name(NAMES, name) for name in named)
    assert not any(is_name(NAMES, name) for name in ("opus", "openrouter/auto", "", "nowhere"))
    assert not is_name(NAMES, "openrouter:free", free=False)  # SL-10
    assert not is_name(names_of(document("{}")), "openrouter:free")


@given(st.sampled_from(["mine", "opus", "sonnet", "x/y", "Mine@p", "openrouter:free", "b", "a/b"]))
def test_what_the_lint_passes_over_is_what_the_plan_finds(name: str) -> None:
    config = json.loads(json.dumps(CONFIG))
    config["agents"]["defaults"]["model"] = name
    found = document(json.dumps(config))
    plan = compile_plan(found, surfaces=("chat",)).chat
    expected = resolve(names_of(found), name)
    assert plan is not None
    assert expected is not None
    assert plan.candidates[0].ref == expected[0].key
    silent = not any(item.rule == "bare-model" for item in validate(found).diagnostics)
    guessed = expected[2].startswith("named without")
    assert silent != guessed
