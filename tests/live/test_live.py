"""A config that keeps up with its files."""

from __future__ import annotations

import json
import os
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, assert_type

import pytest
from pydantic import AfterValidator, BaseModel
from typing_extensions import TypedDict

from openclaw_config.api import ConfigError, load
from openclaw_config.diagnostics.model import Report
from openclaw_config.live import Live, Update, watch
from openclaw_config.loading.environment import Environment
from openclaw_config.runtime.errors import CallError

VEO = "openrouter/google/veo-3.1-fast"
QUICK: dict[str, Any] = {"interval": 0.01, "debounce": 0.02}


def environment() -> Environment:
    return Environment.of({"OPENROUTER_API_KEY": "sk-or-canary"})


def config_text(model: str = VEO, **more: Any) -> str:
    defaults = {"videoGenerationModel": {"primary": model}, **more}
    return json.dumps({"agents": {"defaults": defaults}})


@pytest.fixture
def path(tmp_path: Any) -> str:
    file = tmp_path / "openclaw.json"
    file.write_text(config_text(), encoding="utf-8")
    return str(file)


def write(path: str, text: str) -> None:
    """Write as careful programs do: a new file in the place of the old one."""
    part = f"{path}.part"
    with open(part, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(part, path)


def live(path: str, **more: Any) -> Live:
    return Live(path, environment=environment, **{**QUICK, **more})


def test_nothing_happens_while_nothing_changes(path: str) -> None:
    config = live(path)
    first = config.config
    assert config.poll() is None
    assert config.config is first


def test_an_edit_gives_a_new_config_and_the_difference_of_the_plans(path: str) -> None:
    heard: list[Update] = []
    config = live(path, on_change=heard.append)
    before = config.config
    write(path, config_text("openrouter/minimax/hailuo-02"))
    update = config.poll()
    assert update is not None
    assert heard == [update]
    assert (update.old, update.new) == (before, config.config)
    assert {(change.where, change.kind, change.candidate) for change in update.changes} >= {
        ("video", "added", "openrouter/minimax/hailuo-02"),
    }
    assert config.poll() is None


def test_an_edit_that_changes_no_request_has_no_changes(path: str) -> None:
    config = live(path)
    write(path, "// a remark\n" + config_text())
    update = config.poll()
    assert update is not None
    assert update.changes == ()


def test_a_bad_edit_is_reported_and_the_last_good_config_stays(path: str) -> None:
    reports: list[Report] = []
    config = live(path, on_error=reports.append)
    good = config.config
    write(path, "{ agents: ")
    assert config.poll() is None
    assert config.config is good
    assert [report.loads for report in reports] == [False]
    assert config.poll() is None
    assert len(reports) == 1
    write(path, config_text("openrouter/openai/sora-2"))
    update = config.poll()
    assert update is not None
    assert update.old is good


def test_an_include_counts_too(path: str, tmp_path: Any) -> None:
    (tmp_path / "video.json").write_text(json.dumps({"primary": VEO}), encoding="utf-8")
    included = {"agents": {"defaults": {"videoGenerationModel": {"$include": "./video.json"}}}}
    write(path, json.dumps(included))
    config = live(path)
    write(str(tmp_path / "video.json"), json.dumps({"primary": "openrouter/openai/sora-2"}))
    update = config.poll()
    assert update is not None
    assert update.new.plan.video is not None
    assert update.new.plan.video.candidates[0].model == "openai/sora-2"


def test_a_missing_include_that_appears_is_noticed(path: str, tmp_path: Any) -> None:
    reports: list[Report] = []
    config = live(path, on_error=reports.append)
    included = {"agents": {"defaults": {"videoGenerationModel": {"$include": "./late.json"}}}}
    write(path, json.dumps(included))
    config.poll()
    assert len(reports) == 1
    write(str(tmp_path / "late.json"), json.dumps({"primary": VEO}))
    assert config.poll() is not None


def test_a_file_that_keeps_changing_is_read_when_it_is_quiet(path: str) -> None:
    # Half of the time what stands there is no config at all.
    texts = [config_text(timeoutSeconds=77), *(["{", config_text(timeoutSeconds=1)] * 20)]

    class Pauses(threading.Event):
        """The pauses between two looks, in each of which the file changes."""

        def wait(self, timeout: float | None = None) -> bool:
            if texts:
                write(path, texts.pop() + " " * len(texts))
            return False

    reports: list[Report] = []
    config = live(path, on_error=reports.append)
    config._stop = Pauses()
    write(path, "{")
    update = config.poll()
    assert reports == []
    assert texts == []
    assert update is not None
    assert update.new.get("agents.defaults.timeoutSeconds", int) == 77


def test_a_thread_keeps_looking_until_it_is_closed(path: str) -> None:
    changed = threading.Event()
    with live(path, on_change=lambda update: changed.set()) as config:
        write(path, config_text("openrouter/openai/sora-2"))
        assert changed.wait(60)
        assert config.plan.video is not None
        assert config.plan.video.candidates[0].model == "openai/sora-2"
    assert not [one for one in threading.enumerate() if one.name == "openclaw-config"]


def test_watch_yields_each_new_config(path: str) -> None:
    stop = threading.Event()
    configs = watch(path, environment=environment, stop=stop, **QUICK)
    assert next(configs).plan.video is not None
    write(path, config_text("openrouter/openai/sora-2"))
    plan = next(configs).plan.video
    assert plan is not None
    assert plan.candidates[0].model == "openai/sora-2"
    stop.set()
    assert list(configs) == []


def test_what_does_not_load_at_first_is_an_error(path: str) -> None:
    write(path, "{")
    with pytest.raises(ConfigError):
        live(path)


@pytest.mark.parametrize(
    ("place", "kind", "value"),
    [
        ("agents.defaults.timeoutSeconds", int, 60),
        ("agents.defaults.timeoutSeconds", float, 60.0),
        ("agents.defaults.videoGenerationModel.primary", str, VEO),
        ("agents.list.0.id", str, "main"),
        ("agents.list", list, [{"id": "main"}]),
        ("agents.defaults.nothing.here", str, None),
    ],
)
def test_settings_have_types(path: str, place: str, kind: type[Any], value: Any) -> None:
    defaults = {"timeoutSeconds": 60, "videoGenerationModel": {"primary": VEO}}
    write(path, json.dumps({"agents": {"defaults": defaults, "list": [{"id": "main"}]}}))
    assert load(path, environment=environment()).get(place, kind) == value


def test_a_setting_of_another_type_is_named_without_its_value(path: str) -> None:
    with pytest.raises(TypeError) as caught:
        load(path, environment=environment()).get("agents.defaults", str)
    assert str(caught.value) == "agents.defaults: Input should be a valid string"


class Retries(TypedDict):
    attempts: int


@dataclass(frozen=True)
class Limits:
    timeoutSeconds: float  # noqa: N815
    contextTokens: int = 1000  # noqa: N815


class Gateway(BaseModel, extra="forbid"):
    port: int
    bind: Literal["loopback", "lan"] = "loopback"
    mode: Annotated[str, AfterValidator(str.upper)] = "local"


def secretive(value: str) -> str:
    raise ValueError(f"what is {value}?")


def setting(path: str, text: str, place: str, kind: Any) -> Any:
    write(path, text)
    return load(path, environment=environment()).get(place, kind)


@pytest.mark.parametrize(
    ("text", "place", "kind", "value"),
    [
        (
            "{gateway: {port: 80, mode: 'local'}}",
            "gateway",
            Gateway,
            Gateway(port=80, mode="LOCAL"),
        ),
        ("{agents: {defaults: {timeoutSeconds: 5}}}", "agents.defaults", Limits, Limits(5.0)),
        ("{tools: {allow: ['a', 'b']}}", "tools.allow", list[str], ["a", "b"]),
        ("{tools: {allow: ['a', 'b']}}", "tools.allow", tuple[str, ...], ("a", "b")),
        ("{gateway: {bind: 'lan'}}", "gateway.bind", Literal["lan", "loopback"], "lan"),
        ("{gateway: {port: 80}}", "gateway.port", int | str, 80),
        ("{gateway: {port: 80}}", "gateway", dict[str, Any], {"port": 80}),
    ],
)
def test_a_setting_has_any_type_that_pydantic_knows(
    path: str, text: str, place: str, kind: Any, value: Any
) -> None:
    found = setting(path, text, place, kind)
    assert (type(found), found) == (type(value), value)


def test_the_type_of_a_setting_is_known_to_a_type_checker(path: str) -> None:
    write(path, "{channels: {telegram: {retry: {attempts: 3}}}, tools: {allow: ['a']}}")
    config = load(path, environment=environment())
    retries = assert_type(config.get("channels.telegram.retry", Retries), Retries | None)
    assert retries is not None and retries["attempts"] == 3
    assert assert_type(config.get("tools.allow", list[str]), list[str] | None) == ["a"]


@pytest.mark.parametrize(
    ("text", "place", "kind", "message"),
    [
        (
            "{gateway: {auth: {token: 'sesame'}}}",
            "gateway.auth.token",
            int,
            "gateway.auth.token: Input should be a valid integer",
        ),
        (
            "{tools: {allow: ['a', 'sesame']}}",
            "tools.allow",
            list[Literal["a"]],
            "tools.allow.1: Input should be 'a'",
        ),
        (
            "{gateway: {port: 80, customBindHost: 'sesame'}}",
            "gateway",
            Gateway,
            "gateway.customBindHost: Extra inputs are not permitted",
        ),
        (
            "{gateway: {auth: {token: 'sesame'}}}",
            "gateway.auth.token",
            Annotated[str, AfterValidator(secretive)],
            "gateway.auth.token: the value does not fit its type",
        ),
        (
            "{gateway: {port: 80}}",
            "gateway.port",
            bool,
            "gateway.port: Input should be a valid boolean",
        ),
        (
            "{gateway: {port: 80}}",
            "gateway.port",
            str,
            "gateway.port: Input should be a valid string",
        ),
    ],
)
def test_a_value_that_does_not_fit_its_type_is_not_shown(
    path: str, text: str, place: str, kind: Any, message: str
) -> None:
    with pytest.raises(TypeError) as caught:
        setting(path, text, place, kind)
    assert str(caught.value) == message
    assert "sesame" not in "".join(traceback.format_exception(caught.value))


def test_a_call_for_another_model_is_compiled_for_it(path: str) -> None:
    config = load(path, environment=environment())
    bound = config.bind("video", prompt="x", model="openrouter/openai/sora-2")
    assert [candidate.ref for candidate in bound.candidates] == ["openrouter/openai/sora-2"]
    assert config.bind("video", prompt="x").candidates[0].ref == VEO
    with pytest.raises(CallError):
        config.bind("video")


def test_secrets_come_from_the_document(path: str) -> None:
    import asyncio

    block = {"baseUrl": "https://openrouter.ai/api/v1", "models": [], "apiKey": "sk-or-literal"}
    write(path, json.dumps({"models": {"providers": {"openrouter": block}}}))
    config = load(path, environment=environment())
    secrets = config.secrets
    reveal: Callable[[str], str | None] = lambda ref: (  # noqa: E731
        found.reveal() if (found := asyncio.run(secrets.resolve(ref))) is not None else None
    )
    assert reveal("config:/models/providers/openrouter/apiKey") == "sk-or-literal"
    assert reveal("config:/models/providers/openrouter/models") is None
    assert reveal("env:OPENROUTER_API_KEY") == "sk-or-canary"


def test_a_listener_that_raises_does_not_end_live_and_its_health_says_so(path: str) -> None:
    def fail(update: Update) -> None:
        raise ValueError("no")

    with live(path, on_change=fail) as config:
        assert config.health[0] is True
        write(path, config_text("openrouter/google/veo-3.1"))
        while config.health.error is None and config.health.running:
            time.sleep(0.01)
        assert isinstance(config.health.error, ValueError)
        write(path, "{")
        while config.health.report is None and config.health.running:
            time.sleep(0.01)
        assert config.health.running
        write(path, config_text())
        while config.health.report is not None and config.health.running:
            time.sleep(0.01)
        assert config.health.running
    assert not config.health.running


def test_an_async_listener_is_refused(path: str) -> None:
    async def changed(update: Update) -> None: ...

    with pytest.raises(TypeError, match="plain"):
        live(path, on_change=changed)


@pytest.mark.parametrize("place", ["agents.²", "agents.1" + "0" * 5000, "agents.defaults.0"])
def test_a_setting_at_an_odd_place_is_not_set(path: str, place: str) -> None:
    assert load(path, environment=environment()).get(place, str) is None
