"""Secrets: how they are kept from sight, and where they come from (AUTH rules)."""

from __future__ import annotations

import asyncio
import copy
import json
import os
import pickle
from pathlib import Path
from typing import Any

import pytest

from openclaw_config.plan.model import (
    Candidate,
    Credential,
    Link,
    LinkState,
    Origin,
    ProfileStore,
    SecretProvider,
)
from openclaw_config.runtime.errors import FailureError, SecretError
from openclaw_config.runtime.exchange import Session, key_of
from openclaw_config.runtime.secrets import Mask, Secret, Secrets
from openclaw_config.runtime.transport import Clock

CANARY = "sk-or-canary-value"


# --- the type ---------------------------------------------------------------------------------


def test_a_secret_cannot_be_shown_by_accident() -> None:
    secret = Secret(CANARY, "env:X")
    shown = [repr(secret), str(secret), f"{secret}", f"{secret:>40}", repr([secret])]
    assert all(CANARY not in text for text in shown)
    for write in (pickle.dumps, json.dumps):
        with pytest.raises(TypeError) as caught:
            write(secret)
        assert CANARY not in str(caught.value)
    assert not hasattr(secret, "__dict__")
    assert copy.deepcopy(secret) is secret
    assert copy.copy(secret).reveal() == CANARY


@pytest.mark.parametrize(
    ("text", "cleaned", "trimmed"),
    [
        (" sk-or-1\n", "sk-or-1", "sk-or-1"),  # AUTH-01
        ("sk\u2028-or\r-1", "sk-or-1", "sk\u2028-or\r-1"),
        ("sk-\u4e2dor", "sk-or", "sk-\u4e2dor"),
        ("   ", "", ""),
        ("a b", "a b", "a b"),
    ],
)
def test_cleaning(text: str, cleaned: str, trimmed: str) -> None:
    assert Secret(text).cleaned().reveal() == cleaned
    assert Secret(text).trimmed().reveal() == trimmed


def test_what_a_server_said_is_masked() -> None:
    assert Mask((Secret(CANARY),)).text(f"bad key {CANARY}!") == "bad key <secret>!"
    assert Mask((Secret("a"),)).text("aaa") == "aaa"


def test_a_part_of_a_key_that_is_an_object_is_masked() -> None:
    """A header may take one member of it: a token beside the project that it is for."""
    mask = Mask((Secret(f'{{"token": "{CANARY}", "projectId": 1}}'),))
    assert mask.text(f"bad token {CANARY}!") == "bad token <secret>!"


# --- references -------------------------------------------------------------------------------


def resolve(secrets: Secrets, ref: str) -> str | None:
    found = asyncio.run(secrets.resolve(ref))
    return None if found is None else found.reveal()


def refused(secrets: Secrets, ref: str) -> str:
    with pytest.raises(SecretError) as caught:
        asyncio.run(secrets.resolve(ref))
    assert caught.value.ref == ref
    assert CANARY not in caught.value.message
    return caught.value.message


def test_the_environment_and_the_config() -> None:
    secrets = Secrets({"A": "1"}, config={"/x/y": "2"}.get)
    assert resolve(secrets, "env:A") == "1"
    assert resolve(secrets, "env:B") is None
    assert resolve(secrets, "config:/x/y") == "2"
    assert resolve(secrets, "config:/x") is None
    assert "not configured" in refused(secrets, "vault:x")
    assert resolve(Secrets(), "env:A") is None


def provided(source: str, settings: dict[str, Any], **more: Any) -> Secrets:
    return Secrets(providers=(SecretProvider("p", source, settings),), **more)


def test_a_provider_must_be_declared_and_of_the_right_kind() -> None:
    assert "not configured" in refused(Secrets(), "file:p:/a")
    assert "does not read a file" in refused(provided("exec", {}), "file:p:/a")


def write(path: Path, text: str, mode: int = 0o600) -> str:
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return str(path)


@pytest.mark.parametrize(
    ("pointer", "value"),
    [("/a/b", CANARY), ("/list/1", CANARY), ("/sl~1ash/ti~0lde", CANARY)],
)
def test_a_file_of_json(tmp_path: Path, pointer: str, value: str) -> None:
    data = {"a": {"b": CANARY}, "list": ["x", CANARY], "sl/ash": {"ti~lde": CANARY}}
    path = write(tmp_path / "s.json", json.dumps(data))
    assert resolve(provided("file", {"path": path}), f"file:p:{pointer}") == value


def test_a_file_with_a_single_value(tmp_path: Path) -> None:
    path = write(tmp_path / "key", f"{CANARY}\n")
    secrets = provided("file", {"path": path, "mode": "singleValue"})
    assert resolve(secrets, "file:p:value") == CANARY
    assert "single value" in refused(secrets, "file:p:/a")


def test_a_path_below_the_home(tmp_path: Path) -> None:
    write(tmp_path / "key", CANARY)
    settings = {"path": "~/key", "mode": "singleValue"}
    assert resolve(provided("file", settings, home=str(tmp_path)), "file:p:value") == CANARY


@pytest.mark.parametrize(
    ("content", "mode", "settings", "ref", "reason"),
    [
        ("{}", 0o600, {}, "file:p:/a", "no such secret"),
        ('{"a": 1}', 0o600, {}, "file:p:/a", "it is empty, or no text"),
        ('{"a": " "}', 0o600, {}, "file:p:/a", "it is empty, or no text"),
        ('{"a": "x"}', 0o600, {}, "file:p:a", "not a JSON pointer"),
        (f"{CANARY}{{", 0o600, {}, "file:p:/a", "not JSON"),
        ('{"a": "x"}', 0o600, {"maxBytes": 3}, "file:p:/a", "larger than 3 bytes"),
        ('{"a": "x"}', 0o644, {}, "file:p:/a", "others"),
    ],
)
def test_files_that_give_no_secret(
    tmp_path: Path, content: str, mode: int, settings: dict[str, Any], ref: str, reason: str
) -> None:
    path = write(tmp_path / "s.json", content, mode)
    assert reason in refused(provided("file", {"path": path, **settings}), ref)


def test_files_that_are_none(tmp_path: Path) -> None:
    for path, reason in (
        (str(tmp_path / "no"), "no such file"),
        (str(tmp_path), "is a folder"),
        ("relative.json", "not absolute"),
        ("", "names no file"),
    ):
        assert reason in refused(provided("file", {"path": path}), "file:p:/a")


def test_an_insecure_path_may_be_allowed(tmp_path: Path) -> None:
    path = write(tmp_path / "s.json", json.dumps({"a": CANARY}), 0o644)
    secrets = provided("file", {"path": path, "allowInsecurePath": True})
    assert resolve(secrets, "file:p:/a") == CANARY


# --- commands ---------------------------------------------------------------------------------


def command(tmp_path: Path, script: str, mode: int = 0o700, **settings: Any) -> Secrets:
    path = write(tmp_path / "get.sh", f"#!/bin/sh\n{script}\n", mode)
    found = {"command": path, "passEnv": ["PATH"], **settings}
    return provided("exec", found, environment={"PATH": os.environ["PATH"]}, allow_exec=True)


ANSWER = 'cat >/dev/null; echo \'{"protocolVersion":1,"values":{"a/b":"' + CANARY + "\"}}'"


def test_a_command_answers_in_json(tmp_path: Path) -> None:
    assert resolve(command(tmp_path, ANSWER), "exec:p:a/b") == CANARY


def test_a_command_is_asked_by_the_protocol_and_gets_its_environment(tmp_path: Path) -> None:
    script = f'cat > {tmp_path}/asked; env | sort > {tmp_path}/env; echo "$TOKEN"'
    path = write(tmp_path / "get.sh", f"#!/bin/sh\n{script}\n", 0o700)
    secrets = Secrets(
        {"PATH": os.environ["PATH"], "OTHER": "x"},
        config={"/secrets/providers/p/env/TOKEN": CANARY}.get,
        providers=(
            SecretProvider(
                "p",
                "exec",
                {
                    "command": path,
                    "jsonOnly": False,
                    "passEnv": ["PATH"],
                    "env": {"TOKEN": "config:/secrets/providers/p/env/TOKEN"},
                },
            ),
        ),
        allow_exec=True,
    )
    assert resolve(secrets, "exec:p:id") == CANARY
    asked = json.loads((tmp_path / "asked").read_text())
    assert asked == {"protocolVersion": 1, "provider": "p", "ids": ["id"]}
    assert "OTHER" not in (tmp_path / "env").read_text()


@pytest.mark.parametrize("answer", ["plain text", '"a JSON text"'])
def test_plain_text_will_do_where_json_is_not_demanded(tmp_path: Path, answer: str) -> None:
    secrets = command(tmp_path, f"echo '{answer}'", jsonOnly=False)
    assert resolve(secrets, "exec:p:x") == answer.strip('"')
    assert "not a JSON object" in refused(command(tmp_path, "echo plain"), "exec:p:x")


@pytest.mark.parametrize(
    ("script", "settings", "ref", "reason"),
    [
        ("exit 3", {}, "exec:p:x", "exit code 3"),
        ("sleep 30", {"timeoutMs": 100}, "exec:p:x", "too long"),
        ("echo; sleep 30", {"noOutputTimeoutMs": 100}, "exec:p:x", "too long"),
        ("head -c 5000 /dev/zero", {"maxOutputBytes": 100}, "exec:p:x", "more than 100 bytes"),
        ("echo '{}'", {}, "exec:p:x", "protocol version"),
        ("echo '[]'", {}, "exec:p:x", "not a JSON object"),
        (ANSWER, {}, "exec:p:other", "no such secret"),
        ("echo", {"jsonOnly": False}, "exec:p:x", "it is empty"),
        ("echo x", {}, "exec:p:../x", "name"),
        ("echo x", {"trustedDirs": ["/nowhere"]}, "exec:p:x", "trusted folders"),
        ("echo x", {"command": "get.sh"}, "exec:p:x", "absolute path"),
        ("echo x", {"command": "/no/such"}, "exec:p:x", "cannot be found"),
    ],
)
def test_commands_that_give_no_secret(
    tmp_path: Path, script: str, settings: dict[str, Any], ref: str, reason: str
) -> None:
    assert reason in refused(command(tmp_path, script, **settings), ref)


def test_nothing_of_a_slow_command_is_left_running(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    script = f"exec 3>{pipe}; (sleep 30; echo late >&3) & head -c 5000 /dev/zero; wait"
    assert "more than" in refused(command(tmp_path, script, maxOutputBytes=100), "exec:p:x")
    os.set_blocking(reader, True)
    with open(reader, "rb") as left:
        assert left.read() == b""  # waits until nothing holds the other end any more


def test_a_command_must_be_nobody_elses_to_change(tmp_path: Path) -> None:
    assert "change the command" in refused(command(tmp_path, ANSWER, 0o777), "exec:p:a/b")
    link = tmp_path / "link.sh"
    link.symlink_to(tmp_path / "get.sh")
    (tmp_path / "get.sh").chmod(0o700)
    settings = {"command": str(link), "passEnv": ["PATH"]}
    more: dict[str, Any] = {"environment": {"PATH": os.environ["PATH"]}, "allow_exec": True}
    assert "symbolic link" in refused(provided("exec", settings, **more), "exec:p:a/b")
    allowed = {**settings, "allowSymlinkCommand": True}
    assert resolve(provided("exec", allowed, **more), "exec:p:a/b") == CANARY


def test_trusted_folders_bind_the_command_that_its_path_leads_to(tmp_path: Path) -> None:
    (tmp_path / "trusted").mkdir()
    asked = f"{tmp_path}/trusted/../get.sh"
    for trusted in ([f"{tmp_path}/trusted"], [f"{tmp_path}/trusted/"]):
        for more in ({}, {"allowInsecurePath": True}):
            found = command(tmp_path, ANSWER, command=asked, trustedDirs=trusted, **more)
            assert "trusted folders" in refused(found, "exec:p:a/b")
    found = command(tmp_path, ANSWER, command=asked, trustedDirs=[f"{tmp_path}/trusted/.."])
    assert resolve(found, "exec:p:a/b") == CANARY


def test_an_insecure_command_is_still_no_link(tmp_path: Path) -> None:
    command(tmp_path, ANSWER, 0o777)
    (tmp_path / "link.sh").symlink_to(tmp_path / "get.sh")
    settings = {"command": str(tmp_path / "link.sh"), "allowInsecurePath": True}
    assert "symbolic link" in refused(provided("exec", settings, allow_exec=True), "exec:p:a/b")
    assert resolve(command(tmp_path, ANSWER, 0o777, allowInsecurePath=True), "exec:p:a/b")


def test_no_command_runs_unless_it_is_allowed(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    path = write(tmp_path / "get.sh", f"#!/bin/sh\ntouch {marker}\n", 0o700)
    assert "not allowed" in refused(provided("exec", {"command": path}), "exec:p:x")
    assert not marker.exists()


# --- auth profiles ----------------------------------------------------------------------------

TODAY = 1_790_000_000.0


def key(provider: str = "openrouter", **more: Any) -> dict[str, Any]:
    return {"type": "api_key", "provider": provider, "key": "k", **more}


def token(**more: Any) -> dict[str, Any]:
    return {"type": "token", "provider": "openrouter", "token": "t", **more}


def used(
    tmp_path: Path, profiles: dict[str, Any], store: dict[str, Any] | None = None, **more: Any
) -> str | None:
    """The id of the profile whose key is used."""
    path = write(tmp_path / "auth.json", json.dumps({"profiles": profiles, **(store or {})}))
    asked = ProfileStore(path, "openrouter", **more)
    found = asyncio.run(Secrets({"X": "from env"}).profile(asked, TODAY))
    return found.source.removeprefix("profile:") if found is not None else None


PAST, FUTURE = (TODAY - 1) * 1000, (TODAY + 1) * 1000


@pytest.mark.parametrize(
    ("profiles", "store", "asked", "expected"),
    [
        ({"a": key()}, {}, {}, "a"),
        ({"a": key(provider="openai")}, {}, {}, None),
        ({"a": key(key=" ")}, {}, {}, None),  # AUTH-31
        ({"a": key(key=" "), "b": key()}, {}, {}, "b"),
        ({"a": key(type=["api_key"]), "b": key(type={"x": 1}), "c": key()}, {}, {}, "c"),
        ({"a": key(), "b": token()}, {}, {}, "b"),  # tokens before keys: AUTH-30
        ({"a": token(expires=PAST), "b": key()}, {}, {}, "b"),
        ({"a": token(expires=FUTURE), "b": key()}, {}, {}, "a"),
        ({"a": key(), "b": key()}, {"order": {"openrouter": ["b", "a"]}}, {}, "b"),
        ({"a": key(), "b": key()}, {}, {"order": ("b",)}, "b"),
        (
            {"a": key(), "b": key()},
            {"order": {"openrouter": ["a"]}},
            {"order": ("b",)},
            "a",  # the store's own order is the stronger one
        ),
        ({"a": key(), "b": token()}, {}, {"order": ("a", "b")}, "a"),
        ({"a": key(), "b": key()}, {}, {"modes": (("b", "api_key"),)}, "b"),
        ({"a": key(), "b": token()}, {}, {"modes": (("a", "api_key"), ("b", "token"))}, "b"),
        ({"a": key()}, {}, {"modes": (("a", "token"),)}, None),
        ({"a": token()}, {}, {"modes": (("a", "oauth"),)}, "a"),
        ({"a": key()}, {}, {"modes": (("gone", "api_key"),)}, "a"),
        ({"a": key(), "b": key()}, {}, {"only": "b"}, "b"),
        ({"a": key()}, {}, {"only": "b"}, None),  # AUTH-12
        (
            {"a": key(), "b": key()},
            {"usageStats": {"a": {"lastUsed": 5}, "b": {"lastUsed": 3}}},
            {},
            "b",
        ),
        ({"a": key(), "b": key()}, {"usageStats": {"a": {"cooldownUntil": FUTURE}}}, {}, "b"),
        ({"a": key(), "b": key()}, {"usageStats": {"a": {"cooldownUntil": PAST}}}, {}, "a"),
        (
            {"a": key(), "b": key()},
            {"usageStats": {"a": {"cooldownUntil": FUTURE}}},
            {"order": ("a", "b")},
            "b",
        ),
        (
            {"a": {**key(), "keyRef": {"source": "env", "provider": "default", "id": "X"}}},
            {},
            {},
            "a",
        ),
        ({"a": {**key(), "keyRef": {"source": "env", "id": "Y"}}, "b": key()}, {}, {}, "b"),
        ({"a": {**key(), "keyRef": {"source": "file", "provider": "q", "id": "/x"}}}, {}, {}, None),
        ({"a": "nonsense", "b": {"type": "oauth", "provider": "openrouter"}}, {}, {}, None),
    ],
)
def test_which_profile_is_used(
    tmp_path: Path,
    profiles: dict[str, Any],
    store: dict[str, Any],
    asked: dict[str, Any],
    expected: str | None,
) -> None:
    assert used(tmp_path, profiles, store, **asked) == expected


def test_an_agent_reads_the_main_agents_profiles_unless_it_has_its_own(tmp_path: Path) -> None:
    main = write(
        tmp_path / "main.json", json.dumps({"profiles": {"a": key(key="main"), "b": key(key="b")}})
    )
    own = write(tmp_path / "own.json", json.dumps({"profiles": {"a": key(key="own")}}))
    for paths, expected in (((own, main), "own"), (("/no", main), "main"), ((own, ""), "own")):
        store = ProfileStore(paths[0], "openrouter", fallback_path=paths[1])
        found = asyncio.run(Secrets().profile(store, TODAY))
        assert found is not None
        assert found.reveal() == expected


@pytest.mark.parametrize("content", ["{", "[]", '{"profiles": []}', "", '{"profiles": {"a": 1}}'])
def test_a_broken_store_is_an_empty_one(tmp_path: Path, content: str) -> None:
    path = write(tmp_path / "auth.json", content)
    assert asyncio.run(Secrets().profile(ProfileStore(path, "openrouter"), TODAY)) is None


def test_the_stores_path_names_the_state_folder(tmp_path: Path) -> None:
    write(tmp_path / "auth.json", json.dumps({"profiles": {"a": key()}}))
    secrets = Secrets(state_dir=str(tmp_path))
    store = ProfileStore("{stateDir}/auth.json", "openrouter")
    assert asyncio.run(secrets.profile(store, TODAY)) is not None


# --- chains -----------------------------------------------------------------------------------


def link(ref: str, state: LinkState = "wins", *, verbatim: bool = False) -> Link:
    kind: Any = ref.partition(":")[0]
    return Link(kind, ref, state, ref, verbatim=verbatim)


def session(secrets: Secrets) -> Session:
    unused: Any = None
    return Session(plan=unused, secrets=secrets, clock=Clock(), looked_up={})


def chained(secrets: Secrets, *links: Link) -> str | None:
    candidate = Candidate(
        "a/b", "a", "b", Origin("default"), credential=Credential(links, "No key found")
    )
    found = asyncio.run(key_of(candidate, session(secrets)))
    return None if found is None else found.reveal()


def test_the_first_link_with_a_key_wins() -> None:
    secrets = Secrets({"A": "  ", "B": "b\n", "C": "c"})
    assert chained(secrets, link("env:A"), link("env:B"), link("env:C")) == "b"
    assert chained(secrets, link("env:C", "marker"), link("env:B")) == "b"
    assert chained(secrets, link("env:C", "unusable"), link("env:B")) == "b"


def test_what_was_absent_when_it_was_compiled_may_be_there_now() -> None:
    assert chained(Secrets({"A": "a"}), link("env:A", "absent")) == "a"


def test_no_link_with_a_key_is_a_failure() -> None:
    with pytest.raises(FailureError) as caught:
        chained(Secrets(), link("env:A"), link("exec:p:x"))
    assert caught.value.kind == "credential"
    assert "No key found" in caught.value.message
    assert "not configured" in caught.value.message


def test_speech_takes_a_text_as_it_stands_and_passes_over_no_broken_reference() -> None:
    secrets = Secrets({"A": " ${MISSING} "})
    assert chained(secrets, link("env:A", verbatim=True)) == "${MISSING}"  # AUTH-60
    broken = Link("config", "file:p:/x", "unknown", "messages.tts", verbatim=True)
    with pytest.raises(FailureError):
        chained(Secrets({"B": "b"}), broken, link("env:B", verbatim=True))


def test_a_candidate_without_a_chain_needs_no_key() -> None:
    candidate = Candidate("a/b", "a", "b", Origin("default"))
    assert asyncio.run(key_of(candidate, session(Secrets()))) is None
